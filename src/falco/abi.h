/* SPDX-License-Identifier: Apache-2.0 */
/*
 * abi.h - the C interface of Falco's plug-ins, version 3.12.0, as structures and functions.
 *
 * Everything here is laid out as the plug-in sees it; nothing of it may change. A bool is 32 bits
 * wide. Strings that a plug-in returns are its own, valid until the next call on the same object.
 */
#ifndef RTI_FALCO_ABI_H
#define RTI_FALCO_ABI_H

#include <stddef.h>
#include <stdint.h>

enum { RTI_FP_MAJOR = 3, RTI_FP_MINOR = 12, RTI_FP_PATCH = 0 };
/* Of the table of events: types and parameters as src/lang/events.def has them. */
enum { RTI_FP_EVENTS_MAJOR = 4, RTI_FP_EVENTS_MINOR = 5, RTI_FP_EVENTS_PATCH = 1 };

enum rti_fp_rc {
        RTI_FP_SUCCESS = 0,
        RTI_FP_FAILURE = 1,
        RTI_FP_TIMEOUT = -1,
        RTI_FP_EOF = 2,
        RTI_FP_NOT_SUPPORTED = 3
};

enum { /* types of fields */
       RTI_FP_UINT64 = 8,
       RTI_FP_STRING = 9,
       RTI_FP_RELTIME = 20,
       RTI_FP_ABSTIME = 21,
       RTI_FP_BOOL = 25,
       RTI_FP_IPADDR = 40,
       RTI_FP_IPNET = 41
};

enum { /* types of keys and columns of tables */
       RTI_FP_STATE_INT8 = 1,
       RTI_FP_STATE_INT16 = 2,
       RTI_FP_STATE_INT32 = 3,
       RTI_FP_STATE_INT64 = 4,
       RTI_FP_STATE_UINT8 = 5,
       RTI_FP_STATE_UINT16 = 6,
       RTI_FP_STATE_UINT32 = 7,
       RTI_FP_STATE_UINT64 = 8,
       RTI_FP_STATE_STRING = 9,
       RTI_FP_STATE_TABLE = 10,
       RTI_FP_STATE_BOOL = 25
};

enum { RTI_FP_SCHEMA_NONE = 0, RTI_FP_SCHEMA_JSON = 1 };
enum { RTI_FP_LOG_FATAL = 1, RTI_FP_LOG_TRACE = 8 };
enum { RTI_FP_ERROR_BYTES = 1024 }; /* of an async event handler's error text */

enum { RTI_FP_PLUGIN_EVENT = 322, RTI_FP_ASYNC_EVENT = 402 };

/* An event: this header, then the lengths of its parameters, then their bytes. Lengths have four
 * bytes in the two types of events that plug-ins make. */
typedef struct rti_fp_event {
        uint64_t time_ns; /* UINT64_MAX: now */
        uint64_t tid;
        uint32_t len; /* all of it */
        uint16_t type;
        uint32_t n_params;
} __attribute__((packed)) rti_fp_event;

enum {
        RTI_FP_HEADER_BYTES = 26,
        RTI_FP_PAYLOAD_AT = RTI_FP_HEADER_BYTES + 2 * 4 + 4 /* of a plug-in's event */
};

typedef struct rti_fp_event_input {
        const rti_fp_event *event;
        uint64_t number;
        const char *source;
} rti_fp_event_input;

typedef struct rti_fp_bytes {
        uint32_t len;
        const void *ptr;
} rti_fp_bytes;

typedef struct rti_fp_extract_field {
        union {
                const char **text;
                uint64_t *u64;
                uint32_t *boolean;
                rti_fp_bytes *bytes;
                void *any;
        } values;
        uint64_t n_values;
        uint32_t field_id;
        const char *field;
        const char *arg_key;
        uint64_t arg_index;
        uint32_t arg_present;
        uint32_t type;
        uint32_t list;
} rti_fp_extract_field;

/* ---- tables ---- */

typedef union rti_fp_data {
        int8_t s8;
        int16_t s16;
        int32_t s32;
        int64_t s64;
        uint8_t u8;
        uint16_t u16;
        uint32_t u32;
        uint64_t u64;
        const char *text;
        uint32_t boolean;
        void *table;
} rti_fp_data;

typedef struct rti_fp_table_info {
        const char *name;
        uint32_t key_type;
} rti_fp_table_info;

typedef struct rti_fp_column_info {
        const char *name;
        uint32_t type;
        uint32_t read_only;
} rti_fp_column_info;

typedef uint32_t rti_fp_each_fn(void *state, void *entry);

typedef struct rti_fp_columns {
        const rti_fp_column_info *(*list)(void *table, uint32_t *ret_n);
        void *(*get)(void *table, const char *name, uint32_t type);
        void *(*add)(void *table, const char *name, uint32_t type);
} rti_fp_columns;

typedef struct rti_fp_reader {
        const char *(*name)(void *table);
        uint64_t (*size)(void *table);
        void *(*get)(void *table, const rti_fp_data *key);
        int32_t (*read)(void *table, void *entry, const void *column, rti_fp_data *ret_data);
} rti_fp_reader;

typedef struct rti_fp_reader_ext {
        rti_fp_reader basic;
        void (*release)(void *table, void *entry);
        uint32_t (*each)(void *table, rti_fp_each_fn *fn, void *state);
} rti_fp_reader_ext;

typedef struct rti_fp_writer {
        int32_t (*clear)(void *table);
        int32_t (*erase)(void *table, const rti_fp_data *key);
        void *(*create)(void *table);
        void (*destroy)(void *table, void *entry);
        void *(*add)(void *table, const rti_fp_data *key, void *entry);
        int32_t (*write)(void *table, void *entry, const void *column, const rti_fp_data *data);
} rti_fp_writer;

typedef struct rti_fp_table_input {
        const char *name;
        uint32_t key_type;
        void *table;
        rti_fp_reader reader;
        rti_fp_writer writer;
        rti_fp_columns columns;
        const rti_fp_reader_ext *reader_ext;
        const rti_fp_writer *writer_ext;
        const rti_fp_columns *columns_ext;
} rti_fp_table_input;

/* ---- what functions get ---- */

typedef const char *rti_fp_owner_error_fn(void *owner);

typedef struct rti_fp_tables {
        const rti_fp_table_info *(*list)(void *owner, uint32_t *ret_n);
        void *(*get)(void *owner, const char *name, uint32_t key_type);
        int32_t (*add)(void *owner, const rti_fp_table_input *input);
        rti_fp_columns columns;
        const rti_fp_columns *columns_ext;
        const rti_fp_reader_ext *reader_ext;
        const rti_fp_writer *writer_ext;
} rti_fp_tables;

typedef struct rti_fp_init_input {
        const char *config;
        void *owner;
        rti_fp_owner_error_fn *owner_error;
        const rti_fp_tables *tables;
        void (*log)(void *owner, const char *component, const char *message, int32_t severity);
} rti_fp_init_input;

typedef struct rti_fp_offsets {
        uint32_t *start;
        uint32_t *length;
} rti_fp_offsets;

typedef struct rti_fp_extract_input {
        void *owner;
        rti_fp_owner_error_fn *owner_error;
        uint32_t n_fields;
        rti_fp_extract_field *fields;
        rti_fp_reader reader;
        const rti_fp_reader_ext *reader_ext;
        rti_fp_offsets *offsets;
} rti_fp_extract_input;

typedef struct rti_fp_parse_input {
        void *owner;
        rti_fp_owner_error_fn *owner_error;
        rti_fp_reader reader;
        rti_fp_writer writer;
        const rti_fp_reader_ext *reader_ext;
        const rti_fp_writer *writer_ext;
} rti_fp_parse_input;

typedef uint32_t rti_fp_routine_fn(void *plugin, void *state);

typedef struct rti_fp_routines {
        void *(*subscribe)(void *owner, rti_fp_routine_fn *fn, void *state);
        int32_t (*unsubscribe)(void *owner, void *routine);
} rti_fp_routines;

typedef struct rti_fp_listen_input {
        void *owner;
        const rti_fp_routines *routines;
        const rti_fp_reader_ext *reader_ext;
        const rti_fp_writer *writer_ext;
        rti_fp_owner_error_fn *owner_error;
} rti_fp_listen_input;

typedef int32_t rti_fp_async_fn(void *owner, const rti_fp_event *event, char *error);

typedef struct rti_fp_config_input {
        const char *config;
} rti_fp_config_input;

enum { /* value_type of a metric */
       RTI_FP_METRIC_U32 = 0,
       RTI_FP_METRIC_S32 = 1,
       RTI_FP_METRIC_U64 = 2,
       RTI_FP_METRIC_S64 = 3,
       RTI_FP_METRIC_DOUBLE = 4,
       RTI_FP_METRIC_FLOAT = 5,
       RTI_FP_METRIC_INT = 6
};

typedef struct rti_fp_metric {
        const char *name;
        int32_t type; /* 0: it only grows, 1: not */
        union {
                uint32_t u32;
                int32_t s32; /* and of an int */
                uint64_t u64;
                int64_t s64;
                double d;
                float f;
        } value;
        int32_t value_type;
} rti_fp_metric;

/* ---- the functions; symbols.def lists them ---- */

typedef struct rti_fp_api {
#define SYMBOL(name, needed, result, arguments) result(*name) arguments;
#include "falco/symbols.def"
#undef SYMBOL
} rti_fp_api;

#endif
