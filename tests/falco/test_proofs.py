#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""test_proofs.py: proofs.txt names a test for every function of the plug-in ABI, these tests exist, and
every message of src/falco is expected by some test.

A message is expected if each piece of it between conversions, of at least LEAST characters, stands in a
test. UNREACHED has those that no plug-in can bring about, each with its reason."""
import pathlib
import re
import sys

HERE = pathlib.Path(__file__).resolve().parent
SOURCES = HERE.parent.parent / "src" / "falco"
LEAST = 8
UNREACHED = {
    "out of memory": "the allocator fails",
    "no room for another table": "the allocator fails, or 256 tables",
    "cannot add its fields": "a name that no field may have is refused before",
    "cannot put plug-ins behind source": "the allocator fails",
    "cannot add source": "the allocator fails",
    "broken": "the parser always has a message",
}
TEXT = re.compile(r"\"((?:[^\"\\]|\\.)*)\"")
LIE = re.compile(r"^LIE\(\w+,\s*\"(.*)\"\)$", re.M)


def literals(text):
    """String literals, neighbours joined, without comments' and code's other quotes."""
    for run in re.finditer(r"\"(?:[^\"\\]|\\.)*\"(?:\s*\"(?:[^\"\\]|\\.)*\")*", text):
        yield "".join(TEXT.findall(run.group(0)))


def messages():
    """(file, message) of all that is said."""
    for lie in LIE.findall((SOURCES / "lies.def").read_text()):
        yield "lies.def", lie
    for path in sorted(SOURCES.glob("*.c")):
        text = re.sub(r"/\*.*?\*/", "", path.read_text(), flags=re.S)
        for call in re.finditer(r"\b(?:rti_fp_fail|(?:rti_fp_)?refuse|rti_fp_logf?)\(", text):
            depth, at = 1, call.end()
            while depth and at < len(text):
                if text[at] == '"':
                    at = TEXT.match(text, at).end()
                    continue
                depth += {"(": 1, ")": -1}.get(text[at], 0)
                at += 1
            for message in literals(text[call.end():at]):
                yield path.name, message


def pieces(message):
    return [p for p in re.split(r"%[-+ 0-9.*]*(?:zu|[a-zA-Z])", message) if len(p.strip()) >= LEAST]


def main():
    wrong = []
    tests, said = set(), []
    for path in sorted(HERE.glob("test_*.[cp]*")):
        text = path.read_text()
        tests |= {"/".join(t) for t in re.findall(r"^Test\((\w+), (\w+)", text, re.M)}
        tests |= {"/".join(t) for t in re.findall(r"^ParameterizedTest\([^,]+, (\w+), (\w+)\)", text, re.M)}
        if path.name != pathlib.Path(__file__).name:
            said += list(literals(text))
            said += [m for m in re.findall(r"'([^'\n]*)'", text)] if path.suffix == ".py" else []
    expected = "\n".join(said)
    functions = re.findall(r"^SYMBOL\((\w+),", (SOURCES / "symbols.def").read_text(), re.M)
    rows = [line.split() for line in (HERE / "proofs.txt").read_text().splitlines() if line[:1] not in "#"]
    wrong += [f"proofs.txt: {f} has no row" for f in functions if f not in [r[0] for r in rows]]
    wrong += [f"proofs.txt: there is no function {r[0]}" for r in rows if r[0] not in functions]
    wrong += [f"proofs.txt: {r[0]}: there is no test {t}" for r in rows for t in r[1:] or ["at all"] if t not in tests]
    n = 0
    for name, message in messages():
        n += 1
        if any(key in message for key in UNREACHED):
            continue
        wrong += [f"{name}: no test expects \"{p}\"" for p in pieces(message) if p.strip(" ':,;") not in expected]
    print("\n".join(wrong) or f"{len(functions)} functions, {n} messages, {len(tests)} tests")
    sys.exit(bool(wrong))


if __name__ == "__main__":
    main()
