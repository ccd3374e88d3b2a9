#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""limits.py: functions fit a screen, files fit a sitting. Prints what is over the aim; fails on
what is over the limit. Exempt functions stand in scripts/limits.txt, with the reason."""
import json
import pathlib
import re
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
FUNCTION_AIM, FUNCTION_MAX = 60, 100
FILE_AIM, FILE_MAX = 900, 1200
PARAMETERS_MAX = 7
COMPLEXITY_MAX = 20


def run(*command):
    return subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout


def main():
    exempt = {line.split()[0] for line in (ROOT / "scripts/limits.txt").read_text().splitlines()
              if line and not line.startswith("#")}
    names = run("git", "ls-files", "*.c", "*.h").split()
    over, bad = [], []

    def note(length, aim, limit, text):
        if length > limit:
            bad.append(text)
        elif length > aim:
            over.append(text)

    for name in names:
        lines = (ROOT / name).read_text(encoding="utf-8").count("\n")
        note(lines, FILE_AIM, FILE_MAX, f"{name}: {lines} lines")
    lengths = []
    for row in run("ctags", "-f", "-", "--output-format=json", "--fields=+neS", "--kinds-C=f", "-u",
                   "--languages=C", "--langmap=C:.c.h", *names).splitlines():
        tag = json.loads(row)
        if tag.get("_type") != "tag" or "end" not in tag or tag["name"] in exempt:
            continue
        if tag["name"] == "ParameterizedTestParameters":
            continue  # rows of a test
        length = tag["end"] - tag["line"] + 1
        where = f"{tag['path']}:{tag['line']}: {tag['name']}"
        if not tag["path"].startswith("tests/"):
            lengths.append(length)
        note(length, FUNCTION_AIM, FUNCTION_MAX, f"{where}: {length} lines")
        signature = re.sub(r"\([^()]*\)", "", tag.get("signature", "()")[1:-1])
        parameters = signature.count(",") + 1
        note(parameters, PARAMETERS_MAX, PARAMETERS_MAX, f"{where}: {parameters} parameters")
    for row in run("pmccabe", *[n for n in names if n.endswith(".c")]).splitlines():
        complexity, *_, where, function = row.split("\t")[:1] + row.split("\t")[-1].split(": ")
        if function.strip() not in exempt:
            note(int(complexity), COMPLEXITY_MAX, COMPLEXITY_MAX,
                 f"{where}: {function}: complexity {complexity}")
    for text in over:
        print("over the aim:", text)
    for text in bad:
        print("over the limit:", text)
    lengths.sort()
    if lengths:
        print(f"{len(lengths)} functions, median {lengths[len(lengths) // 2]} lines, "
              f"95 % within {lengths[len(lengths) * 95 // 100]}")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
