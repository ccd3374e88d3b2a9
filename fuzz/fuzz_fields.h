/* SPDX-License-Identifier: Apache-2.0 */
/* fuzz_fields.h - the fields of all built-in sources, for targets that compile something. */
#ifndef RTI_FUZZ_FUZZ_FIELDS_H
#define RTI_FUZZ_FUZZ_FIELDS_H

#include "base/alloc.h"
#include "fuzz.h"
#include "lang/registry.h"
#include "sources/builtin.h"

/* Built once: they are only read. */
static inline const rti_registry *
fuzz_fields(void)
{
        static rti_registry *registry;

        if (!registry) {
                CHECK(rti_registry_new(&rti_alloc_default, &registry) == RT_OK);
                CHECK(rti_registry_add_list(registry, rti_builtin_sources, NULL) >= 0);
        }
        return registry;
}

#endif
