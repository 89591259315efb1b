/* The API of a server that answers by steps. Asserts: for the test's thread alone. */
#ifndef TESTS_API_FIXTURE_H
#define TESTS_API_FIXTURE_H

#include "api.h"
#include "curl_fixture.h"
#include "fake_server.h"

/* An answer that ends with its connection, so that no length has to be counted. */
#define ANSWER(status, body) "HTTP/1.1 " status "\r\nConnection: close\r\n\r\n" body
/* The connection stays. */
#define KEPT(status) "HTTP/1.1 " status "\r\nContent-Length: 0\r\n\r\n"
#define OK(body) ANSWER("200 OK", body)
/* Longer than any timeout here, so that nothing is tried again. */
#define NOT_SOON "\r\nRetry-After: 86400"
#define ANN "{\"id\": 4, \"fn\": \"Ann\"}"

static const struct json_slice sent_body = {.data = "{\"fn\":\"Ann\"}", .len = 12};

struct fixture {
	struct fake_server *server;
	struct api *api;
	struct problem problem;
	struct buf record;
};

static inline void start_with_timeout(
	struct fixture *fixture, const struct fake_step *steps, size_t count, int64_t timeout_ms)
{
	char url[100];
	*fixture = (struct fixture){
		.server = fake_server_start(steps, count), .record = BUF_INIT(API_MAX_RECORD)};
	assert_non_null(fixture->server);
	snprintf(url, sizeof url, "%s/api", fake_server_url(fixture->server));
	fixture->api = api_create(&(struct api_config){
		.url = url,
		.http = {.token = TOKEN,
			.user_agent = "test/1",
			.timeout_ms = timeout_ms,
			.allow_plain_http = true},
		.max_list_bytes = 2000,
	});
	assert_non_null(fixture->api);
}

static inline void start(struct fixture *fixture, const struct fake_step *steps, size_t count)
{
	start_with_timeout(fixture, steps, count, PATIENT_MS);
}

static inline void stop(struct fixture *fixture)
{
	assert_null(strstr(fixture->problem.message, TOKEN));
	buf_release(&fixture->record);
	api_destroy(fixture->api);
	fake_server_stop(fixture->server);
}

static inline int get(struct fixture *fixture, const char *id)
{
	return api_get(fixture->api, "contact", id, &fixture->record, NULL, &fixture->problem);
}

static inline int put_once(struct fixture *fixture, const struct api_tries *tries)
{
	return api_put(fixture->api, tries, "contact", "4", sent_body, &fixture->record,
		&fixture->problem);
}

static inline int put(struct fixture *fixture)
{
	const struct api_tries tries = api_tries_begin(fixture->api);
	return put_once(fixture, &tries);
}

static inline int post(struct fixture *fixture)
{
	return api_post(fixture->api, "contact", sent_body, &fixture->record, &fixture->problem);
}

static inline int delete (struct fixture *fixture)
{
	return api_delete(fixture->api, "contact", "4", &fixture->problem);
}

static inline void check(const char *name, struct fixture *fixture, int err, int wanted)
{
	if (err != wanted)
		fail_msg("%s: %s, not %s; '%s'", name, problem_errno_name(err),
			problem_errno_name(wanted), fixture->problem.message);
	if ((err == 0) != (fixture->problem.message[0] == '\0'))
		fail_msg("%s: %s with the message '%s'", name, problem_errno_name(err),
			fixture->problem.message);
}

#endif
