/* SPDX-License-Identifier: Apache-2.0 */
/*
 * random.h - random rules and random events: the compiled program against a naive evaluator.
 *
 *      events.c   a source whose events are numbers; all about an event follows from its number
 *      rules.c    conditions as text, then through the real front end
 *      lists.c    lists that change at run time, each in a few versions
 *      naive.c    walks the typed trees as they are, remembers nothing (naive.h)
 *      random.c   compares the two, for every pass on and off
 */
#ifndef RTI_ORACLE_RANDOM_H
#define RTI_ORACLE_RANDOM_H

#include "compiler/emit/atoms.h"
#include "chance.h"
#include "compiler/emit/emit.h"
#include "naive.h"

/* ---- events ---- */

enum { N_CHOICES = 32, N_KEYS = 4 };

/* One field of the source: its values to choose from, for each argument. */
typedef struct random_field {
        const char *name;
        uint32_t kind, flags;
        rt_value choice[N_KEYS][N_CHOICES];
        bool missing[N_KEYS][N_CHOICES];
} random_field;

extern random_field random_fields[];
extern const size_t random_n_fields;
extern const rt_source_ops random_source;
/* Arguments that fields with RT_FIELD_ARG_KEY know. */
extern const char *const random_keys[N_KEYS];
/* Of those whose kind depends on it: names of event parameters. */
extern const char *const random_params[N_KEYS];

/* Words that values and constants are made of. */
extern const char *const random_words[];
extern const size_t random_n_words;
/* Numbers that constants are made of, as text; some are what no field can hold. */
extern const char *const random_numbers[];
extern const size_t random_n_numbers;

/* Fill the choices; once. Memory is the arena's. */
int random_fields_init(rti_arena *arena);

/* Event @a number of @a seed: its code, its subject, and the choice of each field. */
typedef struct random_event {
        uint32_t type;
        uint64_t subject;
        uint8_t pick[64];
} random_event;

void random_event_make(uint64_t seed, uint64_t number, random_event *event);
/* Value of a field of the event, NULL: missing. @a key: the argument's text, empty if none. A field
 * with RT_FIELD_ANY_OF gives a list for RT_ARG_ANY, else its first element. */
const rt_value *random_event_value(const random_event *event, size_t field, uint32_t arg,
                                   rt_str key);
/* Bytes that make the source deliver events first ... first + n - 1. */
enum { RANDOM_RECORD_BYTES = 16 };
void random_records(char *to, uint64_t seed, uint64_t first, size_t n);

/* ---- lists that change at run time ---- */

/* Two of each kind; the first version is empty. */
enum { N_LISTS = 6, N_VERSIONS = 6 };

/* What a list's name stands for, for rti_checker.elements; NULL: it is none of them. */
rti_elements *random_elements(rt_str name, void *user);
const char *random_list_name(size_t list);
uint32_t random_list_kind(size_t list);
/* For naive_lists.elements. */
const rt_str *random_list_elements(void *user, rt_str name, size_t version, size_t *ret_n);
/* N_LISTS if it is none. */
size_t random_list_number(rt_str name);
/* One version, built. NULL is not empty, but no list. */
int random_list_make(rt_engine *engine, size_t list, size_t version, rt_list **ret_list);

/* ---- rules ---- */

typedef struct random_rules {
        rti_arena arena;
        rti_registry *registry;
        size_t source;
        rti_rules rules;
        rt_str *texts;
} random_rules;

/* @a n rules; the same for the same seed. @a lists: some ask for lists that change. */
int random_rules_make(random_rules *r, uint64_t seed, uint32_t n);
int random_rules_make_by(random_rules *r, const chance *c, uint32_t n, bool lists);
void random_rules_done(random_rules *r);
/* As rti_emit_ruleset with all passes, and a classifier for whatever can have one. */
int random_emit_all_atoms(const rti_rules *rules, rt_ruleset **ret_rules);

#endif
