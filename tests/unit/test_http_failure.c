#include "http_fixture.h"

#include "clock.h"
#include <pthread.h>

static void test_failure__is_told_by_its_kind(void **state)
{
	static const struct {
		const char *name;
		struct fake_step step;
		enum http_failure failure;
		int status;
	} rows[] = {
		{"reset", {.end = FAKE_RESET}, HTTP_BROKEN, 0},
		{"closed", {.end = FAKE_CLOSE}, HTTP_BROKEN, 0},
		{"half a status line", {.reply = "HTTP/1.", .end = FAKE_CLOSE}, HTTP_BROKEN, 0},
		{"only the promise of an answer",
			{.reply = "HTTP/1.1 100 Continue\r\nX: y\r\n", .end = FAKE_CLOSE},
			HTTP_BROKEN, 0},
		{"not HTTP", {.reply = "220 mail.example ESMTP\r\n", .end = FAKE_CLOSE},
			HTTP_BROKEN, 0},
		{"cut by length",
			{.reply = OK_HEADERS "Content-Length: 9\r\n\r\nhello", .end = FAKE_CLOSE},
			HTTP_BROKEN, 200},
		{"cut and reset",
			{.reply = OK_HEADERS "Content-Length: 9\r\n\r\nhello", .end = FAKE_RESET},
			HTTP_BROKEN, 200},
		{"cut in a chunk",
			{.reply = OK_HEADERS "Transfer-Encoding: chunked\r\n\r\n9\r\nhel",
				.end = FAKE_CLOSE},
			HTTP_BROKEN, 200},
		{"no last chunk",
			{.reply = OK_HEADERS "Transfer-Encoding: chunked\r\n\r\n2\r\nhe\r\n",
				.end = FAKE_CLOSE},
			HTTP_BROKEN, 200},
		{"not gzip",
			{.reply = OK_HEADERS
				"Content-Encoding: gzip\r\nContent-Length: 5\r\n\r\nhello"},
			HTTP_BROKEN, 200},
		{"too long",
			{.reply = OK_HEADERS "Content-Length: 2000000000\r\n\r\n"
					     "twelve bytes"},
			HTTP_TOO_LONG, 200},
		{"too long in chunks",
			{.reply = OK_HEADERS "Transfer-Encoding: chunked\r\n\r\n"
					     "8\r\n12345678\r\n8\r\n12345678\r\n0\r\n\r\n"},
			HTTP_TOO_LONG, 200},
		{"too long once decoded", {.reply = gzip_reply, .reply_len = sizeof gzip_reply},
			HTTP_TOO_LONG, 200},
	};
	for (size_t i = 0; i < array_size(rows); i++) {
		struct fixture fixture;
		start(&fixture, &rows[i].step, 1, PATIENT_MS);
		struct http_request limited = post;
		limited.max_body_bytes = 10;
		perform(&fixture, limited);
		if (fixture.answer.failure != rows[i].failure ||
			fixture.answer.status != rows[i].status || !fixture.answer.sent ||
			!fixture.answer.reason[0] || fake_server_requests(fixture.server) != 1)
			fail_msg("%s: failure %d, status %d, sent %d, %u requests, '%s'",
				rows[i].name, fixture.answer.failure, fixture.answer.status,
				fixture.answer.sent, fake_server_requests(fixture.server),
				fixture.answer.reason);
		stop(&fixture);
	}
}

static void test_request__refused_connection_sends_nothing(void **state)
{
	static const struct fake_step steps[] = {{.reply = OK_HELLO}};
	struct fixture fixture;
	char url[100];
	start(&fixture, steps, 1, PATIENT_MS);
	snprintf(url, sizeof url, "%s/api", fake_server_url(fixture.server));
	fake_server_stop(fixture.server);
	fixture.server = fake_server_start(steps, 1); /* at another port */
	perform(&fixture, (struct http_request){.method = "POST", .url = url, .body = "{}"});
	assert_int_equal(fixture.answer.failure, HTTP_UNREACHABLE);
	assert_false(fixture.answer.sent);
	assert_string_equal(fixture.answer.reason, "Connection refused");
	stop(&fixture);
}

static void test_request__unknown_name_is_unreachable(void **state)
{
	static const struct fake_step steps[] = {{.reply = OK_HELLO}};
	struct fixture fixture;
	start(&fixture, steps, 1, PATIENT_MS);
	/* Twice: the first failure leaves nothing behind. */
	for (int i = 0; i < 2; i++) {
		perform(&fixture,
			(struct http_request){.method = "GET", .url = "http://crm.invalid/"});
		assert_int_equal(fixture.answer.failure, HTTP_UNREACHABLE);
		assert_non_null(strstr(fixture.answer.reason, "crm.invalid"));
		assert_false(fixture.answer.sent);
	}
	stop(&fixture);
}

static void test_tls__fault_is_told_from_a_lost_connection(void **state)
{
	static const struct {
		const char *name;
		struct fake_step step;
		enum http_failure failure;
	} rows[] = {
		{"no TLS", {.reply = OK_HELLO, .end = FAKE_CLOSE}, HTTP_UNTRUSTED},
		{"closed", {.end = FAKE_CLOSE}, HTTP_BROKEN},
		{"reset", {.end = FAKE_RESET}, HTTP_BROKEN},
		{"hung", {.end = FAKE_HANG}, HTTP_TIMED_OUT},
	};
	for (size_t i = 0; i < array_size(rows); i++) {
		struct fixture fixture;
		char url[100];
		bool hangs = rows[i].step.end == FAKE_HANG;
		start(&fixture, &rows[i].step, 1, hangs ? 300 : PATIENT_MS);
		snprintf(url, sizeof url, "https%s/", strchr(fake_server_url(fixture.server), ':'));
		perform(&fixture,
			(struct http_request){.method = "POST", .url = url, .body = "{}"});
		if (fixture.answer.failure != rows[i].failure || fixture.answer.sent)
			fail_msg("%s: failure %d, sent %d, '%s'", rows[i].name,
				fixture.answer.failure, fixture.answer.sent, fixture.answer.reason);
		stop(&fixture);
	}
}

static void test_timeout__ends_what_makes_no_progress(void **state)
{
	static const struct {
		const char *name;
		struct fake_step step;
	} rows[] = {
		{"no answer", {.end = FAKE_HANG}},
		{"half the headers", {.reply = OK_HEADERS, .end = FAKE_HANG}},
		{"half the body",
			{.reply = OK_HEADERS "Content-Length: 9\r\n\r\nhello", .end = FAKE_HANG}},
	};
	for (size_t i = 0; i < array_size(rows); i++) {
		struct fixture fixture;
		start(&fixture, &rows[i].step, 1, 300);
		perform(&fixture, post);
		if (fixture.answer.failure != HTTP_TIMED_OUT || !fixture.answer.sent)
			fail_msg("%s: %d %s", rows[i].name, fixture.answer.failure,
				fixture.answer.reason);
		stop(&fixture);
	}
}

static void test_timeout__leaves_slow_progress_alone(void **state)
{
	/* Longer than the timeout in all, with a byte of the body well within it. */
	static char reply[200];
	static const struct fake_step steps[] = {
		{.reply = reply, .end = FAKE_CLOSE, .trickle_ms = 20}};
	struct fixture fixture;
	snprintf(reply, sizeof reply, "HTTP/1.1 200 OK\r\n\r\n%0120d", 5);
	start(&fixture, steps, 1, 2000);
	perform(&fixture, get);
	assert_int_equal(fixture.answer.failure, HTTP_ANSWERED);
	assert_int_equal(fixture.answer.body_bytes, 120);
	stop(&fixture);
}

/* Headers, and answers that promise one, can come without end. */
static void test_timeout__takes_no_headers_for_progress(void **state)
{
	static const struct {
		const char *start, *line;
	} rows[] = {
		{"", "HTTP/1.1 100 Continue\r\n\r\n"},
		{"", "HTTP/1.1 103 Early Hints\r\nLink: <x>\r\n\r\n"},
		{"HTTP/1.1 200 OK\r\n", "X-Line: and another\r\n"},
		{"HTTP/1.1 200 OK\r\nX-Line: ", "and more of it"},
	};
	for (size_t i = 0; i < array_size(rows); i++) {
		char reply[5000];
		struct fake_step step = {.reply = reply, .end = FAKE_CLOSE, .trickle_ms = 2};
		struct fixture fixture;
		int len = snprintf(reply, sizeof reply, "%s", rows[i].start);
		while (len < 4500)
			len += snprintf(
				reply + len, sizeof reply - (size_t)len, "%s", rows[i].line);
		start(&fixture, &step, 1, 300);
		perform(&fixture, post);
		if (fixture.answer.failure != HTTP_TIMED_OUT || !fixture.answer.sent)
			fail_msg("%s: %d %s", rows[i].line, fixture.answer.failure,
				fixture.answer.reason);
		stop(&fixture);
	}
}

/* To libcurl that is an answer. */
static void test_headers__cut_short_are_no_answer(void **state)
{
	static const char *const replies[] = {"HTTP/1.1 200 OK\r\n",
		"HTTP/1.1 200 OK\r\nContent-Le", "HTTP/1.1 204 No Content\r\nX: y\r\n",
		"HTTP/1.1 100 Continue\r\n\r\n"};
	for (size_t i = 0; i < array_size(replies); i++) {
		struct fake_step step = {.reply = replies[i], .end = FAKE_CLOSE};
		struct fixture fixture;
		start(&fixture, &step, 1, PATIENT_MS);
		perform(&fixture, post);
		if (fixture.answer.failure != HTTP_BROKEN || !fixture.answer.sent ||
			!fixture.answer.reason[0])
			fail_msg("%s: %d", replies[i], fixture.answer.failure);
		stop(&fixture);
	}
}

static void test_deadline__ends_slow_progress(void **state)
{
	static const struct fake_step steps[] = {{.reply = OK_HELLO, .trickle_ms = 100}};
	struct fixture fixture;
	start(&fixture, steps, 1, PATIENT_MS);
	struct http_request request = get;
	request.deadline_ms = clock_ms() + 300;
	perform(&fixture, request);
	assert_int_equal(fixture.answer.failure, HTTP_TIMED_OUT);
	stop(&fixture);
}

static void test_sink__can_refuse(void **state)
{
	static const struct fake_step steps[] = {{.reply = OK_HELLO}};
	struct fixture fixture;
	start(&fixture, steps, 1, PATIENT_MS);
	fixture.received.refuse = -EDOM;
	perform(&fixture, get);
	assert_int_equal(fixture.answer.failure, HTTP_SINK_FAILED);
	assert_int_equal(fixture.answer.sink_error, -EDOM);
	assert_int_equal(fixture.received.status, 200);
	stop(&fixture);
}

struct canceller {
	struct fake_server *server;
	struct cancel *cancel;
};

static void *cancel_after_request(void *arg)
{
	struct canceller *canceller = arg;
	fake_server_await_requests(canceller->server, 1);
	cancel_set(canceller->cancel);
	return NULL;
}

/* The timeouts are out of reach: only the cancel can end these. */
static void test_cancel__ends_a_request_under_way(void **state)
{
	static const struct fake_step steps[] = {{.end = FAKE_HANG}};
	struct fixture fixture;
	struct cancel cancel;
	pthread_t thread;
	start(&fixture, steps, 1, 3600 * 1000);
	cancel_init(&cancel);
	struct canceller canceller = {.server = fixture.server, .cancel = &cancel};
	assert_int_equal(pthread_create(&thread, NULL, cancel_after_request, &canceller), 0);
	struct http_request request = get;
	request.cancel = &cancel;
	perform(&fixture, request);
	pthread_join(thread, NULL);
	assert_int_equal(fixture.answer.failure, HTTP_CANCELLED);
	assert_true(fixture.answer.sent);
	cancel_release(&cancel);
	stop(&fixture);
}

static void test_cancel__set_before_sends_nothing_that_waits(void **state)
{
	static const struct fake_step steps[] = {{.end = FAKE_HANG}};
	struct fixture fixture;
	struct cancel cancel;
	start(&fixture, steps, 1, 3600 * 1000);
	cancel_init(&cancel);
	cancel_set(&cancel);
	struct http_request request = get;
	request.cancel = &cancel;
	perform(&fixture, request);
	assert_int_equal(fixture.answer.failure, HTTP_CANCELLED);
	cancel_release(&cancel);
	stop(&fixture);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_failure__is_told_by_its_kind),
		cmocka_unit_test(test_request__refused_connection_sends_nothing),
		cmocka_unit_test(test_request__unknown_name_is_unreachable),
		cmocka_unit_test(test_tls__fault_is_told_from_a_lost_connection),
		cmocka_unit_test(test_timeout__ends_what_makes_no_progress),
		cmocka_unit_test(test_timeout__leaves_slow_progress_alone),
		cmocka_unit_test(test_timeout__takes_no_headers_for_progress),
		cmocka_unit_test(test_headers__cut_short_are_no_answer),
		cmocka_unit_test(test_deadline__ends_slow_progress),
		cmocka_unit_test(test_sink__can_refuse),
		cmocka_unit_test(test_cancel__ends_a_request_under_way),
		cmocka_unit_test(test_cancel__set_before_sends_nothing_that_waits),
	};
	return cmocka_run_group_tests(tests, start_curl, stop_curl);
}
