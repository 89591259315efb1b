#include "resource.h"
#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static struct json_slice key(const char *quoted)
{
	return (struct json_slice){quoted, strlen(quoted)};
}

static void test_table__has_the_order_of_the_root(void **state)
{
	static const char *const names[] = {"contact", "company", "case", "opportunity", "task",
		"note", "comment", "customfield", "user", "group", "file", "folder", "linkedfile"};
	size_t count;
	const struct resource *table = resource_table(&count);
	assert_int_equal(count, array_size(names));
	for (size_t i = 0; i < count; i++) {
		assert_string_equal(table[i].name, names[i]);
		assert_ptr_equal(resource_find(names[i]), &table[i]);
	}
	assert_null(resource_find("contacts"));
	assert_null(resource_find(""));
}

static void test_resource__tells_what_may_be_done(void **state)
{
	const unsigned all = RESOURCE_GET_ONE | RESOURCE_CREATE | RESOURCE_UPDATE | RESOURCE_DELETE;
	assert_int_equal(resource_find("contact")->flags, all);
	assert_int_equal(resource_find("folder")->flags, all | RESOURCE_MAY_LACK);
	assert_int_equal(resource_find("customfield")->flags, all | RESOURCE_LIST_DECIDES);
	assert_int_equal(resource_find("comment")->flags, all & ~RESOURCE_UPDATE);
	assert_int_equal(resource_find("user")->flags, RESOURCE_MAY_LACK);
	assert_int_equal(resource_find("group")->flags, RESOURCE_MAY_LACK);
	assert_int_equal(resource_default()->flags, all);
}

static void test_property__is_read_only_where_the_api_says_so(void **state)
{
	static const struct {
		const char *resource, *key;
		bool is_read_only;
	} rows[] = {
		{"contact", "\"id\"", true},
		{"contact", "\"lm\"", true},
		{"contact", "\"ao\"", true},
		{"contact", "\"userId\"", true},
		{"contact", "\"notes\"", true},
		{"contact", "\"opportunities\"", true},
		{"contact", "\"tasks\"", true},
		{"contact", "\"cases\"", true},
		{"contact", "\"c\\u0061ses\"", true},
		{"contact", "\"email\"", false},
		{"contact", "\"ID\"", false},
		{"company", "\"cases\"", true},
		{"opportunity", "\"tasks\"", true},
		{"opportunity", "\"cases\"", false},
		{"case", "\"tasks\"", false},
		{"note", "\"hl\"", true},
		{"note", "\"email\"", true},
		{"note", "\"delvry\"", true},
		{"note", "\"desc\"", false},
		{"task", "\"comments\"", false},
	};
	for (size_t i = 0; i < array_size(rows); i++) {
		const struct resource *resource = resource_find(rows[i].resource);
		if (resource_is_read_only(resource, key(rows[i].key)) != rows[i].is_read_only)
			fail_msg("%s %s: read only %d expected", rows[i].resource, rows[i].key,
				rows[i].is_read_only);
	}
	assert_true(resource_is_read_only(resource_default(), key("\"userId\"")));
	assert_false(resource_is_read_only(resource_default(), key("\"notes\"")));
}

static void test_name__is_a_plain_word_that_is_free(void **state)
{
	static const struct {
		const char *name;
		bool is_valid;
	} rows[] = {
		{"contact", true},
		{"a", true},
		{"7", true},
		{"deal-stage_2", true},
		{"0123456789012345678901234567890123456789012345678901234567890123", true},
		{"01234567890123456789012345678901234567890123456789012345678901234", false},
		{"", false},
		{"-a", false},
		{"_a", false},
		{".a", false},
		{"..", false},
		{"a/b", false},
		{"a b", false},
		{"a.b", false},
		{"z\xc3\xab", false},
		{"by-name", false},
		{"related", false},
		{"export", false},
	};
	for (size_t i = 0; i < array_size(rows); i++) {
		if (resource_name_is_valid(rows[i].name) != rows[i].is_valid)
			fail_msg("'%s': valid %d expected", rows[i].name, rows[i].is_valid);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_table__has_the_order_of_the_root),
		cmocka_unit_test(test_resource__tells_what_may_be_done),
		cmocka_unit_test(test_property__is_read_only_where_the_api_says_so),
		cmocka_unit_test(test_name__is_a_plain_word_that_is_free),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
