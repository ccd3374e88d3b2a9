/* SPDX-License-Identifier: Apache-2.0 */
/*
 * doc.h - what a parsed document is made of; for the files of this folder (and, by kept.h,
 * for what is asked so often that it is inline).
 *
 *   at[i]    offset of token i (scan.h); at[n] = where the document ends
 *   kinds[i] the byte there; behind the last token some zeros
 *   link[i]  for `{` and `[`: the token that closes it
 *
 * A node is the token that begins a value. In an object the tokens are name, colon, value, comma.
 */
#ifndef RTI_JSON_DOC_H
#define RTI_JSON_DOC_H

#include "json/json.h"
#include "json/scan.h"
#include "lang/lang.h"

struct rti_json {
        const rt_allocator *allocator;
        rti_json_kernel kernel;
        rti_json_scan scan;
        const char *text;
        const uint32_t *at;
        const char *kinds;
        uint32_t n;   /* tokens of the value */
        bool escapes; /* there may be a backslash in it */
        bool plain;   /* any string in it is right */
        uint32_t *link;
        size_t link_room;
        rti_json_node *found; /* by node of the projection */
        size_t found_room;
        /* parse.c: */
        rt_str window;  /* text that stays as it is */
        size_t first;   /* token of the scan that is token 0 here */
        size_t next;    /* token of the scan behind the last value, */
        bool resumable; /* if this holds */
};

/* Use another kernel than the best; for tests. */
void rti_json_use_kernel(rti_json *doc, rti_json_kernel kernel);

/* ---- bytes ---- */

static inline bool
is_blank(char c)
{
        return c == ' ' || c == '\n' || c == '\r' || c == '\t';
}

/* Where the text of a token that is no container ends. */
static inline uint32_t
token_end(const rti_json *doc, uint32_t token)
{
        uint32_t end = doc->at[token + 1];

        while (is_blank(doc->text[end - 1]))
                end--;
        return end;
}

/* The token behind a value. */
static inline uint32_t
behind(const rti_json *doc, uint32_t node)
{
        const char c = doc->kinds[node];

        return (c == '{' || c == '[' ? doc->link[node] : node) + 1;
}

/* Is this string a member's name? */
static inline bool
is_name(const rti_json *doc, uint32_t token)
{
        return doc->kinds[token + 1] == ':';
}

/* ---- what projections look like to walk.c: project.c ---- */

typedef struct rti_json_wanted {
        uint64_t head, tail; /* first and last 8 bytes; of a shorter name all of it, and 0 */
        uint32_t len;
        uint32_t child; /* 0: the place is free */
        const char *name;
} rti_json_wanted;

typedef struct rti_json_level {
        const rti_json_wanted *table; /* places: a power of two */
        uint64_t factor;
        uint32_t shift; /* 64 - log2 of the places */
        uint32_t mask;
        uint32_t children; /* 0: only the value itself is wanted */
} rti_json_level;

struct rti_json_projection {
        rt_allocator allocator;
        rti_json_level *levels; /* [0] is the root */
        uint32_t n_levels;
        uint32_t n_paths;
        uint32_t *ends; /* by path: its level */
        rti_json_path *paths;
        rt_str *names;
        rti_json_wanted *tables;
        char *bytes;
};

static inline uint64_t
rti_json_load(const char *at)
{
        uint64_t word;

        memcpy(&word, at, sizeof word);
        return word;
}

static inline uint64_t
rti_json_mix(uint64_t head, uint64_t tail, uint32_t len)
{
        return head ^ (tail << 7 | tail >> 57) ^ len;
}

/* The child of @a level that is called so, 0 if there is none. @a head and @a tail as above. */
static inline uint32_t
rti_json_find(const rti_json_level *level, rt_str name, uint64_t head, uint64_t tail)
{
        uint32_t place = (uint32_t) ((rti_json_mix(head, tail, (uint32_t) name.len) * level->factor)
                                     >> level->shift);

        for (;; place = (place + 1) & level->mask) {
                const rti_json_wanted *w = &level->table[place];

                if (w->child == 0)
                        return 0;
                if (w->head == head && w->tail == tail && w->len == name.len
                    && (name.len <= 16 || memcmp(w->name, name.ptr, name.len) == 0))
                        return w->child;
        }
}

/* Both ends of a name of which only these bytes may be read. */
void rti_json_ends(rt_str name, uint64_t *ret_head, uint64_t *ret_tail);

/* ---- walk.c ---- */

enum { RTI_JSON_EXHAUSTED = 1 };

typedef struct rti_json_walked {
        uint32_t tokens; /* of the value */
        bool again;      /* names were met that must be looked up unescaped */
} rti_json_walked;

/* Check the grammar of the tokens in doc->at, fill doc->link and doc->found. RT_OK;
 * RTI_JSON_EXHAUSTED: nothing wrong, but the tokens end inside of the value; RT_EFORMAT,
 * RT_ELIMIT. */
int rti_json_walk(rti_json *doc, unsigned dialect, const rti_json_projection *projection,
                  rti_json_walked *ret_walked, rti_json_error *ret_error);

/* ---- text.c ---- */

/* What the character or escape at the start of @a s, which is not empty, stands for: up to 12
 * bytes. *ret_used gets its length. */
size_t rti_json_unescape_one(rt_str s, char *to, size_t *ret_used);

/* ---- quote.c ---- */

/* Write @a s as Go quotes it. @a to has room for 4 bytes for each and 2 more. The length. */
size_t rti_json_go_quote(rt_str s, char *to);

/* ---- strict.c ---- */

/* Length of the number at the start of @a s by RFC 8259, 0 if there is none. */
size_t rti_json_strict_number(rt_str s);
/* Is this, between quotes, right by RFC 8259? @a utf8: also UTF-8 is checked. SIZE_MAX: yes; else
 * the offset of what is wrong. */
size_t rti_json_strict_string(rt_str s, bool utf8);
/* Are all bytes in 0x20..0x7f? Then strings without backslashes are right. */
bool rti_json_all_plain(rt_str s);

#endif
