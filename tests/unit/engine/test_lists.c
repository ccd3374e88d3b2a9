/* SPDX-License-Identifier: Apache-2.0 */
/* Lists that change at run time: built, exchanged between events, asked by rules; against a naive
 * model and against the same rules with the list in their text. */
#include "engine/worker.h"
#include "support/toy.h"
#include <arpa/inet.h>
#include <criterion/criterion.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <unistd.h>

/* ---- fields that the toy does not have ---- */

enum { IP, NET, SIGNED, BYTES, N_FIELDS };

static const rt_field_desc fields[N_FIELDS] = {
        [IP] = { "h.ip", NULL, RT_KIND_IPADDR, RT_FIELD_PURE, 0, 0, "an address" },
        [NET] = { "h.net", NULL, RT_KIND_IPNET, RT_FIELD_PURE, 0, 0, "its network" },
        [SIGNED] = { "h.signed", NULL, RT_KIND_INT32, RT_FIELD_PURE, RT_FORMAT_DEC, 0, "" },
        [BYTES] = { "h.bytes", NULL, RT_KIND_BYTES, RT_FIELD_PURE, 0, 0, "" },
};
static const char *const reads[N_FIELDS] = { "toy.text[ip]", "toy.text[ip]", "toy.text[n]",
                                             "toy.name" };
static unsigned slot_field[16];

static int
h_demand(void *state, const rt_fields_demand *demand)
{
        (void) state;
        for (size_t i = 0; i < demand->n_slots && i < RTI_COUNT(slot_field); i++)
                for (unsigned f = 0; f < N_FIELDS; f++)
                        if (rti_str_is(demand->slots[i].field, fields[f].name))
                                slot_field[i] = f;
        return RT_OK;
}

static int
h_extract(void *state, const rt_event *event, uint32_t slot, const rt_value *const *args, size_t n,
          rt_value *ret_value)
{
        char text[64];
        bool six;

        (void) state;
        (void) event;
        if (n != 1 || !args[0] || args[0]->as.s.len >= sizeof text)
                return 0;
        memcpy(text, args[0]->as.s.ptr, args[0]->as.s.len);
        text[args[0]->as.s.len] = '\0';
        *ret_value = (rt_value){ .kind = fields[slot_field[slot]].kind };
        switch (slot_field[slot]) {
        case SIGNED:
                return sscanf(text, "%" SCNd64, &ret_value->as.i);
        case BYTES:
                ret_value->as.s = args[0]->as.s;
                return 1;
        default:
                six = strchr(text, ':') != NULL;
                ret_value->count = six ? 16 : 4;
                return inet_pton(six ? AF_INET6 : AF_INET, text, ret_value->as.ip);
        }
}

static const rt_fields_ops host_ops = { .size = sizeof host_ops,
                                        .abi = RT_FIELDS_ABI,
                                        .name = "h",
                                        .fields = fields,
                                        .n_fields = N_FIELDS,
                                        .field_stride = sizeof *fields,
                                        .reads = reads,
                                        .demand = h_demand,
                                        .extract = h_extract };

/* ---- a small world ---- */

typedef struct world {
        rt_engine *engine;
        rt_worker *worker;
        rt_ruleset *rules;
        rt_diags *diags;
} world;

static void
open_world(world *w)
{
        static const char *const none[] = { NULL };
        rt_engine_opts opts = RT_INIT(rt_engine_opts);

        *w = (world){ 0 };
        opts.sources = none;
        cr_assert(rt_engine_new(&opts, &w->engine) == RT_OK);
        cr_assert(rt_engine_add_source(w->engine, &toy_ops) == RT_OK);
        cr_assert(rt_engine_add_fields(w->engine, &host_ops) == RT_OK);
        cr_assert(rt_worker_new(w->engine, NULL, &w->worker) == RT_OK);
        cr_assert(rt_diags_new(&w->diags) == RT_OK);
}

static void
close_world(world *w)
{
        rt_worker_unref(w->worker);
        rt_ruleset_unref(w->rules);
        rt_engine_unref(w->engine);
        rt_diags_unref(w->diags);
}

/* The rule's condition, behind @a lists: the text of items. */
static int
compile(world *w, const char *lists, const char *condition)
{
        char text[4096];

        snprintf(text, sizeof text,
                 "%s- rule: r\n  desc: d\n  source: toy\n  priority: NOTICE\n  output: o\n"
                 "  condition: %s\n",
                 lists, condition);
        w->rules = rt_ruleset_unref(w->rules);
        rt_diags_unref(w->diags);
        cr_assert(rt_diags_new(&w->diags) == RT_OK);
        return rt_compile(w->engine, "rules.yaml", rti_str_of(text), w->diags, &w->rules);
}

static void
use_rules(world *w, const char *lists, const char *condition)
{
        rt_str why;

        if (compile(w, lists, condition) != RT_OK) {
                cr_assert(rt_diags_print(w->diags, RT_DIAGS_TEXT, 0, &why) == RT_OK);
                cr_assert_fail("%.*s", RTI_FMT(why));
        }
        cr_assert(rt_engine_use(w->engine, w->rules) == RT_OK);
}

/* Elements with commas between them. */
static rt_list *
list_of(world *w, uint32_t kind, const char *elements)
{
        rt_list *list;

        cr_assert(rt_list_new(w->engine, kind, &list) == RT_OK);
        for (const char *at = elements; *at;) {
                const size_t n = strcspn(at, ",");

                cr_assert(rt_list_add(list, (rt_str){ at, n }) == 1, "%s", at);
                at += n + (at[n] == ',');
        }
        return list;
}

static int
use_list(world *w, const char *name, uint32_t kind, const char *elements)
{
        rt_list *list = list_of(w, kind, elements);
        const int r = rt_engine_use_list(w->engine, name, list);

        rt_list_unref(list);
        return r;
}

static int
feed(world *w, const char *line)
{
        char text[512];

        snprintf(text, sizeof text, "%s\n", line);
        return rt_worker_feed(w->worker, "toy", rti_str_of(text), NULL, NULL);
}

static const char string_list[] = "- list: l\n  items: []\n  items_at: runtime\n";
static const char ip_list[] = "- list: l\n  items: []\n  items_at: runtime\n  items_type: ip\n";
static const char number_list[] =
        "- list: l\n  items: []\n  items_at: runtime\n  items_type: number\n";

/* ---- what rules say ---- */

typedef struct condition_row {
        uint32_t kind;
        char lists[160], condition[120], elements[80], line[80];
        int alerts;
} condition_row;

#define STRINGS RT_KIND_STRING, "- list: l\n  items: []\n  items_at: runtime\n"
#define IPS     RT_KIND_IPNET, "- list: l\n  items: []\n  items_at: runtime\n  items_type: ip\n"
#define NUMBERS RT_KIND_INT64, "- list: l\n  items: []\n  items_at: runtime\n  items_type: number\n"
#define MORE    "- list: m\n  items: [eve, l]\n"

static condition_row rows[] = {
        { STRINGS, "toy.name in (l)", "bob,amy", "name=bob", 1 },
        { STRINGS, "toy.name in (l)", "bob,amy", "name=bo", 0 },
        { STRINGS, "toy.name in (l)", "bob,amy", "x=bob", 0 },
        { STRINGS, "not toy.name in (l)", "bob,amy", "x=bob", 1 },
        { STRINGS, "not toy.name in (l)", "bob,amy", "name=bob", 0 },
        { STRINGS, "toy.name in (l)", "", "name=bob", 0 },
        { STRINGS, "tolower(toy.name) in (l)", "bob", "name=BOB", 1 },
        { STRINGS, "toy.text[a] in (l) and toy.text[b] in (l)", "bob,amy", "a=bob b=amy", 1 },
        { STRINGS, "toy.text[a] in (l) and toy.text[b] in (l)", "bob,amy", "a=bob b=eve", 0 },
        { STRINGS, "toy.name in (eve, l)", "bob", "name=eve", 1 },
        { STRINGS, "toy.name in (eve, l)", "bob", "name=bob", 1 },
        { STRINGS, "toy.name in (eve, l)", "bob", "name=amy", 0 },
        { STRINGS MORE, "toy.name in (m)", "bob", "name=bob", 1 },
        { STRINGS MORE, "toy.name in (m)", "bob", "name=eve", 1 },
        { STRINGS MORE, "toy.name in (m)", "bob", "name=l", 0 },
        { STRINGS, "toy.words in (l)", "a=1,b=2", "a=1 b=2", 1 },
        { STRINGS, "toy.words in (l)", "a=1,b=2", "a=1 c=3", 0 },
        { STRINGS, "toy.words intersects (l)", "a=1,b=2", "c=3 a=1", 1 },
        { STRINGS, "toy.words intersects (l)", "a=1,b=2", "c=3 a=2", 0 },
        { STRINGS, "toy.words intersects (\"z=1\", l)", "a=1", "z=1", 1 },
        { STRINGS, "toy.any in (l)", "a=1,b=2", "c=3 a=1", 1 },
        { STRINGS, "toy.ends in (l)", "a=1,b=2", "c=3 a=1", 1 },
        { STRINGS, "toy.ends in (l)", "a=1,b=2", "c=3", 0 },
        { STRINGS, "h.bytes in (l)", "bob", "name=bob", 1 },
        { STRINGS, "toy.name pmatch (l)", "/usr/bin", "name=/usr/bin/sh", 1 },
        { STRINGS, "toy.name pmatch (l)", "/usr/bin", "name=/usr/bin", 1 },
        { STRINGS, "toy.name pmatch (l)", "/usr/bin", "name=/usr/bin/", 1 },
        { STRINGS, "toy.name pmatch (l)", "/usr/bin/", "name=/usr/bin/sh", 1 },
        { STRINGS, "toy.name pmatch (l)", "/usr/bin", "name=//usr///bin//sh", 1 },
        { STRINGS, "toy.name pmatch (l)", "/usr/bin", "name=/usr/binary", 0 },
        { STRINGS, "toy.name pmatch (l)", "/usr/bin", "name=/usr", 0 },
        { STRINGS, "toy.name pmatch (l)", "/", "name=/etc", 1 },
        { STRINGS, "toy.name pmatch (l)", "/", "name=", 1 },
        { STRINGS, "toy.name pmatch (l)", "/usr/bin/", "name=/usr/bin", 1 },
        { STRINGS, "toy.name pmatch (l)", "usr/bin", "name=/usr/bin/sh", 1 },
        { STRINGS, "toy.name pmatch (l)", "/usr/bin", "name=usr/bin/sh", 1 },
        { STRINGS, "toy.name pmatch (l)", "//usr//bin", "name=/usr/bin/sh", 1 },
        { STRINGS, "toy.name pmatch (l)", "//usr//bin", "name=/usr/binary", 0 },
        { STRINGS, "toy.name in (l)", "//usr//bin", "name=/usr/bin", 0 },
        { STRINGS, "toy.name in (l)", "//usr//bin", "name=//usr//bin", 1 },
        { STRINGS, "toy.name pmatch (/tmp, l)", "/etc", "name=/tmp/x", 1 },
        { NUMBERS, "toy.size in (l)", "1,70000", "size=70000", 1 },
        { NUMBERS, "toy.size in (l)", "1,70000", "size=2", 0 },
        { NUMBERS, "toy.size in (5, l)", "1", "size=5", 1 },
        { NUMBERS, "h.signed in (l)", "-1,7", "n=-1", 1 },
        { NUMBERS, "h.signed in (l)", "-1,7", "n=1", 0 },
        { NUMBERS, "h.signed in (l)", "18446744073709551615", "n=-1", 0 },
        { NUMBERS, "h.signed in (l)", "18446744073709551615,-1", "n=-1", 1 },
        { NUMBERS, "toy.size in (l)", "-1", "size=18446744073709551615", 0 },
        { NUMBERS, "toy.size in (l)", "18446744073709551615", "size=18446744073709551615", 1 },
        { IPS, "h.ip in (l)", "10.0.0.1,::1", "ip=10.0.0.1", 1 },
        { IPS, "h.ip in (l)", "10.0.0.1,::1", "ip=::1", 1 },
        { IPS, "h.ip in (l)", "10.0.0.1,::1", "ip=10.0.0.2", 0 },
        { IPS, "h.ip in (l)", "10.0.0.0/8,192.0.2.128/25", "ip=10.200.3.4", 1 },
        { IPS, "h.ip in (l)", "10.0.0.0/8,192.0.2.128/25", "ip=192.0.2.129", 1 },
        { IPS, "h.ip in (l)", "10.0.0.0/8,192.0.2.128/25", "ip=192.0.2.1", 0 },
        { IPS, "h.ip in (l)", "0.0.0.0/0", "ip=192.0.2.1", 1 },
        { IPS, "h.ip in (l)", "0.0.0.0/0", "ip=::1", 0 },
        { IPS, "h.ip in (l)", "2001:db8::/33", "ip=2001:db8:7fff::1", 1 },
        { IPS, "h.ip in (l)", "2001:db8::/33", "ip=2001:db8:8000::1", 0 },
        { IPS, "h.net in (l)", "10.0.0.0/8", "ip=10.0.0.9", 1 },
        { IPS, "not h.net in (l)", "10.0.0.0/8", "ip=11.0.0.9", 1 },
};

/* Rows are too many, and too small, for a process each. */
Test(engine_lists, conditions_mean_what_they_mean_of_lists_in_rules)
{
        for (size_t i = 0; i < RTI_COUNT(rows); i++) {
                world w;

                open_world(&w);
                use_rules(&w, rows[i].lists, rows[i].condition);
                cr_expect(feed(&w, rows[i].line) == (rows[i].condition[0] == 'n')
                                  || !strstr(rows[i].condition, "(l)"),
                          "row %zu before it is filled", i);
                cr_assert(use_list(&w, "l", rows[i].kind, rows[i].elements) == RT_OK);
                cr_expect(feed(&w, rows[i].line) == rows[i].alerts, "row %zu: %s", i,
                          rows[i].condition);
                cr_expect(feed(&w, rows[i].line) == rows[i].alerts, "row %zu, kept", i);
                close_world(&w);
        }
}

Test(engine_lists, compiled_rules_ask_the_list_of_the_engine_they_are_loaded_into)
{
        rt_ruleset *loaded = NULL;
        world a, b;
        rt_str bytes;
        char *text;

        open_world(&a);
        open_world(&b);
        use_rules(&a, string_list, "toy.name in (eve, l)");
        cr_assert(rt_ruleset_bytes(a.rules, &bytes) == RT_OK);
        cr_assert(rt_ruleset_load(b.engine, "r", bytes, 0, b.diags, &loaded) == RT_OK);
        cr_assert(rt_engine_use(b.engine, loaded) == RT_OK);
        cr_assert(use_list(&b, "l", RT_KIND_STRING, "bob") == RT_OK);
        cr_expect(feed(&b, "name=bob") == 1);
        cr_expect(feed(&b, "name=amy") == 0);
        cr_expect(feed(&a, "name=bob") == 0);
        cr_assert(rt_ruleset_disasm(loaded, &text) == RT_OK);
        cr_expect(strstr(text, "(toy.name in l)") != NULL, "%s", text);
        rt_text_free(text);
        rt_ruleset_unref(loaded);
        close_world(&b);
        close_world(&a);
}

/* ---- exchanges ---- */

Test(engine_lists, an_exchange_is_seen_by_the_next_event)
{
        world w;

        open_world(&w);
        use_rules(&w, string_list, "toy.name in (l)");
        for (int i = 0; i < 5; i++) {
                cr_assert(use_list(&w, "l", RT_KIND_STRING, i % 2 ? "bob" : "amy,eve") == RT_OK);
                cr_expect(feed(&w, "name=bob") == i % 2);
                cr_expect(feed(&w, "name=amy") == !(i % 2));
        }
        cr_assert(rt_engine_use_list(w.engine, "l", NULL) == RT_OK);
        cr_expect(feed(&w, "name=amy") == 0);
        close_world(&w);
}

/* Exchanges inside of a delivery, from the alert of the event before. */
static int
exchange(const rt_alert *alert, void *user)
{
        world *w = user;

        (void) alert;
        cr_assert(use_list(w, "l", RT_KIND_STRING, "eve") == RT_OK);
        return 0;
}

Test(engine_lists, an_event_keeps_the_lists_that_it_began_with)
{
        const rt_str lines = RTI_STR("name=bob other=bob\nname=bob other=bob\nname=eve\n");
        world w;

        open_world(&w);
        use_rules(&w,
                  "- list: l\n  items: []\n  items_at: runtime\n"
                  "- rule: first\n  desc: d\n  source: toy\n  priority: NOTICE\n  output: o\n"
                  "  condition: toy.name in (l)\n",
                  "toy.text[other] in (l)");
        rt_worker_unref(w.worker);
        cr_assert(rt_worker_new(w.engine,
                                &(rt_worker_opts){ .size = sizeof(rt_worker_opts),
                                                   .rule_matching = RT_MATCH_ALL },
                                &w.worker)
                  == RT_OK);
        cr_assert(use_list(&w, "l", RT_KIND_STRING, "bob") == RT_OK);
        /* Both rules match the first line, whatever the first alert does; then only "eve". */
        cr_expect(rt_worker_feed(w.worker, "toy", lines, exchange, &w) == 3);
        close_world(&w);
}

Test(engine_lists, what_rules_expect_and_the_list_must_agree)
{
        rt_list_info info = RT_INIT(rt_list_info);
        world w;

        open_world(&w);
        use_rules(&w, ip_list, "h.ip in (l)");
        cr_expect(use_list(&w, "l", RT_KIND_STRING, "bob") == RT_EINVAL);
        cr_expect(use_list(&w, "other", RT_KIND_STRING, "bob") == RT_OK);
        cr_assert(use_list(&w, "l", RT_KIND_IPNET, "10.0.0.1") == RT_OK);
        cr_expect(feed(&w, "ip=10.0.0.1") == 1);
        cr_assert(compile(&w, number_list, "toy.size in (l)") == RT_OK);
        cr_expect(rt_engine_use(w.engine, w.rules) == RT_EINVAL);
        cr_expect(feed(&w, "ip=10.0.0.1") == 1, "the rules before stay in force");
        cr_assert(rt_ruleset_list(w.rules, 0, &info) == RT_OK);
        cr_expect(strcmp(info.name, "l") == 0 && info.kind == RT_KIND_INT64);
        cr_expect(rt_ruleset_list(w.rules, 1, &info) == RT_ENOENT);
        cr_assert(rt_engine_list(w.engine, 1, &info) == RT_OK);
        cr_expect(strcmp(info.name, "l") == 0 && info.kind == RT_KIND_IPNET && info.count == 1);
        cr_assert(rt_engine_use_list(w.engine, "l", NULL) == RT_OK);
        cr_expect(rt_engine_use(w.engine, w.rules) == RT_OK);
        cr_expect(rt_engine_list(w.engine, 2, &info) == RT_ENOENT);
        close_world(&w);
}

Test(engine_lists, a_list_in_force_does_not_change)
{
        world w;
        rt_list *list;

        open_world(&w);
        list = list_of(&w, RT_KIND_STRING, "bob");
        cr_expect(rt_list_add(list, RTI_STR("bob")) == 0);
        cr_expect(rt_list_add(list, RTI_STR("")) == 1);
        cr_expect(rt_list_count(list) == 2);
        cr_assert(rt_engine_use_list(w.engine, "l", list) == RT_OK);
        cr_expect(rt_list_add(list, RTI_STR("amy")) == RT_EINVAL);
        cr_expect(rt_list_add_text(list, "t", RTI_STR("amy\n"), NULL) == RT_EINVAL);
        cr_expect(rt_list_has(list, RTI_STR("bob")) == 1);
        cr_expect(rt_list_has(list, RTI_STR("")) == 1);
        cr_expect(rt_list_has(list, RTI_STR("amy")) == 0);
        cr_assert(rt_engine_use_list(w.engine, "same", list) == RT_OK);
        rt_list_unref(list);
        close_world(&w);
}

Test(engine_lists, the_wrong_call_is_refused)
{
        world w;
        rt_list *list;

        open_world(&w);
        list = list_of(&w, RT_KIND_IPNET, "10.0.0.0/8,10.1.0.0/16");
        cr_expect(rt_list_new(NULL, RT_KIND_STRING, &list) == RT_EINVAL);
        cr_expect(rt_list_new(w.engine, RT_KIND_BOOL, &list) == RT_EINVAL);
        cr_expect(rt_list_new(w.engine, RT_KIND_STRING, NULL) == RT_EINVAL);
        cr_expect(rt_list_add(NULL, RTI_STR("x")) == RT_EINVAL);
        cr_expect(rt_list_add(list, (rt_str){ NULL, 1 }) == RT_EINVAL);
        cr_expect(rt_list_add(list, RTI_STR("bob")) == RT_EFORMAT);
        cr_expect(rt_list_add(list, RTI_STR("")) == RT_EFORMAT);
        cr_expect(rt_list_add(list, RTI_STR("10.0.0.0/33")) == RT_EFORMAT);
        cr_expect(rt_list_add(list, RTI_STR("10.9.9.9/8")) == 0, "the same network");
        cr_expect(rt_list_has(list, RTI_STR("10.2.3.4")) == 1);
        cr_expect(rt_list_has(list, RTI_STR("10.0.0.0/8")) == 1);
        cr_expect(rt_list_has(list, RTI_STR("10.0.0.0/9")) == 0);
        cr_expect(rt_list_has(list, RTI_STR("x")) == RT_EFORMAT);
        cr_expect(rt_list_add_text(list, NULL, RTI_STR(""), NULL) == RT_EINVAL);
        cr_expect(rt_list_add_path(list, NULL, NULL) == RT_EINVAL);
        cr_expect(rt_engine_use_list(w.engine, "", list) == RT_EINVAL);
        cr_expect(rt_engine_use_list(w.engine, NULL, list) == RT_EINVAL);
        cr_expect(rt_engine_list(w.engine, 0, NULL) == RT_EINVAL);
        cr_expect(rt_ruleset_list(NULL, 0, NULL) == RT_EINVAL);
        cr_expect(rt_list_unref(NULL) == NULL && rt_list_count(NULL) == 0);
        rt_list_unref(list);
        close_world(&w);
}

Test(engine_lists, an_engine_has_so_many)
{
        char name[16];
        world w;

        open_world(&w);
        for (int i = 0; i < RTI_MAX_LISTS; i++) {
                snprintf(name, sizeof name, "n%d", i);
                cr_assert(rt_engine_use_list(w.engine, name, NULL) == RT_OK);
        }
        cr_expect(rt_engine_use_list(w.engine, "more", NULL) == RT_ELIMIT);
        cr_expect(rt_engine_use_list(w.engine, "n7", NULL) == RT_OK);
        close_world(&w);
}

/* ---- what is wrong in rules ---- */

typedef struct wrong {
        char lists[160], condition[80], message[100];
} wrong;

static wrong wrongs[] = {
        { "- list: l\n  items_at: runtime\n", "toy.name = l", "only where a list may stand" },
        { "- list: l\n  items_at: runtime\n", "toy.name startswith anyof (l)",
          "goes with in, intersects and pmatch alone" },
        { "- list: l\n  items_at: runtime\n", "toy.size in (l)", "items_type 'string'" },
        { "- list: l\n  items_at: runtime\n  items_type: ip\n", "toy.name in (l)",
          "items_type 'ip'" },
        { "- list: l\n  items_at: runtime\n", "toy.words in (a, l)", "stands alone" },
        { "- list: l\n  items_at: runtime\n", "toy.any in (a, l)", "stands alone" },
        { "- list: l\n  items_at: now\n", "toy.name in (l)", "'runtime' alone" },
        { "- list: l\n  items_at: runtime\n  items_type: bool\n", "toy.name in (l)",
          "items_type is none" },
        { "- list: l\n  items_at: runtime\n  items_from: x\n", "toy.name in (l)", "not both" },
};

Test(engine_lists, mistakes_in_rules_are_told)
{
        for (size_t i = 0; i < RTI_COUNT(wrongs); i++) {
                world w;
                rt_str all;

                open_world(&w);
                cr_expect(compile(&w, wrongs[i].lists, wrongs[i].condition) == RT_ERULES, "row %zu",
                          i);
                cr_assert(rt_diags_print(w.diags, RT_DIAGS_TEXT, 0, &all) == RT_OK);
                cr_expect(rti_str_find(all, rti_str_of(wrongs[i].message)) != SIZE_MAX,
                          "row %zu: %.*s", i, RTI_FMT(all));
                close_world(&w);
        }
}

static bool
has_diag(const world *w, const char *id)
{
        for (size_t i = 0; i < rt_diags_count(w->diags, 0); i++) {
                rt_diag diag = RT_INIT(rt_diag);

                cr_assert(rt_diags_get(w->diags, i, &diag) == RT_OK);
                if (strcmp(diag.id, id) == 0)
                        return true;
        }
        return false;
}

Test(engine_lists, a_list_that_nobody_filled_is_warned_of)
{
        world w;

        open_world(&w);
        cr_assert(compile(&w, string_list, "toy.name in (l)") == RT_OK);
        cr_expect(has_diag(&w, "RT1208"));
        cr_expect(!has_diag(&w, "RT1201"), "with items, it loads in Falco");
        cr_assert(use_list(&w, "l", RT_KIND_STRING, "bob") == RT_OK);
        cr_assert(compile(&w, "- list: l\n  items_at: runtime\n", "toy.name in (l)") == RT_OK);
        cr_expect(!has_diag(&w, "RT1208"));
        cr_expect(has_diag(&w, "RT1201"));
        close_world(&w);
}

/* ---- texts and files ---- */

typedef struct text_row {
        char text[64];
        uint32_t kind;
        int result, count, line;
} text_row;

static text_row texts[] = {
        { "", RT_KIND_STRING, RT_OK, 0, 0 },
        { "a\nb\r\n\n  # c\n b \n", RT_KIND_STRING, RT_OK, 2, 0 },
        { "a\nlast", RT_KIND_STRING, RT_OK, 2, 0 },
        { "\xef\xbb\xbf# first\na", RT_KIND_STRING, RT_OK, 1, 0 },
        { "1\n-2\n18446744073709551615\n", RT_KIND_INT64, RT_OK, 3, 0 },
        { "1\n\nx\n2", RT_KIND_INT64, RT_ERULES, 1, 3 },
        { "10.0.0.1\n10.0.0.0/8\n1.2.3", RT_KIND_IPNET, RT_ERULES, 2, 3 },
};

static void
expect_text(const world *w, const text_row *row, int result, rt_list *list)
{
        rt_diag diag = RT_INIT(rt_diag);

        cr_expect(result == row->result, "%s", row->text);
        cr_expect(rt_list_count(list) == (uint64_t) row->count, "%s", row->text);
        cr_expect(rt_diags_count(w->diags, 0) == (row->result < 0));
        if (row->result < 0 && rt_diags_get(w->diags, 0, &diag) == RT_OK)
                cr_expect(diag.line == (uint32_t) row->line && strcmp(diag.file, "f") == 0);
        rt_list_unref(list);
}

Test(engine_lists, lines_of_texts_and_files_are_elements)
{
        for (size_t i = 0; i < RTI_COUNT(texts); i++) {
                const text_row *row = &texts[i];
                char folder[] = "/tmp/lists-XXXXXX";
                rt_list *list;
                world w;
                FILE *file;

                open_world(&w);
                cr_assert(rt_list_new(w.engine, row->kind, &list) == RT_OK);
                expect_text(&w, row, rt_list_add_text(list, "f", rti_str_of(row->text), w.diags),
                            list);
                close_world(&w);

                open_world(&w);
                cr_assert(mkdtemp(folder) && chdir(folder) == 0);
                file = fopen("f", "w");
                cr_assert(file && fputs(row->text, file) >= 0 && fclose(file) == 0);
                cr_assert(rt_list_new(w.engine, row->kind, &list) == RT_OK);
                expect_text(&w, row, rt_list_add_path(list, "f", w.diags), list);
                cr_expect(unlink("f") == 0 && rmdir(folder) == 0);
                close_world(&w);
        }
}

/* Lines across pieces, one that is too long, one with a NUL, no file. */
Test(engine_lists, files_are_read_piece_by_piece)
{
        char path[] = "/tmp/list-XXXXXX";
        const int fd = mkstemp(path);
        rt_diag diag = RT_INIT(rt_diag);
        rt_list *list, *other;
        FILE *file;
        world w;

        open_world(&w);
        file = fd >= 0 ? fdopen(fd, "w") : NULL;
        cr_assert(file);
        for (int i = 0; i < 200000; i++)
                fprintf(file, "element number %d\n", i % 150000);
        cr_assert(fflush(file) == 0);
        cr_assert(rt_list_new(w.engine, RT_KIND_STRING, &list) == RT_OK);
        cr_expect(rt_list_add_path(list, path, w.diags) == RT_OK);
        cr_expect(rt_list_count(list) == 150000);
        for (int i = 0; i < 150000; i += 7) {
                char text[32];

                snprintf(text, sizeof text, "element number %d", i);
                cr_assert(rt_list_has(list, rti_str_of(text)) == 1);
                text[8]++;
                cr_assert(rt_list_has(list, rti_str_of(text)) == 0);
        }
        for (int i = 0; i < 1000 * 1000; i++)
                fputc('x', file);
        cr_assert(fflush(file) == 0);
        cr_assert(rt_list_new(w.engine, RT_KIND_STRING, &other) == RT_OK);
        cr_expect(rt_list_add_path(other, path, w.diags) == RT_ERULES);
        cr_assert(rt_diags_get(w.diags, 0, &diag) == RT_OK);
        cr_expect(diag.line == 200001 && strstr(diag.message, "LIST_ITEM_BYTES"));
        cr_assert(ftruncate(fd, 0) == 0);
        rewind(file);
        fwrite("a\nb\0c\n", 1, 6, file);
        cr_assert(fclose(file) == 0);
        cr_expect(rt_list_add_path(other, path, NULL) == RT_ERULES);
        cr_assert(unlink(path) == 0);
        cr_expect(rt_list_add_path(other, path, w.diags) == RT_ERULES);
        cr_expect(rt_list_add_path(other, "/", w.diags) == RT_ERULES);
        rt_list_unref(other);
        rt_list_unref(list);
        close_world(&w);
}

/* ---- against a model, and against lists in rules ---- */

enum { NAMES = 12, ROUNDS = 150, EVENTS = 12 };

static uint64_t
next(uint64_t *seed)
{
        *seed = *seed * 6364136223846793005u + 1442695040888963407u;
        return *seed >> 33;
}

/* Some names of n0 ... n11, as a set. */
static uint32_t
fill(world *w, uint64_t *seed, char text[128])
{
        const uint32_t set = (uint32_t) next(seed) & (uint32_t) next(seed) & ((1 << NAMES) - 1);

        text[0] = '\0';
        for (int i = 0; i < NAMES; i++)
                if (set >> i & 1)
                        snprintf(text + strlen(text), 8, "%sn%d", *text ? "," : "", i);
        cr_assert(use_list(w, "l", RT_KIND_STRING, text) == RT_OK);
        return set;
}

Test(engine_lists, random_exchanges_give_the_alerts_of_lists_in_rules)
{
        static const char condition[] =
                "toy.name in (l) or (toy.text[a] in (l) and not toy.text[b] in (n3, l)) or "
                "(toy.text[b] in (l) and toy.text[a] in (n1, n2))";
        uint64_t seed = 7;
        world w, plain;

        open_world(&w);
        open_world(&plain);
        use_rules(&w, string_list, condition);
        for (int round = 0; round < ROUNDS; round++) {
                char elements[128], lists[256], line[64];
                const uint32_t set = fill(&w, &seed, elements);

                snprintf(lists, sizeof lists, "- list: l\n  items: [%s]\n", elements);
                use_rules(&plain, lists, condition);
                for (int i = 0; i < EVENTS; i++) {
                        /* Few names, so that values stay as they are from one event to the next. */
                        const uint32_t n = (uint32_t) next(&seed) % NAMES,
                                       a = (uint32_t) next(&seed) % 3,
                                       b = (uint32_t) next(&seed) % 4;
                        const bool expected = (set >> n & 1 && i % 3)
                                              || (set >> a & 1 && !(set >> b & 1) && b != 3)
                                              || (set >> b & 1 && (a == 1 || a == 2));
                        int got;

                        snprintf(line, sizeof line, "%s=n%u a=n%u b=n%u", i % 3 ? "name" : "x", n,
                                 a, b);
                        got = feed(&w, line);
                        cr_assert(got == expected, "round %d: %s in (%s)", round, line, elements);
                        cr_assert(feed(&plain, line) == got, "round %d: %s", round, line);
                }
        }
        close_world(&plain);
        close_world(&w);
}

/* ---- memory ---- */

static size_t live;

static void *
counting(void *ptr, size_t size, void *user)
{
        size_t *const *at = user;
        size_t *block = ptr ? (size_t *) ptr - 2 : NULL;

        (void) at;
        live -= block ? *block : 0;
        if (size == 0) {
                free(block);
                return NULL;
        }
        block = realloc(block, size + 2 * sizeof *block);
        if (!block)
                return NULL;
        *block = size;
        live += size;
        return block + 2;
}

Test(engine_lists, an_element_costs_at_most_24_bytes_and_its_own)
{
        const rt_allocator allocator = { sizeof allocator, counting, NULL };
        rt_engine_opts opts = RT_INIT(rt_engine_opts);
        uint64_t own = 0;
        rt_engine *engine;
        rt_list *list;
        size_t before;

        opts.allocator = &allocator;
        cr_assert(rt_engine_new(&opts, &engine) == RT_OK);
        before = live;
        cr_assert(rt_list_new(engine, RT_KIND_STRING, &list) == RT_OK);
        for (int i = 0; i < 100000; i++) {
                char text[24];

                own += (uint64_t) snprintf(text, sizeof text, "host-%d.example", i);
                cr_assert(rt_list_add(list, rti_str_of(text)) == 1);
        }
        cr_assert(rt_engine_use_list(engine, "l", list) == RT_OK);
        cr_expect(live - before < own + 24 * 100000, "%zu, %llu of them are texts", live - before,
                  (unsigned long long) own);
        rt_list_unref(list);
        cr_assert(rt_engine_use_list(engine, "l", NULL) == RT_OK);
        cr_expect(live - before < 8192, "let go: %zu", live - before);
        rt_engine_unref(engine);
        cr_expect(live == 0);
}
