-- SPDX-License-Identifier: Apache-2.0
rockspec_format = "3.0"
package = "runtime"
version = "scm-1"
source = { url = "." }
description = {
    summary = "Runtime threat detection: Falco's rule language over logs and system calls",
    license = "Apache-2.0",
}
dependencies = { "lua >= 5.1, < 5.5" }
external_dependencies = {
    LIBRUNTIME = { header = "libruntime/runtime.h", library = "runtime" },
}
build = {
    type = "builtin",
    modules = {
        ["runtime"] = "runtime/init.lua",
        ["runtime.core"] = {
            sources = {
                "core.c", "engine.c", "fields.c", "host.c", "judge.c", "later.c", "measures.c",
                "options.c", "rules.c", "sources.c", "take.c", "values.c",
            },
            libraries = { "runtime", "pthread" },
            incdirs = { "$(LIBRUNTIME_INCDIR)" },
            libdirs = { "$(LIBRUNTIME_LIBDIR)" },
        },
    },
}
test = { type = "busted" }
