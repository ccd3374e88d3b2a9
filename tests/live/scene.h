/* SPDX-License-Identifier: Apache-2.0 */
/*
 * scene.h - rules over what one child process (and all it starts) does on this machine.
 *
 * The child is forked by the test and does nothing that rules look at before scene_go; nothing
 * outside of its tree is in scope. Tests are skipped, by a message, where the machine cannot be
 * watched.
 */
#ifndef TEST_LIVE_SCENE_H
#define TEST_LIVE_SCENE_H

#include <libruntime/runtime.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

/* Memory that the child shares with the test. */
typedef struct scene_shared {
        volatile uint32_t go;
        volatile uint64_t produced; /* events that the child has made so far */
        volatile uint64_t numbers[4];
} scene_shared;

typedef void scene_act(scene_shared *shared);

enum { SCENE_RULES = 8 };

typedef struct scene {
        rt_engine *engine;
        rt_ruleset *rules;
        rt_worker *worker;
        scene_shared *shared;
        pid_t child;
        bool ended;      /* the child is no more */
        uint64_t alerts; /* of all rules */
        uint64_t by_rule[SCENE_RULES];
        /* The consumer's share: at most one alert per so many events made, while the child lives;
         * 0: as fast as it can. */
        uint64_t slower;
        const rt_option *options; /* of the source; may be NULL */
        size_t n_options;
        int (*on_alert)(const rt_alert *alert, void *scene); /* may be NULL */
} scene;

/* Fork @a act and watch it with @a rules; @a ring_bytes 0: as usual. The scene's options are set
 * by the caller, the rest is made. */
void scene_open(scene *s, const char *rules, size_t ring_bytes, scene_act *act);
/* Let the child act, judge until it has ended (at most @a seconds), then what is under way. */
void scene_run(scene *s, unsigned seconds);
void scene_close(scene *s);

/* Sum of the rows of that kind, and of that cause and part unless NULL. */
uint64_t scene_lost(scene *s, uint32_t kind, const char *cause, const char *part);
/* The row of that cause and part; false: there is none. */
bool scene_loss(scene *s, const char *cause, const char *part, rt_loss *ret_loss);
/* Does a loss of that row blind that rule? */
bool scene_blinds(const scene *s, const rt_loss *loss, size_t rule);

#endif
