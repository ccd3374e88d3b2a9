# SPDX-License-Identifier: Apache-2.0
"""test_large.py - rulesets of a size or shape that nobody writes by hand.

Each compiles and judges in bounded memory, or is refused by a diagnostic that names the limit. The
bounds are a few times what is needed; how long things take is measured by bench/, not here.
"""
from harness import Hostile, repeat

RULE = "- rule: %s\n  desc: d\n  source: aws_cloudtrail\n  output: 'hit %%ct.name'\n" \
       "  priority: INFO\n  condition: >\n    %s\n"
SYSCALL = "- rule: %s\n  desc: d\n  output: '%%proc.name'\n  priority: INFO\n  condition: >\n    %s\n"
EVENT = '{"eventType":"AwsApiCall","eventName":"%s","eventSource":"s","awsRegion":"r",' \
        '"userIdentity":{"type":"IAMUser","userName":"%s","arn":"%s"},' \
        '"eventTime":"2026-01-01T00:00:00Z"}\n'
MANY = 10000
LONG = 100000


def rules(condition, n=MANY):
    """@a n rules; the condition is given the rule's number."""
    return (RULE % (f"rule {i}", condition(i)) for i in range(n))


def words(form, n=LONG):
    yield form % 0
    for i in range(1, n):
        yield ", " + form % i


def long_list(form, n=LONG):
    yield "- list: long\n  items: ["
    yield from words(form, n)
    yield "]\n"


class Large(Hostile):
    def judge_events(self, rule_file, *events, alerts, extra_mib):
        """All rules are asked; so many alerts come out, of which one a line is printed."""
        log = self.path("events.json", *(EVENT % event for event in events))
        result = self.judge(rule_file, "aws_cloudtrail", log, extra_mib=extra_mib,
                            args=["-o", "rule_matching=all"])
        self.assertEqual(result.out.count(b"hit "), alerts, result.said()[-2000:])


class Many(Large):
    def test_10000_regular_expressions(self):
        path = self.path("r.yaml", rules(lambda i: f"ct.user.arn regex '.*a{i}(b|c)+[0-9]{{1,4}}d.*'"))
        self.judge_events(path, ("x", "u", "--a77bcb12d--"), ("x", "u", "none"), alerts=1,
                          extra_mib=400)

    def test_10000_texts_inside_and_at_the_end(self):
        path = self.path("r.yaml", rules(lambda i: f"ct.user.arn contains =a{i}= or "
                                                   f"ct.user.arn endswith =z{i}"
                                         .replace("=", "_")))
        self.judge_events(path, ("x", "u", "__a5_"), ("x", "u", "_z9999"), alerts=2, extra_mib=400)

    def test_10000_globs(self):
        path = self.path("r.yaml", rules(lambda i: f"ct.user.arn glob '*a{i}?b*'"))
        self.judge_events(path, ("x", "u", "--a12-b--"), ("x", "u", "none"), alerts=1, extra_mib=400)

    def test_10000_rules_of_negations(self):
        path = self.path("r.yaml", rules(lambda i: f"not (ct.name = a{i} or not (ct.user = b{i} or "
                                                   f"not ct.region = r))"))
        self.judge_events(path, ("x", "b5", "n"), alerts=1, extra_mib=400)

    def test_10000_rules_that_hold_unless_one_name_is_seen(self):
        path = self.path("r.yaml", rules(lambda i: f"not (ct.name = a{i} or ct.user = b{i})"))
        self.judge_events(path, ("a1", "b2", "n"), alerts=MANY - 2, extra_mib=400)

    def test_10000_rules_that_are_the_same(self):
        path = self.path("r.yaml", rules(lambda i: "ct.name = a and ct.user in (b, c) and not "
                                                   "ct.region in (x, y)"))
        self.judge_events(path, ("a", "c", "n"), ("a", "d", "n"), alerts=MANY, extra_mib=400)

    def test_10000_rules_with_20_exceptions_each(self):
        def rule(i):
            yield RULE % (f"rule {i}", f"ct.name = n{i}")
            yield "  exceptions:\n"
            for k in range(20):
                yield f"    - name: e{k}\n      fields: [ct.user, ct.region]\n      comps: [=, in]\n" \
                      f"      values: [[u{i}_{k}, [r, q{k}]]]\n"
        path = self.path("r.yaml", (part for i in range(MANY) for part in rule(i)))
        self.judge_events(path, ("n7", "u7_3", "n"), ("n7", "u8_3", "n"), alerts=1, extra_mib=3000)

    def test_10000_rules_about_system_calls(self):
        names = "open openat execve connect accept chmod rename unlink mkdir setuid kill clone".split()
        path = self.path("r.yaml", (SYSCALL % (f"rule {i}", f"evt.type in ({names[i % 12]}, "
                                               f"{names[i * 5 % 12]}) and proc.name = p{i} and "
                                               f"fd.name startswith /x{i}") for i in range(MANY)))
        self.check(path, code=0, extra_mib=800)

    def test_a_file_for_each_of_500_rules(self):
        paths = [self.path(f"{i}.yaml", f"- macro: m{i}\n  condition: ct.user = u{i}\n",
                           RULE % (f"rule {i}", f"ct.name = n{i} and m{i}")) for i in range(500)]
        self.check(*paths, code=0, extra_mib=200)


class Long(Large):
    def test_a_list_of_100000_items_in_1000_conditions(self):
        for form in ["item%d", "'item %d'"]:
            path = self.path("r.yaml", long_list(form),
                             rules(lambda i: f"ct.name in (x{i}, long) and ct.user = u{i}", 1000))
            with self.subTest(form=form):
                self.judge_events(path, (form.strip("'") % 99999, "u5", "n"), ("x5", "u5", "n"),
                                  ("x5", "u6", "n"), alerts=2, extra_mib=400)

    def test_a_list_of_100000_items_that_are_syntax_is_put_in_once(self):
        path = self.path("r.yaml", long_list("'(item%d)'"), RULE % ("r", "ct.name in (long)"))
        self.refuse(path, extra_mib=400)

    def test_100000_items_written_in_a_condition(self):
        path = self.path("r.yaml", "- rule: r\n  desc: d\n  source: aws_cloudtrail\n"
                         "  output: hit %ct.name\n  priority: INFO\n  condition: ct.name in (",
                         words("item%d"), ")\n")
        self.judge_events(path, ("item99999", "u", "n"), ("item", "u", "n"), alerts=1, extra_mib=400)

    def test_100000_paths_and_100000_texts(self):
        for form, check, arn in [("/a/b%d/c", "ct.user.arn pmatch (long)", "/a/b99999/c/d"),
                                 ("=t%d=", "ct.user.arn contains anyof (long)", "--t99999--")]:
            path = self.path("r.yaml", long_list(form.replace("=", "-")), RULE % ("r", check))
            with self.subTest(check=check):
                self.judge_events(path, ("x", "u", arn), ("x", "u", "none"), alerts=1, extra_mib=600)

    def test_100000_comparisons_in_one_rule(self):
        condition = " or ".join(f"ct.name = n{i}" for i in range(LONG))
        path = self.path("r.yaml", RULE % ("r", condition))
        self.judge_events(path, ("n99999", "u", "n"), ("n", "u", "n"), alerts=1, extra_mib=600)

    def test_a_million_items_from_a_file(self):
        self.path("bad.txt", "# names\n\n", (f"evil-{i}.example.com\n" for i in range(1000000)))
        path = self.path("r.yaml", "- list: long\n  items: [more]\n  items_from: bad.txt\n",
                         rules(lambda i: f"ct.name in (long) and ct.user = u{i}", 100))
        self.judge_events(path, ("evil-999999.example.com", "u7", "n"), ("more", "u9", "n"),
                          ("evil-1000000.example.com", "u7", "n"), alerts=2, extra_mib=1200)

    def test_very_long_names(self):
        path = self.path("r.yaml", rules(lambda i: "ct.name = a" + " " * 3000, 1000),
                         RULE % ("n" * 1000000, "ct.name = a"),
                         "- macro: " + "m" * 1000000 + "\n  condition: ct.user = u\n",
                         RULE % ("uses it", "ct.name = a and " + "m" * 1000000))
        self.judge_events(path, ("a", "u", "n"), alerts=1002, extra_mib=400)


class Refused(Large):
    def test_macros_that_double(self):
        path = self.path("r.yaml", "- macro: m0\n  condition: (ct.name = a and ct.user = b)\n",
                         (f"- macro: m{i}\n  condition: (m{i - 1} or m{i - 1})\n" for i in range(1, 60)),
                         RULE % ("r", "m59"))
        self.refuse(path, extra_mib=1200, what="limit CONDITION_NODES")

    def test_nesting(self):
        path = self.path("r.yaml", RULE % ("r", "(" * LONG + "ct.name = a" + ")" * LONG))
        self.refuse(path, extra_mib=64, what="max depth limit of 1000")

    def test_nesting_at_the_limit_is_judged(self):
        for open_, n in [("(", 190), ("not (", 190)]:
            path = self.path("r.yaml", RULE % ("r", open_ * n + "ct.name = a" + ")" * n))
            with self.subTest(open_=open_):
                self.judge_events(path, ("a", "u", "n"), ("b", "u", "n"), alerts=1, extra_mib=64)

    def test_lists_that_multiply(self):
        path = self.path("r.yaml", (f"- list: l{i}\n  items: [l{i + 1}, l{i + 1}]\n" for i in range(60)),
                         RULE % ("r", "ct.name in (l0)"))
        self.refuse(path, extra_mib=600, what="limit CONDITION_BYTES")

    def test_files_that_are_no_items(self):
        self.path("long.txt", repeat("x" * 1000, 100), "\n")
        self.path("nul.txt", "a\0b\n")
        self.path("huge.txt", repeat("0123456\n" * 131072, 65))
        for items, what in [("long.txt", "limit CONSTANT_BYTES"), ("nul.txt", "NUL byte"),
                            ("huge.txt", "limits ITEMS_FILE_BYTES"), ("/dev/zero", "in the folder"),
                            ("../r.yaml", "in the folder"), (".", "cannot read")]:
            path = self.path("r.yaml", f"- list: l\n  items_from: {items}\n")
            with self.subTest(items=items):
                self.refuse(path, extra_mib=200, what=what)
