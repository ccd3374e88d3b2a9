#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""bench_python [ROUNDS]: batches of 10,000 CloudTrail records judged from Python, beside the same loop in C.

Both link the same library, and judge by the stock rules. In C an alert's JSON is made and counted, in Python
alerts are returned whole. The two take turns, round by round; a figure is the median of the rounds' ratios
of CPU time.
"""
from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

BENCH = Path(__file__).resolve().parent
BUILD = BENCH.parent
RECORDS = 10_000
BAR = 1.3
LOG = "cloudtrail/invictus-aws_dataset/all.jsonl"
RULES = "rules/aws_cloudtrail_rules.yaml"


def note_bar(name: str, figure: str, verdict: str) -> None:
    bar = f"at most {BAR:g}"
    print(f"  {verdict:7} {figure:>10} {bar:16} {name}")
    path = os.environ.get("RT_BENCH_BARS")
    if path:
        with open(path, "a", encoding="utf-8") as file:
            file.write(f"{verdict}\t{figure}\t{bar}\t{name}\n")


def build_extension(folder: Path) -> Any:
    """The extension against this build's library, imported."""
    root = next(p for p in (BENCH.parent, *BENCH.parents) if (p / "bindings/python-cffi/build_ffi.py").exists())
    package = root / "bindings" / "python-cffi"
    env = {**os.environ, "RT_BUILD_DIR": str(BUILD), "RT_FFI_DIR": str(folder)}
    subprocess.run([sys.executable, str(package / "build_ffi.py")], check=True, env=env, stdout=subprocess.DEVNULL)
    for path in (package / "src" / "libruntime").glob("*.py"):
        (folder / "libruntime" / path.name).write_bytes(path.read_bytes())
    sys.path.insert(0, str(folder))
    import libruntime  # pylint: disable=import-outside-toplevel

    return libruntime


class Loop:
    """The C side."""

    def __init__(self, rules: Path, records: Path) -> None:
        command = [str(BENCH / "python_loop"), str(rules), str(records)]
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def run(self, word: str) -> tuple[float, int]:
        assert self.process.stdin is not None and self.process.stdout is not None
        self.process.stdin.write(f"{word}\n")
        self.process.stdin.flush()
        seconds, alerts, _ = self.process.stdout.readline().split()
        return float(seconds), int(alerts)


def main() -> int:
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 15
    corpus = Path(os.environ.get("RT_CORPUS", "../shared/corpus"))
    if not (corpus / LOG).exists():
        note_bar(f"skipped: no {LOG}", "", "skipped")
        return 0
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        libruntime = build_extension(folder)
        os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})  # with the loop in C, on one core
        some = [line for line in (corpus / LOG).read_bytes().split(b"\n") if line]
        lines = (some * (RECORDS // len(some) + 1))[:RECORDS]
        whole = b"\n".join(lines)
        (folder / "records").write_bytes(whole)
        dicts = [json.loads(line) for line in lines]
        engine = libruntime.Engine()
        engine.use(engine.load(corpus / RULES))
        worker = engine.worker()
        loop = Loop(corpus / RULES, folder / "records")

        def one_by_one() -> list[Any]:
            return [alert for line in lines for alert in worker.feed("aws_cloudtrail", line)]

        contenders: list[tuple[str, str, Callable[[], list[Any]], bool]] = [
            ("a list of bytes", "each", lambda: worker.feed("aws_cloudtrail", lines), True),
            ("lines", "whole", lambda: worker.feed("aws_cloudtrail", whole), True),
            ("a list of dicts", "each", lambda: worker.feed("aws_cloudtrail", dicts), False),
            ("a call for each", "each", one_by_one, False),
        ]
        bad = 0
        for name, word, judge, barred in contenders:
            ratios, in_c = [], []
            for _ in range(rounds):
                c_seconds, c_alerts = loop.run(word)
                start = time.process_time()
                alerts = judge()
                ratios.append((time.process_time() - start) / c_seconds)
                in_c.append(c_seconds)
                if len(alerts) != c_alerts:
                    raise SystemExit(f"{name}: {len(alerts)} alerts, {c_alerts} in C")
            figure = statistics.median(ratios)
            print(f"{name:18} {figure:5.2f} x C's {statistics.median(in_c) / RECORDS * 1e6:.2f} us a record, "
                  f"{c_alerts} alerts")
            if barred:
                bad |= figure > BAR
                note_bar(f"Python, {RECORDS} records, {name}", f"{figure:.2f}", "MISSED" if figure > BAR else "ok")
        loop.process.communicate()
    return int(bad)


if __name__ == "__main__":
    sys.exit(main())
