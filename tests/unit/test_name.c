#include "name.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

static void test_record__is_told_from_scratch(void **state)
{
	static const struct {
		const char *name;
		bool is_record;
	} rows[] = {
		{"4.json", true},
		{"Zo\xc3\xab.json", true},
		{"new.json", true},
		{"a.tmp.b.json", true},
		{"at.json", true},
		{"te.json", true},
		{"%74mp.json", true},
		{"4.json~", false},
		{"4.JSON", false},
		{"4", false},
		{"", false},
		{".json", false},
		{"json", false},
		{".4.json", false},
		{".#4.json", false},
		{"._4.json", false},
		{"#4.json", false},
		{"~4.json", false},
		{"$4.json", false},
		{"tmp.json", false},
		{"tmpab12.json", false},
		{"temp.json", false},
		{"template.json", false},
		{"4.tmp.json", false},
		{"4.json.Xa12cD", false},
		{".4.json.swp", false},
		{"4913", false},
	};
	for (size_t i = 0; i < array_size(rows); i++) {
		if (name_is_record(rows[i].name) != rows[i].is_record)
			fail_msg("'%s': record %d expected", rows[i].name, rows[i].is_record);
	}
}

static const struct {
	const char *id;
	size_t len;
	const char *name;
} spellings[] = {
#define ID(text, name) \
	{ \
		(text), sizeof(text) - 1, (name) \
	}
	ID("4", "4.json"),
	ID("f1001", "f1001.json"),
	ID("-5", "-5.json"),
	ID("a\xe2\x80\xaenosj.b", "a%E2%80%AEnosj.b.json"),
	ID("\xe2\x80\xa8\xef\xbb\xbf", "%E2%80%A8%EF%BB%BF.json"),
	ID("Zo\xc3\xab M", "Zo\xc3\xab M.json"),
	ID("\xf0\x9f\x98\x80", "\xf0\x9f\x98\x80.json"),
	ID("a/b", "a%2Fb.json"),
	ID("../../etc/passwd", "%2E.%2F..%2Fetc%2Fpasswd.json"),
	ID("50%", "50%25.json"),
	ID("%2F", "%252F.json"),
	ID("a\0b", "a%00b.json"),
	ID("a\nb\x1b[m", "a%0Ab%1B[m.json"),
	ID("\x7f", "%7F.json"),
	ID("\xc2\x85", "%C2%85.json"),
	ID("\xff", "%FF.json"),
	ID("\xc3", "%C3.json"),
	ID("\xc0\xaf", "%C0%AF.json"),
	ID("\xe0\x80\xaf", "%E0%80%AF.json"),
	ID("\xed\xa0\x80", "%ED%A0%80.json"),
	ID("\xf4\x90\x80\x80", "%F4%90%80%80.json"),
	ID(".", "%2E.json"),
	ID("..", "%2E..json"),
	ID(".hidden", "%2Ehidden.json"),
	ID("#4", "%234.json"),
	ID("~4", "%7E4.json"),
	ID("$4", "%244.json"),
	ID("tmp", "%74mp.json"),
	ID("temp7", "%74emp7.json"),
	ID("4.tmp", "4%2Etmp.json"),
	ID(".tmp", "%2Etmp.json"),
	ID("tmp.tmp", "%74mp%2Etmp.json"),
	ID("4.json", "4.json.json"),
#undef ID
};

static void test_id__is_spelled_as_a_plain_name(void **state)
{
	for (size_t i = 0; i < array_size(spellings); i++) {
		char name[NAME_SIZE];
		assert_int_equal(name_from_id(spellings[i].id, spellings[i].len, name), 0);
		assert_string_equal(name, spellings[i].name);
	}
}

static void test_name__gives_the_id_back(void **state)
{
	for (size_t i = 0; i < array_size(spellings); i++) {
		char id[ID_MAX + 1];
		size_t len = 0;
		assert_int_equal(name_to_id(spellings[i].name, id, &len), 0);
		assert_int_equal(len, spellings[i].len);
		assert_memory_equal(id, spellings[i].id, len + 1);
	}
}

static void test_name__of_another_spelling_is_refused(void **state)
{
	static const char *const names[] = {"%34.json", "a%2fb.json", "a%2.json", "a%.json",
		"a%zz.json", "a%2Gb.json", ".json", "tmp.json", "4", "4.txt", "a%C3%AB.json",
		"4\xff.json", "a/b.json", "a%.jsonx.json"};
	for (size_t i = 0; i < array_size(names); i++) {
		char id[ID_MAX + 1] = "kept";
		size_t len = 99;
		if (name_to_id(names[i], id, &len) != -EINVAL)
			fail_msg("'%s' was taken", names[i]);
		assert_string_equal(id, "kept");
		assert_int_equal(len, 99);
	}
}

static void test_id__has_bounds(void **state)
{
	char id[ID_MAX + 1], name[NAME_SIZE] = "kept";
	memset(id, 'a', sizeof id);
	assert_int_equal(name_from_id("", 0, name), -EINVAL);
	assert_int_equal(name_from_id(id, ID_MAX + 1, name), -EINVAL);
	memset(id, '/', sizeof id);
	assert_int_equal(name_from_id(id, 84, name), -ENAMETOOLONG);
	assert_string_equal(name, "kept");
	assert_int_equal(name_from_id(id, 83, name), 0);
	memset(id, 'a', sizeof id);
	assert_int_equal(name_from_id(id, ID_MAX, name), 0);
	assert_int_equal(strlen(name), ID_MAX + strlen(".json"));
}

static void test_name__of_a_longer_id_is_refused(void **state)
{
	char name[NAME_SIZE], id[ID_MAX + 1];
	size_t len;
	memset(name, 'a', ID_MAX + 1);
	memcpy(name + ID_MAX + 1, ".json", 6);
	assert_int_equal(name_to_id(name, id, &len), -EINVAL);
	assert_int_equal(name_to_id(name + 1, id, &len), 0);
}

/* A small generator with a seed, so that a failure comes again. */
static uint32_t next_random(uint32_t *seed)
{
	*seed = *seed * 1664525u + 1013904223u;
	return *seed >> 8;
}

/* Half of the bytes are ones that have a meaning somewhere. */
static void random_id(uint32_t *seed, char *id, size_t len)
{
	static const char meaningful[] = "tmpe.json/%#~$ \x80\xbf\xc2\xc3\xe2\xf0\n";
	for (size_t i = 0; i < len; i++) {
		uint32_t r = next_random(seed);
		id[i] = r & 1 ? meaningful[(r >> 1) % (sizeof meaningful)] : (char)(r >> 1);
	}
}

static void assert_plain(const char *name)
{
	assert_true(name_is_record(name));
	assert_true(strlen(name) < NAME_SIZE);
	assert_int_not_equal(name[0], '.');
	for (const unsigned char *at = (const unsigned char *)name; *at; at++) {
		assert_int_not_equal(*at, '/');
		assert_true(*at >= 0x20 && *at != 0x7f);
	}
}

static void test_any_id__comes_back_from_its_name(void **state)
{
	uint32_t seed = 20170423;
	unsigned named = 0;
	for (int round = 0; round < 200000; round++) {
		char id[ID_MAX], name[NAME_SIZE], back[ID_MAX + 1];
		size_t back_len = 0, len = 1 + next_random(&seed) % (round % 2 ? 8 : ID_MAX);
		random_id(&seed, id, len);
		int err = name_from_id(id, len, name);
		if (err == -ENAMETOOLONG && len > 83)
			continue;
		assert_int_equal(err, 0);
		assert_plain(name);
		assert_int_equal(name_to_id(name, back, &back_len), 0);
		assert_int_equal(back_len, len);
		assert_memory_equal(back, id, len);
		named++;
	}
	assert_true(named > 100000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_record__is_told_from_scratch),
		cmocka_unit_test(test_id__is_spelled_as_a_plain_name),
		cmocka_unit_test(test_name__gives_the_id_back),
		cmocka_unit_test(test_name__of_another_spelling_is_refused),
		cmocka_unit_test(test_id__has_bounds),
		cmocka_unit_test(test_name__of_a_longer_id_is_refused),
		cmocka_unit_test(test_any_id__comes_back_from_its_name),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
