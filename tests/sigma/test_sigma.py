#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""test_sigma.py RTCTL: Sigma rules converted by `rtctl import sigma` match what Sigma says they do.

What they do is said by sigma.py, by rules of chance over records of chance, and by hand below. With
the corpus ($RT_CORPUS, default ../shared/corpus) its Sigma rules are converted and counted, too.
"""
import collections
import json
import os
import pathlib
import random
import subprocess
import sys
import tempfile
import unittest

import yaml

import sigma

RTCTL = sys.argv.pop(1)
CORPUS = pathlib.Path(os.environ.get("RT_CORPUS", "../shared/corpus"))
SEEDS, RULES, RECORDS = 6, 150, 60
LOGSOURCE = {"product": "aws", "service": "cloudtrail"}
# What a source wants of a record.
NEEDED = {"aws_cloudtrail": {"eventType": "AwsApiCall", "eventTime": "2024-05-01T10:00:00Z"},
          "k8s_audit": {"kind": "Event", "auditID": "x", "stageTimestamp": "2024-05-01T10:00:00Z"}}
# Fields that Sigma's rules name and records have in other places.
ELSEWHERE = {"apiGroup": "objectRef.apiGroup"}
NOT_MEMBERS = {"hostPath", "capabilities"}
# (values, record) -> must match; every modifier, wildcard and form of a condition.
BY_HAND = [
    ({"userAgent": "curl/8"}, {"userAgent": "CURL/8"}, True),
    ({"userAgent": "curl"}, {"userAgent": "curl/8"}, False),
    ({"userAgent": "c*/?"}, {"userAgent": "Curl/8"}, True),
    ({"userAgent": "c*/?"}, {"userAgent": "Curl/"}, False),
    ({"userAgent": r"a\*b"}, {"userAgent": "a*b"}, True),
    ({"userAgent": r"a\*b"}, {"userAgent": "aXb"}, False),
    ({"userAgent": r"a\\*"}, {"userAgent": r"a\xyz"}, True),
    ({"userAgent": r"a\b"}, {"userAgent": r"a\b"}, True),
    ({"userAgent": r"a\\b"}, {"userAgent": r"a\b"}, True),
    ({"userAgent|cased": "Curl"}, {"userAgent": "curl"}, False),
    ({"userAgent|cased|contains": "Cur"}, {"userAgent": "xCurl"}, True),
    ({"userAgent|contains": "["}, {"userAgent": "a[b"}, True),
    ({"userAgent": "a[b]?"}, {"userAgent": "a[b]c"}, True),
    ({"userAgent": "a[b]?"}, {"userAgent": "abc"}, False),
    ({"userAgent|startswith": ["x", "cu"]}, {"userAgent": "Curl"}, True),
    ({"userAgent|endswith": ["x", "RL"]}, {"userAgent": "Curl"}, True),
    ({"userAgent|contains|all": ["c", "l"]}, {"userAgent": "Curl"}, True),
    ({"userAgent|contains|all": ["c", "x"]}, {"userAgent": "Curl"}, False),
    ({"userAgent": None}, {}, True),
    ({"userAgent": None}, {"userAgent": None}, True),
    ({"userAgent": None}, {"userAgent": ""}, False),
    ({"userAgent": ""}, {"userAgent": ""}, True),
    ({"userAgent": ""}, {}, False),
    ({"userAgent": ""}, {"userAgent": None}, False),
    ({"userAgent": "*"}, {"userAgent": "null"}, True),
    ({"userAgent": "*"}, {"userAgent": None}, False),
    ({"errorCode": [None, "Success"]}, {"errorCode": "success"}, True),
    ({"errorCode": [None, "Success"]}, {"errorCode": "Denied"}, False),
    ({"x.y": "*"}, {"x": {"y": ""}}, True),
    ({"x.y": "*"}, {"x": {"y": None}}, False),
    ({"x.y|contains": "ul"}, {"x": {"y": None}}, False),
    ({"x.y": None}, {"x": {"y": None}}, True),
    ({"x.y": None}, {"x": {"y": 0}}, False),
    ({"x.y": 5}, {"x": {"y": 5}}, True),
    ({"x.y": "5"}, {"x": {"y": 5}}, True),
    ({"x.y": True}, {"x": {"y": True}}, True),
    ({"x.y": "False"}, {"x": {"y": False}}, True),
    ({"x.y|exists": True}, {"x": {"y": None}}, True),
    ({"x.y|exists": False}, {"x": {}}, True),
    ({"x.y|lt": 500}, {"x": {"y": 499}}, True),
    ({"x.y|lt": 500}, {"x": {"y": 500}}, False),
    ({"x.y|lte": 500}, {"x": {"y": 500}}, True),
    ({"x.y|lte": 500}, {"x": {"y": 500.5}}, False),
    ({"x.y|gt": 99}, {"x": {"y": 99.5}}, True),
    ({"x.y|gt": 99}, {"x": {"y": 99}}, False),
    ({"x.y|gte": 99}, {"x": {"y": 100}}, True),
    ({"x.y|gte": 99}, {"x": {"y": -100}}, False),
    ({"x.y|lt": 0}, {"x": {"y": -3}}, True),
    ({"x.y|gte": 0}, {"x": {"y": "text"}}, False),
    ({"userAgent|re": "b+c"}, {"userAgent": "a\nbbc\nd"}, True),
    ({"userAgent|re": "^b|d$"}, {"userAgent": "abcd"}, True),
    ({"userAgent|re": "^b+"}, {"userAgent": "abb"}, False),
    ({"userAgent|re": r"\d{2}\s(?:x|y)[\w-]"}, {"userAgent": "_12 y-"}, True),
    ({"userAgent|re": "B"}, {"userAgent": "b"}, False),
    ({"userAgent|re|i": "B."}, {"userAgent": "xby"}, True),
    ({"userAgent|re|s": "a.b"}, {"userAgent": "a\nb"}, True),
    ({"userAgent|re|m": "^b$"}, {"userAgent": "a\nb\nc"}, True),
    ({"sourceIPAddress|cidr": "10.0.0.0/8"}, {"sourceIPAddress": "10.1.2.3"}, True),
    ({"sourceIPAddress|cidr": "172.16.0.0/12"}, {"sourceIPAddress": "172.31.0.1"}, True),
    ({"sourceIPAddress|cidr": "172.16.0.0/12"}, {"sourceIPAddress": "172.32.0.1"}, False),
    ({"sourceIPAddress|cidr": ["1.0.0.0/8", "10.9.9.8/30"]}, {"sourceIPAddress": "10.9.9.11"}, True),
    ({"sourceIPAddress|cidr": "10.9.9.8/30"}, {"sourceIPAddress": "10.9.9.110"}, False),
    ({"userAgent|fieldref": "eventName"}, {"userAgent": "abc", "eventName": "ABC"}, True),
    ({"userAgent|fieldref": "eventName"}, {"userAgent": None, "eventName": None}, False),
    ({"userAgent|fieldref": "x.y"}, {}, False),
    ({"userAgent|fieldref|endswith": "x.y"}, {"userAgent": "a/Bob", "x": {"y": "bob"}}, True),
    ({"userAgent|fieldref|cased": "x.y"}, {"userAgent": "Bob", "x": {"y": "bob"}}, False),
    ({"userAgent|base64": "foo"}, {"userAgent": "Zm9v"}, True),
    ({"userAgent|base64offset|contains": "stratum"}, {"userAgent": "eHN0cmF0dW0="}, True),
    ({"userAgent|base64offset|contains": "stratum"}, {"userAgent": "eHlzdHJhdHVt"}, True),
    ({"userAgent|wide|base64offset|contains": "foo"}, {"userAgent": "ZgBvAG8A"}, True),
    ({"userAgent|utf16|base64": "foo"}, {"userAgent": "//5mAG8AbwA="}, True),
    ({"userAgent|utf16be|base64": "foo"}, {"userAgent": "AGYAbwBv"}, True),
    ({"userAgent|windash|contains": " -x"}, {"userAgent": "a /x"}, True),
    ({"userAgent|windash|contains": " -x"}, {"userAgent": "a \u2014x"}, True),
    ({"userAgent|windash|contains": "a-x"}, {"userAgent": "a/x"}, False),
    ({"userAgent|neq": "a"}, {"userAgent": "b"}, True),
    ({"userAgent|neq": ["a", "B"]}, {"userAgent": "b"}, False),
    ({"userAgent": 'q"\'\\x'}, {"userAgent": 'Q"\'\\X'}, True),
    ({"userAgent": "\u00e9\u2028\u00e9"}, {"userAgent": "\u00e9\u2028\u00e9"}, True),
    ({"userAgent|contains": "a\tb"}, {"userAgent": "xa\tbx"}, True),
    ({"requestParameters|contains": '"s3:Get"'}, {"requestParameters": {"p": '{"A":"s3:get"}'}}, True),
    ({"requestParameters|contains": '"s3:Get"'}, {"requestParameters": {"p": ["s3:get"]}}, True),
    ({"requestParameters": None}, {"requestParameters": None}, True),
    ({"requestParameters.containerDefinitions.command|contains": "$KEY"},
     {"requestParameters": {"containerDefinitions": [{"command": ["sh", "x $key"]}]}}, True),
    ({"requestParameters.layers": "b"}, {"requestParameters": {"layers": ["a", "B"]}}, True),
    ({"requestParameters.layers": "b"}, {"requestParameters": {"layers": ["ab"]}}, False),
    ({"requestParameters.layers|startswith": "b"}, {"requestParameters": {"layers": ["a", "bc"]}}, True),
    ({"requestParameters.layers|endswith": "b"}, {"requestParameters": {"layers": ["a", "bc"]}}, False),
    (["needle", 'quo"te'], {"x": {"y": "a NEEDLE"}}, True),
    (["needle", 'quo"te'], {"x": {"y": 'a quo"te'}}, True),
    (["needle"], {"x": "hay"}, False),
    ({"|all": ["one", "two"]}, {"x": "one", "y": "two"}, True),
    ({"|all": ["one", "two"]}, {"x": "one"}, False),
    ([{"userAgent": "a"}, {"eventName": "b"}], {"eventName": "b"}, True),
]
CONDITIONS = [
    ("a", "a"), ("not a", "bc"), ("a and not b", "a"), ("a or b and c", "bc"), ("(a or b) and c", "bc"),
    ("1 of them", "a"), ("all of them", "ab"), ("1 of sel_*", "b"), ("all of sel*", "bc"), ("not 1 of sel_*", "a"),
    ("not not a", "a"), ("not (a or b)", "c"), ("any of sel_b", "b"), ("A AND NOT 1 OF sel_*", "a"),
    (["a and b", "c"], "c"),
]
# What has no equal here, and where: (part of the reason, line, file).
REFUSED = [
    ("no source of ours", 2, "title: t\nlogsource: {product: windows}\ndetection: {s: {a: b}, condition: s}"),
    ("modifier 'expand'", 4, "title: t\nlogsource: {product: aws, service: cloudtrail}\ndetection:\n"
     "  s: {'a|expand': '%b%'}\n  condition: s"),
    ("modifier 'nonsense'", 4, "title: t\nlogsource: {product: aws, service: cloudtrail}\ndetection:\n"
     "  s: {'a|nonsense': b}\n  condition: s"),
    ("counting", 5, "title: t\nlogsource: {product: aws, service: cloudtrail}\ndetection:\n"
     "  s: {a: b}\n  condition: s | count() > 5"),
    ("counting", 5, "title: t\nlogsource: {product: aws, service: cloudtrail}\ndetection:\n"
     "  s: {a: b}\n  timeframe: 5m\n  condition: s"),
    ("'correlation' documents", 3, "title: t\ncorrelation:\n  type: event_count"),
    ("a group of the detection", 5, "title: t\nlogsource: {product: aws, service: cloudtrail}\ndetection:\n"
     "  s: {a: b}\n  condition: s and t"),
    ("has such a name", 5, "title: t\nlogsource: {product: aws, service: cloudtrail}\ndetection:\n"
     "  s: {a: b}\n  condition: 1 of t*"),
    ("no field of ours is 'Hashes'", 4, "title: t\nlogsource: {product: linux, category: process_creation}\n"
     "detection:\n  s: {Hashes: b}\n  condition: s"),
    ("does not compile", 5, "title: t\nlogsource: {product: aws, service: cloudtrail}\ndetection:\n"
     "  s: {'a|re': '(b'}\n  condition: s"),
    ("more than 255 bytes", 4, "title: t\nlogsource: {product: aws, service: cloudtrail}\ndetection:\n"
     f"  s: {{a: {'b' * 300}}}\n  condition: s"),
    ("aliases", 4, "title: t\nlogsource: {product: aws, service: cloudtrail}\ndetection:\n"
     "  s: &s {a: [*s]}\n  condition: s"),
    ("twice", 5, "title: t\nlogsource: {product: aws, service: cloudtrail}\ndetection:\n"
     "  s: {a: b}\n  s: {a: b}\n  condition: s"),
    ("no detection", 1, "title: t\nlogsource: {product: aws, service: cloudtrail}"),
    ("no Sigma rule", 1, "- title: t"),
    ("no logsource", 1, "title: t"),
    ("more than 1024 bytes", 1, f"title: {'t' * 2000}\nlogsource: {{product: aws, service: cloudtrail}}"),
    ("", 3, "title: t\nlogsource: [\n"),
]
# (log source, group, what the condition has in it)
LINUX = [
    ("category: process_creation", "Image|endswith: ['/Nc', /ncat]",
     "evt.type in (execve, execveat) and tolower(proc.exepath) endswith anyof (/nc, /ncat)"),
    ("category: process_creation", "CommandLine: whoami", 'tolower(proc.exeline) in (whoami, "whoami ")'),
    ("category: process_creation", "CommandLine|re: '^id$'", 'proc.exeline regex "(id) ?"'),
    ("category: process_creation", "ProcessId: 1", "proc.pid = 1"),
    ("category: file_event", "TargetFilename|startswith: /etc/cron.d/", "tolower(fd.name) startswith /etc/cron.d/"),
    ("category: file_delete", "TargetFilename: /var/log/syslog", "tolower(fs.path.name) = /var/log/syslog"),
    ("category: network_connection", "{DestinationPort: [4444, 5555], Initiated: 'true'}",
     "(fd.sport = 4444 or fd.sport = 5555) and evt.type = connect"),
    ("category: network_connection", "DestinationIp|cidr: [10.0.0.0/8, fe80::/10]",
     '(fd.snet = 10.0.0.0/8 or fd.snet = fe80::/10)'),
    ("category: network_connection", "DestinationIp|startswith: '192.168.'", 'fd.snet = "192.168.0.0/16"'),
    ("service: auditd", "{type: EXECVE, a1: -p, a2: '*'}",
     'evt.type in (execve, execveat) and tolower(proc.args[0]) = "-p" and proc.args[1] != ""'),
    ("service: auditd", "{'|all': [Touch, ' -t ']}",
     'tolower(proc.exeline) contains touch and tolower(proc.exeline) contains " -t "'),
]


def rule(title, detection, logsource=None):
    return "---\n" + json.dumps({"title": title, "logsource": logsource or LOGSOURCE, "detection": detection},
                                ensure_ascii=False)


def rules_of(folder):
    """{title: detection} of a folder of Sigma rules, those with fields that are no members left out."""
    out = {}
    for path in sorted(folder.glob("*.yml")):
        one = yaml.safe_load(path.read_text(encoding="utf-8"))
        text = json.dumps(one["detection"])
        for name, place in ELSEWHERE.items():
            text = text.replace(f'"{name}"', f'"{place}"')
        if not any(f'"{name}"' in text for name in NOT_MEMBERS):
            out[one["title"]] = json.loads(text)
    return out


def stamped(record, number):
    return {**record, "eventID": str(number), "eventType": "AwsApiCall", "eventTime": "2024-05-01T10:00:00Z"}


class Chance:
    """Rules and records that often nearly match each other."""

    TEXTS = ["a", "B", "ab", "aB-c", "null", "nul", "", "*", "a*", "?b", "x\\y", "a\\", "[ab]", "q\"t", "it's",
             "a\nb", "a b", "\u00e9", "10.1.2.3", "192.168.0.7", "true", "5", "50", "-c", "/c d"]
    # A member of any type that holds the text `null` cannot be told from null.
    OTHERS = [text for text in TEXTS if text != "null"] + [5, 50, 0, -5, 4.5, True, False]
    STRINGS = ["userAgent", "eventName", "errorCode", "sourceIPAddress"]
    MEMBERS = ["p", "q.r", "requestParameters.x"]

    def __init__(self, seed):
        self.random = random.Random(seed)

    def one(self, of):
        return self.random.choice(of)

    def record(self):
        out = {}
        for field in self.STRINGS + self.MEMBERS:
            if self.random.random() < 0.3:
                continue
            value = self.one((self.TEXTS if field in self.STRINGS else self.OTHERS) + [None])
            inner = out
            *path, last = field.split(".")
            for name in path:
                inner = inner.setdefault(name, {})
            inner[last] = value
        return out

    def values(self, of, most=3):
        if self.random.random() < 0.5:
            return self.one(of)
        return [self.one(of) for _ in range(self.random.randint(1, most))]

    def item(self):
        field = self.one(self.STRINGS + self.MEMBERS)
        kind = self.random.random()
        if kind < 0.45:
            return field, self.values((self.TEXTS if field in self.STRINGS else self.OTHERS) + [None])
        if kind < 0.8:
            words = [self.one(["contains", "startswith", "endswith"])]
            words += [w for w in ("all", "cased") if self.random.random() < 0.25]
            self.random.shuffle(words)
            return "|".join([field, *words]), self.values(self.TEXTS)
        if kind < 0.85:
            return field + "|exists", self.one([True, False])
        if kind < 0.9:
            return self.one(self.MEMBERS) + "|" + self.one(["lt", "lte", "gt", "gte"]), self.one([0, 4, 5, 49, 50, 105])
        if kind < 0.93:
            return field + "|fieldref", self.one(self.STRINGS if field in self.STRINGS else self.MEMBERS)
        if kind < 0.96:
            return field + "|re" + self.one(["", "|i"]), self.one(["^a", "b$", "a.?b", "[a-b]+", r"\d+\.", "x|y", "^$"])
        return field + "|" + self.one(["base64|contains", "base64offset|contains", "windash|contains", "neq"]), \
            self.one(["ab", "-cd", "abc"])

    def group(self):
        maps = [dict(self.item() for _ in range(self.random.randint(1, 3))) for _ in range(self.random.randint(1, 2))]
        return maps[0] if len(maps) == 1 else maps

    def condition(self, names, depth=0):
        kind = self.random.random()
        if depth > 2 or kind < 0.35:
            return self.one(names)
        if kind < 0.5:
            return self.one(["1 of s*", "all of s*", "1 of them", "all of them"])
        if kind < 0.65:
            return "not " + self.condition(names, 3)
        joined = f" {self.one(['and', 'or'])} ".join(self.condition(names, depth + 1) for _ in range(2))
        return f"({joined})" if self.random.random() < 0.5 or depth else joined

    def detection(self):
        names = [f"s{i}" for i in range(self.random.randint(1, 3))]
        out = {name: self.group() for name in names}
        out["condition"] = self.condition(names)
        return out


class Sigma(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)
        self.dir = pathlib.Path(self.folder.name)

    def write(self, name, text):
        path = self.dir / name
        path.write_text(text, encoding="utf-8")
        return path

    def run_it(self, *args, code=0):
        done = subprocess.run([RTCTL, *map(str, args)], capture_output=True, text=True, timeout=120, check=False)
        self.assertEqual(done.returncode, code, done.stderr)
        return done

    def converted(self, text, code=0):
        out = self.dir / "out.yaml"
        done = self.run_it("import", "sigma", "-o", out, self.write("in.yml", text), code=code)
        return out, done.stderr

    def alerts(self, rules, source, *inputs):
        out = self.run_it("run", "-r", rules, "-o", "rule_matching=all", "--json", "--source", source, *inputs).stdout
        return [json.loads(line) for line in out.split("\n") if line]

    def compare(self, detections, records):
        """Every rule over every record, against sigma.py."""
        rules, said = self.converted("\n".join(rule(f"r{i}", d) for i, d in enumerate(detections)))
        self.assertIn(f"{len(detections)} rules read, {len(detections)} converted, 0 not", said)
        lines = [json.dumps(stamped(r, i), ensure_ascii=False) for i, r in enumerate(records)]
        alerts = self.alerts(rules, "aws_cloudtrail", self.write("t.json", "\n".join(lines) + "\n"))
        found = {(a["rule"], a["output_fields"]["ct.id"]) for a in alerts}
        wrong = []
        for i, detection in enumerate(detections):
            for k, record in enumerate(records):
                expected = sigma.matches(detection, stamped(record, k))
                if expected != ((f"r{i}", str(k)) in found):
                    wrong.append((expected, detection, record))
        self.assertEqual(wrong[:3], [])
        return len(found)

    def test_modifiers_and_values_mean_what_they_mean_in_sigma(self):
        text = "\n".join(rule(f"r{i}", {"s": values, "condition": "s"}) for i, (values, _, _) in enumerate(BY_HAND))
        rules, _ = self.converted(text)
        lines = [json.dumps(stamped(record, i), ensure_ascii=False) for i, (_, record, _) in enumerate(BY_HAND)]
        alerts = self.alerts(rules, "aws_cloudtrail", self.write("t.json", "\n".join(lines) + "\n"))
        found = {(a["rule"], a["output_fields"]["ct.id"]) for a in alerts}
        for i, (values, record, expected) in enumerate(BY_HAND):
            with self.subTest(values=values, record=record):
                self.assertEqual((f"r{i}", str(i)) in found, expected)

    def test_conditions_mean_what_they_mean_in_sigma(self):
        groups = {"a": {"userAgent": "a"}, "b": {"eventName": "b"}, "c": {"p": "c"}, "sel_b": {"eventName": "b"},
                  "sel_c": {"p": "c"}, "A": {"userAgent": "a"}, "_x": {"p": "never"}}
        records = [{k: v for k, v in (("userAgent", "a"), ("eventName", "b"), ("p", "c")) if v in names}
                   for names in ("", "a", "b", "c", "ab", "ac", "bc", "abc")]
        self.compare([{**groups, "condition": condition} for condition, _ in CONDITIONS], records)

    def test_rules_of_chance_match_as_in_sigma(self):
        n = 0
        for seed in range(SEEDS):
            chance = Chance(seed)
            with self.subTest(seed=seed):
                n += self.compare([chance.detection() for _ in range(RULES)], [chance.record() for _ in range(RECORDS)])
        self.assertGreater(n, SEEDS * RULES)

    def test_what_cannot_be_converted_is_named_with_its_place(self):
        for reason, line, text in REFUSED:
            with self.subTest(reason=reason, text=text):
                _, said = self.converted(text, code=1)
                self.assertRegex(said, rf"(?m)^\S+in\.yml:{line}:\d+: error: .*{reason}")
                self.assertIn("1 rules read, 0 converted, 1 not", said)

    def test_the_rest_is_written_and_partial_is_success(self):
        text = "\n".join(rule(title, {"s": {"a": "b"}, "condition": named})
                         for title, named in (("good", "s"), ("bad", "t")))
        out, said = self.converted(text, code=1)
        self.assertIn("2 rules read, 1 converted, 1 not", said)
        self.assertIn('- rule: "good"', out.read_text(encoding="utf-8"))
        self.run_it("import", "sigma", "--partial", "-o", out, self.dir / "in.yml")

    def test_linux_rules_ask_the_fields_of_system_calls(self):
        for source, group, expected in LINUX:
            with self.subTest(group=group):
                group = group if group.startswith("{") else "{" + group + "}"
                text = (f"title: t\nlogsource: {{product: linux, {source}}}\ndetection:\n"
                        f"  s: {group}\n  condition: s\n")
                out, _ = self.converted(text)
                self.assertIn(expected, " ".join(out.read_text(encoding="utf-8").split()))

    def test_what_is_said_of_a_rule_comes_along(self):
        text = ("title: \"A % 'b' \\\"c\\\" \\\\\"\nid: 1234\nstatus: deprecated\nauthor: Ann\nlevel: critical\n"
                "description: |\n  # not: a comment\n  - rule: evil\nreferences: [https://example.com/x]\n"
                "tags: [attack.t1078.004, attack.initial-access, cve.2021-1]\n"
                "logsource: {product: aws, service: cloudtrail}\ndetection: {s: {eventName: b}, condition: s}\n")
        out, _ = self.converted(text + "---\n" + text)
        described = json.loads(self.run_it("describe", "-r", out).stdout)
        first, second = (r["info"] for r in described["rules"])
        self.assertEqual(first["name"], "A % 'b' \"c\" \\")
        self.assertEqual(second["name"], first["name"] + " (2)")
        self.assertEqual((first["priority"], first["enabled"]), ("Critical", False))
        self.assertEqual(sorted(first["tags"]), ["T1078.004", "cve.2021-1", "mitre_initial_access", "sigma"])
        for part in ("# not: a comment - rule: evil", "1234", "deprecated", "Ann", "https://example.com/x"):
            self.assertIn(part, first["description"])
        self.assertIn("eventName=%ct.name", first["output"])

    def test_damaged_files_are_refused_and_do_no_harm(self):
        chance = random.Random(7)
        whole = [rule("t", {"s": values, "condition": "s"}) for values, _, _ in BY_HAND]
        whole += [text for _, _, text in REFUSED]
        whole += [rule("t", {"s": {"p": "x"}, "condition": text}) for text, _ in CONDITIONS]
        pieces = ["*", "&a", "- ", "[", "{", "'", '"', "|", "\\", "\n", "not ", "(" * 500, "1 of ", "all", "|re",
                  "|cidr",
                  "|windash", " -a" * 50, "a" * 3000, "\0", "\u2028", "999999999999999999999", "null", "[" * 100]
        for number in range(400):
            text = chance.choice(whole)
            for _ in range(chance.randint(1, 4)):
                at, end = sorted(chance.randint(0, len(text)) for _ in range(2))
                text = text[:at] + chance.choice(pieces) + text[chance.choice([at, min(end, at + 3)]):]
            self.write(f"{number}.yml", text)
        out = self.dir / "damaged.rules"
        said = self.run_it("import", "sigma", "-o", out, self.dir, code=1).stderr
        self.assertNotIn("Sanitizer", said)
        self.assertRegex(said, r"\d+ rules read, \d+ converted, \d+ not\n$")
        self.run_it("check", out)

    def test_wrong_usage_exits_with_2_and_no_rules_with_1(self):
        for args in ([], ["yara", "x"], ["sigma"]):
            self.run_it("import", *args, code=2)
        self.run_it("import", "sigma", self.dir / "nothing.yml", code=1)
        self.run_it("import", "sigma", self.dir, code=1)

    def test_the_corpus_is_converted_and_finds_as_much_as_two_other_engines(self):
        folder = CORPUS / "rules"
        trail = CORPUS / "cloudtrail/invictus-aws_dataset/all.jsonl"
        if not trail.exists():
            self.skipTest("no corpus")
        out = self.dir / "out.yaml"
        said = self.run_it("import", "sigma", "-o", out, folder / "sigma-k8s").stderr
        self.assertIn("16 rules read, 16 converted, 0 not", said)
        said = self.run_it("import", "sigma", "--partial", "-o", out, folder / "sigma-linux-miner").stderr
        self.assertIn("3 rules read, 2 converted, 1 not", said)
        said = self.run_it("import", "sigma", "-o", out, folder / "sigma-aws").stderr
        self.assertIn("57 rules read, 57 converted, 0 not", said)
        self.run_it("check", "--strict", out)
        self.assertEqual(len(self.alerts(out, "aws_cloudtrail", trail)), 109)

    def test_rules_of_the_corpus_match_its_records_as_in_sigma(self):
        logs = {"sigma-aws": ("aws_cloudtrail", sorted((CORPUS / "cloudtrail").glob("*/*.jsonl"))),
                "sigma-k8s": ("k8s_audit", [CORPUS / "k8s-audit/audit2rbac-demo/demo.log",
                                         CORPUS / "k8s-audit/panther-tests/k8s_cases.jsonl"])}
        if not (CORPUS / "rules/sigma-aws").exists():
            self.skipTest("no corpus")
        for folder, (source, paths) in logs.items():
            out = self.dir / "out.yaml"
            self.run_it("import", "sigma", "-o", out, CORPUS / "rules" / folder)
            rules = rules_of(CORPUS / "rules" / folder)
            for path in paths:
                records = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line]
                records = [{**r.get("event", r), **NEEDED[source]} for r in records]
                expected = {title: sum(sigma.matches(detection, r) for r in records)
                            for title, detection in rules.items()}
                lines = self.write("records.jsonl", "".join(json.dumps(r) + "\n" for r in records))
                found = collections.Counter(a["rule"] for a in self.alerts(out, source, lines))
                with self.subTest(path=path):
                    self.assertEqual({title: found[title] for title in rules}, expected)


if __name__ == "__main__":
    unittest.main()
