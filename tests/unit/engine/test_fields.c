/* SPDX-License-Identifier: Apache-2.0 */
/* Fields of the host: described, asked for, read; beside a source that reads lines. */
#include "provider.h"

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

/* ---- against transformers ---- */

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
