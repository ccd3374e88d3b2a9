/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fspath.c - the fields fs.path.* and evt.abspath: paths that an event acts on.
 *
 * in    parameters of the current event, the directories of its thread
 * out   a path as the program gave it, or joined with the directory it starts from
 */
#include "sources/syscall/codes.h"
#include "sources/syscall/fields/parts.h"
#include "sources/syscall/state/path.h"

enum role { NAME, SOURCE, TARGET, N_ROLES };
enum {
        ON_OPEN = 1 << 0, /* has paths whether it succeeds or not; a path of -1 is none */
        OF_FD = 1 << 1    /* its path is the descriptor's name */
};

/* Which parameter is which path; 0: none. Links point from the new name (source) to what was there
 * (target), as the reference sees it. */
static const struct {
        uint16_t type;
        uint8_t param[N_ROLES];
        uint8_t flags;
} paths[] = {
        { RTI_EV_SYSCALL_OPEN_X, { 1, 0, 0 }, ON_OPEN },
        { RTI_EV_SYSCALL_CREAT_X, { 1, 0, 0 }, ON_OPEN },
        { RTI_EV_SYSCALL_OPENAT_2_X, { 2, 0, 0 }, ON_OPEN },
        { RTI_EV_SYSCALL_OPENAT2_X, { 2, 0, 0 }, ON_OPEN },
        { RTI_EV_SYSCALL_OPEN_BY_HANDLE_AT_X, { 3, 0, 0 }, ON_OPEN },
        { RTI_EV_SYSCALL_MKDIR_2_X, { 1, 0, 0 }, 0 },
        { RTI_EV_SYSCALL_MKDIRAT_X, { 2, 0, 0 }, 0 },
        { RTI_EV_SYSCALL_RMDIR_2_X, { 1, 0, 0 }, 0 },
        { RTI_EV_SYSCALL_UNLINK_2_X, { 1, 0, 0 }, 0 },
        { RTI_EV_SYSCALL_UNLINKAT_2_X, { 2, 0, 0 }, 0 },
        { RTI_EV_SYSCALL_CHMOD_X, { 1, 0, 0 }, 0 },
        { RTI_EV_SYSCALL_FCHMODAT_X, { 2, 0, 0 }, 0 },
        { RTI_EV_SYSCALL_FCHMOD_X, { 1, 0, 0 }, OF_FD },
        { RTI_EV_SYSCALL_CHOWN_X, { 1, 0, 0 }, 0 },
        { RTI_EV_SYSCALL_LCHOWN_X, { 1, 0, 0 }, 0 },
        { RTI_EV_SYSCALL_FCHOWN_X, { 1, 0, 0 }, OF_FD },
        { RTI_EV_SYSCALL_FCHOWNAT_X, { 2, 0, 0 }, 0 },
        { RTI_EV_SYSCALL_QUOTACTL_X, { 1, 0, 0 }, 0 },
        { RTI_EV_SYSCALL_UMOUNT_1_X, { 1, 0, 0 }, 0 },
        { RTI_EV_SYSCALL_UMOUNT2_X, { 1, 0, 0 }, 0 },
        { RTI_EV_SYSCALL_MOUNT_X, { 0, 1, 2 }, 0 },
        { RTI_EV_SYSCALL_RENAME_X, { 0, 1, 2 }, 0 },
        { RTI_EV_SYSCALL_RENAMEAT_X, { 0, 2, 4 }, 0 },
        { RTI_EV_SYSCALL_RENAMEAT2_X, { 0, 2, 4 }, 0 },
        { RTI_EV_SYSCALL_LINK_2_X, { 0, 2, 1 }, 0 },
        { RTI_EV_SYSCALL_LINKAT_2_X, { 0, 4, 2 }, 0 },
        { RTI_EV_SYSCALL_SYMLINK_X, { 0, 2, 1 }, 0 },
        { RTI_EV_SYSCALL_SYMLINKAT_X, { 0, 3, 1 }, 0 },
};

rt_str
rti_joined_path(const rti_sysevt *evt, const rt_event *event, uint32_t param)
{
        const uint8_t dirfd = rti_event_params(evt->info)[param].dirfd;
        const rt_str path = rti_arg_text(evt, param);
        char room[RTI_PATH_ROOM + 1], *to = rt_event_alloc(event, RTI_PATH_ROOM);
        rt_str dir;

        if (!to)
                return (rt_str){ NULL, 0 };
        dir = dirfd == RTI_NO_PARAM ? rti_path_cwd(evt->thread)
                                    : rti_path_dir(room, evt, dirfd, path);
        return (rt_str){ to, rti_path_join(to, dir, path) };
}

static int
give_joined(const rti_sysevt *evt, const rt_event *event, uint32_t param, rt_value *ret_value)
{
        const rt_str path = rti_joined_path(evt, event, param);

        return path.ptr ? rti_give_str(ret_value, path) : RT_ELIMIT;
}

/* ---- evt.abspath ---- */

/* Parameters of the side asked for, of events that take a directory and a path. */
static uint32_t
abspath_param(uint16_t type, bool destination)
{
        switch (type) {
        case RTI_EV_SYSCALL_OPENAT_2_X:
        case RTI_EV_SYSCALL_OPENAT2_X:
        case RTI_EV_SYSCALL_UNLINKAT_2_X:
        case RTI_EV_SYSCALL_MKDIRAT_X:
        case RTI_EV_SYSCALL_FCHMODAT_X:
        case RTI_EV_SYSCALL_FCHOWNAT_X:
                return 2;
        case RTI_EV_SYSCALL_SYMLINKAT_X:
        case RTI_EV_SYSCALL_OPEN_BY_HANDLE_AT_X:
                return 3;
        case RTI_EV_SYSCALL_RENAMEAT_X:
        case RTI_EV_SYSCALL_RENAMEAT2_X:
        case RTI_EV_SYSCALL_LINKAT_2_X:
                return destination ? 4 : 2;
        default:
                return RTI_NO_PARAM;
        }
}

static int
read_abspath(const rti_sysevt *evt, const rt_event *event, bool destination, rt_value *ret_value)
{
        const uint32_t param = abspath_param(evt->type, destination);

        if (param == RTI_NO_PARAM || !evt->thread)
                return 0;
        return give_joined(evt, event, param, ret_value);
}

/* ---- fs.path.* ---- */

static bool
succeeded(const rti_sysevt *evt, uint8_t flags)
{
        const int64_t result = rti_arg_i64(evt, 0, -1);

        return flags & ON_OPEN ? result != -1 : result == 0;
}

static int
read_path(const rti_sysevt *evt, const rt_event *event, enum role role, bool raw,
          rt_value *ret_value)
{
        uint32_t param = 0;
        size_t i = 0;

        while (i < RTI_COUNT(paths) && paths[i].type != evt->type)
                i++;
        if (i < RTI_COUNT(paths))
                param = paths[i].param[role];
        if (param == 0 || !succeeded(evt, paths[i].flags))
                return 0;
        if (paths[i].flags & OF_FD)
                return evt->fd ? rti_give_str(ret_value, rti_text_str(evt->fd->name)) : 0;
        if (rti_arg(evt, param).len == 0)
                return 0;
        if (raw)
                return rti_give_str(ret_value, rti_arg_text(evt, param));
        return give_joined(evt, event, param, ret_value);
}

int
rti_read_fspath(rti_sys *sys, const rt_event *event, rti_sys_slot *slot, rt_value *ret_value)
{
        const rti_sysevt *evt = &sys->evt;

        switch (slot->field) {
        case RTI_SYS_EVT_ABSPATH:
                return read_abspath(evt, event, slot->aux, ret_value);
        case RTI_SYS_FS_PATH_NAME:
                return read_path(evt, event, NAME, false, ret_value);
        case RTI_SYS_FS_PATH_NAMERAW:
                return read_path(evt, event, NAME, true, ret_value);
        case RTI_SYS_FS_PATH_SOURCE:
                return read_path(evt, event, SOURCE, false, ret_value);
        case RTI_SYS_FS_PATH_SOURCERAW:
                return read_path(evt, event, SOURCE, true, ret_value);
        case RTI_SYS_FS_PATH_TARGET:
                return read_path(evt, event, TARGET, false, ret_value);
        default:
                return read_path(evt, event, TARGET, true, ret_value);
        }
}
