/* SPDX-License-Identifier: Apache-2.0 */
/* measures.c - what a worker can tell of its work: why a rule held, and what rules cost. */
#include "core.h"

static rt_worker *
check_worker(lua_State *L)
{
        judge_box *box = check_judge(L);

        luaL_argcheck(L, box->worker, 1, "not a worker");
        return box->worker;
}

/* worker:explain(rule) -> text, of the event judged last */
static int
worker_explain(lua_State *L)
{
        rt_worker *worker = check_worker(L);
        judge_box *box = check_judge(L);
        const char *rule = luaL_checkstring(L, 2);
        const entered before = judge_enter(L, box); /* it may read fields that it has not yet */
        rt_str text;
        const int r = rt_worker_explain(worker, rule, &text);

        judge_leave(box, before);

        if (r < 0)
                return push_failure(L, r, rule, NULL);
        push_str(L, text);
        return 1;
}

/* worker:profile() -> text, for the option `profile` of loading */
static int
worker_profile(lua_State *L)
{
        rt_str text;
        const int r = rt_worker_profile(check_worker(L), &text);

        if (r < 0)
                return push_failure(L, r, "profile", NULL);
        push_str(L, text);
        return 1;
}

/* worker:rule_profile(number of the rule, from 1) -> {events, asked, held, ns, dearest} */
static int
worker_rule_profile(lua_State *L)
{
        const rt_worker *worker = check_worker(L);
        const lua_Integer rule = luaL_checkinteger(L, 2);
        rt_rule_profile profile = RT_INIT(rt_rule_profile);
        int r = RT_ENOENT;

        if (rule >= 1)
                r = rt_worker_rule_profile(worker, (size_t) rule - 1, &profile);
        if (r < 0)
                return push_failure(L, r, "rule", NULL);
        lua_newtable(L);
        set_number(L, "events", profile.events);
        set_number(L, "asked", profile.asked);
        set_number(L, "held", profile.held);
        set_number(L, "ns", profile.ns);
        if (profile.dearest != UINT64_MAX)
                set_number(L, "dearest", profile.dearest + 1);
        return 1;
}

/* worker:predicate_profiles() -> array of {text, source, asked, held, ns} */
static int
worker_predicate_profiles(lua_State *L)
{
        rt_worker *worker = check_worker(L);
        rt_pred_profile row = RT_INIT(rt_pred_profile);
        int r;

        lua_newtable(L);
        for (size_t i = 0; (r = rt_worker_pred_profile(worker, i, &row)) == RT_OK; i++) {
                lua_newtable(L);
                push_str(L, row.text);
                lua_setfield(L, -2, "text");
                set_text(L, "source", row.source);
                set_number(L, "asked", row.asked);
                set_number(L, "held", row.held);
                set_number(L, "ns", row.ns);
                lua_rawseti(L, -2, (int) i + 1);
        }
        return r == RT_ENOENT ? 1 : push_failure(L, r, "profiles", NULL);
}

const luaL_Reg worker_measures[] = {
        { "explain", worker_explain },
        { "predicate_profiles", worker_predicate_profiles },
        { "profile", worker_profile },
        { "rule_profile", worker_rule_profile },
        { NULL, NULL },
};
