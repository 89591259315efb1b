#include "shell_word.h"
/* cmocka wants these before it */
#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static void test_add__quotes_what_a_shell_would_change(void **state)
{
	static const struct {
		const char *text, *word;
	} rows[] = {
		{"/home/ada/crm", "/home/ada/crm"},
		{"https://www.clevertim.com:443/api", "https://www.clevertim.com:443/api"},
		{"my crm", "'my crm'"},
		{"Zo\xc3\xab's", "'Zo\xc3\xab'\\''s'"},
		{"$(id)", "'$(id)'"},
		{"~", "'~'"},
		{"", "''"},
		{"a\033[1m\nb", "'a [1m b'"},
	};
	for (size_t i = 0; i < array_size(rows); i++) {
		auto_buf struct buf out = BUF_INIT(100);
		assert_int_equal(shell_word_add(&out, rows[i].text), 0);
		assert_string_equal(out.data, rows[i].word);
	}
}

static void test_add__appends(void **state)
{
	auto_buf struct buf out = BUF_INIT(100);
	assert_int_equal(buf_add_str(&out, "cd "), 0);
	assert_int_equal(shell_word_add(&out, "a b"), 0);
	assert_string_equal(out.data, "cd 'a b'");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_add__quotes_what_a_shell_would_change),
		cmocka_unit_test(test_add__appends),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
