#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""layout.py [--build DIR]: write tests/abi/layout.c, which holds the offset of every member of every
public struct. Run it after an intended change: the diff shows what moved."""
import argparse
import pathlib
import re
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent
STRUCT = re.compile(r"typedef struct (\w+) \{(.*?)\n\} \w+;", re.S)
HEAD = """/* SPDX-License-Identifier: Apache-2.0 */
/*
 * layout.c - where every member of every public struct stands, on 64-bit machines: for ever, within
 * a major version. Made by scripts/layout.py; members are only ever added at the end, and then here
 * too.
 */
#include <assert.h>
#include <libruntime/runtime.h>

#if UINTPTR_MAX == UINT64_MAX
"""


def structs():
    """(name, members) of every struct of the headers."""
    for header in ("types.h", "source.h", "fields.h", "runtime.h"):
        text = (ROOT / "include/libruntime" / header).read_text(encoding="utf-8")
        text = re.sub(r"/\*.*?\*/", "", text, flags=re.S)
        for name, body in STRUCT.findall(text):
            body = re.sub(r"union \{.*?\} (\w+);", r"int \1;", body, flags=re.S)
            members = []
            for part in filter(str.strip, body.split(";")):
                function = re.search(r"\(\*(\w+)\)", part)
                declared = [function.group(1)] if function else \
                    [re.findall(r"\w+", re.sub(r"\[.*?\]", "", one))[-1] for one in part.split(",")]
                members += declared
            yield name, members


def measured(build):
    """"NAME.MEMBER" or "NAME" -> number, as the compiler sees it."""
    lines = []
    for name, members in structs():
        lines.append(f'printf("{name} %zu\\n", sizeof({name}));')
        lines += [f'printf("{name}.{m} %zu\\n", offsetof({name}, {m}));' for m in members]
    with tempfile.TemporaryDirectory() as work:
        source, program = pathlib.Path(work) / "layout.c", pathlib.Path(work) / "layout"
        source.write_text("#include <stdio.h>\n#include <libruntime/runtime.h>\nint\nmain(void)\n{\n"
                          + "\n".join(lines) + "\n}\n", encoding="utf-8")
        subprocess.run(["cc", "-I", ROOT / "include", "-I", build / "include", source, "-o", program],
                       check=True)
        out = subprocess.run([program], check=True, capture_output=True, text=True).stdout
    return dict(line.split() for line in out.splitlines())


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--build", type=pathlib.Path, default=ROOT / "build")
    parser.add_argument("--check", action="store_true", help="only say whether it is up to date")
    options = parser.parse_args()
    numbers = measured(options.build)
    text = HEAD
    for name, members in structs():
        text += f"\nstatic_assert(sizeof({name}) == {numbers[name]}, \"{name}\");\n"
        for member in members:
            text += f"static_assert(offsetof({name}, {member}) == {numbers[f'{name}.{member}']}, " \
                    f"\"{name}.{member}\");\n"
    text += "#endif\n\nint\nmain(void)\n{\n        return 0;\n}\n"
    path = ROOT / "tests/abi/layout.c"
    text = subprocess.run(["clang-format", f"--assume-filename={path}"], input=text, check=True,
                          capture_output=True, text=True).stdout
    if options.check:
        if path.read_text(encoding="utf-8") == text:
            return 0
        print("tests/abi/layout.c: members were added or moved; run scripts/layout.py")
        return 1
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
