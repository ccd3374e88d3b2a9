#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""compare.py [--build DIR] [--fields | --format | --differential SETS | --plugins DIR [--isolated]] FOLDER...:
compare rtctl with recordings.

What a FOLDER holds decides. One with a manifest.tsv has inputs of plug-ins and what a reference Falco
made of them. One with NAME.scap (or with such sub-folders) has captures: their alerts are compared; with
--fields values of fields, with --format random output formats, with --differential the random rules of
the folder SETS. With --plugins the inputs of plug-ins are judged through the plug-ins themselves, which
scripts/build-falco-plugins has built into DIR, instead of by what is built in. One line a capture, one
a kind, then `total: N passed, N failed, N skipped`; exit 0 only without a failure.
"""
import argparse
import concurrent.futures
import os
import pathlib
import sys
import tempfile

import capture_kinds
import kinds
from captures import captures_in, rule_sets
from command import Command
from recording import Recording
from report import JSON_KINDS, KINDS, Report, Tally


# Plug-ins, and the source of each.
PLUGINS = {"k8saudit": "k8s_audit", "cloudtrail": "aws_cloudtrail", "json": None}


def run_job(command, kind, function, arguments):
    """One comparison: its tallies. In a process of its own: what takes longest is reading JSON."""
    try:
        return function(command, *arguments)
    except (RuntimeError, KeyError, ValueError, OSError, IndexError, AttributeError) as error:
        tally = Tally(kind)
        tally.differs(type(error).__name__, f"{arguments[0]}: {error}")
        return [tally]


class Plan:
    """The comparisons to be made: (weight, kind, function, arguments), the function giving tallies."""

    def __init__(self, options, work):
        self.options = options
        self.work = work
        self.jobs = []

    def wants(self, *wanted):
        return self.options.only is None or self.options.only in wanted

    def add(self, kind, function, *arguments, weight=0):
        self.jobs.append((weight, kind, function, arguments))

    # ---- inputs of plug-ins ----

    def add_recordings(self, folders, corpus):
        recordings = [Recording(folder, self.work) for folder in folders]
        if self.options.plugins:
            for recording in recordings:
                recording.keep_sources(PLUGINS.values())
        by_name = {entry.name: entry for recording in recordings for entry in recording.inputs}
        for recording in recordings:
            self.add_inputs(recording, corpus / "rules")
            self.add_rules(recording, by_name)
            self.add_loads(recording)

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
                if name in by_name and self.options.input in (None, name):
                    self.add("rules", kinds.rules, by_name[name], path, rows)

    def add_loads(self, recording):
        if not self.wants("load") or self.options.input or self.options.plugins:
            return
        for kind, table in (("probe", "probes.jsonl"), ("format", "format.rejected.jsonl"),
                            ("condition", "differential/rejected.jsonl"), ("file", "rules-validate.jsonl")):
            for number, entry in enumerate(recording.table(table)):
                work = self.work / f"{kind}{number}"
                work.mkdir()
                self.add("load", kinds.load_entry, recording, work, kind, entry)

    # ---- captures ----

    def add_captures(self, captures, rules_folder):
        for capture in captures:
            if self.options.input in (None, capture.path.stem, capture.name):
                weight = capture.path.stat().st_size
                for kind, function, *arguments in self.capture_jobs(capture, rules_folder):
                    if self.wants(kind):
                        self.add(kind, function, capture, *arguments, weight=weight)

    def capture_jobs(self, capture, rules_folder):
        """(kind, function, further arguments) of what was recorded and asked for."""
        if self.options.fields:
            if capture.has("fields.jsonl"):
                yield "scap-fields", capture_kinds.fields, self.work
            if capture.has("events.tsv"):
                yield "scap-events", capture_kinds.events, self.work
        elif self.options.format:
            if capture.has("format.expected.jsonl"):
                yield "scap-format", capture_kinds.formats
        elif self.options.differential:
            for path, expected in rule_sets(self.options.differential):
                if capture.file in expected:
                    yield "scap-rules", capture_kinds.random_rules, path, expected[capture.file]
        else:
            for kind, suffix, files in (("scap-alerts", "expected.jsonl", capture_kinds.STABLE),
                                        ("scap-alerts-all", "expected-all.jsonl", capture_kinds.EVERY)):
                if capture.has(suffix):
                    rules = [rules_folder / file for file in files]
                    yield kind, capture_kinds.alerts, kind, suffix, rules

    def run(self, command):
        """All tallies. The longest comparisons start first."""
        self.jobs.sort(key=lambda job: -job[0])
        with concurrent.futures.ProcessPoolExecutor(os.cpu_count()) as pool:
            running = [pool.submit(run_job, command, *job[1:]) for job in self.jobs]
            for future in running:
                yield from future.result()


def details_name(options):
    """Where mismatches go: a file for each way of comparing."""
    what = "-differential" if options.differential else "-fields" if options.fields else \
        "-format" if options.format else ""
    return f"oracle{what}-mismatches.txt"


def plugin_settings(options, work):
    """A falco.yaml for the plug-ins that the recordings were made with, with the same settings."""
    path = work / "falco.yaml"
    path.write_text("plugins:\n" + "".join(
        f"  - name: {name}\n    library_path: {options.plugins.resolve()}/lib{name}.so\n"
        f"    init_config: {{useAsync: false}}\n    isolated: {str(options.isolated).lower()}\n"
        for name in PLUGINS))
    return path


def compare(options, recorded, captures, work):
    corpus = pathlib.Path(os.environ.get("RT_CORPUS", "../shared/corpus")).resolve()
    plan = Plan(options, work)
    plan.add_recordings(recorded, corpus)
    plan.add_captures(captures, corpus / "rules")
    report = Report(JSON_KINDS if recorded else ())
    settings = plugin_settings(options, work) if options.plugins else None
    for tally in plan.run(Command(options.build.resolve() / "tools/rtctl/rtctl", settings)):
        report.add(tally)
    results = options.build / "results"
    results.mkdir(parents=True, exist_ok=True)
    return report.print(results / details_name(options))


def parse():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folders", nargs="+", metavar="FOLDER", type=pathlib.Path)
    parser.add_argument("--build", type=pathlib.Path, default=pathlib.Path("build"))
    parser.add_argument("--only", choices=KINDS)
    parser.add_argument("--input", help="one input or capture by name")
    what = parser.add_mutually_exclusive_group()
    what.add_argument("--fields", action="store_true", help="captures: values of fields")
    what.add_argument("--format", action="store_true", help="captures: random output formats")
    what.add_argument("--differential", metavar="SETS", type=pathlib.Path,
                      help="captures: the random rules of this folder")
    what.add_argument("--plugins", metavar="DIR", type=pathlib.Path,
                      help="inputs of plug-ins: through the plug-ins in this folder")
    parser.add_argument("--isolated", action="store_true", help="with --plugins: each in a process of its own")
    return parser.parse_args()


def main():
    options = parse()
    only_captures = options.fields or options.format or options.differential
    recorded, captures = [], []
    for folder in options.folders:
        found = captures_in(folder.resolve())
        if (folder / "manifest.tsv").exists() and not only_captures:
            recorded.append(folder.resolve())
        elif not found:
            print(f"{folder}: no .scap and no manifest.tsv there", file=sys.stderr)
            return 2
        captures += found
    if options.differential and not list(rule_sets(options.differential)):
        print(f"{options.differential}: no .expected.json there", file=sys.stderr)
        return 2
    with tempfile.TemporaryDirectory() as work:
        return compare(options, recorded, captures, pathlib.Path(work))


if __name__ == "__main__":
    sys.exit(main())
