#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Filtering in the kernel loses no alert: one workload, watched twice at once.

usage: differential.py RTCTL SECONDS RULES...

Two `rtctl run` watch the same processes, which this script starts: one has the rules filter in
the kernel, the other gets every event of the types that rules ask for. Both have to raise the
same alerts. Needs root and BTF; exits with 77 (skipped) and says why without them.
"""
import os
import random
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time

SKIP = 77
READY_SECONDS = 60
# Marks where comparing begins and ends: an event type that the other rules do not look at.
MARKS = """
- rule: Mark of the differential test
  desc: begins and ends what is compared
  condition: evt.type = mkdir and evt.arg.path startswith "MARK"
  output: mark %evt.arg.path
  priority: NOTICE
  source: syscall
"""


class Workload:
    """Random things that rules look at, and as many that they do not, by children of one shell."""

    FILES = ["/etc/shadow", "/etc/hosts", "/etc/passwd", "/etc/sudoers", "/etc/pam.d/common-auth",
             "/etc/pam.d", "/etc", "/no/such/file", "/etc/none", "/proc/self/status", "/dev/null",
             "/etc//shadow", "/etc/./shadow", "/etc/pam.d/../shadow", "/usr/bin/true", "/bin/true"]

    def __init__(self, seed, folder):
        self.random = random.Random(seed)
        self.folder = folder
        self.counts = {}
        os.chdir(folder)
        for name, target in (("shadow-link", "/etc/shadow"), ("etc-link", "/etc")):
            os.symlink(target, os.path.join(folder, name))
        self.server = socket.socket()
        self.server.bind(("127.0.0.1", 0))
        self.server.listen(64)
        self.steps = [self.open_file, self.open_file, self.open_file, self.open_relative,
                      self.open_up, self.open_from_directory, self.write_file, self.connect,
                      self.duplicate, self.link, self.execute, self.pipe, self.change_directory,
                      self.rename_self, self.traverse]

    def run(self, until):
        while time.monotonic() < until:
            for _ in range(25):
                step = self.random.choice(self.steps)
                self.counts[step.__name__] = self.counts.get(step.__name__, 0) + 1
                try:
                    step()
                except OSError:
                    pass
            time.sleep(0.02)  # neither side is to lose events: this is not about speed

    def try_open(self, path, flags=os.O_RDONLY, at=None):
        fd = os.open(path, flags, 0o644, dir_fd=at)
        try:
            if self.random.random() < 0.5:
                os.read(fd, 16)
        finally:
            os.close(fd)

    def open_file(self):
        links = [self.folder + "/shadow-link", self.folder + "/etc-link/shadow"]
        flags = self.random.choice([os.O_RDONLY, os.O_RDONLY | os.O_CLOEXEC, os.O_PATH])
        self.try_open(self.random.choice(self.FILES + links), flags)

    def open_relative(self):
        os.chdir(self.random.choice(["/etc", "/", self.folder + "/etc-link"]))
        self.try_open(self.random.choice(["shadow", "etc/shadow", "hosts", "pam.d/su", "nothing"]))
        os.chdir(self.folder)

    def open_up(self):
        self.try_open(self.random.choice(["../../etc/shadow", "../../../../etc/passwd",
                                          "../nothing/at/all", "../"]))

    def traverse(self):
        self.try_open(self.random.choice(["/var/../etc/shadow", "/tmp/../etc/../etc/passwd"]))

    def open_from_directory(self):
        at = os.open(self.random.choice(["/etc", "/etc/pam.d", "/", self.folder]), os.O_RDONLY)
        try:
            self.try_open(self.random.choice(["shadow", "../etc/shadow", "etc/sudoers", "su"]),
                          at=at)
        finally:
            os.close(at)

    def write_file(self):
        path = os.path.join(self.folder, self.random.choice(["plain", "some.log", ".hidden"]))
        flags = os.O_WRONLY | self.random.choice([os.O_CREAT, os.O_CREAT | os.O_TRUNC, 0])
        fd = os.open(path, flags, 0o755)
        os.write(fd, b"text")
        os.close(fd)

    def connect(self):
        kind = self.random.random()
        if kind < 0.4:
            with socket.create_connection(self.server.getsockname(), 1):
                self.server.accept()[0].close()
        elif kind < 0.6:
            with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
                s.sendto(b"x", ("127.0.0.1", 9))
        elif kind < 0.8:
            with socket.socket(socket.AF_UNIX) as s:
                s.connect("/no/such/socket")
        else:
            with socket.socket() as s:
                s.connect(("127.0.0.1", 1))

    def duplicate(self):
        with socket.create_connection(self.server.getsockname(), 1) as s:
            self.server.accept()[0].close()
            child = os.fork()
            if child == 0:
                os.dup2(s.fileno(), 0)
                os.dup2(s.fileno(), 1)
                os._exit(0)
            os.waitpid(child, 0)
        os.close(os.dup(2))

    def link(self):
        name = os.path.join(self.folder, "l%d" % self.random.randrange(1 << 30))
        (os.symlink if self.random.random() < 0.5 else os.link)(
            self.random.choice(["/etc/shadow", "/etc/hosts", self.folder + "/plain"]), name)
        os.unlink(name)

    def execute(self):
        args = self.random.choice([
            ["/bin/true"], ["/bin/cat", "/etc/shadow"], ["/usr/bin/find", "/etc/pam.d"],
            ["/bin/grep", "-r", "BEGIN PRIVATE", self.folder], ["/no/such/program"],
            ["/bin/sh", "-c", "cat < /etc/shadow > /dev/null; exit 3"]])
        subprocess.run(args, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)

    def pipe(self):
        first, second = os.pipe()
        os.write(second, b"abc")
        os.read(first, 3)
        os.close(first)
        os.close(second)

    def change_directory(self):
        os.chdir(self.random.choice(["/", "/etc", "/tmp"]))
        os.chdir(self.folder)

    def rename_self(self):
        name = self.random.choice(["sshd", "worker", "httpd", "systemd"])
        with open("/proc/self/comm", "w", encoding="ascii") as comm:
            comm.write(name)


def work(seconds, seed, folder, start, marks):
    """What the watched child does. `start` tells it when both sides see it."""
    n = 0
    while not os.read(start, 1):
        pass
    os.set_blocking(start, False)
    while True:  # a mark again and again, until both have shown one
        n += 1
        try:
            os.mkdir("%s-begin-%d" % (marks, n))
        except OSError:
            pass
        time.sleep(0.2)
        try:
            if os.read(start, 1):
                break
        except BlockingIOError:
            pass
    os.mkdir(marks + "-from")
    load = Workload(seed, folder)
    load.run(time.monotonic() + seconds)
    os.chdir("/")
    os.mkdir(marks + "-to")
    print("  done by the workload: " +
          ", ".join("%d %s" % (n, name) for name, n in sorted(load.counts.items())))
    sys.stdout.flush()
    for n in range(100 * READY_SECONDS):  # what is buffered on the way comes out
        os.mkdir("%s-after-%d" % (marks, n))
        time.sleep(0.05)


class Side:
    """One rtctl, its alerts as they come."""

    def __init__(self, rtctl, rules, pid, filtering):
        self.name = "filter=" + filtering
        args = [rtctl, "run", "--summary", "always"]
        for path in rules:
            args += ["-r", path]
        args += ["--source", "syscall",
                 "kernel:tree=%d,ring=%d,filter=%s" % (pid, 1 << 26, filtering)]
        self.lines = []
        self.errors = []
        self.process = subprocess.Popen(args, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                        text=True, errors="replace")
        self.readers = [threading.Thread(target=self.read, args=pair) for pair in
                        ((self.process.stdout, self.lines), (self.process.stderr, self.errors))]
        for reader in self.readers:
            reader.start()

    @staticmethod
    def read(stream, lines):
        for line in stream:
            lines.append(line.rstrip("\n"))

    def has(self, text):
        return any(text in line for line in list(self.lines))

    def stop(self):
        self.process.send_signal(signal.SIGINT)
        try:
            self.process.wait(30)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        for reader in self.readers:
            reader.join()

    def alerts(self, mark):
        """Between the marks, without the time in front, sorted."""
        texts = [line.split(" ", 1)[1] if " " in line else line for line in self.lines]
        first = next(i for i, t in enumerate(texts) if mark + "-from" in t)
        last = next(i for i, t in enumerate(texts) if mark + "-to" in t)
        return sorted(texts[first + 1:last])


def wait_for(what, sides, text, seconds):
    until = time.monotonic() + seconds
    while not all(side.has(text) for side in sides):
        if any(side.process.poll() is not None for side in sides) or time.monotonic() > until:
            for side in sides:
                print("%s said: %s; %d alerts, last %s"
                      % (side.name, "; ".join(side.errors[-5:]), len(side.lines), side.lines[-1:]))
            sys.exit("differential: no alert about %s" % what)
        time.sleep(0.1)


def report(sides, mark):
    on, off = (side.alerts(mark) for side in sides)
    print("  alerts: %d with filtering, %d without" % (len(on), len(off)))
    for side in sides:
        print("  %s: %s" % (side.name, " | ".join(side.errors[-4:])))
    if on == off:
        return 0 if on else 1
    left, right = list(on), list(off)
    for line in on:
        if line in right:
            right.remove(line)
            left.remove(line)
    for line in right[:10]:
        print("  only without filtering: " + line)
    for line in left[:10]:
        print("  only with filtering: " + line)
    return 1


def main():
    rtctl, seconds, rules = sys.argv[1], float(sys.argv[2]), sys.argv[3:]
    if os.geteuid() != 0 or not os.path.exists("/sys/kernel/btf/vmlinux"):
        print("differential: skipped: needs root and a kernel with BTF")
        return SKIP
    seed = int(os.environ.get("SEED", time.time_ns() % 100000))
    folder = tempfile.mkdtemp(prefix="rt-differential-")
    mark = folder + "/mark"
    marks = os.path.join(folder, "marks.yaml")
    with open(marks, "w", encoding="utf-8") as f:
        f.write(MARKS.replace("MARK", mark))
    start, starter = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(starter)
        try:
            work(seconds, seed, folder, start, mark)
        finally:
            os._exit(0)
    sides = [Side(rtctl, rules + [marks], child, filtering) for filtering in ("on", "off")]
    try:
        os.write(starter, b"1")
        wait_for("the beginning", sides, mark + "-begin", READY_SECONDS)
        os.write(starter, b"2")
        wait_for("the end", sides, mark + "-to", seconds + READY_SECONDS)
    finally:
        os.close(starter)
        for side in sides:
            side.stop()
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        shutil.rmtree(folder, ignore_errors=True)
    print("differential: seed %d, %.0f seconds" % (seed, seconds))
    return report(sides, mark)


if __name__ == "__main__":
    sys.exit(main())
