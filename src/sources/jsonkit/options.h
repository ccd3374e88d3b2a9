/* SPDX-License-Identifier: Apache-2.0 */
/* options.h - settings that sources over JSON share. */
#ifndef RTI_SOURCES_JSONKIT_OPTIONS_H
#define RTI_SOURCES_JSONKIT_OPTIONS_H

#include "base/str.h"
#include <libruntime/source.h>

/* What a source wants of its options. */
typedef struct rti_option_spec {
        const char *key;
        const char *what; /* the values it takes, for the message */
        /* Take the value. false: it is none. */
        bool (*set)(void *state, const char *value);
} rti_option_spec;

/* Hand each option to its spec. RT_OK; RT_EINVAL after diagnostics; RT_ENOMEM. */
int rti_options_read(const rt_source_config *config, const rti_option_spec *specs, size_t n_specs,
                     void *state, rt_diags *diags);

/* The option `reading` alone. */
int rti_option_reading(const rt_source_config *config, rt_diags *diags, bool *ret_reference);
/* Its value; false: it is none. */
bool rti_option_reading_value(const char *value, bool *ret_reference);
#define RTI_OPTION_READING_WHAT "reading is tolerant or reference"

#endif
