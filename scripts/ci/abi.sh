#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# abi: the libraries' ABI is that of abi/. `--update` writes down what was added, `--update --break` all
# that is there now; scripts/abi.py says more. tests/abi/layout.c is kept up with it.
set -eu
build=${RT_BUILD:-build-gcc}
/usr/bin/python3 scripts/abi.py --build "$build" "$@"
case ${1:-} in
--update) exec /usr/bin/python3 scripts/layout.py --build "$build" ;;
*) exec /usr/bin/python3 scripts/layout.py --check --build "$build" ;;
esac
