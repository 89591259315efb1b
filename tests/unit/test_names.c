#include "names.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

/* The names of those that a walk meets must be the given ones, in whatever order. */
static void check_used(struct names *names, const char *const *wanted, size_t count, int line)
{
	size_t met = 0;
	for (struct name *name = NULL; (name = names_next(names, name)); met++) {
		bool is_wanted = false;
		for (size_t i = 0; i < count; i++)
			is_wanted |= strcmp(wanted[i], name->text) == 0;
		if (!is_wanted)
			fail_msg("line %d: %s is not wanted", line, name->text);
	}
	if (met != count || names_count(names) != count)
		fail_msg("line %d: %zu met, %zu counted, %zu wanted", line, met, names_count(names),
			count);
}

#define assert_used(names, ...) \
	do { \
		const char *const wanted[] = {__VA_ARGS__}; \
		check_used(names, wanted, sizeof wanted / sizeof *wanted, __LINE__); \
	} while (0)

static void test_used__are_those_where_something_stands_or_is_aside(void **state)
{
	struct names *names = names_create();
	struct node node;
	struct slot slot = {.shown_as = 0};
	struct name *scratch = names_add(names, "scratch");
	struct name *four = names_add(names, "4.json");
	struct name *new = names_add(names, "new.json");
	check_used(names, NULL, 0, __LINE__);
	scratch->node = new->node = &node;
	four->aside = &slot;
	names_settle(names, scratch);
	names_settle(names, four);
	names_settle(names, new);
	names_settle(names, new);
	assert_used(names, "scratch", "4.json", "new.json");

	/* It has become an alias, and is written anew later. */
	new->node = NULL;
	new->alias = &slot;
	names_settle(names, new);
	assert_used(names, "scratch", "4.json");
	assert_ptr_equal(names_find(names, "new.json"), new);
	four->aside = NULL;
	four->node = &node;
	names_settle(names, four);
	new->aside = &slot;
	names_settle(names, new);
	assert_used(names, "scratch", "4.json", "new.json");

	names_remove(names, four);
	assert_used(names, "scratch", "new.json");
	names_remove(names, new);
	names_remove(names, scratch);
	check_used(names, NULL, 0, __LINE__);
	names_destroy(names);
}

static void test_used__are_met_however_many_aliases_there_are(void **state)
{
	enum { COUNT = 1000 };
	struct names *names = names_create();
	struct node node;
	struct name *used[2] = {NULL};
	char text[20];
	for (int i = 0; i < COUNT; i++) {
		snprintf(text, sizeof text, "new-%d.json", i);
		struct name *name = names_add(names, text);
		assert_non_null(name);
		if (i == 10 || i == 900)
			used[i == 900] = name;
	}
	for (int i = 0; i < 2; i++) {
		used[i]->node = &node;
		names_settle(names, used[i]);
	}
	assert_used(names, "new-10.json", "new-900.json");
	names_remove(names, names_find(names, "new-11.json"));
	assert_used(names, "new-10.json", "new-900.json");
	names_destroy(names);
}

static void test_alias__is_forgotten_with_its_record(void **state)
{
	struct names *names = names_create();
	struct slot gone = {.shown_as = 0}, other = {.shown_as = 0};
	struct name *a = names_add(names, "a.json"), *b = names_add(names, "b.json");
	struct name *c = names_add(names, "c.json");
	a->alias = b->alias = &gone;
	c->alias = &other;
	slot_set_named(&gone);
	slot_set_named(&other);
	names_forget_alias(names, &gone);
	assert_null(a->alias);
	assert_null(b->alias);
	assert_ptr_equal(c->alias, &other);
	names_destroy(names);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_used__are_those_where_something_stands_or_is_aside),
		cmocka_unit_test(test_used__are_met_however_many_aliases_there_are),
		cmocka_unit_test(test_alias__is_forgotten_with_its_record),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
