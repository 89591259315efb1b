/*
 * Connections of http.c, kept for the next request. The one file that includes libcurl, for http.c
 * and http_lane.c alone.
 *
 * A lane is an easy handle and a multi handle of its own, which owns the connection: each
 * performing thread waits on its own, and can be woken by itself. A lane belongs to the thread that
 * took it; the pool may be used by any number of them. Lanes share what they know of names and TLS
 * sessions, but never connections: libcurl cannot.
 */
#ifndef CORE_HTTP_LANE_H
#define CORE_HTTP_LANE_H

#include "http.h"
#include <curl/curl.h>
#include <pthread.h>

/* Kept while nobody uses them; more are closed when they come back. */
#define LANE_POOL_MAX_IDLE 16

struct lane {
	struct lane *next; /* in the pool's stack */
	CURL *easy;
	CURLM *multi;
	curl_socket_t
		socket; /* of the kept connection, or CURL_SOCKET_BAD; libcurl's, to look at */
	int64_t idle_since_ms;
	char error[CURL_ERROR_SIZE]; /* libcurl's words about the last failure */
};

struct lane_pool {
	const struct http_config *config; /* borrowed */
	CURLSH *share;
	pthread_mutex_t share_locks[CURL_LOCK_DATA_LAST];
	pthread_mutex_t lock;
	struct lane *idle;   /* guarded by lock; the last used first, so that the others grow old */
	unsigned idle_count; /* guarded by lock */
};

/* config must outlive the pool. 0 or -ENOMEM; release is due either way. */
int lane_pool_init(struct lane_pool *pool, const struct http_config *config) nodiscard;
/* Every lane must have come back. */
void lane_pool_release(struct lane_pool *pool);

/*
 * A lane with a kept connection that was alive a moment ago and rested no longer than max_idle_ms,
 * or else a new one; negative: a new one in any case. What is the same for every request is set up. NULL: no memory.
 */
struct lane *lane_pool_take(struct lane_pool *pool, int64_t max_idle_ms);
/* Keeps it if it has a connection and there is room. */
void lane_pool_give_back(struct lane_pool *pool, struct lane *lane);

#endif
