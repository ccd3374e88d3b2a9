/* SPDX-License-Identifier: Apache-2.0 */
/*
 * machine.c - a Lua state with budgets: instructions by a count hook, memory by the allocator.
 *
 * Whoever is over a budget gets an error at every further instruction, so that no pcall of the
 * script can go on; a call that keeps asking for memory it does not get is stopped the same way.
 */
#include "script.h"
#include <stdio.h>
#include <string.h>
#include <time.h>

enum {
        STEP = 100,        /* instructions between two looks at the budgets */
        MAX_REFUSED = 8,   /* allocations, before a call is stopped */
        ASKED_PER_HELD = 4 /* a call may ask for so many times what a state may hold */
};

static void
stop(lua_State *L, lua_Debug *ignored)
{
        machine *m = machine_of(L);
        struct timespec now;
        uint64_t ns;

        (void) ignored;
        m->steps += STEP;
        clock_gettime(CLOCK_MONOTONIC, &now);
        ns = (uint64_t) now.tv_sec * 1000000000 + (uint64_t) now.tv_nsec;
        if (!m->end_ns)
                m->end_ns = ns + (uint64_t) m->script->opts.max_ms * 1000000;
        if (m->refused < MAX_REFUSED && m->steps < m->script->opts.max_instructions
            && ns < m->end_ns)
                return;
        lua_sethook(L, stop, LUA_MASKCOUNT, 1);
        if (m->refused >= MAX_REFUSED)
                luaL_error(L, "it asks for more than its %d bytes of memory again and again",
                           (int) m->script->opts.max_bytes);
        if (m->steps >= m->script->opts.max_instructions)
                luaL_error(L, "it runs for more than its %d instructions",
                           (int) m->script->opts.max_instructions);
        luaL_error(L, "it takes longer than its %d ms", (int) m->script->opts.max_ms);
}

static void *
resize(void *user, void *ptr, size_t old_size, size_t new_size)
{
        machine *m = user;
        const uint64_t old = ptr ? old_size : 0;
        const uint64_t max = m->script->opts.max_bytes;
        void *got;

        if (new_size > old
            && (m->held - old + new_size > max
                || m->asked + (new_size - old) > max * ASKED_PER_HELD)) {
                if (++m->refused >= MAX_REFUSED && m->L)
                        lua_sethook(m->L, stop, LUA_MASKCOUNT, 1);
                return NULL;
        }
        if (!new_size && !ptr)
                return NULL;
        got = m->allocator.resize(ptr, new_size, m->allocator.user);
        if (!got && new_size)
                return NULL;
        m->held = m->held - old + new_size;
        m->asked += new_size > old ? new_size - old : 0;
        return got;
}

int
machine_run(machine *m, lua_CFunction function, void *data)
{
        lua_State *L = m->L;
        int r;

        m->steps = m->asked = m->end_ns = m->refused = 0;
        m->running = true;
        lua_sethook(L, stop, LUA_MASKCOUNT, STEP);
        lua_pushcfunction(L, function);
        lua_pushlightuserdata(L, data);
        r = lua_pcall(L, 1, 0, 0);
        m->running = false;
        if (r == LUA_OK)
                return RT_OK;
        return r == LUA_ERRMEM ? RT_ELIMIT : RT_EINVAL;
}

void
machine_say(const machine *m, const char *label, const char *message)
{
        const rt_lua *script = m->script;

        if (script->complaint)
                snprintf(script->complaint->text, script->complaint->size, "%s", message);
        else if (script->opts.report)
                script->opts.report(label, message, script->opts.report_user);
}

void
machine_report(machine *m, const char *label, int line)
{
        const char *message = lua_type(m->L, -1) == LUA_TSTRING ? lua_tostring(m->L, -1) : NULL;
        char text[512];

        message = message ? message : "it threw what is not a text";
        /* Nothing may be asked of Lua here: it may be out of memory, and nobody catches. Errors
         * that Lua itself raises outside of a line have no place. */
        if (strncmp(message, m->script->name, strlen(m->script->name)) != 0) {
                snprintf(text, sizeof text, "%s:%d: %s", m->script->name, line, message);
                message = text;
        }
        machine_say(m, label, message);
        lua_pop(m->L, 1);
}

/* Run the whole script in a new state. */
static int
start(lua_State *L)
{
        const machine *m = machine_of(L);
        const rt_lua *script = m->script;

        sandbox_open(L);
        define_open(L);
        lua_pushfstring(L, "@%s", script->name);
        if (luaL_loadbufferx(L, script->text.ptr, script->text.len, lua_tostring(L, -1), "t")
            != LUA_OK)
                return lua_error(L);
        lua_call(L, 0, 0);
        for (size_t i = 0; !m->defines && i < MAX_HOOKS; i++) {
                if (!script->defs[i].label)
                        continue;
                if (lua_rawgetp(L, LUA_REGISTRYINDEX, &script->defs[i]) != LUA_TFUNCTION)
                        return luaL_error(L, "%s:%d: the script did not define %s again",
                                          script->name, script->defs[i].line,
                                          script->defs[i].label);
                lua_pop(L, 1);
        }
        return 0;
}

machine *
machine_new(rt_lua *script, const rt_allocator *allocator, bool defines, int *ret_status)
{
        machine *m = allocator->resize(NULL, sizeof *m, allocator->user);

        *ret_status = RT_ENOMEM;
        if (!m)
                return NULL;
        *m = (machine){ .script = script, .allocator = *allocator, .defines = defines };
        m->L = lua_newstate(resize, m);
        if (!m->L) {
                allocator->resize(m, 0, allocator->user);
                return NULL;
        }
        *(machine **) lua_getextraspace(m->L) = m;
        m->starting = true;
        *ret_status = machine_run(m, start, NULL);
        m->starting = false;
        if (*ret_status == RT_OK)
                return m;
        machine_report(m, NULL, 1);
        machine_free(m);
        return NULL;
}

void
machine_free(machine *m)
{
        const rt_allocator allocator = m->allocator;

        lua_sethook(m->L, NULL, 0, 0);
        lua_close(m->L);
        if (m->field_of)
                allocator.resize(m->field_of, 0, allocator.user);
        allocator.resize(m, 0, allocator.user);
}
