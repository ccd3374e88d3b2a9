/* SPDX-License-Identifier: Apache-2.0 */
/* sockets.c - the sockets of a network namespace, out of /proc/PID/net. */
#include "live/procfs/procfs.h"
#include "live/procfs/scan.h"
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

enum { TCP_LISTEN = 0x0a, MOST_SOCKETS = 1 << 20 };

static const struct {
        const char *file;
        uint8_t kind, l4;
} tables[PROCFS_N_TABLES] = {
        [PROCFS_TCP] = { "tcp", RTI_FD_IPV4_SOCK, RTI_L4_TCP },
        [PROCFS_TCP6] = { "tcp6", RTI_FD_IPV6_SOCK, RTI_L4_TCP },
        [PROCFS_UDP] = { "udp", RTI_FD_IPV4_SOCK, RTI_L4_UDP },
        [PROCFS_UDP6] = { "udp6", RTI_FD_IPV6_SOCK, RTI_L4_UDP },
        [PROCFS_RAW] = { "raw", RTI_FD_IPV4_SOCK, RTI_L4_RAW },
        [PROCFS_RAW6] = { "raw6", RTI_FD_IPV6_SOCK, RTI_L4_RAW },
        [PROCFS_UNIX] = { "unix", RTI_FD_UNIX_SOCK, RTI_L4_NA },
        [PROCFS_NETLINK] = { "netlink", RTI_FD_NETLINK, RTI_L4_NA },
};

/* "0100007F:1F90": 32-bit words in the machine's order: their bytes are in the network's. */
static bool
parse_end(rt_str word, size_t address_bytes, uint8_t *ret_address, uint16_t *ret_port)
{
        const size_t digits = address_bytes * 2;

        if (word.len < digits + 2 || word.ptr[digits] != ':')
                return false;
        for (size_t i = 0; i < address_bytes; i += 4) {
                const uint32_t v = (uint32_t) scan_u64((rt_str){ word.ptr + i * 2, 8 }, 16);

                memcpy(ret_address + i, &v, sizeof v);
        }
        *ret_port = (uint16_t) scan_u64(rti_str_sub(word, digits + 1, word.len), 16);
        return true;
}

/* "sl: local remote state queues timer retransmits uid timeout inode ..." */
static bool
parse_inet(enum procfs_table table, rt_str line, procfs_socket *s)
{
        const bool v6 = tables[table].kind == RTI_FD_IPV6_SOCK;
        rti_ends *ends = &s->entry.ends;
        uint64_t state;

        (void) scan_word(&line);
        if (!parse_end(scan_word(&line), v6 ? 16 : 4, ends->source, &ends->source_port)
            || !parse_end(scan_word(&line), v6 ? 16 : 4, ends->dest, &ends->dest_port))
                return false;
        state = scan_u64(scan_word(&line), 16);
        for (int i = 0; i < 5; i++)
                (void) scan_word(&line);
        s->ino = scan_u64(scan_word(&line), 10);
        s->entry.kind = tables[table].kind;
        s->entry.l4 = tables[table].l4;
        if (s->entry.l4 == RTI_L4_TCP && state == TCP_LISTEN)
                s->entry.kind = v6 ? RTI_FD_IPV6_SERVER : RTI_FD_IPV4_SERVER;
        return s->ino != 0;
}

/* "address: refs protocol flags type state inode [path]" */
static bool
parse_unix(rt_str line, procfs_socket *s)
{
        s->entry.kind = RTI_FD_UNIX_SOCK;
        s->entry.source = scan_u64(scan_word(&line), 16);
        for (int i = 0; i < 5; i++)
                (void) scan_word(&line);
        s->ino = scan_u64(scan_word(&line), 10);
        if (line.len && line.ptr[0] == ' ')
                line = rti_str_sub(line, 1, line.len);
        s->text_len = (uint8_t) (line.len < sizeof s->text ? line.len : sizeof s->text);
        if (s->text_len)
                memcpy(s->text, line.ptr, s->text_len);
        return s->ino != 0;
}

static bool
parse_netlink(rt_str line, procfs_socket *s)
{
        s->entry.kind = RTI_FD_NETLINK;
        for (int i = 0; i < 9; i++)
                (void) scan_word(&line);
        s->ino = scan_u64(scan_word(&line), 10);
        return s->ino != 0;
}

bool
rti_procfs_parse_socket(enum procfs_table table, rt_str line, procfs_socket *ret_socket)
{
        procfs_socket s = { 0 };
        bool ok;

        if (table == PROCFS_UNIX)
                ok = parse_unix(line, &s);
        else if (table == PROCFS_NETLINK)
                ok = parse_netlink(line, &s);
        else
                ok = parse_inet(table, line, &s);
        if (!ok)
                return false;
        s.entry.ino = s.ino;
        *ret_socket = s;
        return true;
}

/* ---- the table of a namespace ---- */

static size_t
place(const procfs_net *net, uint64_t ino)
{
        size_t at = (size_t) (ino * 0x9e3779b97f4a7c15u) & (net->room - 1);

        while (net->sockets[at].ino && net->sockets[at].ino != ino)
                at = (at + 1) & (net->room - 1);
        return at;
}

static bool
grow(procfs_net *net)
{
        const procfs_net old = *net;
        const size_t room = old.room ? old.room * 2 : 256;
        procfs_socket *sockets = calloc(room, sizeof *sockets);

        if (!sockets)
                return false;
        net->sockets = sockets;
        net->room = room;
        for (size_t i = 0; i < old.room; i++)
                if (old.sockets[i].ino)
                        net->sockets[place(net, old.sockets[i].ino)] = old.sockets[i];
        free(old.sockets);
        return true;
}

static bool
add(procfs_net *net, const procfs_socket *s)
{
        size_t at;

        if ((net->n + 1) * 2 > net->room && !grow(net))
                return false;
        at = place(net, s->ino);
        net->n += !net->sockets[at].ino;
        net->sockets[at] = *s;
        return true;
}

/* Tables of busy machines exceed one file's worth of bytes: read in pieces of whole lines. */
static bool
read_table(procfs *p, int64_t pid, enum procfs_table table, procfs_net *net)
{
        char *line = NULL;
        size_t room = 0;
        ssize_t n;
        bool ok = true, heading = true;
        FILE *file;

        snprintf(p->path, sizeof p->path, "%s/%lld/net/%s", p->root, (long long) pid,
                 tables[table].file);
        file = fopen(p->path, "re");
        if (!file)
                return true; /* this kernel has no such sockets */
        while (ok && net->n < MOST_SOCKETS && (n = getline(&line, &room, file)) > 0) {
                procfs_socket s;

                n -= line[n - 1] == '\n';
                if (!heading && rti_procfs_parse_socket(table, (rt_str){ line, (size_t) n }, &s))
                        ok = add(net, &s);
                heading = false;
        }
        free(line);
        fclose(file);
        return ok;
}

static uint64_t
netns_of(procfs *p, int64_t pid)
{
        struct stat st;

        snprintf(p->path, sizeof p->path, "%s/%lld/ns/net", p->root, (long long) pid);
        return stat(p->path, &st) == 0 ? st.st_ino : 0;
}

const procfs_net *
rti_procfs_net_of(procfs *p, int64_t pid)
{
        const uint64_t netns = netns_of(p, pid);
        procfs_net *net;

        for (size_t i = 0; i < p->n_nets; i++)
                if (p->nets[i].netns == netns)
                        return &p->nets[i];
        if (p->n_nets == p->room_nets) {
                const size_t room = p->room_nets ? p->room_nets * 2 : 16;
                procfs_net *nets = reallocarray(p->nets, room, sizeof *nets);

                if (!nets)
                        return NULL;
                p->nets = nets;
                p->room_nets = room;
        }
        net = &p->nets[p->n_nets];
        *net = (procfs_net){ .netns = netns };
        for (int table = 0; table < PROCFS_N_TABLES; table++)
                if (!read_table(p, pid, table, net)) {
                        free(net->sockets);
                        return NULL;
                }
        p->n_nets++;
        return net;
}

const procfs_socket *
rti_procfs_net_find(const procfs_net *net, uint64_t ino)
{
        size_t at;

        if (!net->room || !ino)
                return NULL;
        at = place(net, ino);
        return net->sockets[at].ino ? &net->sockets[at] : NULL;
}
