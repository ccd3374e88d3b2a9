/* SPDX-License-Identifier: Apache-2.0 */
/*
 * detect.c - detections: functions that see the events of a condition, with a state for each key.
 *
 *   in   an event for which the condition holds, and what the detection reads
 *   out  nothing (no alert), or what is to become of the match
 *
 * Keys are in a list, the one that was seen last in front. All memory is the Lua state's, and so is
 * within its cap: a block of entries, and three tables, `index` (key to entry), `keys` and `states`
 * (of each entry). Any step may throw for want of memory; an entry is linked when all is done, and
 * free until then. Time is the events': an entry ends when its key is seen again too late, or, two
 * with each event, from the other end of the list. One event with a time far off ends no more.
 */
#include "script.h"
#include <libruntime/runtime.h>
#include <string.h>

enum { NONE = 0xffffffff, FIRST_ENTRIES = 16, SWEPT = 2, RELIEVED = 4 };
enum { INDEX = 1, KEYS = 2, STATES = 3 }; /* the block's user values */

typedef struct entry {
        uint64_t seen_ns;
        uint32_t newer, older; /* older: of free ones the next */
} entry;

typedef struct block {
        uint32_t room, used, free, newest, oldest;
        bool told;
        entry at[];
} block;

/* Where the block is in the registry: an address that nobody else uses. */
static const void *
place(const hook *h)
{
        return &h->max_keys;
}

/* ---- entries ---- */

static void
unlink_entry(block *b, uint32_t i)
{
        const entry *e = &b->at[i];

        *(e->newer == NONE ? &b->newest : &b->at[e->newer].older) = e->older;
        *(e->older == NONE ? &b->oldest : &b->at[e->older].newer) = e->newer;
        b->used--;
}

static void
link_entry(block *b, uint32_t i)
{
        b->at[i].newer = NONE;
        b->at[i].older = b->newest;
        *(b->newest == NONE ? &b->oldest : &b->at[b->newest].newer) = i;
        b->newest = i;
        b->used++;
}

/* Push a block of @a room entries with the tables and entries of @a old, which may be NULL. */
static block *
push_block(lua_State *L, block *old, int old_index, uint32_t room)
{
        const size_t head = sizeof(block);
        block *b = lua_newuserdatauv(L, head + room * sizeof(entry), 3);
        const uint32_t n = old ? old->room : 0;

        if (old)
                memcpy(b, old, head + n * sizeof(entry));
        else
                *b = (block){ .free = NONE, .newest = NONE, .oldest = NONE };
        for (uint32_t i = room; i-- > n;) {
                b->at[i] = (entry){ 0, NONE, b->free };
                b->free = i;
        }
        b->room = room;
        for (int i = INDEX; i <= STATES; i++) {
                if (old)
                        lua_getiuservalue(L, old_index, i);
                else
                        lua_newtable(L);
                lua_setiuservalue(L, -2, i);
        }
        return b;
}

/* The block of the detection, which is pushed. */
static block *
get_block(lua_State *L, const hook *h)
{
        if (lua_rawgetp(L, LUA_REGISTRYINDEX, place(h)) == LUA_TNIL) {
                lua_pop(L, 1);
                push_block(L, NULL, 0, h->max_keys < FIRST_ENTRIES ? h->max_keys : FIRST_ENTRIES);
                lua_pushvalue(L, -1);
                lua_rawsetp(L, LUA_REGISTRYINDEX, place(h));
        }
        return lua_touserdata(L, -1);
}

/* Take entry @a i, of the block at @a at, out of the list and of the tables. Allocates nothing. */
static void
forget(lua_State *L, int at, block *b, uint32_t i)
{
        unlink_entry(b, i);
        lua_getiuservalue(L, at, INDEX);
        lua_getiuservalue(L, at, KEYS);
        lua_rawgeti(L, -1, i + (lua_Integer) 1);
        lua_pushnil(L);
        lua_rawset(L, -4);
        lua_pushnil(L);
        lua_rawseti(L, -2, i + (lua_Integer) 1);
        lua_getiuservalue(L, at, STATES);
        lua_pushnil(L);
        lua_rawseti(L, -2, i + (lua_Integer) 1);
        lua_pop(L, 3);
        b->at[i].older = b->free;
        b->free = i;
}

/* ---- keys ---- */

static bool
is_over(const hook *h, const entry *e, uint64_t now_ns)
{
        return now_ns > e->seen_ns && (double) (now_ns - e->seen_ns) > h->timeout_s * 1e9;
}

static void
sweep(lua_State *L, const hook *h, int at, block *b, uint64_t now_ns)
{
        for (int n = 0; n < SWEPT && b->oldest != NONE; n++) {
                if (!is_over(h, &b->at[b->oldest], now_ns))
                        return;
                forget(L, at, b, b->oldest);
        }
}

/* One has to make room for another. */
static void
evict(lua_State *L, hook *h, int at, block *b)
{
        forget(L, at, b, b->oldest);
        atomic_fetch_add_explicit(&h->forgotten, 1, memory_order_relaxed);
        if (b->told)
                return;
        b->told = true;
        machine_say(machine_of(L), h->label,
                    lua_pushfstring(L,
                                    "%s:%d: more than %d keys: those not seen for longest are "
                                    "forgotten",
                                    machine_of(L)->script->name, h->line, (int) h->max_keys));
        lua_pop(L, 1);
}

/* The state of the key on top, a new one if need be, which takes its place. */
static void
push_state(lua_State *L, hook *h, uint64_t now_ns)
{
        const int key = lua_gettop(L);
        block *b = get_block(L, h);
        const int at = lua_gettop(L);
        uint32_t i;

        sweep(L, h, at, b, now_ns);
        lua_getiuservalue(L, at, INDEX);
        lua_pushvalue(L, key);
        lua_rawget(L, -2);
        if (!lua_isnil(L, -1)) {
                i = (uint32_t) lua_tointeger(L, -1) - 1;
                if (!is_over(h, &b->at[i], now_ns)) {
                        unlink_entry(b, i);
                        link_entry(b, i);
                        b->at[i].seen_ns = now_ns;
                        lua_getiuservalue(L, at, STATES);
                        lua_rawgeti(L, -1, i + (lua_Integer) 1);
                        lua_replace(L, key);
                        lua_settop(L, key);
                        return;
                }
                forget(L, at, b, i);
        }
        lua_settop(L, at);
        if (b->free == NONE && b->room < h->max_keys) {
                const uint32_t room = b->room > h->max_keys / 2 ? h->max_keys : b->room * 2;

                b = push_block(L, b, at, room);
                lua_replace(L, at);
                lua_pushvalue(L, at);
                lua_rawsetp(L, LUA_REGISTRYINDEX, place(h));
        }
        if (b->free == NONE)
                evict(L, h, at, b);
        i = b->free;
        lua_newtable(L);
        lua_getiuservalue(L, at, STATES);
        lua_pushvalue(L, -2);
        lua_rawseti(L, -2, i + (lua_Integer) 1);
        lua_getiuservalue(L, at, KEYS);
        lua_pushvalue(L, key);
        lua_rawseti(L, -2, i + (lua_Integer) 1);
        lua_getiuservalue(L, at, INDEX);
        lua_pushvalue(L, key);
        lua_pushinteger(L, i + (lua_Integer) 1);
        lua_rawset(L, -3);
        b->free = b->at[i].older;
        b->at[i].seen_ns = now_ns;
        link_entry(b, i);
        lua_pushvalue(L, at + 1);
        lua_replace(L, key);
        lua_settop(L, key);
}

/* Push the key: the value, or of several all of them with their lengths. False: one is missing. */
static bool
push_key(lua_State *L, const hook *h, const rt_value *const *values)
{
        for (uint32_t i = 0; i < h->n_keys; i++)
                if (!values[i] || values[i]->kind == RT_KIND_NONE)
                        return false;
        for (uint32_t i = 0; i < h->n_keys; i++) {
                size_t len;

                push_value(L, values[i]);
                if (lua_type(L, -1) == LUA_TTABLE)
                        luaL_error(L, "its key is a list");
                if (h->n_keys == 1 && lua_type(L, -1) != LUA_TNUMBER)
                        return true;
                luaL_tolstring(L, -1, &len);
                lua_pushfstring(L, "%d:", (int) len);
                lua_replace(L, -3);
        }
        lua_concat(L, 2 * (int) h->n_keys);
        return true;
}

/* ---- calls ---- */

static void
push_event(lua_State *L, const hook *h, const rt_value *const *values)
{
        lua_createtable(L, 0, (int) h->n_names);
        for (uint32_t i = 0; i < h->n_names; i++) {
                push_value(L, values[i]);
                lua_setfield(L, -2, h->names[i]);
        }
}

int
detect_call(lua_State *L)
{
        call *c = lua_touserdata(L, 1);
        hook *h = &machine_of(L)->script->defs[c->number];
        const uint64_t now_ns = c->event->time_ns;
        rt_rule_info rule = RT_INIT(rt_rule_info);

        luaL_checkstack(L, 2 * MAX_READS + 16, NULL);
        /* A rule that prints the field is no match; an event without the key is none of ours. */
        if (rt_event_rule(c->event, &rule) < 0 || !push_key(L, h, c->reads + h->n_names))
                return 0;
        lua_rawgetp(L, LUA_REGISTRYINDEX, h);
        push_event(L, h, c->reads);
        lua_pushvalue(L, -3);
        push_state(L, h, now_ns);
        lua_pushvalue(L, -4);
        lua_pushnumber(L, (lua_Number) now_ns / 1e9);
        lua_call(L, 4, 1);
        if (lua_toboolean(L, -1))
                match_take(L, c);
        return 0;
}

static int
relieve(lua_State *L)
{
        hook *h = lua_touserdata(L, 1);
        block *b = get_block(L, h);

        for (uint32_t n = b->used / RELIEVED + 1; n && b->oldest != NONE; n--) {
                forget(L, lua_gettop(L), b, b->oldest);
                atomic_fetch_add_explicit(&h->forgotten, 1, memory_order_relaxed);
        }
        return 0;
}

void
detect_relieve(machine *m, uint32_t number)
{
        if (machine_run(m, relieve, &m->script->defs[number]) < 0)
                lua_pop(m->L, 1);
}
