/* SPDX-License-Identifier: Apache-2.0 */
/* watch.c - run a function in a child of its own and collect the records of what it did. */
#include "watch.h"
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

void
watch_open(watch *w, const rti_live_options *options)
{
        rti_live_probe probe;

        memset(w, 0, sizeof *w);
        if (rti_live_open(options, &probe, &w->live) < 0)
                cr_skip_test("%s", probe.message);
        rti_live_set_scope(w->live, RTI_SCOPE_TREE);
        rti_live_want_all(w->live, true);
        w->record = calloc(MOST_RECORDS, sizeof *w->record);
        cr_assert(w->record);
        cr_assert_eq(rti_live_start(w->live), RT_OK);
}

void
watch_close(watch *w)
{
        for (size_t i = 0; i < w->n; i++)
                free(w->record[i]);
        free(w->record);
        rti_live_close(w->live);
}

static int
keep(const struct rti_record *record, void *context)
{
        watch *w = context;

        if (w->n < MOST_RECORDS) {
                w->record[w->n] = malloc(record->len);
                cr_assert(w->record[w->n]);
                memcpy(w->record[w->n++], record, record->len);
        }
        return 0;
}

static void
drain(watch *const *w, size_t n, int timeout_ms)
{
        for (size_t i = 0; i < n; i++)
                if (w[i]->lazy)
                        usleep(1000);
                else
                        cr_assert_geq(rti_live_drain(w[i]->live, timeout_ms, keep, w[i]), 0);
}

int
watch_run_all(watch *const *w, size_t n, int (*act)(void *), void *context)
{
        int go[2], status = 0;
        char byte = 0;
        pid_t child;

        cr_assert_eq(pipe(go), 0);
        child = fork();
        cr_assert_geq(child, 0);
        if (child == 0) {
                /* Not before it is in scope. */
                if (read(go[0], &byte, 1) != 1)
                        _exit(127);
                _exit(act(context));
        }
        for (size_t i = 0; i < n; i++)
                cr_assert_eq(rti_live_scope_add(w[i]->live, RTI_SCOPE_TREE, (uint64_t) child),
                             RT_OK);
        cr_assert_eq(write(go[1], &byte, 1), 1);
        do
                drain(w, n, 10);
        while (waitpid(child, &status, WNOHANG) == 0);
        for (size_t i = 0; i < n; i++)
                while (rti_live_drain(w[i]->live, 100, keep, w[i]) > 0)
                        ;
        close(go[0]);
        close(go[1]);
        cr_assert(WIFEXITED(status) || WIFSIGNALED(status));
        return child;
}

int
watch_run(watch *w, int (*act)(void *), void *context)
{
        return watch_run_all(&w, 1, act, context);
}

const uint8_t *
value_of(const struct rti_record *r, uint32_t i, size_t *ret_len)
{
        const uint16_t *lengths = (const uint16_t *) (r + 1);
        const uint8_t *at = (const uint8_t *) (lengths + r->n_params);

        cr_assert_lt(i, r->n_params);
        for (uint32_t k = 0; k < i; k++)
                at += lengths[k];
        *ret_len = lengths[i];
        return at;
}

int64_t
number_of(const struct rti_record *r, uint32_t i)
{
        size_t len;
        const uint8_t *at = value_of(r, i, &len);
        int64_t n = 0;

        cr_assert(len == 1 || len == 2 || len == 4 || len == 8, "value %u has %zu bytes", i, len);
        memcpy(&n, at, len);
        return n;
}

const char *
text_of(const struct rti_record *r, uint32_t i)
{
        size_t len;
        const uint8_t *at = value_of(r, i, &len);

        if (len == 0)
                return "";
        cr_assert_eq(at[len - 1], 0, "value %u has no end", i);
        return (const char *) at;
}

const struct rti_record *
watch_find(const watch *w, uint16_t event, uint32_t param, const void *bytes, size_t len)
{
        for (size_t i = 0; i < w->n; i++) {
                const struct rti_record *r = w->record[i];
                const uint8_t *at;
                size_t n;

                if (r->event != event)
                        continue;
                at = value_of(r, param, &n);
                if (n == len && memcmp(at, bytes, len) == 0)
                        return r;
        }
        return NULL;
}

const struct rti_record *
watch_find_text(const watch *w, uint16_t event, uint32_t param, const char *text)
{
        return watch_find(w, event, param, text, strlen(text) + 1);
}

const struct rti_record *
watch_first(const watch *w, uint16_t event)
{
        for (size_t i = 0; i < w->n; i++) {
                if (w->record[i]->event == event)
                        return w->record[i];
        }
        return NULL;
}
