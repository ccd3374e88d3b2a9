/* SPDX-License-Identifier: Apache-2.0 */
/* losses.c - what did not reach the rules, told while it happens and at the end. */
#include "losses.h"
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static const uint64_t second_ns = 1000000000, look_every_ns = second_ns,
                      tell_every_ns = 30 * second_ns;

static uint64_t
clock_ns(clockid_t clock)
{
        struct timespec t = { 0 };

        clock_gettime(clock, &t);
        return (uint64_t) t.tv_sec * second_ns + (uint64_t) t.tv_nsec;
}

/* ---- which rules ---- */

static bool
is_blinded(const rt_ruleset *rules, size_t rule, const rt_loss *loss)
{
        for (size_t word = 0; word < loss->n_event_words; word++)
                for (uint64_t left = loss->event_types[word]; left; left &= left - 1) {
                        const uint32_t code =
                                (uint32_t) (word * 64) + (uint32_t) __builtin_ctzll(left);

                        if (rt_ruleset_sees(rules, rule, loss->source, code) == 1)
                                return true;
                }
        return false;
}

/* Names of the rules that look at such events. How many. */
static size_t
put_blinded(FILE *to, const rt_ruleset *rules, const rt_loss *loss)
{
        rt_rule_info info = RT_INIT(rt_rule_info);
        size_t n = 0;

        for (size_t i = 0; rt_ruleset_rule(rules, i, &info) == RT_OK; i++) {
                if (!is_blinded(rules, i, loss))
                        continue;
                fputs(n++ ? ", " : "", to);
                put_clean(to, info.name);
        }
        return n;
}

/* ---- the alert ---- */

/* Rows that count events and have grown since they were told last. */
static bool
is_news(const losses *l, size_t row, const rt_loss *loss)
{
        return loss->kind == RT_LOSS_EVENT && loss->count > (row < l->n_told ? l->told[row] : 0);
}

static bool
is_blinded_now(const losses *l, size_t rule, const rt_rule_info *info)
{
        rt_loss loss = RT_INIT(rt_loss);

        for (size_t i = 0; workers_loss(l->judges, i, &loss) == RT_OK; i++) {
                if (!is_news(l, i, &loss) || strcmp(loss.source, info->source) != 0)
                        continue;
                if (!loss.event_types || is_blinded(l->rules, rule, &loss))
                        return true;
        }
        return false;
}

static void
put_rules(const losses *l, FILE *to)
{
        rt_rule_info info = RT_INIT(rt_rule_info);
        size_t n = 0;

        putc('[', to);
        for (size_t i = 0; rt_ruleset_rule(l->rules, i, &info) == RT_OK; i++) {
                if (!is_blinded_now(l, i, &info))
                        continue;
                fputs(n++ ? "," : "", to);
                put_json(to, info.name);
        }
        putc(']', to);
}

/* One number of the alert. */
typedef struct drop {
        char key[64];
        uint64_t n;
} drop;

static int
by_key(const void *a, const void *b)
{
        return strcmp(((const drop *) a)->key, ((const drop *) b)->key);
}

/* "ring full", "file": n_drops_ring_full_file. */
static drop
make_drop(const rt_loss *loss, uint64_t n)
{
        drop made = { .n = n };

        snprintf(made.key, sizeof made.key, "n_drops_%s%s%s", loss->cause, *loss->part ? "_" : "",
                 loss->part);
        for (char *c = made.key; *c; c++)
                if (*c == ' ' || *c == '-')
                        *c = '_';
        return made;
}

/* What is new, sorted by key; to be freed. */
static drop *
make_drops(const losses *l, size_t *ret_n)
{
        rt_loss loss = RT_INIT(rt_loss);
        drop *drops = NULL;
        size_t n = 0;

        for (size_t i = 0; workers_loss(l->judges, i, &loss) == RT_OK; i++) {
                if (!is_news(l, i, &loss))
                        continue;
                drops = grow(drops, n + 1, sizeof *drops);
                drops[n++] = make_drop(&loss, loss.count - (i < l->n_told ? l->told[i] : 0));
        }
        if (n)
                qsort(drops, n, sizeof *drops, by_key);
        *ret_n = n;
        return drops;
}

/* The members of output_fields, sorted by name. */
static void
put_fields(const losses *l, FILE *to, uint64_t n_drops, uint64_t n_events)
{
        const bool json = l->sink->json;
        const char *const is = json ? "\":" : "=", *const quote = json ? "\"" : "";
        const char *const next = json ? "," : " ";
        size_t n;
        drop *drops = make_drops(l, &n);

        fprintf(to, "%sn_drops%s%" PRIu64, quote, is, n_drops);
        for (size_t i = 0; i < n; i++)
                fprintf(to, "%s%s%s%s%" PRIu64, next, quote, drops[i].key, is, drops[i].n);
        fprintf(to, "%s%sn_evts%s%" PRIu64, next, quote, is, n_events);
        fprintf(to, "%s%srules%s", next, quote, is);
        put_rules(l, to);
        free(drops);
}

static void
put_alert(const losses *l, FILE *to, uint64_t n_drops, uint64_t n_events)
{
        static const char rule[] = "Falco internal: syscall event drop";
        const uint64_t now_ns = clock_ns(CLOCK_REALTIME);
        const time_t now = (time_t) (now_ns / second_ns);
        const unsigned fraction = (unsigned) (now_ns % second_ns);
        char host[256] = "", message[160], at[32] = "";
        struct tm time;

        snprintf(message, sizeof message,
                 "%s. %" PRIu64 " system calls dropped since the last report", rule, n_drops);
        if (!l->sink->json) {
                if (localtime_r(&now, &time))
                        strftime(at, sizeof at, "%H:%M:%S", &time);
                fprintf(to, "%s.%09u: Debug %s. (", at, fraction, message);
                put_fields(l, to, n_drops, n_events);
                putc(')', to);
                return;
        }
        if (gethostname(host, sizeof host - 1) < 0)
                host[0] = '\0';
        if (gmtime_r(&now, &time))
                strftime(at, sizeof at, "%Y-%m-%dT%H:%M:%S", &time);
        fputs("{\"hostname\":", to);
        put_json(to, l->hostname ? l->hostname : host);
        fprintf(to, ",\"output\":\"%s.\",\"output_fields\":{", message);
        put_fields(l, to, n_drops, n_events);
        fprintf(to, "},\"priority\":\"Debug\",\"rule\":\"%s\",\"source\":\"internal\",", rule);
        fprintf(to, "\"time\":\"%s.%09uZ\"}", at, fraction);
}

/* Everything up to now is told. */
static void
remember(losses *l, uint64_t n_events)
{
        rt_loss loss = RT_INIT(rt_loss);

        for (size_t i = 0; workers_loss(l->judges, i, &loss) == RT_OK; i++) {
                if (i >= l->n_told) {
                        l->told = grow(l->told, i + 1, sizeof *l->told);
                        l->n_told = i + 1;
                }
                l->told[i] = loss.count;
        }
        l->told_events = n_events;
        l->told_ns = clock_ns(CLOCK_MONOTONIC);
}

static uint64_t
count_news(const losses *l)
{
        rt_loss loss = RT_INIT(rt_loss);
        uint64_t n = 0;

        for (size_t i = 0; workers_loss(l->judges, i, &loss) == RT_OK; i++)
                if (is_news(l, i, &loss))
                        n += loss.count - (i < l->n_told ? l->told[i] : 0);
        return n;
}

static void
tell(losses *l)
{
        rt_worker_stats stats = RT_INIT(rt_worker_stats);
        const uint64_t n = count_news(l);
        char *text = NULL;
        size_t len = 0;
        FILE *to;

        if (!n || workers_stats(l->judges, &stats) < 0)
                return;
        to = open_memstream(&text, &len);
        if (!to)
                return;
        put_alert(l, to, n, stats.events - l->told_events + n);
        if (fclose(to) == 0)
                sink_line(l->sink, (rt_str){ text, len }, RT_PRIORITY_DEBUG);
        free(text);
        remember(l, stats.events);
}

void
losses_tick(losses *l)
{
        const uint64_t now_ns = clock_ns(CLOCK_MONOTONIC);

        if (now_ns - l->looked_ns < look_every_ns)
                return;
        l->looked_ns = now_ns;
        if (!l->told_ns || now_ns - l->told_ns >= tell_every_ns)
                tell(l);
}

void
losses_end(losses *l)
{
        tell(l);
}

void
losses_done(losses *l)
{
        free(l->told);
}

/* ---- the summary ---- */

static void
print_row(FILE *to, const rt_loss *loss, const rt_ruleset *rules)
{
        fprintf(to, "  %8" PRIu64 "  %s%s%s", loss->count, loss->cause, *loss->part ? ", " : "",
                loss->part);
        if (!loss->event_types) {
                fprintf(to, ": may have concerned every rule of %s\n", loss->source);
                return;
        }
        fputs(": ", to);
        if (!put_blinded(to, rules, loss))
                fputs("no rule looks at these", to);
        putc('\n', to);
}

static void
print_kind(const workers *judges, const rt_ruleset *rules, FILE *to, uint32_t kind)
{
        static const char *const heads[] = {
                [RT_LOSS_EVENT] =
                        "events were lost; by cause and kind, and the rules that look at such",
                [RT_LOSS_BLIND] = "things happened that no event can be made of",
                [RT_LOSS_FACT] = "times something could not be kept or found out",
        };
        rt_loss loss = RT_INIT(rt_loss);
        uint64_t sum = 0;

        for (size_t i = 0; workers_loss(judges, i, &loss) == RT_OK; i++)
                sum += loss.kind == kind ? loss.count : 0;
        if (!sum)
                return;
        fprintf(to, "%" PRIu64 " %s:\n", sum, heads[kind]);
        for (size_t i = 0; workers_loss(judges, i, &loss) == RT_OK; i++)
                if (loss.kind == kind && loss.count)
                        print_row(to, &loss, rules);
}

void
losses_summary(const workers *judges, const rt_ruleset *rules, FILE *to)
{
        for (uint32_t kind = RT_LOSS_EVENT; kind <= RT_LOSS_FACT; kind++)
                print_kind(judges, rules, to, kind);
}
