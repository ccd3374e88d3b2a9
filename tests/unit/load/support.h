/* SPDX-License-Identifier: Apache-2.0 */
/* support.h - a loader over the built-in sources, for the tests of this folder. */
#ifndef TESTS_UNIT_LOAD_SUPPORT_H
#define TESTS_UNIT_LOAD_SUPPORT_H

#include "base/alloc.h"
#include "compiler/load/loader.h"
#include "sources/builtin.h"
#include <criterion/criterion.h>

typedef struct loading {
        rti_registry *registry;
        rti_loader *loader;
        rt_diags *diags;
} loading;

static inline void
loading_start(loading *l, const rti_loader_opts *opts)
{
        const rti_loader_opts none = { 0 };

        cr_assert_eq(rti_registry_new(&rti_alloc_default, &l->registry), RT_OK);
        cr_assert_eq(rti_registry_add_list(l->registry, rti_builtin_sources, NULL), RT_OK);
        cr_assert_eq(
                rti_loader_new(&rti_alloc_default, l->registry, opts ? opts : &none, &l->loader),
                RT_OK);
        cr_assert_eq(rti_diags_new(&rti_alloc_default, &l->diags), RT_OK);
}

static inline void
loading_end(loading *l)
{
        rti_loader_free(l->loader);
        rti_diags_free(l->diags);
        rti_registry_unref(l->registry);
}

static inline int
loading_add(loading *l, const char *name, const char *text)
{
        return rti_loader_add(l->loader, rti_str_of(name), rti_str_of(text), l->diags);
}

/* What was found, as text. */
static inline rt_str
loading_said(loading *l)
{
        rt_str text;

        cr_assert_eq(rti_diags_print(l->diags, RT_DIAGS_TEXT, 0, &text), RT_OK);
        return text;
}

#endif
