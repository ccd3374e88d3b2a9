/* SPDX-License-Identifier: Apache-2.0 */
/* probe_engine.h - engines with the sources that a case asks for. */
#ifndef TESTS_CONFORMANCE_PROBE_ENGINE_H
#define TESTS_CONFORMANCE_PROBE_ENGINE_H

#include "probe.h"
#include <libruntime/runtime.h>

/*
 * An engine with what the request names:
 *
 *   sources         built-in sources by name; absent: all
 *   raw             one of them, read so that what is fed is one event's payload as it stands
 *   mock_fields     {name: {type, value}} a source "mock" with these fields, same in every event
 *   loaded_plugins  [{name, version}] sources of these plug-ins, without fields
 *
 * NULL after probe_fail. There is one at a time.
 */
rt_engine *probe_engine_new(probe *p);

/* Diagnostics that the reference would report too:
 * [{name, severity, message, item, line, reference}], as the answer's @a key. */
void probe_set_diags(probe *p, const char *key, const rt_diags *diags);

/* Add @a text as file @a name; 0 or RT_E*. What was found becomes the answer's "diags". */
int probe_compile(probe *p, rt_engine *engine, const char *name, rt_str text,
                  rt_ruleset **ret_rules);

#endif
