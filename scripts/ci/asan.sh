#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# asan: the tests again, built by clang with warnings as errors, under ASan and UBSan. Bindings are
# left out: their interpreters are not built for it.
set -eu
export UBSAN_OPTIONS=halt_on_error=1:print_stacktrace=1
export CC=clang CXX=clang++ RT_BUILD=build-asan RT_BINDINGS=disabled
MESON_ARGS='-Dwerror=true --buildtype=debugoptimized -Db_sanitize=address,undefined -Db_lundef=false' \
        ./dev test
