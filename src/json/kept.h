/* SPDX-License-Identifier: Apache-2.0 */
/*
 * kept.h - values as they were written in documents before: is this one what it was?
 *
 * Raw bytes are compared, so that nothing is typed or unescaped, and what is written the same is
 * the same. This is asked once a field and record, which is why it is inline.
 */
#ifndef RTI_JSON_KEPT_H
#define RTI_JSON_KEPT_H

#include "json/doc.h"

enum { RTI_JSON_MOST_KEPT = 240, RTI_JSON_KEPT_MISSING = UINT32_MAX };

/* A value as it was written when rti_json_keep saw it last; all zero at the start. */
typedef struct rti_json_kept {
        uint64_t version; /* grows whenever another value is kept */
        uint32_t len;     /* 0: nothing is known */
        char text[RTI_JSON_MOST_KEPT];
} rti_json_kept;

/* @a n is not 0. Reads no byte outside of either. */
static inline bool
rti_json_same_bytes(const char *a, const char *b, uint32_t n)
{
        uint32_t head[2], tail[2];

        if (n >= 8) {
                for (uint32_t i = 0; i < n - 8; i += 8)
                        if (rti_json_load(a + i) != rti_json_load(b + i))
                                return false;
                return rti_json_load(a + n - 8) == rti_json_load(b + n - 8);
        }
        if (n < 4)
                return a[0] == b[0] && a[n / 2] == b[n / 2] && a[n - 1] == b[n - 1];
        memcpy(&head[0], a, 4);
        memcpy(&head[1], b, 4);
        memcpy(&tail[0], a + n - 4, 4);
        memcpy(&tail[1], b + n - 4, 4);
        return head[0] == head[1] && tail[0] == tail[1];
}

/* Blanks behind a value count as its own. */
static inline uint32_t
rti_json_kept_len(const rti_json *doc, rti_json_node node)
{
        return node == RTI_JSON_NONE ? RTI_JSON_KEPT_MISSING : doc->at[node + 1] - doc->at[node];
}

/* Is the value, or its being missing, what is kept? Containers never are. */
static inline bool
rti_json_is_kept(const rti_json *doc, rti_json_node node, const rti_json_kept *kept)
{
        const uint32_t len = rti_json_kept_len(doc, node);

        return len == kept->len
               && (len == RTI_JSON_KEPT_MISSING
                   || rti_json_same_bytes(doc->text + doc->at[node], kept->text, len));
}

/* Keep the value, which is not what is kept. */
void rti_json_keep(const rti_json *doc, rti_json_node node, rti_json_kept *kept);

#endif
