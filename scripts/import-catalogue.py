#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Make the catalogues of fields, events, flags and system calls from tab-separated lists.

    scripts/import-catalogue.py FOLDER [NAME...]

FOLDER holds fields.tsv, syscall-events.tsv, flags.tsv, scap-conversions.tsv and syscalls.tsv. The
.def files are committed and the build uses those; run this only to take over a newer list. NAMEs
(e.g. `events.def`, `sources/syscall/fields.def`) restrict what is written: some of the files have
grown columns since.
"""

import csv
import pathlib
import re
import sys

SRC = pathlib.Path(__file__).resolve().parent.parent / "src"

HEAD = """/* SPDX-License-Identifier: Apache-2.0 */
/* {what}
 * {note}
 *
 * {columns} */
"""
FIELD_COLUMNS = 'FIELD(ID, "name", KIND, FLAGS, FORMAT, "group", "help")'
FIELD_NOTE = "Rows of one group stand together; the order is the order of look-up and of lists."

# Which class of fields.tsv goes where, in the order of look-up.
FIELD_FILES = [
    ("lang/evt_fields.def", "evt_fields.def - the fields that every source has, read by the engine.",
     ["evt (all sources)"]),
    ("sources/syscall/fields.def", "fields.def - the fields of system call events.",
     ["evt (syscall)", "process", "user", "group", "fd", "fs.path", "util", "fdlist"]),
    ("sources/syscall/container_fields.def", "container_fields.def - fields about containers.",
     ["container (plugin)"]),
    ("sources/syscall/k8smeta_fields.def", "k8smeta_fields.def - fields about Kubernetes objects.",
     ["k8smeta (plugin)"]),
    ("sources/syscall/krsi_fields.def", "krsi_fields.def - fields of the kernel's security hooks.",
     ["krsi (plugin)"]),
    ("sources/cloudtrail/fields.def", "fields.def - the fields of CloudTrail records.",
     ["cloudtrail (plugin)"]),
    ("sources/k8saudit/fields.def", "fields.def - the fields of Kubernetes audit events.",
     ["k8saudit (plugin)"]),
    ("sources/jsonkit/fields.def", "fields.def - the fields of anything whose payload is JSON.",
     ["json (plugin)"]),
    ("sources/catalogue/okta.def", "okta.def - the fields of Okta's system log.", ["okta (plugin)"]),
    ("sources/catalogue/github.def", "github.def - the fields of GitHub's webhooks.",
     ["github (plugin)"]),
    ("sources/catalogue/gcp_auditlog.def", "gcp_auditlog.def - the fields of Google Cloud's audit log.",
     ["gcpaudit (plugin)"]),
]

ARGS = {
    "none": [],
    "optional": ["ARG_OPTIONAL"],
    "required": ["ARG_REQUIRED"],
    "optional:index": ["ARG_OPTIONAL", "ARG_INDEX"],
    "required:index": ["ARG_REQUIRED", "ARG_INDEX"],
    "required:key": ["ARG_REQUIRED", "ARG_KEY"],
    "required:index|key": ["ARG_REQUIRED", "ARG_INDEX", "ARG_KEY"],
}
FORMATS = {"na": "NONE", "dec": "DEC", "id": "ID", "hex": "HEX", "10_padded_dec": "PADDED_DEC",
           "dir": "DIR"}


def rows(path):
    with open(path, encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))


def quoted(text):
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def table(macro, lines):
    """Rows of cells as aligned macro calls; wide columns and the last one are not padded."""
    width = [max(len(line[i]) for line in lines) for i in range(len(lines[0]))]
    width = [w if w <= 80 else 0 for w in width]
    out = []
    for line in lines:
        cells = [(cell + ",").ljust(width[i] + 1) for i, cell in enumerate(line[:-1])]
        out.append(f"{macro}({' '.join(cells + [line[-1]])})\n")
    return "".join(out)


def help_text(text):
    text = re.sub(r" *\[(run|trap)[^]]*\]", "", text)
    text = re.sub(r" *\([^()]*(\.md|upstream|sic)[^()]*\)", "", text)
    text = re.sub(r"^table-only,? ", "", text)
    return re.sub(r", so it depends on what else.*", "", text).strip()


def field_row(row):
    flags = ["LIST"] if row["list"] == "1" else []
    flags += ARGS[row["arg"]] + [f.upper() for f in row["flags"].split(",") if f]
    return [
        row["name"].replace(".", "_").upper(),
        quoted(row["name"]),
        row["type"].upper(),
        "|".join("RT_FIELD_" + f for f in flags) or "0",
        FORMATS[row["format"]],
        quoted(row["class"].replace(" (plugin)", "")),
        quoted(help_text(row["meaning"])),
    ]


def fields(folder):
    all_rows = rows(folder / "fields.tsv")
    for name, what, classes in FIELD_FILES:
        lines = [field_row(r) for c in classes for r in all_rows if r["class"] == c]
        yield name, HEAD.format(what=what, note=FIELD_NOTE, columns=FIELD_COLUMNS) + table(
            "FIELD", lines)


def category(text):
    """'file|syscall' -> category, origin: the two come in either order."""
    origins = ("syscall", "metaevent", "tracepoint", "plugin", "iter")
    parts = text.split("|")
    origin = next((p for p in origins if p in parts), "none")
    return next((p for p in parts if p != origin), "unknown").upper(), origin.upper()


def events(folder):
    head = HEAD.format(
        what="events.def - every kind of event of the system call source, by its code in captures.",
        note="Parameters: name:type[:format], in order. Tables: which names a parameter's flags have.",
        columns='EVENT(code, ID, "name", HALF, CATEGORY, ORIGIN, FLAGS, "parameters", "tables")')
    lines = []
    for row in rows(folder / "syscall-events.tsv"):
        flags = [f.upper() for f in row["flags"].split("|") if f != "none"]
        lines.append([row["code"], row["const"].removeprefix("PPME_"), quoted(row["name"]),
                      row["direction"].upper(), *category(row["category"]),
                      "|".join(flags) or "0", quoted(row["params(name:type[:format])"]),
                      quoted(row["flag_tables"] or "")])
    yield "lang/events.def", head + table("EVENT", lines)


def flags(folder):
    head = HEAD.format(
        what="flags.def - the names that values of event parameters have, in the order of look-up.",
        note="Of the tables DYN_*: which type (and format) a dynamic parameter's selector means.",
        columns='FLAG_TABLE(ID), then its FLAG(value, "name")')
    text, table_name = "", None
    for row in rows(folder / "flags.tsv"):
        if row["table"] != table_name:
            table_name = row["table"]
            text += f"{chr(10) if text else ''}FLAG_TABLE({table_name.upper()})\n"
        text += f"FLAG({(row['value'] + ',').ljust(11)} {quoted(row['name'])})\n"
    yield "lang/flags.def", head + text


def syscalls(folder):
    head = HEAD.format(
        what="syscalls.def - every system call, by its number in captures (not the kernel's).",
        note="-1: no such number; event -1: recorded as a generic event (codes 0 and 1).",
        columns='SYSCALL(number, "name", x86_64, arm64, ia32, second ia32, event)')
    lines = []
    for row in rows(folder / "syscalls.tsv"):
        if not row["name"]:
            continue
        ia32 = (row["nr_ia32"].split(",") + ["-1"])[:2] if row["nr_ia32"] else ["-1", "-1"]
        event = row["event"].split(":")[0]
        lines.append([row["id"], quoted(row["name"]), row["nr_x86_64"] or "-1",
                      row["nr_arm64"] or "-1", *ia32, "-1" if event == "generic" else event])
    yield "lang/syscalls.def", head + table("SYSCALL", lines)


def sources(text):
    """'old[0] old[1] enter[2]?empty' -> cells; a run of old ones from the first on is one cell."""
    words = text.split()
    n = 0
    while n < len(words) and words[n] == f"old[{n}]":
        n += 1
    out = [f"FIRST({n})"] if n > 1 else [f"OLD({i})" for i in range(n)]
    for word in words[n:]:
        match = re.fullmatch(r"(old|enter)\[(\d+)\](\?empty)?", word)
        if match:
            out.append(f"{match[1].upper()}{'_OR_EMPTY' if match[3] else ''}({match[2]})")
        else:
            out.append("CONTAINER" if word.startswith("callback") else word.upper())
    return out


def conversions(folder):
    head = HEAD.format(
        what="conversions.def - how events of older writers become those of today.",
        note="By the event's code and its number of parameters; the last cells say where the new ones come from.",
        columns="CONVERT(event, parameters, ACTION, new event, source...)")
    code = {r["const"]: int(r["code"]) for r in rows(folder / "syscall-events.tsv")}
    lines = []
    for row in sorted(rows(folder / "scap-conversions.tsv"),
                      key=lambda r: (code[r["event"]], int(r["nparams_in"]))):
        action = {"add_params": "ADD", "change_type": "CHANGE"}.get(row["action"], row["action"].upper())
        cells = [row["event"], row["nparams_in"], action, row["new_event"] or row["event"],
                 *sources(row["parameter_sources"] or "")]
        lines.append(f"CONVERT({', '.join(cell.removeprefix('PPME_') for cell in cells)})\n")
    yield "sources/syscall/scap/conversions.def", head + "".join(lines)


def main():
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    folder, only = pathlib.Path(sys.argv[1]), sys.argv[2:]
    for maker in (fields, events, flags, syscalls, conversions):
        for name, text in maker(folder):
            if not only or name in only or name.split("/")[-1] in only:
                (SRC / name).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
