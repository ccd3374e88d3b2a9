#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""test_go.py SOAK FOLDER EVENTS HELPER [RTCTL]: build the plug-in in Go and judge so many events of it, and some
in a process of its own; its alerts are the same there. Without Go, or without the modules that it needs, there
is nothing to test: exit status 77."""
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

CONDITION = ("gocounter.n > 0 and gocounter.text exists and gocounter.key[k] startswith k"
             " and gocounter.words intersects (b)")


RULES = """
- rule: Go
  desc: d
  condition: gocounter.n > 0 and (gocounter.text endswith 7 or gocounter.words intersects (a100, a300))
  output: "%evt.num %evt.plugininfo %gocounter.n %gocounter.text %gocounter.key[k] %gocounter.words"
  priority: INFO
  source: gocounter
"""


def compare(rtctl, library, folder):
    """Alerts of the plug-in in rtctl's process and in one of its own."""
    rules, config = pathlib.Path(folder) / "r.yaml", pathlib.Path(folder) / "c.yaml"
    rules.write_text(RULES)
    config.write_text(f"plugins:\n  - name: gocounter\n    library_path: {library}\n    open_params: '2000'\n")
    here, there = (subprocess.run([rtctl, "run", "-c", config, "-r", rules, *more], capture_output=True, check=True)
                   for more in ((), ("--isolate-plugins",)))
    if not here.stdout or (there.stdout, there.stderr) != (here.stdout, here.stderr):
        sys.exit("alerts differ in a process of its own")


def skip(why):
    print(f"skipped: the plug-in in Go: {why}")
    sys.exit(77)


def main():
    soak, source = pathlib.Path(sys.argv[1]).resolve(), pathlib.Path(sys.argv[2]).resolve()
    events, helper = sys.argv[3], sys.argv[4]
    go = shutil.which("go") or shutil.which("go", path="/usr/local/go/bin")
    if not go:
        skip("there is no go")
    with tempfile.TemporaryDirectory() as folder:
        work = pathlib.Path(folder) / "gosource"
        shutil.copytree(source, work)
        env = dict(os.environ, GOFLAGS="-mod=mod", CGO_ENABLED="1")
        got = subprocess.run([go, "mod", "download"], cwd=work, env=env, capture_output=True, text=True,
                             check=False)
        if got.returncode != 0:
            skip(f"its modules cannot be had: {got.stderr.strip()}")
        library = pathlib.Path(folder) / "gocounter.so"
        subprocess.run([go, "build", "-buildmode=c-shared", "-o", library, "."], cwd=work, env=env, check=True)
        subprocess.run([soak, library, "gocounter", events, events, CONDITION], check=True)
        few = str(int(events) // 5)
        subprocess.run([soak, library, "gocounter", few, few, CONDITION, helper], check=True)
        if len(sys.argv) > 5:
            compare(sys.argv[5], library, folder)


if __name__ == "__main__":
    main()
