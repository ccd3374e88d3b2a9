/* SPDX-License-Identifier: Apache-2.0 */
/* Events with parameters that no kernel would write, in all orders and with too little memory. */
#include "support/fd_world.h"

enum { MOST_TYPES = RTI_N_EVENT_CODES, MOST_BYTES = 700 };

static size_t
types_about_descriptors(uint16_t *types)
{
        const uint32_t flags = RTI_EF_CREATES_FD | RTI_EF_USES_FD | RTI_EF_DESTROYS_FD;
        size_t n = 0;

        for (uint16_t type = 0; type < RTI_N_EVENT_CODES; type++)
                if (rti_fd_handler(type) || rti_events[type].flags & flags)
                        types[n++] = type;
        return n;
}

/* Few numbers make events meet, many make tables grow. */
static int most_numbers = 12;

/* Mostly what fits the parameter's type, with small numbers. */
static rt_str
random_param(const rti_param_info *param, char *to)
{
        static const uint8_t families[] = { 1, 2, 10, 16, 0 };
        static const uint8_t lengths[] = { 0, 1, 2, 4, 7, 8, 12, 13, 17, 18, 19, 36, 37, 60 };
        const int64_t number = rand() % 4 ? rand() % most_numbers - 1
                                          : (int64_t) ((uint64_t) rand() << rand() % 40);
        size_t n = lengths[(size_t) rand() % RTI_COUNT(lengths)];

        for (size_t i = 0; i < 64; i++)
                to[i] = (char) (rand() % 3 ? "/.a\0"[rand() % 4] : rand());
        if (rand() % 16 == 0)
                return (rt_str){ to, n };
        switch (param->type) {
        case RTI_PT_FD:
        case RTI_PT_ERRNO:
        case RTI_PT_PID:
        case RTI_PT_UINT64:
                memcpy(to, &number, 8);
                return (rt_str){ to, 8 };
        case RTI_PT_UINT32:
        case RTI_PT_FLAGS32:
        case RTI_PT_ENUMFLAGS32:
                memcpy(to, &number, 4);
                return (rt_str){ to, 4 };
        case RTI_PT_ENUMFLAGS8:
                to[0] = (char) (rand() % 28);
                return (rt_str){ to, 1 };
        case RTI_PT_SOCKTUPLE:
        case RTI_PT_SOCKADDR:
                to[0] = (char) families[(size_t) rand() % sizeof families];
                for (size_t i = 1; i < 64; i++)
                        to[i] = (char) (rand() % 2);
                return (rt_str){ to, (size_t) (to[0] == 2 ? 13 : to[0] == 10 ? 37 : n) };
        default:
                return (rt_str){ to, n };
        }
}

static void
random_event(fd_world *w, uint16_t type, char *store)
{
        const rti_event_info *info = &rti_events[type];
        const uint32_t missing = rand() % 8 ? 0 : (uint32_t) rand() % (info->n_params + 1u);

        w->evt = (rti_sysevt){ .type = type, .info = info, .tid = 7 + rand() % 3 };
        w->evt.n_params = info->n_params - missing;
        for (uint32_t i = 0; i < w->evt.n_params; i++)
                w->evt.param[i] = random_param(&rti_params[info->first_param + i], store + i * 64);
}

static void
check(const fd_world *w)
{
        const rti_sysevt *evt = &w->evt;
        const rti_fds *fds = evt->thread ? rti_thread_fds(evt->thread) : NULL;
        char room[RTI_FD_NAME_ROOM];

        if (evt->fd) {
                cr_assert_eq(evt->fd->num, evt->fd_num);
                cr_assert_eq(rti_fds_find(fds, evt->fd_num), evt->fd);
                cr_assert_lt(evt->fd->kind, RTI_N_FD_KINDS);
                cr_assert(evt->flags & RTI_SE_HAS_FD);
        } else {
                cr_assert_lt(rti_fd_name_of_event(room, evt).len, RTI_FD_NAME_ROOM);
                cr_assert_not(evt->flags & RTI_SE_REMOVE_FD);
        }
}

/* @return how many descriptors there was no room for. */
static uint64_t
run(size_t limit_bytes, int n_events, bool grows)
{
        uint64_t n_refused;

        fd_world *w = world_ready(world_new_of(limit_bytes));
        uint16_t types[MOST_TYPES];
        const size_t n_types = types_about_descriptors(types);
        char store[64 * RTI_MOST_PARAMS];

        cr_assert_gt(n_types, 60);
        for (int i = 0; i < n_events; i++) {
                const uint16_t type = types[(size_t) rand() % n_types];

                if (type == RTI_EV_SYSCALL_CLOSE_RANGE_X && grows)
                        continue;
                random_event(w, type, store);
                if (grows) /* else other processes are evicted for it */
                        w->evt.tid = WORLD_TID;
                cr_assert_eq(rti_state_apply(&w->state, &w->evt), RT_OK);
                check(w);
                world_settle(w);
        }
        n_refused = w->state.stats.fds_refused;
        world_free(w);
        return n_refused;
}

Test(fd_random, any_parameters_leave_the_table_whole)
{
        srand(11);
        cr_assert_eq(run(32 * 1024 * 1024, 300000, false), 0);
}

Test(fd_random, too_little_memory_leaves_it_whole_too)
{
        srand(12);
        most_numbers = 4000;
        cr_assert_gt(run(160 * 1024, 100000, true), 0);
}

/* ---- an allocator that fails ---- */

static size_t n_allowed;

static void *
reluctant(void *ptr, size_t size_bytes, void *user)
{
        (void) user;
        if (size_bytes == 0) {
                free(ptr);
                return NULL;
        }
        if (n_allowed == 0)
                return NULL;
        n_allowed--;
        return realloc(ptr, size_bytes);
}

Test(fd_random, a_failing_allocator_is_told_and_harms_nothing)
{
        static const rt_allocator allocator = { sizeof(rt_allocator), reluctant, NULL };
        const rti_proc_entry entry = { .tid = 7, .pid = 7, .ptid = 1, .cwd = RTI_STR("/") };
        uint16_t types[MOST_TYPES];
        const size_t n_types = types_about_descriptors(types);
        char store[64 * RTI_MOST_PARAMS];
        unsigned n_told = 0;

        srand(13);
        most_numbers = 4000;
        for (size_t allowed = 0; allowed < 10; allowed++) {
                fd_world *w = calloc(1, sizeof *w);

                n_allowed = 100;
                cr_assert_eq(rti_state_init(&w->state, &allocator, 1 << 26, 64), RT_OK);
                cr_assert_eq(rti_state_add_process(&w->state, &entry), RT_OK);
                world_ready(w);
                n_allowed = allowed;
                for (int i = 0; i < 6000; i++) {
                        int r;

                        random_event(w, types[(size_t) rand() % n_types], store);
                        r = rti_state_apply(&w->state, &w->evt);
                        cr_assert(r == RT_OK || r == RT_ENOMEM, "%d", r);
                        n_told += r == RT_ENOMEM;
                        check(w);
                        world_settle(w);
                }
                world_free(w);
        }
        cr_assert_gt(n_told, 0);
}
