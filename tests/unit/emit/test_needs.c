/* SPDX-License-Identifier: Apache-2.0 */
/* What rules need of events: sets per type, never too small. */
#include "program/ruleset.h"
#include <criterion/criterion.h>
#include <criterion/parameterized.h>
#include <inttypes.h>
#include <libruntime/runtime.h>
#include <stdio.h>

enum { OPENAT = 307, READ = 7, EXECVE = 293, ANY_FD_KIND = 0xc03fffff };

typedef struct claim {
        char what[64];
        char condition[256]; /* of the one rule, "|" puts a second one behind it */
        char expect[192];    /* rows of `type`, as text; "none": no row passes */
        uint32_t type;
} claim;

static rt_engine *engine;

static rt_ruleset *
compile(const char *conditions)
{
        rt_loader *loader = NULL;
        rt_ruleset *rules = NULL;
        char yaml[1024];
        int n = 0, number = 0;

        while (*conditions) {
                const int len = (int) strcspn(conditions, "|");

                n += snprintf(yaml + n, sizeof yaml - (size_t) n,
                              "- rule: r%d\n  desc: d\n  output: o\n  priority: INFO\n"
                              "  condition: %.*s\n",
                              number++, len, conditions);
                conditions += len + (conditions[len] == '|');
        }
        cr_assert_eq(rt_engine_new(NULL, &engine), RT_OK);
        cr_assert_eq(rt_loader_new(engine, NULL, &loader), RT_OK);
        cr_assert_geq(rt_loader_add(loader, "t", (rt_str){ yaml, (size_t) n }, NULL), 0);
        cr_assert_eq(rt_loader_compile(loader, NULL, &rules), RT_OK, "%s", yaml);
        rt_loader_unref(loader);
        return rules;
}

static void
put_texts(rti_buf *buf, const rt_ruleset *rules, const char *what, rti_p_range range)
{
        for (uint32_t i = 0; i < range.n; i++)
                rti_buf_printf(buf, "%s%.*s", i ? "," : what,
                               (int) rules->p.need_texts[range.first + i].len,
                               rules->p.texts + rules->p.need_texts[range.first + i].at);
}

static void
put_set(rti_buf *buf, const char *what, uint32_t set, uint32_t whole)
{
        if (set != whole)
                rti_buf_printf(buf, " %s=%" PRIx32, what, set);
}

static void
put_rows(rti_buf *buf, const rt_ruleset *rules, uint32_t type)
{
        for (uint32_t i = 0; i < rules->p.n_needs; i++) {
                const rti_p_need *need = &rules->p.needs[i];

                if (need->type != type)
                        continue;
                rti_buf_add_text(buf, buf->len ? ";" : "");
                if (!need->results) {
                        rti_buf_add_text(buf, "none");
                        continue;
                }
                rti_buf_add_text(buf, "row");
                put_set(buf, "results", need->results, 7);
                put_set(buf, "nums", need->fd_nums, 7);
                put_set(buf, "kinds", need->fd_kinds, ANY_FD_KIND);
                put_set(buf, "modes", need->open_modes, 0x1ffff);
                put_set(buf, "scopes", need->scopes, 3);
                put_set(buf, "raw", need->raw_paths, 3);
                put_texts(buf, rules, " paths ", need->paths);
                put_texts(buf, rules, " names ", need->names);
        }
}

ParameterizedTestParameters(needs, claims)
{
        static claim rows[] = {
                { "nothing is asked of an event", "evt.type=openat", "row", OPENAT },
                { "a missing value fails != too", "evt.type=openat and evt.failed!=true",
                  "row results=1", OPENAT },
                { "not lets missing values through", "evt.type=openat and not evt.failed=true",
                  "row results=5", OPENAT },
                { "numbers have a sign", "evt.type=openat and fd.num>=0", "row nums=1", OPENAT },
                { "numbers below 0", "evt.type=openat and evt.rawres<0", "row results=2", OPENAT },
                { "a comparison that both signs pass", "evt.type=openat and evt.rawres>-5",
                  "row results=3", OPENAT },
                { "success by name", "evt.type=openat and evt.res=SUCCESS", "row results=3",
                  OPENAT },
                { "kinds by character", "evt.type=read and fd.typechar in (4,6)",
                  "row kinds=40000078", READ },
                { "kinds by name", "evt.type=read and fd.type=file", "row kinds=10002", READ },
                { "not of kinds", "evt.type=read and not fd.type=file", "row kinds=c03efffd",
                  READ },
                { "modes of opening", "evt.type=openat and evt.is_open_write=true",
                  "row modes=1cccc", OPENAT },
                { "containers", "evt.type=openat and container.id!=host", "row scopes=2", OPENAT },
                { "one of two rules is enough",
                  "evt.type=openat and fd.num>=0|evt.type=openat and container.id!=host",
                  "row nums=1;row scopes=2", OPENAT },
                { "a wider rule takes in a narrower one",
                  "evt.type=openat and fd.num>=0|evt.type=openat", "row", OPENAT },
                { "beginnings of paths",
                  "evt.type=openat and (fd.name startswith /etc/ or fd.name in (/a/b, /c))",
                  "row paths /etc/,/a/b,/c", OPENAT },
                { "endings say nothing of beginnings",
                  "evt.type=openat and (fd.name startswith /etc/ or fd.name endswith x)", "row",
                  OPENAT },
                { "globs begin before their wildcard", "evt.type=openat and fd.name glob /x/*y",
                  "row paths /x/", OPENAT },
                { "not of paths says nothing", "evt.type=openat and not fd.name startswith /etc",
                  "row", OPENAT },
                { "names", "evt.type=openat and proc.name in (a, b)", "row names a,b", OPENAT },
                { "transformed values say nothing",
                  "evt.type=openat and tolower(fd.name) startswith /etc", "row", OPENAT },
                { "a path that goes up", "evt.type=openat and fd.nameraw contains ../", "row raw=1",
                  OPENAT },
                { "the type decides between alternatives",
                  "(evt.type=openat and fd.num>=0) or (evt.type=read and evt.failed=true)",
                  "row nums=1", OPENAT },
                { "an impossible rule needs nothing",
                  "evt.type=openat and evt.failed=true and evt.rawres>=0", "none", OPENAT },
                { "existence", "evt.type=read and fd.type exists", "row kinds=3fffff", READ },
        };

        return cr_make_param_array(claim, rows, sizeof rows / sizeof *rows);
}

ParameterizedTest(claim *row, needs, claims)
{
        rt_ruleset *rules = compile(row->condition);
        rti_buf buf;

        rti_buf_init(&buf, &rti_alloc_default, 0);
        put_rows(&buf, rules, row->type);
        rti_buf_add_char(&buf, '\0');
        cr_expect_str_eq(buf.ptr, row->expect, "%s: %s", row->what, row->condition);
        rti_buf_done(&buf);
        rti_ruleset_unref(rules);
        rt_engine_unref(engine);
}
