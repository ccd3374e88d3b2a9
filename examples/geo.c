/* SPDX-License-Identifier: Apache-2.0 */
/*
 * geo.c - an agent with fields of its own, that say which country an address is in.
 *
 *   usage   geo RULES INPUT: judge INPUT (a file or a folder of CloudTrail records) and print the
 *           alerts
 *   fields  geo.country is the country of ct.srcip, "ZZ" if no network of the table has it, and
 *           missing if it is no address; geo.country_of[FIELD] is that of the address in FIELD
 *
 * docs/embedding.md says what a provider of fields is.
 */
#include <arpa/inet.h>
#include <libruntime/runtime.h>
#include <stdio.h>
#include <string.h>

/* Networks of the examples in RFC 5737, and who has them here. */
static const struct {
        const char *network;
        const char *country;
} table[] = { { "192.0.2.0", "CH" }, { "198.51.100.0", "SE" }, { "203.0.113.0", "JP" } };

enum { COUNTRY, COUNTRY_OF, N_FIELDS };

/* Both depend on nothing but the address: while that stays the same, nobody is asked again. */
static const rt_field_desc fields[N_FIELDS] = {
        [COUNTRY] = { "geo.country", "geo", RT_KIND_STRING, RT_FIELD_PURE, RT_FORMAT_NONE, 0,
                      "country of ct.srcip" },
        [COUNTRY_OF] = { "geo.country_of", "geo", RT_KIND_STRING,
                         RT_FIELD_PURE | RT_FIELD_ARG_REQUIRED | RT_FIELD_ARG_KEY
                                 | RT_FIELD_ARG_FIELDS,
                         RT_FORMAT_NONE, 0, "country of the address in the field named" },
};
static const char *const reads[N_FIELDS] = { [COUNTRY] = "ct.srcip" };
static const char *const sources[] = { "aws_cloudtrail", NULL };

/* All slots are read alike, so there is nothing to prepare. */
static int
geo_demand(void *state, const rt_fields_demand *demand)
{
        (void) state;
        (void) demand;
        return RT_OK;
}

static int
geo_extract(void *state, const rt_event *event, uint32_t slot, const rt_value *const *values,
            size_t n_values, rt_value *ret_value)
{
        char text[INET_ADDRSTRLEN] = "";
        struct in_addr address, network;
        const char *country = "ZZ";

        (void) state;
        (void) event;
        (void) slot;
        if (n_values != 1 || !values[0])
                return 0;
        if (values[0]->kind != RT_KIND_STRING || values[0]->as.s.len >= sizeof text)
                return 0;
        memcpy(text, values[0]->as.s.ptr, values[0]->as.s.len);
        if (inet_pton(AF_INET, text, &address) != 1)
                return 0;
        for (size_t i = 0; i < sizeof table / sizeof *table; i++)
                if (inet_pton(AF_INET, table[i].network, &network) == 1
                    && (address.s_addr & htonl(0xffffff00)) == network.s_addr)
                        country = table[i].country;
        ret_value->kind = RT_KIND_STRING;
        ret_value->as.s = (rt_str){ country, strlen(country) };
        return 1;
}

static const rt_fields_ops geo = {
        .size = sizeof(rt_fields_ops),
        .abi = RT_FIELDS_ABI,
        .name = "geo",
        .version = "0.1.0",
        .sources = sources,
        .fields = fields,
        .n_fields = N_FIELDS,
        .field_stride = sizeof *fields,
        .reads = reads,
        .demand = geo_demand,
        .extract = geo_extract,
};

static int
print(const rt_alert *alert, void *user)
{
        rt_str text;
        int r = rt_alert_text(alert, &text);

        (void) user;
        if (r < 0)
                return r;
        printf("%.*s\n", (int) text.len, text.ptr);
        return RT_OK;
}

static int
load(rt_engine *engine, const char *path)
{
        rt_diags *diags = NULL;
        rt_loader *loader = NULL;
        rt_ruleset *rules = NULL;
        rt_str text;
        int r = rt_diags_new(&diags);

        r = r < 0 ? r : rt_loader_new(engine, NULL, &loader);
        r = r < 0 ? r : rt_loader_add_path(loader, path, diags);
        r = r < 0 ? r : rt_loader_compile(loader, diags, &rules);
        if (diags && rt_diags_print(diags, RT_DIAGS_TEXT, 0, &text) == RT_OK)
                fprintf(stderr, "%.*s", (int) text.len, text.ptr);
        r = r < 0 ? r : rt_engine_use(engine, rules);
        rt_ruleset_unref(rules);
        rt_loader_unref(loader);
        rt_diags_unref(diags);
        return r;
}

int
main(int argc, char **argv)
{
        rt_engine *engine = NULL;
        rt_worker *worker = NULL;
        int r;

        if (argc != 3) {
                fprintf(stderr, "usage: geo RULES INPUT\n");
                return 2;
        }
        r = rt_engine_new(NULL, &engine);
        r = r < 0 ? r : rt_engine_add_fields(engine, &geo);
        r = r < 0 ? r : load(engine, argv[1]);
        r = r < 0 ? r : rt_worker_new(engine, NULL, &worker);
        r = r < 0 ? r : rt_worker_open(worker, "aws_cloudtrail", argv[2]);
        while (r >= 0)
                r = rt_worker_step(worker, print, NULL);
        rt_worker_unref(worker);
        rt_engine_unref(engine);
        if (r == RT_EOF)
                return 0;
        fprintf(stderr, "geo: %s\n", rt_status_name(r));
        return 1;
}
