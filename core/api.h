/*
 * The CRM's verbs: endpoints, the envelope, retries, and the one place where a status becomes an
 * errno (contract 8; never ENOSYS). Blocks; never call it where a FUSE worker runs. Any thread.
 *
 * GET and DELETE (and PUT, by its caller) are tried again with back-off (and as Retry-After asks)
 * while timeout_ms lasts, on a new connection, when no answer came, or not all of it, or 408, 429,
 * 502, 503, 504; other statuses are final. POST is tried
 * again only when surely nothing of it was sent, whatever Retry-After says.
 *
 * All but api_list are over within timeout_ms, and what it takes to send a long body, even if the
 * server trickles; a listing may take as long as it makes progress. problem never shows the token.
 */
#ifndef CORE_API_H
#define CORE_API_H

#include "buf.h"
#include "cancel.h"
#include "http.h"
#include "json_check.h"
#include "problem.h"

/*
 * A record's bytes as the server writes them, at most. A person saves 16 MiB at most; spelt in
 * escapes that is three times as long.
 */
#define API_MAX_RECORD ((size_t)64 << 20)

struct api_config {
	const char *url; /* "https://www.clevertim.com/api", no slash at the end */
	struct http_config http;
	size_t max_list_bytes; /* a collection's decoded bytes, at most; 0: 16 GiB */
};

struct api;

/* Copies config. NULL: no memory. */
struct api *api_create(const struct api_config *config);
void api_destroy(struct api *api);

/* One element of a listing, as in json_split.h (text NULL: too long). Called in the thread that called api_list. */
struct api_list_sink {
	/* Before the first element of each attempt: forget what an attempt cut short had handed
	 * out. */
	void (*begin)(void *arg);
	int (*element)(void *arg, const char *text, size_t len, const struct json_facts *facts);
	/* As json_split_known_fn. NULL: nothing is known. */
	size_t (*known)(void *arg, const char *text, size_t len);
	void *arg;
};

/*
 * Reads a whole collection. Elements count only when this returns 0. etag (in and out, may be NULL)
 * is sent as If-None-Match when not "", and becomes the answer's, or "" when it has none;
 * *ret_unchanged (may be NULL) tells a 304, which hands out nothing.
 * problem: why, and http_status. Errors: contract 8, and -ECANCELED.
 */
int api_list(struct api *api, const char *resource, const struct api_list_sink *sink,
	char etag[128], bool *ret_unchanged, struct cancel *cancel,
	struct problem *problem) nodiscard;

/*
 * One record. The element whose id is the one asked for is appended to ret_record as the server
 * wrote it. -ENOENT: 404, or an answer with no element at all; one with others alone is -EIO.
 */
int api_get(struct api *api, const char *resource, const char *id, struct buf *ret_record,
	struct cancel *cancel, struct problem *problem) nodiscard;

/*
 * A loop of the caller's own around an api_put, which is a single attempt: what it was made of has to
 * be looked at again before another.
 */
struct api_tries {
	int64_t last_start_ms; /* no attempt starts after this */
	unsigned count;	       /* that failed */
};
struct api_tries api_tries_begin(struct api *api);
/* After a failure: true, once it has waited, when another attempt is worth it and in time. */
bool api_tries_again(struct api_tries *tries, const struct problem *problem, struct cancel *cancel);

/*
 * Sends body once and appends the answer's element with that id. A complete answer without such
 * counts as done, with nothing appended. On failure problem->maybe_applied tells that it may have
 * counted all the same: so it is where the answer was lost, or cut short.
 */
int api_put(struct api *api, const struct api_tries *tries, const char *resource, const char *id,
	struct json_slice body, struct buf *ret_record, struct problem *problem) nodiscard;

/*
 * Creates. Appends the answer's element, which has an id; a 2xx answer without one is -EIO with
 * problem->maybe_applied set. So is every failure after which the server may have the record.
 */
int api_post(struct api *api, const char *resource, struct json_slice body, struct buf *ret_record,
	struct problem *problem) nodiscard;

/*
 * A complete answer of 2xx is done, and so is 404. A 2xx whose body cannot be read (a proxy's HTML,
 * or nothing, but for 204) is -EIO and maybe_applied, which is as in api_put, of any of its attempts.
 */
int api_delete(
	struct api *api, const char *resource, const char *id, struct problem *problem) nodiscard;

/*
 * The cheap request at start: GET of the user list, tried once. 0 when the server answers as a
 * Clevertim API and takes the token: 200 in an envelope, or 404, 405, 501. -EACCES 401, 403; else
 * as api_list, and -EPROTONOSUPPORT when a 200 is not an envelope at all (another kind of server).
 *
 * The API does not tell whose the token is, but where the list has one user alone it is that one's:
 * ret_user gets the name, as one safe line; "" when it cannot be known.
 */
#define API_USER_SIZE 128
int api_check(struct api *api, char ret_user[API_USER_SIZE], struct problem *problem) nodiscard;

/* Requests so far. Outcomes: answered 2xx/304, answered otherwise, no answer. */
enum api_method { API_GET, API_PUT, API_POST, API_DELETE, API_METHODS };
struct api_stats {
	struct {
		uint64_t ok, refused, lost;
	} by_method[API_METHODS];
	uint64_t bytes_received; /* decoded bodies */
};
void api_get_stats(struct api *api, struct api_stats *ret_stats);

/* The errno for a status that is not 2xx: contract 8's table. */
int api_status_to_errno(int http_status);
/* Percent-encodes an id as one path segment; nothing but unreserved characters stays. */
int api_encode_id(const char *id, size_t len, struct buf *out) nodiscard;
/* Whether an id can be asked for by URL: not "", ".", "..", no NUL, at most 128 bytes. */
bool api_id_is_addressable(const char *id, size_t len);

#endif
