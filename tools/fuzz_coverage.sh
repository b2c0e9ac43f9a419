#!/bin/bash
# What the inputs of the fuzzers reach of our readers: tools/fuzz_coverage.sh [FOLDER]. Builds the harnesses with clang's
# source-based coverage, replays the corpora of tests/fuzz and, where a folder is given, FOLDER/<name> too, and prints
# regions and branches, file by file and reader by reader. With --show, the lines that nothing reaches.
set -euo pipefail
cd "$(dirname "$0")/.."
show=
[ "${1-}" = --show ] && show=1 && shift
found=${1-}
build=build/fuzz_coverage
version=$(clang++ -dumpversion)
tool() { command -v "$1-${version%%.*}" || command -v "$1"; } # the profile's format is the compiler's

flags="-fprofile-instr-generate -fcoverage-mapping"
cmake -S . -B $build -G Ninja -DCMAKE_CXX_COMPILER=clang++ -DCMAKE_BUILD_TYPE=Debug -DCMAKE_CXX_FLAGS_DEBUG="-O1 -g0 $flags" \
  -DKERAS_ONEDNN=OFF > /dev/null
names=(hdf5 image json npz zip)
cmake --build $build --target "${names[@]/%/_fuzz}" > $build/build.log || { tail -20 $build/build.log && exit 1; }

seeds_hdf5=tests/golden/hdf5
objects=()
rm -f $build/*.profraw
for name in "${names[@]}"; do
  seeds=seeds_$name
  folders=(tests/fuzz/corpus/"$name" ${!seeds-})
  [ -n "$found" ] && [ -d "$found/$name" ] && folders+=("$found/$name")
  LLVM_PROFILE_FILE=$build/$name.profraw $build/tests/"${name}_fuzz" "${folders[@]}" | sed "s/^/$name: /"
  objects+=(-object "$build/tests/${name}_fuzz")
done
$(tool llvm-profdata) merge -sparse $build/*.profraw -o $build/all.profdata

# Writing HDF5 is not reading it.
files=$(ls src/support/hdf5/*.cc src/support/{config,zip}.cc src/tensor/npy.cc src/preprocessing/{picture,png,jpeg}.cc | grep -v /sink)
if [ -n "$show" ]; then
  # shellcheck disable=SC2086
  $(tool llvm-cov) show "${objects[@]}" -instr-profile=$build/all.profdata $files | grep -E '^ +[0-9]+\| +0\||^/.*:$'
  exit
fi
# shellcheck disable=SC2086
$(tool llvm-cov) export -summary-only "${objects[@]}" -instr-profile=$build/all.profdata $files | python3 -c '
import json, os, sys
rows, readers = [], {}
for file in json.load(sys.stdin)["data"][0]["files"]:
    name, folder = os.path.relpath(file["filename"], "src"), os.path.basename(os.path.dirname(file["filename"]))
    reader = "hdf5" if folder == "hdf5" else "images" if folder == "preprocessing" else os.path.basename(name)[:-3]
    counts = [(file["summary"][kind]["covered"], file["summary"][kind]["count"]) for kind in ("regions", "branches")]
    rows.append((name, counts))
    old = readers.setdefault(reader, [(0, 0)] * 2)
    readers[reader] = [(a + c, b + d) for (a, b), (c, d) in zip(old, counts)]
def line(name, counts):
    print("%-32s" % name + "".join("%18s %5.1f %%" % ("%d of %d" % c, 100 * c[0] / c[1] if c[1] else 100) for c in counts))
print("%-32s%26s%26s" % ("", "regions", "branches"))
for row in sorted(rows): line(*row)
print()
for row in sorted(readers.items()): line(*row)
'
