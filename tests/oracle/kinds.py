# SPDX-License-Identifier: Apache-2.0
"""The kinds of comparison with a recording. Each takes the command and returns tallies."""
import collections
import json
import re

from alerts import (TIME_FIELDS, alert_key, dump, loosely_decoded, of_delivery, pairs, problems_of,
                    split_text)
from freed import doubtful_rules, rules_of
from recording import json_lines
from report import Tally

STOCK = {"aws_cloudtrail": "aws_cloudtrail_rules.yaml", "k8s_audit": "k8s_audit_rules.yaml"}
JSON = ("-o", "json_output=true")
ALL = ("-o", "rule_matching=all")
NOT_PORTABLE = "RT1201"
# Plug-ins that the recordings lack: a file that needs one fails there and loads here.
LACKED = ("container", "gcpaudit", "github", "okta", "k8saudit-gke", "k8smeta", "krsi")


def compare_json(tally, entry, expected, got, doubtful=frozenset(), cut=frozenset()):
    """@doubtful, @cut: rules whose output is left to chance there, or may end inside a character."""
    for there, here in pairs(expected, got, alert_key):
        if not here:
            tally.differs(f"no alert of {there['rule']}", f"{entry.name} {there['time']}")
        elif not there:
            tally.differs(f"an alert too many of {here['rule']}", f"{entry.name} {here['time']}")
        else:
            problems = problems_of(there, here, not entry.is_utf8() or there["rule"] in cut)
            if not problems:
                tally.equal()
            elif there["rule"] in doubtful and {what for what, _ in problems} == {"output"}:
                tally.skip()
                continue
            for what, text in problems[:1]:
                tally.differs(what, f"{entry.name} {there['time']} {there['rule']}: {text}")


def compare_text(tally, entry, expected, got, doubtful=frozenset()):
    """@doubtful: numbers of the alerts whose text is left to chance there."""
    for number, (there, here) in enumerate(pairs(expected, got, bytes)):
        if there == here:
            tally.equal()
        elif there and here and (number in doubtful
                                 or (b": " in there and of_text_delivery(there, here))):
            tally.skip()
        else:
            tally.differs("text alert", f"{entry.name}: expected {there!r}, got {here!r}")


def of_text_delivery(there, here):
    """The same but for the time of day, in a text that does not say the date."""
    return there.split(b" ", 1)[-1] == here.split(b" ", 1)[-1] and there[8:9] == b"." == here[8:9]


def stock(command, entry, rules_folder):
    """Alerts of the stock rules, as JSON and as text."""
    tallies = [Tally("stock-json"), Tally("stock-text")]
    if entry.source not in STOCK:
        return tallies
    if entry.kills_reference():
        for tally in tallies:
            tally.skip()
        return tallies
    rules = rules_folder / STOCK[entry.source]
    got = json_lines(command.alerts(entry, rules, *JSON))
    compare_json(tallies[0], entry, entry.lines("stock.jsonl") or [], got)
    text = command.alerts(entry, rules)
    firsts = [alert.split(b"\n")[0] for alert in split_text(text, [a["output"] for a in got])]
    recorded = (entry.text("stock.txt") or b"").split(b"\n")
    compare_text(tallies[1], entry, recorded[:-1], firsts)
    return tallies


def yaml_of(rule):
    """A file of one rule. YAML's reader takes neither surrogate escapes nor raw control characters."""
    text = json.dumps([rule], ensure_ascii=False)
    return re.sub("[\x7f-\x9f\ufffe\uffff]", lambda m: f"\\u{ord(m[0]):04x}", text)


# ---- every field of every event ----

def fields_rule(entry, names, work):
    path = work / f"{entry.name}.fields.yaml"
    rule = {"rule": "fields", "desc": "every field", "condition": "evt.num > 0", "priority": "DEBUG",
            "source": entry.source, "output": " ".join("%" + name for name in names)}
    path.write_text(yaml_of(rule), encoding="utf-8")
    return path


def compare_fields(tally, entry, row, alert, asked, may_be_invalid):
    timeless = of_delivery(row["time"], alert["time"])
    where = f"{entry.name} event {row['evt.num']}"
    got = alert["output_fields"]
    for name, there in row["fields"].items():
        if name not in asked:
            continue
        here = got.get(name, "(absent)")
        if dump(there) == dump(here):
            tally.equal()
        elif timeless and name.startswith(TIME_FIELDS) or loosely_decoded(there, here, may_be_invalid):
            tally.skip()
        else:
            tally.differs(name.split("[")[0], f"{where} {name}: expected {dump(there)}, got {dump(here)}")
    if row["time"] != alert["time"] and not timeless:
        tally.differs("time", f"{where}: expected {row['time']}, got {alert['time']}")


def fields(command, entry, work):
    tally = Tally("fields")
    recorded = entry.lines("fields.jsonl")
    if entry.kills_reference():
        tally.skip()
    if not recorded:
        return [tally]
    names = sorted(set().union(*(row["fields"] for row in recorded)))
    if command.settings:
        names = [name for name in names if name not in entry.deadly_fields()]
    rule = fields_rule(entry, names, work)
    got = {a["output_fields"]["evt.num"]: a for a in json_lines(command.alerts(entry, rule, *JSON, *ALL))}
    may_be_invalid = not entry.is_utf8()
    asked = frozenset(names)
    for row in recorded:
        alert = got.pop(row["evt.num"], None)
        if alert:
            compare_fields(tally, entry, row, alert, asked, may_be_invalid)
        else:
            tally.differs("no such event", f"{entry.name} event {row['evt.num']}")
    for number in got:
        tally.differs("an event too many", f"{entry.name} event {number}")
    return [tally]


# ---- random rules ----

def rule_names(path):
    """The rules are JSON-quoted YAML, one `- rule:` a line."""
    text = path.read_text(encoding="utf-8")
    return [line[len("- rule: "):].strip().strip('"') for line in text.splitlines()
            if line.startswith("- rule: ")]


def rules(command, entry, path, expected):
    """For every rule: how many events it matches, their sum, the first and the last."""
    tally = Tally("rules")
    quiet = ("-o", "json_include_output_property=false", "-o", "json_include_tags_property=false")
    doubtful = doubtful_rules(path)
    seen = collections.defaultdict(list)
    for alert in json_lines(command.alerts(entry, path, *JSON, *ALL, *quiet)):
        seen[alert["rule"]].append(alert["output_fields"]["evt.num"])
    for name in rule_names(path):
        numbers = seen.pop(name, [])
        got = [len(numbers), sum(numbers), numbers[0], numbers[-1]] if numbers else None
        there = expected.get(name)
        if got == there:
            tally.equal()
        elif name in doubtful:
            tally.skip()
        else:
            tally.differs(f"{path.stem} {name}", f"{entry.name}: expected {there}, got {got}")
    for name in seen:
        tally.differs(f"{path.stem} {name}", f"{entry.name}: no such rule")
    return [tally]


# ---- random formats ----

def cut_rules(path):
    """Rules whose output has a width or b64(), which can cut a value inside a character."""
    return {rule["rule"] for rule in rules_of(path) if re.search(r"%\d|b64\(", rule["output"])}


def formats(command, entry):
    tallies = [Tally("format-json"), Tally("format-text")]
    path = entry.folder / f"{entry.name}.format.yaml"
    expected = entry.lines("format.expected.jsonl")
    if expected is None or not path.exists():
        return tallies
    got = json_lines(command.alerts(entry, path, *JSON, *ALL))
    doubtful = doubtful_rules(path)
    compare_json(tallies[0], entry, expected, got, doubtful, cut_rules(path))
    text = split_text(command.alerts(entry, path, *ALL), [a["output"] for a in got])
    recorded = split_text(entry.text("format.expected.txt") or b"", [a["output"] for a in expected])
    compare_text(tallies[1], entry, recorded, text,
                 {i for i, alert in enumerate(expected) if alert["rule"] in doubtful})
    return tallies


# ---- loading ----

def reported(document, kind):
    return [item["code"] for item in document.get(kind, []) if item.get("reference")]


def not_portable(document):
    return any(item.get("id") == NOT_PORTABLE for item in document.get("warnings", []))


def one_rule(entry, work):
    rule = {"rule": "r", "desc": "d", "priority": "NOTICE", "source": entry["source"],
            "condition": entry.get("condition", "evt.num > 0"), "output": entry.get("output", "o")}
    path = work / "one.yaml"
    path.write_text(yaml_of(rule), encoding="utf-8")
    return path


def compare_load(tally, what, document, codes, warnings=None):
    """@codes: of the errors that the reference had; empty: it loaded. @warnings: None, or codes."""
    got = reported(document, "errors")
    if codes and not got and not_portable(document):
        tally.equal()
    elif got[:1] != codes[:1]:
        first = (document.get("errors") or [{}])[0]
        told = f"{first.get('code')}: {first.get('message')}"
        tally.differs("loads here" if codes and not got else "refused here" if not codes else "code",
                      f"{what}: expected {codes}, got {got} ({told})")
    elif warnings is not None and sorted(warnings) != sorted(reported(document, "warnings")):
        tally.differs("warnings", f"{what}: expected {warnings}, got {reported(document, 'warnings')}")
    else:
        tally.equal()


def lacks_plugin(entry):
    """Refused there only because the recording's Falco lacked a plug-in."""
    told = " ".join(entry.get("messages") or [])
    return "Plugin requirement not satisfied" in told or \
        any(entry["file"].endswith(f"{name}_{tail}.yaml") for name in LACKED
            for tail in ("example_rule", "example_rules"))


def load_entry(command, recording, work, kind, entry):
    """One entry of a table of conditions, formats or files."""
    tally = Tally("load")
    if kind == "file":
        if lacks_plugin(entry):
            tally.skip()
            return [tally]
        document = command.check(recording.folder / entry["file"])
        result = entry["result"]
        compare_load(tally, entry["file"], document, [e["code"] for e in result["errors"]],
                     [w["code"] for w in result["warnings"]])
        return [tally]
    document = command.check(one_rule(entry, work))
    what = entry.get("condition", entry.get("output"))
    if kind == "probe":
        warnings = [w if isinstance(w, str) else w["code"] for w in entry["warnings"]]
        compare_load(tally, what, document, [e["code"] for e in entry["errors"]],
                     warnings if entry["ok"] else None)
    else:
        compare_load(tally, what, document, [entry["code"]])
    return [tally]
