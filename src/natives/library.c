/* SPDX-License-Identifier: Apache-2.0 */
/*
 * library.c - shared libraries: which ones may be opened, and what is in them.
 *
 * Opening a library runs code of it. So everything that can be known before is looked at before:
 * where it is, who can write there, that it is a library of this machine.
 */
#include "native.h"
#include <dlfcn.h>
#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <link.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

int
natives_complain(const complaint *c, const char *format, ...)
{
        va_list args;

        va_start(args, format);
        vsnprintf(c->text, c->size, format, args);
        va_end(args);
        return RT_EINVAL;
}

/* ---- where ---- */

/* Is @a path, which has no links in it, @a allowed or below it? */
static bool
is_below(const char *path, const char *allowed)
{
        const size_t n = strlen(allowed);

        return strncmp(path, allowed, n) == 0
               && (path[n] == '\0' || path[n] == '/' || allowed[n - 1] == '/');
}

/* @a fd < 0: by name. */
static int
check_writers(int fd, const char *path, const complaint *c)
{
        struct stat st;

        if ((fd < 0 ? stat(path, &st) : fstat(fd, &st)) < 0)
                return natives_complain(c, "%s: %s", path, strerror(errno));
        if (st.st_uid != 0 && st.st_uid != geteuid())
                return natives_complain(c, "%s belongs to another user", path);
        if (st.st_mode & S_IWOTH)
                return natives_complain(c, "%s can be written by everybody", path);
        if ((st.st_mode & S_IWGRP) && st.st_gid != 0 && st.st_gid != getegid())
                return natives_complain(c, "%s can be written by another group", path);
        return RT_OK;
}

/* The library, and all directories from its own up to what the host allowed. */
static int
check_place(const char *path, const char *allowed, const complaint *c)
{
        char at[PATH_MAX];
        int r;

        snprintf(at, sizeof at, "%s", path);
        r = check_writers(-1, at, c);
        /* That of an allowed file is looked at, too: who writes there replaces the file. */
        while (r == RT_OK && strrchr(at, '/')) {
                char *slash = strrchr(at, '/');
                const bool last = strcmp(at, allowed) == 0 && strcmp(path, allowed) != 0;

                if (last || slash == at)
                        break;
                *slash = '\0';
                r = check_writers(-1, at, c);
                if (!is_below(at, allowed))
                        break;
        }
        return r;
}

/* What @a name may be, by one path that the host allows. */
static bool
join(const char *given, const char *allowed, const char *name, char *ret_joined)
{
        const char *slash = strrchr(given, '/');
        struct stat st;
        int n;

        if (*name == '/')
                n = snprintf(ret_joined, PATH_MAX, "%s", name);
        else if (stat(allowed, &st) == 0 && S_ISDIR(st.st_mode))
                n = snprintf(ret_joined, PATH_MAX, "%s/%s", allowed, name);
        else if (slash && strcmp(slash + 1, name) == 0)
                n = snprintf(ret_joined, PATH_MAX, "%s", allowed);
        else
                return false;
        return n < PATH_MAX;
}

/* Its real name, where the host allows it. */
static int
resolve(const rt_natives *natives, const char *name, char *ret_path, const complaint *c)
{
        char allowed[PATH_MAX], joined[PATH_MAX];
        bool found = false;

        if (!natives->n_paths)
                return natives_complain(c, "this host allows no library to be opened");
        if (!*name || (strchr(name, '/') && *name != '/'))
                return natives_complain(c,
                                        "a library is given by a name alone, or an absolute one");
        for (size_t i = 0; i < natives->n_paths; i++) {
                if (!realpath(natives->paths[i], allowed)
                    || !join(natives->paths[i], allowed, name, joined))
                        continue;
                if (!realpath(joined, ret_path))
                        continue;
                found = true;
                if (is_below(ret_path, allowed))
                        return check_place(ret_path, allowed, c);
        }
        if (found)
                return natives_complain(c, "%s is not where this host allows libraries", ret_path);
        return natives_complain(c, "%s: there is no such library where this host allows them",
                                name);
}

/* ---- what ---- */

#if defined(__x86_64__)
enum { MACHINE = EM_X86_64 };
#elif defined(__aarch64__)
enum { MACHINE = EM_AARCH64 };
#else
enum { MACHINE = EM_NONE }; /* the system will tell */
#endif

/* Is the open file a library? */
static int
check_file(int fd, const char *path, const complaint *c)
{
        ElfW(Ehdr) head = { 0 };
        struct stat st;
        const bool regular = fstat(fd, &st) == 0 && S_ISREG(st.st_mode);
        const ssize_t n = regular ? pread(fd, &head, sizeof head, 0) : 0;

        if (n != (ssize_t) sizeof head || memcmp(head.e_ident, ELFMAG, SELFMAG) != 0)
                return natives_complain(c, "%s is not an ELF file", path);
        if (head.e_ident[EI_CLASS] != (sizeof(void *) == 8 ? ELFCLASS64 : ELFCLASS32)
            || (MACHINE != EM_NONE && head.e_machine != MACHINE))
                return natives_complain(c, "%s is for another kind of machine", path);
        if (head.e_type != ET_DYN)
                return natives_complain(c, "%s is not a shared library", path);
        return RT_OK;
}

/* Is @a path still the file that was looked at? */
static bool
is_same(int fd, const char *path)
{
        struct stat then, now;

        return fstat(fd, &then) == 0 && stat(path, &now) == 0 && then.st_dev == now.st_dev
               && then.st_ino == now.st_ino;
}

/* Look at the file, let its code run, and see that it was this file. */
static int
load(const char *path, library *lib, const complaint *c)
{
        const int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
        int r;

        if (fd < 0)
                return natives_complain(c, "%s: %s", path, strerror(errno));
        r = check_writers(fd, path, c);
        r = r < 0 ? r : check_file(fd, path, c);
        if (r == RT_OK && !(lib->handle = dlopen(path, RTLD_NOW | RTLD_LOCAL))) {
                const char *why = dlerror();

                r = natives_complain(c, "it cannot be opened: %s",
                                     why ? why : "for no reason given");
        }
        if (r == RT_OK && !is_same(fd, path))
                r = natives_complain(c, "%s was replaced while it was opened", path);
        close(fd);
        return r;
}

/* The symbol's entry, if the library itself has it and not one that it needs. */
static const ElfW(Sym) * own_symbol(const library *lib, const char *name, void **ret_address)
{
        struct link_map *own = NULL, *map = NULL;
        const ElfW(Sym) *entry = NULL;
        void *address = dlsym(lib->handle, name);
        Dl_info info;

        if (!address || dlinfo(lib->handle, RTLD_DI_LINKMAP, &own) < 0
            || !dladdr1(address, &info, (void **) &map, RTLD_DL_LINKMAP) || map != own
            || !dladdr1(address, &info, (void **) &entry, RTLD_DL_SYMENT) || !entry
            || info.dli_saddr != address)
                return NULL;
        *ret_address = address;
        return entry;
}

static int
read_description(const rt_natives *natives, library *lib, const complaint *c)
{
        void *address;
        const ElfW(Sym) *entry = own_symbol(lib, "rt_natives_description", &address);

        if (!entry && (natives->flags & RT_NATIVES_REQUIRE_DESCRIPTION))
                return natives_complain(c, "%s does not describe its functions", lib->path);
        if (!entry)
                return RT_OK;
        if (ELF64_ST_TYPE(entry->st_info) != STT_OBJECT
            || entry->st_size < sizeof(rt_natives_table))
                return natives_complain(c, "%s: its rt_natives_description is no rt_natives_table",
                                        lib->path);
        lib->described = address;
        if (lib->described->abi != RT_NATIVES_ABI)
                return natives_complain(c, "%s describes its functions in version %u, this is %d",
                                        lib->path, lib->described->abi, RT_NATIVES_ABI);
        if (lib->described->n_rows > MAX_FUNCTIONS || !lib->described->rows)
                return natives_complain(c, "%s describes none or too many functions", lib->path);
        return RT_OK;
}

int
natives_library_open(rti_arena *arena, const rt_natives *natives, const char *name, library *lib,
                     const complaint *c)
{
        char path[PATH_MAX];
        int r = resolve(natives, name, path, c);

        if (r < 0)
                return r;
        lib->path = rti_arena_copy(arena, rti_str_of(path)).ptr;
        if (!lib->path)
                return RT_ENOMEM;
        r = load(path, lib, c);
        return r < 0 ? r : read_description(natives, lib, c);
}

void
natives_library_close(library *lib)
{
        if (lib->handle)
                dlclose(lib->handle);
        lib->handle = NULL;
}

/* ---- functions ---- */

static int
check_description(const library *lib, const native *n, const complaint *c)
{
        for (uint32_t i = 0; i < lib->described->n_rows; i++) {
                const rt_native_row *row = &lib->described->rows[i];
                signature_error error;
                signature s;

                if (!row->symbol || !row->signature || strcmp(row->symbol, n->symbol) != 0)
                        continue;
                if (natives_signature_parse(rti_str_of(row->signature), &s, &error) < 0)
                        return natives_complain(c, "%s: the library's own signature is wrong: %s",
                                                n->name, error.message);
                if (!natives_signature_same(&s, &n->signature))
                        return natives_complain(c, "%s is declared as \"%s\", but is \"%s\"",
                                                n->name, n->text, row->signature);
                return RT_OK;
        }
        return natives_complain(c, "%s: the library does not describe a function %s", n->name,
                                n->symbol);
}

int
natives_library_find(const library *lib, native *n, const complaint *c)
{
        void *address;
        const ElfW(Sym) * entry;

        if (lib->described) {
                const int r = check_description(lib, n, c);

                if (r < 0)
                        return r;
        }
        entry = own_symbol(lib, n->symbol, &address);
        if (!entry)
                return natives_complain(c, "%s: %s exports no function %s", n->name, lib->path,
                                        n->symbol);
        if (ELF64_ST_TYPE(entry->st_info) != STT_FUNC)
                return natives_complain(c, "%s: %s of %s is not a function", n->name, n->symbol,
                                        lib->path);
        n->code = (void (*)(void))(uintptr_t) address;
        return RT_OK;
}
