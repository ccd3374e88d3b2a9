/* SPDX-License-Identifier: Apache-2.0 */
/*
 * family.h - private to ops/: what operand.c and the operator families share.
 *
 * A family's build function gets an operand whose op, modifier (none), type, n and values are set
 * and copied, and sets `test` and, where it needs more, `aux`. Tests never allocate and never fail.
 */
#ifndef RTI_LANG_OPS_FAMILY_H
#define RTI_LANG_OPS_FAMILY_H

#include "base/hash.h"
#include "lang/ops/ops.h"

/* Where a build puts its memory and what it has to say. */
typedef struct rti_build {
        rti_arena *arena;
        rt_str error, warning;
} rti_build;

typedef bool rti_test_fn(const rti_operand *operand, const rt_value *value, void *scratch);

int rti_number_build(rti_build *build, rti_operand *operand);
int rti_string_build(rti_build *build, rti_operand *operand);
int rti_bytes_build(rti_build *build, rti_operand *operand);
int rti_set_build(rti_build *build, rti_operand *operand);
int rti_net_build(rti_build *build, rti_operand *operand);
int rti_glob_build(rti_build *build, rti_operand *operand);
int rti_pmatch_build(rti_build *build, rti_operand *operand);
int rti_regex_build(rti_build *build, rti_operand *operand);
void rti_regex_done(rti_operand *operand);
/* The test of a value whose kind need not be the operand's (ops_dynamic.c); aux is the operand to
 * use when it is. */
rti_test_fn rti_dynamic_test;

/* Sets *ret_error in the arena: RT_ERULES, or RT_ENOMEM. */
int rti_refuse(rti_arena *arena, rt_str *ret_error, const char *format, ...)
        __attribute__((format(printf, 3, 4)));

/* The part before the first NUL: what strings are to every operator but in and intersects. */
static inline rt_str
rti_cut(rt_str s)
{
        const char *nul = s.len ? memchr(s.ptr, '\0', s.len) : NULL;

        return nul ? (rt_str){ s.ptr, (size_t) (nul - s.ptr) } : s;
}

/* Is @a s, cut at its first NUL, equal to @a text, which has none? */
static inline bool
rti_cut_eq(rt_str s, rt_str text)
{
        return s.len >= text.len && (s.len == text.len || s.ptr[text.len] == '\0')
               && (text.len == 0 || memcmp(s.ptr, text.ptr, text.len) == 0);
}

static inline unsigned char
rti_lower(unsigned char c)
{
        return c >= 'A' && c <= 'Z' ? (unsigned char) (c | 0x20) : c;
}

/* POSIX fnmatch in the C locale, without flags or with letter case folded. Given up after
 * RTI_MAX_GLOB_STEPS: no match, and counted in @a scratch, which may be NULL. */
bool rti_glob_match(rt_str pattern, rt_str text, bool fold, rti_op_scratch *scratch);
/* Does it hold what fnmatch does not take literally? A backslash alone does not count. */
bool rti_is_pattern(rt_str s);
/* What is left of a path: takes its next component, without slashes. Empty: there is none. */
rt_str rti_path_next(rt_str *path);
/* A limit was hit. */
void rti_op_scratch_limited(rti_op_scratch *scratch);
/* Index of the first @a needle, a constant, or SIZE_MAX. */
size_t rti_find(rt_str s, rt_str needle);
/* The same, letter case of ASCII aside; @a needle is in lower case. */
size_t rti_find_fold(rt_str s, rt_str needle);

/* Bytes of the address in an IPADDR or IPNET value. */
static inline uint32_t
rti_ip_bytes(const rt_value *value)
{
        return value->count & 0xff;
}

/* Are the kinds and bytes the same? For addresses, networks of the same length. */
static inline bool
rti_ip_eq(const rt_value *a, const rt_value *b)
{
        return a->count == b->count && memcmp(a->as.ip, b->as.ip, rti_ip_bytes(a)) == 0;
}

/* Is the address in the network? An address of the other family is in none. */
bool rti_net_has(const rt_value *net, const rt_value *address);

/* Of the bits of @a address that count in a network of @a length, as its rt_value.count: what two
 * addresses in the same network have in common. */
uint32_t rti_net_hash(const rt_value *address, uint32_t length);

/* One element of a set, of a kind that is not IPNET: are the bytes the same? */
bool rti_same(uint32_t kind, const rt_value *a, const rt_value *b);
uint64_t rti_same_hash(uint32_t kind, const rt_value *value);

#endif
