#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# headers: each public header of each library compiles alone, as every C and C++ that may include it.
set -eu
build=${RT_BUILD:-build-gcc}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
flags='-Wall -Wextra -Wpedantic -Wshadow -Wundef -Werror -fsyntax-only'
include="-Iinclude -I$build/include -Isrc/falco -Isrc/inputs -Isrc/live -Isrc/lua -Isrc/natives"
for header in include/libruntime/*.h "$build"/include/libruntime/version.h src/*/libruntime-*/*.h; do
        name=${header%/*}
        name=${name##*/}/${header##*/}
        printf "#include <%s>\nextern int not_empty;\n" "$name" >"$work/alone.c"
        # What users write is in headers, too: RT_INIT of a struct, inside of a function and outside.
        {
                cat "$work/alone.c"
                sed -n 's/^} \(rt_[a-z_]*\);$/\1/p' "$header" | while read -r type; do
                        grep -Pzoq "typedef struct $type \{\n        size_t size;" "$header" || continue
                        printf "%s init_%s();\n%s init_%s() { return RT_INIT(%s); }\n" \
                                "$type" "$type" "$type" "$type" "$type"
                done
        } >"$work/alone.cc"
        for compiler in gcc clang; do
                for std in c99 c11 c17; do
                        $compiler -std=$std $flags $include "$work/alone.c"
                done
        done
        for compiler in g++ clang++; do
                for std in c++11 c++14 c++17 c++20; do
                        $compiler -std=$std $flags -Wold-style-cast -Wzero-as-null-pointer-constant \
                                $include "$work/alone.cc"
                done
        done
done
