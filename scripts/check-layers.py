#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""check-layers.py: read every #include below src/ and fail on one that the layers do not allow.

    base <- json <- lang <- program <- compiler     (the compiler never includes the engine)
                            program <- engine       (the engine never includes the compiler)
    public headers + base, json <- sources, inputs, falco  (built-ins use what third parties use)
    everything <- api
    public headers <- tools, bindings, examples
"""
import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
INCLUDE = re.compile(r'^\s*#\s*include\s+([<"])([^>"]+)[>"]')
# libruntime/*.h that a layer may include; "*": all of them.
ALLOWED = {
    "base": ({"base"}, {"types.h"}),
    "json": ({"base", "json", "lang"}, {"types.h"}),
    "lang": ({"base", "json", "lang"}, "*"),
    "program": ({"base", "json", "lang", "program"}, "*"),
    "compiler": ({"base", "json", "lang", "program", "compiler"}, "*"),
    "engine": ({"base", "json", "lang", "program", "engine"}, "*"),
    "sources": ({"base", "json"}, {"source.h", "types.h", "version.h"}),
    "inputs": ({"base"}, {"source.h", "types.h"}),
    "live": ({"base", "live"}, {"source.h", "types.h"}),
    "falco": ({"base", "json", "falco"}, {"source.h", "types.h", "fields.h", "runtime.h"}),
    "lua": ({"base", "lua"}, {"fields.h", "runtime.h", "source.h", "types.h"}),
    "natives": ({"base", "natives"}, {"fields.h", "runtime.h", "source.h", "types.h"}),
    "api": ({"base", "json", "lang", "program", "compiler", "engine", "sources", "api"}, "*"),
}
# Vocabulary that any layer may read: limits of what comes from outside.
TABLES = {"lang/limits.def", "lang/fd_kinds.def", "lang/events.def", "lang/syscalls.def",
          "lang/events.h", "lang/flags.h", "lang/field_table.h"}
# The entries of lists, options and codes of events: types alone; and container_match.c, which both
# are built with.
FORMAT_OF_CAPTURES = {"sources/syscall/codes.h", "sources/syscall/state/container.h",
                      "sources/syscall/state/fd.h", "sources/syscall/scap/scap.h",
                      "sources/syscall/state/state.h"}
# What the source of system calls lets the host of plug-ins see, by structures and a table of functions.
INSIDE = {"sources/syscall/syscall.h", "sources/syscall/codes.h"}
# What runs on this machine as the beginning of a capture: for plug-ins that make one.
BEGINNING = {"live/head.h", "live/encode.h", "live/procfs/procfs.h"}
# What sources share among themselves: the list of them, and reading JSON records.
SHARED_BY_SOURCES = ("sources/builtin.h", "sources/jsonkit/")


def breaches(path):
    """Lines of @path that include what its layer may not."""
    layer = path.relative_to(ROOT / "src").parts[0]
    folders, headers = ALLOWED[layer]
    own = "/".join(path.relative_to(ROOT / "src").parts[:2])
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        match = INCLUDE.match(line)
        if not match:
            continue
        name = match.group(2)
        if name.startswith("libruntime/"):
            header = name.split("/", 1)[1]
            if headers != "*" and header not in headers:
                yield number, name, layer
        elif match.group(1) == '"' and name not in TABLES:
            if "/" not in name:
                continue  # beside the file
            if layer == "sources" and name.startswith(SHARED_BY_SOURCES):
                continue
            if layer == "live" and name in FORMAT_OF_CAPTURES:
                continue
            if layer == "falco" and name in INSIDE | FORMAT_OF_CAPTURES | BEGINNING:
                continue
            if name.split("/")[0] not in folders and not name.startswith(own + "/"):
                yield number, name, layer


def main():
    bad = 0
    for path in sorted((ROOT / "src").rglob("*")):
        if path.suffix not in (".c", ".h", ".def"):
            continue
        if path.relative_to(ROOT / "src").parts[0] not in ALLOWED:
            print(f"{path.relative_to(ROOT)}: a folder without a layer; see check-layers.py")
            bad += 1
            continue
        for number, name, layer in breaches(path):
            print(f"{path.relative_to(ROOT)}:{number}: {layer} must not include {name}")
            bad += 1
    for folder in ("tools", "examples", "bindings"):
        for path in sorted((ROOT / folder).rglob("*.[ch]")):
            for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
                match = INCLUDE.match(line)
                if match and match.group(1) == '"' and (ROOT / "src" / match.group(2)).exists():
                    print(f"{path.relative_to(ROOT)}:{number}: {folder} use the public headers only")
                    bad += 1
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
