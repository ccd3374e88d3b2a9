#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""test_captures.py: comparisons with recordings of captures notice what differs, and nothing else."""
import gzip
import json
import pathlib
import subprocess
import tempfile
import unittest

import capture_kinds
from captures import captures_in

ALERT = {"hostname": "vm", "output": "t: Notice o", "output_fields": {"evt.num": 3}, "priority": "Notice",
         "rule": "r", "source": "syscall", "tags": [], "time": "2026-01-01T00:00:00.000000000Z"}
FIELDS = {"evt.num": 3, "evt.type": "open", "fd.types": ["file", "pipe"], "proc.fdusage": 1.0,
          "proc.tty": 0, "evt.failed": False, "user.name": None, "fd.ip": None, "util.cnt": 2}
CELLS = "n:3\tt:1\ttype:open" + "".join(f"\tk{i}:v{i}" for i in range(17))


class Replayed:
    """Stands for the command: gives what it is told to."""

    def __init__(self, lines, code=0):
        text = "".join(json.dumps(line, separators=(",", ":"), sort_keys=True) + "\n" for line in lines)
        self.done = subprocess.CompletedProcess([], code, text.encode(), b"no such thing")

    def replay(self, *_):
        return self.done


class Captures(unittest.TestCase):
    def setUp(self):
        self.work = tempfile.TemporaryDirectory()
        self.addCleanup(self.work.cleanup)
        self.folder = pathlib.Path(self.work.name) / "some"
        self.folder.mkdir()
        (self.folder / "a.scap").write_bytes(b"")
        (self.folder / "a.events.tsv.gz").write_bytes(gzip.compress(f"{CELLS}\n".encode()))
        row = {"evt.num": 3, "fields": FIELDS}
        (self.folder / "a.fields.jsonl.gz").write_bytes(gzip.compress(json.dumps(row).encode()))
        self.capture, = captures_in(self.folder.parent)

    def expect(self, *alerts):
        (self.folder / "a.expected.jsonl").write_text("".join(json.dumps(a) + "\n" for a in alerts))

    def alerts(self, *got, code=0):
        tally, = capture_kinds.alerts(Replayed(got, code), self.capture, "scap-alerts", "expected.jsonl", [])
        return tally.passed, tally.failed

    def fields(self, **changed):
        row = {name.replace("_", "."): value for name, value in changed.items()}
        lines = [{"output_fields": dict(FIELDS, **row)}]
        tally, = capture_kinds.fields(Replayed(lines), self.capture, pathlib.Path(self.work.name))
        return tally.passed, tally.failed, [group for group, _ in tally.problems]

    def events(self, *rows, container="host"):
        lines = [{"output": "t: Debug " + "\t".join(c.split(":", 1)[1] for c in row.split("\t"))
                  + "\t" + container}
                 for row in rows]
        tally, = capture_kinds.events(Replayed(lines), self.capture, pathlib.Path(self.work.name))
        return tally.passed, tally.failed, [group for group, _ in tally.problems]

    def rules(self, numbers, code=0, name="r"):
        path = pathlib.Path(self.work.name) / "set.yaml"
        path.write_text("- rule: r\n- rule: silent\n")
        lines = [{"output_fields": {"evt.num": n}, "rule": name} for n in numbers]
        tally, = capture_kinds.random_rules(Replayed(lines, code), self.capture, path, {"r": [2, 5, 2, 3]})
        return tally.passed, tally.failed

    def test_alerts_are_compared_with_every_key(self):
        self.expect(ALERT)
        self.assertEqual(self.alerts(dict(ALERT, id="ours")), (1, 0))
        self.assertEqual(self.alerts(dict(ALERT, hostname="host")), (0, 1))
        self.assertEqual(self.alerts(dict(ALERT, output_fields={"evt.num": 3, "more": 1})), (0, 1))
        self.assertEqual(self.alerts(dict(ALERT, output_fields={})), (0, 1))

    def test_missing_and_superfluous_alerts_fail(self):
        self.expect(ALERT)
        self.assertEqual(self.alerts(), (0, 1))
        self.assertEqual(self.alerts(ALERT, dict(ALERT, rule="s")), (1, 1))

    def test_silence_counts_where_it_is_expected(self):
        self.expect()
        self.assertEqual(self.alerts(), (1, 0))
        self.assertEqual(self.alerts(ALERT), (0, 1))

    def test_a_replay_that_fails_is_no_silence(self):
        self.expect()
        self.assertEqual(self.alerts(code=1), (0, 1))

    def test_fields_keep_their_types(self):
        self.assertEqual(self.fields(), (8, 0, []))
        self.assertEqual(self.fields(proc_tty=False), (7, 1, ["proc.tty"]))
        self.assertEqual(self.fields(proc_fdusage=1), (7, 1, ["proc.fdusage"]))
        self.assertEqual(self.fields(user_name="<NA>"), (7, 1, ["user.name"]))

    def test_sets_have_no_order_and_chance_is_not_compared(self):
        self.assertEqual(self.fields(fd_types=["pipe", "file"], util_cnt=9), (8, 0, []))
        self.assertEqual(self.fields(fd_types=["pipe"]), (7, 1, ["fd.types"]))

    def test_cells_of_every_event_are_compared(self):
        self.assertEqual(self.events(CELLS), (20, 0, []))
        self.assertEqual(self.events(CELLS.replace("k16:v16", "k16:w:16"))[:2], (19, 1))
        self.assertEqual(self.events(), (0, 1, ["no such event"]))
        self.assertEqual(self.events(CELLS, CELLS.replace("n:3", "n:4")), (20, 1, ["an event too many"]))

    def test_names_of_ids_in_containers_are_not_compared(self):
        args = CELLS.replace("k16:v16", "args:res=0 uid=0(root)")
        (self.folder / "a.events.tsv.gz").write_bytes(gzip.compress(f"{args}\n".encode()))
        got = args.replace("(root)", "(<NA>)")
        self.assertEqual(self.events(got, container="3ad7b26ded6d"), (19, 0, []))
        self.assertEqual(self.events(got)[:2], (19, 1))
        self.assertEqual(self.events(got.replace("res=0", "res=1"), container="3ad7b26ded6d")[:2], (19, 1))

    def test_rules_match_the_events_they_should(self):
        self.assertEqual(self.rules([2, 3]), (2, 0))
        self.assertEqual(self.rules([2, 3], name="silent"), (0, 2))
        self.assertEqual(self.rules([1, 4]), (1, 1))
        self.assertEqual(self.rules([], code=1), (0, 1))


if __name__ == "__main__":
    unittest.main()
