# SPDX-License-Identifier: Apache-2.0
"""The kinds of comparison with recordings of captures. Each takes the command and returns tallies."""
import collections
import json
import re

from alerts import alert_key, differences, dump, pairs
from freed import rules_of
from kinds import rule_names, yaml_of
from report import Tally

JSON = ("-o", "json_output=true")
ALL = ("-o", "rule_matching=all")
ONLY_TEXT = ("-o", "json_include_output_fields_property=false", "-o", "json_include_tags_property=false")
ONLY_FIELDS = ("-o", "json_include_output_property=false", "-o", "json_include_tags_property=false")

STABLE = ("falco_rules.yaml",)
EVERY = STABLE + ("falco-incubating_rules.yaml", "falco-sandbox_rules.yaml")

# How often the reference happened to look at values; which order a set of it came in.
NOT_COMPARED = ("util.cnt",)
SETS = ("fd.types",)
# Of threads that no clone made, the reference prints memory that it never set: the same small number,
# or the same address, all through a replay.
UNSET = ("proc.exe_ino.ctime_duration_proc_start", "proc.exe_ino.ctime_duration_pidns_start")
SMALL, LOWEST_ADDRESS, HIGHEST_ADDRESS = 1000, 0x7e0000000000, 0x7fffffffffff

# Cells of events.tsv, in order. `t` is in nanoseconds.
EVENT_CELLS = (("n", "evt.num"), ("t", "evt.rawtime"), ("type", "evt.type"), ("res", "evt.res"),
               ("tid", "thread.tid"), ("pid", "proc.pid"), ("name", "proc.name"), ("exe", "proc.exe"),
               ("exepath", "proc.exepath"), ("cmdline", "proc.cmdline"), ("pname", "proc.pname"),
               ("an2", "proc.aname[2]"), ("cwd", "proc.cwd"), ("tty", "proc.tty"), ("uid", "user.uid"),
               ("user", "user.name"), ("fdnum", "fd.num"), ("fdname", "fd.name"),
               ("fdtype", "fd.typechar"), ("args", "evt.args"))
# Behind the cells: events.tsv was recorded without the container plug-in, so that ids in a container
# found their names in the host's lists.
EVENT_EXTRA = ("container.id",)
HOST = ("host", "", "<NA>")
NAMED_ID = re.compile(r"(?<= )(e?[ug]id=\d+)\([^)]*\)|^(e?[ug]id=\d+)\([^)]*\)")
MATCH = re.compile(rb'"output_fields":\{"evt\.num":(\d+)[,}].*?"rule":"([^"]+)"')


def replay(command, tally, capture, rules, *options):
    """The output of replaying @capture with the files @rules; what went wrong is put into @tally."""
    done = command.replay(capture.path, rules, *options)
    if done.returncode != 0:
        told = done.stderr.decode(errors="replace").strip()[:300]
        tally.differs("cannot be replayed", f"{capture}: exit {done.returncode}: {told}")
    return done.stdout


def objects(data):
    return [json.loads(line) for line in data.decode("utf-8", "surrogateescape").split("\n") if line]


def write_rule(work, capture, what, condition, output):
    path = work / f"{what}-{capture.folder.name}-{capture.path.stem}.yaml"
    rule = {"rule": what, "desc": what, "condition": condition, "priority": "DEBUG", "output": output}
    path.write_text(yaml_of(rule), encoding="utf-8")
    return path


# ---- alerts ----

def left_to_chance(name, there, event_type=None):
    """Is the recorded value what happened to be in memory?"""
    if name == "evt.buffer":
        return bool(there) and ("NULL.".startswith(there[:5]) or event_type == "ptrace")
    return name in NOT_COMPARED or name in UNSET and there is not None and (
        there < SMALL or LOWEST_ADDRESS <= there <= HIGHEST_ADDRESS)


def with_sets_sorted(alert):
    """@alert with those lists in order that are sets, in its text too."""
    fields, output = dict(alert["output_fields"]), alert.get("output")
    for name in SETS:
        values = fields.get(name)
        if isinstance(values, list):
            fields[name] = sorted(values)
            output = output and output.replace(f"({','.join(values)})", f"({','.join(fields[name])})")
    return dict(alert, output=output, output_fields=fields)


def without(alert, names):
    """@alert without these fields, and without the text that shows them."""
    fields = {name: value for name, value in alert["output_fields"].items() if name not in names}
    return dict(alert, output=None, output_fields=fields) if names else alert


def compare_alerts(tally, capture, expected, got):
    """Every alert in order, with every key of it."""
    for there, here in pairs(expected, got, alert_key):
        if not here:
            tally.differs(f"no alert of {there['rule']}", f"{capture} {there['time']}")
        elif not there:
            tally.differs(f"an alert too many of {here['rule']}", f"{capture} {here['time']}")
        else:
            if "hostname" not in there:
                here.pop("hostname", None)
            chance = {name for name, value in there["output_fields"].items() if left_to_chance(name, value)}
            problems = differences(*(with_sets_sorted(without(alert, chance)) for alert in (there, here)))
            for what, text in problems[:1]:
                tally.differs(what, f"{capture} {there['time']} {there['rule']}: {text}")
            if not problems:
                tally.equal()
    if not expected and not got and not tally.failed:
        tally.equal() # silence is right


def alerts(command, capture, kind, suffix, rules):
    """Alerts of stock rules, the first match of an event only."""
    tally = Tally(kind, capture.name)
    got = objects(replay(command, tally, capture, rules, *JSON))
    compare_alerts(tally, capture, capture.lines(suffix), got)
    return [tally]


def kills_reference(path, name):
    """Does the reference die of this rule's output, join() over a number that is missing?"""
    return any(rule["rule"] == name and "join(" in rule["output"] for rule in rules_of(path))


def formats(command, capture):
    """Random output formats."""
    tally = Tally("scap-format", capture.name)
    path = capture.beside("format.yaml")
    got = objects(replay(command, tally, capture, [path], *JSON, *ALL))
    expected = capture.lines("format.expected.jsonl")
    if len(got) > len(expected) and kills_reference(path, got[len(expected)]["rule"]):
        tally.skip(len(got) - len(expected))
        del got[len(expected):]
    compare_alerts(tally, capture, expected, got)
    return [tally]


# ---- fields ----

def same(name, there, here):
    if name in SETS and isinstance(there, list) and isinstance(here, list):
        return sorted(map(dump, there)) == sorted(map(dump, here))
    # 1, 1.0 and true are equal for Python.
    return type(there) is type(here) and there == here


def compare_row(tally, capture, row, got):
    """One event's fields, typed."""
    for name, there in row["fields"].items():
        if left_to_chance(name, there, row["fields"].get("evt.type")):
            continue
        here = got.get(name, "(absent)")
        if same(name, there, here):
            tally.equal()
        else:
            tally.differs(name, f"{capture} event {row['evt.num']} ({row['fields'].get('evt.type')}): "
                          f"expected {dump(there)}, got {dump(here)}")


def fields(command, capture, work):
    """Every field of sampled events."""
    tally = Tally("scap-fields", capture.name)
    recorded = capture.lines("fields.jsonl")
    if not recorded:
        return [tally]
    names = sorted(set().union(*(row["fields"] for row in recorded)))
    numbers = ", ".join(str(row["evt.num"]) for row in recorded)
    rule = write_rule(work, capture, "fields", f"evt.num in ({numbers})",
                      " ".join("%" + name for name in names))
    data = replay(command, tally, capture, [rule], *JSON, *ALL, *ONLY_FIELDS)
    got = {a["output_fields"]["evt.num"]: a["output_fields"] for a in objects(data)}
    for row in recorded:
        if row["evt.num"] in got:
            compare_row(tally, capture, row, got[row["evt.num"]])
        else:
            tally.differs("no such event", f"{capture} event {row['evt.num']} "
                          f"({row['fields'].get('evt.type')})")
    return [tally]


def without_names(args):
    return NAMED_ID.sub(lambda match: match[1] or match[2], args)


def compare_cells(tally, capture, there, here):
    number, kind = there[0][1], there[2][1]
    in_container = here[-1] not in HOST
    for (key, expected), (_, field), got in zip(there, EVENT_CELLS, here):
        if expected == got:
            tally.equal()
        elif key == "args" and in_container and without_names(expected) == without_names(got):
            tally.skip()
        else:
            tally.differs(f"{key} ({field})", f"{capture} event {number} ({kind}): "
                          f"expected {dump(expected)}, got {dump(got)}")


def cells(output):
    """The texts of an event's output, behind its time and priority."""
    return output.split(": Debug ", 1)[1].split("\t")


def events(command, capture, work):
    """A few fields of every event that rules see, as text."""
    tally = Tally("scap-events", capture.name)
    rule = write_rule(work, capture, "events", "evt.num > 0",
                      "\t".join("%" + field for field in [f for _, f in EVENT_CELLS] + list(EVENT_EXTRA)))
    data = replay(command, tally, capture, [rule], *JSON, *ALL, *ONLY_TEXT)
    got = {row[0]: row for row in (cells(alert["output"]) for alert in objects(data))}
    for there in capture.rows("events.tsv"):
        here = got.pop(there[0][1], None)
        if here:
            compare_cells(tally, capture, there, here)
        else:
            tally.differs("no such event", f"{capture} event {there[0][1]} ({there[2][1]})")
    for number, row in got.items():
        tally.differs("an event too many", f"{capture} event {number} ({row[2]})")
    return [tally]


# ---- random rules ----

def matches(data):
    """{rule: [evt.num...]} of alerts as JSON; millions of them, so only what is needed is parsed."""
    found = collections.defaultdict(list)
    for number, rule in MATCH.findall(data):
        found[rule.decode()].append(int(number))
    return found


def random_rules(command, capture, path, expected):
    """For every rule: how many events it matches, their sum, the first and the last."""
    tally = Tally("scap-rules", capture.name)
    seen = matches(replay(command, tally, capture, [path], *JSON, *ALL, *ONLY_FIELDS))
    if tally.failed:
        return [tally] # else rules that match nothing would look right
    for name in rule_names(path):
        numbers = seen.pop(name, [])
        got = [len(numbers), sum(numbers), numbers[0], numbers[-1]] if numbers else None
        if got == expected.get(name):
            tally.equal()
        else:
            tally.differs(f"{path.stem} {name}", f"{capture}: expected {expected.get(name)}, got {got}")
    for name in seen:
        tally.differs(f"{path.stem} {name}", f"{capture}: no such rule")
    return [tally]
