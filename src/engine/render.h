/* SPDX-License-Identifier: Apache-2.0 */
/*
 * render.h - values as text, and as JSON, the way alerts show them.
 *
 * Nothing here allocates but the buffer written to.
 */
#ifndef RTI_ENGINE_RENDER_H
#define RTI_ENGINE_RENDER_H

#include "base/buf.h"
#include "program/ruleset.h"

enum rti_render_json {
        RTI_JSON_BY_FORMAT,  /* as the kind and format say */
        RTI_JSON_EVENT_TIME, /* the event's time in nanoseconds, whatever the text says */
        RTI_JSON_SIGNED,     /* a number, signed */
        RTI_JSON_UNSIGNED,   /* a number, also where the text is padded */
        RTI_JSON_ZERO        /* evt.deltatime: none has passed since the text was made */
};

/* How values of one slot are shown. */
typedef struct rti_shape {
        uint32_t format;   /* RT_FORMAT_* */
        uint8_t json;      /* enum rti_render_json */
        bool clean;        /* control characters and the like become U+FFFD */
        bool dynamic;      /* the value has the format */
        size_t most_bytes; /* of one string; the rest is left out */
} rti_shape;

/* As much as there is. */
#define RTI_SHAPE_PLAIN(format_) ((rti_shape){ .format = (format_), .most_bytes = SIZE_MAX })

rti_shape rti_shape_of_slot(const rti_slot *slots, uint32_t slot);

/* False, with nothing added: values of that kind and format have no text. */
bool rti_render_text(rti_buf *buf, const rt_value *value, const rti_shape *shape);
/* NULL: null. @a time_ns: of the event, for EVENT_TIME. */
void rti_render_json(rti_buf *buf, const rt_value *value, const rti_shape *shape, uint64_t time_ns);
/* Make what was added behind @a start exactly @a width bytes long (0: leave it). */
void rti_render_width(rti_buf *buf, size_t start, uint32_t width);

#endif
