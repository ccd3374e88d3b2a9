# SPDX-License-Identifier: Apache-2.0
"""Cases about conditions, fields and formats on events. See kinds_parse.py for what a check returns."""
import json
import re

import capture
from kinds_parse import differs

WARNING = "LOAD_COMPILE_CONDITION"
# These drop records without a time or a type, which the events of cases often lack: the probe hands
# them the payload itself.
# A user that a case knows without saying so: its original adds the user before the event.
USERS = {"filter-eval.evt.EVT_FILTER_check_evt_arg_uid": ["", -1, 5, 6, "test", "/test", "/bin/test"]}
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
        return differs(f"{what}: refused", check["error"], not compiles)
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
    if check.get("field") == "fd.types":
        # The reference gives them in the order of a hash table of its own.
        return differs(what, *(sorted(text.strip("()").split(",")) for text in
                               (check["value"], result.get("text", "").split("@", 1)[-1])))
    if "value_hex" in check:
        return differs(what, check["value_hex"], result.get("text", "").split("@", 1)[-1].encode().hex())
    return differs(what, check["value"], result.get("text", "").split("@", 1)[-1])


def ask_checks(context, source, checks, **question):
    checks = list(checks)
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


def at_event(check, time_ns):
    """The check, of one event of a capture alone. Errors do not need one."""
    if time_ns is None or check.get("error") or "compiles" in check:
        return check
    condition = f"evt.rawtime = {time_ns}"
    if "filter" in check:
        condition += f" and ({check['filter']})"
    return dict(check, filter=condition, what=check.get("filter"))


def check_capture(case, context):
    """System-call events and checks, as a capture that all checks are made on."""
    if case["id"] in USERS:
        case["steps"].insert(0, {"users": {"op": "add_user", "args": USERS[case["id"]]}})
    payload, times = capture.of_steps(case)
    checks = [step["check"] for step in case["steps"] if "check" in step]
    for check, time_ns in zip(checks, times):
        if check.get("event") is not None and time_ns is None:
            return [f"there is no event {check['event']}"]
    return ask_checks(context, case["source"], map(at_event, checks, times), payload_hex=payload.hex())


def check_steps(case, context):
    """Events and checks in order."""
    if "threads" in case:
        return check_capture(case, context)
    payloads = {}
    by_event = {}
    problems = []
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
        else:
            raw = {"raw": case["source"]} if case["source"] in DROPPING_SOURCES else {}
            problems += ask_checks(context, case["source"], checks, payload=payloads[event], **raw)
    return problems


def check_split(split, context):
    got = context.probe.ask("split", source=split["source"], content=split["content"])
    return differs("records", split["expect"], got.get("records", got.get("error")))


def filter_eval(case, context):
    return check_filter(case, context) if "filter" in case else check_steps(case, context)


# ---- formats ----

# What stands in front of an alert's own text.
PREFIX = re.compile(r"^[0-9:.]+: Debug ")


def render(case, texts, context):
    """What alerts with these texts as output say, on the event of @case."""
    events = [*case["prior_events"], case["event"]]
    steps = [{"event": event} for event in events]
    payload = capture.of_steps({"threads": case["threads"], "steps": steps})[0].hex()
    checks = [{"filter": f"evt.rawtime = {case['event']['ts']}", "output": text} for text in texts]
    return context.probe.ask("eval", source=case["source"], checks=checks, payload_hex=payload)


def check_output(case, got):
    expect = case["expect"]
    if "text" not in got:
        return [f"{case['format']}: no alert: {got.get('status')} {got.get('diags')}"]
    if case["options"]["output"] == "json":
        # Alerts carry the fields inside of transformers, and the event's time.
        fields = {n: v for n, v in json.loads(expect["output"]).items() if "(" not in n}
        got = {n: v for n, v in got["json"]["output_fields"].items() if n != "evt.time"}
        return differs("output_fields", fields, got)
    text = PREFIX.sub("", got["text"], count=1)
    problems = []
    if "output" in expect:
        problems += differs("output", expect["output"], text)
    for other in expect.get("output_not", []):
        problems += [f"output is {text!r}"] if text == other else []
    return problems


def check_names(case, names):
    expect = case["expect"]
    problems = []
    if "field_names" in expect:
        problems += differs("field names", sorted(expect["field_names"]), sorted(names))
    for key in ("field_names_count", "field_count"):
        if key in expect:
            problems += differs(key, expect[key], len(names))
    return problems


def format_case(case, context):
    expect = case["expect"]
    if case["feature"] == "alert_lines":
        return alert_lines(case, context)
    got = context.probe.ask("format_parse", format=case["format"])
    if "ok" in expect:
        return differs(f"{case['format']}: ok", expect["ok"], got["ok"])
    if not got["ok"]:
        return [f"{case['format']}: {got.get('error')}"]
    names = got["field_names" if case["options"]["resolve_transformed_fields"] else "plain_field_names"]
    problems = check_names(case, names)
    if not names:
        # No field, so no event is needed: the text as it is, and no object.
        text = "null" if case["options"]["output"] == "json" else case["format"]
        return problems + differs("output", expect["output"], text)
    fields = expect.get("fields", {})
    lenient = "*" if case["format"].startswith("*") else ""
    results = render(case, [case["format"], *(f"{lenient}%{name}" for name in fields)], context)["results"]
    if "output" in expect or "output_not" in expect:
        problems += check_output(case, results[0])
    for (name, text), result in zip(fields.items(), results[1:]):
        if result["compiles"]:
            problems += differs(name, text, PREFIX.sub("", result.get("text", ""), count=1))
        elif text not in results[0].get("text", ""): # its name is not how it is written
            problems.append(f"{name}: {text!r} is not in the output")
    return problems


def alert_lines(case, context):
    """All alerts of an input, as they are printed. Today's reference does not hand the enter halves of
    old captures to rules (cases of the kind detect were recorded so): every other line of these."""
    got = context.detect(case, lines=True, time_format_iso_8601=case["options"]["time_format_iso_8601"])
    if got.get("input_status") != "RT_OK":
        return [f"the input: {got.get('status')} {got.get('input_status')}"]
    return differs("lines", case["expect"]["lines"][1::2], got["lines"])
