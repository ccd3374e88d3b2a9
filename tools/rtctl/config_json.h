/* SPDX-License-Identifier: Apache-2.0 */
/* config_json.h - a part of a YAML document as JSON text. */
#ifndef RTCTL_CONFIG_JSON_H
#define RTCTL_CONFIG_JSON_H

#include <yaml.h>

/* The caller frees it; NULL: nested too deeply, or a key that is no scalar. Plain scalars that look
 * like numbers, booleans or null are such; quoted ones are strings. */
char *config_json(yaml_document_t *document, yaml_node_t *node);

#endif
