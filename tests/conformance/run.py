#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""run.py [--build DIR] [--only KIND] [--id TEXT] CORPUS: run the cases of a conformance corpus.

CORPUS holds KIND.jsonl files; inputs and rule files that cases name are looked up in it and beside it.
One line a kind, then `total: N passed, N failed, N skipped`; exit 0 only without a failure.
"""
import argparse
import collections
import gzip
import json
import pathlib
import re
import sys
import tempfile

import kinds_eval
import kinds_load
import kinds_parse
from probe import Probe

KINDS = {
    "load": kinds_load.load,
    "filter-parse": kinds_parse.filter_parse,
    "list-fields": kinds_parse.list_fields,
    "filter-eval": kinds_eval.filter_eval,
    "format": kinds_eval.format_case,
    "detect": kinds_load.detect,
}


class Context:
    """What a case may need: the probe and the files of the corpus."""

    def __init__(self, probe, corpus):
        self.probe = probe
        self.roots = [corpus, corpus.parent]

    def path(self, name):
        for root in self.roots:
            if (root / name).exists():
                return root / name
        raise FileNotFoundError(f"{name}: not in the corpus")

    def files(self, case):
        """The rule files of @case as the probe takes them."""
        found = []
        for file in case["files"]:
            text = file["content"] if "content" in file else \
                self.path(file["path"]).read_text(encoding="utf-8")
            found.append({"name": file.get("name", "rules.yaml"), "text": text})
        return found

    def detect(self, case, **question):
        """The rules of @case over its input. Captures are compressed: the probe is given plain ones."""
        source = case["input"]
        path = self.path(source["path"])
        with tempfile.TemporaryDirectory() as folder:
            if source["type"] == "scap":
                plain = pathlib.Path(folder) / path.name
                plain.write_bytes(gzip.decompress(path.read_bytes()))
                path = plain
            return self.probe.ask("detect", files=self.files(case), source=source.get("source", "syscall"),
                                  path=str(path), **question)


def judge(case, context, check):
    """(outcome, [what differs]) of one case."""
    try:
        problems = check(case, context)
    except FileNotFoundError as error:
        return "failed", [str(error)]
    if problems is None:
        return "skipped", []
    return ("failed", problems) if problems else ("passed", [])


def group_of(case, problem):
    """Mismatches that look alike stand together."""
    return f"{case['kind']}/{case['feature']}: {re.sub(r'[0-9]+', 'N', problem)[:100]}"


def run_kind(path, context, wanted, report):
    """Counter of the outcomes of one file of cases."""
    counts = collections.Counter()
    for line in path.read_text(encoding="utf-8").splitlines():
        case = json.loads(line)
        if wanted and wanted not in case["id"]:
            continue
        outcome, problems = judge(case, context, KINDS[path.stem])
        counts[outcome] += 1
        for problem in problems:
            report.append((case, problem))
    return counts


def print_groups(report):
    groups = collections.Counter(group_of(case, problem) for case, problem in report)
    for text, count in groups.most_common(25):
        print(f"  {count:5} {text}")
    if len(groups) > 25:
        print(f"        ... and {len(groups) - 25} more groups")


def write_report(path, report):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.unlink(missing_ok=True)
    if not report:
        return
    with open(path, "w", encoding="utf-8") as out:
        for case, problem in report:
            out.write(f"{case['id']}: {problem}\n")
    print(f"all mismatches: {path}")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("corpus", type=pathlib.Path)
    parser.add_argument("--build", type=pathlib.Path, default=pathlib.Path("build"))
    parser.add_argument("--only", help="one kind")
    parser.add_argument("--id", default="", help="cases whose id contains this")
    options = parser.parse_args()
    files = [options.corpus / f"{kind}.jsonl" for kind in KINDS if options.only in (None, kind)]
    files = [path for path in files if path.exists()]
    if not files:
        print(f"{options.corpus}: no cases here", file=sys.stderr)
        return 2
    probe = Probe(options.build / "tests/conformance/probe")
    context = Context(probe, options.corpus.resolve())
    total = collections.Counter()
    report = []
    for path in files:
        before = len(report)
        counts = run_kind(path, context, options.id, report)
        total += counts
        print(f"{path.stem}: {counts['passed']} passed, {counts['failed']} failed, "
              f"{counts['skipped']} skipped", flush=True)
        print_groups(report[before:])
    probe.close()
    write_report(options.build / "results/conformance-mismatches.txt", report)
    print(f"total: {total['passed']} passed, {total['failed']} failed, {total['skipped']} skipped")
    return 1 if total["failed"] else 0


if __name__ == "__main__":
    sys.exit(main())
