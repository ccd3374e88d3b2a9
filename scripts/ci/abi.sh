#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# abi: the library's ABI is that of abi/. `--update` writes what is there now, for review as a diff.
#
# XML is compared with XML, without suppressions: with a library on one side abidiff 2.2 misses a
# member put into the middle of a struct, and a suppression for members at the end hides swaps.
# Any difference but an added function fails. Constants are not in the XML: abi/constants.txt.
set -eu
build=${RT_BUILD:-build-gcc}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
abidw --headers-dir include --drop-private-types --exported-interfaces-only --type-id-style hash \
        --no-show-locs --no-corpus-path \
        "$build/src/libruntime.so.0" | sed "s/ comp-dir-path='[^']*'//g" >"$work/new.abi"
/usr/bin/python3 scripts/constants.py --build "$build" >"$work/constants.txt"
if [ "${1:-}" = --update ]; then
        cp "$work/new.abi" abi/base.abi
        cp "$work/constants.txt" abi/constants.txt
        /usr/bin/python3 scripts/layout.py --build "$build"
        exit 0
fi
/usr/bin/python3 scripts/layout.py --check --build "$build"
diff -u abi/constants.txt "$work/constants.txt"
abidiff --no-added-syms abi/base.abi "$work/new.abi"
