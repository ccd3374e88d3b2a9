#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""check.py RTCTL ROOT: the project's own rules find in tests/data what tests/data/expected.json says.

Every rule must load without any diagnostic, and every rule must fire on some sample.
"""
import collections
import json
import pathlib
import subprocess
import sys

SOURCES = {"cloudtrail": "aws_cloudtrail", "k8s_audit": "k8s_audit", "syscall": "syscall"}
FOLDERS = ("aws", "k8s", "linux")


def fired(rtctl, root, name):
    """{rule: alerts} over one sample, all matching rules counted."""
    path = root / "tests/data" / name
    rules = [word for folder in FOLDERS for word in ("-r", root / "rules" / folder)]
    done = subprocess.run([rtctl, "run", *rules, "--json", "-o", "rule_matching=all",
                           "--source", SOURCES[name.split("/")[0]], path],
                          capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise SystemExit(f"{name}: exit {done.returncode}: {done.stderr}")
    return collections.Counter(json.loads(line)["rule"] for line in done.stdout.splitlines())


def rule_names(root):
    names = []
    for path in sorted((root / "rules").rglob("*.yaml")):
        names += [line[len("- rule: "):].strip() for line in path.read_text(encoding="utf-8").splitlines()
                  if line.startswith("- rule: ")]
    return names


def main():
    rtctl, root = sys.argv[1], pathlib.Path(sys.argv[2])
    bad = 0
    checked = subprocess.run([rtctl, "check", "--strict", *(root / "rules" / folder for folder in FOLDERS)],
                             capture_output=True, text=True, check=False)
    if checked.returncode != 0:
        print(checked.stdout + checked.stderr)
        bad += 1
    expected = json.loads((root / "tests/data/expected.json").read_text(encoding="utf-8"))
    seen = collections.Counter()
    for name, rules in expected.items():
        got = fired(rtctl, root, name)
        seen += got
        for rule in sorted(set(rules) | set(got)):
            if rules.get(rule, 0) != got[rule]:
                print(f"{name}: {rule}: expected {rules.get(rule, 0)}, got {got[rule]}")
                bad += 1
    for rule in rule_names(root):
        if not seen[rule]:
            print(f"{rule}: no sample shows it")
            bad += 1
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
