#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""doc-blocks.py BUILD [PAGE...]: what the documents show is true.

Every fenced block of the pages has a language, which says how it is tried:

  c        compiles as C11 without a warning; with a `main` it is linked, too
  cpp      the same as C++11
  yaml     rules: `rtctl check --strict` finds nothing
  sh       runs in a folder of its own (Sandbox), with rtctl on the path
  json     parses
  python   runs in the binding's tests, which take the pages from here (--python); its syntax is checked
  lua      runs in the binding's tests (--lua); without `runtime` on this machine its syntax is checked
  cmake    is built by tests/packaging (--cmake)
  text     what something prints, or a picture: not tried

A comment on the line before a block changes that:

  <!-- not run: REASON -->     counted and printed
  <!-- inside: FRAME -->       C: statements, to be put into a function of FRAMES
  <!-- source: authlog -->     rules for the source of examples/authlog.c
  <!-- hook -->                Lua: a script for the sandbox, `rtctl check --lua`; libraries above may be called
  <!-- library: libours.so -->  C: is made a shared library of that name, for the blocks below it
  <!-- natives -->             YAML: rules that may call functions of these libraries
  <!-- syntax -->              YAML that is no rule file: parses

--python, --lua and --cmake print the pages that have such blocks, and end.
"""
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

import yaml

ROOT = pathlib.Path(__file__).resolve().parents[2]
BLOCK = re.compile(r"^```(\w*)[^\n]*\n(.*?)^```$", re.S | re.M)
DIRECTIVE = re.compile(r"<!-- (not run|inside|source|hook|syntax|library|natives)(?:: (.*))? -->\n\Z")
LANGUAGES = ("c", "cpp", "yaml", "sh", "json", "python", "lua", "cmake", "text")
INCLUDES = ["include", "src/falco", "src/inputs", "src/live", "src/lua", "src/natives"]
STRICT = ["-Wall", "-Wextra", "-Werror"]
# What stands around statements: names that they may use.
FRAMES = {
    "agent": ("#include <libruntime/runtime.h>\n#include <stdio.h>\n#include <string.h>\n"
              "extern int on_alert(const rt_alert *, void *);\n"
              "int fragment(rt_engine *engine, rt_worker *worker, rt_pool *pool, rt_loader *loader,\n"
              "             rt_ruleset *rules, rt_diags *diags, rt_str bytes, void *user);\n"
              "int fragment(rt_engine *engine, rt_worker *worker, rt_pool *pool, rt_loader *loader,\n"
              "             rt_ruleset *rules, rt_diags *diags, rt_str bytes, void *user)\n{\n"
              "int r = 0;\n(void) engine, (void) worker, (void) pool, (void) loader, (void) rules;\n"
              "(void) diags, (void) bytes, (void) user;\n", "\nreturn r;\n}\n"),
}


def pages():
    """Documents, without decisions (which show what they were about, not what is there now)."""
    return [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").glob("*.md")),
            *sorted((ROOT / "docs/reference").glob("*.md")), *sorted((ROOT / "bindings").glob("*/README.md"))]


def blocks(path):
    """(line, language, text, directive, its argument) of a page's blocks."""
    text = path.read_text(encoding="utf-8")
    for match in BLOCK.finditer(text):
        before = DIRECTIVE.search(text[:match.start()].rsplit("\n\n", 1)[-1])
        yield (text.count("\n", 0, match.start()) + 1, match.group(1), match.group(2),
               *(before.groups() if before else (None, None)))


def run(*command, **more):
    """What is wrong, or None."""
    done = subprocess.run(list(map(str, command)), capture_output=True, text=True, check=False, timeout=120, **more)
    return None if done.returncode == 0 else f"exit {done.returncode}\n{done.stdout}{done.stderr}"


class Checker:
    def __init__(self, build, work):
        self.build, self.work = build, pathlib.Path(work)
        self.rtctl = build / "tools/rtctl/rtctl"

    # ---- C and C++ ----

    def library(self, name, text):
        folder = self.work / "natives"
        folder.mkdir(exist_ok=True)
        (self.work / "library.c").write_text(text, encoding="utf-8")
        return run("cc", "-std=c11", "-D_GNU_SOURCE", *STRICT, "-shared", "-fPIC", "-fvisibility=hidden",
                   *self.paths(), self.work / "library.c", "-o", folder / name)

    def natives(self):
        folder = self.work / "natives"
        return ["--natives-path", folder] if folder.is_dir() else []

    def paths(self):
        return [f"-I{ROOT / name}" for name in INCLUDES] + [f"-I{self.build / 'include'}"]

    def compiled(self, compiler, suffix, text, frame):
        if frame:
            text = FRAMES[frame][0] + text + FRAMES[frame][1]
        source = self.work / f"block{suffix}"
        source.write_text(text, encoding="utf-8")
        whole = re.search(r"^main\(|\bint main\(", text, re.M)
        # A library that was built with a sanitiser wants its program built so.
        end = ["-o", self.work / "block", f"-L{self.build / 'src'}", "-lruntime", "-Wl,--allow-shlib-undefined"]
        return run(*compiler, *STRICT, *self.paths(), source, *(end if whole else ["-fsyntax-only"]))

    def c(self, text, directive, argument):
        if directive == "library":
            return self.library(argument, text)
        return self.compiled(["cc", "-std=c11", "-D_GNU_SOURCE"], ".c", text,
                             argument if directive == "inside" else None)

    def cpp(self, text, directive, argument):
        return self.compiled(["g++", "-std=c++11", "-Wold-style-cast"], ".cc", text,
                             argument if directive == "inside" else None)

    # ---- data ----

    def yaml(self, text, directive, argument):
        if directive == "syntax":
            try:
                yaml.safe_load(text)
            except yaml.YAMLError as error:
                return str(error)
            return None
        rules = self.work / "rules.yaml"
        rules.write_text(text, encoding="utf-8")
        if directive == "source":
            return run(self.build / "examples" / argument, rules, ROOT / f"examples/{argument}/auth.log")
        natives = self.natives() if directive == "natives" else []
        return run(self.rtctl, "check", "--strict", *natives, rules)

    def json(self, text, *_):
        try:
            json.loads(text)
        except ValueError as error:
            return str(error)
        return None

    # ---- scripts ----

    def sh(self, text, *_):
        """In a folder with what a user of the command has: rules, records, a capture."""
        folder = self.work / "sandbox"
        shutil.rmtree(folder, ignore_errors=True)
        (folder / "bin").mkdir(parents=True)
        (folder / "bin/rtctl").symlink_to(self.rtctl)
        shutil.copytree(ROOT / "rules", folder / "rules")
        data = ROOT / "tests/data"
        shutil.copy(data / "cloudtrail/account-takeover.json", folder / "trail.json")
        shutil.copy(data / "k8s_audit/everyday.log", folder / "audit.log")
        shutil.copy(data / "syscall/attacks.scap", folder / "day.scap")
        record = json.loads((data / "cloudtrail/account-takeover.json").read_text(encoding="utf-8"))["Records"][0]
        (folder / "one.json").write_text(json.dumps(record), encoding="utf-8")
        (folder / "sigma/rules/cloud/aws").mkdir(parents=True)
        (folder / "sigma/rules/cloud/aws/root.yml").write_text(SIGMA, encoding="utf-8")
        environment = {"PATH": f"{folder / 'bin'}:/usr/bin:/bin", "HOME": str(folder), "TZ": "UTC",
                       "LD_LIBRARY_PATH": str(self.build / "src")}
        return run("sh", "-eu", "-c", text, cwd=folder, env=environment, stdin=subprocess.DEVNULL)

    def python(self, text, *_):
        try:
            compile(text, "page", "exec")
        except SyntaxError as error:
            return str(error)
        return None

    def lua(self, text, directive, _):
        script = self.work / "block.lua"
        script.write_text(text, encoding="utf-8")
        if directive == "hook":
            rules = self.work / "beside.yaml"
            rules.write_text("- list: unused\n  items: []\n", encoding="utf-8")
            return run(self.rtctl, "check", *self.natives(), "--lua", script, rules)
        return run("luac5.4", "-p", script) if shutil.which("luac5.4") else None


SIGMA = """title: Root
id: 8ad1600d-e9dc-4251-b0ee-a65268f29add
status: stable
logsource: {product: aws, service: cloudtrail}
detection:
  selection: {userIdentity.type: Root}
  condition: selection
level: medium
"""


def main():
    if sys.argv[1] in ("--python", "--lua", "--cmake"):
        print("".join(f"{path.relative_to(ROOT)}\n" for path in pages()
                      if any(block[1] == sys.argv[1][2:] for block in blocks(path))), end="")
        return 0
    tried, bad, not_run, shown = 0, 0, 0, 0
    wanted = [pathlib.Path(name).resolve() for name in sys.argv[2:]] or pages()
    with tempfile.TemporaryDirectory() as work:
        checker = Checker(pathlib.Path(sys.argv[1]).resolve(), work)
        for path in wanted:
            name = os.path.relpath(path, ROOT)
            for line, language, text, directive, argument in blocks(path):
                if language == "text":
                    shown += 1
                    continue
                if directive == "not run":
                    print(f"not run: {name}:{line}: {argument}")
                    not_run += 1
                    continue
                wrong = f"no such language: '{language}'" if language not in LANGUAGES else None
                if not wrong and language != "cmake":
                    wrong = getattr(checker, language)(text, directive, argument)
                tried += 1
                if wrong:
                    print(f"{name}:{line}: {wrong}\n{text}")
                    bad += 1
    print(f"{tried} blocks tried, {not_run} not run, {shown} of text")
    print(f"total: {tried - bad} passed, {bad} failed, 0 skipped")
    return 1 if bad or not tried else 0


if __name__ == "__main__":
    sys.exit(main())
