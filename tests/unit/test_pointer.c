#include "json_fixture.h"

#include "name.h"
#include "pointer.h"

static const struct resource *resource_of(const char *name)
{
	const struct resource *known = resource_find(name);
	return known ? known : resource_default();
}

/* What was given, as "resource:id" each, and when to stop. */
struct witness {
	struct buf seen;
	unsigned calls, stop_at;
};

static int note_pointer(void *arg, const char *resource, const char *id, size_t id_len)
{
	struct witness *witness = arg;
	assert_true(id_len > 0 && id_len <= ID_MAX);
	assert_int_equal(
		buf_addf(&witness->seen, "%s%s:", witness->seen.len ? " " : "", resource), 0);
	assert_int_equal(buf_add(&witness->seen, id, id_len), 0);
	return ++witness->calls == witness->stop_at ? -ECANCELED : 1;
}

static void check_pointers(const char *resource, const char *object, const char *expected)
{
	struct witness witness = {.seen = BUF_INIT(1 << 20)};
	auto_free char *copy = exact_copy(object, strlen(object));
	struct json_slice text = {copy, strlen(object)};
	assert_true(is_json(object, strlen(object)));
	assert_int_equal(pointers_each(resource_of(resource), text, note_pointer, &witness), 0);
	if (strcmp(witness.seen.data, expected) != 0)
		fail_msg("%s %s: '%s', not '%s'", resource, object, witness.seen.data, expected);
	buf_release(&witness.seen);
}

static void test_pointers__are_those_of_the_table(void **state)
{
	static const char all[] =
		"{\"companyId\":1,\"cust\":2,\"case\":3,\"opp\":4,\"opportunity\":5,\"nid\":6,"
		"\"tid\":7,\"aUserId\":8,\"leadUser\":9,\"userId\":10,\"files\":[11],"
		"\"lfiles\":[12],\"parentId\":\"f13\",\"notes\":[14],\"id\":15,\"gid\":16}";
	static const struct {
		const char *resource, *pointers;
	} rows[] = {
		{"contact", "company:1 user:10 file:11 linkedfile:12"},
		{"company", "user:10 file:11 linkedfile:12"},
		{"case", "contact:2 company:2 user:9 user:10 file:11 linkedfile:12"},
		{"opportunity", "contact:2 company:2 user:9 user:10 file:11 linkedfile:12"},
		{"task", "contact:2 company:2 case:3 opportunity:4 user:8 user:10"},
		{"note", "contact:2 company:2 case:3 opportunity:5 user:10 file:11 linkedfile:12"},
		{"comment", "note:6 task:7 user:10"},
		{"customfield", "user:10"},
		{"user", "user:10"},
		{"group", "user:10"},
		{"file", "user:10 folder:f13"},
		{"folder", "user:10 folder:f13"},
		{"linkedfile", "user:10"},
		{"invoice", "user:10"},
	};
	for (size_t i = 0; i < array_size(rows); i++)
		check_pointers(rows[i].resource, all, rows[i].pointers);
}

static void test_id__is_a_number_or_a_string_by_its_text(void **state)
{
	static const struct {
		const char *value, *pointers;
	} rows[] = {
		{"3", "folder:3"},
		{"-3", "folder:-3"},
		{"3.0", "folder:3.0"},
		{"0", "folder:0"},
		{"12345678901234567890123", "folder:12345678901234567890123"},
		{"\"f1001\"", "folder:f1001"},
		{"\"\\u0066\\u00eb\\/\"", "folder:f\xc3\xab/"},
		{"\"\\ud83d\\ude00\"", "folder:\xf0\x9f\x98\x80"},
		{"\" 3\"", "folder: 3"},
		{" [ 1 , \"2\",3 ] ", "folder:1 folder:2 folder:3"},
		{"[1,1,\"1\"]", "folder:1 folder:1 folder:1"},
		{"[[1],{\"a\":2},null,true,\"\",3]", "folder:3"},
		{"[]", ""},
		{"null", ""},
		{"false", ""},
		{"true", ""},
		{"\"\"", ""},
		{"{\"id\":3}", ""},
		{"\"a\\ud83d\"", ""},
		{"\"\\ude00\"", ""},
	};
	for (size_t i = 0; i < array_size(rows); i++) {
		char object[256];
		snprintf(object, sizeof(object), "{\"parentId\":%s}", rows[i].value);
		check_pointers("file", object, rows[i].pointers);
		snprintf(object, sizeof(object), "{\"par\\u0065ntId\" : %s }", rows[i].value);
		check_pointers("folder", object, rows[i].pointers);
	}
}

static void test_id__has_bounds(void **state)
{
	static const struct {
		const char *piece;
		size_t piece_bytes;
	} rows[] = {{"a", 1}, {"\\u0061", 1}, {"\\u00eb", 2}, {"\\ud83d\\ude00", 4}};
	for (size_t i = 0; i < array_size(rows); i++) {
		for (size_t more = 0; more < 2; more++) {
			struct witness witness = {.seen = BUF_INIT(1 << 20)};
			auto_buf struct buf object = BUF_INIT(1 << 20);
			assert_int_equal(buf_add_str(&object, "{\"userId\":\""), 0);
			for (size_t used = 0; used < ID_MAX; used += rows[i].piece_bytes)
				assert_int_equal(buf_add_str(&object, rows[i].piece), 0);
			assert_int_equal(buf_addf(&object, "%s\"}", more ? "b" : ""), 0);
			assert_int_equal(pointers_each(resource_default(), slice_of(object.data),
						 note_pointer, &witness),
				0);
			assert_int_equal(witness.seen.len, more ? 0 : strlen("user:") + ID_MAX);
			buf_release(&witness.seen);
		}
	}
}

static void test_pointers__of_one_property_twice_are_all_given(void **state)
{
	check_pointers("note", "{\"case\":1,\"case\":2}", "case:1 case:2");
	check_pointers("case", "{\"leadUser\":7,\"userId\":\"7\"}", "user:7 user:7");
	check_pointers("note", "{\"x\":{\"case\":1},\"y\":[{\"case\":2}]}", "");
	check_pointers("note", "[\"case\",1]", "");
	check_pointers("note", "\"case\"", "");
	check_pointers("note", "{}", "");
}

static void test_pointers__end_with_the_first_failure(void **state)
{
	for (unsigned stop_at = 1; stop_at <= 6; stop_at++) {
		struct witness witness = {.seen = BUF_INIT(1 << 10), .stop_at = stop_at};
		int err = pointers_each(resource_of("note"),
			slice_of("{\"cust\":[1,2],\"case\":3}"), note_pointer, &witness);
		assert_int_equal(err, stop_at <= 5 ? -ECANCELED : 0);
		assert_int_equal(witness.calls, stop_at <= 5 ? stop_at : 5);
		buf_release(&witness.seen);
	}
}

static int count_calls(void *arg, const char *resource, const char *id, size_t id_len)
{
	++*(unsigned *)arg;
	return 0;
}

static void test_pointers__of_a_very_long_list_are_all_given(void **state)
{
	enum { COUNT = 1000000 };
	auto_buf struct buf object = BUF_INIT(64 << 20);
	assert_int_equal(buf_add_str(&object, "{\"files\":[9"), 0);
	for (unsigned i = 1; i < COUNT; i++)
		assert_int_equal(buf_add_str(&object, ",7"), 0);
	assert_int_equal(buf_add_str(&object, "]}"), 0);
	unsigned calls = 0;
	struct json_slice text = {object.data, object.len};
	assert_int_equal(pointers_each(resource_of("company"), text, count_calls, &calls), 0);
	assert_int_equal(calls, COUNT);
	assert_true(pointers_at(resource_of("company"), text, "file", "7", 1));
	assert_false(pointers_at(resource_of("company"), text, "file", "8", 1));
}

static void test_record__points_at_another_by_resource_and_id(void **state)
{
	static const char note[] =
		"{\"cust\":[3,\"4\"],\"case\":\"a\\u0000b\",\"opportunity\":null,\"userId\":3}";
	static const struct {
		const char *target, *id;
		size_t len;
		bool points;
	} rows[] = {
		{"contact", "3", 1, true},
		{"company", "3", 1, true},
		{"company", "4", 1, true},
		{"user", "3", 1, true},
		{"user", "4", 1, false},
		{"contact", "33", 2, false},
		{"contact", "5", 1, false},
		{"contact", "", 0, false},
		{"case", "a\0b", 3, true},
		{"case", "a", 1, false},
		{"opportunity", "null", 4, false},
		{"file", "3", 1, false},
		{"note", "3", 1, false},
	};
	for (size_t i = 0; i < array_size(rows); i++) {
		if (pointers_at(resource_of("note"), slice_of(note), rows[i].target, rows[i].id,
			    rows[i].len) != rows[i].points)
			fail_msg("%s %s: %d expected", rows[i].target, rows[i].id, rows[i].points);
	}
}

static void test_resource__can_point_at_what_the_table_says(void **state)
{
	static const char *const resources[] = {"contact", "company", "case", "opportunity", "task",
		"note", "comment", "customfield", "user", "group", "file", "folder", "linkedfile"};
	static const struct {
		const char *from, *targets;
	} rows[] = {
		{"contact", "company user file linkedfile "},
		{"company", "user file linkedfile "},
		{"case", "contact company user file linkedfile "},
		{"opportunity", "contact company user file linkedfile "},
		{"task", "contact company case opportunity user "},
		{"note", "contact company case opportunity user file linkedfile "},
		{"comment", "task note user "},
		{"customfield", "user "},
		{"file", "user folder "},
		{"folder", "user folder "},
		{"invoice", "user "},
	};
	for (size_t i = 0; i < array_size(rows); i++) {
		auto_buf struct buf targets = BUF_INIT(1000);
		for (size_t j = 0; j < array_size(resources); j++) {
			if (pointer_can(resource_of(rows[i].from), resources[j]))
				assert_int_equal(buf_addf(&targets, "%s ", resources[j]), 0);
		}
		assert_string_equal(targets.data, rows[i].targets);
		assert_false(pointer_can(resource_of(rows[i].from), "invoice"));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_pointers__are_those_of_the_table),
		cmocka_unit_test(test_id__is_a_number_or_a_string_by_its_text),
		cmocka_unit_test(test_id__has_bounds),
		cmocka_unit_test(test_pointers__of_one_property_twice_are_all_given),
		cmocka_unit_test(test_pointers__end_with_the_first_failure),
		cmocka_unit_test(test_pointers__of_a_very_long_list_are_all_given),
		cmocka_unit_test(test_record__points_at_another_by_resource_and_id),
		cmocka_unit_test(test_resource__can_point_at_what_the_table_says),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
