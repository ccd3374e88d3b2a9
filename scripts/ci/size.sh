#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# size: the library, as it is shipped and without symbols, is at most 600,000 bytes; with its largest
# parts, so that growth is seen where it happens.
set -eu
most=600000
build=build-size
[ -d "$build" ] || CC=${CC:-gcc} meson setup "$build" --buildtype=release -Dtests=disabled \
        -Dtools=disabled -Ddocs=disabled -Dlua=disabled -Dpython=disabled >/dev/null
meson compile -C "$build" runtime:shared_library >/dev/null
library=$(find "$build/src" -maxdepth 1 -name 'libruntime.so.*.*' -type f)
strip -o "$build/stripped.so" "$library"
size -A -d "$build/stripped.so" | awk '$2 > 4096 && $1 ~ /^\./ { printf "%8d  %s\n", $2, $1 }'
nm --size-sort -r -S -t d "$library" | awk 'NR <= 12 { printf "%8d  %s\n", $2, $4 }'
bytes=$(wc -c <"$build/stripped.so")
echo "stripped: $bytes of $most bytes"
[ "$bytes" -le "$most" ]
