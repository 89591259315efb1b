#include "refresh_path.h"
/* cmocka wants these before it */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

#define MOUNT "/mnt/crm"

static void assert_path(const char *text, size_t len, const char *resource, const char *name)
{
	struct refresh_path path;
	refresh_path_parse(MOUNT, text, len, &path);
	if (strcmp(path.resource, resource) != 0 || strcmp(path.name, name) != 0)
		fail_msg("'%s': '%s', '%s'", text, path.resource, path.name);
}

static void test_parse__takes_paths_in_and_from_outside_the_mount(void **state)
{
	static const struct {
		const char *text, *resource, *name;
	} rows[] = {
		{"contact/4.json", "contact", "4.json"},
		{"contact/4.json\n", "contact", "4.json"},
		{"contact/4.json\r\ncompany\n", "contact", "4.json"},
		{"./contact//4.json", "contact", "4.json"},
		{"contact/./4.json", "contact", "4.json"},
		{"contact", "contact", ""},
		{"contact/ /  \n", "contact", ""},
		{"/contact/", "contact", ""},
		{MOUNT "/contact/4.json", "contact", "4.json"},
		{MOUNT "/contact", "contact", ""},
		{"contact/my new one.json", "contact", "my new one.json"},
		{"contact/4.json/x", "contact", "4.json"},
		{"", "", ""},
		{"\n", "", ""},
		{"all", "all", ""},
		{MOUNT, "", ""},
		{MOUNT "/\n", "", ""},
		{"../contact", "..", "contact"},
		{".contact", ".contact", ""},
	};
	for (size_t i = 0; i < array_size(rows); i++)
		assert_path(rows[i].text, strlen(rows[i].text), rows[i].resource, rows[i].name);
}

static void test_parse__does_not_take_a_neighbour_for_the_mount(void **state)
{
	const char text[] = MOUNT "2/contact";
	assert_path(text, strlen(text), "mnt", "crm2");
}

static void test_parse__takes_what_is_too_long_for_its_parent(void **state)
{
	char text[NAME_SIZE + 20];
	int len = snprintf(text, sizeof text, "contact/%0*d", NAME_SIZE - 1, 4);
	assert_path(text, (size_t)len, "contact", text + strlen("contact/"));
	len = snprintf(text, sizeof text, "contact/%0*d", NAME_SIZE, 4);
	assert_path(text, (size_t)len, "contact", "");
	len = snprintf(text, sizeof text, "%0*d/4.json", NAME_SIZE, 4);
	assert_path(text, (size_t)len, "", "4.json");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_parse__takes_paths_in_and_from_outside_the_mount),
		cmocka_unit_test(test_parse__does_not_take_a_neighbour_for_the_mount),
		cmocka_unit_test(test_parse__takes_what_is_too_long_for_its_parent),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
