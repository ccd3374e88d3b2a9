#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""test_isolated.py RTCTL FOLDER: plug-ins in processes of their own give what they give in rtctl's, byte for
byte, alerts and messages; and what can be said about such a process is understood. FOLDER has the plug-ins."""
import pathlib
import re
import subprocess
import sys
import tempfile
import unittest

RTCTL, PLUGINS = sys.argv[1], pathlib.Path(sys.argv[2]).resolve()

ALL_FIELDS = ("%evt.num %evt.rawtime %evt.pluginname %evt.plugininfo %evt.source %ticker.text %ticker.n %ticker.even"
              " %ticker.since %ticker.at %ticker.addr %ticker.addr6 %ticker.net %ticker.words %ticker.numbers"
              " %ticker.flags %ticker.arg[k] %ticker.arg[10] %ticker.index %ticker.index[3] %ticker.missing"
              " %ticker.failing %ticker.id")


def rule(name, condition, output, source="ticker"):
    return (f"- rule: {name}\n  desc: d\n  condition: {condition}\n  output: \"{output}\"\n"
            f"  priority: WARNING\n  source: {source}\n")


RULES = {
    "every field of every event": rule("All", "ticker.n > 0", ALL_FIELDS),
    "fields that few events are asked for": rule("Seldom", "ticker.n in (7, 300, 301, 599)", ALL_FIELDS)
    + rule("Never", "ticker.n = 4711 and ticker.words intersects (w1)", "x")
    + rule("Half", "ticker.even = true and ticker.arg[x] = x and ticker.index[4] = 4", "%ticker.text"),
    "lists, addresses and what is not there": rule("Lists", "ticker.words intersects (w5, w8) or ticker.net in"
                                                   " (10.0.0.0/30)", "%ticker.words %ticker.net")
    + rule("Absent", "not ticker.missing exists and not ticker.failing exists and ticker.addr6 = 'fe80::7'",
           "%ticker.addr6 %ticker.failing"),
    "transformers and texts": rule("Texts", "toupper(ticker.text) = N9 or ticker.text endswith 11 or"
                                   " len(ticker.words) = 3 and ticker.n >= 598", "%toupper(ticker.text) %ticker.text"),
}
LIES = ("truth", "short", "huge", "len_less", "type", "params", "many_params", "param_beyond", "id", "batch_null",
        "batch_size", "result", "failure", "empty", "open_null", "text_end")


class Isolated(unittest.TestCase):
    maxDiff = None

    def run_it(self, rules, *args, plugins=("ticker",), extra=""):
        with tempfile.TemporaryDirectory() as folder:
            (pathlib.Path(folder) / "r.yaml").write_text(rules)
            entries = "".join(f"  - name: {name}\n    library_path: {PLUGINS}/{name}.so\n{extra}"
                              for name in plugins)
            (pathlib.Path(folder) / "c.yaml").write_text("plugins:\n" + entries)
            return subprocess.run([RTCTL, args[0], "-c", f"{folder}/c.yaml", "-r", f"{folder}/r.yaml", *args[1:]],
                                  capture_output=True, text=True, timeout=60, check=False)

    def compare(self, rules, *args, timed=True, **more):
        """What both say, but for how long it took; with timed=False, but for the times of events, too."""
        runs = [self.run_it(rules, *args, *isolated, **more) for isolated in ((), ("--isolate-plugins",))]
        for run in runs:
            run.stderr = re.sub(r" in [\d.]+ s \(.*/s\)", "", run.stderr)
            if not timed:
                run.stdout = re.sub(r"(?m)^\S+ ", "", run.stdout)
        here, there = runs
        self.assertEqual(there.stdout, here.stdout)
        self.assertEqual(there.stderr, here.stderr)
        self.assertEqual(there.returncode, here.returncode)
        return here

    def test_alerts_are_the_same(self):
        for name, rules in RULES.items():
            for batch, form in (("600", ()), ("300:1", ("--json",)), ("600:64", ()), ("600:64", ("--json",))):
                with self.subTest(rules=name, form=form, batch=batch):
                    done = self.compare(rules, "run", *form, "--summary", "always", "--source", "ticker", batch)
                    self.assertEqual(done.returncode, 0, done.stderr)
                    self.assertNotEqual(done.stdout, "")

    def test_they_are_the_same_with_several_inputs_and_workers(self):
        for workers in ("1", "3"):
            with self.subTest(workers=workers):
                self.compare(RULES["every field of every event"], "run", "--workers", workers, "--source", "ticker",
                             "100", "50:1", "0", "200:64")

    def test_lies_are_the_same(self):
        fields = "null_array several changed null_text endless address null_address long_list half_list".split()
        rules = rule("Liar", "evt.num > 0 and not liar.several exists", "%evt.num %evt.plugininfo "
                     + " ".join(f"%liar.{field}" for field in fields), "liar")
        for lie in LIES:
            with self.subTest(lie=lie):
                done = self.compare(rules, "run", "--summary", "always", "--source", "liar", lie, plugins=("liar",),
                                    timed=False)
                self.assertIn("plug-in liar: ", done.stderr)

    def test_lists_are_the_same(self):
        for what in (("list", "plugins"), ("list", "fields", "--source", "ticker")):
            here, there = (self.run_list(*what, *more) for more in ((), ("--isolate-plugins",)))
            self.assertEqual(there, here)
            self.assertIn("ticker", here)

    def run_list(self, *args):
        with tempfile.NamedTemporaryFile("w", suffix=".yaml") as config:
            config.write(f"plugins:\n  - name: ticker\n    library_path: {PLUGINS}/ticker.so\n")
            config.flush()
            return subprocess.run([RTCTL, *args, "-c", config.name], capture_output=True, text=True, timeout=60,
                                  check=True).stdout

    def test_an_entry_says_how(self):
        rules = rule("Villain", "villain.n > 0", "n=%villain.n", "villain")
        done = self.run_it(rules, "run", "--source", "villain", "next abort 1", plugins=("villain",),
                           extra="    isolated: true\n")
        self.assertEqual((done.returncode, done.stdout.count("n=")), (1, 4), done.stderr)
        self.assertIn("plugin 'villain': its process was ended by signal 6 (SIGABRT)", done.stderr)
        # What a sanitizer reserves is memory, too: the cap itself is test_isolate.c's.
        how = "{restarts: 1, reopen: true, memory_mb: 100000000, deadline_ms: 5000}"
        done = self.run_it(rules, "run", "--source", "villain", "next abort 1", plugins=("villain",),
                           extra=f"    isolated: {how}\n")
        self.assertEqual((done.returncode, done.stdout.count("n=")), (1, 8), done.stderr)
        self.assertIn("note: its process is started again; 0 more times", done.stderr)
        done = self.run_it(rules, "run", "--source", "villain", "next hang 1", plugins=("villain",),
                           extra="    isolated: {deadline_ms: 2000}\n")
        self.assertIn("its process gave no answer to next_batch within 2000 ms, and was ended", done.stderr)

    def test_an_entry_that_is_wrong_is_refused(self):
        for text, message in (("yes please", "'isolated' takes true or false"),
                              ("{restarts: many}", "'restarts' takes a number"),
                              ("{memory_mb: -1}", "'memory_mb' takes a number"),
                              ("{reopen: 3}", "'reopen' takes true or false")):
            done = self.run_it(RULES["transformers and texts"], "check", extra=f"    isolated: {text}\n")
            self.assertIn(message, done.stderr)

    def test_other_sources_go_on(self):
        rules = rule("Villain", "villain.n > 0", "n=%villain.n", "villain") + RULES["every field of every event"]
        alone = self.run_it(rules, "run", "--source", "ticker", "50", plugins=("ticker",))
        done = self.run_it(rules, "run", "--isolate-plugins", "--source", "villain", "next crash 1", "--source",
                           "ticker", "50", plugins=("ticker", "villain"))
        ticks = [line for line in done.stdout.splitlines() if " n=" not in line]
        self.assertEqual(ticks, alone.stdout.splitlines(), done.stderr)
        self.assertEqual(done.stdout.count(" n="), 4)

    def test_another_helper_can_be_named(self):
        done = subprocess.run([RTCTL, "list", "plugins", "--isolate-plugins", "-o",
                               f"plugins=[{{name: ticker, library_path: {PLUGINS}/ticker.so}}]"],
                              env={"RT_PLUGIN_HOST": "/not/there"}, capture_output=True, text=True, check=False)
        self.assertEqual(done.returncode, 1)
        self.assertIn("cannot start '/not/there'", done.stderr)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
