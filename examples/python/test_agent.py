# SPDX-License-Identifier: Apache-2.0
"""The example agent, run as users run it, with the libruntime that this Python has."""
from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

AGENT = Path(__file__).with_name("agent.py")
RULE = """
- rule: {name}
  desc: d
  condition: ct.user.identitytype = Root
  output: "%ct.name"
  priority: WARNING
  source: aws_cloudtrail
"""


def record(name: str, kind: str = "Root") -> bytes:
    return json.dumps({
        "eventID": name, "eventName": name, "eventType": "AwsApiCall", "eventTime": "2024-05-01T10:00:00Z",
        "awsRegion": "us-east-1", "eventSource": "iam.amazonaws.com", "userIdentity": {"type": kind},
    }).encode() + b"\n"


@pytest.fixture()
def rules(tmp_path: Path) -> Path:
    (tmp_path / "rules").mkdir()
    (tmp_path / "rules" / "a.yaml").write_text(RULE.format(name="First"))
    return tmp_path / "rules"


class Running:
    """An agent that runs; what it says is read up to what is waited for."""

    def __init__(self, folder: Path, *arguments: object) -> None:
        self.said = folder / "stderr"
        with open(self.said, "wb") as stderr:
            self.process = subprocess.Popen(
                [sys.executable, str(AGENT), *map(str, arguments)],
                stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=stderr,
            )

    def wait_for(self, text: str, times: int = 1) -> None:
        for _ in range(500):
            if self.said.read_text().count(text) >= times:
                return
            assert self.process.poll() is None, self.said.read_text()
            time.sleep(0.02)
        raise AssertionError(f"never said {text!r}: {self.said.read_text()}")

    def give(self, data: bytes) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(data)
        self.process.stdin.flush()

    def alert(self) -> dict[str, Any]:
        assert self.process.stdout is not None
        document: dict[str, Any] = json.loads(self.process.stdout.readline())
        return document

    def end(self, number: signal.Signals = signal.SIGTERM) -> int:
        self.process.send_signal(number)
        return self.process.wait(20)


@pytest.fixture()
def agents() -> Iterator[list[Running]]:
    started: list[Running] = []
    yield started
    for agent in started:
        if agent.process.poll() is None:
            agent.process.kill()
        agent.process.communicate()


def run(*arguments: object, data: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    command = [sys.executable, str(AGENT), *map(str, arguments)]
    return subprocess.run(command, input=data, capture_output=True, timeout=60, check=False)


def test_files_and_folders_are_judged(rules: Path, tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "a.json").write_bytes(record("A") + record("B", "IAMUser"))
    (tmp_path / "in" / "b.json").write_bytes(record("C"))
    done = run("-r", rules, "-o", tmp_path / "alerts", tmp_path / "in")
    assert done.returncode == 0, done.stderr
    alerts = [json.loads(line) for line in (tmp_path / "alerts").read_text().splitlines()]
    assert [alert["output_fields"]["ct.name"] for alert in alerts] == ["A", "C"]
    assert b"3 events, 2 alerts, 0 records skipped" in done.stderr


def test_the_standard_input_is_judged_to_its_end(rules: Path) -> None:
    done = run("-r", rules, "-", data=record("A") + b"{broken\n" + record("B").rstrip())
    assert done.returncode == 0 and done.stdout.count(b'"rule":"First"') == 2
    assert b"skipped: memory" in done.stderr


def test_wrong_rules_end_it_with_every_problem(rules: Path) -> None:
    (rules / "b.yaml").write_text(RULE.format(name="Second").replace("ct.user.", "ct.usr."))
    done = run("-r", rules, "-", data=record("A"))
    assert done.returncode == 2 and b"b.yaml:" in done.stderr and not done.stdout


def test_rules_are_read_again_and_wrong_ones_refused(
    rules: Path, tmp_path: Path, agents: list[Running]
) -> None:
    agent = Running(tmp_path, "-r", rules, "-")
    agents.append(agent)
    agent.wait_for("1 rules in force")
    agent.give(record("A"))
    assert agent.alert()["rule"] == "First"
    (rules / "a.yaml").write_text(RULE.format(name="Second"))
    agent.process.send_signal(signal.SIGHUP)
    agent.wait_for("1 rules in force", times=2)
    agent.give(record("B"))
    assert agent.alert()["rule"] == "Second"
    (rules / "a.yaml").write_text("- rule: broken\n")
    agent.process.send_signal(signal.SIGHUP)
    agent.wait_for("the old rules stay in force")
    agent.give(record("C"))
    assert agent.alert()["rule"] == "Second"
    assert agent.end() == 0
    assert "3 events, 3 alerts, 0 records skipped" in agent.said.read_text()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_ends_when_told_and_judges_what_was_put_in_its_folder(
    rules: Path, tmp_path: Path, agents: list[Running], number: signal.Signals
) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    agent = Running(tmp_path, "-r", rules, "--watch", folder)
    agents.append(agent)
    agent.wait_for("1 rules in force")
    for name in ("A", "B"):
        (tmp_path / "new").write_bytes(record(name))
        os.rename(tmp_path / "new", folder / f"{name}.json")
        assert agent.alert()["output_fields"]["ct.name"] == name
    assert agent.end(number) == 0
    assert "2 events, 2 alerts" in agent.said.read_text()


def test_a_reader_that_goes_away_ends_it(rules: Path, agents: list[Running], tmp_path: Path) -> None:
    agent = Running(tmp_path, "-r", rules, "-")
    agents.append(agent)
    agent.wait_for("1 rules in force")
    assert agent.process.stdout is not None
    agent.process.stdout.close()
    agent.give(record("A"))
    assert agent.process.wait(20) == 1
