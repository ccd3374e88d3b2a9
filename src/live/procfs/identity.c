/* SPDX-License-Identifier: Apache-2.0 */
/* identity.c - users, groups and network interfaces of this machine. */
#include "live/procfs/procfs.h"
#include "live/procfs/scan.h"
#include <ifaddrs.h>
#include <net/if.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>

enum { MOST_COLUMNS = 7, PASSWD_COLUMNS = 7, GROUP_COLUMNS = 3 };

/* "name:x:uid:gid:comment:home:shell": the columns that are there. */
static size_t
split(rt_str line, rt_str column[MOST_COLUMNS])
{
        size_t n = 0;

        while (n < MOST_COLUMNS) {
                const char *colon = line.len ? memchr(line.ptr, ':', line.len) : NULL;
                const size_t len = colon ? (size_t) (colon - line.ptr) : line.len;

                column[n++] = (rt_str){ line.ptr, len };
                if (!colon)
                        break;
                line = rti_str_sub(line, len + 1, line.len);
        }
        return n;
}

static bool
is_number(rt_str s)
{
        for (size_t i = 0; i < s.len; i++)
                if (s.ptr[i] < '0' || s.ptr[i] > '9')
                        return false;
        return s.len > 0;
}

bool
rti_procfs_parse_identity(rt_str line, bool user, procfs_identity *ret_identity)
{
        rt_str column[MOST_COLUMNS];

        if (split(line, column) < (size_t) (user ? PASSWD_COLUMNS : GROUP_COLUMNS)
            || !is_number(column[2]))
                return false;
        *ret_identity =
                (procfs_identity){ .id = (uint32_t) scan_u64(column[2], 10), .name = column[0] };
        if (user) {
                ret_identity->gid = (uint32_t) scan_u64(column[3], 10);
                ret_identity->home = column[5];
                ret_identity->shell = column[6];
        }
        return true;
}

static void
put_lines(cap_out *out, const char *path, bool users)
{
        FILE *file = fopen(path, "re");
        procfs_identity one;
        char *line = NULL;
        size_t room = 0;
        ssize_t n;

        if (!file)
                return;
        while ((n = getline(&line, &room, file)) > 0) {
                n -= line[n - 1] == '\n';
                if (!rti_procfs_parse_identity((rt_str){ line, (size_t) n }, users, &one))
                        continue;
                if (users)
                        rti_cap_user(out, one.id, one.gid, one.name, one.home, one.shell);
                else
                        rti_cap_group(out, one.id, one.name);
        }
        free(line);
        fclose(file);
}

void
rti_procfs_put_users(cap_out *out, const char *passwd, const char *group)
{
        const size_t at = rti_cap_block_begin(out, CAP_USERS);

        put_lines(out, passwd, true);
        put_lines(out, group, false);
        rti_cap_block_end(out, at);
}

static bool
take_address(const struct sockaddr *sa, uint8_t *to, uint8_t *family)
{
        if (!sa)
                return false;
        if (sa->sa_family == AF_INET) {
                memcpy(to, &((const struct sockaddr_in *) (const void *) sa)->sin_addr, 4);
                *family = 4;
                return true;
        }
        if (sa->sa_family == AF_INET6) {
                memcpy(to, &((const struct sockaddr_in6 *) (const void *) sa)->sin6_addr, 16);
                *family = 16;
                return true;
        }
        return false;
}

void
rti_procfs_put_interfaces(cap_out *out)
{
        struct ifaddrs *first, *i;
        size_t at;

        if (getifaddrs(&first) < 0)
                return;
        at = rti_cap_block_begin(out, CAP_INTERFACES);
        for (i = first; i; i = i->ifa_next) {
                uint8_t broadcast[16] = { 0 }, unused;
                rti_interface interface = { 0 };

                if (!take_address(i->ifa_addr, interface.address, &interface.family))
                        continue;
                (void) take_address(i->ifa_netmask, interface.mask, &unused);
                if (i->ifa_flags & IFF_BROADCAST)
                        (void) take_address(i->ifa_broadaddr, broadcast, &unused);
                rti_cap_interface(out, &interface, broadcast, rti_str_of(i->ifa_name));
        }
        rti_cap_block_end(out, at);
        freeifaddrs(first);
}
