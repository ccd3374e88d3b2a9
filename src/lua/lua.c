/* SPDX-License-Identifier: Apache-2.0 */
/* lua.c - scripts as a provider of fields: rt_fields_ops on one side, machines on the other. */
#include "base/alloc.h"
#include "base/opts.h"
#include "script.h"
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

                while (k < m->script->ops.n_fields
                       && (strlen(m->script->descs[k].name) != name.len
                           || memcmp(m->script->descs[k].name, name.ptr, name.len) != 0))
                        k++;
                if (k == m->script->ops.n_fields)
                        return RT_ENOENT;
                field_of[i] = (uint8_t) k;
        }
        return RT_OK;
}

typedef struct call {
        const rt_event *event;
        const rt_value *const *reads;
        size_t n_reads;
        rt_value *ret_value;
        uint32_t slot, field;
        int found;
} call;

static int
run_call(lua_State *L)
{
        call *c = lua_touserdata(L, 1);
        const machine *m = machine_of(L);
        const rt_lua *script = m->script;
        const uint32_t flags = script->descs[c->field].flags;
        int n = (int) c->n_reads;

        luaL_checkstack(L, n + 4, NULL);
        lua_rawgetp(L, LUA_REGISTRYINDEX, &script->defs[c->field]);
        for (size_t i = 0; i < c->n_reads; i++)
                push_value(L, c->reads[i]);
        if ((flags & RT_FIELD_ARG_KEY) && !(flags & RT_FIELD_ARG_FIELDS)) {
                const rt_str key = slot_at(m, c->slot)->key;

                lua_pushlstring(L, key.len ? key.ptr : "", key.len);
                n++;
        }
        lua_call(L, n, 1);
        c->found = take_value(L, script->descs[c->field].kind, c->event, c->ret_value);
        return 0;
}

static int
fail(machine *m, uint32_t number, int status)
{
        rt_lua *script = m->script;
        field_def *def = &script->defs[number];

        atomic_fetch_add_explicit(&def->failures, 1, memory_order_relaxed);
        machine_report(m, script->descs[number].name, def->line);
        if (++m->failures[number] == script->opts.max_failures)
                atomic_fetch_add_explicit(&def->off, 1, memory_order_relaxed);
        return status;
}

static int
extract(void *state, const rt_event *event, uint32_t slot, const rt_value *const *reads,
        size_t n_reads, rt_value *ret_value)
{
        machine *m = state;
        const uint32_t number = m->field_of[slot];
        call c = { event, reads, n_reads, ret_value, slot, number, 0 };
        int r;

        if (m->failures[number] >= m->script->opts.max_failures)
                return RT_ELIMIT;
        r = machine_run(m, run_call, &c);
        return r < 0 ? fail(m, number, r) : c.found;
}

/* ---- scripts ---- */

static int
copy_opts(const rt_lua_opts *from, rt_lua_opts *to)
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

static int
add_to(rt_engine *engine, rt_lua *lua)
{
        rt_fields_ops *ops = &lua->ops;

        *ops = (rt_fields_ops){
                .size = sizeof *ops,
                .abi = RT_FIELDS_ABI,
                .name = lua->name,
                .sources = ops->sources,
                .fields = lua->descs,
                .n_fields = ops->n_fields,
                .field_stride = sizeof *lua->descs,
                .reads = lua->reads,
                .user = lua,
                .create = create,
                .destroy = destroy,
                .demand = demand,
                .extract = extract,
        };
        return rt_engine_add_fields(engine, ops);
}

int
rt_lua_new(rt_engine *engine, const char *name, rt_str text, const rt_lua_opts *opts,
           rt_lua **ret_lua)
{
        rt_allocator allocator = rti_alloc_default;
        rt_lua_opts copy;
        rt_lua *lua;
        char *own;
        int r;

        if (!engine || !name || !ret_lua || (text.len && !text.ptr))
                return RT_EINVAL;
        r = copy_opts(opts, &copy);
        if (r < 0)
                return r;
        if (copy.allocator)
                allocator = *copy.allocator;
        /* The script with its name and its text behind it. */
        lua = allocator.resize(NULL, sizeof *lua + strlen(name) + 1 + text.len, allocator.user);
        if (!lua)
                return RT_ENOMEM;
        memset(lua, 0, sizeof *lua);
        own = (char *) (lua + 1);
        memcpy(own, name, strlen(name) + 1);
        lua->name = own;
        own += strlen(name) + 1;
        if (text.len)
                memcpy(own, text.ptr, text.len);
        lua->text = (rt_str){ own, text.len };
        lua->opts = copy;
        lua->allocator = allocator;
        lua->own = machine_new(lua, &allocator, true, &r);
        r = r < 0 ? r : add_to(engine, lua);
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
        if (!lua)
                return NULL;
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
        if (index >= lua->ops.n_fields)
                return RT_ENOENT;
        row.name = lua->descs[index].name;
        row.failures = atomic_load_explicit(&lua->defs[index].failures, memory_order_relaxed);
        row.off = atomic_load_explicit(&lua->defs[index].off, memory_order_relaxed);
        return rti_opts_give(&row, sizeof row, ret_field);
}
