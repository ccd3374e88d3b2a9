/* SPDX-License-Identifier: Apache-2.0 */
/* embed.c - a complete agent: embed RULES SOURCE INPUT prints the alerts of INPUT. */
#include <libruntime/runtime.h>
#include <stdio.h>

static int
print(const rt_alert *alert, void *user)
{
        rt_str text;
        int r = rt_alert_text(alert, &text);
        return r < 0 ? r : fprintf(user, "%.*s\n", (int) text.len, text.ptr) < 0 ? RT_EIO : 0;
}

int
main(int argc, char **argv)
{
        rt_engine *engine = NULL;
        rt_loader *loader = NULL;
        rt_diags *diags = NULL;
        rt_ruleset *rules = NULL;
        rt_worker *worker = NULL;
        rt_str text;
        int r = argc == 4 ? rt_engine_new(/* opts= */ NULL, &engine) : RT_EINVAL;

        r = r < 0 ? r : rt_diags_new(&diags);
        r = r < 0 ? r : rt_loader_new(engine, /* opts= */ NULL, &loader);
        r = r < 0 ? r : rt_loader_add_path(loader, argv[1], diags);
        r = r < 0 ? r : rt_loader_compile(loader, diags, &rules);
        r = r < 0 ? r : rt_engine_use(engine, rules);
        r = r < 0 ? r : rt_worker_new(engine, /* opts= */ NULL, &worker);
        r = r < 0 ? r : rt_worker_open(worker, argv[2], argv[3]);
        while (r >= 0)
                r = rt_worker_step(worker, print, stdout);
        if (r != RT_EOF && diags && rt_diags_print(diags, RT_DIAGS_TEXT, 0, &text) >= 0)
                fprintf(stderr, "%s\n%.*s", rt_status_name(r), (int) text.len, text.ptr);
        rt_worker_unref(worker), rt_ruleset_unref(rules), rt_loader_unref(loader);
        rt_diags_unref(diags), rt_engine_unref(engine);
        return r != RT_EOF;
}
