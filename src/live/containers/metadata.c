/* SPDX-License-Identifier: Apache-2.0 */
/*
 * metadata.c - a container's description out of the files of the runtime that made it.
 *
 * in    Docker's config.v2.json and hostconfig.json, OCI bundles (config.json) of containerd,
 *       podman and CRI-O, runc's state.json
 * out   {"container": {...}}: the JSON of captures, so that one reader knows both
 *
 * What a file lacks is left out. Files are read up to a bound; members of other types than expected
 * count as missing.
 */
#include "live/containers/containers.h"
#include <dirent.h>
#include <fcntl.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum { MOST_BYTES = 4 * 1024 * 1024, PATH_ROOM = 640, MOST_NAMESPACES = 64 };

/* Numbers of engines in captures. */
enum { TYPE_DOCKER = 0, TYPE_CONTAINERD = 7, TYPE_CRIO = 8, TYPE_PODMAN = 11 };

const bool live_container_metadata = true;

static json_t *
load(const char *path)
{
        const int fd = open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
        json_t *json = NULL;
        struct stat st;
        char *bytes;
        ssize_t n;
        size_t len = 0;

        if (fd < 0)
                return NULL;
        if (fstat(fd, &st) < 0 || !S_ISREG(st.st_mode) || st.st_size > MOST_BYTES
            || !(bytes = malloc((size_t) st.st_size + 1))) {
                close(fd);
                return NULL;
        }
        while (len < (size_t) st.st_size
               && (n = read(fd, bytes + len, (size_t) st.st_size - len)) > 0)
                len += (size_t) n;
        close(fd);
        json = json_loadb(bytes, len, 0, NULL);
        free(bytes);
        return json;
}

/* ---- members ---- */

static const char *
text(const json_t *object, const char *name)
{
        const char *s = json_string_value(json_object_get(object, name));

        return s ? s : "";
}

static void
set_text(json_t *to, const char *name, const char *s)
{
        if (s && *s)
                json_object_set_new(to, name, json_string(s));
}

static bool
is_in(const json_t *list, const char *word)
{
        for (size_t i = 0; i < json_array_size(list); i++) {
                const char *s = json_string_value(json_array_get(list, i));

                if (s && strcmp(s, word) == 0)
                        return true;
        }
        return false;
}

static bool
starts(const char *s, const char *prefix)
{
        return strncmp(s, prefix, strlen(prefix)) == 0;
}

/* "2024-05-01T10:00:00.1Z" as seconds since 1970. */
static void
set_time(json_t *to, const char *when)
{
        struct tm t = { 0 };

        if (strptime(when, "%Y-%m-%dT%H:%M:%S", &t))
                json_object_set_new(to, "created_time", json_integer(timegm(&t)));
}

/* "host/name:tag@sha256:digest" and its parts. */
static void
set_image(json_t *to, const char *image)
{
        const char *at = strchr(image, '@');
        const size_t len = at ? (size_t) (at - image) : strlen(image);
        const char *slash = memrchr(image, '/', len);
        const size_t name = slash ? (size_t) (slash - image) : 0;
        const char *colon = memchr(image + name, ':', len - name);

        if (!*image)
                return;
        set_text(to, "image", image);
        json_object_set_new(to, "imagerepo",
                            json_stringn(image, colon ? (size_t) (colon - image) : len));
        if (colon)
                json_object_set_new(to, "imagetag",
                                    json_stringn(colon + 1, len - (size_t) (colon + 1 - image)));
        if (at)
                set_text(to, "imagedigest", at + 1);
}

static void
set_image_id(json_t *to, const char *id)
{
        set_text(to, "imageid", starts(id, "sha256:") ? id + strlen("sha256:") : id);
}

static void
add_mount(json_t *mounts, const char *source, const char *dest, const char *mode, bool rw,
          const char *propagation)
{
        json_array_append_new(mounts,
                              json_pack("{sssssssbss}", "Source", source, "Destination", dest,
                                        "Mode", mode, "RW", rw, "Propagation", propagation));
}

/* ---- Docker ---- */

static void
docker_mounts(json_t *to, json_t *config)
{
        json_t *mounts = json_array(), *point;
        const char *dest;

        json_object_foreach(json_object_get(config, "MountPoints"), dest, point)
                add_mount(mounts, text(point, "Source"), dest, text(point, "Relabel"),
                          json_is_true(json_object_get(point, "RW")), text(point, "Propagation"));
        json_object_set_new(to, "Mounts", mounts);
}

/* ["CMD", program, argument ...] or ["CMD-SHELL", line]. */
static void
docker_health(json_t *to, const json_t *settings)
{
        json_t *test = json_object_get(json_object_get(settings, "Healthcheck"), "Test"), *args;
        const char *kind = json_string_value(json_array_get(test, 0));
        const char *exe = json_string_value(json_array_get(test, 1));

        if (!kind || !exe)
                return;
        args = json_array();
        if (strcmp(kind, "CMD-SHELL") == 0) {
                json_array_append_new(args, json_string("-c"));
                json_array_append_new(args, json_string(exe));
                exe = "/bin/sh";
        }
        for (size_t i = 2; i < json_array_size(test); i++)
                json_array_append(args, json_array_get(test, i));
        json_object_set_new(to, "Healthcheck", json_pack("{ssso}", "exe", exe, "args", args));
}

static void
docker_address(json_t *to, const json_t *config)
{
        json_t *networks = json_object_get(json_object_get(config, "NetworkSettings"), "Networks");
        const char *name;
        json_t *network;

        json_object_foreach(networks, name, network) if (*text(network, "IPAddress"))
        {
                set_text(to, "ip", text(network, "IPAddress"));
                return;
        }
}

/* The digest that the image was pulled by: the graph driver keeps names of images. */
static void
docker_digest(json_t *to, const char *root, const char *image_id)
{
        static const char *const drivers[] = { "overlay2", "vfs", "btrfs", "zfs",
                                               "fuse-overlayfs" };
        char path[PATH_ROOM];

        for (size_t i = 0; i < RTI_COUNT(drivers); i++) {
                json_t *file, *names, *id;
                const char *repository, *name;

                snprintf(path, sizeof path, "%s/image/%s/repositories.json", root, drivers[i]);
                file = load(path);
                json_object_foreach(json_object_get(file, "Repositories"), repository, names)
                        json_object_foreach(names, name, id)
                {
                        const char *at = strchr(name, '@');
                        const char *s = json_string_value(id);

                        if (at && s && strcmp(s, image_id) == 0)
                                set_text(to, "imagedigest", at + 1);
                }
                json_decref(file);
        }
}

static void
docker_host(json_t *to, const json_t *host)
{
        static const struct {
                const char *member, *to;
        } modes[] = { { "PidMode", "host_pid" },
                      { "NetworkMode", "host_network" },
                      { "IpcMode", "host_ipc" } };

        json_object_set(to, "privileged", json_object_get(host, "Privileged"));
        for (size_t i = 0; i < RTI_COUNT(modes); i++)
                json_object_set_new(to, modes[i].to,
                                    json_boolean(strcmp(text(host, modes[i].member), "host") == 0));
}

static bool
from_docker(const char *root, const char *id, json_t *to)
{
        json_t *config, *host, *settings;
        const char *name;
        char path[PATH_ROOM];

        snprintf(path, sizeof path, "%s/containers/%s/config.v2.json", root, id);
        config = load(path);
        snprintf(path, sizeof path, "%s/containers/%s/hostconfig.json", root, id);
        host = load(path);
        if (!config || !host) {
                json_decref(config);
                json_decref(host);
                return false;
        }
        settings = json_object_get(config, "Config");
        name = text(config, "Name");
        json_object_set_new(to, "type", json_integer(TYPE_DOCKER));
        set_text(to, "name", name + (*name == '/'));
        set_image(to, text(settings, "Image"));
        set_image_id(to, text(config, "Image"));
        docker_digest(to, root, text(config, "Image"));
        set_text(to, "User", text(settings, "User"));
        set_time(to, text(config, "Created"));
        json_object_set(to, "labels", json_object_get(settings, "Labels"));
        docker_mounts(to, config);
        docker_health(to, settings);
        docker_address(to, config);
        docker_host(to, host);
        json_decref(config);
        json_decref(host);
        return true;
}

/* ---- OCI bundles ---- */

/* Annotations and what they become. */
static const struct {
        const char *name, *member, *label;
} annotations[] = {
        { "io.kubernetes.cri.container-name", "name", "io.kubernetes.container.name" },
        { "io.kubernetes.cri.sandbox-name", NULL, "io.kubernetes.pod.name" },
        { "io.kubernetes.cri.sandbox-namespace", NULL, "io.kubernetes.pod.namespace" },
        { "io.kubernetes.cri.sandbox-uid", NULL, "io.kubernetes.pod.uid" },
        { "io.kubernetes.cri.sandbox-id", "pod_sandbox_id", NULL },
        { "io.kubernetes.cri-o.SandboxID", "pod_sandbox_id", NULL },
        { "io.kubernetes.container.name", "name", "io.kubernetes.container.name" },
        { "nerdctl/name", "name", "nerdctl/name" },
};

static const char *const images[] = { "io.kubernetes.cri.image-name",
                                      "io.kubernetes.cri-o.ImageName",
                                      "org.opencontainers.image.ref.name" };

static void
oci_annotations(json_t *to, json_t *given)
{
        json_t *labels = json_object(), *value;
        const char *name;

        json_object_foreach(given, name, value) if (json_is_string(value)
                                                    && starts(name, "io.kubernetes.")
                                                    && !starts(name, "io.kubernetes.cri"))
                json_object_set(labels, name, value);
        for (size_t i = 0; i < RTI_COUNT(annotations); i++) {
                const char *s = text(given, annotations[i].name);

                if (annotations[i].member)
                        set_text(to, annotations[i].member, s);
                if (annotations[i].label)
                        set_text(labels, annotations[i].label, s);
        }
        for (size_t i = 0; i < RTI_COUNT(images); i++)
                if (!json_object_get(to, "image"))
                        set_image(to, text(given, images[i]));
        json_object_set_new(to, "labels", labels);
        json_object_set_new(
                to, "is_pod_sandbox",
                json_boolean(strcmp(text(given, "io.kubernetes.cri.container-type"), "sandbox") == 0
                             || strcmp(text(given, "io.kubernetes.cri-o.ContainerType"), "sandbox")
                                        == 0));
}

static void
oci_mounts(json_t *to, json_t *list)
{
        static const char *const propagations[] = { "rprivate", "private", "rshared",
                                                    "shared",   "rslave",  "slave" };
        json_t *mounts = json_array();

        for (size_t i = 0; i < json_array_size(list); i++) {
                const json_t *one = json_array_get(list, i);
                const json_t *options = json_object_get(one, "options");
                const char *propagation = "";

                if (strcmp(text(one, "type"), "bind") != 0)
                        continue;
                for (size_t k = 0; k < RTI_COUNT(propagations); k++)
                        if (is_in(options, propagations[k]))
                                propagation = propagations[k];
                add_mount(mounts, text(one, "source"), text(one, "destination"), "",
                          !is_in(options, "ro"), propagation);
        }
        json_object_set_new(to, "Mounts", mounts);
}

/* Namespaces of its own are listed; what is not is the host's. */
static void
oci_namespaces(json_t *to, const json_t *namespaces)
{
        static const struct {
                const char *type, *to;
        } rows[] = { { "pid", "host_pid" }, { "network", "host_network" }, { "ipc", "host_ipc" } };

        for (size_t i = 0; i < RTI_COUNT(rows); i++) {
                bool own = false;

                for (size_t k = 0; k < json_array_size(namespaces); k++)
                        own |= strcmp(text(json_array_get(namespaces, k), "type"), rows[i].type)
                               == 0;
                json_object_set_new(to, rows[i].to, json_boolean(!own));
        }
}

/* A bundle does not say so: everything allowed and nothing of /proc hidden, as runtimes make it. */
static bool
is_privileged(const json_t *spec)
{
        const json_t *linux_part = json_object_get(spec, "linux");
        const json_t *bounding = json_object_get(
                json_object_get(json_object_get(spec, "process"), "capabilities"), "bounding");

        return is_in(bounding, "CAP_SYS_ADMIN") && is_in(bounding, "CAP_SYS_MODULE")
               && json_array_size(json_object_get(linux_part, "maskedPaths")) == 0
               && json_array_size(json_object_get(linux_part, "readonlyPaths")) == 0;
}

static bool
from_bundle(const char *path, json_t *to)
{
        json_t *spec = load(path);
        const json_t *user;
        struct stat st;
        char uid[32];

        if (!spec)
                return false;
        oci_annotations(to, json_object_get(spec, "annotations"));
        oci_mounts(to, json_object_get(spec, "mounts"));
        oci_namespaces(to, json_object_get(json_object_get(spec, "linux"), "namespaces"));
        json_object_set_new(to, "privileged", json_boolean(is_privileged(spec)));
        user = json_object_get(json_object_get(json_object_get(spec, "process"), "user"), "uid");
        if (json_is_integer(user)) {
                snprintf(uid, sizeof uid, "%lld", (long long) json_integer_value(user));
                set_text(to, "User", uid);
        }
        if (stat(path, &st) == 0)
                json_object_set_new(to, "created_time", json_integer(st.st_mtime));
        json_decref(spec);
        return true;
}

static bool
from_containerd(const char *root, const char *id, json_t *to)
{
        char path[PATH_ROOM];
        const struct dirent *d;
        bool found = false;
        DIR *dir;

        snprintf(path, sizeof path, "%s/io.containerd.runtime.v2.task", root);
        dir = opendir(path);
        for (int n = 0; dir && !found && n < MOST_NAMESPACES && (d = readdir(dir)); n++) {
                if (d->d_name[0] == '.')
                        continue;
                snprintf(path, sizeof path, "%s/io.containerd.runtime.v2.task/%s/%s/config.json",
                         root, d->d_name, id);
                found = from_bundle(path, to);
        }
        if (dir)
                closedir(dir);
        if (found)
                json_object_set_new(to, "type", json_integer(TYPE_CONTAINERD));
        return found;
}

/* Names and images of all containers stand in one list of the storage. */
static void
storage_names(const char *root, const char *driver, const char *id, json_t *to)
{
        char path[PATH_ROOM];
        json_t *list, *metadata;

        snprintf(path, sizeof path, "%s/%s-containers/containers.json", root, driver);
        list = load(path);
        for (size_t i = 0; i < json_array_size(list); i++) {
                const json_t *one = json_array_get(list, i);
                const char *name =
                        json_string_value(json_array_get(json_object_get(one, "names"), 0));

                if (strcmp(text(one, "id"), id) != 0)
                        continue;
                if (!json_object_get(to, "name"))
                        set_text(to, "name", name);
                set_image_id(to, text(one, "image"));
                set_time(to, text(one, "created"));
                metadata = json_loads(text(one, "metadata"), 0, NULL);
                if (!json_object_get(to, "image"))
                        set_image(to, text(metadata, "image-name"));
                json_decref(metadata);
        }
        json_decref(list);
}

static bool
from_storage(const char *root, const char *id, json_t *to)
{
        static const char *const drivers[] = { "overlay", "vfs", "btrfs" };
        char path[PATH_ROOM];

        for (size_t i = 0; i < RTI_COUNT(drivers); i++) {
                snprintf(path, sizeof path, "%s/%s-containers/%s/userdata/config.json", root,
                         drivers[i], id);
                if (!from_bundle(path, to))
                        continue;
                json_object_set_new(to, "type",
                                    json_integer(json_object_get(to, "pod_sandbox_id")
                                                         ? TYPE_CRIO
                                                         : TYPE_PODMAN));
                storage_names(root, drivers[i], id, to);
                return true;
        }
        return false;
}

static bool
from_runc(const char *root, const char *id, json_t *to)
{
        char path[PATH_ROOM];
        json_t *state, *labels;
        bool found = false;

        snprintf(path, sizeof path, "%s/%s/state.json", root, id);
        state = load(path);
        labels = json_object_get(json_object_get(state, "config"), "labels");
        for (size_t i = 0; !found && i < json_array_size(labels); i++) {
                const char *label = json_string_value(json_array_get(labels, i));

                if (!label || !starts(label, "bundle=/"))
                        continue;
                snprintf(path, sizeof path, "%s/config.json", label + strlen("bundle="));
                found = from_bundle(path, to);
        }
        if (found)
                set_time(to, text(state, "created"));
        json_decref(state);
        return found;
}

/* ---- all of them ---- */

typedef bool from(const char *root, const char *id, json_t *to);

static from *const runtimes[LIVE_RUNTIMES] = { [LIVE_DOCKER] = from_docker,
                                               [LIVE_CONTAINERD] = from_containerd,
                                               [LIVE_STORAGE] = from_storage,
                                               [LIVE_RUNC] = from_runc };

static int
type_number(rt_str type)
{
        static const struct {
                const char *name;
                int number;
        } rows[] = { { "docker", TYPE_DOCKER },
                     { "cri", 6 },
                     { "containerd", TYPE_CONTAINERD },
                     { "podman", TYPE_PODMAN } };

        for (size_t i = 0; i < RTI_COUNT(rows); i++)
                if (rti_str_is(type, rows[i].name))
                        return rows[i].number;
        return -1;
}

int
live_container_json(const live_container_options *options, const char *full_id, rt_str type,
                    char **ret_json)
{
        enum { SHORT_ID = 12 };
        json_t *to = json_object(), *all;
        char *json = NULL;
        bool found = false;

        json_object_set_new(to, "id", json_stringn(full_id, strnlen(full_id, SHORT_ID)));
        set_text(to, "full_id", full_id);
        json_object_set_new(to, "lookup_state", json_integer(1));
        if (type_number(type) >= 0)
                json_object_set_new(to, "type", json_integer(type_number(type)));
        for (int i = 0; !found && i < LIVE_RUNTIMES; i++)
                found = options->root[i][0] && runtimes[i](options->root[i], full_id, to);
        all = json_pack("{so}", "container", to);
        if (found)
                json = json_dumps(all, JSON_COMPACT);
        json_decref(all);
        if (!found)
                return RT_ENOENT;
        if (!json)
                return RT_ENOMEM;
        *ret_json = json;
        return RT_OK;
}
