# SPDX-License-Identifier: Apache-2.0
"""stub.py: shared libraries that have the ABI of headers and maps, and nothing behind it. What abidw says of
one is what it says of the library itself, so a broken ABI can be tried without building anything."""
import pathlib
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "scripts"))
import public  # noqa: E402


def build(library, root, out):
    """@out/<where a build has it>: the stub of @library by what @root holds."""
    path = out / library.so
    path.parent.mkdir(parents=True, exist_ok=True)
    source = path.with_suffix(".c")
    lines = [f"#include <{header.parent.name}/{header.name}>" for header in public.headers(library, root)]
    lines += [f"{f.result} {f.name}{f.parameters}\n{{\n        __builtin_trap();\n}}"
              for f in public.functions(library, root)]
    source.write_text("\n".join([*lines, ""]), encoding="utf-8")
    paths = [f"-I{path}" for path in (*public.include_paths(root), out / "include")]
    subprocess.run(["cc", "-g", "-w", "-shared", "-fPIC", "-fvisibility=hidden", *paths, source,
                    f"-Wl,--version-script={root / library.map},-soname,{path.name}", "-o", path], check=True)
