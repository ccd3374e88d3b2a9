# SPDX-License-Identifier: Apache-2.0
"""Only what pyproject.toml cannot say: the extension that build_ffi.py describes, the library's version,
and that a source distribution holds the library's sources."""
import re
import shutil
from pathlib import Path

from setuptools import setup
from setuptools.command.sdist import sdist

HERE = Path(__file__).resolve().parent
LIBRARY = ("meson.build", "LICENSE", "include", "src", "scripts/gen-event-tables.py",
           "scripts/gen-field-tables.py")


def root() -> Path:
    vendored = HERE / "library"
    return vendored if vendored.is_dir() else HERE.parents[1]


def version() -> str:
    found = re.search(r"version: '([0-9.]+)'", (root() / "meson.build").read_text(encoding="utf-8"))
    if not found:
        raise SystemExit("meson.build names no version")
    return found.group(1)


class WithLibrary(sdist):
    """A source distribution builds by itself."""

    def make_release_tree(self, base_dir: str, files: list[str]) -> None:
        super().make_release_tree(base_dir, files)
        for name in LIBRARY:
            source, target = root() / name, Path(base_dir) / "library" / name
            target.parent.mkdir(parents=True, exist_ok=True)
            if source.is_dir():
                shutil.copytree(source, target, dirs_exist_ok=True)
            else:
                shutil.copy2(source, target)


setup(
    version=version(),
    cffi_modules=["build_ffi.py:ffi"],
    cmdclass={"sdist": WithLibrary},
    options={"bdist_wheel": {"py_limited_api": "cp39"}},
)
