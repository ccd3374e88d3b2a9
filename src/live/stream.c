/* SPDX-License-Identifier: Apache-2.0 */
/* stream.c - the kernel's records as event blocks of a capture. */
#include "live/stream.h"
#include "sources/syscall/codes.h"
#include "sources/syscall/scap/scap.h"
#include <stdlib.h>
#include <time.h>

enum { FIRST_ROOM = 4096, NS_PER_SECOND = 1000000000, COMM_BYTES = 16 };
enum { EVENT_HEADER_BYTES = 26, BLOCK_BYTES_MOST = 256 * 1024 };
enum { CGROUPS_PARAM = 14 }; /* of clones and execs */

/* ---- which threads the reader knows ---- */

static uint64_t
boot_clock_ns(void)
{
        struct timespec t = { 0 };

        (void) clock_gettime(CLOCK_BOOTTIME, &t);
        return (uint64_t) t.tv_sec * NS_PER_SECOND + (uint64_t) t.tv_nsec;
}

int
live_stream_init(live_stream *s, procfs *proc, uint32_t most)
{
        *s = (live_stream){ .proc = proc, .most = most, .boot_ns = proc->boot_ns };
        s->texts = malloc(sizeof *s->texts);
        s->tasks = calloc(FIRST_ROOM, sizeof *s->tasks);
        s->room = FIRST_ROOM;
        s->listed_ns = boot_clock_ns();
        return s->texts && s->tasks ? RT_OK : RT_ENOMEM;
}

void
live_stream_done(live_stream *s)
{
        free(s->texts);
        free(s->tasks);
        rti_cap_out_done(&s->news);
        live_groups_done(&s->groups);
        *s = (live_stream){ 0 };
}

static uint32_t
home(const live_stream *s, uint32_t tid)
{
        return (uint32_t) (tid * 0x9e3779b97f4a7c15u >> 32) & (s->room - 1);
}

static live_task *
place(const live_stream *s, uint32_t tid)
{
        uint32_t at = home(s, tid);

        while (s->tasks[at].tid && s->tasks[at].tid != tid)
                at = (at + 1) & (s->room - 1);
        return &s->tasks[at];
}

static int
grow(live_stream *s)
{
        live_task *const old = s->tasks;
        const uint32_t n = s->room;

        s->tasks = calloc((size_t) n * 2, sizeof *s->tasks);
        if (!s->tasks) {
                s->tasks = old;
                return RT_ENOMEM;
        }
        s->room = n * 2;
        for (uint32_t i = 0; i < n; i++)
                if (old[i].tid)
                        *place(s, old[i].tid) = old[i];
        free(old);
        return RT_OK;
}

/* A place for a thread that is not in the table; the table may be emptied for it. */
static live_task *
make(live_stream *s, uint32_t tid)
{
        live_task *task;

        if (s->n >= s->most) {
                memset(s->tasks, 0, s->room * sizeof *s->tasks);
                s->n = 0;
                s->stats.forgotten++;
        }
        if ((s->n + 1) * 2 > s->room && grow(s) < 0)
                return NULL;
        task = place(s, tid);
        *task = (live_task){ .tid = tid };
        s->n++;
        return task;
}

/* Take the entry out and close the gap that it leaves in its run. */
static void
forget(live_stream *s, live_task *task)
{
        uint32_t gap = (uint32_t) (task - s->tasks);

        for (uint32_t at = (gap + 1) & (s->room - 1); s->tasks[at].tid;
             at = (at + 1) & (s->room - 1)) {
                const uint32_t from_home = (at - home(s, s->tasks[at].tid)) & (s->room - 1);

                if (from_home >= ((at - gap) & (s->room - 1))) {
                        s->tasks[gap] = s->tasks[at];
                        gap = at;
                }
        }
        s->tasks[gap] = (live_task){ 0 };
        s->n--;
}

int
live_stream_listed(live_stream *s, int64_t tid)
{
        live_task *task = place(s, (uint32_t) tid);

        if (!task->tid)
                task = make(s, (uint32_t) tid);
        if (!task)
                return RT_ENOMEM;
        task->listed = true;
        return RT_OK;
}

/* ---- containers ---- */

int
live_stream_identified(live_stream *s, int64_t tid, uint64_t start_ns, uint64_t exec_id)
{
        const int r = live_stream_listed(s, tid);

        if (r == RT_OK)
                *place(s, (uint32_t) tid) = (live_task){ .tid = (uint32_t) tid,
                                                         .start_ns = start_ns,
                                                         .exec_id = exec_id };
        return r;
}

int
live_stream_listed_cgroups(live_stream *s, int64_t pid, rt_str cgroups)
{
        const live_sight sight = { .time_ns = s->boot_ns + s->listed_ns,
                                   .tid = pid,
                                   .settled = true };

        return s->containers ? live_containers_see(s->containers, cgroups, &sight, &s->news)
                             : RT_OK;
}

/* The list that events of clones and execs carry; empty: it is another event. */
static rt_str
cgroups_of(const struct rti_record *r)
{
        const char *lengths = (const char *) (r + 1);
        size_t at = r->n_params * sizeof(uint16_t);
        uint16_t len = 0;

        switch (r->event) {
        case RTI_EV_SYSCALL_CLONE_20_X:
        case RTI_EV_SYSCALL_FORK_20_X:
        case RTI_EV_SYSCALL_VFORK_20_X:
        case RTI_EV_SYSCALL_CLONE3_X:
        case RTI_EV_SYSCALL_EXECVE_19_X:
        case RTI_EV_SYSCALL_EXECVEAT_X:
                break;
        default:
                return (rt_str){ NULL, 0 };
        }
        if (r->n_params <= CGROUPS_PARAM)
                return (rt_str){ NULL, 0 };
        for (size_t i = 0; i <= CGROUPS_PARAM; i++) {
                at += len;
                memcpy(&len, lengths + i * sizeof len, sizeof len);
        }
        return at + len <= r->values_len ? (rt_str){ lengths + at, len } : (rt_str){ NULL, 0 };
}

static int64_t result_of(const struct rti_record *r);

/* What is new of the container that a clone or exec happened in. */
static int
put_container(live_stream *s, cap_out *out, const struct rti_record *r)
{
        const rt_str cgroups = cgroups_of(r);
        const bool exec =
                r->event == RTI_EV_SYSCALL_EXECVE_19_X || r->event == RTI_EV_SYSCALL_EXECVEAT_X;
        const live_sight sight = { .time_ns = s->boot_ns + r->time_ns,
                                   .tid = r->tid,
                                   .cpu = r->cpu,
                                   .settled = exec && cgroups.len && result_of(r) == 0,
                                   .may_wait = true };

        live_groups_learn(&s->groups, r->cgroup_id, cgroups);
        if (!cgroups.len || !s->containers)
                return RT_OK;
        return live_containers_see(s->containers, cgroups, &sight, out);
}

/* The same for a thread that was read out of /proc; its event is being written, so that this goes
 * in front of it afterwards. */
static void
note_container(live_stream *s, const struct rti_record *r, rt_str cgroups)
{
        const live_sight sight = {
                .time_ns = s->boot_ns + r->time_ns, .tid = r->tid, .cpu = r->cpu, .settled = true
        };

        if (s->containers
            && live_containers_see(s->containers, cgroups, &sight, &s->news) == RT_ENOMEM)
                s->news.failed = true;
}

/* Move the news in front of what begins at @a start. */
static void
put_news(live_stream *s, cap_out *out, size_t start)
{
        const size_t n = s->news.len, behind = out->len - start;

        out->failed |= s->news.failed;
        rti_cap_put(out, s->news.ptr, n);
        if (!out->failed) {
                memmove(out->ptr + start + n, out->ptr + start, behind);
                memcpy(out->ptr + start, s->news.ptr, n);
        }
        s->news.len = 0;
        s->news.failed = false;
}

/* ---- what the reader has to be told ---- */

static uint64_t
mix(uint64_t h, uint64_t v)
{
        h = (h ^ v) * 0x9e3779b97f4a7c15u;
        return h ^ h >> 29;
}

/* Of everything in the thread option. */
static uint64_t
print_of(const struct rti_record *r)
{
        uint64_t comm[2], h;

        memcpy(comm, r->comm, sizeof comm);
        h = mix(r->pid, (uint64_t) r->ppid << 32 | r->sid);
        h = mix(h, (uint64_t) r->pgid << 32 | r->uid);
        h = mix(h, (uint64_t) r->gid << 32 | r->loginuid);
        h = mix(h, comm[0]);
        return mix(h, comm[1]) | 1;
}

static rt_str
comm_of(const struct rti_record *r)
{
        return (rt_str){ r->comm, strnlen(r->comm, COMM_BYTES) };
}

static void
put_thread(cap_out *out, const struct rti_record *r)
{
        const size_t at = rti_cap_opt_begin(out, RTI_SCAP_OPT_THREAD);
        const rt_str comm = comm_of(r);
        rti_told_thread thread = { .tid = r->tid,
                                   .pid = r->pid,
                                   .ptid = r->ppid,
                                   .sid = r->sid,
                                   .pgid = r->pgid,
                                   .vtid = r->vtid,
                                   .vpid = r->vpid,
                                   .uid = r->uid,
                                   .gid = r->gid,
                                   .loginuid = r->loginuid };

        if (r->flags & RTI_REC_IN_PIDNS)
                thread.flags |= (uint32_t) RTI_CL_CHILD_IN_PIDNS;
        if (r->tid != r->pid)
                thread.flags |= RTI_CL_CLONE_THREAD | RTI_CL_CLONE_FILES;
        rti_cap_put(out, &thread, sizeof thread);
        rti_cap_put(out, comm.ptr, comm.len);
        rti_cap_opt_end(out, at);
}

static bool
is_same(const live_stream *s, const struct rti_record *r)
{
        const uint64_t tick = s->proc->ns_per_tick;

        return r->start_ns / tick == s->texts->start_ticks;
}

static void
put_process(cap_out *out, const rti_proc_entry *entry)
{
        const size_t at = rti_cap_opt_begin(out, RTI_SCAP_OPT_PROCESS);

        rti_cap_process(out, entry);
        rti_cap_opt_end(out, at);
}

/* Nobody can be asked any more: what the record says, and what is known of others in its cgroup.
 * The thread option that follows tells the rest. */
static void
put_remembered(live_stream *s, cap_out *out, const struct rti_record *r)
{
        const rti_proc_entry entry = { .tid = r->tid,
                                       .pid = r->pid,
                                       .ptid = r->ppid,
                                       .sid = r->sid,
                                       .vpgid = r->pgid,
                                       .pgid = r->pgid,
                                       .vtid = r->vtid,
                                       .vpid = r->vpid,
                                       .comm = comm_of(r),
                                       .cgroups = live_groups_find(&s->groups, r->cgroup_id),
                                       .uid = r->uid,
                                       .gid = r->gid,
                                       .loginuid = r->loginuid };

        if (entry.cgroups.len)
                put_process(out, &entry);
}

/* The thread's birth, or its exec if it is @a known, was missed: what /proc says of it now, if it
 * is still the same thread. */
static void
put_looked_up(live_stream *s, cap_out *out, const struct rti_record *r, bool known)
{
        rti_proc_entry entry;

        s->stats.looked_up++;
        if (rti_procfs_thread(s->proc, r->pid, r->tid, s->texts, &entry) < 0 || !is_same(s, r)) {
                s->stats.gone++;
                if (!known)
                        put_remembered(s, out, r);
                return;
        }
        live_groups_learn(&s->groups, r->cgroup_id, entry.cgroups);
        put_process(out, &entry);
        note_container(s, r, entry.cgroups);
}

/* The first parameter of events that have a result there. */
static int64_t
result_of(const struct rti_record *r)
{
        const char *lengths = (const char *) (r + 1);
        const size_t values = r->n_params * sizeof(uint16_t);
        int64_t result = -1;
        uint16_t len;

        if (r->n_params == 0)
                return result;
        memcpy(&len, lengths, sizeof len);
        if (len == sizeof result && values + len <= r->values_len)
                memcpy(&result, lengths + values, sizeof result);
        return result;
}

/* A new thread's own side of a clone, or an exec: such events tell all of the thread. */
static bool
is_birth(const struct rti_record *r)
{
        switch (r->event) {
        case RTI_EV_SYSCALL_CLONE_20_X:
        case RTI_EV_SYSCALL_FORK_20_X:
        case RTI_EV_SYSCALL_VFORK_20_X:
        case RTI_EV_SYSCALL_CLONE3_X:
        case RTI_EV_SYSCALL_EXECVE_19_X:
        case RTI_EV_SYSCALL_EXECVEAT_X:
                return result_of(r) == 0;
        default:
                return false;
        }
}

/* The options about the thread. */
static int
put_task(live_stream *s, cap_out *out, const struct rti_record *r)
{
        live_task *task = place(s, r->tid);
        const bool listed = task->tid && task->listed && r->start_ns <= s->listed_ns;
        const bool known = task->tid && (listed || task->start_ns == r->start_ns);
        const uint64_t print = print_of(r);

        if (!task->tid)
                task = make(s, r->tid);
        if (!task)
                return RT_ENOMEM;
        if (!is_birth(r)) {
                if (!known || (!listed && task->exec_id != r->exec_id))
                        put_looked_up(s, out, r, known);
                if (!known || task->print != print)
                        put_thread(out, r);
        }
        *task = (live_task){
                .tid = r->tid, .start_ns = r->start_ns, .exec_id = r->exec_id, .print = print
        };
        return RT_OK;
}

/* ---- blocks ---- */

static void
put_values(cap_out *out, const live_stream *s, const struct rti_record *r)
{
        cap_u16(out, r->cpu);
        cap_u64(out, s->boot_ns + r->time_ns);
        cap_u64(out, r->tid);
        cap_u32(out, EVENT_HEADER_BYTES + r->values_len);
        cap_u16(out, r->event);
        cap_u32(out, r->n_params);
        rti_cap_put(out, r + 1, r->values_len);
}

static bool
is_whole(const struct rti_record *r)
{
        return r->len >= sizeof *r && r->len <= BLOCK_BYTES_MOST
               && (uint64_t) sizeof *r + r->values_len + r->facts_len <= r->len
               && (uint64_t) r->n_params * sizeof(uint16_t) <= r->values_len
               && r->facts_len <= UINT16_MAX /* an option holds no more */
               && r->event < RTI_N_EVENT_CODES;
}

int
live_stream_put(live_stream *s, const struct rti_record *r, cap_out *out)
{
        size_t block;
        int rc;

        if (!is_whole(r)) {
                s->stats.damaged++;
                return RT_EFORMAT;
        }
        rc = put_container(s, out, r);
        if (rc < 0) {
                out->failed |= rc == RT_ENOMEM;
                return rc;
        }
        block = rti_cap_block_begin(out, CAP_EVENT);
        put_values(out, s, r);
        rc = put_task(s, out, r);
        if (r->facts_len) {
                const size_t at = rti_cap_opt_begin(out, RTI_SCAP_OPT_FD);

                rti_cap_put(out, (const char *) (r + 1) + r->values_len, r->facts_len);
                rti_cap_opt_end(out, at);
        }
        rti_cap_opts_end(out);
        rti_cap_block_end(out, block);
        if (s->news.len || s->news.failed)
                put_news(s, out, block);
        if (r->event == RTI_EV_PROCEXIT_1_E) {
                live_task *task = place(s, r->tid);

                if (task->tid)
                        forget(s, task);
        }
        return out->failed ? RT_ENOMEM : rc;
}
