/* SPDX-License-Identifier: Apache-2.0 */
/*
 * bench_json.c - reading JSON records: our reader beside simdjson, jansson and json-c.
 *
 *      bench_json [MEGABYTES [ROUNDS]]
 *
 * Every contender reads the same six values of each record (bench.h says of which records).
 * simdjson on demand, the yardstick, checks of a record only what it walks over; all others check
 * all of it.
 */
#include "bench.h"
#include "json/doc.h"
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>

#define NAME(text) RTI_STR_INIT(text)
#define PATH1(a)                               \
        {                                      \
                (const rt_str[]){ NAME(a) }, 1 \
        }
#define PATH2(a, b)                                     \
        {                                               \
                (const rt_str[]){ NAME(a), NAME(b) }, 2 \
        }

/* The six paths of the yardstick come first; all of them are what stock rules ask for. */
static const rti_json_path cloudtrail_paths[] = {
        PATH2("userIdentity", "type"),
        PATH2("userIdentity", "userName"),
        PATH1("eventSource"),
        PATH1("eventName"),
        PATH1("awsRegion"),
        PATH1("sourceIPAddress"),
        PATH1("eventTime"),
        PATH1("eventID"),
        PATH1("errorCode"),
        PATH1("errorMessage"),
        PATH1("userAgent"),
        PATH1("eventType"),
        PATH1("readOnly"),
        PATH1("recipientAccountId"),
        PATH1("vpcEndpointId"),
        PATH1("resources"),
        PATH2("userIdentity", "arn"),
        PATH2("userIdentity", "accountId"),
        PATH2("userIdentity", "principalId"),
        PATH2("userIdentity", "invokedBy"),
        PATH2("userIdentity", "sessionContext"),
        PATH2("additionalEventData", "MFAUsed"),
        PATH2("additionalEventData", "bytesTransferredIn"),
        PATH2("additionalEventData", "bytesTransferredOut"),
        PATH2("responseElements", "ConsoleLogin"),
        PATH2("responseElements", "instancesSet"),
        PATH2("requestParameters", "bucketName"),
        PATH2("requestParameters", "key"),
        PATH2("requestParameters", "userName"),
        PATH2("requestParameters", "functionName"),
};
static const rti_json_path audit_paths[] = {
        PATH1("auditID"),
        PATH1("stage"),
        PATH1("verb"),
        PATH2("user", "username"),
        PATH2("objectRef", "resource"),
        PATH2("objectRef", "namespace"),
        PATH2("objectRef", "name"),
        PATH2("objectRef", "subresource"),
        PATH2("user", "groups"),
        PATH1("stageTimestamp"),
        PATH1("kind"),
        PATH1("requestURI"),
        PATH1("sourceIPs"),
        PATH1("userAgent"),
        PATH2("responseStatus", "code"),
        PATH2("responseStatus", "reason"),
        PATH2("annotations", "authorization.k8s.io/decision"),
        PATH2("annotations", "authorization.k8s.io/reason"),
        PATH2("requestObject", "spec"),
        PATH2("requestObject", "rules"),
        PATH2("requestObject", "subjects"),
        PATH2("requestObject", "roleRef"),
        PATH2("requestObject", "data"),
        PATH2("responseObject", "metadata"),
};
enum { SIX = BENCH_SIX, MOST = 32 };

/* ---- ours ---- */

typedef struct ours {
        rti_json *doc;
        rti_json_projection *projection;
        unsigned dialect;
} ours;

static void *
get_memory(void *user, size_t size_bytes)
{
        return size_bytes <= 1 << 20 ? user : NULL;
}

/* As the yardstick counts: for a string its length, unescaped, and 1. */
static uint64_t
length(const rti_json *doc, rti_json_node node)
{
        static char scratch[1 << 20];
        const rti_json_memory memory = { get_memory, scratch };
        rt_str s;

        return node != RTI_JSON_NONE && rti_json_string(doc, node, &memory, &s) == RT_OK ? s.len + 1
                                                                                         : 0;
}

static uint64_t
run_ours(const bench_records *records, void *user)
{
        const ours *o = user;
        const char *at = records->text, *const end = at + records->len;
        rti_json_node slots[MOST];
        rti_json_error error;
        uint64_t sum = 0;

        while (at < end) {
                const char *const line_end = memchr(at, '\n', (size_t) (end - at));

                if (rti_json_parse(o->doc, (rt_str){ at, (size_t) (line_end - at) }, o->dialect,
                                   o->projection, slots, &error)
                    == RT_OK)
                        for (unsigned i = 0; i < SIX; i++)
                                sum += length(o->doc, slots[i]);
                at = line_end + 1;
        }
        return sum;
}

static ours
new_ours(const rti_json_path *paths, size_t n, unsigned dialect, enum rti_json_kernel_id kernel)
{
        ours o = { .dialect = dialect };

        if (rti_json_new(&rti_alloc_default, &o.doc) < 0
            || rti_json_projection_new(&rti_alloc_default, paths, n, &o.projection) < 0)
                abort();
        if (kernel != RTI_JSON_N_KERNELS && rti_json_kernel_get(kernel))
                rti_json_use_kernel(o.doc, rti_json_kernel_get(kernel));
        return o;
}

static void
free_ours(ours *o)
{
        rti_json_projection_free(o->projection);
        rti_json_free(o->doc);
}

/* ---- others ---- */

static const bench_path six_cloudtrail[SIX] = {
        { "userIdentity", "type" }, { "userIdentity", "userName" }, { "eventSource", NULL },
        { "eventName", NULL },      { "awsRegion", NULL },          { "sourceIPAddress", NULL },
};
static const bench_path six_audit[SIX] = {
        { "auditID", NULL },    { "stage", NULL },           { "verb", NULL },
        { "user", "username" }, { "objectRef", "resource" }, { "objectRef", "namespace" },
};

static uint64_t
run_jansson(const bench_records *records, void *user)
{
        const bench_path *paths = user;
        uint64_t sum = 0;

        for (size_t i = 0; i < records->n; i++) {
                json_t *root = json_loadb(records->text + records->starts[i],
                                          records->starts[i + 1] - records->starts[i], 0, NULL);

                for (unsigned p = 0; p < SIX && root; p++) {
                        const json_t *v = json_object_get(root, paths[p][0]);

                        if (paths[p][1])
                                v = json_object_get(v, paths[p][1]);
                        sum += json_is_string(v) ? json_string_length(v) + 1 : 0;
                }
                json_decref(root);
        }
        return sum;
}

/* ---- the table ---- */

static int
compare(const char *title, const bench_records *records, const rti_json_path *paths, size_t n_paths,
        unsigned rounds)
{
        const int audit = paths == audit_paths;
        bench_simdjson haswell = { "haswell", audit }, icelake = { "icelake", audit };
        ours six = new_ours(paths, SIX, RTI_JSON_LENIENT, RTI_JSON_N_KERNELS);
        ours all = new_ours(paths, n_paths, RTI_JSON_LENIENT, RTI_JSON_N_KERNELS);
        ours strict = new_ours(paths, SIX, RTI_JSON_STRICT, RTI_JSON_N_KERNELS);
        ours sse2 = new_ours(paths, SIX, RTI_JSON_LENIENT, RTI_JSON_SSE2);
        ours portable = new_ours(paths, SIX, RTI_JSON_LENIENT, RTI_JSON_PORTABLE);
        const bench_path *const names = audit ? six_audit : six_cloudtrail;
        bench_contender list[12];
        size_t n = 0;
        int wrong;

        list[n++] = (bench_contender){ "simdjson on demand, haswell (yardstick)",
                                       bench_simdjson_on_demand, &haswell, 1 };
        list[n++] = (bench_contender){ "simdjson on demand, haswell, -march=haswell",
                                       bench_simdjson_tuned, &haswell, 1 };
        if (bench_simdjson_has("icelake"))
                list[n++] = (bench_contender){ "simdjson on demand, icelake (AVX-512)",
                                               bench_simdjson_on_demand, &icelake, 1 };
        list[n++] = (bench_contender){ "simdjson DOM, haswell", bench_simdjson_dom, &haswell, 1 };
        list[n++] = (bench_contender){ "libruntime, 6 paths", run_ours, &six, 1 };
        list[n++] = (bench_contender){ "libruntime, all paths of stock rules", run_ours, &all, 1 };
        list[n++] = (bench_contender){ "libruntime, 6 paths, strict", run_ours, &strict, 1 };
        list[n++] = (bench_contender){ "libruntime, 6 paths, SSE2", run_ours, &sse2, 1 };
        list[n++] = (bench_contender){ "libruntime, 6 paths, portable C", run_ours, &portable, 1 };
        list[n++] = (bench_contender){ "jansson", run_jansson, (void *) (uintptr_t) names, 1 };
        list[n++] = (bench_contender){ "json-c", bench_json_c, (void *) (uintptr_t) names, 1 };
        wrong = bench_table(title, records, list, n, rounds);
        free_ours(&six);
        free_ours(&all);
        free_ours(&strict);
        free_ours(&sse2);
        free_ours(&portable);
        return wrong;
}

int
main(int argc, char **argv)
{
        const size_t bytes = (size_t) bench_number(argv[1], 100) * 1000 * 1000;
        const unsigned rounds = bench_number(argc > 1 ? argv[2] : NULL, 5);
        bench_records records;
        int wrong = 0;

        if (rounds == 0 || bytes == 0) {
                fprintf(stderr, "usage: bench_json [MEGABYTES [ROUNDS]]\n");
                return 2;
        }
        bench_pin();
        printf("simdjson %s, jansson %s, json-c %s\n", bench_simdjson_version(), JANSSON_VERSION,
               bench_json_c_version());
        if (bench_load(bench_cloudtrail, bytes, &records) < 0) {
                printf("skipped: no corpus in %s\n", bench_corpus());
                return 0;
        }
        wrong |= compare("CloudTrail", &records, cloudtrail_paths, RTI_COUNT(cloudtrail_paths),
                         rounds);
        bench_unload(&records);
        if (bench_load(bench_audit, bytes, &records) < 0) {
                printf("skipped: no audit logs in %s\n", bench_corpus());
                return wrong;
        }
        wrong |= compare("Kubernetes audit", &records, audit_paths, RTI_COUNT(audit_paths), rounds);
        bench_unload(&records);
        return wrong;
}
