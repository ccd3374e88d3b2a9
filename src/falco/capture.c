/* SPDX-License-Identifier: Apache-2.0 */
/*
 * capture.c - async events and capture listening.
 *
 * Locks: `captures` of the host is held while plug-ins are told that inputs open and close, and by
 * nothing that plug-ins call; `inboxes` guards the list of inboxes; then comes that of one inbox.
 * The plug-in's own lock is not held when it is told: it may wait for a thread of its own, which
 * comes here.
 */
#include "falco/capture.h"
#include "falco/system.h"
#include <stdio.h>
#include <time.h>

/* ---- inboxes ---- */

int
rti_fp_inbox_init(rti_fp_inbox *inbox, rt_falco *host, const char *source)
{
        const rti_fp *maker = rti_fp_of_source(host, source);
        pthread_condattr_t attributes;
        int failed;

        *inbox = (rti_fp_inbox){ .host = host, .source = source, .id = maker ? maker->id : 0 };
        inbox->last = &inbox->first;
        if (pthread_mutex_init(&inbox->lock, NULL) != 0)
                return RT_ENOMEM;
        failed = pthread_condattr_init(&attributes);
        if (!failed) {
                failed = pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
                failed = failed ? failed : pthread_cond_init(&inbox->filled, &attributes);
                pthread_condattr_destroy(&attributes);
        }
        if (!failed)
                return RT_OK;
        pthread_mutex_destroy(&inbox->lock);
        return RT_ENOMEM;
}

void
rti_fp_inbox_done(rti_fp_inbox *inbox)
{
        rti_fp_inbox_close(inbox);
        pthread_cond_destroy(&inbox->filled);
        pthread_mutex_destroy(&inbox->lock);
}

static bool
has_room(const rti_fp_inbox *inbox, size_t len)
{
        return inbox->n < RTI_FP_MAX_ASYNC_EVENTS && inbox->bytes + len <= RTI_FP_MAX_ASYNC_BYTES;
}

/* Put a copy of the event, which was checked, into the inbox. False: no room. */
static bool
deliver(rti_fp_inbox *inbox, const rti_fp_event *event, rt_str name)
{
        const size_t len = event->len;
        rti_fp_mail *mail = NULL;

        pthread_mutex_lock(&inbox->lock);
        if (has_room(inbox, len))
                mail = rti_alloc(&inbox->host->allocator, sizeof *mail + len);
        if (mail) {
                mail->next = NULL;
                mail->event = (rti_fp_event *) (mail + 1);
                memcpy(mail->event, event, len);
                rti_fp_settle_async(mail->event, inbox->id);
                mail->name =
                        (rt_str){ (const char *) mail->event + (name.ptr - (const char *) event),
                                  name.len };
                *inbox->last = mail;
                inbox->last = &mail->next;
                inbox->n++;
                inbox->bytes += len;
                pthread_cond_signal(&inbox->filled);
        } else {
                inbox->lost++;
        }
        pthread_mutex_unlock(&inbox->lock);
        return mail != NULL;
}

static struct timespec
after(uint64_t wait_ns)
{
        struct timespec until;

        clock_gettime(CLOCK_MONOTONIC, &until);
        wait_ns += (uint64_t) until.tv_nsec;
        until.tv_sec += (time_t) (wait_ns / 1000000000);
        until.tv_nsec = (long) (wait_ns % 1000000000);
        return until;
}

rti_fp_mail *
rti_fp_inbox_take(rti_fp_inbox *inbox, uint64_t wait_ns)
{
        rti_fp_mail *mail;

        pthread_mutex_lock(&inbox->lock);
        if (!inbox->first && wait_ns) {
                const struct timespec until = after(wait_ns);

                pthread_cond_timedwait(&inbox->filled, &inbox->lock, &until);
        }
        mail = inbox->first;
        if (mail) {
                inbox->first = mail->next;
                if (!inbox->first)
                        inbox->last = &inbox->first;
                inbox->n--;
                inbox->bytes -= mail->event->len;
        }
        pthread_mutex_unlock(&inbox->lock);
        return mail;
}

int
rti_fp_inbox_loss(rti_fp_inbox *inbox, rt_loss *ret_loss)
{
        *ret_loss = (rt_loss){ .size = sizeof *ret_loss,
                               .cause = "too many async events waited",
                               .part = "",
                               .kind = RT_LOSS_EVENT };
        pthread_mutex_lock(&inbox->lock);
        ret_loss->count = inbox->lost;
        pthread_mutex_unlock(&inbox->lock);
        return RT_OK;
}

/* ---- async events: called by plug-ins' threads ---- */

static int32_t
refuse(char *error, const char *why)
{
        if (error)
                snprintf(error, RTI_FP_ERROR_BYTES, "%s", why);
        return RTI_FP_FAILURE;
}

/* Are the plug-in's async events for the input? */
static bool
takes(const rti_fp_inbox *inbox, const rti_fp *plugin)
{
        return plugin->caps & RT_FALCO_ASYNC && !inbox->recorded
               && rti_fp_has_source(&plugin->asyncs, inbox->source);
}

/* Give it to all inboxes that may have it. */
static int32_t
spread(rti_fp *plugin, const rti_fp_event *event, rt_str name, char *error)
{
        rt_falco *host = plugin->host;
        bool any = false, all = true;

        pthread_mutex_lock(&host->inboxes_lock);
        for (rti_fp_inbox *inbox = host->inboxes; inbox; inbox = inbox->next)
                if (takes(inbox, plugin)) {
                        any = true;
                        all = deliver(inbox, event, name) && all;
                }
        pthread_mutex_unlock(&host->inboxes_lock);
        if (!any)
                return refuse(error, "no event source that this plugin may give async events is "
                                     "open");
        return all ? RTI_FP_SUCCESS : refuse(error, "too many async events wait");
}

static int32_t
handle_async(void *owner, const rti_fp_event *event, char *error)
{
        rti_fp *plugin = owner;
        rti_fp_event *copy;
        int32_t rc;
        rt_str name;
        int lie;

        if (!plugin || !event)
                return refuse(error, "an async event handler needs its owner and an event");
        lie = rti_fp_copy_async(plugin, event, &copy, &name);
        if (lie != RTI_FP_FINE) {
                rti_fp_lied(plugin, (enum rti_fp_lie) lie);
                return refuse(error, rti_fp_lie_text((enum rti_fp_lie) lie));
        }
        if (!copy)
                return refuse(error, "out of memory");
        rc = spread(plugin, copy, name, error);
        rti_free(&plugin->host->allocator, copy);
        return rc;
}

/* ---- routines: threads of the host that plug-ins ask for ---- */

struct rti_fp_routine {
        rti_fp *plugin;
        struct rti_fp_routine *next;
        pthread_t thread;
        rti_fp_routine_fn *fn;
        void *state;
        atomic_bool stop, ended;
};

static void *
run_routine(void *user)
{
        struct rti_fp_routine *routine = user;

        while (!atomic_load(&routine->stop) && routine->fn(routine->plugin->state, routine->state))
                ;
        atomic_store(&routine->ended, true);
        return NULL;
}

/* Take one that has ended off the plug-in's list, to make room; NULL: all of them still run, or
 * there is room. */
static struct rti_fp_routine *
unlist_ended(rti_fp *plugin)
{
        struct rti_fp_routine **at, **found = NULL, *ended = NULL;
        size_t n = 0;

        for (at = &plugin->routines; *at; at = &(*at)->next, n++)
                if (atomic_load(&(*at)->ended))
                        found = at;
        if (found && n >= RTI_FP_MAX_ROUTINES) {
                ended = *found;
                *found = ended->next;
        }
        return ended;
}

static void *
subscribe(void *owner, rti_fp_routine_fn *fn, void *state)
{
        rti_fp *plugin = owner;
        rt_falco *host = plugin->host;
        struct rti_fp_routine *routine, *ended;
        size_t n = 0;

        if (!fn)
                return NULL;
        routine = rti_calloc(&host->allocator, 1, sizeof *routine);
        if (!routine)
                return NULL;
        routine->plugin = plugin;
        routine->fn = fn;
        routine->state = state;
        pthread_mutex_lock(&host->inboxes_lock);
        ended = unlist_ended(plugin);
        for (const struct rti_fp_routine *r = plugin->routines; r; r = r->next)
                n++;
        if (n < RTI_FP_MAX_ROUTINES
            && pthread_create(&routine->thread, NULL, run_routine, routine) == 0) {
                routine->next = plugin->routines;
                plugin->routines = routine;
        } else {
                rti_free(&host->allocator, routine);
                routine = NULL;
        }
        pthread_mutex_unlock(&host->inboxes_lock);
        if (ended) {
                pthread_join(ended->thread, NULL);
                rti_free(&host->allocator, ended);
        }
        return routine;
}

/* Take it off the plug-in's list: false if it is not there. */
static bool
unlist(rti_fp *plugin, struct rti_fp_routine *routine)
{
        struct rti_fp_routine **at;
        bool found;

        pthread_mutex_lock(&plugin->host->inboxes_lock);
        for (at = &plugin->routines; *at && *at != routine; at = &(*at)->next)
                ;
        found = *at != NULL;
        if (found)
                *at = routine->next;
        pthread_mutex_unlock(&plugin->host->inboxes_lock);
        return found;
}

static int32_t
unsubscribe(void *owner, void *handle)
{
        rti_fp *plugin = owner;
        struct rti_fp_routine *routine = handle;

        if (!routine)
                return RTI_FP_FAILURE;
        /* One that ends itself is waited for when the capture closes. */
        pthread_mutex_lock(&plugin->host->inboxes_lock);
        for (struct rti_fp_routine *r = plugin->routines; r; r = r->next)
                if (r == routine && pthread_equal(r->thread, pthread_self())) {
                        atomic_store(&r->stop, true);
                        pthread_mutex_unlock(&plugin->host->inboxes_lock);
                        return RTI_FP_SUCCESS;
                }
        pthread_mutex_unlock(&plugin->host->inboxes_lock);
        if (!unlist(plugin, routine))
                return RTI_FP_FAILURE;
        atomic_store(&routine->stop, true);
        pthread_join(routine->thread, NULL);
        rti_free(&plugin->host->allocator, routine);
        return RTI_FP_SUCCESS;
}

void
rti_fp_routines_stop(rti_fp *plugin)
{
        while (plugin->routines)
                (void) unsubscribe(plugin, plugin->routines);
}

static const rti_fp_routines routines = { subscribe, unsubscribe };

/* ---- inputs open and close ---- */

static rti_fp_listen_input
listen_input(rti_fp *plugin)
{
        return (rti_fp_listen_input){ .owner = plugin,
                                      .routines = &routines,
                                      .reader_ext = &rti_fp_table_reader,
                                      .writer_ext = &rti_fp_table_writer,
                                      .owner_error = rti_fp_owner_error };
}

int32_t
rti_fp_listen(rti_fp *plugin, bool open)
{
        const rti_fp_listen_input input = listen_input(plugin);
        int32_t rc;

        if (open)
                return plugin->api.capture_open(plugin->state, &input);
        rc = plugin->api.capture_close(plugin->state, &input);
        rti_fp_routines_stop(plugin);
        return rc;
}

static void
report(rti_fp *plugin, const char *function)
{
        char error[RTI_FP_ERROR_BYTES];

        atomic_fetch_add(&plugin->failures, 1);
        rti_fp_enter(plugin);
        rti_fp_last_error(plugin, error, sizeof error);
        rti_fp_leave(plugin);
        rti_fp_logf(plugin, RT_FALCO_ERROR, "%s failed: %s", function, error);
}

/* Whoever uses tables finds those of the system there. */
static int32_t
open_capture(rti_fp *plugin, rti_fp_system *system)
{
        int32_t rc;

        if (!system || !rti_fp_shares(plugin))
                return rti_fp_listen(plugin, true);
        rti_fp_enter(plugin);
        plugin->host->call.system = system;
        rc = rti_fp_listen(plugin, true);
        rti_fp_leave(plugin);
        return rc;
}

/* Tell a plug-in that an input opens. */
static int
begin(rti_fp *plugin, const rti_fp_inbox *inbox)
{
        if (plugin->caps & RT_FALCO_LISTENING && !plugin->listening) {
                if (open_capture(plugin, inbox->system) != RTI_FP_SUCCESS) {
                        report(plugin, "capture_open");
                        return RT_EIO;
                }
                plugin->listening = true;
        }
        if (!takes(inbox, plugin))
                return RT_OK;
        if (plugin->n_async++ == 0
            && plugin->api.set_async_event_handler(plugin->state, plugin, handle_async)
                       != RTI_FP_SUCCESS) {
                plugin->n_async = 0;
                report(plugin, "set_async_event_handler");
                return RT_EIO;
        }
        return RT_OK;
}

static void
end(rti_fp *plugin, const rti_fp_inbox *inbox, bool last)
{
        if (plugin->n_async && takes(inbox, plugin) && --plugin->n_async == 0
            && plugin->api.set_async_event_handler(plugin->state, plugin, NULL) != RTI_FP_SUCCESS)
                report(plugin, "set_async_event_handler");
        if (!last || !plugin->listening)
                return;
        plugin->listening = false;
        if (rti_fp_listen(plugin, false) != RTI_FP_SUCCESS)
                report(plugin, "capture_close");
}

static void
list_inbox(rti_fp_inbox *inbox)
{
        rt_falco *host = inbox->host;

        pthread_mutex_lock(&host->inboxes_lock);
        inbox->next = host->inboxes;
        host->inboxes = inbox;
        pthread_mutex_unlock(&host->inboxes_lock);
}

/* True: it was the last one. */
static bool
unlist_inbox(rti_fp_inbox *inbox)
{
        rt_falco *host = inbox->host;
        rti_fp_inbox **at;
        bool last;

        pthread_mutex_lock(&host->inboxes_lock);
        for (at = &host->inboxes; *at != inbox; at = &(*at)->next)
                ;
        *at = inbox->next;
        last = !host->inboxes;
        pthread_mutex_unlock(&host->inboxes_lock);
        return last;
}

int
rti_fp_inbox_open(rti_fp_inbox *inbox, bool live)
{
        rt_falco *host = inbox->host;
        size_t n = 0;
        int r = RT_OK;

        pthread_mutex_lock(&host->captures_lock);
        inbox->recorded = !live;
        list_inbox(inbox);
        inbox->open = true;
        while (r == RT_OK && n < host->plugins.n)
                r = begin(host->plugins.at[n++], inbox);
        if (r < 0) {
                const bool last = unlist_inbox(inbox);

                while (n-- > 0)
                        end(host->plugins.at[n], inbox, last);
                inbox->open = false;
        }
        pthread_mutex_unlock(&host->captures_lock);
        return r;
}

void
rti_fp_inbox_close(rti_fp_inbox *inbox)
{
        rt_falco *host = inbox->host;
        rti_fp_mail *mail;

        if (inbox->open) {
                bool last;

                pthread_mutex_lock(&host->captures_lock);
                last = unlist_inbox(inbox);
                for (size_t i = host->plugins.n; i-- > 0;)
                        end(host->plugins.at[i], inbox, last);
                inbox->open = false;
                pthread_mutex_unlock(&host->captures_lock);
        }
        while ((mail = rti_fp_inbox_take(inbox, 0)))
                rti_free(&host->allocator, mail);
}
