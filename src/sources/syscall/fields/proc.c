/* SPDX-License-Identifier: Apache-2.0 */
/*
 * proc.c - fields of processes and threads, of their ancestors and leaders.
 *
 * A field is a row: whose member it shows, and how. Texts are slices of the state or put together
 * in the event's memory. A thread's main entry is the one it calls leader; an entry made up for an
 * unknown tid has none.
 */
#include "sources/jsonkit/limits.h"
#include "sources/syscall/fields/parts.h"

enum { DIGITS_ROOM = 24 };

enum who { OWN, PARENT, ABOVE, SID, VPGID, PGID };

enum how {
        NOTHING,
        TEXT, /* a rti_text of the entry */
        ARGS,
        CMDLINE,
        EXELINE,
        ENV,
        CWD,
        NAME_TID,
        CGROUPS,
        CAPS,
        I64,
        I64_SET, /* -1 is missing */
        U64,
        U64_SET, /* 0 is missing */
        U32,
        KB_OF_MAIN, /* of the leader's entry alone, others have 0 */
        BYTES_OF_MAIN,
        MARK,
        N_CHARS,
        SHELL,
        AGE,
        EXE_AGE_AT_START,
        EXE_AGE_IN_PIDNS,
        LEADS,       /* the id at hand is the vpid */
        LEADS_GROUP, /* the pid */
        IS_MAIN,
        N_OPEN,
        LIMIT,
        USAGE,
        N_THREADS,
        N_CHILDREN,
        STD_TYPE,
        STD_NAME,
        TID,
        NO_TIME
};

typedef struct row {
        uint8_t who, how;
        uint16_t at; /* offset of a member, mark, descriptor */
} row;

#define AT(member)            offsetof(rti_thread, member)
#define ROW(id, who, how, at) [RTI_SYS_##id - RTI_SYS_PROC_EXE] = { who, how, at }

static const row rows[] = {
        ROW(PROC_EXE, OWN, TEXT, AT(exe)),
        ROW(PROC_PEXE, PARENT, TEXT, AT(exe)),
        ROW(PROC_AEXE, ABOVE, TEXT, AT(exe)),
        ROW(PROC_EXEPATH, OWN, TEXT, AT(exepath)),
        ROW(PROC_PEXEPATH, PARENT, TEXT, AT(exepath)),
        ROW(PROC_AEXEPATH, ABOVE, TEXT, AT(exepath)),
        ROW(PROC_NAME, OWN, TEXT, AT(comm)),
        ROW(PROC_PNAME, PARENT, TEXT, AT(comm)),
        ROW(PROC_ANAME, ABOVE, TEXT, AT(comm)),
        ROW(PROC_ARGS, OWN, ARGS, 0),
        ROW(PROC_AARGS, ABOVE, ARGS, 0),
        ROW(PROC_CMDLINE, OWN, CMDLINE, 0),
        ROW(PROC_PCMDLINE, PARENT, CMDLINE, 0),
        ROW(PROC_ACMDLINE, ABOVE, CMDLINE, 0),
        ROW(PROC_CMDNARGS, OWN, U32, AT(n_args)),
        ROW(PROC_CMDLENARGS, OWN, N_CHARS, 0),
        ROW(PROC_EXELINE, OWN, EXELINE, 0),
        ROW(PROC_ENV, OWN, ENV, 0),
        ROW(PROC_AENV, ABOVE, ENV, 0),
        ROW(PROC_CWD, OWN, CWD, 0),
        ROW(PROC_LOGINSHELLID, OWN, SHELL, 0),
        ROW(PROC_TTY, OWN, U32, AT(tty)),
        ROW(PROC_PID, OWN, I64, AT(pid)),
        ROW(PROC_PPID, PARENT, I64, AT(pid)),
        ROW(PROC_APID, ABOVE, I64, AT(pid)),
        ROW(PROC_VPID, OWN, I64_SET, AT(vpid)),
        ROW(PROC_PVPID, PARENT, I64_SET, AT(vpid)),
        ROW(PROC_SID, OWN, I64, AT(sid)),
        ROW(PROC_SNAME, SID, TEXT, AT(comm)),
        ROW(PROC_SID_EXE, SID, TEXT, AT(exe)),
        ROW(PROC_SID_EXEPATH, SID, TEXT, AT(exepath)),
        ROW(PROC_VPGID, OWN, I64, AT(vpgid)),
        ROW(PROC_VPGID_NAME, VPGID, TEXT, AT(comm)),
        ROW(PROC_VPGID_EXE, VPGID, TEXT, AT(exe)),
        ROW(PROC_VPGID_EXEPATH, VPGID, TEXT, AT(exepath)),
        ROW(PROC_PGID, OWN, I64, AT(pgid)),
        ROW(PROC_PGID_NAME, PGID, TEXT, AT(comm)),
        ROW(PROC_PGID_EXE, PGID, TEXT, AT(exe)),
        ROW(PROC_PGID_EXEPATH, PGID, TEXT, AT(exepath)),
        ROW(PROC_DURATION, OWN, AGE, 0),
        ROW(PROC_PPID_DURATION, PARENT, AGE, 0),
        ROW(PROC_PID_TS, OWN, U64_SET, AT(clone_ns)),
        ROW(PROC_PPID_TS, PARENT, U64, AT(clone_ns)),
        ROW(PROC_IS_EXE_WRITABLE, OWN, MARK, RTI_TH_EXE_WRITABLE),
        ROW(PROC_IS_EXE_UPPER_LAYER, OWN, MARK, RTI_TH_EXE_UPPER_LAYER),
        ROW(PROC_IS_EXE_LOWER_LAYER, OWN, MARK, RTI_TH_EXE_LOWER_LAYER),
        ROW(PROC_IS_EXE_FROM_MEMFD, OWN, MARK, RTI_TH_EXE_FROM_MEMFD),
        ROW(PROC_IS_SID_LEADER, OWN, LEADS, AT(sid)),
        ROW(PROC_IS_VPGID_LEADER, OWN, LEADS, AT(vpgid)),
        ROW(PROC_IS_PGID_LEADER, OWN, LEADS_GROUP, AT(pgid)),
        ROW(PROC_EXE_INO, OWN, U64_SET, AT(exe_ino)),
        ROW(PROC_EXE_INO_CTIME, OWN, U64_SET, AT(exe_ino_ctime)),
        ROW(PROC_EXE_INO_MTIME, OWN, U64_SET, AT(exe_ino_mtime)),
        ROW(PROC_EXE_INO_CTIME_DURATION_PROC_START, OWN, EXE_AGE_AT_START, 0),
        ROW(PROC_EXE_INO_CTIME_DURATION_PIDNS_START, OWN, EXE_AGE_IN_PIDNS, 0),
        ROW(PROC_PIDNS_INIT_START_TS, OWN, NOTHING, 0), /* the reference never shows it */
        ROW(THREAD_CAP_PERMITTED, OWN, CAPS, AT(cap_permitted)),
        ROW(THREAD_CAP_INHERITABLE, OWN, CAPS, AT(cap_inheritable)),
        ROW(THREAD_CAP_EFFECTIVE, OWN, CAPS, AT(cap_effective)),
        ROW(PROC_FDOPENCOUNT, OWN, N_OPEN, 0),
        ROW(PROC_FDLIMIT, OWN, LIMIT, 0),
        ROW(PROC_FDUSAGE, OWN, USAGE, 0),
        ROW(PROC_VMSIZE, OWN, U32, AT(vmsize_kb)),
        ROW(PROC_VMRSS, OWN, U32, AT(vmrss_kb)),
        ROW(PROC_VMSWAP, OWN, U32, AT(vmswap_kb)),
        ROW(THREAD_PFMAJOR, OWN, U64, AT(pfmajor)),
        ROW(THREAD_PFMINOR, OWN, U64, AT(pfminor)),
        ROW(THREAD_TID, OWN, TID, 0),
        ROW(THREAD_ISMAIN, OWN, IS_MAIN, 0),
        ROW(THREAD_VTID, OWN, I64_SET, AT(vtid)),
        ROW(THREAD_NAMETID, OWN, NAME_TID, 0),
        ROW(THREAD_EXECTIME, OWN, NO_TIME, 0),
        ROW(THREAD_TOTEXECTIME, OWN, U64, AT(total_exec_ns)),
        ROW(THREAD_CGROUPS, OWN, CGROUPS, 0),
        ROW(THREAD_CGROUP, OWN, CGROUPS, 0),
        ROW(PROC_NTHREADS, OWN, N_THREADS, 0),
        ROW(PROC_NCHILDS, OWN, N_CHILDREN, 0),
        ROW(THREAD_CPU, OWN, NOTHING, 0),
        ROW(THREAD_CPU_USER, OWN, NOTHING, 0),
        ROW(THREAD_CPU_SYSTEM, OWN, NOTHING, 0),
        ROW(THREAD_VMSIZE, OWN, KB_OF_MAIN, AT(vmsize_kb)),
        ROW(THREAD_VMRSS, OWN, KB_OF_MAIN, AT(vmrss_kb)),
        ROW(THREAD_VMSIZE_B, OWN, BYTES_OF_MAIN, AT(vmsize_kb)),
        ROW(THREAD_VMRSS_B, OWN, BYTES_OF_MAIN, AT(vmrss_kb)),
        ROW(PROC_STDIN_TYPE, OWN, STD_TYPE, 0),
        ROW(PROC_STDOUT_TYPE, OWN, STD_TYPE, 1),
        ROW(PROC_STDERR_TYPE, OWN, STD_TYPE, 2),
        ROW(PROC_STDIN_NAME, OWN, STD_NAME, 0),
        ROW(PROC_STDOUT_NAME, OWN, STD_NAME, 1),
        ROW(PROC_STDERR_NAME, OWN, STD_NAME, 2),
};

/* What is shown, and where to put it. */
typedef struct view {
        const rti_sys *sys;
        const rt_event *event;
        const rti_sys_slot *slot;
        const rti_thread *thread; /* whose */
        const row *row;
} view;

static const void *
member(const view *v)
{
        return (const char *) v->thread + v->row->at;
}

static uint32_t
u32_of(const view *v)
{
        uint32_t value;

        memcpy(&value, member(v), sizeof value);
        return value;
}

static uint64_t
u64_of(const view *v)
{
        uint64_t value;

        memcpy(&value, member(v), sizeof value);
        return value;
}

static rt_str
text_of(const rti_thread *thread, const row *shown)
{
        const rti_text *text;

        memcpy(&text, (const char *) thread + shown->at, sizeof text);
        return rti_text_str(text);
}

/* ---- texts ---- */

static rt_str
env_of(const rti_thread *thread)
{
        return thread->leader ? rti_text_str(thread->leader->env) : RTI_STR("");
}

/* The reference cuts the blanks around a value off, and passes over names without one. */
static rt_str
env_value(rt_str env, rt_str name)
{
        rt_str element;

        while (rti_elements_next(&env, &element)) {
                if (element.len <= name.len + 1 || element.ptr[name.len] != '='
                    || !rti_str_starts(element, name))
                        continue;
                element = rti_str_sub(element, name.len + 1, element.len);
                while (element.len && element.ptr[0] == ' ')
                        element = rti_str_sub(element, 1, element.len);
                while (element.len && element.ptr[element.len - 1] == ' ')
                        element.len--;
                return element;
        }
        return RTI_STR("");
}

static rt_str
nth(rt_str elements, uint64_t n)
{
        rt_str element = RTI_STR("");

        do
                if (!rti_elements_next(&elements, &element))
                        return RTI_STR("");
        while (n--);
        return element;
}

/* The texts that all of a process's or ancestor's line can be: RT_OK, RT_ELIMIT. */
static int
line_of(const view *v, rt_str *ret_text)
{
        const rti_thread *thread = v->thread;
        const rt_str args = rti_text_str(thread->args), none = { "", 0 };

        switch (v->row->how) {
        case ARGS:
                return rti_elements_join(v->event, none, RTI_GAP_NEVER, args, ret_text);
        case CMDLINE:
                return rti_elements_join(v->event, rti_text_str(thread->comm), RTI_GAP_BEFORE_TEXT,
                                         args, ret_text);
        case EXELINE:
                return rti_elements_join(v->event, rti_text_str(thread->exe), RTI_GAP_ALWAYS, args,
                                         ret_text);
        case ENV:
                return rti_elements_join(v->event, none, RTI_GAP_NEVER, env_of(thread), ret_text);
        default:
                *ret_text = text_of(thread, v->row);
                return RT_OK;
        }
}

static int
show_line(const view *v, rt_value *ret_value)
{
        rt_str text;
        const int r = line_of(v, &text);

        return r < 0 ? r : rti_give_str(ret_value, text);
}

static int
show_name_tid(const view *v, rt_value *ret_value)
{
        const rt_str name = rti_text_str(v->thread->comm);
        rti_line line;

        rti_line_init(&line, v->event, name.len + DIGITS_ROOM);
        rti_line_add(&line, name);
        rti_line_i64(&line, v->thread->tid);
        return rti_give_line(&line, ret_value);
}

static int
show_cgroups(const view *v, rt_value *ret_value)
{
        const rt_str all = rti_text_str(v->thread->cgroups);
        rt_str text;
        int r;

        if (v->slot->arg == RT_ARG_KEY) {
                text = rti_elements_value(all, v->slot->key);
                return text.ptr ? rti_give_str(ret_value, text) : 0;
        }
        if (all.len == 0)
                return 0;
        r = rti_elements_join(v->event, (rt_str){ "", 0 }, RTI_GAP_NEVER, all, &text);
        return r < 0 ? r : rti_give_str(ret_value, text);
}

static int
show_text(const view *v, rt_value *ret_value)
{
        const rti_thread *thread = v->thread;

        switch (v->row->how) {
        case ARGS:
                if (v->slot->arg == RT_ARG_INDEX && v->row->who == OWN)
                        return rti_give_str(ret_value,
                                            nth(rti_text_str(thread->args), v->slot->index));
                return show_line(v, ret_value);
        case ENV:
                if (v->slot->arg == RT_ARG_KEY && v->row->who == OWN)
                        return rti_give_str(ret_value, env_value(env_of(thread), v->slot->key));
                return env_of(thread).len ? show_line(v, ret_value) : 0;
        case CWD:
                return rti_give_str(ret_value, thread->leader ? rti_text_str(thread->leader->cwd)
                                                              : RTI_STR("./"));
        case NAME_TID:
                return show_name_tid(v, ret_value);
        case CGROUPS:
                return show_cgroups(v, ret_value);
        case CAPS:
                return rti_give_caps(v->event, u64_of(v), ret_value);
        default:
                return show_line(v, ret_value);
        }
}

/* ---- what takes more than a member ---- */

static uint32_t
n_open(const rti_thread *thread)
{
        return thread->leader && thread->leader->fds ? thread->leader->fds->n : 0;
}

static uint32_t
n_threads(const rti_thread *thread)
{
        return thread->leader ? thread->leader->n_threads : 0;
}

/* Descriptors and their limit are the process's. */
static int64_t
limit_of(const rti_thread *thread)
{
        return thread->leader ? thread->leader->fdlimit : 0;
}

static int
show_usage(const rti_thread *thread, rt_value *ret_value)
{
        const double open = n_open(thread) * 100.0;

        *ret_value = (rt_value){ .kind = RT_KIND_DOUBLE };
        if (limit_of(thread) > 0)
                ret_value->as.d = open / (double) limit_of(thread);
        return 1;
}

static int
show_std(const view *v, rt_value *ret_value)
{
        const rti_fds *fds = v->thread->leader ? v->thread->leader->fds : NULL;
        const rti_fd *fd = fds ? rti_fds_find(fds, v->row->at) : NULL;

        if (!fd)
                return 0;
        return rti_give_str(ret_value, v->row->how == STD_TYPE ? rti_fd_kind_name(fd->kind)
                                                               : rti_text_str(fd->name));
}

static int
show_age(const view *v, rt_value *ret_value)
{
        const uint64_t start = v->thread->clone_ns;

        if (start)
                return rti_give_u64(ret_value, RT_KIND_RELTIME, v->sys->evt.time_ns - start);
        /* What the reference shows for a parent whose start is not known. */
        return v->row->who == PARENT
                       ? rti_give_u64(ret_value, RT_KIND_RELTIME, n_open(v->sys->evt.thread))
                       : 0;
}

/* How much older than the process its executable was when it was executed. */
static int
show_exe_age(const view *v, rt_value *ret_value)
{
        const rti_thread *thread = v->thread;
        const uint64_t start = rti_thread_pidns_start(thread);
        uint64_t age = thread->exe_age_at_start_ns;

        if (v->row->how == EXE_AGE_IN_PIDNS)
                age = thread->lastexec_ns && start && thread->exe_ino_ctime > start
                              ? thread->exe_ino_ctime - start
                              : 0;
        return age ? rti_give_u64(ret_value, RT_KIND_ABSTIME, age) : 0;
}

static int
show_shell(const view *v, rt_value *ret_value)
{
        const rti_thread *shell =
                rti_thread_login_shell(&v->sys->state.threads, v->sys->evt.thread);

        return shell ? rti_give_i64(ret_value, RT_KIND_INT64, shell->pid) : 0;
}

/* ---- numbers ---- */

static int
show_member(const view *v, rt_value *ret_value)
{
        const uint32_t kind = v->slot->kind;
        const bool is_main = v->thread->leader == v->thread;
        uint64_t u;

        switch (v->row->how) {
        case I64_SET:
        case U64_SET:
                u = u64_of(v);
                if (u == (v->row->how == I64_SET ? UINT64_MAX : 0))
                        return 0;
                return rti_give_u64(ret_value, kind, u);
        case U32:
                return rti_give_u64(ret_value, kind, u32_of(v));
        case KB_OF_MAIN:
                return rti_give_u64(ret_value, kind, is_main ? u32_of(v) : 0);
        case BYTES_OF_MAIN:
                return rti_give_u64(ret_value, kind, is_main ? (uint64_t) u32_of(v) * 1024 : 0);
        case MARK:
                return rti_give_u64(ret_value, kind, (v->thread->marks & v->row->at) != 0);
        case LEADS:
                return rti_give_u64(ret_value, kind, u64_of(v) == (uint64_t) v->thread->vpid);
        case LEADS_GROUP:
                return rti_give_u64(ret_value, kind, u64_of(v) == (uint64_t) v->thread->pid);
        case IS_MAIN:
                return rti_give_u64(ret_value, kind, is_main);
        default:
                return rti_give_u64(ret_value, kind, u64_of(v));
        }
}

static int
show(const view *v, rt_value *ret_value)
{
        const rti_thread *thread = v->thread;

        switch (v->row->how) {
        case NOTHING:
                return 0;
        case N_CHARS:
                return rti_give_u64(ret_value, RT_KIND_UINT64,
                                    thread->args ? thread->args->len - thread->n_args : 0);
        case SHELL:
                return show_shell(v, ret_value);
        case AGE:
                return show_age(v, ret_value);
        case EXE_AGE_AT_START:
        case EXE_AGE_IN_PIDNS:
                return show_exe_age(v, ret_value);
        case LIMIT:
                return rti_give_i64(ret_value, RT_KIND_INT64, limit_of(v->thread));
        case N_OPEN:
                return rti_give_u64(ret_value, RT_KIND_UINT64, n_open(thread));
        case USAGE:
                return show_usage(thread, ret_value);
        case N_THREADS:
                return rti_give_u64(ret_value, RT_KIND_UINT64, n_threads(thread));
        case N_CHILDREN:
                return rti_give_u64(ret_value, RT_KIND_UINT64,
                                    n_threads(thread) ? n_threads(thread) - 1 : 0);
        case STD_TYPE:
        case STD_NAME:
                return show_std(v, ret_value);
        default:
                return v->row->how < I64 ? show_text(v, ret_value) : show_member(v, ret_value);
        }
}

/* ---- ancestors ---- */

enum { FAR = 20 }; /* how many ancestors proc.aenv[NAME] looks at, the reference's number */

/* The ancestors, nearest first, without the process itself. A walk that comes back to where it was
 * (at half its pace) ends. */
static size_t
ancestors_of(const rti_sys *sys, const rti_thread *ancestors[RTI_SOURCE_MAX_ANCESTORS])
{
        const rti_thread *main = sys->evt.thread->leader, *at = main;
        size_t n = 0;

        while (at && n < RTI_SOURCE_MAX_ANCESTORS) {
                at = rti_thread_parent(&sys->state.threads, at);
                if (!at || at == main || (n && at == ancestors[n / 2]))
                        break;
                ancestors[n++] = at;
        }
        return n;
}

/* One value for each ancestor. */
static int
show_each(view *v, const rti_thread **ancestors, size_t n, rt_value *ret_value)
{
        rt_value *list = rt_event_alloc(v->event, (n + 1) * sizeof *list);
        int r = 1;

        if (!list)
                return RT_ELIMIT;
        for (size_t i = 0; i < n && r >= 0; i++) {
                v->thread = ancestors[i];
                r = v->row->how == I64 ? show_member(v, &list[i]) : show_line(v, &list[i]);
        }
        if (r < 0)
                return r;
        *ret_value = (rt_value){ .kind = RT_KIND_LIST, .count = (uint32_t) n, .as.list = list };
        return 1;
}

static int
show_joined(view *v, const rti_thread **ancestors, size_t n, rt_value *ret_value)
{
        rt_str *texts = rt_event_alloc(v->event, (n + 1) * sizeof *texts), text;
        int r = RT_OK;

        if (!texts)
                return RT_ELIMIT;
        for (size_t i = 0; i < n && r == RT_OK; i++) {
                v->thread = ancestors[i];
                r = line_of(v, &texts[i]);
        }
        if (r == RT_OK)
                r = rti_texts_join(v->event, texts, n, &text);
        return r < 0 ? r : rti_give_str(ret_value, text);
}

static int
show_inherited_env(const view *v, const rti_thread **ancestors, size_t n, rt_value *ret_value)
{
        rt_str value = RTI_STR("");

        for (size_t i = 0; i < n && i < FAR && value.len == 0; i++)
                value = env_value(env_of(ancestors[i]), v->slot->key);
        return rti_give_str(ret_value, value);
}

static int
read_above(view *v, rt_value *ret_value)
{
        const rti_thread *ancestors[RTI_SOURCE_MAX_ANCESTORS];
        const rti_threads *threads = &v->sys->state.threads;
        rti_thread *own = v->sys->evt.thread;
        size_t n;

        if (v->slot->arg == RT_ARG_INDEX) {
                if (v->slot->index > RTI_SOURCE_MAX_ANCESTORS)
                        return 0;
                v->thread = rti_thread_ancestor(threads, own, (uint32_t) v->slot->index);
                if (!v->thread)
                        return 0;
                return v->row->how == I64 ? show_member(v, ret_value) : show_line(v, ret_value);
        }
        if (!own->leader)
                return 0;
        /* Alone, proc.apid and proc.aenv give what is the process's own. */
        if (v->slot->arg == RT_ARG_NONE && (v->row->how == I64 || v->row->how == ENV)) {
                v->thread = own->leader;
                return v->row->how == I64 ? show_member(v, ret_value) : show_line(v, ret_value);
        }
        n = ancestors_of(v->sys, ancestors);
        if (v->slot->arg == RT_ARG_ANY)
                return show_each(v, ancestors, n, ret_value);
        if (v->slot->arg == RT_ARG_KEY)
                return show_inherited_env(v, ancestors, n, ret_value);
        return show_joined(v, ancestors, n, ret_value);
}

/* ---- readers ---- */

static const rti_thread *
whose(const rti_sys *sys, uint8_t who)
{
        static const uint8_t leaders[] = {
                [SID] = RTI_LEADER_SID, [VPGID] = RTI_LEADER_VPGID, [PGID] = RTI_LEADER_PGID
        };
        const rti_threads *threads = &sys->state.threads;

        if (who == OWN)
                return sys->evt.thread;
        if (who == PARENT)
                return rti_thread_parent(threads, sys->evt.thread);
        return rti_thread_leader_of(threads, sys->evt.thread, leaders[who]);
}

__attribute__((noinline)) static int
read_other(const rti_sys *sys, const rt_event *event, const rti_sys_slot *slot, rt_value *ret_value)
{
        const row *shown = &rows[slot->field - RTI_SYS_PROC_EXE];
        view v = { sys, event, slot, NULL, shown };

        if (shown->who == ABOVE)
                return read_above(&v, ret_value);
        v.thread = whose(sys, shown->who);
        if (v.thread)
                return show(&v, ret_value);
        /* A leader that is not known is "", a parent is missing. */
        return shown->who == PARENT ? 0 : rti_give_str(ret_value, RTI_STR(""));
}

int
rti_read_proc(rti_sys *sys, const rt_event *event, rti_sys_slot *slot, rt_value *ret_value)
{
        const row *shown = &rows[slot->field - RTI_SYS_PROC_EXE];
        const rti_thread *thread = sys->evt.thread;

        if (!thread)
                return 0;
        /* Most of what is read: names and paths of the process and its parent. */
        if (shown->how != TEXT || shown->who > PARENT)
                return read_other(sys, event, slot, ret_value);
        if (shown->who == PARENT)
                thread = rti_thread_parent(&sys->state.threads, thread);
        return thread ? rti_give_str(ret_value, text_of(thread, shown)) : 0;
}

/* Some fields of a thread need no entry of it. */
int
rti_read_thread_group(rti_sys *sys, const rt_event *event, rti_sys_slot *slot, rt_value *ret_value)
{
        switch (rows[slot->field - RTI_SYS_PROC_EXE].how) {
        case TID:
                return rti_give_i64(ret_value, RT_KIND_INT64, sys->evt.tid);
        case NO_TIME:
                return rti_give_u64(ret_value, RT_KIND_RELTIME, 0);
        default:
                return rti_read_proc(sys, event, slot, ret_value);
        }
}
