/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sources.c - sources written in Lua.
 *
 * A definition is a table of functions and fields; what it says is copied when it is added. Each
 * worker has an instance: a table in the registry that holds its state, the event at hand, and the
 * functions. `next` gives one event, or an array of them, which are then judged one by one.
 *
 * What throws in `extract` is a failed read, counted; elsewhere it reaches whoever made the call.
 */
#include "core.h"
#include <string.h>

#define INPUT_NAME "runtime.input"

enum { /* an instance's table; functions stand at the same places of the definition's */
       AT_STATE = 1,
       AT_INPUT,
       AT_BATCH,
       AT_EVENT,
       AT_PAYLOAD, /* keeps the bytes, whatever becomes of the event */
       AT_SLOTS,
       AT_CREATE,
       AT_NEXT,
       AT_EXTRACT,
       AT_DEMAND,
       AT_RESTART,
       AT_IDENTITY,
       AT_INFO,
       AT_CLOSE,
       AT_MEMORY, /* instance, or source_part */
       N_PLACES
};

static const char *const functions[N_PLACES] = {
        [AT_CREATE] = "create",     [AT_NEXT] = "next",       [AT_EXTRACT] = "extract",
        [AT_DEMAND] = "demand",     [AT_RESTART] = "restart", [AT_CLOSE] = "close",
        [AT_IDENTITY] = "identity", [AT_INFO] = "info",
};

typedef struct source_part {
        lua_host *host;
        int number; /* of its table, among what the host keeps */
        uint32_t n_fields;
        const rt_field_desc *fields;
} source_part;

typedef struct slot_row {
        const rt_field_desc *desc;
        bool list;
} slot_row;

typedef struct input_box {
        rt_input *input; /* NULL: next does not run */
        lua_State *L;    /* which it runs on */
} input_box;

typedef struct instance {
        const source_part *part;
        int table; /* in the registry */
        int at, n; /* of the batch, from 1 */
        input_box *input;
        slot_row *slots;
        size_t n_slots;
} instance;

/* ---- inputs: for use inside of next ---- */

static rt_input *
check_input(lua_State *L)
{
        const input_box *box = luaL_checkudata(L, 1, INPUT_NAME);

        if (!box->input)
                luaL_error(L, "an input is only there while next runs");
        if (box->L != L)
                luaL_error(L, "an input is for the coroutine that next runs in");
        return box->input;
}

static int
input_name(lua_State *L)
{
        lua_pushstring(L, rt_input_name(check_input(L)));
        return 1;
}

static int
input_is_live(lua_State *L)
{
        lua_pushboolean(L, rt_input_is_live(check_input(L)));
        return 1;
}

static int
input_offset(lua_State *L)
{
        push_u64(L, rt_input_offset(check_input(L)));
        return 1;
}

/* No bytes: nil at the end, false if a live input has nothing now; what cannot be read throws. */
static int
push_nothing(lua_State *L, int status)
{
        if (status < 0 && status != RT_EAGAIN && status != RT_EOF)
                return luaL_error(L, "input: %s", rt_status_name(status));
        if (status == RT_EAGAIN)
                lua_pushboolean(L, 0);
        else
                lua_pushnil(L);
        return 1;
}

/* input:line() -> the next line without its line feed */
static int
input_line(lua_State *L)
{
        rt_input *input = check_input(L);
        const char *end = NULL;
        rt_str window;
        size_t seen = 0;
        int r = 1;

        for (;;) {
                window = rt_input_window(input);
                if (window.len > seen)
                        end = memchr(window.ptr + seen, '\n', window.len - seen);
                seen = window.len;
                if (end || r <= 0)
                        break;
                r = rt_input_more(input);
        }
        if (!end && (r < 0 || window.len == 0))
                return push_nothing(L, r);
        lua_pushlstring(L, window.ptr, end ? (size_t) (end - window.ptr) : window.len);
        rt_input_consume(input, end ? (size_t) (end - window.ptr) + 1 : window.len);
        return 1;
}

/* input:read([n]) -> so many bytes, or all; less at the end only */
static int
input_read(lua_State *L)
{
        rt_input *input = check_input(L);
        const lua_Number wanted = luaL_optnumber(L, 2, 0x1p52);
        rt_str window;
        size_t n;
        int r = 1;

        luaL_argcheck(L, wanted >= 1 && wanted <= 0x1p52, 2, "1 byte or more");
        n = (size_t) wanted;
        while (r > 0 && rt_input_window(input).len < n)
                r = rt_input_more(input);
        window = rt_input_window(input);
        if (r < 0 || window.len == 0)
                return push_nothing(L, r);
        if (window.len > n)
                window.len = n;
        lua_pushlstring(L, window.ptr, window.len);
        rt_input_consume(input, window.len);
        return 1;
}

/* input:skipped(what [, offset]): a record could not be used */
static int
input_skipped(lua_State *L)
{
        rt_input *input = check_input(L);
        const char *what = luaL_checkstring(L, 2);
        const lua_Number offset = luaL_optnumber(L, 3, (lua_Number) rt_input_offset(input));

        luaL_argcheck(L, offset >= 0 && offset < 0x1p63, 3, "not an offset");
        rt_input_skipped(input, (uint64_t) offset, what);
        return 0;
}

/* ---- events ---- */

typedef struct next_call {
        instance *self;
        rt_input *input;
        rt_event *event;
        int result;
} next_call;

/* Member @a name of the event on top, a number from 0 on. */
static uint64_t
event_number(lua_State *L, const char *name, uint64_t otherwise)
{
        uint64_t number = otherwise;

        lua_getfield(L, -1, name);
        if (!lua_isnil(L, -1)) {
                const lua_Number said = lua_type(L, -1) == LUA_TNUMBER ? lua_tonumber(L, -1) : -1;

                if (!(said >= 0 && said < 0x1p63))
                        luaL_error(L, "an event's %s is a number from 0 on", name);
#if LUA_VERSION_NUM >= 503
                number = lua_isinteger(L, -1) ? (uint64_t) lua_tointeger(L, -1) : (uint64_t) said;
#else
                number = (uint64_t) said;
#endif
        }
        lua_pop(L, 1);
        return number;
}

/* The event on top: a text, or {payload=, time_ns=, position=, hostname=}. 2: the instance. */
static void
take_event(lua_State *L, rt_event *event, uint64_t start)
{
        size_t len = 0;

        event->position = start;
        if (lua_istable(L, -1)) {
                event->time_ns = event_number(L, "time_ns", 0);
                event->position = event_number(L, "position", start);
                lua_getfield(L, -1, "hostname");
                if (!lua_isnil(L, -1))
                        event->hostname = take_text(L, event);
                lua_pop(L, 1);
                lua_getfield(L, -1, "payload");
                if (lua_isnil(L, -1)) {
                        lua_pop(L, 1);
                        lua_pushliteral(L, "");
                }
        } else {
                lua_pushvalue(L, -1);
        }
        if (lua_type(L, -1) != LUA_TSTRING)
                luaL_error(L, "an event is a text, or has one as its payload, not a %s",
                           luaL_typename(L, -1));
        event->payload.ptr = lua_tolstring(L, -1, &len);
        event->payload.len = len;
        lua_rawseti(L, 2, AT_PAYLOAD);
        lua_rawseti(L, 2, AT_EVENT);
}

/* Push the next event of the batch. @return is there one? */
static bool
from_batch(lua_State *L, instance *self)
{
        if (self->at >= self->n)
                return false;
        lua_rawgeti(L, 2, AT_BATCH);
        lua_rawgeti(L, -1, ++self->at);
        lua_remove(L, -2);
        return true;
}

/* The call next_call -> nothing */
static int
do_next(lua_State *L)
{
        next_call *call = lua_touserdata(L, 1);
        instance *self = call->self;
        const uint64_t start = rt_input_offset(call->input);

        lua_rawgeti(L, LUA_REGISTRYINDEX, self->table);
        while (!from_batch(L, self)) {
                lua_rawgeti(L, 2, AT_NEXT);
                lua_rawgeti(L, 2, AT_STATE);
                lua_rawgeti(L, 2, AT_INPUT);
                *self->input = (input_box){ call->input, L };
                lua_call(L, 2, 1);
                if (lua_isnil(L, -1) || (lua_isboolean(L, -1) && !lua_toboolean(L, -1))) {
                        call->result = lua_isnil(L, -1) ? RT_EOF : RT_EAGAIN;
                        return 0;
                }
                if (!lua_istable(L, -1) || lua_rawlen(L, -1) == 0)
                        break;
                self->at = 0;
                self->n = (int) lua_rawlen(L, -1);
                lua_rawseti(L, 2, AT_BATCH);
        }
        take_event(L, call->event, start);
        call->result = 1;
        return 0;
}

/* Whoever made the call hears of it. @return RT_EINVAL */
static int
thrown(const instance *self, int status, bool threw)
{
        if (threw)
                host_failed(self->part->host);
        return status;
}

static int
source_next(void *state, rt_input *input, rt_event *event)
{
        next_call call = { state, input, event, RT_EINVAL };
        bool threw;
        int r = host_call(call.self->part->host, do_next, &call, &threw);

        call.self->input->input = NULL;
        return r < 0 ? thrown(call.self, r, threw) : call.result;
}

typedef struct read_call {
        const instance *self;
        const rt_event *event;
        uint32_t slot;
        int which; /* AT_IDENTITY, AT_INFO */
        int result;
        rt_value *ret_value;
        rt_str *ret_text;
} read_call;

static int
do_extract(lua_State *L)
{
        read_call *call = lua_touserdata(L, 1);
        const slot_row *slot = &call->self->slots[call->slot];

        lua_rawgeti(L, LUA_REGISTRYINDEX, call->self->table);
        lua_rawgeti(L, 2, AT_EXTRACT);
        lua_rawgeti(L, 2, AT_STATE);
        lua_rawgeti(L, 2, AT_EVENT);
        lua_rawgeti(L, 2, AT_SLOTS);
        lua_rawgeti(L, -1, (int) call->slot + 1);
        lua_remove(L, -2);
        lua_call(L, 3, 1);
        call->result = take_value(L, slot->desc, slot->list, call->event, call->ret_value);
        return 0;
}

static int
source_extract(void *state, const rt_event *event, uint32_t slot, rt_value *ret_value)
{
        read_call call = { .self = state, .event = event, .slot = slot, .ret_value = ret_value };
        lua_host *host = call.self->part->host;
        bool threw;
        int r;

        if (slot >= call.self->n_slots)
                return RT_EINVAL;
        r = host_call(host, do_extract, &call, &threw);
        if (threw)
                host_count(host, call.self->slots[slot].desc->name);
        return r < 0 ? r : call.result;
}

static int
do_text(lua_State *L)
{
        read_call *call = lua_touserdata(L, 1);

        lua_rawgeti(L, LUA_REGISTRYINDEX, call->self->table);
        lua_rawgeti(L, 2, call->which);
        lua_rawgeti(L, 2, AT_STATE);
        lua_rawgeti(L, 2, AT_EVENT);
        lua_call(L, 2, 1);
        call->result = !lua_isnil(L, -1);
        if (call->result)
                *call->ret_text = take_text(L, call->event);
        return 0;
}

static int
read_text(void *state, const rt_event *event, int which, rt_str *ret_text)
{
        read_call call = { .self = state, .event = event, .which = which, .ret_text = ret_text };
        lua_host *host = call.self->part->host;
        bool threw;
        int r = host_call(host, do_text, &call, &threw);

        if (threw)
                host_count(host, functions[which]);
        return r < 0 ? r : call.result;
}

static int
source_identity(void *state, const rt_event *event, rt_str *ret_text)
{
        return read_text(state, event, AT_IDENTITY, ret_text);
}

static int
source_info(void *state, const rt_event *event, rt_str *ret_text)
{
        return read_text(state, event, AT_INFO, ret_text);
}

/* ---- life of an instance ---- */

typedef struct create_call {
        const rt_source_config *config;
        rt_diags *diags;
        instance *made;
        int result;
} create_call;

/* nil and a message: these options will not do. */
static bool
refused(lua_State *L, const create_call *call)
{
        if (!lua_isnil(L, -2) || lua_type(L, -1) != LUA_TSTRING)
                return false;
        if (!call->diags || call->config->n_options == 0)
                lua_error(L);
        rt_diags_add_option(call->diags, call->config->options[0].key, lua_tostring(L, -1));
        return true;
}

/* Push the instance's state: what create returns, or a table. @return is there one? */
static bool
push_state(lua_State *L, const create_call *call, int definition)
{
        const rt_source_config *config = call->config;

        lua_newtable(L);
        for (size_t i = 0; i < config->n_options; i++)
                set_text(L, config->options[i].key, config->options[i].value);
        lua_rawgeti(L, definition, AT_CREATE);
        if (lua_isnil(L, -1)) {
                lua_pop(L, 1);
                return true;
        }
        lua_insert(L, -2);
        lua_call(L, 1, 2);
        if (refused(L, call))
                return false;
        lua_pop(L, 1);
        return true;
}

static int
do_create(lua_State *L)
{
        create_call *call = lua_touserdata(L, 1);
        const source_part *part = call->config->user;
        instance *self;

        host_kept(L, part->host, part->number);
        lua_createtable(L, N_PLACES, 0);
        for (int i = AT_CREATE; i < AT_MEMORY; i++) {
                lua_rawgeti(L, 2, i);
                lua_rawseti(L, 3, i);
        }
        if (!push_state(L, call, 2)) {
                call->result = RT_EINVAL;
                return 0;
        }
        lua_rawseti(L, 3, AT_STATE);
        self = lua_newuserdata(L, sizeof *self);
        *self = (instance){ .part = part };
        lua_rawseti(L, 3, AT_MEMORY);
        self->input = lua_newuserdata(L, sizeof *self->input);
        *self->input = (input_box){ NULL, NULL };
        luaL_getmetatable(L, INPUT_NAME);
        lua_setmetatable(L, -2);
        lua_rawseti(L, 3, AT_INPUT);
        self->table = luaL_ref(L, LUA_REGISTRYINDEX);
        call->made = self;
        return 0;
}

static int
source_create(const rt_source_config *config, rt_diags *diags, void **ret_state)
{
        const source_part *part = config->user;
        create_call call = { config, diags, NULL, RT_OK };
        bool threw;
        int r = host_call(part->host, do_create, &call, &threw);

        if (threw)
                host_failed(part->host);
        r = r < 0 ? r : call.result;
        if (r == RT_OK)
                *ret_state = call.made;
        return r;
}

/* (instance): its function `restart`, `close` */
static int
call_plain(lua_State *L, const instance *self, int which)
{
        lua_rawgeti(L, LUA_REGISTRYINDEX, self->table);
        lua_rawgeti(L, -1, which);
        if (lua_isnil(L, -1))
                return 0;
        lua_rawgeti(L, -2, AT_STATE);
        lua_call(L, 1, 0);
        return 0;
}

static int
do_restart(lua_State *L)
{
        instance *self = lua_touserdata(L, 1);

        self->at = self->n = 0;
        return call_plain(L, self, AT_RESTART);
}

static void
source_restart(void *state)
{
        lua_host *host = ((const instance *) state)->part->host;
        bool threw;

        host_call(host, do_restart, state, &threw);
        if (threw)
                host_failed(host);
}

static int
do_close(lua_State *L)
{
        return call_plain(L, lua_touserdata(L, 1), AT_CLOSE);
}

static void
source_destroy(void *state)
{
        const instance *self = state;
        lua_host *host = self->part->host;
        bool threw;

        host_call(host, do_close, state, &threw);
        if (threw)
                host_failed(host);
        if (host->judge)
                luaL_unref(host->judge->L, LUA_REGISTRYINDEX, self->table);
}

typedef struct demand_call {
        instance *self;
        const rt_demand *demand;
        int result;
} demand_call;

static const rt_field_desc *
field_named(const source_part *part, rt_str name)
{
        for (uint32_t i = 0; i < part->n_fields; i++) {
                const char *known = part->fields[i].name;

                if (strlen(known) == name.len && memcmp(known, name.ptr, name.len) == 0)
                        return &part->fields[i];
        }
        return NULL;
}

static int
do_demand(lua_State *L)
{
        demand_call *call = lua_touserdata(L, 1);
        const rt_demand *demand = call->demand;
        instance *self = call->self;
        slot_row *rows;

        lua_rawgeti(L, LUA_REGISTRYINDEX, self->table);
        lua_newtable(L);
        rows = lua_newuserdata(L, (demand->n_slots + 1) * sizeof *rows);
        for (size_t i = 0; i < demand->n_slots; i++) {
                const rt_slot_desc *slot = slot_at(demand->slots, demand->slot_stride, i);
                const rt_field_desc *desc = field_named(self->part, slot->field);

                if (!desc) {
                        call->result = RT_ENOENT;
                        return 0;
                }
                rows[i] = (slot_row){ desc,
                                      (desc->flags & RT_FIELD_LIST) || slot->arg == RT_ARG_ANY };
                push_slot(L, slot);
                lua_rawseti(L, 3, (int) i + 1);
        }
        lua_setfield(L, 3, "rows"); /* kept with the slots */
        lua_pushvalue(L, 3);
        lua_rawseti(L, 2, AT_SLOTS);
        self->slots = rows;
        self->n_slots = demand->n_slots;
        lua_rawgeti(L, 2, AT_DEMAND);
        if (lua_isnil(L, -1))
                return 0;
        lua_rawgeti(L, 2, AT_STATE);
        lua_pushvalue(L, 3);
        lua_call(L, 2, 0);
        return 0;
}

static int
source_demand(void *state, const rt_demand *demand)
{
        demand_call call = { state, demand, RT_OK };
        bool threw;
        int r = host_call(call.self->part->host, do_demand, &call, &threw);

        return r < 0 ? thrown(call.self, r, threw) : call.result;
}

/* ---- adding ---- */

static void
check_functions(lua_State *L, int definition, int keep)
{
        for (int i = AT_CREATE; i < AT_MEMORY; i++) {
                lua_getfield(L, definition, functions[i]);
                if (!lua_isnil(L, -1) && !lua_isfunction(L, -1))
                        luaL_error(L, "'%s' must be a function, not a %s", functions[i],
                                   luaL_typename(L, -1));
                if (lua_isnil(L, -1) && (i == AT_NEXT || i == AT_EXTRACT))
                        luaL_error(L, "a source needs a function '%s'", functions[i]);
                lua_rawseti(L, keep, i);
        }
}

static void
take_fields(lua_State *L, int definition, int keep, rt_source_ops *ops, source_part *part)
{
        static const char *const names[] = {
                "name", "kind", "help", "group", "list", "arg", "arg_required", NULL,
        };
        rt_field_desc *descs;
        size_t n;

        lua_getfield(L, definition, "fields");
        if (!lua_istable(L, -1))
                luaL_error(L, "'fields' must be an array of fields");
        n = lua_rawlen(L, -1);
        descs = keep_memory(L, keep, (n + 1) * sizeof *descs);
        for (size_t i = 0; i < n; i++) {
                lua_rawgeti(L, -1, (int) i + 1);
                luaL_checktype(L, -1, LUA_TTABLE);
                options_check(L, lua_gettop(L), names);
                take_field(L, lua_gettop(L), keep, ops->plugin, &descs[i]);
                lua_pop(L, 1);
        }
        lua_pop(L, 1);
        part->fields = ops->fields = descs;
        part->n_fields = (uint32_t) n;
        ops->n_fields = n;
        ops->field_stride = sizeof *descs;
}

static const char *
text_or(lua_State *L, int definition, int keep, const char *name, const char *otherwise)
{
        const char *text = option_text(L, definition, name);

        return text ? keep_text(L, keep, text) : otherwise;
}

/* engine:add_source(definition) -> true */
int
engine_add_source(lua_State *L)
{
        static const char *const names[] = {
                "name",  "plugin",  "version", "fields",   "opens", "replaces", "create", "next",
                "close", "extract", "demand",  "identity", "info",  "restart",  NULL,
        };
        engine_box *engine = check_engine(L);
        rt_source_ops ops = RT_INIT(rt_source_ops);
        source_part *part;
        int r;

        luaL_checktype(L, 2, LUA_TTABLE);
        options_check(L, 2, names);
        lua_settop(L, 2);
        if (engine->host->pools > 0)
                return luaL_error(L, "the engine has a pool, whose threads cannot run Lua");
        lua_createtable(L, N_PLACES, 0);
        for (int i = 1; i < N_PLACES; i++) { /* so that what is kept stands behind them */
                lua_pushboolean(L, 0);
                lua_rawseti(L, 3, i);
        }
        part = lua_newuserdata(L, sizeof *part);
        lua_rawseti(L, 3, AT_MEMORY);
        *part = (source_part){ .host = engine->host };
        ops.abi = RT_SOURCE_ABI;
        ops.flags = (option_flag(L, 2, "opens") ? RT_SOURCE_OPENS : 0)
                    | (option_flag(L, 2, "replaces") ? RT_SOURCE_REPLACES : 0);
        ops.name = text_or(L, 2, 3, "name", NULL);
        if (!ops.name)
                return luaL_error(L, "a source needs a name");
        ops.plugin = text_or(L, 2, 3, "plugin", ops.name);
        ops.version = text_or(L, 2, 3, "version", "0.1.0");
        take_fields(L, 2, 3, &ops, part);
        ops.create = source_create;
        ops.destroy = source_destroy;
        ops.demand = source_demand;
        ops.restart = source_restart;
        ops.next = source_next;
        ops.extract = source_extract;
        check_functions(L, 2, 3);
        lua_getfield(L, 2, functions[AT_IDENTITY]);
        ops.identity = lua_isnil(L, -1) ? NULL : source_identity;
        lua_getfield(L, 2, functions[AT_INFO]);
        ops.info = lua_isnil(L, -1) ? NULL : source_info;
        ops.user = part;
        lua_settop(L, 3);
        part->number = host_keep(L, engine->host);
        r = rt_engine_add_source(engine->engine, &ops);
        if (r < 0)
                return push_failure(L, r, ops.name, NULL);
        engine->host->added++;
        lua_pushboolean(L, 1);
        return 1;
}

void
open_sources(lua_State *L)
{
        static const luaL_Reg methods[] = {
                { "is_live", input_is_live },
                { "line", input_line },
                { "name", input_name },
                { "offset", input_offset },
                { "read", input_read },
                { "skipped", input_skipped },
                { NULL, NULL },
        };
        static const luaL_Reg none[] = { { NULL, NULL } };

        define_class(L, INPUT_NAME, methods, none);
}
