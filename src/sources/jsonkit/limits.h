/* SPDX-License-Identifier: Apache-2.0 */
/* limits.h - the limits that sources keep, from the one table of limits. */
#ifndef RTI_SOURCES_JSONKIT_LIMITS_H
#define RTI_SOURCES_JSONKIT_LIMITS_H

enum {
#define LIMIT(id, value, what) RTI_SOURCE_MAX_##id = (value),
#include "lang/limits.def"
#undef LIMIT
};

#endif
