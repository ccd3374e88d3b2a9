#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""test_old.py BUILD COMPILER...: binaries that were built against older headers, and newer ones, run with this library.

For each version in frozen/ its agent and its plug-in are built four times:

  now      with the headers of this checkout
  frozen   with those of the version
  early    with those of the version, without the members that early.txt cuts off: what is older still
  later    with those of the version and a member more in every struct that may grow

and every agent is run with every plug-in. All of them must print what expected.txt says.
"""
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "scripts"))
import public  # noqa: E402

ROOT = public.ROOT
HERE = pathlib.Path(__file__).resolve().parent
KINDS = ("now", "frozen", "early", "later")
FLAGS = ["-std=c11", "-D_GNU_SOURCE", "-Wall", "-Wextra", "-Werror",
         "-Wno-missing-field-initializers", "-O1"]


def struct(text, name):
    """Where the members of a struct stand in a header."""
    found = re.search(rf"typedef struct {name} \{{\n(.*?)\n\}} {name};", text, re.S)
    return found.span(1) if found else None


def cut(text, name, member):
    """@text without @member of struct @name and all behind it."""
    begin, end = struct(text, name)
    body = text[begin:end]
    # Comments keep their length, so that places stay the same.
    bare = re.sub(r"/\*.*?\*/", lambda m: " " * len(m.group(0)), body, flags=re.S)
    for declaration in re.finditer(r"[^;]+;", bare):
        if re.search(rf"\b{member}\b", declaration.group(0)):
            return text[:begin] + body[:declaration.start()].rstrip() + text[end:]
    raise SystemExit(f"{name} has no member {member}")


def grown(text):
    """@text with a member more in every struct that may grow."""
    for name, body in public.STRUCT.findall(text):
        if "size_t size;" in body or name in public.STRIDED:
            end = struct(text, name)[1]
            text = f"{text[:end]}\n        uint64_t later_;{text[end:]}"
    return text


def edited(text, version, kind):
    if kind == "later":
        return grown(text)
    for line in (version / "early.txt").read_text(encoding="utf-8").splitlines() if kind == "early" else ():
        if not line.startswith("#") and struct(text, line.split()[0]):
            text = cut(text, *line.split())
    return text


def headers(version, kind, build, work):
    """The include path of one kind of binaries."""
    if kind == "now":
        return [ROOT / "include", build / "include"]
    target = work / kind / "libruntime"
    target.mkdir(parents=True)
    for path in (version / "libruntime").iterdir():
        (target / path.name).write_text(edited(path.read_text(encoding="utf-8"), version, kind), encoding="utf-8")
    return [target.parent]


def compiled(version, kind, build, work, compiler):
    """(agent, plug-in) of one kind."""
    paths = [f"-I{path}" for path in headers(version, kind, build, work)]
    agent, plugin = work / f"agent-{kind}", work / f"plugin-{kind}.so"
    link = [f"-L{build / 'src'}", "-lruntime"]
    for source, out, more in ((version / "agent.c", agent, [*link, "-ldl"]),
                              (version / "plugin.c", plugin, ["-shared", "-fPIC", *link])):
        subprocess.run([*compiler, *FLAGS, *paths, source, "-o", out, *more], check=True)
    return agent, plugin


def try_version(version, build, work, compiler):
    """How many runs were right, and how many were not."""
    kinds = {kind: compiled(version, kind, build, work, compiler) for kind in KINDS}
    environment = {"LD_LIBRARY_PATH": str(build / "src"), "TZ": "UTC"}
    expected = (version / "expected.txt").read_text(encoding="utf-8")
    shutil.copy(version / "input", work / "input")
    good = bad = 0
    for agent in kinds:
        for plugin in kinds:
            done = subprocess.run([kinds[agent][0], kinds[plugin][1], version / "rules.yaml", work / "input"],
                                  env=environment, capture_output=True, text=True, check=False, timeout=60)
            if done.returncode == 0 and done.stdout == expected:
                good += 1
                continue
            print(f"{version.name}: agent {agent}, plug-in {plugin}: exit {done.returncode}\n"
                  f"{done.stdout}{done.stderr}")
            bad += 1
    return good, bad


def main():
    build = pathlib.Path(sys.argv[1]).resolve()
    good = bad = 0
    for version in sorted((HERE / "frozen").iterdir()):
        if version.is_dir():
            with tempfile.TemporaryDirectory() as work:
                counts = try_version(version, build, pathlib.Path(work), sys.argv[2:])
            good, bad = good + counts[0], bad + counts[1]
    print(f"total: {good} passed, {bad} failed, 0 skipped")
    return 1 if bad or not good else 0


if __name__ == "__main__":
    sys.exit(main())
