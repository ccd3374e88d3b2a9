/* SPDX-License-Identifier: Apache-2.0 */
/*
 * program.h - compiled rules as one block of memory: the contract between compiler and engine.
 *
 * The block is a header and tables (sections.def) of fixed-size rows that refer to one another by
 * number and to texts by offset. It holds no pointers, so it can be written to a file and mapped.
 * Its bytes may come from anyone: rti_program_verify says whether every number is in range and
 * every walk ends; whatever it accepts can be bound and evaluated without a further check.
 *
 * Byte order and sizes are the machine's; `layout` tells programs of other machines apart.
 */
#ifndef RTI_PROGRAM_PROGRAM_H
#define RTI_PROGRAM_PROGRAM_H

#include "base/buf.h"
#include "lang/events.h"
#include "lang/lang.h"

enum { RTI_PROGRAM_MAGIC = 0x31505452, RTI_PROGRAM_VERSION = 5 };
enum { RTI_NONE = 0xffffffff };

enum rti_opcode {
#define OPCODE(id, operand, name, what) RTI_I_##id,
#include "program/opcodes.def"
#undef OPCODE
        RTI_N_OPCODES
};

enum rti_operand_of {
        RTI_A_NONE,
        RTI_A_PRED,
        RTI_A_SLOT,
        RTI_A_CLASSED,
        RTI_A_TYPED, /* a predicate, and in `class` the set of event codes for which it holds */
        RTI_A_EXPR,
        RTI_A_EVENT_SET
};

typedef struct rti_opcode_info {
        uint8_t operand; /* enum rti_operand_of */
        const char *name;
} rti_opcode_info;

extern const rti_opcode_info rti_opcodes[RTI_N_OPCODES];

/* ---- rows ---- */

typedef struct rti_p_text {
        uint32_t at, len; /* in texts */
} rti_p_text;

typedef struct rti_p_range {
        uint32_t first, n;
} rti_p_range;

typedef struct rti_insn {
        uint32_t op : 8;     /* enum rti_opcode */
        uint32_t class : 24; /* of predicate A, where a classifier decides it */
        uint32_t a;
        uint32_t yes, no; /* instructions behind this one */
} rti_insn;

/* Between a slot's value and an atom's constant. */
enum rti_relation {
#define RELATION(id, name, what) RTI_REL_##id,
#include "program/relations.def"
#undef RELATION
        RTI_N_RELATIONS
};

extern const char *const rti_relations[RTI_N_RELATIONS];

/* Comparisons of numbers with a bound are found together, other relations each on their own. */
static inline uint32_t
rti_relation_family(uint32_t relation)
{
        return relation >= RTI_REL_BELOW && relation <= RTI_REL_LEAST ? (uint32_t) RTI_REL_BELOW
                                                                      : relation;
}

enum rti_pred_what { RTI_P_TEST, RTI_P_EXISTS, RTI_P_COMPARE, RTI_N_PRED_WHATS };

/* A total boolean function of the event: false where a slot is missing. */
typedef struct rti_p_pred {
        uint8_t what;     /* enum rti_pred_what */
        uint8_t op;       /* enum rti_operator; never EQ2 */
        uint8_t modifier; /* enum rti_modifier */
        uint8_t reserved;
        uint32_t slot;
        uint32_t rhs;          /* COMPARE: slot */
        uint32_t class;        /* TEST: the classifier that decides it, or RTI_NONE */
        rti_p_range constants; /* TEST */
        rti_p_range atoms; /* with a class: those that it names. A single one: its number. Else a
                                  range of numbers, ascending */
} rti_p_pred;

/* What finds all atoms of one family of relations that hold of a slot's value. The tables depend on
 * the family; if they are empty, the atoms are compared one after the other:
 *
 *      EQUAL               cells by the constant's rti_hash
 *      NET                 cells by the hash of the bits that count, and numbers: the lengths (as
 *                          rt_value.count) of which there are networks
 *      BELOW and the like  numbers: where each of the four relations ends; atoms by relation and
 *                          bound
 *      texts               nodes and, from node and byte to node, cells: a trie, of SUFFIX the
 *                          other way round
 *      CONTAINS, ICONTAINS the same, entered at every place that the numbers let pass: a bitmap of
 *                          256 bits by the first byte for constants shorter than RTI_GRAM, nibbles
 *                          (below), and a bitmap by the hash of the first RTI_GRAM bytes of others
 *
 * Nibbles: 16 bytes for the lower half of a constant's first byte, 16 for the upper half, and so on
 * for RTI_NIBBLED bytes. A constant is in the bucket that its first byte's lowest three bits name;
 * that bit is set for the halves that it has, for all behind its end, and where case is folded for
 * both letters. A place that all six let pass in one bucket is to be looked at.
 */
typedef struct rti_p_class {
        uint32_t slot;
        uint32_t family;     /* enum rti_relation: rti_relation_family */
        rti_p_range atoms;   /* each atom belongs to one class, in order */
        rti_p_range cells;   /* open addressing; a power of two, at least one of them unused */
        rti_p_range nodes;   /* of tries; the first is the root */
        rti_p_range numbers; /* of numbers */
} rti_p_class;

enum { RTI_N_BOUNDS = RTI_REL_LEAST - RTI_REL_BELOW + 1 };
enum { RTI_GRAM = 4, RTI_NIBBLED = 3 };
enum { /* where they begin in the numbers, which are of 32 bits */
       RTI_NIBBLES_AT = 8,
       RTI_GRAMS_AT = RTI_NIBBLES_AT + RTI_NIBBLED * 8
};
enum { RTI_MOST_GRAM_POWER = 13, RTI_MOST_NET_LENGTHS = 33 + 129 };
enum { RTI_MOST_NODES = 1 << 24 };

/* Nodes lead to higher-numbered ones. */
typedef struct rti_p_trie {
        rti_p_text label; /* what leads to the node, first byte included; no NUL behind it */
        uint32_t atom;    /* that ends here, counted from the class's first; or RTI_NONE */
} rti_p_trie;

/* Cell of an edge, to be masked. */
static inline uint32_t
rti_edge_hash(uint32_t key)
{
        key *= 0x9e3779b1u;
        return key ^ key >> 15;
}

/* Cell of a gram in a bitmap of 32 << @a power bits. */
static inline uint32_t
rti_gram_hash(uint32_t gram, unsigned power)
{
        return (gram * 0x9e3779b1u) >> (27 - power);
}

typedef struct rti_p_atom {
        uint32_t class;
        uint32_t relation; /* enum rti_relation */
        uint32_t constant; /* but for PRESENT */
} rti_p_atom;

typedef struct rti_p_cell {
        uint32_t key; /* lower half of a hash; of an edge: node << 8 | byte */
        uint32_t to;  /* atom, counted from the class's first, or node; RTI_NONE: unused */
} rti_p_cell;

enum { RTI_INDEX_DEPTH = 4 }; /* switches on the way from a root to a rule */

/* Where the rules of an event are found: docs/design/0007. Nodes lead to higher-numbered ones. */
typedef struct rti_p_node {
        rti_p_range rules;    /* of numbers: candidates as soon as the node is reached */
        rti_p_range switches; /* what to look at next */
} rti_p_node;

typedef struct rti_p_switch {
        uint32_t class;
        rti_p_range entries; /* open addressing by atom; a power of two, at least one unused */
} rti_p_switch;

enum { RTI_TO_RULE = 1u << 31 }; /* rti_p_entry.to: the number is a rule's, else a node's */

typedef struct rti_p_entry {
        uint32_t atom; /* RTI_NONE: unused */
        uint32_t to;
} rti_p_entry;

/* Where the search for an atom begins. */
static inline uint32_t
rti_entry_hash(uint32_t atom)
{
        const uint32_t mixed = atom * 0x9e3779b1u;

        return mixed ^ mixed >> 15;
}

enum { /* rti_p_slot.flags */
       RTI_SLOT_IS_LIST = 1,
       RTI_SLOT_OUTPUT_ONLY = 2,
       RTI_SLOT_HAS_SELECTOR = 4,
       RTI_SLOT_ALL_DIFFER = 8,  /* with RT_ARG_ANY: `!=` holds for every element or not at all */
       RTI_SLOT_DYNAMIC = 16,    /* the value's kind is known per event only */
       RTI_SLOT_OF_SUBJECT = 32, /* the same in all events of one subject */
       RTI_SLOT_RESTLESS = 64    /* what it gives depends on when it is asked */
};

typedef struct rti_p_slot {
        uint8_t what;        /* enum rti_slot_what */
        uint8_t transformer; /* enum rti_transformer */
        uint8_t arg;         /* RT_ARG_* */
        uint8_t flags;       /* RTI_SLOT_* */
        uint32_t source;
        uint32_t kind;   /* RT_KIND_*; of the elements of a list */
        uint32_t format; /* RT_FORMAT_* */
        uint64_t index;
        rti_p_range args; /* of numbers: slots below this one; of a field: fields that it reads */
        rti_p_text field, key;
        uint32_t constant;
        uint32_t reserved;
} rti_p_slot;

typedef struct rti_p_constant {
        uint32_t kind, count; /* as rt_value */
        union {
                uint64_t bits[2];
                rti_p_text text;
        } as;
} rti_p_constant;

typedef struct rti_p_source {
        rti_p_text name;
        uint32_t first_type; /* event code that by_type begins with */
        rti_p_range by_type; /* of numbers: the group of each event code, or RTI_NONE */
} rti_p_source;

typedef struct rti_p_rule {
        rti_p_text name, desc;
        uint32_t source;
        uint32_t priority; /* RT_PRIORITY_* */
        uint32_t verdict;  /* 0: none, else 1 + RT_VERDICT_* */
        uint32_t format;
        uint32_t events; /* set of event codes that it looks at */
        rti_p_range tags, extras;
} rti_p_rule;

typedef struct rti_p_format {
        rti_p_range tokens, fields;
        uint32_t lenient;
} rti_p_format;

typedef struct rti_p_token {
        rti_p_text text, name;
        uint32_t slot; /* RTI_NONE: literal text */
        uint32_t width;
} rti_p_token;

typedef struct rti_p_field {
        rti_p_text name;
        uint32_t slot;
} rti_p_field;

enum rti_extra_what {
        RTI_EXTRA_VALUE, /* the format's one slot */
        RTI_EXTRA_TEXT,  /* the rendered format */
        RTI_EXTRA_ASKED, /* no output: its one slot says what becomes of a match */
        RTI_EXTRA_ALSO   /* the same, of a rule that is asked besides others; the key is where that
                            is: "line:column:file" */
};

typedef struct rti_p_extra {
        rti_p_text key;
        uint32_t text; /* enum rti_extra_what */
        uint32_t format;
} rti_p_extra;

/* What events of one type need so that a rule can match: as rt_event_filter. Empty ranges: any. */
typedef struct rti_p_need {
        uint32_t source, type;
        uint32_t results, fd_nums, fd_kinds, open_modes, scopes, raw_paths;
        rti_p_range paths, names; /* of need_texts */
} rti_p_need;

/* ---- the block ---- */

enum rti_section {
#define SECTION(id, member, element, what) RTI_S_##id,
#include "program/sections.def"
#undef SECTION
        RTI_N_SECTIONS
};

typedef struct rti_section_info {
        const char *name;
        uint32_t size_bytes; /* of an element */
} rti_section_info;

extern const rti_section_info rti_sections[RTI_N_SECTIONS];

typedef struct rti_program {
        uint32_t magic, version;
        uint32_t
                layout; /* checksum over the sizes of all rows and the counts of all vocabularies */
        uint32_t reserved;
        uint64_t size_bytes; /* of the whole block */
        uint64_t checksum;   /* of all that follows: against accidents, not against enemies */
        struct {
                uint64_t at; /* bytes from the block's begin, a multiple of 8 */
                uint32_t n;  /* elements */
                uint32_t reserved;
        } section[RTI_N_SECTIONS];
} rti_program;

/* The tables of a block, ready to be indexed. */
typedef struct rti_program_view {
#define SECTION(id, member, element, what) \
        const element *member;             \
        uint32_t n_##member;
#include "program/sections.def"
#undef SECTION
} rti_program_view;

uint32_t rti_program_layout(void);
uint64_t rti_program_checksum(const rti_program *program);
/* Only after rti_program_verify, or for a block made by emit.c. */
void rti_program_look(const rti_program *program, rti_program_view *ret_view);

static inline rt_str
rti_program_text(const rti_program_view *view, rti_p_text text)
{
        return (rt_str){ view->texts + text.at, text.len };
}

/* Is it a program of this library, of that size, as it was written? RT_OK, RT_EFORMAT. */
int rti_program_check(const rti_program *program, size_t size_bytes, const char **ret_why);

/* Is the block of @a size_bytes at @a program, aligned for rti_program, one that can be bound and
 * evaluated? *ret_why: what is wrong, static. RT_OK, RT_EFORMAT, RT_ENOMEM. */
int rti_program_verify(const rti_program *program, size_t size_bytes, const rt_allocator *allocator,
                       const char **ret_why);

#endif
