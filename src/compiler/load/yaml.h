/* SPDX-License-Identifier: Apache-2.0 */
/*
 * yaml.h - YAML text as nodes that know where they stand.
 *
 * Decoding follows yaml-cpp, which the reference uses: plain `~`, `null`, `Null`, `NULL` and
 * nothing at all are null unless tagged, tags are ignored otherwise, the first of equal keys
 * counts, and an alias is the very node it names. Depth and number of nodes are bounded with
 * aliases expanded, so that what walks over the nodes needs no care about bombs.
 *
 * Offsets count bytes of `text`, which has no byte order mark.
 */
#ifndef RTI_LOAD_YAML_H
#define RTI_LOAD_YAML_H

#include "base/arena.h"
#include "lang/diag.h"

enum rti_yaml_kind { RTI_YAML_NULL, RTI_YAML_SCALAR, RTI_YAML_LIST, RTI_YAML_MAP };

enum rti_yaml_style {
        RTI_YAML_PLAIN,
        RTI_YAML_SINGLE,
        RTI_YAML_DOUBLE,
        RTI_YAML_LITERAL,
        RTI_YAML_FOLDED
};

typedef struct rti_yaml_node {
        uint8_t kind;        /* enum rti_yaml_kind */
        uint8_t style;       /* of a scalar: enum rti_yaml_style */
        bool open;           /* while it is being read */
        uint16_t depth;      /* 1: nothing inside */
        uint32_t weight;     /* this node and all inside, aliases expanded */
        uint32_t start, end; /* in the text */
        uint32_t n;          /* children; of a map: keys and values by turns */
        rt_str text;         /* of a scalar: decoded; nothing need end it */
        struct rti_yaml_node **child;
} rti_yaml_node;

typedef struct rti_yaml_file {
        rt_str name, text;
        uint32_t n_lines;
        uint32_t *lines; /* where each begins */
        uint32_t n_docs;
        rti_yaml_node **docs;
} rti_yaml_file;

typedef struct rti_yaml_error {
        enum rti_diag_id id; /* YAML_PARSE or LIMIT */
        uint32_t offset;
        rt_str message;
} rti_yaml_error;

/* Read a whole file. Name and text are borrowed, nodes are @a arena's. RT_OK; RT_ERULES, RT_ELIMIT
 * with *ret_error, and *ret_file good for rti_yaml_place; RT_ENOMEM. */
int rti_yaml_read(rti_arena *arena, rt_str name, rt_str text, rti_yaml_file **ret_file,
                  rti_yaml_error *ret_error);

/* Value of the first such key, or NULL: there is none (or @a map is no map). */
const rti_yaml_node *rti_yaml_get(const rti_yaml_node *map, const char *key);

/* Line and column, from 0, as a YAML mark has them. */
void rti_yaml_mark(const rti_yaml_file *file, uint32_t offset, uint32_t *ret_line,
                   uint32_t *ret_column);
/* From 1, from one offset to another. */
rti_place rti_yaml_place(const rti_yaml_file *file, uint32_t start, uint32_t end);
/* Where in the text byte @a at of a scalar's decoded text was written. */
uint32_t rti_yaml_offset(const rti_yaml_file *file, const rti_yaml_node *node, uint32_t at);

#endif
