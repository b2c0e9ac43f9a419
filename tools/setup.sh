#!/usr/bin/env bash
# Installs what keras.cpp needs to build: Debian packages, and oneDNN and clang-format from pinned wheels in a local
# prefix (third_party/prefix, or $KERAS_PREFIX). Safe to run again: with nothing missing it changes nothing and needs
# no network. --check only says whether something is missing (exit 1 if so).
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
prefix=${KERAS_PREFIX:-$root/third_party/prefix}
cache=${XDG_CACHE_HOME:-${HOME:-/tmp}/.cache}/keras-cpp

packages=(
  ninja-build ccache cmake g++
  libtbb-dev libhwy-dev libfmt-dev libcli11-dev libzip-dev nlohmann-json3-dev libcurl4-openssl-dev libpng-dev libjpeg-dev
  zlib1g-dev libhdf5-dev libgraphviz-dev
  libgtest-dev libgmock-dev libbenchmark-dev
  gnuplot-nox patchelf unzip python3 ca-certificates
)

# name==version, file, sha256. oneDNN 3.2, TBB build; libimf and libintlc are the two libraries it needs beside it.
wheels=(
  "onednn-devel-cpu-tbb==2023.2.0 onednn_devel_cpu_tbb-2023.2.0-py2.py3-none-manylinux1_x86_64.whl d76b9ddf0ac717b5c5caa89e9922ec752d175e6f0492503f3baa8499607bec82"
  "onednn-cpu-tbb==2023.2.0 onednn_cpu_tbb-2023.2.0-py2.py3-none-manylinux1_x86_64.whl 3265b317e9d74ee42f3b7fe4ba0e6d8347a400f0e9c1531fa80b0bfa18d76b13"
  "intel-cmplr-lib-rt==2023.2.0 intel_cmplr_lib_rt-2023.2.0-py2.py3-none-manylinux1_x86_64.whl f2291fbd870639dfff0e6eb583fbb5668138f000139716c2e692b90ba5ae5c7c"
  "clang-format==14.0.6 clang_format-14.0.6-py2.py3-none-manylinux_2_12_x86_64.manylinux2010_x86_64.whl d7c1c5e404c58e55f0170f01b3c5611dce6c119e62b5d1020347e0ad97d5a047"
)
layout=1 # raise it when the way the prefix is put together changes

say() { printf 'setup: %s\n' "$*"; }
die() { printf 'setup: %s\n' "$*" >&2; exit 1; }

# What the prefix must hold, as text: it is complete when its stamp says exactly this.
stamp_text() {
  printf 'layout %s\n' "$layout"
  printf '%s\n' "${wheels[@]}"
}

prefix_complete() {
  local dir=$1 file
  [[ -f $dir/stamp && $(<"$dir/stamp") == "$(stamp_text)" ]] || return 1
  for file in include/oneapi/dnnl/dnnl.hpp lib/libdnnl.so lib/libdnnl.so.3 lib/libimf.so lib/libintlc.so.5 \
    lib/cmake/dnnl/dnnl-config.cmake bin/clang-format; do
    [[ -e $dir/$file ]] || return 1
  done
}

missing_packages() {
  local package
  for package in "$@"; do
    [[ $(dpkg-query -W -f '${Status}\n' "$package" 2>/dev/null) == *"install ok installed"* ]] || printf '%s\n' "$package"
  done
}

install_packages() {
  local missing
  if ! command -v dpkg >/dev/null || ! command -v apt-get >/dev/null; then
    [[ -n ${KERAS_SKIP_APT:-} ]] && return
    die "this is no Debian (no apt-get here). Install the counterparts of these packages by hand, then run this again
       with KERAS_SKIP_APT=1: $*"
  fi
  missing=$(missing_packages "$@" | tr '\n' ' ')
  [[ -z $missing ]] && return
  say "installs the Debian packages: $missing"
  local as_root=()
  if [[ $(id -u) -ne 0 ]]; then
    command -v sudo >/dev/null || die "this needs root or sudo. As root: apt-get install $missing"
    as_root=(sudo)
  fi
  "${as_root[@]}" apt-get update -q
  # shellcheck disable=SC2086  # one word a package
  "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends $missing
}

# Prints the command of a pip that can download; makes a private environment when the system has none.
find_pip() {
  local work=$1 python
  for python in python3 /usr/bin/python3; do
    if "$python" -m pip --version >/dev/null 2>&1; then
      printf '%s -m pip\n' "$python"
      return
    fi
  done
  install_packages python3-venv >&2
  /usr/bin/python3 -m venv "$work/venv" >&2
  printf '%s -m pip\n' "$work/venv/bin/python"
}

# Puts the prefix together in the folder $1 from wheels.
make_prefix() {
  local target=$1 work=$2 pip entry name file sum data
  [[ $(uname -m) == x86_64 ]] || die "the pinned wheels are for x86_64, this is $(uname -m): configure with
       -DKERAS_ONEDNN=OFF (preset bare)"
  pip=$(find_pip "$work")
  mkdir -p "$work/wheels" "$work/unpacked" "$target/bin" "$target/include" "$target/lib/cmake" "$target/share/licenses"
  for entry in "${wheels[@]}"; do
    read -r name file sum <<<"$entry"
    say "downloads $name from PyPI"
    $pip download -q --no-deps --only-binary :all: --platform manylinux1_x86_64 --platform manylinux2010_x86_64 \
      --platform manylinux_2_12_x86_64 --disable-pip-version-check -d "$work/wheels" "$name" ||
      die "cannot download $name: no network, or no PyPI behind it"
    [[ -f $work/wheels/$file ]] || die "$name came as another file than $file: $(ls "$work/wheels")"
    echo "$sum  $work/wheels/$file" | sha256sum --check --quiet - || die "$file does not have the pinned sha256 $sum"
    case $name in
      intel-*) unzip -q "$work/wheels/$file" '*/libimf.so' '*/libintlc.so.5' '*/LICENSE.txt' -d "$work/unpacked" ;;
      onednn-cpu*) unzip -q "$work/wheels/$file" '*/libdnnl.so.3' '*/doc/*' -d "$work/unpacked" ;;
      *) unzip -q "$work/wheels/$file" -d "$work/unpacked" ;;
    esac
    rm "$work/wheels/$file"
  done

  data=$work/unpacked/onednn_devel_cpu_tbb-2023.2.0.data/data
  cp -a "$data/include/." "$target/include/"
  cp -a "$data/lib/cmake/dnnl" "$target/lib/cmake/"
  # The wheel holds the library three times over; once under its real name is enough.
  data=$work/unpacked/onednn_cpu_tbb-2023.2.0.data/data
  install -m 755 "$data/lib/libdnnl.so.3" "$target/lib/libdnnl.so.3.2"
  ln -s libdnnl.so.3.2 "$target/lib/libdnnl.so.3"
  ln -s libdnnl.so.3 "$target/lib/libdnnl.so"
  cp -a "$data/share/doc/onednn" "$target/share/licenses/"
  data=$work/unpacked/intel_cmplr_lib_rt-2023.2.0
  install -m 755 "$data.data/data/lib/libimf.so" "$data.data/data/lib/libintlc.so.5" "$target/lib/"
  install -D -m 644 "$data.dist-info/LICENSE.txt" "$target/share/licenses/intel-cmplr-lib-rt/LICENSE.txt"
  patchelf --set-rpath "\$ORIGIN" "$target/lib/libdnnl.so.3.2" "$target/lib/libimf.so"
  install -m 755 "$work/unpacked/clang_format/data/bin/clang-format" "$target/bin/clang-format"
  stamp_text >"$target/stamp"
}

# A copy that is only seen whole: built beside the target, then renamed.
place() {
  local from=$1 to=$2
  mkdir -p "$(dirname "$to")"
  rm -rf "$to.new.$$"
  cp -a --reflink=auto "$from" "$to.new.$$"
  rm -rf "$to"
  mv "$to.new.$$" "$to"
}

if [[ ${1:-} == --check ]]; then
  status=0
  if command -v dpkg >/dev/null; then
    missing=$(missing_packages "${packages[@]}" | tr '\n' ' ')
    [[ -z $missing ]] || { say "missing Debian packages: $missing"; status=1; }
  fi
  prefix_complete "$prefix" || { say "missing: oneDNN and clang-format in $prefix"; status=1; }
  exit $status
fi

install_packages "${packages[@]}"

if ! prefix_complete "$prefix"; then
  key=$(stamp_text | sha256sum | cut -c1-12)
  if ! prefix_complete "$cache/prefix-$key"; then
    work=$(mktemp -d)
    trap 'rm -rf "$work"' EXIT
    make_prefix "$work/prefix" "$work"
    place "$work/prefix" "$cache/prefix-$key"
  fi
  say "puts oneDNN 3.2 and clang-format 14.0.6 into $prefix (from $cache/prefix-$key)"
  place "$cache/prefix-$key" "$prefix"
fi
