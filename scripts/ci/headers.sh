#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# headers: each public header compiles alone, as every C and C++ that may include it.
set -eu
build=${RT_BUILD:-build-gcc}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
flags='-Wall -Wextra -Wpedantic -Werror -fsyntax-only'
for header in include/libruntime/*.h "$build"/include/libruntime/version.h; do
        name=${header##*/}
        printf "#include <libruntime/%s>\nextern int not_empty;\n" "$name" >"$work/alone.c"
        cp "$work/alone.c" "$work/alone.cc"
        for compiler in gcc clang; do
                for std in c99 c11 c17; do
                        $compiler -std=$std $flags -Iinclude -I"$build/include" "$work/alone.c"
                done
        done
        for compiler in g++ clang++; do
                for std in c++11 c++17 c++20; do
                        $compiler -std=$std $flags -Iinclude -I"$build/include" "$work/alone.cc"
                done
        done
done
