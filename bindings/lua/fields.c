/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fields.c - fields written in Lua: functions of other fields. See libruntime/fields.h.
 *
 * They run in this Lua state, with all that it can do, unlike the scripts of libruntime-lua. What
 * one throws is a failed read: counted, and the field is missing. What comes later is given by the
 * state of another thread, since this one waits.
 */
#include "core.h"
#include "later.h"
#include <string.h>

enum { AT_FUNCTIONS = 1 }; /* of what is kept */

typedef struct provider {
        lua_host *host;
        const rt_field_desc *fields;
        const bool *later; /* of each: its value may come later */
        uint32_t n_fields;
        int number; /* of its table, among what the host keeps */
} provider;

/* What a slot asks for. */
typedef struct asked {
        const rt_field_desc *desc;
        bool later;
        int function;
        uint32_t arg;
        uint64_t index;
        rt_str key; /* of the instance's table */
} asked;

typedef struct instance {
        const provider *by;
        int table; /* in the registry: this, and what it needs */
        const asked *slots;
        size_t n_slots;
        waiting waiting;
} instance;

/* ---- life ---- */

typedef struct create_call {
        const provider *by;
        instance *made;
} create_call;

static int
do_create(lua_State *L)
{
        create_call *call = lua_touserdata(L, 1);
        instance *self;

        lua_newtable(L);
        self = lua_newuserdata(L, sizeof *self);
        *self = (instance){ .by = call->by };
        lua_rawseti(L, 2, 1);
        self->table = luaL_ref(L, LUA_REGISTRYINDEX);
        call->made = self;
        return 0;
}

static int
provider_create(const rt_fields_config *config, void **ret_state)
{
        create_call call = { config->user, NULL };
        bool threw;
        const int r = host_call(call.by->host, do_create, &call, &threw);

        if (threw)
                host_failed(call.by->host);
        if (r == RT_OK)
                *ret_state = call.made;
        return r;
}

static void
provider_destroy(void *state)
{
        instance *self = state;
        const lua_host *host = self->by->host;

        later_end(&self->waiting);
        if (host->judge)
                luaL_unref(host->judge->L, LUA_REGISTRYINDEX, self->table);
}

typedef struct demand_call {
        instance *self;
        const rt_fields_demand *demand;
} demand_call;

static asked
ask_for(lua_State *L, const provider *by, const rt_slot_desc *slot, int keep)
{
        asked row = { .arg = slot->arg, .index = slot->index };

        for (uint32_t i = 0; i < by->n_fields; i++)
                if (strlen(by->fields[i].name) == slot->field.len
                    && memcmp(by->fields[i].name, slot->field.ptr, slot->field.len) == 0) {
                        row.desc = &by->fields[i];
                        row.later = by->later[i];
                        row.function = (int) i + 1;
                }
        push_str(L, slot->key);
        row.key.ptr = lua_tolstring(L, -1, &row.key.len);
        lua_rawseti(L, keep, (int) lua_rawlen(L, keep) + 1);
        return row;
}

static int
do_demand(lua_State *L)
{
        demand_call *call = lua_touserdata(L, 1);
        const rt_fields_demand *demand = call->demand;
        asked *rows;

        lua_rawgeti(L, LUA_REGISTRYINDEX, call->self->table);
        lua_newtable(L);
        rows = keep_memory(L, 3, (demand->n_slots + 1) * sizeof *rows);
        for (size_t i = 0; i < demand->n_slots; i++)
                rows[i] = ask_for(L, call->self->by, slot_at(demand->slots, demand->slot_stride, i),
                                  3);
        lua_rawseti(L, 2, 2);
        call->self->slots = rows;
        call->self->n_slots = demand->n_slots;
        return 0;
}

static int
provider_demand(void *state, const rt_fields_demand *demand)
{
        demand_call call = { state, demand };
        bool threw;
        const int r = host_call(call.self->by->host, do_demand, &call, &threw);

        if (threw)
                host_failed(call.self->by->host);
        return r;
}

/* ---- reading ---- */

typedef struct read_call {
        const asked *slot;
        waiting *waiting;
        const provider *by;
        const rt_event *event;
        const rt_value *const *reads;
        size_t n_reads;
        rt_value *ret_value;
        int result;
} read_call;

/* The argument, if there can be one that is no list of fields. @return how many were pushed */
static int
push_argument(lua_State *L, const asked *slot)
{
        const uint32_t flags = slot->desc->flags;

        if ((flags & RT_FIELD_ARG_FIELDS) || !(flags & (RT_FIELD_ARG_KEY | RT_FIELD_ARG_INDEX)))
                return 0;
        if (slot->arg == RT_ARG_INDEX)
                push_u64(L, slot->index);
        else if (slot->arg == RT_ARG_KEY)
                push_str(L, slot->key);
        else
                lua_pushnil(L);
        return 1;
}

/* What the answer is given with, to a field that may need it. @return how many were pushed */
static int
push_token(lua_State *L, const read_call *call)
{
        if (!call->slot->later)
                return 0;
        if (!later_begin(call->waiting, call->event, call->slot->desc->kind))
                luaL_error(L, "there is no memory for an answer");
        push_u64(L, call->waiting->token);
        return 1;
}

static int
do_extract(lua_State *L)
{
        read_call *call = lua_touserdata(L, 1);
        int n;

        luaL_checkstack(L, (int) call->n_reads + 8, "a field reads too much");
        host_kept(L, call->by->host, call->by->number);
        lua_rawgeti(L, -1, AT_FUNCTIONS);
        lua_rawgeti(L, -1, call->slot->function);
        n = push_token(L, call);
        n += push_argument(L, call->slot);
        for (size_t i = 0; i < call->n_reads; i++) {
                if (call->reads[i])
                        push_value(L, call->reads[i]);
                else
                        lua_pushnil(L);
        }
        lua_call(L, n + (int) call->n_reads, 1);
        if (call->slot->later && is_later(L, -1)) {
                call->result = RT_LATER;
                return 0;
        }
        call->result = take_value(L, call->slot->desc, call->slot->desc->flags & RT_FIELD_LIST,
                                  call->event, call->ret_value);
        return 0;
}

static int
provider_extract(void *state, const rt_event *event, uint32_t slot, const rt_value *const *reads,
                 size_t n_reads, rt_value *ret_value)
{
        instance *self = state;
        read_call call = { .by = self->by,
                           .waiting = &self->waiting,
                           .event = event,
                           .reads = reads,
                           .n_reads = n_reads,
                           .ret_value = ret_value };
        bool threw;
        int r;

        if (slot >= self->n_slots || !self->slots[slot].desc)
                return RT_EINVAL;
        call.slot = &self->slots[slot];
        r = host_call(self->by->host, do_extract, &call, &threw);
        if (threw)
                host_count(self->by->host, call.slot->desc->name);
        if (r < 0 || call.result != RT_LATER)
                later_end(&self->waiting);
        return r < 0 ? r : call.result;
}

/* ---- adding ---- */

/* The array `reads` of the field on top, as one text. */
static const char *
take_reads(lua_State *L, int keep)
{
        const int top = lua_gettop(L);
        const char *const *names = option_texts(L, top, "reads");
        const char *text = NULL;

        if (names) {
                lua_pushliteral(L, "");
                for (size_t i = 0; names[i]; i++) {
                        lua_pushfstring(L, "%s%s%s", lua_tostring(L, -1), i ? ", " : "", names[i]);
                        lua_replace(L, -2);
                }
                text = keep_text(L, keep, lua_tostring(L, -1));
        }
        lua_settop(L, top);
        return text;
}

/* A rule that names the longer one would read the shorter one. */
static void
check_name(lua_State *L, const rt_engine *engine, const char *name)
{
        rt_field_info info = RT_INIT(rt_field_info);

        for (size_t i = 0; rt_engine_field(engine, i, &info) == RT_OK; i++) {
                const size_t len = strlen(info.name);

                if (strlen(name) > len && memcmp(name, info.name, len) == 0)
                        luaL_error(L, "'%s' begins with the name of '%s', which rules would read",
                                   name, info.name);
        }
}

static void
take_fields(lua_State *L, const rt_engine *engine, rt_fields_ops *ops, bool *later, int keep)
{
        static const char *const names[] = {
                "name",         "kind", "help",  "group", "list",  "arg",
                "arg_required", "pure", "reads", "read",  "later", NULL,
        };
        const size_t n = ops->n_fields;
        rt_field_desc *descs = keep_memory(L, keep, (n + 1) * sizeof *descs);
        const char **reads = keep_memory(L, keep, (n + 1) * sizeof *reads);

        lua_getfield(L, 2, "fields");
        for (size_t i = 0; i < n; i++) {
                lua_rawgeti(L, -1, (int) i + 1);
                luaL_checktype(L, -1, LUA_TTABLE);
                options_check(L, lua_gettop(L), names);
                take_field(L, lua_gettop(L), keep, ops->name, &descs[i]);
                check_name(L, engine, descs[i].name);
                later[i] = option_flag(L, lua_gettop(L), "later");
                if (later[i] && (descs[i].flags & RT_FIELD_LIST))
                        luaL_error(L, "'%s' is a list, which cannot come later", descs[i].name);
                reads[i] = take_reads(L, keep);
                lua_rawgeti(L, keep, AT_FUNCTIONS);
                lua_getfield(L, -2, "read");
                if (!lua_isfunction(L, -1))
                        luaL_error(L, "field '%s' needs a function 'read'", descs[i].name);
                lua_rawseti(L, -2, (int) i + 1);
                lua_pop(L, 2);
        }
        lua_pop(L, 1);
        ops->fields = descs;
        ops->field_stride = sizeof *descs;
        ops->reads = reads;
}

static const char *const *
take_sources(lua_State *L, int keep)
{
        const char *const *names = option_texts(L, 2, "sources");
        const char **kept;
        size_t n = 0;

        if (!names)
                return NULL;
        while (names[n])
                n++;
        kept = keep_memory(L, keep, (n + 1) * sizeof *kept);
        for (size_t i = 0; i < n; i++)
                kept[i] = keep_text(L, keep, names[i]);
        lua_pop(L, 1);
        return kept;
}

/* 0: the library's own. */
static uint32_t
take_deadline(lua_State *L)
{
        const uint64_t ms = option_number(L, 2, "deadline_ms");

        if (ms > UINT32_MAX)
                luaL_error(L, "deadline_ms is at most %f", (lua_Number) UINT32_MAX);
        return (uint32_t) ms;
}

/* engine:add_fields{name=, version=, sources=, deadline_ms=, fields={{name=, reads=, read=, ...}}}
 * -> true */
int
engine_add_fields(lua_State *L)
{
        static const char *const names[] = {
                "name", "version", "sources", "fields", "deadline_ms", NULL,
        };
        engine_box *engine = check_engine(L);
        rt_fields_ops ops = RT_INIT(rt_fields_ops);
        const char *name, *version;
        provider *by;
        bool *later;
        int r;

        luaL_checktype(L, 2, LUA_TTABLE);
        options_check(L, 2, names);
        lua_settop(L, 2);
        if (engine->host->pools > 0)
                return luaL_error(L, "the engine has a pool, whose threads cannot run Lua");
        name = option_text(L, 2, "name");
        version = option_text(L, 2, "version");
        lua_getfield(L, 2, "fields");
        if (!name || !lua_istable(L, 3))
                return luaL_error(L,
                                  "fields need the name of who has them, and an array of fields");
        ops.n_fields = lua_rawlen(L, 3);
        lua_settop(L, 2);
        lua_newtable(L);
        lua_newtable(L);
        lua_rawseti(L, 3, AT_FUNCTIONS);
        by = keep_memory(L, 3, sizeof *by);
        ops.abi = RT_FIELDS_ABI;
        ops.name = keep_text(L, 3, name);
        ops.version = keep_text(L, 3, version ? version : "0.1.0");
        ops.sources = take_sources(L, 3);
        ops.deadline_ms = take_deadline(L);
        later = keep_memory(L, 3, ops.n_fields + 1);
        take_fields(L, engine->engine, &ops, later, 3);
        ops.user = by;
        ops.create = provider_create;
        ops.destroy = provider_destroy;
        ops.demand = provider_demand;
        ops.extract = provider_extract;
        lua_settop(L, 3);
        *by = (provider){ engine->host, ops.fields, later, (uint32_t) ops.n_fields,
                          host_keep(L, engine->host) };
        r = rt_engine_add_fields(engine->engine, &ops);
        if (r < 0)
                return push_failure(L, r, ops.name, NULL);
        engine->host->added++;
        lua_pushboolean(L, 1);
        return 1;
}
