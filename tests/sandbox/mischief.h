/* How each kind of fault is played. Of the thread that serves the request. */
#ifndef SANDBOX_MISCHIEF_H
#define SANDBOX_MISCHIEF_H

#include "api.h"
#include "wire.h"

struct scene {
	struct api *api;
	const struct request *request;
	const struct fault *fault;
	struct wire wire;
	struct answer *answer; /* to be made */
};

/* 0: the answer is to be sent. -ECONNRESET: there is none, the connection is to be closed. */
int mischief_play(const struct scene *scene) nodiscard;
/* Whether nothing at all comes back, so that the log need not wait for it. */
bool mischief_is_silent(enum fault_kind kind);

#endif
