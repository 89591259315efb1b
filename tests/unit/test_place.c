#include "place.h"

#include "kept_target.h"
/* cmocka wants these before it */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

static void test_normalise__makes_it_plain(void **state)
{
	static const struct {
		const char *path, *plain;
	} rows[] = {{"/", "/"}, {"//", "/"}, {"/a", "/a"}, {"/a/", "/a"}, {"//a///b//", "/a/b"},
		{"/a/./b/.", "/a/b"}, {"/a/../b", "/b"}, {"/a/b/..", "/a"}, {"/..", "/"},
		{"/../../a", "/a"}, {"/a/..", "/"}, {"/a/../..", "/"},
		{"/.a/..b/...", "/.a/..b/..."}, {"/a b/\xc3\xab", "/a b/\xc3\xab"}};
	for (size_t i = 0; i < array_size(rows); i++) {
		char path[64];
		snprintf(path, sizeof path, "%s", rows[i].path);
		place_normalise(path);
		assert_string_equal(path, rows[i].plain);
	}
}

static void test_find__knows_what_is_in_no_mount(void **state)
{
	struct place place = {.mount = NULL};
	struct problem problem = {0};
	assert_int_equal(place_find("/proc", &place, &problem), -ENOENT);
	assert_null(place.mount);
	assert_non_null(strstr(problem.message, "'/proc'"));
}

static void test_file_name__of_a_draft_that_made_room(void **state)
{
	static const struct {
		const char *draft, *file;
	} rows[] = {{"4.json", "4.json"}, {"4.json.~1~", "4.json"}, {"4.json.~12~", "4.json"},
		{"4.json.~~", "4.json.~~"}, {"4.json~1~", "4.json~1~"}, {".~1~", ".~1~"},
		{"~1~", "~1~"}, {"a.~1~", "a"}, {"4.json.~1", "4.json.~1"}, {"a.~x~", "a.~x~"},
		{"", ""}, {"~", "~"}};
	for (size_t i = 0; i < array_size(rows); i++)
		assert_int_equal(kept_file_name_len(rows[i].draft), strlen(rows[i].file));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_normalise__makes_it_plain),
		cmocka_unit_test(test_find__knows_what_is_in_no_mount),
		cmocka_unit_test(test_file_name__of_a_draft_that_made_room),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
