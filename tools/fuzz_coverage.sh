#!/bin/bash
# What the inputs of the fuzzers reach of our readers: tools/fuzz_coverage.sh [--show] [FOLDER]. Builds the harnesses with
# clang's source-based coverage, replays tests/fuzz/corpus and, where a folder is given, FOLDER/<name> too, and prints
# regions and branches of each file and each reader; with --show, the lines that nothing reaches as well.
set -euo pipefail
cd "$(dirname "$0")/.."
show=
[ "${1-}" = --show ] && show=1 && shift
found=${1-}
build=build/fuzz_coverage
version=$(clang++ -dumpversion)
tool() { command -v "$1-${version%%.*}" || command -v "$1"; } # the profile's format is the compiler's

# sink.cc of HDF5 writes.
declare -A files=([hdf5]=$(ls src/support/hdf5/[!s]*.cc) [image]=$(ls src/preprocessing/{picture,png,jpeg}.cc)
  [json]=src/support/config.cc [npz]=src/tensor/npy.cc [zip]=src/support/zip.cc)
declare -A seeds=([hdf5]=tests/golden/hdf5)

cmake -S . -B $build -G Ninja -DCMAKE_CXX_COMPILER=clang++ -DCMAKE_BUILD_TYPE=Debug -DKERAS_ONEDNN=OFF \
  -DCMAKE_CXX_FLAGS_DEBUG="-O1 -g0 -fprofile-instr-generate -fcoverage-mapping" > /dev/null
names=(hdf5 image json npz zip)
cmake --build $build --target "${names[@]/%/_fuzz}" > $build/build.log || { tail -20 $build/build.log && exit 1; }

for name in "${names[@]}"; do
  program=$build/tests/${name}_fuzz profile="$build/$name".profdata
  folders=("tests/fuzz/corpus/$name" ${seeds[$name]:+"${seeds[$name]}"})
  [ -n "$found" ] && [ -d "$found/$name" ] && folders+=("$found/$name")
  LLVM_PROFILE_FILE="$build/$name".profraw $program "${folders[@]}" | sed "s/^/$name: /"
  $(tool llvm-profdata) merge -sparse "$build/$name".profraw -o "$profile"
  if [ -n "$show" ]; then # of all files, since it takes names only as the compiler was given them
    $(tool llvm-cov) show "$program" -instr-profile="$profile" -show-branches=count | awk -v root="$PWD/" -v wanted="${files[$name]}" '
      BEGIN { split(wanted, names); for (i in names) want[root names[i] ":"] = 1 }
      /^\/.*:$/ { on = $0 in want; if (on) print; next }
      on && (/^ +[0-9]+\| +0\|/ || /^ +\|  Branch.*(True|False): 0[],]/)'
  fi
  $(tool llvm-cov) export -summary-only "$program" -instr-profile="$profile" > "$build/$name".json
  echo "${files[$name]}" > "$build/$name".files
done

python3 - $build "${names[@]}" << 'END'
import json, os, sys

def line(name, counts):
    parts = ("%18s %5.1f %%" % ("%d of %d" % tuple(c), 100 * c[0] / c[1] if c[1] else 100) for c in counts)
    print("%-38s" % name + "".join(parts))

print("%-38s%26s%26s" % ("", "regions", "branches"))
build, sums = sys.argv[1], []
for name in sys.argv[2:]:
    wanted, total = open(f"{build}/{name}.files").read().split(), [[0, 0], [0, 0]]
    for file in json.load(open(f"{build}/{name}.json"))["data"][0]["files"]:
        path = os.path.relpath(file["filename"])
        if path not in wanted:
            continue
        counts = [(file["summary"][kind]["covered"], file["summary"][kind]["count"]) for kind in ("regions", "branches")]
        line(path, counts)
        for sum, count in zip(total, counts):
            sum[0] += count[0]
            sum[1] += count[1]
    sums.append((name, total))
print()
for name, total in sums:
    line(name, total)
END
