/* SPDX-License-Identifier: Apache-2.0 */
/* parts.c - one call into each library beside the core that PART_* names. */
#include <libruntime/runtime.h>
#include <stdio.h>
#ifdef PART_FALCO
#include <libruntime-falco/falco.h>
#endif
#ifdef PART_INPUTS
#include <libruntime-inputs/gzip.h>
#endif
#ifdef PART_LIVE
#include <libruntime-live/live.h>
#endif
#ifdef PART_LUA
#include <libruntime-lua/lua.h>
#endif

int
main(void)
{
        rt_engine *engine = NULL;
        int r = rt_engine_new(NULL, &engine);
#ifdef PART_FALCO
        rt_falco *falco = NULL;

        r = r < 0 ? r : rt_falco_new(NULL, &falco);
#endif
#ifdef PART_LUA
        static const char script[] = "runtime.sources { 'aws_cloudtrail' }\n"
                                     "runtime.field { name = 'lua.one', type = 'bool',\n"
                                     "  extract = function() return true end }\n";
        rt_lua *lua = NULL;

        r = r < 0 ? r
                  : rt_lua_new(engine, "one.lua", (rt_str){ script, sizeof script - 1 }, NULL,
                               &lua);
#endif
#ifdef PART_INPUTS
        r = r < 0 ? r : rt_engine_add_reader(engine, rt_gzip_reader());
#endif
#ifdef PART_LIVE
        r = r < 0 ? r : rt_engine_add_reader(engine, rt_connector_reader());
#endif
        rt_engine_unref(engine);
#ifdef PART_FALCO
        rt_falco_unref(falco);
#endif
#ifdef PART_LUA
        rt_lua_unref(lua);
#endif
        printf("%s\n", rt_status_name(r));
        return r < 0;
}
