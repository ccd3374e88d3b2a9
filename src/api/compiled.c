/* SPDX-License-Identifier: Apache-2.0 */
/*
 * compiled.c - rt_ruleset_load and its kin: rulesets out of bytes that were compiled before.
 *
 * The bytes may come from anyone. In this order: are they of this version and undamaged, is every
 * number in range (verify.c), do operators go with their operands (bind.c), does the engine have
 * the sources and fields (fit.c)?
 */
#include "base/alloc.h"
#include "engine/engine.h"
#include "lang/diag.h"
#include "program/fit.h"
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

enum { ALIGNED_TO = 8 };

int
rt_ruleset_bytes(const rt_ruleset *rules, rt_str *ret_bytes)
{
        if (!rules || !ret_bytes)
                return RT_EINVAL;
        *ret_bytes = (rt_str){ (const char *) rules->program, rules->program->size_bytes };
        return RT_OK;
}

int
rt_ruleset_is_compiled(rt_str bytes)
{
        uint32_t magic;

        if (!bytes.ptr || bytes.len < sizeof magic)
                return 0;
        memcpy(&magic, bytes.ptr, sizeof magic);
        return magic == RTI_PROGRAM_MAGIC;
}

static int
refuse(rt_diags *diags, enum rti_diag_id id, const char *name, rt_str why)
{
        const rti_location where = { .item_type = "rules content",
                                     .item_name = RTI_STR(""),
                                     .file = rti_str_of(name) };
        const rti_diag diag = { .id = id,
                                .file = rti_str_of(name),
                                .message = why,
                                .hint = id == RTI_D_COMPILED ? RTI_STR("compile the rules again")
                                                             : RTI_STR(""),
                                .where = &where };

        if (diags) {
                rti_diags_begin(diags, rti_str_of(name));
                rti_diag_add(diags, &diag);
        }
        return RT_ERULES;
}

/* Does the bound ruleset go with the engine? It is given back if not. */
static int
fit(rt_engine *engine, const char *name, rt_diags *diags, rt_ruleset *rules)
{
        rti_arena arena;
        rt_str why;
        int r;

        rti_arena_init(&arena, &engine->allocator, 0);
        r = rti_ruleset_fits(rules, engine->registry, &arena, &why);
        if (r == RT_ENOENT)
                r = refuse(diags, RTI_D_COMPILED, name, why);
        rti_arena_done(&arena);
        if (r < 0)
                rti_ruleset_unref(rules);
        return r;
}

/* The block is the engine's allocator's, and taken over. */
static int
load(rt_engine *engine, const char *name, void *block, size_t size, rt_diags *diags,
     rt_ruleset **ret_rules)
{
        const char *why = NULL;
        rt_ruleset *rules;
        int r = rti_program_check(block, size, &why);

        if (r < 0)
                rti_free(&engine->allocator, block);
        else
                r = rti_ruleset_bind(&engine->allocator, block, size, &rules, &why);
        if (r == RT_EFORMAT)
                return refuse(diags, RTI_D_COMPILED, name, rti_str_of(why));
        if (r == RT_OK)
                r = fit(engine, name, diags, rules);
        if (r == RT_OK)
                *ret_rules = rules;
        return r;
}

static int
load_borrowed(rt_engine *engine, const char *name, rt_str bytes, rt_diags *diags,
              rt_ruleset **ret_rules)
{
        const rti_program *program = (const rti_program *) (const void *) bytes.ptr;
        const char *why = NULL;
        rt_ruleset *rules;
        int r;

        if ((uintptr_t) bytes.ptr % ALIGNED_TO)
                return RT_EINVAL;
        r = rti_program_check(program, bytes.len, &why);
        if (r == RT_OK)
                r = rti_ruleset_bind_borrowed(&engine->allocator, program, bytes.len, &rules, &why);
        if (r == RT_EFORMAT)
                return refuse(diags, RTI_D_COMPILED, name, rti_str_of(why));
        if (r == RT_OK)
                r = fit(engine, name, diags, rules);
        if (r == RT_OK)
                *ret_rules = rules;
        return r;
}

int
rt_ruleset_load(rt_engine *engine, const char *name, rt_str bytes, uint32_t flags, rt_diags *diags,
                rt_ruleset **ret_rules)
{
        void *block;

        if (!engine || !name || !bytes.ptr || !ret_rules || flags & ~(uint32_t) RT_LOAD_BORROW)
                return RT_EINVAL;
        atomic_store(&engine->sealed, true);
        if (flags & RT_LOAD_BORROW)
                return load_borrowed(engine, name, bytes, diags, ret_rules);
        block = rti_alloc(&engine->allocator, bytes.len ? bytes.len : 1);
        if (!block)
                return RT_ENOMEM;
        memcpy(block, bytes.ptr, bytes.len);
        return load(engine, name, block, bytes.len, diags, ret_rules);
}

/* ---- files ---- */

/* All of a regular file: RT_OK, RT_EIO with errno, RT_ELIMIT, RT_ENOMEM. */
static int
read_file(const rt_allocator *allocator, int fd, void **ret_block, size_t *ret_size)
{
        struct stat status;
        size_t have = 0, size;
        char *block;

        if (fstat(fd, &status) < 0)
                return RT_EIO;
        if (!S_ISREG(status.st_mode)) {
                errno = EINVAL;
                return RT_EIO;
        }
        size = (size_t) status.st_size;
        if (size > RTI_MAX_PROGRAM_BYTES)
                return RT_ELIMIT;
        block = rti_alloc(allocator, size ? size : 1);
        if (!block)
                return RT_ENOMEM;
        while (have < size) {
                const ssize_t n = read(fd, block + have, size - have);

                if (n < 0 && errno == EINTR)
                        continue;
                if (n < 0) {
                        rti_free(allocator, block);
                        return RT_EIO;
                }
                if (n == 0)
                        break;
                have += (size_t) n;
        }
        *ret_block = block;
        *ret_size = have;
        return RT_OK;
}

int
rt_ruleset_load_path(rt_engine *engine, const char *path, rt_diags *diags, rt_ruleset **ret_rules)
{
        void *block;
        size_t size;
        int fd, r;

        if (!engine || !path || !ret_rules)
                return RT_EINVAL;
        atomic_store(&engine->sealed, true);
        fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
        r = fd < 0 ? RT_EIO : read_file(&engine->allocator, fd, &block, &size);
        if (r == RT_EIO)
                r = refuse(diags, RTI_D_FILE_READ, path, rti_str_of(strerror(errno)));
        else if (r == RT_ELIMIT)
                r = refuse(diags, RTI_D_LIMIT, path,
                           RTI_STR("the file is larger than the limit PROGRAM_BYTES"));
        else if (r == RT_OK)
                r = load(engine, path, block, size, diags, ret_rules);
        if (fd >= 0)
                close(fd);
        return r;
}
