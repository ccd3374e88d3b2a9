/* SPDX-License-Identifier: Apache-2.0 */
/*
 * proportions.c - how often stock rules use each field, operator and form, as numbers.
 *
 * Counted over the typed conditions (rtctl compile --dump=typed) of falco_rules,
 * falco-incubating_rules and falco-sandbox_rules (93 rules, 984 tests), aws_cloudtrail_rules (22
 * rules, 63 tests) and k8s_audit_rules (48 rules, 262 tests). What these files never use, but the
 * language has, is added with small numbers behind the blank line of each table, so that every
 * operator takes part. For CloudTrail, whose stock rules hardly know more than names, the fields
 * and operators that Sigma's rules use weigh a third.
 *
 * How many tests hold of no event at all was counted with the naive evaluator over the inputs of
 * the benches, each test on all events of its rule's types: of system calls 258 of 419 and 299 of
 * 416 tests that are not negated, and 1291 of 1331 that are; of CloudTrail 19 of 39; of audit logs
 * 18 of 31 negated ones, and 7 of 194 others, none of a field that most rules look at. Those logs
 * were recorded to make these very rules match, so the share of all sources stands for them: 583 of
 * 1,068.
 */
#include "generate.h"

const unsigned bench_list_lengths[8][2] = {
        { 1, 13 }, { 2, 50 }, { 3, 29 }, { 6, 38 }, { 11, 42 }, { 22, 11 }, { 44, 25 }, { 150, 4 },
};
const unsigned bench_or_widths[5][2] = { { 2, 61 }, { 3, 12 }, { 4, 3 }, { 6, 4 }, { 12, 4 } };

/* ---- system calls ---- */

static const bench_opening syscall_openings[] = {
        { "spawned_process", "evt.type in (execve, execveat)", 38, { "execve", "execveat" } },
        { "open_write",
          "evt.type in (open, openat, openat2) and evt.is_open_write = true and fd.typechar = 'f' "
          "and fd.num >= 0",
          13,
          { "open", "openat", "openat2" } },
        { "open_read",
          "evt.type in (open, openat, openat2) and evt.is_open_read = true and fd.typechar = 'f' "
          "and fd.num >= 0",
          9,
          { "open", "openat", "openat2" } },
        { "outbound",
          "evt.type in (connect, sendto, sendmsg) and fd.typechar = 4",
          6,
          { "connect", "sendto", "sendmsg" } },
        { "inbound",
          "evt.type in (listen, accept, accept4, recvfrom, recvmsg)",
          7,
          { "accept4", "accept", "recvfrom", "listen", "recvmsg" } },
        { "modify",
          "evt.type in (rename, renameat, renameat2, unlink, unlinkat, rmdir)",
          3,
          { "unlinkat", "unlink", "renameat", "rename" } },
        { "chmod", "evt.type in (chmod, fchmod, fchmodat)", 2, { "chmod", "fchmodat" } },
        { "create_link", "evt.type in (symlink, symlinkat, link, linkat)", 2, { "symlinkat" } },
        { "duplicate", "evt.type in (dup, dup2, dup3)", 1, { "dup2", "dup" } },
        { "set_ids",
          "evt.type in (setuid, setresuid, setresgid)",
          2,
          { "setuid", "setresuid", "setresgid" } },
        { "new_socket", "evt.type = socket", 1, { "socket" } },
        { "trace", "evt.type = ptrace", 2, { "ptrace" } },
        { "close_or_control", "evt.type in (close, fcntl)", 1, { "close", "fcntl" } },
};

static const bench_test syscall_tests[] = {
        { "fd.name", "startswith", 134, NULL },
        { "proc.name", "=", 105, NULL },
        { "proc.name", "in", 88, NULL },
        { "proc.cmdline", "contains", 67, NULL },
        { "container.image.repository", "endswith", 49, NULL },
        { "container.id", "!=", 43, NULL },
        { "proc.cmdline", "startswith", 40, NULL },
        { "container.image.repository", "startswith", 38, NULL },
        { "proc.pname", "in", 33, NULL },
        { "fd.name", "=", 29, NULL },
        { "proc.pname", "=", 25, NULL },
        { "proc.args", "contains", 23, NULL },
        { "proc.aname[2]", "=", 18, NULL },
        { "fd.directory", "=", 18, NULL },
        { "container.image.repository", "in", 18, NULL },
        { "proc.cmdline", "=", 15, NULL },
        { "proc.args", "icontains", 13, NULL },
        { "evt.rawres", ">=", 13, "123456789" },
        { "proc.aname[3]", "=", 12, NULL },
        { "proc.pcmdline", "contains", 12, NULL },
        { "fd.name", "contains", 11, NULL },
        { "proc.pexe", "endswith", 11, NULL },
        { "user.name", "=", 11, NULL },
        { "fd.name", "in", 10, NULL },
        { "evt.res", "=", 10, NULL },
        { "proc.aname[2]", "in", 9, NULL },
        { "fd.directory", "in", 8, NULL },
        { "proc.exe", "endswith", 8, NULL },
        { "container.image.repository", "contains", 8, NULL },
        { "fd.name", "glob", 7, NULL },
        { "proc.aname[3]", "in", 7, NULL },
        { "fd.l4proto", "!=", 6, NULL },
        { "fd.sport", "=", 6, "64999" },
        { "proc.args", "startswith", 5, NULL },
        { "fd.name", "endswith", 5, NULL },
        { "fd.filename", "in", 4, NULL },
        { "fd.name", "pmatch", 4, NULL },
        { "user.uid", "<=", 2, "0" },
        { "evt.buffer", "bcontains", 1, "c0ffee00" },

        { "proc.cmdline", "regex", 8, NULL },
        { "fd.name", "regex", 5, NULL },
        { "proc.exepath", "startswith", 5, NULL },
        { "proc.exepath", "in", 5, NULL },
        { "proc.cmdline", "iglob", 4, NULL },
        { "proc.name", "glob", 4, NULL },
        { "user.name", "!=", 4, NULL },
        { "fd.filename", "endswith", 4, NULL },
        { "fd.sip", "in", 3, "203.0.113.7" },
        { "proc.cwd", "startswith", 3, NULL },
        { "fd.sport", ">", 2, "64999" },
        { "evt.rawres", "<", 2, "-4000" },
        { "proc.tty", "exists", 2, NULL },
        { "evt.buffer", "bstartswith", 1, "c0ffee00" },
};

/* ---- CloudTrail ---- */

static const bench_test cloudtrail_always[] = { { "ct.name", "=", 90, NULL } };

static const bench_test cloudtrail_tests[] = {
        { "ct.name", "=", 20, NULL },
        { "ct.user.identitytype", "=", 30, NULL },
        { "json.value[/responseElements/ConsoleLogin]", "=", 30, NULL },
        { "ct.user.identitytype", "!=", 20, NULL },
        { "json.value[/additionalEventData/MFAUsed]", "=", 20, NULL },
        { "ct.src", "=", 20, NULL },
        { "ct.request.username", "=", 10, NULL },
        { "ct.region", "in", 10, NULL },
        { "json.value[/requestParameters/publicAccessBlock]", "=", 10, NULL },
        { "json.value[/eventVersion]", "=", 10, NULL },

        { "ct.user", "=", 12, NULL },
        { "ct.user", "in", 6, NULL },
        { "ct.name", "in", 8, NULL },
        { "ct.name", "startswith", 8, NULL },
        { "ct.user.arn", "contains", 8, NULL },
        { "ct.user.arn", "endswith", 5, NULL },
        { "ct.user.arn", "startswith", 3, NULL },
        { "ct.user.arn", "glob", 3, NULL },
        { "ct.user.arn", "regex", 3, NULL },
        { "ct.useragent", "contains", 8, NULL },
        { "ct.useragent", "startswith", 4, NULL },
        { "ct.useragent", "icontains", 3, NULL },
        { "ct.useragent", "iglob", 2, NULL },
        { "ct.useragent", "regex", 2, NULL },
        { "ct.srcip", "=", 5, NULL },
        { "ct.srcip", "in", 5, NULL },
        { "ct.error", "=", 5, NULL },
        { "ct.errormessage", "contains", 4, NULL },
        { "ct.request", "contains", 4, NULL },
        { "ct.resources", "exists", 2, NULL },
        { "ct.user.accountid", "=", 4, NULL },
        { "ct.region", "!=", 3, NULL },
        { "ct.readonly", "=", 3, NULL },
        { "s3.bucket", "=", 4, NULL },
        { "s3.key", "startswith", 3, NULL },
        { "s3.key", "pmatch", 3, NULL },
        { "s3.bytes", ">", 3, "1000000000" },
        { "s3.bytes", "<=", 2, "0" },
};

/* ---- Kubernetes audit logs ---- */

static const bench_test audit_always[] = {
        { "ka.target.resource", "=", 90, NULL },
        { "ka.verb", "=", 87, NULL },
        { "ka.response.code", "startswith", 54, NULL },
};

static const bench_test audit_tests[] = {
        { "jevt.rawtime", "exists", 25, NULL },
        { "ka.req.pod.containers.image.repository", "in", 7, NULL },
        { "ka.req.configmap.obj", "contains", 6, NULL },
        { "ka.user.name", "startswith", 5, NULL },
        { "ka.target.name", "in", 5, NULL },
        { "ka.target.subresource", "exists", 9, NULL },
        { "ka.user.name", "in", 3, NULL },
        { "ka.verb", "in", 3, NULL },
        { "ka.uri", "=", 3, NULL },
        { "ka.uri", "startswith", 3, NULL },
        { "ka.target.subresource", "in", 3, NULL },
        { "ka.target.namespace", "in", 2, NULL },
        { "ka.target.namespace", "!=", 2, NULL },
        { "ka.req.role.rules.resources", "intersects", 2, NULL },
        { "ka.req.role.rules.verbs", "intersects", 2, NULL },
        { "ka.req.pod.containers.privileged", "intersects", 3, NULL },
        { "ka.req.pod.volumes.hostpath", "intersects", 1, NULL },
        { "ka.req.pod.host_network", "intersects", 3, NULL },
        { "ka.req.service.type", "=", 1, NULL },
        { "ka.user.name", "=", 1, NULL },
        { "ka.auth.decision", "=", 1, NULL },
        { "ka.target.name", "startswith", 1, NULL },

        { "ka.target.name", "=", 5, NULL },
        { "ka.target.name", "endswith", 2, NULL },
        { "ka.useragent", "contains", 3, NULL },
        { "ka.useragent", "icontains", 2, NULL },
        { "ka.useragent", "startswith", 2, NULL },
        { "ka.uri", "contains", 2, NULL },
        { "ka.uri", "glob", 2, NULL },
        { "ka.uri", "iglob", 1, NULL },
        { "ka.uri", "regex", 2, NULL },
        { "ka.uri", "pmatch", 1, NULL },
        { "ka.user.groups", "intersects", 3, NULL },
};

/* ---- all of them ---- */

const bench_proportions bench_kinds[BENCH_N_KINDS] = {
        [BENCH_SYSCALL] = {
                .name = "syscall",
                .source = "syscall",
                .fields = "%evt.type %fd.name %proc.name %proc.cmdline %container.image.repository "
                          "%container.id %proc.pname %proc.args %proc.aname[2] %fd.directory "
                          "%evt.rawres %proc.aname[3] %proc.pcmdline %proc.pexe %user.name "
                          "%evt.res %proc.exe %fd.l4proto %fd.sport %fd.filename %user.uid "
                          "%proc.exepath %fd.sip %proc.cwd",
                .openings = syscall_openings,
                .n_openings = RTI_COUNT(syscall_openings),
                .tests = syscall_tests,
                .n_tests = RTI_COUNT(syscall_tests),
                .positive = { 1, 33, 23, 21, 5, 2, 4, 3, 1 },
                .negative = { 17, 35, 15, 12, 3, 2, 1, 2, 6 },
                .or_percent = 38,
                .together = { 139, 111, 36, 34 },
                .never_percent = 67,
                .never_negated = 97,
        },
        [BENCH_CLOUDTRAIL] = {
                .name = "cloudtrail",
                .source = "aws_cloudtrail",
                .fields = "%ct.name %ct.user.identitytype "
                          "%json.value[/responseElements/ConsoleLogin] "
                          "%json.value[/additionalEventData/MFAUsed] %ct.src %ct.request.username "
                          "%ct.region %json.value[/requestParameters/publicAccessBlock] "
                          "%json.value[/eventVersion] %ct.user %ct.user.arn %ct.useragent "
                          "%ct.srcip %ct.error %ct.errormessage %ct.request %ct.user.accountid "
                          "%ct.readonly %s3.bucket %s3.key %s3.bytes",
                .always = cloudtrail_always,
                .n_always = RTI_COUNT(cloudtrail_always),
                .often = "not ct.error exists",
                .tests = cloudtrail_tests,
                .n_tests = RTI_COUNT(cloudtrail_tests),
                .positive = { 15, 2, 3, 1, 1 },
                .negative = { 20, 2 },
                .or_percent = 5,
                .together = { 1, 0, 0, 0 },
                .never_always = 49,
                .never_percent = 49,
                .never_negated = 50,
        },
        [BENCH_AUDIT] = {
                .name = "audit",
                .source = "k8s_audit",
                .fields = "%ka.verb %ka.target.resource %ka.response.code "
                          "%ka.req.pod.containers.image.repository %ka.req.configmap.obj "
                          "%ka.user.name %ka.target.name %ka.target.subresource %ka.uri "
                          "%ka.target.namespace %ka.req.role.rules.resources "
                          "%ka.req.role.rules.verbs %ka.req.pod.containers.privileged "
                          "%ka.req.pod.volumes.hostpath %ka.req.pod.host_network "
                          "%ka.req.service.type %ka.auth.decision %ka.useragent %ka.user.groups",
                .always = audit_always,
                .n_always = RTI_COUNT(audit_always),
                .often = "json.value[/stage] in (ResponseComplete)",
                .tests = audit_tests,
                .n_tests = RTI_COUNT(audit_tests),
                .positive = { 9, 12, 14, 6, 2 },
                .negative = { 24, 12, 9, 3 },
                .or_percent = 6,
                .together = { 35, 0, 0, 4 },
                .never_percent = 55,
                .never_negated = 58,
        },
};
