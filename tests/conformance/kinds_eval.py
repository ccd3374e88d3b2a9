# SPDX-License-Identifier: Apache-2.0
"""Cases about conditions, fields and formats on events. See kinds_parse.py for what a check returns."""
from kinds_parse import differs

WARNING = "LOAD_COMPILE_CONDITION"
# These drop records without a time or a type, which the events of cases often lack: the probe hands
# them the payload itself.
DROPPING_SOURCES = ("aws_cloudtrail", "k8s_audit")


def sources_of(source):
    return [source] if source != "mock" else []


def errors_of(result):
    return [d for d in result["diags"] if d["severity"] == 1 and d["reference"]]


def check_one(check, result):
    """What differs between a check of the corpus and what the probe saw."""
    what = check.get("filter") or check.get("field")
    compiles = result["compiles"]
    if "compiles" in check:
        return differs(f"{what}: compiles", check["compiles"], compiles)
    if "error" in check:
        return differs(f"{what}: refused", True, not compiles)
    if not compiles:
        return [f"{what}: does not compile: {[d['message'] for d in result['diags']][:1]}"]
    if result.get("status"):
        return [f"{what}: {result['status']}"]
    if "result" in check:
        return differs(f"{what}: result", check["result"], result["result"])
    if "has_value" in check:
        return differs(f"{what}: has a value", check["has_value"], result.get("has_value"))
    if not result.get("has_value"):
        return [f"{what}: no value, expected {check.get('value', check.get('values'))!r}"]
    if "values" in check:
        return differs(what, check["values"], result.get("value"))
    return differs(what, check["value"], result.get("text", "").split("@", 1)[-1])


def ask_checks(context, source, checks, **question):
    got = context.probe.ask("eval", source=source, checks=checks, **question)
    if len(got.get("results", [])) != len(checks):
        return [f"the probe: {got.get('error')}"]
    problems = []
    for check, result in zip(checks, got["results"]):
        problems += check_one(check, result)
    return problems


def check_filter(case, context):
    """A filter that is compiled, and perhaps judged on an event of mock fields."""
    expect = case["expect"]
    source = case["source"]
    question = {"sources": sources_of(source)}
    if "mock_fields" in case:
        question["mock_fields"] = case["mock_fields"]
    if "result" in expect:
        question["payload"] = "{}"
    got = context.probe.ask("eval", source=source, checks=[{"filter": case["filter"]}], **question)
    if not got.get("results"):
        return [f"the probe: {got.get('error')}"]
    result = got["results"][0]
    problems = differs("compiles", expect.get("compiles", True), result["compiles"])
    if problems:
        return [f"{problems[0]}: {[d['message'] for d in result['diags']][:1]}"]
    if "warnings" in expect:
        names = [d["name"] for d in result["diags"]]
        problems += differs("warnings", expect["warnings"], names.count(WARNING))
    if "result" in expect:
        problems += differs("result", expect["result"], result["result"])
    if "error" in expect and not any(expect["error"] in d["message"] for d in errors_of(result)):
        problems.append(f"error: {[d['message'] for d in errors_of(result)]}, not {expect['error']!r}")
    return problems


def check_steps(case, context):
    """Events and checks in order. System-call events cannot be delivered: the rest is checked."""
    payloads = {}
    by_event = {}
    problems = []
    skipped = False
    for step in case["steps"]:
        if "json_event" in step:
            payloads[step["json_event"]["n"]] = step["json_event"]["content"]
        elif "check" in step:
            by_event.setdefault(step["check"].get("event"), []).append(step["check"])
        elif "split_records" in step:
            problems += check_split(step["split_records"], context)
    for event, checks in by_event.items():
        if event is None:
            problems += ask_checks(context, case["source"], checks, sources=sources_of(case["source"]))
        elif event in payloads:
            raw = {"raw": case["source"]} if case["source"] in DROPPING_SOURCES else {}
            problems += ask_checks(context, case["source"], checks, payload=payloads[event], **raw)
        else:
            skipped = True
    if problems:
        return problems
    return None if skipped else []


def check_split(split, context):
    got = context.probe.ask("split", source=split["source"], content=split["content"])
    return differs("records", split["expect"], got.get("records", got.get("error")))


def filter_eval(case, context):
    return check_filter(case, context) if "filter" in case else check_steps(case, context)


# ---- formats ----

def format_case(case, context):
    expect = case["expect"]
    if case["feature"] == "alert_lines":
        return None if case["input"]["type"] == "scap" else ["alert lines of this input"]
    got = context.probe.ask("format_parse", format=case["format"])
    if "ok" in expect:
        return differs(f"{case['format']}: ok", expect["ok"], got["ok"])
    if not got["ok"]:
        return [f"{case['format']}: {got.get('error')}"]
    names = got["field_names" if case["options"]["resolve_transformed_fields"] else "plain_field_names"]
    if "field_names" in expect:
        return differs("field names", sorted(expect["field_names"]), sorted(names))
    if not names:
        # No field, so no event is needed: the text as it is, and no object.
        text = "null" if case["options"]["output"] == "json" else case["format"]
        return differs("output", expect["output"], text)
    return None
