/* SPDX-License-Identifier: Apache-2.0 */
/* host.h - plug-ins loaded for a test, with what they said; PLUGINS is where they are. */
#ifndef TESTS_FALCO_HOST_H
#define TESTS_FALCO_HOST_H

#include <libruntime-falco/falco.h>
#include <libruntime/runtime.h>
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

typedef struct host {
        rt_falco *falco;
        char said[16384]; /* "plugin:severity:message\n" */
        char message[1024];
} host;

static inline void
host_log(const char *plugin, uint32_t severity, const char *message, void *user)
{
        host *h = user;
        const size_t n = strnlen(h->said, sizeof h->said);

        snprintf(h->said + n, sizeof h->said - n, "%s:%u:%s\n", plugin, severity, message);
}

static inline void
host_init(host *h)
{
        rt_falco_opts opts = RT_INIT(rt_falco_opts);

        memset(h, 0, sizeof *h);
        opts.log = host_log;
        opts.log_user = h;
        cr_assert_eq(rt_falco_new(&opts, &h->falco), RT_OK);
}

static inline int
host_load_as(host *h, const char *name, const char *config, uint32_t flags)
{
        rt_falco_plugin plugin = RT_INIT(rt_falco_plugin);
        char path[512];

        snprintf(path, sizeof path, PLUGINS "/%s.so", name);
        plugin.library_path = path;
        plugin.init_config = config;
        plugin.flags = flags;
#ifdef ISOLATED /* the same tests once more, with processes of their own */
        plugin.flags |= RT_FALCO_ISOLATED;
        plugin.helper = HELPER;
#endif
        return rt_falco_load(h->falco, &plugin, h->message, sizeof h->message);
}

static inline int
host_load(host *h, const char *name, const char *config)
{
        return host_load_as(h, name, config, 0);
}

#endif
