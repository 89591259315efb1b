#include "json_fixture.h"

#include "json_diff.h"

#define auto_changes cleanup(json_changes_release)

static void assert_written(const struct json_changes *changes, const char *expected)
{
	auto_buf struct buf out = BUF_INIT(1 << 20);
	assert_int_equal(json_changes_write(changes, &out), 0);
	assert_string_equal(out.data, expected);
	assert_true(is_json(out.data, out.len));
}

static void test_diff__sends_what_differs(void **state)
{
	static const struct {
		const char *name, *base, *mine, *changes;
	} rows[] = {
		{"nothing", "{\"a\": 1, \"b\": [1]}", "{\n  \"b\": [\n 1 ],\n \"\\u0061\": 1\n}\n",
			"{}"},
		{"one value", "{\"a\": 1, \"b\": 2}", "{\"a\": 1, \"b\": \"x\"}", "{\"b\":\"x\"}"},
		{"in the order of mine", "{\"a\": 1, \"b\": 2}", "{\"b\": 3, \"c\": 4, \"a\": 5}",
			"{\"b\":3,\"c\":4,\"a\":5}"},
		{"left out", "{\"a\": 1, \"b\": 2}", "{\"b\": 2}", "{}"},
		{"cleared", "{\"a\": 1}", "{\"a\": null}", "{\"a\":null}"},
		{"cleared what was not there", "{\"a\": 1}", "{\"b\": null}", "{}"},
		{"cleared what was null", "{\"a\": null}", "{\"a\": null}", "{}"},
		{"set what was null", "{\"a\": null}", "{\"a\": false}", "{\"a\":false}"},
		{"deep inside", "{\"a\": {\"b\": {\"c\": 1}}}", "{\"a\": {\"b\": {\"c\": 2}}}",
			"{\"a\":{\"b\":{\"c\":2}}}"},
		{"a number spelt otherwise", "{\"a\": 1.0, \"b\": [4500.00]}",
			"{\"a\": 1.00, \"b\": [4500]}", "{}"},
		{"a number of one digit more", "{\"a\": 1.0}", "{\"a\": 1.01}", "{\"a\":1.01}"},
		{"another spelling", "{\"Zo\\u00eb\": \"\\/\"}", "{\"Zo\xc3\xab\": \"/\"}", "{}"},
		{"escapes are sent as UTF-8", "{}", "{\"Zo\\u00eb\": \"\\u00eb\"}",
			"{\"Zo\xc3\xab\":\"\xc3\xab\"}"},
		{"no properties", "{}", "{}", "{}"},
		{"a name twice in base", "{\"a\": 1, \"a\": 2}", "{\"a\": 1}", "{}"},
	};
	for (size_t i = 0; i < array_size(rows); i++) {
		print_message("%s\n", rows[i].name);
		auto_changes struct json_changes changes = {0};
		assert_int_equal(
			json_diff(slice_of(rows[i].base), slice_of(rows[i].mine), &changes), 0);
		assert_written(&changes, rows[i].changes);
	}
}

static void test_diff__tells_what_was_before(void **state)
{
	auto_changes struct json_changes changes = {0};
	assert_int_equal(json_diff(slice_of("{\"a\": null, \"b\": [1]}"),
				 slice_of("{\"a\": 1, \"b\": [2] , \"c\": 3}"), &changes),
		0);
	assert_int_equal(changes.count, 3);
	assert_slice(changes.items[0].before, "null");
	assert_slice(changes.items[1].before, "[1]");
	assert_slice(changes.items[1].value, "[2]");
	assert_slice(changes.items[1].key, "\"b\"");
	assert_null(changes.items[2].before.data);
}

static void test_diff__bounds_the_changes(void **state)
{
	for (int count = JSON_MAX_CHANGES; count <= JSON_MAX_CHANGES + 1; count++) {
		auto_buf struct buf mine = BUF_INIT(1 << 20);
		for (int i = 0; i < count; i++)
			assert_int_equal(buf_addf(&mine, "%s\"%d\":0", i ? "," : "{", i), 0);
		assert_int_equal(buf_add_char(&mine, '}'), 0);
		auto_changes struct json_changes changes = {0};
		int err = json_diff(
			slice_of("{}"), (struct json_slice){mine.data, mine.len}, &changes);
		assert_int_equal(err, count > JSON_MAX_CHANGES ? -EFBIG : 0);
		assert_int_equal(changes.count, err < 0 ? 0 : count);
	}
}

static void test_merge__holds_changes_against_the_present_version(void **state)
{
	static const struct {
		const char *name, *base, *mine, *theirs;
		int err;
		const char *key, *left;
	} rows[] = {
		{"untouched there", "{\"a\": 1}", "{\"a\": 2}", "{\"a\": 1}", 0, NULL, "{\"a\":2}"},
		{"another property there", "{\"a\": 1, \"b\": 1}", "{\"a\": 2, \"b\": 1}",
			"{\"a\": 1, \"b\": 9, \"c\": 9}", 0, NULL, "{\"a\":2}"},
		{"the same change there", "{\"a\": [1], \"b\": 1}", "{\"a\": [2], \"b\": 2}",
			"{\"a\": [ 2 ], \"b\": 1}", 0, NULL, "{\"b\":2}"},
		{"a number spelt otherwise there", "{\"a\": 1}", "{\"a\": 2}", "{\"a\": 1.0}", 0,
			NULL, "{\"a\":2}"},
		{"another value there", "{\"a\": 1}", "{\"a\": 2}", "{\"a\": 3}", -EBUSY, "\"a\"",
			"{\"a\":2}"},
		{"cleared there", "{\"a\": 1}", "{\"a\": 2}", "{\"a\": null}", -EBUSY, "\"a\"",
			"{\"a\":2}"},
		{"gone there", "{\"a\": 1}", "{\"a\": 2}", "{}", -EBUSY, "\"a\"", "{\"a\":2}"},
		{"cleared here, gone there", "{\"a\": 1}", "{\"a\": null}", "{}", 0, NULL, "{}"},
		{"new here and there", "{}", "{\"a\": 2}", "{\"a\": 3}", -EBUSY, "\"a\"",
			"{\"a\":2}"},
		{"new here, null there", "{}", "{\"a\": 2}", "{\"a\": null}", 0, NULL, "{\"a\":2}"},
		{"null before, absent there", "{\"a\": null}", "{\"a\": 2}", "{}", 0, NULL,
			"{\"a\":2}"},
		{"the first conflict is named", "{\"a\": 1, \"b\": 1, \"c\": 1, \"d\": 1}",
			"{\"a\": 2, \"b\": 2, \"c\": 2, \"d\": 2}",
			"{\"a\": 2, \"b\": 1, \"c\": 3, \"d\": 3}", -EBUSY, "\"c\"",
			"{\"b\":2,\"c\":2,\"d\":2}"},
	};
	for (size_t i = 0; i < array_size(rows); i++) {
		print_message("%s\n", rows[i].name);
		auto_changes struct json_changes changes = {0};
		struct json_slice key = {0};
		assert_int_equal(
			json_diff(slice_of(rows[i].base), slice_of(rows[i].mine), &changes), 0);
		assert_int_equal(json_merge(&changes, slice_of(rows[i].theirs), &key), rows[i].err);
		assert_int_equal(key.data != NULL, rows[i].key != NULL);
		if (rows[i].key)
			assert_slice(key, rows[i].key);
		assert_written(&changes, rows[i].left);
	}
}

static void test_drop_known__leaves_what_is_new(void **state)
{
	auto_changes struct json_changes changes = {0};
	assert_int_equal(
		json_diff(slice_of("{\"a\": 1, \"b\": 1, \"c\": 1, \"d\": 1}"),
			slice_of("{\"a\": 2, \"b\": null, \"c\": [3], \"d\": 4, \"e\": 5}"),
			&changes),
		0);
	assert_int_equal(json_changes_drop_known(&changes, slice_of("{}")), 0);
	assert_written(&changes, "{\"a\":2,\"c\":[3],\"d\":4,\"e\":5}");
	assert_int_equal(
		json_changes_drop_known(&changes,
			slice_of("{\"c\": [3.0], \"\\u0061\": 3, \"e\": 5, \"d\": \"4\"}")),
		0);
	assert_written(&changes, "{\"a\":2,\"d\":4}");
}

static void test_overlay__lays_the_answer_over_what_was_known(void **state)
{
	static const struct {
		const char *name, *known, *answer, *expected;
	} rows[] = {
		{"an empty answer", "{ \"a\" : 1.50 ,\"\\u0062\":[ 1 ] }", "{}",
			"{\"a\":1.50,\"\\u0062\":[ 1 ]}"},
		{"nothing known", "{}", "{ \"b\": 1, \"a\": \"\\u00eb\" }",
			"{\"b\":1,\"a\":\"\\u00eb\"}"},
		{"values of the answer, order of the known", "{\"a\": 1, \"b\": 2, \"c\": 3}",
			"{\"d\": 5, \"c\": {\"x\": 1}, \"a\": null}",
			"{\"a\":null,\"b\":2,\"c\":{\"x\": 1},\"d\":5}"},
		{"names spelt otherwise", "{\"\\u00eb\": 1}", "{\"\xc3\xab\": 2}",
			"{\"\\u00eb\":2}"},
		{"both empty", "{}", "{ }", "{}"},
	};
	for (size_t i = 0; i < array_size(rows); i++) {
		print_message("%s\n", rows[i].name);
		auto_buf struct buf out = BUF_INIT(1 << 20);
		assert_int_equal(buf_add_char(&out, '>'), 0);
		assert_int_equal(
			json_overlay(slice_of(rows[i].known), slice_of(rows[i].answer), &out), 0);
		assert_string_equal(out.data + 1, rows[i].expected);
	}
}

static bool is_named(void *arg, struct json_slice key)
{
	return json_key_is(key, arg);
}

static void test_without__drops_what_it_is_told_to(void **state)
{
	static const struct {
		const char *object, *expected;
	} rows[] = {
		{"{\"id\": 1, \"a\": [ 1.0 ]}", "{\"a\":[ 1.0 ]}"},
		{"{\"a\": \"\\u00eb\" , \"\\u0069d\": 1}", "{\"a\":\"\\u00eb\"}"},
		{"{\"a\": {\"id\": 1}}", "{\"a\":{\"id\": 1}}"},
		{"{\"id\": 1}", "{}"},
		{"{}", "{}"},
	};
	for (size_t i = 0; i < array_size(rows); i++) {
		char name[] = "id";
		auto_buf struct buf out = BUF_INIT(1 << 20);
		assert_int_equal(json_without(slice_of(rows[i].object), is_named, name, &out), 0);
		assert_string_equal(out.data, rows[i].expected);
	}
}

static void test_writing__adds_all_or_nothing(void **state)
{
	struct json_slice empty = slice_of("{}"), object = slice_of("{\"a\": 1, \"b\": 2}");
	auto_changes struct json_changes changes = {0};
	assert_int_equal(json_diff(empty, object, &changes), 0);
	for (size_t max = 1; max <= 14; max++) {
		auto_buf struct buf out = BUF_INIT(max);
		assert_int_equal(buf_add_char(&out, '>'), 0);
		bool fits = max == 14;
		char name[] = "c";
		assert_int_equal(json_changes_write(&changes, &out), fits ? 0 : -EFBIG);
		assert_int_equal(out.len, fits ? 14 : 1);
		assert_int_equal(buf_resize(&out, 1), 0);
		assert_int_equal(json_overlay(object, empty, &out), fits ? 0 : -EFBIG);
		assert_int_equal(out.len, fits ? 14 : 1);
		assert_int_equal(buf_resize(&out, 1), 0);
		assert_int_equal(json_without(object, is_named, name, &out), fits ? 0 : -EFBIG);
		assert_int_equal(out.len, fits ? 14 : 1);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_diff__sends_what_differs),
		cmocka_unit_test(test_diff__tells_what_was_before),
		cmocka_unit_test(test_diff__bounds_the_changes),
		cmocka_unit_test(test_merge__holds_changes_against_the_present_version),
		cmocka_unit_test(test_drop_known__leaves_what_is_new),
		cmocka_unit_test(test_overlay__lays_the_answer_over_what_was_known),
		cmocka_unit_test(test_without__drops_what_it_is_told_to),
		cmocka_unit_test(test_writing__adds_all_or_nothing),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
