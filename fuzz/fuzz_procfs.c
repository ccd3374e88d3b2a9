/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fuzz_procfs.c - any bytes as files of /proc, /etc/passwd and the targets of links. Texts lie in
 * the file or in the room given; what was parsed is written as entries that the core reads back.
 */
#include "fuzz.h"
#include "live/procfs/procfs.h"
#include "sources/syscall/scap/scap.h"

static bool
lies_in(rt_str s, rt_str room)
{
        return s.len == 0 || (s.ptr >= room.ptr && s.ptr + s.len <= room.ptr + room.len);
}

static void
check_process(const rti_proc_entry *entry)
{
        cap_out out = { 0 };
        rti_proc_entry got;

        rti_cap_process(&out, entry);
        CHECK(!out.failed && out.len <= UINT16_MAX);
        CHECK(rti_scap_process((rt_str){ out.ptr, out.len }, 9, &got) == (int64_t) out.len);
        CHECK(got.tid == entry->tid && got.uid == entry->uid && got.sid == entry->sid);
        CHECK(rti_str_eq(got.cgroups, entry->cgroups));
        rti_cap_out_done(&out);
}

static void
check_fd(const rti_fd_entry *entry)
{
        cap_out out = { 0 };
        rti_fd_entry got;

        rti_cap_fd(&out, entry);
        CHECK(!out.failed && out.len <= UINT16_MAX);
        CHECK(rti_scap_fd((rt_str){ out.ptr, out.len }, 2, &got) == (int64_t) out.len);
        CHECK(got.kind == entry->kind && got.ino == entry->ino);
        rti_cap_out_done(&out);
}

static void
parse_thread(rt_str file)
{
        static procfs_texts texts;
        static char cgroups[PROCFS_LIST_BYTES];
        rti_proc_entry entry = { .tid = 42, .vtid = -1 };
        const size_t room = file.len % sizeof cgroups;

        rti_procfs_parse_stat(file, &entry, &texts);
        CHECK(lies_in(entry.comm, (rt_str){ texts.comm, sizeof texts.comm }));
        rti_procfs_parse_status(file, &entry);
        entry.cgroups = rti_procfs_parse_cgroup(file, cgroups, room);
        CHECK(entry.cgroups.len <= room);
        CHECK(!entry.cgroups.len || entry.cgroups.ptr[entry.cgroups.len - 1] == '\0');
        check_process(&entry);
}

static void
parse_socket(enum procfs_table table, rt_str line)
{
        procfs_socket s;

        if (!rti_procfs_parse_socket(table, line, &s))
                return;
        CHECK(s.ino != 0 && s.entry.ino == s.ino);
        CHECK(s.text_len <= sizeof s.text);
        s.entry.name = (rt_str){ s.text, s.text_len };
        check_fd(&s.entry);
}

static void
parse_identity(rt_str line)
{
        procfs_identity one;

        for (int user = 0; user < 2; user++) {
                if (!rti_procfs_parse_identity(line, user, &one))
                        continue;
                CHECK(lies_in(one.name, line));
                CHECK(!user || (lies_in(one.home, line) && lies_in(one.shell, line)));
        }
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        const rt_str bytes = { (const char *) data, size };
        rti_fd_entry fd = { .num = 1 };

        parse_thread(bytes);
        for (int table = 0; table < PROCFS_N_TABLES; table++)
                parse_socket((enum procfs_table) table, bytes);
        rti_procfs_parse_fd_link(bytes, &fd);
        CHECK(lies_in(fd.name, bytes));
        check_fd(&fd);
        parse_identity(bytes);
        return 0;
}
