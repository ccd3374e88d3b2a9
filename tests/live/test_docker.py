#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""test_docker.py RTCTL: what Docker keeps of a container is in the alerts from there.

dockerd runs with folders and a socket of its own below a temporary folder, without network. Without
root, BTF, Docker or busybox the test is skipped (exit 77) and says why."""
import json
import os
import pathlib
import select
import shutil
import subprocess
import sys
import tempfile
import time

import containers

RTCTL = sys.argv[1]
SKIPPED = 77
READY_S, WATCH_S = 60, 90
RULE = """
- rule: seen
  desc: the command of this test
  condition: evt.type in (execve, execveat) and proc.cmdline startswith "echo rt-docker"
  output: "%container.id %container.name %container.image.repository %container.image.tag
    %container.privileged %container.label[team] %user.name %container.type"
  priority: INFO
"""
EXPECTED = {"container.name": "rt-web", "container.image.repository": "rt/test", "container.image.tag": "1",
            "container.privileged": True, "container.label[team]": "red", "user.name": "inside",
            "container.type": "docker"}


def skip(why):
    print(f"skipped: {why}")
    sys.exit(SKIPPED)


class Docker:
    """A dockerd of our own."""

    def __init__(self, folder):
        self.socket = f"unix://{folder}/sock"
        with open(folder / "log", "wb") as log:
            self.process = subprocess.Popen(
                ["dockerd", "--data-root", folder / "data", "--exec-root", folder / "exec", "--pidfile", folder / "pid",
                 "-H", self.socket, "--iptables=false", "--bridge=none", "--storage-driver", "overlay2"],
                stdout=log, stderr=log, stdin=subprocess.DEVNULL)

    def __call__(self, *args, check=True, **kwargs):
        return subprocess.run(["docker", "-H", self.socket, *args], check=check, capture_output=True,
                              timeout=60, **kwargs)

    def wait(self):
        end = time.monotonic() + READY_S
        while time.monotonic() < end and self.process.poll() is None:
            if self("version", check=False).returncode == 0:
                return True
            time.sleep(0.5)
        return False

    def end(self):
        if self.process.poll() is None:
            self.process.terminate()
        self.process.wait(30)


def make_image(docker, folder):
    root = folder / "root"
    (root / "bin").mkdir(parents=True)
    (root / "etc").mkdir()
    (root / "etc/passwd").write_text("root:x:0:0::/:/bin/sh\ninside:x:1234:1234::/:/bin/sh\n", encoding="ascii")
    shutil.copy(containers.BUSYBOX, root / "bin/busybox")
    for name in ("sh", "echo", "sleep"):
        (root / "bin" / name).symlink_to("busybox")
    archive = subprocess.run(["tar", "-C", root, "-c", "."], check=True, capture_output=True).stdout
    docker("import", "-", "rt/test:1", input=archive)


def watch(folder):
    (folder / "rule.yaml").write_text(RULE, encoding="ascii")
    rtctl = subprocess.Popen([RTCTL, "run", "--json", "--duration", str(WATCH_S), "-r", folder / "rule.yaml",
                             "--source", "syscall", f"kernel:docker={folder}/data,tree={os.getpid()}"],
                             stdout=subprocess.PIPE, text=True)
    while rtctl.poll() is None and not select.select([rtctl.stdout], [], [], 0.5)[0]:
        subprocess.run(["/bin/echo", "rt-docker"], check=True, stdout=subprocess.DEVNULL)
    return rtctl


def first_alert(rtctl):
    """The first one from a container; those before come from watch()."""
    for line in rtctl.stdout:
        fields = json.loads(line)["output_fields"]
        if fields["container.id"] != "host":
            return fields
    return {}


def main():
    if os.geteuid() != 0:
        skip("not root")
    if not os.path.exists("/sys/kernel/btf/vmlinux"):
        skip("the kernel has no BTF")
    if not shutil.which("dockerd") or not shutil.which("docker"):
        skip("no dockerd")
    if not os.path.exists(containers.BUSYBOX):
        skip(f"no {containers.BUSYBOX}")
    with tempfile.TemporaryDirectory(prefix="rt-docker-") as name:
        folder = pathlib.Path(name)
        # First: it sees what is started from then on.
        rtctl = watch(folder)
        docker = Docker(folder)
        try:
            if not docker.wait():
                skip("dockerd does not start: " + (folder / "log").read_text(encoding="utf-8")[-300:])
            make_image(docker, folder)
            ident = docker("run", "-d", "--privileged", "--name", "rt-web", "--label", "team=red", "--network", "none",
                           "-u", "1234", "rt/test:1", "/bin/sh", "-c",
                           "while true; do /bin/echo rt-docker; sleep 1; done").stdout.decode().strip()
            alert = first_alert(rtctl)
        finally:
            rtctl.terminate()
            rtctl.wait(20)
            rtctl.stdout.close()
            docker("rm", "-f", "rt-web", check=False)
            docker.end()
    wrong = {k: alert.get(k) for k, v in {**EXPECTED, "container.id": ident[:12]}.items() if alert.get(k) != v}
    print(f"FAILED: {wrong}" if wrong else "ok")
    return bool(wrong)


if __name__ == "__main__":
    sys.exit(main())
