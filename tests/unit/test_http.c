#include "http_fixture.h"

#include <pthread.h>

static void test_request__has_the_headers_it_should(void **state)
{
	static const struct fake_step steps[] = {{.reply = OK_HELLO}};
	static const char *const wanted[] = {"GET /api/contact HTTP/1.1\r\n", "User-Agent: test/1",
		"Authorization: Basic c2VjcmV0LXRva2VuOlg=\r\n", "Accept-Encoding: gzip\r\n",
		"If-None-Match: \"v1\"\r\n", "Accept: application/json\r\n"};
	struct fixture fixture;
	start(&fixture, steps, 1, PATIENT_MS);
	perform(&fixture, (struct http_request){.method = "GET", .etag = "\"v1\""});
	for (size_t i = 0; i < array_size(wanted); i++) {
		if (!strstr(fake_server_last_request(fixture.server), wanted[i]))
			fail_msg("no %s", wanted[i]);
	}
	assert_null(strstr(fake_server_last_request(fixture.server), "Content-Type"));
	stop(&fixture);
}

static void test_request__carries_its_body(void **state)
{
	static const struct fake_step steps[] = {{.reply = OK_HELLO}};
	static const char *const methods[] = {"PUT", "POST", "DELETE"};
	struct fixture fixture;
	start(&fixture, steps, 1, PATIENT_MS);
	for (size_t i = 0; i < array_size(methods); i++) {
		perform(&fixture,
			(struct http_request){.method = methods[i], .body = "{\"a\": 1}"});
		const char *seen = fake_server_last_request(fixture.server);
		assert_memory_equal(seen, methods[i], strlen(methods[i]));
		assert_non_null(strstr(seen, "Content-Type: application/json\r\n"));
		assert_non_null(strstr(seen, "Content-Length: 8\r\n"));
		assert_non_null(strstr(seen, "\r\n\r\n{\"a\": 1}"));
		assert_null(strstr(seen, "Expect"));
	}
	/* A request without a body forgets the one before. */
	perform(&fixture, (struct http_request){.method = "DELETE"});
	assert_null(strstr(fake_server_last_request(fixture.server), "{"));
	assert_null(strstr(fake_server_last_request(fixture.server), "Content-"));
	assert_int_equal(fake_server_connections(fixture.server), 1);
	stop(&fixture);
}

static void test_request__path_is_sent_as_it_is(void **state)
{
	static const struct fake_step steps[] = {{.reply = OK_HELLO}};
	struct fixture fixture;
	char url[100];
	start(&fixture, steps, 1, PATIENT_MS);
	snprintf(url, sizeof url, "%s/a/../b/%%2e", fake_server_url(fixture.server));
	perform(&fixture, (struct http_request){.method = "GET", .url = url});
	assert_non_null(
		strstr(fake_server_last_request(fixture.server), "GET /a/../b/%2e HTTP/1.1"));
	stop(&fixture);
}

static void test_answer__is_read_whole(void **state)
{
	static const struct {
		const char *name, *reply, *body;
		size_t reply_len;
		enum fake_end end;
	} rows[] = {
		{"content length", OK_HELLO, "hello"},
		{"chunked",
			OK_HEADERS
			"Transfer-Encoding: chunked\r\n\r\n2\r\nhe\r\n3\r\nllo\r\n0\r\n\r\n",
			"hello"},
		{"chunked, with a trailer",
			OK_HEADERS "Transfer-Encoding: chunked\r\nTrailer: X-Sum\r\n\r\n"
				   "5\r\nhello\r\n0\r\nX-Sum: 1\r\n\r\n",
			"hello"},
		{"close-delimited", OK_HEADERS "\r\nhello", "hello", 0, FAKE_CLOSE},
		{"after a 100", "HTTP/1.1 100 Continue\r\n\r\n" OK_HELLO, "hello"},
		{"empty", OK_HEADERS "Content-Length: 0\r\n\r\n", ""},
		{"gzip", gzip_reply, "hello hello hello hello hello hello hello ",
			sizeof gzip_reply},
	};
	for (size_t i = 0; i < array_size(rows); i++) {
		struct fake_step step = {.reply = rows[i].reply, rows[i].reply_len, rows[i].end};
		struct fixture fixture;
		start(&fixture, &step, 1, PATIENT_MS);
		perform(&fixture, get);
		if (fixture.answer.failure || strcmp(fixture.received.text, rows[i].body) != 0)
			fail_msg("%s: %d %s, got '%s'", rows[i].name, fixture.answer.failure,
				fixture.answer.reason, fixture.received.text);
		assert_int_equal(fixture.answer.status, 200);
		assert_int_equal(fixture.answer.body_bytes, strlen(rows[i].body));
		assert_true(fixture.answer.sent);
		stop(&fixture);
	}
}

static void test_answer__tells_what_its_headers_say(void **state)
{
	static const char past[] = "Retry-After: Sun, 06 Nov 1994 08:49:37 GMT\r\n";
	char long_etag[200];
	snprintf(long_etag, sizeof long_etag, "ETag: %0130d\r\n", 1);
	const struct {
		const char *name, *header, *etag;
		int retry_after_s;
	} rows[] = {
		{"nothing", "", "", -1},
		{"an etag", "ETag: \"v1\"\r\n", "\"v1\"", -1},
		{"a weak etag", "etag: W/\"v1\"\r\n", "W/\"v1\"", -1},
		{"seconds", "Retry-After: 7\r\n", "", 7},
		{"no seconds", "Retry-After: 0\r\n", "", 0},
		{"a date gone by", past, "", 0},
		{"an etag too long to keep", long_etag, "", -1},
		{"an empty etag", "ETag: \r\n", "", -1},
	};
	for (size_t i = 0; i < array_size(rows); i++) {
		char reply[1024];
		snprintf(reply, sizeof reply, OK_HEADERS "%sContent-Length: 0\r\n\r\n",
			rows[i].header);
		struct fake_step step = {.reply = reply};
		struct fixture fixture;
		start(&fixture, &step, 1, PATIENT_MS);
		perform(&fixture, get);
		if (strcmp(fixture.answer.etag, rows[i].etag) != 0 ||
			fixture.answer.retry_after_s != rows[i].retry_after_s)
			fail_msg("%s: '%s', %d", rows[i].name, fixture.answer.etag,
				fixture.answer.retry_after_s);
		stop(&fixture);
	}
}

static void test_answer__names_the_target_of_a_redirect_and_stays(void **state)
{
	static const struct fake_step steps[] = {{.reply = "HTTP/1.1 301 Moved\r\nLocation: "
							   "https://ann:pw@crm.example:8443/x?y\r\n"
							   "Content-Length: 0\r\n\r\n"}};
	struct fixture fixture;
	start(&fixture, steps, 1, PATIENT_MS);
	perform(&fixture, get);
	assert_int_equal(fixture.answer.failure, HTTP_ANSWERED);
	assert_int_equal(fixture.answer.status, 301);
	assert_string_equal(fixture.answer.redirect, "https://crm.example:8443");
	assert_int_equal(fake_server_requests(fixture.server), 1);
	stop(&fixture);
}

static void test_connection__is_kept_for_the_next_request(void **state)
{
	static const struct fake_step steps[] = {{.reply = OK_HELLO}};
	struct fixture fixture;
	start(&fixture, steps, 1, PATIENT_MS);
	for (int i = 0; i < 5; i++) {
		perform(&fixture, get);
		assert_int_equal(fixture.answer.failure, HTTP_ANSWERED);
		perform(&fixture, post);
		assert_int_equal(fixture.answer.failure, HTTP_ANSWERED);
	}
	assert_int_equal(fake_server_requests(fixture.server), 10);
	assert_int_equal(fake_server_connections(fixture.server), 1);
	stop(&fixture);
}

static void test_connection__ended_while_idle_is_not_used(void **state)
{
	static const struct fake_step steps[] = {{.reply = OK_HELLO, .end = FAKE_CLOSE},
		{.reply = OK_HELLO, .end = FAKE_RESET}, {.reply = OK_HELLO}};
	struct fixture fixture;
	start(&fixture, steps, array_size(steps), PATIENT_MS);
	for (unsigned i = 0; i < array_size(steps); i++) {
		perform(&fixture, post);
		assert_int_equal(fixture.answer.failure, HTTP_ANSWERED);
		if (i + 1 < array_size(steps))
			assert_true(fake_server_await_ended(fixture.server, i + 1));
	}
	assert_int_equal(fake_server_requests(fixture.server), 3);
	assert_int_equal(fake_server_connections(fixture.server), 3);
	stop(&fixture);
}

/* A kept connection that dies under a request is where libcurl sends again by itself. */
static void test_request__is_never_sent_again_on_a_kept_connection(void **state)
{
	static const char *const methods[] = {"GET", "PUT", "POST", "DELETE"};
	static const enum fake_end ends[] = {FAKE_CLOSE, FAKE_RESET};
	for (size_t i = 0; i < array_size(methods) * array_size(ends); i++) {
		const struct fake_step steps[] = {
			{.reply = OK_HELLO}, {.end = ends[i % 2]}, {.reply = OK_HELLO}};
		const char *method = methods[i / 2];
		struct fixture fixture;
		start(&fixture, steps, array_size(steps), PATIENT_MS);
		perform(&fixture, get);
		perform(&fixture, (struct http_request){.method = method,
					  .body = strcmp(method, "GET") ? "{}" : NULL});
		if (fixture.answer.failure != HTTP_BROKEN || !fixture.answer.sent ||
			fake_server_requests(fixture.server) != 2)
			fail_msg("%s: failure %d, sent %d, %u requests", method,
				fixture.answer.failure, fixture.answer.sent,
				fake_server_requests(fixture.server));
		/* The client is none the worse for it. */
		perform(&fixture, get);
		assert_int_equal(fixture.answer.failure, HTTP_ANSWERED);
		stop(&fixture);
	}
}

static void test_request__plain_http_is_only_sent_where_allowed(void **state)
{
	static const struct fake_step steps[] = {{.reply = OK_HELLO}};
	struct fixture fixture;
	start(&fixture, steps, 1, PATIENT_MS);
	http_client_destroy(fixture.client);
	fixture.client = http_client_create(&(struct http_config){
		.token = TOKEN, .user_agent = "test/1", .timeout_ms = PATIENT_MS});
	perform(&fixture, get);
	assert_int_equal(fixture.answer.failure, HTTP_UNTRUSTED);
	assert_false(fixture.answer.sent);
	assert_int_equal(fake_server_connections(fixture.server), 0);
	stop(&fixture);
}

#define THREADS 8
#define ROUNDS 20

static void *perform_rounds(void *arg)
{
	struct fixture fixture = *(struct fixture *)arg;
	intptr_t answered = 0;
	for (int i = 0; i < ROUNDS; i++) {
		struct http_request request = post;
		char url[100];
		snprintf(url, sizeof url, "%s/api/contact", fake_server_url(fixture.server));
		request.url = url;
		request.body_len = strlen(request.body);
		http_perform(fixture.client, &request, &fixture.answer);
		answered += fixture.answer.failure == HTTP_ANSWERED;
	}
	return (void *)answered;
}

static void test_client__serves_many_threads_on_kept_connections(void **state)
{
	static const struct fake_step steps[] = {{.reply = OK_HELLO}};
	struct fixture fixture;
	pthread_t threads[THREADS];
	start(&fixture, steps, 1, PATIENT_MS);
	for (size_t i = 0; i < THREADS; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, perform_rounds, &fixture), 0);
	for (size_t i = 0; i < THREADS; i++) {
		void *answered;
		pthread_join(threads[i], &answered);
		assert_int_equal((intptr_t)answered, ROUNDS);
	}
	assert_int_equal(fake_server_requests(fixture.server), THREADS * ROUNDS);
	assert_in_range(fake_server_connections(fixture.server), 1, THREADS);
	stop(&fixture);
}

static void test_token__is_blotted_out_of_an_echo(void **state)
{
	static const struct fake_step steps[] = {{.reply = OK_HELLO}};
	struct fixture fixture;
	char text[] = "no user secret-token, secret-token";
	start(&fixture, steps, 1, PATIENT_MS);
	http_hide_token(fixture.client, text);
	assert_string_equal(text, "no user ************, ************");
	stop(&fixture);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_request__has_the_headers_it_should),
		cmocka_unit_test(test_request__carries_its_body),
		cmocka_unit_test(test_request__path_is_sent_as_it_is),
		cmocka_unit_test(test_answer__is_read_whole),
		cmocka_unit_test(test_answer__tells_what_its_headers_say),
		cmocka_unit_test(test_answer__names_the_target_of_a_redirect_and_stays),
		cmocka_unit_test(test_connection__is_kept_for_the_next_request),
		cmocka_unit_test(test_connection__ended_while_idle_is_not_used),
		cmocka_unit_test(test_request__is_never_sent_again_on_a_kept_connection),
		cmocka_unit_test(test_request__plain_http_is_only_sent_where_allowed),
		cmocka_unit_test(test_client__serves_many_threads_on_kept_connections),
		cmocka_unit_test(test_token__is_blotted_out_of_an_echo),
	};
	return cmocka_run_group_tests(tests, start_curl, stop_curl);
}
