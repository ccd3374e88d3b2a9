#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""check-api.py [--build DIR] [--root DIR] [--update-map | --release]: public functions are the same everywhere.

Headers declare them and say since when, a library's map lists them in the node of that version, the library
exports them from it, the man pages describe those of the core. A symbol of a released node never moves and
never goes: abi/released.txt holds these, a line each.

--update-map writes the maps anew from the headers. A function of a new version (@since 0.2) gets a node of its
own. --release adds all that the maps list to abi/released.txt.
"""
import argparse
import importlib.util
import pathlib
import re
import subprocess
import sys

import public

NEW_MAP = """/* SPDX-License-Identifier: Apache-2.0 */
/* What {}.so exports; see libruntime.map. */
"""
LOCAL = "local:\n        *;\n"


def prefix(library):
    return library.name.replace("-", "_").upper() + "_"


def version_of(text):
    return tuple(int(part) for part in text.split("."))


def project_version(root):
    found = re.search(r"version: '(\d+\.\d+)\.\d+'", (root / "meson.build").read_text(encoding="utf-8"))
    return found.group(1)


def exported(path):
    """symbol -> node, of a shared library."""
    table = subprocess.run(["nm", "-D", "--defined-only", "--with-symbol-versions", path], check=True,
                           capture_output=True, text=True).stdout
    rows = [line.split() for line in table.splitlines()]
    return {name.split("@")[0]: name.split("@")[-1] for *_, kind, name in rows if kind != "A"}


def in_man_pages(root, names):
    """The functions that a page's @FUNCTIONS line takes out of the headers."""
    spec = importlib.util.spec_from_file_location("gen_man", root / "scripts/gen-man.py")
    man = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(man)
    return {name for name in names if name.startswith(man.covered())}


def bad_nodes(library, root):
    """What is wrong with the nodes of a map, whatever the headers say."""
    before, seen = None, set()
    for node in public.nodes(library, root):
        found = re.fullmatch(re.escape(prefix(library)) + r"(\d+\.\d+)", node.name)
        if not found:
            yield f"node {node.name}: not called {prefix(library)}MAJOR.MINOR"
            continue
        if version_of(found.group(1)) > version_of(project_version(root)):
            yield f"node {node.name}: of a version that is not there yet"
        if before and version_of(found.group(1)) <= version_of(before):
            yield f"node {node.name}: not newer than the one before it"
        if node.parent != (prefix(library) + before if before else ""):
            yield f"node {node.name}: does not name the one before it"
        before = found.group(1)
        yield from (f"{name}: twice in {library.map}" for name in node.symbols if name in seen)
        seen |= set(node.symbols)
    if not before:
        yield f"{library.map}: no node; --update-map writes it"


def bad_symbols(library, root, build):
    """Where headers, map and library differ."""
    declared = {f.name: prefix(library) + f.since if f.since else None for f in public.functions(library, root)}
    listed = {name: node.name for node in public.nodes(library, root) for name in node.symbols}
    yield from (f"{name}: no @since in its comment" for name, node in declared.items() if not node)
    others = [(library.map, listed)]
    if build and (build / library.so).exists():
        others.append(("the library", exported(build / library.so)))
    elif build:
        yield f"{build / library.so}: not there"
    for where, found in others:
        yield from (f"{name}: in the headers, not in {where}" for name in sorted(declared.keys() - found.keys()))
        yield from (f"{name}: in {where}, not in the headers" for name in sorted(found.keys() - declared.keys()))
        yield from (f"{name}: {declared[name]} by its header, {found[name]} in {where}"
                    for name in sorted(declared.keys() & found.keys()) if declared[name] not in (None, found[name]))


def released(root):
    path = root / "abi/released.txt"
    return [line.split() for line in path.read_text(encoding="utf-8").splitlines()
            if line and not line.startswith("#")]


def bad_releases(root):
    now = {(node.name, name) for library in public.LIBRARIES for node in public.nodes(library, root)
           for name in node.symbols}
    for node, name in released(root):
        if (node, name) not in now:
            yield f"{name}: was released in {node}, where it has to stay"


def update_map(library, root):
    versions = {}
    for function in public.functions(library, root):
        versions.setdefault(function.since, []).append(function.name)
    path = root / library.map
    text = path.read_text(encoding="utf-8").split(prefix(library))[0] if path.exists() else NEW_MAP.format(library.name)
    parent = ""
    for number, since in enumerate(sorted(versions, key=version_of)):
        symbols = "".join(f"        {name};\n" for name in sorted(versions[since]))
        node = prefix(library) + since
        text += f"{node} {{\nglobal:\n{symbols}{'' if number else LOCAL}}}{parent};\n"
        parent = f" {node}"
    path.write_text(text, encoding="utf-8")


def release(root):
    old = {tuple(row) for row in released(root)}
    with open(root / "abi/released.txt", "a", encoding="utf-8") as file:
        for library in public.LIBRARIES:
            for node in public.nodes(library, root):
                file.writelines(f"{node.name} {name}\n" for name in node.symbols if (node.name, name) not in old)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--build", type=pathlib.Path, help="look at the libraries there, too")
    parser.add_argument("--root", type=pathlib.Path, default=public.ROOT)
    parser.add_argument("--update-map", action="store_true")
    parser.add_argument("--release", action="store_true")
    options = parser.parse_args()
    root = options.root
    if options.update_map:
        for library in public.LIBRARIES:
            update_map(library, root)
    bad = [line for library in public.LIBRARIES
           for line in (*bad_nodes(library, root), *bad_symbols(library, root, options.build))]
    bad += bad_releases(root)
    core = {function.name for function in public.functions(public.LIBRARIES[0], root)}
    bad += [f"{name}: in no man page" for name in sorted(core - in_man_pages(root, core))]
    print("".join(f"{line}\n" for line in bad), end="")
    if options.release and not bad:
        release(root)
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
