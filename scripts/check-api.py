#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""check-api.py [--build DIR] [--update-map]: the public functions are the same everywhere.

Headers declare them, libruntime.map lists them, the library exports them, the man pages
describe them. --update-map rewrites the newest node of the map from the headers.
"""
import argparse
import importlib.util
import pathlib
import re
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
DECLARATION = re.compile(r"^RT_API\s[^;{]*?\b(rt_\w+)\s*\(", re.M)


def in_headers():
    names = set()
    for header in (ROOT / "include/libruntime").glob("*.h*"):
        names |= set(DECLARATION.findall(header.read_text(encoding="utf-8")))
    return names


def in_map():
    text = (ROOT / "libruntime.map").read_text(encoding="utf-8")
    return set(re.findall(r"^\s+(rt_\w+);", text, re.M))


def in_library(build):
    table = subprocess.run(["nm", "-D", "--defined-only", build / "src/libruntime.so.0"],
                           check=True, capture_output=True, text=True).stdout
    return {line.split()[-1].split("@")[0] for line in table.splitlines() if " T " in line}


def in_man_pages(headers):
    """The functions that a page's @FUNCTIONS line takes out of the headers."""
    spec = importlib.util.spec_from_file_location("gen_man", ROOT / "scripts/gen-man.py")
    man = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(man)
    return {name for name in headers if name.startswith(man.covered())}


def update_map():
    path = ROOT / "libruntime.map"
    lines = "".join(f"        {name};\n" for name in sorted(in_headers()))
    text = re.sub(r"(global:\n).*?(local:|};)", lambda m: m.group(1) + lines + m.group(2),
                  path.read_text(encoding="utf-8"), count=1, flags=re.S)
    path.write_text(text, encoding="utf-8")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--build", type=pathlib.Path, default=ROOT / "build")
    parser.add_argument("--update-map", action="store_true")
    options = parser.parse_args()
    if options.update_map:
        update_map()
    headers = in_headers()
    bad = 0
    for where, names in (("libruntime.map", in_map()), ("the library", in_library(options.build)),
                         ("docs/man", in_man_pages(headers))):
        for name in sorted(headers - names):
            print(f"{name}: in the headers, not in {where}")
            bad += 1
        for name in sorted(names - headers):
            print(f"{name}: in {where}, not in the headers")
            bad += 1
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
