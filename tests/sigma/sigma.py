# SPDX-License-Identifier: Apache-2.0
"""sigma.py: what a Sigma rule means, as directly as it can be said: an evaluator over JSON records,
written from Sigma's specification and sharing nothing with the converter. Values and records are Python's."""
import base64
import ipaddress
import itertools
import json
import re

MISSING = object()
FLAGS = {"all", "cased", "neq", "i", "m", "s"}


def lookup(record, field):
    """The member a.b.c, or MISSING."""
    for name in field.split("."):
        if not isinstance(record, dict) or name not in record:
            return MISSING
        record = record[name]
    return record


def text_of(value):
    """The text that a pattern is compared with; None: it has none."""
    if value is MISSING or value is None:
        return None
    return value if isinstance(value, str) else json.dumps(value, separators=(",", ":"), ensure_ascii=False)


def tokens(pattern):
    """Characters, with None for `*` and True for `?`."""
    out, at = [], 0
    while at < len(pattern):
        char = pattern[at]
        if char == "\\" and at + 1 < len(pattern) and pattern[at + 1] in "\\*?":
            at += 1
            out.append(pattern[at])
        else:
            out.append({"*": None, "?": True}.get(char, char))
        at += 1
    return out


def fold(text):
    """ASCII letters lowered: what the converted rules do."""
    return "".join(c.lower() if c.isascii() else c for c in text)


def pattern_matches(parts, text, cased):
    regex = "".join(".*" if p is None else "." if p is True else re.escape(p if cased else fold(p)) for p in parts)
    return re.fullmatch(regex, text if cased else fold(text), re.S) is not None


def encoded(parts):
    return "".join(parts).encode("utf-8", "surrogatepass")


def offsets(data):
    """The part of its base64 form that does not depend on what stands around, for each shift."""
    for shift in range(3):
        whole = base64.b64encode(b" " * shift + data).decode()
        yield list(whole[(0, 2, 3)[shift]:len(whole) - (0, 3, 2)[(len(data) + shift) % 3]])


def dashes(parts):
    places = [i for i, c in enumerate(parts)
              if c in ("-", "/") and not (i and isinstance(parts[i - 1], str) and re.match(r"\w", parts[i - 1]))
              and i + 1 < len(parts) and isinstance(parts[i + 1], str) and re.match(r"\w", parts[i + 1])]
    for choice in itertools.product("-/\u2013\u2014\u2015", repeat=len(places)):
        out = list(parts)
        for place, dash in zip(places, choice):
            out[place] = dash
        yield out


def modified(parts, modifier):
    """The token lists that @parts become."""
    if modifier in ("contains", "startswith", "endswith"):
        before = [None] if modifier != "startswith" else []
        after = [None] if modifier != "endswith" else []
        return [before + parts + after]
    if modifier == "windash":
        return list(dashes(parts))
    if modifier == "base64":
        return [list(base64.b64encode(encoded(parts)).decode())]
    if modifier == "base64offset":
        return list(offsets(encoded(parts)))
    raise ValueError(modifier)


def number(value):
    try:
        return float(value) if not isinstance(value, bool) else None
    except (TypeError, ValueError):
        return None


def special(found, modifiers, value, record):
    """Comparisons that are no patterns."""
    text = text_of(found)
    if "exists" in modifiers:
        return (found is not MISSING) == value
    if text is None:
        return False
    if "re" in modifiers:
        flags = sum({"i": re.I, "m": re.M, "s": re.S}[f] for f in "ims" if f in modifiers)
        return re.search(value, text, flags | re.A) is not None
    if "cidr" in modifiers:
        try:
            return ipaddress.ip_address(text) in ipaddress.ip_network(value, strict=False)
        except ValueError:
            return False
    if "fieldref" in modifiers:
        other = text_of(lookup(record, value))
        if other is None:
            return False
        parts = list(other)
        for modifier in modifiers:
            if modifier in ("contains", "startswith", "endswith"):
                parts = modified(parts, modifier)[0]
        return pattern_matches(parts, text, "cased" in modifiers)
    have = number(found)
    if have is None:
        return False
    return {"lt": have < value, "lte": have <= value, "gt": have > value,
            "gte": have >= value}[next(m for m in modifiers if m in ("lt", "lte", "gt", "gte"))]


def value_matches(found, modifiers, value, record):
    if any(m in modifiers for m in ("exists", "re", "cidr", "fieldref", "lt", "lte", "gt", "gte")):
        return special(found, modifiers, value, record)
    if value is None:
        return found is MISSING or found is None
    text = text_of(found)
    if text is None:
        return False
    lists = [tokens(value if isinstance(value, str) else text_of(value))]
    for modifier in modifiers:
        if modifier not in FLAGS:
            lists = [out for parts in lists for out in modified(parts, modifier)]
    if "all" in modifiers:
        return all(pattern_matches(parts, text, "cased" in modifiers) for parts in lists)
    return any(pattern_matches(parts, text, "cased" in modifiers) for parts in lists)


def item_matches(key, given, record):
    field, *modifiers = key.split("|")
    values = given if isinstance(given, list) else [given]
    join = all if "all" in modifiers else any
    found = lookup(record, field)
    result = join(value_matches(found, modifiers, value, record) for value in values)
    return not result if "neq" in modifiers else result


def group_matches(group, record):
    if isinstance(group, dict):
        return all(item_matches(key, given, record) for key, given in group.items())
    return any(group_matches(one, record) for one in group)


class Condition:
    """Recursive descent over the condition's words."""

    def __init__(self, text, groups, record):
        self.words = re.findall(r"[()]|[^\s()]+", text)
        self.groups, self.record = groups, record

    def take(self, word):
        if self.words and self.words[0].lower() == word:
            self.words.pop(0)
            return True
        return False

    def group(self, name):
        return group_matches(self.groups[name], self.record)

    def term(self):
        if self.take("not"):
            return not self.term()
        if self.take("("):
            result = self.any_of()
            assert self.take(")")
            return result
        word = self.words.pop(0)
        if word in ("1", "any", "all") and self.take("of"):
            pattern = self.words.pop(0)
            regex = "[^_].*" if pattern == "them" else re.escape(pattern).replace(r"\*", ".*")
            found = [self.group(name) for name in self.groups if re.fullmatch(regex, name)]
            return all(found) if word == "all" else any(found)
        return self.group(word)

    def all_of(self):
        result = self.term()
        while self.take("and"):
            right = self.term()
            result = result and right
        return result

    def any_of(self):
        result = self.all_of()
        while self.take("or"):
            right = self.all_of()
            result = result or right
        return result


def matches(detection, record):
    groups = {name: group for name, group in detection.items() if name != "condition"}
    conditions = detection["condition"]
    return any(Condition(text, groups, record).any_of()
               for text in (conditions if isinstance(conditions, list) else [conditions]))
