#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""test_install.py BUILD: what users do with a copy of the libraries that was installed. The libraries are what
they should be; C and C++ programs are built through pkg-config and CMake, shared and static, and the example
agents run. The bindings have tests of the same kind (bindings/*/install-tests)."""
import os
import pathlib
import re
import shutil
import subprocess
import sys

import agent_check

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[1]
sys.path.insert(0, str(ROOT / "scripts"))
import public  # noqa: E402

NEEDED = {"libyaml-0.so.2", "libpcre2-8.so.0", "libc.so.6"}
WARNINGS = ["-Wall", "-Wextra", "-Werror"]


def run(*command, **more):
    done = subprocess.run(list(map(str, command)), capture_output=True, text=True, check=False, **more)
    if done.returncode:
        raise AssertionError(f"{' '.join(map(str, command))}: exit {done.returncode}\n{done.stdout}{done.stderr}")
    return done.stdout


class Installed:
    """A staged copy, and where things are built with it."""

    def __init__(self, build):
        self.work = build / "packaging"
        shutil.rmtree(self.work, ignore_errors=True)
        self.stage = self.work / "stage"
        run("meson", "install", "-C", build, "--no-rebuild", "--tags", "runtime,devel",
            env={**os.environ, "DESTDIR": str(self.stage)})
        self.libdir = next(self.stage.rglob("libruntime.so")).parent
        self.include = next(self.stage.rglob("runtime.h")).parents[1]
        self.parts = [library.name.split("-")[1] for library in public.LIBRARIES[1:]
                      if (self.libdir / f"{library.name}.so").exists()]
        # Archives alone, for programs that are to be linked with these and with shared ones of the system.
        self.archives = self.work / "archives"
        self.archives.mkdir()
        for path in self.libdir.glob("libruntime*.a"):
            shutil.copy(path, self.archives)

    def flags(self, name, *options, libdir=None):
        """What pkg-config says."""
        env = {**os.environ, "PKG_CONFIG_PATH": str(self.libdir / "pkgconfig")}
        if libdir:
            options = (*options, f"--define-variable=libdir={libdir}",
                       f"--define-variable=includedir={self.include}")
        else:
            env["PKG_CONFIG_SYSROOT_DIR"] = str(self.stage)
        return run("pkg-config", "--cflags", "--libs", *options, name, env=env).split()

    def build(self, compiler, source, name, flags):
        program = self.work / name
        run(*compiler, *WARNINGS, source, "-o", program, *flags)
        return program

    @property
    def environment(self):
        return {"LD_LIBRARY_PATH": str(self.libdir)}


def needed(path):
    return set(re.findall(r"\(NEEDED\).*\[(.*)\]", run("readelf", "-dW", path)))


def the_core_needs_libyaml_pcre2_and_libc_alone(copy):
    dynamic = run("readelf", "-dW", copy.libdir / "libruntime.so")
    assert needed(copy.libdir / "libruntime.so") <= NEEDED, dynamic
    assert "Library soname: [libruntime.so.0]" in dynamic, dynamic
    shown = run("ldd", copy.libdir / "libruntime.so")
    assert all(re.search(r"linux-vdso|ld-linux|" + "|".join(map(re.escape, NEEDED)), line)
               for line in shown.splitlines()), shown


def libraries_export_what_their_maps_list(copy):
    for library in public.LIBRARIES:
        path = copy.libdir / f"{library.name}.so"
        if not path.exists():
            continue
        listed = {f"{name}@@{node.name}" for node in public.nodes(library) for name in node.symbols}
        rows = [line.split() for line in run("nm", "-D", "--defined-only", path).splitlines()]
        found = {name for _, kind, name in rows if kind != "A"}
        assert found == listed, f"{library.name}: {found ^ listed}"
        assert all(kind == "T" and name.startswith("rt_") for _, kind, name in rows if kind != "A"), rows
        dynamic = run("readelf", "-dW", path)
        assert not re.search("RPATH|RUNPATH|TEXTREL", dynamic), dynamic


def libraries_have_no_globals(copy):
    """Nothing that is written to outlives a call, but what the compiler itself puts there."""
    theirs = re.compile(r"__dso_handle|completed\.\d+|__TMC_END__|\.data|\.bss")
    for library in public.LIBRARIES:
        path = copy.libdir / f"{library.name}.so"
        if path.exists():
            for line in run("objdump", "-t", path).splitlines():
                found = re.search(r"\s\.(?:data|bss)\s+[0-9a-f]+\s+(?:\.hidden )?(\S+)$", line)
                assert not found or theirs.fullmatch(found.group(1)), f"{library.name}: {line}"


def archives_define_prefixed_names_alone(copy):
    for part in ("", "-falco", "-inputs", "-live"):
        path = copy.archives / f"libruntime{part}.a"
        if not path.exists():
            continue
        names = [line.split()[-1] for line in run("nm", "-g", "--defined-only", path).splitlines()
                 if len(line.split()) == 3]
        bad = [name for name in names if not re.match(r"rti?_|live_", name)]
        assert names and not bad, f"{path.name}: {bad}"


def c_through_pkg_config(copy):
    program = copy.build(["cc"], ROOT / "examples/agent.c", "agent-c", copy.flags("libruntime"))
    assert "libruntime.so.0" in needed(program)
    agent_check.check(program, **copy.environment)


def c_through_pkg_config_static(copy):
    flags = ["-static", *copy.flags("libruntime", "--static", libdir=copy.archives)]
    program = copy.build(["cc"], ROOT / "examples/agent.c", "agent-c-static", flags)
    assert not needed(program)
    agent_check.check(program)


def cxx_through_pkg_config(copy):
    for standard in ("11", "20"):
        compiler = ["g++", f"-std=c++{standard}", "-Wold-style-cast"]
        program = copy.build(compiler, ROOT / "examples/agent.cc", f"agent-cc{standard}", copy.flags("libruntime"))
    agent_check.check(program, **copy.environment)


def other_examples_through_pkg_config(copy):
    data = ROOT / "tests/data/cloudtrail"
    for name, arguments, lines in (
            ("embed", (ROOT / "rules/aws", "aws_cloudtrail", data), 36),
            ("authlog", (ROOT / "examples/authlog/rules.yaml", ROOT / "examples/authlog/auth.log"), 1),
            ("geo", (ROOT / "examples/geo/rules.yaml", data / "account-takeover.json"), 4)):
        program = copy.build(["cc"], ROOT / f"examples/{name}.c", name, copy.flags("libruntime"))
        out = run(program, *arguments, env=copy.environment)
        assert out.count("\n") == lines, out


def a_library_of_native_functions_through_pkg_config(copy):
    """examples/natives.c needs a header alone; the rtctl of this build calls it."""
    if "natives" not in copy.parts:
        return
    folder = copy.work / "offices"
    folder.mkdir()
    flags = ["-shared", "-fPIC", "-fvisibility=hidden", *copy.flags("libruntime-natives")]
    library = copy.build(["cc"], ROOT / "examples/natives.c", "offices/liboffices.so",
                         [flag for flag in flags if not flag.startswith("-l")])
    assert needed(library) == {"libc.so.6"}
    out = run(copy.work.parent / "tools/rtctl/rtctl", "run", "-r", ROOT / "examples/natives/rules.yaml",
              "--natives-path", folder, "-s", "aws_cloudtrail", ROOT / "tests/data/cloudtrail/account-takeover.json",
              env=copy.environment)
    assert out.count("Login from") == 4, out


def parts_through_pkg_config(copy):
    for part in copy.parts:
        static = copy.flags(f"libruntime-{part}", "--static", libdir=copy.archives)
        if part == "inputs":
            # All of a static libmicrohttpd is more than Debian's development packages bring.
            static = copy.flags(f"libruntime-{part}", libdir=copy.archives)
            static += ["-lz", "-lmicrohttpd", "-lyaml", "-lpcre2-8", "-pthread"]
        for form, flags in (("", copy.flags(f"libruntime-{part}")), ("-static", static)):
            program = copy.build(["cc", f"-DPART_{part.upper()}"], HERE / "parts.c", part + form, flags)
            assert any(name.startswith("libruntime") for name in needed(program)) == (not form), part + form
            assert run(program, env=copy.environment) == "RT_OK\n"


def plugins_in_processes_of_their_own(copy):
    helper = next(copy.stage.rglob("libruntime-plugin-host"))
    assert helper.parent.name == "libexec" and not re.search("RPATH|RUNPATH", run("readelf", "-dW", helper))
    refused = subprocess.run([helper], capture_output=True, text=True, check=False, env=copy.environment)
    assert (refused.returncode, refused.stderr) == (
        2, "libruntime-plugin-host is started by libruntime-falco, not by hand\n"), refused
    plugin = copy.work.parent / "tests/falco/ticker.so"
    rtctl = next(copy.stage.rglob("bin/rtctl"))
    if plugin.exists():
        config = f"plugins=[{{name: ticker, library_path: {plugin}, isolated: true}}]"
        assert "sourcing,extraction" in run(rtctl, "list", "plugins", "-o", config, env=copy.environment)
        # The one beside it was used: without it there is none.
        helper.rename(helper.with_name("gone"))
        done = subprocess.run([rtctl, "list", "plugins", "-o", config], capture_output=True, text=True, check=False,
                              env=copy.environment)
        helper.with_name("gone").rename(helper)
        assert done.returncode == 1 and "cannot start '" in done.stderr, done


def cmake(copy, folder, *options):
    return run("cmake", "-S", HERE / "cmake", "-B", copy.work / folder, f"-DCMAKE_PREFIX_PATH={copy.include.parent}",
               f"-DEXAMPLES={ROOT / 'examples'}", f"-DPARTS_C={HERE / 'parts.c'}",
               "-DCMAKE_C_FLAGS=-Wall -Wextra -Werror", *options)


def c_and_cxx_through_cmake(copy):
    # Somewhere else than where it was staged: the package finds itself.
    moved = copy.work / "moved"
    shutil.copytree(copy.stage, moved, symlinks=True)
    prefix = moved / copy.include.parent.relative_to(copy.stage)
    cmake(copy, "cmake", f"-DCMAKE_PREFIX_PATH={prefix}", "-DWANTED_VERSION=0.1", f"-DPARTS={';'.join(copy.parts)}")
    run("cmake", "--build", copy.work / "cmake", "-j2")
    for language in ("c", "cc"):
        shared, static = copy.work / f"cmake/agent_{language}", copy.work / f"cmake/agent_{language}_static"
        assert "libruntime.so.0" in needed(shared) and "libruntime.so.0" not in needed(static)
        agent_check.check(shared)
        agent_check.check(static)
    for part in copy.parts:
        for form in ("", "_static"):
            assert run(copy.work / "cmake" / (part + form)) == "RT_OK\n"


def what_the_documents_say_for_cmake(copy):
    listed = run("/usr/bin/python3", ROOT / "tests/api/doc-blocks.py", "--cmake").split()
    for number, page in enumerate(listed):
        text = (ROOT / page).read_text(encoding="utf-8")
        for block in re.findall(r"^```cmake\n(.*?)^```$", text, re.S | re.M):
            folder = copy.work / f"documents-{number}"
            folder.mkdir()
            (folder / "CMakeLists.txt").write_text(block, encoding="utf-8")
            for name in ("agent.c", "agent.cc"):
                shutil.copy(ROOT / "examples" / name, folder)
            run("cmake", "-S", folder, "-B", folder / "build", f"-DCMAKE_PREFIX_PATH={copy.include.parent}")
            run("cmake", "--build", folder / "build", "-j2")
            agent_check.check(folder / "build/agent")
    assert listed


def cmake_refuses_what_is_not_there(copy):
    for name, options, reason in (
            ("newer", ["-DWANTED_VERSION=0.9"], "version"), ("other", ["-DWANTED_VERSION=1.0"], "version"),
            ("part", ["-DWANTED_VERSION=0.1", "-DPARTS=nonsense"], "libruntime-nonsense is not installed")):
        try:
            cmake(copy, f"cmake-{name}", *options)
        except AssertionError as error:
            assert reason in str(error), error
            continue
        raise AssertionError(f"{name}: CMake found it")


CHECKS = (the_core_needs_libyaml_pcre2_and_libc_alone, libraries_export_what_their_maps_list,
          libraries_have_no_globals, archives_define_prefixed_names_alone, c_through_pkg_config,
          c_through_pkg_config_static, cxx_through_pkg_config, other_examples_through_pkg_config,
          a_library_of_native_functions_through_pkg_config, parts_through_pkg_config,
          plugins_in_processes_of_their_own, c_and_cxx_through_cmake, what_the_documents_say_for_cmake,
          cmake_refuses_what_is_not_there)


def main():
    copy = Installed(pathlib.Path(sys.argv[1]).resolve())
    failed = skipped = 0
    for check in CHECKS:
        name = check.__name__.replace("_", " ")
        tool = next((tool for tool in ("cmake", "pkg-config") if tool.replace("-", " ") in name), None)
        if tool and not shutil.which(tool):
            print(f"{name}: skipped: no {tool}")
            skipped += 1
            continue
        try:
            check(copy)
            print(f"{name}: ok")
        except AssertionError as error:
            print(f"{name}: FAILED\n{error}")
            failed += 1
    print(f"total: {len(CHECKS) - failed - skipped} passed, {failed} failed, {skipped} skipped")
    if not failed:
        shutil.rmtree(copy.work)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
