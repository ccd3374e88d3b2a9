# SPDX-License-Identifier: Apache-2.0
"""The probe as an object: one question, one answer."""
import json
import subprocess


class Probe:
    """A running probe. One that dies answers {"ok": False, "crashed": True} and is started anew."""

    def __init__(self, program):
        self.program = str(program)
        self.process = None
        self.crashes = 0

    def ask(self, op, **question):
        if not self.process:
            self.process = subprocess.Popen([self.program], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        try:
            self.process.stdin.write(json.dumps({"op": op, **question}).encode() + b"\n")
            self.process.stdin.flush()
            line = self.process.stdout.readline()
        except BrokenPipeError:
            line = b""
        if line:
            return json.loads(line)
        code = self.process.wait()
        self.process = None
        self.crashes += 1
        return {"ok": False, "crashed": True, "error": f"the probe died ({code})"}

    def close(self):
        if self.process:
            self.process.stdin.close()
            self.process.wait()
            self.process = None
