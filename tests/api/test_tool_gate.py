#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""test_tool_gate.py GATE FOLDER: the calls of FOLDER get the verdicts that stand beside them, every line is
answered, at once and whatever is in it, and wrong rules start nothing."""
import json
import pathlib
import subprocess
import sys

GATE, FOLDER = sys.argv[1], pathlib.Path(sys.argv[2])
RULES = str(FOLDER / "rules.yaml")
MOST = 1024 * 1024
failed = 0


def check(holds, what):
    global failed
    if not holds:
        failed += 1
        print(f"failed: {what}")


def run(text, *options):
    done = subprocess.run([GATE, *options, RULES], input=text, capture_output=True, timeout=60)
    return done.returncode, [json.loads(line) for line in done.stdout.splitlines()]


def as_expected():
    calls = (FOLDER / "calls.jsonl").read_bytes()
    expected = [line.split("\t") for line in (FOLDER / "verdicts.tsv").read_text().splitlines()]
    code, got = run(calls)
    check(code == 0 and len(got) == len(expected) == calls.count(b"\n"), "a verdict for each call")
    for number, (have, want) in enumerate(zip(got, expected), 1):
        check([have["verdict"], have["rule"] or "-"] == want and have["cause"] == "RT_OK",
              f"call {number}: {have}, expected {want}")


def every_line_is_answered():
    ask = {"name": "shell", "input": {"command": "python3 x.py"}}
    good = json.dumps(ask).encode()
    hostile = [b"", b"   ", b"nonsense", b"[]", b"[1]", b"{", b"\xff\xfe", b"\x00", good + b"\x00", good + b"x",
               b'{"name":' * 1000, b'"' + b"a" * 1000, good.replace(b"x.py", b"x" * MOST)]
    code, got = run(b"\n".join([good, *hostile, good]))  # no line feed behind the last one
    check(code == 0 and len(got) == len(hostile) + 2, f"{len(got)} answers")
    check([got[0]["verdict"], got[-1]["verdict"]] == ["ask", "ask"], "lines around hostile ones")
    for line, have in zip(hostile, got[1:]):
        check(have["verdict"] == "deny", f"{line[:40]}: {have}")
    check(got[-2]["cause"] == "RT_ELIMIT", f"too long: {got[-2]}")
    _, got = run(b"nonsense\n", "-e", "allow", "-d", "allow")
    check(got[0]["verdict"] == "allow" and got[0]["cause"] == "RT_EFORMAT", "fails open where that is wanted")
    told = json.dumps({"name": "shell\"\n\\", "input": {"command": "sudo \"x\"\n\t\x7f"}}).encode()
    check(len(run(told + b"\n")[1]) == 1, "what the model wrote ends no line of ours")


def at_once():
    with subprocess.Popen([GATE, RULES], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as gate:
        for _ in range(3):
            gate.stdin.write(b'{"name":"shell","input":{"command":"pwd"}}\n')
            gate.stdin.flush()
            check(json.loads(gate.stdout.readline())["verdict"] == "allow", "an answer before the next call")
        gate.stdin.close()
        check(gate.wait(10) == 0, "ends with its input")


def wrong_use():
    for arguments, code in (([], 2), (["-d", "maybe", RULES], 2), (["/nowhere.yaml"], 1), (["-s", "1000", RULES], 1)):
        done = subprocess.run([GATE, *arguments], input=b"{}\n", capture_output=True, timeout=60)
        check(done.returncode == code and not done.stdout, f"{arguments}: {done}")
    check(b"RT1206" in done.stderr, "the bound is named")
    check(run(b"{}\n", "-s", str(10**12))[0] == 0, "a bound that holds")


for part in (as_expected, every_line_is_answered, at_once, wrong_use):
    part()
sys.exit(failed > 0)
