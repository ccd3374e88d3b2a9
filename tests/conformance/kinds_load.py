# SPDX-License-Identifier: Apache-2.0
"""Cases about loading rule files, and about what loaded rules find in whole inputs."""
import json

from kinds_parse import differs

DEFAULT_RULESET = "falco-default-ruleset"
MISSING = object()


def partial_match(wanted, item):
    """Does a reported error or warning fit the subset that a case names?"""
    locations = item.get("context", {}).get("locations", [])
    for key, value in wanted.items():
        if key == "message_contains":
            fits = value in item.get("message", "")
        elif key == "snippet_contains":
            fits = value in item.get("context", {}).get("snippet", "")
        elif key == "snippet_not_contains":
            fits = value not in item.get("context", {}).get("snippet", "")
        elif key in ("item_type", "item_name"):
            fits = any(location.get(key) == value for location in locations)
        else:
            fits = item.get(key) == value
        if not fits:
            return False
    return True


def reported(document, kind):
    """All errors, or warnings, of the document that the reference would report too."""
    return [item for result in document.get("falco_load_results", []) for item in result.get(kind, [])
            if item.get("reference")]


def at_pointer(document, pointer):
    for part in pointer.split("/")[1:]:
        if isinstance(document, list):
            document = document[int(part)] if int(part) < len(document) else MISSING
        else:
            document = document.get(part, MISSING)
        if document is MISSING:
            return MISSING
    return document


def check_reports(expect, document):
    errors, warnings = reported(document, "errors"), reported(document, "warnings")
    problems = []
    for key, items in (("errors", errors), ("warnings", warnings)):
        for wanted in expect.get(key, []):
            if not any(partial_match(wanted, item) for item in items):
                told = [f"{item.get('code')}: {item.get('message')}" for item in items]
                problems.append(f"{key}: nothing fits {json.dumps(wanted)}, got {told}")
    for wanted in expect.get("no_warnings", []):
        if any(partial_match(wanted, item) for item in warnings):
            problems.append(f"warnings: {json.dumps(wanted)} must not be there")
    if "has_warnings" in expect:
        problems += differs("has warnings", expect["has_warnings"], bool(warnings))
    if "error_count" in expect:
        problems += differs("number of errors", expect["error_count"], len(errors))
    if "warning_count" in expect:
        problems += differs("number of warnings", expect["warning_count"], len(warnings))
    return problems


def check_schema(expect, document):
    def result(file):
        if "schema_valid" not in file:
            return "none"
        return "ok" if file["schema_valid"] else "failed"

    results = [result(file) for file in document.get("falco_load_results", [])]
    got = "failed" if "failed" in results else results[0] if results else "none"
    return differs("schema", expect["schema"], got)


def check_describe(expect, described):
    rules = {rule["info"]["name"]: rule for rule in described.get("rules", [])}
    problems = []
    for key, detail in (("compiled_condition", "condition_compiled"), ("compiled_output", "output_compiled")):
        for name, text in expect.get(key, {}).items():
            got = rules.get(name, {}).get("details", {}).get(detail)
            problems += differs(f"{key} of {name}", text, got)
    for row in expect.get("describe", []):
        document = described if row["rule"] is None else {"rules": [rules.get(row["rule"], {})]}
        got = at_pointer(document, row["pointer"])
        if got is MISSING:
            problems.append(f"describe {row['pointer']}: not there")
        elif "equals" in row:
            problems += differs(f"describe {row['pointer']}", row["equals"], got)
        elif "size" in row:
            problems += differs(f"describe {row['pointer']} size", row["size"], len(got))
        elif "set_equals" in row:
            problems += differs(f"describe {row['pointer']}", sorted(row["set_equals"]), sorted(got))
    return problems


def check_steps(case, context, question):
    """Each named ruleset is a set of rules of its own: all but the default one begin empty."""
    chosen = {}
    problems = []
    for step in case["steps"]:
        ruleset = step["ruleset"]
        steps = chosen.setdefault(ruleset, [])
        if ruleset != DEFAULT_RULESET and not steps:
            steps.append({"enable": False, "mode": "substring", "pattern": ""})
        if step["op"] == "expect_enabled":
            got = context.probe.ask("load", **question, select=steps)
            problems += differs(f"enabled in {ruleset}", step["count"], got.get("enabled"))
            continue
        patterns = step["pattern"] if isinstance(step["pattern"], list) else [step["pattern"]]
        for pattern in patterns:
            steps.append({"enable": step["op"] == "enable", "mode": step["mode"], "pattern": pattern})
    return problems


def check_files(expect, got):
    """Which files loaded: statuses stop at the first that failed."""
    wanted = expect["file_ok"]
    rows = enumerate(wanted) if isinstance(wanted, list) else ((int(i), ok) for i, ok in wanted.items())
    problems = []
    for i, ok in rows:
        loaded = i < len(got["files"]) and got["files"][i] == "RT_OK"
        problems += differs(f"file {i} ok", ok, loaded)
    return problems


def load(case, context):
    expect = case["expect"]
    extra = (case.get("options") or {}).get("extra_output_format", [])
    question = {"sources": case["sources"], "files": context.files(case),
                "append_output": [dict(row, extra_output=row["format"]) for row in extra]}
    if "loaded_plugins" in case:
        question["loaded_plugins"] = case["loaded_plugins"]
    got = context.probe.ask("load", **question)
    if "document" not in got:
        return [f"the probe: {got.get('error')}"]
    document = json.loads(got["document"])
    problems = []
    for key in ("ok", "plugin_requirements_ok"):
        if key in expect:
            told = [item["message"] for item in reported(document, "errors")]
            problems += [f"{text} {told}" for text in differs(key, expect[key], got["status"] == "RT_OK")]
    if "file_ok" in expect:
        problems += check_files(expect, got)
    if "enabled_rules" in expect:
        problems += differs("enabled rules", expect["enabled_rules"], got.get("enabled"))
    if "schema" in expect:
        problems += check_schema(expect, document)
    problems += check_reports(expect, document)
    if {"compiled_condition", "compiled_output", "describe"} & set(expect):
        problems += check_describe(expect, json.loads(got.get("describe", "{}")))
    if "steps" in case:
        problems += check_steps(case, context, question)
    return problems


# ---- detection ----

def counted(what, wanted, got):
    if isinstance(wanted, dict):
        return [] if got >= wanted["min"] else [f"{what}: {got}, expected at least {wanted['min']}"]
    return differs(what, wanted, got)


def priority_counts(rules):
    counts = {}
    for row in rules.values():
        name = "INFO" if row["priority"] == "Informational" else row["priority"].upper()
        counts[name] = counts.get(name, 0) + row["count"]
    return counts


def detect(case, context):
    options = case.get("options") or {}
    select = []
    for step in options.get("selection", []):
        mode = "tag" if "tag" in step else "wildcard"
        select.append({"enable": step["op"] == "enable", "mode": mode,
                       "pattern": step.get("tag", step.get("rule"))})
    got = context.detect(case, select=select, match_all=options.get("rule_matching") == "all")
    expect = case["expect"]
    ok = got.get("status") == "RT_OK" and got.get("input_status") == "RT_OK"
    problems = differs("ok", expect.get("ok", True), ok)
    if problems:
        return [f"{problems[0]}: {got.get('status')} {got.get('input_status')} {got.get('diags', [])[:1]}"]
    rules = got["rules"]
    if "total" in expect:
        problems += counted("total", expect["total"], sum(row["count"] for row in rules.values()))
    for name, wanted in (expect.get("rules") or {}).items():
        problems += counted(f"rule {name}", wanted, rules.get(name, {"count": 0})["count"])
    priorities = priority_counts(rules)
    for name, wanted in (expect.get("priorities") or {}).items():
        problems += counted(f"priority {name}", wanted, priorities.get(name, 0))
    return problems
