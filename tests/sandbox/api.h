/* The CRM's API: what a request does to the store, and its answer. Any thread. */
#ifndef SANDBOX_API_H
#define SANDBOX_API_H

#include "answer.h"
#include "options.h"
#include "request.h"

struct api {
	struct store *store;
	const struct options *options;
	char *credentials; /* what Authorization must say */
	uint64_t epoch;	   /* sets the ETags of one run apart from those of another */
};

/* 0, -ENOMEM. Store and options are borrowed. */
int api_init(struct api *api, struct store *store, const struct options *options) nodiscard;
void api_release(struct api *api);

enum api_flags { API_PARTIAL = 1 };

/* flags: API_PARTIAL answers a write with no more than it must. */
void api_answer(
	struct api *api, const struct request *request, unsigned flags, struct answer *ret_answer);

#endif
