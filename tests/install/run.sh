#!/usr/bin/env bash
# run.sh BUILD_DIR [CXX]: installs a build, moves the prefix, builds the stranger's project beside this file against
# it, outside the tree, and runs it there. HOME is an empty folder, so nothing of this machine helps.
set -euo pipefail
build=$(cd "$1" && pwd)
compiler=${2:-c++}
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
source_root=$(cd "$here/../.." && pwd)

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cmake --install "$build" --prefix "$work/first" >/dev/null
mkdir "$work/elsewhere" "$work/home"
mv "$work/first" "$work/elsewhere/keras here"
prefix="$work/elsewhere/keras here"
library=$(find "$prefix" -name libkeras.so)

# A library that can be moved names neither the build tree nor the sources, and exports only what is keras's.
if grep -qF -e "$build" -e "$source_root/" "$library"; then
  echo "libkeras.so names a folder of this machine:"
  strings "$library" | grep -F -e "$build" -e "$source_root/" | head -5
  exit 1
fi
readelf -d "$library" | grep -F "[\$ORIGIN]" >/dev/null || { echo "libkeras.so: wrong RPATH"; exit 1; }
foreign=$(nm -D --defined-only --demangle "$library" | grep -E ' [TBDR] ' | grep -v 'keras::' || true)
if [[ -n $foreign ]]; then
  printf 'libkeras.so exports what is not its own:\n%s\n' "$foreign" | head -20
  exit 1
fi

cp "$here/CMakeLists.txt" "$here/main.cc" "$work/"
export HOME="$work/home"
cmake -S "$work" -B "$work/build" -G Ninja -DCMAKE_CXX_COMPILER="$compiler" -DCMAKE_PREFIX_PATH="$prefix" \
  -DCMAKE_BUILD_TYPE=Release --log-level=WARNING
cmake --build "$work/build"
cd "$work/home"
env -u KERAS_TEST_ROOT -u LD_LIBRARY_PATH "$work/build/stranger"
