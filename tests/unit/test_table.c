#include "table.h"
/* cmocka wants these before it */
#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>
#include <locale.h>

static const struct colours no_colours = {"", ""};

/* cells end with NULL; "" is an empty one. */
static void assert_table(const char *alignment, const char *const *cells,
	const struct colours *colours, const char *expected)
{
	auto_table struct table table;
	auto_buf struct buf out = BUF_INIT(4096);
	table_init(&table, alignment);
	for (; *cells; cells++)
		table_add(&table, *cells);
	assert_int_equal(table_render(&table, colours, &out), 0);
	assert_string_equal(out.data, expected);
}

static void test_table__aligns_by_columns_on_the_screen(void **state)
{
	static const char *const cells[] = {"name", "size", "Zo\xc3\xab", "12",
		"\xe6\x9d\xb1\xe4\xba\xac", "7", "x", "1,234", NULL};
	assert_table("<>", cells, &no_colours,
		"name   size\n"
		"Zo\xc3\xab      12\n"
		"\xe6\x9d\xb1\xe4\xba\xac      7\n"
		"x     1,234\n");
}

static void test_table__ends_no_line_in_spaces(void **state)
{
	static const char *const cells[] = {
		"name", "age", "why", "a", "", "", "long name", "3 min", "", "b", "", "no", NULL};
	assert_table("<><", cells, &no_colours,
		"name         age  why\n"
		"a\n"
		"long name  3 min\n"
		"b                 no\n");
}

static void test_table__makes_cells_safe(void **state)
{
	static const char *const cells[] = {"a", "b", "x\033[2J\n", "y", NULL};
	assert_table("<<", cells, &no_colours,
		"a       b\n"
		"x [2J   y\n");
}

static void test_table__marks_its_heading(void **state)
{
	static const char *const cells[] = {"a", "b", "cc", "d", NULL};
	const struct colours colours = {"<", ">"};
	assert_table("<<", cells, &colours,
		"<a   b>\n"
		"cc  d\n");
}

static void test_table__takes_a_row_that_is_not_full(void **state)
{
	static const char *const cells[] = {"a", "b", "c", NULL};
	assert_table("<<", cells, &no_colours,
		"a  b\n"
		"c\n");
}

static void test_table__without_cells_is_nothing(void **state)
{
	static const char *const cells[] = {NULL};
	assert_table("<<", cells, &no_colours, "");
}

static void test_table__tells_that_there_is_no_room(void **state)
{
	auto_table struct table table;
	auto_buf struct buf out = BUF_INIT(3);
	table_init(&table, "<");
	table_add(&table, "abc");
	assert_int_equal(table_render(&table, &no_colours, &out), -EFBIG);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_table__aligns_by_columns_on_the_screen),
		cmocka_unit_test(test_table__ends_no_line_in_spaces),
		cmocka_unit_test(test_table__makes_cells_safe),
		cmocka_unit_test(test_table__marks_its_heading),
		cmocka_unit_test(test_table__takes_a_row_that_is_not_full),
		cmocka_unit_test(test_table__without_cells_is_nothing),
		cmocka_unit_test(test_table__tells_that_there_is_no_room),
	};
	setlocale(LC_CTYPE, "C.UTF-8");
	return cmocka_run_group_tests(tests, NULL, NULL);
}
