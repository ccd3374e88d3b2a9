/* SPDX-License-Identifier: Apache-2.0 */
/*
 * tool-gate.c - a gate in front of an agent's tools: JSON tool calls in, verdicts out.
 *
 *   usage   tool-gate [-d deny|ask|allow] [-e deny|ask|allow] [-s STEPS] RULES...
 *   input   one call a line: {"name": "shell", "input": {"command": "ls"}, "cwd": "/home/ann/shop"}
 *   output  one verdict a line, at once, in the same order:
 *           {"verdict":"deny","rule":"Fetch and run","reason":"...","cause":"RT_OK"}
 *
 * The harness that runs the tools keeps this process beside it, writes each call before it runs it,
 * and reads one line: `allow` runs the tool, `ask` asks the person, `deny` gives the reason back to
 * the model. Every line is answered, whatever is in it. The harness writes the call as it read it
 * and will run it, not the model's own text, in which a key may stand twice; and it sets `cwd`
 * itself. Keys that rules do not name do no harm.
 *
 * -d  what no rule decides; default: ask. -e: no milder than this if the line cannot be judged
 * (rt_decide_opts.on_error); default: deny. -s: rules with which a line may take more steps are
 * refused. Exit: 0 at the end of the input, 1 rules are wrong or the output is closed, 2 usage.
 *
 * examples/tool-gate/rules.yaml is a rule file to begin with. Rules see the text of a command, not
 * what it does: a gate is there for what an agent does by mistake or is talked into by what it
 * reads, and stands in front of a sandbox, not in place of one.
 */
#include <libruntime/runtime.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { MOST_BYTES = 1024 * 1024 }; /* of one call; longer ones are not judged */

static const char *const verdicts[] = { "deny", "ask", "allow" };

typedef struct gate {
        rt_engine *engine;
        rt_worker *worker;
        rt_decide_opts opts;
        uint64_t max_steps;
} gate;

static int
load(gate *g, char **paths, int n)
{
        rt_loader_opts opts = RT_INIT(rt_loader_opts);
        rt_loader *loader = NULL;
        rt_ruleset *rules = NULL;
        rt_diags *diags = NULL;
        rt_str text;
        int r = rt_diags_new(&diags);

        opts.max_steps = g->max_steps;
        opts.max_steps_bytes = MOST_BYTES;
        r = r < 0 ? r : rt_loader_new(g->engine, &opts, &loader);
        for (int i = 0; r >= 0 && i < n; i++)
                r = rt_loader_add_path(loader, paths[i], diags);
        r = r < 0 ? r : rt_loader_compile(loader, diags, &rules);
        r = r < 0 ? r : rt_engine_use(g->engine, rules);
        if (diags && rt_diags_count(diags, 0) > 0
            && rt_diags_print(diags, RT_DIAGS_TEXT, 0, &text) == RT_OK)
                fprintf(stderr, "%.*s", (int) text.len, text.ptr);
        if (r < 0)
                fprintf(stderr, "tool-gate: no rules: %s\n", rt_status_name(r));
        rt_ruleset_unref(rules);
        rt_loader_unref(loader);
        rt_diags_unref(diags);
        return r;
}

/* What a rule prints holds what the model wrote: nothing of it may end the line or the string. */
static void
put_text(rt_str text)
{
        putchar('"');
        for (size_t i = 0; i < text.len; i++) {
                const unsigned char c = (unsigned char) text.ptr[i];

                if (c == '"' || c == '\\')
                        printf("\\%c", c);
                else if (c < 0x20 || c == 0x7f)
                        printf("\\u%04x", c);
                else
                        putchar(c);
        }
        putchar('"');
}

/* The next line without its line feed, cut behind MOST_BYTES + 1; 0: there is none. */
static int
read_line(char *line, size_t *ret_len)
{
        size_t len = 0;
        int c = getchar();

        if (c == EOF)
                return 0;
        for (; c != EOF && c != '\n'; c = getchar())
                if (len <= MOST_BYTES)
                        line[len++] = (char) c;
        *ret_len = len;
        return 1;
}

static int
judge_all(gate *g)
{
        static char line[MOST_BYTES + 1];
        size_t len;

        while (read_line(line, &len)) {
                rt_verdict verdict = RT_INIT(rt_verdict);
                int r = rt_worker_decide(g->worker, "json", (rt_str){ line, len }, &g->opts,
                                         &verdict);

                /* Not decided: the struct, never written to, denies. */
                if (r < 0)
                        verdict.cause = r;
                printf("{\"verdict\":\"%s\",\"rule\":", verdicts[verdict.verdict]);
                if (verdict.rule)
                        put_text((rt_str){ verdict.rule, strlen(verdict.rule) });
                else
                        printf("null");
                printf(",\"reason\":");
                put_text(verdict.reason);
                printf(",\"cause\":\"%s\"}\n", rt_status_name(verdict.cause));
                if (fflush(stdout) != 0)
                        return 1;
        }
        return 0;
}

static int
usage(void)
{
        fprintf(stderr, "usage: tool-gate [-d deny|ask|allow] [-e deny|ask|allow] [-s STEPS] "
                        "RULES...\n");
        return 2;
}

/* RT_VERDICT_*, or -1. */
static int
verdict_of(const char *name)
{
        for (int i = 0; i <= RT_VERDICT_ALLOW; i++)
                if (strcmp(verdicts[i], name) == 0)
                        return i;
        return -1;
}

int
main(int argc, char **argv)
{
        gate g = { .opts = { .size = sizeof(rt_decide_opts) } };
        int otherwise = RT_VERDICT_ASK, on_error = RT_VERDICT_DENY, option, status = 1;

        while ((option = getopt(argc, argv, "d:e:s:")) != -1)
                if (option == 'd')
                        otherwise = verdict_of(optarg);
                else if (option == 'e')
                        on_error = verdict_of(optarg);
                else if (option == 's')
                        g.max_steps = strtoull(optarg, NULL, 10);
                else
                        return usage();
        if (optind == argc || otherwise < 0 || on_error < 0)
                return usage();
        g.opts.otherwise = (uint32_t) otherwise;
        g.opts.on_error = (uint32_t) on_error;
        g.opts.max_bytes = MOST_BYTES;
        if (rt_engine_new(NULL, &g.engine) == RT_OK && load(&g, argv + optind, argc - optind) >= 0
            && rt_worker_new(g.engine, NULL, &g.worker) == RT_OK)
                status = judge_all(&g);
        rt_worker_unref(g.worker);
        rt_engine_unref(g.engine);
        return status;
}
