#include "json_fixture.h"

#include "label.h"

static const char *label(const char *resource, const char *object, char out[LABEL_MAX + 1])
{
	const struct resource *known = resource_find(resource);
	assert_true(is_json(object, strlen(object)));
	label_of(known ? known : resource_default(), slice_of(object), "4", 1, out);
	return out;
}

struct row {
	const char *resource, *object, *label;
};

static void check_rows(const struct row *rows, size_t count)
{
	char out[LABEL_MAX + 1];
	for (size_t i = 0; i < count; i++) {
		label(rows[i].resource, rows[i].object, out);
		if (strcmp(out, rows[i].label) != 0)
			fail_msg("%s %s: '%s', not '%s'", rows[i].resource, rows[i].object, out,
				rows[i].label);
	}
}

static void test_label__is_made_of_the_properties_of_its_resource(void **state)
{
	static const struct row rows[] = {
		{"contact", "{\"id\":4,\"fn\":\"Zo\\u00eb\",\"ln\":\"M\xc3\xbcller\"}",
			"Zo\xc3\xab M\xc3\xbcller"},
		{"contact", "{\"ln\":\"Lee\",\"name\":\"no\",\"fn\":\"Ann\"}", "Ann Lee"},
		{"contact", "{ \"fn\" : \"Ann\" }", "Ann"},
		{"contact", "{\"ln\":\"Lee\"}", "Lee"},
		{"contact", "{\"f\\u006e\":\"Ann\"}", "Ann"},
		{"company", "{\"cn\":\"Acme\",\"fn\":\"no\"}", "Acme"},
		{"case", "{\"name\":\"Broken\"}", "Broken"},
		{"opportunity", "{\"name\":\"Big\"}", "Big"},
		{"task", "{\"name\":\"Call\"}", "Call"},
		{"note", "{\"desc\":\"Hello\",\"name\":\"no\"}", "Hello"},
		{"comment", "{\"comment\":\"Yes\"}", "Yes"},
		{"customfield", "{\"name\":\"Size\"}", "Size"},
		{"user", "{\"user\":\"bob\",\"name\":\"no\"}", "bob"},
		{"group", "{\"name\":\"All\"}", "All"},
		{"file", "{\"name\":\"a.pdf\"}", "a.pdf"},
		{"folder", "{\"name\":\"Docs\"}", "Docs"},
		{"linkedfile", "{\"name\":\"b.odt\"}", "b.odt"},
		{"invoice", "{\"name\":\"R1\"}", "R1"},
	};
	check_rows(rows, array_size(rows));
}

static void test_label__takes_strings_and_numbers_and_else_the_id(void **state)
{
	static const struct row rows[] = {
		{"contact", "{\"fn\":12.50,\"ln\":-1E+2}", "12.50 -1E+2"},
		{"contact", "{\"fn\":null,\"ln\":\"Lee\"}", "Lee"},
		{"contact", "{\"fn\":true,\"ln\":[\"x\"]}", "4"},
		{"contact", "{\"fn\":\"\",\"ln\":\"Lee\"}", "Lee"},
		{"contact", "{\"fn\":\" \\n\\t\",\"ln\":\"Lee\"}", "Lee"},
		{"contact", "{\"fn\":\"\",\"ln\":{}}", "4"},
		{"contact", "{\"fn\":\"Ann\",\"fn\":\"Bob\"}", "Ann"},
		{"contact", "{\"a\":{\"fn\":\"no\"},\"b\":[\"fn\",\"no\"]}", "4"},
		{"contact", "{}", "4"},
		{"task", "{\"name\":0}", "0"},
	};
	check_rows(rows, array_size(rows));
}

static void test_label__is_the_first_line_that_is_not_blank(void **state)
{
	static const struct row rows[] = {
		{"note", "{\"desc\":\"Hello\\nthere\"}", "Hello"},
		{"note", "{\"desc\":\"\\r\\n \\u00a0\\n\\tHello \\r\\nthere\"}", "Hello"},
		{"note", "{\"desc\":\"\\u2028\\u200b\\u2029a\\u2028b\"}", "a"},
		{"note", "{\"desc\":\"a\\u2029b\"}", "a"},
		{"note", "{\"desc\":\"a\\u0085b\"}", "a"},
		{"note", "{\"desc\":\"a\\u000bb\"}", "a"},
		{"note", "{\"desc\":\"a\\fb\"}", "a"},
		{"contact", "{\"fn\":\"Ann\\n\",\"ln\":\"\\nLee\\nx\"}", "Ann Lee"},
	};
	check_rows(rows, array_size(rows));
}

static void test_label__has_no_white_space_but_single_spaces(void **state)
{
	static const struct row rows[] = {
		{"task", "{\"name\":\"  a \\t  b  \"}", "a b"},
		{"task", "{\"name\":\"a\\u00a0\\u2003\\u3000b\\u1680c\\u202fd\\u205fe\\u200af\"}",
			"a b c d e f"},
		{"task", "{\"name\":\" \\u200b a \\u200b b\\ufeff \"}", "a b"},
		{"contact", "{\"fn\":\" Ann \",\"ln\":\" Lee \"}", "Ann Lee"},
	};
	check_rows(rows, array_size(rows));
}

static void test_label__is_made_safe(void **state)
{
	static const struct row rows[] = {
		{"task", "{\"name\":\"AC/DC \\/ x\"}", "AC-DC - x"},
		{"task", "{\"name\":\".\"}", "_"},
		{"task", "{\"name\":\"..\"}", "_."},
		{"task", "{\"name\":\" .bashrc\"}", "_bashrc"},
		{"task", "{\"name\":\"\\u200b..\\/..\\/etc\"}", "_.-..-etc"},
		{"task", "{\"name\":\"a.b.\"}", "a.b."},
		{"contact", "{\"fn\":\"A.\",\"ln\":\".B\"}", "A. .B"},
		{"task", "{\"name\":\"a\\u0000b\\u001bc\x7f\\u009b\"}",
			"a\xef\xbf\xbd"
			"b\xef\xbf\xbd"
			"c\xef\xbf\xbd\xef\xbf\xbd"},
		{"task", "{\"name\":\"a\\ud83d\\udE00\"}", "a\xf0\x9f\x98\x80"},
		{"task", "{\"name\":\"\\ud83d!\\ude00\"}", "\xef\xbf\xbd!\xef\xbf\xbd"},
		{"task", "{\"name\":\"a\\u202efdp.exe\\u2066\\u200e\\u200f\\u061c\"}", "afdp.exe"},
		{"task", "{\"name\":\"\\u200b\\u202e\\ufeff\\u2060\\u00ad\"}", "4"},
		/* Joiners, within a word alone. */
		{"task", "{\"name\":\"\\u0645\\u06cc\\u200c\\u062e\"}",
			"\xd9\x85\xdb\x8c\xe2\x80\x8c\xd8\xae"},
		{"task", "{\"name\":\"\\u200da \\u200cb\"}", "a b"},
		{"task", "{\"name\":\"\\u200d\\u200c\"}", "4"},
		{"task", "{\"name\":\"-rf * ~\\\\ %\"}", "-rf * ~\\ %"},
	};
	check_rows(rows, array_size(rows));
}

/* A task's label where its name is this often that, and then the rest. */
static void label_of_many(
	const char *piece, size_t count, const char *rest, char out[LABEL_MAX + 1])
{
	auto_buf struct buf object = BUF_INIT(1 << 20);
	assert_int_equal(buf_add_str(&object, "{\"name\":\""), 0);
	for (size_t i = 0; i < count; i++)
		assert_int_equal(buf_add_str(&object, piece), 0);
	assert_int_equal(buf_addf(&object, "%s\"}", rest), 0);
	label("task", object.data, out);
}

static void test_label__is_cut_behind_a_character(void **state)
{
	static const struct {
		const char *piece;
		size_t count;
		const char *rest;
		size_t len;
	} rows[] = {
		{"a", 179, "", 179},
		{"a", 180, "", 180},
		{"a", 181, "", 180},
		{"a", 100000, "", 180},
		{"\\u00eb", 100, "", 180},
		{"\xe2\x82\xac", 59, "\xc3\xab\xc3\xab", 179},
		{"\xf0\x9f\x98\x80", 44, "a\xf0\x9f\x98\x80zz", 177},
		{"a", 179, " b", 179},
		{"a", 179, " ", 179},
		{"a", 178, " b", 180},
		{"\\n", 50000, "", 1},
		{" ", 50000, "abc", 3},
	};
	for (size_t i = 0; i < array_size(rows); i++) {
		char out[LABEL_MAX + 1];
		label_of_many(rows[i].piece, rows[i].count, rows[i].rest, out);
		print_message("%zu\n", i);
		assert_int_equal(strlen(out), rows[i].len);
		assert_int_not_equal(out[rows[i].len - 1], ' ');
	}
}

static void test_label__that_is_cut_takes_nothing_from_the_next_property(void **state)
{
	char fn[178], object[256], out[LABEL_MAX + 1];
	memset(fn, 'a', 177);
	fn[177] = '\0';
	snprintf(object, sizeof(object), "{\"fn\":\"%s\xf0\x9f\x98\x80\",\"ln\":\"x\"}", fn);
	assert_string_equal(label("contact", object, out), fn);
}

static void test_id__that_serves_as_label_is_made_safe(void **state)
{
	static const struct {
		const char *id;
		size_t len;
		const char *label;
	} rows[] = {
		{"f1001", 5, "f1001"},
		{"../x\n", 5, "_.-x"},
		{"a\0b", 3,
			"a\xef\xbf\xbd"
			"b"},
		{"\xff\xc3", 2, "\xef\xbf\xbd\xef\xbf\xbd"},
		{" ", 1, "_"},
		{"\xe2\x80\x8b", 3, "_"},
		{"", 0, "_"},
	};
	for (size_t i = 0; i < array_size(rows); i++) {
		char out[LABEL_MAX + 1];
		label_of(resource_find("task"), slice_of("{}"), rows[i].id, rows[i].len, out);
		assert_string_equal(out, rows[i].label);
	}
}

static void test_name__is_the_label_and_the_id(void **state)
{
	static const struct {
		const char *label, *id, *name;
	} rows[] = {
		{"Ann", "4", "Ann (4).json"},
		{"Ann (5)", "4", "Ann (5) (4).json"},
		{"Ann", "a/b", "Ann (a%2Fb).json"},
		{"Ann", "tmp", "Ann (%74mp).json"},
		{"Ann", "x (y", "Ann (x %28y).json"},
		{"Ann", "((", "Ann (%28%28).json"},
		{"Ann", "%28", "Ann (%2528).json"},
		{"Ann", ")", "Ann ()).json"},
		{"Ann (x", "y)", "Ann (x (y)).json"},
		{"(", "\xff", "( (%FF).json"},
	};
	char name[NAME_SIZE];
	for (size_t i = 0; i < array_size(rows); i++) {
		char back[LABEL_MAX + 1], id[ID_MAX + 1];
		size_t id_len = 0;
		assert_int_equal(
			label_with_id(rows[i].label, rows[i].id, strlen(rows[i].id), name), 0);
		assert_string_equal(name, rows[i].name);
		name[strlen(name) - strlen(".json")] = '\0';
		assert_true(label_split(name, back, id, &id_len));
		assert_string_equal(back, rows[i].label);
		assert_int_equal(id_len, strlen(rows[i].id));
		assert_string_equal(id, rows[i].id);
	}
	assert_int_equal(label_plain("Ann", name), 0);
	assert_string_equal(name, "Ann.json");
}

static void test_name__has_bounds(void **state)
{
	char name[NAME_SIZE] = "kept", label[301], id[ID_MAX + 1];
	memset(label, 'a', sizeof(label));
	memset(id, 'b', sizeof(id));
	label[251] = '\0';
	assert_int_equal(label_plain(label, name), -ENAMETOOLONG);
	assert_int_equal(label_with_id("Ann", "", 0, name), -EINVAL);
	assert_int_equal(label_with_id("Ann", id, sizeof(id), name), -EINVAL);
	label[LABEL_MAX] = '\0';
	assert_int_equal(label_with_id(label, id, 68, name), -ENAMETOOLONG);
	memset(id, '(', sizeof(id));
	assert_int_equal(label_with_id(label, id, ID_MAX, name), -ENAMETOOLONG);
	assert_int_equal(label_with_id(label, id, 23, name), -ENAMETOOLONG);
	assert_string_equal(name, "kept");
	assert_int_equal(label_with_id(label, id, 22, name), 0);
	memset(id, 'b', sizeof(id));
	assert_int_equal(label_with_id(label, id, 67, name), 0);
	assert_int_equal(strlen(name), NAME_SIZE - 1);
	assert_int_equal(label_plain(label, name), 0);
	assert_int_equal(strlen(name), LABEL_MAX + strlen(".json"));
}

static void test_name__without_an_id_is_not_split(void **state)
{
	static const char *const names[] = {"Ann", "Ann (4", "Ann 4)", "Ann(4)", "Ann ()", " (4)",
		"(4)", "", "(", ")", "Ann (%34)", "Ann (a%2fb)", "Ann (a%2)", "Ann (tmp)",
		"Ann (.x)", "Ann (4) ", "Ann (4).json", "Ann (a/b)", "Ann (%)", "Ann (%2)",
		"Ann (x(y)"};
	for (size_t i = 0; i < array_size(names); i++) {
		char label[LABEL_MAX + 1] = "kept", id[ID_MAX + 1] = "kept too";
		size_t id_len = 99;
		if (label_split(names[i], label, id, &id_len))
			fail_msg("'%s' was split", names[i]);
		assert_string_equal(label, "kept");
		assert_string_equal(id, "kept too");
		assert_int_equal(id_len, 99);
	}
}

static void test_name__that_is_too_long_is_not_split(void **state)
{
	char name[1000], label[LABEL_MAX + 1], id[ID_MAX + 1];
	size_t id_len;
	memset(name, 'a', sizeof(name));
	memcpy(name + LABEL_MAX, " (4)", 5);
	assert_true(label_split(name, label, id, &id_len));
	memset(name, 'a', sizeof(name));
	memcpy(name + LABEL_MAX + 1, " (4)", 5);
	assert_false(label_split(name, label, id, &id_len));
	memset(name, 'a', sizeof(name));
	memcpy(name + 3, " (", 2);
	memcpy(name + 900, ")", 2);
	assert_false(label_split(name, label, id, &id_len));
}

/* Names that look alike are one label, and so get their ids. */
static void test_label__shows_nothing_that_cannot_be_seen(void **state)
{
	static const char *const unseen[] = {"\\u00ad", "\\u034f", "\\u115f", "\\u17b4", "\\u180e",
		"\\u200b", "\\u202e", "\\u2061", "\\u206f", "\\u3164", "\\ufe00", "\\ufeff",
		"\\uffa0", "\\ufff9", "\\ud834\\udd73", "\\udb40\\udc41"};
	char object[200], out[LABEL_MAX + 1];
	for (size_t i = 0; i < array_size(unseen); i++) {
		snprintf(object, sizeof object, "{\"fn\":\"%sAn%sn\",\"ln\":\"Lee%s\"}", unseen[i],
			unseen[i], unseen[i]);
		if (strcmp(label("contact", object, out), "Ann Lee") != 0)
			fail_msg("with %s it is '%s'", unseen[i], out);
	}
	assert_string_equal(label("contact", "{\"fn\":\"\xe2\x9d\xa4\\ufe0f\"}", out),
		"\xe2\x9d\xa4\xef\xb8\x8f");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_label__shows_nothing_that_cannot_be_seen),
		cmocka_unit_test(test_label__is_made_of_the_properties_of_its_resource),
		cmocka_unit_test(test_label__takes_strings_and_numbers_and_else_the_id),
		cmocka_unit_test(test_label__is_the_first_line_that_is_not_blank),
		cmocka_unit_test(test_label__has_no_white_space_but_single_spaces),
		cmocka_unit_test(test_label__is_made_safe),
		cmocka_unit_test(test_label__is_cut_behind_a_character),
		cmocka_unit_test(test_label__that_is_cut_takes_nothing_from_the_next_property),
		cmocka_unit_test(test_id__that_serves_as_label_is_made_safe),
		cmocka_unit_test(test_name__is_the_label_and_the_id),
		cmocka_unit_test(test_name__has_bounds),
		cmocka_unit_test(test_name__without_an_id_is_not_split),
		cmocka_unit_test(test_name__that_is_too_long_is_not_split),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
