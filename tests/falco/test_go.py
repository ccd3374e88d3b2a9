#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""test_go.py SOAK FOLDER EVENTS: build the plug-in in Go and judge so many events of it. Without Go, or
without the modules that it needs, there is nothing to test: exit status 77."""
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

CONDITION = ("gocounter.n > 0 and gocounter.text exists and gocounter.key[k] startswith k"
             " and gocounter.words intersects (b)")


def skip(why):
    print(f"skipped: the plug-in in Go: {why}")
    sys.exit(77)


def main():
    soak, source = pathlib.Path(sys.argv[1]).resolve(), pathlib.Path(sys.argv[2]).resolve()
    events = sys.argv[3]
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
        done = subprocess.run([soak, library, "gocounter", events, events, CONDITION], check=False)
        sys.exit(done.returncode)


if __name__ == "__main__":
    main()
