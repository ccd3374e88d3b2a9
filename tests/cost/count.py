#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""count.py PROGRAM [--all]: instructions that one rt_worker_feed takes beyond reading and evaluating its record,
counted by valgrind; exit 1 above the bar, 77 (skipped) without valgrind. --all: also those of a decision.

What starting costs is taken off: the figure is the difference of two runs. Inclusive: with what the
function calls in the library and in libc.
"""
import os
import re
import shutil
import subprocess
import sys
import tempfile

FEW, MANY = 1_000, 11_000
BAR = 150
LINE = re.compile(r"^\s*([\d,]+) \(\s*[\d.]+%\)\s+(?:\S*:)?([^\s']+)")
# What evaluating and reading are, which are not the call's own.
WITHOUT = ("rti_worker_judge", "rti_worker_next")


def run(program, verb, n, folder):
    """{function: instructions}, inclusive."""
    out = os.path.join(folder, "callgrind.out")
    subprocess.run(["valgrind", "--tool=callgrind", f"--callgrind-out-file={out}", program, verb, str(n)],
                   check=True, capture_output=True)
    text = subprocess.run(["callgrind_annotate", "--inclusive=yes", "--threshold=100", out], check=True,
                          capture_output=True, text=True).stdout
    found = {}
    for line in text.splitlines():
        match = LINE.match(line)
        if match:
            name = match.group(2).split(".")[0]
            found[name] = max(found.get(name, 0), int(match.group(1).replace(",", "")))
    return found


def count(program, verb, folder):
    few, many = (run(program, verb, n, folder) for n in (FEW, MANY))
    each = {name: (many[name] - few.get(name, 0)) / (MANY - FEW) for name in many}
    whole = f"rt_worker_{verb}"
    missing = [name for name in (whole, *WITHOUT) if not each.get(name)]
    if missing:
        sys.exit(f"count.py: not in the profile: {', '.join(missing)}")
    own = each[whole] - sum(each[name] for name in WITHOUT)
    print(f"{whole}: {each[whole]:.0f} instructions, of them {own:.0f} its own "
          f"(reading and evaluating a record that no rule is about: {each[whole] - own:.0f})")
    return own


def main():
    if not shutil.which("valgrind"):
        print("skipped: there is no valgrind")
        return 77
    with tempfile.TemporaryDirectory() as folder:
        own = count(sys.argv[1], "feed", folder)
        if "--all" in sys.argv[2:]:
            count(sys.argv[1], "decide", folder)
    print(f"bar: at most {BAR}: {'held' if own <= BAR else 'NOT held'}")
    return own > BAR


if __name__ == "__main__":
    sys.exit(main())
