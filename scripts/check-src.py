#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""check-src.py: what no compiler refuses and this project does not want in its sources."""
import pathlib
import re
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
TOKENS = re.compile(r'/\*.*?\*/|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\'', re.S)
BANNED = re.compile(r"\b(strcpy|strcat|sprintf|vsprintf|strtok|atoi|strtol|gets|alloca)\s*\(")
# In the library: memory comes from the host's allocator, and nothing prints or ends the process.
LIBRARY = re.compile(r"\b(malloc|calloc|realloc|free|strdup|strndup|asprintf|printf|puts|perror|exit|abort"
                     r"|system|signal|setlocale)\s*\(")
# Inputs have no allocator to ask: rt_reader_ops knows none.
LIBRARY_EXEMPT = ("src/base/alloc.c", "src/inputs/", "src/live/")
UNFINISHED = re.compile(r"\b(TODO|FIXME|XXX|HACK)\b")
# Pages and places outside of the project.
OUTSIDE = re.compile(r"\b(rules-format|conditions|json-sources|state-engine|house-style|contract)\.md\b"
                     r"|/[w]ork/|\bspec/\w")
LICENSED = {".c", ".h", ".def", ".py", ".sh", ".lua", ".build", ".yaml", ".yml", ".map", ".scd"}
COLUMNS = {".c": 100, ".h": 100, ".py": 120}


def blanked(text):
    """@text with comments and literals blanked, line breaks kept."""
    return TOKENS.sub(lambda m: re.sub(r"[^\n]", " ", m.group(0)), text)


def tracked():
    names = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, check=True, capture_output=True)
    return [name for name in names.stdout.decode().split("\0") if name]


def of_c_source(name, text):
    code = blanked(text)
    for number, line in enumerate(code.splitlines(), 1):
        match = BANNED.search(line)
        if match:
            yield number, f"{match.group(1)}() is banned"
        match = LIBRARY.search(line)
        if match and name.startswith("src/") and not name.startswith(LIBRARY_EXEMPT):
            yield number, f"{match.group(1)}() in the library"
    for number, line in enumerate(text.splitlines(), 1):
        if "\t" in line:
            yield number, "a tab"


def problems(name):
    path = ROOT / name
    suffix = path.suffix
    if name.startswith("fuzz/corpus/") or name.startswith("tests/data/"):
        return
    try:
        text = path.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        return
    head = "\n".join(text.split("\n", 3)[:3])
    if (suffix in LICENSED or text.startswith("#!")) and "SPDX-License-Identifier: Apache-2.0" not in head:
        yield 1, "no SPDX-License-Identifier line"
    if suffix in (".c", ".h"):
        yield from of_c_source(name, text)
    for number, line in enumerate(text.splitlines(), 1):
        if len(line) > COLUMNS.get(suffix, len(line)):
            yield number, f"a line of more than {COLUMNS[suffix]} columns"
        if name != "scripts/check-src.py":
            if UNFINISHED.search(line):
                yield number, "unfinished"
            if OUTSIDE.search(line) and "requestObject/spec/" not in line:
                yield number, "names something outside of the project"


def main():
    bad = 0
    for name in tracked():
        if not (ROOT / name).is_file():
            continue
        for number, what in problems(name):
            print(f"{name}:{number}: {what}")
            bad += 1
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
