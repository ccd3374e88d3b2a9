# SPDX-License-Identifier: Apache-2.0
"""The extension libruntime._native: its declarations are read from the public headers.

Which library it is built with, the first that is there:
  RT_BUILD_DIR      a Meson build directory of this project: linked statically
  ../../build       the same, in a checkout where `./dev build` was run
  pkg-config        an installed libruntime
"""
import os
import re
import subprocess
from pathlib import Path

from cffi import FFI

HERE = Path(__file__).resolve().parent
HEADERS = ("types.h", "source.h", "runtime.h")


def pkg_config(what: str, *names: str) -> list[str]:
    out = subprocess.run(["pkg-config", what, *names], check=True, capture_output=True, text=True)
    return out.stdout.split()


def find_library() -> dict[str, list[str]]:
    """Arguments of set_source for the library found."""
    for place in (os.environ.get("RT_BUILD_DIR"), str(HERE.parents[1] / "build")):
        archive = Path(place) / "src" / "libruntime.a" if place else None
        if place and archive and archive.exists():
            return {
                "include_dirs": [str(HERE.parents[1] / "include"), str(Path(place) / "include")],
                "extra_objects": [str(archive)],
                "extra_link_args": pkg_config("--libs", "yaml-0.1", "libpcre2-8") + ["-pthread"],
            }
    try:
        flags = pkg_config("--cflags", "libruntime")
        return {
            "include_dirs": [flag[2:] for flag in flags if flag.startswith("-I")],
            "extra_link_args": pkg_config("--libs", "libruntime"),
        }
    except (subprocess.CalledProcessError, FileNotFoundError):
        raise SystemExit(
            "libruntime is not there: run `./dev build` in the checkout, or install it, "
            "or point RT_BUILD_DIR at a Meson build directory"
        ) from None


def header_dirs(library: dict[str, list[str]]) -> list[Path]:
    return [Path(d) for d in library["include_dirs"]] + [Path("/usr/include"), Path("/usr/local/include")]


def declarations(library: dict[str, list[str]]) -> str:
    """The public headers without what cffi's parser does not read."""
    text = ""
    for name in HEADERS:
        path = next(d / "libruntime" / name for d in header_dirs(library) if (d / "libruntime" / name).exists())
        text += path.read_text(encoding="utf-8") + "\n"
    text = re.sub(r"/\*.*?\*/", "", text, flags=re.S)
    text = re.sub(r"#ifdef __cplusplus.*?#endif", "", text, flags=re.S)
    text = re.sub(r"\\\n", " ", text)
    text = re.sub(r"^[ \t]*#.*$", "", text, flags=re.M)
    text = re.sub(r'^extern "C" \{.*$', "", text, flags=re.M)
    text = re.sub(r"\bRT_API\b", "", text)
    return text


ffi = FFI()
_library = find_library()
ffi.cdef(declarations(_library))
ffi.cdef(
    """
    extern "Python" int on_alert(const rt_alert *, void *);
    extern "Python" void on_skipped(const char *, uint64_t, const char *, void *);
    """
)
ffi.set_source(
    "libruntime._native",
    "#include <libruntime/runtime.h>",
    py_limited_api=True,
    **_library,  # type: ignore[arg-type]
)

if __name__ == "__main__":
    ffi.compile(tmpdir=os.environ.get("RT_FFI_DIR", "."), verbose=True)
