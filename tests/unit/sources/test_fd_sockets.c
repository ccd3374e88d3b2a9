/* SPDX-License-Identifier: Apache-2.0 */
/* What events and lists tell about sockets: kinds, ends, roles, names. */
#include "support/fd_world.h"
#include <criterion/parameterized.h>

enum { CLIENT = RTI_FDM_ROLE_CLIENT, SERVER = RTI_FDM_ROLE_SERVER, CONNECTED = RTI_FDM_CONNECTED };

/* ---- socket, socketpair ---- */

struct socket_row {
        uint32_t domain, type, protocol;
        uint8_t kind, l4;
};

ParameterizedTestParameters(fd_sockets, sockets)
{
        static struct socket_row rows[] = {
                { 1, 1, 0, RTI_FD_UNIX_SOCK, 0 },
                { 2, 1, 0, RTI_FD_IPV4_SOCK, RTI_L4_TCP },
                { 2, 1 | 0x80800, 0, RTI_FD_IPV4_SOCK, RTI_L4_TCP },
                { 2, 2, 0, RTI_FD_IPV4_SOCK, RTI_L4_UDP },
                { 10, 1, 6, RTI_FD_IPV6_SOCK, RTI_L4_TCP },
                { 10, 2, 17, RTI_FD_IPV6_SOCK, RTI_L4_UDP },
                { 2, 2, 1, RTI_FD_IPV4_SOCK, RTI_L4_ICMP },
                { 2, 3, 1, RTI_FD_IPV4_SOCK, RTI_L4_RAW },
                { 2, 3, 6, RTI_FD_IPV4_SOCK, RTI_L4_RAW },
                { 2, 3, 255, RTI_FD_IPV4_SOCK, RTI_L4_RAW },
                { 2, 5, 132, RTI_FD_IPV4_SOCK, RTI_L4_UNKNOWN },
                { 16, 3, 0, RTI_FD_NETLINK, 0 },
                { 17, 3, 768, RTI_FD_UNKNOWN, 0 },
                { 38, 5, 0, RTI_FD_UNKNOWN, 0 },
        };

        return cr_make_param_array(struct socket_row, rows, RTI_COUNT(rows));
}

ParameterizedTest(struct socket_row *row, fd_sockets, sockets)
{
        fd_world *w = world_new();
        char params[80];

        snprintf(params, sizeof params, "q3 d%u d%u d%u d4096", row->domain, row->type,
                 row->protocol);
        world_do(w, RTI_EV_SOCKET_SOCKET_X, params);
        cr_assert_eq(w->evt.fd_num, 3);
        cr_expect_eq(w->evt.fd->kind, row->kind);
        cr_expect_eq(w->evt.fd->l4, row->l4, "%s: %u", params, w->evt.fd->l4);
        cr_expect_eq(w->evt.fd->marks, RTI_FDM_CLOEXEC);
        cr_expect_eq(w->evt.flags, RTI_SE_HAS_FD);
        assert_name(w->evt.fd, "");
        world_free(w);
}

Test(fd_sockets, a_socketpair_is_two_unix_sockets_and_the_second_is_the_events)
{
        fd_world *w = world_new();

        world_do(w, RTI_EV_SOCKET_SOCKETPAIR_X, "q0 q5 q6 q17 q34 d1 d1 d0");
        cr_assert_eq(w->evt.fd_num, 6);
        for (int64_t num = 5; num <= 6; num++) {
                cr_assert_eq(world_fd(w, num)->kind, RTI_FD_UNIX_SOCK);
                cr_assert_eq(world_fd(w, num)->ends.un.source, 17);
                cr_assert_eq(world_fd(w, num)->ends.un.dest, 34);
                cr_assert_eq(world_fd(w, num)->marks, 0);
        }
        world_do(w, RTI_EV_SOCKET_SOCKETPAIR_X, "q-24 q-1 q-1 q0 q0 d1 d1 d0");
        cr_assert_eq(w->evt.fd_num, -1);
        world_free(w);
}

/* ---- bind ---- */

static fd_world *
with_socket(uint32_t domain, uint32_t type)
{
        fd_world *w = world_new();
        char params[80];

        snprintf(params, sizeof params, "q3 d%u d%u d0 d0", domain, type);
        world_do(w, RTI_EV_SOCKET_SOCKET_X, params);
        return w;
}

struct bind_row {
        char claim[60];
        uint32_t domain;
        char ip[40];
        uint16_t port;
        int64_t res;
        uint8_t kind;
        uint16_t marks;
        char name[50];
};

ParameterizedTestParameters(fd_sockets, binds)
{
        static struct bind_row rows[] = {
                { "a port makes a server", 2, "203.0.113.5", 443, 0, RTI_FD_IPV4_SERVER, SERVER,
                  "203.0.113.5:443" },
                { "no port makes none, but a name", 2, "127.0.0.1", 0, 0, RTI_FD_IPV4_SOCK, 0,
                  "127.0.0.1:0" },
                { "IPv6", 10, "2001:db8::3", 1234, 0, RTI_FD_IPV6_SERVER, SERVER,
                  "2001:db8::3:1234" },
                { "a mapped address is IPv4, its name is not", 10, "::ffff:1.2.3.4", 80, 0,
                  RTI_FD_IPV4_SERVER, SERVER, "::ffff:1.2.3.4:80" },
                { "no address either", 10, "::", 80, 0, RTI_FD_IPV4_SERVER, SERVER, ":::80" },
                { "what failed changes nothing", 2, "1.2.3.4", 80, -98, RTI_FD_IPV4_SOCK, 0, "" },
        };

        return cr_make_param_array(struct bind_row, rows, RTI_COUNT(rows));
}

ParameterizedTest(struct bind_row *row, fd_sockets, binds)
{
        fd_world *w = with_socket(row->domain, 1);
        char params[40];

        snprintf(params, sizeof params, "q%lld - q3", (long long) row->res);
        world_apply(w, RTI_EV_SOCKET_BIND_X, params, world_sockaddr(w, 1, row->ip, row->port));
        cr_expect_eq(w->evt.fd->kind, row->kind, "%s", row->claim);
        cr_expect_eq(w->evt.fd->marks, row->marks, "%s", row->claim);
        assert_name(w->evt.fd, row->name);
        cr_expect_eq(w->evt.flags & RTI_SE_NAME_CHANGED ? true : false, row->name[0] != '\0');
        world_free(w);
}

Test(fd_sockets, bind_names_other_sockets_too)
{
        fd_world *w = with_socket(1, 1);

        world_apply(w, RTI_EV_SOCKET_BIND_X, "q0 - q3", (world_param){ 1, { "\1/run/s\0", 8 } });
        assert_name(w->evt.fd, "/run/s");
        world_do(w, RTI_EV_SOCKET_BIND_X, "q0 - q3");
        assert_name(w->evt.fd, "/run/s");
        world_apply(w, RTI_EV_SOCKET_BIND_X, "q0 - q3", (world_param){ 1, { "\x11xxx", 4 } });
        assert_name(w->evt.fd, "family 17");
        world_free(w);
}

/* ---- connect, accept ---- */

Test(fd_sockets, connect_names_both_ends_and_makes_a_client)
{
        fd_world *w = with_socket(2, 1);

        world_apply(w, RTI_EV_SOCKET_CONNECT_X, "q0 - q3 -",
                    world_tuple(w, 1, "10.0.0.1", 4000, "10.0.0.2", 80));
        assert_name(w->evt.fd, "10.0.0.1:4000->10.0.0.2:80");
        cr_assert_eq(w->evt.fd->marks, CLIENT | CONNECTED);
        cr_assert_eq(rti_fd_l4(w->evt.fd), RTI_L4_TCP);
        cr_assert_eq(w->evt.flags, RTI_SE_HAS_FD | RTI_SE_NAME_CHANGED);
        world_free(w);
}

Test(fd_sockets, connect_may_be_on_its_way_but_not_have_failed)
{
        fd_world *w = with_socket(10, 1);

        world_apply(w, RTI_EV_SOCKET_CONNECT_X, "q-111 - q3 -",
                    world_tuple(w, 1, "2001::1", 4000, "2001::2", 80));
        assert_name(w->evt.fd, "");
        cr_assert_eq(w->evt.fd->marks, 0);
        world_apply(w, RTI_EV_SOCKET_CONNECT_X, "q-115 - q3 -",
                    world_tuple(w, 1, "2001::1", 4000, "2001::2", 80));
        assert_name(w->evt.fd, "2001::1:4000->2001::2:80");
        cr_assert_eq(w->evt.fd->marks, CLIENT | CONNECTED);
        world_free(w);
}

Test(fd_sockets, mapped_ends_make_an_ipv4_socket)
{
        fd_world *w = with_socket(10, 1);

        world_apply(w, RTI_EV_SOCKET_CONNECT_X, "q0 - q3 -",
                    world_tuple(w, 1, "::ffff:10.0.0.1", 4000, "::ffff:10.0.0.2", 80));
        assert_name(w->evt.fd, "10.0.0.1:4000->10.0.0.2:80");
        cr_assert_eq(w->evt.fd->kind, RTI_FD_IPV4_SOCK);
        cr_assert_eq(w->evt.fd->l4, RTI_L4_TCP);
        world_apply(w, RTI_EV_SOCKET_ACCEPT4_6_X, "q4 - b0 d0 d0 d0",
                    world_tuple(w, 1, "::ffff:10.0.0.9", 4000, "::ffff:10.0.0.2", 80));
        assert_name(w->evt.fd, "10.0.0.9:4000->10.0.0.2:80");
        cr_assert_eq(w->evt.fd->kind, RTI_FD_IPV4_SOCK);
        world_free(w);
}

Test(fd_sockets, an_unset_end_stays_so_in_connect)
{
        fd_world *w = with_socket(2, 2);
        const rti_interface eth = { { 10, 0, 0, 5 }, { 255, 255, 255, 0 }, 4 };

        rti_state_add_interface(&w->state, &eth);
        world_apply(w, RTI_EV_SOCKET_CONNECT_X, "q0 - q3 -",
                    world_tuple(w, 1, "0.0.0.0", 0, "10.0.0.2", 80));
        assert_name(w->evt.fd, "0.0.0.0:0->10.0.0.2:80");
        world_free(w);
}

Test(fd_sockets, connect_of_a_unix_socket_prints_its_addresses)
{
        fd_world *w = with_socket(1, 1);

        world_apply(w, RTI_EV_SOCKET_CONNECT_X, "q0 - q3 -",
                    world_unix(w, 1, 0xffff88003c1d1800, 0xffff8800038ba000, "/dev/log"));
        assert_name(w->evt.fd, "ffff88003c1d1800->ffff8800038ba000 /dev/log");
        cr_assert_eq(w->evt.fd->marks, CLIENT | CONNECTED);
        world_free(w);
}

Test(fd_sockets, a_datagram_server_that_connects_still_serves)
{
        fd_world *w = with_socket(2, 2);

        world_apply(w, RTI_EV_SOCKET_BIND_X, "q0 - q3", world_sockaddr(w, 1, "10.0.0.2", 53));
        world_apply(w, RTI_EV_SOCKET_CONNECT_X, "q0 - q3 -",
                    world_tuple(w, 1, "10.0.0.2", 53, "10.0.0.1", 4000));
        assert_name(w->evt.fd, "10.0.0.1:4000->10.0.0.2:53");
        cr_assert_eq(w->evt.fd->marks, SERVER | CONNECTED);
        world_free(w);
}

Test(fd_sockets, an_empty_tuple_leaves_where_to_to_the_enter_half)
{
        fd_world *w = with_socket(2, 1);
        rt_str enter[2] = { { NULL, 0 }, { NULL, 0 } };

        enter[1] = world_sockaddr(w, 1, "10.0.0.2", 80).param;
        world_do(w, RTI_EV_SOCKET_CONNECT_X, "q0 - q3 -");
        assert_name(w->evt.fd, "");
        w->evt.enter = enter;
        w->evt.n_enter = 2;
        w->evt.enter_type = RTI_EV_SOCKET_CONNECT_E;
        rti_fd_connect(&w->state, &w->evt);
        assert_name(w->evt.fd, "0.0.0.0:0->10.0.0.2:80");
        cr_assert_eq(w->evt.fd->marks, CLIENT | CONNECTED);
        world_free(w);
}

Test(fd_sockets, accept_makes_a_server_that_is_connected)
{
        fd_world *w = world_new();

        world_apply(w, RTI_EV_SOCKET_ACCEPT_5_X, "q4 - b0 d0 d5",
                    world_tuple(w, 1, "127.0.0.1", 45410, "127.0.0.1", 45059));
        cr_assert_eq(w->evt.fd, world_fd(w, 4));
        assert_name(w->evt.fd, "127.0.0.1:45410->127.0.0.1:45059");
        cr_assert_eq(w->evt.fd->marks, SERVER | CONNECTED);
        cr_assert_eq(rti_fd_l4(w->evt.fd), RTI_L4_TCP);
        world_apply(w, RTI_EV_SOCKET_ACCEPT_5_X, "q5 - b0 d0 d5", world_unix(w, 1, 1, 2, "/run/s"));
        assert_name(w->evt.fd, "1->2 /run/s");
        cr_assert_eq(w->evt.fd->kind, RTI_FD_UNIX_SOCK);
        world_free(w);
}

Test(fd_sockets, accept_without_ends_has_a_number_alone)
{
        fd_world *w = world_new();
        char room[RTI_FD_NAME_ROOM];

        world_do(w, RTI_EV_SOCKET_ACCEPT_5_X, "q4 - b0 d0 d5");
        cr_assert_eq(w->evt.fd_num, 4);
        cr_assert_null(w->evt.fd);
        cr_assert(rti_str_is(rti_fd_name_of_event(room, &w->evt), "NULL"));
        world_apply(w, RTI_EV_SOCKET_ACCEPT_5_X, "q-11 - b0 d0 d5",
                    world_tuple(w, 1, "1.2.3.4", 5, "6.7.8.9", 10));
        cr_assert_eq(w->evt.fd_num, -1);
        cr_assert(rti_str_is(rti_fd_name_of_event(room, &w->evt), "1.2.3.4:5->6.7.8.9:10"));
        world_free(w);
}

/* ---- send and receive ---- */

#define SENDTO   "q8 sdata q3 d8 -"
#define RECVFROM "q8 sdata - q3 d8"

Test(fd_sockets, a_datagram_names_its_socket_once)
{
        fd_world *w = with_socket(2, 2);

        world_apply(w, RTI_EV_SOCKET_SENDTO_X, SENDTO,
                    world_tuple(w, 4, "10.0.0.1", 4000, "10.0.0.2", 53));
        assert_name(w->evt.fd, "10.0.0.1:4000->10.0.0.2:53");
        cr_assert_eq(w->evt.fd->marks, CLIENT | CONNECTED);
        cr_assert_eq(w->evt.flags, RTI_SE_HAS_FD | RTI_SE_NAME_CHANGED);
        world_apply(w, RTI_EV_SOCKET_SENDTO_X, SENDTO,
                    world_tuple(w, 4, "10.0.0.1", 4000, "10.0.0.2", 53));
        cr_assert_eq(w->evt.flags, RTI_SE_HAS_FD);
        /* The answer has the ends the other way round. */
        world_apply(w, RTI_EV_SOCKET_RECVFROM_X, RECVFROM,
                    world_tuple(w, 2, "10.0.0.2", 53, "10.0.0.1", 4000));
        cr_assert_eq(w->evt.flags, RTI_SE_HAS_FD);
        assert_name(w->evt.fd, "10.0.0.1:4000->10.0.0.2:53");
        /* Somebody else answers: still as the client sees it. */
        world_apply(w, RTI_EV_SOCKET_RECVFROM_X, RECVFROM,
                    world_tuple(w, 2, "10.0.0.3", 53, "10.0.0.1", 4000));
        assert_name(w->evt.fd, "10.0.0.1:4000->10.0.0.3:53");
        cr_assert_eq(w->evt.flags, RTI_SE_HAS_FD | RTI_SE_NAME_CHANGED);
        world_free(w);
}

Test(fd_sockets, a_datagram_server_keeps_the_clients_view)
{
        fd_world *w = with_socket(2, 2);

        world_apply(w, RTI_EV_SOCKET_BIND_X, "q0 - q3", world_sockaddr(w, 1, "10.0.0.2", 53));
        world_apply(w, RTI_EV_SOCKET_RECVFROM_X, RECVFROM,
                    world_tuple(w, 2, "10.0.0.1", 4000, "10.0.0.2", 53));
        assert_name(w->evt.fd, "10.0.0.1:4000->10.0.0.2:53");
        cr_assert_eq(w->evt.fd->marks, SERVER);
        cr_assert_eq(rti_fd_l4(w->evt.fd), RTI_L4_UDP);
        world_apply(w, RTI_EV_SOCKET_SENDTO_X, SENDTO,
                    world_tuple(w, 4, "10.0.0.2", 53, "10.0.0.9", 4001));
        assert_name(w->evt.fd, "10.0.0.9:4001->10.0.0.2:53");
        world_free(w);
}

Test(fd_sockets, whose_role_is_unknown_is_told_by_who_speaks_first)
{
        fd_world *w = with_socket(2, 2);

        world_apply(w, RTI_EV_SOCKET_RECVFROM_X, RECVFROM,
                    world_tuple(w, 2, "10.0.0.1", 4000, "10.0.0.2", 53));
        assert_name(w->evt.fd, "10.0.0.1:4000->10.0.0.2:53");
        cr_assert_eq(w->evt.fd->marks, SERVER | CONNECTED);
        world_free(w);
        w = with_socket(10, 2);
        world_apply(w, RTI_EV_SOCKET_RECVFROM_X, RECVFROM,
                    world_tuple(w, 2, "2001::1", 4000, "2001::2", 53));
        assert_name(w->evt.fd, "2001::2:53->2001::1:4000");
        cr_assert_eq(w->evt.fd->marks, CLIENT | CONNECTED);
        world_free(w);
}

Test(fd_sockets, the_owner_of_the_port_serves)
{
        fd_world *w = with_socket(10, 2);

        world_do(w, RTI_EV_SOCKET_SOCKET_X, "q4 d2 d2 d0 d0");
        world_apply(w, RTI_EV_SOCKET_BIND_X, "q0 - q4", world_sockaddr(w, 1, "10.0.0.2", 53));
        world_apply(w, RTI_EV_SOCKET_SENDTO_X, SENDTO,
                    world_tuple(w, 4, "2001::1", 4000, "2001::2", 53));
        cr_assert_eq(w->evt.fd->marks, SERVER | CONNECTED);
        assert_name(w->evt.fd, "2001::2:53->2001::1:4000");
        world_free(w);
}

Test(fd_sockets, a_named_tcp_socket_does_not_change_its_ends)
{
        fd_world *w = with_socket(2, 1);

        world_apply(w, RTI_EV_SOCKET_CONNECT_X, "q0 - q3 -",
                    world_tuple(w, 1, "10.0.0.1", 4000, "10.0.0.2", 80));
        world_apply(w, RTI_EV_SOCKET_SENDTO_X, SENDTO,
                    world_tuple(w, 4, "10.0.0.1", 4000, "10.0.0.9", 99));
        assert_name(w->evt.fd, "10.0.0.1:4000->10.0.0.2:80");
        world_free(w);
}

Test(fd_sockets, a_tcp_socket_without_name_learns_it)
{
        fd_world *w = with_socket(2, 1);

        world_apply(w, RTI_EV_SOCKET_RECVMSG_X, "q8 d8 sdata - - q3",
                    world_tuple(w, 3, "10.0.0.2", 80, "10.0.0.1", 4000));
        assert_name(w->evt.fd, "10.0.0.2:80->10.0.0.1:4000");
        cr_assert_eq(w->evt.fd->l4, RTI_L4_TCP);
        world_free(w);
}

Test(fd_sockets, sending_to_an_unknown_descriptor_makes_a_datagram_socket)
{
        fd_world *w = world_new();

        world_apply(w, RTI_EV_SOCKET_SENDMSG_X, "q8 sdata q5 d8 -",
                    world_tuple(w, 4, "10.0.0.1", 1, "128.32.41.1", 0));
        cr_assert_eq(w->evt.fd, world_fd(w, 5));
        assert_name(w->evt.fd, "10.0.0.1:1->128.32.41.1:0");
        cr_assert_eq(rti_fd_l4(w->evt.fd), RTI_L4_UDP);
        world_apply(w, RTI_EV_SOCKET_SENDTO_X, "q8 sdata q6 d8 -", world_unix(w, 4, 1, 2, "/x"));
        cr_assert_null(w->evt.fd);
        world_apply(w, RTI_EV_SOCKET_RECVFROM_X, "q8 sdata - q6 d8",
                    world_tuple(w, 2, "10.0.0.1", 1, "128.32.41.1", 0));
        cr_assert_null(w->evt.fd);
        world_apply(w, RTI_EV_SOCKET_SENDTO_X, "q-1 sdata q6 d8 -",
                    world_tuple(w, 4, "10.0.0.1", 1, "128.32.41.1", 0));
        cr_assert_null(w->evt.fd);
        world_free(w);
}

Test(fd_sockets, what_bytes_went_through_is_connected)
{
        fd_world *w = with_socket(2, 1);

        world_do(w, RTI_EV_SYSCALL_READ_X, "q-11 - q3 d8");
        cr_assert_eq(w->evt.fd->marks, 0);
        world_do(w, RTI_EV_SYSCALL_FSTAT_X, "q0 q3");
        cr_assert_eq(w->evt.fd->marks, 0);
        world_do(w, RTI_EV_SYSCALL_WRITEV_X, "q8 sdata q3 d8");
        cr_assert_eq(w->evt.fd->marks, CONNECTED);
        world_do(w, RTI_EV_SYSCALL_OPEN_X, "q4 s/x d1 d0 d0 q0");
        world_do(w, RTI_EV_SYSCALL_READ_X, "q1 sx q4 d8");
        cr_assert_eq(w->evt.fd->marks, 0);
        world_free(w);
}

Test(fd_sockets, what_failed_or_is_too_short_changes_nothing)
{
        fd_world *w = with_socket(2, 2);
        world_param param;

        world_apply(w, RTI_EV_SOCKET_SENDTO_X, "q-111 sdata q3 d8 -",
                    world_tuple(w, 4, "10.0.0.1", 1, "10.0.0.2", 2));
        assert_name(w->evt.fd, "");
        param = world_tuple(w, 4, "10.0.0.1", 1, "10.0.0.2", 2);
        param.param.len--;
        world_apply(w, RTI_EV_SOCKET_SENDTO_X, SENDTO, param);
        assert_name(w->evt.fd, "");
        world_free(w);
}

/* ---- interfaces ---- */

struct complete_row {
        char claim[60];
        char sip[20], dip[20];
        uint16_t sport, dport;
        char name[60];
};

ParameterizedTestParameters(fd_sockets, completions)
{
        static struct complete_row rows[] = {
                { "an interface with the other address", "0.0.0.0", "10.0.0.5", 1, 2,
                  "10.0.0.5:1->10.0.0.5:2" },
                { "one in whose net it lies", "0.0.0.0", "192.168.7.9", 1, 2,
                  "192.168.0.4:1->192.168.7.9:2" },
                { "else the first that is not the loopback", "0.0.0.0", "8.8.8.8", 1, 53,
                  "10.0.0.5:1->8.8.8.8:53" },
                { "the destination if the source is known", "8.8.8.8", "0.0.0.0", 53, 1,
                  "8.8.8.8:53->10.0.0.5:1" },
                { "not when both ends would be the same", "0.0.0.0", "10.0.0.5", 7, 7,
                  "0.0.0.0:7->10.0.0.5:7" },
                { "the loopback for the loopback", "0.0.0.0", "127.0.0.1", 1, 2,
                  "127.0.0.1:1->127.0.0.1:2" },
                { "IPv6 by its first 64 bits", "::", "2001:db8::9", 1, 2,
                  "2001:db8::1:1->2001:db8::9:2" },
                { "IPv6, the loopback", "::", "::1", 0, 2345, "::1:0->::1:2345" },
                { "IPv6, elsewhere", "::", "2600::1", 1, 2, "2001:db8::1:1->2600::1:2" },
        };

        return cr_make_param_array(struct complete_row, rows, RTI_COUNT(rows));
}

static void
add_interfaces(rti_state *state)
{
        rti_interface interfaces[] = {
                { { 127, 0, 0, 1 }, { 255 }, 4 },
                { { [15] = 1 }, { 0 }, 16 },
                { { 10, 0, 0, 5 }, { 255, 255, 255, 0 }, 4 },
                { { 192, 168, 0, 4 }, { 255, 255, 248, 0 }, 4 },
                { { 0x20, 0x01, 0x0d, 0xb8, [15] = 1 }, { 0 }, 16 },
        };

        for (size_t i = 0; i < RTI_COUNT(interfaces); i++)
                cr_assert_eq(rti_state_add_interface(state, &interfaces[i]), RT_OK);
}

ParameterizedTest(struct complete_row *row, fd_sockets, completions)
{
        fd_world *w = with_socket(strchr(row->sip, ':') ? 10 : 2, 2);

        add_interfaces(&w->state);
        world_apply(w, RTI_EV_SOCKET_SENDTO_X, SENDTO,
                    world_tuple(w, 4, row->sip, row->sport, row->dip, row->dport));
        assert_name(w->evt.fd, row->name);
        world_free(w);
}

Test(fd_sockets, without_interfaces_an_end_stays_unset)
{
        fd_world *w = with_socket(2, 2);

        world_apply(w, RTI_EV_SOCKET_SENDTO_X, SENDTO,
                    world_tuple(w, 4, "0.0.0.0", 1, "8.8.8.8", 53));
        assert_name(w->evt.fd, "0.0.0.0:1->8.8.8.8:53");
        world_free(w);
}

/* ---- lists ---- */

static rti_fd_entry
listed(int64_t num, uint8_t kind, const char *sip, uint16_t sport, const char *dip, uint16_t dport)
{
        rti_fd_entry entry = { .num = num, .kind = kind, .l4 = RTI_L4_TCP, .ino = 5 };
        const int family = strchr(sip, ':') ? AF_INET6 : AF_INET;

        entry.ends.source_port = sport;
        entry.ends.dest_port = dport;
        cr_assert_eq(inet_pton(family, sip, entry.ends.source), 1);
        if (*dip)
                cr_assert_eq(inet_pton(family, dip, entry.ends.dest), 1);
        return entry;
}

static void
add_listed(fd_world *w, rti_fd_entry entry)
{
        cr_assert_eq(rti_state_add_fd(&w->state, WORLD_TID, &entry), RT_OK);
}

Test(fd_sockets, a_listed_connection_of_a_port_that_is_served_is_turned_round)
{
        fd_world *w = world_new_of(1 << 22);

        add_listed(w, listed(3, RTI_FD_IPV4_SOCK, "10.0.0.1", 80, "10.0.0.2", 4000));
        add_listed(w, listed(4, RTI_FD_IPV4_SOCK, "10.0.0.1", 81, "10.0.0.2", 4000));
        add_listed(w, listed(5, RTI_FD_IPV6_SERVER, "::", 80, "", 0));
        add_listed(w, listed(6, RTI_FD_IPV6_SOCK, "::ffff:10.0.0.1", 80, "::ffff:10.0.0.3", 4001));
        add_listed(w, listed(7, RTI_FD_IPV6_SOCK, "2001::1", 80, "2001::2", 4001));
        add_listed(w, listed(8, RTI_FD_IPV4_SERVER, "10.0.0.1", 82, "", 0));
        world_ready(w);
        assert_name(world_fd(w, 3), "10.0.0.2:4000->10.0.0.1:80");
        cr_assert_eq(world_fd(w, 3)->marks, SERVER | CONNECTED);
        assert_name(world_fd(w, 4), "10.0.0.1:81->10.0.0.2:4000");
        cr_assert_eq(world_fd(w, 4)->marks, CLIENT | CONNECTED);
        assert_name(world_fd(w, 5), ":::80");
        cr_assert_eq(world_fd(w, 5)->kind, RTI_FD_IPV6_SERVER);
        assert_name(world_fd(w, 6), "10.0.0.3:4001->10.0.0.1:80");
        cr_assert_eq(world_fd(w, 6)->kind, RTI_FD_IPV4_SOCK);
        assert_name(world_fd(w, 7), "2001::1:80->2001::2:4001");
        cr_assert_eq(world_fd(w, 7)->marks & (CLIENT | SERVER), 0);
        assert_name(world_fd(w, 8), "10.0.0.1:82");
        world_free(w);
}

Test(fd_sockets, listed_unix_sockets_serve_when_they_have_a_name)
{
        fd_world *w = world_new_of(1 << 22);
        rti_fd_entry entry = { .num = 3, .kind = RTI_FD_UNIX_SOCK, .source = 8, .dest = 9 };

        add_listed(w, entry);
        entry.num = 4;
        entry.name = RTI_STR("/run/s");
        add_listed(w, entry);
        world_ready(w);
        cr_assert_eq(world_fd(w, 3)->marks, CLIENT);
        cr_assert_eq(world_fd(w, 4)->marks, SERVER);
        cr_assert_eq(world_fd(w, 4)->ends.un.dest, 9);
        assert_name(world_fd(w, 4), "/run/s");
        world_free(w);
}

Test(fd_sockets, listed_files_keep_what_the_list_says)
{
        fd_world *w = world_new_of(1 << 22);
        rti_fd_entry entry = { .num = 3,
                               .kind = RTI_FD_FILE_V2,
                               .ino = 12,
                               .dev = 7,
                               .open_flags = RTI_O_CLOEXEC | RTI_O_LOWER_LAYER,
                               .name = RTI_STR("/etc/x") };

        add_listed(w, entry);
        entry = (rti_fd_entry){ .num = 4, .kind = RTI_FD_SIGNALFD, .name = RTI_STR("sig") };
        add_listed(w, entry);
        world_ready(w);
        assert_name(world_fd(w, 3), "/etc/x");
        cr_assert_eq(world_fd(w, 3)->marks, RTI_FDM_CLOEXEC | RTI_FDM_LOWER_LAYER);
        cr_assert_eq(world_fd(w, 3)->dev, 7);
        cr_assert_eq(world_fd(w, 3)->ino, 12);
        assert_name(world_fd(w, 4), "sig");
        world_free(w);
}

Test(fd_sockets, a_list_of_a_thread_is_its_leaders_and_one_of_nobody_is_nothing)
{
        fd_world *w = world_new_of(1 << 22);
        rti_fd_entry entry = { .num = 3, .kind = RTI_FD_FILE, .name = RTI_STR("/x") };

        cr_assert_eq(rti_state_add_fd(&w->state, WORLD_THREAD, &entry), RT_OK);
        cr_assert_eq(rti_state_add_fd(&w->state, 12345, &entry), RT_OK);
        world_ready(w);
        assert_name(world_fd(w, 3), "/x");
        cr_assert_null(rti_threads_find(&w->state.threads, 12345));
        world_free(w);
}

/* ---- descriptors that come with events ---- */

Test(fd_sockets, what_comes_with_an_event_does_not_take_away_what_is_known)
{
        fd_world *w = with_socket(2, 1);
        rti_fd_entry entry = listed(3, RTI_FD_IPV4_SOCK, "10.0.0.2", 80, "10.0.0.1", 4000);

        world_apply(w, RTI_EV_SOCKET_ACCEPT_5_X, "q3 - b0 d0 d5",
                    world_tuple(w, 1, "10.0.0.1", 4000, "10.0.0.2", 80));
        add_listed(w, entry);
        assert_name(world_fd(w, 3), "10.0.0.1:4000->10.0.0.2:80");
        cr_assert_eq(world_fd(w, 3)->marks, SERVER | CONNECTED);
        cr_assert_eq(world_fd(w, 3)->ino, 5);
        /* A socket without a peer says nothing new of a datagram socket that has sent. */
        entry = listed(3, RTI_FD_IPV4_SOCK, "0.0.0.0", 4000, "0.0.0.0", 0);
        add_listed(w, entry);
        assert_name(world_fd(w, 3), "10.0.0.1:4000->10.0.0.2:80");
        /* But with another inode it is another socket. */
        entry.ino = 6;
        add_listed(w, entry);
        assert_name(world_fd(w, 3), "0.0.0.0:4000");
        cr_assert_eq(world_fd(w, 3)->kind, RTI_FD_IPV4_SERVER);
        world_free(w);
}

Test(fd_sockets, what_comes_with_an_event_has_a_role)
{
        fd_world *w = world_new();

        add_listed(w, listed(3, RTI_FD_IPV6_SERVER, "::", 80, "", 0));
        add_listed(w, listed(4, RTI_FD_IPV6_SOCK, "2001::1", 80, "2001::2", 4001));
        add_listed(w, listed(5, RTI_FD_IPV4_SOCK, "10.0.0.1", 4002, "10.0.0.2", 443));
        add_listed(w, listed(6, RTI_FD_IPV4_SOCK, "0.0.0.0", 0, "0.0.0.0", 0));
        assert_name(world_fd(w, 4), "2001::2:4001->2001::1:80");
        cr_assert_eq(world_fd(w, 4)->marks, SERVER | CONNECTED);
        assert_name(world_fd(w, 5), "10.0.0.1:4002->10.0.0.2:443");
        cr_assert_eq(world_fd(w, 5)->marks, CLIENT | CONNECTED);
        assert_name(world_fd(w, 6), "");
        cr_assert_eq(world_fd(w, 6)->marks, 0);
        /* The same socket with another peer keeps it. */
        add_listed(w, listed(4, RTI_FD_IPV6_SOCK, "2001::1", 80, "2001::3", 4001));
        assert_name(world_fd(w, 4), "2001::3:4001->2001::1:80");
        world_free(w);
}

Test(fd_sockets, a_file_keeps_the_name_it_was_opened_by)
{
        fd_world *w = world_new();
        rti_fd_entry entry = {
                .num = 3, .kind = RTI_FD_FILE_V2, .ino = 12, .dev = 7, .name = RTI_STR("/target")
        };

        world_do(w, RTI_EV_SYSCALL_OPEN_X, "q3 slink d1 d0 d7 q12");
        add_listed(w, entry);
        assert_name(world_fd(w, 3), "/root/link");
        cr_assert(rti_str_is(rti_text_str(world_fd(w, 3)->nameraw), "link"));
        entry.ino = 13;
        add_listed(w, entry);
        assert_name(world_fd(w, 3), "/target");
        entry.kind = RTI_FD_FIFO;
        entry.name = RTI_STR("");
        add_listed(w, entry);
        cr_assert_eq(world_fd(w, 3)->kind, RTI_FD_FIFO);
        assert_name(world_fd(w, 3), "");
        world_free(w);
}
