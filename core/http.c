#include "http_lane.h"

#include "buf.h"
#include "clock.h"
#include "wiped.h"
#include <arpa/inet.h>
#include <limits.h>
#include <stdio.h>

/*
 * How long a kept connection may have rested. Servers end idle connections, some after 5 s, and a
 * request that crosses such an end on the wire is lost: harmless where it can be tried again, but a
 * POST cannot.
 */
#define MAX_IDLE_MS 60000
#define MAX_IDLE_POST_MS 3000
#define NO_KEPT_ONE (-1)
/* One read of a listing; the most that libcurl takes. */
#define LIST_READ_BYTES (512L * 1024)
/* Shorter ones would be found in ordinary words. */
#define MIN_HIDDEN_TOKEN 4

struct http_client {
	struct http_config config; /* its strings are the client's own */
	struct lane_pool lanes;
};

/* One http_perform, as its callbacks see it. */
struct exchange {
	const struct http_request *request;
	struct http_answer *answer;
	CURL *easy;		   /* its lane's */
	unsigned begun;		   /* how often libcurl set out to send the request */
	bool has_headers;	   /* all of the answer's */
	enum http_failure stopped; /* why it was called off from this side; 0: it was not */
	int64_t moved_at_ms;	   /* when something moved last */
	int64_t moved;		   /* so much of it */
};

void http_global_init(void)
{
	/* libcurl would write the keys of every connection into that file.
	 * NOLINTNEXTLINE(concurrency-mt-unsafe): no thread has begun yet */
	unsetenv("SSLKEYLOGFILE");
	/* It copies the token many times: alone, and in the head of each request. */
	curl_global_init_mem(CURL_GLOBAL_DEFAULT, wiped_malloc, wiped_free, wiped_realloc,
		wiped_strdup, wiped_calloc);
}

void http_global_cleanup(void)
{
	curl_global_cleanup();
}

/* The client. */

struct http_client *http_client_create(const struct http_config *config)
{
	struct http_client *client = calloc(1, sizeof *client);
	if (!client)
		return NULL;
	client->config = (struct http_config){
		.token = strdup(config->token),
		.cacert = config->cacert ? strdup(config->cacert) : NULL,
		.user_agent = strdup(config->user_agent),
		.timeout_ms = config->timeout_ms,
		.allow_plain_http = config->allow_plain_http,
	};
	bool is_copied = client->config.token && client->config.user_agent &&
			 (client->config.cacert || !config->cacert);
	if (lane_pool_init(&client->lanes, &client->config) < 0 || !is_copied) {
		http_client_destroy(client);
		return NULL;
	}
	return client;
}

void http_client_destroy(struct http_client *client)
{
	if (!client)
		return;
	lane_pool_release(&client->lanes);
	char *token = (char *)client->config.token;
	if (token)
		explicit_bzero(token, strlen(token));
	free(token);
	free((char *)client->config.user_agent);
	free((char *)client->config.cacert);
	free(client);
}

void http_hide_token(const struct http_client *client, char *text)
{
	size_t len = strlen(client->config.token);
	if (len < MIN_HIDDEN_TOKEN)
		return;
	for (char *at = text; (at = strstr(at, client->config.token)); at += len)
		memset(at, '*', len);
}

/* What libcurl calls while it performs. */

/* Runs before each sending: a second one is libcurl trying again by itself, which it must not. */
static int begin_request(void *arg, char *peer_ip, char *own_ip, int peer_port, int own_port)
{
	struct exchange *exchange = arg;
	return exchange->begun++ == 0 ? CURL_PREREQFUNC_OK : CURL_PREREQFUNC_ABORT;
}

static int status_so_far(CURL *easy)
{
	long status = 0;
	curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status);
	return status >= 200 ? (int)status : 0;
}

/*
 * A line at a time; the empty one ends them. To libcurl the connection's end does as well. Trailers of
 * a chunked body come here, too, without one.
 */
static size_t take_header(char *data, size_t size, size_t count, void *arg)
{
	struct exchange *exchange = arg;
	bool is_end = size * count > 0 && (data[0] == '\r' || data[0] == '\n');
	exchange->has_headers |= is_end && status_so_far(exchange->easy) > 0;
	return size * count;
}

static size_t take_body(char *data, size_t size, size_t count, void *arg)
{
	struct exchange *exchange = arg;
	const struct http_request *request = exchange->request;
	struct http_answer *answer = exchange->answer;
	size_t len = size * count;

	answer->body_bytes += len;
	if (request->max_body_bytes > 0 && answer->body_bytes > request->max_body_bytes) {
		exchange->stopped = HTTP_TOO_LONG;
		return CURL_WRITEFUNC_ERROR;
	}
	if (!request->on_body)
		return len;
	answer->sink_error =
		request->on_body(request->arg, status_so_far(exchange->easy), data, len);
	if (answer->sink_error) {
		exchange->stopped = HTTP_SINK_FAILED;
		return CURL_WRITEFUNC_ERROR;
	}
	return len;
}

/* Setting up one request. */

static void cleanup_curlu(CURLU **url)
{
	curl_url_cleanup(*url);
}

static void cleanup_curl_string(char **string)
{
	curl_free(*string);
}

static bool is_loopback(const char *host)
{
	struct in_addr address;
	const char *dot = strrchr(host, '.');
	if (inet_pton(AF_INET, host, &address) == 1)
		return ntohl(address.s_addr) >> 24 == 127;
	return !strcmp(host, "[::1]") || !strcasecmp(host, "localhost") ||
	       (dot && !strcasecmp(dot, ".localhost"));
}

/*
 * https_proxy, all_proxy and no_proxy count as they do for any program, since a network may have no
 * other way out, and a tunnel shows the proxy neither token nor data. Plain http would show it
 * both, and this machine is never behind a proxy: these go straight there.
 */
static bool may_use_proxy(const char *url)
{
	cleanup(cleanup_curlu) CURLU *parts = curl_url();
	cleanup(cleanup_curl_string) char *scheme = NULL;
	cleanup(cleanup_curl_string) char *host = NULL;
	return parts && !curl_url_set(parts, CURLUPART_URL, url, 0) &&
	       !curl_url_get(parts, CURLUPART_SCHEME, &scheme, 0) &&
	       !curl_url_get(parts, CURLUPART_HOST, &host, 0) && !strcmp(scheme, "https") &&
	       !is_loopback(host);
}

static bool add_header(struct curl_slist **headers, const char *line)
{
	struct curl_slist *longer = curl_slist_append(*headers, line);
	if (longer)
		*headers = longer;
	return longer;
}

static bool build_headers(const struct http_request *request, struct curl_slist **headers)
{
	/* An empty Expect: a body of more than 1 MB would wait for a "100 Continue" otherwise. */
	if (!add_header(headers, "Accept: application/json") || !add_header(headers, "Expect:"))
		return false;
	if (request->body && !add_header(headers, "Content-Type: application/json"))
		return false;
	if (!request->etag)
		return true;
	auto_buf struct buf line = BUF_INIT(1024);
	return buf_addf(&line, "If-None-Match: %s", request->etag) == 0 &&
	       add_header(headers, line.data);
}

static bool set_body(CURL *easy, const struct http_request *request)
{
	if (!request->body)
		return !curl_easy_setopt(easy, CURLOPT_HTTPGET, 1L) &&
		       !curl_easy_setopt(easy, CURLOPT_BUFFERSIZE, LIST_READ_BYTES);
	curl_off_t len = (curl_off_t)request->body_len;
	return !curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE, len) &&
	       !curl_easy_setopt(easy, CURLOPT_POSTFIELDS, request->body) &&
	       !curl_easy_setopt(easy, CURLOPT_BUFFERSIZE, (long)CURL_MAX_WRITE_SIZE);
}

static bool set_request(struct exchange *exchange, struct curl_slist *headers)
{
	const struct http_request *request = exchange->request;
	CURL *easy = exchange->easy;
	const char *proxy = may_use_proxy(request->url) ? NULL : "";
	return set_body(easy, request) &&
	       !curl_easy_setopt(easy, CURLOPT_CUSTOMREQUEST, request->method) &&
	       !curl_easy_setopt(easy, CURLOPT_URL, request->url) &&
	       !curl_easy_setopt(easy, CURLOPT_PROXY, proxy) &&
	       !curl_easy_setopt(easy, CURLOPT_HTTPHEADER, headers) &&
	       !curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, take_header) &&
	       !curl_easy_setopt(easy, CURLOPT_HEADERDATA, exchange) &&
	       !curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, take_body) &&
	       !curl_easy_setopt(easy, CURLOPT_WRITEDATA, exchange) &&
	       !curl_easy_setopt(easy, CURLOPT_PREREQFUNCTION, begin_request) &&
	       !curl_easy_setopt(easy, CURLOPT_PREREQDATA, exchange);
}

/* Performing it. */

static int64_t get_count(CURL *easy, CURLINFO what)
{
	curl_off_t count = 0;
	curl_easy_getinfo(easy, what, &count);
	return count;
}

static int64_t get_size(CURL *easy, CURLINFO what)
{
	long size = 0;
	curl_easy_getinfo(easy, what, &size);
	return size;
}

/* Bytes of requests that left, headers and body; a refused connection leaves it 0. */
static int64_t bytes_sent(CURL *easy)
{
	return get_size(easy, CURLINFO_REQUEST_SIZE) + get_count(easy, CURLINFO_SIZE_UPLOAD_T);
}

/* How long to wait for something to happen; 0, with stopped set, when there is no more waiting. */
static int wait_ms(struct exchange *exchange, int64_t timeout_ms)
{
	const struct http_request *request = exchange->request;
	CURL *easy = exchange->easy;
	int64_t now = clock_ms();
	/* Headers, and answers before the answer, are none until they have come to their end. */
	int64_t moved = bytes_sent(easy) + get_count(easy, CURLINFO_SIZE_DOWNLOAD_T) +
			exchange->has_headers;
	if (moved != exchange->moved) {
		exchange->moved = moved;
		exchange->moved_at_ms = now;
	}
	int64_t until = exchange->moved_at_ms + timeout_ms;
	if (request->deadline_ms > 0 && request->deadline_ms < until)
		until = request->deadline_ms;
	if (cancel_is_set(request->cancel))
		exchange->stopped = HTTP_CANCELLED;
	else if (now >= until)
		exchange->stopped = HTTP_TIMED_OUT;
	if (exchange->stopped)
		return 0;
	return until - now < INT_MAX ? (int)(until - now) : INT_MAX;
}

static CURLcode run(struct exchange *exchange, CURLM *multi, int64_t timeout_ms)
{
	exchange->moved_at_ms = clock_ms();
	int running = 1;
	for (;;) {
		if (curl_multi_perform(multi, &running))
			return CURLE_OUT_OF_MEMORY;
		if (!running)
			break;
		int wait = wait_ms(exchange, timeout_ms);
		if (wait == 0)
			return CURLE_ABORTED_BY_CALLBACK;
		if (curl_multi_poll(multi, NULL, 0, wait, NULL))
			return CURLE_OUT_OF_MEMORY;
	}
	int left;
	struct CURLMsg *done = curl_multi_info_read(multi, &left);
	return done ? done->data.result : CURLE_ABORTED_BY_CALLBACK;
}

static void wake_multi(void *multi)
{
	curl_multi_wakeup(multi);
}

static CURLcode run_in_lane(struct exchange *exchange, struct lane *lane, int64_t timeout_ms)
{
	struct cancel *cancel = exchange->request->cancel;
	lane->error[0] = '\0';
	if (curl_multi_add_handle(lane->multi, lane->easy))
		return CURLE_OUT_OF_MEMORY;
	cancel_watch(cancel, wake_multi, lane->multi);
	CURLcode code = run(exchange, lane->multi, timeout_ms);
	cancel_unwatch(cancel);
	/* Asked for while the multi handle can tell; one that was called off gets closed below. */
	curl_easy_getinfo(lane->easy, CURLINFO_ACTIVESOCKET, &lane->socket);
	curl_multi_remove_handle(lane->multi, lane->easy);
	if (exchange->stopped)
		lane->socket = CURL_SOCKET_BAD;
	return code;
}

/* The answer. */

static enum http_failure classify(const struct exchange *exchange, CURLcode code, const char *error)
{
	if (exchange->stopped)
		return exchange->stopped;
	if (exchange->begun > 1)
		return HTTP_BROKEN;
	switch (code) {
	case CURLE_OK:
		/* "100 Continue" and then the end is no answer, nor are half the headers. */
		return exchange->has_headers ? HTTP_ANSWERED : HTTP_BROKEN;
	case CURLE_COULDNT_RESOLVE_HOST:
	case CURLE_COULDNT_RESOLVE_PROXY:
	case CURLE_COULDNT_CONNECT:
	case CURLE_PROXY:
		return HTTP_UNREACHABLE;
	case CURLE_SSL_CONNECT_ERROR:
		/* A fault of TLS has a number; else the peer just went away. */
		return strstr(error, "error:") ? HTTP_UNTRUSTED : HTTP_BROKEN;
	case CURLE_PEER_FAILED_VERIFICATION:
	case CURLE_SSL_CACERT_BADFILE:
	case CURLE_SSL_CERTPROBLEM:
	case CURLE_SSL_CIPHER:
	case CURLE_SSL_ISSUER_ERROR:
		return HTTP_UNTRUSTED;
	case CURLE_UNSUPPORTED_PROTOCOL:
		/* Plain http that is not allowed; or an answer that is not HTTP. */
		return exchange->begun ? HTTP_BROKEN : HTTP_UNTRUSTED;
	case CURLE_OPERATION_TIMEDOUT:
		return HTTP_TIMED_OUT;
	default:
		return HTTP_BROKEN;
	}
}

static const char *describe(const struct exchange *exchange, CURLcode code, const char *error)
{
	long os_errno = 0;
	switch (exchange->answer->failure) {
	case HTTP_ANSWERED:
		return "";
	case HTTP_CANCELLED:
		return "called off";
	case HTTP_TIMED_OUT:
		return exchange->begun ? "no answer in time" : "no connection in time";
	case HTTP_TOO_LONG:
		return "the answer is too long";
	case HTTP_SINK_FAILED:
		return "the answer was not taken";
	case HTTP_UNREACHABLE:
		curl_easy_getinfo(exchange->easy, CURLINFO_OS_ERRNO, &os_errno);
		if (code == CURLE_COULDNT_CONNECT && strerrordesc_np((int)os_errno) && os_errno)
			return strerrordesc_np((int)os_errno);
		break;
	case HTTP_BROKEN:
	case HTTP_UNTRUSTED:
		break;
	}
	if (exchange->begun > 1 || code == CURLE_OK)
		return "the server ended the connection without an answer";
	return error[0] ? error : curl_easy_strerror(code);
}

static const char *find_header(CURL *easy, const char *name)
{
	struct curl_header *header;
	if (curl_easy_header(easy, name, 0, CURLH_HEADER, -1, &header))
		return NULL;
	return header->value;
}

static void read_redirect(CURL *easy, char *out, size_t out_size)
{
	char *target = NULL;
	cleanup(cleanup_curlu) CURLU *url = curl_url();
	cleanup(cleanup_curl_string) char *scheme = NULL;
	cleanup(cleanup_curl_string) char *host = NULL;
	cleanup(cleanup_curl_string) char *port = NULL;
	curl_easy_getinfo(easy, CURLINFO_REDIRECT_URL, &target);
	if (!target || !url || curl_url_set(url, CURLUPART_URL, target, CURLU_NON_SUPPORT_SCHEME) ||
		curl_url_get(url, CURLUPART_SCHEME, &scheme, 0) ||
		curl_url_get(url, CURLUPART_HOST, &host, 0))
		return;
	curl_url_get(url, CURLUPART_PORT, &port, 0);
	char text[512];
	snprintf(text, sizeof text, "%s://%s%s%s", scheme, host, port ? ":" : "", port ? port : "");
	problem_one_line(text, strlen(text), out, out_size);
}

/* libcurl reads both of its forms; a date that has passed comes out below 0. */
static int read_retry_after(CURL *easy)
{
	int64_t wait_s = get_count(easy, CURLINFO_RETRY_AFTER);
	if (wait_s < 0)
		return 0;
	return wait_s < INT_MAX ? (int)wait_s : INT_MAX;
}

/* It goes back as it came. libcurl gives an empty one as "\r", which would break the request. */
static void read_etag(CURL *easy, char *out, size_t out_size)
{
	const char *etag = find_header(easy, "ETag");
	if (etag && strlen(etag) < out_size && !strpbrk(etag, "\r\n"))
		memcpy(out, etag, strlen(etag) + 1);
}

static void read_answer(const struct exchange *exchange)
{
	struct http_answer *answer = exchange->answer;
	CURL *easy = exchange->easy;
	answer->status = status_so_far(easy);
	answer->sent = exchange->begun > 0 && bytes_sent(easy) > 0;
	read_redirect(easy, answer->redirect, sizeof answer->redirect);
	read_etag(easy, answer->etag, sizeof answer->etag);
	if (find_header(easy, "Retry-After"))
		answer->retry_after_s = read_retry_after(easy);
}

static void cleanup_slist(struct curl_slist **list)
{
	curl_slist_free_all(*list);
}

static int64_t max_idle_ms(const struct http_request *request)
{
	bool is_post = !strcmp(request->method, "POST");
	return request->is_fresh ? NO_KEPT_ONE : is_post ? MAX_IDLE_POST_MS : MAX_IDLE_MS;
}

void http_perform(struct http_client *client, const struct http_request *request,
	struct http_answer *ret_answer)
{
	*ret_answer = (struct http_answer){.failure = HTTP_BROKEN, .retry_after_s = -1};
	cleanup(cleanup_slist) struct curl_slist *headers = NULL;
	struct lane *lane = lane_pool_take(&client->lanes, max_idle_ms(request));
	struct exchange exchange = {
		.request = request, .answer = ret_answer, .easy = lane ? lane->easy : NULL};
	if (!lane || !build_headers(request, &headers) || !set_request(&exchange, headers)) {
		if (lane)
			lane_pool_give_back(&client->lanes, lane);
		snprintf(ret_answer->reason, sizeof ret_answer->reason, "out of memory");
		return;
	}
	CURLcode code = run_in_lane(&exchange, lane, client->config.timeout_ms);
	read_answer(&exchange);
	ret_answer->failure = classify(&exchange, code, lane->error);
	const char *reason = describe(&exchange, code, lane->error);
	problem_one_line(reason, strlen(reason), ret_answer->reason, sizeof ret_answer->reason);
	http_hide_token(client, ret_answer->reason);
	lane_pool_give_back(&client->lanes, lane);
}
