/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Any bytes as a program: what the verifier and the binder accept can be printed and evaluated over
 * any event, and ends.
 *
 * The header's magic, version, layout and size are put right first, since every input would stop
 * there. Seeds are made by tests/oracle/seeds.c, anew when a program's layout changes.
 */
#include "engine/candidates.h"
#include "engine/classify.h"
#include "engine/eval.h"
#include "fuzz.h"

enum { N_EVENTS = 8 };

/* A source that has a value of the slot's kind, most of the time. */
static int
extract(void *state, const rt_event *event, uint32_t number, rt_value *ret_value)
{
        static const rt_value strings[] = {
                { RT_KIND_STRING, 0, .as.s = RTI_STR_INIT("x") },
                { RT_KIND_STRING, 0, .as.s = RTI_STR_INIT("/etc/a\0b") },
                { RT_KIND_STRING, 0, .as.s = RTI_STR_INIT("/usr/bin/many /Etc/A b.c ab aB AB//") },
        };
        const rt_ruleset *rules = state;
        const rti_type type = rules->slots[number].type;

        if ((number + event->number) % 5 == 0)
                return 0;
        *ret_value = (rt_value){ .kind = type.kind, .as.u = number + event->number };
        switch (rti_kinds[type.kind].hold) {
        case RTI_HOLD_STRING:
                ret_value->as.s = strings[event->number % RTI_COUNT(strings)].as.s;
                break;
        case RTI_HOLD_ADDRESS:
                ret_value->count = 4;
                break;
        case RTI_HOLD_LIST:
        case RTI_HOLD_NONE:
                return 0;
        default:
                break;
        }
        if (type.list) {
                if (!rti_kind_is_string(type.kind))
                        return 0;
                *ret_value = (rt_value){ RT_KIND_LIST, RTI_COUNT(strings), .as.list = strings };
        }
        return 1;
}

static void
evaluate(rt_ruleset *rules, rti_frame *frame, rti_candidates *candidates)
{
        const rt_source_ops ops = { .size = sizeof ops, .name = "fuzz", .extract = extract };
        const rti_instance instance = { .ops = &ops, .state = rules };
        rt_event event = { .size = sizeof event, .scratch = frame };

        for (uint32_t i = 0; i < rules->p.n_slots; i++)
                if (rules->slots[i].what == RTI_SLOT_FIELD)
                        frame->slot_row[i].from = i;
        for (uint32_t i = 0; i < N_EVENTS * rules->p.n_sources; i++) {
                const uint32_t source = i % rules->p.n_sources;
                uint32_t rule;

                rti_arena_reset(frame->memory);
                event.number = i;
                event.type = rules->p.sources[source].first_type;
                event.subject = i / rules->p.n_sources / 3; /* none, or one that comes again */
                rti_frame_begin(frame, &instance, source, &event);
                for (uint32_t k = 0; k < rules->p.n_classes; k++) {
                        uint32_t n;

                        rti_class_hits(frame, k, &n);
                        CHECK(n <= rules->p.classes[k].atoms.n);
                }
                rti_candidates_find(candidates, frame, rti_eval_roots(rules, source, event.type));
                while ((rule = rti_candidates_take(candidates)) != RTI_NONE)
                        rti_eval_rule(frame, rule);
                for (uint32_t k = 0; k < rules->p.n_rules && k < 8; k++)
                        rti_eval_rule(frame, k);
        }
}

static rti_program *
put_right(const uint8_t *data, size_t size)
{
        rti_program *program = rti_alloc(&rti_alloc_default, size);

        CHECK(program);
        memcpy(program, data, size);
        program->magic = RTI_PROGRAM_MAGIC;
        program->version = RTI_PROGRAM_VERSION;
        program->layout = rti_program_layout();
        program->size_bytes = size;
        return program;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        rt_ruleset *rules;
        rti_frame frame = { .allocator = &rti_alloc_default };
        rti_candidates candidates = { .allocator = &rti_alloc_default };
        rti_arena memory;
        const char *why = NULL;
        rti_buf buf;

        if (size < sizeof(rti_program))
                return 0;
        if (rti_ruleset_bind(&rti_alloc_default, put_right(data, size), size, &rules, &why) < 0) {
                CHECK(why);
                return 0;
        }
        rti_buf_init(&buf, &rti_alloc_default, 1 << 20);
        rti_disasm(&buf, rules);
        rti_buf_done(&buf);
        rti_arena_init(&memory, &rti_alloc_default, 1 << 24);
        frame.memory = &memory;
        CHECK(rti_op_scratch_new(&rti_alloc_default, &frame.scratch) == RT_OK);
        CHECK(rti_frame_install(&frame, rules) == RT_OK);
        CHECK(rti_candidates_new(&candidates, rules) == RT_OK);
        evaluate(rules, &frame, &candidates);
        rti_candidates_done(&candidates);
        rti_frame_done(&frame);
        rti_op_scratch_free(frame.scratch);
        rti_arena_done(&memory);
        rti_ruleset_unref(rules);
        return 0;
}
