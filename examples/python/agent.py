#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""A complete agent: rules from a folder, CloudTrail records in, alerts as JSON lines out.

    agent.py -r RULES [-o ALERTS] INPUT...           judge files and folders, then end
    agent.py -r RULES [-o ALERTS] -                  judge lines of the standard input, up to its end
    agent.py -r RULES [-o ALERTS] --watch FOLDER     judge files as they are put there

SIGHUP reads the rules again; if they are wrong the old ones stay in force. SIGTERM and SIGINT end it when
what was read is judged. What happened is told on the standard error.
"""
from __future__ import annotations

import argparse
import os
import select
import signal
import sys
from collections.abc import Iterator
from pathlib import Path
from types import FrameType
from typing import BinaryIO, Optional

import libruntime

POLL_SECONDS = 0.5
READ_BYTES = 1 << 20


def say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


class Signals:
    """What was asked of the agent while it did something else."""

    def __init__(self) -> None:
        self.end = self.reload = False
        self._awake, write = os.pipe()
        os.set_blocking(self._awake, False)
        os.set_blocking(write, False)
        signal.set_wakeup_fd(write, warn_on_full_buffer=False)
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            signal.signal(number, self._arrived)

    def _arrived(self, number: int, _: Optional[FrameType]) -> None:
        if number == signal.SIGHUP:
            self.reload = True
        else:
            self.end = True

    def wait(self, *files: int, seconds: Optional[float] = None) -> bool:
        """Wait for one of the files or a signal: can a file be read?"""
        ready, _, _ = select.select([self._awake, *files], [], [], seconds)
        if self._awake in ready:
            try:
                os.read(self._awake, 4096)
            except BlockingIOError:
                pass
        return any(file in ready for file in files)


class Agent:
    def __init__(self, options: argparse.Namespace, signals: Signals) -> None:
        self.options = options
        self.signals = signals
        self.engine = libruntime.Engine()
        self.load()  # wrong rules end the program here
        out: BinaryIO = open(options.output, "ab") if options.output else sys.stdout.buffer
        self.worker = self.engine.worker(
            match_all=options.all, outputs=[libruntime.JsonLines(out)], on_skipped=self.skipped
        )

    def skipped(self, row: libruntime.Skipped) -> None:
        say(f"skipped: {row.input}, byte {row.offset}: {row.what}")

    def load(self) -> None:
        rules = self.engine.load(self.options.rules)
        for diagnostic in rules.diagnostics:
            say(str(diagnostic))
        self.engine.use(rules)
        say(f"{len(rules)} rules in force")

    def attend(self) -> bool:
        """Do what signals asked for. False: the agent is to end."""
        if self.signals.reload:
            self.signals.reload = False
            try:
                self.load()
            except libruntime.Error as error:
                say(f"the old rules stay in force: {error}")
        return not self.signals.end

    # ---- where records come from ----

    def lines(self) -> Iterator[bytes]:
        """Whole lines of the standard input."""
        rest, more = b"", True
        while more and self.attend():
            if not self.signals.wait(0):
                continue
            data = os.read(0, READ_BYTES)
            more = bool(data)
            whole, end, last = data.rpartition(b"\n")
            if end or not more:
                yield rest + whole + end
                rest = b""
            rest += last
        if rest:
            yield rest

    def arrivals(self, folder: Path) -> Iterator[Path]:
        """Files of a folder, each once, for as long as the agent runs."""
        seen: set[str] = set()
        while self.attend():
            there = {entry.name for entry in os.scandir(folder) if entry.is_file()}
            yield from (folder / name for name in sorted(there - seen))
            seen = there
            self.signals.wait(seconds=POLL_SECONDS)

    def judge(self, *paths: Path) -> None:
        try:
            self.worker.open(self.options.source, *paths)
            while self.attend() and self.worker.read() is not None:
                pass
        except libruntime.Error as error:
            say(f"error: {error}")

    def run(self) -> None:
        if self.options.watch:
            for path in self.arrivals(self.options.watch):
                self.judge(path)
        elif self.options.inputs == ["-"]:
            for data in self.lines():
                self.worker.feed(self.options.source, data)
        else:
            self.judge(*map(Path, self.options.inputs))
        stats = self.worker.stats()
        say(f"{stats.events} events, {stats.alerts} alerts, {stats.skipped} records skipped")
        self.worker.close()
        self.engine.close()


def main() -> int:
    parser = argparse.ArgumentParser(description="Judge CloudTrail records by rules.")
    parser.add_argument("-r", "--rules", required=True, help="a rule file, or a folder of them")
    parser.add_argument("-s", "--source", default="aws_cloudtrail", help="what the records are")
    parser.add_argument("-o", "--output", help="a file to add alerts to, instead of the standard output")
    parser.add_argument("-a", "--all", action="store_true", help="every rule that matches raises an alert")
    parser.add_argument("-w", "--watch", type=Path, metavar="FOLDER", help="judge files as they are put here")
    parser.add_argument("inputs", nargs="*", help="files, folders, or - for the standard input")
    options = parser.parse_args()
    if bool(options.watch) == bool(options.inputs):
        parser.error("either inputs, or --watch")
    try:
        Agent(options, Signals()).run()
    except libruntime.Error as error:
        say(str(error))
        return 2
    except BrokenPipeError:  # whoever read the alerts is gone
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
