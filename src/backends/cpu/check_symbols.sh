#!/bin/sh
# check_symbols.sh nm object…: no weak function may be defined by objects of two instruction set levels, as the linker would
# keep one of them for both. (Weak data, the rows themselves, are the same bytes at each level: nm's types V and u.)
nm="$1"
shift
shared=$(for object in "$@"; do
  level=${object##*keras_backends_cpu_}
  "$nm" "$object" | awk -v level="${level%%.dir*}" '$2 == "W" {print $3, level}'
done | sort -u | cut -d' ' -f1 | uniq -d)
[ -z "$shared" ] && exit 0
echo "defined at more than one instruction set level:"
echo "$shared" | c++filt
exit 1
