#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# limits: sizes of functions and files.
exec /usr/bin/python3 scripts/limits.py
