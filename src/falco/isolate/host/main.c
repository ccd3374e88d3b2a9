/* SPDX-License-Identifier: Apache-2.0 */
/*
 * main.c - libruntime-plugin-host: a process for one plug-in of Falco's.
 *
 * Started by libruntime-falco with a socket. It gives up what it does not need before the plug-in
 * is loaded, and ends with the process that started it.
 */
#include "server.h"
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

static volatile sig_atomic_t parent;

/* The kernel says that the thread which started us has ended, which may be just a thread. */
static void
on_parent(int number)
{
        (void) number;
        if (getppid() != (pid_t) parent)
                (void) kill(getpid(), SIGKILL);
}

static bool
end_with_parent(void)
{
        const struct sigaction action = { .sa_handler = on_parent, .sa_flags = SA_RESTART };
        const int number = SIGRTMAX - 2;

        return sigaction(number, &action, NULL) == 0
               && prctl(PR_SET_PDEATHSIG, (unsigned long) number, 0, 0, 0) == 0
               && getppid() == (pid_t) parent;
}

static void
close_from(int first)
{
#ifdef SYS_close_range
        if (syscall(SYS_close_range, (unsigned) first, ~0U, 0U) == 0)
                return;
#endif
        for (long fd = sysconf(_SC_OPEN_MAX) - 1; fd >= first; fd--)
                close((int) fd);
}

/* No more rights than there are, no copy of the memory on the disk; 1 keeps programs that the
 * kernel would start for one from being started. */
static bool
give_up_rights(void)
{
        struct rlimit core;

        if (prctl(PR_SET_NO_NEW_PRIVS, 1UL, 0UL, 0UL, 0UL) < 0 || getrlimit(RLIMIT_CORE, &core) < 0)
                return false;
        core.rlim_max = core.rlim_max ? 1 : 0;
        core.rlim_cur = core.rlim_max;
        return setrlimit(RLIMIT_CORE, &core) == 0;
}

static bool
is_ours(void)
{
        int type = 0;
        socklen_t len = sizeof type;

        return getsockopt(RTI_FI_SOCKET, SOL_SOCKET, SO_TYPE, &type, &len) == 0
               && type == SOCK_SEQPACKET;
}

int
main(int argc, char **argv)
{
        static server s;
        static request r;

        if (argc != 2 || !is_ours()) {
                static const char text[] = "libruntime-plugin-host is started by libruntime-falco, "
                                           "not by hand\n";

                (void) !write(STDERR_FILENO, text, sizeof text - 1);
                return 2;
        }
        for (const char *digit = argv[1]; *digit >= '0' && *digit <= '9'; digit++)
                parent = parent * 10 + (*digit - '0');
        close_from(RTI_FI_SOCKET + 1);
        if (!end_with_parent() || !give_up_rights() || rti_fp_lock_init(&s.inputs_lock) < 0
            || rti_fp_lock_init(&s.news_lock) < 0)
                return 1;
        s.control = (rti_fi_channel){ .socket = RTI_FI_SOCKET, .memory = -1 };
        s.news = (rti_fi_channel){ .socket = -1, .memory = -1 };
        while (request_read(&r, &s, NULL, &s.control)) {
                answer(&r);
                request_answer(&r);
                if (r.last)
                        break;
        }
        /* Nothing of the plug-in's runs at the end. */
        _exit(0);
}
