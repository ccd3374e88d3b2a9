/* SPDX-License-Identifier: Apache-2.0 */
/* encode.c - writing captures. */
#include "live/encode.h"
#include <stdlib.h>

enum {
        FIRST_ROOM_BYTES = 64 * 1024,
        MAGIC = 0x1a2b3c4d,
        MAJOR = 1,
        MINOR = 2,
        HOSTNAME_BYTES = 128,
        MOST_PATH_BYTES = 1024,
        MOST_LIST_BYTES = 4096,
        MOST_NAME_BYTES = 255,
        MOST_COMM_BYTES = 255
};

/* ---- the buffer ---- */

void
rti_cap_out_done(cap_out *out)
{
        free(out->ptr);
        *out = (cap_out){ 0 };
}

static bool
make_room(cap_out *out, size_t n)
{
        size_t room = out->room ? out->room : FIRST_ROOM_BYTES;
        char *ptr;

        while (room - out->len < n) {
                if (room > SIZE_MAX / 2)
                        return false;
                room *= 2;
        }
        ptr = realloc(out->ptr, room);
        if (!ptr)
                return false;
        out->ptr = ptr;
        out->room = room;
        return true;
}

void
rti_cap_put(cap_out *out, const void *bytes, size_t n)
{
        if (out->room - out->len < n && !make_room(out, n)) {
                out->failed = true;
                return;
        }
        if (n)
                memcpy(out->ptr + out->len, bytes, n);
        out->len += n;
}

static void
put_zeros(cap_out *out, size_t n)
{
        static const char zeros[HOSTNAME_BYTES];

        rti_cap_put(out, zeros, n);
}

void
rti_cap_str(cap_out *out, rt_str s, size_t most)
{
        const size_t n = s.len < most ? s.len : most;

        cap_u16(out, (uint16_t) n);
        rti_cap_put(out, s.ptr, n);
}

static void
patch_u32(cap_out *out, size_t at, uint32_t v)
{
        if (!out->failed && at + sizeof v <= out->len)
                memcpy(out->ptr + at, &v, sizeof v);
}

static void
patch_u16(cap_out *out, size_t at, uint16_t v)
{
        if (!out->failed && at + sizeof v <= out->len)
                memcpy(out->ptr + at, &v, sizeof v);
}

/* ---- blocks ---- */

size_t
rti_cap_block_begin(cap_out *out, uint32_t type)
{
        const size_t at = out->len;

        cap_u32(out, type);
        cap_u32(out, 0);
        return at;
}

void
rti_cap_block_end(cap_out *out, size_t at)
{
        uint32_t len;

        put_zeros(out, (4 - (out->len - at) % 4) % 4);
        len = (uint32_t) (out->len - at + sizeof len);
        cap_u32(out, len);
        patch_u32(out, at + sizeof(uint32_t), len);
}

void
rti_cap_head(cap_out *out, const cap_machine *machine)
{
        const rt_str name = machine->hostname;
        const size_t n = name.len < HOSTNAME_BYTES - 1 ? name.len : HOSTNAME_BYTES - 1;
        size_t at = rti_cap_block_begin(out, CAP_SECTION);

        cap_u32(out, MAGIC);
        cap_u16(out, MAJOR);
        cap_u16(out, MINOR);
        cap_u64(out, UINT64_MAX);
        rti_cap_block_end(out, at);
        at = rti_cap_block_begin(out, CAP_MACHINE);
        cap_u32(out, machine->cpus);
        cap_u64(out, machine->memory_bytes);
        cap_u64(out, machine->max_pid);
        rti_cap_put(out, name.ptr, n);
        put_zeros(out, HOSTNAME_BYTES - n);
        cap_u64(out, machine->boot_ns);
        cap_u64(out, 0);
        cap_u64(out, 0);
        cap_u64(out, 0);
        rti_cap_block_end(out, at);
}

/* ---- entries ---- */

/* The length of an entry counts its own four bytes, but for interfaces. */
static void
end_entry(cap_out *out, size_t at)
{
        patch_u32(out, at, (uint32_t) (out->len - at));
}

static void
put_ids(cap_out *out, const rti_proc_entry *e)
{
        cap_u64(out, (uint64_t) e->tid);
        cap_u64(out, (uint64_t) e->pid);
        cap_u64(out, (uint64_t) e->ptid);
        cap_u64(out, (uint64_t) e->sid);
        cap_u64(out, (uint64_t) e->vpgid);
}

static void
put_executable(cap_out *out, const rti_proc_entry *e)
{
        cap_u64(out, e->pidns_init_start_ns);
        cap_u32(out, e->tty);
        cap_u32(out, e->loginuid);
        cap_u8(out, e->exe_writable);
        cap_u64(out, e->cap_inheritable);
        cap_u64(out, e->cap_permitted);
        cap_u64(out, e->cap_effective);
        cap_u8(out, e->exe_upper_layer);
        cap_u64(out, e->exe_ino);
        cap_u64(out, e->exe_ino_ctime);
        cap_u64(out, e->exe_ino_mtime);
        cap_u8(out, e->exe_from_memfd);
        cap_u8(out, e->exe_lower_layer);
        cap_u64(out, (uint64_t) e->pgid);
}

void
rti_cap_process(cap_out *out, const rti_proc_entry *e)
{
        const size_t at = out->len;

        cap_u32(out, 0);
        put_ids(out, e);
        rti_cap_str(out, e->comm, MOST_COMM_BYTES);
        rti_cap_str(out, e->exe, MOST_PATH_BYTES);
        rti_cap_str(out, e->exepath, MOST_PATH_BYTES);
        rti_cap_str(out, e->args, MOST_LIST_BYTES);
        rti_cap_str(out, e->cwd, MOST_PATH_BYTES);
        cap_u64(out, (uint64_t) e->fdlimit);
        cap_u32(out, e->flags);
        cap_u32(out, e->uid);
        cap_u32(out, e->gid);
        cap_u32(out, e->vmsize_kb);
        cap_u32(out, e->vmrss_kb);
        cap_u32(out, e->vmswap_kb);
        cap_u64(out, e->pfmajor);
        cap_u64(out, e->pfminor);
        rti_cap_str(out, e->env, MOST_LIST_BYTES);
        cap_u64(out, (uint64_t) e->vtid);
        cap_u64(out, (uint64_t) e->vpid);
        rti_cap_str(out, e->cgroups, MOST_LIST_BYTES);
        rti_cap_str(out, e->root, MOST_PATH_BYTES);
        put_executable(out, e);
        end_entry(out, at);
}

static void
put_ends(cap_out *out, const rti_ends *ends, size_t address_bytes)
{
        rti_cap_put(out, ends->source, address_bytes);
        rti_cap_put(out, ends->dest, address_bytes);
        cap_u16(out, ends->source_port);
        cap_u16(out, ends->dest_port);
}

static void
put_server(cap_out *out, const rti_ends *ends, size_t address_bytes)
{
        rti_cap_put(out, ends->source, address_bytes);
        cap_u16(out, ends->source_port);
}

void
rti_cap_fd(cap_out *out, const rti_fd_entry *e)
{
        const size_t at = out->len;

        cap_u32(out, 0);
        cap_u64(out, (uint64_t) e->num);
        cap_u64(out, e->ino);
        cap_u8(out, e->kind);
        switch (e->kind) {
        case RTI_FD_IPV4_SOCK:
                put_ends(out, &e->ends, 4);
                cap_u8(out, e->l4);
                break;
        case RTI_FD_IPV6_SOCK:
                put_ends(out, &e->ends, 16);
                cap_u8(out, e->l4);
                break;
        case RTI_FD_IPV4_SERVER:
                put_server(out, &e->ends, 4);
                cap_u8(out, e->l4);
                break;
        case RTI_FD_IPV6_SERVER:
                put_server(out, &e->ends, 16);
                cap_u8(out, e->l4);
                break;
        case RTI_FD_UNIX_SOCK:
                cap_u64(out, e->source);
                cap_u64(out, e->dest);
                rti_cap_str(out, e->name, MOST_PATH_BYTES);
                break;
        case RTI_FD_FILE_V2:
                cap_u32(out, e->open_flags);
                rti_cap_str(out, e->name, MOST_PATH_BYTES);
                cap_u32(out, e->dev);
                break;
        case RTI_FD_UNKNOWN:
                break;
        default:
                rti_cap_str(out, e->name, MOST_PATH_BYTES);
                break;
        }
        end_entry(out, at);
}

enum { USER = 0, GROUP = 1, IPV4 = 1, IPV6 = 2 };

void
rti_cap_user(cap_out *out, uint32_t uid, uint32_t gid, rt_str name, rt_str home, rt_str shell)
{
        const size_t at = out->len;

        cap_u32(out, 0);
        cap_u8(out, USER);
        cap_u32(out, uid);
        cap_u32(out, gid);
        rti_cap_str(out, name, MOST_NAME_BYTES);
        rti_cap_str(out, home, MOST_NAME_BYTES);
        rti_cap_str(out, shell, MOST_NAME_BYTES);
        end_entry(out, at);
}

void
rti_cap_group(cap_out *out, uint32_t gid, rt_str name)
{
        const size_t at = out->len;

        cap_u32(out, 0);
        cap_u8(out, GROUP);
        cap_u32(out, gid);
        rti_cap_str(out, name, MOST_NAME_BYTES);
        end_entry(out, at);
}

void
rti_cap_interface(cap_out *out, const rti_interface *interface, const uint8_t broadcast[16],
                  rt_str name)
{
        const size_t n = interface->family, at = out->len;
        const size_t name_bytes = name.len < MOST_NAME_BYTES ? name.len : MOST_NAME_BYTES;

        cap_u32(out, 0);
        cap_u16(out, n == 4 ? IPV4 : IPV6);
        cap_u16(out, (uint16_t) name_bytes);
        rti_cap_put(out, interface->address, n);
        rti_cap_put(out, interface->mask, n);
        rti_cap_put(out, broadcast, n);
        cap_u64(out, 0);
        rti_cap_put(out, name.ptr, name_bytes);
        patch_u32(out, at, (uint32_t) (out->len - at - sizeof(uint32_t)));
}

/* ---- events ---- */

enum { EVENT_HEADER_BYTES = 26 };

void
rti_cap_event_put(cap_out *out, const cap_event *event)
{
        size_t bytes = EVENT_HEADER_BYTES;

        for (uint32_t i = 0; i < event->n_params; i++)
                bytes += event->params[i].len + (event->large ? 4 : 2);
        cap_u16(out, event->cpu);
        cap_u64(out, event->time_ns);
        cap_u64(out, (uint64_t) event->tid);
        cap_u32(out, (uint32_t) bytes);
        cap_u16(out, event->type);
        cap_u32(out, event->n_params);
        for (uint32_t i = 0; i < event->n_params; i++)
                if (event->large)
                        cap_u32(out, (uint32_t) event->params[i].len);
                else
                        cap_u16(out, (uint16_t) event->params[i].len);
        for (uint32_t i = 0; i < event->n_params; i++)
                rti_cap_put(out, event->params[i].ptr, event->params[i].len);
}

size_t
rti_cap_opt_begin(cap_out *out, uint16_t code)
{
        const size_t at = out->len;

        cap_u16(out, code);
        cap_u16(out, 0);
        return at;
}

void
rti_cap_opt_end(cap_out *out, size_t at)
{
        const size_t n = out->len - at - 2 * sizeof(uint16_t);

        if (n > UINT16_MAX)
                out->failed = true;
        patch_u16(out, at + sizeof(uint16_t), (uint16_t) n);
        put_zeros(out, (4 - n % 4) % 4);
}

void
rti_cap_opts_end(cap_out *out)
{
        cap_u16(out, 0);
        cap_u16(out, 0);
}
