/* SPDX-License-Identifier: Apache-2.0 */
/* Hooks when there is no memory, and items that are no such JSON as the loader writes. */
#include "item.h"
#include "scene.h"
#include <criterion/parameterized.h>

typedef struct meter {
        long left; /* requests that are still good; < 0: all are */
        long held; /* blocks */
        bool failed;
} meter;

static void *
resize(void *ptr, size_t size_bytes, void *user)
{
        meter *m = user;
        void *got;

        if (!size_bytes) {
                m->held -= ptr != NULL;
                free(ptr);
                return NULL;
        }
        if (m->left == 0) {
                m->failed = true;
                return NULL;
        }
        m->left -= m->left > 0;
        got = realloc(ptr, size_bytes);
        cr_assert(got);
        m->held += !ptr;
        return got;
}

static const char script[] =
        "runtime.sources { 'aws_cloudtrail' }\n"
        "runtime.field { name = 'lua.up', type = 'string', reads = { 'ct.name' },\n"
        "  extract = function(name) return name:upper() .. name:rep(100) end }\n"
        "runtime.match { rules = { 'A' }, reads = { 'ct.srcip' }, on = function(m, ip)\n"
        "  return { tags = { ip, m.rule }, fields = { ['lua.ip'] = ip, ['lua.n'] = 1 } } end }\n"
        "runtime.detect { rule = 'D', condition = 'ct.name = x', key = { 'ct.srcip', 'ct.name' },\n"
        "  max_keys = 3, on = function(e, s) s.n = (s.n or 0) + 1 return s.n == 2 end }\n"
        "runtime.output { json = true, on = function(a) runtime.write(a.json .. a.text) end }\n";
static const char rules[] =
        "- hooks: x\n  script: runtime.log('read')\n" RULE("A", "lua.up startswith X")
                RULE("B", "ct.name = x");

static int
load(const scene *s, int *ret)
{
        rt_ruleset *ruleset = NULL;
        rt_loader *loader = NULL;
        int r = rt_loader_new(s->engine, NULL, &loader);

        r = r < 0 ? r : rt_lua_hooks_load(s->hooks, loader, "geo.lua", text_of(script));
        r = r < 0 ? r : rt_loader_add(loader, "a.yaml", text_of(rules), s->diags);
        r = r < 0 ? r : rt_lua_hooks_add_rules(s->hooks, loader, s->diags);
        r = r < 0 ? r : rt_loader_compile(loader, s->diags, &ruleset);
        r = r < 0 ? r : rt_lua_outputs_use(s->outputs, loader);
        r = r < 0 ? r : rt_engine_use(s->engine, ruleset);
        rt_ruleset_unref(ruleset);
        rt_loader_unref(loader);
        *ret = r;
        return r;
}

static int
on_alert(const rt_alert *alert, void *user)
{
        scene *s = user;

        (void) rt_lua_outputs_put(s->outputs, alert);
        return 0;
}

static int
written(const char *output, rt_str bytes, void *user)
{
        (void) output;
        (void) bytes;
        (void) user;
        return RT_OK;
}

/* All of a life. What fails ends it. */
static int
live(const rt_allocator *allocator)
{
        rt_lua_outputs_opts writes = RT_INIT(rt_lua_outputs_opts);
        rt_engine_opts engine = RT_INIT(rt_engine_opts);
        rt_lua_opts opts = RT_INIT(rt_lua_opts);
        scene s = { 0 };
        char text[512], ip[16];
        int r;

        engine.hostname = "h";
        engine.allocator = opts.allocator = writes.allocator = allocator;
        writes.write = written;
        r = rt_engine_new(&engine, &s.engine);
        r = r < 0 ? r : rt_lua_hooks_new(s.engine, &opts, &s.hooks);
        r = r < 0 ? r : rt_lua_outputs_new(s.hooks, &writes, &s.outputs);
        r = r < 0 ? r : rt_diags_new(&s.diags);
        r = r < 0 ? r : load(&s, &r);
        r = r < 0 ? r : rt_worker_new(s.engine, NULL, &s.worker);
        for (unsigned i = 0; r >= 0 && i < 12; i++) {
                snprintf(ip, sizeof ip, "192.0.2.%u", i % 5);
                r = rt_worker_feed(s.worker, "aws_cloudtrail",
                                   scene_record(text, sizeof text, "x", ip, i), on_alert, &s);
                r = r < 0 || i != 6 ? r : load(&s, &r);
        }
        rt_worker_unref(s.worker);
        rt_diags_unref(s.diags);
        rt_engine_unref(s.engine);
        rt_lua_outputs_unref(s.outputs);
        rt_lua_hooks_unref(s.hooks);
        return r;
}

Test(memory, wherever_it_ends_nothing_is_lost)
{
        meter m = { .left = -1 };
        const rt_allocator allocator = { sizeof allocator, resize, &m };
        unsigned lives = 0;

        cr_assert_geq(live(&allocator), 0);
        cr_expect_eq(m.held, 0);
        for (long n = 0; n < 100000; n += 1 + n / 40) {
                m = (meter){ .left = n };
                (void) live(&allocator);
                cr_assert_eq(m.held, 0, "%ld blocks after %ld", m.held, n);
                lives++;
                if (!m.failed)
                        break;
        }
        cr_expect_not(m.failed);
        cr_expect_gt(lives, 100);
}

typedef struct row {
        char json[80];
        int status;
        char hooks[20], script[20];
} row;

static row items[] = {
        { "{\"hooks\":\"a.lua\"}", RT_OK, "a.lua", "" },
        { "{\"script\":\"x\\n\\u001f\\\\\",\"hooks\":\"a\\\"\"}", RT_OK, "a\"", "x\n\x1f\\" },
        { "{\"hooks\":\"a\",\"hooks\":\"b\"}", RT_OK, "a", "" },
        { "", RT_EFORMAT, "", "" },
        { "{}", RT_EFORMAT, "", "" },
        { "{\"hooks\":\"\"}", RT_EFORMAT, "", "" },
        { "{\"script\":\"a\"}", RT_EFORMAT, "", "" },
        { "{\"hooks\":null}", RT_EFORMAT, "", "" },
        { "{\"hooks\":[\"a\"]}", RT_EFORMAT, "", "" },
        { "{\"hooks\":\"a\\u0000\"}", RT_EFORMAT, "", "" },
        { "{\"hooks\":\"a\\u12\"}", RT_EFORMAT, "", "" },
        { "{\"hooks\":\"a\\x\"}", RT_EFORMAT, "", "" },
        { "{\"hooks\":\"a\"]", RT_EFORMAT, "", "" },
        { "{\"hooks\":\"a\",\"other\":\"b\"}", RT_EFORMAT, "", "" },
        { "{\"hooks\":\"a\",}", RT_EFORMAT, "", "" },
};

ParameterizedTestParameters(memory, items_are_read_and_never_beyond_their_end)
{
        return cr_make_param_array(row, items, sizeof items / sizeof *items);
}

ParameterizedTest(row *r, memory, items_are_read_and_never_beyond_their_end)
{
        meter m = { .left = -1 };
        const rt_allocator allocator = { sizeof allocator, resize, &m };
        const size_t len = strlen(r->json);
        item_texts texts;

        for (size_t n = 0; n <= len; n++) {
                char *copy = malloc(n + 1); /* so that a sanitiser sees its end */
                int status;

                memcpy(copy, r->json, n);
                copy = realloc(copy, n ? n : 1);
                status = item_read(&allocator, (rt_str){ copy, n }, &texts);
                cr_expect_eq(status, n == len ? r->status : RT_EFORMAT);
                if (status == RT_OK) {
                        cr_expect_str_eq(texts.hooks.ptr, r->hooks);
                        cr_expect_str_eq(texts.script.ptr ? texts.script.ptr : "", r->script);
                        resize(texts.memory, 0, &m);
                }
                free(copy);
                cr_expect_eq(m.held, 0);
        }
}

Test(memory, nothing_stands_behind_an_item)
{
        const rt_allocator allocator = { sizeof allocator, resize, &(meter){ .left = -1 } };
        item_texts texts;

        cr_expect_eq(item_read(&allocator, text_of("{\"hooks\":\"a\"}}"), &texts), RT_EFORMAT);
        cr_expect_eq(item_read(&allocator, text_of("{\"hooks\":\"a\"} "), &texts), RT_EFORMAT);
}
