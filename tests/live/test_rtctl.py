#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""test_rtctl.py RTCTL: what rtctl says of lost events while a reader of its alerts is too slow."""
import json
import os
import pathlib
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import unittest

RTCTL = sys.argv.pop(1)
OPENS = 40000
RULES = """
- rule: opens
  desc: d
  condition: evt.type = openat
  output: o
  priority: NOTICE
- rule: sockets
  desc: d
  condition: evt.type = socket
  output: o
  priority: NOTICE
"""
CHILD = f"""
import os, sys
sys.stdin.readline()
for i in range({OPENS}):
    try:
        os.open("/nowhere/at/all", os.O_RDONLY)
    except OSError:
        pass
os._exit(0)
"""


def why_not():
    """Why this machine cannot be watched, or None."""
    done = subprocess.run([RTCTL, "run", "--duration", "1", "-e", "kernel:tree=1", "-r", "/dev/null"],
                          capture_output=True, text=True, timeout=60)
    return None if done.returncode == 0 else done.stderr.strip()


class Losses(unittest.TestCase):
    def setUp(self):
        self.dir = pathlib.Path(tempfile.mkdtemp())
        (self.dir / "rules.yaml").write_text(RULES, encoding="utf-8")
        self.child = subprocess.Popen([sys.executable, "-c", CHILD], stdin=subprocess.PIPE,
                                      text=True)
        self.rtctl = None

    def tearDown(self):
        for process in (self.child, self.rtctl):
            if process:
                process.kill()
                process.wait()
        self.rtctl.stdout.close()
        self.err.close()
        shutil.rmtree(self.dir)

    def lines(self, pause_s):
        """The alerts; with a pause behind each while the child lives. Then rtctl is told to end."""
        told = False
        for line in self.rtctl.stdout:
            yield json.loads(line)
            if self.child.poll() is None:
                time.sleep(pause_s)
            elif not told:
                told = True
                self.rtctl.send_signal(signal.SIGTERM)

    def test_alerts_and_summary_tell_how_many_were_lost_and_who_was_blind(self):
        self.err = open(self.dir / "err", "w+", encoding="utf-8")
        self.rtctl = subprocess.Popen(
            [RTCTL, "run", "-r", self.dir / "rules.yaml", "--json", "--summary", "always", "-e",
             f"kernel:ring=65536,tree={self.child.pid}"],
            stdout=subprocess.PIPE, stderr=self.err, text=True)
        time.sleep(3)  # attached, and the lists are read
        self.child.stdin.write("go\n")
        self.child.stdin.close()
        judged, alerts = 0, []
        for alert in self.lines(0.001):
            if alert["rule"] == "opens":
                judged += 1
            else:
                alerts.append(alert)
        self.assertEqual(self.rtctl.wait(timeout=60), 0)
        self.err.seek(0)
        summary = self.err.read()
        lost = int(re.search(r"(?m)^\s+(\d+)  ring full, file: opens$", summary).group(1))
        self.assertEqual(judged + lost, OPENS, summary)
        self.assertGreater(lost, 0)
        self.assertEqual(sum(a["output_fields"]["n_drops"] for a in alerts), lost)
        self.assertLess(len(alerts), 10)
        for alert in alerts:
            self.assertEqual(alert["rule"], "Falco internal: syscall event drop")
            self.assertEqual((alert["source"], alert["priority"]), ("internal", "Debug"))
            self.assertEqual(alert["output_fields"]["rules"], ["opens"])
            self.assertRegex(alert["time"], r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{9}Z$")
            self.assertEqual(list(alert), sorted(alert))


if __name__ == "__main__":
    reason = why_not()
    if reason:
        print(f"skipped: {reason}")
        sys.exit(77)
    unittest.main()
