/*
 * One mount from start to end: what is made in which order, signals, and what is kept at the end
 * (contract 1, 7).
 */
#ifndef FS_SESSION_H
#define FS_SESSION_H

#include "config.h"

struct session;

/*
 * Builds everything, checks that the server answers and takes the token (unless nocheck), and
 * mounts. config and token are borrowed for the session's life. 0, or a negative errno with one
 * sentence in problem.
 */
int session_create(const struct config *config, const char *token, struct session **ret_session,
	struct problem *problem) nodiscard;
/* The name of the CRM's user whose token it is, borrowed; "" when that is not known. */
const char *session_user(const struct session *session);
/*
 * Serves until it is unmounted or SIGINT, SIGTERM or SIGHUP comes; keeps what is unsaved. Returns
 * the exit status, 0 or 1. ready(arg) is called once, when the mount answers, in this thread.
 */
int session_run(struct session *session, void (*ready)(void *arg), void *arg);
void session_destroy(struct session *session);

#endif
