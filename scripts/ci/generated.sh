#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# generated: what is made from the .def tables and committed is what they make now.
set -eu
/usr/bin/python3 scripts/gen-schema.py --check
exec /usr/bin/python3 scripts/gen-docs.py --check
