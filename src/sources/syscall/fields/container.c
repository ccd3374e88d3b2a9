/* SPDX-License-Identifier: Apache-2.0 */
/*
 * container.c - fields of containers and of the pods around them.
 *
 * The host counts as a container with no properties: its texts are "". Of a container whose runtime
 * has told nothing yet only the id is known, the rest is missing.
 */
#include <fnmatch.h>

#include "sources/syscall/fields/parts.h"

enum { SHORT_ID = 12 };

static const rti_container_facts *
facts_of(const rti_sys *sys)
{
        const rti_containers *containers = &sys->state.containers;
        const uint32_t at = sys->evt.thread->container;

        return at < containers->rows.n ? containers->rows.at[at].facts : NULL;
}

/* ---- labels ---- */

static rt_str
label_of(const rti_label *labels, size_t n, rt_str key)
{
        for (size_t i = 0; i < n; i++)
                if (rti_str_eq(labels[i].key, key))
                        return labels[i].value;
        return (rt_str){ NULL, 0 };
}

static int
give_label(const rti_label *labels, size_t n, rt_str key, rt_value *ret_value)
{
        const rt_str value = label_of(labels, n, key);

        return value.ptr ? rti_give_str(ret_value, value) : 0;
}

/* Which label comes next by its key; SIZE_MAX: none is left. */
static size_t
next_label(const rti_label *labels, size_t n, const rt_str *last)
{
        size_t best = SIZE_MAX;

        for (size_t i = 0; i < n; i++)
                if ((!last || rti_str_cmp(labels[i].key, *last) > 0)
                    && (best == SIZE_MAX || rti_str_cmp(labels[i].key, labels[best].key) < 0))
                        best = i;
        return best;
}

/* "KEY:VALUE, KEY:VALUE", ordered by key; a key without value stands alone. */
static int
give_labels(const rt_event *event, const rti_label *labels, size_t n, rt_value *ret_value)
{
        size_t len = 0;
        rti_line line;

        for (size_t i = 0; i < n; i++)
                len += labels[i].key.len + labels[i].value.len + sizeof ":, ";
        rti_line_init(&line, event, len);
        for (size_t i = next_label(labels, n, NULL); i != SIZE_MAX;
             i = next_label(labels, n, &labels[i].key)) {
                if (line.len)
                        rti_line_add(&line, RTI_STR(", "));
                rti_line_add(&line, labels[i].key);
                if (labels[i].value.len)
                        rti_line_char(&line, ':');
                rti_line_add(&line, labels[i].value);
        }
        return rti_give_line(&line, ret_value);
}

/* ---- mounts ---- */

/* "SOURCE:DEST:MODE:RDWR:PROPAGATION", commas between mounts. */
static int
give_mounts(const rt_event *event, const rti_mount *mounts, size_t n, rt_value *ret_value)
{
        size_t len = 0;
        rti_line line;

        for (size_t i = 0; i < n; i++)
                len += mounts[i].source.len + mounts[i].dest.len + mounts[i].mode.len
                       + mounts[i].propagation.len + sizeof "::false::,";
        rti_line_init(&line, event, len);
        for (size_t i = 0; i < n; i++) {
                if (i)
                        rti_line_char(&line, ',');
                rti_line_add(&line, mounts[i].source);
                rti_line_char(&line, ':');
                rti_line_add(&line, mounts[i].dest);
                rti_line_char(&line, ':');
                rti_line_add(&line, mounts[i].mode);
                rti_line_add(&line, mounts[i].rdwr ? RTI_STR(":true:") : RTI_STR(":false:"));
                rti_line_add(&line, mounts[i].propagation);
        }
        return rti_give_line(&line, ret_value);
}

/* Both with a NUL behind, for fnmatch. */
static bool
glob_fits(const rt_event *event, rt_str pattern, rt_str path)
{
        const rt_str of = rti_sys_copy(event, pattern), in = rti_sys_copy(event, path);

        if (!of.ptr || !in.ptr)
                return false;
        ((char *) of.ptr)[of.len] = ((char *) in.ptr)[in.len] = '\0';
        return fnmatch(of.ptr, in.ptr, 0) == 0;
}

/* By number, or by a glob pattern of the source; of the destination if the source is asked for. */
static const rti_mount *
find_mount(const rti_container_facts *facts, const rt_event *event, const rti_sys_slot *slot)
{
        const bool by_dest = slot->field == RTI_SYS_CONTAINER_MOUNT_SOURCE;

        if (slot->arg == RT_ARG_INDEX)
                return slot->index < facts->n_mounts ? &facts->mounts[slot->index] : NULL;
        for (size_t i = 0; i < facts->n_mounts; i++)
                if (glob_fits(event, slot->key,
                              by_dest ? facts->mounts[i].dest : facts->mounts[i].source))
                        return &facts->mounts[i];
        return NULL;
}

static int
read_mount(const rti_container_facts *facts, const rt_event *event, const rti_sys_slot *slot,
           rt_value *ret_value)
{
        const rti_mount *mount = find_mount(facts, event, slot);

        if (!mount)
                return 0;
        switch (slot->field) {
        case RTI_SYS_CONTAINER_MOUNT_SOURCE:
                return rti_give_str(ret_value, mount->source);
        case RTI_SYS_CONTAINER_MOUNT_DEST:
                return rti_give_str(ret_value, mount->dest);
        case RTI_SYS_CONTAINER_MOUNT_MODE:
                return rti_give_str(ret_value, mount->mode);
        case RTI_SYS_CONTAINER_MOUNT_RDWR:
                return rti_give_str(ret_value, mount->rdwr ? RTI_STR("true") : RTI_STR("false"));
        case RTI_SYS_CONTAINER_MOUNT_PROPAGATION:
                return rti_give_str(ret_value, mount->propagation);
        default:
                return give_mounts(event, mount, 1, ret_value);
        }
}

/* ---- probes ---- */

static int
give_probe(const rt_event *event, const rti_probe *probe, rt_value *ret_value)
{
        rt_str args, texts[2] = { probe->exe };
        int r;

        if (!probe->given)
                return 0;
        r = rti_texts_join(event, probe->args, probe->n_args, &args);
        texts[1] = args;
        if (r == RT_OK)
                r = rti_texts_join(event, texts, probe->n_args ? 2 : 1, &args);
        return r < 0 ? r : rti_give_str(ret_value, args);
}

/* ---- pods ---- */

/* A pod's address is its sandbox's. */
static rt_str
pod_ip(const rti_sys *sys, const rti_container_facts *facts)
{
        const rti_containers *containers = &sys->state.containers;
        rt_str id = facts->pod_sandbox_id;

        if (facts->is_pod_sandbox)
                return facts->ip;
        if (id.len == 0)
                return RTI_STR("");
        id.len = id.len < SHORT_ID ? id.len : SHORT_ID;
        for (size_t i = 0; i < containers->rows.n; i++)
                if (containers->rows.at[i].facts
                    && rti_str_eq(rti_text_str(containers->rows.at[i].id), id))
                        return containers->rows.at[i].facts->ip;
        return RTI_STR("");
}

static int
read_pod(const rti_sys *sys, const rti_container_facts *facts, const rt_event *event,
         const rti_sys_slot *slot, rt_value *ret_value)
{
        rt_str id = facts->pod_sandbox_id;

        switch (slot->field) {
        case RTI_SYS_K8S_POD_NAME:
                return give_label(facts->labels, facts->n_labels, RTI_STR("io.kubernetes.pod.name"),
                                  ret_value);
        case RTI_SYS_K8S_NS_NAME:
                return give_label(facts->labels, facts->n_labels,
                                  RTI_STR("io.kubernetes.pod.namespace"), ret_value);
        case RTI_SYS_K8S_POD_ID:
        case RTI_SYS_K8S_POD_UID:
                return give_label(facts->labels, facts->n_labels, RTI_STR("io.kubernetes.pod.uid"),
                                  ret_value);
        case RTI_SYS_K8S_POD_SANDBOX_ID:
                id.len = id.len < SHORT_ID ? id.len : SHORT_ID;
                return rti_give_str(ret_value, id);
        case RTI_SYS_K8S_POD_FULL_SANDBOX_ID:
                return rti_give_str(ret_value, id);
        case RTI_SYS_K8S_POD_LABEL:
                return give_label(facts->pod_labels, facts->n_pod_labels, slot->key, ret_value);
        case RTI_SYS_K8S_POD_LABELS:
                return give_labels(event, facts->pod_labels, facts->n_pod_labels, ret_value);
        case RTI_SYS_K8S_POD_IP:
                return rti_give_str(ret_value, pod_ip(sys, facts));
        case RTI_SYS_K8S_POD_CNI_JSON:
                return rti_give_str(ret_value, facts->cni_json);
        default:
                /* Other objects of a cluster, and proc.is_container_*: nothing tells of them, and
                 * the reference shows them never. */
                return 0;
        }
}

/* ---- the container ---- */

/* A container starts with its pid namespace, whatever its metadata say. */
static int
read_time(const rti_sys *sys, uint32_t kind, rt_value *ret_value)
{
        const uint64_t start = sys->evt.thread ? rti_thread_pidns_start(sys->evt.thread) : 0;

        if (start == 0)
                return 0;
        return rti_give_u64(ret_value, kind,
                            kind == RT_KIND_ABSTIME ? start : sys->evt.time_ns - start);
}

static int
read_property(const rti_sys *sys, const rti_container_facts *facts, const rt_event *event,
              const rti_sys_slot *slot, rt_value *ret_value)
{
        switch (slot->field) {
        case RTI_SYS_CONTAINER_PRIVILEGED:
                return rti_give_u64(ret_value, RT_KIND_BOOL, facts->privileged);
        case RTI_SYS_CONTAINER_HOST_PID:
                return rti_give_u64(ret_value, RT_KIND_BOOL, facts->host_pid);
        case RTI_SYS_CONTAINER_HOST_NETWORK:
                return rti_give_u64(ret_value, RT_KIND_BOOL, facts->host_network);
        case RTI_SYS_CONTAINER_HOST_IPC:
                return rti_give_u64(ret_value, RT_KIND_BOOL, facts->host_ipc);
        case RTI_SYS_CONTAINER_MOUNTS:
                return give_mounts(event, facts->mounts, facts->n_mounts, ret_value);
        case RTI_SYS_CONTAINER_MOUNT ... RTI_SYS_CONTAINER_MOUNT_PROPAGATION:
                return read_mount(facts, event, slot, ret_value);
        case RTI_SYS_CONTAINER_HEALTHCHECK:
                return give_probe(event, &facts->healthcheck, ret_value);
        case RTI_SYS_CONTAINER_LIVENESS_PROBE:
                return give_probe(event, &facts->liveness, ret_value);
        case RTI_SYS_CONTAINER_READINESS_PROBE:
                return give_probe(event, &facts->readiness, ret_value);
        case RTI_SYS_CONTAINER_START_TS:
        case RTI_SYS_CONTAINER_DURATION:
                return read_time(sys, slot->kind, ret_value);
        case RTI_SYS_CONTAINER_LABEL:
                return give_label(facts->labels, facts->n_labels, slot->key, ret_value);
        case RTI_SYS_CONTAINER_LABELS:
                return give_labels(event, facts->labels, facts->n_labels, ret_value);
        default:
                return read_pod(sys, facts, event, slot, ret_value);
        }
}

/* The member that a field of plain text shows; NULL: it is none. */
static const rt_str *
text_member(const rti_container_facts *facts, uint32_t field)
{
        switch (field) {
        case RTI_SYS_CONTAINER_FULL_ID:
                return &facts->full_id;
        case RTI_SYS_CONTAINER_NAME:
                return &facts->name;
        case RTI_SYS_CONTAINER_IMAGE:
                return &facts->image;
        case RTI_SYS_CONTAINER_IMAGE_ID:
                return &facts->image_id;
        case RTI_SYS_CONTAINER_TYPE:
                return &facts->type;
        case RTI_SYS_CONTAINER_IMAGE_REPOSITORY:
                return &facts->image_repo;
        case RTI_SYS_CONTAINER_IMAGE_TAG:
                return &facts->image_tag;
        case RTI_SYS_CONTAINER_IMAGE_DIGEST:
                return &facts->image_digest;
        case RTI_SYS_CONTAINER_IP:
                return &facts->ip;
        case RTI_SYS_CONTAINER_CNI_JSON:
                return &facts->cni_json;
        default:
                return NULL;
        }
}

int
rti_read_container(rti_sys *sys, const rt_event *event, rti_sys_slot *slot, rt_value *ret_value)
{
        static const rti_container_facts host = { .name = RTI_STR_INIT("host"),
                                                  .type = RTI_STR_INIT("host") };
        const rti_container_facts *facts = &host;
        const rt_str *text;
        rt_str id;

        if (!sys->evt.thread)
                return 0;
        id = rti_text_str(sys->evt.thread->container_id);
        if (slot->field == RTI_SYS_CONTAINER_ID)
                return rti_give_str(ret_value, id.len ? id : RTI_STR("host"));
        if (id.len)
                facts = facts_of(sys);
        if (!facts)
                return 0;
        text = text_member(facts, slot->field);
        if (text)
                return rti_give_str(ret_value, text->ptr ? *text : RTI_STR(""));
        return read_property(sys, facts, event, slot, ret_value);
}
