#!/usr/bin/env bash
# Checks that the sources are formatted as .clang-format says, with the pinned clang-format of tools/setup.sh; --fix
# formats them instead.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
clang_format=${KERAS_PREFIX:-third_party/prefix}/bin/clang-format
[[ -x $clang_format ]] || { echo "check_format: no $clang_format: run tools/setup.sh" >&2; exit 1; }

folders=()
for folder in include src cli examples benchmarks tests; do
  [[ -d $folder ]] && folders+=("$folder")
done
mapfile -t files < <(find "${folders[@]}" -type f \( -name '*.h' -o -name '*.cc' -o -name '*.cpp' \) | sort)
[[ ${#files[@]} -gt 0 ]] || exit 0

if [[ ${1:-} == --fix ]]; then
  "$clang_format" -i "${files[@]}"
elif ! printf '%s\n' "${files[@]}" | xargs -P "$(nproc)" -n 20 "$clang_format" --dry-run -Werror --ferror-limit=1; then
  echo "check_format: the files named above are not formatted: make format" >&2
  exit 1
else
  echo "check_format: ${#files[@]} files"
fi
