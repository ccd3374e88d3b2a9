/* SPDX-License-Identifier: Apache-2.0 */
/* lua.c - scripts as a provider of fields: rt_fields_ops on one side, machines on the other. */
#include "base/alloc.h"
#include "base/opts.h"
#include "script.h"
#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* ---- the provider ---- */

static int
create(const rt_fields_config *config, void **ret_state)
{
        int r;
        machine *m = machine_new(config->user, config->allocator, false, &r);

        if (m)
                *ret_state = m;
        return r;
}

static void
destroy(void *state)
{
        machine_free(state);
}

static const rt_slot_desc *
slot_at(const machine *m, size_t i)
{
        return (const rt_slot_desc *) ((const char *) m->demand.slots + i * m->demand.slot_stride);
}

static int
demand(void *state, const rt_fields_demand *what)
{
        machine *m = state;
        uint8_t *field_of = m->allocator.resize(m->field_of, what->n_slots, m->allocator.user);

        if (!field_of)
                return RT_ENOMEM;
        m->field_of = field_of;
        m->demand = *what;
        for (size_t i = 0; i < what->n_slots; i++) {
                const rt_str name = slot_at(m, i)->field;
                size_t k = 0;

                while (k < m->script->n_fields
                       && (strlen(m->script->descs[k].name) != name.len
                           || memcmp(m->script->descs[k].name, name.ptr, name.len) != 0))
                        k++;
                if (k == m->script->n_fields)
                        return RT_ENOENT;
                field_of[i] = (uint8_t) k;
        }
        return RT_OK;
}

static int
field_call(lua_State *L)
{
        call *c = lua_touserdata(L, 1);
        const machine *m = machine_of(L);
        const rt_lua *script = m->script;
        const uint32_t flags = script->descs[c->number].flags;
        int n = (int) c->n_reads;

        luaL_checkstack(L, n + 4, NULL);
        lua_rawgetp(L, LUA_REGISTRYINDEX, &script->defs[c->number]);
        for (size_t i = 0; i < c->n_reads; i++)
                push_value(L, c->reads[i]);
        if ((flags & RT_FIELD_ARG_KEY) && !(flags & RT_FIELD_ARG_FIELDS)) {
                const rt_str key = slot_at(m, c->slot)->key;

                lua_pushlstring(L, key.len ? key.ptr : "", key.len);
                n++;
        }
        lua_call(L, n, 1);
        c->found = take_value(L, script->descs[c->number].kind, c->event, c->ret_value);
        return 0;
}

int
script_failed(machine *m, uint32_t number, int status)
{
        rt_lua *script = m->script;
        hook *h = &script->defs[number];

        atomic_fetch_add_explicit(&h->failures, 1, memory_order_relaxed);
        machine_report(m, h->label, h->line);
        if (++m->failures[number] == script->opts.max_failures)
                atomic_fetch_add_explicit(&h->off, 1, memory_order_relaxed);
        return status;
}

static int
extract(void *state, const rt_event *event, uint32_t slot, const rt_value *const *reads,
        size_t n_reads, rt_value *ret_value)
{
        static const lua_CFunction calls[] = { [RT_LUA_FIELD] = field_call,
                                               [RT_LUA_MATCH] = match_call,
                                               [RT_LUA_DETECT] = detect_call };
        machine *m = state;
        const uint32_t number = m->field_of[slot], kind = m->script->defs[number].kind;
        call c = { event, reads, n_reads, ret_value, slot, number, 0 };
        int r;

        if (m->failures[number] >= m->script->opts.max_failures)
                return RT_ELIMIT;
        r = machine_run(m, calls[kind], &c);
        if (r == RT_OK)
                return c.found;
        script_failed(m, number, r);
        if (kind == RT_LUA_DETECT && (r == RT_ELIMIT || m->refused))
                detect_relieve(m, number);
        return r;
}

/* ---- scripts ---- */

int
script_copy_opts(const rt_lua_opts *from, rt_lua_opts *to)
{
        const int r = rti_opts_take(from, sizeof *to, to);

        if (r < 0)
                return r;
        to->max_instructions = to->max_instructions ? to->max_instructions : 1000000;
        to->max_bytes = to->max_bytes ? to->max_bytes : 8 << 20;
        to->max_ms = to->max_ms ? to->max_ms : 100;
        to->max_failures = to->max_failures ? to->max_failures : 10;
        return RT_OK;
}

static void
release(void *user)
{
        rt_lua_unref(user);
}

/* "rules/geo-ip.lua": geo_ip */
static void
name_stem(const char *name, char *stem, size_t size)
{
        const char *slash = strrchr(name, '/'), *from = slash ? slash + 1 : name;
        const char *dot = strrchr(from, '.'), *end = dot > from ? dot : from + strlen(from);
        size_t n = 0;

        for (; from < end && n + 1 < size; from++)
                stem[n++] = isalnum((unsigned char) *from) ? *from : '_';
        stem[n] = '\0';
        if (!n)
                snprintf(stem, size, "script");
}

int
script_new(const char *name, rt_str text, const rt_lua_opts *opts, const complaint *c,
           rt_lua **ret_lua)
{
        const rt_allocator allocator = opts->allocator ? *opts->allocator : rti_alloc_default;
        /* The script with its name and its text behind it. */
        const size_t size = strlen(name) + 1;
        rt_lua *lua = rti_calloc(&allocator, 1, sizeof *lua + size + text.len);
        char *own;
        int r;

        if (!lua)
                return RT_ENOMEM;
        own = memcpy(lua + 1, name, size);
        lua->name = own;
        if (text.len)
                memcpy(own + size, text.ptr, text.len);
        lua->text = (rt_str){ own + size, text.len };
        lua->opts = *opts;
        lua->allocator = allocator;
        atomic_init(&lua->refs, 1);
        name_stem(name, lua->stem, sizeof lua->stem);
        snprintf(lua->mark, sizeof lua->mark, "lua.script.%" PRIxPTR, (uintptr_t) lua);
        lua->complaint = c;
        lua->own = machine_new(lua, &allocator, true, &r);
        lua->complaint = NULL;
        if (r < 0) {
                rt_lua_unref(lua);
                return r;
        }
        /* PURE is what a function on matches cannot be: see hooks_has. */
        lua->descs[lua->n_fields] = (rt_field_desc){ .name = lua->mark,
                                                     .group = "lua",
                                                     .kind = RT_KIND_BYTES,
                                                     .flags = RT_FIELD_TABLE_ONLY | RT_FIELD_PURE,
                                                     .help = "a script" };
        lua->ops = (rt_fields_ops){ .size = sizeof lua->ops,
                                    .abi = RT_FIELDS_ABI,
                                    .flags = RT_FIELDS_KEPT,
                                    .name = lua->name,
                                    .sources = lua->ops.sources,
                                    .fields = lua->descs,
                                    .n_fields = lua->n_fields + 1,
                                    .field_stride = sizeof *lua->descs,
                                    .reads = lua->reads,
                                    .user = lua,
                                    .create = create,
                                    .destroy = destroy,
                                    .demand = demand,
                                    .extract = extract,
                                    .release = release };
        *ret_lua = lua;
        return RT_OK;
}

rt_lua *
script_ref(rt_lua *lua)
{
        atomic_fetch_add_explicit(&lua->refs, 1, memory_order_relaxed);
        return lua;
}

int
script_add(rt_lua *lua, rt_engine *engine, rt_loader *loader)
{
        int r;

        script_ref(lua);
        r = loader ? rt_loader_add_fields(loader, &lua->ops)
                   : rt_engine_add_fields(engine, &lua->ops);
        if (r < 0)
                rt_lua_unref(lua);
        return r;
}

int
rt_lua_new(rt_engine *engine, const char *name, rt_str text, const rt_lua_opts *opts,
           rt_lua **ret_lua)
{
        rt_lua_opts copy;
        rt_lua *lua;
        int r;

        if (!engine || !name || !ret_lua || (text.len && !text.ptr))
                return RT_EINVAL;
        r = script_copy_opts(opts, &copy);
        r = r < 0 ? r : script_new(name, text, &copy, NULL, &lua);
        if (r < 0)
                return r;
        r = script_add(lua, engine, NULL);
        if (r < 0) {
                rt_lua_unref(lua);
                return r;
        }
        *ret_lua = lua;
        return RT_OK;
}

rt_lua *
rt_lua_unref(rt_lua *lua)
{
        if (!lua || atomic_fetch_sub_explicit(&lua->refs, 1, memory_order_acq_rel) > 1)
                return NULL;
        if (lua->hooks)
                hooks_forget(lua);
        if (lua->own)
                machine_free(lua->own);
        lua->allocator.resize(lua, 0, lua->allocator.user);
        return NULL;
}

int
rt_lua_field_get(const rt_lua *lua, size_t index, rt_lua_field *ret_field)
{
        rt_lua_field row = RT_INIT(rt_lua_field);

        if (!lua || !ret_field)
                return RT_EINVAL;
        if (index >= lua->n_fields)
                return RT_ENOENT;
        row.name = lua->descs[index].name;
        row.failures = atomic_load_explicit(&lua->defs[index].failures, memory_order_relaxed);
        row.off = atomic_load_explicit(&lua->defs[index].off, memory_order_relaxed);
        return rti_opts_give(&row, sizeof row, ret_field);
}
