#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""abi.py [--build DIR] [--root DIR] [--library NAME] [--update [--break]]: is the ABI that of abi/?

Of each library abi/ holds NAME.abi (functions and types, by abidw), NAME.constants (abidw does not see
anonymous enums) and NAME.layout (every member of every struct: where it stands and how it is declared).

  broken   something is gone, moved or changed. Exit 1
  grown    functions, constants, or members at the end of structs that begin with their size. Exit 3: harmless,
           but abi/ has to know it from now on: --update writes it down

--update refuses what is broken, unless --break says that it is meant: before the first release of a version
whose soname is another one, and never after it.

XML is compared with XML: with a library on one side abidiff 2.2 misses a member in the middle of a struct.
Members at the end are suppressed there, which would hide two others that changed places: those the layout sees.
"""
import argparse
import pathlib
import re
import subprocess
import sys
import tempfile

import public

SUPPRESSED = "[suppress_type]\ntype_kind = struct\nhas_data_member_inserted_at = end\n"


def measured(library, root, build, work):
    """The lines of NAME.constants and of NAME.layout, as the compiler sees them."""
    source, program = work / "measure.c", work / "measure"
    # A library's own headers by their full names: those of an installed copy would do as well.
    lines = [f"#include <{path.parent.name}/{path.name}>" for path in public.headers(library, root)]
    lines += ["#include <stdio.h>", "int main(void) {"]
    lines += [f'printf("{name} %lld\\n", (long long) {name});' for name in public.constants(library, root)]
    lines.append('puts("--");')
    for name, members in public.structs(library, root):
        lines.append(f'printf("{name} size %zu\\n", sizeof({name}));')
        lines += [f'printf("{name}.{m.name} %zu+%zu %s\\n", offsetof({name}, {m.name}), '
                  f'sizeof((({name} *) 0)->{m.name}), "{m.declaration}");' for m in members]
    source.write_text("\n".join([*lines, "}", ""]), encoding="utf-8")
    paths = [f"-I{path}" for path in (*public.include_paths(root), build / "include")]
    subprocess.run(["cc", "-w", *paths, source, "-o", program], check=True)
    out = subprocess.run([program], check=True, capture_output=True, text=True).stdout
    return [part.splitlines() for part in out.split("--\n")]


def written(library, root, build):
    """What abidw makes of a library."""
    out = subprocess.run(["abidw", "--headers-dir", root / library.headers, "--drop-private-types",
                          "--exported-interfaces-only", "--type-id-style", "hash", "--no-show-locs",
                          "--no-corpus-path", build / library.so], check=True, capture_output=True, text=True)
    return re.sub(r" comp-dir-path='[^']*'", "", out.stdout)


def compared_constants(old, new):
    """(broken, grown), lines each."""
    now = dict(line.split() for line in new)
    was = dict(line.split() for line in old)
    broken = [f"{name}: was {value}, is {now.get(name, 'gone')}" for name, value in was.items()
              if now.get(name) != value]
    return broken, [f"{name}: new" for name in now if name not in was]


def compared_layouts(old, new):
    """(broken, grown). A struct may only grow behind what it had, and only if it begins with its size."""
    was, now = (dict(line.split(" ", 1) for line in lines) for lines in (old, new))
    broken, grown = [], []
    for name, what in was.items():
        if now.get(name) == what:
            continue
        sized = now.get(f"{name}.size", "").startswith("0+") or name in public.STRIDED
        if "." not in name and name in now and sized and int(now[name].split()[1]) > int(what.split()[1]):
            grown.append(f"{name}: is {now[name]}, was {what}")
        else:
            broken.append(f"{name}: was {what}; is {now.get(name, 'gone')}")
    for name, what in now.items():
        struct = name.split(".")[0]
        if name in was or struct not in was:
            continue
        behind = int(what.split("+")[0]) >= int(was[struct].split()[1])
        (grown if behind else broken).append(f"{name}: new, at {what}")
    return broken, grown


def compared_xml(old, new, work):
    """(broken, grown) of two files."""
    suppressed = work / "suppressed"
    suppressed.write_text(SUPPRESSED, encoding="utf-8")

    def differ(*options):
        return subprocess.run(["abidiff", *options, old, new], capture_output=True, text=True, check=False)

    strict = differ()
    done = differ("--no-added-syms", "--suppressions", suppressed)
    if done.returncode:
        return [(done.stdout + done.stderr).rstrip()], []
    return [], [strict.stdout.rstrip()] if strict.returncode else []


def check(library, options, work):
    """(broken, grown) of one library; with --update what is there now is written."""
    constants, layout = measured(library, options.root, options.build, work)
    new = {"constants": "".join(f"{line}\n" for line in constants),
           "layout": "".join(f"{line}\n" for line in layout),
           "abi": written(library, options.root, options.build)}
    fresh = work / f"{library.name}.abi"
    fresh.write_text(new["abi"], encoding="utf-8")
    paths = {kind: options.root / "abi" / f"{library.name}.{kind}" for kind in new}
    broken, grown = [], [f"{library.name}: is new"]
    if paths["abi"].exists():
        old = {kind: path.read_text(encoding="utf-8").splitlines() for kind, path in paths.items()}
        parts = (compared_constants(old["constants"], constants), compared_layouts(old["layout"], layout),
                 compared_xml(paths["abi"], fresh, work))
        broken, grown = ([line for part in parts for line in part[i]] for i in (0, 1))
    if options.update and (options.breaking or not broken):
        for kind, path in paths.items():
            path.write_text(new[kind], encoding="utf-8")
    return broken, grown


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--build", type=pathlib.Path, default=public.ROOT / "build")
    parser.add_argument("--root", type=pathlib.Path, default=public.ROOT)
    parser.add_argument("--library", action="append", help="only this one of them")
    parser.add_argument("--update", action="store_true")
    parser.add_argument("--break", dest="breaking", action="store_true")
    options = parser.parse_args()
    broken, grown = [], []
    with tempfile.TemporaryDirectory() as work:
        for library in public.LIBRARIES:
            if options.library and library.name not in options.library:
                continue
            if (options.build / library.so).exists():
                found = check(library, options, pathlib.Path(work))
                broken += found[0]
                grown += found[1]
            elif library is public.LIBRARIES[0]:
                broken.append(f"{options.build / library.so}: not there")
    for what, lines in (("broken", broken), ("grown", grown)):
        for line in lines:
            print(f"{what}: {line}")
    if broken and not (options.update and options.breaking):
        return 1
    return 3 if grown and not options.update else 0


if __name__ == "__main__":
    sys.exit(main())
