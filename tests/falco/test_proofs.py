#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""test_proofs.py: proofs.txt names a test for every function, lie and limit of the plug-in ABI, these tests
exist, and every message of src/falco is expected by some test.

What needs a row is read from the sources:
  NAME               a function that plug-ins export (symbols.def)
  host:STRUCT.MEMBER a function pointer that plug-ins are given (abi.h), as the host's own does it
  plugin:STRUCT.MEMBER  the same where plug-ins give it: what is in the struct of a table that they own
  call:NAME          a function whose address one side hands to the other (abi.h, rti_fp_NAME)
  lie:NAME           lies.def; one of its tests' files has the lie's text
  limit:NAME         limits.def

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
    "cannot add its fields": "a name that no field may have is refused before",
    "cannot put plug-ins behind source": "the allocator fails",
    "cannot add source": "the allocator fails",
    "broken": "the parser always has a message",
}
TEXT = re.compile(r"\"((?:[^\"\\]|\\.)*)\"")
LIE = re.compile(r"^LIE\((\w+),\s*\"(.*)\"\)$", re.M)
TABLE = "rti_fp_table_input"  # what both sides give


def literals(text):
    """String literals, neighbours joined, without comments' and code's other quotes."""
    for run in re.finditer(r"\"(?:[^\"\\]|\\.)*\"(?:\s*\"(?:[^\"\\]|\\.)*\")*", text):
        yield "".join(TEXT.findall(run.group(0)))


def bare(text):
    return re.sub(r"/\*.*?\*/", "", text, flags=re.S)


def messages():
    """(file, message) of all that is said."""
    for _, lie in LIE.findall((SOURCES / "lies.def").read_text()):
        yield "lies.def", lie
    for path in sorted(SOURCES.glob("*.c")):
        text = bare(path.read_text())
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


def pointers(abi):
    """Rows that the structs and the types of functions of abi.h ask for."""
    abi = bare(abi)
    calls = re.findall(r"^typedef [^;{]*?\brti_fp_(\w+_fn)\(", abi, re.M)
    structs = dict(re.findall(r"^typedef struct (rti_fp_\w+) \{(.*?)^\}", abi, re.M | re.S))
    del structs["rti_fp_api"]  # symbols.def
    functions = {}
    for name, body in structs.items():
        members = re.findall(r"\(\*(\w+)\)\(", body)
        members += re.findall(r"\brti_fp_\w+_fn \*(\w+);", body)
        functions[name] = members
    lent = set(re.findall(r"\b(rti_fp_\w+)\b", structs[TABLE]))
    wanted = [f"call:{c}" for c in calls]
    for name, members in functions.items():
        for side in ("host", "plugin") if name in lent else ("host",):
            wanted += [f"{side}:{name.removeprefix('rti_fp_')}.{m}" for m in members]
    return wanted


def read_tests():
    """{test: file's literals}, all literals."""
    tests, said = {}, []
    for path in sorted(HERE.glob("test_*.[cp]*")):
        if path.name == pathlib.Path(__file__).name:
            continue
        text = path.read_text()
        mine = list(literals(text))
        mine += [m for m in re.findall(r"'([^'\n]*)'", text)] if path.suffix == ".py" else []
        said += mine
        for test in re.findall(r"^Test\((\w+), (\w+)", text, re.M):
            tests["/".join(test)] = "\n".join(mine)
        for test in re.findall(r"^ParameterizedTest\([^,]+, (\w+), (\w+)\)", text, re.M):
            tests["/".join(test)] = "\n".join(mine)
    return tests, "\n".join(said)


def check_rows(proofs, wanted, lies, tests):
    """What is wrong with the rows."""
    rows = [line.split() for line in proofs.splitlines() if line[:1] not in "#"]
    names = [row[0] for row in rows]
    wrong = [f"proofs.txt: {w} has no row" for w in wanted if w not in names]
    wrong += [f"proofs.txt: there is no {n}" for n in names if n not in wanted]
    wrong += [f"proofs.txt: {n} has two rows" for n in set(names) if names.count(n) > 1]
    wrong += [f"proofs.txt: {r[0]}: there is no test {t}" for r in rows for t in r[1:] or ["at all"] if t not in tests]
    for name, lie in lies:
        mine = [t for r in rows if r[0] == f"lie:{name}" for t in r[1:]]
        if mine and not any(lie in tests.get(t, "") for t in mine):
            wrong.append(f"proofs.txt: lie:{name}: no file of its tests has \"{lie}\"")
    return wrong


def read_wanted(symbols, abi, lies, limits):
    return (re.findall(r"^SYMBOL\((\w+),", symbols, re.M) + pointers(abi) + [f"lie:{name}" for name, _ in lies]
            + [f"limit:{name}" for name in re.findall(r"^LIMIT\((\w+),", limits, re.M)])


def check_the_check(proofs, sources, lies, tests):
    """Each row that is left out, each test that is gone, each thing that is new is found."""
    symbols, abi, limits = sources
    wanted = read_wanted(symbols, abi, lies, limits)
    missed = []
    lines = [line for line in proofs.splitlines() if line[:1] not in "#"]
    for line in lines:
        if not check_rows(proofs.replace(line + "\n", "", 1), wanted, lies, tests):
            missed.append(f"without the row of {line.split()[0]}")
    for test in {t for line in lines for t in line.split()[1:]}:
        if not check_rows(proofs, wanted, lies, {t: text for t, text in tests.items() if t != test}):
            missed.append(f"without the test {test}")
    for name, lie in lies:
        dumb = {test: text.replace(lie, "") for test, text in tests.items()}
        if not check_rows(proofs, wanted, lies, dumb):
            missed.append(f"without a test that expects {name}")
    new = {
        "a symbol": (symbols + "\nSYMBOL(new, 0, void, (void))\n", abi, limits),
        "a member": (symbols, abi.replace("void (*release)(", "int (*grow)(void *);\n void (*release)(", 1), limits),
        "a pointer": (symbols, abi.replace("uint32_t n_fields;", "rti_fp_each_fn *again;", 1), limits),
        "a type": (symbols, abi + "\ntypedef int rti_fp_new_fn(void);\n", limits),
        "a limit": (symbols, abi, limits + "\nLIMIT(NEW, 1, \"\")\n"),
    }
    for what, (more, other, most) in new.items():
        if not check_rows(proofs, read_wanted(more, other, lies, most), lies, tests):
            missed.append(f"with {what} that is new")
    if not check_rows(proofs, wanted + ["lie:NEW"], [*lies, ("NEW", "new")], tests):
        missed.append("with a lie that is new")
    return [f"the check finds nothing {m}" for m in missed]


def main():
    tests, expected = read_tests()
    proofs = (HERE / "proofs.txt").read_text()
    sources = [(SOURCES / name).read_text() for name in ("symbols.def", "abi.h", "limits.def")]
    lies = LIE.findall((SOURCES / "lies.def").read_text())
    wanted = read_wanted(sources[0], sources[1], lies, sources[2])
    wrong = check_rows(proofs, wanted, lies, tests)
    n = 0
    for name, message in messages():
        n += 1
        if any(key in message for key in UNREACHED):
            continue
        wrong += [f"{name}: no test expects \"{p}\"" for p in pieces(message) if p.strip(" ':,;") not in expected]
    wrong = wrong or check_the_check(proofs, sources, lies, tests)
    print("\n".join(wrong) or f"{len(wanted)} functions, lies and limits, {n} messages, {len(tests)} tests")
    sys.exit(bool(wrong))


if __name__ == "__main__":
    main()
