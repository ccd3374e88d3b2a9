/* SPDX-License-Identifier: Apache-2.0 */
/* Fields of CloudTrail records and audit events: the habits of the reference that rules rely on. */
#include "sources/builtin.h"
#include "support/source_run.h"
#include <criterion/criterion.h>
#include <criterion/parameterized.h>
#include <stdio.h>

struct row {
        char field[70];
        char members[300]; /* of the record, in front of those that every record has */
        char value[160];
};

static void
check(const rt_source_ops *ops, const char *always, const struct row *row)
{
        const char *const fields[] = { row->field, NULL };
        char text[700], want[200];
        source_run run;

        snprintf(text, sizeof text, "{%s%s%s}", row->members, row->members[0] ? "," : "", always);
        snprintf(want, sizeof want, "0 %s\n", row->value);
        cr_assert_eq(source_run_init(&run, ops, NULL, fields), RT_OK, "%s", row->field);
        run.times = run.payloads = false;
        source_run_over(&run, rti_str_of(text), 0);
        cr_expect_str_eq(source_run_text(&run.events), want, "%s of %s", row->field, text);
        cr_expect_eq(run.n_skipped, 0, "%s", source_run_text(&run.skipped));
        source_run_done(&run);
}

ParameterizedTestParameters(fields, cloudtrail)
{
        static struct row rows[] = {
                { "ct.name", "\"eventName\":\"A\"", "A" },
                { "ct.name", "\"eventName\":5", "" },
                { "ct.name", "\"eventName\":null", "" },
                { "ct.name", "", "-" },
                { "ct.name", "\"eventName\":\"A\",\"eventName\":\"B\"", "A" },
                { "ct.name", "\"eventName\":\"a\\u0000b\"", "a" },
                { "ct.name", "\"event\\u004eame\":\"A\"", "A" },
                { "ct.shortsrc", "\"eventSource\":\"s3.amazonaws.com\"", "s3" },
                { "ct.shortsrc", "\"eventSource\":\".amazonaws.com\"", ".amazonaws.com" },
                { "ct.user", "\"userIdentity\":{\"type\":\"Root\",\"userName\":\"r\"}", "r" },
                { "ct.user", "\"userIdentity\":{\"type\":\"IAMUser\"}", "-" },
                { "ct.user", "\"userIdentity\":{\"type\":\"AWSService\",\"invokedBy\":\"x\"}",
                  "x" },
                { "ct.user",
                  "\"userIdentity\":{\"type\":\"AssumedRole\",\"sessionContext\":"
                  "{\"sessionIssuer\":{\"userName\":\"role\"}}}",
                  "role" },
                { "ct.user", "\"userIdentity\":{\"type\":\"AssumedRole\"}", "AssumedRole" },
                { "ct.user", "\"userIdentity\":{\"type\":\"AWSAccount\"}", "AWSAccount" },
                { "ct.user", "\"userIdentity\":{\"type\":\"Robot\"}", "-" },
                { "ct.originaluser", "\"userIdentity\":{\"userName\":\"u\"}", "u" },
                { "ct.originaluser",
                  "\"userIdentity\":{\"type\":\"AssumedRole\",\"arn\":\"a/b/c\"}", "c" },
                { "ct.originaluser",
                  "\"userIdentity\":{\"type\":\"AssumedRole\",\"arn\":\"a/b\","
                  "\"principalId\":\"p:q\"}",
                  "q" },
                { "ct.user.accountid", "\"recipientAccountId\":\"2\"", "2" },
                { "ct.user.accountid",
                  "\"recipientAccountId\":\"2\",\"userIdentity\":{\"accountId\":\"1\"}", "1" },
                { "ct.readonly", "\"readOnly\":true", "true" },
                { "ct.readonly", "\"readOnly\":\"true\"", "false" },
                { "ct.readonly", "", "-" },
                { "ct.request", "\"requestParameters\":{ \"a\" : [ 1 , \"b c\" ] }",
                  "{\"a\":[1,\"b c\"]}" },
                { "ct.request", "\"requestParameters\":null", "null" },
                { "ct.request", "\"requestParameters\":\"x\\/y\"", "\"x\\/y\"" },
                { "ct.request.documentname",
                  "\"requestParameters\":{\"documentName\":\"d\",\"documentname\":\"d\"}", "-" },
                { "ct.resources", "\"resources\":[{\"a\": 1},2]", "{\"a\":1},2" },
                { "ct.resources", "\"resources\":[]", "-" },
                { "s3.bytes", "\"additionalEventData\":{\"bytesTransferredIn\":2.9}", "2" },
                { "s3.bytes",
                  "\"additionalEventData\":{\"bytesTransferredIn\":1,\"bytesTransferredOut\":2}",
                  "3" },
                { "s3.bytes.in", "\"additionalEventData\":{\"bytesTransferredIn\":-1}",
                  "18446744073709551615" },
                { "s3.bytes.in", "\"additionalEventData\":{\"bytesTransferredIn\":1e19}",
                  "10000000000000000000" },
                { "s3.bytes.in", "\"additionalEventData\":{\"bytesTransferredIn\":NaN}",
                  "9223372036854775808" },
                { "s3.bytes.in", "\"additionalEventData\":{\"bytesTransferredIn\":\"5\"}", "0" },
                { "s3.uri", "\"requestParameters\":{\"bucketName\":\"b\",\"key\":\"\"}",
                  "s3://b/" },
                { "s3.uri", "\"requestParameters\":{\"bucketName\":\"b\",\"key\":1}", "-" },
                { "s3.cnt.get", "\"eventName\":\"GetObject\"", "1" },
                { "s3.cnt.other", "\"eventName\":\"GetObject\"", "-" },
                { "s3.cnt.other", "", "1" },
                { "ec2.imageids",
                  "\"responseElements\":{\"instancesSet\":{\"items\":[{\"imageId\":\"a\"},{},"
                  "{\"imageId\":\"b\"}]}}",
                  "(a,b)" },
                { "ec2.imageids[2]",
                  "\"responseElements\":{\"instancesSet\":{\"items\":[{\"imageId\":\"a\"},{},"
                  "{\"imageId\":\"b\"}]}}",
                  "(b)" },
                { "ec2.imageids", "\"requestParameters\":{\"imageId\":5}", "()" },
                { "ec2.name",
                  "\"requestParameters\":{\"tagSpecificationSet\":{\"items\":[{\"resourceType\":"
                  "\"instance\",\"tags\":[{\"key\":\"Name\",\"value\":\"n\"}]}]}}",
                  "n" },
                { "ct.info", "", "<invalid cloudtrail event: userIdentity field missing>" },
                { "ct.info",
                  "\"userIdentity\":{\"type\":\"Root\",\"userName\":\"r\"},"
                  "\"sourceIPAddress\":\"1.2.3.4\",\"eventName\":\"N\",\"errorCode\":null,"
                  "\"readOnly\":false,\"requestParameters\":{\"key\":\"k\"}",
                  "r via 1.2.3.4 !\xe2\x86\x92 N Key=k" },
        };
        return cr_make_param_array(struct row, rows, sizeof rows / sizeof *rows);
}

ParameterizedTest(struct row *row, fields, cloudtrail)
{
        check(&rti_source_cloudtrail,
              "\"eventTime\":\"2024-05-01T10:00:00Z\",\"eventType\":\"AwsApiCall\"", row);
}

#define SPEC(members) "\"requestObject\":{\"spec\":{" members "}}"

ParameterizedTestParameters(fields, k8saudit)
{
        static struct row rows[] = {
                { "ka.verb", "\"verb\":\"get\"", "get" },
                { "ka.verb", "\"verb\":{\"a\": 1}", "{\"a\":1}" },
                { "ka.auth.decision", "\"annotations\":{\"authorization.k8s.io/decision\":\"ok\"}",
                  "ok" },
                { "ka.user.groups", "\"user\":{\"groups\":[\"a\",null,2]}", "(a,null,2)" },
                { "ka.user.groups", "\"user\":{\"groups\":\"a\"}", "-" },
                { "ka.target.pod.name",
                  "\"objectRef\":{\"resource\":\"pods\"},"
                  "\"responseObject\":{\"metadata\":{\"name\":\"p\"}}",
                  "p" },
                { "ka.target.pod.name",
                  "\"objectRef\":{\"resource\":\"pods\",\"subresource\":\"exec\"},"
                  "\"responseObject\":{\"metadata\":{\"name\":\"p\"}}",
                  "-" },
                { "ka.uri.param[a]", "\"requestURI\":\"/x?b=1&a=%41+%2f&a=2\"", "A /" },
                { "ka.uri.param[a]", "\"requestURI\":\"/x?a\"", "" },
                { "ka.uri.param[a]", "\"requestURI\":\"/x?a=1;b=2\"", "-" },
                { "ka.uri.param[a]", "\"requestURI\":\"/x?a=1&b=%zz\"", "-" },
                { "ka.uri.param[a]", "\"requestURI\":\"/x#?a=1\"", "-" },
                { "ka.uri.param[a]", "\"requestURI\":\":bad?a=1\"", "-" },
                { "ka.uri.param[a]", "\"requestURI\":\"https://h:1/x?a=1\"", "1" },
                { "ka.uri.param[a]", "\"requestURI\":\"//h:x/x?a=1\"", "-" },
                { "ka.req.pod.containers.image",
                  SPEC("\"containers\":[{\"image\":\"a\"},{\"image\":\"b\"}]"), "(a,b)" },
                { "ka.req.pod.containers.image[1]",
                  SPEC("\"containers\":[{\"image\":\"a\"},{\"image\":\"b\"}]"), "(b)" },
                { "ka.req.pod.containers.image[2]",
                  SPEC("\"containers\":[{\"image\":\"a\"},{\"image\":\"b\"}]"), "-" },
                { "ka.req.pod.containers.image",
                  SPEC("\"containers\":[{\"image\":\"a\"},{\"name\":\"b\"}]"), "-" },
                { "ka.req.pod.containers.image", SPEC("\"containers\":{\"image\":\"a\"}"), "(a)" },
                { "ka.req.pod.containers.image", SPEC("\"containers\":[[{\"image\":\"a\"}]]"),
                  "(a)" },
                { "ka.req.pod.containers.image[0]", SPEC("\"containers\":[[{\"image\":\"a\"}]]"),
                  "-" },
                { "ka.req.pod.containers.image.repository",
                  SPEC("\"containers\":[{\"image\":\"host:5000/img:tag\"},{\"image\":\"r@d\"}]"),
                  "(host,r)" },
                { "ka.req.container.image",
                  SPEC("\"containers\":[{\"image\":\"a\"},{\"name\":\"b\"}]"), "a" },
                { "ka.req.container.privileged",
                  SPEC("\"containers\":[{},{\"securityContext\":{\"privileged\":true}}]"), "true" },
                { "ka.req.container.privileged",
                  SPEC("\"containers\":[{\"securityContext\":{\"privileged\":\"true\"}}]"),
                  "false" },
                { "ka.req.container.privileged", SPEC("\"containers\":[]"), "false" },
                { "ka.req.container.privileged", SPEC("\"containers\":null"), "-" },
                { "ka.req.pod.containers.args",
                  SPEC("\"containers\":[{\"args\":[\"a\",\"b\"]},{},{\"args\":[]}]"), "(a b,)" },
                { "ka.req.pod.containers.args", SPEC("\"containers\":[{\"args\":[\"a\",1]}]"),
                  "-" },
                { "ka.req.pod.containers.host_port",
                  SPEC("\"containers\":[{\"ports\":[{\"hostPort\":1,\"containerPort\":2},"
                       "{\"containerPort\":3},{}]},{}]"),
                  "(1,3)" },
                { "ka.req.pod.containers.eff_run_as_user",
                  SPEC("\"containers\":[{\"runAsUser\":5},{}]"), "(5,0)" },
                { "ka.req.pod.containers.eff_run_as_user",
                  SPEC("\"runAsUser\":7,\"containers\":[{}]"), "(7)" },
                { "ka.req.pod.containers.eff_run_as_user[0]", SPEC("\"containers\":[{}]"), "-" },
                { "ka.req.pod.containers.add_capabilities",
                  SPEC("\"containers\":[{\"securityContext\":{\"capabilities\":{\"add\":[\"A\", "
                       "\"B\"]}}}]"),
                  "([\"A\",\"B\"])" },
                { "ka.req.volume.hostpath[/a*]",
                  SPEC("\"volumes\":[{},{\"hostPath\":{\"path\":\"/ab\"}}]"), "true" },
                { "ka.req.volume.hostpath[/a]",
                  SPEC("\"volumes\":[{},{\"hostPath\":{\"path\":\"/ab\"}}]"), "false" },
                { "ka.req.volume.hostpath[]", SPEC("\"volumes\":[]"), "false" },
                { "ka.req.volume.hostpath[/a]", SPEC(""), "-" },
                { "ka.req.pod.volumes.volume_type",
                  SPEC("\"volumes\":[{\"name\":\"n\",\"emptyDir\":{}},{\"hostPath\":1}]"),
                  "(emptyDir,hostPath)" },
                { "ka.req.pod.volumes.volume_type", "\"requestObject\":[{\"op\":\"add\"}]", "-" },
                { "ka.req.role.rules.verbs",
                  "\"requestObject\":{\"rules\":[{\"verbs\":[\"a\",\"b\"]},{},{\"verbs\":\"c\"}]}",
                  "(a,b)" },
                { "ka.sourceips", "\"sourceIPs\":[\"1.2.3.4\"]", "-" },
                { "ka.req.binding.subjects.serviceaccount_ns_names",
                  "\"requestObject\":{\"subjects\":[{\"kind\":\"ServiceAccount\",\"name\":\"s\","
                  "\"namespace\":\"n\"},{\"kind\":\"ServiceAccount\",\"name\":\"t\"}]}",
                  "(n:s)" },
                { "ka.req.binding.subject.has_name[x]", "", "true" },
                { "ka.req.service.ports[3]", SPEC("\"ports\":[{\"port\": 1}]"),
                  "([{\"port\":1}])" },
        };
        return cr_make_param_array(struct row, rows, sizeof rows / sizeof *rows);
}

ParameterizedTest(struct row *row, fields, k8saudit)
{
        check(&rti_source_k8saudit,
              "\"kind\":\"Event\",\"auditID\":\"x\",\"stageTimestamp\":\"2024-05-01T10:00:00Z\"",
              row);
}

Test(fields, nothing_of_an_event_without_an_id_is_read)
{
        static const char *const fields[] = { "ka.verb", "ka.req.binding.subject.has_name[x]",
                                              "json.value[/verb]", NULL };
        source_run run;

        cr_assert_eq(source_run_init(&run, &rti_source_k8saudit, NULL, fields), RT_OK);
        run.times = run.payloads = false;
        source_run_over(&run,
                        RTI_STR("{\"kind\":\"Event\",\"verb\":\"get\","
                                "\"stageTimestamp\":\"2024-05-01T10:00:00Z\"}"),
                        0);
        cr_expect_str_eq(source_run_text(&run.events), "0 - - get\n");
        source_run_done(&run);
}

Test(fields, a_field_of_another_source_is_refused)
{
        static const char *const fields[] = { "ka.verb", NULL };
        source_run run;

        cr_assert_eq(source_run_init(&run, &rti_source_cloudtrail, NULL, fields), RT_ENOENT);
        source_run_done(&run);
}

/* ---- memory ---- */

typedef struct failing {
        uint64_t calls, fail_at;
        int64_t alive;
} failing;

static void *
resize(void *ptr, size_t size, void *user)
{
        failing *f = user;
        void *fresh;

        if (size == 0) {
                f->alive -= ptr != NULL;
                free(ptr);
                return NULL;
        }
        if (++f->calls == f->fail_at)
                return NULL;
        fresh = realloc(ptr, size);
        f->alive += fresh && !ptr;
        return fresh;
}

static void
fail_each(const rt_source_ops *ops, const char *reading, const char *const *fields, rt_str text)
{
        const char *const options[] = { "reading", reading, NULL };
        failing f = { 0 };
        bool failed = true;

        for (uint64_t n = 1; failed; n++) {
                const rt_allocator allocator = { sizeof allocator, resize, &f };
                source_run run;
                int r;

                cr_assert_lt(n, 10000);
                f = (failing){ .fail_at = n };
                r = source_run_init_with(&run, &allocator, ops, options, fields);
                if (r == RT_OK) {
                        source_run_over(&run, text, 0);
                        r = run.result;
                }
                failed = f.calls >= n;
                cr_expect(r == RT_ENOMEM || r == RT_EOF, "%s, call %ju: %d", ops->name,
                          (uintmax_t) n, r);
                source_run_done(&run);
                cr_expect_eq(f.alive, 0, "%s, call %ju: %jd left", ops->name, (uintmax_t) n,
                             (intmax_t) f.alive);
        }
}

Test(fields, memory_can_run_out_at_any_call)
{
        static const char *const ct[] = { "ct.user", "ct.request", "ct.info", "json.value[/a/0~1]",
                                          NULL };
        static const char *const ka[] = { "ka.user.groups", "ka.req.pod.containers.image",
                                          "json.obj", NULL };
        static const char *const js[] = { "json.value[/a]", NULL };

        fail_each(
                &rti_source_cloudtrail, "tolerant", ct,
                RTI_STR("{\"Records\":[{\"eventTime\":\"2024-05-01T10:00:00Z\",\"eventType\":\"\","
                        "\"requestParameters\":{\"a\\u0062\":\"\\u0063\"}},{]}"));
        fail_each(&rti_source_k8saudit, "reference", ka,
                  RTI_STR("[{\"kind\":\"Event\",\"auditID\":\"x\",\"user\":{\"groups\":[{}]},"
                          "\"stageTimestamp\":\"2024-05-01T10:00:00\\u005a\"}]\n{}\n"));
        fail_each(&rti_source_json, "tolerant", js, RTI_STR("{\"a\":{\"b\":1}}\nx\n[1]"));
}
