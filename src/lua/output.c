/* SPDX-License-Identifier: Apache-2.0 */
/*
 * output.c - outputs: functions that are told about alerts.
 *
 *   in   the scripts of a loader; alerts, inside of the host's callback
 *   out  what they say with runtime.write, to the host
 *
 * They run in states of their own, on the thread that hears of the alerts, not in those of workers:
 * a pool's workers are on other threads, and its alerts are put in order behind them.
 */
#include "base/alloc.h"
#include "base/opts.h"
#include "script.h"
#include <libruntime/runtime.h>
#include <string.h>

struct rt_lua_outputs {
        rt_allocator allocator;
        rt_lua_hooks *hooks;
        int (*write)(const char *output, rt_str bytes, void *user);
        void *write_user;
        machine **at;
        size_t n;
};

/* ---- calls ---- */

int
output_write(lua_State *L)
{
        const machine *m = machine_of(L);
        const rt_lua_outputs *outputs = m->output ? m->outputs : NULL;
        rt_str text;
        int r;

        text.ptr = luaL_checklstring(L, 1, &text.len);
        if (!outputs)
                return luaL_error(L, "runtime.write: only in an output");
        if (!outputs->write)
                return luaL_error(L, "runtime.write: nothing is open for outputs");
        r = outputs->write(m->output->label, text, outputs->write_user);
        if (r < 0)
                return luaL_error(L, "runtime.write: %s", rt_status_name(r));
        return 0;
}

typedef struct output_args {
        const hook *h;
        const rt_alert *alert;
} output_args;

static void
set_text(lua_State *L, const char *key, rt_str text)
{
        lua_pushlstring(L, text.len ? text.ptr : "", text.len);
        lua_setfield(L, -2, key);
}

static void
set_texts(lua_State *L, const char *key, const char *text)
{
        set_text(L, key, (rt_str){ text, text ? strlen(text) : 0 });
}

static void
set_fields(lua_State *L, const rt_alert *alert)
{
        const char *name;
        rt_value value;

        lua_newtable(L);
        for (size_t i = 0; rt_alert_field(alert, i, &name, &value) == RT_OK; i++) {
                push_value(L, &value);
                lua_setfield(L, -2, name);
        }
        lua_setfield(L, -2, "fields");
}

static void
set_tags(lua_State *L, const char *const *tags)
{
        lua_newtable(L);
        for (lua_Integer i = 0; tags && tags[i]; i++) {
                lua_pushstring(L, tags[i]);
                lua_rawseti(L, -2, i + 1);
        }
        lua_setfield(L, -2, "tags");
}

static int
call_output(lua_State *L)
{
        const output_args *args = lua_touserdata(L, 1);
        const rt_alert *alert = args->alert;
        rt_str text;

        lua_rawgetp(L, LUA_REGISTRYINDEX, args->h);
        lua_createtable(L, 0, 10);
        set_texts(L, "rule", rt_alert_rule(alert));
        set_texts(L, "source", rt_alert_source(alert));
        set_texts(L, "priority", rt_priority_name(rt_alert_priority(alert)));
        set_texts(L, "id", rt_alert_id(alert));
        lua_pushnumber(L, (lua_Number) rt_alert_time_ns(alert) / 1e9);
        lua_setfield(L, -2, "time");
        if (rt_alert_text(alert, &text) == RT_OK)
                set_text(L, "text", text);
        if (args->h->json && rt_alert_json(alert, &text) == RT_OK)
                set_text(L, "json", text);
        set_tags(L, rt_alert_tags(alert));
        set_fields(L, alert);
        lua_call(L, 1, 0);
        return 0;
}

/* @return 1: it took the alert, 0: it is off, or failed. */
static int
put(machine *m, uint32_t number, const rt_alert *alert)
{
        output_args args = { &m->script->defs[number], alert };
        int r;

        if (m->failures[number] >= m->script->opts.max_failures)
                return 0;
        m->output = args.h;
        r = machine_run(m, call_output, &args);
        m->output = NULL;
        if (r < 0)
                script_failed(m, number, r);
        return r == RT_OK;
}

int
rt_lua_outputs_put(rt_lua_outputs *outputs, const rt_alert *alert)
{
        int taken = 0;

        if (!outputs || !alert)
                return RT_EINVAL;
        for (size_t i = 0; i < outputs->n; i++)
                if (outputs->at[i]->running)
                        return RT_EBUSY;
        for (size_t i = 0; i < outputs->n; i++)
                for (uint32_t k = 0; k < outputs->at[i]->script->n_outputs; k++)
                        taken += put(outputs->at[i], MAX_FIELDS + k, alert);
        return taken;
}

/* ---- which ones ---- */

static machine *
find(const rt_lua_outputs *outputs, const rt_lua *lua)
{
        for (size_t i = 0; i < outputs->n; i++)
                if (outputs->at[i]->script == lua)
                        return outputs->at[i];
        return NULL;
}

static void
drop(const rt_lua_outputs *outputs, machine **at, size_t n, const rt_lua_outputs *kept)
{
        for (size_t i = 0; i < n; i++) {
                rt_lua *lua = at[i]->script;

                if (kept && find(kept, lua) == at[i])
                        continue;
                machine_free(at[i]);
                rt_lua_unref(lua);
        }
        rti_free(&outputs->allocator, at);
}

/* Put the script's state behind the others of @a next, one of ours if there is one. */
static int
take(const rt_lua_outputs *outputs, rt_lua *lua, rt_lua_outputs *next)
{
        machine **at = rti_realloc(&outputs->allocator, next->at, next->n + 1, sizeof(machine *));
        machine *m = find(outputs, lua);
        int r = RT_OK;

        if (!at)
                return RT_ENOMEM;
        next->at = at;
        if (!m) {
                m = machine_new(lua, &outputs->allocator, false, &r);
                if (!m)
                        return r;
                m->outputs = outputs;
                script_ref(lua);
        }
        at[next->n++] = m;
        return RT_OK;
}

int
rt_lua_outputs_use(rt_lua_outputs *outputs, rt_loader *loader)
{
        rt_lua_outputs next = { .at = NULL }, old;
        int r = RT_OK;

        if (!outputs)
                return RT_EINVAL;
        for (size_t i = 0; i < outputs->n; i++)
                if (outputs->at[i]->running)
                        return RT_EBUSY;
        for (rt_lua *lua = hooks_next(outputs->hooks, NULL); lua;
             lua = hooks_next(outputs->hooks, lua))
                if (r == RT_OK && lua->n_outputs && hooks_has(outputs->hooks, lua, loader))
                        r = take(outputs, lua, &next);
        if (r < 0) {
                drop(outputs, next.at, next.n, outputs);
                return r;
        }
        old = *outputs;
        outputs->at = next.at;
        outputs->n = next.n;
        drop(outputs, old.at, old.n, outputs);
        return RT_OK;
}

int
rt_lua_outputs_new(rt_lua_hooks *hooks, const rt_lua_outputs_opts *opts,
                   rt_lua_outputs **ret_outputs)
{
        rt_allocator allocator = rti_alloc_default;
        rt_lua_outputs_opts own;
        rt_lua_outputs *outputs;
        int r;

        if (!hooks || !ret_outputs)
                return RT_EINVAL;
        r = rti_opts_take(opts, sizeof own, &own);
        if (r < 0)
                return r;
        if (own.allocator)
                allocator = *own.allocator;
        outputs = rti_calloc(&allocator, 1, sizeof *outputs);
        if (!outputs)
                return RT_ENOMEM;
        outputs->allocator = allocator;
        outputs->hooks = hooks_ref(hooks);
        outputs->write = own.write;
        outputs->write_user = own.write_user;
        *ret_outputs = outputs;
        return RT_OK;
}

rt_lua_outputs *
rt_lua_outputs_unref(rt_lua_outputs *outputs)
{
        rt_lua_hooks *hooks;

        if (!outputs)
                return NULL;
        hooks = outputs->hooks;
        drop(outputs, outputs->at, outputs->n, NULL);
        rti_free(&outputs->allocator, outputs);
        rt_lua_hooks_unref(hooks);
        return NULL;
}
