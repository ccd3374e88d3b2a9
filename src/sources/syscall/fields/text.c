/* SPDX-License-Identifier: Apache-2.0 */
/* text.c - texts that fields put together: one pass, into the event's memory. */
#include "sources/syscall/fields/parts.h"

rt_str
rti_sys_copy(const rt_event *event, rt_str s)
{
        char *copy = rt_event_alloc(event, s.len + 1);

        if (!copy)
                return (rt_str){ NULL, 0 };
        if (s.len)
                memcpy(copy, s.ptr, s.len);
        return (rt_str){ copy, s.len };
}

int
rti_give_line(const rti_line *line, rt_value *ret_value)
{
        return line->failed ? RT_ELIMIT : rti_give_str(ret_value, rti_line_str(line));
}

bool
rti_elements_next(rt_str *elements, rt_str *ret_element)
{
        const char *end;

        if (elements->len == 0)
                return false;
        end = memchr(elements->ptr, '\0', elements->len);
        ret_element->ptr = elements->ptr;
        ret_element->len = end ? (size_t) (end - elements->ptr) : elements->len;
        *elements = rti_str_sub(*elements, ret_element->len + (end != NULL), elements->len);
        return true;
}

rt_str
rti_elements_value(rt_str elements, rt_str key)
{
        rt_str element;

        while (rti_elements_next(&elements, &element))
                if (element.len > key.len && element.ptr[key.len] == '='
                    && rti_str_starts(element, key))
                        return rti_str_sub(element, key.len + 1, element.len);
        return (rt_str){ NULL, 0 };
}

/* Each NUL becomes a blank: elements are long enough for finding them to beat looking at each
 * byte. */
static void
blank_ends(char *at, const char *end)
{
        while (at < end && (at = memchr(at, '\0', (size_t) (end - at))))
                *at++ = ' ';
}

int
rti_elements_join(const rt_event *event, rt_str head, enum rti_gap gap, rt_str elements,
                  rt_str *ret_text)
{
        char *text, *at;

        /* The last one's end is no blank. */
        if (elements.len && elements.ptr[elements.len - 1] == '\0')
                elements.len--;
        if (elements.len == 0 && gap != RTI_GAP_ALWAYS) {
                *ret_text = head;
                return RT_OK;
        }
        if (head.len == 0 && gap == RTI_GAP_NEVER && !memchr(elements.ptr, '\0', elements.len)) {
                *ret_text = elements;
                return RT_OK;
        }
        text = at = rt_event_alloc(event, head.len + 1 + elements.len);
        if (!text)
                return RT_ELIMIT;
        if (head.len)
                memcpy(at, head.ptr, head.len);
        at += head.len;
        if (gap != RTI_GAP_NEVER)
                *at++ = ' ';
        if (elements.len)
                memcpy(at, elements.ptr, elements.len);
        blank_ends(at, at + elements.len);
        *ret_text = (rt_str){ text, (size_t) (at - text) + elements.len };
        return RT_OK;
}

int
rti_texts_join(const rt_event *event, const rt_str *texts, size_t n, rt_str *ret_text)
{
        size_t len = n;
        rti_line line;

        for (size_t i = 0; i < n; i++)
                len += texts[i].len;
        rti_line_init(&line, event, len);
        for (size_t i = 0; i < n; i++) {
                if (i)
                        rti_line_char(&line, ' ');
                rti_line_add(&line, texts[i]);
        }
        *ret_text = rti_line_str(&line);
        return line.failed ? RT_ELIMIT : RT_OK;
}
