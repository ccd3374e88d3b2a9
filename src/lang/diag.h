/* SPDX-License-Identifier: Apache-2.0 */
/* diag.h - diagnostics: added where a problem is found, printed by rt_diags_print. */
#ifndef RTI_LANG_DIAG_H
#define RTI_LANG_DIAG_H

#include "base/arena.h"
#include <libruntime/runtime.h>
#include <stdbool.h>

enum rti_diag_id {
#define DIAG(code, id, severity, falco, title, explanation) RTI_D_##id,
#include "lang/diags.def"
#undef DIAG
        RTI_N_DIAGS
};

typedef struct rti_diag_info {
        uint32_t code;     /* 1042 */
        uint32_t severity; /* RT_ERROR ... */
        const char *falco; /* "LOAD_ERR_VALIDATE", or NULL for our own */
        const char *title;
        const char *explanation;
} rti_diag_info;

extern const rti_diag_info rti_diag_infos[RTI_N_DIAGS];

/* A place in a file, both ends from 1; 0: the whole file. */
typedef struct rti_place {
        uint32_t line, column, end_line, end_column;
} rti_place;

/* One step of Falco's location chain: where, from the file inwards. Positions are YAML marks,
 * from 0. */
typedef struct rti_location {
        const char *item_type; /* "rule condition" */
        rt_str item_name;
        rt_str file;
        uint32_t line, column, offset;
        struct rti_location *outer;
} rti_location;

#endif
