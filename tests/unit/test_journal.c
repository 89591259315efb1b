#include "journal_fixture.h"

static void test_journal__gives_back_what_it_keeps(void **state)
{
	static const char text[] = "{\"a\": \"\0\xff\"}\n";
	auto_journal struct journal *journal = open_journal(*state, JOURNAL_MAX_BYTES);
	assert_int_equal(journal_keep(journal, JOURNAL_DRAFTS, "contact", "4.json", text,
				 sizeof text, "400: city is\nwrong"),
		0);
	auto_buf struct buf out = BUF_INIT(1 << 20);
	assert_int_equal(buf_add_str(&out, "before "), 0);
	assert_int_equal(journal_read(journal, JOURNAL_DRAFTS, "contact", "4.json", &out), 0);
	assert_int_equal(out.len, 7 + sizeof text);
	assert_memory_equal(out.data, "before ", 7);
	assert_memory_equal(out.data + 7, text, sizeof text);
	assert_text(journal, JOURNAL_DRAFTS, "4.json.error", "400: city is wrong\n");
	assert_gone(journal, JOURNAL_TRASH, "4.json");
}

static void test_journal__keeps_an_empty_text(void **state)
{
	auto_journal struct journal *journal = open_journal(*state, JOURNAL_MAX_BYTES);
	assert_int_equal(keep(journal, JOURNAL_DRAFTS, "4.json", "", NULL), 0);
	assert_text(journal, JOURNAL_DRAFTS, "4.json", "");
	assert_list(journal, JOURNAL_DRAFTS, "4.json");
}

static void test_journal__shows_a_second_mount_what_the_first_kept(void **state)
{
	struct journal *journal = open_journal(*state, JOURNAL_MAX_BYTES);
	assert_int_equal(keep(journal, JOURNAL_DRAFTS, "4.json", "draft", "why"), 0);
	assert_int_equal(keep(journal, JOURNAL_TRASH, "5.json", "trash", NULL), 0);
	journal_close(journal);

	auto_journal struct journal *again = open_journal(*state, JOURNAL_MAX_BYTES);
	assert_text(again, JOURNAL_DRAFTS, "4.json", "draft");
	assert_text(again, JOURNAL_DRAFTS, "4.json.error", "why\n");
	assert_text(again, JOURNAL_TRASH, "5.json", "trash");
}

static void test_journal__keeps_accounts_apart(void **state)
{
	struct fixture *fixture = *state;
	auto_journal struct journal *one = open_journal(fixture, JOURNAL_MAX_BYTES);
	auto_journal struct journal *other = NULL;
	assert_int_equal(journal_open(fixture->state, "https://www.clevertim.com_api",
				 JOURNAL_MAX_BYTES, &other, &fixture->problem),
		0);
	assert_int_equal(keep(one, JOURNAL_DRAFTS, "4.json", "one", NULL), 0);
	assert_gone(other, JOURNAL_DRAFTS, "4.json");
}

static void test_keep__moves_an_earlier_draft_aside(void **state)
{
	auto_journal struct journal *journal = open_journal(*state, JOURNAL_MAX_BYTES);
	assert_int_equal(keep(journal, JOURNAL_DRAFTS, "4.json", "longer old", "old reason"), 0);
	assert_int_equal(keep(journal, JOURNAL_DRAFTS, "4.json", "new", "new"), 0);
	assert_text(journal, JOURNAL_DRAFTS, "4.json", "new");
	assert_text(journal, JOURNAL_DRAFTS, "4.json.error", "new\n");
	assert_text(journal, JOURNAL_DRAFTS, "4.json.~1~", "longer old");
	assert_text(journal, JOURNAL_DRAFTS, "4.json.~1~.error", "old reason\n");
	assert_int_equal(keep(journal, JOURNAL_DRAFTS, "4.json", "newest", NULL), 0);
	assert_list(journal, JOURNAL_DRAFTS,
		"4.json 4.json.~1~ 4.json.~1~.error 4.json.~2~ 4.json.~2~.error");
}

static void test_keep__keeps_the_same_draft_once(void **state)
{
	auto_journal struct journal *journal = open_journal(*state, JOURNAL_MAX_BYTES);
	assert_int_equal(keep(journal, JOURNAL_DRAFTS, "4.json", "text", "first"), 0);
	assert_int_equal(keep(journal, JOURNAL_DRAFTS, "4.json", "text", "second"), 0);
	assert_list(journal, JOURNAL_DRAFTS, "4.json 4.json.error");
	assert_text(journal, JOURNAL_DRAFTS, "4.json.error", "second\n");
}

static void test_keep__replaces_trash(void **state)
{
	auto_journal struct journal *journal = open_journal(*state, JOURNAL_MAX_BYTES);
	assert_int_equal(keep(journal, JOURNAL_TRASH, "4.json", "longer old", NULL), 0);
	assert_int_equal(keep(journal, JOURNAL_TRASH, "4.json", "new", NULL), 0);
	assert_list(journal, JOURNAL_TRASH, "4.json");
	assert_text(journal, JOURNAL_TRASH, "4.json", "new");
}

static void test_keep__leaves_no_temporary_file(void **state)
{
	struct fixture *fixture = *state;
	auto_journal struct journal *journal = open_journal(fixture, JOURNAL_MAX_BYTES);
	assert_int_equal(keep(journal, JOURNAL_DRAFTS, "4.json", "text", "why"), 0);
	assert_int_equal(journal_keep(journal, JOURNAL_TRASH, "case", "1.json", "a", 1, NULL), 0);
	assert_int_equal(mkdir(path_of(fixture, "trash/case/5.json"), 0700), 0);
	assert_int_equal(
		journal_keep(journal, JOURNAL_TRASH, "case", "5.json", "a", 1, NULL), -EISDIR);
	assert_int_equal(count_files(path_of(fixture, "temp")), 0);
	assert_int_equal(count_files(path_of(fixture, "pending/contact")), 0);
}

static void test_drop__drops_text_and_reason(void **state)
{
	auto_journal struct journal *journal = open_journal(*state, JOURNAL_MAX_BYTES);
	assert_int_equal(journal_drop(journal, JOURNAL_DRAFTS, "contact", "4.json"), 0);
	assert_int_equal(keep(journal, JOURNAL_DRAFTS, "4.json", "text", "why"), 0);
	assert_int_equal(keep(journal, JOURNAL_DRAFTS, "5.json", "text", "why"), 0);
	assert_int_equal(journal_drop(journal, JOURNAL_DRAFTS, "contact", "4.json"), 0);
	assert_gone(journal, JOURNAL_DRAFTS, "4.json");
	assert_gone(journal, JOURNAL_DRAFTS, "4.json.error");
	assert_int_equal(journal_drop(journal, JOURNAL_DRAFTS, "contact", "5.json.error"), 0);
	assert_list(journal, JOURNAL_DRAFTS, "5.json");
	assert_int_equal(journal_drop(journal, JOURNAL_DRAFTS, "contact", "5.json.error"), 0);
}

static void test_drop__leaves_a_directory_of_that_name(void **state)
{
	struct fixture *fixture = *state;
	auto_journal struct journal *journal = open_journal(fixture, JOURNAL_MAX_BYTES);
	assert_int_equal(keep(journal, JOURNAL_DRAFTS, "4.json", "{}", NULL), 0);
	assert_int_equal(mkdir(path_of(fixture, "reasons/contact"), 0700), 0);
	assert_int_equal(mkdir(path_of(fixture, "reasons/contact/4.json"), 0700), 0);
	assert_int_equal(journal_drop(journal, JOURNAL_DRAFTS, "contact", "4.json"), 0);
	assert_gone(journal, JOURNAL_DRAFTS, "4.json");
	assert_int_equal(access(path_of(fixture, "reasons/contact/4.json"), F_OK), 0);
}

static void test_journal__tells_a_reason_from_a_draft_of_that_name(void **state)
{
	auto_journal struct journal *journal = open_journal(*state, JOURNAL_MAX_BYTES);
	assert_int_equal(keep(journal, JOURNAL_DRAFTS, "4.json", "text", "the reason"), 0);
	assert_int_equal(keep(journal, JOURNAL_DRAFTS, "4.json.error", "a draft", "why"), 0);
	assert_list(journal, JOURNAL_DRAFTS, "4.json 4.json.error 4.json.error.error");
	assert_text(journal, JOURNAL_DRAFTS, "4.json.error", "a draft");
	assert_text(journal, JOURNAL_DRAFTS, "4.json.error.error", "why\n");

	assert_int_equal(journal_drop(journal, JOURNAL_DRAFTS, "contact", "4.json.error"), 0);
	assert_list(journal, JOURNAL_DRAFTS, "4.json 4.json.error");
	assert_text(journal, JOURNAL_DRAFTS, "4.json.error", "the reason\n");
}

static void test_journal__shows_no_reason_without_its_draft(void **state)
{
	struct fixture *fixture = *state;
	auto_journal struct journal *journal = open_journal(fixture, JOURNAL_MAX_BYTES);
	assert_int_equal(keep(journal, JOURNAL_DRAFTS, "4.json", "text", "why"), 0);
	assert_int_equal(unlink(path_of(fixture, "drafts/contact/4.json")), 0);
	assert_list(journal, JOURNAL_DRAFTS, "");
	assert_gone(journal, JOURNAL_DRAFTS, "4.json.error");
}

static void test_list__sorts_and_tells_sizes(void **state)
{
	static const char *const names[] = {"b.json", "a.json", "10.json", "B.json"};
	struct journal_item *items;
	size_t count;
	auto_journal struct journal *journal = open_journal(*state, JOURNAL_MAX_BYTES);
	for (size_t i = 0; i < array_size(names); i++)
		assert_int_equal(keep(journal, JOURNAL_TRASH, names[i], names[i], "unused"), 0);
	assert_list(journal, JOURNAL_TRASH, "10.json B.json a.json b.json");
	assert_list(journal, JOURNAL_DRAFTS, "");

	assert_int_equal(journal_list(journal, JOURNAL_TRASH, "contact", &items, &count), 0);
	assert_int_equal(items[0].size, strlen("10.json"));
	assert_in_range(items[0].mtime.tv_sec, clock_now().tv_sec - 3600, clock_now().tv_sec + 1);
	journal_items_free(items, count);
}

static void test_resources__are_those_that_have_something(void **state)
{
	char **names;
	auto_journal struct journal *journal = open_journal(*state, JOURNAL_MAX_BYTES);
	assert_int_equal(journal_keep(journal, JOURNAL_DRAFTS, "task", "1.json", "", 0, NULL), 0);
	assert_int_equal(journal_keep(journal, JOURNAL_DRAFTS, "case", "1.json", "", 0, NULL), 0);
	assert_int_equal(journal_keep(journal, JOURNAL_DRAFTS, "note", "1.json", "", 0, NULL), 0);
	assert_int_equal(journal_drop(journal, JOURNAL_DRAFTS, "note", "1.json"), 0);
	assert_int_equal(journal_resources(journal, JOURNAL_DRAFTS, &names), 0);
	assert_string_equal(names[0], "case");
	assert_string_equal(names[1], "task");
	assert_null(names[2]);
	journal_names_free(names);

	assert_int_equal(journal_resources(journal, JOURNAL_TRASH, &names), 0);
	assert_null(names[0]);
	journal_names_free(names);
}

static void test_look__tells_of_one_as_the_list_does(void **state)
{
	struct journal_item item;
	auto_journal struct journal *journal = open_journal(*state, JOURNAL_MAX_BYTES);
	assert_int_equal(journal_look_resource(journal, JOURNAL_DRAFTS, "contact"), -ENOENT);
	assert_int_equal(keep(journal, JOURNAL_DRAFTS, "4.json", "12345", "why"), 0);
	assert_int_equal(keep(journal, JOURNAL_DRAFTS, "5.json", "123", NULL), 0);
	assert_int_equal(journal_look_resource(journal, JOURNAL_DRAFTS, "contact"), 0);
	assert_int_equal(journal_look_resource(journal, JOURNAL_TRASH, "contact"), -ENOENT);

	static const struct {
		enum journal_area area;
		const char *name;
		int result;
		size_t size;
	} rows[] = {
		{JOURNAL_DRAFTS, "4.json", 0, 5},
		{JOURNAL_DRAFTS, "4.json.error", 0, 4},
		{JOURNAL_DRAFTS, "5.json.error", -ENOENT, 0},
		{JOURNAL_DRAFTS, "6.json", -ENOENT, 0},
		{JOURNAL_DRAFTS, "..", -EINVAL, 0},
		{JOURNAL_TRASH, "4.json", -ENOENT, 0},
	};
	for (size_t i = 0; i < array_size(rows); i++) {
		assert_int_equal(
			journal_look(journal, rows[i].area, "contact", rows[i].name, &item),
			rows[i].result);
		if (rows[i].result == 0)
			assert_int_equal(item.size, rows[i].size);
	}
	/* Neither a reason without its text, nor what is no file. */
	assert_int_equal(unlink(path_of(*state, "drafts/contact/4.json")), 0);
	assert_int_equal(
		journal_look(journal, JOURNAL_DRAFTS, "contact", "4.json.error", &item), -ENOENT);
	assert_int_equal(unlink(path_of(*state, "drafts/contact/5.json")), 0);
	assert_int_equal(symlink("/etc/passwd", path_of(*state, "drafts/contact/5.json")), 0);
	assert_int_equal(
		journal_look(journal, JOURNAL_DRAFTS, "contact", "5.json", &item), -ENOENT);
	assert_int_equal(journal_look_resource(journal, JOURNAL_DRAFTS, "contact"), -ENOENT);
}

static void test_stats__count_both_areas(void **state)
{
	struct journal_stats stats;
	auto_journal struct journal *journal = open_journal(*state, JOURNAL_MAX_BYTES);
	assert_int_equal(keep(journal, JOURNAL_DRAFTS, "4.json", "12345", "why"), 0);
	assert_int_equal(keep(journal, JOURNAL_DRAFTS, "5.json", "123", NULL), 0);
	assert_int_equal(keep(journal, JOURNAL_TRASH, "4.json", "1234567", NULL), 0);
	assert_int_equal(journal_get_stats(journal, &stats), 0);
	assert_int_equal(stats.drafts, 2);
	assert_int_equal(stats.draft_bytes, 8);
	assert_int_equal(stats.trash, 1);
	assert_int_equal(stats.trash_bytes, 7);
}

static void test_read__says_when_the_buffer_is_too_small(void **state)
{
	auto_journal struct journal *journal = open_journal(*state, JOURNAL_MAX_BYTES);
	auto_buf struct buf out = BUF_INIT(8);
	assert_int_equal(keep(journal, JOURNAL_DRAFTS, "4.json", "123456", NULL), 0);
	assert_int_equal(buf_add_str(&out, "abc"), 0);
	assert_int_equal(journal_read(journal, JOURNAL_DRAFTS, "contact", "4.json", &out), -EFBIG);
	assert_string_equal(out.data, "abc");
}

/* Names. */

static void test_journal__refuses_names_that_lead_elsewhere(void **state)
{
	char long_name[NAME_MAX + 2];
	memset(long_name, 'x', sizeof long_name - 1);
	long_name[sizeof long_name - 1] = '\0';
	const char *const names[] = {"", ".", "..", "/", "a/b", "../x", "/etc/passwd", "..error/..",
		"../4.json.error", long_name};
	auto_buf struct buf out = BUF_INIT(1 << 20);
	struct journal_item *items;
	size_t count;
	auto_journal struct journal *journal = open_journal(*state, JOURNAL_MAX_BYTES);

	for (size_t i = 0; i < array_size(names); i++) {
		const char *bad = names[i];
		print_message("name '%.20s'\n", bad);
		assert_int_equal(keep(journal, JOURNAL_DRAFTS, bad, "", "why"), -EINVAL);
		assert_int_equal(keep(journal, JOURNAL_TRASH, bad, "", NULL), -EINVAL);
		assert_int_equal(
			journal_keep(journal, JOURNAL_TRASH, bad, "4.json", "", 0, NULL), -EINVAL);
		assert_int_equal(journal_drop(journal, JOURNAL_DRAFTS, "contact", bad), -EINVAL);
		assert_int_equal(journal_drop(journal, JOURNAL_DRAFTS, bad, "4.json"), -EINVAL);
		assert_int_equal(
			journal_read(journal, JOURNAL_DRAFTS, "contact", bad, &out), -EINVAL);
		assert_int_equal(
			journal_read(journal, JOURNAL_DRAFTS, bad, "4.json", &out), -EINVAL);
		assert_int_equal(
			journal_list(journal, JOURNAL_DRAFTS, bad, &items, &count), -EINVAL);
	}
	assert_int_equal(out.len, 0);
}

static void test_journal__takes_any_plain_name(void **state)
{
	char longest[NAME_MAX + 1], shown[NAME_MAX + 8];
	memset(longest, 'x', NAME_MAX);
	longest[NAME_MAX] = '\0';
	snprintf(shown, sizeof shown, "%s.error", longest);
	const char *const names[] = {".hidden", "...", "-rf", ".error", "a\nb", "\xff\xfe",
		"version", "Zo\xc3\xab M.json", "%2F", longest};
	auto_journal struct journal *journal = open_journal(*state, JOURNAL_MAX_BYTES);

	for (size_t i = 0; i < array_size(names); i++) {
		print_message("name '%.20s'\n", names[i]);
		assert_int_equal(keep(journal, JOURNAL_DRAFTS, names[i], names[i], "why"), 0);
		assert_text(journal, JOURNAL_DRAFTS, names[i], names[i]);
	}
	assert_text(journal, JOURNAL_DRAFTS, shown, "why\n");
	assert_int_equal(journal_drop(journal, JOURNAL_DRAFTS, "contact", shown), 0);
	assert_gone(journal, JOURNAL_DRAFTS, shown);
	assert_text(journal, JOURNAL_DRAFTS, longest, longest);
}

static void test_journal__follows_no_link(void **state)
{
	struct fixture *fixture = *state;
	char outside[PATH_MAX];
	auto_buf struct buf out = BUF_INIT(1 << 20);
	snprintf(outside, sizeof outside, "%s/outside", fixture->root);
	write_file(outside, "secret");
	auto_journal struct journal *journal = open_journal(fixture, JOURNAL_MAX_BYTES);
	assert_int_equal(keep(journal, JOURNAL_DRAFTS, "4.json", "text", NULL), 0);
	assert_int_equal(symlink(outside, path_of(fixture, "drafts/contact/5.json")), 0);
	assert_int_equal(symlink(fixture->root, path_of(fixture, "drafts/case")), 0);

	assert_int_equal(journal_read(journal, JOURNAL_DRAFTS, "contact", "5.json", &out), -ELOOP);
	assert_true(journal_read(journal, JOURNAL_DRAFTS, "case", "outside", &out) < 0);
	assert_true(journal_keep(journal, JOURNAL_DRAFTS, "case", "outside", "x", 1, NULL) < 0);
	assert_list(journal, JOURNAL_DRAFTS, "4.json");

	assert_int_equal(keep(journal, JOURNAL_DRAFTS, "5.json", "mine", NULL), 0);
	assert_text(journal, JOURNAL_DRAFTS, "5.json", "mine");
	struct stat st;
	assert_int_equal(stat(outside, &st), 0);
	assert_int_equal(st.st_size, strlen("secret"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		row(test_journal__gives_back_what_it_keeps),
		row(test_journal__keeps_an_empty_text),
		row(test_journal__shows_a_second_mount_what_the_first_kept),
		row(test_journal__keeps_accounts_apart),
		row(test_keep__moves_an_earlier_draft_aside),
		row(test_keep__keeps_the_same_draft_once),
		row(test_keep__replaces_trash),
		row(test_keep__leaves_no_temporary_file),
		row(test_drop__drops_text_and_reason),
		row(test_drop__leaves_a_directory_of_that_name),
		row(test_journal__tells_a_reason_from_a_draft_of_that_name),
		row(test_journal__shows_no_reason_without_its_draft),
		row(test_list__sorts_and_tells_sizes),
		row(test_resources__are_those_that_have_something),
		row(test_look__tells_of_one_as_the_list_does),
		row(test_stats__count_both_areas),
		row(test_read__says_when_the_buffer_is_too_small),
		row(test_journal__refuses_names_that_lead_elsewhere),
		row(test_journal__takes_any_plain_name),
		row(test_journal__follows_no_link),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
