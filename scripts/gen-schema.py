#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""gen-schema.py [--check]: write schema/rules.schema.json from the .def tables, for editors.

The schema knows the kinds of items apart and describes every key. With --check nothing is written; exit
1 if the file is not what the tables say.
"""
import importlib.util
import json
import pathlib
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
OUT = ROOT / "schema/rules.schema.json"
SPEC = importlib.util.spec_from_file_location("gen_docs", ROOT / "scripts/gen-docs.py")
gen_docs = importlib.util.module_from_spec(SPEC)
SPEC.loader.exec_module(gen_docs)

TITLES = {"ENGINE": "an engine version", "PLUGINS": "plug-in versions", "LIST": "a list", "MACRO": "a macro",
          "RULE": "a rule", "PLUGIN": "a plug-in", "ALTERNATIVE": "a plug-in that will do instead",
          "EXCEPTION": "an exception"}
TOP = ("ENGINE", "PLUGINS", "LIST", "MACRO", "RULE")
TEXT = {"type": ["string", "number", "boolean"]}
BOOLEAN = {"anyOf": [{"type": "boolean"},
                     {"enum": ["yes", "no", "on", "off", "y", "n", "Yes", "No", "On", "Off"]}]}


def list_of(kind):
    return {"type": ["array", "null"], "items": {"$ref": f"#/definitions/{kind}"}}


def type_of(kind):
    return {
        "TEXT": TEXT, "CONDITION": {"type": "string"}, "VERSION": {"type": ["string", "integer"]},
        "PRIORITY": {"$ref": "#/definitions/PRIORITY"}, "BOOL": BOOLEAN,
        "UINT": {"type": "integer", "minimum": 0, "maximum": 2**32 - 1},
        "TEXTS": {"type": "array", "items": TEXT}, "ITEMS": {"type": "array", "items": TEXT},
        "PLUGINS": list_of("PLUGIN"), "ALTERNATIVES": list_of("ALTERNATIVE"),
        "EXCEPTIONS": list_of("EXCEPTION"), "ANY": {},
    }[kind]


def override(rows):
    """What `override` may hold, from the flags of an item's keys."""
    properties = {}
    for _, key, _, flags, _ in rows:
        words = [word for word in ("append", "replace") if word.upper() in flags]
        if words:
            properties[key] = {"enum": words}
    return {"type": "object", "properties": properties, "additionalProperties": False, "minProperties": 1}


def item(kind, rows):
    properties = {}
    for _, key, type_, _, help_ in rows:
        shape = override(rows) if type_ == "OVERRIDE" else type_of(type_)
        properties[key] = {"description": help_, **shape}
    needed = [key for _, key, _, flags, _ in rows if "NEEDED" in flags]
    shape = {"title": TITLES[kind], "type": "object", "properties": properties,
             "required": needed or [rows[0][1]], "additionalProperties": False}
    if kind == "LIST":
        shape["anyOf"] = [{"required": ["items"]}, {"required": ["items_from"]}, {"required": ["items_at"]}]
        properties["items_at"]["enum"] = ["runtime"]
        properties["items_type"]["enum"] = ["string", "ip", "number"]
    return shape


def priorities():
    names = [row[2] for row in gen_docs.rows("src/lang/priorities.def", "PRIORITY")] + ["Info"]
    spellings = sorted({form for name in names for form in (name, name.upper(), name.lower())})
    return {"description": "How severe a match is; letter case does not count.", "enum": spellings}


def schema():
    kinds = {}
    for row in gen_docs.rows("src/lang/item_keys.def", "ITEM_KEY"):
        kinds.setdefault(row[0], []).append(row)
    definitions = {kind: item(kind, rows) for kind, rows in kinds.items()}
    definitions["PRIORITY"] = priorities()
    return {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "title": "Rules",
        "description": "Made from src/lang/item_keys.def by scripts/gen-schema.py; do not edit.",
        "type": ["array", "null"],
        "items": {"anyOf": [{"type": "null"}] + [{"$ref": f"#/definitions/{kind}"} for kind in TOP]},
        "definitions": definitions,
    }


def main():
    text = json.dumps(schema(), indent=2) + "\n"
    if "--check" in sys.argv[1:]:
        if OUT.exists() and OUT.read_text(encoding="utf-8") == text:
            return 0
        print(f"{OUT.relative_to(ROOT)} is not what the tables say: run scripts/gen-schema.py")
        return 1
    OUT.parent.mkdir(exist_ok=True)
    OUT.write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
