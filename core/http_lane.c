#include "http_lane.h"

#include "clock.h"
#include <poll.h>

static void lock_share(CURL *easy, curl_lock_data data, curl_lock_access access, void *arg)
{
	struct lane_pool *pool = arg;
	pthread_mutex_lock(&pool->share_locks[data]);
}

static void unlock_share(CURL *easy, curl_lock_data data, void *arg)
{
	struct lane_pool *pool = arg;
	pthread_mutex_unlock(&pool->share_locks[data]);
}

static CURLSH *create_share(struct lane_pool *pool)
{
	CURLSH *share = curl_share_init();
	if (!share)
		return NULL;
	curl_share_setopt(share, CURLSHOPT_LOCKFUNC, lock_share);
	curl_share_setopt(share, CURLSHOPT_UNLOCKFUNC, unlock_share);
	curl_share_setopt(share, CURLSHOPT_USERDATA, pool);
	curl_share_setopt(share, CURLSHOPT_SHARE, CURL_LOCK_DATA_DNS);
	curl_share_setopt(share, CURLSHOPT_SHARE, CURL_LOCK_DATA_SSL_SESSION);
	return share;
}

int lane_pool_init(struct lane_pool *pool, const struct http_config *config)
{
	*pool = (struct lane_pool){.config = config};
	pthread_mutex_init(&pool->lock, NULL);
	for (size_t i = 0; i < array_size(pool->share_locks); i++)
		pthread_mutex_init(&pool->share_locks[i], NULL);
	pool->share = create_share(pool);
	return pool->share ? 0 : -ENOMEM;
}

/* What holds for every request, whatever its method. */
static const struct {
	CURLoption option;
	long value;
} fixed_options[] = {
	/* clang-format off */
	{CURLOPT_NOSIGNAL, 1},
	{CURLOPT_QUICK_EXIT, 1}, /* do not wait for a name server when called off */
	{CURLOPT_HTTP_VERSION, CURL_HTTP_VERSION_1_1}, /* 2 spins on uploads in 7.88 */
	{CURLOPT_PATH_AS_IS, 1},
	{CURLOPT_FOLLOWLOCATION, 0},
	{CURLOPT_DISALLOW_USERNAME_IN_URL, 1},
	{CURLOPT_NETRC, CURL_NETRC_IGNORED},
	{CURLOPT_HTTPAUTH, CURLAUTH_BASIC}, /* this one alone: sent at once, not when asked for */
	{CURLOPT_SSLVERSION, CURL_SSLVERSION_TLSv1_2},
	{CURLOPT_SSL_VERIFYPEER, 1},
	{CURLOPT_SSL_VERIFYHOST, 2},
	{CURLOPT_SUPPRESS_CONNECT_HEADERS, 1},
	{CURLOPT_HEADEROPT, CURLHEADER_SEPARATE}, /* a proxy gets none of our headers */
	/* clang-format on */
};

static bool set_fixed_options(const struct http_config *config, struct lane *lane)
{
	CURL *easy = lane->easy;
	for (size_t i = 0; i < array_size(fixed_options); i++) {
		if (curl_easy_setopt(easy, fixed_options[i].option, fixed_options[i].value))
			return false;
	}
	if (config->cacert && curl_easy_setopt(easy, CURLOPT_CAINFO, config->cacert))
		return false;
	const char *protocols = config->allow_plain_http ? "https,http" : "https";
	return !curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, protocols) &&
	       !curl_easy_setopt(easy, CURLOPT_USERNAME, config->token) &&
	       !curl_easy_setopt(easy, CURLOPT_PASSWORD, "X") &&
	       !curl_easy_setopt(easy, CURLOPT_USERAGENT, config->user_agent) &&
	       !curl_easy_setopt(easy, CURLOPT_ACCEPT_ENCODING, "gzip") &&
	       !curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, (long)config->timeout_ms) &&
	       !curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, lane->error);
}

static void lane_destroy(struct lane *lane)
{
	if (!lane)
		return;
	curl_easy_cleanup(lane->easy);
	curl_multi_cleanup(lane->multi);
	free(lane);
}

static struct lane *lane_create(struct lane_pool *pool)
{
	struct lane *lane = calloc(1, sizeof *lane);
	if (!lane)
		return NULL;
	lane->socket = CURL_SOCKET_BAD;
	lane->easy = curl_easy_init();
	lane->multi = curl_multi_init();
	if (!lane->easy || !lane->multi || !set_fixed_options(pool->config, lane) ||
		curl_easy_setopt(lane->easy, CURLOPT_SHARE, pool->share)) {
		lane_destroy(lane);
		return NULL;
	}
	return lane;
}

/*
 * Whether the kept connection can carry a request: a server has nothing to say on an idle one but
 * that it ends. libcurl looks as well, but takes the last words of TLS for a sign of life.
 */
static bool lane_is_fit(const struct lane *lane, int64_t max_idle_ms)
{
	struct pollfd look = {.fd = lane->socket, .events = POLLIN | POLLRDHUP};
	return clock_age_ms() - lane->idle_since_ms <= max_idle_ms && poll(&look, 1, 0) == 0;
}

static struct lane *pop_idle(struct lane_pool *pool)
{
	pthread_mutex_lock(&pool->lock);
	struct lane *lane = pool->idle;
	if (lane) {
		pool->idle = lane->next;
		pool->idle_count--;
	}
	pthread_mutex_unlock(&pool->lock);
	return lane;
}

struct lane *lane_pool_take(struct lane_pool *pool, int64_t max_idle_ms)
{
	struct lane *lane;
	while ((lane = pop_idle(pool))) {
		if (lane_is_fit(lane, max_idle_ms))
			return lane;
		lane_destroy(lane);
	}
	return lane_create(pool);
}

void lane_pool_give_back(struct lane_pool *pool, struct lane *lane)
{
	bool has_room = false;
	lane->idle_since_ms = clock_age_ms();
	if (lane->socket != CURL_SOCKET_BAD) {
		pthread_mutex_lock(&pool->lock);
		has_room = pool->idle_count < LANE_POOL_MAX_IDLE;
		if (has_room) {
			lane->next = pool->idle;
			pool->idle = lane;
			pool->idle_count++;
		}
		pthread_mutex_unlock(&pool->lock);
	}
	if (!has_room)
		lane_destroy(lane);
}

void lane_pool_release(struct lane_pool *pool)
{
	struct lane *lane;
	while ((lane = pop_idle(pool)))
		lane_destroy(lane);
	curl_share_cleanup(pool->share);
	for (size_t i = 0; i < array_size(pool->share_locks); i++)
		pthread_mutex_destroy(&pool->share_locks[i]);
	pthread_mutex_destroy(&pool->lock);
}
