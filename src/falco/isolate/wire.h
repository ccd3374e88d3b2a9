/* SPDX-License-Identifier: Apache-2.0 */
/*
 * wire.h - how the engine's side and a plug-in's process talk.
 *
 *   socket   a pair of SOCK_SEQPACKET: messages of fixed size, and log lines
 *   area     shared memory, one half for each direction: what a message carries, from its beginning
 *
 * Who receives copies the bytes first and looks at the copy alone: the other side may write to the
 * area whenever it likes. Numbers are those of the machine, since both sides are on one.
 */
#ifndef RTI_FALCO_ISOLATE_WIRE_H
#define RTI_FALCO_ISOLATE_WIRE_H

#include "falco/plugin.h"

enum { RTI_FI_MAGIC = 0x31494652, RTI_FI_SOCKET = 3 /* of the process, when it starts */ };

/* "There is none", in the place of a text's length. */
#define RTI_FI_NULL UINT32_MAX

enum rti_fi_kind {
        RTI_FI_REQUEST = 1,
        RTI_FI_REPLY,
        RTI_FI_LOG,   /* from the process: text behind the message, severity in `rc` */
        RTI_FI_EVENT, /* from the process: an async event, to be answered by TAKEN */
        RTI_FI_TAKEN
};

enum rti_fi_function {
#define FUNCTION(id, name) RTI_FI_##id,
#include "falco/isolate/functions.def"
#undef FUNCTION
        RTI_FI_N_FUNCTIONS
};

enum {                        /* rti_fi_message.flags */
       RTI_FI_WANTS = 1 << 0, /* NEXT: other values are wanted ahead; the list is there */
       RTI_FI_MORE = 1 << 1,  /* its reply: the rest of the plug-in's batch follows */
       RTI_FI_ON = 1 << 2,    /* ASYNC, CAPTURE: begin, not end; OPEN's reply: there is a handle */
};

enum {                          /* of a value: u32 flags, u64 number of values, elements */
       RTI_FI_FAILED = 1 << 0,  /* extract_fields did */
       RTI_FI_CHANGED = 1 << 1, /* it changed what was asked */
       RTI_FI_ARRAY = 1 << 2,   /* it gave an array */
       RTI_FI_ELEMENTS = 1 << 3 /* which was read, and follows */
};

typedef struct rti_fi_message {
        uint32_t magic;
        uint16_t kind, function;
        uint64_t sequence; /* of the request */
        uint64_t len;      /* bytes in the sender's half */
        int32_t rc;        /* the plug-in's result */
        uint32_t flags;
} rti_fi_message;

enum { RTI_FI_LINE_BYTES = 2048 };

/* A message as it is received, perhaps with a log line. */
typedef struct rti_fi_packet {
        rti_fi_message head;
        char line[RTI_FI_LINE_BYTES];
} rti_fi_packet;

typedef struct rti_fi_channel {
        int socket, memory;
        char *out, *in; /* halves */
        uint64_t sequence;
        char *copy; /* of what came last; grows */
        size_t copy_room;
        atomic_bool closing; /* it is shut down on purpose */
} rti_fi_channel;

/* A channel and the other end's socket. RT_OK; RT_EIO with errno, RT_ELIMIT: files may not be so
 * large. */
int rti_fi_channel_make(rti_fi_channel *channel, int *ret_other);
/* The other end of one. RT_OK, RT_EIO. Takes the descriptors in either case. */
int rti_fi_channel_join(rti_fi_channel *channel, int socket, int memory);
void rti_fi_channel_done(rti_fi_channel *channel, const rt_allocator *allocator);
/* Give back what a large message took. */
void rti_fi_channel_trim(rti_fi_channel *channel, size_t used);
/* Send one message, with descriptors. RT_OK, RT_EAGAIN, RT_EIO. */
int rti_fi_send(int socket, const rti_fi_message *message, rt_str line, const int *fds,
                size_t n_fds);

/* ---- what messages carry ---- */

typedef struct rti_fi_writer {
        char *at;
        size_t used, room;
        bool full;
} rti_fi_writer;

typedef struct rti_fi_reader {
        const char *at;
        size_t left;
        bool bad; /* less was there than was read */
} rti_fi_reader;

void rti_fi_put(rti_fi_writer *w, const void *bytes, size_t n);
void rti_fi_put_u32(rti_fi_writer *w, uint32_t value);
void rti_fi_put_u64(rti_fi_writer *w, uint64_t value);
/* With a NUL behind it. */
void rti_fi_put_text(rti_fi_writer *w, rt_str text);
/* NULL is written as such, and of what has no end within @a most one byte more. */
void rti_fi_put_plain(rti_fi_writer *w, const char *text, size_t most);

const char *rti_fi_get(rti_fi_reader *r, size_t n);
uint32_t rti_fi_get_u32(rti_fi_reader *r);
uint64_t rti_fi_get_u64(rti_fi_reader *r);
/* NUL-terminated; `ptr` is NULL for one that was, and if the bytes end before. */
rt_str rti_fi_get_text(rti_fi_reader *r);

static inline rti_fi_writer
rti_fi_write_to(rti_fi_channel *channel)
{
        return (rti_fi_writer){ channel->out, 0, RTI_FP_MAX_EXCHANGE_BYTES, false };
}

#endif
