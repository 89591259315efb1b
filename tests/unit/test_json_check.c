#include "json_fixture.h"

/* The string's length without its last NUL, so that a row can hold NUL bytes. */
#define TEXT(literal) literal, sizeof(literal) - 1

static void test_check__takes_what_rfc_8259_allows(void **state)
{
	static const struct {
		const char *name, *text;
		size_t len;
		char first;
	} rows[] = {
		{"object", TEXT("{}"), '{'},
		{"array", TEXT("[]"), '['},
		{"white space around", TEXT(" \t\r\n{ \"a\" : [ 1 , 2 ] } \n"), '{'},
		{"string", TEXT("\"a\""), '"'},
		{"empty string", TEXT("\"\""), '"'},
		{"zero", TEXT("0"), '0'},
		{"minus zero", TEXT("-0"), '0'},
		{"number and a newline", TEXT("12\n"), '0'},
		{"fraction", TEXT("-1.50"), '0'},
		{"power", TEXT("1E+2"), '0'},
		{"power without a sign", TEXT("0e00"), '0'},
		{"many digits", TEXT("12345678901234567890123"), '0'},
		{"true", TEXT("true"), 't'},
		{"false", TEXT("false"), 'f'},
		{"null", TEXT("null"), 'n'},
		{"every escape", TEXT("\"\\\"\\\\\\/\\b\\f\\n\\r\\t\\u00Eb\""), '"'},
		{"surrogate pair", TEXT("\"\\ud83d\\ude00\""), '"'},
		{"lone high surrogate", TEXT("\"\\ud83d\""), '"'},
		{"lone low surrogate", TEXT("\"\\ude00\\ud83d\""), '"'},
		{"high surrogate before another escape", TEXT("\"\\ud83d\\n\\ud83d\\u0041\""), '"'},
		{"escaped NUL", TEXT("\"\\u0000\""), '"'},
		{"DEL", TEXT("\"\x7f\""), '"'},
		{"UTF-8 at its limits",
			TEXT("\"\xc2\x80\xdf\xbf\xe0\xa0\x80\xed\x9f\xbf\xee\x80\x80\xef\xbf\xbf"
			     "\xf0\x90\x80\x80\xf4\x8f\xbf\xbf\""),
			'"'},
		{"the same name twice", TEXT("{\"a\": 1, \"a\": 2}"), '{'},
		{"an empty name", TEXT("{\"\": 1}"), '{'},
	};
	for (size_t i = 0; i < array_size(rows); i++) {
		print_message("%s\n", rows[i].name);
		auto_free char *text = exact_copy(rows[i].text, rows[i].len);
		struct json_facts facts;
		assert_int_equal(json_check(text, rows[i].len, &facts, NULL), 0);
		assert_int_equal(facts.first, rows[i].first);
	}
}

static void test_check__says_what_is_wrong_and_where(void **state)
{
	static const struct {
		const char *text;
		size_t len, offset;
		const char *what;
	} rows[] = {
		{TEXT(""), 0, "there is no text"},
		{TEXT(" \n"), 2, "there is no text"},
		{TEXT("{\"a\": 1"), 7, "the text ends too early"},
		{TEXT("{\"a\": 1 \"b\": 2}"), 8, "a comma or } is missing"},
		{TEXT("{\"a\": 1]"), 7, "a comma or } is missing"},
		{TEXT("[1 2]"), 3, "a comma or ] is missing"},
		{TEXT("[1}"), 2, "a comma or ] is missing"},
		{TEXT("[1,]"), 3, "a comma stands in front of ]"},
		{TEXT("{\"a\": 1,}"), 8, "a comma stands in front of }"},
		{TEXT("{\"a\" 1}"), 5, "a colon is missing"},
		{TEXT("{\"a\"}"), 4, "a colon is missing"},
		{TEXT("{\"a\":}"), 5, "a value is missing"},
		{TEXT("[,1]"), 1, "a value is missing"},
		{TEXT("{a: 1}"), 1, "a property name needs double quotes"},
		{TEXT("{'a': 1}"), 1, "a property name needs double quotes"},
		{TEXT("{1: 1}"), 1, "a property name is missing"},
		{TEXT("{,}"), 1, "a property name is missing"},
		{TEXT("['a']"), 1, "a string needs double quotes"},
		{TEXT("[a]"), 1, "a string needs double quotes"},
		{TEXT("[NaN]"), 1, "NaN is not JSON"},
		{TEXT("[nan]"), 1, "a string needs double quotes"},
		{TEXT("[Infinity]"), 1, "Infinity is not JSON"},
		{TEXT("[-Infinity]"), 2, "Infinity is not JSON"},
		{TEXT("[True]"), 1, "true is written in small letters"},
		{TEXT("[None]"), 1, "None is not JSON, null is"},
		{TEXT("[1] // ok"), 4, "text after the end of the list"},
		{TEXT("[1, // ok\n2]"), 4, "JSON has no comments"},
		{TEXT("{} {}"), 3, "text after the end of the object"},
		{TEXT("{}\0"), 2, "text after the end of the object"},
		{TEXT("null null"), 5, "text after the end of the value"},
		{TEXT("[01]"), 2, "this is not how JSON writes a number"},
		{TEXT("[1.]"), 3, "this is not how JSON writes a number"},
		{TEXT("[1.e2]"), 3, "this is not how JSON writes a number"},
		{TEXT("[1e]"), 3, "this is not how JSON writes a number"},
		{TEXT("[1e+]"), 4, "this is not how JSON writes a number"},
		{TEXT("[-]"), 2, "this is not how JSON writes a number"},
		{TEXT("[1.2.3]"), 4, "this is not how JSON writes a number"},
		{TEXT("[0x10]"), 2, "this is not how JSON writes a number"},
		{TEXT("[+1]"), 1, "a number starts with a digit or a minus"},
		{TEXT("[.5]"), 1, "a number starts with a digit or a minus"},
		{TEXT("[\"a\nb\"]"), 3,
			"a string's last quote is missing, or its line break is not written as "
			"\\n"},
		{TEXT("[\"a\tb\"]"), 3, "a control character in a string is not escaped"},
		{TEXT("[\"a\0\"]"), 3, "a control character in a string is not escaped"},
		{TEXT("[\"\\x41\"]"), 2, "an escape that JSON does not have"},
		{TEXT("[\"\\u00g0\"]"), 2, "an escape that JSON does not have"},
		{TEXT("[\"\\ud83d\\u00g0\"]"), 8, "an escape that JSON does not have"},
		{TEXT("[\"\x80\"]"), 2, "this is not UTF-8"},
		{TEXT("[\"\xc1\xbf\"]"), 2, "this is not UTF-8"},
		{TEXT("[\"\xe0\x9f\xbf\"]"), 2, "this is not UTF-8"},
		{TEXT("[\"\xed\xa0\x80\"]"), 2, "this is not UTF-8"},
		{TEXT("[\"\xf0\x8f\xbf\xbf\"]"), 2, "this is not UTF-8"},
		{TEXT("[\"\xf4\x90\x80\x80\"]"), 2, "this is not UTF-8"},
		{TEXT("[\"\xe2\x82\"]"), 2, "this is not UTF-8"},
		{TEXT("\xef\xbb\xbf{}"), 0, "a byte order mark stands in front"},
		{TEXT("\xc2\xa0{}"), 0, "this is not a value"},
	};
	for (size_t i = 0; i < array_size(rows); i++) {
		print_message("%s\n", rows[i].text);
		auto_free char *text = exact_copy(rows[i].text, rows[i].len);
		struct json_problem problem;
		assert_int_equal(json_check(text, rows[i].len, NULL, &problem), -EBADMSG);
		assert_string_equal(problem.what, rows[i].what);
		assert_int_equal(problem.offset, rows[i].offset);
	}
}

static void test_check__counts_lines_and_characters(void **state)
{
	static const char text[] = "{\n  \"n\": \"Zo\xc3\xab \xf0\x9f\x98\x80\" 1\n}";
	struct json_problem problem;
	assert_int_equal(json_check(text, sizeof(text) - 1, NULL, &problem), -EBADMSG);
	assert_int_equal(problem.line, 2);
	assert_int_equal(problem.column, 16);
}

static void test_check__bounds_the_depth(void **state)
{
	static const struct {
		const char *name, *open, *close;
	} rows[] = {{"arrays", "[", "]"}, {"objects", "{\"a\":", "}"}};
	for (size_t i = 0; i < array_size(rows); i++) {
		auto_buf struct buf text = BUF_INIT(1 << 20);
		for (unsigned depth = 1; depth <= JSON_MAX_DEPTH + 1; depth++) {
			buf_clear(&text);
			for (unsigned n = 0; n < depth; n++)
				assert_int_equal(buf_add_str(&text, rows[i].open), 0);
			assert_int_equal(buf_add_char(&text, '0'), 0);
			for (unsigned n = 0; n < depth; n++)
				assert_int_equal(buf_add_str(&text, rows[i].close), 0);
			assert_int_equal(is_json(text.data, text.len), depth <= JSON_MAX_DEPTH);
		}
	}
}

static void test_check__survives_half_a_million_brackets(void **state)
{
	enum { LEN = 500000 };
	auto_free char *text = malloc(LEN);
	assert_non_null(text);
	memset(text, '[', LEN);
	struct json_problem problem;
	assert_int_equal(json_check(text, LEN, NULL, &problem), -EBADMSG);
	assert_string_equal(problem.what, "more than 512 objects and lists in each other");
	assert_int_equal(problem.offset, JSON_MAX_DEPTH);
}

static void test_check_user__refuses_what_a_record_cannot_be(void **state)
{
	static const struct {
		const char *text;
		size_t len, offset;
		const char *what;
	} rows[] = {
		{TEXT("[]"), 0, "the text is not an object, it has to start with {"},
		{TEXT(" 1"), 1, "the text is not an object, it has to start with {"},
		{TEXT("[1"), 0, "the text is not an object, it has to start with {"},
		{TEXT("x"), 0, "the text is not an object, it has to start with {"},
		{TEXT("\xef\xbb\xbf{}"), 0, "a byte order mark stands in front"},
		{TEXT("{\"a\": 1}}"), 8, "text after the end of the object"},
		{TEXT("{\"a\": 1, \"a\": 1}"), 9, "a property name appears twice"},
		{TEXT("{\"a\": 1, \"a\""), 9, "a property name appears twice"},
		{TEXT("{\"a\": 1, \"b\": 1, \"\\u0061\""), 17, "a property name appears twice"},
		{TEXT("{\"\\ud83d\\ude00\": 1, \"\xf0\x9f\x98\x80\": 1}"), 20,
			"a property name appears twice"},
		{TEXT("{\"\\uD800\": 1, \"\\ud800\": 1}"), 14, "a property name appears twice"},
		{TEXT("{\"\": 1, \"\": 1}"), 8, "a property name appears twice"},
		{TEXT("{\"a\": [{\"b\": {\"c\": 1, \"d\": 2, \"c\": 1}}]}"), 30,
			"a property name appears twice"},
		{TEXT("{\"a\": {\"a\": {}}, \"b\": {\"z\": 1, \"z\": 1}, \"a\": 1}"), 31,
			"a property name appears twice"},
		{TEXT("{\"a\": 1, \"a\": 1, }"), 17, "a comma stands in front of }"},
		{TEXT("{\"a\": 1,, \"b"), 8, "a property name is missing"},
		{TEXT("{\"a\": tr "), 6, "a string needs double quotes"},
		{TEXT("{\"a\": \"\xe2\x28"), 7, "this is not UTF-8"},
		{TEXT("{\"a\": \"\\ud83d\\u00x"), 13, "an escape that JSON does not have"},
	};
	for (size_t i = 0; i < array_size(rows); i++) {
		print_message("%s\n", rows[i].text);
		auto_free char *text = exact_copy(rows[i].text, rows[i].len);
		struct json_problem problem;
		bool incomplete = true;
		assert_int_equal(
			json_check_user(text, rows[i].len, &problem, &incomplete), -EBADMSG);
		assert_string_equal(problem.what, rows[i].what);
		assert_int_equal(problem.offset, rows[i].offset);
		assert_false(incomplete);
	}
}

static void test_check_user__takes_names_that_only_look_alike(void **state)
{
	static const char *const rows[] = {
		"{}",
		"{\"a\": {\"a\": [{\"a\": 1}, {\"a\": 1}]}, \"b\": {\"a\": \"a\"}}",
		"{\"a\": \"b\", \"b\": [\"a\", \"a\"], \"A\": 1}",
		"{\"\\ud800\": 1, \"\\udc00\": 1, \"\xef\xbf\xbd\": 1}",
		"{\"a\": 1, \"a\\u0000\": 1}",
	};
	for (size_t i = 0; i < array_size(rows); i++)
		assert_int_equal(json_check_user(rows[i], strlen(rows[i]), NULL, NULL), 0);
}

/* Wherever a program stopped in its write, the next write may go on. */
static void test_check_user__knows_every_beginning_as_incomplete(void **state)
{
	static const char text[] =
		" {\"s\": \"\\\"\\u00eb\\ud83d\\ude00\xc3\xab\xe2\x82\xac\xf0\x9f\x98\x80\",\n"
		"\"n\": [-10.25e+3, 0, 1E5], \"w\": {\"t\": true, \"f\": false}, \"\": null}";
	for (size_t len = 0; len < sizeof(text) - 1; len++) {
		auto_free char *beginning = exact_copy(text, len);
		struct json_problem problem;
		bool incomplete = false;
		assert_int_equal(json_check_user(beginning, len, &problem, &incomplete), -EBADMSG);
		assert_true(incomplete);
		assert_int_equal(problem.offset, len);
	}
	assert_int_equal(json_check_user(text, sizeof(text) - 1, NULL, NULL), 0);
}

/* A long text is written in pieces, whose ends know nothing of characters. */
static void test_check_user__takes_half_a_character_at_the_end_for_a_beginning(void **state)
{
	static const char *const characters[] = {"\xc3\xbc", "\xe0\xa0\x80", "\xe2\x82\xac",
		"\xed\x9f\xbf", "\xf0\x90\x80\x80", "\xf4\x8f\xbf\xbf"};
	static const char *const fronts[] = {"{\"", "{\"a\": \"", "{\"a\": [{\"b\": \"\\n"};
	for (size_t i = 0; i < array_size(characters) * array_size(fronts); i++) {
		const char *front = fronts[i % array_size(fronts)];
		auto_buf struct buf text = BUF_INIT(1000);
		assert_int_equal(buf_add_str(&text, front), 0);
		/* Odd lengths, so that each boundary of a wide step falls into a character. */
		for (size_t n = 0; n < 40; n++)
			assert_int_equal(buf_addf(&text, "%s%s", n % 7 ? "" : "x",
						 characters[i / array_size(fronts)]),
				0);
		for (size_t len = strlen(front); len < text.len; len++) {
			auto_free char *beginning = exact_copy(text.data, len);
			bool incomplete = false;
			assert_int_equal(
				json_check_user(beginning, len, NULL, &incomplete), -EBADMSG);
			assert_true(incomplete);
		}
	}
}

static void test_check_user__is_quick_with_many_names(void **state)
{
	auto_buf struct buf text = BUF_INIT(16 << 20);
	for (int i = 0; i < 200000; i++)
		assert_int_equal(buf_addf(&text, "%s\"%d\":%d", i ? "," : "{", i, i), 0);
	assert_int_equal(buf_add_str(&text, ",\"77\":0}"), 0);
	struct json_problem problem;
	assert_int_equal(json_check_user(text.data, text.len, &problem, NULL), -EBADMSG);
	assert_int_equal(problem.offset, text.len - 7);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_check__takes_what_rfc_8259_allows),
		cmocka_unit_test(test_check__says_what_is_wrong_and_where),
		cmocka_unit_test(test_check__counts_lines_and_characters),
		cmocka_unit_test(test_check__bounds_the_depth),
		cmocka_unit_test(test_check__survives_half_a_million_brackets),
		cmocka_unit_test(test_check_user__refuses_what_a_record_cannot_be),
		cmocka_unit_test(test_check_user__takes_names_that_only_look_alike),
		cmocka_unit_test(test_check_user__knows_every_beginning_as_incomplete),
		cmocka_unit_test(
			test_check_user__takes_half_a_character_at_the_end_for_a_beginning),
		cmocka_unit_test(test_check_user__is_quick_with_many_names),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
