/* SPDX-License-Identifier: Apache-2.0 */
/*
 * net.c - addresses inside event parameters, and how they are printed.
 *
 * Parameters come from files and kernels of any age: every length is checked here, once. Texts go
 * into RTI_TUPLE_ROOM bytes and are cut there, which only the path of a unix socket can reach.
 */
#include "sources/syscall/state/net.h"
#include <arpa/inet.h>

enum {
        INET_TUPLE_BYTES = 1 + 2 * (4 + 2),
        INET6_TUPLE_BYTES = 1 + 2 * (16 + 2),
        UNIX_PATH_AT = 1 + 2 * 8,
        INET_ADDR_BYTES = 1 + 4 + 2,
        INET6_ADDR_BYTES = 1 + 16 + 2
};

bool
rti_ip6_is_mapped(const uint8_t address[16])
{
        static const uint8_t zeros[16];

        if (memcmp(address, zeros, 10) != 0)
                return false;
        if (address[10] == 0xff && address[11] == 0xff)
                return true;
        return memcmp(address, zeros, sizeof zeros) == 0;
}

/* Text up to its NUL; a parameter without one ends where it ends. */
static rt_str
path_at(rt_str param, size_t at)
{
        const rt_str rest = rti_str_sub(param, at, param.len);
        const char *nul = rest.len ? memchr(rest.ptr, '\0', rest.len) : NULL;

        return nul ? rti_str_sub(rest, 0, (size_t) (nul - rest.ptr)) : rest;
}

static void
read_ends(const char *at, size_t address_bytes, rti_ends *ret_ends)
{
        const char *dest = at + address_bytes + 2;

        memcpy(ret_ends->source, at, address_bytes);
        memcpy(&ret_ends->source_port, at + address_bytes, 2);
        memcpy(ret_ends->dest, dest, address_bytes);
        memcpy(&ret_ends->dest_port, dest + address_bytes, 2);
}

static void
unmap(uint8_t address[16])
{
        memmove(address, address + 12, 4);
        memset(address + 4, 0, 12);
}

void
rti_ends_unmap(uint8_t *kind, rti_ends *ends)
{
        if (*kind != RTI_FD_IPV6_SOCK || !rti_ip6_is_mapped(ends->source)
            || !rti_ip6_is_mapped(ends->dest))
                return;
        *kind = RTI_FD_IPV4_SOCK;
        unmap(ends->source);
        unmap(ends->dest);
}

bool
rti_tuple_of(rt_str param, rti_tuple *ret_tuple)
{
        rti_tuple tuple = { 0 };

        if (param.len == 0)
                return false;
        switch ((uint8_t) param.ptr[0]) {
        case RTI_AF_INET:
                if (param.len < INET_TUPLE_BYTES)
                        return false;
                tuple.kind = RTI_FD_IPV4_SOCK;
                read_ends(param.ptr + 1, 4, &tuple.ip);
                break;
        case RTI_AF_INET6:
                if (param.len < INET6_TUPLE_BYTES)
                        return false;
                tuple.kind = RTI_FD_IPV6_SOCK;
                read_ends(param.ptr + 1, 16, &tuple.ip);
                rti_ends_unmap(&tuple.kind, &tuple.ip);
                break;
        case RTI_AF_UNIX:
                if (param.len <= UNIX_PATH_AT)
                        return false;
                tuple.kind = RTI_FD_UNIX_SOCK;
                memcpy(&tuple.source, param.ptr + 1, sizeof tuple.source);
                memcpy(&tuple.dest, param.ptr + 9, sizeof tuple.dest);
                tuple.path = path_at(param, UNIX_PATH_AT);
                break;
        default:
                return false;
        }
        *ret_tuple = tuple;
        return true;
}

bool
rti_sockaddr_of(rt_str param, rti_tuple *ret_tuple)
{
        rti_tuple tuple = { 0 };

        if (param.len == 0)
                return false;
        switch ((uint8_t) param.ptr[0]) {
        case RTI_AF_INET:
                if (param.len < INET_ADDR_BYTES)
                        return false;
                tuple.kind = RTI_FD_IPV4_SOCK;
                memcpy(tuple.ip.dest, param.ptr + 1, 4);
                memcpy(&tuple.ip.dest_port, param.ptr + 5, 2);
                break;
        case RTI_AF_INET6:
                if (param.len < INET6_ADDR_BYTES)
                        return false;
                tuple.kind = RTI_FD_IPV6_SOCK;
                memcpy(tuple.ip.dest, param.ptr + 1, 16);
                memcpy(&tuple.ip.dest_port, param.ptr + 17, 2);
                if (rti_ip6_is_mapped(tuple.ip.dest)) {
                        tuple.kind = RTI_FD_IPV4_SOCK;
                        unmap(tuple.ip.dest);
                }
                break;
        case RTI_AF_UNIX:
                tuple.kind = RTI_FD_UNIX_SOCK;
                tuple.path = path_at(param, 1);
                break;
        default:
                return false;
        }
        *ret_tuple = tuple;
        return true;
}

/* ---- texts ---- */

static size_t
print_number(char *to, uint64_t number, uint32_t base)
{
        char digits[20];
        size_t n = 0;

        do
                digits[n++] = "0123456789abcdef"[number % base];
        while (number /= base);
        for (size_t i = 0; i < n; i++)
                to[i] = digits[n - 1 - i];
        return n;
}

static size_t
print_text(char *to, size_t at, rt_str text)
{
        const size_t room = RTI_TUPLE_ROOM - at;
        const size_t n = text.len < room ? text.len : room;

        if (n)
                memcpy(to + at, text.ptr, n);
        return at + n;
}

size_t
rti_print_ip4(char *to, const uint8_t address[4])
{
        size_t at = print_number(to, address[0], 10);

        for (int i = 1; i < 4; i++) {
                to[at++] = '.';
                at += print_number(to + at, address[i], 10);
        }
        return at;
}

size_t
rti_print_ip6(char *to, const uint8_t address[16])
{
        char text[INET6_ADDRSTRLEN] = "";

        inet_ntop(AF_INET6, address, text, sizeof text);
        return print_text(to, 0, rti_str_of(text));
}

static size_t
print_end(char *to, const uint8_t *address, size_t address_bytes, uint16_t port)
{
        size_t at = address_bytes == 4 ? rti_print_ip4(to, address) : rti_print_ip6(to, address);

        to[at++] = ':';
        return at + print_number(to + at, port, 10);
}

size_t
rti_print_end4(char *to, const uint8_t address[4], uint16_t port)
{
        return print_end(to, address, 4, port);
}

size_t
rti_print_end6(char *to, const uint8_t address[16], uint16_t port)
{
        return print_end(to, address, 16, port);
}

static size_t
print_ends(char *to, const rti_ends *ends, size_t address_bytes)
{
        size_t at = print_end(to, ends->source, address_bytes, ends->source_port);

        to[at++] = '-';
        to[at++] = '>';
        return at + print_end(to + at, ends->dest, address_bytes, ends->dest_port);
}

size_t
rti_print_ends4(char *to, const rti_ends *ends)
{
        return print_ends(to, ends, 4);
}

size_t
rti_print_ends6(char *to, const rti_ends *ends)
{
        return print_ends(to, ends, 16);
}

/* A family without ends has a number; one with them that lacks bytes has nothing. */
static size_t
print_family(char *to, rt_str param)
{
        const uint8_t family = param.len ? (uint8_t) param.ptr[0] : RTI_AF_INET;

        if (family == RTI_AF_INET || family == RTI_AF_INET6 || family == RTI_AF_UNIX)
                return 0;
        memcpy(to, "family ", 7);
        return 7 + print_number(to + 7, family, 10);
}

size_t
rti_print_tuple(char *to, rt_str param)
{
        rti_tuple tuple;
        size_t at;

        if (!rti_tuple_of(param, &tuple))
                return print_family(to, param);
        if (tuple.kind == RTI_FD_IPV4_SOCK)
                return rti_print_ends4(to, &tuple.ip);
        if (tuple.kind == RTI_FD_IPV6_SOCK)
                return rti_print_ends6(to, &tuple.ip);
        at = print_number(to, tuple.source, 16);
        to[at++] = '-';
        to[at++] = '>';
        at += print_number(to + at, tuple.dest, 16);
        to[at++] = ' ';
        return print_text(to, at, tuple.path);
}

size_t
rti_print_sockaddr(char *to, rt_str param)
{
        rti_tuple address;

        if (!rti_sockaddr_of(param, &address))
                return print_family(to, param);
        if (address.kind == RTI_FD_UNIX_SOCK)
                return print_text(to, 0, address.path);
        /* Printed as it stands, a mapped address too. */
        if (param.ptr[0] == RTI_AF_INET)
                return print_end(to, address.ip.dest, 4, address.ip.dest_port);
        return print_end(to, (const uint8_t *) param.ptr + 1, 16, address.ip.dest_port);
}
