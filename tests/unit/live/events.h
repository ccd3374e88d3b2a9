/* SPDX-License-Identifier: Apache-2.0 */
/* events.h - codes and numbers of parameters by name, for tests. */
#ifndef TEST_LIVE_EVENTS_H
#define TEST_LIVE_EVENTS_H

enum {
#define EVENT(code, id, ...) EV_##id = code,
#include "lang/events.def"
#undef EVENT
};

#endif
