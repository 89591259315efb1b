#include "api_fixture.h"

#include "clock.h"
#include <pthread.h>

/* What a listing collects. */
struct listing {
	char text[400];
	unsigned begun, elements;
};

static void listing_begin(void *arg)
{
	struct listing *listing = arg;
	listing->begun++;
	listing->elements = 0;
	listing->text[0] = '\0';
}

static int listing_element(void *arg, const char *text, size_t len, const struct json_facts *facts)
{
	struct listing *listing = arg;
	size_t used = strlen(listing->text);
	listing->elements++;
	snprintf(listing->text + used, sizeof listing->text - used, "%.*s;", (int)len, text);
	return 0;
}

static int list(struct fixture *fixture, struct listing *listing, char *etag, bool *ret_unchanged)
{
	struct api_list_sink sink = {
		.begin = listing_begin, .element = listing_element, .arg = listing};
	return api_list(
		fixture->api, "contact", &sink, etag, ret_unchanged, NULL, &fixture->problem);
}

/* Reading. */

static void test_list__hands_out_every_record(void **state)
{
	static const struct fake_step steps[] = {
		{.reply = OK("{\"status\": \"OK\", \"content\": [" ANN ", {\"id\": 5}]}"),
			.end = FAKE_CLOSE},
		{.reply = OK("{\"content\": []}"), .end = FAKE_CLOSE}};
	struct fixture fixture;
	struct listing listing = {.begun = 0};
	start(&fixture, steps, array_size(steps));
	check("two", &fixture, list(&fixture, &listing, NULL, NULL), 0);
	assert_string_equal(listing.text, ANN ";{\"id\": 5};");
	assert_memory_equal(
		fake_server_last_request(fixture.server), "GET /api/contact HTTP/1.1", 25);
	check("none", &fixture, list(&fixture, &listing, NULL, NULL), 0);
	assert_int_equal(listing.elements, 0);
	stop(&fixture);
}

static void test_list__asks_with_the_etag_it_got(void **state)
{
	static const struct fake_step steps[] = {
		{.reply = ANSWER("200 OK\r\nETag: \"v1\"", "{\"content\": []}"), .end = FAKE_CLOSE},
		{.reply = ANSWER("304 Not Modified", ""), .end = FAKE_CLOSE},
		{.reply = OK("{\"content\": []}"), .end = FAKE_CLOSE}};
	struct fixture fixture;
	struct listing listing = {.begun = 0};
	char etag[128] = "";
	bool is_unchanged = true;
	start(&fixture, steps, array_size(steps));

	check("first", &fixture, list(&fixture, &listing, etag, &is_unchanged), 0);
	assert_false(is_unchanged);
	assert_string_equal(etag, "\"v1\"");
	assert_null(strstr(fake_server_last_request(fixture.server), "If-None-Match"));

	check("unchanged", &fixture, list(&fixture, &listing, etag, &is_unchanged), 0);
	assert_true(is_unchanged);
	assert_string_equal(etag, "\"v1\"");
	assert_non_null(
		strstr(fake_server_last_request(fixture.server), "If-None-Match: \"v1\"\r\n"));

	check("changed", &fixture, list(&fixture, &listing, etag, &is_unchanged), 0);
	assert_false(is_unchanged);
	assert_string_equal(etag, "");
	stop(&fixture);
}

static void test_list__broken_answer_is_an_error(void **state)
{
	static char too_long[4000];
	snprintf(too_long, sizeof too_long, OK("{\"content\": [%03000d]}"), 0);
	const struct {
		const char *name, *answer, *words;
	} rows[] = {
		{"HTML", OK("<html><body>Log in</body></html>"), "check the URL"},
		{"nothing", OK(""), "JSON"},
		{"no content at all", "HTTP/1.1 204 No Content\r\n\r\n", "JSON"},
		{"cut where the connection ends", OK("{\"content\": [" ANN ", {\"id\""), "JSON"},
		{"cut after a record", OK("{\"content\": [" ANN), "JSON"},
		{"cut before the last brace", OK("{\"content\": [" ANN "]"), "JSON"},
		{"more behind it", OK("{\"content\": []} x"), "JSON"},
		{"a bare list", OK("[" ANN "]"), "JSON"},
		{"no list", OK("{\"status\": \"OK\"}"), "without a list"},
		{"content of another kind", OK("{\"content\": {\"id\": 4}}"), "without a list"},
		{"an error in an answer",
			OK("{\"status\": \"ERROR\", \"error\": \"try later\", \"content\": [" ANN
			   "]}"),
			"it says: try later"},
		{"too long", too_long, "too long"},
	};
	for (size_t i = 0; i < array_size(rows); i++) {
		struct fake_step step = {.reply = rows[i].answer, .end = FAKE_CLOSE};
		struct fixture fixture;
		struct listing listing = {.begun = 0};
		char etag[128] = "\"kept\"";
		start(&fixture, &step, 1);
		check(rows[i].name, &fixture, list(&fixture, &listing, etag, NULL), -EIO);
		if (!strstr(fixture.problem.message, rows[i].words))
			fail_msg("%s: '%s'", rows[i].name, fixture.problem.message);
		assert_string_equal(etag, "\"kept\"");
		assert_int_equal(fake_server_requests(fixture.server), 1);
		stop(&fixture);
	}
}

static void test_list__begins_anew_with_each_attempt(void **state)
{
	static const struct fake_step steps[] = {
		{.reply = "HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n{\"content\": [" ANN ",",
			.end = FAKE_CLOSE},
		{.reply = OK("{\"content\": [{\"id\": 5}]}"), .end = FAKE_CLOSE}};
	struct fixture fixture;
	struct listing listing = {.begun = 0};
	start(&fixture, steps, array_size(steps));
	check("second", &fixture, list(&fixture, &listing, NULL, NULL), 0);
	assert_int_equal(listing.begun, 2);
	assert_string_equal(listing.text, "{\"id\": 5};");
	stop(&fixture);
}

static int refuse_element(void *arg, const char *text, size_t len, const struct json_facts *facts)
{
	return -EDOM;
}

static void test_list__sink_can_refuse(void **state)
{
	static const struct fake_step steps[] = {
		{.reply = OK("{\"content\": [" ANN "]}"), .end = FAKE_CLOSE}};
	struct api_list_sink sink = {.element = refuse_element};
	struct fixture fixture;
	start(&fixture, steps, 1);
	check("refused", &fixture,
		api_list(fixture.api, "contact", &sink, NULL, NULL, NULL, &fixture.problem), -EDOM);
	assert_int_equal(fake_server_requests(fixture.server), 1);
	stop(&fixture);
}

static void test_get__selects_by_id(void **state)
{
	static const struct {
		const char *name, *id, *content, *record;
		int err;
	} rows[] = {
		{"alone", "4", "[" ANN "]", ANN, 0},
		{"among others", "4", "[{\"id\": 44}, " ANN ", {\"id\": 5}]", ANN, 0},
		{"a string", "f1001", "[{\"id\": \"f1001\"}]", "{\"id\": \"f1001\"}", 0},
		{"an escaped string", "f1", "[{\"id\": \"\\u00661\"}]", "{\"id\": \"\\u00661\"}",
			0},
		{"a number as a string", "4", "[{\"id\": \"4\"}]", "{\"id\": \"4\"}", 0},
		{"all its digits", "12345678901234567890123",
			"[{\"id\": 12345678901234567890124}, {\"id\": 12345678901234567890123}]",
			"{\"id\": 12345678901234567890123}", 0},
		{"white space kept", "4", "[{ \"id\" : 4 }]", "{ \"id\" : 4 }", 0},
		{"another's", "4", "[{\"id\": 5}]", "", -EIO},
		{"none", "4", "[]", "", -ENOENT},
		{"without id", "4", "[{\"fn\": \"Ann\"}]", "", -EIO},
		{"the id deeper", "4", "[{\"x\": {\"id\": 4}}]", "", -EIO},
		{"no object", "4", "[4, \"4\", null]", "", -EIO},
	};
	for (size_t i = 0; i < array_size(rows); i++) {
		char answer[400];
		struct fake_step step = {.reply = answer, .end = FAKE_CLOSE};
		struct fixture fixture;
		snprintf(answer, sizeof answer, OK("{\"content\": %s}"), rows[i].content);
		start(&fixture, &step, 1);
		check(rows[i].name, &fixture, get(&fixture, rows[i].id), rows[i].err);
		assert_string_equal(fixture.record.data, rows[i].record);
		stop(&fixture);
	}
}

static void test_get__without_content_is_an_error(void **state)
{
	static const struct fake_step steps[] = {
		{.reply = OK("{\"status\": \"OK\"}"), .end = FAKE_CLOSE}};
	struct fixture fixture;
	start(&fixture, steps, 1);
	check("none", &fixture, get(&fixture, "4"), -EIO);
	stop(&fixture);
}

static void test_get__tries_again_what_passes(void **state)
{
	static const struct {
		const char *name;
		struct fake_step step;
	} rows[] = {
		{"503", {.reply = ANSWER("503 Unavailable", ""), .end = FAKE_CLOSE}},
		{"502", {.reply = ANSWER("502 Bad Gateway", "<html>"), .end = FAKE_CLOSE}},
		{"504", {.reply = ANSWER("504 Timeout", ""), .end = FAKE_CLOSE}},
		{"408", {.reply = ANSWER("408 Timeout", ""), .end = FAKE_CLOSE}},
		{"429", {.reply = ANSWER("429 Slow", ""), .end = FAKE_CLOSE}},
		{"reset", {.end = FAKE_RESET}},
		{"closed", {.end = FAKE_CLOSE}},
		{"cut", {.reply = "HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n{\"content\": "
				  "[" ANN,
				.end = FAKE_RESET}},
	};
	for (size_t i = 0; i < array_size(rows); i++) {
		const struct fake_step steps[] = {rows[i].step, rows[i].step,
			{.reply = OK("{\"content\": [" ANN "]}"), .end = FAKE_CLOSE}};
		struct fixture fixture;
		start(&fixture, steps, array_size(steps));
		check(rows[i].name, &fixture, get(&fixture, "4"), 0);
		assert_string_equal(fixture.record.data, ANN);
		assert_int_equal(fake_server_requests(fixture.server), 3);
		stop(&fixture);
	}
}

static void test_retry_after__is_waited_for(void **state)
{
	static const struct fake_step steps[] = {
		{.reply = ANSWER("429 Slow\r\nRetry-After: 1", ""), .end = FAKE_CLOSE},
		{.reply = OK("{\"content\": [" ANN "]}"), .end = FAKE_CLOSE}};
	struct fixture fixture;
	start(&fixture, steps, array_size(steps));
	int64_t start_ms = clock_ms();
	check("429", &fixture, get(&fixture, "4"), 0);
	assert_true(clock_ms() - start_ms >= 1000);
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
static void test_cancel__ends_a_request_and_a_wait(void **state)
{
	static const struct fake_step steps[] = {
		{.end = FAKE_HANG},
		{.reply = ANSWER("503 Unavailable\r\nRetry-After: 3600", ""), .end = FAKE_CLOSE},
	};
	for (size_t i = 0; i < array_size(steps); i++) {
		struct fixture fixture;
		struct cancel cancel;
		pthread_t thread;
		start_with_timeout(&fixture, &steps[i], 1, 7200 * 1000);
		cancel_init(&cancel);
		struct canceller canceller = {.server = fixture.server, .cancel = &cancel};
		assert_int_equal(
			pthread_create(&thread, NULL, cancel_after_request, &canceller), 0);
		int err = api_get(
			fixture.api, "contact", "4", &fixture.record, &cancel, &fixture.problem);
		pthread_join(thread, NULL);
		check("cancelled", &fixture, err, -ECANCELED);
		cancel_release(&cancel);
		stop(&fixture);
	}
}

/* At start. */

static void test_check__tells_what_answers(void **state)
{
	static const struct {
		const char *name, *answer;
		int err;
	} rows[] = {
		{"an API", OK("{\"status\": \"OK\", \"content\": [{\"id\": 1}]}"), 0},
		{"no users", ANSWER("404 Not Found", ""), 0},
		{"no list", ANSWER("405 No", ""), 0},
		{"not offered", ANSWER("501 No", ""), 0},
		{"a wrong token", ANSWER("401 No", ""), -EACCES},
		{"not allowed", ANSWER("403 No", ""), -EACCES},
		{"HTML", OK("<html>"), -EPROTONOSUPPORT},
		{"another JSON", OK("{\"hello\": 1}"), -EPROTONOSUPPORT},
		{"a bare list", OK("[]"), -EPROTONOSUPPORT},
		{"an error", OK("{\"status\": \"ERROR\", \"error\": \"no\"}"), -EIO},
		{"a redirect", ANSWER("302 Found\r\nLocation: https://x.example/", ""), -EIO},
		{"busy", ANSWER("503 Busy", ""), -EIO},
	};
	for (size_t i = 0; i < array_size(rows); i++) {
		struct fake_step step = {.reply = rows[i].answer, .end = FAKE_CLOSE};
		char user[API_USER_SIZE];
		struct fixture fixture;
		start(&fixture, &step, 1);
		check(rows[i].name, &fixture, api_check(fixture.api, user, &fixture.problem),
			rows[i].err);
		assert_int_equal(fake_server_requests(fixture.server), 1);
		assert_memory_equal(
			fake_server_last_request(fixture.server), "GET /api/user HTTP/1.1", 22);
		stop(&fixture);
	}
}

static void test_check__knows_the_user_who_is_alone(void **state)
{
	static const struct {
		const char *name, *answer, *user;
	} rows[] = {
		{"one", "{\"content\": [{\"id\": 1, \"user\": \"Zo\\u00eb M\"}]}", "Zo\xc3\xab M"},
		{"two", "{\"content\": [{\"user\": \"Ann\"}, {\"user\": \"Bob\"}]}", ""},
		{"none", "{\"content\": []}", ""},
		{"no name", "{\"content\": [{\"id\": 1}]}", ""},
		{"a number", "{\"content\": [{\"user\": 1}]}", ""},
		{"control characters", "{\"content\": [{\"user\": \"A\\u001b[1m\"}]}", "A [1m"},
		{"the token", "{\"content\": [{\"user\": \"" TOKEN "\"}]}", "************"},
	};
	for (size_t i = 0; i < array_size(rows); i++) {
		char user[API_USER_SIZE] = "?", answer[400];
		struct fixture fixture;
		snprintf(answer, sizeof answer, OK("%s"), rows[i].answer);
		struct fake_step step = {.reply = answer, .end = FAKE_CLOSE};
		start(&fixture, &step, 1);
		check(rows[i].name, &fixture, api_check(fixture.api, user, &fixture.problem), 0);
		if (strcmp(user, rows[i].user) != 0)
			fail_msg("%s: '%s'", rows[i].name, user);
		stop(&fixture);
	}
}

/* Ids and counts. */

static void test_id__is_one_segment_of_the_path(void **state)
{
	static const struct {
		const char *id, *encoded;
	} rows[] = {{"4", "4"}, {"f1001", "f1001"}, {"a/b", "a%2Fb"}, {"../..", "..%2F.."},
		{"A-z.0_~", "A-z.0_~"}, {"?#%", "%3F%23%25"}, {"Zo\xc3\xab", "Zo%C3%AB"},
		{"a b\n", "a%20b%0A"}};
	for (size_t i = 0; i < array_size(rows); i++) {
		auto_buf struct buf out = BUF_INIT(100);
		assert_int_equal(api_encode_id(rows[i].id, strlen(rows[i].id), &out), 0);
		assert_string_equal(out.data, rows[i].encoded);
		assert_true(api_id_is_addressable(rows[i].id, strlen(rows[i].id)));
	}
}

static void test_id__that_cannot_be_asked_for_sends_nothing(void **state)
{
	static char longest[130];
	static const struct fake_step steps[] = {{.reply = OK("{}"), .end = FAKE_CLOSE}};
	struct fixture fixture;
	memset(longest, 'x', 129);
	const char *const ids[] = {"", ".", "..", longest};
	start(&fixture, steps, 1);
	for (size_t i = 0; i < array_size(ids); i++) {
		assert_false(api_id_is_addressable(ids[i], strlen(ids[i])));
		check(ids[i], &fixture, get(&fixture, ids[i]), -EINVAL);
	}
	assert_true(api_id_is_addressable(longest, 128));
	assert_true(api_id_is_addressable("...", 3));
	assert_false(api_id_is_addressable("a\0b", 3));
	assert_int_equal(fake_server_requests(fixture.server), 0);
	stop(&fixture);
}

static void test_stats__count_every_attempt(void **state)
{
	static const struct fake_step steps[] = {{.end = FAKE_RESET},
		{.reply = ANSWER("503 Busy", ""), .end = FAKE_CLOSE},
		{.reply = OK("{\"content\": [" ANN "]}"), .end = FAKE_CLOSE},
		{.reply = ANSWER("400 Bad", ""), .end = FAKE_CLOSE}};
	struct fixture fixture;
	struct api_stats stats;
	start(&fixture, steps, array_size(steps));
	check("get", &fixture, get(&fixture, "4"), 0);
	check("post", &fixture, post(&fixture), -EINVAL);
	api_get_stats(fixture.api, &stats);
	assert_int_equal(stats.by_method[API_GET].lost, 1);
	assert_int_equal(stats.by_method[API_GET].refused, 1);
	assert_int_equal(stats.by_method[API_GET].ok, 1);
	assert_int_equal(stats.by_method[API_POST].refused, 1);
	assert_int_equal(stats.by_method[API_PUT].ok, 0);
	assert_int_equal(stats.bytes_received, strlen("{\"content\": [" ANN "]}"));
	stop(&fixture);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_list__hands_out_every_record),
		cmocka_unit_test(test_list__asks_with_the_etag_it_got),
		cmocka_unit_test(test_list__broken_answer_is_an_error),
		cmocka_unit_test(test_list__begins_anew_with_each_attempt),
		cmocka_unit_test(test_list__sink_can_refuse),
		cmocka_unit_test(test_get__selects_by_id),
		cmocka_unit_test(test_get__without_content_is_an_error),
		cmocka_unit_test(test_get__tries_again_what_passes),
		cmocka_unit_test(test_retry_after__is_waited_for),
		cmocka_unit_test(test_cancel__ends_a_request_and_a_wait),
		cmocka_unit_test(test_check__tells_what_answers),
		cmocka_unit_test(test_check__knows_the_user_who_is_alone),
		cmocka_unit_test(test_id__is_one_segment_of_the_path),
		cmocka_unit_test(test_id__that_cannot_be_asked_for_sends_nothing),
		cmocka_unit_test(test_stats__count_every_attempt),
	};
	return cmocka_run_group_tests(tests, start_curl, stop_curl);
}
