/* SPDX-License-Identifier: Apache-2.0 */
/* Fields of the host, and rules that name them, that cannot be. */
#include "provider.h"

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
