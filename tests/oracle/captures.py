# SPDX-License-Identifier: Apache-2.0
"""Captures of system calls, and what the reference made of each: NAME.scap with files beside it."""
import gzip
import json
import pathlib

from recording import read_bytes

CELLS = 20  # of a row of NAME.events.tsv


class Capture:
    """One NAME.scap."""

    def __init__(self, path):
        self.path = path
        self.folder = path.parent
        self.file = path.name
        self.name = f"{path.parent.name}/{path.stem}"
        self.source = "syscall"

    def __str__(self):
        return self.name

    def beside(self, suffix):
        return self.folder / f"{self.path.stem}.{suffix}"

    def has(self, suffix):
        path = self.beside(suffix)
        return path.exists() or path.with_name(path.name + ".gz").exists()

    def lines(self, suffix):
        """The objects of NAME.suffix, one a line."""
        data = read_bytes(self.beside(suffix)) or b""
        return [json.loads(line) for line in data.decode("utf-8").split("\n") if line]

    def rows(self, suffix):
        """The rows of NAME.suffix, each a list of (key, text)."""
        data = read_bytes(self.beside(suffix)) or b""
        for line in data.decode("utf-8").split("\n"):
            cells = line.split("\t")
            if len(cells) == CELLS:
                yield [tuple(cell.split(":", 1)) for cell in cells]
            elif line:
                raise ValueError(f"{self.beside(suffix)}: {len(cells)} cells: {line[:80]}")

    def size(self):
        """How many bytes it holds once unpacked; a capture that is not packed holds what it has."""
        data = self.path.read_bytes()
        if data[:2] != b"\x1f\x8b":
            return len(data)
        try:
            return len(gzip.decompress(data))
        except (OSError, EOFError):
            return len(data)


def captures_in(folder):
    """Those of @folder; where it has none itself, those of its sub-folders."""
    own = sorted(folder.glob("*.scap"))
    return [Capture(path) for path in own or sorted(folder.glob("*/*.scap"))]


def rule_sets(folder):
    """(rules file, {file name of a capture: {rule: [count, sum, first, last]}}) of each set."""
    for path in sorted(pathlib.Path(folder).glob("*.expected.json")):
        yield path.with_name(path.name.replace(".expected.json", ".yaml")), json.loads(path.read_bytes())
