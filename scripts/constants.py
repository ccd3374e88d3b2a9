#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""constants.py [--build DIR]: every constant of the public headers as `NAME value`, as the compiler
sees it. Anonymous enums are part of the ABI and invisible to abidiff."""
import argparse
import pathlib
import re
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent
ENUM = re.compile(r"\benum\s*\w*\s*\{(.*?)\}", re.S)


def names():
    found = []
    for header in sorted((ROOT / "include/libruntime").glob("*.h")):
        text = re.sub(r"/\*.*?\*/", "", header.read_text(encoding="utf-8"), flags=re.S)
        for body in ENUM.findall(text):
            found += [part.split("=")[0].strip() for part in body.split(",") if part.strip()]
    return found


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--build", type=pathlib.Path, default=ROOT / "build")
    options = parser.parse_args()
    lines = "".join(f'        printf("{name} %lld\\n", (long long) {name});\n' for name in names())
    with tempfile.TemporaryDirectory() as work:
        source = pathlib.Path(work) / "constants.c"
        source.write_text("#include <stdio.h>\n#include <libruntime/runtime.h>\n"
                          f"int\nmain(void)\n{{\n{lines}        return 0;\n}}\n", encoding="utf-8")
        program = pathlib.Path(work) / "constants"
        subprocess.run(["cc", "-I", ROOT / "include", "-I", options.build / "include", source, "-o", program],
                       check=True)
        sys.stdout.write(subprocess.run([program], check=True, capture_output=True, text=True).stdout)
    return 0


if __name__ == "__main__":
    sys.exit(main())
