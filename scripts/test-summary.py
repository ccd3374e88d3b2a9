#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""test-summary.py TESTLOG [RESULTS]: add up what a test run counted, as one closing line.

TESTLOG is Meson's testlog.json. A Criterion program counts as the tests it ran ("Synthesis"), any
other test as one. RESULTS holds the outputs of corpus comparisons; their `total:` lines count.
Exit 1 if anything failed.
"""
import json
import pathlib
import re
import sys

SYNTHESIS = re.compile(
    r"Tested: .*?(\d+).*?Passing: .*?(\d+).*?Failing: .*?(\d+).*?Crashing: .*?(\d+)", re.S)
TOTAL = re.compile(r"^total: (\d+) passed, (\d+) failed, (\d+) skipped$", re.M)
COLOUR = re.compile(r"\x1b\[[0-9;]*[A-Za-z]")


def of_meson_test(test):
    """(passed, failed, skipped) of one line of testlog.json."""
    text = COLOUR.sub("", test.get("stdout") or "") + COLOUR.sub("", test.get("stderr") or "")
    good = test["result"] == "OK"
    found = SYNTHESIS.search(text)
    if found:
        _, passing, failing, crashing = map(int, found.groups())
        failed = failing + crashing
        return passing, failed if good or failed else 1, 0
    found = TOTAL.search(text)
    if found:
        passed, failed, skipped = map(int, found.groups())
        return passed, failed if good or failed else 1, skipped
    if test["result"] == "SKIP":
        return 0, 0, 1
    return (1, 0, 0) if good else (0, 1, 0)


def main():
    counts = [0, 0, 0]
    with open(sys.argv[1], encoding="utf-8") as log:
        for line in log:
            counts = [a + b for a, b in zip(counts, of_meson_test(json.loads(line)))]
    for path in sorted(pathlib.Path(sys.argv[2]).glob("*.txt")) if len(sys.argv) > 2 else ():
        totals = TOTAL.findall(path.read_text(encoding="utf-8", errors="replace"))
        part = [int(n) for n in totals[-1]] if totals else [0, 1, 0]
        counts = [a + b for a, b in zip(counts, part)]
    passed, failed, skipped = counts
    print(f"{passed} passed, {failed} failed, {skipped} skipped")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
