# SPDX-License-Identifier: Apache-2.0
"""harness.py - run rtctl on bad input and look at what it costs.

Inputs are made as streams, and this process stays small: what the kernel counts as the command's
memory begins with what its parent had when it was started.
"""
import os
import re
import subprocess
import sys
import tempfile
import threading
import unittest

MIB = 1 << 20
# Of a whole run without anything large, so that a bound is about what the input adds.
BASE_MIB = 48
HANG_SECONDS = 120
POSITION = re.compile(r"^[^\n]*:[1-9]\d*:[1-9]\d*: (error|warning): .*\[RT\d{4}\]$", re.M)


class Result:
    """What one run of the command came to; seconds are the processor's."""

    def __init__(self, code, out, err, mib, seconds):
        self.code, self.out, self.err, self.mib, self.seconds = code, out, err, mib, seconds

    def text(self):
        return self.out.decode("utf-8", "replace")

    def said(self):
        return self.err.decode("utf-8", "replace")

    def number(self, what):
        """N of a line "N what" in the summary; 0 when it is not there."""
        found = re.search(rf"(\d+) {what}", self.said())
        return int(found.group(1)) if found else 0


def _pour(pipe, chunks):
    try:
        for chunk in chunks:
            pipe.write(chunk)
        pipe.close()
    except (BrokenPipeError, ValueError):
        pass


class Hostile(unittest.TestCase):
    """A test case with a folder of its own and a command to run."""

    rtctl = None
    memory_factor = 1

    def setUp(self):
        self._folder = tempfile.TemporaryDirectory(prefix="hostile-")
        self.addCleanup(self._folder.cleanup)

    def path(self, name, *chunks):
        """A new file of these chunks: text, bytes, or iterables of them."""
        path = os.path.join(self._folder.name, name)
        with open(path, "wb") as file:
            for chunk in chunks:
                for part in [chunk] if isinstance(chunk, (str, bytes)) else chunk:
                    file.write(part.encode() if isinstance(part, str) else part)
        return path

    def run_command(self, *args, stdin=None, seconds=HANG_SECONDS):
        self._forget_memory()
        out, err = tempfile.TemporaryFile(), tempfile.TemporaryFile()
        child = subprocess.Popen([self.rtctl, *args], stdout=out, stderr=err,
                                 stdin=subprocess.PIPE if stdin is not None else
                                 subprocess.DEVNULL)
        if stdin is not None:
            pourer = threading.Thread(target=_pour, args=(child.stdin, stdin), daemon=True)
            pourer.start()
        timer = threading.Timer(seconds, child.kill)
        timer.start()
        _, status, usage = os.wait4(child.pid, 0)
        child.returncode = os.waitstatus_to_exitcode(status)
        timer.cancel()
        out.seek(0)
        err.seek(0)
        result = Result(child.returncode, out.read(16 * MIB), err.read(16 * MIB),
                        usage.ru_maxrss / 1024, usage.ru_utime + usage.ru_stime)
        out.close()
        err.close()
        self.assertGreaterEqual(result.code, 0,
                                f"{args[0]} died of signal {-result.code} after "
                                f"{result.seconds:.1f} s: {result.said()[-2000:]}")
        if "HOSTILE_VERBOSE" in os.environ:
            print(f"\n  {self._testMethodName}: {args[0]} exit {result.code}, {result.mib:.0f} MiB,"
                  f" {result.seconds:.2f} s: {(result.said() or result.text())[:300]!r}",
                  file=sys.stderr)
        return result

    @staticmethod
    def _forget_memory():
        """The command's account begins with the most that this process ever had: forget that."""
        try:
            with open("/proc/self/clear_refs", "w", encoding="ascii") as file:
                file.write("5")
        except OSError:
            pass

    def check(self, *files, code=None, extra_mib=16):
        """rtctl check of these files: the exit code, and memory of @a extra_mib more than none."""
        result = self.run_command("check", *files)
        if code is not None:
            self.assertEqual(result.code, code, result.text()[-2000:] + result.said()[-2000:])
        self.assert_small(result, extra_mib)
        return result

    def refuse(self, *files, extra_mib=16, what=None):
        """rtctl check refuses these, and says where."""
        result = self.check(*files, code=1, extra_mib=extra_mib)
        self.assertRegex(result.text(), POSITION)
        if what:
            self.assertIn(what, result.text())
        return result

    def judge(self, rules, source, *inputs, stdin=None, extra_mib=16, code=0, args=()):
        """rtctl run: events of the inputs, with the summary."""
        result = self.run_command("run", "-r", rules, "--summary", "always", *args,
                                  "--source", source, *inputs, stdin=stdin)
        self.assertEqual(result.code, code, result.said()[-2000:])
        self.assert_small(result, extra_mib)
        return result

    def assert_small(self, result, extra_mib):
        self.assertLess(result.mib, (BASE_MIB + extra_mib) * self.memory_factor)


def repeat(chunk, n):
    """@a chunk @a n times, one after the other."""
    for _ in range(n):
        yield chunk
