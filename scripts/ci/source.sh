#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# source: banned functions, licence lines, unfinished marks.
exec /usr/bin/python3 scripts/check-src.py
