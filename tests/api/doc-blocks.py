#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""doc-blocks.py RTCTL ROOT BUILD: what the documents show is true. Every block of C compiles, every
block of rules in YAML loads (rules of sources that only examples have aside)."""
import pathlib
import re
import subprocess
import sys
import tempfile

BLOCK = re.compile(r"^```(c|yaml)\n(.*?)^```$", re.S | re.M)
EXAMPLE_SOURCES = ("authlog",)


def compiles(text, root, build):
    return subprocess.run(["cc", "-std=c11", "-Wall", "-Wextra", "-Werror", "-fsyntax-only", "-x", "c", "-",
                           "-I", root / "include", "-I", build / "include", "-I", root / "src/falco",
                           "-I", root / "src/lua"],
                          input=text, text=True, capture_output=True, check=False)


def loads(text, rtctl):
    with tempfile.NamedTemporaryFile("w", suffix=".yaml") as file:
        file.write(text)
        file.flush()
        return subprocess.run([rtctl, "check", "--strict", file.name], text=True, capture_output=True,
                              check=False)


def main():
    rtctl, root, build = sys.argv[1], pathlib.Path(sys.argv[2]), pathlib.Path(sys.argv[3])
    bad = seen = 0
    for path in [root / "README.md", *sorted((root / "docs").rglob("*.md"))]:
        for kind, text in BLOCK.findall(path.read_text(encoding="utf-8")):
            if kind == "yaml" and any(f"source: {name}" in text for name in EXAMPLE_SOURCES):
                continue
            done = compiles(text, root, build) if kind == "c" else loads(text, rtctl)
            seen += 1
            if done.returncode != 0:
                print(f"{path.relative_to(root)}: {done.stdout}{done.stderr}\n{text}")
                bad += 1
    print(f"{seen} blocks")
    return 1 if bad or not seen else 0


if __name__ == "__main__":
    sys.exit(main())
