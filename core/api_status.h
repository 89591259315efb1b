/*
 * What a status, or the lack of one, means: its errno, and a sentence for the person (contract 8).
 * For api.c and api_call.c; const data; any thread.
 */
#ifndef CORE_API_STATUS_H
#define CORE_API_STATUS_H

#include "http.h"
#include "problem.h"

/* Not an error for good: worth another try, where one does no harm. */
bool api_status_is_passing(int http_status);

/* Whether a request that was answered so, or not at all, may have been carried out. */
bool api_may_be_applied(const struct http_answer *answer);

/*
 * Puts an answer that is not 2xx into words; said is the server's own message, or "". Returns the
 * errno.
 */
int api_explain_status(
	const struct http_answer *answer, const char *said, struct problem *problem) nodiscard;
/* The same for an answer that never came, or broke off. */
int api_explain_failure(const struct http_answer *answer, struct problem *problem) nodiscard;

#endif
