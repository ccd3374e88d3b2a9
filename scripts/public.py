# SPDX-License-Identifier: Apache-2.0
"""public.py: the libraries that are installed, what their headers declare, and what their maps export.
For check-api.py, abi.py and the tests of both."""
import collections
import pathlib
import re

ROOT = pathlib.Path(__file__).resolve().parent.parent

# headers: folder of headers; include: what is on the include path for them; map; so: in a build directory.
Library = collections.namedtuple("Library", "name headers include map so")
LIBRARIES = (
    Library("libruntime", "include/libruntime", "include", "libruntime.map", "src/libruntime.so.0"),
    # A folder of src/ whose headers are installed is a library beside the core.
    *(Library(f"libruntime-{part}", f"src/{part}/libruntime-{part}", f"src/{part}",
              f"src/{part}/libruntime-{part}.map", f"src/{part}/libruntime-{part}.so.0")
      for part in sorted(path.parts[-2] for path in (ROOT / "src").glob("*/libruntime-*") if path.is_dir())),
)
# Elements of arrays that are handed over with a stride grow like structs that begin with their size.
STRIDED = ("rt_field_desc", "rt_slot_desc", "rt_event_filter")
COMMENT = re.compile(r"/\*.*?\*/", re.S)
FUNCTION = re.compile(r"^RT_API\s+([^;{]*?)\s*\b(rt_\w+)(\([^;]*\));", re.M)
ENUM = re.compile(r"\benum\s*\w*\s*\{(.*?)\}", re.S)
STRUCT = re.compile(r"typedef struct (\w+) \{(.*?)\n\} \w+;", re.S)
UNION = re.compile(r"union \{.*?\} (\w+)(?=;)", re.S)
NODE = re.compile(r"^([\w.]+) \{\nglobal:\n(.*?)\n(?:local:\n\s+\*;\n)?\}\s*([\w.]*);", re.M | re.S)

Function = collections.namedtuple("Function", "name result parameters since")
Member = collections.namedtuple("Member", "name declaration")
Node = collections.namedtuple("Node", "name symbols parent")


def headers(library, root=ROOT):
    """Paths of a library's headers, those that others include first."""
    first = {"types.h": 0, "source.h": 1, "fields.h": 2, "lists.h": 3}
    return sorted((root / library.headers).glob("*.h"), key=lambda p: (first.get(p.name, 3), p.name))


def include_paths(root=ROOT):
    return [root / library.include for library in LIBRARIES]


def squeezed(text):
    return " ".join(COMMENT.sub("", text).split())


def functions(library, root=ROOT):
    """What a library's headers declare. `since` is that of the comment above, which counts for all
    declarations up to the next empty line."""
    for path in headers(library, root):
        since = None
        for block in path.read_text(encoding="utf-8").split("\n\n"):
            place, since = 0, None
            for match in FUNCTION.finditer(block):
                said = re.findall(r"@since\s+(?:\*\s+)?(\d+\.\d+)", block[place:match.start()])
                since = said[-1] if said else since
                place = match.end()
                yield Function(match.group(2), squeezed(match.group(1)), squeezed(match.group(3)), since)


def constants(library, root=ROOT):
    for path in headers(library, root):
        for body in ENUM.findall(COMMENT.sub("", path.read_text(encoding="utf-8"))):
            yield from (part.split("=")[0].strip() for part in body.split(",") if part.strip())


def members(body):
    unions = []

    def put_aside(match):
        unions.append(squeezed(match.group(0)))
        return f"int {match.group(1)}"

    for part in filter(str.strip, UNION.sub(put_aside, body).split(";")):
        part = squeezed(part)
        function = re.search(r"\(\*(\w+)\)", part)
        if function:
            yield Member(function.group(1), part)
            continue
        first, *others = part.split(", ")
        kind = re.sub(r"[\s*]*\w+(\[.*\])?$", "", first)
        for one in [first, *(f"{kind} {other}" for other in others)]:
            name = re.findall(r"\w+", re.sub(r"\[.*?\]", "", one))[-1]
            yield Member(name, next((text for text in unions if text.endswith(f"}} {name}")), one))


def structs(library, root=ROOT):
    """(name, members) of every struct that a library's headers define."""
    for path in headers(library, root):
        for name, body in STRUCT.findall(COMMENT.sub("", path.read_text(encoding="utf-8"))):
            yield name, list(members(body))


def nodes(library, root=ROOT):
    """The nodes of a library's symbol map, in its order."""
    if not (root / library.map).exists():
        return
    for name, body, parent in NODE.findall(COMMENT.sub("", (root / library.map).read_text(encoding="utf-8"))):
        yield Node(name, re.findall(r"^\s+(\w+);", body, re.M), parent)
