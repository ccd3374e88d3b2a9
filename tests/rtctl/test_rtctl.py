#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""test_rtctl.py RTCTL: the command as its users call it - exit codes, options, inputs, errors."""
import gzip
import http.client
import json
import os
import pathlib
import shutil
import signal
import ssl
import subprocess
import sys
import tempfile
import time
import unittest

RTCTL = sys.argv.pop(1)

RULES = """
- rule: any
  desc: any record with a name
  condition: ct.name exists
  output: "%ct.name"
  priority: INFO
  source: aws_cloudtrail
  tags: [a]
- rule: audit
  desc: any audit event
  condition: ka.verb exists
  output: "%ka.verb %ka.user.name"
  priority: WARNING
  source: k8s_audit
- rule: lines
  desc: JSON lines of our own
  condition: json.value[/level] = error
  output: "%json.value[/msg] (%evt.pluginname)"
  priority: ERROR
  source: myapp
"""


def record(name):
    return json.dumps({"eventID": f"id-{name}", "eventType": "AwsApiCall",
                       "eventTime": "2024-05-01T10:00:00Z", "eventName": name}) + "\n"


def audit(verb):
    return json.dumps({"kind": "Event", "auditID": verb, "stage": "ResponseComplete", "verb": verb,
                       "stageTimestamp": "2024-05-01T10:00:00Z", "user": {"username": "bob"}})


class Rtctl(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)
        self.dir = pathlib.Path(self.folder.name)
        self.rules = self.write("rules.yaml", RULES)

    def write(self, name, text):
        path = self.dir / name
        path.write_text(text, encoding="utf-8")
        return path

    def run_it(self, *args, code=0, stdin=None):
        done = subprocess.run([RTCTL, *map(str, args)], capture_output=True, text=True, input=stdin,
                              env=dict(os.environ, TZ="UTC"), timeout=60, check=False)
        self.assertEqual(done.returncode, code, done.stderr + done.stdout)
        return done

    def names(self, *args, **kwargs):
        """Last words of the text alerts."""
        out = self.run_it("run", "-r", self.rules, *args, **kwargs).stdout
        return [line.split()[-1] for line in out.splitlines()]

    def test_help_names_every_verb_and_exits_with_0(self):
        out = self.run_it("--help").stdout
        for verb in ("check", "run", "list", "describe", "compile", "explain", "import"):
            self.assertIn(f"  {verb} ", out)
            self.assertIn("--help", self.run_it(verb, "--help").stdout)

    def test_wrong_usage_exits_with_2_and_says_what_to_do(self):
        for args in ([], ["dance"], ["run", "--no-such"], ["check", "--format", "xml"],
                     ["run", "-o", "json_output"], ["run", "--reading", "sideways"],
                     ["explain", "--rule", "x"], ["list", "nothing"]):
            self.assertRegex(self.run_it(*args, code=2).stderr, "^rtctl: ")

    def test_bad_rules_exit_with_1_and_warnings_with_3_under_strict(self):
        bad = self.write("bad.yaml", RULES.replace("ct.name exists", "ct.nmae exists"))
        out = self.run_it("check", bad, code=1).stdout
        self.assertIn("bad.yaml:4:", out)
        self.assertIn("ct.name", out)
        self.run_it("run", "-r", bad, "--source", "aws_cloudtrail", "-", code=1, stdin="")
        unused = self.write("unused.yaml", RULES + "- macro: m\n  condition: ct.name exists\n")
        self.run_it("check", unused)
        self.run_it("check", "--strict", unused, code=3)

    def test_items_come_from_anywhere_when_that_is_allowed(self):
        items = self.write("items.txt", "ConsoleLogin\n")
        rules = self.write("items.yaml", "- list: l\n  items_from: %s\n" % items
                           + RULES.replace("ct.name exists", "ct.name in (l)"))
        self.assertIn("items_from must name a file in the folder of the rules",
                      self.run_it("check", rules, code=1).stdout)
        self.run_it("check", "--items-anywhere", rules)

    def test_explain_kernel_tells_what_is_collected_beyond_the_conditions(self):
        rules = self.write("close.yaml", "- rule: r\n  desc: d\n  output: o\n  priority: INFO\n"
                           "  condition: evt.type = close and fd.name startswith /etc\n")
        out = self.run_it("explain", "--kernel", "-r", rules).stdout
        self.assertRegex(out, r"(?m)^close \(event \d+\)$")
        self.assertIn("always  births, execs and ends of processes; chdir, fchdir and chroot", out)

    def test_check_prints_falcos_document_sarif_and_annotations(self):
        bad = self.write("bad.yaml", RULES.replace("ct.name exists", "ct.nmae exists"))
        document = json.loads(self.run_it("check", "--format", "json", bad, code=1).stdout)
        error = document["falco_load_results"][0]["errors"][0]
        self.assertEqual(error["code"], "LOAD_ERR_COMPILE_CONDITION")
        self.assertEqual(error["id"], "RT1004")
        sarif = json.loads(self.run_it("check", "--source", "myapp:json", "--format", "sarif", bad,
                                       code=1).stdout)
        self.assertEqual(sarif["runs"][0]["results"][0]["ruleId"], "RT1004")
        self.assertRegex(self.run_it("check", "--format", "github", bad, code=1).stdout,
                         r"(?m)^::error file=.*bad.yaml,line=4")

    def test_several_sources_are_read_in_one_run(self):
        trail = self.write("t.json", record("A") + record("B"))
        log = self.write("a.log", audit("get") + "\n")
        self.assertEqual(self.names("--source", "aws_cloudtrail", trail, "--source", "k8s_audit", log),
                         ["A", "B", "bob"])

    def test_standard_input_and_compressed_files_are_inputs(self):
        self.assertEqual(self.names("--source", "aws_cloudtrail", stdin=record("A")), ["A"])
        self.assertEqual(self.names("--source", "aws_cloudtrail", "-", stdin=record("A")), ["A"])
        packed = self.dir / "t.json.gz"
        packed.write_bytes(gzip.compress(json.dumps({"Records": [json.loads(record("Z"))]}).encode()))
        self.assertEqual(self.names("--source", "aws_cloudtrail", packed), ["Z"])

    def test_several_workers_print_what_one_prints(self):
        log = self.write("log.jsonl", "".join(record(f"n{i}") for i in range(5000)) + "{broken\n")
        files = [self.write(f"{i}.json", record(f"f{i}")) for i in range(20)]
        common = ["run", "-r", self.rules, "--json", "--hostname", "h", "--summary", "always",
                  "--source", "aws_cloudtrail", log, *files]
        one = self.run_it(*common)
        said = one.stderr.split("events in")[0]
        for more in (["--workers", "3"], ["--workers", "0"], ["--workers", "2", "--key", "account"],
                     ["--key", "ct.name"]):
            several = self.run_it(*common, *more)
            self.assertEqual(several.stdout, one.stdout)
            self.assertEqual(several.stderr.split("events in")[0], said)
        self.assertIn("skipped", said)

    def test_workers_and_keys_that_are_none_are_wrong_usage(self):
        self.run_it("run", "-r", self.rules, "--workers", "x", code=2)
        self.run_it("run", "-r", self.rules, "--workers", "257", code=2)
        wrong = self.run_it("run", "-r", self.rules, "--key", "no.such", code=2)
        self.assertIn("no.such", wrong.stderr)

    def test_json_lines_go_by_a_name_of_their_own(self):
        lines = self.write("l.jsonl", '{"level":"error","msg":"m"}\n{"level":"info","msg":"n"}\n')
        out = self.run_it("run", "-r", self.rules, "--source", "myapp:json", "--set", "name=shop",
                          "--set", "time=clock", lines).stdout
        self.assertEqual(len(out.splitlines()), 1)
        self.assertTrue(out.endswith("Error m (shop)\n"), out)

    def test_skipped_records_are_said_and_do_not_fail_the_run(self):
        done = self.run_it("run", "-r", self.rules, "--source", "aws_cloudtrail", "-",
                           "--summary", "always", stdin=record("A") + "{broken\n" + record("B"))
        self.assertEqual(len(done.stdout.splitlines()), 2)
        self.assertRegex(done.stderr, r"byte \d+: skipped: ")
        self.assertIn("1 records could not be used", done.stderr)

    def test_missing_inputs_and_unreadable_sources_exit_with_1(self):
        for args in (["--source", "aws_cloudtrail", self.dir / "none.json"], ["--source", "okta"],
                     ["--source", "nowhere", self.rules], ["-e", self.rules]):
            self.assertRegex(self.run_it("run", "-r", self.rules, *args, code=1).stderr, "^rtctl: ")

    def test_settings_of_falco_yaml_count_and_options_win(self):
        config = self.write("falco.yaml", f"rules_files: [{self.rules}]\njson_output: true\n"
                            "rules:\n  - disable: {rule: 'any'}\nengine: {kind: nodriver}\nnonsense: 1\n")
        done = self.run_it("run", "-c", config, "--source", "aws_cloudtrail", stdin=record("A"))
        self.assertEqual(done.stdout, "")
        self.assertIn("'engine' is known and comes in a later version", done.stderr)
        self.assertIn("unknown key 'nonsense'", done.stderr)
        done = self.run_it("run", "-c", config, "-o", "rules[].enable.tag=a", "--hostname", "h",
                           "--source", "aws_cloudtrail", stdin=record("A"))
        alert = json.loads(done.stdout)
        self.assertEqual((alert["rule"], alert["hostname"], alert["tags"]), ("any", "h", ["a"]))
        self.assertEqual(len(alert["id"]), 32)

    def test_append_output_and_the_file_output(self):
        out = self.dir / "alerts.json"
        self.run_it("run", "-r", self.rules, "--json", "-o", "stdout_output.enabled=false",
                    "-o", "file_output={enabled: true, filename: " + str(out) + "}", "-o",
                    'append_output=[{match: {rule: any}, extra_output: "id=%ct.id", '
                    'extra_fields: [evt.num, {who: "n=%evt.num"}]}]',
                    "--source", "aws_cloudtrail", stdin=record("A"))
        alert = json.loads(out.read_text())
        self.assertTrue(alert["output"].endswith("A id=id-A"), alert)
        self.assertEqual((alert["output_fields"]["evt.num"], alert["output_fields"]["who"]), (1, "n=1"))

    def test_explain_shows_the_values_seen(self):
        trail = self.write("t.json", record("A"))
        out = self.run_it("explain", "-r", self.rules, "--rule", "any", "--source", "aws_cloudtrail",
                          "--event", trail).stdout
        self.assertIn("ct.name", out)
        self.assertIn("A", out)
        self.run_it("explain", "-r", self.rules, "--rule", "none", "--source", "aws_cloudtrail",
                    "--event", trail, code=2)

    def test_lists_describe_and_dumps(self):
        self.assertIn("ct.name", self.run_it("list", "fields", "--source", "aws_cloudtrail").stdout)
        rows = json.loads(self.run_it("list", "operators", "--format", "json").stdout)
        self.assertIn("startswith", [row["name"] for row in rows])
        self.assertIn("| any |", self.run_it("list", "rules", "-r", self.rules, "--format",
                                             "markdown").stdout)
        info = json.loads(self.run_it("describe", "-r", self.rules, "any").stdout)
        self.assertEqual(info["rules"][0]["info"]["name"], "any")
        for stage in ("items", "rules", "ast", "typed", "ir", "ir:fold", "index", "perf", "program"):
            self.assertTrue(self.run_it("compile", "-r", self.rules, "--dump", stage).stdout, stage)
        self.run_it("compile", "-r", self.rules, "--dump", "nothing", code=2)

    def test_compiled_rules_are_rules(self):
        compiled = self.dir / "rules.rtp"
        self.write("t.json", record("A") + record("B"))
        for option in ("-o", "--output"):
            self.assertEqual(self.run_it("compile", "-r", self.rules, option, compiled).stdout, "")
            inputs = ("--source", "aws_cloudtrail", self.dir / "t.json")
            self.assertEqual(self.run_it("run", "-r", compiled, *inputs).stdout,
                             self.run_it("run", "-r", self.rules, *inputs).stdout)
        self.assertEqual([p.name for p in self.dir.glob("rules.rtp*")], ["rules.rtp"])
        self.run_it("check", compiled)
        self.run_it("compile", "-r", compiled, "--dump", "ir", code=2)
        self.run_it("check", "-r", compiled, "--disable", "any", code=2)
        self.assertIn("stand alone",
                      self.run_it("check", "-r", compiled, "-r", self.rules, code=2).stderr)
        compiled.write_bytes(compiled.read_bytes()[:-1])
        self.assertIn("RT1204", self.run_it("check", compiled, code=1).stdout)
        self.run_it("compile", "-r", self.rules, "-o", "/no/such/folder/x", code=1)

    def test_a_profile_ranks_rules_and_compiles_them(self):
        trail = self.write("t.json", "".join(record(f"N{i}") for i in range(50)))
        saved = self.dir / "p"
        out = self.run_it("profile", "-r", self.rules, "--save", saved, "--source", "aws_cloudtrail",
                          trail).stdout
        self.assertRegex(out, r"100\.000%\s+100\.000%\s+\d+\s+any")
        self.assertIn("ct.name exists", out)
        self.assertIn("1 rules were begun for no event", out)
        self.assertIn("source 50 aws_cloudtrail", saved.read_text())
        self.run_it("check", "--profile", saved, self.rules)
        saved.write_text("something else\n")
        self.assertIn("profile --save", self.run_it("check", "--profile", saved, self.rules,
                                                    code=1).stderr)

    def test_check_prices_rules_dearest_first(self):
        path = self.write("priced.yaml", "".join(
            f"- rule: {name}\n  desc: d\n  condition: {test}\n  output: o\n  priority: INFO\n"
            "  source: aws_cloudtrail\n"
            for name, test in (("cheap", "ct.name = x"), ("dear", "ct.user.arn regex '(a|b).*c.*'"))))
        lines = self.run_it("check", "--perf", path).stdout.splitlines()
        prices = [line for line in lines if line.endswith((" cheap", " dear"))]
        self.assertEqual([line.split()[-1] for line in prices], ["dear", "cheap"])
        self.assertIn("ct.user.arn regex", prices[0])

    def test_the_projects_own_rules_are_used_without_r(self):
        self.assertEqual(self.run_it("check").returncode, 0)

    def test_a_followed_file_is_read_over_its_rotation(self):
        log = self.write("f.log", record("A"))
        with subprocess.Popen([RTCTL, "run", "-r", self.rules, "--source", "aws_cloudtrail",
                               "--follow", log], stdout=subprocess.PIPE, text=True) as process:
            self.assertTrue(process.stdout.readline().endswith("A\n"))
            with log.open("a") as old:
                old.write(record("B"))
                old.flush()
                self.assertTrue(process.stdout.readline().endswith("B\n"))
                log.rename(self.dir / "f.old")
                self.write("f.log", record("D"))
                old.write(record("C"))
            self.assertTrue(process.stdout.readline().endswith("C\n"))
            self.assertTrue(process.stdout.readline().endswith("D\n"))
            process.send_signal(signal.SIGINT)
            self.assertEqual(process.wait(timeout=20), 0)

    def post_audit(self, connect, *options):
        """Post a list of two events to a listening run, and see both alerts."""
        with subprocess.Popen([RTCTL, "run", "-r", self.rules, "--source", "k8s_audit", "--listen",
                               "127.0.0.1:0", *options], stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE, text=True) as process:
            told = process.stderr.readline()
            if "without the audit webhook" in told:
                process.wait()
                self.skipTest("built without the webhook")
            connection = connect(int(told.split("port ")[1].split(",")[0]))
            body = '{"kind":"EventList","items":[' + audit("create") + "," + audit("delete") + "]}"
            connection.request("POST", "/k8s-audit", body, {"Content-Type": "application/json"})
            self.assertEqual(connection.getresponse().status, 200)
            connection.close()
            self.assertIn("create bob", process.stdout.readline())
            self.assertIn("delete bob", process.stdout.readline())
            process.send_signal(signal.SIGTERM)
            self.assertEqual(process.wait(timeout=20), 0)

    def test_audit_events_are_taken_over_http(self):
        self.post_audit(lambda port: http.client.HTTPConnection("127.0.0.1", port, timeout=20))

    @unittest.skipUnless(shutil.which("openssl"), "no openssl to make a certificate with")
    def test_audit_events_are_taken_over_https(self):
        key, certificate = self.dir / "key.pem", self.dir / "certificate.pem"
        subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2",
                        "-keyout", key, "-out", certificate, "-subj", "/CN=localhost",
                        "-addext", "subjectAltName=IP:127.0.0.1"], check=True, capture_output=True)
        trust = ssl.create_default_context(cafile=certificate)
        self.post_audit(lambda port: http.client.HTTPSConnection("127.0.0.1", port, timeout=20,
                                                                 context=trust),
                        "--tls-cert", certificate, "--tls-key", key)

    def test_a_reader_that_goes_away_ends_the_run_quietly(self):
        many = self.write("many.json", "".join(record(f"N{i}") for i in range(20000)))
        shell = f"'{RTCTL}' run -r '{self.rules}' --source aws_cloudtrail '{many}' | head -n 1"
        done = subprocess.run(["sh", "-c", shell], capture_output=True, text=True, timeout=60, check=False)
        self.assertEqual(len(done.stdout.splitlines()), 1)
        self.assertLessEqual(len(done.stderr.splitlines()), 2, done.stderr)

    def test_the_demo_knows_its_patterns(self):
        self.assertIn("no-such-pattern", self.run_it("demo", "no-such-pattern", code=2).stderr)

    @unittest.skipUnless(os.geteuid() == 0, "needs root, to be somebody else")
    def test_the_demo_without_rights_says_what_is_missing(self):
        build = pathlib.Path(RTCTL).resolve().parent.parent.parent
        for file in (RTCTL, build / "src/libruntime.so.0"):
            shutil.copy(file, self.dir)
        self.dir.chmod(0o755)
        done = subprocess.run([self.dir / "rtctl", "demo", "-r", self.rules], capture_output=True, text=True,
                              env={**os.environ, "LD_LIBRARY_PATH": str(self.dir)},
                              user=65534, group=65534, timeout=60, check=False)
        self.assertEqual(done.returncode, 1)
        self.assertIn("root", done.stderr)

    @unittest.skipUnless(os.geteuid() == 0 and os.path.exists("/sys/kernel/btf/vmlinux"),
                         "watching this machine takes root and a kernel with BTF")
    def test_the_demo_sees_its_patterns_and_leaves_nothing(self):
        def outside():
            empty = [str(path.parent) for path in pathlib.Path("/sys/fs/cgroup").glob("**/docker/*/cgroup.procs")
                     if not path.read_text(encoding="utf-8")]
            return (pathlib.Path("/proc/self/mountinfo").read_text(encoding="utf-8"), empty,
                    os.path.exists("/etc/cron.d/update"), os.path.exists("/opt/late"))
        before = outside()
        rules = pathlib.Path(__file__).resolve().parent.parent.parent / "rules/linux"
        done = subprocess.run([RTCTL, "demo", "-r", rules, "cron", "memory-program", "drift", "enter"],
                              capture_output=True, text=True, timeout=60, check=False)
        if "was built without eBPF" in done.stderr:
            self.skipTest("built without eBPF")
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        self.assertIn("4 attack patterns: 4 seen", done.stdout)
        self.assertEqual(outside(), before)

    def test_fields_of_scripts(self):
        script = self.write("fields.lua", 'runtime.sources { "aws_cloudtrail" }\n'
                            'runtime.field { name = "lua.size", type = "int", reads = { "ct.name" },\n'
                            '  extract = function(name) return #name end }\n')
        rules = self.write("sized.yaml", RULES.replace("ct.name exists", "lua.size = 3")
                           .replace('"%ct.name"', '"%ct.name %lua.size"').split("- rule: audit")[0])
        log = self.write("log.json", record("Abc") + record("Abcd"))
        done = subprocess.run([RTCTL, "check", "--lua", script, "-r", rules], capture_output=True,
                              text=True, timeout=60, check=False)
        if "has no Lua" in done.stderr:
            self.skipTest("built without Lua")
        self.assertEqual(done.returncode, 0, done.stderr)
        done = self.run_it("run", "--lua", script, "-r", rules, "--source", "aws_cloudtrail", log)
        self.assertEqual(done.stdout.count("Abc 3"), 1)
        self.assertEqual(done.stdout.count("\n"), 1)
        self.run_it("check", "-r", rules, code=1)
        bad = self.write("bad.lua", "\nerror('not today')\n")
        done = self.run_it("check", "--lua", bad, "-r", rules, code=1)
        self.assertIn("bad.lua:2: not today", done.stderr)

    def needs_lua(self):
        if "has no Lua" in subprocess.run([RTCTL, "check", "--lua", os.devnull, "-r", self.rules], capture_output=True,
                                          text=True, timeout=60, check=False).stderr:
            self.skipTest("built without Lua")

    def hooked_rules(self, *items):
        return self.write("hooked.yaml", "".join(f"- hooks: {item}\n" for item in items)
                          + RULES.split("- rule: audit")[0])

    def test_hooks_of_rule_files_and_of_lua(self):
        self.needs_lua()
        self.write("match.lua", 'runtime.match { reads = { "ct.name" }, on = function(m, name)\n'
                   '  if name == "Noise" then return false end\n'
                   '  return { priority = "ERROR", fields = { ["lua.len"] = #name } } end }\n')
        detect = self.write("detect.lua", 'runtime.sources { "aws_cloudtrail" }\nruntime.detect { rule = "many",\n'
                            '  condition = "named and ct.name = B", output = "many %ct.name", key = "ct.name",\n'
                            '  on = function(_, state) state.n = (state.n or 0) + 1 return state.n > 1 end }\n')
        out = self.write("out.lua", 'runtime.output { name = "lines", on = function(a)\n'
                         '  runtime.log(a.rule)\n'
                         '  runtime.write(a.priority .. " " .. a.fields["ct.name"] .. "\\n") end }\n')
        rules = self.hooked_rules("match.lua")
        rules.write_text("- macro: named\n  condition: ct.name exists\n" + rules.read_text(encoding="utf-8"),
                         encoding="utf-8")
        log = self.write("log.json", "".join(map(record, ("A", "Noise", "B", "B"))))
        common = ["run", "-r", rules, "--source", "aws_cloudtrail", log]
        self.assertEqual([line.split(": ")[1] for line in self.run_it(*common).stdout.splitlines()],
                         ["Error A", "Error B", "Error B"])
        done = self.run_it(*common, "--lua", detect, "--json")
        alerts = [json.loads(line) for line in done.stdout.splitlines()]
        self.assertEqual([alert["rule"] for alert in alerts], ["any", "any", "any", "many"])
        self.assertEqual([alert["output_fields"]["lua.len"] for alert in alerts], [1, 1, 1, 1])
        done = self.run_it(*common, "--lua", detect, "--workers", "2", code=2)
        self.assertIn("detect.lua:4: the detection 'many' keeps state from event to event", done.stderr)
        done = self.run_it(*common, "--lua", out)
        self.assertEqual(done.stdout.splitlines()[1], "Error A")
        self.assertEqual(done.stderr.count("out.lua: any"), 3)
        lines = self.dir / "lines.txt"
        done = self.run_it(*common, "--lua", out, "--lua-output", f"lines={lines}")
        self.assertEqual(done.stdout.count("\n"), 3)
        self.assertEqual(lines.read_text(encoding="utf-8"), "Error A\nError B\nError B\n")
        self.run_it(*common, "--lua-output", "lines", code=2)
        self.assertRegex(self.run_it("list", "fields", "--lua", detect).stdout, "ct.name")
        # Compiled rules want the scripts that they were compiled with.
        compiled = self.dir / "all.rtp"
        self.run_it("compile", "-r", rules, "--lua", detect, "--output", compiled)
        self.assertIn("lua.", self.run_it("run", "-r", compiled, "--source", "aws_cloudtrail", log, code=1).stderr)
        done = self.run_it("run", "-r", compiled, "--lua", detect, "--lua", self.dir / "match.lua", "--lua", out,
                           "--json", "--source", "aws_cloudtrail", log)
        self.assertEqual([json.loads(line)["rule"] for line in done.stdout.splitlines() if line[0] == "{"],
                         ["any", "any", "any", "many"])
        self.assertIn("\nError A\n", done.stdout)

    def test_the_example_of_hooks(self):
        self.needs_lua()
        example = pathlib.Path(__file__).resolve().parents[2] / "examples/hooks"
        self.run_it("check", "--strict", example / "rules.yaml")
        tickets = self.dir / "tickets.txt"
        done = self.run_it("run", "-r", example / "rules.yaml", "--lua-output", f"tickets={tickets}",
                           "--source", "aws_cloudtrail", example / "trail.json")
        self.assertEqual([line.split(" ", 1)[1] for line in done.stdout.splitlines()], [
            "Error password guessed (user=alice address=198.51.100.77 place=elsewhere)",
            "Critical root logged in (address=198.51.100.77 place=elsewhere user=root)"])
        self.assertEqual(tickets.read_text(encoding="utf-8"), "Root login by root\n")

    def test_bad_hooks_cost_nobody_else_an_alert(self):
        self.needs_lua()
        log = self.write("log.json", "".join(record(f"n{i}") for i in range(50)))
        common = ["run", "--json", "--hostname", "h", "--source", "aws_cloudtrail", log, "-r"]
        plain = self.run_it(*common, self.hooked_rules()).stdout
        self.assertEqual(plain.count("\n"), 50)
        for body in ("while true do end", 'local s = "x" while true do s = s .. s end',
                     'local t = {} while true do t[#t + 1] = ("x"):rep(1000) .. #t end', "error({})", "error('mine')",
                     "while true do pcall(error, {}) end", 'return (("a"):rep(1000000)):gsub("a", "aaaaaaaaaaaaaaaa")'):
            for hook in ("runtime.match { on = function() %s end }", "runtime.output { on = function() %s end }",
                         'runtime.detect { rule = "D", source = "aws_cloudtrail", condition = "ct.name exists",'
                         " on = function() %s end }"):
                self.write("bad.lua", hook % body)
                done = self.run_it(*common, self.hooked_rules("bad.lua"))
                self.assertEqual(done.stdout, plain)
                self.assertEqual(done.stderr.count("bad.lua:1:"), 10, done.stderr)

    def test_a_hangup_reads_rules_and_scripts_again(self):
        self.needs_lua()
        counting = ('runtime.field { name = "lua.n", type = "int", reads = { "ct.name" },\n'
                    "  extract = function() n = (n or 0) + 1 return n end }\n")
        self.write("count.lua", counting)
        rules = self.hooked_rules("count.lua")
        rules.write_text(rules.read_text(encoding="utf-8").replace('"%ct.name"', '"%ct.name %lua.n"'),
                         encoding="utf-8")
        log = self.write("log.json", record("A"))
        errors = self.dir / "errors.txt"

        def until(what, count=1):
            end = time.monotonic() + 30
            while errors.read_text(encoding="utf-8").count(what) < count:
                self.assertLess(time.monotonic(), end, errors.read_text(encoding="utf-8"))
                time.sleep(0.02)

        with open(errors, "w", encoding="utf-8") as to, \
                subprocess.Popen([RTCTL, "run", "-r", rules, "--follow", "--source", "aws_cloudtrail", log],
                                 stdout=subprocess.PIPE, stderr=to, text=True) as process:
            def feed(name):
                with open(log, "a", encoding="utf-8") as more:
                    more.write(record(name))
                return process.stdout.readline().split()[-2:]

            try:
                self.assertEqual(process.stdout.readline().split()[-2:], ["A", "1"])
                self.assertEqual(feed("B"), ["B", "2"])
                # Rules alone: the script's state goes on.
                rules.write_text(rules.read_text(encoding="utf-8").replace("INFO", "ERROR"), encoding="utf-8")
                process.send_signal(signal.SIGHUP)
                until("the rules were read again: 1")
                self.assertEqual(feed("C"), ["C", "3"])
                # A wrong script changes nothing.
                self.write("count.lua", "x = = 1\n")
                process.send_signal(signal.SIGHUP)
                until("the rules are those from before")
                self.assertEqual(feed("D"), ["D", "4"])
                # A changed one begins anew.
                self.write("count.lua", counting.replace("(n or 0)", "(n or 100)"))
                process.send_signal(signal.SIGHUP)
                until("the rules were read again: 1", 2)
                self.assertEqual(feed("E"), ["E", "101"])
            finally:
                process.terminate()
            self.assertEqual(process.wait(timeout=30), 0)
        self.assertIn("count.lua:1:", errors.read_text(encoding="utf-8"))


if __name__ == "__main__":
    time.tzset()
    unittest.main(verbosity=1)
