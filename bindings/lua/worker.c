/* SPDX-License-Identifier: Apache-2.0 */
/* worker.c - workers: bytes or files in, alerts out. */
#include "core.h"
#include <stdbool.h>

static worker_box *
check_worker(lua_State *L)
{
        worker_box *box = luaL_checkudata(L, 1, WORKER_NAME);

        luaL_argcheck(L, box->worker, 1, "the worker is closed");
        return box;
}

/* ---- callbacks: whatever Lua throws must not cross the library ---- */

static int
add_alert(lua_State *L)
{
        const rt_alert *alert = lua_touserdata(L, 1);

        push_alert(L, alert);
        lua_rawseti(L, 2, (int) lua_rawlen(L, 2) + 1);
        return 0;
}

static int
on_alert(const rt_alert *alert, void *user)
{
        worker_box *box = user;
        lua_State *L = box->L;
        int r;

        if (!lua_checkstack(L, 8))
                return RT_ENOMEM;
        lua_pushcfunction(L, add_alert);
        lua_pushlightuserdata(L, (void *) (uintptr_t) alert);
        lua_pushvalue(L, box->alerts);
        r = lua_pcall(L, 2, 0, 0);
        if (r != 0)
                lua_pop(L, 1);
        return r == 0 ? RT_OK : RT_ENOMEM;
}

typedef struct skipped_row {
        const char *input, *what;
        uint64_t offset;
} skipped_row;

static int
add_skipped(lua_State *L)
{
        const skipped_row *row = lua_touserdata(L, 1);

        lua_newtable(L);
        set_text(L, "input", row->input);
        set_text(L, "what", row->what);
        set_number(L, "offset", (double) row->offset);
        lua_rawseti(L, 2, (int) lua_rawlen(L, 2) + 1);
        return 0;
}

static void
on_skipped(const char *input, uint64_t offset, const char *what, void *user)
{
        worker_box *box = user;
        lua_State *L = box->L;
        skipped_row row = { input, what, offset };

        if (!L || !lua_checkstack(L, 8))
                return; /* counted by the worker's statistics all the same */
        lua_pushcfunction(L, add_skipped);
        lua_pushlightuserdata(L, &row);
        lua_pushvalue(L, box->skipped);
        if (lua_pcall(L, 2, 0, 0) != 0)
                lua_pop(L, 1);
}

/* Two new tables on the stack for the callbacks of the next call. */
static void
begin(lua_State *L, worker_box *box)
{
        lua_newtable(L);
        box->alerts = lua_gettop(L);
        lua_newtable(L);
        box->skipped = lua_gettop(L);
        box->L = L;
}

/* alerts, skipped | nil, message */
static int
end(lua_State *L, worker_box *box, int status, const char *what)
{
        box->L = NULL;
        if (status < 0)
                return push_failure(L, status, what);
        lua_pushvalue(L, box->alerts);
        lua_pushvalue(L, box->skipped);
        return 2;
}

/* ---- methods ---- */

static bool
option(lua_State *L, int index, const char *name)
{
        bool set;

        if (!lua_istable(L, index))
                return false;
        lua_getfield(L, index, name);
        set = lua_toboolean(L, -1);
        lua_pop(L, 1);
        return set;
}

int
worker_new(lua_State *L)
{
        const engine_box *engine = luaL_checkudata(L, 1, ENGINE_NAME);
        rt_worker_opts opts = RT_INIT(rt_worker_opts);
        worker_box *box;
        int r;

        luaL_argcheck(L, engine->engine, 1, "the engine is closed");
        opts.rule_matching = option(L, 2, "match_all") ? RT_MATCH_ALL : RT_MATCH_FIRST;
        opts.alert_flags = option(L, 2, "iso_time") ? RT_ALERT_TIME_ISO_8601 : 0;
        box = lua_newuserdata(L, sizeof *box);
        *box = (worker_box){ NULL, NULL, 0, 0 };
        luaL_getmetatable(L, WORKER_NAME);
        lua_setmetatable(L, -2);
        opts.skipped = on_skipped;
        opts.skipped_user = box;
        r = rt_worker_new(engine->engine, &opts, &box->worker);
        return r < 0 ? push_failure(L, r, "worker") : 1;
}

static int
worker_close(lua_State *L)
{
        worker_box *box = luaL_checkudata(L, 1, WORKER_NAME);

        box->worker = rt_worker_unref(box->worker);
        return 0;
}

/* worker:configure(source, {key = value}) -> true */
static int
worker_configure(lua_State *L)
{
        const worker_box *box = check_worker(L);
        const char *source = luaL_checkstring(L, 2);
        int r = RT_OK;

        luaL_checktype(L, 3, LUA_TTABLE);
        for (lua_pushnil(L); r == RT_OK && lua_next(L, 3); lua_pop(L, 1)) {
                rt_option pair;

                luaL_argcheck(L, lua_type(L, -2) == LUA_TSTRING && lua_isstring(L, -1), 3,
                              "options are names with text values");
                pair = (rt_option){ lua_tostring(L, -2), lua_tostring(L, -1) };
                r = rt_worker_configure(box->worker, source, &pair, 1, NULL);
        }
        if (r < 0)
                return push_failure(L, r, source);
        lua_pushboolean(L, 1);
        return 1;
}

/* worker:feed(source, bytes) -> alerts, skipped */
static int
worker_feed(lua_State *L)
{
        worker_box *box = check_worker(L);
        const char *source = luaL_checkstring(L, 2);
        rt_str bytes;
        int r;

        bytes.ptr = luaL_checklstring(L, 3, &bytes.len);
        begin(L, box);
        r = rt_worker_feed(box->worker, source, bytes, on_alert, box);
        return end(L, box, r, source);
}

/* worker:open(source, path) -> true */
static int
worker_open(lua_State *L)
{
        const worker_box *box = check_worker(L);
        const char *source = luaL_checkstring(L, 2);
        const char *path = luaL_checkstring(L, 3);
        const int r = rt_worker_open(box->worker, source, path);

        if (r < 0)
                return push_failure(L, r, path);
        lua_pushboolean(L, 1);
        return 1;
}

/* worker:step() -> alerts, skipped of one event, both empty when a live input has nothing now; nil
 * at the end of all inputs; nil, message */
static int
worker_step(lua_State *L)
{
        worker_box *box = check_worker(L);
        int r;

        begin(L, box);
        r = rt_worker_step(box->worker, on_alert, box);
        if (r == RT_EOF) {
                box->L = NULL;
                lua_pushnil(L);
                return 1;
        }
        return end(L, box, r == RT_EAGAIN ? 0 : r, "input");
}

/* worker:stats() -> {events, alerts, bytes, skipped, limits_hit} */
static int
worker_stats(lua_State *L)
{
        const worker_box *box = check_worker(L);
        rt_worker_stats stats = RT_INIT(rt_worker_stats);
        const int r = rt_worker_stats_get(box->worker, &stats);

        if (r < 0)
                return push_failure(L, r, "stats");
        lua_newtable(L);
        set_number(L, "events", (double) stats.events);
        set_number(L, "alerts", (double) stats.alerts);
        set_number(L, "bytes", (double) stats.bytes);
        set_number(L, "skipped", (double) stats.skipped);
        set_number(L, "limits_hit", (double) stats.limits_hit);
        return 1;
}

void
open_worker(lua_State *L)
{
        static const luaL_Reg methods[] = {
                { "close", worker_close },
                { "__gc", worker_close },
                { "__close", worker_close },
                { "configure", worker_configure },
                { "feed", worker_feed },
                { "open", worker_open },
                { "step", worker_step },
                { "stats", worker_stats },
                { NULL, NULL },
        };

        luaL_newmetatable(L, WORKER_NAME);
        luaL_setfuncs(L, methods, 0);
        lua_pushvalue(L, -1);
        lua_setfield(L, -2, "__index");
        lua_pop(L, 1);
}
