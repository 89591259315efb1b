#include "json_fixture.h"

#include "json_split.h"

#define MAX_ELEMENT ((size_t)1 << 20)

/* Adds the element and a bar; of one that is too long the bar alone. */
static int note_element(void *arg, const char *text, size_t len, const struct json_facts *facts)
{
	struct buf *elements = arg;
	struct json_facts found;
	if (!text)
		return buf_add_char(elements, '|');
	assert_int_equal(json_check(text, len, &found, NULL), 0);
	assert_int_equal(found.rendered_size, facts->rendered_size);
	assert_int_equal(found.first, facts->first);
	assert_false(text[0] == ' ' || text[len - 1] == ' ');
	int err = buf_add(elements, text, len);
	return err < 0 ? err : buf_add_char(elements, '|');
}

/* Feeds copies of exactly the piece's size, which are gone at once. */
static int feed_in_pieces(
	struct json_split *split, const char *answer, size_t len, size_t piece_bytes)
{
	int err = 0;
	for (size_t at = 0; err == 0 && at < len; at += piece_bytes) {
		size_t here = min_size(piece_bytes, len - at);
		auto_free char *piece = exact_copy(answer + at, here);
		err = json_split_feed(split, piece, here);
	}
	int finish = json_split_finish(split);
	return err < 0 ? err : finish;
}

static void cleanup_split(struct json_split **split)
{
	json_split_destroy(*split);
}
#define auto_split cleanup(cleanup_split)

#define OK "{\"status\": \"OK\", \"content\": "

static const struct {
	const char *name, *answer;
	int err;
	struct json_envelope envelope;
	const char *elements;
} rows[] = {
	{"a listing", OK "[{\"id\": 1}, {\"id\": 2}]}", 0,
		{.is_object = true, .has_content = true, .elements = 2, .status = "OK"},
		"{\"id\": 1}|{\"id\": 2}|"},
	{"no records", OK "[ ]}", 0, {.is_object = true, .has_content = true, .status = "OK"}, ""},
	{"white space everywhere",
		"\r\n\t { \"content\" : [ 1 , [ 2 ] ,\n{ } ] , \"status\" : \"OK\" } \n", 0,
		{.is_object = true, .has_content = true, .elements = 3, .status = "OK"},
		"1|[ 2 ]|{ }|"},
	{"elements of every kind", OK "[0,-1.5e3,\"a\\\"]\",true,false,null,[],{}]}", 0,
		{.is_object = true, .has_content = true, .elements = 8, .status = "OK"},
		"0|-1.5e3|\"a\\\"]\"|true|false|null|[]|{}|"},
	{"escapes and UTF-8", OK "[\"\\u00eb\\ud83d\\ude00\xc3\xab\xf0\x9f\x98\x80\\ud83d\"]}", 0,
		{.is_object = true, .has_content = true, .elements = 1, .status = "OK"},
		"\"\\u00eb\\ud83d\\ude00\xc3\xab\xf0\x9f\x98\x80\\ud83d\"|"},
	{"a byte order mark", "\xef\xbb\xbf" OK "[1]}", 0,
		{.is_object = true, .has_content = true, .elements = 1, .status = "OK"}, "1|"},
	{"an error", "{\"status\": \"ERROR\", \"error\": \"caf\\u00e9 is\\nclosed\"}", 0,
		{.is_object = true, .status = "ERROR", .error = "caf\xc3\xa9 is closed"}, ""},
	{"an error that is an object", "{\"error\": {\"code\": 7}, \"status\": 500}", 0,
		{.is_object = true, .status = "500", .error = "{\"code\": 7}"}, ""},
	{"an error that is null", "{\"error\": null, \"status\": null}", 0, {.is_object = true},
		""},
	{"a lone surrogate in an error", "{\"error\": \"a\\ud800\"}", 0,
		{.is_object = true, .error = "a\\ud800"}, ""},
	{"a status too long to keep", "{\"status\": \"ABCDEFGHIJKLMNOPQRSTUVWXYZ\"}", 0,
		{.is_object = true, .status = "ABCDEFGHIJKLMNO"}, ""},
	{"an empty envelope", "{}", 0, {.is_object = true}, ""},
	{"names spelt with escapes", "{\"\\u0063ontent\": [1], \"stat\\u0075s\": \"OK\"}", 0,
		{.is_object = true, .has_content = true, .elements = 1, .status = "OK"}, "1|"},
	{"unknown properties",
		"{\"a\": {\"content\": [9]}, \"b\": [[]], \"content\": [1], \"c\": 1}", 0,
		{.is_object = true, .has_content = true, .elements = 1}, "1|"},
	{"content null", OK "null}", 0, {.is_object = true, .content_is_odd = true, .status = "OK"},
		""},
	{"content an object", OK "{\"id\": 1}}", 0,
		{.is_object = true, .content_is_odd = true, .status = "OK"}, ""},

	{"nothing", "", -EBADMSG, {0}, ""},
	{"white space", " \n", -EBADMSG, {0}, ""},
	{"HTML", "<html></html>", -EBADMSG, {0}, ""},
	{"an array", "[{\"id\": 1}]", -EBADMSG, {0}, ""},
	{"half a byte order mark", "\xef\xbb{}", -EBADMSG, {0}, ""},
	{"two byte order marks", "\xef\xbb\xbf\xef\xbb\xbf{}", -EBADMSG, {0}, ""},
	{"a byte order mark behind white space", " \xef\xbb\xbf{}", -EBADMSG, {0}, ""},
	{"cut behind content", OK "[1]", -EBADMSG,
		{.is_object = true, .has_content = true, .elements = 1, .status = "OK"}, "1|"},
	{"cut in an element", OK "[1, {\"id\": 2", -EBADMSG,
		{.is_object = true, .has_content = true, .elements = 1, .status = "OK"}, "1|"},
	{"cut in a number", OK "[1, 2", -EBADMSG,
		{.is_object = true, .has_content = true, .elements = 1, .status = "OK"}, "1|"},
	{"content twice", "{\"content\": [1], \"content\": [2]}", -EBADMSG,
		{.is_object = true, .has_content = true, .elements = 1}, "1|"},
	{"content twice, once null", "{\"content\": null, \"c\\u006fntent\": []}", -EBADMSG,
		{.is_object = true, .content_is_odd = true}, ""},
	{"junk behind the envelope", OK "[]} x", -EBADMSG,
		{.is_object = true, .has_content = true, .status = "OK"}, ""},
	{"two envelopes", "{}{}", -EBADMSG, {.is_object = true}, ""},
	{"a comma too many in content", OK "[1,]}", -EBADMSG,
		{.is_object = true, .has_content = true, .elements = 1, .status = "OK"}, "1|"},
	{"a comma missing in content", OK "[1 2]}", -EBADMSG,
		{.is_object = true, .has_content = true, .elements = 1, .status = "OK"}, "1|"},
	{"content closed wrongly", OK "[1}}", -EBADMSG,
		{.is_object = true, .has_content = true, .elements = 1, .status = "OK"}, "1|"},
	{"a comma too many in the envelope", OK "[],}", -EBADMSG,
		{.is_object = true, .has_content = true, .status = "OK"}, ""},
	{"a name without quotes", "{content: []}", -EBADMSG, {.is_object = true}, ""},
	{"a colon missing", "{\"content\" []}", -EBADMSG, {.is_object = true}, ""},
	{"an element that is no JSON", OK "[{\"a\": 01}]}", -EBADMSG,
		{.is_object = true, .has_content = true, .status = "OK"}, ""},
	{"an element that is no UTF-8", OK "[\"\xff\"]}", -EBADMSG,
		{.is_object = true, .has_content = true, .status = "OK"}, ""},
};

static void assert_row(size_t i, size_t piece_bytes)
{
	auto_buf struct buf elements = BUF_INIT(1 << 20);
	auto_split struct json_split *split =
		json_split_create(MAX_ELEMENT, note_element, &elements);
	assert_non_null(split);
	int err = feed_in_pieces(split, rows[i].answer, strlen(rows[i].answer), piece_bytes);
	const struct json_envelope *envelope = json_split_envelope(split);
	assert_int_equal(err, rows[i].err);
	assert_int_equal(envelope->is_object, rows[i].envelope.is_object);
	assert_int_equal(envelope->has_content, rows[i].envelope.has_content);
	assert_int_equal(envelope->content_is_odd, rows[i].envelope.content_is_odd);
	assert_int_equal(envelope->elements, rows[i].envelope.elements);
	assert_string_equal(envelope->status, rows[i].envelope.status);
	assert_string_equal(envelope->error, rows[i].envelope.error);
	assert_string_equal(elements.data, rows[i].elements);
}

static void test_split__takes_answers_apart_in_pieces_of_any_size(void **state)
{
	for (size_t i = 0; i < array_size(rows); i++) {
		print_message("%s\n", rows[i].name);
		for (size_t piece = 1; piece <= strlen(rows[i].answer) + 1; piece++)
			assert_row(i, piece);
	}
}

static void test_split__starts_anew_after_reset(void **state)
{
	auto_buf struct buf elements = BUF_INIT(1 << 20);
	auto_split struct json_split *split =
		json_split_create(MAX_ELEMENT, note_element, &elements);
	for (size_t i = 0; i < array_size(rows); i++) {
		print_message("%s\n", rows[i].name);
		size_t len = strlen(rows[i].answer);
		assert_int_equal(feed_in_pieces(split, rows[i].answer, len, 3), rows[i].err);
		assert_string_equal(elements.data, rows[i].elements);
		json_split_reset(split);
		assert_int_equal(json_split_envelope(split)->elements, 0);
		buf_clear(&elements);
	}
}

struct borrowed {
	const char *start, *end;
	size_t count;
};

static int expect_borrowed(void *arg, const char *text, size_t len, const struct json_facts *facts)
{
	struct borrowed *piece = arg;
	piece->count += text >= piece->start && text + len <= piece->end;
	return 0;
}

static void test_split__copies_only_elements_that_span_pieces(void **state)
{
	static const char answer[] = "{\"content\":[{\"a\":1},{\"b\":2},{\"c\":3}]}";
	size_t half = strlen("{\"content\":[{\"a\":1},{\"b\"");
	struct borrowed piece = {answer, answer + sizeof(answer), 0};
	auto_split struct json_split *split =
		json_split_create(MAX_ELEMENT, expect_borrowed, &piece);
	assert_int_equal(json_split_feed(split, answer, half), 0);
	assert_int_equal(json_split_feed(split, answer + half, sizeof(answer) - 1 - half), 0);
	assert_int_equal(json_split_finish(split), 0);
	assert_int_equal(piece.count, 2);
}

/* An answer whose one string, of len bytes with its quotes, is an element or a property. */
static void write_long_answer(struct buf *out, const char *front, size_t len, const char *behind)
{
	assert_int_equal(buf_add_str(out, front), 0);
	size_t quote = out->len;
	assert_int_equal(buf_resize(out, quote + len), 0);
	memset(out->data + quote, 'x', len);
	out->data[quote] = out->data[quote + len - 1] = '"';
	assert_int_equal(buf_add_str(out, behind), 0);
}

static void test_split__bounds_elements_and_properties(void **state)
{
	static const struct {
		const char *name, *front, *behind;
		size_t len;
		int err;
	} sizes[] = {
		{"the longest element", "{\"content\":[", "]}", 100000, 0},
		{"the longest property", "{\"a\":", "}", 65536, 0},
		{"a property too long", "{\"a\":", "}", 65537, -EFBIG},
		{"the longest name", "{", ":1}", 65536, 0},
		{"a name too long", "{", ":1}", 65537, -EFBIG},
		{"the longest error", "{\"error\":", "}", 65536, 0},
	};
	static const size_t pieces[] = {1 << 20, 16384, 4096, 1000, 1};
	for (size_t i = 0; i < array_size(sizes) * array_size(pieces); i++) {
		size_t row = i / array_size(pieces), piece = pieces[i % array_size(pieces)];
		print_message("%s, pieces of %zu\n", sizes[row].name, piece);
		auto_buf struct buf answer = BUF_INIT(1 << 20), elements = BUF_INIT(1 << 20);
		write_long_answer(&answer, sizes[row].front, sizes[row].len, sizes[row].behind);
		auto_split struct json_split *split =
			json_split_create(100000, note_element, &elements);
		assert_int_equal(
			feed_in_pieces(split, answer.data, answer.len, piece), sizes[row].err);
	}
}

/* Around the values; what stands within an element is bounded with it. */
static void test_split__bounds_white_space(void **state)
{
	static const char *const around[][2] = {
		{"", "{\"content\":[1]}"},
		{"{", "\"content\":[1]}"},
		{"{\"content\":", "[1]}"},
		{"{\"content\":[", "1]}"},
		{"{\"content\":[1", "]}"},
		{"{\"content\":[1]}", ""},
	};
	static const struct {
		size_t spaces;
		int err;
	} amounts[] = {{65536, 0}, {65537, -EBADMSG}};
	for (size_t i = 0; i < 2 * array_size(around); i++) {
		auto_buf struct buf answer = BUF_INIT(1 << 20), elements = BUF_INIT(1 << 20);
		auto_split struct json_split *split =
			json_split_create(100000, note_element, &elements);
		assert_int_equal(buf_add_str(&answer, around[i / 2][0]), 0);
		for (size_t j = 0; j < amounts[i % 2].spaces; j++)
			assert_int_equal(buf_add_char(&answer, " \n"[j % 2]), 0);
		assert_int_equal(buf_add_str(&answer, around[i / 2][1]), 0);
		for (size_t piece = 1; piece < 200000; piece *= 10) {
			json_split_reset(split);
			int err = feed_in_pieces(split, answer.data, answer.len, piece);
			if (err != amounts[i % 2].err)
				fail_msg("behind '%s', pieces of %zu: %d", around[i / 2][0], piece,
					err);
		}
	}
}

static void test_split__bounds_numbers_too(void **state)
{
	for (size_t piece = 1; piece < 32; piece++) {
		auto_buf struct buf elements = BUF_INIT(1 << 20);
		auto_split struct json_split *split = json_split_create(8, note_element, &elements);
		static const char fits[] = "{\"content\":[12345678,1]}";
		static const char too_long[] = "{\"content\":[123456789,2,1234567890]}";
		assert_int_equal(feed_in_pieces(split, fits, strlen(fits), piece), 0);
		json_split_reset(split);
		assert_string_equal(elements.data, "12345678|1|");
		buf_clear(&elements);
		assert_int_equal(feed_in_pieces(split, too_long, strlen(too_long), piece), 0);
		assert_string_equal(elements.data, "|2||");
	}
}

/* It is read to its end, so that what stands behind it counts. */
static void test_split__leaves_out_elements_that_are_too_long(void **state)
{
	static const struct {
		const char *name, *answer;
		int err;
		const char *elements;
	} sizes[] = {
		{"in the midst", OK "[1, {\"a\": \"12345678901234567890\"}, [2]]}", 0, "1||[2]|"},
		{"first and last", OK "[[1,2,3,4,5,6,7,8,9], 1, [1,2,3,4,5,6,7,8,9]]}", 0, "|1||"},
		{"characters and escapes that a piece cuts",
			OK "[\"\xc3\xbc\xf0\x9f\x98\x80\\ud83d\\ude00\\u00fc\\n\\\"\\ud83d\", 2]}",
			0, "|2|"},
		{"words that a piece cuts", OK "[[true,false,null,true,false], 2]}", 0, "|2|"},
		{"a long number", OK "[-12345678901234567890.5e+10 , 2]}", 0, "|2|"},
		{"brackets within strings", OK "[{\"]\": \"}]\", \"}\": \"]\"}, 2]}", 0, "|2|"},
		{"no JSON in it", OK "[{\"a\": \"1234567890\", oops}, 2]}", -EBADMSG, ""},
		{"no UTF-8 in it", OK "[\"123456789012\xff\", 2]}", -EBADMSG, ""},
		{"its end is missing", OK "[{\"a\": \"12345678901234567890\"", -EBADMSG, ""},
	};
	for (size_t i = 0; i < array_size(sizes); i++) {
		print_message("%s\n", sizes[i].name);
		size_t len = strlen(sizes[i].answer);
		for (size_t piece = 1; piece <= len; piece++) {
			auto_buf struct buf elements = BUF_INIT(1 << 20);
			auto_split struct json_split *split =
				json_split_create(10, note_element, &elements);
			assert_int_equal(
				feed_in_pieces(split, sizes[i].answer, len, piece), sizes[i].err);
			assert_string_equal(elements.data, sizes[i].elements);
		}
	}
}

static void test_split__gives_a_clean_error_for_half_a_million_brackets(void **state)
{
	enum { LEN = 500000 };
	auto_free char *text = malloc(LEN);
	assert_non_null(text);
	memset(text, '[', LEN);
	memcpy(text, "{\"content\":", 11);
	for (size_t piece = LEN; piece > 1000; piece /= 7) {
		auto_buf struct buf elements = BUF_INIT(1 << 20);
		auto_split struct json_split *split =
			json_split_create(MAX_ELEMENT, note_element, &elements);
		assert_int_equal(feed_in_pieces(split, text, LEN, piece), -EBADMSG);
	}
}

static int refuse_the_third(void *arg, const char *text, size_t len, const struct json_facts *facts)
{
	size_t *count = arg;
	return ++*count == 3 ? -ECANCELED : 0;
}

static void test_split__stops_when_the_element_function_says_so(void **state)
{
	static const char answer[] = OK "[1, 2, 3, 4]}";
	size_t count = 0;
	auto_split struct json_split *split =
		json_split_create(MAX_ELEMENT, refuse_the_third, &count);
	assert_int_equal(json_split_feed(split, answer, sizeof(answer) - 1), -ECANCELED);
	assert_int_equal(json_split_feed(split, answer, sizeof(answer) - 1), -ECANCELED);
	assert_int_equal(json_split_finish(split), -EBADMSG);
	assert_int_equal(count, 3);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_split__takes_answers_apart_in_pieces_of_any_size),
		cmocka_unit_test(test_split__starts_anew_after_reset),
		cmocka_unit_test(test_split__copies_only_elements_that_span_pieces),
		cmocka_unit_test(test_split__bounds_elements_and_properties),
		cmocka_unit_test(test_split__bounds_numbers_too),
		cmocka_unit_test(test_split__bounds_white_space),
		cmocka_unit_test(test_split__leaves_out_elements_that_are_too_long),
		cmocka_unit_test(test_split__gives_a_clean_error_for_half_a_million_brackets),
		cmocka_unit_test(test_split__stops_when_the_element_function_says_so),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
