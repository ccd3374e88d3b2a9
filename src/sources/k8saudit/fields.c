/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fields.c - read the fields of one audit event: one function a kind of field, named in the READ
 * column of fields.def.
 *
 *   in   a parsed event
 *   out  the field's value; 0 where the event has none
 */
#include "sources/k8saudit/k8saudit.h"

static int
scalar_at(rti_kit *kit, const rt_event *event, rti_json_node node, rt_value *ret_value)
{
        rt_str text;
        int r;

        if (node == RTI_JSON_NONE)
                return 0;
        if (rti_kit_give_simple(kit, node, ret_value))
                return 1;
        r = rti_kit_scalar(kit, event, RTI_KIT_SOURCE, node, &text);
        return rti_kit_give_result(r, text, ret_value);
}

/* ---- members ---- */

static int
scalar(rti_kit *kit, const rt_event *event, const rti_kit_slot *slot, rt_value *ret_value)
{
        return scalar_at(kit, event, rti_kit_node(kit, slot, 0), ret_value);
}

static int
always_true(rti_kit *kit, const rt_event *event, const rti_kit_slot *slot, rt_value *ret_value)
{
        (void) kit;
        (void) event;
        (void) slot;
        return rti_kit_give(RTI_STR("true"), ret_value);
}

static int
uri_param(rti_kit *kit, const rt_event *event, const rti_kit_slot *slot, rt_value *ret_value)
{
        const rti_json_node node = rti_kit_node(kit, slot, 0);
        rt_str uri, text;
        int r;

        if (node == RTI_JSON_NONE)
                return 0;
        r = rti_kit_scalar(kit, event, RTI_KIT_SOURCE, node, &uri);
        if (r == RT_OK)
                r = rti_k8saudit_uri_param(event, uri, slot->key, &text);
        return r == 1 ? rti_kit_give(text, ret_value) : r;
}

/* The pod's name as the answer has it; for requests to pods themselves. */
static int
pod_name(rti_kit *kit, const rt_event *event, const rti_kit_slot *slot, rt_value *ret_value)
{
        const rti_json_node resource = rti_kit_node(kit, slot, 0);
        const rti_json_node sub = rti_kit_node(kit, slot, 1);
        rt_str text;
        int r;

        if (!rti_kit_is(kit, resource, RTI_JSON_STRING))
                return 0;
        r = rti_kit_string(kit, event, resource, &text);
        if (r < 0 || !rti_str_is(text, "pods"))
                return r;
        if (rti_kit_is(kit, sub, RTI_JSON_STRING)) {
                r = rti_kit_string(kit, event, sub, &text);
                if (r < 0 || text.len > 0)
                        return r;
        }
        return scalar_at(kit, event, rti_kit_node(kit, slot, 2), ret_value);
}

/* ---- lists ---- */

/* A list value being made; its room is known before. */
typedef struct list {
        rti_kit *kit;
        const rt_event *event;
        rt_value *at;
        size_t n;
} list;

static int
list_new(list *l, rti_kit *kit, const rt_event *event, size_t room)
{
        *l = (list){ .kit = kit, .event = event };
        l->at = room < SIZE_MAX / sizeof *l->at ? rt_event_alloc(event, room * sizeof *l->at + 1)
                                                : NULL;
        return l->at ? RT_OK : RT_ELIMIT;
}

static int
list_add(list *l, rti_json_node node)
{
        rt_str text;
        const int r = rti_kit_scalar(l->kit, l->event, RTI_KIT_SOURCE, node, &text);

        if (r == RT_OK)
                rti_kit_give(text, &l->at[l->n++]);
        return r;
}

static int
list_add_array(list *l, rti_json_node array)
{
        const rti_json *doc = l->kit->doc;
        int r = RT_OK;

        for (rti_json_node n = rti_json_first(doc, array); n != RTI_JSON_NONE && r == RT_OK;
             n = rti_json_next(doc, n))
                r = list_add(l, n);
        return r;
}

static int
list_give(const list *l, int r, rt_value *ret_value)
{
        return r < 0 ? r : rti_kit_give_list(l->at, l->n, ret_value);
}

/* The elements of an array. */
static int
array(rti_kit *kit, const rt_event *event, const rti_kit_slot *slot, rt_value *ret_value)
{
        const rti_json_node node = rti_kit_node(kit, slot, 0);
        list l;
        int r;

        if (!rti_kit_is(kit, node, RTI_JSON_ARRAY))
                return 0;
        r = list_new(&l, kit, event, rti_json_count(kit->doc, node));
        if (r == RT_OK)
                r = list_add_array(&l, node);
        return list_give(&l, r, ret_value);
}

/* What the walk finds; gaps are left out. */
static int
walked(rti_kit *kit, const rt_event *event, const rti_kit_slot *slot, rt_value *ret_value)
{
        list l;
        int r = rti_k8saudit_walk(kit, slot);

        if (r <= 0)
                return r;
        r = list_new(&l, kit, event, kit->list.n);
        for (size_t i = 0; i < kit->list.n && r == RT_OK; i++)
                if (kit->list.at[i] != RTI_JSON_NONE)
                        r = list_add(&l, kit->list.at[i]);
        return list_give(&l, r, ret_value);
}

/* What the walk finds; a single gap and the field is missing. */
static int
walked_whole(rti_kit *kit, const rt_event *event, const rti_kit_slot *slot, rt_value *ret_value)
{
        list l;
        int r = rti_k8saudit_walk(kit, slot);

        if (r <= 0)
                return r;
        r = list_new(&l, kit, event, kit->list.n);
        for (size_t i = 0; i < kit->list.n && r == RT_OK; i++) {
                if (kit->list.at[i] == RTI_JSON_NONE)
                        return 0;
                r = list_add(&l, kit->list.at[i]);
        }
        return list_give(&l, r, ret_value);
}

/* What @a add makes of each container of one type that the walk finds; at most one value of each of
 * its elements or members. */
static int
walked_inside(rti_kit *kit, const rt_event *event, const rti_kit_slot *slot,
              enum rti_json_type type, int (*add)(list *l, rti_json_node container),
              rt_value *ret_value)
{
        size_t room = 0;
        list l;
        int r = rti_k8saudit_walk(kit, slot);

        if (r <= 0)
                return r;
        for (size_t i = 0; i < kit->list.n; i++)
                if (rti_kit_is(kit, kit->list.at[i], type))
                        room += rti_json_count(kit->doc, kit->list.at[i]);
        r = list_new(&l, kit, event, room);
        for (size_t i = 0; i < kit->list.n && r == RT_OK; i++)
                if (rti_kit_is(kit, kit->list.at[i], type))
                        r = add(&l, kit->list.at[i]);
        return list_give(&l, r, ret_value);
}

static int
walked_arrays(rti_kit *kit, const rt_event *event, const rti_kit_slot *slot, rt_value *ret_value)
{
        return walked_inside(kit, event, slot, RTI_JSON_ARRAY, list_add_array, ret_value);
}

/* ---- images ---- */

/* Without tag and digest; a registry's port ends it too. */
static rt_str
repository_of(rt_str image)
{
        static const char separators[] = { ':', '@' };

        for (size_t i = 0; i < RTI_COUNT(separators); i++) {
                const char *at = image.len > 0 ? memchr(image.ptr, separators[i], image.len) : NULL;

                if (at)
                        image.len = (size_t) (at - image.ptr);
        }
        return image;
}

static int
repositories(rti_kit *kit, const rt_event *event, const rti_kit_slot *slot, rt_value *ret_value)
{
        const int r = walked_whole(kit, event, slot, ret_value);

        if (r == 1)
                for (size_t i = 0; i < ret_value->count; i++) {
                        /* The list is ours: walked_whole has just made it. */
                        rt_value *element = (rt_value *) &ret_value->as.list[i];

                        element->as.s = repository_of(element->as.s);
                }
        return r;
}

static int
first_image(rti_kit *kit, const rt_event *event, const rti_kit_slot *slot, rt_value *ret_value)
{
        const int r = rti_k8saudit_walk_at(kit, slot, 0);

        if (r <= 0)
                return r;
        return kit->list.n > 0 ? scalar_at(kit, event, kit->list.at[0], ret_value) : 0;
}

static int
first_repository(rti_kit *kit, const rt_event *event, const rti_kit_slot *slot, rt_value *ret_value)
{
        const int r = first_image(kit, event, slot, ret_value);

        if (r == 1)
                ret_value->as.s = repository_of(ret_value->as.s);
        return r;
}

/* ---- containers ---- */

/* An array of strings joined by blanks. 1, 0: it is none, RT_E*. */
static int
join(rti_kit *kit, const rt_event *event, rti_json_node words, rt_str *ret_text)
{
        int r;

        if (!rti_kit_is(kit, words, RTI_JSON_ARRAY))
                return 0;
        rti_buf_clear(&kit->text);
        for (rti_json_node n = rti_json_first(kit->doc, words); n != RTI_JSON_NONE;
             n = rti_json_next(kit->doc, n)) {
                rt_str word;

                if (!rti_kit_is(kit, n, RTI_JSON_STRING))
                        return 0;
                r = rti_kit_string(kit, event, n, &word);
                if (r < 0)
                        return r;
                if (n != rti_json_first(kit->doc, words))
                        rti_buf_add_char(&kit->text, ' ');
                rti_buf_add(&kit->text, word);
        }
        r = rti_kit_keep(kit, event, ret_text);
        return r < 0 ? r : 1;
}

static int
joined(rti_kit *kit, const rt_event *event, const rti_kit_slot *slot, rt_value *ret_value)
{
        rt_str text;
        list l;
        int r = rti_k8saudit_walk(kit, slot);

        if (r <= 0)
                return r;
        r = list_new(&l, kit, event, kit->list.n);
        for (size_t i = 0; i < kit->list.n && r >= 0; i++) {
                if (kit->list.at[i] == RTI_JSON_NONE)
                        continue;
                r = join(kit, event, kit->list.at[i], &text);
                if (r == 0)
                        return 0;
                if (r == 1)
                        rti_kit_give(text, &l.at[l.n++]);
        }
        return list_give(&l, r, ret_value);
}

static rti_json_node
port_of(const rti_kit *kit, rti_json_node port)
{
        const rti_json_node host = rti_json_get(kit->doc, port, RTI_STR("hostPort"));

        return host != RTI_JSON_NONE ? host
                                     : rti_json_get(kit->doc, port, RTI_STR("containerPort"));
}

static int
add_ports(list *l, rti_json_node ports)
{
        const rti_json *doc = l->kit->doc;
        int r = RT_OK;

        for (rti_json_node n = rti_json_first(doc, ports); n != RTI_JSON_NONE && r == RT_OK;
             n = rti_json_next(doc, n)) {
                const rti_json_node port = port_of(l->kit, n);

                if (port != RTI_JSON_NONE)
                        r = list_add(l, port);
        }
        return r;
}

static int
host_ports(rti_kit *kit, const rt_event *event, const rti_kit_slot *slot, rt_value *ret_value)
{
        return walked_inside(kit, event, slot, RTI_JSON_ARRAY, add_ports, ret_value);
}

/* "true" if any value is JSON true. */
static int
any_true(rti_kit *kit, const rt_event *event, const rti_kit_slot *slot, rt_value *ret_value)
{
        const int r = rti_k8saudit_walk(kit, slot);
        bool any = false;

        (void) event;
        if (r <= 0)
                return r;
        for (size_t i = 0; i < kit->list.n; i++)
                any |= rti_kit_is(kit, kit->list.at[i], RTI_JSON_TRUE);
        return rti_kit_give(any ? RTI_STR("true") : RTI_STR("false"), ret_value);
}

/* Gaps become the pod's own value, or 0. */
static int
effective_ids(rti_kit *kit, const rt_event *event, const rti_kit_slot *slot, rt_value *ret_value)
{
        const rti_json_node pod = rti_kit_node(kit, slot, 1);
        list l;
        int r = rti_k8saudit_walk(kit, slot);

        if (r <= 0)
                return r;
        r = list_new(&l, kit, event, kit->list.n);
        for (size_t i = 0; i < kit->list.n && r == RT_OK; i++) {
                const rti_json_node own = kit->list.at[i];

                if (own == RTI_JSON_NONE && pod == RTI_JSON_NONE)
                        rti_kit_give(RTI_STR("0"), &l.at[l.n++]);
                else
                        r = list_add(&l, own != RTI_JSON_NONE ? own : pod);
        }
        return list_give(&l, r, ret_value);
}

/* ---- volumes ---- */

static bool
path_matches(rt_str path, rt_str pattern)
{
        const bool prefix = pattern.len > 0 && pattern.ptr[pattern.len - 1] == '*';

        if (!prefix)
                return rti_str_eq(path, pattern);
        return rti_str_starts(path, rti_str_sub(pattern, 0, pattern.len - 1));
}

static int
has_host_path(rti_kit *kit, const rt_event *event, const rti_kit_slot *slot, rt_value *ret_value)
{
        bool any = false;
        int r = rti_k8saudit_walk_at(kit, slot, UINT64_MAX);

        if (r <= 0)
                return r;
        for (size_t i = 0; i < kit->list.n && !any; i++) {
                rt_str path;

                if (kit->list.at[i] == RTI_JSON_NONE)
                        continue;
                r = rti_kit_scalar(kit, event, RTI_KIT_SOURCE, kit->list.at[i], &path);
                if (r < 0)
                        return r;
                any = path_matches(path, slot->key);
        }
        return rti_kit_give(any ? RTI_STR("true") : RTI_STR("false"), ret_value);
}

static int
add_member_names(list *l, rti_json_node volume)
{
        const rti_json *doc = l->kit->doc;

        for (rti_json_node n = rti_json_first(doc, volume); n != RTI_JSON_NONE;
             n = rti_json_next(doc, n)) {
                rt_str name;
                const int r = rti_kit_name(l->kit, l->event, n, &name);

                if (r < 0)
                        return r;
                if (!rti_str_is(name, "name"))
                        rti_kit_give(name, &l->at[l->n++]);
        }
        return RT_OK;
}

static int
volume_types(rti_kit *kit, const rt_event *event, const rti_kit_slot *slot, rt_value *ret_value)
{
        return walked_inside(kit, event, slot, RTI_JSON_OBJECT, add_member_names, ret_value);
}

/* ---- bindings ---- */

/* Is the subject's `kind` this one? 1, 0, RT_E*. */
static int
subject_is(rti_kit *kit, const rt_event *event, rti_json_node subject, const char *kind)
{
        const rti_json_node node = rti_json_get(kit->doc, subject, RTI_STR("kind"));
        rt_str text;
        int r;

        if (!rti_kit_is(kit, node, RTI_JSON_STRING))
                return 0;
        r = rti_kit_string(kit, event, node, &text);
        return r < 0 ? r : rti_str_is(text, kind);
}

/* "namespace:name". 1, 0: there is no namespace, RT_E*. */
static int
qualify(list *l, rti_json_node subject, rti_json_node name)
{
        rti_kit *kit = l->kit;
        const rti_json_node node = rti_json_get(kit->doc, subject, RTI_STR("namespace"));
        rt_str namespace, own, text;
        int r;

        if (node == RTI_JSON_NONE)
                return 0;
        r = rti_kit_scalar(kit, l->event, RTI_KIT_SOURCE, node, &namespace);
        if (r == RT_OK)
                r = rti_kit_scalar(kit, l->event, RTI_KIT_SOURCE, name, &own);
        if (r < 0)
                return r;
        rti_buf_clear(&kit->text);
        rti_buf_add(&kit->text, namespace);
        rti_buf_add_char(&kit->text, ':');
        rti_buf_add(&kit->text, own);
        r = rti_kit_keep(kit, l->event, &text);
        if (r < 0)
                return r;
        rti_kit_give(text, &l->at[l->n++]);
        return 1;
}

/* Names of the subjects of one kind. */
static int
subjects(rti_kit *kit, const rt_event *event, const rti_kit_slot *slot, const char *kind,
         bool qualified, rt_value *ret_value)
{
        const rti_json_node all = rti_kit_node(kit, slot, 0);
        list l;
        int r;

        if (!rti_kit_is(kit, all, RTI_JSON_ARRAY))
                return 0;
        r = list_new(&l, kit, event, rti_json_count(kit->doc, all));
        for (rti_json_node n = rti_json_first(kit->doc, all); n != RTI_JSON_NONE && r >= 0;
             n = rti_json_next(kit->doc, n)) {
                const rti_json_node name = rti_json_get(kit->doc, n, RTI_STR("name"));

                r = subject_is(kit, event, n, kind);
                if (r == 1 && name != RTI_JSON_NONE)
                        r = qualified ? qualify(&l, n, name) : list_add(&l, name);
        }
        return list_give(&l, r, ret_value);
}

static int
users(rti_kit *kit, const rt_event *event, const rti_kit_slot *slot, rt_value *ret_value)
{
        return subjects(kit, event, slot, "User", false, ret_value);
}

static int
groups(rti_kit *kit, const rt_event *event, const rti_kit_slot *slot, rt_value *ret_value)
{
        return subjects(kit, event, slot, "Group", false, ret_value);
}

static int
accounts(rti_kit *kit, const rt_event *event, const rti_kit_slot *slot, rt_value *ret_value)
{
        return subjects(kit, event, slot, "ServiceAccount", false, ret_value);
}

static int
qualified_accounts(rti_kit *kit, const rt_event *event, const rti_kit_slot *slot,
                   rt_value *ret_value)
{
        return subjects(kit, event, slot, "ServiceAccount", true, ret_value);
}

const rti_kit_field rti_k8saudit_reads[] = {
#define FIELD(id, name, kind, flags, format, group, help, read, paths) { read, paths },
#include "sources/k8saudit/fields.def"
#undef FIELD
};
