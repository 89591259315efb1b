/* One request, read to its end. Borrowed from the server while it is answered. */
#ifndef SANDBOX_REQUEST_H
#define SANDBOX_REQUEST_H

#include "buf.h"

struct request {
	const char *method, *path;
	struct buf body;
	bool body_is_too_long;
	/* Headers; NULL: not sent. */
	const char *authorization, *accept_encoding, *if_none_match, *content_type, *user_agent;
	int64_t arrived_ms; /* since 1970 */
};

#endif
