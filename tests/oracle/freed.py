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


def doubtful_rules(path):
    """Names of the rules in a file for which that is so."""
    rules = yaml.load(path.read_text(encoding="utf-8"), Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
    return {rule["rule"] for rule in rules or []
            if "rule" in rule and reads_freed(f"{rule.get('condition')} {rule.get('output')}")}
