/* SPDX-License-Identifier: Apache-2.0 */
/*
 * json.h - JSON read in place.
 *
 * rti_json_parse scans a document once: it checks all of it, keeps the positions of its tokens (a
 * flat index, no tree), and notes the nodes that a projection asks for on the way. Values are
 * slices of the document; only what holds escapes is copied, when it is asked for.
 *
 * Two dialects:
 *   RTI_JSON_LENIENT  what the reference's reader takes (docs/semantics.md): numbers are kept as
 *                     written, raw control characters and unknown escapes pass, UTF-8 is unchecked
 *   RTI_JSON_STRICT   RFC 8259, UTF-8 checked
 * In both the first of duplicate names counts and nesting is bounded.
 *
 * A document object is reused from record to record and allocates only while it grows. It is one
 * thread's.
 */
#ifndef RTI_JSON_JSON_H
#define RTI_JSON_JSON_H

#include "base/arena.h"
#include "base/buf.h"

enum rti_json_type {
        RTI_JSON_MISSING, /* of RTI_JSON_NONE only */
        RTI_JSON_NULL,
        RTI_JSON_FALSE,
        RTI_JSON_TRUE,
        RTI_JSON_NUMBER,
        RTI_JSON_STRING,
        RTI_JSON_ARRAY,
        RTI_JSON_OBJECT
};

enum { RTI_JSON_LENIENT = 0, RTI_JSON_STRICT = 1 };

typedef struct rti_json rti_json;                       /* a document */
typedef struct rti_json_projection rti_json_projection; /* paths wanted of every document */

/* A value of the document last parsed: an index into its tokens. */
typedef uint32_t rti_json_node;
enum { RTI_JSON_NONE = 0xffffffff };

/* What is wrong with a document, and where. */
typedef struct rti_json_error {
        size_t offset;
        const char *message; /* static; NULL: nothing */
} rti_json_error;

/* Memory for unescaped strings: the event's. NULL: no more. */
typedef struct rti_json_memory {
        void *(*get)(void *user, size_t size_bytes);
        void *user;
} rti_json_memory;

int rti_json_new(const rt_allocator *allocator, rti_json **ret_doc);
void rti_json_free(rti_json *doc);

/* ---- projections ---- */

/* Paths are arrays of member names from the root. Path number i fills slot i. Immutable afterwards;
 * may be shared. */
typedef struct rti_json_path {
        const rt_str *names;
        size_t n;
} rti_json_path;
int rti_json_projection_new(const rt_allocator *allocator, const rti_json_path *paths, size_t n,
                            rti_json_projection **ret_projection);
void rti_json_projection_free(rti_json_projection *projection);

/* ---- parsing ---- */

/* Parse @a text, which must be one JSON value with nothing but blanks around it, and stay readable
 * while the document is used. Bytes outside of it are never touched.
 * @a projection may be NULL; @a ret_slots gets a node or RTI_JSON_NONE per path, NULL: see
 * rti_json_expect.
 * RT_OK; RT_EFORMAT, RT_ELIMIT (nesting, size) with *ret_error; RT_ENOMEM. */
int rti_json_parse(rti_json *doc, rt_str text, unsigned dialect,
                   const rti_json_projection *projection, rti_json_node *ret_slots,
                   rti_json_error *ret_error);

/* Documents will be parsed with this projection alone, until the next call of this: path i of the
 * one last parsed stands at (*ret_found)[(*ret_places)[i]], without a step for each path and
 * document. Nothing is found there before the first. RT_OK, RT_ENOMEM. */
int rti_json_expect(rti_json *doc, const rti_json_projection *projection,
                    const rti_json_node **ret_found, const uint32_t **ret_places);

/* As rti_json_parse, for the value that starts at text.ptr and is followed by anything: a record of
 * a longer text. *ret_length gets its length. What it costs depends on that length, not on
 * text.len, and so splitting and parsing are one scan.
 * RT_EOF (*ret_error says where): @a text ends inside of the value and is right so far. */
int rti_json_parse_prefix(rti_json *doc, rt_str text, unsigned dialect,
                          const rti_json_projection *projection, rti_json_node *ret_slots,
                          size_t *ret_length, rti_json_error *ret_error);

/* Say that many values of @a text will be read with rti_json_parse_prefix (text from there to its
 * end), and that no byte of it changes or moves until the next call of this: then what is scanned
 * for one value serves for the next ones too. An empty text ends that. */
void rti_json_window(rti_json *doc, rt_str text);

/* ---- looking around ---- */

rti_json_node rti_json_root(const rti_json *doc);
enum rti_json_type rti_json_type(const rti_json *doc, rti_json_node node);
/* Member of an object by its unescaped name (the first one); RTI_JSON_NONE if there is none or the
 * node is no object. A name spelled without escapes is preferred to an earlier escaped spelling,
 * always (the reference no longer does once a search in the object has failed). */
rti_json_node rti_json_get(const rti_json *doc, rti_json_node node, rt_str name);
/* Element of an array, from 0. */
rti_json_node rti_json_at(const rti_json *doc, rti_json_node node, uint64_t index);
/* Elements of an array, or members of an object; 0 for anything else. */
size_t rti_json_count(const rti_json *doc, rti_json_node node);
/* Iterate: first and next value of an array or object; RTI_JSON_NONE at the end. */
rti_json_node rti_json_first(const rti_json *doc, rti_json_node node);
rti_json_node rti_json_next(const rti_json *doc, rti_json_node value);
/* The name in front of a member's value, as written, without quotes, still escaped. */
rt_str rti_json_raw_name(const rti_json *doc, rti_json_node value);

/* The value's text as written (strings with their quotes, containers with their blanks). */
rt_str rti_json_raw(const rti_json *doc, rti_json_node node);
/* A string's content, unescaped; a slice where there is no escape. RT_OK, RT_EINVAL: no string,
 * RT_ENOMEM. */
int rti_json_string(const rti_json *doc, rti_json_node node, const rti_json_memory *memory,
                    rt_str *ret_text);
/* Is it a string with neither backslashes nor NULs in it? Then *ret_text is its content. */
bool rti_json_simple(const rti_json *doc, rti_json_node node, rt_str *ret_text);
/* The same for text between quotes. */
int rti_json_unescape(rt_str escaped, const rti_json_memory *memory, rt_str *ret_text);
/* Does the string hold a backslash? */
bool rti_json_has_escape(const rti_json *doc, rti_json_node node);

/* ---- writing ---- */

/* Strings that were read as values, and so are written unescaped (docs/semantics.md), and objects
 * whose names are.
 * One object per plug-in of the reference; cleared by rti_json_touched_clear for each event. */
typedef struct rti_json_touched rti_json_touched;
int rti_json_touched_new(const rt_allocator *allocator, rti_json_touched **ret_touched);
void rti_json_touched_free(rti_json_touched *touched);
void rti_json_touched_clear(rti_json_touched *touched);
int rti_json_touch(rti_json_touched *touched, rti_json_node node);

/* Append the value without blanks between its tokens, numbers and escapes as written (but see
 * touched, which may be NULL). */
void rti_json_compact(const rti_json *doc, rti_json_node node, const rti_json_touched *touched,
                      rti_buf *buf);
/* Is that, of a container, how it is written already? */
bool rti_json_is_compact(const rti_json *doc, rti_json_node node, const rti_json_touched *touched);
/* Append the text indented with two blanks, as Go's json.Indent does; RT_EFORMAT if it is not
 * strict JSON (Go's idea of it). */
int rti_json_indent(rt_str text, rti_buf *buf);

#endif
