# SPDX-License-Identifier: Apache-2.0
"""Where the reference reads memory that it has freed, so that what it prints is left to chance.

join() over a list reads one field after the other; each read of a plug-in's field frees the text that
the plug-in gave before, while the list still points at it. So `join(",", (json.value[a],
json.value[b]))` shows the second value twice, or whatever stands there by then. What is recorded for
such a rule is not compared where it differs; docs/semantics.md names it.
"""
import re

import yaml

LISTS = re.compile(r"""join\((?:"[^"]*"|'[^']*'),\s*\(((?:[^()"']|"[^"]*"|'[^']*')*)\)""")
FIELDS = re.compile(r"(?<![\w.])([a-z]\w*)\.\w[\w.]*(?:\[[^\]]*\])?")
SAME_PLUGIN = {"jevt": "json"}
ENGINE = "evt"


def reads_freed(text):
    """Does a join() in @text list two different fields of one plug-in?"""
    for items in LISTS.findall(text):
        seen = {}
        for match in FIELDS.finditer(items):
            plugin = SAME_PLUGIN.get(match[1], "json" if match[1] == "json" else "source")
            if match[1] == ENGINE:
                continue
            if seen.setdefault(plugin, match[0]) != match[0]:
                return True
    return False


def rules_of(path):
    """The rules in a file, as they are written."""
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    items = yaml.load(path.read_text(encoding="utf-8"), Loader=loader)
    return [item for item in items or [] if "rule" in item]


def doubtful_rules(path):
    """Names of the rules in a file for which that is so."""
    return {rule["rule"] for rule in rules_of(path)
            if reads_freed(f"{rule.get('condition')} {rule.get('output')}")}
