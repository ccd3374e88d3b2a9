#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# asan: the tests again, built by clang with warnings as errors, under ASan and UBSan. So are the bindings,
# with the sanitisers' library loaded in front of their interpreters.
set -eu
export UBSAN_OPTIONS=halt_on_error=1:print_stacktrace=1
export CC=clang CXX=clang++ RT_BUILD=build-asan
MESON_ARGS='-Dwerror=true --buildtype=debugoptimized -Db_sanitize=address,undefined -Db_lundef=false' \
        ./dev test
