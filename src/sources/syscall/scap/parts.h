/* SPDX-License-Identifier: Apache-2.0 */
/* parts.h - what the files of the capture reader share. */
#ifndef RTI_SYSCALL_SCAP_PARTS_H
#define RTI_SYSCALL_SCAP_PARTS_H

#include "sources/syscall/scap/scap.h"

/* ---- bytes from front to back: the first missing ones set `bad`, then all reads give 0 ---- */

typedef struct rti_bytes {
        const char *at, *end;
        bool bad;
} rti_bytes;

static inline rti_bytes
rti_bytes_of(rt_str s)
{
        return (rti_bytes){ s.ptr, s.len ? s.ptr + s.len : s.ptr, false };
}

static inline size_t
rti_bytes_left(const rti_bytes *bytes)
{
        return (size_t) (bytes->end - bytes->at);
}

void rti_bytes_take(rti_bytes *bytes, void *to, size_t n);

static inline uint8_t
rti_bytes_u8(rti_bytes *bytes)
{
        uint8_t value;

        rti_bytes_take(bytes, &value, sizeof value);
        return value;
}

static inline uint16_t
rti_bytes_u16(rti_bytes *bytes)
{
        uint16_t value;

        rti_bytes_take(bytes, &value, sizeof value);
        return value;
}

static inline uint32_t
rti_bytes_u32(rti_bytes *bytes)
{
        uint32_t value;

        rti_bytes_take(bytes, &value, sizeof value);
        return value;
}

static inline uint64_t
rti_bytes_u64(rti_bytes *bytes)
{
        uint64_t value;

        rti_bytes_take(bytes, &value, sizeof value);
        return value;
}

static inline int64_t
rti_bytes_i64(rti_bytes *bytes)
{
        return (int64_t) rti_bytes_u64(bytes);
}

rt_str rti_bytes_cut(rti_bytes *bytes, size_t n);
/* Text with its length in front. */
rt_str rti_bytes_text(rti_bytes *bytes);

enum rti_scap_list { /* what the blocks of a capture hold */
                     RTI_SCAP_UNKNOWN,
                     RTI_SCAP_SECTION,
                     RTI_SCAP_EVENT,
                     RTI_SCAP_MACHINE,
                     RTI_SCAP_PROCESSES,
                     RTI_SCAP_FDS,
                     RTI_SCAP_INTERFACES,
                     RTI_SCAP_USERS
};

/* Hand the list @a body to the state. RT_OK, RT_ENOMEM, RT_EFORMAT: all up to @a ret_bad, which is
 * counted from the body's front and always set, was good. */
int rti_scap_list(rti_scap *scap, enum rti_scap_list list, uint32_t version, rt_str body,
                  size_t *ret_bad);

/* ---- event.c ---- */

/* Hand what stands behind an event's values to the state. As rti_scap_list. */
int rti_scap_options(rti_scap *scap, rt_str bytes, size_t *ret_bad);

/* ---- convert.c: today's form of events that older writers recorded (spec B) ---- */

typedef struct rti_convert rti_convert;

int rti_convert_new(const rt_allocator *allocator, rti_convert **ret_convert);
void rti_convert_free(rti_convert *convert);
void rti_convert_clear(rti_convert *convert);

enum { RTI_CONVERT_DROP = 0, RTI_CONVERT_PASS = 1, RTI_CONVERT_HIDDEN = 2 };

/* One of RTI_CONVERT_*; RT_EFORMAT: there is no rule for it; RT_ELIMIT: it had to be stored and is
 * too large; RT_ENOMEM. New parameters live until the next call. */
int rti_convert_event(rti_convert *convert, rti_sysevt *evt);

/* Does the event have to go through rti_convert_event? */
static inline bool
rti_convert_needed(const rti_sysevt *evt)
{
        const rti_event_info *info = evt->info;

        if (!(info->flags & (RTI_EF_UNUSED | RTI_EF_OLD_VERSION | RTI_EF_CONVERTER_MANAGED)))
                return false;
        return (info->flags & (RTI_EF_UNUSED | RTI_EF_OLD_VERSION)) || !info->exit
               || evt->n_params != info->n_params;
}

#endif
