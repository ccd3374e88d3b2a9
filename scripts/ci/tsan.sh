#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# tsan: rules are swapped while two threads feed, built by clang under TSan. `tsan.sh SWAPS` for more.
set -eu
build=build-tsan
[ -d "$build" ] || CC=clang meson setup "$build" --buildtype=debugoptimized -Db_sanitize=thread \
        -Db_lundef=false -Dtests=disabled -Dtools=disabled -Ddocs=disabled -Dlua=disabled \
        -Dpython=disabled >/dev/null
ninja -C "$build" tests/swap/swap >/dev/null
TSAN_OPTIONS=halt_on_error=1 exec "$build/tests/swap/swap" "${1:-20000}"
