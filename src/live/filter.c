/* SPDX-License-Identifier: Apache-2.0 */
/*
 * filter.c - what rules ask for, as the kernel side is told.
 *
 * Conditions that the kernel side cannot judge as user space does are left out, which only makes
 * more events: where an event happened, descriptors' numbers, the name of a descriptor that is
 * used (it is the one that it had when it was opened).
 *
 * Events that no rule asks for are made all the same when others are read by what they tell:
 * directories, since paths are relative to them; whatever makes or changes descriptors of a kind
 * that events are asked for which use one.
 */
#include "live/filter.h"
#include "lang/events.h"
#include "sources/syscall/codes.h"
#include "sources/syscall/state/fd.h"

enum { HALF = RTI_LIVE_FILTERS / 2 };

enum { /* the flags of events.def by its names */
       OLD_VERSION = RTI_EF_OLD_VERSION,
       CREATES_FD = RTI_EF_CREATES_FD,
       DESTROYS_FD = RTI_EF_DESTROYS_FD,
       USES_FD = RTI_EF_USES_FD,
       READS_FROM_FD = RTI_EF_READS_FROM_FD,
       WRITES_TO_FD = RTI_EF_WRITES_TO_FD,
       MODIFIES_STATE = RTI_EF_MODIFIES_STATE,
       CONVERTER_MANAGED = RTI_EF_CONVERTER_MANAGED,
       UNUSED = RTI_EF_UNUSED,
       SKIPPARSERESET = RTI_EF_SKIPPARSERESET,
       LARGE_PAYLOAD = RTI_EF_LARGE_PAYLOAD,
       WAITS = RTI_EF_WAITS,
       CHANGES_FDS = CREATES_FD | DESTROYS_FD | MODIFIES_STATE | READS_FROM_FD | WRITES_TO_FD
};

static const uint16_t event_flags[RTI_N_EVENT_CODES] = {
#define EVENT(code, id, name, half, category, origin, flags, ...) [code] = (flags),
#include "lang/events.def"
#undef EVENT
};

#define KIND(id) (1u << RTI_FD_##id)

static const uint32_t files = KIND(FILE) | KIND(FILE_V2) | KIND(DIRECTORY);
static const uint32_t inet =
        KIND(IPV4_SOCK) | KIND(IPV6_SOCK) | KIND(IPV4_SERVER) | KIND(IPV6_SERVER);
static const uint32_t no_object = 1u << RT_FDKIND_UNKNOWN_BIT | 1u << RT_FDKIND_NONE_BIT;
static const uint32_t all_kinds = (1u << RTI_N_FD_KINDS) - 1;

/* ---- event types ---- */

/* Calls that change what other events' fields say, and that no record tells by itself. */
static const uint16_t always[] = { RTI_EV_SYSCALL_CHDIR_X, RTI_EV_SYSCALL_FCHDIR_X,
                                   RTI_EV_SYSCALL_CHROOT_X };

/* Those have no result, or are followed whatever they are. */
static const uint16_t unfiltered[] = { RTI_EV_SYSCALL_CHDIR_X,     RTI_EV_SYSCALL_FCHDIR_X,
                                       RTI_EV_SYSCALL_CHROOT_X,    RTI_EV_SYSCALL_CLONE_20_X,
                                       RTI_EV_SYSCALL_FORK_20_X,   RTI_EV_SYSCALL_VFORK_20_X,
                                       RTI_EV_SYSCALL_CLONE3_X,    RTI_EV_SYSCALL_GETUID_X,
                                       RTI_EV_SYSCALL_GETEUID_X,   RTI_EV_SYSCALL_GETGID_X,
                                       RTI_EV_SYSCALL_GETEGID_X,   RTI_EV_SOCKET_GETSOCKNAME_X,
                                       RTI_EV_SOCKET_GETPEERNAME_X };

/* Their descriptor is not the first argument. */
static const uint16_t fd_elsewhere[] = { RTI_EV_SYSCALL_MMAP_X, RTI_EV_SYSCALL_SPLICE_X,
                                         RTI_EV_SYSCALL_COPY_FILE_RANGE_X,
                                         RTI_EV_SYSCALL_SYMLINKAT_X };

/* They ask little of their descriptor, a directory that a path starts from or a file by itself: the
 * path that comes with the event is enough, though the file may have been renamed since. */
static const uint16_t by_fact[] = { RTI_EV_SYSCALL_SYMLINKAT_X,  RTI_EV_SYSCALL_UNLINKAT_2_X,
                                    RTI_EV_SYSCALL_MKDIRAT_X,    RTI_EV_SYSCALL_FCHMODAT_X,
                                    RTI_EV_SYSCALL_FCHOWNAT_X,   RTI_EV_SYSCALL_MKNODAT_X,
                                    RTI_EV_SYSCALL_NEWFSTATAT_X, RTI_EV_SYSCALL_FINIT_MODULE_X,
                                    RTI_EV_SYSCALL_SETNS_X,      RTI_EV_SYSCALL_FCHMOD_X,
                                    RTI_EV_SYSCALL_FCHOWN_X };

static bool
is_one_of(uint32_t type, const uint16_t *types, size_t n)
{
        for (size_t i = 0; i < n; i++)
                if (types[i] == type)
                        return true;
        return false;
}

static uint8_t
open_shape(uint32_t type)
{
        switch (type) {
        case RTI_EV_SYSCALL_OPEN_X:
                return RTI_OPEN_OPEN;
        case RTI_EV_SYSCALL_OPENAT_2_X:
                return RTI_OPEN_OPENAT;
        case RTI_EV_SYSCALL_CREAT_X:
                return RTI_OPEN_CREAT;
        case RTI_EV_SYSCALL_OPENAT2_X:
                return RTI_OPEN_OPENAT2;
        case RTI_EV_SYSCALL_OPEN_BY_HANDLE_AT_X:
                return RTI_OPEN_BY_HANDLE;
        default:
                return RTI_OPEN_NOT;
        }
}

/* ---- rows of a demand ---- */

static const rt_event_filter *
row_at(const rt_demand *demand, size_t i)
{
        return (const void *) ((const char *) demand->filters + i * demand->filter_stride);
}

static bool
is_asked(const rt_demand *demand, uint32_t type)
{
        return type / 64 < demand->n_event_words
               && (demand->event_types[type / 64] >> type % 64 & 1);
}

/* The rows of @a type: the first, and how many. */
static size_t
rows_of(const rt_demand *demand, uint32_t type, size_t *ret_first)
{
        size_t first = 0, n = 0;

        while (first < demand->n_filters && row_at(demand, first)->type < type)
                first++;
        while (first + n < demand->n_filters && row_at(demand, first + n)->type == type)
                n++;
        *ret_first = first;
        return n;
}

/* The kinds that the kernel may see where user space sees one of these: a directory that was not
 * opened as one is a file, sockets get their kind by what is done to them. */
static uint32_t
seen_kinds(uint32_t kinds)
{
        if (kinds & files)
                kinds |= files;
        if (kinds & inet)
                kinds |= inet;
        return kinds | KIND(UNKNOWN);
}

/* Kinds of descriptors that events are asked for which use one. */
static uint32_t
used_kinds(const rt_demand *demand)
{
        uint32_t used = 0;

        for (uint32_t type = 0; type < RTI_N_EVENT_CODES; type++) {
                size_t first, n;

                if (!is_asked(demand, type) || !(event_flags[type] & USES_FD)
                    || event_flags[type] & OLD_VERSION
                    || is_one_of(type, by_fact, RTI_COUNT(by_fact)))
                        continue;
                n = rows_of(demand, type, &first);
                if (n == 0)
                        return all_kinds;
                for (size_t i = 0; i < n; i++)
                        if (row_at(demand, first + i)->results)
                                used |= seen_kinds(row_at(demand, first + i)->fd_kinds);
        }
        return used & all_kinds & ~KIND(UNKNOWN);
}

/* Fields that look at descriptors that the event is not about. */
static bool
reads_tables(const rt_demand *demand)
{
        static const char *const prefixes[] = { "proc.std", "proc.fd", "fd.types", "fdlist" };

        for (size_t i = 0; i < demand->n_slots; i++) {
                const rt_slot_desc *slot =
                        (const void *) ((const char *) demand->slots + i * demand->slot_stride);

                for (size_t k = 0; k < RTI_COUNT(prefixes); k++)
                        if (rti_str_starts(slot->field, rti_str_of(prefixes[k])))
                                return true;
        }
        return false;
}

/* ---- one filter ---- */

typedef struct maker {
        live_filters *f;
        uint32_t type;
        struct rti_live_filter made;
        uint32_t n_rows;
} maker;

static uint32_t
next_set(live_filters *f)
{
        return (f->generation + 1) * RTI_LIVE_SETS + f->n_sets++;
}

/* A set with these texts. False: there is no room, the condition is left out. */
static bool
add_texts(live_filters *f, const rt_str *texts, size_t n,
          int (*add)(rti_live *live, uint32_t set, rt_str text), uint32_t *ret_set)
{
        const uint32_t set = f->n_sets < RTI_LIVE_SETS ? next_set(f) : 0;

        for (size_t i = 0; set && i < n; i++) {
                if (add(f->live, set, texts[i]) == RT_OK)
                        continue;
                f->refused++;
                return false;
        }
        *ret_set = set;
        return set != 0;
}

static void
add_row_mask(uint16_t *sets, size_t n, uint32_t which, uint16_t row)
{
        for (size_t i = 0; i < n; i++)
                if (which >> i & 1)
                        sets[i] |= row;
}

/* Which results the row allows: bit 0 success, bit 1 failure. Of what is opened, the descriptor is
 * the result, and a file as user space sees it. */
static uint32_t
results_of(const rt_event_filter *row, bool opens)
{
        uint32_t results = row->results & (RT_RESULT_SUCCESS | RT_RESULT_FAILURE);

        if (!opens)
                return results;
        if (!(row->fd_nums & (RT_FDNUM_VALID | RT_FDNUM_NONE))
            || !(row->fd_kinds & (files | no_object)))
                results &= ~(uint32_t) RT_RESULT_SUCCESS;
        if (!(row->fd_nums & (RT_FDNUM_NEGATIVE | RT_FDNUM_NONE)) || !(row->fd_kinds & no_object))
                results &= ~(uint32_t) RT_RESULT_FAILURE;
        return results;
}

static void
add_open_conditions(maker *m, const rt_event_filter *row, uint16_t bit)
{
        struct rti_live_filter *made = &m->made;
        const uint32_t raw = (row->raw_paths & RT_RAWPATH_PLAIN ? 1 : 0)
                             | (row->raw_paths & RT_RAWPATH_UP ? 2 : 0);

        add_row_mask(made->modes, RTI_LIVE_MODES, row->open_modes, bit);
        add_row_mask(made->raw, 2, raw, bit);
        if (raw != 3)
                made->raw_pathed |= bit;
        if (row->paths
            && add_texts(m->f, row->paths, row->n_paths, rti_live_add_prefix,
                         &made->paths[m->n_rows]))
                made->pathed |= bit;
}

static void
add_row(maker *m, const rt_event_filter *row)
{
        struct rti_live_filter *made = &m->made;
        const uint32_t kinds = seen_kinds(row->fd_kinds);
        const uint32_t results = results_of(row, made->open != RTI_OPEN_NOT);
        const uint16_t bit = (uint16_t) (1u << m->n_rows);
        const bool by_kind = event_flags[m->type] & USES_FD && (kinds & all_kinds) != all_kinds
                             && !is_one_of(m->type, fd_elsewhere, RTI_COUNT(fd_elsewhere));

        if (!results || m->n_rows == RTI_LIVE_ROWS)
                return;
        add_row_mask(made->results, 2, results, bit);
        add_row_mask(made->kinds, RTI_LIVE_KINDS, by_kind ? kinds : UINT32_MAX, bit);
        if (by_kind)
                made->kinded |= bit;
        if (made->open)
                add_open_conditions(m, row, bit);
        if (row->names
            && add_texts(m->f, row->names, row->n_names, rti_live_add_name,
                         &made->names[m->n_rows]))
                made->named |= bit;
        m->n_rows++;
}

/* What other events are read by: see the top. */
static void
add_state_row(maker *m, uint32_t used)
{
        struct rti_live_filter *made = &m->made;
        const uint16_t bit = (uint16_t) (1u << m->n_rows);
        uint32_t kinds = used, results = RT_RESULT_SUCCESS;

        if (!(event_flags[m->type] & CHANGES_FDS))
                return;
        if (is_one_of(m->type, fd_elsewhere, RTI_COUNT(fd_elsewhere)))
                return; /* they only mark what is connected, and files are not */
        if (event_flags[m->type] & (CREATES_FD | DESTROYS_FD) || m->type == RTI_EV_SYSCALL_FCNTL_X)
                kinds |= KIND(DIRECTORY);
        else
                kinds &= inet | KIND(UNIX_SOCK);
        if (!kinds || m->n_rows == RTI_LIVE_ROWS)
                return;
        if (kinds & inet)
                results |= RT_RESULT_FAILURE; /* connections that are being made */
        add_row_mask(made->results, 2, results, bit);
        add_row_mask(made->modes, RTI_LIVE_MODES, UINT32_MAX, bit);
        add_row_mask(made->raw, 2, UINT32_MAX, bit);
        add_row_mask(made->kinds, RTI_LIVE_KINDS, kinds, bit);
        made->kinded |= bit;
        m->n_rows++;
}

/* Does some row let everything pass? */
static bool
is_open(const struct rti_live_filter *made)
{
        uint16_t all = made->results[0] & made->results[1];

        all &= (uint16_t) ~(made->named | made->raw_pathed | made->pathed | made->kinded);
        for (size_t i = 0; made->open && i < RTI_LIVE_MODES; i++)
                all &= made->modes[i];
        return all != 0;
}

/* The filter for @a type, written; 0: none is needed, or has room. */
static uint32_t
make_filter(live_filters *f, const rt_demand *demand, uint32_t type, uint32_t used)
{
        maker m = { .f = f, .type = type, .made.open = open_shape(type) };
        const uint16_t flags = event_flags[type];
        uint32_t number;
        size_t first;
        const size_t n = rows_of(demand, type, &first);

        if (n == 0 || is_one_of(type, unfiltered, RTI_COUNT(unfiltered)))
                return 0;
        if (used == all_kinds && flags & CHANGES_FDS)
                return 0;
        if (f->n == HALF - 1) {
                f->refused++;
                return 0;
        }
        m.made.fd_from = flags & CREATES_FD ? RTI_LIVE_FD_RESULT : 0;
        for (size_t i = 0; i < n; i++)
                add_row(&m, row_at(demand, first + i));
        if (is_open(&m.made))
                return 0;
        add_state_row(&m, used);
        number = f->generation * HALF + ++f->n;
        rti_live_put_filter(f->live, number, &m.made);
        return number;
}

/* ---- all of them ---- */

void
live_filters_set(live_filters *f, const rt_demand *demand, bool filter)
{
        const uint32_t old_sets = (f->generation + 1) * RTI_LIVE_SETS;
        uint16_t numbers[RTI_N_EVENT_CODES] = { 0 };
        const uint32_t used = reads_tables(demand) ? all_kinds : used_kinds(demand);

        f->generation ^= 1;
        f->n = f->n_sets = f->refused = 0;
        for (uint16_t type = 0; filter && type < RTI_N_EVENT_CODES; type++)
                if (is_asked(demand, type) && !(event_flags[type] & OLD_VERSION))
                        numbers[type] = (uint16_t) make_filter(f, demand, type, used);
        for (uint16_t type = 0; type < RTI_N_EVENT_CODES; type++) {
                const bool wanted =
                        is_asked(demand, type) || is_one_of(type, always, RTI_COUNT(always));

                /* Codes that no call of this machine has are asked for in vain. */
                if (rti_live_use_filter(f->live, type, numbers[type], RTI_CALL_FD_FACTS) == RT_OK)
                        (void) rti_live_want_event(f->live, type, wanted);
        }
        rti_live_settle();
        rti_live_forget_sets(f->live, old_sets);
}
