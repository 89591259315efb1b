#include "url.h"
#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static void test_url__gets_one_spelling(void **state)
{
	static const struct {
		const char *given, *text, *host;
		bool is_plain_http;
	} rows[] = {
		{"https://www.clevertim.com/api", "https://www.clevertim.com/api",
			"www.clevertim.com"},
		{"HTTPS://WWW.Clevertim.com/API//", "https://www.clevertim.com/API",
			"www.clevertim.com"},
		{"http://localhost:8080", "http://localhost:8080", "localhost", true},
		{"http://localhost:8080/", "http://localhost:8080", "localhost", true},
		{"http://[::1]:8080/api", "http://[::1]:8080/api", "::1", true},
		{"https://[2001:DB8::1]", "https://[2001:db8::1]", "2001:db8::1"},
		{"https://h/a@b", "https://h/a@b", "h"},
	};
	for (size_t i = 0; i < array_size(rows); i++) {
		struct url url cleanup(url_release);
		struct problem problem = {0};
		assert_int_equal(url_parse(rows[i].given, &url, &problem), 0);
		assert_string_equal(url.text, rows[i].text);
		assert_string_equal(url.host, rows[i].host);
		assert_int_equal(url.is_plain_http, rows[i].is_plain_http);
	}
}

static void test_url__is_refused_without_repeating_it(void **state)
{
	static const struct {
		const char *given, *said;
	} rows[] = {
		{"SECRET", "must begin with https://"},
		{"", "must begin with https://"},
		{"ftp://SECRET", "must begin with https://"},
		{"https:/SECRET", "must begin with https://"},
		{"https://SECRET@h/api", "must not hold a user or a token"},
		{"https://SECRET:X@h", "must not hold a user or a token"},
		{"https://a@SECRET@h/", "must not hold a user or a token"},
		{"https://", "no valid host"},
		{"https:///SECRET", "no valid host"},
		{"https://:80/SECRET", "no valid host"},
		{"https://SECRET%41/", "no valid host"},
		{"https://[SECRET]/", "no valid host"},
		{"https://[::1/SECRET", "no valid host"},
		{"https://[127.0.0.1]/", "no valid host"},
		{"https://h:SECRET/", "port"},
		{"https://h:/", "port"},
		{"https://h:0/", "port"},
		{"https://h:65536/", "port"},
		{"https://[::1]SECRET/", "port"},
		{"https://h/api?token=SECRET", "'?'"},
		{"https://h?SECRET", "'?'"},
		{"https://h/#SECRET", "'?'"},
		{"https://h\\SECRET", "backslash"},
		{"http://127.0.0.1\\@h/", "backslash"},
		{"https://h/a SECRET", "white space"},
		{"https://h/\nSECRET", "white space"},
	};
	for (size_t i = 0; i < array_size(rows); i++) {
		struct url url = {.text = NULL};
		struct problem problem = {0};
		assert_int_equal(url_parse(rows[i].given, &url, &problem), -EINVAL);
		assert_null(url.text);
		if (!strstr(problem.message, rows[i].said) || strstr(problem.message, "SECRET"))
			fail_msg("'%s': %s", rows[i].given, problem.message);
	}
}

static void test_host__is_local_by_address_alone(void **state)
{
	static const struct {
		const char *host;
		bool is_local;
	} rows[] = {
		{"localhost", true},
		{"127.0.0.1", true},
		{"127.8.9.10", true},
		{"::1", true},
		{"0:0:0:0:0:0:0:1", true},
		{"128.0.0.1", false},
		{"0.0.0.0", false},
		{"::2", false},
		{"localhost.example.com", false},
		{"127.0.0.1.example.com", false},
		{"127.1", false},
		{"example.com", false},
		{"", false},
	};
	for (size_t i = 0; i < array_size(rows); i++) {
		if (url_host_is_local(rows[i].host) != rows[i].is_local)
			fail_msg("'%s': local %d expected", rows[i].host, rows[i].is_local);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_url__gets_one_spelling),
		cmocka_unit_test(test_url__is_refused_without_repeating_it),
		cmocka_unit_test(test_host__is_local_by_address_alone),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
