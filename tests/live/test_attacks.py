#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""test_attacks.py RTCTL ATTACK: each attack that the stable stock rules are about, done for real in
containers made here, while `rtctl run` watches; every rule has to fire, with the right fields.

The rules come from the corpus ($RT_CORPUS, default ../shared/corpus). Without it, root, BTF, runc
or busybox the test is skipped (exit 77) and says why."""
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import threading
import time

import containers

RTCTL, ATTACK = sys.argv[1:3]
API_ADDRESS, PUBLIC = "203.0.113.7", "203.0.113.8"
API_SERVER = "kubernetes.default.svc.cluster.local"
CANARY = "rt-canary"
WAIT_S = 20
SLOW_S = 6  # a process counts as new for 5 seconds
SKIPPED = 77

MORE_RULES = f"""
- rule: canary
  desc: the watch has begun
  condition: evt.type in (execve, execveat) and proc.name = {CANARY}
  output: canary
  priority: INFO
"""
CONFIG = """
append_output:
  - match: {}
    extra_fields: [evt.type, evt.res, container.id, container.name, container.privileged,
                   container.image.repository, container.image.tag, k8s.pod.name, k8s.ns.name, k8s.pod.uid,
                   fd.name, fd.sport, fd.sip.name, proc.name, proc.tty]
"""


class Attack:
    """Words to run in a container, the rule that is to fire, and what its alert has to say."""

    def __init__(self, rule, words, *, where="plain", how=None, **fields):
        self.rule, self.words, self.where, self.how = rule, words, where, how
        name = pathlib.PurePath(words[0]).name
        self.fields = {"proc.name": name, "user.name": "root", "user.uid": 0, "proc.cmdline":
                       " ".join([name, *words[1:]]), **{k.replace("__", "."): v for k, v in fields.items()}}





ATTACKS = [
    # First: it takes a while.
    Attack("Read sensitive file trusted after startup", ["/bin/nginx", "read-later", str(SLOW_S), "/etc/shadow"],
           how="background", fd__name="/etc/shadow", proc__exepath="/bin/nginx", proc__pname="attack"),
    Attack("Directory traversal monitored file read", ["/bin/attack", "read", "/var/../tmp/../etc/passwd"],
           fd__name="/etc/passwd", fd__nameraw="/var/../tmp/../etc/passwd"),
    Attack("Read sensitive file untrusted", ["/bin/cat", "/etc/shadow"], fd__name="/etc/shadow",
           proc__exepath="/bin/busybox"),
    Attack("Run shell untrusted", ["/bin/nginx", "run", "/bin/sh", "-c", "echo x"], proc__name="sh",
           proc__pname="nginx", proc__cmdline="sh -c echo x"),
    Attack("System user interactive", ["/bin/sshd", "run", "/bin/attack", "as-user", "65534", "/bin/id"],
           proc__name="id", proc__pname="sshd", proc__cmdline="id", user__name="nobody", user__uid=65534),
    Attack("Terminal shell in container", ["sh", "-c", "echo x"], how="terminal", proc__pname="runc"),
    Attack("Contact K8S API Server From Container", ["/bin/attack", "connect", API_ADDRESS, "6443"],
           evt__type="connect", fd__sip__name=API_SERVER),
    Attack("Netcat Remote Code Execution in Container", ["/bin/nc", "127.0.0.1", "9", "-e", "/bin/sh"]),
    Attack("Search Private Keys or Passwords", ["/bin/find", "/root", "-name", "id_rsa"]),
    Attack("Clear Log Activities", ["/bin/attack", "clear", "/var/log/auth.log"], fd__name="/var/log/auth.log"),
    Attack("Remove Bulk Data from Disk", ["/bin/shred", "-u", "/tmp/data"]),
    Attack("Create Symlink Over Sensitive Files", ["/bin/ln", "-s", "/etc/shadow", "/tmp/soft"]),
    Attack("Create Hardlink Over Sensitive Files", ["/bin/attack", "link", "/etc/shadow", "/tmp/hard"]),
    Attack("Packet socket created in container", ["/bin/attack", "packet-socket"], evt__type="socket"),
    Attack("Redirect STDOUT/STDIN to Network Connection in Container",
           ["/bin/attack", "redirect", "127.0.0.1", "7000"], evt__type="dup2"),
    Attack("Linux Kernel Module Injection Detected", ["/bin/attack", "insert-module"], where="privileged",
           evt__type="init_module"),
    Attack("Debugfs Launched in Privileged Container", ["/bin/debugfs", "nothing"], where="privileged"),
    Attack("Detect release_agent File Container Escapes", ["/bin/attack", "clear", "/tmp/release_agent"],
           where="privileged", fd__name="/tmp/release_agent"),
    Attack("PTRACE attached to process", ["/bin/attack", "ptrace-attach"], where="pod", evt__type="ptrace"),
    Attack("PTRACE anti-debug attempt", ["/bin/attack", "ptrace-me"], evt__type="ptrace"),
    Attack("Find AWS Credentials", ["/bin/grep", "-r", "aws_secret_access_key", "/root"]),
    Attack("Execution from /dev/shm", ["/dev/shm/dropped", "nothing"], proc__exepath="/dev/shm/dropped"),
    Attack("Drop and execute new binary in container", ["/tmp/dropped", "nothing"], proc__exepath="/tmp/dropped"),
    Attack("Disallowed SSH Connection Non Standard Port", ["/bin/ssh", "connect", PUBLIC, "4444"],
           evt__type="connect", fd__sport=4444),
    Attack("Fileless execution via memfd_create", ["/bin/attack", "from-memory", "/bin/attack", "ghost", "nothing"],
           proc__name="memfd:payload", proc__exepath="memfd:payload", proc__cmdline="memfd:payload nothing"),
]


def skip(why):
    print(f"skipped: {why}")
    sys.exit(SKIPPED)


def rules_file():
    corpus = pathlib.Path(os.environ.get("RT_CORPUS", "../shared/corpus"))
    file = corpus / "rules/falco_rules.yaml"
    return file if file.is_file() else skip(f"no corpus: {file}")


DOCKER = {"container.name": "web-1", "container.image.repository": "docker.io/library/nginx",
          "container.image.tag": "1.27", "container.privileged": True}
POD = {"container.name": "shop", "container.image.repository": "registry.local/shop", "k8s.pod.name": "shop-7",
       "k8s.ns.name": "prod", "k8s.pod.uid": "0f5c"}


METADATA = {"plain": {}, "privileged": DOCKER, "pod": POD}


def write_docker(root, ident):
    """What Docker keeps of a container."""
    folder = root / "containers" / ident
    folder.mkdir(parents=True)
    write_json(folder / "config.v2.json", {
        "ID": ident, "Name": "/web-1", "Created": "2024-05-01T10:00:00.5Z", "Image": "sha256:" + 64 * "a",
        "Config": {"Image": "docker.io/library/nginx:1.27", "User": "", "Labels": {"app": "web"}}})
    write_json(folder / "hostconfig.json", {"Privileged": True, "NetworkMode": "default"})


def write_pod(root, ident):
    """What containerd keeps of a container that Kubernetes asked for."""
    folder = root / "io.containerd.runtime.v2.task/k8s.io" / ident
    folder.mkdir(parents=True)
    write_json(folder / "config.json", {"ociVersion": "1.0.2", "annotations": {
        "io.kubernetes.cri.container-name": "shop", "io.kubernetes.cri.container-type": "container",
        "io.kubernetes.cri.image-name": "registry.local/shop:3", "io.kubernetes.cri.sandbox-name": "shop-7",
        "io.kubernetes.cri.sandbox-namespace": "prod", "io.kubernetes.cri.sandbox-uid": "0f5c"}})


def write_json(path, value):
    path.write_text(json.dumps(value), encoding="ascii")


class Watch:
    """rtctl, scoped to what this process starts; its alerts as they come."""

    def __init__(self, folder, *args, source="kernel:"):
        (folder / "more.yaml").write_text(MORE_RULES, encoding="ascii")
        (folder / "config.yaml").write_text(CONFIG, encoding="ascii")
        self.canary = folder / CANARY
        shutil.copy(ATTACK, self.canary)
        self.alerts, self.known = [], threading.Condition()
        self.process = subprocess.Popen(
            [*args, RTCTL, "run", "--json", "-c", folder / "config.yaml", "-r", rules_file(), "-r",
             folder / "more.yaml", "--source", "syscall", f"{source}tree={os.getpid()}"],
            stdout=subprocess.PIPE, stdin=subprocess.DEVNULL, text=True)
        threading.Thread(target=self.read, daemon=True).start()

    def read(self):
        for line in self.process.stdout:
            with self.known:
                self.alerts.append(json.loads(line))
                self.known.notify_all()

    def reach(self):
        """All that happened up to now has been judged."""
        before = len(self.alerts)
        end = time.monotonic() + WAIT_S
        while time.monotonic() < end and self.process.poll() is None:
            subprocess.run([self.canary, "nothing"], check=True)
            with self.known:
                if self.known.wait_for(lambda: any(a["rule"] == "canary" for a in self.alerts[before:]), 1):
                    return
        raise RuntimeError("rtctl does not see what happens here")

    def end(self):
        if self.process.poll() is None:
            self.process.terminate()
        self.process.wait(20)


def attack_all(places):
    for attack in ATTACKS:
        place = places[attack.where]
        if attack.how == "terminal":
            place.in_terminal(*attack.words)
        else:
            place.do(*attack.words, wait=attack.how != "background")


def differences(attack, alert, places):
    """Fields of the alert that are not as they have to be."""
    fields = alert["output_fields"]
    expected = {**attack.fields, **METADATA[attack.where], "container.id": places[attack.where].id[:12]}
    return [f"{k}: {fields.get(k)!r}, not {v!r}" for k, v in expected.items()
            if v is not None and fields.get(k) != v]


def judge(alerts, places):
    """Attacks that were not seen, or not well."""
    bad = 0
    for attack in ATTACKS:
        candidates = [differences(attack, a, places) for a in alerts if a["rule"] == attack.rule]
        best = min(candidates, key=len, default=["no alert"])
        print(f"{'ok    ' if not best else 'FAILED'} {attack.rule}{': ' if best else ''}{'; '.join(best)}")
        bad += bool(best)
    expected = {attack.rule for attack in ATTACKS} | {"canary"}
    for alert in alerts:
        if alert["rule"] not in expected:
            print(f"FAILED: alert of another rule: {alert['output']}")
            bad += 1
    return bad


def main():
    rules_file()
    if os.geteuid() != 0:
        skip("not root")
    if not os.path.exists("/sys/kernel/btf/vmlinux"):
        skip("the kernel has no BTF")
    if containers.missing():
        skip(containers.missing())
    image = {f"bin/{name}": ATTACK for name in ("attack", "nginx", "sshd", "ssh", "debugfs")}
    with tempfile.TemporaryDirectory(prefix="rt-live-") as folder, containers.World(folder, image) as world:
        hosts = world.dir / "hosts"
        hosts.write_text(f"127.0.0.1 localhost\n{API_ADDRESS} {API_SERVER}\n", encoding="ascii")
        places = {"plain": world.container("plain", addresses=(API_ADDRESS, PUBLIC)),
                  "privileged": world.container("privileged", more_capabilities=["CAP_SYS_ADMIN", "CAP_SYS_MODULE"]),
                  "pod": world.container("pod", cgroup="/kubepods/besteffort/pod0f5c/{id}")}
        write_docker(world.dir / "docker", places["privileged"].id)
        write_pod(world.dir / "containerd", places["pod"].id)
        watch = Watch(world.dir, "unshare", "-m", "sh", "-c", f"mount --bind {hosts} /etc/hosts && exec \"$@\"", "sh",
                      source=f"kernel:docker={world.dir}/docker,containerd={world.dir}/containerd,")
        try:
            watch.reach()
            for place in places.values():
                place.start()
            places["plain"].do("/bin/cp", "/bin/attack", "/dev/shm/dropped")
            places["plain"].do("/bin/cp", "/bin/attack", "/tmp/dropped")
            began = time.monotonic()
            attack_all(places)
            time.sleep(max(0, began + SLOW_S + 1 - time.monotonic()))
            watch.reach()
        finally:
            watch.end()
        bad = judge(watch.alerts, places)
    print(f"{len(ATTACKS) - bad} of {len(ATTACKS)} attacks seen")
    return bad != 0


if __name__ == "__main__":
    sys.exit(main())
