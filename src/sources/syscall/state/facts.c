/* SPDX-License-Identifier: Apache-2.0 */
/*
 * facts.c - what a runtime's metadata says of a container.
 *
 * in: {"container": {"id": ..., "name": ..., "Mounts": [...], ...}}; out: a rti_container_facts.
 * Members are optional and may be of any type: what is not as expected is as if missing.
 */
#include "json/json.h"
#include "sources/jsonkit/limits.h"
#include "sources/syscall/state/container.h"

/* One read: a failed allocation makes all of it fail. */
typedef struct reader {
        const rti_json *doc;
        rti_arena *arena;
        int r;
} reader;

static void *
get(void *user, size_t size_bytes)
{
        return rti_arena_get(user, size_bytes);
}

/* Text between quotes, in the arena. */
static rt_str
keep(reader *in, rt_str escaped)
{
        const rti_json_memory memory = { get, in->arena };
        rt_str text = { "", 0 };

        if (rti_json_unescape(escaped, &memory, &text) < 0
            || !(text = rti_arena_copy(in->arena, text)).ptr)
                in->r = RT_ENOMEM;
        return text;
}

static rt_str
text_of(reader *in, rti_json_node node)
{
        rt_str raw;

        if (rti_json_type(in->doc, node) != RTI_JSON_STRING)
                return (rt_str){ "", 0 };
        raw = rti_json_raw(in->doc, node);
        return keep(in, rti_str_sub(raw, 1, raw.len - 1));
}

static rt_str
text(reader *in, rti_json_node object, const char *name)
{
        return text_of(in, rti_json_get(in->doc, object, rti_str_of(name)));
}

static bool
flag(reader *in, rti_json_node object, const char *name)
{
        const rti_json_node node = rti_json_get(in->doc, object, rti_str_of(name));

        return rti_json_type(in->doc, node) == RTI_JSON_TRUE;
}

/* A whole number that is not negative; 0 for anything else. */
static uint64_t
number(reader *in, rti_json_node object, const char *name)
{
        const rti_json_node node = rti_json_get(in->doc, object, rti_str_of(name));
        uint64_t n = 0;
        rt_str raw;

        if (rti_json_type(in->doc, node) != RTI_JSON_NUMBER)
                return 0;
        raw = rti_json_raw(in->doc, node);
        for (size_t i = 0; i < raw.len; i++) {
                const unsigned digit = (unsigned) raw.ptr[i] - '0';

                if (digit > 9 || n > (UINT64_MAX - digit) / 10)
                        return 0;
                n = n * 10 + digit;
        }
        return n;
}

/* How many elements or members to read; room for them in *ret_rows. */
static size_t
rows(reader *in, rti_json_node node, size_t size_bytes, void **ret_rows)
{
        const size_t n = rti_json_count(in->doc, node);

        *ret_rows = n ? rti_arena_zero(in->arena, n, size_bytes) : NULL;
        if (n && !*ret_rows)
                in->r = RT_ENOMEM;
        return *ret_rows ? n : 0;
}

static void
read_mounts(reader *in, rti_json_node object, rti_container_facts *facts)
{
        const rti_json_node list = rti_json_get(in->doc, object, RTI_STR("Mounts"));
        void *room;
        const size_t n = rows(in, list, sizeof(rti_mount), &room);
        rti_json_node one = rti_json_first(in->doc, list);
        rti_mount *mounts = room;

        for (size_t i = 0; i < n && in->r == RT_OK; i++) {
                mounts[i] = (rti_mount){
                        .source = text(in, one, "Source"),
                        .dest = text(in, one, "Destination"),
                        .mode = text(in, one, "Mode"),
                        .propagation = text(in, one, "Propagation"),
                        .rdwr = flag(in, one, "RW"),
                };
                one = rti_json_next(in->doc, one);
        }
        facts->mounts = mounts;
        facts->n_mounts = n;
}

static const rti_label *
read_labels(reader *in, rti_json_node object, const char *name, size_t *ret_n)
{
        const rti_json_node map = rti_json_get(in->doc, object, rti_str_of(name));
        rti_label *labels = NULL;
        rti_json_node one;
        void *room;

        *ret_n = 0;
        if (rti_json_type(in->doc, map) != RTI_JSON_OBJECT)
                return NULL;
        *ret_n = rows(in, map, sizeof *labels, &room);
        labels = room;
        one = rti_json_first(in->doc, map);
        for (size_t i = 0; i < *ret_n && in->r == RT_OK; i++) {
                labels[i].key = keep(in, rti_json_raw_name(in->doc, one));
                labels[i].value = text_of(in, one);
                one = rti_json_next(in->doc, one);
        }
        return labels;
}

static rti_probe
read_probe(reader *in, rti_json_node object, const char *name)
{
        const rti_json_node node = rti_json_get(in->doc, object, rti_str_of(name));
        rti_probe probe = { 0 };
        rti_json_node list, one;
        rt_str *args;
        void *room;

        if (rti_json_type(in->doc, node) != RTI_JSON_OBJECT)
                return probe;
        probe.given = true;
        probe.exe = text(in, node, "exe");
        list = rti_json_get(in->doc, node, RTI_STR("args"));
        probe.n_args = rows(in, list, sizeof(rt_str), &room);
        one = rti_json_first(in->doc, list);
        args = room;
        for (size_t i = 0; i < probe.n_args && in->r == RT_OK; i++) {
                args[i] = text_of(in, one);
                one = rti_json_next(in->doc, one);
        }
        probe.args = args;
        return probe;
}

/* By the number that metadata gives. */
static const rt_str types[] = {
        [0] = RTI_STR_INIT("docker"),      [1] = RTI_STR_INIT("lxc"),
        [2] = RTI_STR_INIT("libvirt-lxc"), [6] = RTI_STR_INIT("cri"),
        [7] = RTI_STR_INIT("containerd"),  [8] = RTI_STR_INIT("cri-o"),
        [9] = RTI_STR_INIT("bpm"),         [10] = RTI_STR_INIT("static"),
        [11] = RTI_STR_INIT("podman"),
};

enum { LOOKUP_DONE = 1 };

static void
read_facts(reader *in, rti_json_node object, rti_container_facts *facts)
{
        const uint64_t type = number(in, object, "type");
        const uint64_t lookup = number(in, object, "lookup_state");

        facts->type = type < RTI_COUNT(types) && types[type].len ? types[type] : RTI_STR("");
        facts->failed = lookup > LOOKUP_DONE;
        facts->id = text(in, object, "id");
        facts->full_id = text(in, object, "full_id");
        facts->name = text(in, object, "name");
        facts->image = text(in, object, "image");
        facts->image_repo = text(in, object, "imagerepo");
        facts->image_tag = text(in, object, "imagetag");
        facts->image_digest = text(in, object, "imagedigest");
        facts->image_id = text(in, object, "imageid");
        facts->user = text(in, object, "User");
        facts->ip = text(in, object, "ip");
        facts->cni_json = text(in, object, "cni_json");
        facts->pod_sandbox_id = text(in, object, "pod_sandbox_id");
        facts->privileged = flag(in, object, "privileged");
        facts->is_pod_sandbox = flag(in, object, "is_pod_sandbox");
        facts->host_pid = flag(in, object, "host_pid");
        facts->host_network = flag(in, object, "host_network");
        facts->host_ipc = flag(in, object, "host_ipc");
        read_mounts(in, object, facts);
        facts->labels = read_labels(in, object, "labels", &facts->n_labels);
        facts->pod_labels = read_labels(in, object, "pod_sandbox_labels", &facts->n_pod_labels);
        facts->healthcheck = read_probe(in, object, "Healthcheck");
        facts->liveness = read_probe(in, object, "LivenessProbe");
        facts->readiness = read_probe(in, object, "ReadinessProbe");
}

/* ---- the row's metadata ---- */

void
rti_container_facts_free(rti_containers *containers, rti_container_facts *facts)
{
        if (!facts)
                return;
        rti_arena_done(&facts->arena);
        rti_pool_put(containers->pool, facts, sizeof *facts);
}

/* Give the facts to their row. */
static int
give(rti_containers *containers, rti_container_facts *facts, rt_str json)
{
        const uint32_t at = rti_containers_row(containers, facts->id, facts->type);
        rti_container *row;

        if (at == RTI_NO_CONTAINER)
                return RT_ELIMIT;
        row = &containers->rows.at[at];
        rti_container_facts_free(containers, row->facts);
        row->facts = facts;
        containers->version++;
        rti_text_set(containers->pool, &row->json, json);
        return RT_OK;
}

static int
learn(rti_containers *containers, rti_json_node object, rt_str json)
{
        rti_container_facts *facts = rti_pool_get(containers->pool, sizeof *facts);
        reader in;
        int r;

        if (!facts)
                return RT_ELIMIT;
        *facts = (rti_container_facts){ 0 };
        rti_arena_init(&facts->arena, &containers->memory, RTI_SOURCE_MAX_RECORD_BYTES);
        in = (reader){ containers->doc, &facts->arena, RT_OK };
        read_facts(&in, object, facts);
        r = in.r;
        if (r == RT_OK)
                r = facts->id.len ? give(containers, facts, json) : RT_EFORMAT;
        if (r < 0)
                rti_container_facts_free(containers, facts);
        return r == RT_ENOMEM && !containers->pool->starved ? RT_ELIMIT : r;
}

int
rti_containers_learn(rti_containers *containers, rt_str json)
{
        rti_json_error error;
        rti_json_node object;
        int r = RT_OK;

        if (!containers->doc)
                r = rti_json_new(containers->allocator, &containers->doc);
        if (r == RT_OK)
                r = rti_json_parse(containers->doc, json, RTI_JSON_LENIENT, NULL, NULL, &error);
        if (r < 0)
                return r == RT_ENOMEM ? r : RT_EFORMAT;
        object =
                rti_json_get(containers->doc, rti_json_root(containers->doc), RTI_STR("container"));
        if (rti_json_type(containers->doc, object) != RTI_JSON_OBJECT)
                return RT_EFORMAT;
        return learn(containers, object, json);
}
