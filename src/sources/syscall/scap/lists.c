/* SPDX-License-Identifier: Apache-2.0 */
/*
 * lists.c - the lists at the head of a capture: machine, processes, descriptors, interfaces, users.
 *
 *   in   the body of a block
 *   out  entries, handed to the state; an entry that is damaged ends its block
 *
 * From version 9 (processes) and 2 (the others) on, entries tell their length, so that members that
 * are unknown are passed over and those that older writers did not have stay unset.
 */
#include "sources/syscall/scap/parts.h"
#include <stdio.h>

enum { LEAST_ENTRY_BYTES = 4, TAIL_WITHOUT_PIDNS_BYTES = 29 };

void
rti_bytes_take(rti_bytes *bytes, void *to, size_t n)
{
        const rt_str s = rti_bytes_cut(bytes, n);

        if (s.ptr)
                memcpy(to, s.ptr, n);
        else
                memset(to, 0, n);
}

rt_str
rti_bytes_cut(rti_bytes *bytes, size_t n)
{
        const rt_str s = { bytes->at, n };

        if (rti_bytes_left(bytes) < n) {
                bytes->bad = true;
                bytes->at = bytes->end;
                return (rt_str){ NULL, 0 };
        }
        bytes->at += n;
        return s;
}

rt_str
rti_bytes_text(rti_bytes *bytes)
{
        return rti_bytes_cut(bytes, rti_bytes_u16(bytes));
}

/* ---- entries ---- */

/* The entry's own bytes: in newer versions its length stands in front, which @a counted says to
 * include itself. The reader of the list is moved behind it. */
static rti_bytes
entry_of(rti_bytes *list, bool has_length, size_t counted)
{
        rti_bytes entry = *list;
        uint32_t len;

        if (!has_length)
                return entry;
        len = rti_bytes_u32(&entry);
        if (entry.bad || len < counted || len - counted > rti_bytes_left(&entry)) {
                entry.bad = true;
                return entry;
        }
        entry.end = entry.at + (len - counted);
        return entry;
}

/* Where the next entry begins. */
static const char *
entry_end(const rti_bytes *entry, bool has_length)
{
        return has_length ? entry->end : entry->at;
}

/* ---- processes ---- */

/* The members of version 9 behind `root`: any number of them may be missing at the end. */
static void
process_tail(rti_bytes *bytes, rti_proc_entry *entry)
{
        const struct {
                void *to;
                uint8_t size;
        } members[] = {
                { &entry->pidns_init_start_ns, 8 },
                { &entry->tty, 4 },
                { &entry->loginuid, 4 },
                { &entry->exe_writable, 1 },
                { &entry->cap_inheritable, 8 },
                { &entry->cap_permitted, 8 },
                { &entry->cap_effective, 8 },
                { &entry->exe_upper_layer, 1 },
                { &entry->exe_ino, 8 },
                { &entry->exe_ino_ctime, 8 },
                { &entry->exe_ino_mtime, 8 },
                { &entry->exe_from_memfd, 1 },
                { &entry->exe_lower_layer, 1 },
                { &entry->pgid, 8 },
        };
        /* The first two were put in front of the others later on. */
        size_t i = rti_bytes_left(bytes) > TAIL_WITHOUT_PIDNS_BYTES ? 0 : 2;

        for (; i < RTI_COUNT(members) && rti_bytes_left(bytes) >= members[i].size; i++)
                rti_bytes_take(bytes, members[i].to, members[i].size);
}

int64_t
rti_scap_process(rt_str bytes, uint32_t version, rti_proc_entry *ret_entry)
{
        rti_bytes list = rti_bytes_of(bytes), at = entry_of(&list, version >= 9, 4);
        rti_proc_entry entry = {
                .sid = -1, .vpgid = -1, .pgid = -1, .vtid = -1, .vpid = -1, .loginuid = UINT32_MAX
        };

        entry.tid = rti_bytes_i64(&at);
        entry.pid = rti_bytes_i64(&at);
        entry.ptid = rti_bytes_i64(&at);
        if (version >= 6)
                entry.sid = rti_bytes_i64(&at);
        if (version >= 8)
                entry.vpgid = rti_bytes_i64(&at);
        entry.comm = rti_bytes_text(&at);
        entry.exe = rti_bytes_text(&at);
        if (version >= 7)
                entry.exepath = rti_bytes_text(&at);
        entry.args = rti_bytes_text(&at);
        entry.cwd = rti_bytes_text(&at);
        entry.fdlimit = rti_bytes_i64(&at);
        entry.flags = rti_bytes_u32(&at);
        entry.uid = rti_bytes_u32(&at);
        entry.gid = rti_bytes_u32(&at);
        if (version >= 2) {
                entry.vmsize_kb = rti_bytes_u32(&at);
                entry.vmrss_kb = rti_bytes_u32(&at);
                entry.vmswap_kb = rti_bytes_u32(&at);
                entry.pfmajor = rti_bytes_u64(&at);
                entry.pfminor = rti_bytes_u64(&at);
        }
        if (version >= 3)
                entry.env = rti_bytes_text(&at);
        if (version >= 4) {
                entry.vtid = rti_bytes_i64(&at);
                entry.vpid = rti_bytes_i64(&at);
                entry.cgroups = rti_bytes_text(&at);
        }
        if (version >= 5)
                entry.root = rti_bytes_text(&at);
        if (at.bad)
                return RT_EFORMAT;
        if (version >= 9)
                process_tail(&at, &entry);
        *ret_entry = entry;
        return entry_end(&at, version >= 9) - bytes.ptr;
}

/* ---- descriptors ---- */

static void
take_ends(rti_bytes *at, size_t address, rti_fd_entry *entry)
{
        rti_bytes_take(at, entry->ends.source, address);
        rti_bytes_take(at, entry->ends.dest, address);
        entry->ends.source_port = rti_bytes_u16(at);
        entry->ends.dest_port = rti_bytes_u16(at);
        entry->l4 = rti_bytes_u8(at);
}

static void
take_server(rti_bytes *at, size_t address, rti_fd_entry *entry)
{
        rti_bytes_take(at, entry->ends.source, address);
        entry->ends.source_port = rti_bytes_u16(at);
        entry->l4 = rti_bytes_u8(at);
}

/* A kind that came after this: its name says so. Without a length it cannot be passed over. */
static void
take_unknown(rti_bytes *at, bool has_length, rti_fd_entry *entry)
{
        if (!has_length) {
                at->bad = true;
                return;
        }
        snprintf(entry->own, sizeof entry->own, "unknown-type:[%u]", entry->kind);
        entry->name = rti_str_of(entry->own);
        entry->kind = RTI_FD_UNSUPPORTED;
}

int64_t
rti_scap_fd(rt_str bytes, uint32_t version, rti_fd_entry *ret_entry)
{
        rti_bytes list = rti_bytes_of(bytes), at = entry_of(&list, version >= 2, 4);
        rti_fd_entry *entry = ret_entry;

        *entry = (rti_fd_entry){ 0 };
        entry->num = rti_bytes_i64(&at);
        entry->ino = rti_bytes_u64(&at);
        entry->kind = rti_bytes_u8(&at);
        switch (entry->kind) {
        case RTI_FD_UNKNOWN:
                break;
        case RTI_FD_IPV4_SOCK:
                take_ends(&at, 4, entry);
                break;
        case RTI_FD_IPV6_SOCK:
                take_ends(&at, 16, entry);
                break;
        case RTI_FD_IPV4_SERVER:
                take_server(&at, 4, entry);
                break;
        case RTI_FD_IPV6_SERVER:
                take_server(&at, 16, entry);
                break;
        case RTI_FD_UNIX_SOCK:
                entry->source = rti_bytes_u64(&at);
                entry->dest = rti_bytes_u64(&at);
                entry->name = rti_bytes_text(&at);
                break;
        case RTI_FD_FILE_V2:
                entry->open_flags = rti_bytes_u32(&at);
                entry->name = rti_bytes_text(&at);
                if (version >= 2 && rti_bytes_left(&at) >= sizeof entry->dev)
                        entry->dev = rti_bytes_u32(&at);
                break;
        default:
                if (entry->kind < RTI_N_FD_KINDS)
                        entry->name = rti_bytes_text(&at);
                else
                        take_unknown(&at, version >= 2, entry);
        }
        return at.bad ? RT_EFORMAT : entry_end(&at, version >= 2) - bytes.ptr;
}

/* ---- one entry each, handed to the state: the number of its bytes, or RT_E* ---- */

static int64_t
add_process(rti_scap *scap, rt_str bytes, uint32_t version)
{
        rti_proc_entry entry;
        const int64_t n = rti_scap_process(bytes, version, &entry);
        const int r = n < 0 ? (int) n : rti_state_add_process(scap->state, &entry);

        return r == RT_ENOMEM ? r : n;
}

static int64_t
add_fd(rti_scap *scap, rt_str bytes, uint32_t version, int64_t tid)
{
        rti_fd_entry entry;
        const int64_t n = rti_scap_fd(bytes, version, &entry);
        const int r = n < 0 ? (int) n : rti_state_add_fd(scap->state, tid, &entry);

        return r == RT_ENOMEM ? r : n;
}

static int64_t
add_interface(rti_scap *scap, rt_str bytes, uint32_t version)
{
        enum { IPV4 = 1, IPV6 = 2, IPV4_NO_SPEED = 3, IPV6_NO_SPEED = 4 };
        rti_bytes list = rti_bytes_of(bytes), at = entry_of(&list, version >= 2, 0);
        rti_interface interface = { 0 };
        const uint16_t type = rti_bytes_u16(&at), name = rti_bytes_u16(&at);
        char broadcast[16];
        int r;

        if (!at.bad && (type < IPV4 || type > IPV6_NO_SPEED))
                return version >= 2 ? at.end - bytes.ptr : RT_EFORMAT;
        interface.family = type == IPV4 || type == IPV4_NO_SPEED ? 4 : 16;
        rti_bytes_take(&at, interface.address, interface.family);
        rti_bytes_take(&at, interface.mask, interface.family);
        rti_bytes_take(&at, broadcast, interface.family);
        if (type == IPV4 || type == IPV6)
                rti_bytes_u64(&at); /* its speed */
        rti_bytes_cut(&at, name);
        if (at.bad)
                return RT_EFORMAT;
        r = rti_state_add_interface(scap->state, &interface);
        return r == RT_ENOMEM ? r : entry_end(&at, version >= 2) - bytes.ptr;
}

static int64_t
add_user(rti_scap *scap, rt_str bytes, uint32_t version)
{
        enum { USER = 0, GROUP = 1 };
        static const rt_str host = RTI_STR_INIT("");
        rti_users *users = &scap->state->users;
        rti_bytes list = rti_bytes_of(bytes), at = entry_of(&list, version >= 2, 4);
        const uint8_t type = rti_bytes_u8(&at);
        const uint32_t id = rti_bytes_u32(&at);
        int r;

        if (type == USER) {
                const uint32_t gid = rti_bytes_u32(&at);
                const rt_str name = rti_bytes_text(&at), home = rti_bytes_text(&at),
                             shell = rti_bytes_text(&at);

                r = at.bad ? RT_EFORMAT
                           : rti_users_add(users, scap->allocator, host,
                                           &(rti_user_entry){ id, gid, name, home, shell });
        } else if (type == GROUP) {
                const rt_str name = rti_bytes_text(&at);

                r = at.bad ? RT_EFORMAT
                           : rti_users_add_group(users, scap->allocator, host, id, name);
        } else {
                r = at.bad || version < 2 ? RT_EFORMAT : RT_OK;
        }
        if (r == RT_EFORMAT || r == RT_ENOMEM)
                return r;
        return entry_end(&at, version >= 2) - bytes.ptr;
}

/* ---- whole blocks ---- */

static int
read_machine(rti_scap *scap, rt_str body)
{
        rti_bytes at = rti_bytes_of(body);
        rti_machine machine = { 0 };
        rt_str hostname;

        machine.cpus = rti_bytes_u32(&at);
        machine.memory_bytes = rti_bytes_u64(&at);
        rti_bytes_u64(&at); /* the greatest process id */
        hostname = rti_bytes_cut(&at, sizeof machine.hostname);
        machine.boot_ns = rti_bytes_u64(&at);
        if (at.bad)
                return RT_EFORMAT;
        memcpy(machine.hostname, hostname.ptr, hostname.len);
        machine.hostname_len = (uint8_t) strnlen(hostname.ptr, hostname.len);
        scap->machine = machine;
        scap->state->boot_ns = machine.boot_ns;
        return RT_OK;
}

int
rti_scap_list(rti_scap *scap, enum rti_scap_list list, uint32_t version, rt_str body,
              size_t *ret_bad)
{
        rti_bytes at = rti_bytes_of(body);
        int64_t tid = 0, n = 0;

        *ret_bad = 0;
        if (list == RTI_SCAP_MACHINE)
                return read_machine(scap, body);
        if (list == RTI_SCAP_FDS)
                tid = rti_bytes_i64(&at);
        if (at.bad)
                return RT_EFORMAT;
        while (rti_bytes_left(&at) >= LEAST_ENTRY_BYTES && n >= 0) {
                const rt_str left = { at.at, rti_bytes_left(&at) };

                *ret_bad = (size_t) (at.at - body.ptr);
                if (list == RTI_SCAP_PROCESSES)
                        n = add_process(scap, left, version);
                else if (list == RTI_SCAP_FDS)
                        n = add_fd(scap, left, version, tid);
                else if (list == RTI_SCAP_INTERFACES)
                        n = add_interface(scap, left, version);
                else
                        n = add_user(scap, left, version);
                at.at += n > 0 ? n : 0;
        }
        return n < 0 ? (int) n : RT_OK;
}
