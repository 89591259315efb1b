/*
 * Random documents, held against json-c and jq where those are right. json-c takes too much even
 * when strict, so a refusal of ours that it does not share has to be for one of the known reasons.
 */
#include "json_fixture.h"

#include "json_object.h"
#include "json_render.h"

#include <json-c/json.h>
#include <unistd.h>

#define MAX_TEXT ((size_t)1 << 20)

/* A writer of random documents; the same seed writes the same ones. */
struct author {
	uint64_t seed;
	bool for_jq; /* no number that jq would respell, and no lone surrogate, which it refuses */
	struct buf *out;
};

static unsigned roll(struct author *author, unsigned sides)
{
	author->seed ^= author->seed << 13;
	author->seed ^= author->seed >> 7;
	author->seed ^= author->seed << 17;
	return (unsigned)(author->seed >> 33) % sides;
}

static void write_text(struct author *author, const char *text)
{
	assert_int_equal(buf_add_str(author->out, text), 0);
}

static void write_one_of(struct author *author, const char *const *texts, size_t count)
{
	write_text(author, texts[roll(author, (unsigned)count)]);
}

static void write_space(struct author *author)
{
	static const char *const spaces[] = {"", "", "", "", " ", "\n", "\t", "\r\n", "  "};
	write_one_of(author, spaces, array_size(spaces));
}

static void write_characters(struct author *author, unsigned count)
{
	static const char *const characters[] = {"a", "Z", "0", " ", "/", "'", "{", "[", "]", ":",
		",", "\\\"", "\\\\", "\\/", "\\b", "\\f", "\\n", "\\r", "\\t", "\\u00eb", "\\u001F",
		"\\u0001", "\\u007f", "\\u20ac", "\\ud83d\\ude00", "\\ufffe", "\x7f", "\xc3\xab",
		"\xe2\x82\xac", "\xef\xbb\xbf", "\xe2\x80\xa8", "\xf0\x9f\x98\x80",
		"plain text of more than sixteen bytes"};
	while (count-- > 0)
		write_one_of(author, characters, array_size(characters));
	if (!author->for_jq && roll(author, 20) == 0)
		write_text(author, roll(author, 2) ? "\\ud83d" : "\\uDE00");
}

static void write_string(struct author *author)
{
	write_text(author, "\"");
	write_characters(author, roll(author, 8));
	write_text(author, "\"");
}

static void write_scalar(struct author *author)
{
	static const char *const plain[] = {"0", "7", "-12", "123456789", "true", "false", "null"};
	static const char *const special[] = {"-0", "1.50", "1E+2", "0e-7", "-0.25e10",
		"12345678901234567890123", "9223372036854775807", "-9223372036854775808"};
	switch (roll(author, 3)) {
	case 0:
		write_string(author);
		break;
	case 1:
		write_one_of(author, plain, array_size(plain));
		break;
	default:
		if (author->for_jq)
			write_one_of(author, plain, array_size(plain));
		else
			write_one_of(author, special, array_size(special));
	}
}

static void write_value(struct author *author, unsigned depth);

static void write_container(struct author *author, unsigned depth, bool is_object)
{
	unsigned count = roll(author, 5);
	write_text(author, is_object ? "{" : "[");
	for (unsigned i = 0; i < count; i++) {
		write_text(author, i > 0 ? "," : "");
		write_space(author);
		if (is_object) {
			/* The number in front keeps names apart. */
			assert_int_equal(buf_addf(author->out, "\"%u", i), 0);
			write_characters(author, roll(author, 3));
			write_text(author, "\"");
			write_space(author);
			write_text(author, ":");
		}
		write_value(author, depth + 1);
	}
	write_space(author);
	write_text(author, is_object ? "}" : "]");
}

static void write_value(struct author *author, unsigned depth)
{
	unsigned kind = roll(author, 4);
	write_space(author);
	if (depth < 6 && (kind < 2 || depth == 0))
		write_container(author, depth, kind % 2);
	else
		write_scalar(author);
	write_space(author);
}

/* False: json-c refuses it. A null is NULL. */
static bool parse_with_json_c(const struct buf *text, struct json_object **ret_object)
{
	struct json_tokener *tokener = json_tokener_new_ex(JSON_MAX_DEPTH);
	assert_non_null(tokener);
	json_tokener_set_flags(tokener, JSON_TOKENER_STRICT | JSON_TOKENER_VALIDATE_UTF8);
	/* With the NUL behind it, which ends a number. */
	*ret_object = json_tokener_parse_ex(tokener, text->data, (int)text->len + 1);
	bool whole = json_tokener_get_error(tokener) == json_tokener_success &&
		     json_tokener_get_parse_end(tokener) >= text->len;
	json_tokener_free(tokener);
	return whole;
}

static void assert_same_string(struct json_object *theirs, struct json_slice ours)
{
	auto_buf struct buf decoded = BUF_INIT(MAX_TEXT);
	int err = json_string_decode(ours, &decoded);
	if (err == -EILSEQ)
		return; /* json-c has U+FFFD there */
	assert_int_equal(err, 0);
	assert_int_equal(json_object_get_string_len(theirs), decoded.len);
	assert_memory_equal(json_object_get_string(theirs), decoded.data, decoded.len);
}

static void assert_same_number(struct json_object *theirs, struct json_slice ours)
{
	auto_buf struct buf digits = BUF_INIT(MAX_TEXT);
	assert_int_equal(buf_add(&digits, ours.data, ours.len), 0);
	if (json_object_is_type(theirs, json_type_double))
		assert_string_equal(json_object_to_json_string(theirs), digits.data);
	else /* both saturate */
		assert_true(json_object_get_int64(theirs) == strtoll(digits.data, NULL, 10));
}

static void assert_same(struct json_object *theirs, struct json_slice ours);

static void assert_same_members(struct json_object *theirs, struct json_slice ours)
{
	struct json_walk walk;
	struct json_member member;
	size_t count = 0;
	json_walk_init(&walk, ours);
	for (; json_walk_next(&walk, &member); count++) {
		auto_buf struct buf name = BUF_INIT(MAX_TEXT);
		struct json_object *value = NULL;
		if (ours.data[0] == '[')
			value = json_object_array_get_idx(theirs, count);
		else if (json_string_decode(member.key, &name) == 0)
			assert_true(json_object_object_get_ex(theirs, name.data, &value));
		else
			continue; /* a lone surrogate */
		assert_same(value, member.value);
	}
	if (ours.data[0] == '[')
		assert_int_equal(count, json_object_array_length(theirs));
	else
		assert_int_equal(count, json_object_object_length(theirs));
}

static void assert_same(struct json_object *theirs, struct json_slice ours)
{
	enum json_type type = json_object_get_type(theirs);
	switch (ours.data[0]) {
	case '"':
		assert_int_equal(type, json_type_string);
		assert_same_string(theirs, ours);
		break;
	case '{':
		assert_int_equal(type, json_type_object);
		assert_same_members(theirs, ours);
		break;
	case '[':
		assert_int_equal(type, json_type_array);
		assert_same_members(theirs, ours);
		break;
	case 't':
	case 'f':
		assert_int_equal(type, json_type_boolean);
		assert_int_equal(json_object_get_boolean(theirs), ours.data[0] == 't');
		break;
	case 'n':
		assert_int_equal(type, json_type_null);
		break;
	default:
		assert_true(type == json_type_int || type == json_type_double);
		assert_same_number(theirs, ours);
	}
}

/* The document without the white space around it. */
static struct json_slice trimmed(const struct buf *text)
{
	size_t start = strspn(text->data, " \t\r\n");
	return (struct json_slice){text->data + start, text->len - start};
}

static void test_check__reads_what_json_c_reads(void **state)
{
	auto_buf struct buf text = BUF_INIT(MAX_TEXT);
	struct author author = {.seed = 1, .out = &text};
	for (int i = 0; i < 5000; i++) {
		buf_clear(&text);
		write_value(&author, 0);
		struct json_problem problem = {.what = ""};
		if (json_check(text.data, text.len, NULL, &problem) < 0)
			fail_msg("%s: %s", problem.what, text.data);
		struct json_object *theirs;
		assert_true(parse_with_json_c(&text, &theirs));
		assert_same(theirs, trimmed(&text));
		json_object_put(theirs);
	}
}

/* Changes, drops or doubles a byte or two. */
static void spoil(struct author *author)
{
	static const char bytes[] =
		"{}[]:,\"\\0123456789.-+eEtrufalsn \n\t\x01\x7f\x80\xc3\xe2\xf0";
	struct buf *text = author->out;
	for (unsigned n = 1 + roll(author, 2); n > 0 && text->len > 1; n--) {
		size_t at = roll(author, (unsigned)text->len);
		char byte = bytes[roll(author, sizeof(bytes) - 1)];
		switch (roll(author, 3)) {
		case 0:
			text->data[at] = byte;
			break;
		case 1:
			memmove(text->data + at, text->data + at + 1, text->len - at - 1);
			assert_int_equal(buf_resize(text, text->len - 1), 0);
			break;
		default:
			assert_int_equal(buf_add_char(text, ' '), 0);
			memmove(text->data + at + 1, text->data + at, text->len - at - 1);
			text->data[at] = byte;
		}
	}
}

static bool json_c_is_lax_about(const char *what)
{
	static const char *const reasons[] = {"this is not how JSON writes a number",
		"this is not UTF-8", "a control character in a string is not escaped",
		"a string's last quote is missing, or its line break is not written as \\n"};
	for (size_t i = 0; i < array_size(reasons); i++) {
		if (strcmp(what, reasons[i]) == 0)
			return true;
	}
	return false;
}

static void test_check__refuses_what_json_c_refuses(void **state)
{
	auto_buf struct buf text = BUF_INIT(MAX_TEXT);
	struct author author = {.seed = 2, .out = &text};
	int refused = 0;
	for (int i = 0; i < 30000; i++) {
		buf_clear(&text);
		write_container(&author, 4, i % 2);
		spoil(&author);
		struct json_problem problem = {.what = ""};
		bool ours = json_check(text.data, text.len, NULL, &problem) == 0;
		struct json_object *object;
		bool theirs = parse_with_json_c(&text, &object);
		if (ours && !theirs)
			fail_msg("json-c refuses: %s", text.data);
		if (!ours && theirs && !json_c_is_lax_about(problem.what))
			fail_msg("%s: %s", problem.what, text.data);
		json_object_put(object);
		refused += !ours;
	}
	assert_in_range(refused, 5000, 29000);
}

/* What jq writes for the documents in a file; empty: there is no jq. */
static void run_jq(const char *path, struct buf *out)
{
	char command[256];
	snprintf(command, sizeof(command), "command -v jq >/dev/null && jq . '%s'", path);
	FILE *jq = popen(command, "r");
	assert_non_null(jq);
	char block[4096];
	for (size_t len; (len = fread(block, 1, sizeof(block), jq)) > 0;)
		assert_int_equal(buf_add(out, block, len), 0);
	pclose(jq);
}

static void test_render__writes_what_jq_writes(void **state)
{
	char path[] = "/tmp/test_json_XXXXXX";
	int fd = mkstemp(path);
	assert_true(fd >= 0);
	auto_buf struct buf text = BUF_INIT(MAX_TEXT), ours = BUF_INIT(64 * MAX_TEXT);
	auto_buf struct buf theirs = BUF_INIT(64 * MAX_TEXT);
	struct author author = {.seed = 3, .for_jq = true, .out = &text};
	for (int i = 0; i < 2000; i++) {
		buf_clear(&text);
		write_value(&author, 0);
		struct json_facts facts;
		assert_int_equal(json_check(text.data, text.len, &facts, NULL), 0);
		assert_int_equal(write(fd, text.data, text.len), text.len);
		assert_int_equal(buf_reserve(&ours, facts.rendered_size), 0);
		size_t before = ours.len;
		assert_int_equal(buf_resize(&ours, before + facts.rendered_size), 0);
		json_render(text.data, text.len, ours.data + before);
	}
	close(fd);
	run_jq(path, &theirs);
	unlink(path);
	if (theirs.len == 0)
		skip();
	assert_int_equal(theirs.len, ours.len);
	assert_memory_equal(theirs.data, ours.data, ours.len);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_check__reads_what_json_c_reads),
		cmocka_unit_test(test_check__refuses_what_json_c_refuses),
		cmocka_unit_test(test_render__writes_what_jq_writes),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
