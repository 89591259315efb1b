#include "json_fixture.h"

#include "json_render.h"

/* Rendered into memory of exactly the promised size. */
static char *render(const char *text, size_t len, size_t *ret_size)
{
	struct json_facts facts;
	assert_int_equal(json_check(text, len, &facts, NULL), 0);
	auto_free char *copy = exact_copy(text, len);
	char *out = malloc(facts.rendered_size);
	assert_non_null(out);
	*ret_size = json_render(copy, len, out);
	assert_int_equal(*ret_size, facts.rendered_size);
	return out;
}

static const struct {
	const char *name, *text, *rendered, *compact;
} rows[] = {
	{"empty object", " { } ", "{}\n", "{}"},
	{"empty array", "[\n]", "[]\n", "[]"},
	{"a scalar", " 1 ", "1\n", "1"},
	{"properties", "{\"a\":1,\"b\":\"x\"}", "{\n  \"a\": 1,\n  \"b\": \"x\"\n}\n",
		"{\"a\":1,\"b\":\"x\"}"},
	{"nested", "{\"a\":[1,[],{}],\"b\":{\"c\":[[2]]}}",
		"{\n  \"a\": [\n    1,\n    [],\n    {}\n  ],\n  \"b\": {\n    \"c\": [\n      [\n"
		"        2\n      ]\n    ]\n  }\n}\n",
		"{\"a\":[1,[],{}],\"b\":{\"c\":[[2]]}}"},
	{"white space everywhere", "\t[\r\n1 ,\t{ \"a\" :null}\n] ",
		"[\n  1,\n  {\n    \"a\": null\n  }\n]\n", "[1,{\"a\":null}]"},
	{"digits as they are", "[12345678901234567890123,4500.00,1E+2,-0,0.1e-07]",
		"[\n  12345678901234567890123,\n  4500.00,\n  1E+2,\n  -0,\n  0.1e-07\n]\n",
		"[12345678901234567890123,4500.00,1E+2,-0,0.1e-07]"},
	{"words", "[true,false,null]", "[\n  true,\n  false,\n  null\n]\n", "[true,false,null]"},
	{"order and duplicates", "{\"b\":1,\"a\":2,\"b\":3}",
		"{\n  \"b\": 1,\n  \"a\": 2,\n  \"b\": 3\n}\n", "{\"b\":1,\"a\":2,\"b\":3}"},
	{"escapes decoded", "\"Zo\\u00EB \\u20ac \\u0041 \\ud83d\\ude00 \\/\"",
		"\"Zo\xc3\xab \xe2\x82\xac A \xf0\x9f\x98\x80 /\"\n",
		"\"Zo\xc3\xab \xe2\x82\xac A \xf0\x9f\x98\x80 /\""},
	{"UTF-8 as it is", "\"Zo\xc3\xab\xef\xbf\xbe\xe2\x80\xa8\"",
		"\"Zo\xc3\xab\xef\xbf\xbe\xe2\x80\xa8\"\n",
		"\"Zo\xc3\xab\xef\xbf\xbe\xe2\x80\xa8\""},
	{"escapes that JSON needs",
		"\"\\\"\\\\\\b\\f\\n\\r\\t\\u0022\\u005c\\u0008\\u000C\\u000a\\u000d\\u0009\"",
		"\"\\\"\\\\\\b\\f\\n\\r\\t\\\"\\\\\\b\\f\\n\\r\\t\"\n",
		"\"\\\"\\\\\\b\\f\\n\\r\\t\\\"\\\\\\b\\f\\n\\r\\t\""},
	{"control characters as jq has them", "\"\\u001F\\u0000\\u007F\x7f\"",
		"\"\\u001f\\u0000\\u007f\\u007f\"\n", "\"\\u001f\\u0000\\u007f\\u007f\""},
	{"lone surrogates as they were", "\"\\uD83D \\uDE00\\ud83d\\uD83d\\n\\ud83d\\u0041\"",
		"\"\\uD83D \\uDE00\\ud83d\\uD83d\\n\\ud83dA\"\n",
		"\"\\uD83D \\uDE00\\ud83d\\uD83d\\n\\ud83dA\""},
	{"a pair behind a lone one", "\"\\ud83d\\ud83d\\ude00\"", "\"\\ud83d\xf0\x9f\x98\x80\"\n",
		"\"\\ud83d\xf0\x9f\x98\x80\""},
	{"names like values", "{\"\\u00eb\\/\\u0001\":1}", "{\n  \"\xc3\xab/\\u0001\": 1\n}\n",
		"{\"\xc3\xab/\\u0001\":1}"},
	{"brackets in strings", "[\"[{\\\"\",\"]}:,\"]", "[\n  \"[{\\\"\",\n  \"]}:,\"\n]\n",
		"[\"[{\\\"\",\"]}:,\"]"},
};

static void test_render__lays_out_as_jq_does(void **state)
{
	for (size_t i = 0; i < array_size(rows); i++) {
		print_message("%s\n", rows[i].name);
		size_t size;
		auto_free char *out = render(rows[i].text, strlen(rows[i].text), &size);
		assert_int_equal(size, strlen(rows[i].rendered));
		assert_memory_equal(out, rows[i].rendered, size);
	}
}

static void test_render__changes_nothing_the_second_time(void **state)
{
	for (size_t i = 0; i < array_size(rows); i++) {
		size_t size;
		auto_free char *out = render(rows[i].rendered, strlen(rows[i].rendered), &size);
		assert_int_equal(size, strlen(rows[i].rendered));
		assert_memory_equal(out, rows[i].rendered, size);
	}
}

static void test_render__finds_specials_at_every_place_of_a_long_string(void **state)
{
	static const char *const specials[][2] = {{"\\u00eb", "\xc3\xab"}, {"\x7f", "\\u007f"},
		{"\\\"", "\\\""}, {"\xe2\x82\xac", "\xe2\x82\xac"}, {"\\ud800", "\\ud800"}};
	for (size_t i = 0; i < array_size(specials); i++) {
		for (int before = 0; before < 40; before++) {
			char text[128], expected[128];
			int fill = 40 - before;
			snprintf(text, sizeof(text), "\"%.*s%s%.*s\"", before,
				"abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrst", specials[i][0],
				fill, "ABCDEFGHIJKLMNOPQRSTUVWXYZABCDEFGHIJKLMNOPQRST");
			snprintf(expected, sizeof(expected), "\"%.*s%s%.*s\"\n", before,
				"abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrst", specials[i][1],
				fill, "ABCDEFGHIJKLMNOPQRSTUVWXYZABCDEFGHIJKLMNOPQRST");
			size_t size;
			auto_free char *out = render(text, strlen(text), &size);
			assert_int_equal(size, strlen(expected));
			assert_memory_equal(out, expected, size);
		}
	}
}

static void test_render__indents_sixty_levels(void **state)
{
	auto_buf struct buf text = BUF_INIT(1 << 20);
	for (int i = 0; i < 60; i++)
		assert_int_equal(buf_add_str(&text, "{\"a\":["), 0);
	for (int i = 0; i < 60; i++)
		assert_int_equal(buf_add_str(&text, "]}"), 0);
	size_t size;
	auto_free char *out = render(text.data, text.len, &size);

	auto_buf struct buf back = BUF_INIT(1 << 20);
	assert_int_equal(json_compact(out, size, &back), 0);
	assert_int_equal(back.len, text.len);
	assert_memory_equal(back.data, text.data, text.len);
}

static void test_compact__takes_white_space_away(void **state)
{
	for (size_t i = 0; i < array_size(rows); i++) {
		print_message("%s\n", rows[i].name);
		size_t len = strlen(rows[i].text);
		auto_free char *text = exact_copy(rows[i].text, len);
		auto_buf struct buf out = BUF_INIT(1 << 20);
		assert_int_equal(buf_add_str(&out, "x"), 0);
		assert_int_equal(json_compact(text, len, &out), 0);
		assert_string_equal(out.data + 1, rows[i].compact);
	}
}

static void test_compact__adds_all_or_nothing(void **state)
{
	static const char text[] = "[\"\\u00eb\", 1]"; /* eight bytes when compact */
	for (size_t max = 0; max <= 10; max++) {
		auto_buf struct buf out = BUF_INIT(max);
		int err = max >= 2 ? buf_add_str(&out, "ab") : 0;
		assert_int_equal(err, 0);
		size_t before = out.len;
		bool fits = max - before >= 8;
		assert_int_equal(json_compact(text, sizeof(text) - 1, &out), fits ? 0 : -EFBIG);
		assert_int_equal(out.len, fits ? before + 8 : before);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_render__lays_out_as_jq_does),
		cmocka_unit_test(test_render__changes_nothing_the_second_time),
		cmocka_unit_test(test_render__finds_specials_at_every_place_of_a_long_string),
		cmocka_unit_test(test_render__indents_sixty_levels),
		cmocka_unit_test(test_compact__takes_white_space_away),
		cmocka_unit_test(test_compact__adds_all_or_nothing),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
