# SPDX-License-Identifier: Apache-2.0
"""The command under test, with the settings that the reference was recorded with."""
import json
import os
import subprocess

# The recordings' `json` source: named `lines`, events one second and a bit apart.
SOURCE_OPTIONS = {
    "json": ["--set", "name=lines", "--set", "time=step", "--set", "start=1700000000000000000",
             "--set", "step=1001000001"],
}


def failure(done):
    return RuntimeError(f"exit {done.returncode}: {done.stderr.decode(errors='replace')[-300:]}")


class Command:
    def __init__(self, program, settings=None):
        """@settings: a falco.yaml with plug-ins that take the place of built-in sources."""
        self.program = str(program)
        self.settings = settings
        self.environment = dict(os.environ, TZ="UTC")

    def run(self, *arguments):
        return subprocess.run([self.program, *map(str, arguments)], env=self.environment,
                              capture_output=True, check=False)

    def alerts(self, entry, rules, *options):
        """Standard output of judging one input with @rules."""
        reading = ["-c", self.settings] if self.settings else ["--reading", "reference"]
        done = self.run("run", "-r", rules, "--hostname", "host", *reading,
                        "-o", "priority=debug", *options, "--source", entry.source,
                        *SOURCE_OPTIONS.get(entry.source, []), entry.path)
        if done.returncode not in (0, 1):
            raise failure(done)
        return done.stdout

    def replay(self, path, rules, *options):
        """The finished process that judged one capture with the files @rules, in that order."""
        files = [argument for file in rules for argument in ("-r", file)]
        return self.run("run", *files, "--hostname", "vm", "-o", "priority=debug", *options,
                        "--source", "syscall", path)

    def check(self, path):
        """The load document of one file of rules."""
        done = self.run("check", "--format", "json", path)
        try:
            return json.loads(done.stdout)["falco_load_results"][0]
        except (ValueError, KeyError, IndexError):
            raise failure(done) from None
