/* SPDX-License-Identifier: Apache-2.0 */
/*
 * container_match.c - which container a cgroup names (spec C.8).
 *
 * The engines are tried in a fixed order, each on every cgroup of the thread; the first hit counts.
 * Most layouts are rows of one table: a prefix (its last occurrence), 64 hexadecimal digits, a
 * suffix at the end.
 */
#include "sources/syscall/state/container.h"

enum { FULL_ID = 64, SHORT_ID = 12 };

enum engine { PODMAN, DOCKER, CRI, CONTAINERD, LXC, LIBVIRT, BPM, N_ENGINES };

static const rt_str types[N_ENGINES] = {
        [PODMAN] = RTI_STR_INIT("podman"), [DOCKER] = RTI_STR_INIT("docker"),
        [CRI] = RTI_STR_INIT("cri"),       [CONTAINERD] = RTI_STR_INIT("containerd"),
        [LXC] = RTI_STR_INIT("lxc"),       [LIBVIRT] = RTI_STR_INIT("libvirt-lxc"),
        [BPM] = RTI_STR_INIT("bpm"),
};

static const struct {
        enum engine engine;
        rt_str prefix, suffix;
} layouts[] = {
        { PODMAN, RTI_STR_INIT("/libpod-"), RTI_STR_INIT(".scope") },
        { PODMAN, RTI_STR_INIT("/libpod-"), RTI_STR_INIT(".scope/container") },
        { PODMAN, RTI_STR_INIT("/libpod-"), RTI_STR_INIT("") },
        { PODMAN, RTI_STR_INIT("/libpod-payload-"), RTI_STR_INIT(".scope") },
        { PODMAN, RTI_STR_INIT("/libpod-payload-"), RTI_STR_INIT(".scope/container") },
        { PODMAN, RTI_STR_INIT("/libpod-payload-"), RTI_STR_INIT("") },
        { DOCKER, RTI_STR_INIT("/"), RTI_STR_INIT("") },
        { DOCKER, RTI_STR_INIT("/docker-"), RTI_STR_INIT(".scope") },
        { CRI, RTI_STR_INIT("/"), RTI_STR_INIT("") },
        { CRI, RTI_STR_INIT("/crio-"), RTI_STR_INIT("") },
        { CRI, RTI_STR_INIT("/cri-containerd-"), RTI_STR_INIT(".scope") },
        { CRI, RTI_STR_INIT("/crio-"), RTI_STR_INIT(".scope") },
        { CRI, RTI_STR_INIT(":cri-containerd:"), RTI_STR_INIT("") },
        { CRI, RTI_STR_INIT("/docker-"), RTI_STR_INIT(".scope") },
        { CRI, RTI_STR_INIT("/nerdctl-"), RTI_STR_INIT(".scope") },
};

/* ---- finding ids ---- */

/* Index behind the last @a part of @a s, SIZE_MAX: there is none. */
static size_t
behind_last(rt_str s, rt_str part)
{
        for (size_t at = s.len - (s.len < part.len ? s.len : part.len) + 1; at-- > 0;)
                if (s.len - at >= part.len && memcmp(s.ptr + at, part.ptr, part.len) == 0)
                        return at + part.len;
        return SIZE_MAX;
}

static bool
is_hex(rt_str s)
{
        for (size_t i = 0; i < s.len; i++) {
                const char c = s.ptr[i];

                if (!((c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F')))
                        return false;
        }
        return true;
}

static rt_str
by_layout(enum engine engine, rt_str path)
{
        for (size_t i = 0; i < RTI_COUNT(layouts); i++) {
                size_t from, to;
                rt_str id;

                if (layouts[i].engine != engine)
                        continue;
                from = behind_last(path, layouts[i].prefix);
                to = behind_last(path, layouts[i].suffix);
                if (from == SIZE_MAX || to == SIZE_MAX)
                        continue;
                to -= layouts[i].suffix.len;
                if (to < from || to - from != FULL_ID)
                        continue;
                id = rti_str_sub(path, from, to);
                if (is_hex(id))
                        return rti_str_sub(id, 0, SHORT_ID);
        }
        return (rt_str){ NULL, 0 };
}

/* "/NAMESPACE/ID", where ID is what somebody chose. */
static rt_str
by_containerd(rt_str path)
{
        static const rt_str namespaces[] = { RTI_STR_INIT("/default/"), RTI_STR_INIT("/k8s.io/"),
                                             RTI_STR_INIT("/moby/") };
        static const rt_str units[] = { RTI_STR_INIT(".service"), RTI_STR_INIT(".slice"),
                                        RTI_STR_INIT(".scope") };

        for (size_t i = 0; i < RTI_COUNT(units); i++)
                if (rti_str_ends(path, units[i]))
                        return (rt_str){ NULL, 0 };
        for (size_t i = 0; i < RTI_COUNT(namespaces); i++) {
                const size_t from = behind_last(path, namespaces[i]);
                rt_str id;

                if (from == SIZE_MAX || from == path.len)
                        continue;
                id = rti_str_sub(path, from, path.len);
                if (!memchr(id.ptr, '/', id.len))
                        return rti_str_sub(id, 0, id.len < SHORT_ID ? id.len : SHORT_ID);
        }
        return (rt_str){ NULL, 0 };
}

/* From the first @a prefix up to the next slash, or (whole) to the end. */
static rt_str
behind_first(rt_str path, rt_str prefix, bool whole)
{
        const size_t at = rti_str_find(path, prefix);
        const char *slash;
        rt_str id;

        if (at == SIZE_MAX)
                return (rt_str){ NULL, 0 };
        id = rti_str_sub(path, at + prefix.len, path.len);
        slash = id.len && !whole ? memchr(id.ptr, '/', id.len) : NULL;
        return slash ? rti_str_sub(id, 0, (size_t) (slash - id.ptr)) : id;
}

static rt_str
by_lxc(rt_str path)
{
        static const rt_str prefixes[] = { RTI_STR_INIT("/lxc/"), RTI_STR_INIT("/lxc.payload/"),
                                           RTI_STR_INIT("/lxc.payload.") };
        rt_str id = { NULL, 0 };

        for (size_t i = 0; !id.len && i < RTI_COUNT(prefixes); i++)
                id = behind_first(path, prefixes[i], false);
        return id;
}

static rt_str
without_end(rt_str s, rt_str end)
{
        return rti_str_ends(s, end) ? rti_str_sub(s, 0, s.len - end.len) : (rt_str){ NULL, 0 };
}

static rt_str
by_libvirt(rt_str path)
{
        const size_t at = rti_str_find(path, RTI_STR(".libvirt-lxc"));
        rt_str id;

        if (at != SIZE_MAX) {
                const size_t slash = behind_last(rti_str_sub(path, 0, at), RTI_STR("/"));

                if (slash != SIZE_MAX)
                        return rti_str_sub(path, slash, at);
        }
        id = behind_first(path, RTI_STR("-lxc\\x2d"), true);
        if (id.len) {
                rt_str plain = without_end(id, RTI_STR(".scope/libvirt"));

                if (!plain.len)
                        plain = without_end(id, RTI_STR(".scope"));
                if (plain.len)
                        return plain;
        }
        return behind_first(path, RTI_STR("/libvirt/lxc/"), true);
}

static rt_str
by_bpm(rt_str path)
{
        static const rt_str marks = RTI_STR_INIT("._-");
        const rt_str id = without_end(behind_first(path, RTI_STR("bpm-"), true), RTI_STR(".scope"));

        for (size_t i = 0; i < id.len; i++) {
                const char c = id.ptr[i];

                if (!((c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z')
                      || memchr(marks.ptr, c, marks.len)))
                        return (rt_str){ NULL, 0 };
        }
        return id;
}

static rt_str
id_by(enum engine engine, rt_str path)
{
        switch (engine) {
        case PODMAN:
        case DOCKER:
        case CRI:
                return by_layout(engine, path);
        case CONTAINERD:
                return by_containerd(path);
        case LXC:
                return by_lxc(path);
        case LIBVIRT:
                return by_libvirt(path);
        case BPM:
                return by_bpm(path);
        case N_ENGINES:
                break;
        }
        return (rt_str){ NULL, 0 };
}

/* The path of the next element; false at the end. */
static bool
next_path(rt_str *cgroups, rt_str *ret_path)
{
        const char *stop = cgroups->len ? memchr(cgroups->ptr, '\0', cgroups->len) : NULL;
        const char *equals;
        size_t from;

        if (!stop)
                return false;
        equals = memchr(cgroups->ptr, '=', (size_t) (stop - cgroups->ptr));
        from = equals ? (size_t) (equals + 1 - cgroups->ptr) : 0;
        *ret_path = rti_str_sub(*cgroups, from, (size_t) (stop - cgroups->ptr));
        *cgroups = rti_str_sub(*cgroups, (size_t) (stop + 1 - cgroups->ptr), cgroups->len);
        return true;
}

size_t
rti_container_match(rt_str cgroups, char ret_id[RTI_CONTAINER_ID_ROOM], rt_str *ret_type)
{
        for (enum engine engine = 0; engine < N_ENGINES; engine++) {
                rt_str rest = cgroups, path;

                while (next_path(&rest, &path)) {
                        rt_str id = path.len > 1 ? id_by(engine, path) : (rt_str){ NULL, 0 };

                        if (!id.len)
                                continue;
                        if (id.len > RTI_CONTAINER_ID_ROOM)
                                id.len = RTI_CONTAINER_ID_ROOM;
                        memcpy(ret_id, id.ptr, id.len);
                        *ret_type = types[engine];
                        return id.len;
                }
        }
        return 0;
}
