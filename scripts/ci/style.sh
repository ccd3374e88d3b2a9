#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# style: .clang-format decides; tables (.def) are laid out by hand.
set -eu
bad=0
for file in $(git ls-files '*.c' '*.cc' '*.h'); do
        clang-format "$file" | cmp -s - "$file" || {
                echo "$file: run clang-format -i on it"
                bad=1
        }
done
exit $bad
