/*
 * The one thread that takes the kernel's requests. No operation waits in it (see calls.h), so one is
 * enough; and since waking a thread takes longer than answering, it looks for the next request for
 * a short while before it sleeps, where that has paid lately. An idle mount uses no processor time.
 */
#ifndef FS_LOOP_H
#define FS_LOOP_H

#include "base.h"

struct fuse_session;

/*
 * Serves until the mount is gone or fuse_session_exit was called, as by the signal handlers of
 * fuse_set_signal_handlers; these must run in the calling thread alone. ready(arg) is called once,
 * when the first request has been answered: in that one libfuse and the kernel come to terms, or
 * libfuse complains and ends the session. 0, or a negative errno; -ECONNABORTED: it ended before.
 */
int loop_run(struct fuse_session *session, void (*ready)(void *arg), void *arg) nodiscard;

#endif
