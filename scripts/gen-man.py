#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""gen-man.py TEMPLATE: a manual page in scdoc's form, with what the headers say put in.

In a template a line `@FUNCTIONS PREFIX...` becomes the declarations of these functions with their
comments, `@STRUCT NAME` and `@ENUM FIRST_CONSTANT` the definition as it stands in the header,
`@TABLE FILE MACRO COLUMN COLUMN` two columns of a .def table as a list,
`@OPTIONS FILE` the command's table of options. `@VERSION` is the version.
"""
import importlib.util
import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
HEADERS = ("types.h", "source.h", "fields.h", "lists.h", "runtime.h")
FUNCTION = re.compile(r"(?:/\*\*((?:[^*]|\*(?!/))*)\*/\n)?^RT_API ([^;{]+);", re.M)
NAME = re.compile(r"\b(rt_\w+)\(")


def header_text():
    return "\n".join((ROOT / "include/libruntime" / name).read_text(encoding="utf-8") for name in HEADERS)


def escaped(text):
    return re.sub(r"([_*\\])", r"\\\1", text)


def prose(comment):
    """A header's comment as a paragraph."""
    words = re.sub(r"^\s*\*? ?", "", comment or "", flags=re.M)
    words = re.sub(r"@param (\w+)", r"\n\n\1:", words)
    words = re.sub(r"@return", "\n\nReturns", words)
    words = re.sub(r"@since (\S+)", r"\n\nSince \1.", words)
    words = words.replace("@a ", "")
    paragraphs = [" ".join(part.split()) for part in words.split("\n\n")]
    return "\n\n".join(escaped(part) for part in paragraphs if part)


def functions(prefixes):
    """The section of every function whose name begins with one of @prefixes."""
    out = []
    for match in FUNCTION.finditer(header_text()):
        declaration = " ".join(match.group(2).split())
        name = NAME.search(declaration).group(1)
        if not name.startswith(tuple(prefixes)):
            continue
        out.append(f"*{escaped(name)}*()\n\n```\n{declaration};\n```\n\n{prose(match.group(1))}")
    if not out:
        raise SystemExit(f"no functions {' '.join(prefixes)}")
    return "\n\n".join(out)


def definition(pattern, what):
    match = re.search(pattern, header_text(), re.M | re.S)
    if not match:
        raise SystemExit(f"no {what} in the headers")
    return "```\n" + match.group(0) + "\n```"


def rows(path, macro):
    spec = importlib.util.spec_from_file_location("gen_docs", ROOT / "scripts/gen-docs.py")
    docs = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(docs)
    return docs.rows(path, macro)


def table(path, macro, first, second):
    return "\n".join(f"*{escaped(row[int(first)])}*\n\t{escaped(row[int(second)])}\n"
                     for row in rows(path, macro))


def options(path):
    """The command's options; in brackets the verbs that take each."""
    out = []
    for _, name, short, argument, verbs, text in rows(path, "OPTION"):
        names = f"*{escaped('--' + name)}*" + (f" {escaped(argument)}" if argument != "NULL" else "")
        if short != "0":
            names = f"*-{short[1]}*, " + names
        words = {"ALL": "", "NONE": ""}.get(verbs, verbs.replace("|", ", ").lower())
        out.append(names + (f" ({words})" if words else "") + f"\n\t{escaped(text)}\n")
    return "\n".join(out)


def expanded(line, version):
    words = line.split()
    if not words or not words[0].startswith("@"):
        return line.replace("@VERSION", version)
    if words[0] == "@FUNCTIONS":
        return functions(words[1:])
    if words[0] == "@STRUCT":
        return definition(r"^typedef struct " + words[1] + r" \{.*?^\} \w+;", words[1])
    if words[0] == "@ENUM":
        return definition(r"^enum \{[^}]*\b" + words[1] + r"\b[^}]*\};", words[1])
    if words[0] == "@OPTIONS":
        return options(words[1])
    if words[0] == "@TABLE":
        return table(*words[1:])
    raise SystemExit(f"unknown: {line}")


def covered():
    """Prefixes that the templates name: what check-api.py asks."""
    prefixes = []
    for path in (ROOT / "docs/man").glob("*.scd.in"):
        for line in path.read_text(encoding="utf-8").splitlines():
            if line.startswith("@FUNCTIONS"):
                prefixes += line.split()[1:]
    return tuple(prefixes)


def main():
    text = pathlib.Path(sys.argv[1]).read_text(encoding="utf-8")
    version = re.search(r"version: '([^']+)'", (ROOT / "meson.build").read_text(encoding="utf-8")).group(1)
    lines = [line for line in text.splitlines() if "SPDX-License-Identifier" not in line]
    print("\n".join(expanded(line, version) for line in lines))
    return 0


if __name__ == "__main__":
    sys.exit(main())
