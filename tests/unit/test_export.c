#include "json_fixture.h"

#include "export.h"

#define MAX_FILE ((size_t)256 << 20)

/* Makes an export of a NULL-terminated list of records' texts, whose records it alone keeps. */
static struct export *export_of(enum export_kind kind, const char *const *texts)
{
	struct record *records[64] = {NULL};
	struct export *export = NULL;
	size_t count = 0;
	for (; texts[count]; count++) {
		assert_true(count < array_size(records));
		assert_int_equal(
			record_parse(texts[count], strlen(texts[count]), &records[count]), 0);
	}
	assert_int_equal(export_create(kind, records, count, &export), 0);
	while (count > 0)
		record_unref(records[--count]);
	return export;
}
#define EXPORT(kind, ...) export_of(kind, (const char *const[]){__VA_ARGS__, NULL})

static void check_file(
	struct export *export, const char *expected, size_t len, const char *file, int line)
{
	auto_export struct export *owned = export;
	auto_buf struct buf whole = BUF_INIT(MAX_FILE);
	_assert_int_equal(export_read(owned, 0, MAX_FILE, &whole), 0, file, line);
	_assert_string_equal(whole.data, expected, file, line);
	_assert_int_equal(whole.len, len, file, line);
	_assert_memory_equal(whole.data, expected, len, file, line);
	_assert_int_equal(export_size(owned), len, file, line);
}
#define assert_file(export, literal) \
	check_file(export, literal, sizeof(literal) - 1, __FILE__, __LINE__)
#define assert_ndjson(literal, ...) assert_file(EXPORT(EXPORT_NDJSON, __VA_ARGS__), literal)
#define assert_csv(literal, ...) assert_file(EXPORT(EXPORT_CSV, __VA_ARGS__), literal)

/* ---- NDJSON ---- */

static void test_ndjson__is_a_record_a_line(void **state)
{
	assert_ndjson("{\"id\":4}\n{\"id\":5,\"a\":[1,{}]}\n{}\n", "{\"id\":4}",
		"{\"id\":5,\"a\":[1,{}]}", "{}");
	assert_file(export_of(EXPORT_NDJSON, (const char *const[]){NULL}), "");
}

static void test_ndjson__loses_white_space_between_tokens_alone(void **state)
{
	assert_ndjson("{\"a b\":\" x \\\" , : y \",\"c\":[1,2,{\"d\":null}],\"e\":true}\n",
		" { \"a b\" :\t\" x \\\" , : y \"\r\n, \"c\" : [ 1 , 2, { \"d\" : null } ] ,"
		"\"e\":true\n}\n ");
	assert_ndjson("{}\n", "{ }");
}

static void test_ndjson__keeps_the_servers_spelling(void **state)
{
	assert_ndjson("{\"\\u0061\":\"\\u00eb\\/\\ud83d\x7f\xc3\xab\",\"n\":[1E+2,4500.00,-0]}\n",
		"{\"\\u0061\":\"\\u00eb\\/\\ud83d\x7f\xc3\xab\", \"n\":[1E+2,4500.00,-0]}");
	assert_ndjson("{\"a\":1,\"a\":2}\n", "{\"a\":1,\"a\":2}");
}

/* ---- CSV ---- */

static void test_csv__has_a_column_for_each_property_as_they_appear(void **state)
{
	assert_csv("id,fn,ln\r\n4,Ann,\r\n5,,Lee\r\n6,Bob,Ray\r\n", "{\"id\":4,\"fn\":\"Ann\"}",
		"{\"id\":5,\"ln\":\"Lee\"}", "{ \"ln\" : \"Ray\", \"fn\":\"Bob\", \"id\":6 }");
	assert_csv("a\r\n\r\n1\r\n", "{}", "{\"a\":1}");
	assert_csv("b,a,c\r\n1,2,\r\n,3,4\r\n", "{\"b\":1,\"a\":2}", "{\"a\":3,\"c\":4}");
}

static void test_csv__without_columns_is_empty(void **state)
{
	assert_csv("", "{}");
	assert_csv("", "{}", "{ }", "{}");
	assert_file(export_of(EXPORT_CSV, (const char *const[]){NULL}), "");
}

/* What becomes of a property with this value. */
static void check_field(const char *value, const char *field, size_t len)
{
	auto_buf struct buf text = BUF_INIT(1 << 20), expected = BUF_INIT(1 << 20);
	assert_int_equal(buf_addf(&text, "{\"a\": %s }", value), 0);
	assert_int_equal(buf_add_str(&expected, "a\r\n"), 0);
	assert_int_equal(buf_add(&expected, field, len), 0);
	assert_int_equal(buf_add_str(&expected, "\r\n"), 0);
	print_message("%s\n", value);
	check_file(EXPORT(EXPORT_CSV, text.data), expected.data, expected.len, __FILE__, __LINE__);
}

static void test_field__is_decoded_and_quoted_where_it_must_be(void **state)
{
	static const struct {
		const char *value, *field;
		size_t len;
	} rows[] = {
#define FIELD(value, field) {(value), (field), sizeof(field) - 1}
		FIELD("\"x\"", "x"),
		FIELD("\"\"", "\"\""),
		FIELD("null", ""),
		FIELD("true", "true"),
		FIELD("false", "false"),
		FIELD("0", "0"),
		FIELD("-1.50E+3", "-1.50E+3"),
		FIELD("12345678901234567890123", "12345678901234567890123"),
		FIELD("\"Zo\\u00eb \\ud83d\\ude00 \\/\"", "Zo\xc3\xab \xf0\x9f\x98\x80 /"),
		FIELD("\"a,b\"", "\"a,b\""),
		FIELD("\",\"", "\",\""),
		FIELD("\"say \\\"hi\\\"\"", "\"say \"\"hi\"\"\""),
		FIELD("\"\\\"\"", "\"\"\"\""),
		FIELD("\"\\\"\\\"\"", "\"\"\"\"\"\""),
		FIELD("\"a\\nb\"", "\"a\nb\""),
		FIELD("\"a\\rb\"", "\"a\rb\""),
		FIELD("\" a\"", "\" a\""),
		FIELD("\"a \"", "\"a \""),
		FIELD("\" \"", "\" \""),
		FIELD("\"a b\\tc\"", "a b\tc"),
		FIELD("\"a\\u0000b\"", "a\0b"),
		FIELD("\"a\\u0000,b\\u0000\"", "\"a\0,b\0\""),
		FIELD("\"a\\uD83Db\\ude00\"", "a\\uD83Db\\ude00"),
		FIELD("\"\\ud83d,\"", "\"\\ud83d,\""),
		FIELD("\"\\\\\"", "\\"),
		FIELD("\"null\"", "null"),
		FIELD("[]", "[]"),
		FIELD("{ }", "{}"),
		FIELD("[ 1 ]", "[1]"),
		FIELD("[ 1 , 2 ]", "\"[1,2]\""),
		FIELD("[ \"\\u00eb\\\"\" ]", "\"[\"\"\xc3\xab\\\"\"\"\"]\""),
		FIELD("{\"type\": \"Work\", \"no\" :1.0}",
			"\"{\"\"type\"\":\"\"Work\"\",\"\"no\"\":1.0}\""),
		FIELD("[\"\\ud83d\"]", "\"[\"\"\\ud83d\"\"]\""),
#undef FIELD
	};
	for (size_t i = 0; i < array_size(rows); i++)
		check_field(rows[i].value, rows[i].field, rows[i].len);
}

static void test_header__is_decoded_and_quoted_like_a_field(void **state)
{
	assert_csv("\"a,b\",\"\"\"\",Zo\xc3\xab,\"\",\" c\"\r\n1,2,3,4,5\r\n",
		"{\"a,b\":1,\"\\\"\":2,\"Zo\\u00eb\":3,\"\":4,\" c\":5}");
	assert_csv("\"\"\r\n\r\n", "{\"\":null}");
}

static void test_names__are_one_column_however_they_are_spelt(void **state)
{
	assert_csv("ab,c\r\n1,2\r\n3,\r\n,4\r\n", "{\"ab\":1,\"c\":2}", "{\"\\u0061b\":3}",
		"{\"\\u0063\":4}");
	/* A lone surrogate, and the six letters of its escape. */
	assert_csv("\\ud83d,\\ud83d\r\n1,2\r\n3,\r\n", "{\"\\ud83d\":1,\"\\\\ud83d\":2}",
		"{\"\\uD83D\":3}");
	assert_csv("a,a\0b\r\n1,2\r\n", "{\"a\":1,\"a\\u0000b\":2}");
}

static void test_duplicates__leave_the_last_one(void **state)
{
	assert_csv("a,b\r\n3,2\r\n", "{\"a\":1,\"b\":2,\"a\":3}");
	assert_csv("a\r\n\r\n", "{\"a\":\"long\",\"\\u0061\":null}");
	assert_csv("a,b\r\n,1\r\n2,\r\n", "{\"a\":\"x,y\",\"a\":null,\"b\":1}",
		"{\"b\":5,\"a\":2,\"b\":null}");
}

/* Adds a record of this many properties, k0 and so on, from the first one on. */
static struct record *wide_record(unsigned first, unsigned count)
{
	auto_buf struct buf text = BUF_INIT(1 << 20);
	struct record *record = NULL;
	for (unsigned i = first; i < first + count; i++)
		assert_int_equal(buf_addf(&text, "%s\"k%u\":%u", i == first ? "{" : ",", i, i), 0);
	assert_int_equal(buf_add_char(&text, '}'), 0);
	assert_int_equal(record_parse(text.data, text.len, &record), 0);
	return record;
}

static void test_csv__has_at_most_4096_columns(void **state)
{
	auto_record struct record *half = wide_record(0, 2048), *other = wide_record(2048, 2048),
				  *more = wide_record(4095, 2);
	struct record *const records[] = {half, other, half, more};
	struct export *export = NULL;
	assert_int_equal(export_create(EXPORT_CSV, records, 4, &export), -EFBIG);
	assert_null(export);
	assert_int_equal(atomic_load(&half->refs), 1);
	assert_int_equal(export_create(EXPORT_NDJSON, records, 4, &export), 0);
	export_unref(export);

	assert_int_equal(export_create(EXPORT_CSV, records, 3, &export), 0);
	auto_buf struct buf file = BUF_INIT(1 << 20);
	assert_int_equal(export_read(export, 0, MAX_FILE, &file), 0);
	assert_int_equal(export_size(export), file.len);
	const char *line = file.data;
	for (unsigned i = 0; i < 4; i++) {
		const char *end = strstr(line, "\r\n");
		size_t commas = 0;
		for (const char *at = line; at < end; at++)
			commas += *at == ',';
		assert_int_equal(commas, 4095);
		line = end + 2;
	}
	assert_true(strncmp(line - strlen(",,\r\n"), ",,\r\n", 4) == 0);
	export_unref(export);
}

/* ---- reading ---- */

static const char *const odd_records[] = {"{\"id\":1,\"a\":\"x\"}", "{ \"id\" : 2 }", "{}",
	"{\"id\":3,\"b\":[1, 2],\"a\":\"\\\"q\\\", \\u0000\"}", "{\"c\":\"\",\"id\":4}",
	"{\"id\":5,\"a\":null,\"a\":\"\\ud83d\"}", NULL};

/* Every run of bytes of the file, of these lengths. */
static void test_read__gives_any_part(void **state)
{
	static const size_t lengths[] = {0, 1, 2, 3, 7, 13, 64, 1000};
	for (int kind = EXPORT_NDJSON; kind <= EXPORT_CSV; kind++) {
		auto_export struct export *export = export_of((enum export_kind)kind, odd_records);
		auto_buf struct buf whole = BUF_INIT(MAX_FILE);
		assert_int_equal(export_read(export, 0, MAX_FILE, &whole), 0);
		assert_int_equal(whole.len, export_size(export));
		assert_true(whole.len > 60);
		for (size_t at = 0; at <= whole.len + 2; at++) {
			for (size_t i = 0; i < array_size(lengths); i++) {
				size_t len =
					at < whole.len ? min_size(lengths[i], whole.len - at) : 0;
				/* No byte more than is asked for fits. */
				auto_buf struct buf part = BUF_INIT(1 + len);
				assert_int_equal(buf_add_char(&part, '>'), 0);
				assert_int_equal(export_read(export, at, lengths[i], &part), 0);
				assert_int_equal(part.len, 1 + len);
				assert_memory_equal(
					part.data + 1, whole.data + min_size(at, whole.len), len);
			}
		}
	}
}

static void test_read__beyond_a_ceiling_adds_nothing(void **state)
{
	for (int kind = EXPORT_NDJSON; kind <= EXPORT_CSV; kind++) {
		auto_export struct export *export = export_of((enum export_kind)kind, odd_records);
		auto_buf struct buf part = BUF_INIT(20);
		assert_int_equal(buf_add_str(&part, "kept"), 0);
		assert_int_equal(export_read(export, 3, 17, &part), -EFBIG);
		assert_string_equal(part.data, "kept");
		assert_int_equal(export_read(export, UINT64_MAX, SIZE_MAX, &part), 0);
		assert_int_equal(part.len, 4);
	}
}

static void test_export__keeps_its_records(void **state)
{
	struct record *record = NULL;
	struct export *export = NULL;
	assert_int_equal(record_parse("{\"a\":1}", 7, &record), 0);
	assert_int_equal(export_create(EXPORT_CSV, &record, 1, &export), 0);
	assert_int_equal(atomic_load(&record->refs), 2);
	assert_ptr_equal(export_ref(export), export);
	export_unref(export);
	assert_int_equal(atomic_load(&record->refs), 2);
	export_unref(export);
	assert_int_equal(atomic_load(&record->refs), 1);
	record_unref(record);
	export_unref(NULL);
}

static void test_long_line__is_read_in_parts(void **state)
{
	enum { LEN = 300000 };
	auto_buf struct buf text = BUF_INIT(MAX_FILE), expected = BUF_INIT(MAX_FILE),
			    file = BUF_INIT(MAX_FILE);
	assert_int_equal(buf_add_str(&text, "{\"a\":\""), 0);
	assert_int_equal(buf_add_str(&expected, "a\r\n\""), 0);
	for (int i = 0; i < LEN; i++) {
		assert_int_equal(buf_add_str(&text, i % 3 ? "x" : "\\\""), 0);
		assert_int_equal(buf_add_str(&expected, i % 3 ? "x" : "\"\""), 0);
	}
	assert_int_equal(buf_add_str(&text, "\"}"), 0);
	assert_int_equal(buf_add_str(&expected, "\"\r\n"), 0);
	auto_export struct export *export = EXPORT(EXPORT_CSV, text.data);
	assert_int_equal(export_size(export), expected.len);
	for (uint64_t at = 0; at < export_size(export); at += 9973)
		assert_int_equal(export_read(export, at, 9973, &file), 0);
	assert_int_equal(file.len, expected.len);
	assert_memory_equal(file.data, expected.data, file.len);
}

/* As the kernel reads: pieces of two long lines in turn. */
static void test_export__gives_long_lines_piece_by_piece(void **state)
{
	auto_buf struct buf text = BUF_INIT(1 << 20), whole = BUF_INIT(1 << 20);
	struct record *records[2];
	for (int i = 0; i < 2; i++) {
		buf_clear(&text);
		assert_int_equal(buf_addf(&text, "{ \"id\": %d, \"desc\": \"", i), 0);
		for (int j = 0; j < 20000; j++)
			assert_int_equal(buf_addf(&text, "%d,\\\"", i + j), 0);
		assert_int_equal(buf_add_str(&text, "\" }"), 0);
		assert_int_equal(record_parse(text.data, text.len, &records[i]), 0);
	}
	for (int kind = EXPORT_NDJSON; kind <= EXPORT_CSV; kind++) {
		struct export *export;
		assert_int_equal(export_create((enum export_kind)kind, records, 2, &export), 0);
		size_t size = (size_t)export_size(export), half = size / 2;
		buf_clear(&whole);
		assert_int_equal(export_read(export, 0, size, &whole), 0);
		assert_int_equal(whole.len, size);
		for (size_t at = 0; at + half < size; at += 4099) {
			for (int in_second = 0; in_second < 2; in_second++) {
				size_t from = at + (size_t)in_second * half;
				buf_clear(&text);
				assert_int_equal(export_read(export, from, 777, &text), 0);
				assert_int_equal(text.len, min_size(777, size - from));
				assert_memory_equal(text.data, whole.data + from, text.len);
			}
		}
		export_unref(export);
	}
	record_unref(records[0]);
	record_unref(records[1]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_export__gives_long_lines_piece_by_piece),
		cmocka_unit_test(test_ndjson__is_a_record_a_line),
		cmocka_unit_test(test_ndjson__loses_white_space_between_tokens_alone),
		cmocka_unit_test(test_ndjson__keeps_the_servers_spelling),
		cmocka_unit_test(test_csv__has_a_column_for_each_property_as_they_appear),
		cmocka_unit_test(test_csv__without_columns_is_empty),
		cmocka_unit_test(test_field__is_decoded_and_quoted_where_it_must_be),
		cmocka_unit_test(test_header__is_decoded_and_quoted_like_a_field),
		cmocka_unit_test(test_names__are_one_column_however_they_are_spelt),
		cmocka_unit_test(test_duplicates__leave_the_last_one),
		cmocka_unit_test(test_csv__has_at_most_4096_columns),
		cmocka_unit_test(test_read__gives_any_part),
		cmocka_unit_test(test_read__beyond_a_ceiling_adds_nothing),
		cmocka_unit_test(test_export__keeps_its_records),
		cmocka_unit_test(test_long_line__is_read_in_parts),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
