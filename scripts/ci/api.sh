#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# api: headers, symbol map, the library's exports and the man pages name the same functions.
exec /usr/bin/python3 scripts/check-api.py --build "${RT_BUILD:-build-gcc}"
