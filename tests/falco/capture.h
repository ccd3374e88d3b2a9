/* SPDX-License-Identifier: Apache-2.0 */
/* capture.h - captures in memory, for plug-ins that look at system calls. */
#ifndef TESTS_FALCO_CAPTURE_H
#define TESTS_FALCO_CAPTURE_H

#include "support/scap_build.h"

enum { CLOSE_X = 5, OPENAT_2_X = 307 };

/* An event as captures of today have it; parameters as scap_make. */
static inline void
capture_event(rti_buf *capture, uint16_t type, int64_t tid, const char *params)
{
        char store[512];
        const rti_sysevt evt = scap_make(type, tid, params, store);
        rti_buf body = scap_body();
        uint32_t len = 26;

        for (uint32_t i = 0; i < evt.n_params; i++)
                len += 2 + (uint32_t) evt.param[i].len;
        SCAP_PUT(&body, uint16_t, 0);
        SCAP_PUT(&body, uint64_t, 5000);
        SCAP_PUT(&body, int64_t, tid);
        SCAP_PUT(&body, uint32_t, len);
        SCAP_PUT(&body, uint16_t, type);
        SCAP_PUT(&body, uint32_t, evt.n_params);
        for (uint32_t i = 0; i < evt.n_params; i++)
                SCAP_PUT(&body, uint16_t, evt.param[i].len);
        for (uint32_t i = 0; i < evt.n_params; i++)
                rti_buf_add(&body, evt.param[i]);
        scap_block_of(capture, SCAP_V2, &body);
}

static inline void
capture_process(rti_buf *capture, int64_t tid, int64_t ptid, const char *comm)
{
        const rti_proc_entry entry = { .tid = tid,
                                       .pid = tid,
                                       .ptid = ptid,
                                       .sid = 40,
                                       .vtid = tid + 1000,
                                       .vpid = tid + 2000,
                                       .vpgid = 41,
                                       .pgid = 42,
                                       .fdlimit = 1024,
                                       .uid = 5,
                                       .gid = 6,
                                       .loginuid = 7,
                                       .tty = 8,
                                       .flags = 9,
                                       .exe_ino = 10,
                                       .exe_ino_ctime = 11,
                                       .exe_ino_mtime = 12,
                                       .pidns_init_start_ns = 13,
                                       .exe_upper_layer = 1,
                                       .comm = rti_str_of(comm),
                                       .exe = RTI_STR("exe"),
                                       .exepath = RTI_STR("/bin/exe"),
                                       .args = RTI_STR("a\0bc\0"),
                                       .env = RTI_STR("X=1\0Y=\0"),
                                       .cgroups = RTI_STR("cpu=/one\0memory=/two\0"),
                                       .root = RTI_STR("/r"),
                                       .cwd = RTI_STR("/root/") };
        rti_buf body = scap_body();

        scap_process(&body, 9, &entry, SIZE_MAX);
        scap_block_of(capture, 0x215, &body);
}

/* The beginning: three processes, of which 8 is a child of 7. */
static inline rti_buf
capture_begin(void)
{
        rti_buf capture = scap_body();

        scap_section(&capture);
        scap_machine(&capture, "host");
        capture_process(&capture, 1, 0, "init");
        capture_process(&capture, 7, 1, "cat");
        capture_process(&capture, 8, 7, "dog");
        return capture;
}

/* Two processes open files. */
static inline rti_buf
capture_of_opens(void)
{
        rti_buf capture = capture_begin();

        capture_event(&capture, OPENAT_2_X, 7, "q3 q-100 s/etc/shadow d1 d0 d4 q5");
        capture_event(&capture, OPENAT_2_X, 8, "q3 q-100 s/etc/hosts d1 d0 d4 q5");
        capture_event(&capture, CLOSE_X, 7, "q0 q4");
        capture_event(&capture, CLOSE_X, 7, "q0 q3");
        return capture;
}

#endif
