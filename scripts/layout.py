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

import abi
import public

HEAD = """/* SPDX-License-Identifier: Apache-2.0 */
/*
 * layout.c - where every member of every public struct stands, on 64-bit machines: for ever, within
 * a major version. Made by scripts/layout.py; members are only ever added at the end, and then here
 * too.
 */
#include <assert.h>
"""


def asserted(library, build, work):
    for line in abi.measured(library, public.ROOT, build, work)[1]:
        name, what = line.split(" ", 1)
        struct, _, member = name.partition(".")
        number = re.search(r"\d+", what).group(0)
        measure = f"offsetof({struct}, {member})" if member else f"\nstatic_assert(sizeof({name})"
        yield f'static_assert({measure} == {number}, "{name}");' if member else \
            f'{measure} == {number}, "{name}");'


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--build", type=pathlib.Path, default=public.ROOT / "build")
    parser.add_argument("--check", action="store_true", help="only say whether it is up to date")
    options = parser.parse_args()
    includes = "".join(f"#include <{path.parent.name}/{path.name}>\n" for library in public.LIBRARIES
                       for path in public.headers(library))
    text = f"{HEAD}{includes}\n#if UINTPTR_MAX == UINT64_MAX\n"
    with tempfile.TemporaryDirectory() as work:
        for library in public.LIBRARIES:
            text += "".join(f"{line}\n" for line in asserted(library, options.build, pathlib.Path(work)))
    text += "#endif\n\nint\nmain(void)\n{\n        return 0;\n}\n"
    path = public.ROOT / "tests/abi/layout.c"
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
