#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""gen-docs.py [--check]: write the reference pages that are made from the .def tables.

With --check nothing is written; pages that differ from what the tables say are named, exit 1.
"""
import argparse
import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
MADE = "<!-- Made from {} by scripts/gen-docs.py; do not edit. -->\n"
STRING = re.compile(r'"((?:\\.|[^"\\])*)"')
FLAG_WORDS = {
    "RT_FIELD_NO_RHS": "not on a right-hand side",
    "RT_FIELD_NO_TRANSFORMER": "takes no transformer",
    "RT_FIELD_FILTER_ONLY": "meant for conditions",
    "RT_FIELD_PRINT_ONLY": "outputs only",
    "RT_FIELD_TABLE_ONLY": "hidden from lists",
    "RT_FIELD_SUGGESTED": "suggested output",
    "RT_FIELD_DEPRECATED": "deprecated",
}
SOURCES = (  # page, title, tables, note
    ("fields-all", "Fields of every source",
     ("src/lang/evt_fields.def", "src/sources/jsonkit/fields.def"),
     "`json.*` and `jevt.*` have values where an event's payload is JSON."),
    ("fields-aws_cloudtrail", "Fields of AWS CloudTrail", ("src/sources/cloudtrail/fields.def",), ""),
    ("fields-k8s_audit", "Fields of Kubernetes audit events", ("src/sources/k8saudit/fields.def",), ""),
    ("fields-syscall", "Fields of system calls",
     ("src/sources/syscall/fields.def", "src/sources/syscall/container_fields.def",
      "src/sources/syscall/k8smeta_fields.def", "src/sources/syscall/krsi_fields.def"),
     "Rules that use them compile; there is no reader of system calls in this version."),
    ("fields-other", "Fields of sources that are known and not read",
     ("src/sources/catalogue/okta.def", "src/sources/catalogue/github.def",
      "src/sources/catalogue/gcp_auditlog.def"),
     "Rules for okta, github and gcp_auditlog compile, so that rule files can be checked."),
)


def split_row(text):
    """The columns of a row: strings without their quotes, everything else as written."""
    columns, depth, part, at = [], 0, "", 0
    while at < len(text):
        match = STRING.match(text, at)
        if match:
            part += match.group(0)
            at = match.end()
            continue
        char = text[at]
        depth += (char == "(") - (char == ")")
        if char == "," and depth == 0:
            columns.append(part)
            part = ""
        else:
            part += char
        at += 1
    columns.append(part)
    return [unquoted(column.strip()) for column in columns]


def unquoted(column):
    texts = STRING.findall(column)
    if not texts or not column.startswith('"'):
        return column
    return "".join(texts).replace('\\"', '"').replace("\\\\", "\\")


def rows(path, macro):
    """Rows `MACRO(...)` of a table, one a line."""
    found = []
    for line in (ROOT / path).read_text(encoding="utf-8").splitlines():
        if line.startswith(macro + "("):
            found.append(split_row(line[len(macro) + 1:line.rindex(")")]))
    if not found:
        raise SystemExit(f"{path}: no rows of {macro}")
    return found


def cell(text):
    return text.replace("|", "\\|").replace("<", "&lt;")


def code(text):
    return f"`{text}`".replace("|", "\\|")


def table(heads, lines):
    text = "| " + " | ".join(heads) + " |\n|" + "---|" * len(heads) + "\n"
    return text + "".join("| " + " | ".join(line) + " |\n" for line in lines)


def argument(flags):
    kinds = "|".join(word for flag, word in (("RT_FIELD_ARG_INDEX", "index"), ("RT_FIELD_ARG_KEY", "key"))
                     if flag in flags)
    if "RT_FIELD_ARG_REQUIRED" in flags:
        return f"[{kinds}]"
    return f"([{kinds}])" if "RT_FIELD_ARG_OPTIONAL" in flags else ""


def field_page(title, tables, note):
    parts = [MADE.format(", ".join(tables)), f"# {title}\n"]
    if note:
        parts.append(note + "\n")
    parts.append("An argument in round brackets may be left out. Lists are compared as a whole by `in` "
                 "(every element) and `intersects` (any).\n")
    for path in tables:
        groups = {}
        for _, name, kind, flags, _, group, text, *_ in rows(path, "FIELD"):
            flag_set = set(flags.replace(" ", "").split("|"))
            kind_text = kind.lower() + (" list" if "RT_FIELD_LIST" in flag_set else "")
            words = [word for flag, word in FLAG_WORDS.items() if flag in flag_set]
            groups.setdefault(group, []).append(
                (code(name + argument(flag_set)), kind_text,
                 cell(text) + (f" ({', '.join(words)})" if words else "")))
        for group, lines in groups.items():
            parts.append(f"## {group}\n")
            parts.append(table(("field", "type", "meaning"), lines))
    return "\n".join(parts)


def diagnostics():
    path = "src/lang/diags.def"
    found = sorted(rows(path, "DIAG"), key=lambda row: int(row[0]))
    text = MADE.format(path) + """
# Diagnostics

What `rtctl check` and the loader report. Codes never change and are never used again for something
else; texts may change. Where Falco has a code for the same thing it stands beside ours, and the
document of `--format json` carries both.

"""
    for number, name, severity, falco, title, explanation in found:
        theirs = "no counterpart in Falco" if falco == "NULL" else f"Falco: {falco}"
        text += f"## RT{number}: {title}\n\n{severity.lower()}, {theirs}, `{name}`\n\n{explanation}\n\n"
    return text.rstrip() + "\n"


def language():
    paths = ("operators", "modifiers", "transformers", "kinds", "priorities")
    text = MADE.format(", ".join(f"src/lang/{name}.def" for name in paths))
    text += "\n# The language's vocabulary\n\n## Operators\n\n"
    right = {"NONE": "nothing", "NUMBER": "a number", "STRING": "a value, or a list with a modifier",
             "LIST": "a list"}
    text += table(("operator", "on the right", "true when"),
                  [(code(row[1]), right[row[2]], cell(row[5]))
                   for row in rows("src/lang/operators.def", "OPERATOR")])
    text += "\n## Modifiers\n\nBetween an operator that takes one value and a list: `ct.name startswith " \
            "anyof (Create, Put)`.\n\n"
    text += table(("modifier", "true when"),
                  [(code(row[1]), cell(row[2])) for row in rows("src/lang/modifiers.def", "MODIFIER")])
    text += "\n## Transformers\n\n"
    text += table(("transformer", "gives"),
                  [(code(row[1] + "()"), cell(row[3]))
                   for row in rows("src/lang/transformers.def", "TRANSFORMER")])
    text += "\n## Kinds of values\n\n"
    text += table(("kind", "Falco's name", "number in the ABI"),
                  [(row[2], row[3], row[1]) for row in rows("src/lang/kinds.def", "KIND")])
    text += "\n## Priorities\n\nMost severe first.\n\n"
    text += table(("priority", "in statistics", "number"),
                  [(row[2], row[3], row[1]) for row in rows("src/lang/priorities.def", "PRIORITY")])
    return text


ITEMS = (
    ("RULE", "rule"), ("MACRO", "macro"), ("LIST", "list"), ("EXCEPTION", "exceptions of a rule"),
    ("ENGINE", "required_engine_version"), ("PLUGINS", "required_plugin_versions"),
    ("PLUGIN", "an entry of required_plugin_versions"), ("ALTERNATIVE", "an alternative of such an entry"),
)


def rule_files():
    path = "src/lang/item_keys.def"
    text = MADE.format(path) + "\n# Keys of rule files\n\nThe form of a file and what items do: " \
        "libruntime-rules(5).\n"
    for item, title in ITEMS:
        lines = []
        for which, key, kind, flags, meaning in rows(path, "ITEM_KEY"):
            if which == item:
                words = [word for word in ("NEEDED", "APPEND", "REPLACE") if word in flags.split("|")]
                lines.append((code(key), kind.lower(), cell(meaning), ", ".join(words).lower()))
        text += f"\n## {title}\n\n" + table(("key", "type", "meaning", "flags"), lines)
    return text + "\n`needed` keys must be there; `append` and `replace` are what `override` allows.\n"


def limits():
    path = "src/lang/limits.def"
    text = MADE.format(path)
    text += """
# Limits

What comes from outside is bounded by one of these. `RECORD_BYTES`, `EVENT_BYTES`, `LOAD_BYTES` and
(downwards) `OUTPUT_BYTES` can be changed: `rt_engine_opts`, `rtctl --limit NAME=BYTES`. A rule file
beyond a limit gets a diagnostic that names it; what an event hits is counted in
`rt_worker_stats.limits_hit`, and a record that gets lost by it among the skipped ones.

"""
    return text + table(("limit", "default", "what it bounds"),
                        [(row[0], row[1], cell(row[2])) for row in rows(path, "LIMIT")])


def results():
    path = "src/lang/status.def"
    text = MADE.format(path) + "\n# Results of calls\n\n"
    return text + table(("name", "number", "meaning"),
                        [(f"RT_{row[0]}", row[1], cell(row[2])) for row in rows(path, "STATUS")])


def pages():
    yield "docs/diagnostics.md", diagnostics()
    yield "docs/reference/language.md", language()
    yield "docs/reference/rule-files.md", rule_files()
    yield "docs/reference/limits.md", limits()
    yield "docs/reference/results.md", results()
    for page, title, tables, note in SOURCES:
        yield f"docs/reference/{page}.md", field_page(title, tables, note)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true")
    options = parser.parse_args()
    stale = 0
    for name, text in pages():
        path = ROOT / name
        if path.exists() and path.read_text(encoding="utf-8") == text:
            continue
        if options.check:
            print(f"{name}: not what the tables make; run scripts/gen-docs.py")
            stale += 1
            continue
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return 1 if stale else 0


if __name__ == "__main__":
    sys.exit(main())
