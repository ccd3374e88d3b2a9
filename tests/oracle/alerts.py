# SPDX-License-Identifier: Apache-2.0
"""Comparing alerts and values, with what cannot be compared left out.

 * `id` is ours alone.
 * The reference decodes invalid UTF-8 loosely before it writes JSON: where ours has U+FFFD and bytes
   were invalid (in the input, or by a cut inside a character), the JSON value is not compared. The
   text recordings are.
 * An event whose time is Go's zero time gets the time of delivery.
"""
import datetime
import difflib
import json

REPLACED = "\ufffd"
TIME_FIELDS = ("evt.time", "evt.datetime", "evt.rawtime", "evt.reltime", "json.rawtime", "jevt.rawtime")
RECORDED_SINCE = "2025"


def dump(value):
    return json.dumps(value, ensure_ascii=False, sort_keys=True)


def loosely_decoded(expected, got, may_be_invalid):
    """May @got differ from @expected because of bytes that are no UTF-8?"""
    return may_be_invalid and REPLACED in dump(got) and dump(expected) != dump(got)


def delivered(time):
    """Is this the time of a run, not of an event? Of ours: within a day."""
    now = datetime.datetime.utcnow()
    days = [(now + datetime.timedelta(days=d)).strftime("%Y-%m-%d") for d in (-1, 0, 1)]
    return time[:10] in days


def of_delivery(expected, got):
    return expected[:4] >= RECORDED_SINCE and delivered(got)


def without_time(alert):
    """@alert without what depends on the time of delivery."""
    fields = {name: value for name, value in alert.get("output_fields", {}).items()
              if not name.startswith(TIME_FIELDS)}
    output = alert.get("output", "").split(" ", 1)[-1]
    return dict(alert, output_fields=fields, output=output, time=None)


def differences(expected, got, may_be_invalid=False):
    """[(what, text)] that differs between two JSON alerts."""
    problems = []
    for key in sorted((set(expected) | set(got)) - {"id", "output_fields"}):
        there, here = expected.get(key), got.get(key)
        if dump(there) != dump(here) and not loosely_decoded(there, here, may_be_invalid):
            problems.append((key, f"expected {dump(there)}, got {dump(here)}"))
    there, here = expected.get("output_fields", {}), got.get("output_fields", {})
    for name in sorted(set(there) | set(here)):
        if name not in there or name not in here:
            problems.append((name, "only there" if name in there else "only here"))
        elif dump(there[name]) != dump(here[name]) \
                and not loosely_decoded(there[name], here[name], may_be_invalid):
            problems.append((name, f"expected {dump(there[name])}, got {dump(here[name])}"))
    return problems


def problems_of(expected, got, may_be_invalid):
    """The same, but for the time where it is that of delivery."""
    if of_delivery(expected.get("time", ""), got.get("time", "")):
        expected, got = without_time(expected), without_time(got)
    return differences(expected, got, may_be_invalid)


def pairs(expected, got, key):
    """Pairs of @expected and @got in order; None stands for what the other side lacks."""
    if len(expected) == len(got):
        return list(zip(expected, got))
    found = []
    matcher = difflib.SequenceMatcher(None, [key(a) for a in expected], [key(a) for a in got], autojunk=False)
    for what, a1, a2, b1, b2 in matcher.get_opcodes():
        left, right = expected[a1:a2], got[b1:b2]
        if what in ("equal", "replace"):
            while left and right:
                found.append((left.pop(0), right.pop(0)))
        found += [(a, None) for a in left] + [(None, b) for b in right]
    return found


def alert_key(alert):
    return (alert.get("time"), alert.get("rule"))


def split_text(data, outputs):
    """The text alerts of @data, given each one's `output` as JSON shows it: it may hold line feeds."""
    lines = data.split(b"\n")
    if lines and not lines[-1]:
        lines.pop()
    alerts = []
    at = 0
    for output in outputs:
        count = output.count("\n") + 1
        alerts.append(b"\n".join(lines[at:at + count]))
        at += count
    return alerts + [line for line in lines[at:]]
