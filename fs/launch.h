/*
 * How the process is run: protected, and in the background with an exit status that tells the
 * truth. Without -f the command returns when the mount answers, or with 1 (contract 1).
 *
 * The fork comes before any thread and before libcurl: neither survives one. What may talk with the
 * person (the token_command) comes before the fork.
 */
#ifndef FS_LAUNCH_H
#define FS_LAUNCH_H

#include "config.h"

struct launch {
	int verdict_fd; /* the waiting parent reads its end; -1: nobody waits */
	int service_fd; /* a service manager listens (service.h); -1: none, or not in the foreground */
	const struct config *config;
	char words[128]; /* what the child tells the parent with a good verdict */
};

/*
 * No core dumps and no look into our memory (the token is in it), SIGPIPE ignored, and descriptors
 * 0 to 2 open, so that no socket can become somebody's standard error. Call it first.
 */
void launch_protect(void);

/*
 * A process that stays where it is. A service manager that waits for us is taken note of, and is
 * told what becomes of a mount in the foreground. Before anything is started; config is borrowed.
 */
void launch_init(struct launch *launch, const struct config *config);
void launch_release(struct launch *launch);

/*
 * Forks. The child gets 0 and goes on to mount, with nothing open but 0 to 2. The parent returns
 * when the child is ready or gone, with 1 and its own exit status: 0, and the child's words in
 * *launch, or 1 after the child (or, if it was killed, this) has said why on standard error.
 * Negative errno: no fork.
 */
int launch_fork(struct launch *launch, int *ret_exit_status, struct problem *problem) nodiscard;

/*
 * The mount answers: leaves the terminal, its session and the working directory, and lets the
 * parent go. A parent that was killed meanwhile has nobody expect a mount: it ends as by SIGTERM.
 * In the foreground the service manager is told. Takes a struct launch. Any thread, once.
 */
void launch_ready(void *arg);

/* The mount has begun to end: the service manager is told. */
void launch_ending(const struct launch *launch);

#endif
