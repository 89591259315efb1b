#include "catalog_fixture.h"

static void test_labels__are_in_the_order_of_the_alphabet(void **state)
{
	struct catalog_fixture fixture;
	start_catalog(&fixture);
	list_of(fixture.contact, "{\"id\":9,\"fn\":\"Zoe\"}", "{\"id\":4,\"fn\":\"Ann\"}",
		"{\"id\":7,\"fn\":\"Bob\",\"ln\":\"Lee\"}");
	assert_names_are(&fixture, fixture.contact, "Ann.json=4 Bob Lee.json=7 Zoe.json=9");
	stop_catalog(&fixture);
}

static void test_labels__that_are_shared_have_the_id_behind_them_all(void **state)
{
	struct catalog_fixture fixture;
	start_catalog(&fixture);
	list_of(fixture.contact, "{\"id\":9,\"fn\":\"Ann\"}", "{\"id\":4,\"fn\":\"Ann\"}",
		"{\"id\":7,\"fn\":\"Anna\"}");
	assert_names_are(&fixture, fixture.contact, "Ann (9).json=9 Ann (4).json=4 Anna.json=7");

	put_own(fixture.store, fixture.contact, "9", "{\"id\":9,\"fn\":\"Eva\"}");
	assert_names_are(&fixture, fixture.contact, "Ann.json=4 Anna.json=7 Eva.json=9");
	stop_catalog(&fixture);
}

/* Who is called "Ann (4)" is not the Ann whose id is 4. */
static void test_labels__that_read_like_anothers_with_its_id_get_their_own(void **state)
{
	struct catalog_fixture fixture;
	start_catalog(&fixture);
	list_of(fixture.contact, "{\"id\":4,\"fn\":\"Ann\"}", "{\"id\":9,\"fn\":\"Ann (4)\"}");
	assert_names_are(&fixture, fixture.contact, "Ann.json=4 Ann (4).json=9");

	put_own(fixture.store, fixture.contact, "5", "{\"id\":5,\"fn\":\"Ann\"}");
	put_own(fixture.store, fixture.contact, "12", "{\"id\":12,\"fn\":\"Ann (4) (9)\"}");
	assert_names_are(&fixture, fixture.contact,
		"Ann (4).json=4 Ann (5).json=5 Ann (4) (9).json=9 Ann (4) (9) (12).json=12");
	stop_catalog(&fixture);
}

static void test_labels__that_only_end_in_brackets_are_left_alone(void **state)
{
	struct catalog_fixture fixture;
	start_catalog(&fixture);
	list_of(fixture.company, "{\"id\":4,\"cn\":\"Acme (UK)\"}", "{\"id\":5,\"cn\":\"Acme\"}",
		"{\"id\":6,\"cn\":\"Bolt (5)\"}", "{\"id\":7,\"cn\":\"Acme (5)\"}");
	assert_names_are(&fixture, fixture.company,
		"Acme.json=5 Acme (5).json=7 Acme (UK).json=4 Bolt (5).json=6");
	stop_catalog(&fixture);
}

static void test_labels__find_no_name_that_nobody_has(void **state)
{
	static const char *const names[] = {"", ".json", "Ann", "Ann.jso", "Ann (9).json",
		"Ann (4)", "ann.json", "Ann (4) .json", "Bob (7).json", "4.json"};
	struct catalog_fixture fixture;
	start_catalog(&fixture);
	list_of(fixture.contact, "{\"id\":4,\"fn\":\"Ann\"}", "{\"id\":5,\"fn\":\"Ann\"}",
		"{\"id\":7,\"fn\":\"Bob\"}", "{\"id\":9,\"fn\":\"Cid\"}");
	struct snapshot *labels = made(&fixture, fixture.contact, CATALOG_LABELS);

	for (size_t i = 0; i < array_size(names); i++) {
		if (labels_find(catalog_index(labels), names[i]))
			fail_msg("'%s' leads to a record", names[i]);
	}
	assert_null(labels_find(catalog_index(labels), "Ann.json"));
	snapshot_unref(labels);
	stop_catalog(&fixture);
}

static void test_labels__of_none_are_the_id(void **state)
{
	struct catalog_fixture fixture;
	start_catalog(&fixture);
	list_of(fixture.contact, "{\"id\":4}", "{\"id\":5,\"fn\":\"4\"}");
	assert_names_are(&fixture, fixture.contact, "4 (4).json=4 4 (5).json=5");
	stop_catalog(&fixture);
}

/* An id that fills a file's name by itself leaves no room for a label before it. */
static void test_labels__that_are_shared_by_a_very_long_id_are_left_out(void **state)
{
	struct catalog_fixture fixture;
	char id[ID_MAX + 1], text[300];
	memset(id, 'x', ID_MAX);
	id[ID_MAX] = '\0';
	snprintf(text, sizeof text, "{\"id\":\"%s\",\"fn\":\"%0150d\"}", id, 7);
	start_catalog(&fixture);
	list_of(fixture.contact, text, "{\"id\":5,\"fn\":\"Bob\"}");
	struct snapshot *labels = made(&fixture, fixture.contact, CATALOG_LABELS);
	assert_int_equal(catalog_index(labels)->count, 2);
	snapshot_unref(labels);

	snprintf(text, sizeof text, "{\"id\":5,\"fn\":\"%0150d\"}", 7);
	put_own(fixture.store, fixture.contact, "5", text);
	labels = made(&fixture, fixture.contact, CATALOG_LABELS);
	char name[NAME_SIZE];
	struct slot *slot;
	assert_false(labels_name(catalog_index(labels), 0, name, &slot));
	assert_true(labels_name(catalog_index(labels), 1, name, &slot));
	assert_string_equal(slot->id, "5");
	snapshot_unref(labels);
	stop_catalog(&fixture);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_labels__are_in_the_order_of_the_alphabet),
		cmocka_unit_test(test_labels__that_are_shared_have_the_id_behind_them_all),
		cmocka_unit_test(test_labels__that_read_like_anothers_with_its_id_get_their_own),
		cmocka_unit_test(test_labels__that_only_end_in_brackets_are_left_alone),
		cmocka_unit_test(test_labels__find_no_name_that_nobody_has),
		cmocka_unit_test(test_labels__of_none_are_the_id),
		cmocka_unit_test(test_labels__that_are_shared_by_a_very_long_id_are_left_out),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
