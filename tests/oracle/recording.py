# SPDX-License-Identifier: Apache-2.0
"""A folder of recordings: its manifest, the inputs it names, and what the reference made of them."""
import csv
import gzip
import json
import pathlib


def read_bytes(path):
    """The content of @path, or of @path.gz; None where there is neither."""
    if path.exists():
        return path.read_bytes()
    packed = path.with_name(path.name + ".gz")
    return gzip.decompress(packed.read_bytes()) if packed.exists() else None


def parse(line):
    """One JSON line. A fraction keeps its spelling, so that 1.0 and 1 differ."""
    return json.loads(line, parse_float=lambda text: {"float": text})


def json_lines(data):
    return [parse(line) for line in data.decode("utf-8", "surrogateescape").split("\n") if line]


class Input:
    """One row of a manifest."""

    def __init__(self, folder, row):
        self.folder = folder
        self.name = row["name"]
        self.source = row["source"]
        self.note = row["note"] or ""
        self.recorded = folder / row["path"]
        self.path = self.recorded
        self.run = {}

    def unpack(self, work):
        """Packed inputs are unpacked first, except those that the reference unpacks itself."""
        if self.recorded.suffix == ".gz" and "plug-in itself" not in self.note:
            self.path = work / self.recorded.name[:-len(".gz")]
            self.path.write_bytes(gzip.decompress(self.recorded.read_bytes()))

    def kills_reference(self):
        """The reference dies on the input itself: there is nothing to compare with."""
        return "source_crash" in self.run

    def deadly_fields(self):
        """What the reference dies of when it is read of some event: plug-ins do."""
        return {name for crash in self.run.get("crashes", ()) for name in crash["fields"]}

    def is_utf8(self):
        if not self.path.is_file():
            return True
        try:
            self.path.read_bytes().decode("utf-8")
        except UnicodeDecodeError:
            return False
        return True

    def lines(self, suffix):
        """The objects of NAME.suffix; None: not recorded."""
        data = read_bytes(self.folder / f"{self.name}.{suffix}")
        return None if data is None else json_lines(data)

    def text(self, suffix):
        return read_bytes(self.folder / f"{self.name}.{suffix}")


class Recording:
    """A folder with a manifest.tsv."""

    def __init__(self, folder, work):
        self.folder = folder
        self.inputs = []
        with open(folder / "manifest.tsv", encoding="utf-8", newline="") as table:
            for row in csv.DictReader(table, delimiter="\t", quoting=csv.QUOTE_NONE):
                self.inputs.append(Input(folder, row))
        runs = {}
        if (folder / "runs.jsonl").exists():
            runs = {run["name"]: run for run in json_lines((folder / "runs.jsonl").read_bytes())}
        for entry in self.inputs:
            entry.run = runs.get(entry.name, {})
            entry.unpack(work)

    def keep_sources(self, sources):
        self.inputs = [entry for entry in self.inputs if entry.source in sources]

    def table(self, name):
        path = self.folder / name
        return json_lines(path.read_bytes()) if path.exists() else []

    def differential(self):
        """(rules file, {input: {rule: [count, sum, first, last]}}) of each set."""
        for path in sorted((self.folder / "differential").glob("*.expected.json")):
            rules = path.with_name(path.name.replace(".expected.json", ".yaml"))
            yield rules, json.loads(path.read_bytes())


def folders(paths):
    return [pathlib.Path(path).resolve() for path in paths]
