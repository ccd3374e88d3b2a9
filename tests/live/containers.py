# SPDX-License-Identifier: Apache-2.0
"""Containers for tests: runc, a root of a static busybox under an overlay, cgroups as Docker names them."""
import json
import os
import pathlib
import shutil
import subprocess
import sys
import time

BUSYBOX = "/bin/busybox"
APPLETS = ("sh", "cat", "cp", "echo", "find", "grep", "ln", "nc", "shred", "sleep", "true", "id")
PASSWD = "root:x:0:0:root:/root:/bin/sh\nnobody:x:65534:65534:nobody:/:/bin/false\n"
FILES = {"etc/passwd": PASSWD, "etc/group": "root:x:0:\nnogroup:x:65534:\n",
         "etc/shadow": "root:*:1::::::\n", "var/log/auth.log": "yesterday\n", "tmp/data": "data\n"}
CAPABILITIES = ["CAP_CHOWN", "CAP_DAC_OVERRIDE", "CAP_KILL", "CAP_NET_RAW", "CAP_NET_BIND_SERVICE",
                "CAP_SETUID", "CAP_SETGID", "CAP_SYS_PTRACE", "CAP_MKNOD"]


def missing():
    """What the machine lacks for containers, one sentence; "" when it has everything."""
    for path in (BUSYBOX, shutil.which("runc") or "/usr/sbin/runc"):
        if not os.path.exists(path):
            return f"no {path}"
    if subprocess.run([BUSYBOX, "true"], check=False).returncode != 0:
        return f"{BUSYBOX} does not run"
    return ""


def run(*args, check=True):
    return subprocess.run([str(a) for a in args], check=check, timeout=60, capture_output=True, text=True)


class World:
    """A folder on a tmpfs with the image that all its containers share; a context manager."""

    def __init__(self, folder, programs):
        self.dir = pathlib.Path(folder)
        self.programs = programs  # path in the image: file of this machine
        self.made = []

    def __enter__(self):
        run("mount", "-t", "tmpfs", "-o", "size=64m", "image", self.dir)
        image = self.dir / "image"
        for folder in ("bin", "etc", "proc", "dev", "sys", "tmp", "root", "usr/sbin", "var/log"):
            (image / folder).mkdir(parents=True)
        for name, text in FILES.items():
            (image / name).write_text(text, encoding="ascii")
        shutil.copy(BUSYBOX, image / "bin/busybox")
        for name in APPLETS:
            (image / "bin" / name).symlink_to("busybox")
        for name, source in self.programs.items():
            shutil.copy(source, image / name)
        return self

    def __exit__(self, *_):
        try:
            for container in self.made:
                container.end()
        finally:
            run("umount", "-l", self.dir, check=False)

    def container(self, name, **options):
        self.made.append(Container(self, name, **options))
        return self.made[-1]


class Container:
    """`attack serve` in a container: it runs what it is told, each as a process of its own."""

    def __init__(self, world, name, cgroup="/docker/{id}", more_capabilities=(), addresses=(), ident=None):
        self.id = ident or os.urandom(32).hex()
        self.dir = world.dir / name
        self.state = world.dir / "runc"
        self.server = None
        for part in ("upper", "work", "rootfs"):
            (self.dir / part).mkdir(parents=True)
        run("mount", "-t", "overlay", "overlay", "-o",
            f"lowerdir={world.dir}/image,upperdir={self.dir}/upper,workdir={self.dir}/work", self.dir / "rootfs")
        config = self.config(name, cgroup.format(id=self.id), CAPABILITIES + list(more_capabilities))
        (self.dir / "config.json").write_text(json.dumps(config), encoding="ascii")
        self.addresses = addresses

    def config(self, name, cgroup, capabilities):
        tmpfs = {"type": "tmpfs", "source": "tmpfs"}
        return {
            "ociVersion": "1.0.2", "hostname": name, "root": {"path": "rootfs", "readonly": False},
            "process": {"terminal": False, "user": {"uid": 0, "gid": 0}, "args": ["/bin/attack", "serve"],
                        "env": ["PATH=/bin"], "cwd": "/",
                        "capabilities": dict.fromkeys(("bounding", "effective", "permitted"), capabilities)},
            "mounts": [{"destination": "/proc", "type": "proc", "source": "proc"},
                       {"destination": "/dev", **tmpfs, "options": ["nosuid", "mode=755"]},
                       {"destination": "/dev/pts", "type": "devpts", "source": "devpts",
                        "options": ["newinstance", "ptmxmode=0666"]},
                       {"destination": "/dev/shm", **tmpfs, "options": ["nosuid", "nodev"]}],
            "linux": {"cgroupsPath": cgroup, "resources": {"devices": [{"allow": True, "access": "rwm"}]},
                      "namespaces": [{"type": kind} for kind in ("pid", "network", "ipc", "uts", "mount")]}}

    def runc(self, *args, check=True):
        return run("runc", "--root", self.state, *args, check=check)

    def start(self):
        self.server = subprocess.Popen(
            ["runc", "--root", str(self.state), "run", "--bundle", str(self.dir), "--pid-file",
             str(self.dir / "pid"), self.id], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            stderr=sys.stderr, text=True)
        self.do("/bin/attack", "nothing")
        if self.addresses:
            net = ["nsenter", "-t", self.pid(), "-n", BUSYBOX, "ifconfig"]
            run(*net, "lo", "127.0.0.1", "up")
            for number, address in enumerate(self.addresses):
                run(*net, f"lo:{number}", address, "netmask", "255.255.255.255", "up")

    def pid(self):
        """Of its first process; the runtime writes it down soon after that runs."""
        file = self.dir / "pid"
        for _ in range(200):
            if file.exists() and file.read_text():
                return file.read_text()
            time.sleep(0.05)
        raise RuntimeError("runc tells no pid")

    def do(self, *words, wait=True):
        """Run a command in there; its exit status."""
        self.server.stdin.write(("" if wait else "&") + "\t".join(words) + "\n")
        self.server.stdin.flush()
        answer = self.server.stdout.readline()
        if not answer:
            raise RuntimeError(f"the container ended at {words}")
        return int(answer)

    def in_terminal(self, *words):
        """`runc exec` with a terminal, as a user would."""
        master, slave = os.openpty()
        try:
            done = subprocess.Popen(["runc", "--root", str(self.state), "exec", "-t", self.id, *words],
                                    stdin=slave, stdout=slave, stderr=slave, start_new_session=True)
            os.close(slave)
            slave = -1
            return done.wait(30)
        finally:
            os.close(master)
            if slave >= 0:
                os.close(slave)

    def end(self):
        """The processes, the container, its cgroups, its root."""
        if self.server:
            self.server.stdin.close()
            try:
                self.server.wait(5)
            except subprocess.TimeoutExpired:
                pass
            self.runc("delete", "-f", self.id, check=False)
            self.server.wait(10)
            self.server.stdout.close()
        run("umount", self.dir / "rootfs", check=False)
