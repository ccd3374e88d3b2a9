/* SPDX-License-Identifier: Apache-2.0 */
/* Several workers judge as one: alerts, skipped records, counts, over many seeds. */
#include <criterion/criterion.h>
#include <libruntime-inputs/gzip.h>
#include <libruntime/runtime.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

enum { MOST_INPUTS = 6, MOST_BYTES = 200 * 1000, N_SOURCES = 3 };

static const char *const source_names[N_SOURCES] = { "aws_cloudtrail", "k8s_audit", "json" };

static const char rules_text[] =
        "- rule: ct_get\n  desc: d\n  condition: ct.name startswith Get\n"
        "  output: user=%ct.user name=%ct.name info=%ct.info\n  priority: WARNING\n"
        "  source: aws_cloudtrail\n  tags: [a, b]\n"
        "- rule: ct_user\n  desc: d\n  condition: ct.user in (u1, u3) and ct.name != GetC\n"
        "  output: all=%evt.plugininfo at=%evt.time.iso8601\n  priority: NOTICE\n"
        "  source: aws_cloudtrail\n"
        "- rule: ka_verb\n  desc: d\n  condition: ka.verb in (get, list)\n"
        "  output: user=%ka.user.name verb=%ka.verb\n  priority: ERROR\n  source: k8s_audit\n"
        "- rule: ka_user\n  desc: d\n  condition: ka.user.name = u2\n  output: x\n"
        "  priority: ERROR\n  source: k8s_audit\n"
        "- rule: js\n  desc: d\n  condition: json.value[/a] = 1\n"
        "  output: a=%json.value[/a] all=%json.obj\n  priority: DEBUG\n  source: json\n";

/* These read what depends on the events before. */
static const char numbers_text[] =
        "- rule: ct_number\n  desc: d\n  condition: ct.name = GetA\n"
        "  output: n=%evt.num since=%evt.reltime\n  priority: DEBUG\n  source: aws_cloudtrail\n"
        "- rule: js_number\n  desc: d\n  condition: json.value[/a] = 2 and evt.num > 10\n"
        "  output: n=%evt.num\n  priority: DEBUG\n  source: json\n";

static rt_str
str_of(const char *text)
{
        return (rt_str){ text, strlen(text) };
}

/* ---- random ---- */

static uint64_t
draw(uint64_t *seed, uint64_t below)
{
        *seed = *seed * 6364136223846793005u + 1442695040888963407u;
        return (*seed >> 33) % below;
}

typedef struct log_text {
        char *ptr;
        size_t len;
} log_text;

static void put(log_text *t, const char *format, ...) __attribute__((format(printf, 2, 3)));

static void
put(log_text *t, const char *format, ...)
{
        va_list args;

        va_start(args, format);
        t->len += (size_t) vsnprintf(t->ptr + t->len, MOST_BYTES + 4096 - t->len, format, args);
        va_end(args);
}

static void
put_record(log_text *t, uint64_t *seed, unsigned source)
{
        static const char *const names[] = { "GetA", "GetB", "GetC", "PutA", "List" };
        static const char *const verbs[] = { "get", "list", "watch", "create" };
        const unsigned user = (unsigned) draw(seed, 6);
        const unsigned second = (unsigned) draw(seed, 60);

        if (source == 0)
                put(t,
                    "{\"eventType\":\"AwsApiCall\",\"eventTime\":\"2024-01-02T03:04:%02uZ\","
                    "\"eventName\":\"%s\",\"userIdentity\":{\"type\":\"IAMUser\",\"userName\":"
                    "\"u%u\",\"accountId\":\"%u\"},\"sourceIPAddress\":\"192.0.2.1\"%s%u\"}",
                    second, names[draw(seed, 5)], user, (unsigned) draw(seed, 4),
                    draw(seed, 2) ? ",\"eventID\":\"e" : ",\"x\":\"", (unsigned) draw(seed, 1000));
        else if (source == 1)
                put(t,
                    "{\"kind\":\"Event\",\"auditID\":\"i%u\",\"stage\":\"ResponseComplete\","
                    "\"stageTimestamp\":\"2024-01-02T03:04:%02uZ\",\"verb\":\"%s\","
                    "\"user\":{\"username\":\"u%u\"},\"annotations\":{\"cluster_name\":\"c%u\"}}",
                    (unsigned) draw(seed, 1000), second, verbs[draw(seed, 4)], user,
                    (unsigned) draw(seed, 4));
        else
                put(t, "{\"t\":%u,\"a\":%u,\"b\":[{\"c\":\"{\\\"}\"}]}", 1700000000u + second,
                    (unsigned) draw(seed, 3));
}

/* What a log should not hold, but does. */
static void
put_trouble(log_text *t, uint64_t *seed, unsigned source)
{
        const size_t from = t->len;

        switch (draw(seed, 12)) {
        case 0: /* cut off */
                put_record(t, seed, source);
                t->len = from + (size_t) draw(seed, t->len - from) + 1;
                break;
        case 1: /* over several lines, some of which begin with a brace */
                put(t, "{\"x\":\n{\"y\":1},\n\"z\":\n[\n{\"a\":1,\"t\":1700000001}\n]}");
                break;
        case 2: /* a wrapper, with its records on lines of their own */
                put(t, "{\"Records\":[\n");
                for (uint64_t n = draw(seed, 30) + 1; n; n--) {
                        put_record(t, seed, source);
                        put(t, n > 1 ? ",\n" : "\n");
                }
                put(t, "]}");
                break;
        case 3:
                put(t, "not a record at all");
                break;
        case 4:
                put(t, "{\"broken\":}");
                break;
        case 5:
                put(t, "{\"open\":\"never closed\n{\"a\": [");
                break;
        case 6: /* a line longer than a batch */
                put(t, "{\"a\":1,\"t\":1700000000,\"long\":\"%*s\"}", (int) draw(seed, 3000), "x");
                break;
        case 7:
                put(t, "\n\n   \r");
                break;
        case 8:
                put(t, "{\"items\":[\n");
                put_record(t, seed, source);
                put(t, ",\n{\"kind\":\"Event\"}\n]}");
                break;
        case 9:
                put(t, "]}");
                break;
        case 10:
                put(t, "\"text { in\n{\" quotes");
                break;
        default:
                put(t, "[1,{\"a\":1,\"t\":1700000002}]");
        }
}

static log_text
random_text(uint64_t *seed, unsigned source, size_t size)
{
        log_text t = { malloc(MOST_BYTES + 8192), 0 };
        const uint64_t trouble = draw(seed, 4) == 0 ? 4 : draw(seed, 2) ? 60 : 1000000;

        cr_assert(t.ptr);
        while (t.len < size) {
                if (draw(seed, trouble) == 0)
                        put_trouble(&t, seed, source);
                else
                        put_record(&t, seed, source);
                put(&t, draw(seed, 50) ? "\n" : draw(seed, 2) ? " " : "");
        }
        return t;
}

/* ---- what was given out ---- */

typedef struct log {
        char *ptr;
        size_t len, room;
        unsigned alerts, stop_at;
} log_of;

static void
note(log_of *l, const void *bytes, size_t n)
{
        while (l->len + n + 1 > l->room) {
                l->room = l->room ? l->room * 2 : 65536;
                l->ptr = realloc(l->ptr, l->room);
                cr_assert(l->ptr);
        }
        if (n)
                memcpy(l->ptr + l->len, bytes, n);
        l->len += n;
        l->ptr[l->len] = '\0';
}

static void
note_number(log_of *l, uint64_t number)
{
        char digits[32];

        note(l, digits,
             (size_t) snprintf(digits, sizeof digits, " %llu", (unsigned long long) number));
}

static int
on_alert(const rt_alert *alert, void *user)
{
        log_of *l = user;
        const char *name;
        rt_value value;
        rt_str text;

        note(l, rt_alert_rule(alert), strlen(rt_alert_rule(alert)));
        note(l, rt_alert_id(alert), 32);
        note_number(l, rt_alert_event_number(alert));
        note_number(l, rt_alert_time_ns(alert));
        note_number(l, rt_alert_priority(alert));
        cr_assert_eq(rt_alert_text(alert, &text), RT_OK);
        note(l, text.ptr, text.len);
        cr_assert_eq(rt_alert_json(alert, &text), RT_OK);
        note(l, text.ptr, text.len);
        for (size_t i = 0; rt_alert_field(alert, i, &name, &value) == RT_OK; i++) {
                note(l, name, strlen(name));
                note_number(l, value.kind);
                if (value.kind == RT_KIND_STRING)
                        note(l, value.as.s.ptr, value.as.s.len);
        }
        note(l, "\n", 1);
        return ++l->alerts == l->stop_at ? -77 : RT_OK;
}

static void
on_skipped(const char *input, uint64_t offset, const char *what, void *user)
{
        log_of *l = user;

        note(l, "skipped ", 8);
        note(l, input, strlen(input));
        note_number(l, offset);
        note(l, what, strlen(what));
        note(l, "\n", 1);
}

/* Counts, as far as both kinds have them. */
static void
note_stats(log_of *l, const rt_worker_stats *s)
{
        note_number(l, s->events);
        note_number(l, s->alerts);
        note_number(l, s->bytes);
        note_number(l, s->skipped);
        note_number(l, s->limits_hit);
        note(l, " stats\n", 7);
}

/* ---- a case ---- */

typedef struct input {
        unsigned source;
        char path[64];
        log_text bytes;
} input;

typedef struct scene {
        rt_engine *engine;
        rt_ruleset *rules;
        input inputs[MOST_INPUTS];
        unsigned n_inputs;
        uint32_t matching;
        const char *key;
        char folder[32];
} scene;

static void
scene_rules(scene *s, bool numbers)
{
        rt_loader *loader = NULL;
        rt_diags *diags = NULL;

        cr_assert_eq(rt_diags_new(&diags), RT_OK);
        cr_assert_eq(rt_loader_new(s->engine, NULL, &loader), RT_OK);
        cr_assert_eq(rt_loader_add(loader, "rules", str_of(rules_text), diags), RT_OK);
        if (numbers)
                cr_assert_eq(rt_loader_add(loader, "numbers", str_of(numbers_text), diags), RT_OK);
        cr_assert_eq(rt_loader_compile(loader, diags, &s->rules), RT_OK);
        cr_assert_eq(rt_engine_use(s->engine, s->rules), RT_OK);
        rt_loader_unref(loader);
        rt_diags_unref(diags);
}

static void
scene_init(scene *s, uint64_t record_bytes, bool numbers)
{
        rt_engine_opts opts = RT_INIT(rt_engine_opts);

        *s = (scene){ .matching = RT_MATCH_ALL };
        opts.hostname = "host";
        opts.max_record_bytes = record_bytes;
        cr_assert_eq(rt_engine_new(&opts, &s->engine), RT_OK);
        cr_assert_eq(rt_engine_add_reader(s->engine, rt_gzip_reader()), RT_OK);
        scene_rules(s, numbers);
        snprintf(s->folder, sizeof s->folder, "/tmp/rt-pool-XXXXXX");
        cr_assert(mkdtemp(s->folder));
}

static void
scene_done(scene *s)
{
        for (unsigned i = 0; i < s->n_inputs; i++) {
                free(s->inputs[i].bytes.ptr);
                if (s->inputs[i].path[0])
                        remove(s->inputs[i].path);
        }
        remove(s->folder);
        rt_ruleset_unref(s->rules);
        rt_engine_unref(s->engine);
}

static void
write_file(scene *s, input *in, bool compressed, bool damaged)
{
        snprintf(in->path, sizeof in->path, "%s/%u.json%s", s->folder, s->n_inputs,
                 compressed ? ".gz" : "");
        if (compressed) {
                gzFile gz = gzopen(in->path, "wb1");

                cr_assert(gz);
                cr_assert_eq(gzwrite(gz, in->bytes.ptr, (unsigned) in->bytes.len),
                             (int) in->bytes.len);
                cr_assert_eq(gzclose(gz), Z_OK);
        } else {
                FILE *f = fopen(in->path, "w");

                cr_assert(f);
                cr_assert_eq(fwrite(in->bytes.ptr, 1, in->bytes.len, f), in->bytes.len);
                cr_assert_eq(fclose(f), 0);
        }
        if (damaged) {
                struct stat st;

                cr_assert_eq(stat(in->path, &st), 0);
                cr_assert_eq(truncate(in->path, st.st_size * 2 / 3), 0);
        }
}

static void
add_input(scene *s, uint64_t *seed, bool file, size_t size)
{
        input *in = &s->inputs[s->n_inputs];
        const bool compressed = draw(seed, 3) == 0;

        in->source = (unsigned) draw(seed, N_SOURCES);
        in->bytes = random_text(seed, in->source, size);
        if (file)
                write_file(s, in, compressed, compressed && draw(seed, 4) == 0);
        s->n_inputs++;
}

static const rt_option json_time = { "time", "/t" };

static void
note_status(log_of *l, int r)
{
        note(l, "status", 6);
        note_number(l, (uint64_t) -r);
        note(l, "\n", 1);
}

static log_of
one_worker(scene *s, bool files, unsigned stop_at)
{
        log_of l = { .stop_at = stop_at };
        rt_worker_opts opts = RT_INIT(rt_worker_opts);
        rt_worker_stats stats = RT_INIT(rt_worker_stats);
        rt_worker *worker = NULL;
        int r = 0;

        opts.rule_matching = s->matching;
        opts.skipped = on_skipped;
        opts.skipped_user = &l;
        cr_assert_eq(rt_worker_new(s->engine, &opts, &worker), RT_OK);
        cr_assert_eq(rt_worker_configure(worker, "json", &json_time, 1, NULL), RT_OK);
        for (unsigned i = 0; i < s->n_inputs; i++) {
                const input *in = &s->inputs[i];

                if (files)
                        cr_assert_eq(rt_worker_open(worker, source_names[in->source], in->path),
                                     RT_OK);
                else if ((r = rt_worker_feed(worker, source_names[in->source],
                                             (rt_str){ in->bytes.ptr, in->bytes.len }, on_alert,
                                             &l))
                         < 0)
                        note_status(&l, r);
        }
        while (files && (r = rt_worker_step(worker, on_alert, &l)) != RT_EOF)
                if (r < 0)
                        note_status(&l, r);
        cr_assert_eq(rt_worker_stats_get(worker, &stats), RT_OK);
        note_stats(&l, &stats);
        for (size_t i = 0; i < rt_ruleset_count(s->rules); i++)
                note_number(&l, rt_worker_rule_alerts(worker, i));
        rt_worker_unref(worker);
        return l;
}

/* ---- keys ---- */

enum { MOST_KEYS = 16 };

typedef struct binding {
        pthread_mutex_t lock;
        char keys[MOST_KEYS][16];
        uint32_t worker[MOST_KEYS];
        uint64_t last[MOST_KEYS];
        unsigned n, moved, disordered;
        uint64_t events;
} binding;

static void
on_keyed(uint32_t worker, rt_str key, uint64_t number, void *user)
{
        binding *b = user;
        unsigned i = 0;

        pthread_mutex_lock(&b->lock);
        while (i < b->n
               && !(strlen(b->keys[i]) == key.len && !memcmp(key.ptr, b->keys[i], key.len)))
                i++;
        if (i == b->n && i < MOST_KEYS) {
                snprintf(b->keys[i], sizeof b->keys[i], "%.*s", (int) key.len, key.ptr);
                b->worker[i] = worker;
                b->n++;
        }
        b->moved += i < MOST_KEYS && b->worker[i] != worker;
        b->disordered += i < MOST_KEYS && b->last[i] >= number;
        b->last[i % MOST_KEYS] = number;
        b->events++;
        pthread_mutex_unlock(&b->lock);
}

static log_of
several_workers(scene *s, bool files, unsigned stop_at, const rt_pool_opts *given)
{
        log_of l = { .stop_at = stop_at };
        rt_pool_opts opts = *given;
        rt_worker_stats stats = RT_INIT(rt_worker_stats);
        rt_pool *pool = NULL;
        int r = 0;

        opts.rule_matching = s->matching;
        opts.skipped = on_skipped;
        opts.skipped_user = &l;
        cr_assert_eq(rt_pool_new(s->engine, &opts, &pool), RT_OK);
        cr_assert_eq(rt_pool_configure(pool, "json", &json_time, 1, NULL), RT_OK);
        for (unsigned i = 0; i < s->n_inputs; i++) {
                const input *in = &s->inputs[i];

                if (files)
                        cr_assert_eq(rt_pool_open(pool, source_names[in->source], in->path), RT_OK);
                else if ((r = rt_pool_feed(pool, source_names[in->source],
                                           (rt_str){ in->bytes.ptr, in->bytes.len }, on_alert, &l))
                         < 0)
                        note_status(&l, r);
        }
        while (files && (r = rt_pool_step(pool, on_alert, &l)) != RT_EOF)
                if (r < 0 && r != RT_EAGAIN)
                        note_status(&l, r);
        while (!files && (r = rt_pool_flush(pool, on_alert, &l)) < 0)
                note_status(&l, r);
        cr_assert_eq(rt_pool_stats_get(pool, &stats), RT_OK);
        note_stats(&l, &stats);
        for (size_t i = 0; i < rt_ruleset_count(s->rules); i++)
                note_number(&l, rt_pool_rule_alerts(pool, i));
        rt_pool_unref(pool);
        return l;
}

static void
expect_same(const log_of *one, const log_of *many, uint64_t seed)
{
        size_t at = 0, line;

        while (at < one->len && at < many->len && one->ptr[at] == many->ptr[at])
                at++;
        for (line = at; line > 0 && one->ptr[line - 1] != '\n'; line--)
                continue;
        cr_assert(one->len == many->len && at == one->len,
                  "seed %llu: byte %zu of %zu/%zu\none:  %.300s\nmany: %.300s",
                  (unsigned long long) seed, at, one->len, many->len, one->ptr + line,
                  many->ptr + line);
}

static rt_pool_opts
random_opts(uint64_t *seed)
{
        rt_pool_opts opts = RT_INIT(rt_pool_opts);

        opts.workers = (uint32_t) draw(seed, 8) + 1;
        opts.batches = draw(seed, 3) ? 0 : (uint32_t) draw(seed, 20) + 1;
        opts.batch_bytes = draw(seed, 3) ? 200 + draw(seed, 5000) : 20000;
        opts.alert_bytes = draw(seed, 2) ? 1 + draw(seed, 5000) : 0;
        return opts;
}

static unsigned
n_seeds(void)
{
        const char *text = getenv("RT_POOL_SEEDS");

        return text ? (unsigned) strtoul(text, NULL, 10) : 60;
}

static void
compare(uint64_t number, bool files, bool numbers, bool keys, bool stops)
{
        uint64_t seed = number * 7919 + files * 2 + numbers;
        binding bound = { .lock = PTHREAD_MUTEX_INITIALIZER };
        rt_pool_opts opts;
        log_of one, many;
        unsigned stop_at;
        scene s;

        scene_init(&s, draw(&seed, 4) ? 0 : 300 + draw(&seed, 3000), numbers);
        s.matching = (uint32_t) draw(&seed, 2);
        for (uint64_t n = draw(&seed, MOST_INPUTS) + 1; n; n--)
                add_input(&s, &seed, files, 1 + draw(&seed, draw(&seed, 3) ? 4000 : 60000));
        opts = random_opts(&seed);
        if (keys) {
                opts.key = "account";
                opts.keyed = on_keyed;
                opts.keyed_user = &bound;
        }
        stop_at = stops ? (unsigned) draw(&seed, 40) + 1 : 0;
        one = one_worker(&s, files, stop_at);
        many = several_workers(&s, files, stop_at, &opts);
        expect_same(&one, &many, number);
        cr_assert_eq(bound.moved, 0);
        cr_assert_eq(bound.disordered, 0);
        free(one.ptr);
        free(many.ptr);
        scene_done(&s);
}

Test(pool, files_give_what_one_worker_gives)
{
        for (unsigned i = 0; i < n_seeds(); i++)
                compare(i, true, false, false, false);
}

Test(pool, deliveries_give_what_one_worker_gives)
{
        for (unsigned i = 0; i < n_seeds(); i++)
                compare(i, false, false, false, false);
}

Test(pool, numbers_are_those_of_one_worker)
{
        for (unsigned i = 0; i < n_seeds(); i++)
                compare(i, i & 1, true, false, false);
}

Test(pool, with_keys_alerts_are_the_same_and_a_key_stays_with_its_worker_in_order)
{
        for (unsigned i = 0; i < n_seeds(); i++)
                compare(i, i & 1, false, true, false);
}

Test(pool, a_callback_that_stops_a_step_is_called_again_behind_the_event)
{
        for (unsigned i = 0; i < n_seeds(); i++)
                compare(i, true, i & 1, false, true);
}

/* ---- single claims ---- */

static void
open_log(scene *s, rt_pool_opts *opts, rt_pool **ret_pool, size_t size)
{
        uint64_t seed = 11;
        input *in = &s->inputs[0];

        scene_init(s, 0, false);
        in->source = 0;
        in->bytes.ptr = malloc(MOST_BYTES + 8192);
        cr_assert(in->bytes.ptr);
        while (in->bytes.len < size) {
                put_record(&in->bytes, &seed, 0);
                put(&in->bytes, "\n");
        }
        write_file(s, in, false, false);
        s->n_inputs = 1;
        opts->batch_bytes = 2000;
        cr_assert_eq(rt_pool_new(s->engine, opts, ret_pool), RT_OK);
        cr_assert_eq(rt_pool_open(*ret_pool, "aws_cloudtrail", in->path), RT_OK);
}

typedef struct swapped {
        rt_engine *engine;
        rt_ruleset *fresh;
        unsigned old_alerts, new_alerts, back;
} swapped;

static int
on_swap(const rt_alert *alert, void *user)
{
        swapped *s = user;
        const bool is_new = strcmp(rt_alert_rule(alert), "fresh") == 0;

        s->old_alerts += !is_new;
        s->new_alerts += is_new;
        s->back += !is_new && s->new_alerts;
        return s->old_alerts == 3 && !is_new ? rt_engine_use(s->engine, s->fresh) : RT_OK;
}

Test(pool, another_ruleset_comes_into_force_between_two_events)
{
        static const char text[] = "- rule: fresh\n  desc: d\n  condition: ct.name exists\n"
                                   "  output: x\n  priority: DEBUG\n  source: aws_cloudtrail\n";
        rt_pool_opts opts = RT_INIT(rt_pool_opts);
        rt_worker_stats stats = RT_INIT(rt_worker_stats);
        swapped seen = { 0 };
        rt_pool *pool;
        scene s;
        int r;

        opts.workers = 3;
        open_log(&s, &opts, &pool, 150 * 1000);
        seen.engine = s.engine;
        cr_assert_eq(rt_compile(s.engine, "fresh", str_of(text), NULL, &seen.fresh), RT_OK);
        while ((r = rt_pool_step(pool, on_swap, &seen)) >= 0 || r == RT_EAGAIN)
                continue;
        cr_assert_eq(r, RT_EOF);
        cr_expect_eq(seen.back, 0);
        cr_expect_gt(seen.new_alerts, 100);
        cr_assert_eq(rt_pool_stats_get(pool, &stats), RT_OK);
        cr_expect_eq(stats.alerts, seen.old_alerts + seen.new_alerts);
        cr_expect_eq(rt_pool_rule_alerts(pool, 0), seen.new_alerts);
        rt_pool_unref(pool);
        rt_ruleset_unref(seen.fresh);
        scene_done(&s);
}

Test(pool, a_pool_may_go_before_its_inputs_are_used_up)
{
        for (uint32_t n = 1; n <= 4; n++) {
                rt_pool_opts opts = RT_INIT(rt_pool_opts);
                log_of l = { 0 };
                rt_pool *pool;
                scene s;

                opts.workers = n;
                opts.alert_bytes = 1;
                open_log(&s, &opts, &pool, 100 * 1000);
                for (uint32_t i = 1; i < n; i++)
                        cr_expect_geq(rt_pool_step(pool, on_alert, &l), RT_EAGAIN);
                rt_pool_unref(pool);
                free(l.ptr);
                scene_done(&s);
        }
}

Test(pool, finishing_ends_the_input_behind_what_was_read)
{
        rt_pool_opts opts = RT_INIT(rt_pool_opts);
        log_of l = { 0 };
        rt_pool *pool;
        scene s;
        int r;

        opts.workers = 2;
        open_log(&s, &opts, &pool, 190 * 1000);
        cr_expect_geq(rt_pool_step(pool, on_alert, &l), 0);
        cr_expect_eq(rt_pool_finish(pool), RT_OK);
        while ((r = rt_pool_step(pool, on_alert, &l)) >= 0 || r == RT_EAGAIN)
                continue;
        cr_expect_eq(r, RT_EOF);
        cr_expect_lt(l.alerts, 300);
        cr_expect_gt(l.alerts, 0);
        rt_pool_unref(pool);
        free(l.ptr);
        scene_done(&s);
}

static int
on_json_only(const rt_alert *alert, void *user)
{
        const char *name;
        rt_value value;
        rt_str text;

        (void) user;
        cr_expect_eq(rt_alert_json(alert, &text), RT_OK);
        cr_expect_eq(rt_alert_text(alert, &text), RT_EINVAL);
        cr_expect_eq(rt_alert_field(alert, 0, &name, &value), RT_EINVAL);
        return RT_OK;
}

Test(pool, what_cannot_be_is_refused)
{
        rt_pool_opts opts = RT_INIT(rt_pool_opts);
        rt_pool *pool = NULL, *none = NULL;
        scene s;

        opts.workers = 1;
        opts.render = RT_RENDER_JSON;
        open_log(&s, &opts, &pool, 10 * 1000);
        cr_expect_eq(rt_pool_feed(pool, "json", str_of("{}"), NULL, NULL), RT_EINVAL);
        cr_expect_eq(rt_pool_feed(pool, "nobody", str_of("{}"), NULL, NULL), RT_ENOENT);
        while (rt_pool_step(pool, on_json_only, NULL) != RT_EOF)
                continue;
        cr_expect_eq(rt_pool_configure(pool, "aws_cloudtrail", NULL, 0, NULL), RT_EINVAL);
        rt_pool_unref(pool);
        opts.workers = 257;
        cr_expect_eq(rt_pool_new(s.engine, &opts, &none), RT_ELIMIT);
        opts.workers = 1;
        opts.key = "no.such";
        cr_expect_eq(rt_pool_new(s.engine, &opts, &none), RT_ENOENT);
        opts.key = "evt.num";
        cr_expect_eq(rt_pool_new(s.engine, &opts, &none), RT_ENOENT);
        cr_expect_null(none);
        scene_done(&s);
}
