#include "api_fixture.h"

/* Statuses. */

static void test_status__becomes_its_errno_and_a_sentence(void **state)
{
	static const struct {
		const char *answer;
		int status, err;
		const char *words;
	} rows[] = {
		{ANSWER("400 Bad Request" NOT_SOON,
			 "{\"status\": \"ERROR\", \"error\": \"fn is too long\"}"),
			400, EINVAL, "it says: fn is too long"},
		{ANSWER("401 Unauthorized" NOT_SOON, ""), 401, EACCES, "My Info & Settings"},
		{ANSWER("403 Forbidden" NOT_SOON, "{}"), 403, EACCES, "403"},
		{ANSWER("404 Not Found" NOT_SOON, ""), 404, ENOENT, "404"},
		{ANSWER("405 Not Allowed" NOT_SOON, ""), 405, EOPNOTSUPP, "405"},
		{ANSWER("408 Timeout" NOT_SOON, ""), 408, EIO, "408"},
		{ANSWER("409 Conflict" NOT_SOON, ""), 409, EBUSY, "409"},
		{ANSWER("410 Gone" NOT_SOON, ""), 410, EIO, "the server answered 410"},
		{ANSWER("412 No" NOT_SOON, ""), 412, EBUSY, "412"},
		{ANSWER("413 Too Big" NOT_SOON, ""), 413, EFBIG, "413"},
		{ANSWER("418 Teapot" NOT_SOON, "<html>"), 418, EIO, "the server answered 418"},
		{ANSWER("429 Slow Down" NOT_SOON, ""), 429, EAGAIN, "429"},
		{ANSWER("500 Oops" NOT_SOON, "{\"error\": \"a\\nb\"}"), 500, EIO, "it says: a b"},
		{ANSWER("501 No" NOT_SOON, ""), 501, EOPNOTSUPP, "501"},
		{ANSWER("502 Bad Gateway" NOT_SOON, "<html><h1>nginx</h1></html>"), 502, EIO,
			"the server answered 502 Bad Gateway"},
		{ANSWER("503 Unavailable" NOT_SOON, ""), 503, EIO, "503"},
		{ANSWER("504 Timeout" NOT_SOON, ""), 504, EIO, "504"},
		{ANSWER("599 Odd" NOT_SOON, ""), 599, EIO, "the server answered 599"},
		{ANSWER("301 Moved\r\nLocation: https://ann:pw@new.example/api", ""), 301, EIO,
			"https://new.example"},
		{ANSWER("304 Not Modified", ""), 304, EIO, "304"},
		{ANSWER("300 Choose", ""), 300, EIO, "the server answered 300"},
	};
	for (size_t i = 0; i < array_size(rows); i++) {
		struct fake_step step = {.reply = rows[i].answer, .end = FAKE_CLOSE};
		struct fixture fixture;
		start(&fixture, &step, 1);
		check(rows[i].words, &fixture, get(&fixture, "4"), -rows[i].err);
		assert_int_equal(api_status_to_errno(rows[i].status), -rows[i].err);
		assert_int_equal(fixture.problem.http_status, rows[i].status);
		assert_int_equal(fake_server_requests(fixture.server), 1);
		if (!strstr(fixture.problem.message, rows[i].words) ||
			strstr(fixture.problem.message, "html") ||
			strstr(fixture.problem.message, "pw@"))
			fail_msg("%d: '%s'", rows[i].status, fixture.problem.message);
		stop(&fixture);
	}
}

static void test_status__is_never_enosys(void **state)
{
	for (int status = 0; status < 1000; status++) {
		assert_int_not_equal(api_status_to_errno(status), -ENOSYS);
		assert_true(api_status_to_errno(status) < 0);
	}
}

static void test_message__shows_no_token_that_the_server_echoes(void **state)
{
	static const struct fake_step steps[] = {
		{.reply = ANSWER("400 Bad Request", "{\"error\": \"no user " TOKEN " here\"}"),
			.end = FAKE_CLOSE}};
	struct fixture fixture;
	start(&fixture, steps, 1);
	check("echo", &fixture, get(&fixture, "4"), -EINVAL);
	assert_non_null(strstr(fixture.problem.message, "no user ************ here"));
	stop(&fixture);
}

static void test_error_body__is_not_waited_for_without_end(void **state)
{
	static char reply[200000];
	struct fake_step step = {.reply = reply, .end = FAKE_HANG};
	struct fixture fixture;
	snprintf(reply, sizeof reply, "HTTP/1.1 400 Bad Request\r\n\r\n%0150000d", 0);
	start(&fixture, &step, 1);
	check("endless", &fixture, get(&fixture, "4"), -EINVAL);
	stop(&fixture);
}

/* No answer. */

static void test_failure__becomes_its_errno(void **state)
{
	static const struct {
		const char *name;
		struct fake_step step;
		int64_t timeout_ms;
		int err;
		const char *words;
	} rows[] = {
		{"reset", {.end = FAKE_RESET}, PATIENT_MS, EIO,
			"the connection to the server broke"},
		{"not HTTP", {.reply = "SSH-2.0-x\r\n", .end = FAKE_CLOSE}, PATIENT_MS, EIO,
			"broke"},
		{"hung", {.end = FAKE_HANG}, 400, ETIMEDOUT, "-o timeout"},
		{"a trickle", {.reply = OK("{\"content\": [" ANN "]}"), .trickle_ms = 50}, 400,
			ETIMEDOUT, "-o timeout"},
	};
	char user[API_USER_SIZE];
	for (size_t i = 0; i < array_size(rows); i++) {
		struct fixture fixture;
		start_with_timeout(&fixture, &rows[i].step, 1, rows[i].timeout_ms);
		/* Asked once: a last try at the edge of the timeout would be told as too slow. */
		check(rows[i].name, &fixture, api_check(fixture.api, user, &fixture.problem),
			-rows[i].err);
		assert_int_equal(fixture.problem.http_status, 0);
		if (!strstr(fixture.problem.message, rows[i].words))
			fail_msg("%s: '%s'", rows[i].name, fixture.problem.message);
		stop(&fixture);
	}
}

static void test_failure__refused_connection_is_unreachable_and_not_applied(void **state)
{
	static const struct fake_step steps[] = {{.end = FAKE_CLOSE}};
	struct fixture fixture;
	char user[API_USER_SIZE];
	start_with_timeout(&fixture, steps, 1, 3000);
	fake_server_stop(fixture.server);
	check("get", &fixture, get(&fixture, "4"), -EHOSTUNREACH);
	assert_non_null(strstr(fixture.problem.message, "Connection refused"));
	check("post", &fixture, post(&fixture), -EHOSTUNREACH);
	assert_false(fixture.problem.maybe_applied);
	check("put", &fixture, put(&fixture), -EHOSTUNREACH);
	assert_false(fixture.problem.maybe_applied);
	check("check", &fixture, api_check(fixture.api, user, &fixture.problem), -EHOSTUNREACH);
	fixture.server = fake_server_start(steps, 1);
	stop(&fixture);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_status__becomes_its_errno_and_a_sentence),
		cmocka_unit_test(test_status__is_never_enosys),
		cmocka_unit_test(test_message__shows_no_token_that_the_server_echoes),
		cmocka_unit_test(test_error_body__is_not_waited_for_without_end),
		cmocka_unit_test(test_failure__becomes_its_errno),
		cmocka_unit_test(test_failure__refused_connection_is_unreachable_and_not_applied),
	};
	return cmocka_run_group_tests(tests, start_curl, stop_curl);
}
