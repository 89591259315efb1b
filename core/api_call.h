/*
 * One call of the API: a request, as often as it takes, and its answer taken apart. For api.c.
 *
 * What stays the same for all verbs is here: which outcome is worth another attempt and when, what
 * the envelope says, what counts as carried out, the statistics. What an answer must hold is each
 * verb's own business.
 */
#ifndef CORE_API_CALL_H
#define CORE_API_CALL_H

#include "api.h"
#include "json_split.h"
#include <pthread.h>

struct api {
	char *url;
	struct http_client *http;
	int64_t timeout_ms;
	size_t max_list_bytes;
	pthread_mutex_t lock;
	struct api_stats stats; /* guarded by lock */
};

/* Set up by the verb; zero where it does not matter. All borrowed. */
struct api_call {
	struct api *api;
	enum api_method method;
	const char *url;
	struct json_slice body; /* data NULL: none */
	const char *etag;
	size_t max_answer_bytes;
	bool is_once; /* a single attempt, whatever comes of it */
	/* The same, as one of these; NULL: it is tried again here. */
	const struct api_tries *tries;
	bool is_small; /* is over by timeout_ms, even if the server makes progress */
	struct cancel *cancel;

	/* As in struct api_list_sink; each may be NULL. */
	void (*begin)(void *arg);
	json_split_element_fn element;
	json_split_known_fn known;
	void *arg;

	/* The results, of the last attempt. */
	struct http_answer answer;
	struct json_envelope envelope;
	int body_err;	 /* of a 2xx: why its body cannot be read (-EBADMSG, -EFBIG, ...), or 0 */
	int element_err; /* what `element` said no with; body_err is the same then */
};

/*
 * 0: a 2xx came, to its end or until its body could not be read, and not taken back by an ERROR in
 * its envelope; or a 304 to an etag. Otherwise the errno of contract 8, or -ECANCELED, and problem is filled; maybe_applied when any attempt may
 * have been carried out.
 */
int api_call_run(struct api_call *call, struct problem *problem) nodiscard;

#endif
