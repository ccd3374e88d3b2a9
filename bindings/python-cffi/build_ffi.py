# SPDX-License-Identifier: Apache-2.0
"""The extension libruntime._native: its declarations are what the C compiler reads in the public headers.

Which library it is built with, the first that is there:
  RT_BUILD_DIR      a Meson build directory of this project: linked statically
  RT_SYSTEM         if set: an installed libruntime, found by pkg-config, linked dynamically
  ../../build       a checkout where `./dev build` was run: linked statically
  ../.. or library  the sources, of the checkout or of a source distribution: compiled in
  pkg-config        an installed libruntime

The readers of libruntime-inputs come with it where they are there: follow always, gzip where zlib is. So do
libruntime-lua, where Lua 5.4 is, and libruntime-natives, where libffi is.
"""
import os
import re
import shlex
import subprocess
import sys
import sysconfig
from pathlib import Path
from typing import Any, Iterable, Iterator

from cffi import FFI

HERE = Path(__file__).resolve().parent
GLUE = HERE / "glue"
CHECKOUT = HERE.parents[1]
CALLBACKS = """
extern "Python" int rtpy_on_alert(void *, const char *, size_t);
extern "Python" void rtpy_on_skipped(const char *, uint64_t, const char *, void *);
extern "Python" void rtpy_on_keyed(uint32_t, rt_str, uint64_t, void *);
extern "Python" int rtpy_source_create(const rt_source_config *, rt_diags *, void **);
extern "Python" void rtpy_source_destroy(void *);
extern "Python" int rtpy_source_demand(void *, const rt_demand *);
extern "Python" void rtpy_source_restart(void *);
extern "Python" int rtpy_source_next(void *, rt_input *, rt_event *);
extern "Python" int rtpy_source_extract(void *, const rt_event *, uint32_t, rt_value *);
extern "Python" int rtpy_source_info(void *, const rt_event *, rt_str *);
extern "Python" int rtpy_source_identity(void *, const rt_event *, rt_str *);
extern "Python" int rtpy_fields_create(const rt_fields_config *, void **);
extern "Python" void rtpy_fields_destroy(void *);
extern "Python" int rtpy_fields_demand(void *, const rt_fields_demand *);
extern "Python" int rtpy_fields_extract(void *, const rt_event *, uint32_t, const rt_value *const *, size_t,
                                        rt_value *);
"""


# With libruntime-lua.
LUA_CALLBACKS = """
extern "Python" void rtpy_on_report(const char *, const char *, void *);
extern "Python" void rtpy_on_log(const char *, rt_str, void *);
"""
BESIDE = {"lua": "lua5.4", "natives": "libffi"}  # libraries of this project, and what they need


def pkg_config(what: str, *names: str) -> list[str]:
    out = subprocess.run(["pkg-config", what, *names], check=True, capture_output=True, text=True)
    return out.stdout.split()


def source_root() -> Path:
    """Where src/ and include/ are: below a source distribution, else the checkout."""
    return next((p for p in (HERE / "library", CHECKOUT) if (p / "src" / "api").is_dir()), CHECKOUT)


def version() -> str:
    """The library's, from its meson.build."""
    text = (source_root() / "meson.build").read_text(encoding="utf-8")
    found = re.search(r"version: '([0-9.]+)'", text)
    if not found:
        raise SystemExit("meson.build names no version")
    return found.group(1)


OURS = ("libruntime", *(f"libruntime-{name}" for name in BESIDE))  # folders of headers
Library = dict[str, list[Any]]


def readers_in(library: Path) -> list[tuple[str, None]]:
    """Macros that say which readers a libruntime-inputs has; nothing if there is none."""
    symbols = library.read_bytes() if library.exists() else b""
    names = ("gzip", "follow")
    return [(f"RTPY_{name.upper()}", None) for name in names if f"rt_{name}_reader".encode() in symbols]


def needed_by(name: str) -> list[str]:
    """Flags to link what a library beside needs; nothing: it is not here."""
    try:
        return pkg_config("--cflags", "--libs", BESIDE[name])
    except subprocess.CalledProcessError:
        return []


def macro(name: str) -> tuple[str, None]:
    return f"RTPY_{name.upper()}", None


def from_build_dir(place: Path) -> Library:
    inputs = place / "src" / "inputs" / "libruntime-inputs.a"
    readers = readers_in(inputs)
    zlib = pkg_config("--libs", "zlib") if ("RTPY_GZIP", None) in readers else []
    beside = {name: place / "src" / name / f"libruntime-{name}.a" for name in BESIDE}
    beside = {name: path for name, path in beside.items() if path.exists()}
    needed = [flag for name in beside for flag in pkg_config("--libs", BESIDE[name])]
    folders = ("inputs", *beside)
    return {
        "include_dirs": [str(CHECKOUT / "include"), str(place / "include"),
                         *(str(CHECKOUT / "src" / folder) for folder in folders)],
        "define_macros": readers + [macro(name) for name in beside],
        "extra_objects": [*map(str, beside.values()), str(place / "src" / "libruntime.a"),
                          *([str(inputs)] if readers else [])],
        "extra_link_args": pkg_config("--libs", "yaml-0.1", "libpcre2-8") + zlib + needed + ["-pthread", "-ldl"],
    }


def from_system() -> Library:
    flags = pkg_config("--libs", "libruntime")
    places = [Path(flag[2:]) for flag in pkg_config("--libs-only-L", "--keep-system-libs", "libruntime")]
    inputs = next((p for p in (place / "libruntime-inputs.so" for place in places) if p.exists()), Path("none"))
    readers = readers_in(inputs)
    beside = [name for name in BESIDE
              if subprocess.run(["pkg-config", "--exists", f"libruntime-{name}"], check=False).returncode == 0]
    needed = [flag for name in beside for flag in pkg_config("--libs", f"libruntime-{name}")]
    return {
        "include_dirs": [f[2:] for f in pkg_config("--cflags-only-I", "--keep-system-cflags", "libruntime")],
        "define_macros": readers + [macro(name) for name in beside],
        "extra_link_args": flags + needed + ([f"-L{inputs.parent}", "-lruntime-inputs"] if readers else []),
    }


def generated(root: Path) -> Path:
    """What a build makes: two headers, and a file of tables."""
    out = HERE / "build" / "generated"
    (out / "libruntime").mkdir(parents=True, exist_ok=True)
    template = (root / "include" / "libruntime" / "version.h.in").read_text(encoding="utf-8")
    major, minor, patch = (int(part) for part in version().split("."))
    number = major * 10000 + minor * 100 + patch
    text = template.replace("@version@", version()).replace("@number@", str(number))
    (out / "libruntime" / "version.h").write_text(text, encoding="utf-8")
    rule = re.search(r"custom_target\('event-tables',(.*?)\)\n", (root / "src" / "lang" / "meson.build").read_text(
        encoding="utf-8"), re.S)
    tables = [str(root / "src" / "lang" / name) for name in re.findall(r"'(\w+\.def)'", rule.group(1) if rule else "")]
    command = [sys.executable, str(root / "scripts" / "gen-event-tables.py"), *tables]
    made = subprocess.run(command, check=True, capture_output=True)
    (out / "lang").mkdir(exist_ok=True)
    (out / "lang" / "event_tables.h").write_bytes(made.stdout)
    sources = root / "src" / "sources"
    tables = [f"{name}={sources / path}" for name, path in re.findall(
        r"'(\w+)': files\('([^']+)'\)", (sources / "meson.build").read_text(encoding="utf-8"))]
    command = [sys.executable, str(root / "scripts" / "gen-field-tables.py"), *tables]
    made = subprocess.run(command, check=True, capture_output=True)
    (out / "field_tables.c").write_bytes(made.stdout)
    return out


def core_folders(root: Path) -> list[str]:
    """Those that src/meson.build makes the core of; what else is there are libraries of their own."""
    found = re.search(r"foreach folder : \[([^]]*)\]", (root / "src" / "meson.build").read_text(encoding="utf-8"))
    if not found:
        raise SystemExit("src/meson.build names no folders")
    return re.findall(r"'([^']+)'", found.group(1))


def from_sources(root: Path) -> Library:
    made = generated(root)
    files = sorted(p for folder in core_folders(root) for p in (root / "src" / folder).rglob("*.c"))
    files.append(made / "field_tables.c")
    cflags = pkg_config("--cflags", "yaml-0.1", "libpcre2-8")
    try:
        zlib = pkg_config("--libs", "zlib")
    except subprocess.CalledProcessError:
        zlib = []
    readers = ["follow", *(["gzip"] if zlib else [])]
    files += [root / "src" / "inputs" / f"{name}.c" for name in readers]
    beside = {name: flags for name, flags in ((name, needed_by(name)) for name in BESIDE) if flags}
    for name, flags in beside.items():
        files += sorted((root / "src" / name).glob("*.c"))
        cflags += [flag for flag in flags if flag.startswith("-I")]
    return {
        "sources": [os.path.relpath(p, HERE) for p in files],
        "define_macros": [macro(name) for name in (*readers, *beside)],
        "include_dirs": [str(root / "include"), str(made), str(root / "src"),
                         *(str(root / "src" / folder) for folder in ("inputs", *beside))],
        "extra_compile_args": cflags + ["-std=gnu17", "-g0", "-D_GNU_SOURCE", "-fvisibility=hidden",
                                        "-ffunction-sections", "-fdata-sections", "-w"],
        "extra_link_args": pkg_config("--libs", "yaml-0.1", "libpcre2-8") + zlib
        + [flag for flags in beside.values() for flag in flags if not flag.startswith("-I")]
        + ["-pthread", "-ldl", "-Wl,--gc-sections"],
    }


def find_library() -> Library:
    """Arguments of set_source for the library found."""
    told = os.environ.get("RT_BUILD_DIR")
    if told:
        return from_build_dir(Path(told).resolve())
    try:
        if os.environ.get("RT_SYSTEM"):
            return from_system()
        if (CHECKOUT / "build" / "src" / "libruntime.a").exists() and not (HERE / "library").exists():
            return from_build_dir(CHECKOUT / "build")
        if (source_root() / "src" / "api").is_dir():
            return from_sources(source_root())
        return from_system()
    except (subprocess.CalledProcessError, FileNotFoundError) as error:
        raise SystemExit(
            f"{error}\nlibruntime cannot be built: it needs pkg-config, libyaml and PCRE2 with their "
            "headers, or an installed libruntime, or RT_BUILD_DIR, a Meson build directory"
        ) from None


def preprocessed(include_dirs: Iterable[str], macros: Iterable[tuple[str, None]]) -> str:
    """The headers as the compiler reads them, with marks of the files that lines come from."""
    compiler = shlex.split(os.environ.get("CC") or sysconfig.get_config_var("CC") or "cc")
    flags = [f"-I{place}" for place in (str(GLUE), *include_dirs)] + [f"-D{name}" for name, _ in macros]
    out = subprocess.run([*compiler, "-E", "-std=gnu17", *flags, "-x", "c", "-"], input='#include "glue.h"\n',
                         check=True, capture_output=True, text=True)
    return out.stdout


def own_lines(text: str) -> Iterator[str]:
    """Lines of the library's headers and of the glue; what they include of the system's is left out."""
    ours = False
    for line in text.splitlines():
        mark = re.match(r'# \d+ "([^"]*)"', line)
        if mark:
            path = Path(mark.group(1))
            ours = path.parent.name in OURS or path.name == "glue.h"
        elif ours and not line.startswith("#"):
            yield line


def without_attributes(text: str) -> str:
    """The text without `__attribute__((...))`, however deep its parentheses are."""
    out, at = [], 0
    for found in re.finditer(r"__attribute__\s*\(", text):
        if found.start() < at:
            continue
        out.append(text[at : found.start()])
        depth, at = 1, found.end()
        while depth:
            depth += {"(": 1, ")": -1}.get(text[at], 0)
            at += 1
    return "".join(out) + text[at:]


def declarations(library: Library) -> str:
    text = preprocessed(library["include_dirs"], library["define_macros"])
    return without_attributes("\n".join(own_lines(text)))


def make_ffi() -> Any:
    library = find_library()
    made = FFI()
    made.cdef(declarations(library))
    made.cdef(CALLBACKS)
    if macro("lua") in library["define_macros"]:
        made.cdef(LUA_CALLBACKS)
    library["include_dirs"] = [str(GLUE), *library["include_dirs"]]
    glue = (GLUE / "glue.c").read_text(encoding="utf-8")
    made.set_source("libruntime._native", glue, py_limited_api=True, **library)
    return made


ffi = make_ffi()

if __name__ == "__main__":
    ffi.compile(tmpdir=os.environ.get("RT_FFI_DIR", "."), verbose=True)
