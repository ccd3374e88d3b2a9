/* SPDX-License-Identifier: Apache-2.0 */
/*
 * encode.h - writing captures: blocks, lists, events (schema 4.5.1, so that other tools read them).
 *
 * in    entries and parameters
 * out   bytes behind one another in a buffer that grows; what failed is remembered in it
 *
 * The reader of the same format is src/sources/syscall/scap.
 */
#ifndef RTI_LIVE_ENCODE_H
#define RTI_LIVE_ENCODE_H

#include "sources/syscall/state/state.h"

typedef struct cap_out {
        char *ptr;
        size_t len, room;
        bool failed; /* out of memory: what was asked for since is missing */
} cap_out;

void rti_cap_out_done(cap_out *out);
void rti_cap_put(cap_out *out, const void *bytes, size_t n);
static inline void
cap_u8(cap_out *out, uint8_t v)
{
        rti_cap_put(out, &v, sizeof v);
}
static inline void
cap_u16(cap_out *out, uint16_t v)
{
        rti_cap_put(out, &v, sizeof v);
}
static inline void
cap_u32(cap_out *out, uint32_t v)
{
        rti_cap_put(out, &v, sizeof v);
}
static inline void
cap_u64(cap_out *out, uint64_t v)
{
        rti_cap_put(out, &v, sizeof v);
}
/* u16 length and bytes, cut at @a most. */
void rti_cap_str(cap_out *out, rt_str s, size_t most);

enum {
        CAP_SECTION = 0x0a0d0d0a,
        CAP_MACHINE = 0x201,
        CAP_PROCESSES = 0x215,
        CAP_EVENT = 0x216,
        CAP_EVENT_LARGE = 0x221,
        CAP_FDS = 0x218,
        CAP_INTERFACES = 0x219,
        CAP_USERS = 0x220
};

/* Blocks may not be nested. */
size_t rti_cap_block_begin(cap_out *out, uint32_t type);
void rti_cap_block_end(cap_out *out, size_t at);

typedef struct cap_machine {
        uint32_t cpus;
        uint64_t memory_bytes, max_pid, boot_ns;
        rt_str hostname;
} cap_machine;

/* Section header and machine info. */
void rti_cap_head(cap_out *out, const cap_machine *machine);

/* Entries, inside of blocks of their kind or as options of events. */
void rti_cap_process(cap_out *out, const rti_proc_entry *entry);
void rti_cap_fd(cap_out *out, const rti_fd_entry *entry);
void rti_cap_user(cap_out *out, uint32_t uid, uint32_t gid, rt_str name, rt_str home, rt_str shell);
void rti_cap_group(cap_out *out, uint32_t gid, rt_str name);
void rti_cap_interface(cap_out *out, const rti_interface *interface, const uint8_t broadcast[16],
                       rt_str name);

/* Header, lengths and values of an event, inside of its block. */
typedef struct cap_event {
        uint64_t time_ns;
        int64_t tid;
        uint16_t type, cpu;
        uint32_t n_params;
        const rt_str *params;
        bool large; /* lengths are 32 bits: of types with RTI_EF_LARGE_PAYLOAD */
} cap_event;

void rti_cap_event_put(cap_out *out, const cap_event *event);
/* A pcapng option behind the event: begin, the value, end; after the last one rti_cap_opts_end. */
size_t rti_cap_opt_begin(cap_out *out, uint16_t code);
void rti_cap_opt_end(cap_out *out, size_t at);
void rti_cap_opts_end(cap_out *out);

#endif
