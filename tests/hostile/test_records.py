# SPDX-License-Identifier: Apache-2.0
"""test_records.py - logs that somebody broke, by accident or with care."""
import gzip
import itertools
import os
import zlib

from harness import MIB, Hostile, repeat

# One rule a source that sees every event, and prints what may be huge.
RULES = """
- rule: trail
  desc: d
  source: aws_cloudtrail
  condition: ct.name exists
  output: "%ct.name"
  priority: INFO
- rule: audit
  desc: d
  source: k8s_audit
  condition: ka.verb exists
  output: "%ka.verb"
  priority: INFO
- rule: lines
  desc: d
  source: json
  condition: json.value[/a] exists
  output: "%json.value[/a]"
  priority: INFO
"""
GOOD = {
    "aws_cloudtrail": b'{"eventType":"AwsApiCall","eventName":"good","eventSource":"s",'
                      b'"eventTime":"2026-01-01T00:00:00Z"}',
    "k8s_audit": b'{"kind":"Event","auditID":"1","stage":"ResponseComplete","verb":"good",'
                 b'"stageTimestamp":"2026-01-01T00:00:00.000000Z"}',
    "json": b'{"a":"good"}',
}
SOURCES = sorted(GOOD)


def with_value(source, value):
    """The good record with one more member, whose value is @a value."""
    return GOOD[source][:-1] + b',"more":' + value + b"}"


class Records(Hostile):
    def setUp(self):
        super().setUp()
        self.rules = self.path("rules.yaml", RULES)

    def assert_good(self, result, n):
        """So many good records raised their alert; nobody else did."""
        self.assertEqual(result.out.count(b"good\n"), n, result.said()[-2000:])
        self.assertEqual(result.number("events in"), n, result.said()[-2000:])

    def skips(self, result):
        return result.number("records could not be used")

    def each(self, *values, skipped):
        """Good, bad, good again, one a line: both good ones are judged, and the skip is counted."""
        for source in SOURCES:
            for value in values:
                with self.subTest(source=source, value=value[:24]):
                    good = GOOD[source]
                    path = self.path("r.json", b"\n".join([good, with_value(source, value), good]),
                                     b"\n")
                    result = self.judge(self.rules, source, path)
                    self.assert_good(result, 2 + (not skipped))
                    self.assertEqual(self.skips(result), skipped, result.said())


class Broken(Records):
    def test_what_is_no_json_is_skipped_and_counted(self):
        self.each(b"x", b"'x'", b"[1,2", b"{1:2}", b'{"a" 1}', b"\"a\nb", b"tru", b"-", b"\0", b"]",
                  skipped=1)

    def test_nesting_is_bounded(self):
        self.each(b"[" * 298 + b"]" * 298, b'{"a":' * 298 + b"1" + b"}" * 298, skipped=0)
        self.each(b"[" * 300 + b"]" * 300, b'{"a":' * 300 + b"1" + b"}" * 300,
                  b"[" * 100000 + b"]" * 100000, b'[{"a":' * 50000 + b"1" + b"}]" * 50000, skipped=1)

    def test_nesting_that_never_ends_is_skipped(self):
        for source in SOURCES:
            for deep in [b'{"a":', b'[{"Records":', b'[{"items":']:
                with self.subTest(source=source, deep=deep):
                    path = self.path("r.json", GOOD[source], b"\n", repeat(deep * 1000, 100), b"\n",
                                     GOOD[source], b"\n")
                    result = self.judge(self.rules, source, path)
                    self.assert_good(result, 2)
                    self.assertGreater(self.skips(result), 0)

    def test_odd_values_are_taken_or_skipped(self):
        for source in SOURCES:
            for value in [b"1e999", b"-1e999", b"9" * 5000, b"-0", b"1e-999", b"0." + b"9" * 5000,
                          b'"\xff\xfe"', b'"\xed\xa0\x80"', b'"\\ud800"', b'"\\u0000"', b'"\0"',
                          b'{"a":1,"a":2}', b'1,"more":2', b'2,"unknown":{"x":[]}']:
                with self.subTest(source=source, value=value[:24]):
                    good = GOOD[source]
                    path = self.path("r.json", b"\n".join([good, with_value(source, value), good]))
                    result = self.judge(self.rules, source, path)
                    self.assertEqual(result.number("events in") + self.skips(result), 3)

    def test_a_record_cut_anywhere_is_skipped_and_counted(self):
        for source in SOURCES:
            whole = with_value(source, b'{"a":[1,-2.5e3,true,null,"\\u00e9\\n"],"b":{}}')
            paths = [self.path(f"{n}.json", whole[:n]) for n in range(1, len(whole))]
            with self.subTest(source=source):
                result = self.judge(self.rules, source, *paths)
                self.assert_good(result, 0)
                self.assertEqual(self.skips(result), len(paths))

    def test_a_list_cut_anywhere_loses_only_the_record_that_is_cut(self):
        for source, head, tail in [("aws_cloudtrail", b'{"Records":[', b"]}"),
                                   ("k8s_audit", b'{"kind":"EventList","items":[', b"]}"),
                                   ("json", b"", b"")]:
            good = GOOD[source]
            whole = head + good + (b"," if head else b"\n") + good + tail
            ends = [len(head) + len(good), len(head) + 2 * len(good) + 1]
            paths = [self.path(f"{n}.json", whole[:n]) for n in range(1, len(whole))]
            with self.subTest(source=source):
                result = self.judge(self.rules, source, *paths)
                self.assert_good(result, sum(n >= end for n in range(1, len(whole)) for end in ends))
                self.assertGreater(self.skips(result), len(good))

    def test_a_file_cut_inside_of_its_compression_is_said_and_the_next_is_read(self):
        for source in SOURCES:
            packed = gzip.compress(b"\n".join([GOOD[source]] * 1000), mtime=0)
            good = self.path("z.json", GOOD[source])
            for n in [0, 1, 5, 12, len(packed) // 2, len(packed) - 1]:
                with self.subTest(source=source, n=n):
                    path = self.path("cut.json.gz", packed[:n])
                    result = self.run_command("run", "-r", self.rules, "--source", source, path, good)
                    self.assertIn(b"good\n", result.out)
                    self.assertNotEqual(result.said(), "")


class Huge(Records):
    def test_a_record_of_1_gb_is_skipped_and_the_next_ones_are_judged(self):
        for source in SOURCES:
            with self.subTest(source=source):
                good = GOOD[source] + b"\n"
                stdin = itertools.chain([good, with_value(source, b'"')[:-1]],
                                        repeat(b"x" * MIB, 1024), [b'"}\n', good, good])
                result = self.judge(self.rules, source, "-", stdin=stdin, extra_mib=72)
                self.assert_good(result, 3)
                self.assertGreaterEqual(self.skips(result), 1)
                self.assertIn("limit RECORD_BYTES", result.said())
                self.assertEqual(result.number("times a limit was hit"), 1)

    def test_a_compressed_record_of_1_gb_is_skipped_and_the_next_ones_are_judged(self):
        chunk = gzip.compress(b"x" * (16 * MIB), 1, mtime=0)
        for source in SOURCES:
            with self.subTest(source=source):
                good = GOOD[source] + b"\n"
                path = self.path("bomb.json.gz", gzip.compress(good + with_value(source, b'"')[:-1]),
                                 repeat(chunk, 64), gzip.compress(b'"}\n' + good + good))
                result = self.judge(self.rules, source, path, extra_mib=72)
                self.assert_good(result, 3)

    def test_a_line_of_80_mb_of_nothing_is_skipped(self):
        for source in SOURCES:
            for filler in [b"{", b"\0", b" ", b"\\"]:
                with self.subTest(source=source, filler=filler):
                    good = GOOD[source] + b"\n"
                    stdin = itertools.chain([good], repeat(filler * MIB, 80), [b"\n", good])
                    result = self.judge(self.rules, source, "-", stdin=stdin, extra_mib=72)
                    self.assertIn(b"good\n", result.out)

    def test_a_file_of_100_mb_is_read_in_little_memory(self):
        for source in SOURCES:
            block = (GOOD[source] + b"\n") * 1000
            n = 100 * MIB // len(block)
            with self.subTest(source=source):
                result = self.judge(self.rules, source, "-", stdin=repeat(block, n),
                                    args=["-o", "stdout_output.enabled=false"])
                self.assertEqual(result.number("events in"), n * 1000)

    def test_a_value_of_many_members_is_judged(self):
        members = b'{"Records":0' + b"".join(b',"m%d":[%d]' % (n, n) for n in range(200000)) + b"}"
        self.each(members, b"[" + b"{}," * 500000 + b"1]", skipped=0)

    def test_an_alert_that_would_be_too_large_is_said_and_counted(self):
        rules = self.path("big.yaml", RULES.replace('"%ct.name"', '"%jevt.value[/more] %ct.name"'))
        big = with_value("aws_cloudtrail", b'"' + b"x" * (20 * MIB) + b'"')
        good = GOOD["aws_cloudtrail"]
        path = self.path("r.json", b"\n".join([good, big, good]))
        result = self.run_command("run", "-r", rules, "--summary", "always",
                                  "--source", "aws_cloudtrail", path)
        self.assertEqual(result.number("events in"), 3)
        self.assertEqual(result.out.count(b" good\n"), 3, result.said())
        self.assertRegex(result.said(), "times a limit was hit")


class Limits(Records):
    def test_limits_can_be_changed(self):
        good = GOOD["json"]
        path = self.path("r.json", b"\n".join([good, with_value("json", b'"' + b"x" * 5000 + b'"'), good]))
        for limit, skipped in [("4096", 1), ("16384", 0)]:
            result = self.judge(self.rules, "json", path, args=["--limit", "RECORD_BYTES=" + limit])
            self.assert_good(result, 3 - skipped)
            self.assertEqual(result.number("times a limit was hit"), skipped)
        large = self.path("large.json", b'{"a":"' + b"x" * 5000 + b'"}')
        result = self.judge(self.rules, "json", large, args=["--limit", "OUTPUT_BYTES=2000"])
        self.assertEqual(result.number("alerts"), 1)
        self.assertEqual(result.number("times a limit was hit"), 1)
        self.assertLess(len(result.out), 2000)
        for wrong in ["RECORD_BYTES", "RECORD_BYTES=", "RECORD_BYTES=-1", "RECORD_BYTES=1x", "X=1",
                      "RECORD_BYTES=99999999999999999999999"]:
            self.assertEqual(self.run_command("check", "--limit", wrong, self.rules).code, 2, wrong)
        result = self.run_command("check", "--limit", "LOAD_BYTES=1", self.rules)
        self.assertEqual(result.code, 1)
        self.assertIn("LOAD_BYTES", result.text())


class Slow(Records):
    """Patterns that take for ever where they are matched by trying. Bounded by steps, not by time."""

    def bomb(self, condition, value, limited):
        rules = self.path("bomb.yaml", f"""
- rule: bomb
  desc: d
  source: json
  condition: {condition}
  output: "%json.value[/a]"
  priority: INFO
""")
        path = self.path("r.json", *(b'{"a":"' + value + b'"}\n' for _ in range(5)))
        result = self.judge(rules, "json", path, extra_mib=72)
        self.assertEqual(result.number("events in"), 5)
        self.assertLess(result.seconds, 30)
        if limited:
            self.assertRegex(result.said(), "times a limit was hit")
        return result

    def test_regular_expressions_end(self):
        for pattern in ["(a*)*b", "(a|aa)+b", "(a+)+(b+)+c", "(.*a){20}b", "(a?){500}a{500}", "(x+x+)+y",
                        "(.*)(.*)(.*)(.*)(.*)(.*)(.*)(.*)(.*)[^a]", "((a{0,50}){0,10})*b"]:
            for n in [30, 5000, MIB]:
                with self.subTest(pattern=pattern, n=n):
                    self.bomb(f"json.value[/a] regex '{pattern}'", b"a" * n, False)

    def test_globs_end(self):
        for n in [1000, MIB, 8 * MIB]:
            with self.subTest(n=n):
                self.bomb("json.value[/a] glob '" + "*a" * 60 + "*b*'", b"a" * n, False)
                self.bomb("json.value[/a] glob '*" + "a?" * 125 + "b*'", b"a" * n, n > MIB)

    def test_finding_and_changing_text_ends(self):
        value = b"a" * (4 * MIB)
        for condition in ["json.value[/a] contains '" + "a" * 200 + "b'",
                          "json.value[/a] icontains '" + "a" * 200 + "b'",
                          "json.value[/a] endswith '" + "a" * 200 + "b'",
                          "toupper(json.value[/a]) = b", "len(json.value[/a]) = 5",
                          "b64(json.value[/a]) = b", "json.value[/a] = val(json.value[/b])",
                          "json.value[/a] pmatch (/a, /b)"]:
            with self.subTest(condition=condition[:40]):
                self.bomb(condition, value, False)


class Places(Records):
    def test_an_input_that_cannot_be_read_is_said(self):
        missing = os.path.join(self._folder.name, "missing")
        for source in SOURCES:
            for path in [missing, "/proc/self/mem", "/dev/null/x"]:
                with self.subTest(source=source, path=path):
                    result = self.run_command("run", "-r", self.rules, "--source", source, path)
                    self.assertEqual(result.code, 1)
                    self.assertNotEqual(result.said(), "")

    def test_folders_in_folders_are_bounded(self):
        folder = deepest = os.path.join(self._folder.name, "deep")
        for _ in range(150):
            deepest = os.path.join(deepest, "d")
        os.makedirs(deepest)
        result = self.run_command("run", "-r", self.rules, "--source", "aws_cloudtrail", folder)
        self.assertEqual(result.code, 1)
        self.assertNotEqual(result.said(), "")
