/* SPDX-License-Identifier: Apache-2.0 */
/*
 * hosts.h - the addresses of the hosts that rules name (fd.sip.name and its like).
 *
 * in    names, from the demand
 * out   "hosts" events: lines "NAME ADDRESS", of all names, whenever something has changed
 *
 * A thread of its own asks the resolver, again every minute: reading events waits for no network,
 * except once, for the first answers, within a bound.
 */
#ifndef RTI_LIVE_HOSTS_H
#define RTI_LIVE_HOSTS_H

#include "live/encode.h"
#include <libruntime/source.h>

typedef struct live_hosts live_hosts;

/* Ask for these from now on, in place of those before; NULL at first in *hosts, and where there are
 * none. RT_OK, RT_ENOMEM. */
int live_hosts_ask(live_hosts **hosts, const rt_demand *demand);
/* An event with the answers, if they are not those of the last time. @a hosts may be NULL. */
void live_hosts_put(live_hosts *hosts, uint64_t time_ns, cap_out *out);
void live_hosts_done(live_hosts *hosts);

#endif
