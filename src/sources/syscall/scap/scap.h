/* SPDX-License-Identifier: Apache-2.0 */
/*
 * scap.h - reading captures: blocks, lists, events, and the upgrade of old events.
 *
 * in    bytes of a capture, uncompressed (a reader of gzip is the host's)
 * out   lists into the state; events in today's form, one a call
 *
 * Damage costs what cannot be read, never more: it is reported with its offset.
 */
#ifndef RTI_SYSCALL_SCAP_H
#define RTI_SYSCALL_SCAP_H

#include "base/buf.h"
#include "sources/syscall/state/state.h"
#include <libruntime/source.h>

/* Options that may follow an event's values inside its block (pcapng: u16 code, u16 length, value,
 * padding of the value to a multiple of 4; code 0, or the block's end, ends them). The first stands
 * right behind the values, without padding. Other readers skip them; the live source uses them to
 * let an event carry its own truth. Codes from 0x8000 on are for local use in pcapng. */
enum {
        RTI_SCAP_OPT_PROCESS = 0x8b01, /* a process entry (A.1, V9): now true of this tid */
        RTI_SCAP_OPT_FD = 0x8b02,      /* i64 tid, then a descriptor entry (A.2, V2) of it */
        RTI_SCAP_OPT_THREAD = 0x8b03   /* rti_told_thread and the comm behind it */
};

typedef struct rti_machine {
        uint32_t cpus;
        uint64_t memory_bytes;
        uint64_t boot_ns;
        uint8_t hostname_len;
        char hostname[128];
} rti_machine;

typedef struct rti_scap {
        const rt_allocator *allocator;
        rti_state *state;
        rti_machine machine;
        bool started;         /* the section header was read */
        bool lists_done;      /* the first event was seen */
        bool head;            /* in the run of initial-state events, which rules do not see */
        bool based;           /* base_ns is known */
        bool live;            /* there was a pause: it may end without any event */
        bool lost;            /* behind damage: the next block has to be found */
        int failed;           /* what reading more bytes said; RT_OK */
        bool fd_told;         /* the event brought told_fd along */
        rti_fd_entry told_fd; /* borrowed from the block */
        uint64_t n_events;    /* numbered so far */
        uint64_t base_ns;     /* what evt.reltime counts from, as of the last event */
        rt_str bytes;         /* of the last event, as recorded */
        size_t block_bytes;   /* of the block it stands in; the input is right behind it */
        struct rti_convert *convert; /* stored enter halves, buffers */
} rti_scap;

int rti_scap_init(rti_scap *scap, const rt_allocator *allocator, rti_state *state);
void rti_scap_done(rti_scap *scap);
void rti_scap_restart(rti_scap *scap); /* another input begins */

/* The next event that has a number: 1, 0: no more bytes now (live), RT_EOF, or RT_E*. Lists on the
 * way go into the state. Sets everything of @a evt but what rti_state_apply sets; RTI_SE_HIDDEN for
 * events that no rule sees. Damage is reported through rt_input_skipped. @a evt is the same in
 * every call, zero before the first. */
int rti_scap_next(rti_scap *scap, rt_input *input, rti_sysevt *evt);

/* ---- parts, also used by what writes captures and by fuzzing ---- */

/* Decode one entry at @a bytes; the number of bytes it takes, or RT_EFORMAT. @a version as in the
 * block table of the spec: 1 to 9 for processes, 1 and 2 for descriptors. */
int64_t rti_scap_process(rt_str bytes, uint32_t version, rti_proc_entry *ret_entry);
int64_t rti_scap_fd(rt_str bytes, uint32_t version, rti_fd_entry *ret_entry);
/* Headers and lengths of an event (spec A.5) at @a bytes. RT_OK, RT_EFORMAT; RT_ENOENT: a type that
 * is not in the table. @a evt holds the event before or is zero: parameters that it had and this
 * one has not are cleared. @a ret_used: the event's own bytes; options may follow. */
int rti_scap_event(rt_str bytes, bool with_flags, bool v2, rti_sysevt *evt, size_t *ret_used);

#endif
