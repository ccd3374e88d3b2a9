#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# tsan: rules are swapped while two threads feed, and plug-ins with threads of their own are used by two
# workers; built by clang under TSan. `tsan.sh SWAPS` for more.
set -eu
build=build-tsan
[ -d "$build" ] || CC=clang meson setup "$build" --buildtype=debugoptimized -Db_sanitize=thread \
        -Db_lundef=false -Dtools=disabled -Ddocs=disabled -Dlua=disabled -Dpython=disabled >/dev/null
ninja -C "$build" tests/swap/swap tests/falco/falco-threads src/falco/isolate/libruntime-plugin-host \
        $(for one in herald ticker keeper guest warden visitor driver; do echo "tests/falco/$one.so"; done) >/dev/null
export TSAN_OPTIONS=halt_on_error=1
"$build/tests/falco/falco-threads" "$build/tests/falco" 200
"$build/tests/falco/falco-threads" "$build/tests/falco" 200 "$build/src/falco/isolate/libruntime-plugin-host"
exec "$build/tests/swap/swap" "${1:-20000}"
