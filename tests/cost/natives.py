#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""natives.py PROGRAM: instructions of a native function's field, and of a bare ffi_call of it, counted by valgrind;
exit 1 above the bar, 77 (skipped) without valgrind. bench/native_calls.h says what is compared.

What starting costs is taken off: a figure is the difference of two runs.
"""
import re
import shutil
import subprocess
import sys

FEW, MANY = 1_000, 11_000
BAR = 2
COLLECTED = re.compile(r"Collected : (\d+)")


def count(program, way, function):
    def run(n):
        text = subprocess.run(["valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null", program, way,
                               str(function), str(n)], check=True, capture_output=True, text=True).stderr
        return int(COLLECTED.search(text).group(1))

    return (run(MANY) - run(FEW)) / (MANY - FEW)


def main():
    if not shutil.which("valgrind"):
        print("skipped: there is no valgrind")
        return 77
    worst = 0
    for i, signature in enumerate(subprocess.check_output([sys.argv[1]], text=True).splitlines()):
        bare, field = (count(sys.argv[1], way, i) for way in ("bare", "field"))
        worst = max(worst, field / bare)
        print(f"{signature}: {field:.0f} instructions, a bare ffi_call {bare:.0f}, ratio {field / bare:.2f}")
    print(f"bar: at most {BAR}: {'held' if worst <= BAR else 'NOT held'}")
    return worst > BAR


if __name__ == "__main__":
    sys.exit(main())
