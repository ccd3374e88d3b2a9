/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fields.c - read the fields of one CloudTrail record: one function a kind of field, named in the
 * READ column of fields.def.
 *
 *   in   a parsed record
 *   out  the field's value; 0 where the record has none
 */
#include "sources/cloudtrail/cloudtrail.h"

/* ---- plain members ---- */

/* A string; another value counts as an empty one. */
static int
plain_at(rti_kit *kit, const rt_event *event, rti_json_node node, rt_value *ret_value)
{
        rt_str text;
        int r;

        if (node == RTI_JSON_NONE)
                return 0;
        if (rti_kit_give_simple(kit, node, ret_value))
                return 1;
        r = rti_kit_plain(kit, event, node, &text);
        return rti_kit_give_result(r, text, ret_value);
}

static int
plain(rti_kit *kit, const rt_event *event, const rti_kit_slot *slot, rt_value *ret_value)
{
        return plain_at(kit, event, rti_kit_node(kit, slot, 0), ret_value);
}

static int
first_plain(rti_kit *kit, const rt_event *event, const rti_kit_slot *slot, rt_value *ret_value)
{
        for (size_t i = 0; i < slot->n_nodes; i++)
                if (rti_kit_node(kit, slot, i) != RTI_JSON_NONE)
                        return plain_at(kit, event, rti_kit_node(kit, slot, i), ret_value);
        return 0;
}

static int
json_text(rti_kit *kit, const rt_event *event, const rti_kit_slot *slot, rt_value *ret_value)
{
        const rti_json_node node = rti_kit_node(kit, slot, 0);
        rt_str text;
        int r;

        if (node == RTI_JSON_NONE)
                return 0;
        r = rti_kit_json(kit, event, RTI_KIT_SOURCE, node, &text);
        return rti_kit_give_result(r, text, ret_value);
}

static int
truth(rti_kit *kit, const rt_event *event, const rti_kit_slot *slot, rt_value *ret_value)
{
        const rti_json_node node = rti_kit_node(kit, slot, 0);

        (void) event;
        if (node == RTI_JSON_NONE)
                return 0;
        return rti_kit_give(rti_kit_is(kit, node, RTI_JSON_TRUE) ? RTI_STR("true")
                                                                 : RTI_STR("false"),
                            ret_value);
}

static int
never(rti_kit *kit, const rt_event *event, const rti_kit_slot *slot, rt_value *ret_value)
{
        (void) kit;
        (void) event;
        (void) slot;
        (void) ret_value;
        return 0;
}

static int
short_source(rti_kit *kit, const rt_event *event, const rti_kit_slot *slot, rt_value *ret_value)
{
        static const rt_str suffix = RTI_STR_INIT(".amazonaws.com");
        const rti_json_node node = rti_kit_node(kit, slot, 0);
        rt_str text;
        int r;

        if (node == RTI_JSON_NONE)
                return 0;
        r = rti_kit_plain(kit, event, node, &text);
        if (r == RT_OK && text.len > suffix.len && rti_str_ends(text, suffix))
                text.len -= suffix.len;
        return rti_kit_give_result(r, text, ret_value);
}

/* ---- who ---- */

static int
user(rti_kit *kit, const rt_event *event, const rti_kit_slot *slot, rt_value *ret_value)
{
        rti_json_node nodes[RTI_KIT_PATHS];
        rt_str text;
        int r;

        for (size_t i = 0; i < slot->n_nodes; i++)
                nodes[i] = rti_kit_node(kit, slot, i);
        r = rti_cloudtrail_user(kit, event, nodes, &text);
        return r == 1 ? rti_kit_give(text, ret_value) : r;
}

/* What stands behind the last of @a n - 1 separators; false if there are more or fewer. */
static bool
last_part(rt_str text, char separator, size_t n, rt_str *ret_part)
{
        size_t from = 0, seen = 1;

        for (size_t i = 0; i < text.len; i++)
                if (text.ptr[i] == separator) {
                        from = i + 1;
                        seen++;
                }
        *ret_part = rti_str_sub(text, from, text.len);
        return seen == n;
}

static int
original_user(rti_kit *kit, const rt_event *event, const rti_kit_slot *slot, rt_value *ret_value)
{
        enum { TYPE, USER_NAME, ARN, PRINCIPAL };
        static const struct {
                size_t node, parts;
                char separator;
        } places[] = { { ARN, 3, '/' }, { PRINCIPAL, 2, ':' } };
        const rti_json_node type = rti_kit_node(kit, slot, TYPE);
        rt_str text = RTI_STR("");
        int r;

        r = type == RTI_JSON_NONE ? RT_OK : rti_kit_plain(kit, event, type, &text);
        if (r < 0)
                return r;
        if (!rti_str_is(text, "AssumedRole"))
                return plain_at(kit, event, rti_kit_node(kit, slot, USER_NAME), ret_value);
        for (size_t i = 0; i < RTI_COUNT(places); i++) {
                const rti_json_node node = rti_kit_node(kit, slot, places[i].node);

                if (node == RTI_JSON_NONE)
                        continue;
                r = rti_kit_plain(kit, event, node, &text);
                if (r < 0)
                        return r;
                if (last_part(text, places[i].separator, places[i].parts, &text))
                        return rti_kit_give(text, ret_value);
        }
        return 0;
}

/* ---- texts put together ---- */

static int
summary(rti_kit *kit, const rt_event *event, const rti_kit_slot *slot, rt_value *ret_value)
{
        rt_str text;
        const int r = rti_cloudtrail_summary(kit, event, &text);

        (void) slot;
        return r == 1 ? rti_kit_give(text, ret_value) : r;
}

static int
resources(rti_kit *kit, const rt_event *event, const rti_kit_slot *slot, rt_value *ret_value)
{
        const rti_json_node array = rti_kit_node(kit, slot, 0);
        rt_str text;
        int r;

        if (!rti_kit_is(kit, array, RTI_JSON_ARRAY) || rti_json_count(kit->doc, array) == 0)
                return 0;
        rti_buf_clear(&kit->text);
        for (rti_json_node n = rti_json_first(kit->doc, array); n != RTI_JSON_NONE;
             n = rti_json_next(kit->doc, n)) {
                if (kit->text.len > 0)
                        rti_buf_add_char(&kit->text, ',');
                r = rti_kit_add_json(kit, event, RTI_KIT_SOURCE, n);
                if (r < 0)
                        return r;
        }
        r = rti_kit_keep(kit, event, &text);
        return rti_kit_give_result(r, text, ret_value);
}

/* ---- S3 ---- */

static int
s3_uri(rti_kit *kit, const rt_event *event, const rti_kit_slot *slot, rt_value *ret_value)
{
        const rti_json_node bucket = rti_kit_node(kit, slot, 0), key = rti_kit_node(kit, slot, 1);
        rt_str bucket_text, key_text, text;
        int r;

        if (!rti_kit_is(kit, bucket, RTI_JSON_STRING) || !rti_kit_is(kit, key, RTI_JSON_STRING))
                return 0;
        r = rti_kit_string(kit, event, bucket, &bucket_text);
        if (r == RT_OK)
                r = rti_kit_string(kit, event, key, &key_text);
        if (r < 0)
                return r;
        rti_buf_clear(&kit->text);
        rti_buf_add_text(&kit->text, "s3://");
        rti_buf_add(&kit->text, bucket_text);
        rti_buf_add_char(&kit->text, '/');
        rti_buf_add(&kit->text, key_text);
        r = rti_kit_keep(kit, event, &text);
        return rti_kit_give_result(r, text, ret_value);
}

/* The sum of the slot's values; missing if all of them are. */
static int
s3_bytes(rti_kit *kit, const rt_event *event, const rti_kit_slot *slot, rt_value *ret_value)
{
        uint64_t sum = 0;
        bool any = false;

        (void) event;
        for (size_t i = 0; i < slot->n_nodes; i++) {
                const rti_json_node node = rti_kit_node(kit, slot, i);

                any |= node != RTI_JSON_NONE;
                if (rti_kit_is(kit, node, RTI_JSON_NUMBER))
                        sum += rti_cloudtrail_u64(rti_json_raw(kit->doc, node));
        }
        return any ? rti_kit_give_u64(sum, ret_value) : 0;
}

enum call { GET, PUT, OTHER };

/* 1 if the record is such a call. */
static int
count(rti_kit *kit, const rt_event *event, const rti_kit_slot *slot, enum call call,
      rt_value *ret_value)
{
        const rti_json_node node = rti_kit_node(kit, slot, 0);
        enum call is = OTHER;
        rt_str name;

        if (node != RTI_JSON_NONE) {
                const int r = rti_kit_plain(kit, event, node, &name);

                if (r < 0)
                        return r;
                if (rti_str_is(name, "GetObject"))
                        is = GET;
                else if (rti_str_is(name, "PutObject"))
                        is = PUT;
        }
        return is == call ? rti_kit_give_u64(1, ret_value) : 0;
}

static int
count_get(rti_kit *kit, const rt_event *event, const rti_kit_slot *slot, rt_value *ret_value)
{
        return count(kit, event, slot, GET, ret_value);
}

static int
count_put(rti_kit *kit, const rt_event *event, const rti_kit_slot *slot, rt_value *ret_value)
{
        return count(kit, event, slot, PUT, ret_value);
}

static int
count_other(rti_kit *kit, const rt_event *event, const rti_kit_slot *slot, rt_value *ret_value)
{
        return count(kit, event, slot, OTHER, ret_value);
}

/* ---- EC2 ---- */

static bool
is_text(rti_kit *kit, const rt_event *event, rti_json_node object, const char *name,
        const char *text)
{
        const rti_json_node node = rti_json_get(kit->doc, object, rti_str_of(name));
        rt_str value;

        return rti_kit_is(kit, node, RTI_JSON_STRING)
               && rti_kit_string(kit, event, node, &value) == RT_OK && rti_str_is(value, text);
}

/* The value of the first tag called Name of one tag specification. */
static rti_json_node
name_tag(rti_kit *kit, const rt_event *event, rti_json_node item)
{
        const rti_json *doc = kit->doc;
        const rti_json_node tags = rti_json_get(doc, item, RTI_STR("tags"));

        if (!rti_kit_is(kit, tags, RTI_JSON_ARRAY))
                return RTI_JSON_NONE;
        for (rti_json_node tag = rti_json_first(doc, tags); tag != RTI_JSON_NONE;
             tag = rti_json_next(doc, tag))
                if (is_text(kit, event, tag, "key", "Name"))
                        return rti_json_get(doc, tag, RTI_STR("value"));
        return RTI_JSON_NONE;
}

/* The last tag specification of an instance counts. */
static int
ec2_name(rti_kit *kit, const rt_event *event, const rti_kit_slot *slot, rt_value *ret_value)
{
        const rti_json_node items = rti_kit_node(kit, slot, 0);
        rti_json_node found = RTI_JSON_NONE;
        rt_str text;
        int r;

        if (!rti_kit_is(kit, items, RTI_JSON_ARRAY))
                return 0;
        for (rti_json_node item = rti_json_first(kit->doc, items); item != RTI_JSON_NONE;
             item = rti_json_next(kit->doc, item))
                if (is_text(kit, event, item, "resourceType", "instance")) {
                        const rti_json_node value = name_tag(kit, event, item);

                        if (value != RTI_JSON_NONE)
                                found = value;
                }
        if (found == RTI_JSON_NONE)
                return 0;
        r = rti_kit_plain(kit, event, found, &text);
        return r == RT_OK && text.len == 0 ? 0 : rti_kit_give_result(r, text, ret_value);
}

enum { ITEMS }; /* of image ids: an array; behind it single places */

/* The image id at one of the places that hold a single one. */
static rti_json_node
single_image(rti_kit *kit, const rti_kit_slot *slot)
{
        for (size_t i = ITEMS + 1; i < slot->n_nodes; i++)
                if (rti_kit_node(kit, slot, i) != RTI_JSON_NONE)
                        return rti_kit_node(kit, slot, i);
        return RTI_JSON_NONE;
}

/* The image id that stands at @a index. */
static rti_json_node
image_at(rti_kit *kit, const rti_kit_slot *slot, uint64_t index)
{
        const rti_json_node items = rti_kit_node(kit, slot, ITEMS);

        if (items == RTI_JSON_NONE)
                return index == 0 ? single_image(kit, slot) : RTI_JSON_NONE;
        return rti_json_get(kit->doc, rti_json_at(kit->doc, items, index), RTI_STR("imageId"));
}

static int
image_id(rti_kit *kit, const rt_event *event, const rti_kit_slot *slot, rt_value *ret_value)
{
        return plain_at(kit, event, image_at(kit, slot, 0), ret_value);
}

static int
one_image(rti_kit *kit, const rt_event *event, rti_json_node node, rt_value *ret_value)
{
        rt_value *list;
        int r;

        if (node == RTI_JSON_NONE)
                return 0;
        list = rt_event_alloc(event, sizeof *list);
        if (!list)
                return RT_ELIMIT;
        r = plain_at(kit, event, node, list);
        return r < 0 ? r : rti_kit_give_list(list, 1, ret_value);
}

static int
image_ids(rti_kit *kit, const rt_event *event, const rti_kit_slot *slot, rt_value *ret_value)
{
        const rti_json_node items = rti_kit_node(kit, slot, ITEMS);
        rt_value *list;
        size_t n = 0;

        if (slot->arg == RT_ARG_INDEX || items == RTI_JSON_NONE)
                return one_image(kit, event, image_at(kit, slot, slot->index), ret_value);
        if (!rti_kit_is(kit, items, RTI_JSON_ARRAY))
                return 0;
        list = rt_event_alloc(event, rti_json_count(kit->doc, items) * sizeof *list + 1);
        if (!list)
                return RT_ELIMIT;
        for (rti_json_node item = rti_json_first(kit->doc, items); item != RTI_JSON_NONE;
             item = rti_json_next(kit->doc, item)) {
                const rti_json_node node = rti_json_get(kit->doc, item, RTI_STR("imageId"));
                rt_str text = RTI_STR("");
                const int r =
                        node == RTI_JSON_NONE ? RT_OK : rti_kit_plain(kit, event, node, &text);

                if (r < 0)
                        return r;
                if (text.len > 0)
                        rti_kit_give(text, &list[n++]);
        }
        return rti_kit_give_list(list, n, ret_value);
}

const rti_kit_field rti_cloudtrail_reads[] = {
#define FIELD(id, name, kind, flags, format, group, help, read, paths) { read, paths },
#include "sources/cloudtrail/fields.def"
#undef FIELD
};
