#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""passes.py [--build DIR] CORPUS: every ruleset of a corpus over every input of its source, compiled
with all passes, with each one left out and with none, beside the naive evaluator (inputs.c).

One line a ruleset, then `total: N passed, N failed, N skipped`, counted per ruleset and input.
"""
import argparse
import concurrent.futures
import csv
import os
import pathlib
import subprocess
import sys

CAPTURE_RULES = ("falco_rules", "falco-incubating_rules", "falco-sandbox_rules")
JSON_RULES = {"aws_cloudtrail": "aws_cloudtrail_rules", "k8s_audit": "k8s_audit_rules"}
RANDOM_SOURCES = {"ct": "aws_cloudtrail", "k8": "k8s_audit", "js": "json"}
# Random rules match often: over the long captures the alerts alone would take minutes.
RANDOM_CAPTURES = ("attack", "upstream")


def captures(corpus, folders):
    return sorted(path for folder in folders for path in (corpus / "scap" / folder).glob("*.scap"))


def json_inputs(folder):
    """{source: [path]} of a folder's manifest."""
    found = {}
    with open(folder / "manifest.tsv", encoding="utf-8", newline="") as table:
        for row in csv.DictReader(table, delimiter="\t", quoting=csv.QUOTE_NONE):
            found.setdefault(row["source"], []).append(folder / row["path"])
    return found


def jobs(corpus):
    """(source, rules, inputs)"""
    every = [path.name for path in (corpus / "scap").iterdir() if path.is_dir()]
    for name in CAPTURE_RULES:
        yield "syscall", corpus / "rules" / f"{name}.yaml", captures(corpus, every)
    for path in sorted((corpus / "scap/differential").glob("*.yaml")):
        yield "syscall", path, captures(corpus, RANDOM_CAPTURES)
    folder = corpus / "json-oracle"
    inputs = json_inputs(folder)
    for source, name in JSON_RULES.items():
        yield source, corpus / "rules" / f"{name}.yaml", inputs[source]
    for path in sorted((folder / "differential").glob("*.yaml")):
        source = RANDOM_SOURCES[path.name[:2]]
        yield source, path, inputs[source]


def run(program, job):
    source, rules, inputs = job
    return subprocess.run([program, source, rules, *inputs], capture_output=True, text=True,
                          errors="replace", check=False, env=dict(os.environ, TZ="UTC"))


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("corpus", type=pathlib.Path)
    parser.add_argument("--build", type=pathlib.Path, default=pathlib.Path("build"))
    options = parser.parse_args()
    program = options.build / "tests/oracle/inputs"
    passed = failed = 0
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        listed = list(jobs(options.corpus))
        for job, done in zip(listed, pool.map(lambda job: run(program, job), listed)):
            print(done.stdout + done.stderr, end="", flush=True)
            if done.returncode:
                failed += len(job[2])
            else:
                passed += len(job[2])
    print(f"total: {passed} passed, {failed} failed, 0 skipped")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
