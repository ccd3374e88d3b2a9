#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""matrix.py - the live source on the kernels that users have: each booted in a machine of its own.

in    a build directory; the kernels named below, from Debian's servers (kept, so fetched once)
out   one line a kernel and a total; exit 1 when one fails; 0 when skipped too, with the reason

Each machine is qemu without hardware help and without a network; its only process is init.sh, which
loads the kernel side, lets `rtctl run` watch, attacks, and reports on the console. What was alerted
is compared with expected.tsv.
"""
import argparse
import json
import lzma
import os
import re
import stat
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
KEYRING = Path("/usr/share/keyrings/debian-archive-keyring.gpg")
# Which kernels, and the build of the programs that each must take.
KERNELS = {"5.10": "raw", "6.1": "typed", "6.12": "typed"}
SUITES = ["bullseye-security", "bookworm-security"]
PROGRAMS = ["tools/rtctl/rtctl", "tests/matrix/matrix-probe", "tests/matrix/matrix-attack"]
OVERLAY_RULE = "Matrix Run From Upper Layer"


class Skip(Exception):
    """The matrix cannot run here; the reason."""


def run(*command):
    done = subprocess.run([str(c) for c in command], capture_output=True, text=True, check=False)
    if done.returncode != 0:
        lines = (done.stderr or done.stdout).strip().splitlines() or ["failed"]
        raise Skip(f"{command[0]}: {lines[-1]}")
    return done.stdout


# ---- kernels ----

def security_archive():
    """Where this machine gets Debian's security updates, which hold the kernels of older releases."""
    if "RT_DEBIAN_MIRROR" in os.environ:
        return os.environ["RT_DEBIAN_MIRROR"] + "/debian-security"
    uris = set(run("apt-get", "indextargets", "--format", "$(REPO_URI)").split())
    found = sorted(u for u in uris if u.rstrip("/").endswith("debian-security"))
    if not found:
        raise Skip("apt knows no archive of security updates; RT_DEBIAN_MIRROR can name a server")
    return found[0]


class Packages:
    """Debian's packages by a configuration of our own: this machine's stays as it is."""

    def __init__(self, work):
        self.work = work
        self.apt = work / "apt"
        for name in ("lists/partial", "cache/archives/partial"):
            (self.apt / name).mkdir(parents=True, exist_ok=True)
        archive = security_archive()
        sources = [f"deb [arch=amd64 signed-by={KEYRING}] {archive} {suite} main\n" for suite in SUITES]
        (self.apt / "sources.list").write_text("".join(sources))
        self.updated = False

    def options(self):
        return ["-q", "-o", f"Dir::Etc::sourcelist={self.apt}/sources.list",
                "-o", "Dir::Etc::sourceparts=-", "-o", f"Dir::State::lists={self.apt}/lists",
                "-o", f"Dir::Cache={self.apt}/cache", "-o", "APT::Sandbox::User=root",
                # Old suites are signed, but no longer renewed.
                "-o", "Acquire::Check-Valid-Until=false", "-o", "Acquire::Languages=none",
                "-o", "APT::Update::Error-Mode=any"]

    def newest(self, kernel):
        if not self.updated:
            run("apt-get", *self.options(), "update")
            self.updated = True
        names = run("apt-cache", *self.options(), "pkgnames", f"linux-image-{kernel}.").split()
        wanted = [n for n in names if re.fullmatch(
            rf"linux-image-{re.escape(kernel)}\.\d[\w.+~-]*-cloud-amd64", n)]
        if not wanted:
            raise Skip(f"no cloud kernel {kernel} in {', '.join(SUITES)}")
        return max(wanted, key=lambda n: [int(d) for d in re.findall(r"\d+", n)])

    def unpack(self, kernel):
        to = self.work / "kernels" / kernel
        if not list(to.glob("boot/vmlinuz-*")):
            name = self.newest(kernel)
            fetch = self.work / "fetched"
            fetch.mkdir(exist_ok=True)
            subprocess.run(["apt-get", *self.options(), "download", name], cwd=fetch, check=False,
                           capture_output=True)
            debs = sorted(fetch.glob(f"{name}_*.deb"))
            if not debs:
                raise Skip(f"cannot download {name}")
            to.mkdir(parents=True, exist_ok=True)
            run("dpkg-deb", "-x", debs[-1], to)
            for deb in debs:
                deb.unlink()
        return to


# ---- the machine's first file system ----

class Archive:
    """A cpio archive of the kind that kernels unpack (newc), as bytes."""

    def __init__(self):
        self.parts, self.seen, self.count = [], set(), 0

    def add(self, path, mode, data=b""):
        path = path.strip("/")
        if path in self.seen:
            return
        if "/" in path:
            self.add(os.path.dirname(path), stat.S_IFDIR | 0o755)
        self.seen.add(path)
        self.count += 1
        name = path.encode() + b"\0"
        numbers = (self.count, mode, 0, 0, 1, 0, len(data), 0, 0, 0, 0, len(name), 0)
        head = b"070701" + b"".join(b"%08X" % n for n in numbers) + name
        self.parts += [head, b"\0" * (-len(head) % 4), data, b"\0" * (-len(data) % 4)]

    def add_file(self, path, source, mode=0o755):
        self.add(path, stat.S_IFREG | mode, Path(source).read_bytes())

    def bytes(self):
        self.add("TRAILER!!!", 0)
        return b"".join(self.parts)


def libraries(program):
    """What the loader maps for the program, by path."""
    done = subprocess.run(["ldd", str(program)], capture_output=True, text=True, check=False)
    return re.findall(r"(/\S+) \(0x", done.stdout)


def stripped(program, work):
    to = work / "bin" / Path(program).name
    to.parent.mkdir(exist_ok=True)
    run("strip", "-o", to, program)
    return to


def common_files(build, work):
    """All that the machines have in common: {path: (source, mode)}."""
    files = {"init": (HERE / "init.sh", 0o755), "bin/busybox": ("/bin/busybox", 0o755),
             "bin/sh": ("/bin/busybox", 0o755),
             "rules/matrix.yaml": (HERE / "rules.yaml", 0o644)}
    for name in PROGRAMS:
        program = build / name
        files[f"bin/{program.name}"] = (stripped(program, work), 0o755)
        for library in libraries(program):
            where = library if "/ld-linux" in library else f"lib/{Path(library).name}"
            files.setdefault(where.strip("/"), (library, 0o755))
    for rules in sorted((ROOT / "rules/linux").glob("*.yaml")):
        files[f"rules/{rules.name}"] = (rules, 0o644)
    for built in sorted((build / "src/live/bpf").glob("*.bpf.o")):
        files[f"objects/{built.name}"] = (built, 0o644)
    return files


def overlay_module(kernel_dir):
    for path in kernel_dir.glob("**/fs/overlayfs/overlay.ko*"):
        return lzma.decompress(path.read_bytes()) if path.suffix == ".xz" else path.read_bytes()
    return None


def write_image(files, kernel_dir, to):
    archive = Archive()
    for name in ("dev", "proc", "sys", "tmp", "root", "etc"):
        archive.add(name, stat.S_IFDIR | 0o755)
    archive.add("dev/console", stat.S_IFCHR | 0o600)
    for path, (source, mode) in files.items():
        archive.add_file(path, source, mode)
    module = overlay_module(kernel_dir)
    if module:
        archive.add("overlay.ko", stat.S_IFREG | 0o644, module)
    archive.add("etc/shadow", stat.S_IFREG | 0o600, b"root:*:1::::::\n")
    for path, text in (("etc/passwd", b"root:x:0:0:root:/root:/bin/sh\n"),
                       ("etc/group", b"root:x:0:\n"),
                       ("etc/hosts", b"127.0.0.1 localhost\n"), ("root/.ash_history", b"ls\n")):
        archive.add(path, stat.S_IFREG | 0o644, text)
    to.write_bytes(archive.bytes())


# ---- boot and judge ----

def boot(kernel_dir, image, log, seconds):
    """The console's lines."""
    vmlinuz = sorted(kernel_dir.glob("boot/vmlinuz-*"))[-1]
    command = ["qemu-system-x86_64", "-accel", "tcg,thread=multi", "-cpu", "max", "-smp", "2",
               "-m", "1024", "-nographic", "-no-reboot", "-nic", "none", "-kernel", str(vmlinuz),
               "-initrd", str(image), "-append", "console=ttyS0 quiet panic=-1 tsc=unstable"]
    with open(log, "wb") as out:
        try:
            subprocess.run(command, stdin=subprocess.DEVNULL, stdout=out, stderr=out, check=False,
                           timeout=seconds)
        except subprocess.TimeoutExpired:
            out.write(b"\nMATRIX timeout\n")
    return log.read_text(errors="replace").replace("\r", "").splitlines()


def expected():
    rows = []
    for line in (HERE / "expected.tsv").read_text().splitlines():
        if line and not line.startswith("#"):
            rows.append(tuple(line.split("\t")))
    return rows


def said(lines, what):
    """The rest of the first line of that kind; "" without one."""
    found = [line.split(f"MATRIX {what} ", 1)[1] for line in lines if f"MATRIX {what} " in line]
    return found[0].strip() if found else ""


def alerts_of(lines, problems):
    alerts = []
    for line in lines:
        if not line.startswith("MATRIX alert "):
            continue
        try:
            alert = json.loads(line[len("MATRIX alert "):])
            alerts.append((alert["rule"], alert["output"]))
        except (ValueError, KeyError):
            problems.append(f"damaged alert: {line[:120]}")
    return alerts


def judge(kernel, lines):
    """(what was seen in words, problems)"""
    problems = []
    alerts = alerts_of(lines, problems)
    rows = [row for row in expected() if row[0] != OVERLAY_RULE or said(lines, "layers") == "yes"]
    best = said(lines, "probe best")
    if best != KERNELS[kernel]:
        problems.append(f"not the {KERNELS[kernel]} build was taken: {best or 'no answer'}")
    if said(lines, "probe raw") != "loads":
        problems.append(f"the raw build: {said(lines, 'probe raw') or 'no answer'}")
    seen = 0
    if not alerts:
        problems.append(f"no alert at all: {said(lines, 'note') or 'and no reason'}")
    for rule, text in rows if alerts else []:
        outputs = [output for name, output in alerts if name == rule]
        if any(text in output for output in outputs):
            seen += 1
        else:
            problems.append(f"{rule}: " + (f"{text!r} is not in {outputs[0]!r}" if outputs
                                           else "no alert"))
    known = {rule for rule, _ in rows}
    for rule in sorted({name for name, _ in alerts if name.startswith("Matrix ")} - known):
        problems.append(f"{rule}: an alert that nothing here causes")
    problems += [line[len("MATRIX "):] for line in lines
                 if line.startswith("MATRIX failed ") or "events were lost" in line]
    if said(lines, "exit") not in ("", "0"):
        problems.append(f"rtctl run ended with {said(lines, 'exit')}")
    if not said(lines, "end"):
        problems.append("the machine did not end by itself")
    release = said(lines, "booted").split(" ")[0] or "did not boot"
    return f"{release}: {best or '-'}, {seen} of {len(rows)} detected", problems


def check_kernel(kernel, files, packages, opts):
    started = time.monotonic()
    kernel_dir = packages.unpack(kernel)
    image = opts.work / f"{kernel}.cpio"
    write_image(files, kernel_dir, image)
    lines = boot(kernel_dir, image, opts.work / f"{kernel}.log", opts.timeout)
    image.unlink()
    seen, problems = judge(kernel, lines)
    return kernel, seen, problems, time.monotonic() - started


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--build", type=Path, required=True, help="build directory")
    parser.add_argument("--work", type=Path, help="kernels and logs (default: BUILD/matrix)")
    parser.add_argument("--timeout", type=int, default=240, help="seconds for each machine")
    parser.add_argument("kernel", nargs="*", help=f"of {', '.join(KERNELS)} (default: all)")
    opts = parser.parse_args()
    opts.work = (opts.work or opts.build / "matrix").resolve()
    opts.work.mkdir(parents=True, exist_ok=True)
    wanted = opts.kernel or list(KERNELS)
    if not set(wanted) <= set(KERNELS):
        parser.error(f"kernels are {', '.join(KERNELS)}")
    try:
        packages = Packages(opts.work)
        for kernel in wanted:
            packages.unpack(kernel)
        files = common_files(opts.build, opts.work)
    except (Skip, OSError) as why:
        print(f"matrix: skipped: {why}")
        return 0
    bad = 0
    with ThreadPoolExecutor(max(1, (os.cpu_count() or 1) // 2)) as pool:
        for kernel, seen, problems, seconds in pool.map(
                lambda k: check_kernel(k, files, packages, opts), wanted):
            bad += bool(problems)
            print(f"{'FAIL' if problems else 'ok  '} {kernel:5} {seen}, {seconds:.0f} s",
                  flush=True)
            for problem in problems:
                print(f"       {problem}")
            if problems:
                print(f"       console: {opts.work}/{kernel}.log")
    print(f"matrix: {len(wanted) - bad} of {len(wanted)} kernels")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
