# SPDX-License-Identifier: Apache-2.0
"""Cases about the text of conditions, and about the catalogue of fields.

A check returns the list of what differs (empty: passed), or None where the case needs system-call
events.
"""
import json
import re

PARSE_KEYS = {"ok", "ast", "to_string", "roundtrip", "positions", "positions_include", "end_pos", "error"}
TOKENS = re.compile(r"\"(?:\\.|[^\"\\])*\"|'(?:\\.|[^'\\])*'|\[[^\]]*\]|\s+|[^\s\"'\[]+|.", re.S)
KIND_NAMES = {"bytes": "bytebuf"}


def differs(what, expected, got):
    if expected == got:
        return []
    return [f"{what}: expected {json.dumps(expected)[:160]}, got {json.dumps(got)[:160]}"]


# ---- the text of a condition ----

def text_of(case):
    generator = case.get("input_generator")
    if generator:
        return generator["repeat"] * generator["count"]
    return case["input"]


def with_blanks(text, blank):
    """@text with every blank between tokens replaced, and @blank around the whole."""
    parts = [blank if token.isspace() else token for token in TOKENS.findall(text)]
    return blank + "".join(parts) + blank


def check_parse(case, context, text):
    expect = case["expect"]
    limits = case.get("options") or {}
    question = {"max_depth": limits["max_depth"]} if "max_depth" in limits else {}
    got = context.probe.ask("parse", condition=text, **question)
    problems = differs("ok", expect.get("ok", True), got["ok"])
    if problems:
        return [f"{problems[0]} ({got.get('error')})"]
    for key in ("ast", "to_string", "positions", "end_pos"):
        if key in expect:
            problems += differs(key, expect[key], got.get(key))
    for row in expect.get("positions_include", []):
        if row not in got.get("positions", []):
            problems.append(f"positions: {row} is missing")
    if expect.get("roundtrip") and not got.get("reparse_equal"):
        problems.append(f"roundtrip: {got.get('to_string')}")
    if "error" in expect and expect["error"] not in got.get("error", ""):
        problems += differs("error", expect["error"], got.get("error"))
    for blank in ("  ", "\n", "\t ") if case.get("whitespace_variants") else ():
        again = context.probe.ask("parse", condition=with_blanks(text, blank), **question)
        problems += differs("ok with other blanks", got["ok"], again["ok"])
        if got["ok"] and again["ok"]:
            problems += differs("tree with other blanks", got["ast"], again["ast"])
    return problems


def check_escaping(expect, context):
    def answer(op, hexed):
        return context.probe.ask(op, text_hex=hexed)

    problems = []
    if "escape_hex" in expect:
        problems += differs("escape", expect["escape_hex"]["out"],
                            answer("escape", expect["escape_hex"]["in"]).get("text_hex"))
    if "unescape_hex" in expect:
        problems += differs("unescape", expect["unescape_hex"]["out"],
                            answer("unescape", expect["unescape_hex"]["in"]).get("text_hex"))
    if "unescape_error_hex" in expect:
        problems += differs("unescape", False, answer("unescape", expect["unescape_error_hex"])["ok"])
    if "escape_unescape_identity_hex" in expect:
        text = expect["escape_unescape_identity_hex"]
        there = answer("escape", text).get("text_hex", "")
        problems += differs("identity", text, answer("unescape", there).get("text_hex"))
    return problems


def check_vocabulary(expect, context):
    got = context.probe.ask("vocabulary")
    problems = []
    for key in ("operators", "list_operators", "transformers"):
        if key in expect:
            problems += differs(key, sorted(expect[key]), sorted(got.get(key, [])))
    return problems


# ---- what is known of a condition without an event ----

def codes_of(expected, n_codes, context):
    """The event codes that an expectation of the corpus stands for."""
    everything = set(range(n_codes))
    if expected == "all":
        return everything
    if expected == "none":
        return set()
    if "same_as" in expected:
        return set(context.probe.ask("event_set", condition=expected["same_as"]).get("codes", ["error"]))
    names = context.probe.ask("events_named", names=expected.get("names") or expected["all_except"])
    codes = set(names.get("codes", ["error"]))
    return everything - codes if "all_except" in expected else codes


def check_events(text, expect, context):
    got = context.probe.ask("event_set", condition=text)
    if "event_set_error" in expect:
        problems = differs("event_set_error", expect["event_set_error"], not got["ok"])
        if problems:
            return problems + [f"event set: {got.get('error')}"]
    if "event_set" in expect:
        if not got["ok"]:
            return [f"event set: {got.get('error')}"]
        wanted = codes_of(expect["event_set"], got["n_codes"], context)
        codes = set(got["codes"])
        if wanted != codes:
            return [f"event set: {len(wanted - codes)} codes missing, {len(codes - wanted)} too many"]
    return []


def check_details(text, expect, context):
    got = context.probe.ask("details", condition=text, known_macros=expect["known_macros"],
                            known_lists=expect["known_lists"])
    problems = []
    for key in ("macros", "lists", "operators", "fields"):
        problems += differs(f"details {key}", sorted(expect[key]), sorted(got.get(key, [])))
    return problems


def filter_parse(case, context):
    expect = case["expect"]
    text = text_of(case)
    problems = check_escaping(expect, context) + check_vocabulary(expect, context)
    if text is None:
        return problems
    if PARSE_KEYS & set(expect):
        problems += check_parse(case, context, text)
    if "event_set" in expect or "event_set_error" in expect:
        problems += check_events(text, expect, context)
    if "engine_warnings" in expect:
        got = context.probe.ask("warn", condition=text)
        problems += differs("engine_warnings", expect["engine_warnings"], bool(got.get("warnings")))
    if "details" in expect:
        problems += check_details(text, expect["details"], context)
    return problems


# ---- the catalogue of fields ----

FIELDS = {}


def list_fields(case, context):
    if not FIELDS:
        for field in context.probe.ask("fields").get("fields", []):
            FIELDS.setdefault(field["name"], []).append(field)
    problems = []
    for wanted in case["expect"]["includes"]:
        rows = FIELDS.get(wanted["name"])
        if not rows:
            problems.append(f"field {wanted['name']}: not there")
            continue
        told = [differs_field(wanted, row) for row in rows]
        if all(told):
            problems += told[0]
    return problems


def differs_field(wanted, row):
    got = dict(row, type=KIND_NAMES.get(row["type"], row["type"]), flags=sorted(row["flags"]))
    if ":" not in wanted.get("arg", ":"):
        got["arg"] = got["arg"].split(":")[0]  # of built-in fields the corpus does not say which kind
    problems = []
    for key in ("type", "list", "arg", "flags"):
        expected = sorted(wanted[key] or []) if key == "flags" and key in wanted else wanted.get(key)
        if key in wanted:
            problems += differs(f"field {wanted['name']} {key}", expected, got[key])
    return problems
