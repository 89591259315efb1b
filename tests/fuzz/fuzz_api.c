/*
 * Any answers of a server, and none: each verb ends with 0 or an errno of contract 8 and a sentence;
 * what fails hands out nothing; a POST is never sent again after one that may have been carried out;
 * and what may have been carried out is said to be.
 *
 * The first byte chooses the verb. Each attempt takes from the rest: how it ends, its status, what
 * Retry-After, ETag and Location say, and a body in pieces. This file stands in for http.c, and for
 * the clock, so that no wait takes time.
 */
#include "fuzz.h"

#include "api.h"
#include "api_status.h"
#include "clock.h"
#include "json_object.h"
#include "utf8.h"
#include <stdio.h>

#define TIMEOUT_MS 30000

/* ---- the clock ---- */

static int64_t now_ms;

int64_t clock_ms(void)
{
	return now_ms;
}

struct timespec clock_timespec(int64_t ms)
{
	now_ms = ms;
	return (struct timespec){.tv_sec = 0};
}

/* ---- the server ---- */

struct http_client {
	const uint8_t *at, *end; /* what is left of the input */
	unsigned attempts;
	bool may_be_applied; /* any attempt so far */
	struct http_answer last;
	bool last_body_is_whole;
};

static struct http_client server;

struct http_client *http_client_create(const struct http_config *config)
{
	return &server;
}

void http_client_destroy(struct http_client *client)
{
}

void http_hide_token(const struct http_client *client, char *text)
{
}

static unsigned take(struct http_client *client, unsigned end)
{
	return client->at < client->end ? *client->at++ % end : 0;
}

static void take_text(struct http_client *client, char *out, size_t out_size)
{
	size_t len = min_size(take(client, 16), (size_t)(client->end - client->at));
	len = min_size(len, out_size - 1);
	memcpy(out, client->at, len);
	out[len] = '\0';
	client->at += len;
}

static int take_status(struct http_client *client)
{
	static const int statuses[] = {0, 200, 201, 202, 204, 206, 299, 300, 301, 302, 304, 400,
		401, 403, 404, 405, 408, 409, 410, 412, 413, 418, 429, 500, 501, 502, 503, 504, 507,
		599, 999};
	return statuses[take(client, array_size(statuses))];
}

static int take_retry_after(struct http_client *client)
{
	static const int seconds[] = {-1, -1, 0, 1, 2, 29, 30, 86400, INT32_MAX};
	return seconds[take(client, array_size(seconds))];
}

/* The body is what stands before the next 0xff, which is in no text. */
static void send_body(
	struct http_client *client, const struct http_request *request, struct http_answer *answer)
{
	size_t left = (size_t)(client->end - client->at);
	const uint8_t *stop = left ? memchr(client->at, 0xff, left) : NULL;
	size_t piece = 1 + take(client, 64);
	stop = stop && stop >= client->at ? stop : client->end;
	while (client->at < stop && answer->failure != HTTP_SINK_FAILED) {
		size_t here = min_size(piece, (size_t)(stop - client->at));
		answer->body_bytes += here;
		answer->sink_error = request->on_body(
			request->arg, answer->status, (const char *)client->at, here);
		if (answer->sink_error)
			answer->failure = HTTP_SINK_FAILED;
		client->at += here;
	}
	client->at = stop < client->end ? stop + 1 : stop;
}

/* What http.h lets an answer be. */
void http_perform(struct http_client *client, const struct http_request *request,
	struct http_answer *ret_answer)
{
	struct http_answer answer = {.retry_after_s = -1};
	if (strcmp(request->method, "POST") == 0)
		promise(!client->may_be_applied);
	promise(client->attempts++ < 200);
	answer.failure = take(client, HTTP_CANCELLED);
	answer.status = take_status(client);
	answer.sent = take(client, 2) || answer.status != 0;
	if (answer.status == 0 && answer.failure == HTTP_ANSWERED)
		answer.failure = HTTP_BROKEN;
	if (answer.failure != HTTP_ANSWERED)
		take_text(client, answer.reason, sizeof answer.reason);
	if (answer.status != 0) {
		answer.retry_after_s = take_retry_after(client);
		take_text(client, answer.etag, sizeof answer.etag);
		if (answer.status / 100 == 3)
			take_text(client, answer.redirect, sizeof answer.redirect);
		send_body(client, request, &answer);
	}
	now_ms += 1 + take(client, 3) * 4000;
	client->may_be_applied |= answer.status == 0	? answer.sent
				  : answer.status < 300 ? true
				  : answer.status == 503
					  ? answer.retry_after_s < 0
					  : answer.status == 408 || answer.status == 500 ||
						    answer.status == 502 || answer.status == 504 ||
						    answer.status > 504;
	client->last = answer;
	*ret_answer = answer;
}

/* ---- what holds for all verbs ---- */

static void check_sentence(const struct problem *problem)
{
	const char *at = problem->message, *end = at + strlen(at);
	promise(at < end && strlen(at) < sizeof problem->message);
	while (at < end) {
		uint32_t c;
		int bytes = utf8_read(at, end, &c);
		promise(bytes > 0 && !utf8_is_control(c));
		at += bytes;
	}
}

static void check_end(int err, const struct problem *problem)
{
	static const int errnos[] = {EINVAL, EACCES, ENOENT, EOPNOTSUPP, EBUSY, EFBIG, EAGAIN, EIO,
		EHOSTUNREACH, ETIMEDOUT, EPROTO, EPROTONOSUPPORT};
	promise(err <= 0);
	/* That time ran out hides no failure before it, nor its status. */
	promise(problem->http_status == server.last.status ||
		(err < 0 && server.last.failure == HTTP_TIMED_OUT));
	if (err == 0)
		return;
	bool is_known = false;
	for (size_t i = 0; i < array_size(errnos); i++)
		is_known |= err == -errnos[i];
	promise(is_known);
	check_sentence(problem);
}

/* A writer must know what to look after. */
static void check_maybe(int err, const struct problem *problem)
{
	promise(err == 0 || problem->maybe_applied || !server.may_be_applied ||
		(server.last.status >= 200 && server.last.status < 300));
}

static bool is_wanted(const struct buf *record, const char *id)
{
	struct json_slice value, object = {record->data, record->len};
	promise(json_check(record->data, record->len, NULL, NULL) == 0);
	return json_get(object, "id", &value) &&
	       (!id || value.data[0] == '"' || same_bytes(value.data, value.len, id, strlen(id)));
}

/* ---- the verbs ---- */

struct listed {
	size_t elements;
	bool is_begun;
};

static void begin(void *arg)
{
	*(struct listed *)arg = (struct listed){.is_begun = true};
}

static int count_element(void *arg, const char *text, size_t len, const struct json_facts *facts)
{
	struct listed *listed = arg;
	promise(listed->is_begun);
	promise(!text || json_check(text, len, NULL, NULL) == 0);
	listed->elements++;
	return 0;
}

static void try_list(struct api *api, bool has_etag)
{
	struct listed listed = {.elements = 0};
	struct api_list_sink sink = {.begin = begin, .element = count_element, .arg = &listed};
	struct problem problem;
	char etag[128] = "";
	bool is_unchanged = false;
	snprintf(etag, sizeof etag, "%s", has_etag ? "\"1\"" : "");
	int err = api_list(api, "contact", &sink, etag, &is_unchanged, NULL, &problem);
	check_end(err, &problem);
	promise(!is_unchanged || (has_etag && server.last.status == 304));
	if (err < 0 || is_unchanged) {
		promise(strcmp(etag, has_etag ? "\"1\"" : "") == 0);
		return;
	}
	promise(server.last.status / 100 == 2 && server.last.failure == HTTP_ANSWERED);
	promise(strcmp(etag, server.last.etag) == 0);
}

static void try_get(struct api *api)
{
	struct problem problem;
	auto_buf struct buf record = BUF_INIT(API_MAX_RECORD);
	int err = api_get(api, "contact", "4", &record, NULL, &problem);
	check_end(err, &problem);
	promise(err == 0 ? is_wanted(&record, "4") : record.len == 0);
}

static void try_put(struct api *api)
{
	struct problem problem;
	auto_buf struct buf record = BUF_INIT(API_MAX_RECORD);
	struct json_slice body = {"{}", 2};
	const struct api_tries tries = api_tries_begin(api);
	int err = api_put(api, &tries, "contact", "4", body, &record, &problem);
	check_end(err, &problem);
	check_maybe(err, &problem);
	promise(err == 0 || record.len == 0);
	if (record.len > 0)
		promise(json_check(record.data, record.len, NULL, NULL) == 0);
	promise(err < 0 || server.last.status / 100 == 2);
}

static void try_post(struct api *api)
{
	struct problem problem;
	auto_buf struct buf record = BUF_INIT(API_MAX_RECORD);
	struct json_slice body = {"{}", 2};
	int err = api_post(api, "contact", body, &record, &problem);
	check_end(err, &problem);
	promise(err == 0 ? is_wanted(&record, NULL) : record.len == 0);
	promise(err == 0 || problem.maybe_applied || !server.may_be_applied ||
		(server.last.status / 100 == 2 && err == -EIO));
}

static void try_delete(struct api *api)
{
	struct problem problem;
	int err = api_delete(api, "contact", "4", &problem);
	check_end(err, &problem);
	check_maybe(err, &problem);
	promise(err < 0 || server.last.status / 100 == 2 || server.last.status == 404);
}

static void try_check(struct api *api)
{
	struct problem problem;
	char user[API_USER_SIZE] = "";
	int err = api_check(api, user, &problem);
	check_end(err, &problem);
	promise(server.attempts == 1);
	promise(err == 0 || user[0] == '\0');
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size == 0)
		return 0;
	now_ms = 0;
	server = (struct http_client){.at = data + 1, .end = data + size};
	struct api *api = api_create(&(struct api_config){
		.url = "https://x/api", .http = {.timeout_ms = TIMEOUT_MS}, .max_list_bytes = 0});
	promise(api);
	switch (data[0] % 7) {
	case 0:
	case 1:
		try_list(api, data[0] % 7);
		break;
	case 2:
		try_get(api);
		break;
	case 3:
		try_put(api);
		break;
	case 4:
		try_post(api);
		break;
	case 5:
		try_delete(api);
		break;
	default:
		try_check(api);
	}
	api_destroy(api);
	return 0;
}
