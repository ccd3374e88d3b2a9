/* SPDX-License-Identifier: Apache-2.0 */
/* Items `natives:`: what their fields give, and what is refused. */
#include <libruntime-natives/natives.h>
#include <criterion/criterion.h>
#include <criterion/parameterized.h>
#include <libruntime/runtime.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define RULE(name, condition)                                                             \
        "- rule: " name "\n  desc: d\n  condition: " condition "\n  output: o %ct.name\n" \
        "  priority: INFO\n  source: aws_cloudtrail\n"
/* clang-format off */
#define OF(library) \
        "- natives: " library "\n  sources: [aws_cloudtrail]\n  functions:\n"
/* clang-format on */
#define FUNCTION(name, signature) "    - name: " name "\n      signature: " signature "\n"

typedef struct scene {
        rt_engine *engine;
        rt_natives *natives;
        rt_diags *diags;
        rt_worker *worker;
        unsigned alerts[26]; /* by the first letter of the rule */
        char output[1 << 12];
} scene;

static int
on_alert(const rt_alert *alert, void *user)
{
        scene *s = user;

        s->alerts[rt_alert_rule(alert)[0] - 'A']++;
        return 0;
}

static void
scene_init(scene *s, const char *path, uint32_t flags)
{
        rt_natives_opts opts = RT_INIT(rt_natives_opts);

        *s = (scene){ 0 };
        opts.paths = &path;
        opts.n_paths = path ? 1 : 0;
        opts.flags = flags;
        cr_assert_eq(rt_engine_new(NULL, &s->engine), RT_OK);
        cr_assert_eq(rt_natives_new(s->engine, &opts, &s->natives), RT_OK);
        cr_assert_eq(rt_diags_new(&s->diags), RT_OK);
}

static void
scene_done(scene *s)
{
        rt_worker_unref(s->worker);
        rt_diags_unref(s->diags);
        rt_engine_unref(s->engine);
        rt_natives_unref(s->natives);
}

/* @return "" or the diagnostics. */
static const char *
compile(scene *s, const char *rules, rt_ruleset **ret_rules)
{
        rt_str text = { "", 0 };

        if (rt_compile(s->engine, "rules.yaml", (rt_str){ rules, strlen(rules) }, s->diags,
                       ret_rules)
            < 0)
                cr_assert_eq(rt_diags_print(s->diags, RT_DIAGS_TEXT, 0, &text), RT_OK);
        snprintf(s->output, sizeof s->output, "%.*s", (int) text.len, text.len ? text.ptr : "");
        return s->output;
}

static void
use(scene *s, const char *rules)
{
        rt_worker_opts opts = RT_INIT(rt_worker_opts);
        rt_ruleset *compiled = NULL;
        const char *why = compile(s, rules, &compiled);

        cr_assert(compiled, "%s", why);
        cr_assert_eq(rt_engine_use(s->engine, compiled), RT_OK);
        rt_ruleset_unref(compiled);
        opts.rule_matching = RT_MATCH_ALL;
        if (!s->worker)
                cr_assert_eq(rt_worker_new(s->engine, &opts, &s->worker), RT_OK);
}

static int
feed(scene *s, const char *name)
{
        char text[1024];
        const int n = snprintf(text, sizeof text,
                               "{\"eventID\":\"1\",\"eventType\":\"AwsApiCall\",\"eventTime\":"
                               "\"2024-05-01T10:00:00Z\",\"eventSource\":\"iam.amazonaws.com\","
                               "\"awsRegion\":\"us-east-1\",\"sourceIPAddress\":\"192.0.2.7\","
                               "\"eventName\":\"%s\"}",
                               name);

        return rt_worker_feed(s->worker, "aws_cloudtrail", (rt_str){ text, (size_t) n }, on_alert,
                              s);
}

static uint64_t
losses(scene *s, const char *part)
{
        rt_loss loss = RT_INIT(rt_loss);
        uint64_t n = 0;

        for (size_t i = 0; rt_worker_loss(s->worker, i, &loss) == RT_OK; i++)
                n += strcmp(loss.part, part) == 0 ? loss.count : 0;
        return n;
}

/* clang-format off */
static const char every_type[] =
        RULE("A", "geo.is_ours[ct.srcip,evt.num] = true")
        RULE("B", "same.text = true")
        RULE("C", "my.negative = -1")
        RULE("D", "my.half exists")
        RULE("E", "a.word = one")
        RULE("F", "my.head[ct.name,ct.name] = Ab")
        RULE("G", "or.nothing[ct.user,evt.num] = 2")
        RULE("H", "my.seven = 7")
        OF("libplain.so")
        "    - { name: geo.is_ours, signature: 'bool (string, u32)' }\n"
        "    - { name: same.text, signature: 'bool (string)', reads: [ct.name], pure: true }\n"
        "    - { name: my.negative, signature: 'i8 (i64)', reads: [evt.num] }\n"
        "    - { name: my.half, signature: 'double (double)', reads: [evt.num] }\n"
        "    - { name: a.word, signature: 'string (u64)', reads: [evt.num] }\n"
        "    - { name: my.head, signature: 'str (str, bytes)' }\n"
        "    - { name: or.nothing, signature: 'u32 (string?, u16)' }\n"
        "    - { name: my.seven, signature: 'u64 ()' }\n";
/* clang-format on */

Test(natives, functions_of_every_type_give_fields)
{
        scene s;

        scene_init(&s, LIBRARIES, 0);
        use(&s, every_type);
        cr_assert_eq(feed(&s, "Abc"), 8);
        for (size_t i = 0; i < 8; i++)
                cr_expect_eq(s.alerts[i], 1, "%c: %u", (char) ('A' + i), s.alerts[i]);
        cr_assert_eq(losses(&s, "libplain.so"), 0);
        scene_done(&s);
}

Test(natives, what_does_not_fit_is_missing_and_counted)
{
        scene s;

        scene_init(&s, LIBRARIES, 0);
        use(&s, RULE("A", "is.small exists") RULE("B", "a.word exists") OF("libplain.so")
                        FUNCTION("is.small", "bool (u8)") "      reads: [evt.num]\n" FUNCTION(
                                "a.word", "string (u64)") "      reads: [evt.num]\n");
        for (int i = 0; i < 300; i++)
                cr_assert_geq(feed(&s, "x"), 0);
        cr_assert_eq(s.alerts[0], 255);
        cr_assert_eq(s.alerts[1], 1); /* 2: too long; then NULL */
        cr_assert_eq(losses(&s, "libplain.so"), 300 - 255 + 1);
        scene_done(&s);
}

Test(natives, long_texts_are_handed_over_whole)
{
        char name[400];
        scene s;

        memset(name, 'x', sizeof name);
        name[sizeof name - 1] = '\0';
        memcpy(name, "Abc", 3);
        scene_init(&s, LIBRARIES, 0);
        use(&s, RULE("A", "same.text = false") OF("libplain.so")
                        FUNCTION("same.text", "bool (string)") "      reads: [ct.name]\n");
        cr_assert_eq(feed(&s, name), 1);
        scene_done(&s);
}

typedef struct bracket {
        char condition[80];
        char message[160];
} bracket;

ParameterizedTestParameters(natives, brackets_that_do_not_fit_are_told_at_their_place)
{
        static bracket rows[] = {
                { "geo.is_ours[ct.srcip] = true",
                  "t.yaml:3:14: error: field 'geo.is_ours': \"bool (string, u32)\" takes 2 "
                  "parameters: 0 it reads always, so 2 are to be named" },
                { "geo.is_ours[ct.srcip,evt.num,ct.name] = true", "so 2 are to be named" },
                { "geo.is_ours[evt.num,evt.num] = true",
                  "parameter 1 is a string, which cannot be made of this field" },
                { "geo.is_ours[ct.srcip,ct.name] = true", "parameter 2 is a u32" },
                { "or.nothing[evt.num,evt.num] = 1",
                  "\"u32 (string?, u16)\" takes 2 parameters: 1 it reads always, so 1 are to be" },
                { "or.nothing[ct.name] = 1", "parameter 2 is a u16" },
                { "geo.is_ours = true", "requires an argument" },
                { "my.half = 0.5", "0.5 is not a valid number [RT1004]" },
                { "my.half = 0.5", "constants for a double are whole numbers" },
        };

        return cr_make_param_array(bracket, rows, sizeof rows / sizeof *rows);
}

ParameterizedTest(bracket *row, natives, brackets_that_do_not_fit_are_told_at_their_place)
{
        char rules[1200];
        rt_ruleset *compiled = NULL;
        const char *why;
        scene s;

        snprintf(rules, sizeof rules,
                 "- rule: A\n  desc: d\n  condition: %s\n  output: o\n  priority: INFO\n"
                 "  source: aws_cloudtrail\n%s",
                 row->condition,
                 OF("libplain.so") FUNCTION("geo.is_ours", "bool (string, u32)")
                         FUNCTION("my.half", "double (double)") "      reads: [evt.num]\n" FUNCTION(
                                 "or.nothing", "u32 (string?, u16)") "      reads: [ct.name]\n");
        scene_init(&s, LIBRARIES, 0);
        why = compile(&s, rules, &compiled);
        cr_assert_null(compiled, "%s", row->condition);
        cr_assert(strstr(why, row->message + (strncmp(row->message, "t.yaml", 6) ? 0 : 6)),
                  "%s: %s", row->condition, why);
        scene_done(&s);
}

Test(natives, a_new_ruleset_brings_new_functions)
{
        scene s;

        scene_init(&s, LIBRARIES, 0);
        use(&s, RULE("A", "my.n = 7") OF("libplain.so")
                        FUNCTION("my.n", "u64 ()") "      symbol: my_seven\n");
        cr_assert_eq(feed(&s, "x"), 1);
        use(&s, RULE("B", "my.n = -2") OF("libplain.so") FUNCTION(
                        "my.n", "i8 (i64)") "      symbol: my_negative\n      reads: [evt.num]\n");
        cr_assert_eq(feed(&s, "x"), 1);
        cr_assert_eq(s.alerts[1], 1);
        scene_done(&s);
}

typedef struct refused {
        char item[300];
        char message[100];
} refused;

ParameterizedTestParameters(natives, wrong_items_are_refused_with_the_cause)
{
        static refused rows[] = {
                { OF("libgone.so") FUNCTION("no.a", "u8 ()"), "there is no such library" },
                { OF("../libplain.so") FUNCTION("no.a", "u8 ()"), "by a name alone" },
                { OF("/etc/passwd") FUNCTION("no.a", "u8 ()"), "not where this host allows" },
                { OF("not-elf") FUNCTION("no.a", "u8 ()"), "not an ELF file" },
                { OF("wrong-machine") FUNCTION("no.a", "u8 ()"), "another kind of machine" },
                { OF("object-file") FUNCTION("no.a", "u8 ()"), "not a shared library" },
                { OF("cut-short") FUNCTION("no.a", "u8 ()"), "cannot be opened" },
                { OF("linked-out") FUNCTION("no.a", "u8 ()"), "not where this host allows" },
                { OF("everybodys") FUNCTION("no.a", "u8 ()"), "written by everybody" },
                { OF("libplain.so") FUNCTION("no.a", "u8 ()"), "exports no function no_a" },
                { OF("libplain.so") FUNCTION("my.strlen", "u64 (string)"),
                  "exports no function my_strlen" },
                { OF("libplain.so") FUNCTION("my.len", "u64 (string)") "      symbol: strlen\n",
                  "exports no function strlen" },
                { OF("libplain.so") FUNCTION("seven", "u64 ()"), "no name of a field" },
                { OF("libplain.so") FUNCTION("9.a", "u64 ()"), "no name of a field" },
                { OF("libplain.so") FUNCTION("not_a.function", "u64 ()"), "is not a function" },
                { OF("libplain.so") FUNCTION("my.seven", "u65 ()"),
                  "column 1: there is no type 'u65'" },
                { OF("libplain.so") FUNCTION("my.seven", "u64 (u8"), "column 8" },
                { OF("libplain.so") FUNCTION("my.seven", "u64 ()") "      reads: [ct.name]\n",
                  "reads 1 fields, but has 0" },
                { OF("libplain.so") FUNCTION("is.small", "bool (u8)") "      reads: [ct.name]\n",
                  "parameter 1 is a u8, which cannot be made of ct.name" },
                { OF("libplain.so") FUNCTION("is.small", "bool (u8)") "      reads: [no.such]\n",
                  "has not what a function reads" },
                { OF("libplain.so") FUNCTION("ct.name", "bool (u8)") "      symbol: is_small\n",
                  "there already" },
                { OF("libplain.so") FUNCTION("my.seven", "u64 ()") "      pure: perhaps\n",
                  "'pure' must be true or false" },
                { OF("libplain.so") FUNCTION("my.seven", "u64 ()") "      colour: red\n",
                  "has no 'colour'" },
                { OF("libplain.so") "    - name: seven\n", "a 'name' and a 'signature'" },
                { OF("libplain.so") "    - seven\n", "list of maps" },
                { "- natives: libplain.so\n", "'functions' must be a list" },
                { "- natives: libplain.so\n  functions: []\n", "'functions' must be a list" },
                { "- natives: [a]\n  functions: []\n", "'natives' must be a text" },
                { "- natives: libplain.so\n  sources: x\n", "'sources' must be a list" },
                { "- natives: libplain.so\n  colour: red\n", "natives have no 'colour'" },
                { OF("libdescribed.so") FUNCTION("my.seven", "u64 ()"), "does not describe" },
                { OF("libdescribed.so") FUNCTION("geo.is_ours", "bool (string, u64)"),
                  "but is \"bool (string, u32)\"" },
                { OF("libdescribed.so") FUNCTION("is.small", "bool (u8)"),
                  "own signature is wrong" },
                { OF("libdescribed.so") FUNCTION("is.gone", "bool ()"),
                  "exports no function is_gone" },
                { OF("libdescribed_later.so") FUNCTION("my.seven", "u64 ()"), "in version 2" },
                { OF("libdescribed_empty.so") FUNCTION("my.seven", "u64 ()"), "none or too many" },
                { OF("libdescribed_short.so") FUNCTION("my.seven", "u64 ()"),
                  "no rt_natives_table" },
        };

        return cr_make_param_array(refused, rows, sizeof rows / sizeof *rows);
}

/* A copy of the library with a byte changed, or cut. */
static void
damage(const char *folder, const char *name, size_t at, char byte, size_t size)
{
        static char bytes[1 << 20];
        char path[256];
        FILE *file = fopen(LIBRARIES "/libplain.so", "rb");
        size_t n = file ? fread(bytes, 1, sizeof bytes, file) : 0;

        cr_assert(n > 64 && n < sizeof bytes);
        fclose(file);
        bytes[at] = byte;
        snprintf(path, sizeof path, "%s/%s", folder, name);
        file = fopen(path, "wb");
        cr_assert(file);
        fwrite(bytes, 1, size && size < n ? size : n, file);
        fclose(file);
}

static void
link_to(const char *folder, const char *name, const char *target)
{
        char path[256];

        snprintf(path, sizeof path, "%s/%s", folder, name);
        cr_assert_eq(symlink(target, path), 0);
}

static void
copy_named(const char *folder, const char *name)
{
        damage(folder, name, 0, 0x7f, 0);
}

static void
fill(char *folder)
{
        static const char *const names[] = { "libplain.so",           "libdescribed.so",
                                             "libdescribed_later.so", "libdescribed_empty.so",
                                             "libdescribed_short.so", "libreplacing.so" };
        char path[256];

        cr_assert(mkdtemp(folder));
        damage(folder, "not-elf", 0, 'x', 0);
        damage(folder, "wrong-machine", 18, 2, 0);
        damage(folder, "object-file", 16, 1, 0);
        damage(folder, "cut-short", 0, 0x7f, 100);
        link_to(folder, "linked-out", LIBRARIES "/libplain.so");
        copy_named(folder, "everybodys");
        snprintf(path, sizeof path, "%s/everybodys", folder);
        cr_assert_eq(chmod(path, 0777), 0);
        for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
                snprintf(path, sizeof path, "cp " LIBRARIES "/%s %s/", names[i], folder);
                cr_assert_eq(system(path), 0);
        }
}

static void
empty(const char *folder)
{
        char command[256];

        snprintf(command, sizeof command, "rm -r %s", folder);
        cr_assert_eq(system(command), 0);
}

ParameterizedTest(refused *row, natives, wrong_items_are_refused_with_the_cause)
{
        char folder[] = "/tmp/natives-XXXXXX";
        rt_ruleset *rules = NULL;
        const char *why;
        scene s;

        fill(folder);
        scene_init(&s, folder, 0);
        why = compile(&s, row->item, &rules);
        cr_assert(!rules, "%s", row->item);
        cr_assert(strstr(why, row->message), "%s: %s", row->item, why);
        scene_done(&s);
        empty(folder);
}

Test(natives, nothing_is_opened_unless_the_host_allows_it)
{
        rt_ruleset *rules = NULL;
        scene s;

        scene_init(&s, NULL, 0);
        cr_assert(strstr(compile(&s, OF("libplain.so") FUNCTION("my.seven", "u64 ()"), &rules),
                         "allows no library"));
        scene_done(&s);
}

Test(natives, one_library_may_be_allowed_alone)
{
        static const char rules[] =
                OF("libdescribed.so") FUNCTION("geo.is_ours", "bool (string, u32)");
        rt_ruleset *compiled = NULL;
        scene s;

        scene_init(&s, LIBRARIES "/libdescribed.so", 0);
        use(&s, rules);
        cr_assert(strstr(
                compile(&s, OF(LIBRARIES "/libplain.so") FUNCTION("my.seven", "u64 ()"), &compiled),
                "not where this host allows"));
        scene_done(&s);
}

Test(natives, a_host_may_insist_on_descriptions)
{
        rt_ruleset *rules = NULL;
        scene s;

        scene_init(&s, LIBRARIES, RT_NATIVES_REQUIRE_DESCRIPTION);
        use(&s, OF("libdescribed.so") FUNCTION("same.text", "bool (string)"));
        cr_assert(strstr(compile(&s, OF("libplain.so") FUNCTION("my.seven", "u64 ()"), &rules),
                         "does not describe its functions"));
        scene_done(&s);
}

Test(natives, a_file_that_is_replaced_meanwhile_is_refused)
{
        char folder[] = "/tmp/natives-XXXXXX", file[100], by[100];
        rt_ruleset *rules = NULL;
        scene s;

        fill(folder);
        snprintf(file, sizeof file, "%s/libreplacing.so", folder);
        snprintf(by, sizeof by, "%s/libplain.so", folder);
        setenv("RT_TEST_REPLACED", file, 1);
        setenv("RT_TEST_BY", by, 1);
        scene_init(&s, folder, 0);
        cr_assert(strstr(compile(&s, OF("libreplacing.so") FUNCTION("my.seven", "u64 ()"), &rules),
                         "was replaced while it was opened"),
                  "%s", s.output);
        scene_done(&s);
        empty(folder);
}

Test(natives, another_groups_files_are_refused)
{
        char folder[] = "/tmp/natives-XXXXXX", file[100];
        rt_ruleset *rules = NULL;
        scene s;

        fill(folder);
        snprintf(file, sizeof file, "%s/libplain.so", folder);
        if (chown(file, geteuid(), 12345) == 0) { /* only root may */
                cr_assert_eq(chmod(file, 0775), 0);
                scene_init(&s, folder, 0);
                cr_assert(strstr(
                        compile(&s, OF("libplain.so") FUNCTION("my.seven", "u64 ()"), &rules),
                        "can be written by another group"));
                scene_done(&s);
        }
        empty(folder);
}

Test(natives, everybodys_directories_are_refused)
{
        char folder[] = "/tmp/natives-XXXXXX";
        rt_ruleset *rules = NULL;
        scene s;

        fill(folder);
        cr_assert_eq(chmod(folder, 01777), 0);
        scene_init(&s, folder, 0);
        cr_assert(strstr(compile(&s, OF("libplain.so") FUNCTION("my.seven", "u64 ()"), &rules),
                         "written by everybody"));
        scene_done(&s);
        empty(folder);
}

static void *
work(void *user)
{
        scene own = { .engine = ((scene *) user)->engine };
        rt_worker_opts opts = RT_INIT(rt_worker_opts);

        opts.rule_matching = RT_MATCH_ALL;
        cr_assert_eq(rt_worker_new(own.engine, &opts, &own.worker), RT_OK);
        for (int i = 0; i < 1000; i++)
                cr_assert_geq(feed(&own, "Abc"), 0);
        rt_worker_unref(own.worker);
        return own.alerts[0] == 1000 && own.alerts[5] == 1000 ? NULL : user;
}

Test(natives, workers_call_the_same_function_and_rules_are_replaced_meanwhile)
{
        pthread_t threads[2];
        scene s;

        scene_init(&s, LIBRARIES, 0);
        use(&s, every_type);
        for (size_t i = 0; i < 2; i++)
                cr_assert_eq(pthread_create(&threads[i], NULL, work, &s), 0);
        for (int i = 0; i < 20; i++)
                use(&s, every_type);
        for (size_t i = 0; i < 2; i++) {
                void *failed;

                pthread_join(threads[i], &failed);
                cr_expect_null(failed);
        }
        scene_done(&s);
}

Test(natives, wrong_options_are_refused)
{
        rt_natives_opts opts = RT_INIT(rt_natives_opts);
        const char *path = "relative";
        rt_natives *natives = NULL;
        rt_engine *engine;

        cr_assert_eq(rt_engine_new(NULL, &engine), RT_OK);
        cr_assert_eq(rt_natives_new(NULL, NULL, &natives), RT_EINVAL);
        cr_assert_eq(rt_natives_new(engine, NULL, NULL), RT_EINVAL);
        opts.n_paths = 1;
        cr_assert_eq(rt_natives_new(engine, &opts, &natives), RT_EINVAL);
        opts.paths = &path;
        cr_assert_eq(rt_natives_new(engine, &opts, &natives), RT_EINVAL);
        opts.n_paths = 0;
        opts.flags = 1u << 9;
        cr_assert_eq(rt_natives_new(engine, &opts, &natives), RT_EABI);
        opts.flags = 0;
        opts.size = 2;
        cr_assert_eq(rt_natives_new(engine, &opts, &natives), RT_EABI);
        cr_assert_eq(rt_natives_new(engine, NULL, &natives), RT_OK);
        path = NULL;
        cr_assert_eq(rt_natives_new(engine, NULL, &natives), RT_EEXIST);
        rt_engine_unref(engine);
        cr_assert_null(rt_natives_unref(natives));
        cr_assert_null(rt_natives_unref(NULL));
}
