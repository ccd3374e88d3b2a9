#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""test_lists.py RTCTL: the files of --list, read again on SIGHUP, or when they change, while records are
judged."""
import json
import os
import pathlib
import signal
import subprocess
import sys
import tempfile
import time
import unittest

RTCTL = sys.argv.pop(1)
SECONDS = 60

RULES = """
- list: bad
  items: []
  items_at: runtime
  items_type: string
- rule: listed
  desc: a name that the list has
  condition: ct.name in (bad)
  output: "bad %ct.name"
  priority: INFO
  source: aws_cloudtrail
- rule: other
  desc: a name that it does not have
  condition: not ct.name in (bad)
  output: "good %ct.name"
  priority: INFO
  source: aws_cloudtrail
"""
NUMBERS = RULES.replace("items_type: string", "items_type: number").replace("ct.name in", "evt.num in")


def record(name):
    return json.dumps({"eventID": f"id-{name}", "eventType": "AwsApiCall",
                       "eventTime": "2024-05-01T10:00:00Z", "eventName": name}) + "\n"


class Reload(unittest.TestCase):
    """One `rtctl run --follow` a test; `judge` appends a record and says what became of it."""

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.dir = pathlib.Path(folder.name)
        self.rules = self.write("rules.yaml", RULES)
        self.list = self.write("bad.txt", "A\n")
        self.log = self.write("log.json", "")
        self.errors = self.dir / "errors.txt"

    def write(self, name, text):
        path = self.dir / name
        path.write_text(text, encoding="utf-8")
        return path

    def begin(self, *options):
        command = [RTCTL, "run", "-r", self.rules, "--list", f"bad={self.list}", "--follow", *options,
                   "--source", "aws_cloudtrail", self.log]
        with open(self.errors, "w", encoding="utf-8") as to:
            # pylint: disable-next=consider-using-with
            self.process = subprocess.Popen([str(part) for part in command], stdout=subprocess.PIPE,
                                            stderr=to, text=True)
        self.addCleanup(self.process.stdout.close)
        self.addCleanup(self.end)
        self.until("list 'bad' has 1 elements")

    def end(self):
        self.process.terminate()
        self.assertEqual(self.process.wait(timeout=SECONDS), 0, self.said())

    def said(self):
        return self.errors.read_text(encoding="utf-8")

    def until(self, what, count=1):
        end = time.monotonic() + SECONDS
        while self.said().count(what) < count:
            self.assertLess(time.monotonic(), end, self.said())
            self.assertIsNone(self.process.poll(), self.said())
            time.sleep(0.01)

    def judge(self, name):
        with open(self.log, "a", encoding="utf-8") as more:
            more.write(record(name))
        kind, said = self.process.stdout.readline().split()[-2:]
        self.assertEqual(said, name)
        return kind

    def hang_up(self, says, count=1):
        self.process.send_signal(signal.SIGHUP)
        self.until(says, count)
        if " elements" in says:
            # "From its next event on": a worker may have been about to read this one with the list from before.
            self.judge("A")

    def fill(self, text):
        """As those do who exchange feeds: a reader sees the old file or the new one."""
        os.replace(self.write("bad.new", text), self.list)

    def exchange(self, *options):
        self.begin(*options)
        self.assertEqual([self.judge(name) for name in "AB"], ["bad", "good"])
        # The file alone changes nothing.
        self.fill("B\nC\n")
        self.assertEqual([self.judge(name) for name in "AB"], ["bad", "good"])
        self.hang_up("list 'bad' has 2 elements")
        self.assertEqual([self.judge(name) for name in "ABC"], ["good", "bad", "bad"])
        # Nothing is in it: then nothing is bad.
        self.fill("# none today\n")
        self.hang_up("list 'bad' has 0 elements")
        self.assertEqual([self.judge(name) for name in "ABC"], ["good"] * 3)
        self.fill("A")
        self.hang_up("list 'bad' has 1 elements", 2)
        self.assertEqual([self.judge(name) for name in "AB"], ["bad", "good"])

    def watch(self, *options):
        self.begin("--watch-lists", *options)
        self.assertEqual([self.judge(name) for name in "AB"], ["bad", "good"])
        self.fill("B\nC\n")
        self.until("list 'bad' has 2 elements")
        self.assertEqual([self.judge(name) for name in "ABC"], ["good", "bad", "bad"])
        # Written in place, and gone for a while.
        with open(self.list, "a", encoding="utf-8") as more:
            more.write("A\n")
        self.until("list 'bad' has 3 elements")
        self.list.unlink()
        self.write("other.txt", "x")
        self.assertEqual([self.judge(name) for name in "ABC"], ["bad"] * 3)
        self.fill("D\n")
        self.until("list 'bad' has 1 elements", 2)
        self.assertEqual([self.judge(name) for name in "AD"], ["good", "bad"])

    def test_a_file_that_changes_is_read_again(self):
        self.watch()

    def test_a_pool_sees_it_too(self):
        self.watch("--workers", "2")

    def test_a_link_that_is_turned_is_another_file(self):
        """As Kubernetes exchanges what it mounts: a folder behind a link."""
        for name in ("one", "two"):
            (self.dir / name).mkdir()
        self.write("one/bad.txt", "A\n")
        self.write("two/bad.txt", "B\nC\n")
        (self.dir / "now").symlink_to("one")
        self.list.unlink()
        self.list.symlink_to("now/bad.txt")
        self.begin("--watch-lists")
        (self.dir / "next").symlink_to("two")
        os.replace(self.dir / "next", self.dir / "now")
        self.until("list 'bad' has 2 elements")
        # And what is written where the link leads.
        self.write("two/bad.txt", "A\nB\nC\n")
        self.until("list 'bad' has 3 elements")
        self.assertEqual(self.judge("A"), "bad")

    def test_many_changes_are_few_readings(self):
        self.begin("--watch-lists")
        for i in range(200):
            self.fill("".join(f"n{k}\n" for k in range(i + 2)))
        self.until("list 'bad' has 201 elements")
        self.assertLess(self.said().count("list 'bad' has"), 20)

    def test_one_that_breaks_leaves_the_list_alone(self):
        self.begin("--watch-lists")
        self.fill("x" * 100000 + "\n")
        self.until("it is that from before")
        self.assertEqual(self.judge("A"), "bad")
        self.fill("B\n")
        self.until("list 'bad' has 1 elements", 2)
        self.assertEqual([self.judge(name) for name in "AB"], ["good", "bad"])

    def test_a_folder_that_is_not_there_cannot_be_watched(self):
        missing = self.dir / "nowhere" / "bad.txt"
        done = subprocess.run([RTCTL, "run", "-r", self.rules, "--list", f"bad={missing}", "--watch-lists",
                               "--source", "aws_cloudtrail", self.log], capture_output=True, text=True, check=False)
        self.assertEqual(done.returncode, 1)
        self.assertIn("cannot be watched: No such file or directory", done.stderr)

    def test_one_worker_sees_the_new_list(self):
        self.exchange()

    def test_so_does_a_pool(self):
        self.exchange("--workers", "2")

    def test_a_value_that_stays_is_asked_again(self):
        self.begin()
        self.assertEqual([self.judge("A") for _ in range(5)], ["bad"] * 5)
        self.fill("B\n")
        self.hang_up("has 1 elements", 2)
        self.assertEqual([self.judge("A") for _ in range(5)], ["good"] * 5)

    def test_a_broken_file_leaves_the_list_alone(self):
        self.begin()
        self.fill("B\nC\0D\n")
        self.hang_up("it is that from before")
        self.assertRegex(self.said(), r"bad\.txt:2:")
        self.assertIn(f"list 'bad' is not read from {self.list}: ", self.said())
        self.assertEqual([self.judge(name) for name in "AB"], ["bad", "good"])
        self.list.unlink()
        self.hang_up("it is that from before", 2)
        self.assertEqual([self.judge(name) for name in "AB"], ["bad", "good"])
        self.fill("B\n")
        self.hang_up("list 'bad' has 1 elements", 2)
        self.assertEqual([self.judge(name) for name in "AB"], ["good", "bad"])

    def test_a_broken_list_of_numbers_names_its_line(self):
        self.rules.write_text(NUMBERS, encoding="utf-8")
        self.fill("1\n")
        self.begin()
        self.fill("# feed\n1\n\n2x\n")
        self.hang_up("it is that from before")
        self.assertRegex(self.said(), r"bad\.txt:4:")
        self.assertEqual([self.judge(name) for name in "AB"], ["bad", "good"])

    def test_broken_rules_do_not_keep_a_list_from_changing(self):
        self.begin()
        self.rules.write_text(RULES.replace("not ct.name", "not ct.nmae"), encoding="utf-8")
        self.fill("B\n")
        self.hang_up("list 'bad' has 1 elements", 2)
        self.assertIn("the rules are those from before", self.said())
        self.assertEqual([self.judge(name) for name in "AB"], ["good", "bad"])

    def test_rules_that_want_another_kind_say_so_and_stay_out(self):
        self.begin()
        self.rules.write_text(NUMBERS, encoding="utf-8")
        self.hang_up("the rules are those from before")
        self.assertIn("list 'bad' holds string, the rules want number of it", self.said())
        self.assertEqual([self.judge(name) for name in "AB"], ["bad", "good"])

    def test_of_hangups_in_a_row_the_last_one_counts(self):
        self.begin()
        for i in range(40):
            self.fill("".join(f"n{k}\n" for k in range(i + 2)))
            self.process.send_signal(signal.SIGHUP)
        self.until("list 'bad' has 41 elements")
        self.assertEqual([self.judge(name) for name in ("n0", "n40", "n41", "A")],
                         ["bad", "bad", "good", "good"])

    def test_a_large_list_is_read_while_records_are_judged(self):
        self.begin()
        self.fill("".join(f"name-{i}\n" for i in range(1000000)))
        self.process.send_signal(signal.SIGHUP)
        self.until("the rules were read again")
        kinds = []
        while "has 1000000 elements" not in self.said():
            kinds.append(self.judge("A"))
        self.assertEqual([self.judge(name) for name in ("A", "name-0", "name-999999")], ["good", "bad", "bad"])
        # Whole or not at all: the old one, then the new one.
        self.assertEqual(kinds, sorted(kinds))


if __name__ == "__main__":
    unittest.main(verbosity=1)
