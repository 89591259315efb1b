#include "api_fixture.h"

/* Writing. */

#define GARBLED(header) \
	"HTTP/1.1 200 OK\r\n" header "\r\nConnection: close\r\n\r\n{\"content\": []}"

static void test_put__takes_what_the_answer_tells(void **state)
{
	static const struct {
		const char *name, *answer, *record;
		int err;
	} rows[] = {
		{"the record", OK("{\"status\": \"OK\", \"content\": [" ANN "]}"), ANN, 0},
		{"the record among others",
			OK("{\"content\": [{\"fn\": \"x\"}, {\"id\": 5}, " ANN "]}"), ANN, 0},
		{"a part without id", OK("{\"content\": [{\"fn\": \"Ann\"}]}"), "", 0},
		{"parts without id", OK("{\"content\": [{\"fn\": \"Ann\"}, {\"fn\": \"Bo\"}]}"), "",
			0},
		{"another record", OK("{\"content\": [{\"id\": 5}]}"), "", 0},
		{"no content", OK("{\"status\": \"OK\"}"), "", 0},
		{"odd content", OK("{\"status\": \"OK\", \"content\": null}"), "", 0},
		{"nothing", OK(""), "", 0},
		{"204", "HTTP/1.1 204 No Content\r\n\r\n", "", 0},
		{"HTML", OK("<html>"), "", 0},
		{"cut", "HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n{\"content\": [" ANN "]", "",
			-EIO},
		{"no body", "HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n", "", -EIO},
		{"half the headers", "HTTP/1.1 200 OK\r\nContent-Le", "", -EIO},
		{"no such encoding", GARBLED("Content-Encoding: gzip"), "", -EIO},
		{"no such chunk", GARBLED("Transfer-Encoding: chunked"), "", -EIO},
		{"an error", OK("{\"status\": \"ERROR\", \"error\": \"no\"}"), "", -EIO},
	};
	for (size_t i = 0; i < array_size(rows); i++) {
		struct fake_step step = {.reply = rows[i].answer, .end = FAKE_CLOSE};
		struct fixture fixture;
		start(&fixture, &step, 1);
		check(rows[i].name, &fixture, put(&fixture), rows[i].err);
		if (strcmp(fixture.record.data, rows[i].record) != 0)
			fail_msg("%s: '%s'", rows[i].name, fixture.record.data);
		/* Only the one that was taken back was not applied for sure. */
		bool is_lost = rows[i].err < 0 && !strstr(rows[i].answer, "ERROR");
		assert_int_equal(fixture.problem.maybe_applied, is_lost);
		assert_int_equal(fixture.problem.is_passing, is_lost);
		assert_int_equal(fake_server_requests(fixture.server), 1);
		const char *seen = fake_server_last_request(fixture.server);
		assert_memory_equal(seen, "PUT /api/contact/4 HTTP/1.1\r\n", 29);
		assert_non_null(strstr(seen, "\r\n\r\n{\"fn\":\"Ann\"}"));
		stop(&fixture);
	}
}

/* Another attempt is the caller's: on a new connection, as the kept one may be what is wrong. */
static void test_put__is_one_attempt_of_as_many_as_pass(void **state)
{
	static const struct fake_step steps[] = {{.reply = KEPT("404 Not Found")},
		{.end = FAKE_RESET}, {.reply = KEPT("503 Unavailable")},
		{.reply = OK("{\"content\": [" ANN "]}"), .end = FAKE_CLOSE}};
	struct fixture fixture;
	start(&fixture, steps, array_size(steps));
	check("before", &fixture, get(&fixture, "4"), -ENOENT);
	struct api_tries tries = api_tries_begin(fixture.api);
	for (unsigned i = 1; i <= 2; i++) {
		check("passes", &fixture, put_once(&fixture, &tries), -EIO);
		assert_true(fixture.problem.maybe_applied);
		assert_int_equal(fake_server_requests(fixture.server), 1 + i);
		assert_true(api_tries_again(&tries, &fixture.problem, NULL));
	}
	check("put", &fixture, put_once(&fixture, &tries), 0);
	assert_string_equal(fixture.record.data, ANN);
	assert_false(fixture.problem.maybe_applied);
	assert_int_equal(fake_server_requests(fixture.server), 4);
	/* libcurl made the second one, to send again what was lost, and was stopped. */
	assert_int_equal(fake_server_connections(fixture.server), 4);
	stop(&fixture);
}

static void test_put__that_is_refused_is_not_tried_again(void **state)
{
	static const struct fake_step steps[] = {
		{.reply = ANSWER("400 Bad Request", ""), .end = FAKE_CLOSE},
		{.reply = ANSWER("429 Slow" NOT_SOON, ""), .end = FAKE_CLOSE}};
	struct fixture fixture;
	start(&fixture, steps, array_size(steps));
	struct api_tries tries = api_tries_begin(fixture.api);
	check("refused", &fixture, put_once(&fixture, &tries), -EINVAL);
	assert_false(api_tries_again(&tries, &fixture.problem, NULL));
	check("later", &fixture, put_once(&fixture, &tries), -EAGAIN);
	assert_false(api_tries_again(&tries, &fixture.problem, NULL));
	stop(&fixture);
}

static void test_post__appends_the_record_with_its_id(void **state)
{
	static const struct fake_step steps[] = {
		{.reply = OK("{\"status\": \"OK\", \"content\": [{\"id\": 4}]}"),
			.end = FAKE_CLOSE}};
	struct fixture fixture;
	start(&fixture, steps, 1);
	check("post", &fixture, post(&fixture), 0);
	assert_string_equal(fixture.record.data, "{\"id\": 4}");
	assert_memory_equal(
		fake_server_last_request(fixture.server), "POST /api/contact HTTP/1.1\r\n", 28);
	stop(&fixture);
}

/* Each on a fresh connection, and on one that was kept from a request before. */
static void test_post__is_sent_once_whatever_happens(void **state)
{
	static const struct {
		const char *name;
		struct fake_step step;
		bool maybe_applied;
		int err;
	} rows[] = {
		{"reset", {.end = FAKE_RESET}, true, EIO},
		{"closed", {.end = FAKE_CLOSE}, true, EIO},
		{"half a status line", {.reply = "HTTP/1.1 2", .end = FAKE_CLOSE}, true, EIO},
		{"hung", {.end = FAKE_HANG}, true, ETIMEDOUT},
		{"301", {.reply = ANSWER("301 Moved", ""), .end = FAKE_CLOSE}, false, EIO},
		{"400", {.reply = ANSWER("400 Bad", ""), .end = FAKE_CLOSE}, false, EINVAL},
		{"401", {.reply = ANSWER("401 No", ""), .end = FAKE_CLOSE}, false, EACCES},
		{"408", {.reply = ANSWER("408 Slow", ""), .end = FAKE_CLOSE}, true, EIO},
		{"417", {.reply = ANSWER("417 No", ""), .end = FAKE_CLOSE}, false, EIO},
		{"429", {.reply = ANSWER("429 Slow", ""), .end = FAKE_CLOSE}, false, EAGAIN},
		{"500", {.reply = ANSWER("500 Oops", ""), .end = FAKE_CLOSE}, true, EIO},
		{"501", {.reply = ANSWER("501 No", ""), .end = FAKE_CLOSE}, false, EOPNOTSUPP},
		{"502", {.reply = ANSWER("502 Bad", ""), .end = FAKE_CLOSE}, true, EIO},
		{"503", {.reply = ANSWER("503 Busy", ""), .end = FAKE_CLOSE}, true, EIO},
		{"503, not soon", {.reply = ANSWER("503 Busy" NOT_SOON, ""), .end = FAKE_CLOSE},
			true, EIO},
		{"503, soon",
			{.reply = ANSWER("503 Busy\r\nRetry-After: 0", ""), .end = FAKE_CLOSE},
			true, EIO},
		{"429, soon",
			{.reply = ANSWER("429 Slow\r\nRetry-After: 0", ""), .end = FAKE_CLOSE},
			false, EAGAIN},
		{"504", {.reply = ANSWER("504 Slow", ""), .end = FAKE_CLOSE}, true, EIO},
		{"504, soon",
			{.reply = ANSWER("504 Slow\r\nRetry-After: 0", ""), .end = FAKE_CLOSE},
			true, EIO},
		{"a refusal cut short",
			{.reply = "HTTP/1.1 400 Bad\r\nContent-Length: 9\r\n\r\nx",
				.end = FAKE_CLOSE},
			false, EINVAL},
		{"an answer cut short",
			{.reply = "HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n{",
				.end = FAKE_RESET},
			true, EIO},
		{"HTML", {.reply = OK("<html>"), .end = FAKE_CLOSE}, true, EIO},
		{"nothing", {.reply = OK(""), .end = FAKE_CLOSE}, true, EIO},
		{"no content", {.reply = OK("{\"status\": \"OK\"}"), .end = FAKE_CLOSE}, true, EIO},
		{"no id", {.reply = OK("{\"content\": [{\"fn\": \"Ann\"}]}"), .end = FAKE_CLOSE},
			true, EIO},
		{"an empty id", {.reply = OK("{\"content\": [{\"id\": \"\"}]}"), .end = FAKE_CLOSE},
			true, EIO},
		{"a null id", {.reply = OK("{\"content\": [{\"id\": null}]}"), .end = FAKE_CLOSE},
			true, EIO},
		{"two records",
			{.reply = OK("{\"content\": [{\"id\": 4}, {\"id\": 5}]}"),
				.end = FAKE_CLOSE},
			true, EIO},
		{"an error in an answer",
			{.reply = OK("{\"status\": \"ERROR\", \"error\": \"no\"}"),
				.end = FAKE_CLOSE},
			false, EIO},
	};
	for (size_t i = 0; i < 2 * array_size(rows); i++) {
		bool is_kept = i % 2;
		const struct fake_step steps[] = {
			{.reply = "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"},
			rows[i / 2].step,
			{.reply = OK("{\"content\": [" ANN "]}"), .end = FAKE_CLOSE}};
		struct fixture fixture;
		start_with_timeout(&fixture, is_kept ? steps : steps + 1, is_kept ? 3 : 2,
			rows[i / 2].step.end == FAKE_HANG ? 500 : PATIENT_MS);
		if (is_kept)
			check("before", &fixture, get(&fixture, "4"), -ENOENT);
		check(rows[i / 2].name, &fixture, post(&fixture), -rows[i / 2].err);
		if (fake_server_requests(fixture.server) != (is_kept ? 2 : 1) ||
			fake_server_connections(fixture.server) > 2 ||
			fixture.problem.maybe_applied != rows[i / 2].maybe_applied)
			fail_msg("%s: %u requests, maybe applied: %d", rows[i / 2].name,
				fake_server_requests(fixture.server),
				fixture.problem.maybe_applied);
		assert_int_equal(fixture.record.len, 0);
		stop(&fixture);
	}
}

static void test_delete__is_done_when_the_record_is_gone(void **state)
{
	static const struct {
		const char *name, *answer;
		int err;
	} rows[] = {
		{"200", OK("{\"status\": \"OK\"}"), 0},
		{"200 without a word", OK(""), -EIO},
		{"204", "HTTP/1.1 204 No Content\r\n\r\n", 0},
		{"404", ANSWER("404 Not Found", "{\"status\": \"ERROR\", \"error\": \"none\"}"), 0},
		{"403", ANSWER("403 Forbidden", ""), -EACCES},
		{"an error", OK("{\"status\": \"ERROR\", \"error\": \"in use\"}"), -EIO},
	};
	for (size_t i = 0; i < array_size(rows); i++) {
		const struct fake_step steps[] = {
			{.end = FAKE_RESET}, {.reply = rows[i].answer, .end = FAKE_CLOSE}};
		struct fixture fixture;
		start(&fixture, steps, array_size(steps));
		check(rows[i].name, &fixture, delete (&fixture), rows[i].err);
		assert_int_equal(fake_server_requests(fixture.server), 2);
		assert_memory_equal(fake_server_last_request(fixture.server),
			"DELETE /api/contact/4 HTTP/1.1\r\n", 32);
		stop(&fixture);
	}
}

/* What the server said of it is lost: it is asked again, and 404 says that it was done. */
static void test_delete__whose_answer_breaks_off_is_sent_again(void **state)
{
	static const char *const answers[] = {
		"HTTP/1.1 200 OK\r\nContent-Le",
		"HTTP/1.1 200 OK\r\nContent-Length: 16\r\n\r\n",
		"HTTP/1.1 200 OK\r\nContent-Length: 16\r\n\r\n{\"sta",
		GARBLED("Content-Encoding: gzip"),
		GARBLED("Transfer-Encoding: chunked"),
	};
	for (size_t i = 0; i < 2 * array_size(answers); i++) {
		bool was_done = i % 2;
		const struct fake_step steps[] = {{.reply = answers[i / 2], .end = FAKE_CLOSE},
			{.reply = was_done ? ANSWER("404 Not Found", "") : ANSWER("409 No", ""),
				.end = FAKE_CLOSE}};
		struct fixture fixture;
		start(&fixture, steps, array_size(steps));
		check(answers[i / 2], &fixture, delete (&fixture), was_done ? 0 : -EBUSY);
		assert_int_equal(fixture.problem.maybe_applied, !was_done);
		assert_int_equal(fake_server_requests(fixture.server), 2);
		stop(&fixture);
	}
}

/* The last attempt ran out of time: what is told is what was wrong before. */
static void test_delete__tells_what_was_wrong_and_not_that_time_ran_out(void **state)
{
	static const struct fake_step steps[] = {
		{.reply = ANSWER("502 Bad Gateway", ""), .end = FAKE_CLOSE}, {.end = FAKE_HANG}};
	struct fixture fixture;
	start_with_timeout(&fixture, steps, array_size(steps), 1500);
	check("hangs then", &fixture, delete (&fixture), -EIO);
	assert_int_equal(fixture.problem.http_status, 502);
	assert_true(fixture.problem.maybe_applied);
	stop(&fixture);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_put__takes_what_the_answer_tells),
		cmocka_unit_test(test_put__is_one_attempt_of_as_many_as_pass),
		cmocka_unit_test(test_put__that_is_refused_is_not_tried_again),
		cmocka_unit_test(test_post__appends_the_record_with_its_id),
		cmocka_unit_test(test_post__is_sent_once_whatever_happens),
		cmocka_unit_test(test_delete__is_done_when_the_record_is_gone),
		cmocka_unit_test(test_delete__whose_answer_breaks_off_is_sent_again),
		cmocka_unit_test(test_delete__tells_what_was_wrong_and_not_that_time_ran_out),
	};
	return cmocka_run_group_tests(tests, start_curl, stop_curl);
}
