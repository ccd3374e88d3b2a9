/* SPDX-License-Identifier: Apache-2.0 */
/*
 * villain.c - a plug-in that harms the process it is in, in the way that its parameters say.
 *
 *   init      configuration: what to do there
 *   open      parameters "WHERE WHAT [N]": do it in open, next, extract, text or close, in the call
 *             after N good ones. Or the number of good events.
 *   field     villain.n, the number of the event
 *
 * "once:FILE" in front of the parameters: only if there is no such file, which is made.
 */
#include "plugin.h"
#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/socket.h>

enum { ROOM = 128, BATCH = 4, ID = 906 };

typedef struct villain {
        char where[16], what[16], error[128];
        unsigned long left, calls[5];
        uint64_t number;
        char buffer[BATCH * ROOM];
        rti_fp_event *events[BATCH];
        uint64_t n, end;
        char text[64];
} villain;

PLUGIN_INFO("villain", "6.6.6")
PLUGIN_SOURCE(ID, "villain")

/* ---- deeds ---- */

static int *volatile nowhere = (int *) 8;

/* What is mapped of shared memory: all of it becomes rubbish, again and again. */
static void *
scribble(void *user)
{
        char line[512];
        unsigned seed = 1;

        (void) user;
        for (;;) {
                FILE *maps = fopen("/proc/self/maps", "re");

                while (maps && fgets(line, sizeof line, maps)) {
                        unsigned long begin, end;

                        if (!strstr(line, "memfd:libruntime")
                            || sscanf(line, "%lx-%lx", &begin, &end) != 2)
                                continue;
                        /* The first pages of both halves. */
                        for (unsigned long at = 0; at < 4096; at++) {
                                seed = seed * 1103515245 + 12345;
                                ((char *) begin)[at] = (char) (seed >> 16);
                                ((char *) begin + (end - begin) / 2)[at] = (char) (seed >> 24);
                        }
                }
                if (maps)
                        fclose(maps);
        }
        return NULL;
}

/* Rubbish, or what is almost right, to everybody who listens. */
static void
send_all(const void *bytes, size_t n)
{
        for (int fd = 3; fd < 64; fd++)
                (void) send(fd, bytes, n, MSG_NOSIGNAL | MSG_DONTWAIT);
}

static void
send_reply(uint64_t len, uint32_t kind)
{
        const struct {
                uint32_t magic;
                uint16_t kind, function;
                uint64_t sequence, len;
                int32_t rc;
                uint32_t flags;
        } reply = { 0x31494652, (uint16_t) kind, 4, 2, len, 0, 0 };

        send_all(&reply, sizeof reply);
}

static void
leak(void)
{
        for (size_t i = 0; i < 4096; i++) {
                char *some = malloc(1024 * 1024);

                if (!some)
                        abort();
                memset(some, 1, 1024 * 1024);
        }
}

static void
close_all(void)
{
        for (int fd = 3; fd < 64; fd++)
                close(fd);
}

/* A child that holds what we hold, and does not go. */
static void
leave_child(void)
{
        const pid_t child = fork();
        FILE *file;

        if (child == 0)
                for (;;)
                        pause();
        file = fopen(getenv("VILLAIN_FILE"), "we");
        fprintf(file, "%d\n", (int) child);
        fclose(file);
        _exit(7);
}

static void
cut_memory(void)
{
        for (int fd = 3; fd < 64; fd++)
                (void) !ftruncate(fd, 0);
}

static void
do_it(const char *what)
{
        pthread_t thread;

        if (strcmp(what, "crash") == 0)
                *nowhere = 1;
        else if (strcmp(what, "abort") == 0)
                abort();
        else if (strcmp(what, "exit") == 0)
                exit(3);
        else if (strcmp(what, "hang") == 0)
                for (;;)
                        pause();
        else if (strcmp(what, "stop") == 0)
                raise(SIGSTOP);
        else if (strcmp(what, "fork") == 0)
                leave_child();
        else if (strcmp(what, "leak") == 0)
                leak();
        else if (strcmp(what, "close") == 0)
                close_all();
        else if (strcmp(what, "rubbish") == 0)
                send_all("rubbish", 8);
        else if (strcmp(what, "huge") == 0)
                send_reply(UINT64_MAX, 2);
        else if (strcmp(what, "empty") == 0)
                send_reply(0, 2);
        else if (strcmp(what, "other") == 0)
                send_reply(0, 1);
        else if (strcmp(what, "event") == 0)
                send_reply(64, 4);
        else if (strcmp(what, "cut") == 0)
                cut_memory();
        else if (strcmp(what, "scribble") == 0)
                pthread_create(&thread, NULL, scribble, NULL);
}

static void
arrive(villain *v, const char *where, size_t place)
{
        if (strcmp(v->where, where) == 0 && v->calls[place]++ == v->left)
                do_it(v->what);
}

/* ---- the plug-in ---- */

EXPORT void *
plugin_init(const rti_fp_init_input *input, int32_t *ret_rc)
{
        do_it(input->config);
        *ret_rc = RTI_FP_SUCCESS;
        return calloc(1, sizeof(villain));
}

EXPORT void
plugin_destroy(void *plugin)
{
        free(plugin);
}

EXPORT const char *
plugin_get_last_error(void *plugin)
{
        return ((villain *) plugin)->error;
}

EXPORT void *
plugin_open(void *plugin, const char *params, int32_t *ret_rc)
{
        villain *v = plugin;
        char file[256];
        bool again = false;

        memset(v, 0, sizeof *v);
        v->end = 10;
        if (sscanf(params, "once:%255s", file) == 1) {
                const int fd = open(file, O_CREAT | O_EXCL | O_CLOEXEC, 0600);

                again = fd < 0;
                if (fd >= 0)
                        close(fd);
                params += strlen("once:") + strlen(file) + 1;
        }
        if (*params >= '0' && *params <= '9')
                v->end = strtoul(params, NULL, 10);
        else if (!again)
                sscanf(params, "%15s %15s %lu", v->where, v->what, &v->left);
        if (strcmp(v->what, "scribble") == 0)
                v->end = 3000;
        arrive(v, "open", 0);
        *ret_rc = strcmp(params, "none") == 0 ? RTI_FP_FAILURE : RTI_FP_SUCCESS;
        return *ret_rc == RTI_FP_SUCCESS ? v : NULL;
}

EXPORT void
plugin_close(void *plugin, void *handle)
{
        (void) handle;
        arrive(plugin, "close", 4);
}

EXPORT int32_t
plugin_next_batch(void *plugin, void *handle, uint32_t *ret_n, rti_fp_event ***ret_events)
{
        villain *v = plugin;
        uint32_t n = 0;

        (void) handle;
        arrive(v, "next", 1);
        for (; n < BATCH && v->n < v->end; n++) {
                char text[32];
                const int len = snprintf(text, sizeof text, "%llu", (unsigned long long) ++v->n);

                v->events[n] = put_event(v->buffer + (size_t) n * ROOM, 0, v->n * 1000000000, text,
                                         (uint32_t) len);
        }
        *ret_n = n;
        *ret_events = v->events;
        return v->n < v->end ? RTI_FP_SUCCESS : RTI_FP_EOF;
}

EXPORT const char *
plugin_event_to_string(void *plugin, const rti_fp_event_input *event)
{
        villain *v = plugin;

        arrive(v, "text", 3);
        snprintf(v->text, sizeof v->text, "%.*s", (int) payload_length(event->event),
                 payload_of(event->event));
        return v->text;
}

EXPORT const char *
plugin_get_fields(void)
{
        return "[{\"type\":\"uint64\",\"name\":\"villain.n\",\"desc\":\"the number\"}]";
}

EXPORT int32_t
plugin_extract_fields(void *plugin, const rti_fp_event_input *event,
                      const rti_fp_extract_input *input)
{
        villain *v = plugin;
        char text[32] = "";

        arrive(v, "extract", 2);
        memcpy(text, payload_of(event->event), payload_length(event->event) % sizeof text);
        v->number = strtoull(text, NULL, 10);
        input->fields[0].values.u64 = &v->number;
        input->fields[0].n_values = 1;
        return RTI_FP_SUCCESS;
}
