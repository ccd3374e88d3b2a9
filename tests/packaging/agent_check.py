# SPDX-License-Identifier: Apache-2.0
"""agent_check.py AGENT: what the complete example agents have in common, asked of the program itself."""
import json
import os
import pathlib
import signal
import subprocess
import sys
import tempfile
import time

RULE = """
- rule: {name}
  desc: d
  condition: ct.user.identitytype = Root
  output: "%ct.name"
  priority: WARNING
  source: aws_cloudtrail
"""


def record(name, kind="Root"):
    return json.dumps({
        "eventID": name, "eventName": name, "eventType": "AwsApiCall", "eventTime": "2024-05-01T10:00:00Z",
        "awsRegion": "us-east-1", "eventSource": "iam.amazonaws.com", "userIdentity": {"type": kind},
    }).encode() + b"\n"


def same(got, expected, what):
    if got != expected:
        raise AssertionError(f"{what}: {got!r}, expected {expected!r}")


class Scene:
    """A folder with rules, and one agent."""

    def __init__(self, command, environment, folder):
        self.command, self.environment = command, environment
        self.folder = pathlib.Path(folder)
        self.rules = self.folder / "rules"
        self.rules.mkdir()
        self.write("First")

    def write(self, name):
        (self.rules / "a.yaml").write_text(RULE.format(name=name) if name else "- rule: broken\n",
                                           encoding="utf-8")

    def run(self, *inputs, data=b"", **more):
        return subprocess.run([*self.command, self.rules, "aws_cloudtrail", *inputs], input=data, timeout=60,
                              env=self.environment, check=False, **{"capture_output": True, **more})


def judges_files_and_folders(scene):
    folder = scene.folder / "in"
    folder.mkdir()
    (folder / "a.json").write_bytes(record("A") + record("B", "IAMUser"))
    (folder / "b.json").write_bytes(record("C"))
    (scene.folder / "c.json").write_bytes(record("D"))
    done = scene.run(folder, scene.folder / "c.json")
    same(done.returncode, 0, done.stderr)
    names = [json.loads(line)["output_fields"]["ct.name"] for line in done.stdout.splitlines()]
    same(names, ["A", "C", "D"], "alerts")
    same(b"4 events, 3 alerts, 0 records skipped" in done.stderr, True, done.stderr)


def judges_the_standard_input_to_its_end(scene):
    done = scene.run("-", data=record("A") + b"{broken\n" + record("B").rstrip())
    same((done.returncode, done.stdout.count(b'"rule":"First"')), (0, 2), done.stderr)
    same(b"skipped: memory, byte " in done.stderr, True, done.stderr)


def says_what_is_wrong(scene):
    same(scene.run("/no/such/file").returncode, 1, "an input that is not there")
    with open("/dev/full", "wb") as full:
        done = scene.run("-", data=record("A"), capture_output=False, stdout=full, stderr=subprocess.PIPE)
    same(done.returncode, 1, "alerts that nobody takes")
    scene.write(None)
    done = scene.run("-")
    same((done.returncode, b"a.yaml:" in done.stderr, done.stdout), (2, True, b""), done.stderr)
    same(scene.run().returncode, 2, "too few arguments")


def reads_rules_again_and_ends_when_told(scene):
    said = scene.folder / "said"

    def wait_for(text, times=1):
        for _ in range(1000):
            if said.read_text().count(text) >= times:
                return
            time.sleep(0.01)
        raise AssertionError(f"never said {text!r}: {said.read_text()}")

    with open(said, "wb") as stderr:
        agent = subprocess.Popen([*scene.command, scene.rules, "aws_cloudtrail", "-"], stdin=subprocess.PIPE,
                                 stdout=subprocess.PIPE, stderr=stderr, env=scene.environment)
    try:
        for number, (name, expected) in enumerate((("First", "First"), ("Second", "Second"), (None, "Second")), 1):
            scene.write(name)
            if number > 1:
                agent.send_signal(signal.SIGHUP)
            if name:
                wait_for("1 rules in force", times=number)
            else:
                wait_for("the old rules stay in force")
            os.write(agent.stdin.fileno(), record("A"))
            same(json.loads(agent.stdout.readline())["rule"], expected, f"rules {number}")
        agent.send_signal(signal.SIGTERM)
        same(agent.wait(20), 0, "SIGTERM")
        wait_for("3 events, 3 alerts, 0 records skipped")
    finally:
        agent.kill()
        agent.communicate()


CHECKS = (judges_files_and_folders, judges_the_standard_input_to_its_end, says_what_is_wrong,
          reads_rules_again_and_ends_when_told)


def check(*command, **environment):
    for one in CHECKS:
        with tempfile.TemporaryDirectory() as folder:
            one(Scene(command, {"TZ": "UTC", **environment}, folder))


if __name__ == "__main__":
    check(sys.argv[1])
