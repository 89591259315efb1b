#include "netrc.h"
#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#define HOST "www.clevertim.com"

static void test_netrc__gives_the_login_of_the_host(void **state)
{
	static const struct {
		const char *what, *text, *login; /* NULL: no entry */
	} rows[] = {
		{"one line", "machine " HOST " login T password X\n", "T"},
		{"many lines", "machine " HOST "\n\tlogin T\n\tpassword X", "T"},
		{"password first", "machine " HOST " password X login T", "T"},
		{"windows lines", "machine " HOST "\r\nlogin T\r\npassword X\r\n", "T"},
		{"any case", "machine WWW.Clevertim.COM login T", "T"},
		{"second entry", "machine a.b login N password login\nmachine " HOST " login T",
			"T"},
		{"first of two", "machine " HOST " login T\nmachine " HOST " login N", "T"},
		{"default", "machine a.b login N\ndefault login T", "T"},
		{"host before default", "machine " HOST " login T\ndefault login N", "T"},
		{"quoted", "machine " HOST " login \"a b\\\"c\\\\d\\te\" password X",
			"a b\"c\\d\te"},
		{"quoted keyword", "machine " HOST " password \"login\" login T", "T"},
		{"comment", "# machine " HOST " login N\nmachine " HOST " # login N\n login T",
			"T"},
		{"hash within", "machine " HOST " login a#b", "a#b"},
		{"macro", "macdef m\nmachine " HOST " login N\n\nmachine " HOST " login T", "T"},
		{"macro in entry", "machine " HOST "\nmacdef m\nlogin N\n\nlogin T", "T"},
		{"open quote", "machine " HOST " login \"T", "T"},
		{"other host", "machine clevertim.com login N", NULL},
		{"host as a password", "machine a.b login machine password " HOST, NULL},
		{"empty", "", NULL},
		{"machine alone", "machine", NULL},
		{"endless macro", "macdef m\nmachine " HOST " login N\n", NULL},
	};
	for (size_t i = 0; i < array_size(rows); i++) {
		char login[64] = "";
		int found = netrc_find_login(
			rows[i].text, strlen(rows[i].text), HOST, login, sizeof login);
		if (found != (rows[i].login != NULL))
			fail_msg("%s: %d", rows[i].what, found);
		if (rows[i].login && strcmp(login, rows[i].login) != 0)
			fail_msg("%s: '%s'", rows[i].what, login);
	}
}

static void test_entry__without_login_is_an_error(void **state)
{
	static const char *const texts[] = {"machine " HOST " password X", "machine " HOST,
		"machine " HOST " login", "machine " HOST " password X machine a.b login N",
		"machine " HOST " default login N"};
	for (size_t i = 0; i < array_size(texts); i++) {
		char login[64];
		assert_int_equal(
			netrc_find_login(texts[i], strlen(texts[i]), HOST, login, sizeof login),
			-EINVAL);
	}
}

static void test_login__too_long_is_an_error(void **state)
{
	static const char text[] = "machine h login 12345678";
	char login[9];
	assert_int_equal(netrc_find_login(text, strlen(text), "h", login, 9), 1);
	assert_string_equal(login, "12345678");
	assert_int_equal(netrc_find_login(text, strlen(text), "h", login, 8), -EFBIG);
}

/* The text has no NUL behind it: a sanitizer sees a read too far. */
static void test_text__is_read_to_its_end_only(void **state)
{
	static const char text[] = "macdef m\n\r\nmachine h login \"a\\n\" password X # y\n";
	for (size_t len = 0; len < sizeof text; len++) {
		char login[64];
		char *copy = malloc(len ? len : 1);
		memcpy(copy, text, len);
		int found = netrc_find_login(copy, len, "h", login, sizeof login);
		assert_true(found == 0 || found == 1 || found == -EINVAL);
		free(copy);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_netrc__gives_the_login_of_the_host),
		cmocka_unit_test(test_entry__without_login_is_an_error),
		cmocka_unit_test(test_login__too_long_is_an_error),
		cmocka_unit_test(test_text__is_read_to_its_end_only),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
