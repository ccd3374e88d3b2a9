# SPDX-License-Identifier: Apache-2.0
"""test_rules.py - rule files that nobody would write."""
import json
import os

from harness import MIB, Hostile, repeat


def rule(condition, name="r", output="o", more=""):
    return (f"- rule: {name}\n  desc: d\n  source: aws_cloudtrail\n  condition: {condition}\n"
            f"  output: {output}\n  priority: INFO\n{more}")


GOOD = rule("ct.name = x", name="good")


class Malformed(Hostile):
    def test_text_that_is_no_yaml_is_refused_with_its_place(self):
        for number, text in enumerate(["a: [", "- {", "\t- a", "'", '"\\q"', "- a\n b: c\n- : :", "&",
                                       "*a", "? [", "%YAML 9.9\n---\n", "!!", "- rule: |3\n x",
                                       "a: b: c", "- [}", "@", "`"]):
            with self.subTest(text=text):
                self.refuse(self.path(f"{number}.yaml", text))

    def test_yaml_that_is_no_list_of_rules_is_refused_with_its_place(self):
        for number, text in enumerate(["a: b", "word", "42", "[[]]", "- - -", "- 5", "~\n---\n3",
                                       "- rule: {}", "- rule: []", "- macro: x\n  condition: []",
                                       "- list: x\n  items: {}", "- list: x\n  items: 5",
                                       rule("[a, b]"), rule("{}"), rule("ct.name = x", "[]"),
                                       "- rule:", "- macro:", "- list:"]):
            with self.subTest(text=text):
                self.refuse(self.path(f"{number}.yaml", text))

    def test_a_rule_file_cut_anywhere_is_read_to_the_end_or_refused(self):
        files = [self.path(f"{n}.yaml", GOOD[:n]) for n in range(len(GOOD))]
        result = self.check(*files, code=1)
        self.assertGreater(result.text().count("error:"), 10)

    def test_nuls_and_bytes_that_are_no_utf8_are_refused_with_their_place(self):
        for number, raw in enumerate([b"\0", GOOD.encode() + b"\0", b"- rule: a\0b\n", b"\xff\xfe",
                                      GOOD.encode() + b"# \xc3\n", b"- list: \xed\xa0\x80\n",
                                      b"\xfe\xff\0-\0 \0r", b"- list: \xf4\x90\x80\x80\n"]):
            with self.subTest(raw=raw):
                self.refuse(self.path(f"{number}.yaml", raw))

    def test_keys_given_twice_and_unknown_keys_are_said_with_their_place(self):
        for text in ["  desc: again\n", "  descr: d\n", "  xyz: {a: [1]}\n"]:
            with self.subTest(text=text):
                result = self.check(self.path("k.yaml", rule("ct.name = x", more=text)))
                self.assertRegex(result.text(), r":\d+:\d+: (error|warning): ")

    def test_unknown_fields_and_operators_are_refused_with_their_place(self):
        for text in ["ct.nmae = x", "ct. = x", "ct.name equals x", "evt.arg[ = x", "a[b][c] = d",
                     "ct.name[5] = x", "json.value = x", "proc.nmae = x"]:
            with self.subTest(text=text):
                self.refuse(self.path("f.yaml", rule(text)))

    def test_numbers_out_of_range_are_refused_with_their_place(self):
        for number, text in enumerate([rule("evt.num = 1e999"),
                                       rule("evt.num = 0x1ffffffffffffffff"),
                                       "- required_engine_version: 99999999999999999999999\n",
                                       "- required_engine_version: -1\n",
                                       "- required_engine_version: 99999999.0.0\n"]):
            with self.subTest(text=text):
                self.refuse(self.path(f"{number}.yaml", text))


class Large(Hostile):
    def test_a_file_of_100_mb_is_refused_without_reading_all_of_it(self):
        path = self.path("big.yaml", GOOD, repeat(b"# x" * 333333 + b"\n", 100))
        self.refuse(path, extra_mib=2 * 64 + 16, what="RULE_FILE_BYTES")

    def test_a_file_without_end_is_refused(self):
        self.refuse("/dev/zero", extra_mib=2 * 64 + 16)

    def test_a_file_of_60_mb_of_comments_is_read(self):
        path = self.path("big.yaml", GOOD, repeat(b"# x" * 333333 + b"\n", 60))
        self.check(path, code=0, extra_mib=3 * 64)

    def test_one_word_of_60_mb_is_refused_or_read(self):
        path = self.path("big.yaml", "- list: l\n  items: [", repeat(b"x" * MIB, 60), "]\n")
        self.check(path, extra_mib=8 * 64)

    def test_a_condition_of_16_mb_is_refused_with_its_place(self):
        terms = b" or ct.name=abcd" * 4096
        path = self.path("c.yaml", rule("ct.name = x", "good"),
                         "- rule: b\n  desc: d\n  source: aws_cloudtrail\n  output: o\n"
                         "  priority: INFO\n  condition: ct.name = x", repeat(terms, 17 * MIB // len(terms)),
                         "\n")
        self.refuse(path, extra_mib=600, what="CONDITION_BYTES")

    def test_a_condition_with_too_many_nodes_is_refused_with_its_place(self):
        terms = b" or ct.name=a" * 4096
        path = self.path("c.yaml", "- rule: b\n  desc: d\n  source: aws_cloudtrail\n  output: o\n"
                         "  priority: INFO\n  condition: ct.name = x", repeat(terms, 280), "\n")
        self.refuse(path, extra_mib=1024, what="CONDITION_NODES")

    def test_a_list_of_a_million_items_is_compared_or_refused(self):
        items = (f"x{n}, " for n in range(1000 * 1000))
        path = self.path("l.yaml", "- list: l\n  items: [", items, "y]\n", rule("ct.name in (l)"))
        self.check(path, extra_mib=1500)

    def test_a_hundred_thousand_paths_are_compared(self):
        paths = (f"/a{n % 300}/b{n}, " for n in range(100 * 1000))
        path = self.path("p.yaml", "- list: l\n  items: [", paths, "/z]\n",
                         rule("ct.name pmatch (l)"))
        self.check(path, code=0, extra_mib=400)

    def test_problems_are_counted_beyond_those_that_are_kept(self):
        path = self.path("e.yaml", (rule(f"x{n} = y", f"r{n}") for n in range(11 * 1000)))
        result = self.check(path, code=1, extra_mib=160)
        self.assertRegex(result.text(), r"\d+ more problems are not shown")


class Deep(Hostile):
    def test_yaml_nested_10000_deep_is_refused_with_its_place(self):
        for number, text in enumerate(["[" * 10000 + "]" * 10000, "- " * 10000, "{a: " * 10000,
                                       "[" * 10000, "\n".join(" " * n + "a:" for n in range(3000)),
                                       "? " * 10000, "[{" * 10000]):
            with self.subTest(text=text[:8]):
                self.refuse(self.path(f"{number}.yaml", text), extra_mib=64, what="YAML_DEPTH")

    def test_conditions_nested_10000_deep_are_refused_with_their_place(self):
        for number, text in enumerate(["(" * 10000 + "ct.name = x" + ")" * 10000, "(" * 10000,
                                       "not(" * 10000,
                                       "toupper(" * 10000 + "ct.name" + ")" * 10000 + " = X",
                                       "ct.name = " + "val(" * 10000]):
            with self.subTest(text=text[:8]):
                self.refuse(self.path(f"{number}.yaml", rule(text)))

    def test_macros_one_in_the_other_are_refused_or_read(self):
        chain = ["- macro: m0\n  condition: ct.name = x\n"]
        chain += [f"- macro: m{n}\n  condition: not m{n - 1}\n" for n in range(1, 10000)]
        self.refuse(self.path("m.yaml", chain, rule("m9999")), extra_mib=200)


class Bombs(Hostile):
    def test_aliases_that_grow_are_refused_with_their_place(self):
        levels = ["- list: a\n  items: &a0 [x, x, x, x, x, x, x, x, x, x]\n"]
        levels += [f"- list: a{n}\n  items: &a{n} [" + ", ".join([f"*a{n - 1}"] * 10) + "]\n"
                   for n in range(1, 12)]
        self.refuse(self.path("a.yaml", levels), what="YAML_NODES")

    def test_an_alias_of_itself_is_refused_with_its_place(self):
        self.refuse(self.path("a.yaml", "- &a [*a]\n"))

    def test_macros_that_grow_are_refused_with_their_place(self):
        for word in ["or", "and"]:
            with self.subTest(word=word):
                all_ = ["- macro: m0\n  condition: ct.name = x\n"]
                all_ += [f"- macro: m{n}\n  condition: m{n - 1} {word} m{n - 1}\n"
                         for n in range(1, 64)]
                self.refuse(self.path("m.yaml", all_, rule("m63")), extra_mib=400)

    def test_lists_of_lists_do_not_grow(self):
        all_ = ["- list: l0\n  items: [aaaa, bbbb]\n"]
        all_ += [f"- list: l{n}\n  items: [l{n - 1}, l{n - 1}]\n" for n in range(1, 64)]
        self.check(self.path("l.yaml", all_, rule("ct.name in (l63)")), code=0)

    def test_exceptions_that_grow_are_refused_with_their_place(self):
        values = ", ".join("[a]" for _ in range(2000))
        more = "  exceptions:\n" + "".join(
            f"    - name: e{n}\n      fields: [ct.name]\n      comps: [=]\n      values: [{values}]\n"
            for n in range(600))
        self.refuse(self.path("e.yaml", rule("ct.name = x", more=more)), extra_mib=1024)

    def test_regular_expressions_that_grow_are_refused_with_their_place(self):
        for text in ["(((a{100}){100}){100})", "a{1001}", "(" * 2000 + "a" + ")" * 2000,
                     "(x+x+)+y{1000}{1000}", "[" + "a-z" * 30000, "\\\\pL{1000}{1000}"]:
            with self.subTest(text=text[:20]):
                self.refuse(self.path("r.yaml", rule(f"ct.name regex '{text}'")), extra_mib=64)


class Paths(Hostile):
    def test_what_is_no_file_is_refused(self):
        missing = os.path.join(self._folder.name, "missing")
        for path in [missing, "/proc/self/mem", missing + "/x", "/dev/null/x"]:
            with self.subTest(path=path):
                result = self.check(path, code=1)
                self.assertIn(path, result.text())
                self.assertIn("error:", result.text())

    def test_a_folder_is_read_without_what_is_no_file_in_it(self):
        folder = os.path.join(self._folder.name, "rules")
        os.mkdir(folder)
        os.mkfifo(os.path.join(folder, "pipe"))
        os.mkdir(os.path.join(folder, "folder"))
        os.symlink("nowhere", os.path.join(folder, "link"))
        os.symlink(".", os.path.join(folder, "loop"))
        with open(os.path.join(folder, "good.yaml"), "w", encoding="utf-8") as file:
            file.write(GOOD)
        self.check(folder, code=0)

    def test_a_pipe_that_nobody_writes_to_is_refused_at_once(self):
        path = os.path.join(self._folder.name, "pipe")
        os.mkfifo(path)
        result = self.run_command("check", path, seconds=20)
        self.assertEqual(result.code, 1)
        self.assertIn(path, result.text())

    def test_a_pipe_is_read(self):
        result = self.run_command("check", "/dev/stdin", stdin=[GOOD.encode()])
        self.assertEqual(result.code, 0, result.text())


class ControlCharacters(Hostile):
    # What a terminal acts on: C0 but for line ends and tabs, DEL, and C1 as UTF-8.
    BAD = [bytes([c]) for c in range(32) if c not in (9, 10)] + [b"\x7f"] + [
        b"\xc2" + bytes([c]) for c in range(0x80, 0xa0)]

    def assert_clean(self, raw):
        for bad in self.BAD:
            self.assertNotIn(bad, raw)

    def test_diagnostics_never_reach_a_terminal_raw(self):
        nasty = '"a\\e[31m\\x07\\x9b5m\\x7f\\u202e\\rb"'
        text = (rule("ct.nmae = x", nasty) + rule(nasty, "r2") + rule("ct.name = x", "r3", nasty)
                + f"- list: {nasty}\n  items: 5\n- macro: {nasty}\n  condition: ({nasty[1:-1]}\n"
                + f"- rule: r5\n  {nasty}: x\n# \x9b31m\n")
        path = self.path("n\x1b[31m\x9b\r.yaml", text)
        for form in ["text", "json", "sarif", "github"]:
            with self.subTest(form=form):
                result = self.run_command("check", "--format", form, path)
                self.assertEqual(result.code, 1)
                self.assert_clean(result.out)
                self.assert_clean(result.err)
                if form in ("json", "sarif"):
                    json.loads(result.out)

    def test_what_is_said_of_inputs_never_reaches_a_terminal_raw(self):
        good = self.path("good.yaml", rule("ct.name exists", '"a\\e[31mb"'))
        bad = self.path("n\x1b[31m\x9b\r.json", "{")
        result = self.judge(good, "aws_cloudtrail", bad)
        self.assertIn("skipped", result.said())
        self.assert_clean(result.err)
        result = self.run_command("run", "-r", good, "--source", "aws_cloudtrail", bad + "x")
        self.assertEqual(result.code, 1)
        self.assert_clean(result.err)
        one = self.path("one.json", '{"eventType":"AwsApiCall","eventName":"x"}')
        result = self.judge(good, "aws_cloudtrail", one)
        self.assert_clean(result.err)
