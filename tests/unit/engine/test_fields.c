/* SPDX-License-Identifier: Apache-2.0 */
/* Fields of the host: described, asked for, read, checked; beside a source that reads lines. */
#include "support/toy.h"
#include "engine/worker.h"
#include <criterion/criterion.h>
#include <stdatomic.h>
#include <stdio.h>

enum { LEN, CAT, TURNED, CONST, LOUD, ADDRESS, ANY, WILD, N_FIELDS };
enum { MOST_SLOTS = 32 };

static const rt_field_desc fields[N_FIELDS] = {
        [LEN] = { "h.len", NULL, RT_KIND_UINT64, RT_FIELD_PURE, RT_FORMAT_DEC, 0, "of the name" },
        [CAT] = { "h.cat", NULL, RT_KIND_STRING,
                  RT_FIELD_PURE | RT_FIELD_ARG_REQUIRED | RT_FIELD_ARG_KEY | RT_FIELD_ARG_FIELDS, 0,
                  0, "texts in a row" },
        [TURNED] = { "h.turned", NULL, RT_KIND_STRING, RT_FIELD_LIST, 0, 0, "words, last first" },
        [CONST] = { "h.const", NULL, RT_KIND_STRING, RT_FIELD_PURE, 0, 0, "always the same" },
        [LOUD] = { "h.loud", NULL, RT_KIND_STRING, RT_FIELD_PURE, 0, 0, "the name and its length" },
        [ADDRESS] = { "h.address", NULL, RT_KIND_IPADDR, RT_FIELD_PURE, 0, 0, "10.0.0.size" },
        [ANY] = { "h.any", NULL, RT_KIND_STRING, RT_FIELD_ANY_OF, 0, 0, "any word" },
        [WILD] = { "h.wild", NULL, RT_KIND_STRING, 0, 0, 0, "whatever the test wants" },
};
static const char *const reads[N_FIELDS] = {
        [LEN] = "toy.name",       [CAT] = "",
        [TURNED] = " toy.words ", [LOUD] = "toy.text[name], h.len",
        [ADDRESS] = "toy.size",   [ANY] = "toy.words"
};

/* What all instances of one test's provider share. */
typedef struct host {
        unsigned n_created, n_destroyed, n_demands, n_extracts[N_FIELDS];
        int create_gives, demand_gives, wild_gives;
        rt_value wild;
        char source[32];
} host;

typedef struct instance {
        host *of;
        size_t n_slots;
        unsigned field[MOST_SLOTS];
        uint32_t output[MOST_SLOTS];
} instance;

static int
create(const rt_fields_config *config, void **ret_state)
{
        host *h = config->user;
        instance *i;

        if (h->create_gives < 0)
                return h->create_gives;
        i = calloc(1, sizeof *i);
        if (!i)
                return RT_ENOMEM;
        i->of = h;
        h->n_created++;
        snprintf(h->source, sizeof h->source, "%s", config->source);
        *ret_state = i;
        return RT_OK;
}

static void
destroy(void *state)
{
        ((instance *) state)->of->n_destroyed++;
        free(state);
}

static int
demand(void *state, const rt_fields_demand *what)
{
        instance *i = state;

        i->of->n_demands++;
        i->n_slots = what->n_slots;
        for (size_t k = 0; k < what->n_slots && k < MOST_SLOTS; k++) {
                const rt_slot_desc *slot =
                        (const void *) ((const char *) what->slots + k * what->slot_stride);

                for (i->field[k] = 0; i->field[k] < N_FIELDS; i->field[k]++)
                        if (rti_str_is(slot->field, fields[i->field[k]].name))
                                break;
                i->output[k] = slot->output;
                if (i->field[k] == N_FIELDS)
                        return RT_ENOENT;
        }
        return i->of->demand_gives;
}

static int
concat(const rt_event *event, const rt_value *const *values, size_t n, rt_value *ret_value)
{
        size_t len = 0, size = 0;
        char *text;

        for (size_t i = 0; i < n; i++)
                size += values[i] && values[i]->kind == RT_KIND_STRING ? values[i]->as.s.len : 20;
        text = rt_event_alloc(event, size + 1);
        if (!text)
                return RT_ENOMEM;
        for (size_t i = 0; i < n; i++) {
                if (!values[i])
                        return 0;
                if (values[i]->kind == RT_KIND_STRING && values[i]->as.s.len) {
                        memcpy(text + len, values[i]->as.s.ptr, values[i]->as.s.len);
                        len += values[i]->as.s.len;
                } else if (values[i]->kind == RT_KIND_UINT64) {
                        len += (size_t) snprintf(text + len, 21, "%llu",
                                                 (unsigned long long) values[i]->as.u);
                }
        }
        *ret_value = (rt_value){ .kind = RT_KIND_STRING, .as.s = { text, len } };
        return 1;
}

static int
turn(const rt_event *event, const rt_value *words, rt_value *ret_value)
{
        rt_value *list;

        if (!words)
                return 0;
        list = rt_event_alloc(event, (words->count + 1) * sizeof *list);
        if (!list)
                return RT_ENOMEM;
        for (uint32_t i = 0; i < words->count; i++)
                list[i] = words->as.list[words->count - 1 - i];
        *ret_value = *words;
        ret_value->as.list = list;
        return 1;
}

static int
extract(void *state, const rt_event *event, uint32_t slot, const rt_value *const *values, size_t n,
        rt_value *ret_value)
{
        static const size_t n_reads[N_FIELDS] = { 1, 0, 1, 0, 2, 1, 1, 0 };
        instance *i = state;
        const unsigned field = i->field[slot];

        cr_assert_lt(slot, i->n_slots);
        cr_assert(field == CAT ? n > 0 : n == n_reads[field], "%s: %zu", fields[field].name, n);
        i->of->n_extracts[field]++;
        switch (field) {
        case LEN:
                *ret_value = (rt_value){ .kind = RT_KIND_UINT64 };
                ret_value->as.u = values[0] ? values[0]->as.s.len : 0;
                return values[0] != NULL;
        case CAT:
        case LOUD:
                return concat(event, values, n, ret_value);
        case TURNED:
        case ANY:
                return turn(event, values[0], ret_value);
        case CONST:
                *ret_value = (rt_value){ .kind = RT_KIND_STRING, .as.s = RTI_STR("const") };
                return 1;
        case ADDRESS:
                *ret_value = (rt_value){ .kind = RT_KIND_IPADDR, .count = 4 };
                ret_value->as.ip[0] = 10;
                ret_value->as.ip[3] = values[0] ? (uint8_t) values[0]->as.u : 0;
                return values[0] != NULL;
        default:
                *ret_value = i->of->wild;
                return i->of->wild_gives;
        }
}

static int
demand_anything(void *state, const rt_fields_demand *what)
{
        (void) state;
        return what->n_slots && what->slots ? RT_OK : RT_EINVAL;
}

/* Of a provider whose state is the host. */
static int
extract_wild(void *state, const rt_event *event, uint32_t slot, const rt_value *const *values,
             size_t n, rt_value *ret_value)
{
        (void) event;
        (void) slot;
        (void) values;
        (void) n;
        *ret_value = ((host *) state)->wild;
        return ((host *) state)->wild_gives;
}

static const char *const toys[] = { "toy", NULL };

static const rt_fields_ops host_ops = {
        .size = sizeof(rt_fields_ops),
        .abi = RT_FIELDS_ABI,
        .name = "host",
        .version = "1.2.3",
        .sources = toys,
        .fields = fields,
        .n_fields = N_FIELDS,
        .field_stride = sizeof(rt_field_desc),
        .reads = reads,
        .create = create,
        .destroy = destroy,
        .demand = demand,
        .extract = extract,
};

typedef struct scene {
        host host;
        rt_engine *engine;
        rt_worker *worker;
        rt_diags *diags;
        char raised[4096]; /* the text of each alert, and a line feed */
} scene;

static int
add_host(scene *s)
{
        rt_fields_ops ops = host_ops;

        ops.user = &s->host;
        return rt_engine_add_fields(s->engine, &ops);
}

static void
scene_init(scene *s)
{
        *s = (scene){ 0 };
        cr_assert_eq(rt_engine_new(NULL, &s->engine), RT_OK);
        cr_assert_eq(rt_engine_add_source(s->engine, &toy_ops), RT_OK);
        cr_assert_eq(add_host(s), RT_OK);
        cr_assert_eq(rt_diags_new(&s->diags), RT_OK);
}

static void
scene_done(scene *s)
{
        rt_worker_unref(s->worker);
        rt_engine_unref(s->engine);
        rt_diags_unref(s->diags);
        cr_expect_eq(s->host.n_created, s->host.n_destroyed);
}

/* A rule of this condition and output. */
static int
compile(scene *s, const char *condition, const char *output, rt_ruleset **ret_rules)
{
        char text[2048];
        const int n = snprintf(text, sizeof text,
                               "- rule: r\n  desc: d\n  condition: >\n    %s\n  output: '%s'\n"
                               "  priority: INFO\n  source: toy\n",
                               condition, output);

        rt_diags_unref(s->diags);
        cr_assert_eq(rt_diags_new(&s->diags), RT_OK);
        return rt_compile(s->engine, "rules", (rt_str){ text, (size_t) n }, s->diags, ret_rules);
}

static void
use(scene *s, const char *condition, const char *output)
{
        rt_ruleset *rules = NULL;
        const int r = compile(s, condition, output, &rules);
        rt_str text = RTI_STR("");

        rt_diags_print(s->diags, RT_DIAGS_TEXT, 0, &text);
        cr_assert_eq(r, RT_OK, "%s: %.*s", condition, RTI_FMT(text));
        cr_assert_eq(rt_engine_use(s->engine, rules), RT_OK);
        rt_ruleset_unref(rules);
}

static int
note(const rt_alert *alert, void *user)
{
        scene *s = user;
        const size_t at = strnlen(s->raised, sizeof s->raised);
        rt_str text;

        cr_assert_eq(rt_alert_text(alert, &text), RT_OK);
        snprintf(s->raised + at, sizeof s->raised - at, "%.*s\n", RTI_FMT(text));
        return 0;
}

static int
feed(scene *s, const char *text)
{
        if (!s->worker)
                cr_assert_eq(rt_worker_new(s->engine, NULL, &s->worker), RT_OK);
        s->raised[0] = '\0';
        return rt_worker_feed(s->worker, "toy", rti_str_of(text), note, s);
}

/* ---- reading ---- */

Test(fields, conditions_and_outputs_read_them_as_any_other)
{
        static const struct {
                char condition[64], output[64], line[64], shown[64];
        } rows[] = {
                { "h.const = const", "%h.const", "a=1\n", "const" },
                { "h.len = 3", "%h.len", "name=abc\n", "3" },
                { "h.len > 3", "x", "name=abc\n", "" },
                { "h.len exists", "x", "size=1\n", "" },
                { "not h.len exists", "x%h.len", "size=1\n", "" },
                { "h.cat[toy.name] = ab", "%h.cat[toy.name]", "name=ab\n", "ab" },
                { "h.cat[toy.name,toy.size] = ab7", "y", "name=ab size=7\n", "y" },
                { "h.cat[\"toy.name, toy.text[k]\"] = abv", "y", "name=ab k=v\n", "y" },
                { "h.cat[h.loud,h.const] = ab2const", "y", "name=ab\n", "y" },
                { "toupper(h.cat[toy.name]) = AB", "%toupper(h.cat[toy.name])", "name=ab\n", "AB" },
                { "h.turned in (b, c)", "%h.turned", "b c\n", "(c,b)" },
                { "h.turned intersects (z, c)", "y", "b c\n", "y" },
                { "len(h.turned) = 2", "y", "b c\n", "y" },
                { "h.loud = ab2", "y", "name=ab\n", "y" },
                { "h.loud = val(h.cat[toy.name,h.len])", "y", "name=ab\n", "y" },
                { "h.len = val(toy.size)", "y", "name=ab size=2\n", "y" },
                { "h.address = 10.0.0.9", "%h.address", "size=9\n", "10.0.0.9" },
                { "h.any = w", "y", "v w\n", "y" },
                { "h.any startswith x", "y", "v w\n", "" },
                { "toy.name = ab", "%h.cat[toy.name,toy.name]", "name=ab\n", "abab" },
        };

        for (size_t i = 0; i < RTI_COUNT(rows); i++) {
                scene s;
                char shown[80] = "";

                scene_init(&s);
                use(&s, rows[i].condition, rows[i].output);
                cr_expect_geq(feed(&s, rows[i].line), 0);
                if (rows[i].shown[0])
                        snprintf(shown, sizeof shown, "%s\n", rows[i].shown);
                if (strncmp(rows[i].condition, "not h.len", 9) != 0)
                        cr_expect(strstr(s.raised, shown) && (shown[0] || !s.raised[0]), "%s: %s",
                                  rows[i].condition, s.raised);
                scene_done(&s);
        }
}

Test(fields, nobody_who_is_not_asked_is_made_told_or_read)
{
        scene s;

        scene_init(&s);
        use(&s, "toy.name = ab", "x");
        cr_expect_eq(feed(&s, "name=ab\n"), 1);
        cr_expect_eq(s.host.n_created, 0);
        use(&s, "toy.name = ab and h.len = 2", "%h.const");
        cr_expect_eq(feed(&s, "name=x\nname=y\n"), 0);
        cr_expect_eq(s.host.n_created, 1);
        cr_expect_str_eq(s.host.source, "toy");
        cr_expect_eq(s.host.n_demands, 1);
        cr_expect_eq(s.host.n_extracts[CONST], 0);
        use(&s, "h.len = 2", "x"); /* the instance stays */
        cr_expect_eq(feed(&s, "name=ab\n"), 1);
        cr_expect_eq(s.host.n_created, 1);
        cr_expect_eq(s.host.n_demands, 2);
        cr_expect_eq(s.host.n_destroyed, 0);
        use(&s, "toy.name = ab", "x"); /* and goes */
        cr_expect_eq(feed(&s, "name=ab\n"), 1);
        cr_expect_eq(s.host.n_destroyed, 1);
        scene_done(&s);
}

Test(fields, a_field_is_read_once_per_event_and_a_pure_one_when_what_it_reads_changes)
{
        scene s;

        scene_init(&s);
        s.host.wild = (rt_value){ .kind = RT_KIND_STRING, .as.s = RTI_STR("w") };
        s.host.wild_gives = 1;
        use(&s, "(h.len = 7 or h.len = 8 or h.len = 2) and h.wild startswith w and h.wild != x",
            "%h.len %h.wild %h.cat[toy.name]");
        cr_expect_eq(feed(&s, "name=ab\nname=ab\nname=ab\nname=cd\nname=cd\nk=v\nname=cd\n"), 6);
        cr_expect_leq(s.host.n_extracts[WILD], 7); /* events */
        cr_expect_eq(s.host.n_extracts[LEN], 4, "%u", s.host.n_extracts[LEN]);
        cr_expect_eq(s.host.n_extracts[CAT], 3, "%u", s.host.n_extracts[CAT]);
        scene_done(&s);
}

Test(fields, what_is_not_of_the_kind_promised_is_missing_and_counted)
{
        static rt_value inner[2];
        const struct {
                int gives;
                rt_value value;
                int alerts, failed;
        } rows[] = {
                { 1, { .kind = RT_KIND_STRING, .as.s = RTI_STR("w") }, 1, 0 },
                { 7, { .kind = RT_KIND_STRING, .as.s = RTI_STR("w") }, 1, 0 },
                { 1, { .kind = RT_KIND_PATH, .as.s = RTI_STR("w") }, 1, 0 },
                { 1, { .kind = RT_KIND_STRING, .as.s = { NULL, 0 } }, 1, 0 },
                { 0, { .kind = RT_KIND_STRING, .as.s = RTI_STR("w") }, 0, 0 },
                { 1, { .kind = RT_KIND_STRING, .as.s = { NULL, 5 } }, 0, 1 },
                { 1, { .kind = RT_KIND_NONE }, 0, 1 },
                { 1, { .kind = RT_KIND_UINT64 }, 0, 1 },
                { 1, { .kind = RT_KIND_DYNAMIC }, 0, 1 },
                { 1, { .kind = 4711 }, 0, 1 },
                { 1, { .kind = UINT32_MAX }, 0, 1 },
                { 1, { .kind = RT_KIND_LIST, .count = 2, .as.list = inner }, 0, 1 },
                { 1, { .kind = RT_KIND_LIST, .count = 2, .as.list = NULL }, 0, 1 },
                { RT_EIO, { .kind = RT_KIND_STRING, .as.s = RTI_STR("w") }, 0, 1 },
                { -4711, { .kind = RT_KIND_STRING, .as.s = RTI_STR("w") }, 0, 1 },
        };

        for (size_t i = 0; i < RTI_COUNT(rows); i++) {
                rt_loss loss = RT_INIT(rt_loss);
                rt_worker_stats stats = RT_INIT(rt_worker_stats);
                scene s;

                scene_init(&s);
                s.host.wild = rows[i].value;
                s.host.wild_gives = rows[i].gives;
                use(&s, "h.wild exists", "%h.wild");
                cr_expect_eq(feed(&s, "a=1\n"), rows[i].alerts, "row %zu", i);
                cr_expect_eq(rt_worker_stats_get(s.worker, &stats), RT_OK);
                cr_expect_eq(stats.limits_hit, (uint64_t) rows[i].failed, "row %zu", i);
                cr_expect_eq(rt_worker_loss(s.worker, 0, &loss), rows[i].failed ? 0 : RT_ENOENT);
                if (rows[i].failed) {
                        cr_expect_str_eq(loss.part, "host");
                        cr_expect_str_eq(loss.source, "toy");
                        cr_expect_eq(loss.count, 1);
                        cr_expect_eq(loss.kind, RT_LOSS_FACT);
                }
                use(&s, "toy.name exists", "x"); /* the instance goes, its losses stay */
                cr_expect_eq(feed(&s, "a=1\n"), 0);
                loss.count = 0;
                rt_worker_loss(s.worker, 0, &loss);
                cr_expect_eq(loss.count, (uint64_t) rows[i].failed);
                scene_done(&s);
        }
}

Test(fields, a_list_is_looked_at_to_its_end)
{
        static rt_value elements[3];
        static const rt_field_desc list = { "l.list", "l", RT_KIND_STRING, RT_FIELD_LIST,
                                            0,        0,   "a list" };
        const struct {
                rt_value last;
                int alerts;
        } rows[] = {
                { { .kind = RT_KIND_STRING, .as.s = RTI_STR("w") }, 1 },
                { { .kind = RT_KIND_STRING, .as.s = { NULL, 1 } }, 0 },
                { { .kind = RT_KIND_LIST, .count = 2, .as.list = elements }, 0 },
                { { .kind = RT_KIND_NONE }, 0 },
                { { .kind = 99 }, 0 },
        };

        for (size_t i = 0; i < RTI_COUNT(rows); i++) {
                rt_fields_ops ops = host_ops;
                host wild = { .wild_gives = 1 };
                scene s;

                scene_init(&s);
                ops.user = &wild;
                ops.create = NULL; /* the host itself is the state */
                ops.demand = demand_anything;
                ops.extract = extract_wild;
                ops.fields = &list;
                ops.n_fields = 1;
                ops.reads = NULL;
                cr_assert_eq(rt_engine_add_fields(s.engine, &ops), RT_OK);
                for (size_t k = 0; k < 2; k++)
                        elements[k] = (rt_value){ .kind = RT_KIND_STRING, .as.s = RTI_STR("w") };
                elements[2] = rows[i].last;
                wild.wild = (rt_value){ .kind = RT_KIND_LIST, .count = 3, .as.list = elements };
                use(&s, "l.list intersects (w)", "x");
                cr_expect_eq(feed(&s, "a=1\n"), rows[i].alerts, "row %zu", i);
                scene_done(&s);
        }
}

/* ---- refused ---- */

Test(fields, a_provider_that_is_wrong_is_refused_and_leaves_nothing)
{
        static const char *const unknown[] = { "nobody", NULL };
        static const char *const two[] = { "toy", "nobody", NULL };
        static const char *const none[] = { NULL };
        static const char *const bad_reads[] = { "toy.nothing" };
        static const char *const no_arg[] = { "toy.text" };
        static const rt_field_desc clash = { "toy.name", NULL, RT_KIND_STRING, 0, 0, 0, "" };
        static const rt_field_desc own = { "evt.num", NULL, RT_KIND_STRING, 0, 0, 0, "" };
        static const rt_field_desc other = { "h.len", NULL, RT_KIND_STRING, 0, 0, 0, "" };
        static const rt_field_desc twice[] = { { "x.y", NULL, RT_KIND_STRING, 0, 0, 0, "" },
                                               { "x.y", NULL, RT_KIND_STRING, 0, 0, 0, "" } };
        static const rt_field_desc dynamic = { "x.y", NULL, RT_KIND_DYNAMIC, 0, 0, 0, "" };
        static const rt_field_desc list = { "x.y", NULL, RT_KIND_LIST, 0, 0, 0, "" };
        static const rt_field_desc index = { "x.y",
                                             NULL,
                                             RT_KIND_STRING,
                                             RT_FIELD_ARG_FIELDS | RT_FIELD_ARG_INDEX
                                                     | RT_FIELD_ARG_KEY | RT_FIELD_ARG_REQUIRED,
                                             0,
                                             0,
                                             "" };
        static const rt_field_desc no_key = {
                "x.y", NULL, RT_KIND_STRING, RT_FIELD_ARG_FIELDS | RT_FIELD_ARG_REQUIRED, 0, 0, ""
        };
        static const rt_field_desc good = { "x.y", NULL, RT_KIND_STRING, 0, 0, 0, "" };
        rt_fields_ops ops[20];
        const int results[] = { RT_EABI,   RT_EABI,   RT_EABI,   RT_EINVAL, RT_EINVAL,
                                RT_EINVAL, RT_EINVAL, RT_EINVAL, RT_ENOENT, RT_ENOENT,
                                RT_EINVAL, RT_ENOENT, RT_ENOENT, RT_EEXIST, RT_EEXIST,
                                RT_EEXIST, RT_EEXIST, RT_EINVAL, RT_EINVAL, RT_EINVAL };
        rt_field_info field = RT_INIT(rt_field_info);
        size_t n = 0;
        scene s;

        for (size_t i = 0; i < RTI_COUNT(ops); i++) {
                ops[i] = host_ops;
                ops[i].fields = &good;
                ops[i].n_fields = 1;
                ops[i].reads = NULL;
        }
        ops[0].size = 4;
        ops[1].abi = RT_FIELDS_ABI + 1;
        ops[2].field_stride = 8;
        ops[3].flags = RT_FIELDS_KEPT << 1;
        ops[4].name = "";
        ops[5].demand = NULL;
        ops[6].extract = NULL;
        ops[7].n_fields = 0;
        ops[8].sources = unknown;
        ops[9].sources = two;
        ops[10].sources = none;
        ops[11].reads = bad_reads;
        ops[12].reads = no_arg;
        ops[13].fields = &clash;
        ops[14].fields = &own;
        ops[15].fields = &other;
        ops[16].fields = twice;
        ops[16].n_fields = 2;
        ops[17].fields = &dynamic;
        ops[18].fields = &list;
        ops[19].fields = &index;
        scene_init(&s);
        while (rt_engine_field(s.engine, n, &field) == RT_OK)
                n++;
        for (size_t i = 0; i < RTI_COUNT(ops); i++)
                cr_expect_eq(rt_engine_add_fields(s.engine, &ops[i]), results[i], "row %zu: %d", i,
                             rt_engine_add_fields(s.engine, &ops[i]));
        ops[19].fields = &no_key;
        cr_expect_eq(rt_engine_add_fields(s.engine, &ops[19]), RT_EINVAL);
        cr_expect_eq(rt_engine_add_fields(NULL, &host_ops), RT_EINVAL);
        cr_expect_eq(rt_engine_add_fields(s.engine, NULL), RT_EINVAL);
        cr_expect_eq(rt_engine_field(s.engine, n, &field), RT_ENOENT);
        ops[19].fields = &good;
        cr_expect_eq(rt_engine_add_fields(s.engine, &ops[19]), RT_OK);
        cr_expect_eq(rt_engine_field(s.engine, n, &field), RT_OK);
        cr_expect_str_eq(field.name, "x.y");
        cr_expect_str_eq(field.group, "host");
        scene_done(&s);
}

Test(fields, a_rule_that_names_them_wrongly_is_told_where_and_why)
{
        static const struct {
                char condition[96], says[64], hint[32];
                unsigned column;
        } rows[] = {
                { "h.cat = x", "requires an argument", "", 5 },
                { "h.cat[\"\"] = x", "its argument names no field", "", 5 },
                { "h.cat[\" , \"] = x", "its argument names no field", "", 5 },
                { "h.cat[toy.nam] = x", "nonexistent field toy.nam", "", 5 },
                { "toy.name = y and h.cat[toy.name,ct.user] = x", "nonexistent field ct.user", "",
                  22 },
                { "h.cat[toy.text] = x", "requires an argument", "", 5 },
                { "h.cat[toy.name[3]] = x", "expected a ']'", "", 0 },
                { "h.cat[\"toy.name[3]\"] = x", "does not allow nor require", "", 5 },
                { "h.cat[h.cat] = x", "requires an argument", "", 5 },
                { "h.len[x] = 1", "does not allow nor require", "", 5 },
                { "h.lan = 1", "nonexistent field h.lan", "h.len", 5 },
                { "h.len = abc", "abc", "", 0 },
                { "toupper(h.len) = X", "", "", 0 },
        };
        scene s;

        scene_init(&s);
        for (size_t i = 0; i < RTI_COUNT(rows); i++) {
                rt_ruleset *rules = NULL;
                rt_diag diag = RT_INIT(rt_diag);

                cr_expect_eq(compile(&s, rows[i].condition, "x", &rules), RT_ERULES, "%s",
                             rows[i].condition);
                cr_assert_eq(rt_diags_get(s.diags, 0, &diag), RT_OK);
                cr_expect(strstr(diag.message, rows[i].says), "%s: %s", rows[i].condition,
                          diag.message);
                if (rows[i].hint[0])
                        cr_expect(diag.hint && strstr(diag.hint, rows[i].hint));
                if (rows[i].column)
                        cr_expect(diag.line == 4 && diag.column == rows[i].column, "%s: %u:%u",
                                  rows[i].condition, diag.line, diag.column);
        }
        cr_expect_eq(compile(&s, "toy.name = x", "%h.cat[toy.nam]", &(rt_ruleset *){ NULL }),
                     RT_ERULES);
        scene_done(&s);
}

static const rt_field_desc ring_fields[] = {
        { "r.self", "r", RT_KIND_STRING, 0, 0, 0, "" },
        { "r.a", "r", RT_KIND_STRING, 0, 0, 0, "" },
        { "r.b", "r", RT_KIND_STRING, 0, 0, 0, "" },
        { "r.arg", "r", RT_KIND_STRING,
          RT_FIELD_ARG_FIELDS | RT_FIELD_ARG_KEY | RT_FIELD_ARG_REQUIRED, 0, 0, "" },
        { "r.wide", "r", RT_KIND_STRING, 0, 0, 0, "" },
        { "r.later", "r", RT_KIND_STRING, 0, 0, 0, "" },
};
static const char *const ring_reads[] = {
        "r.self",
        "r.b",
        "toy.name,r.a",
        "r.arg[r.a]",
        "r.deep,r.deep,r.deep,r.deep,r.deep,r.deep,r.deep,r.deep,r.deep,r.deep,r.deep",
        "z.nobody"
};
static const rt_field_desc deep_fields[] = { { "r.deep", "r", RT_KIND_STRING, 0, 0, 0, "" } };
static const char *const deep_reads[] = {
        "toy.name,toy.name,toy.name,toy.name,toy.name,toy.name,toy.name,toy.name,toy.name,toy.name,"
        "toy.name,toy.name,toy.name,toy.name,toy.name,toy.name,toy.name,toy.name,toy.name,toy.name,"
        "toy.name,toy.name,toy.name,toy.name,toy.name"
};

Test(fields, circles_and_crowds_are_refused_where_a_rule_begins_them)
{
        static const char conditions[][40] = { "r.self = x",         "r.a = x",    "r.b = x",
                                               "r.arg[r.self] = x",  "r.wide = x", "r.later = x",
                                               "r.arg[toy.name] = x" };
        rt_fields_ops ring = host_ops, deep = host_ops;
        scene s;

        scene_init(&s);
        ring.sources = NULL; /* reads are looked at when rules ask */
        ring.fields = ring_fields;
        ring.n_fields = RTI_COUNT(ring_fields);
        ring.reads = ring_reads;
        ring.user = &s.host;
        deep.fields = deep_fields;
        deep.n_fields = 1;
        deep.reads = deep_reads;
        cr_assert_eq(rt_engine_add_fields(s.engine, &ring), RT_OK);
        cr_assert_eq(rt_engine_add_fields(s.engine, &deep), RT_OK);
        for (size_t i = 0; i < RTI_COUNT(conditions); i++) {
                rt_ruleset *rules = NULL;
                rt_diag diag = RT_INIT(rt_diag);

                cr_expect_eq(compile(&s, conditions[i], "x", &rules), RT_ERULES, "%s",
                             conditions[i]);
                cr_assert_eq(rt_diags_get(s.diags, 0, &diag), RT_OK);
                cr_expect(strstr(diag.message, i == 5 ? "field 'r.later' reads others"
                                                      : "reads itself or too many others"),
                          "%s: %s", conditions[i], diag.message);
        }
        scene_done(&s);
}

/* ---- life ---- */

Test(fields, an_instance_that_cannot_be_made_is_said_with_its_name_and_asked_again)
{
        for (unsigned what = 0; what < 2; what++) {
                rt_loss loss = RT_INIT(rt_loss);
                scene s;

                scene_init(&s);
                *(what ? &s.host.demand_gives : &s.host.create_gives) = RT_EIO;
                use(&s, "h.len = 2", "x");
                cr_expect_eq(feed(&s, "name=ab\n"), RT_EIO);
                cr_expect_eq(feed(&s, "name=ab\n"), RT_EIO);
                cr_expect_eq(rt_worker_loss(s.worker, 0, &loss), RT_OK);
                cr_expect_str_eq(loss.part, "host");
                cr_expect_str_eq(loss.source, "toy");
                cr_expect_eq(loss.count, 2);
                use(&s, "toy.name = ab", "x"); /* others can be used */
                cr_expect_eq(feed(&s, "name=ab\n"), 1);
                use(&s, "h.len = 2", "x");
                s.host.create_gives = s.host.demand_gives = 0;
                cr_expect_eq(feed(&s, "name=ab\n"), 1);
                scene_done(&s);
        }
}

Test(fields, added_when_rules_are_in_force_they_are_known_from_then_on)
{
        rt_fields_ops late = host_ops;
        static const rt_field_desc field = { "late.field", NULL, RT_KIND_STRING, 0, 0, 0, "" };
        static const char *const late_reads[] = { "h.loud" };
        host wild = { .wild = { .kind = RT_KIND_STRING, .as.s = RTI_STR("w") }, .wild_gives = 1 };
        rt_ruleset *rules = NULL;
        scene s;

        scene_init(&s);
        use(&s, "h.len = 2", "first");
        cr_expect_eq(feed(&s, "name=ab\n"), 1);
        cr_expect_eq(compile(&s, "late.field = w", "x", &rules), RT_ERULES);
        late.fields = &field;
        late.n_fields = 1;
        late.reads = late_reads;
        late.create = NULL;
        late.demand = demand_anything;
        late.extract = extract_wild;
        late.user = &wild;
        for (unsigned i = 0; i < 3; i++) {
                cr_expect_eq(rt_engine_add_fields(s.engine, &late), i ? RT_EEXIST : RT_OK);
                cr_expect_eq(feed(&s, "name=ab\n"), 1);
                cr_expect(strstr(s.raised, " first\n"));
        }
        use(&s, "late.field = w and h.len = 2", "second");
        cr_expect_eq(feed(&s, "name=ab\n"), 1);
        cr_expect(strstr(s.raised, "second"));
        scene_done(&s);
}

Test(fields, a_field_is_there_for_the_sources_that_it_is_for)
{
        static const char *const two[] = { "toy", "aws_cloudtrail", NULL };
        static const rt_field_desc both = { "b.both", NULL, RT_KIND_STRING, 0, 0, 0, "" };
        rt_fields_ops ops = host_ops;
        rt_ruleset *rules = NULL;
        unsigned listed = 0;
        rt_field_info field = RT_INIT(rt_field_info);
        scene s;

        scene_init(&s);
        ops.sources = two;
        ops.fields = &both;
        ops.n_fields = 1;
        ops.reads = NULL;
        cr_assert_eq(rt_engine_add_fields(s.engine, &ops), RT_OK);
        for (size_t i = 0; rt_engine_field(s.engine, i, &field) == RT_OK; i++)
                if (strcmp(field.name, "b.both") == 0)
                        listed += strcmp(field.source, "toy") == 0 ? 1
                                  : strcmp(field.source, "*")      ? 10
                                                                   : 100;
        cr_expect_eq(listed, 11);
#define RULE(source, field)                      \
        "- {rule: r, desc: d, condition: " field \
        " exists, output: o, priority: INFO, source: " source "}\n"
        cr_expect_eq(rt_compile(s.engine, "a", RTI_STR(RULE("toy", "b.both")), NULL, &rules), 0);
        rt_ruleset_unref(rules);
        cr_expect_eq(
                rt_compile(s.engine, "b", RTI_STR(RULE("aws_cloudtrail", "b.both")), NULL, &rules),
                0);
        rt_ruleset_unref(rules);
        cr_expect_eq(rt_compile(s.engine, "c", RTI_STR(RULE("k8s_audit", "b.both")), NULL, &rules),
                     RT_ERULES);
        cr_expect_eq(
                rt_compile(s.engine, "d", RTI_STR(RULE("aws_cloudtrail", "h.len")), NULL, &rules),
                RT_ERULES);
        scene_done(&s);
}

Test(fields, rules_can_require_the_provider_by_its_version)
{
        static const char rules_text[] = "- required_plugin_versions:\n"
                                         "  - {name: host, version: %s}\n";
        char text[128];
        scene s;

        scene_init(&s);
        for (unsigned i = 0; i < 2; i++) {
                rt_ruleset *rules = NULL;
                const int n = snprintf(text, sizeof text, rules_text, i ? "1.3.0" : "1.2.0");

                cr_expect_eq(rt_compile(s.engine, "v", (rt_str){ text, (size_t) n }, NULL, &rules),
                             i ? RT_ERULES : RT_OK);
                rt_ruleset_unref(rules);
        }
        scene_done(&s);
}

/* ---- compiled ---- */

Test(fields, compiled_rules_go_with_a_provider_that_reads_the_same_and_no_other)
{
        static const char *const other_reads[N_FIELDS] = { [LEN] = "toy.size",
                                                           [TURNED] = "toy.words",
                                                           [LOUD] = "h.len, toy.text[name]",
                                                           [ADDRESS] = "toy.size",
                                                           [ANY] = "toy.words" };
        static const char *const more_reads[N_FIELDS] = { [LEN] = "toy.name,toy.name" };
        const char *const *const all_reads[] = { reads, NULL, other_reads, more_reads };
        rt_ruleset *rules = NULL;
        rt_str bytes;
        scene s;

        scene_init(&s);
        cr_assert_eq(
                compile(&s, "h.loud = ab2 and h.cat[toy.name,toy.size] = ab3", "%h.len", &rules),
                RT_OK);
        cr_assert_eq(rt_ruleset_bytes(rules, &bytes), RT_OK);
        for (size_t i = 0; i < RTI_COUNT(all_reads); i++) {
                rt_fields_ops ops = host_ops;
                rt_engine *engine = NULL;
                rt_ruleset *loaded = NULL;
                scene t = { 0 };

                ops.reads = all_reads[i];
                ops.user = &t.host;
                cr_assert_eq(rt_engine_new(NULL, &engine), RT_OK);
                cr_assert_eq(rt_engine_add_source(engine, &toy_ops), RT_OK);
                if (i != 1)
                        cr_assert_eq(rt_engine_add_fields(engine, &ops), RT_OK);
                t.engine = engine;
                cr_assert_eq(rt_diags_new(&t.diags), RT_OK);
                cr_expect_eq(rt_ruleset_load(engine, "c", bytes, 0, t.diags, &loaded),
                             i ? RT_ERULES : RT_OK, "row %zu", i);
                if (i) {
                        rt_diag diag = RT_INIT(rt_diag);

                        cr_assert_eq(rt_diags_get(t.diags, 0, &diag), RT_OK);
                        cr_expect(strstr(diag.message, "h."), "%s", diag.message);
                        /* Put in force all the same, they are refused before anything is read. */
                        cr_expect_eq(rt_engine_use(engine, rules), RT_OK);
                        cr_expect_eq(feed(&t, "name=ab size=3\n"), RT_ENOENT);
                } else {
                        cr_expect_eq(rt_engine_use(engine, loaded), RT_OK);
                        cr_expect_eq(feed(&t, "name=ab size=3\n"), 1);
                        cr_expect(strstr(t.raised, " 2\n"));
                }
                rt_ruleset_unref(loaded);
                scene_done(&t);
        }
        rt_ruleset_unref(rules);
        scene_done(&s);
}

/* ---- against transformers ---- */

static uint64_t seed = 1;

static unsigned
below(unsigned n)
{
        seed = seed * 6364136223846793005u + 1442695040888963407u;
        return (unsigned) (seed >> 33) % n;
}

static int
count(const rt_alert *alert, void *user)
{
        const char *name = rt_alert_rule(alert);

        ((unsigned *) user)[(name[0] == 'b') + 2 * strtoul(name + 1, NULL, 10)]++;
        return 0;
}

Test(fields, what_the_host_makes_of_others_is_what_transformers_make_of_them)
{
        static const struct {
                char host[80], engine[80];
        } pairs[] = {
                { "h.len > 2", "len(toy.name) > 2" },
                { "h.len in (0, 1, 3)", "len(toy.name) in (0, 1, 3)" },
                { "h.len = val(toy.size)", "len(toy.name) = val(toy.size)" },
                { "not h.len = 2", "not len(toy.name) = 2" },
                { "h.cat[\"toy.name,toy.text[k]\"] = abab",
                  "concat(toy.name, toy.text[k]) = abab" },
                { "h.cat[\"toy.name, toy.text[k]\"] startswith a",
                  "concat(toy.name, toy.text[k]) startswith a" },
                { "h.cat[\"toy.text[k]\"] in (a, b, ab)", "toy.text[k] in (a, b, ab)" },
                { "toupper(h.cat[toy.name]) = AB", "toupper(toy.name) = AB" },
                { "len(h.cat[toy.name,toy.name]) = 4", "len(concat(toy.name, toy.name)) = 4" },
                { "h.cat[\"h.cat[toy.name],toy.text[k]\"] endswith b",
                  "concat(toy.name, toy.text[k]) endswith b" },
                { "h.turned intersects (\"k=a\", \"name=b\")",
                  "toy.words intersects (\"k=a\", \"name=b\")" },
                { "h.any = \"k=b\"", "toy.any = \"k=b\"" },
                { "h.const = const and h.len < 3", "len(toy.name) < 3" },
                { "h.address = 10.0.0.2", "toy.size = 2" },
                { "h.cat[toy.name] = val(h.cat[\"toy.text[k]\"])", "toy.name = val(toy.text[k])" },
                { "h.wild exists or h.len = 1", "len(toy.name) = 1" },
        };
        static const char *const words[] = { "", "a", "b", "ab", "abab", "abc" };
        char text[16384], line[128];
        unsigned counts[2 * RTI_COUNT(pairs)] = { 0 };
        rt_worker_opts opts = RT_INIT(rt_worker_opts);
        rt_ruleset *rules = NULL;
        size_t len = 0;
        scene s;

        scene_init(&s);
        for (size_t i = 0; i < RTI_COUNT(pairs); i++)
                for (unsigned side = 0; side < 2; side++)
                        len += (size_t) snprintf(
                                text + len, sizeof text - len,
                                "- rule: %c%zu\n  desc: d\n  condition: >\n    %s\n  output: o\n"
                                "  priority: INFO\n  source: toy\n",
                                side ? 'b' : 'a', i, side ? pairs[i].engine : pairs[i].host);
        cr_assert_eq(rt_compile(s.engine, "r", (rt_str){ text, len }, s.diags, &rules), RT_OK);
        cr_assert_eq(rt_engine_use(s.engine, rules), RT_OK);
        rt_ruleset_unref(rules);
        opts.rule_matching = RT_MATCH_ALL;
        cr_assert_eq(rt_worker_new(s.engine, &opts, &s.worker), RT_OK);
        for (unsigned event = 0; event < 20000; event++) {
                len = 0;
                if (below(4))
                        len += (size_t) snprintf(line + len, sizeof line - len, "name=%s ",
                                                 words[below(6)]);
                if (below(3))
                        len += (size_t) snprintf(line + len, sizeof line - len, "k=%s ",
                                                 words[below(6)]);
                if (below(2))
                        len += (size_t) snprintf(line + len, sizeof line - len, "size=%u ",
                                                 below(4));
                len += (size_t) snprintf(line + len, sizeof line - len, "x\n");
                memset(counts, 0, sizeof counts);
                cr_assert_geq(rt_worker_feed(s.worker, "toy", (rt_str){ line, len }, count, counts),
                              0);
                for (size_t i = 0; i < RTI_COUNT(pairs); i++)
                        cr_assert_eq(counts[2 * i], counts[2 * i + 1], "%s and %s of %s",
                                     pairs[i].host, pairs[i].engine, line);
        }
        for (size_t i = 0; i < RTI_COUNT(pairs); i++)
                cr_expect(rt_worker_rule_alerts(s.worker, 2 * i) > 100
                                  && rt_worker_rule_alerts(s.worker, 2 * i) < 19900,
                          "%s", pairs[i].host);
        scene_done(&s);
}

/* ---- beside other things ---- */

static int
explained(const rt_alert *alert, void *user)
{
        scene *s = user;
        rt_str text;

        cr_assert_eq(rt_worker_explain(s->worker, rt_alert_rule(alert), &text), RT_OK);
        snprintf(s->raised, sizeof s->raised, "%.*s", RTI_FMT(text));
        return 0;
}

Test(fields, a_worker_that_has_seen_its_events_asks_for_no_memory)
{
        static const char lines[] = "name=ab size=1 k=v\nname=c k=w\nsize=3\n";
        rt_worker_stats stats = RT_INIT(rt_worker_stats);
        uint64_t before = 0;
        scene s;

        scene_init(&s);
        use(&s, "h.loud exists or h.turned in (x) or h.address = 10.0.0.3",
            "%h.cat[\"toy.name,toy.name,toy.name,toy.name,toy.name,toy.name,toy.name,toy.name,"
            "toy.name\"] %h.any %h.turned");
        for (unsigned round = 0; round < 50; round++) {
                cr_expect_eq(feed(&s, lines), 3);
                cr_assert_eq(rt_worker_stats_get(s.worker, &stats), RT_OK);
                if (round == 2)
                        before = stats.allocations;
        }
        cr_expect_eq(stats.allocations, before);
        scene_done(&s);
}

Test(fields, explanations_show_what_they_were_made_of)
{
        scene s;

        scene_init(&s);
        use(&s, "h.loud = ab2", "x");
        cr_assert_eq(rt_worker_new(s.engine, NULL, &s.worker), RT_OK);
        cr_expect_eq(rt_worker_feed(s.worker, "toy", RTI_STR("name=ab\n"), explained, &s), 1);
        cr_expect(strstr(s.raised, "[h.loud: \"ab2\"]"), "%s", s.raised);
        cr_expect(strstr(s.raised, "[toy.text[name]: \"ab\"]"), "%s", s.raised);
        cr_expect(strstr(s.raised, "[h.len: 2]"), "%s", s.raised);
        scene_done(&s);
}

static atomic_uint n_made, n_gone;

static int
create_counted(const rt_fields_config *config, void **ret_state)
{
        (void) config;
        atomic_fetch_add(&n_made, 1);
        *ret_state = calloc(1, sizeof(unsigned));
        return *ret_state ? RT_OK : RT_ENOMEM;
}

static void
destroy_counted(void *state)
{
        atomic_fetch_add(&n_gone, 1);
        free(state);
}

/* The name with a mark; the state is written to, which two threads must not do at once. */
static int
extract_marked(void *state, const rt_event *event, uint32_t slot, const rt_value *const *values,
               size_t n, rt_value *ret_value)
{
        char *text;

        (void) slot;
        ++*(unsigned *) state;
        if (n != 1 || !values[0])
                return 0;
        text = rt_event_alloc(event, values[0]->as.s.len + 1);
        if (!text)
                return RT_ENOMEM;
        memcpy(text, values[0]->as.s.ptr, values[0]->as.s.len);
        text[values[0]->as.s.len] = '!';
        *ret_value =
                (rt_value){ .kind = RT_KIND_STRING, .as.s = { text, values[0]->as.s.len + 1 } };
        return 1;
}

typedef struct log_of {
        size_t len;
        char *text;
} log_of;

enum { MOST_LOG = 1 << 20 };

static int
keep(const rt_alert *alert, void *user)
{
        log_of *log = user;
        rt_str text;

        cr_assert_eq(rt_alert_json(alert, &text), RT_OK);
        cr_assert_lt(log->len + text.len + 1, MOST_LOG);
        memcpy(log->text + log->len, text.ptr, text.len);
        log->len += text.len;
        log->text[log->len++] = '\n';
        return 0;
}

Test(fields, a_pool_has_an_instance_for_each_worker_and_the_alerts_of_one)
{
        static const char *const trail[] = { "aws_cloudtrail", NULL };
        static const rt_field_desc field = { "m.user", NULL, RT_KIND_STRING, 0, 0, 0, "" };
        static const char *const trail_reads[] = { "ct.user" };
        static const char rules_text[] =
                "- {rule: m, desc: d, condition: m.user endswith 1!, output: 'u=%m.user',"
                " priority: INFO, source: aws_cloudtrail}\n";
        rt_pool_opts opts = RT_INIT(rt_pool_opts);
        rt_fields_ops ops = host_ops;
        log_of one = { 0, malloc(MOST_LOG) }, many = { 0, malloc(MOST_LOG) };
        char *lines = malloc(MOST_LOG);
        rt_ruleset *rules = NULL;
        rt_engine *engine = NULL;
        rt_worker *worker = NULL;
        rt_pool *pool = NULL;
        size_t len = 0;
        int r = 0;

        ops.sources = trail;
        ops.fields = &field;
        ops.n_fields = 1;
        ops.reads = trail_reads;
        ops.create = create_counted;
        ops.destroy = destroy_counted;
        ops.demand = demand_anything;
        ops.extract = extract_marked;
        for (unsigned i = 0; i < 4000; i++)
                len += (size_t) snprintf(
                        lines + len, MOST_LOG - len,
                        "{\"eventType\":\"AwsApiCall\",\"eventTime\":\"2026-01-02T03:04:05Z\","
                        "\"eventID\":\"%u\",\"eventName\":\"GetA\",\"userIdentity\":"
                        "{\"type\":\"IAMUser\",\"userName\":\"u%u\"}}\n",
                        i, below(30));
        cr_assert_eq(rt_engine_new(NULL, &engine), RT_OK);
        cr_assert_eq(rt_engine_add_fields(engine, &ops), RT_OK);
        cr_assert_eq(rt_compile(engine, "r", rti_str_of(rules_text), NULL, &rules), RT_OK);
        cr_assert_eq(rt_engine_use(engine, rules), RT_OK);
        cr_assert_eq(rt_worker_new(engine, NULL, &worker), RT_OK);
        r = rt_worker_feed(worker, "aws_cloudtrail", (rt_str){ lines, len }, keep, &one);
        cr_expect_geq(r, 300, "%d", r);
        cr_expect_eq(n_made, 1);
        opts.workers = 3;
        opts.batch_bytes = 8192;
        opts.render = RT_RENDER_JSON;
        cr_assert_eq(rt_pool_new(engine, &opts, &pool), RT_OK);
        cr_expect_geq(rt_pool_feed(pool, "aws_cloudtrail", (rt_str){ lines, len }, keep, &many), 0);
        r = rt_pool_flush(pool, keep, &many);
        cr_expect_geq(r, 0);
        cr_expect_eq(one.len, many.len);
        cr_expect(one.len == many.len && memcmp(one.text, many.text, one.len) == 0);
        rt_pool_unref(pool);
        cr_expect(n_made > 1 && n_made <= 5, "%u", n_made);
        rt_worker_unref(worker);
        rt_ruleset_unref(rules);
        rt_engine_unref(engine);
        cr_expect_eq(n_made, n_gone);
        free(one.text);
        free(many.text);
        free(lines);
}
