#include "record.h"
/* cmocka wants these before it */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

#define SLICE(text) ((struct json_slice){.data = (text), .len = strlen(text)})

static struct record *parse(const char *text)
{
	struct record *record;
	assert_int_equal(record_parse(text, strlen(text), &record), 0);
	return record;
}

static void test_parse__keeps_the_servers_bytes(void **state)
{
	static const char text[] = " {\"id\" : 4,\n\"fn\":\"Zo\\u00eb\",\"v\":4500.00} ";
	auto_record struct record *record = parse(text);
	assert_int_equal(record->len, strlen(text));
	assert_memory_equal(record_slice(record).data, text, strlen(text));
}

static void test_parse__wants_one_object(void **state)
{
	static const char *const texts[] = {"", " ", "[]", "4", "null", "\"x\"", "{", "{}{}",
		"{\"a\":01}", "{'a':1}", "{\"a\":\"\xff\"}"};
	for (size_t i = 0; i < array_size(texts); i++) {
		struct record *record = (struct record *)1;
		if (record_parse(texts[i], strlen(texts[i]), &record) != -EBADMSG)
			fail_msg("'%s'", texts[i]);
		assert_ptr_equal(record, (struct record *)1);
	}
}

/* Each level of nesting indents what is in it by two more. */
static void test_parse__refuses_what_makes_a_huge_file(void **state)
{
	enum { DEEP = 400, WIDE = 200000 };
	auto_buf struct buf text = BUF_INIT(RECORD_MAX_BYTES);
	struct record *record;
	int err = buf_add_str(&text, "{\"a\":");
	for (int i = 0; i < DEEP && err == 0; i++)
		err = buf_add_char(&text, '[');
	for (int i = 0; i < WIDE && err == 0; i++)
		err = buf_add_str(&text, i ? ",1" : "1");
	for (int i = 0; i < DEEP && err == 0; i++)
		err = buf_add_char(&text, ']');
	if (err == 0)
		err = buf_add_char(&text, '}');
	assert_int_equal(err, 0);
	assert_int_equal(record_parse(text.data, text.len, &record), -EFBIG);
}

static void test_render__is_as_long_as_the_file_says(void **state)
{
	static const struct {
		const char *text, *file;
	} rows[] = {
		{"{}", "{}\n"},
		{"{\"id\":4,\"fn\":\"Zo\\u00eb\"}", "{\n  \"id\": 4,\n  \"fn\": \"Zoë\"\n}\n"},
		{"{\"a\":[1,{}],\"s\":\"\\ud800\"}",
			"{\n  \"a\": [\n    1,\n    {}\n  ],\n  \"s\": \"\\ud800\"\n}\n"},
	};
	for (size_t i = 0; i < array_size(rows); i++) {
		auto_record struct record *record = parse(rows[i].text);
		auto_buf struct buf out = BUF_INIT(1000);
		assert_int_equal(buf_add_str(&out, "before"), 0);
		assert_int_equal(record_render(record, &out), 0);
		assert_int_equal(out.len, strlen("before") + record->file_size);
		assert_string_equal(out.data + strlen("before"), rows[i].file);
	}
}

static void test_render__stops_at_the_buffers_ceiling(void **state)
{
	auto_record struct record *record = parse("{\"id\":4}");
	auto_buf struct buf out = BUF_INIT(5);
	assert_int_equal(record_render(record, &out), -EFBIG);
	assert_int_equal(out.len, 0);
}

static void test_mtime__is_lm_else_ao(void **state)
{
	static const struct {
		const char *name, *text;
		int64_t sec;
		uint32_t nsec;
	} rows[] = {
		{"lm", "{\"lm\":\"2017-04-23T12:23:22Z\"}", 1492950202, 0},
		{"ao", "{\"ao\":\"2017-04-23T12:23:22Z\"}", 1492950202, 0},
		{"lm behind ao", "{\"ao\":\"2000-01-01\",\"lm\":\"2017-04-23T12:23:22Z\"}",
			1492950202, 0},
		{"lm before ao", "{\"lm\":\"2017-04-23T12:23:22Z\",\"ao\":\"2000-01-01\"}",
			1492950202, 0},
		{"fraction", "{\"lm\":\"2017-04-23T12:23:22.25Z\"}", 1492950202, 250000000},
		{"bad lm", "{\"lm\":\"soon\",\"ao\":\"2017-04-23T12:23:22Z\"}", 1492950202, 0},
		{"null lm", "{\"lm\":null,\"ao\":\"2017-04-23T12:23:22Z\"}", 1492950202, 0},
		{"bad lm behind ao", "{\"ao\":\"2017-04-23T12:23:22Z\",\"lm\":4}", 1492950202, 0},
		{"escaped name", "{\"l\\u006d\":\"2017-04-23T12:23:22Z\"}", 1492950202, 0},
		{"inside another", "{\"x\":{\"lm\":\"2017-04-23T12:23:22Z\"}}", RECORD_NO_TIME, 0},
		{"neither", "{}", RECORD_NO_TIME, 0},
		{"empty", "{\"lm\":\"\"}", RECORD_NO_TIME, 0},
		{"before 1970", "{\"lm\":\"1969-12-31T23:59:59Z\"}", -1, 0},
	};
	for (size_t i = 0; i < array_size(rows); i++) {
		auto_record struct record *record = parse(rows[i].text);
		if (record->mtime_sec != rows[i].sec || record->mtime_nsec != rows[i].nsec)
			fail_msg("%s: %lld", rows[i].name, (long long)record->mtime_sec);
	}
}

static void test_same__compares_bytes(void **state)
{
	auto_record struct record *a = parse("{\"id\":4}");
	auto_record struct record *equal = parse("{\"id\":4}");
	auto_record struct record *longer = parse("{\"id\":4 }");
	auto_record struct record *other = parse("{\"id\":5}");
	assert_true(record_same(a, a));
	assert_true(record_same(a, equal));
	assert_false(record_same(a, longer));
	assert_false(record_same(a, other));
	assert_false(record_same(a, NULL));
	assert_false(record_same(NULL, a));
	assert_true(record_same(NULL, NULL));
}

static void test_ref__keeps_it_alive(void **state)
{
	struct record *record = parse("{\"id\":4}");
	struct record *other = record_ref(record);
	assert_ptr_equal(other, record);
	record_unref(record);
	assert_int_equal(other->len, 8);
	record_unref(other);
	record_unref(NULL);
}

static void test_id__is_digits_or_a_string(void **state)
{
	char longest[200], too_long[200];
	snprintf(longest, sizeof longest, "{\"id\":\"%0128d\"}", 0);
	snprintf(too_long, sizeof too_long, "{\"id\":\"%0129d\"}", 0);
	const struct {
		const char *name, *text;
		size_t len; /* 0: none */
		const char *id;
	} rows[] = {
		{"number", "{\"fn\":1,\"id\": 42 }", 2, "42"},
		{"long number", "{\"id\":12345678901234567890123}", 23, "12345678901234567890123"},
		{"as written", "{\"id\":4.00}", 4, "4.00"},
		{"negative", "{\"id\":-1}", 2, "-1"},
		{"string", "{\"id\":\"f1001\"}", 5, "f1001"},
		{"decoded", "{\"id\":\"\\u00eb\\/\"}", 3, "ë/"},
		{"NUL", "{\"id\":\"a\\u0000b\"}", 3, "a\0b"},
		{"longest", longest, 128, longest + 7},
		{"too long", too_long, 0, NULL},
		{"absent", "{\"ID\":4}", 0, NULL},
		{"empty", "{\"id\":\"\"}", 0, NULL},
		{"null", "{\"id\":null}", 0, NULL},
		{"bool", "{\"id\":true}", 0, NULL},
		{"array", "{\"id\":[4]}", 0, NULL},
		{"surrogate", "{\"id\":\"\\udfff\"}", 0, NULL},
	};
	for (size_t i = 0; i < array_size(rows); i++) {
		auto_buf struct buf id = BUF_INIT(128);
		int err = record_id(SLICE(rows[i].text), &id);
		bool is_right = rows[i].len ? err == 0 && id.len == rows[i].len &&
						      memcmp(id.data, rows[i].id, id.len) == 0
					    : err == -ENOENT && id.len == 0;
		if (!is_right)
			fail_msg("%s: %d '%s'", rows[i].name, err, id.data);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_parse__keeps_the_servers_bytes),
		cmocka_unit_test(test_parse__wants_one_object),
		cmocka_unit_test(test_parse__refuses_what_makes_a_huge_file),
		cmocka_unit_test(test_render__is_as_long_as_the_file_says),
		cmocka_unit_test(test_render__stops_at_the_buffers_ceiling),
		cmocka_unit_test(test_mtime__is_lm_else_ao),
		cmocka_unit_test(test_same__compares_bytes),
		cmocka_unit_test(test_ref__keeps_it_alive),
		cmocka_unit_test(test_id__is_digits_or_a_string),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
