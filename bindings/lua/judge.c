/* SPDX-License-Identifier: Apache-2.0 */
/*
 * judge.c - what workers and pools share: bytes or files in, alerts out.
 *
 * While a call into the library runs, a table in the registry holds what its callbacks need, since
 * they may come from deep inside of sources that are written in Lua. What a callback throws is
 * kept, stops the call, and is thrown again when it has returned.
 */
#include "core.h"

/* Argument 1, or NULL: it is no judge. */
static judge_box *
find_judge(lua_State *L)
{
        judge_box *box = lua_touserdata(L, 1);
        bool found;

        if (!box || !lua_getmetatable(L, 1))
                return NULL;
        luaL_getmetatable(L, WORKER_NAME);
        luaL_getmetatable(L, POOL_NAME);
        found = lua_rawequal(L, -1, -3) || lua_rawequal(L, -2, -3);
        lua_pop(L, 3);
        return found ? box : NULL;
}

judge_box *
check_judge(lua_State *L)
{
        judge_box *box = find_judge(L);

        if (!box)
                box = luaL_checkudata(L, 1, WORKER_NAME); /* which throws */
        luaL_argcheck(L, box->worker || box->pool, 1, "it is closed");
        return box;
}

/* As check_judge, for what a callback of a running call may not do. */
static judge_box *
check_idle(lua_State *L)
{
        judge_box *box = check_judge(L);

        if (box->judging)
                luaL_error(L, "the %s is judging an event: what it calls may not use it",
                           box->pool ? "pool" : "worker");
        return box;
}

/* ---- callbacks ---- */

entered
judge_enter(lua_State *L, judge_box *box)
{
        const entered before = { box->host->judge, box->L };

        luaL_checkstack(L, LUA_MINSTACK, NULL);
        box->host->judge = box;
        box->L = L;
        return before;
}

void
judge_leave(judge_box *box, entered before)
{
        box->host->judge = before.judge;
        box->L = before.L;
}

static void
push_slot_of(lua_State *L, const judge_box *box, int slot)
{
        lua_rawgeti(L, LUA_REGISTRYINDEX, box->slots);
        lua_rawgeti(L, -1, slot);
        lua_remove(L, -2);
}

/* (judge) */
static int
take_alert(lua_State *L)
{
        const judge_box *box = lua_touserdata(L, 1);

        push_slot_of(L, box, SLOT_ALERTS);
        push_alert(L, box);
        if (lua_istable(L, 2))
                lua_rawseti(L, 2, (int) lua_rawlen(L, 2) + 1);
        else
                lua_call(L, 1, 0);
        return 0;
}

static int
on_alert(const rt_alert *alert, void *user)
{
        judge_box *box = user;
        bool threw;
        int r;

        if (box->failed || box->host->judge != box)
                return RT_EINVAL;
        box->alert = alert;
        r = host_call(box->host, take_alert, box, &threw);
        if (threw)
                host_failed(box->host);
        box->alert = NULL;
        return r;
}

typedef struct skipped_row {
        const judge_box *box;
        const char *input, *what;
        uint64_t offset;
} skipped_row;

/* (the row) */
static int
take_skipped(lua_State *L)
{
        const skipped_row *row = lua_touserdata(L, 1);

        push_slot_of(L, row->box, SLOT_SKIPPED);
        lua_newtable(L);
        set_text(L, "input", row->input);
        set_text(L, "what", row->what);
        set_number(L, "offset", row->offset);
        lua_rawseti(L, 2, (int) lua_rawlen(L, 2) + 1);
        return 0;
}

static void
on_skipped(const char *input, uint64_t offset, const char *what, void *user)
{
        judge_box *box = user;
        skipped_row row = { box, input, what, offset };
        bool threw;

        if (!box->judging || box->failed || box->host->judge != box)
                return; /* counted by the statistics all the same */
        host_call(box->host, take_skipped, &row, &threw);
        if (threw)
                host_failed(box->host);
}

/* ---- calls ---- */

/* A call that judges: alerts go to the function at @a callback, or to an array. */
static entered
begin(lua_State *L, judge_box *box, int callback)
{
        const bool collects = lua_isnoneornil(L, callback);

        if (!collects)
                luaL_checktype(L, callback, LUA_TFUNCTION);
        lua_rawgeti(L, LUA_REGISTRYINDEX, box->slots);
        if (collects)
                lua_newtable(L);
        else
                lua_pushvalue(L, callback);
        lua_rawseti(L, -2, SLOT_ALERTS);
        lua_newtable(L);
        lua_rawseti(L, -2, SLOT_SKIPPED);
        lua_pop(L, 1);
        box->failed = false;
        box->judging = true;
        return judge_enter(L, box);
}

/* Empty the slots: push alerts and skipped records, or throw what a callback threw. */
static void
settle(lua_State *L, judge_box *box, entered before)
{
        const int at = lua_gettop(L) + 1;

        judge_leave(box, before);
        box->judging = false;
        lua_rawgeti(L, LUA_REGISTRYINDEX, box->slots);
        for (int slot = SLOT_ALERTS; slot <= SLOT_ERROR; slot++) {
                lua_rawgeti(L, at, slot);
                lua_pushboolean(L, 0); /* false keeps the place: see host_failed */
                lua_rawseti(L, at, slot);
        }
        lua_remove(L, at);
        if (box->failed) {
                box->failed = false;
                lua_error(L);
        }
        lua_pop(L, 1);
}

/* Alerts (their number, if a function has got them), skipped | nil, message ... */
static int
give(lua_State *L, int status, const char *what)
{
        if (status < 0)
                return push_failure(L, status, what, NULL);
        if (!lua_istable(L, -2)) {
                lua_pushinteger(L, status);
                lua_replace(L, -3);
        }
        return 2;
}

/* A call that does not judge, but may meet functions of sources. Throws what they threw. */
static void
leave(lua_State *L, judge_box *box, entered before)
{
        judge_leave(box, before);
        if (!box->failed || box->judging)
                return;
        box->failed = false;
        push_slot_of(L, box, SLOT_ERROR);
        lua_error(L);
}

/* judge:feed(source, bytes [, on_alert]) */
static int
judge_feed(lua_State *L)
{
        judge_box *box = check_idle(L);
        const char *source = luaL_checkstring(L, 2);
        rt_str bytes;
        entered before;
        int r;

        bytes.ptr = luaL_checklstring(L, 3, &bytes.len);
        before = begin(L, box, 4);
        r = box->pool ? rt_pool_feed(box->pool, source, bytes, on_alert, box)
                      : rt_worker_feed(box->worker, source, bytes, on_alert, box);
        settle(L, box, before);
        return give(L, r, source);
}

/* How a decision is made, from the table at @a index, which may be nil. */
static rt_decide_opts
decide_options(lua_State *L, int index)
{
        static const char *const verdicts[] = { "deny", "ask", "allow", NULL };
        rt_decide_opts opts = RT_INIT(rt_decide_opts);

        if (lua_isnoneornil(L, index))
                return opts;
        luaL_checktype(L, index, LUA_TTABLE);
        lua_getfield(L, index, "otherwise");
        opts.otherwise = (uint32_t) luaL_checkoption(L, -1, "deny", verdicts);
        lua_getfield(L, index, "on_error");
        opts.on_error = (uint32_t) luaL_checkoption(L, -1, "deny", verdicts);
        lua_getfield(L, index, "max_bytes");
        opts.max_bytes = (uint64_t) luaL_optinteger(L, -1, 0);
        lua_getfield(L, index, "max_steps");
        opts.max_steps = (uint64_t) luaL_optinteger(L, -1, 0);
        lua_pop(L, 4);
        return opts;
}

/* worker:decide(source, record [, options]): "deny", "ask" or "allow", the rule's name or nil, the
 * reason, and, if it is not known what all rules say, why. */
static int
worker_decide(lua_State *L)
{
        static const char *const verdicts[] = { "deny", "ask", "allow" };
        judge_box *box = check_idle(L);
        const char *source = luaL_checkstring(L, 2);
        const rt_decide_opts opts = decide_options(L, 4);
        rt_verdict verdict = RT_INIT(rt_verdict);
        entered before;
        rt_str record;
        int r;

        record.ptr = luaL_checklstring(L, 3, &record.len);
        before = begin(L, box, 5);
        r = rt_worker_decide(box->worker, source, record, &opts, &verdict);
        settle(L, box, before);
        if (r < 0)
                return give(L, r, source);
        lua_pushstring(L, verdicts[verdict.verdict]);
        lua_pushstring(L, verdict.rule);
        lua_pushlstring(L, verdict.reason.ptr ? verdict.reason.ptr : "", verdict.reason.len);
        if (verdict.cause == RT_OK)
                return 3;
        lua_pushstring(L, rt_status_name(verdict.cause));
        return 4;
}

/* judge:step([on_alert [, events]]): nil at the end of all inputs. A worker judges so many events,
 * a pool what it has ready; nothing when a live input has nothing now. */
static int
judge_step(lua_State *L)
{
        judge_box *box = check_idle(L);
        const lua_Integer max = luaL_optinteger(L, 3, 1);
        int r = 0, n = 0;
        entered before;

        luaL_argcheck(L, max >= 1 && max <= 1 << 30, 3, "1 event or more");
        before = begin(L, box, 2);
        if (box->pool) {
                r = rt_pool_step(box->pool, on_alert, box);
                n = r > 0 ? r : 0;
        }
        for (lua_Integer i = 0; !box->pool && r >= 0 && i < max; i++) {
                r = rt_worker_step(box->worker, on_alert, box);
                n += r > 0 ? r : 0;
        }
        settle(L, box, before);
        if (r == RT_EOF && n == 0 && lua_rawlen(L, -1) == 0) {
                lua_pushnil(L);
                return 1;
        }
        return give(L, r == RT_EAGAIN || r == RT_EOF ? n : r < 0 ? r : n, "input");
}

/* pool:flush([on_alert]) */
static int
pool_flush(lua_State *L)
{
        judge_box *box = check_idle(L);
        entered before;
        int r;

        luaL_argcheck(L, box->pool, 1, "not a pool");
        before = begin(L, box, 2);
        r = rt_pool_flush(box->pool, on_alert, box);
        settle(L, box, before);
        return give(L, r, "flush");
}

/* ---- the rest ---- */

static int
done(lua_State *L, int status, const char *what)
{
        if (status < 0)
                return push_failure(L, status, what, NULL);
        lua_pushboolean(L, 1);
        return 1;
}

/* judge:configure(source, {key = value}) -> true */
static int
judge_configure(lua_State *L)
{
        judge_box *box = check_idle(L);
        const char *source = luaL_checkstring(L, 2);
        loading *work;
        entered before;
        int r;

        luaL_checktype(L, 3, LUA_TTABLE);
        work = loading_new(L, &r);
        for (lua_pushnil(L); r == RT_OK && lua_next(L, 3); lua_pop(L, 1)) {
                rt_option pair;

                luaL_argcheck(L, lua_type(L, -2) == LUA_TSTRING && lua_isstring(L, -1), 3,
                              "options are names with text values");
                pair = (rt_option){ lua_tostring(L, -2), lua_tostring(L, -1) };
                before = judge_enter(L, box);
                r = box->pool ? rt_pool_configure(box->pool, source, &pair, 1, work->diags)
                              : rt_worker_configure(box->worker, source, &pair, 1, work->diags);
                leave(L, box, before);
        }
        if (r < 0)
                return push_failure(L, r, source, work->diags);
        return done(L, RT_OK, source);
}

/* judge:open(source, path ...) -> true */
static int
judge_open(lua_State *L)
{
        judge_box *box = check_idle(L);
        const char *source = luaL_checkstring(L, 2);
        const int n = lua_gettop(L);

        luaL_checkstring(L, 3);
        for (int i = 3; i <= n; i++)
                luaL_checkstring(L, i);
        for (int i = 3; i <= n; i++) {
                const char *path = lua_tostring(L, i);
                const entered before = judge_enter(L, box);
                const int r = box->pool ? rt_pool_open(box->pool, source, path)
                                        : rt_worker_open(box->worker, source, path);

                leave(L, box, before);
                if (r < 0)
                        return push_failure(L, r, path, NULL);
        }
        return done(L, RT_OK, source);
}

static int
judge_finish(lua_State *L)
{
        judge_box *box = check_idle(L);
        const entered before = judge_enter(L, box);
        const int r = box->pool ? rt_pool_finish(box->pool) : rt_worker_finish(box->worker);

        leave(L, box, before);
        return done(L, r, "finish");
}

/* judge:stats() -> {events, alerts, bytes, skipped, allocations, limits_hit} */
static int
judge_stats(lua_State *L)
{
        const judge_box *box = check_judge(L);
        rt_worker_stats stats = RT_INIT(rt_worker_stats);
        const int r = box->pool ? rt_pool_stats_get(box->pool, &stats)
                                : rt_worker_stats_get(box->worker, &stats);

        if (r < 0)
                return push_failure(L, r, "stats", NULL);
        lua_newtable(L);
        set_number(L, "events", stats.events);
        set_number(L, "alerts", stats.alerts);
        set_number(L, "bytes", stats.bytes);
        set_number(L, "skipped", stats.skipped);
        set_number(L, "allocations", stats.allocations);
        set_number(L, "limits_hit", stats.limits_hit);
        return 1;
}

/* judge:rule_alerts(number of the rule, from 1) -> alerts */
static int
judge_rule_alerts(lua_State *L)
{
        const judge_box *box = check_judge(L);
        const lua_Integer rule = luaL_checkinteger(L, 2);
        size_t index;

        luaL_argcheck(L, rule >= 1, 2, "rules count from 1");
        index = (size_t) rule - 1;
        push_u64(L, box->pool ? rt_pool_rule_alerts(box->pool, index)
                              : rt_worker_rule_alerts(box->worker, index));
        return 1;
}

/* judge:losses() -> array of {cause, part, source, kind, count} */
static int
judge_losses(lua_State *L)
{
        static const char *const kinds[] = { "events", "blind", "facts" };
        judge_box *box = check_idle(L);
        rt_loss loss = RT_INIT(rt_loss);
        int r = RT_OK;

        lua_newtable(L);
        for (size_t i = 0; r == RT_OK; i++) {
                r = box->pool ? rt_pool_loss(box->pool, i, &loss)
                              : rt_worker_loss(box->worker, i, &loss);
                if (r < 0)
                        break;
                lua_newtable(L);
                set_text(L, "cause", loss.cause);
                set_text(L, "part", loss.part);
                set_text(L, "source", loss.source);
                set_text(L, "kind", loss.kind <= RT_LOSS_FACT ? kinds[loss.kind] : "?");
                set_number(L, "count", loss.count);
                lua_rawseti(L, -2, (int) i + 1);
        }
        return r == RT_ENOENT ? 1 : push_failure(L, r, "losses", NULL);
}

/* ---- life ---- */

/* @return did something of a source's throw? It is in the slots. */
static bool
drop(lua_State *L, judge_box *box)
{
        if (box->worker || box->pool) {
                const entered before = judge_enter(L, box);

                box->failed = false;
                box->worker = rt_worker_unref(box->worker);
                if (box->pool)
                        box->host->pools--;
                box->pool = rt_pool_unref(box->pool);
                judge_leave(box, before);
        }
        return box->failed;
}

static void
release(lua_State *L, judge_box *box)
{
        box->failed = false;
        luaL_unref(L, LUA_REGISTRYINDEX, box->slots);
        box->slots = LUA_NOREF;
        box->host = host_unref(L, box->host);
}

static int
judge_gc(lua_State *L)
{
        judge_box *box = find_judge(L);

        if (!box || box->judging)
                return 0; /* the state is closed by a callback: what runs stays */
        if (box->host) {
                drop(L, box); /* what throws then has nobody to hear it */
                release(L, box);
        }
        return 0;
}

static int
judge_close(lua_State *L)
{
        judge_box *box = find_judge(L);

        if (!box || box->judging)
                box = check_idle(L); /* which throws */
        if (!box->host)
                return 0;
        if (!drop(L, box)) {
                release(L, box);
                return 0;
        }
        push_slot_of(L, box, SLOT_ERROR);
        release(L, box);
        return lua_error(L);
}

static judge_box *
judge_new(lua_State *L, const char *class, lua_host *host)
{
        judge_box *box = lua_newuserdata(L, sizeof *box);

        *box = (judge_box){ .slots = LUA_NOREF };
        luaL_getmetatable(L, class);
        lua_setmetatable(L, -2);
        lua_createtable(L, SLOT_ERROR, 0);
        for (int slot = 1; slot <= SLOT_ERROR; slot++) {
                lua_pushboolean(L, 0);
                lua_rawseti(L, -2, slot);
        }
        box->slots = luaL_ref(L, LUA_REGISTRYINDEX);
        box->host = host_ref(host);
        return box;
}

/* Option `render`: an array of "text", "json", "fields"; all of them if it is not there. */
static uint32_t
check_render(lua_State *L, int index)
{
        static const char *const names[] = { "text", "json", "fields", NULL };
        static const uint32_t bits[] = { RT_RENDER_TEXT, RT_RENDER_JSON, RT_RENDER_FIELDS };
        uint32_t render = 0;

        if (!lua_istable(L, index))
                return UINT32_MAX;
        lua_getfield(L, index, "render");
        if (lua_isnil(L, -1)) {
                lua_pop(L, 1);
                return UINT32_MAX;
        }
        luaL_checktype(L, -1, LUA_TTABLE);
        for (size_t i = 1; i <= lua_rawlen(L, -1); i++) {
                lua_rawgeti(L, -1, (int) i);
                render |= bits[luaL_checkoption(L, -1, NULL, names)];
                lua_pop(L, 1);
        }
        lua_pop(L, 1);
        return render;
}

static uint32_t
check_u32(lua_State *L, int index, const char *name)
{
        const uint64_t number = option_number(L, index, name);

        if (number > UINT32_MAX)
                luaL_error(L, "option '%s' is out of range", name);
        return (uint32_t) number;
}

/* engine:worker{match_all=, iso_time=, explain=, sample_every=, render=} */
int
worker_new(lua_State *L)
{
        static const char *const names[] = {
                "match_all", "iso_time", "explain", "sample_every", "render", NULL,
        };
        const engine_box *engine = check_engine(L);
        rt_worker_opts opts = RT_INIT(rt_worker_opts);
        judge_box *box;
        int r;

        options_check(L, 2, names);
        opts.rule_matching = option_flag(L, 2, "match_all") ? RT_MATCH_ALL : RT_MATCH_FIRST;
        opts.alert_flags = option_flag(L, 2, "iso_time") ? RT_ALERT_TIME_ISO_8601 : 0;
        opts.sample_every = check_u32(L, 2, "sample_every");
        box = judge_new(L, WORKER_NAME, engine->host);
        box->explain = option_flag(L, 2, "explain");
        box->render = check_render(L, 2);
        opts.skipped = on_skipped;
        opts.skipped_user = box;
        r = rt_worker_new(engine->engine, &opts, &box->worker);
        return r < 0 ? push_failure(L, r, "worker", NULL) : 1;
}

/* engine:pool{workers=, match_all=, iso_time=, render=, key=, and the sizes of batches} */
int
pool_new(lua_State *L)
{
        static const char *const names[] = {
                "workers",     "match_all",   "iso_time", "render", "batches",
                "batch_bytes", "alert_bytes", "key",      NULL,
        };
        const engine_box *engine = check_engine(L);
        rt_pool_opts opts = RT_INIT(rt_pool_opts);
        judge_box *box;
        int r;

        options_check(L, 2, names);
        if (engine->host->added > 0)
                return luaL_error(L,
                                  "the engine has sources or fields in Lua, which the threads of "
                                  "a pool cannot run");
        opts.workers = check_u32(L, 2, "workers");
        opts.rule_matching = option_flag(L, 2, "match_all") ? RT_MATCH_ALL : RT_MATCH_FIRST;
        opts.alert_flags = option_flag(L, 2, "iso_time") ? RT_ALERT_TIME_ISO_8601 : 0;
        opts.batches = check_u32(L, 2, "batches");
        opts.batch_bytes = option_number(L, 2, "batch_bytes");
        opts.alert_bytes = option_number(L, 2, "alert_bytes");
        opts.key = option_text(L, 2, "key");
        box = judge_new(L, POOL_NAME, engine->host);
        box->render = check_render(L, 2);
        opts.render = box->render & (RT_RENDER_TEXT | RT_RENDER_JSON | RT_RENDER_FIELDS);
        opts.skipped = on_skipped;
        opts.skipped_user = box;
        r = rt_pool_new(engine->engine, &opts, &box->pool);
        box->host->pools += r == RT_OK;
        return r < 0 ? push_failure(L, r, "pool", NULL) : 1;
}

void
open_judges(lua_State *L)
{
        static const luaL_Reg methods[] = {
                { "close", judge_close },   { "configure", judge_configure },
                { "feed", judge_feed },     { "finish", judge_finish },
                { "losses", judge_losses }, { "open", judge_open },
                { "stats", judge_stats },   { "rule_alerts", judge_rule_alerts },
                { "step", judge_step },     { NULL, NULL },
        };
        static const luaL_Reg meta[] = {
                { "__gc", judge_gc },
                { "__close", judge_close },
                { NULL, NULL },
        };

        define_class(L, WORKER_NAME, methods, meta);
        define_class(L, POOL_NAME, methods, meta);
        luaL_getmetatable(L, WORKER_NAME);
        lua_getfield(L, -1, "__index");
        luaL_setfuncs(L, worker_measures, 0);
        lua_pushcfunction(L, worker_decide);
        lua_setfield(L, -2, "decide");
        lua_pop(L, 2);
        luaL_getmetatable(L, POOL_NAME);
        lua_getfield(L, -1, "__index");
        lua_pushcfunction(L, pool_flush);
        lua_setfield(L, -2, "flush");
        lua_pop(L, 2);
}
