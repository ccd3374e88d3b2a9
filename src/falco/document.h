/* SPDX-License-Identifier: Apache-2.0 */
/* document.h - JSON that a plug-in, or its user, wrote: read once, thrown away. */
#ifndef RTI_FALCO_DOCUMENT_H
#define RTI_FALCO_DOCUMENT_H

#include "falco/plugin.h"

/* Texts that are read live in the plug-in's arena. */
typedef struct rti_fp_document {
        rti_json *doc;
        rti_fp *plugin;
        const char *what; /* where it comes from: "get_fields" */
        const rti_fp_message *message;
} rti_fp_document;

/* RT_OK, RT_EFORMAT with a message, RT_ENOMEM. Done with rti_fp_document_done in every case. */
int rti_fp_document_read(rti_fp_document *d, const char *text, size_t len);
void rti_fp_document_done(rti_fp_document *d);
/* A string member, copied. RT_OK; RT_EFORMAT with a message: another type; RT_ENOENT: there is no
 * such member; RT_ENOMEM. */
int rti_fp_document_text(const rti_fp_document *d, rti_json_node object, const char *name,
                         const char **ret_text);
/* A boolean member; absent is false. RT_OK, RT_EFORMAT with a message. */
int rti_fp_document_bool(const rti_fp_document *d, rti_json_node object, const char *name,
                         bool *ret_value);
/* The text of a string node, copied and NUL-terminated. RT_OK, RT_EFORMAT, RT_ENOMEM. */
int rti_fp_document_copy(const rti_fp_document *d, rti_json_node node, rt_str *ret_text);

#endif
