#include "json_fixture.h"

#include "json_object.h"

static void test_walk__gives_properties_in_order(void **state)
{
	struct json_slice text = slice_of(
		" { \"a\" : 1 ,\"b\\\"\":[1,{\"x\":\"]\"}], \"\":\"\\\\\" ,\"c\":{}, \"d\":null} ");
	static const struct {
		const char *key, *value;
	} expected[] = {{"\"a\"", "1"}, {"\"b\\\"\"", "[1,{\"x\":\"]\"}]"}, {"\"\"", "\"\\\\\""},
		{"\"c\"", "{}"}, {"\"d\"", "null"}};
	struct json_walk walk;
	struct json_member member;
	json_walk_init(&walk, text);
	for (size_t i = 0; i < array_size(expected); i++) {
		assert_true(json_walk_next(&walk, &member));
		assert_slice(member.key, expected[i].key);
		assert_slice(member.value, expected[i].value);
	}
	assert_false(json_walk_next(&walk, &member));
	assert_false(json_walk_next(&walk, &member));
}

static void test_walk__gives_elements_without_keys(void **state)
{
	static const char *const expected[] = {"1", "\"a\"", "[2,3]", "{\"b\":4}", "false"};
	struct json_walk walk;
	struct json_member member;
	json_walk_init(&walk, slice_of("[1, \"a\" ,[2,3], {\"b\":4},false]"));
	for (size_t i = 0; i < array_size(expected); i++) {
		assert_true(json_walk_next(&walk, &member));
		assert_int_equal(member.key.len, 0);
		assert_slice(member.value, expected[i]);
	}
	assert_false(json_walk_next(&walk, &member));
}

static void test_walk__finds_nothing_in_what_holds_nothing(void **state)
{
	static const char *const rows[] = {"{}", "[ ]", "1", "\"{\"", "null", ""};
	for (size_t i = 0; i < array_size(rows); i++) {
		struct json_walk walk;
		struct json_member member;
		json_walk_init(&walk, slice_of(rows[i]));
		assert_false(json_walk_next(&walk, &member));
	}
	struct json_slice value;
	assert_false(json_get((struct json_slice){0}, "a", &value));
}

static void test_key_is__compares_decoded(void **state)
{
	static const struct {
		const char *key, *name;
		bool is;
	} rows[] = {
		{"\"id\"", "id", true},
		{"\"i\\u0064\"", "id", true},
		{"\"Zo\\u00eb\"", "Zo\xc3\xab", true},
		{"\"\\ud83d\\ude00\"", "\xf0\x9f\x98\x80", true},
		{"\"a\\/b\\\\\"", "a/b\\", true},
		{"\"\"", "", true},
		{"\"ids\"", "id", false},
		{"\"i\"", "id", false},
		{"\"\"", "id", false},
		{"\"id\\u0000\"", "id", false},
		{"\"\\u0000\"", "", false},
		{"", "", false},
	};
	for (size_t i = 0; i < array_size(rows); i++) {
		print_message("%s %s\n", rows[i].key, rows[i].name);
		assert_int_equal(json_key_is(slice_of(rows[i].key), rows[i].name), rows[i].is);
	}
}

static void test_get__finds_the_first_property_of_a_name(void **state)
{
	struct json_slice object = slice_of("{\"a\": {\"b\": 1}, \"\\u0062\": 2, \"b\": 3}"), value;
	assert_true(json_get(object, "b", &value));
	assert_slice(value, "2");
	assert_true(json_get(object, "a", &value));
	assert_slice(value, "{\"b\": 1}");
	assert_false(json_get(object, "c", &value));
	assert_false(json_get(slice_of("[\"a\", 1]"), "a", &value));
	assert_false(json_get(slice_of("\"a\""), "a", &value));
}

static void test_get_brief__finds_what_get_finds(void **state)
{
	static const struct {
		const char *text;
		bool is_all;
	} rows[] = {
		{"{\"id\":1,\"lm\":\"x\",\"ao\" : [2] }", true},
		{" {\"a\":{\"lm\":1}, \"lm\"\n:\n{\"id\":3},\"id\":4}", true},
		{"{\"lm\":1,\"lm\":2}", true},
		{"{\"l\\u006d\":1,\"lm\":2}", false},
		{"{\"\\\"\":1,\"id\":2}", false},
		{"{\"v\":\"\\u006d\",\"id\":2,\"\xc3\xa9\":3}", true},
		{"{\"o\":{\"\\u006d\":1},\"ao\":2}", false},
		{"[{\"id\":1}]", true},
		{"[\"id\",\"lm\"]", true},
		{"{}", true},
		{"7", true},
		{"{\"aa\":1,\"ab\":1,\"ac\":1,\"ad\":1,\"ae\":1,\"af\":1,\"ag\":1,\"ah\":1,"
		 "\"ai\":1,\"aj\":1,\"ak\":1,\"al\":1,\"am\":1,\"an\":1,\"ao\":1,\"ap\":1}",
			true},
		{"{\"aa\":1,\"ab\":1,\"ac\":1,\"ad\":1,\"ae\":1,\"af\":1,\"ag\":1,\"ah\":1,"
		 "\"ai\":1,\"aj\":1,\"ak\":1,\"al\":1,\"am\":1,\"an\":1,\"ao\":1,\"ap\":1,"
		 "\"lm\":2}",
			false},
	};
	static const char *const names[] = {"id", "lm", "ao"};
	for (size_t i = 0; i < array_size(rows); i++) {
		struct json_facts facts;
		struct json_slice text = slice_of(rows[i].text);
		print_message("%s\n", rows[i].text);
		assert_int_equal(json_check(text.data, text.len, &facts, NULL), 0);
		assert_int_equal(facts.brief.is_all, rows[i].is_all);
		for (size_t j = 0; j < array_size(names); j++) {
			struct json_slice quick = {0}, walked = {0};
			bool is_there = json_get(text, names[j], &walked);
			assert_int_equal(
				json_get_brief(text, &facts.brief, names[j], &quick), is_there);
			assert_ptr_equal(quick.data, walked.data);
			assert_int_equal(quick.len, walked.len);
		}
	}
}

static void test_index__finds_each_of_many(void **state)
{
	enum { COUNT = 5000 };
	auto_buf struct buf text = BUF_INIT(1 << 20);
	for (int i = 0; i < COUNT; i++)
		assert_int_equal(
			buf_addf(&text, "%s\"k%d\":%d", i ? "," : "{", i * 7919 % COUNT, i), 0);
	assert_int_equal(buf_add_str(&text, ",\"k1\":\"second\"}"), 0);
	cleanup(json_index_release) struct json_index index = {0};
	assert_int_equal(json_index_init(&index, (struct json_slice){text.data, text.len}), 0);
	assert_int_equal(index.count, COUNT + 1);
	for (int i = 0; i < COUNT; i++) {
		char key[32], value[32];
		snprintf(key, sizeof(key), "\"\\u006b%d\"", i * 7919 % COUNT);
		snprintf(value, sizeof(value), "%d", i);
		const struct json_member *member = json_index_find(&index, slice_of(key));
		assert_non_null(member);
		assert_slice(member->value, value);
	}
	assert_null(json_index_find(&index, slice_of("\"k\"")));
	assert_null(json_index_find(&index, slice_of("\"z\"")));
}

static void test_decode__gives_utf8(void **state)
{
	static const struct {
		const char *string, *decoded;
		size_t len;
		int err;
	} rows[] = {
		{"\"\"", "", 0, 0},
		{"\"plain\"", "plain", 5, 0},
		{"\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"", "\"\\/\b\f\n\r\t", 8, 0},
		{"\"\\u00eb\\u20AC\xc3\xab\"", "\xc3\xab\xe2\x82\xac\xc3\xab", 7, 0},
		{"\"\\ud83d\\ude00\\udbff\\udfff\"", "\xf0\x9f\x98\x80\xf4\x8f\xbf\xbf", 8, 0},
		{"\"a\\u0000b\"", "a\0b", 3, 0},
		{"\"a\\ud83d\"", "", 0, -EILSEQ},
		{"\"a\\ude00b\"", "", 0, -EILSEQ},
		{"12", "", 0, -EINVAL},
		{"\"", "", 0, -EINVAL},
		{"", "", 0, -EINVAL},
	};
	for (size_t i = 0; i < array_size(rows); i++) {
		print_message("%s\n", rows[i].string);
		auto_free char *string = exact_copy(rows[i].string, strlen(rows[i].string));
		auto_buf struct buf out = BUF_INIT(100);
		assert_int_equal(buf_add_char(&out, '>'), 0);
		assert_int_equal(json_string_decode(
					 (struct json_slice){string, strlen(rows[i].string)}, &out),
			rows[i].err);
		assert_int_equal(out.len, 1 + rows[i].len);
		assert_memory_equal(out.data + 1, rows[i].decoded, rows[i].len);
	}
}

static void test_show__keeps_the_escape_of_a_lone_surrogate(void **state)
{
	auto_buf struct buf shown = BUF_INIT(100);
	assert_int_equal(json_string_show(slice_of("\"a\\uD83Db\\u00eb\\ude00\""), &shown), 0);
	assert_string_equal(shown.data, "a\\uD83Db\xc3\xab\\ude00");
	assert_int_equal(json_string_show(slice_of("12"), &shown), -EINVAL);
}

static void test_encode__quotes_any_bytes(void **state)
{
	static const struct {
		const char *text;
		size_t len;
		const char *string;
	} rows[] = {
		{"", 0, "\"\""},
		{"Zo\xc3\xab / \xf0\x9f\x98\x80", 11, "\"Zo\xc3\xab / \xf0\x9f\x98\x80\""},
		{"\"\\\b\f\n\r\t", 7, "\"\\\"\\\\\\b\\f\\n\\r\\t\""},
		{"a\0\x1f\x7f", 4, "\"a\\u0000\\u001f\\u007f\""},
		{"a\xff\xc3", 3, "\"a\xef\xbf\xbd\xef\xbf\xbd\""},
		{"\xc3(", 2, "\"\xef\xbf\xbd(\""},
	};
	for (size_t i = 0; i < array_size(rows); i++) {
		auto_free char *text = exact_copy(rows[i].text, rows[i].len);
		auto_buf struct buf out = BUF_INIT(100);
		assert_int_equal(json_string_encode(text, rows[i].len, &out), 0);
		assert_string_equal(out.data, rows[i].string);
		assert_true(is_json(out.data, out.len));
	}
	auto_buf struct buf small = BUF_INIT(6);
	assert_int_equal(json_string_encode("12345", 5, &small), -EFBIG);
	assert_int_equal(small.len, 0);
}

static void test_equal__compares_values_not_spellings(void **state)
{
	static const struct {
		const char *a, *b;
		bool equal;
	} rows[] = {
		{"1", " 1\n", true},
		{"1", "\"1\"", false},
		{"null", "false", false},
		{"null", "null", true},
		{"\"\\u00eb\\/\"", "\"\xc3\xab/\"", true},
		{"\"\\ud83d\\ude00\"", "\"\xf0\x9f\x98\x80\"", true},
		{"\"\\uD800\"", "\"\\ud800\"", true},
		{"\"\\ud800\"", "\"\\ud801\"", false},
		{"\"a\"", "\"ab\"", false},
		{"\"\"", "\"\\u0000\"", false},
		{"[1, 2]", "[1,2]", true},
		{"[1, 2]", "[2, 1]", false},
		{"[1]", "[1, 2]", false},
		{"[1, 2]", "[1]", false},
		{"[]", "{}", false},
		{"[]", "[ ]", true},
		{"{\"a\": 1, \"b\": {\"c\": [], \"d\": 2}}",
			"{\"b\":{\"d\":2,\"c\":[]},\"\\u0061\":1}", true},
		{"{\"a\": 1}", "{\"a\": 1, \"b\": null}", false},
		{"{\"a\": 1}", "{\"b\": 1}", false},
		{"{\"a\": 1}", "{\"a\": 2}", false},
		{"{\"a\": 1, \"a\": 2}", "{ \"a\": 1, \"a\": 2}", true},
		{"{\"a\": 1, \"a\": 2}", "{\"a\": 2}", false},
	};
	for (size_t i = 0; i < array_size(rows); i++) {
		print_message("%s %s\n", rows[i].a, rows[i].b);
		bool equal;
		assert_int_equal(json_equal(slice_of(rows[i].a), slice_of(rows[i].b), &equal), 0);
		assert_int_equal(equal, rows[i].equal);
		assert_int_equal(json_equal(slice_of(rows[i].b), slice_of(rows[i].a), &equal), 0);
		assert_int_equal(equal, rows[i].equal);
	}
}

/* Tools write numbers anew: that is no change, but one digit more is. */
static void test_equal__compares_numbers_as_exact_decimals(void **state)
{
	static const struct {
		const char *a, *b;
		bool equal;
	} rows[] = {
		{"1", "1.0", true},
		{"4500.00", "4500", true},
		{"4500", "45e2", true},
		{"450", "4500", false},
		{"1E+2", "100", true},
		{"1e2", "1E2", true},
		{"1e2", "1e3", false},
		{"1e2", "1e-2", false},
		{"1.50e1", "15", true},
		{"1.5", "15", false},
		{"0.1", "1e-1", true},
		{"0.010", "10E-3", true},
		{"0.01", "0.001", false},
		{"10.01", "1001e-2", true},
		{"10.01", "10.001", false},
		{"0", "-0", true},
		{"-0.00e7", "0", true},
		{"0e99999999999999999999", "0", true},
		{"1", "-1", false},
		{"-1.0", "-1", true},
		{"0", "1", false},
		{"1.05", "1.5", false},
		{"12345678901234567890123", "12345678901234567890124", false},
		{"12345678901234567890123", "12345678901234567890123.0", true},
		{"0.1", "0.1000000000000000000000000000000001", false},
		{"1e999999999999999", "10e999999999999998", true},
		{"1e999999999999999", "1e999999999999998", false},
		{"1e0000000000000000000001", "10", true},
		{"1e99999999999999999999", "1e99999999999999999998", false},
		{"1e99999999999999999999", "1e99999999999999999999", true},
		{"1e-99999999999999999999", "0", false},
		{"[1.0, {\"a\": -0}]", "[1, {\"a\": 0}]", true},
		{"[1.0, {\"a\": 1}]", "[1, {\"a\": 1e1}]", false},
		{"1", "\"1\"", false},
		{"1", "true", false},
	};
	for (size_t i = 0; i < array_size(rows); i++) {
		print_message("%s %s\n", rows[i].a, rows[i].b);
		bool equal = !rows[i].equal;
		assert_true(is_json(rows[i].a, strlen(rows[i].a)));
		assert_true(is_json(rows[i].b, strlen(rows[i].b)));
		assert_int_equal(json_equal(slice_of(rows[i].a), slice_of(rows[i].b), &equal), 0);
		assert_int_equal(equal, rows[i].equal);
		assert_int_equal(json_equal(slice_of(rows[i].b), slice_of(rows[i].a), &equal), 0);
		assert_int_equal(equal, rows[i].equal);
	}
}

static void test_equal__is_quick_with_many_properties(void **state)
{
	enum { COUNT = 100000 };
	auto_buf struct buf a = BUF_INIT(8 << 20), b = BUF_INIT(8 << 20);
	for (int i = 0; i < COUNT; i++) {
		assert_int_equal(buf_addf(&a, "%s\"%d\":%d", i ? "," : "{", i, i), 0);
		int j = COUNT - 1 - i;
		assert_int_equal(buf_addf(&b, "%s\"%d\":%d", i ? "," : "{", j, j), 0);
	}
	assert_int_equal(buf_add_char(&a, '}'), 0);
	assert_int_equal(buf_add_char(&b, '}'), 0);
	bool equal = false;
	assert_int_equal(json_equal((struct json_slice){a.data, a.len},
				 (struct json_slice){b.data, b.len}, &equal),
		0);
	assert_true(equal);
}

static void test_equal__reaches_the_greatest_depth(void **state)
{
	auto_buf struct buf a = BUF_INIT(1 << 20), b = BUF_INIT(1 << 20);
	for (int i = 0; i < JSON_MAX_DEPTH; i++) {
		assert_int_equal(buf_add_str(&a, i % 2 ? "[" : "{\"a\":"), 0);
		assert_int_equal(buf_add_str(&b, i % 2 ? " [" : " {\"a\":"), 0);
	}
	assert_int_equal(buf_add_char(&a, '1'), 0);
	assert_int_equal(buf_add_char(&b, '2'), 0);
	for (int i = JSON_MAX_DEPTH; i-- > 0;) {
		assert_int_equal(buf_add_char(&a, i % 2 ? ']' : '}'), 0);
		assert_int_equal(buf_add_char(&b, i % 2 ? ']' : '}'), 0);
	}
	assert_true(is_json(a.data, a.len));
	bool equal = true;
	assert_int_equal(json_equal((struct json_slice){a.data, a.len},
				 (struct json_slice){b.data, b.len}, &equal),
		0);
	assert_false(equal);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_walk__gives_properties_in_order),
		cmocka_unit_test(test_walk__gives_elements_without_keys),
		cmocka_unit_test(test_walk__finds_nothing_in_what_holds_nothing),
		cmocka_unit_test(test_key_is__compares_decoded),
		cmocka_unit_test(test_get__finds_the_first_property_of_a_name),
		cmocka_unit_test(test_get_brief__finds_what_get_finds),
		cmocka_unit_test(test_index__finds_each_of_many),
		cmocka_unit_test(test_decode__gives_utf8),
		cmocka_unit_test(test_show__keeps_the_escape_of_a_lone_surrogate),
		cmocka_unit_test(test_encode__quotes_any_bytes),
		cmocka_unit_test(test_equal__compares_values_not_spellings),
		cmocka_unit_test(test_equal__compares_numbers_as_exact_decimals),
		cmocka_unit_test(test_equal__is_quick_with_many_properties),
		cmocka_unit_test(test_equal__reaches_the_greatest_depth),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
