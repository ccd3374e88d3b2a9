#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""compare.py [--build DIR] [--only KIND] [--input NAME] FOLDER...: compare rtctl with recordings.

Each FOLDER has a manifest.tsv and what a reference Falco made of its inputs. One line a kind, then
`total: N passed, N failed, N skipped`; exit 0 only without a failure.
"""
import argparse
import concurrent.futures
import os
import pathlib
import sys
import tempfile

import kinds
from command import Command
from recording import Recording, folders
from report import KINDS, Report, Tally


class Plan:
    """The comparisons to be made: functions without arguments that return tallies."""

    def __init__(self, command, options, work):
        self.command = command
        self.options = options
        self.work = work
        self.jobs = []

    def wants(self, *wanted):
        return self.options.only is None or self.options.only in wanted

    def add(self, kind, function, *arguments):
        def job():
            try:
                return function(self.command, *arguments)
            except (RuntimeError, KeyError, ValueError, OSError) as error:
                tally = Tally(kind)
                tally.differs(type(error).__name__, f"{arguments[0]}: {error}")
                return [tally]
        self.jobs.append(job)

    def add_inputs(self, recording, rules_folder):
        for entry in recording.inputs:
            if self.options.input not in (None, entry.name):
                continue
            if self.wants("stock-json", "stock-text"):
                self.add("stock-json", kinds.stock, entry, rules_folder)
            if self.wants("fields"):
                self.add("fields", kinds.fields, entry, self.work)
            if self.wants("format-json", "format-text"):
                self.add("format-json", kinds.formats, entry)

    def add_rules(self, recording, by_name):
        if not self.wants("rules"):
            return
        for path, expected in recording.differential():
            for name, rows in expected.items():
                if self.options.input in (None, name):
                    self.add("rules", kinds.rules, by_name[name], path, rows)

    def add_loads(self, recording):
        if not self.wants("load") or self.options.input:
            return
        for kind, table in (("probe", "probes.jsonl"), ("format", "format.rejected.jsonl"),
                            ("condition", "differential/rejected.jsonl"), ("file", "rules-validate.jsonl")):
            for number, entry in enumerate(recording.table(table)):
                work = self.work / f"{kind}{number}"
                work.mkdir()
                self.add("load", kinds.load_entry, recording, work, kind, entry)


def compare(options, work):
    command = Command(options.build.resolve() / "tools/rtctl/rtctl")
    corpus = pathlib.Path(os.environ.get("RT_CORPUS", "../shared/corpus")).resolve()
    recordings = [Recording(folder, work) for folder in folders(options.folders)]
    by_name = {entry.name: entry for recording in recordings for entry in recording.inputs}
    plan = Plan(command, options, work)
    for recording in recordings:
        plan.add_inputs(recording, corpus / "rules")
        plan.add_rules(recording, by_name)
        plan.add_loads(recording)
    report = Report()
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        for tallies in pool.map(lambda job: job(), plan.jobs):
            for tally in tallies:
                report.add(tally)
    results = options.build / "results"
    results.mkdir(parents=True, exist_ok=True)
    return report.print(results / "oracle-mismatches.txt")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folders", nargs="+", metavar="FOLDER")
    parser.add_argument("--build", type=pathlib.Path, default=pathlib.Path("build"))
    parser.add_argument("--only", choices=KINDS)
    parser.add_argument("--input", help="one input by name")
    options = parser.parse_args()
    for folder in options.folders:
        if not (pathlib.Path(folder) / "manifest.tsv").exists():
            print(f"{folder}: no manifest.tsv there", file=sys.stderr)
            return 2
    with tempfile.TemporaryDirectory() as work:
        return compare(options, pathlib.Path(work))


if __name__ == "__main__":
    sys.exit(main())
