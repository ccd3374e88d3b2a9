#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""test_breaks.py BUILD: the checks of scripts/ci/abi.sh and api.sh fail for every way in which an ABI breaks,
and let pass what only adds. Each case changes a copy of the headers and maps, and asks the same scripts."""
import concurrent.futures
import pathlib
import shutil
import subprocess
import sys
import tempfile

import stub
from stub import public

ROOT = public.ROOT
GOOD, BROKEN, GROWN = 0, 1, 3
RUNTIME, TYPES, SOURCE = (f"include/libruntime/{name}.h" for name in ("runtime", "types", "source"))
LUA = "src/lua/libruntime-lua/lua.h"
STATS = "        uint64_t events;\n        uint64_t alerts;\n"
NEW = "/** Something. @since {} */\nRT_API int rt_engine_hum(const rt_engine *engine);\n\n/* ---- the language"
# name: {file: [(what stands there, what comes in its place)]}, what abi.py says of it
CHANGES = {
    "nothing": ({}, GOOD),
    "a member in the middle": ({RUNTIME: [(STATS, STATS.replace("\n", "\n        uint64_t more;\n", 1))]}, BROKEN),
    "a member gone": ({RUNTIME: [("        uint64_t limits_hit;\n", "")]}, BROKEN),
    "a member in front of the size": ({RUNTIME: [("rt_engine_opts {\n", "rt_engine_opts {\n        int x;\n")]},
                                      BROKEN),
    "two members that changed places": ({RUNTIME: [(STATS, "".join(reversed(STATS.splitlines(True))))]}, BROKEN),
    "the same, with a member added": ({RUNTIME: [
        (STATS, "".join(reversed(STATS.splitlines(True)))),
        ("        uint64_t limits_hit;\n", "        uint64_t limits_hit;\n        uint64_t more;\n")]}, BROKEN),
    "a member of another sign": ({SOURCE: [("        uint32_t kind;     /*", "        int32_t kind;     /*")]},
                                 BROKEN),
    "a member of another size": ({SOURCE: [("        uint64_t index;", "        uint32_t index;")]}, BROKEN),
    "a member of another name": ({SOURCE: [("        uint64_t position;", "        uint64_t place;")]}, BROKEN),
    "a frozen struct that grows": ({SOURCE: [("        const char *value;\n",
                                             "        const char *value;\n        uint64_t more;\n")]}, BROKEN),
    "a constant of another value": ({TYPES: [("RT_ENOENT = -6", "RT_ENOENT = -60")]}, BROKEN),
    "a constant gone": ({SOURCE: [("       RT_FIELD_DEPRECATED = 1 << 11,\n", "")]}, BROKEN),
    "constants that moved up": ({TYPES: [("RT_KIND_BOOL = 1,", "RT_KIND_BIT = 1, RT_KIND_BOOL = 2,")]}, BROKEN),
    "a parameter of another type": ({RUNTIME: [("rt_ruleset *rules, size_t index, rt_rule",
                                               "rt_ruleset *rules, uint32_t index, rt_rule")]}, BROKEN),
    "a parameter more": ({RUNTIME: [("rt_engine_use(rt_engine *engine, ", "rt_engine_use(rt_engine *engine, int n, ")]},
                         BROKEN),
    "another result": ({RUNTIME: [("RT_API uint64_t rt_worker_rule", "RT_API uint32_t rt_worker_rule")]}, BROKEN),
    "a callback with another parameter": ({SOURCE: [("(*restart)(void *state)", "(*restart)(void *state, int n)")]},
                                          BROKEN),
    "a struct of another library": ({LUA: [("        uint64_t failures; /*", "        uint32_t failures; /*")]},
                                    BROKEN),
    "a function gone": ({RUNTIME: [("RT_API int rt_ruleset_is_compiled(rt_str bytes);\n", "")]}, BROKEN),
    "a member at the end": ({RUNTIME: [("        uint64_t limits_hit;\n",
                                       "        uint64_t limits_hit;\n        uint64_t more;\n")]}, GROWN),
    "a member at the end of elements with a stride": ({SOURCE: [
        ("        size_t n_texts;\n", "        size_t n_texts;\n        uint64_t more;\n")]}, GROWN),
    "a constant more": ({TYPES: [("RT_EBUSY = -12  ", "RT_EBUSY = -12, RT_EHUM = -13  ")]}, GROWN),
    "a function more": ({RUNTIME: [("/* ---- the language", NEW.format("0.1"))]}, GROWN),
}


class Copy:
    """What the checks read, in a folder of its own, and stubs built from it."""

    def __init__(self, folder):
        self.root, self.build, self.said = folder / "root", folder / "build", ""

    def fill(self, build):
        for name in ("abi", "include", "docs/man"):
            shutil.copytree(ROOT / name, self.root / name)
        for library in public.LIBRARIES[1:]:
            shutil.copytree(ROOT / library.headers, self.root / library.headers)
        for name in ("meson.build", "scripts/gen-man.py", *(library.map for library in public.LIBRARIES)):
            (self.root / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, self.root / name)
        shutil.copytree(build / "include/libruntime", self.build / "include/libruntime",
                        ignore=lambda _, names: [name for name in names if name != "version.h"])
        self.stubs()
        # Whether abi/ is up to date, abi.sh says; here it is the copy that counts.
        if self.ask("check-api.py", "--update-map") or self.ask("abi.py", "--update", "--break"):
            raise SystemExit(self.said)

    def stubs(self, *libraries):
        for library in libraries or public.LIBRARIES:
            stub.build(library, self.root, self.build)

    def edit(self, name, *pairs):
        path = self.root / name
        text = path.read_text(encoding="utf-8")
        for old, new in pairs:
            if text.count(old) != 1:
                raise SystemExit(f"{name}: {text.count(old)} of {old!r}: the test has to be brought up to date")
            text = text.replace(old, new)
        path.write_text(text, encoding="utf-8")

    def ask(self, script, *arguments):
        done = subprocess.run(["/usr/bin/python3", ROOT / "scripts" / script, "--root", self.root, "--build",
                               self.build, *arguments], capture_output=True, text=True, check=False)
        self.said = done.stdout + done.stderr
        return done.returncode


def change(copy, edits, expected):
    """A change of headers: what abi.py says, and again when it was told to write that down."""
    for name, pairs in edits.items():
        copy.edit(name, *pairs)
    copy.ask("check-api.py", "--update-map")
    touched = [library for library in public.LIBRARIES if any(name.startswith(library.headers) for name in edits)]
    copy.stubs(*touched)
    only = [f"--library={library.name}" for library in touched]
    yield expected, copy.ask("abi.py", *only)
    if expected == GROWN:
        yield GOOD, copy.ask("abi.py", *only, "--update")
        yield GOOD, copy.ask("abi.py", *only)


def what_is_meant(copy):
    yield from change(copy, *CHANGES["a function gone"])
    yield BROKEN, copy.ask("abi.py", "--update")
    yield BROKEN, copy.ask("abi.py")
    yield GOOD, copy.ask("abi.py", "--update", "--break")
    yield GOOD, copy.ask("abi.py")
    yield GOOD, copy.ask("check-api.py")


def symbol_missing_in_the_map(copy):
    copy.edit("libruntime.map", ("        rt_compile;\n", ""))
    yield BROKEN, copy.ask("check-api.py")
    copy.stubs(public.LIBRARIES[0])
    yield BROKEN, copy.ask("abi.py")


def symbol_that_was_released_is_dropped(copy):
    yield GOOD, copy.ask("check-api.py", "--release")
    yield GOOD, copy.ask("check-api.py")
    copy.edit(RUNTIME, ("RT_API int rt_ruleset_is_compiled(rt_str bytes);\n", ""))
    copy.ask("check-api.py", "--update-map")
    copy.stubs(public.LIBRARIES[0])
    yield BROKEN, copy.ask("check-api.py")
    yield True, "rt_ruleset_is_compiled: was released" in copy.said


def symbol_that_was_released_moves(copy):
    yield GOOD, copy.ask("check-api.py", "--release")
    copy.edit("meson.build", ("version: '0.1.", "version: '0.2."))
    copy.edit(RUNTIME, ("@param diags may be NULL. @since 0.1 */\nRT_API int rt_compile(",
                        "@param diags may be NULL. @since 0.2 */\nRT_API int rt_compile("))
    copy.ask("check-api.py", "--update-map")
    copy.stubs(public.LIBRARIES[0])
    yield BROKEN, copy.ask("check-api.py")
    yield True, "rt_compile: was released in LIBRUNTIME_0.1" in copy.said


def symbol_of_a_new_version_gets_its_node(copy):
    yield GOOD, copy.ask("check-api.py", "--release")
    copy.edit(RUNTIME, ("/* ---- the language", NEW.format("0.2")))
    copy.ask("check-api.py", "--update-map")
    copy.stubs(public.LIBRARIES[0])
    yield BROKEN, copy.ask("check-api.py")  # 0.2 is not there yet
    copy.edit("meson.build", ("version: '0.1.", "version: '0.2."))
    yield GOOD, copy.ask("check-api.py")
    yield GROWN, copy.ask("abi.py")
    text = (copy.root / "libruntime.map").read_text(encoding="utf-8")
    yield True, text.endswith("LIBRUNTIME_0.2 {\nglobal:\n        rt_engine_hum;\n} LIBRUNTIME_0.1;\n")
    # The library still has it in the node of before.
    copy.edit("libruntime.map", ("LIBRUNTIME_0.2 {\nglobal:\n        rt_engine_hum;\n} LIBRUNTIME_0.1;\n", ""),
              ("        rt_engine_field;\n", "        rt_engine_field;\n        rt_engine_hum;\n"))
    yield BROKEN, copy.ask("check-api.py")


def main():
    build = pathlib.Path(sys.argv[1]).resolve()
    if not shutil.which("abidw"):
        print("skipped: no abidw (abigail-tools)")
        return 77
    cases = {name: (lambda copy, what=what: change(copy, *what)) for name, what in CHANGES.items()}
    for case in (what_is_meant, symbol_missing_in_the_map, symbol_that_was_released_is_dropped,
                 symbol_that_was_released_moves, symbol_of_a_new_version_gets_its_node):
        cases[case.__name__.replace("_", " ")] = case
    with tempfile.TemporaryDirectory() as work:
        first = Copy(pathlib.Path(work) / "first")
        first.fill(build)

        def run(number, name):
            copy = Copy(pathlib.Path(work) / str(number))
            shutil.copytree(first.root.parent, copy.root.parent)
            for step, (expected, got) in enumerate(cases[name](copy), 1):
                if expected != got:
                    print(f"{name}, step {step}: {got}, expected {expected}\n{copy.said}")
                    return 1
            return 0

        with concurrent.futures.ThreadPoolExecutor(2) as pool:
            failed = sum(pool.map(run, range(len(cases)), cases))
    print(f"total: {len(cases) - failed} passed, {failed} failed, 0 skipped")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
