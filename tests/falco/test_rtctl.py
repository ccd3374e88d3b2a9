#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""test_rtctl.py RTCTL FOLDER: plug-ins that falco.yaml names, end to end. FOLDER has the plug-ins."""
import os
import pathlib
import subprocess
import sys
import tempfile
import unittest

RULES = """
- required_plugin_versions:
  - name: ticker
    version: 1.0.0
- rule: Even
  desc: d
  condition: ticker.even = true
  output: n=%ticker.n info=%evt.plugininfo
  priority: WARNING
  source: ticker
"""
RTCTL, PLUGINS = sys.argv[1], pathlib.Path(sys.argv[2]).resolve()


def program_of(pid):
    """What /proc says; nothing without the rights to know."""
    try:
        return os.readlink(f"/proc/{pid}/exe")
    except OSError:
        return ""


def pseudo_terminal(command):
    """What the command writes to a terminal."""
    leader, follower = os.openpty()
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=follower) as child:
        os.close(follower)
        got = b""
        try:
            while chunk := os.read(leader, 4096):
                got += chunk
        except OSError:  # the other end is closed
            pass
        os.close(leader)
        child.wait(timeout=60)
    return got.decode()


class Plugins(unittest.TestCase):
    def run_rtctl(self, config, *args, rules=RULES):
        with tempfile.TemporaryDirectory() as folder:
            (pathlib.Path(folder) / "c.yaml").write_text(config)
            (pathlib.Path(folder) / "r.yaml").write_text(rules)
            command = [RTCTL, args[0], "-c", f"{folder}/c.yaml"]
            if args[0] != "list":
                command += ["-r", f"{folder}/r.yaml"]
            return subprocess.run([*command, *args[1:]], capture_output=True, text=True, timeout=60, check=False)

    def config(self, rest="", name="ticker", library="ticker.so"):
        return f"plugins:\n  - name: {name}\n    library_path: {PLUGINS}/{library}\n{rest}"

    def test_open_params_are_read(self):
        done = self.run_rtctl(self.config("    open_params: '5'\n"), "run")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(done.stdout.count("\n"), 2)
        self.assertIn("Warning n=4 info=tick 4 of ticker at 4", done.stdout)

    def test_inputs_of_the_command_line_are_opened(self):
        done = self.run_rtctl(self.config(), "run", "--source", "ticker", "2", "4")
        self.assertEqual(done.stdout.count("\n"), 3, done.stderr)

    def test_a_mapping_is_given_as_json(self):
        config = self.config("    init_config: {a: 1, b: [true, '1'], c: {d: null, e: x}}\n    open_params: '0'\n")
        done = self.run_rtctl(config, "run")
        self.assertIn('init: {"a":1,"b":[true,"1"],"c":{"d":null,"e":"x"}}', done.stderr)

    def test_the_summary_has_the_plugin_s_numbers(self):
        done = self.run_rtctl(self.config("    open_params: '5'\n"), "run", "--summary", "always")
        self.assertIn("plug-in ticker: 0 failures, 0 things left out\n  configs 0\n  s32 -1\n", done.stderr)

    def test_progress_is_drawn_on_a_terminal(self):
        with tempfile.TemporaryDirectory() as folder:
            (pathlib.Path(folder) / "c.yaml").write_text(self.config("    open_params: '4000'\n"))
            (pathlib.Path(folder) / "r.yaml").write_text(RULES.replace("ticker.even = true", "ticker.n = 0"))
            done = pseudo_terminal([RTCTL, "run", "-c", f"{folder}/c.yaml", "-r", f"{folder}/r.yaml"])
        self.assertTrue("ticker 50.00 % (half)" in done, done[-300:])

    def test_load_plugins_chooses(self):
        done = self.run_rtctl("load_plugins: []\n" + self.config(), "list", "plugins")
        self.assertEqual(done.stdout, "")
        done = self.run_rtctl("load_plugins: [ticker]\n" + self.config(), "list", "plugins")
        self.assertIn("sourcing,extraction", done.stdout)
        done = self.run_rtctl("load_plugins: [nobody]\n" + self.config(), "list", "plugins")
        self.assertEqual(done.returncode, 1)
        self.assertIn("cannot load plugin 'nobody': plugin config not found for given name", done.stderr)

    def test_fields_are_listed(self):
        done = self.run_rtctl(self.config(), "list", "fields", "--source", "ticker")
        self.assertIn("ticker.numbers", done.stdout)
        self.assertNotIn("ticker.missing", done.stdout)

    def test_a_library_that_is_not_there_is_named(self):
        done = self.run_rtctl(self.config(library="none.so"), "check")
        self.assertEqual(done.returncode, 1)
        self.assertIn(f"cannot load plugin 'ticker' ({PLUGINS}/none.so): can't load plugin", done.stderr)

    def test_a_built_in_source_stands_in(self):
        rules = ("- rule: r\n  desc: d\n  condition: ct.user exists\n  output: o\n  priority: INFO\n"
                 "  source: aws_cloudtrail\n")
        done = self.run_rtctl(self.config(name="cloudtrail", library="none.so"), "check", rules=rules)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("the built-in one is used", done.stderr)

    def test_another_name_is_refused(self):
        done = self.run_rtctl(self.config(name="tacker"), "check")
        self.assertEqual(done.returncode, 1)
        self.assertIn("its library calls itself 'ticker'", done.stderr)

    def test_system_calls_of_a_plugin_are_judged(self):
        rules = ("- rule: Shadow\n  desc: d\n  condition: evt.type = openat and fd.name = /etc/shadow\n"
                 "  output: tid=%thread.tid exe=%proc.exepath\n  priority: WARNING\n")
        call = "307 1 q3 q-100 s/etc/shadow d1 d0 d4 q5"
        for isolated in ([], ["--isolate-plugins"]):
            config = self.config(f"    open_params: {call}\n    elsewhere: true\n", "driver", "driver.so")
            for inputs in ([], ["--source", "syscall"], ["-e", f"plugin:driver:{call}"]):
                done = self.run_rtctl(config, "run", *isolated, *inputs, rules=rules)
                self.assertEqual(done.returncode, 0, done.stderr)
                self.assertTrue(done.stdout.endswith("Warning tid=1 exe=\n"), done)
            config = self.config(f"    open_params: {call}\n", "driver", "driver.so")
            done = self.run_rtctl(config, "run", *isolated, rules=rules)
            exe = program_of(1)
            self.assertTrue(done.stdout.endswith(f"Warning tid=1 exe={exe}\n"), done)

    def test_what_cannot_be_opened_is_said(self):
        done = self.run_rtctl(self.config("    open_params: nothing\n"), "run")
        self.assertEqual(done.returncode, 1)
        self.assertIn("open failed: nothing can't be opened", done.stderr)
        done = self.run_rtctl(self.config("    open_params: nothing\n", "driver", "driver.so"), "run",
                              rules=RULES[RULES.index("- rule"):])
        self.assertEqual(done.returncode, 1)
        self.assertIn("open failed: nothing can't be opened\n"
                      "rtctl: cannot read 'plugin:driver:nothing': RT_EIO", done.stderr)
        done = self.run_rtctl(self.config(), "run", "-e", "plugin:driver:5")
        self.assertIn("no plug-in 'driver' that makes system calls was loaded; `rtctl list plugins", done.stderr)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
