#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# layers: who may include whom.
exec /usr/bin/python3 scripts/check-layers.py
