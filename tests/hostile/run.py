#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""run.py RTCTL [--memory-factor N] [UNITTEST OPTIONS]: bad input of every kind to the command.

A bad rule file gives a diagnostic with its place, a bad record a counted skip; memory stays bounded,
and nothing crashes or hangs. HOSTILE_VERBOSE=1 prints what every run cost.
"""
import sys
import unittest

from harness import Hostile

if __name__ == "__main__":
    Hostile.rtctl = sys.argv.pop(1)
    if sys.argv[1:2] == ["--memory-factor"]:
        Hostile.memory_factor = int(sys.argv[2])
        del sys.argv[1:3]
    # pylint: disable=unused-import
    from test_large import *  # noqa: F401,F403
    from test_records import *  # noqa: F401,F403
    from test_rules import *  # noqa: F401,F403
    unittest.main()
