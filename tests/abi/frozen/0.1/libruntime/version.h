/* SPDX-License-Identifier: Apache-2.0 */
/* libruntime/version.h - made by Meson from version.h.in. */
#ifndef LIBRUNTIME_VERSION_H
#define LIBRUNTIME_VERSION_H

#define RT_VERSION        "0.1.0"
#define RT_VERSION_NUMBER 100 /* major * 10000 + minor * 100 + patch */

#endif
