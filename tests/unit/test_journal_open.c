#include "journal_fixture.h"

#include <sys/file.h>

static void test_open__makes_private_directories(void **state)
{
	static const char *const dirs[] = {"", "drafts", "drafts/contact", "reasons/contact",
		"pending/contact", "trash", "temp"};
	struct fixture *fixture = *state;
	mode_t mask = umask(0);
	auto_journal struct journal *journal = open_journal(fixture, JOURNAL_MAX_BYTES);
	assert_int_equal(keep(journal, JOURNAL_DRAFTS, "4.json", "text", "why"), 0);
	umask(mask);
	assert_int_equal(mode_of(fixture->state), 0700);
	for (size_t i = 0; i < array_size(dirs); i++)
		assert_int_equal(mode_of(path_of(fixture, dirs[i])), 0700);
	assert_int_equal(mode_of(path_of(fixture, "version")), 0600);
	assert_int_equal(mode_of(path_of(fixture, "drafts/contact/4.json")), 0600);
	assert_int_equal(mode_of(path_of(fixture, "reasons/contact/4.json")), 0600);
}

static void test_open__refuses_a_state_dir_open_to_others(void **state)
{
	static const mode_t modes[] = {0755, 0770, 0701, 0740, 0702};
	struct fixture *fixture = *state;
	struct journal *journal = NULL;
	journal_close(open_journal(fixture, JOURNAL_MAX_BYTES));
	for (size_t i = 0; i < array_size(modes); i++) {
		assert_int_equal(chmod(fixture->state, modes[i]), 0);
		assert_int_equal(journal_open(fixture->state, URL, JOURNAL_MAX_BYTES, &journal,
					 &fixture->problem),
			-EACCES);
		assert_non_null(strstr(fixture->problem.message, "chmod 700"));
		assert_non_null(strstr(fixture->problem.message, fixture->state));
	}
	assert_null(journal);
}

static void test_open__refuses_a_state_dir_of_another_user(void **state)
{
	struct fixture *fixture = *state;
	struct journal *journal = NULL;
	if (geteuid() != 0)
		skip_unless_ci("giving a directory away needs root");
	journal_close(open_journal(fixture, JOURNAL_MAX_BYTES));
	assert_int_equal(chown(fixture->state, 12345, (gid_t)-1), 0);
	assert_int_equal(
		journal_open(fixture->state, URL, JOURNAL_MAX_BYTES, &journal, &fixture->problem),
		-EACCES);
	assert_non_null(strstr(fixture->problem.message, "another user"));
}

static void test_open__says_what_stands_in_the_way(void **state)
{
	struct fixture *fixture = *state;
	struct journal *journal = NULL;
	char file[PATH_MAX], below[PATH_MAX];
	snprintf(file, sizeof file, "%s/file", fixture->root);
	snprintf(below, sizeof below, "%.200s/state", file);
	write_file(file, "");
	assert_int_equal(
		journal_open(below, URL, JOURNAL_MAX_BYTES, &journal, &fixture->problem), -ENOTDIR);
	assert_non_null(strstr(fixture->problem.message, below));

	char url[1000];
	memset(url, 'u', sizeof url - 1);
	url[sizeof url - 1] = '\0';
	assert_int_equal(
		journal_open(fixture->state, url, JOURNAL_MAX_BYTES, &journal, &fixture->problem),
		-ENAMETOOLONG);
	assert_null(journal);
}

static void test_open__takes_a_state_dir_behind_a_link(void **state)
{
	struct fixture *fixture = *state;
	char link[PATH_MAX];
	journal_close(open_journal(fixture, JOURNAL_MAX_BYTES));
	snprintf(link, sizeof link, "%s/link", fixture->root);
	assert_int_equal(symlink("local/state/", link), 0);
	auto_journal struct journal *journal = NULL;
	assert_int_equal(
		journal_open(link, URL, JOURNAL_MAX_BYTES, &journal, &fixture->problem), 0);
}

static void test_open__refuses_what_a_newer_version_wrote(void **state)
{
	static const char *const versions[] = {"2\n", "10\n", "", "1", "one\n", "1\n1\n",
		"1111111111111111111111111111111111111111111111111111111111111111111111\n"};
	struct fixture *fixture = *state;
	struct journal *journal = NULL;
	journal_close(open_journal(fixture, JOURNAL_MAX_BYTES));
	for (size_t i = 0; i < array_size(versions); i++) {
		print_message("version '%s'\n", versions[i]);
		write_file(path_of(fixture, "version"), versions[i]);
		assert_int_equal(journal_open(fixture->state, URL, JOURNAL_MAX_BYTES, &journal,
					 &fixture->problem),
			-EPROTONOSUPPORT);
		assert_non_null(strstr(fixture->problem.message, "newer clevertimfs"));
	}
	assert_null(journal);
}

static void test_open__writes_a_missing_version(void **state)
{
	struct fixture *fixture = *state;
	char text[8] = "";
	journal_close(open_journal(fixture, JOURNAL_MAX_BYTES));
	assert_int_equal(unlink(path_of(fixture, "version")), 0);
	journal_close(open_journal(fixture, JOURNAL_MAX_BYTES));
	int fd = open(path_of(fixture, "version"), O_RDONLY | O_CLOEXEC);
	assert_true(fd >= 0);
	assert_int_equal(read(fd, text, sizeof text - 1), 2);
	assert_string_equal(text, "1\n");
	close(fd);
}

static void test_open__drops_trash_after_its_days(void **state)
{
	const int64_t days = JOURNAL_TRASH_DAYS * (int64_t)86400;
	struct fixture *fixture = *state;
	struct journal *journal = open_journal(fixture, JOURNAL_MAX_BYTES);
	assert_int_equal(keep(journal, JOURNAL_TRASH, "old.json", "text", NULL), 0);
	assert_int_equal(keep(journal, JOURNAL_TRASH, "young.json", "text", NULL), 0);
	assert_int_equal(keep(journal, JOURNAL_DRAFTS, "old.json", "text", "why"), 0);
	journal_close(journal);
	set_age(path_of(fixture, "trash/contact/old.json"), days + 60);
	set_age(path_of(fixture, "trash/contact/young.json"), days - 60);
	set_age(path_of(fixture, "drafts/contact/old.json"), 10 * days);

	auto_journal struct journal *again = open_journal(fixture, JOURNAL_MAX_BYTES);
	assert_list(again, JOURNAL_TRASH, "young.json");
	assert_list(again, JOURNAL_DRAFTS, "old.json old.json.error");
}

#define DEAD "00000000000000aa.4.json"
#define ALIVE "00000000000000bb"

static void test_open__clears_leftovers_but_not_of_a_living_writer(void **state)
{
	struct fixture *fixture = *state;
	journal_close(open_journal(fixture, JOURNAL_MAX_BYTES));
	write_file(path_of(fixture, "temp/" DEAD), "half");
	write_file(path_of(fixture, "temp/" ALIVE), "half");
	int alive = open(path_of(fixture, "temp/" ALIVE), O_RDWR | O_CLOEXEC);
	assert_int_equal(flock(alive, LOCK_EX), 0);
	journal_close(open_journal(fixture, JOURNAL_MAX_BYTES));
	assert_int_equal(count_files(path_of(fixture, "temp")), 1);
	assert_int_equal(access(path_of(fixture, "temp/" ALIVE), F_OK), 0);

	close(alive);
	journal_close(open_journal(fixture, JOURNAL_MAX_BYTES));
	assert_int_equal(count_files(path_of(fixture, "temp")), 0);
}

static void test_open__leaves_the_files_of_others(void **state)
{
	static const char *const names[] = {"temp/notes.txt", "temp/0123456789abcdef.",
		"temp/0123456789ABCDEF.4.json", "temp/0123456789abcdef0", "pending/note.txt",
		"pending/contact/a-note-to-myself.json", "pending/contact/4.json",
		"pending/contact/0123456789abcdef", "reasons/contact/7.json", "trash/x", "x"};
	struct fixture *fixture = *state;
	journal_close(open_journal(fixture, JOURNAL_MAX_BYTES));
	assert_int_equal(mkdir(path_of(fixture, "pending/contact"), 0700), 0);
	assert_int_equal(mkdir(path_of(fixture, "reasons/contact"), 0700), 0);
	for (size_t i = 0; i < array_size(names); i++)
		write_file(path_of(fixture, names[i]), "mine");

	auto_journal struct journal *journal = open_journal(fixture, JOURNAL_MAX_BYTES);
	assert_list(journal, JOURNAL_DRAFTS, "");
	for (size_t i = 0; i < array_size(names); i++) {
		if (access(path_of(fixture, names[i]), F_OK) < 0)
			fail_msg("%s: it is gone", names[i]);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		row(test_open__makes_private_directories),
		row(test_open__refuses_a_state_dir_open_to_others),
		row(test_open__refuses_a_state_dir_of_another_user),
		row(test_open__says_what_stands_in_the_way),
		row(test_open__takes_a_state_dir_behind_a_link),
		row(test_open__refuses_what_a_newer_version_wrote),
		row(test_open__writes_a_missing_version),
		row(test_open__drops_trash_after_its_days),
		row(test_open__clears_leftovers_but_not_of_a_living_writer),
		row(test_open__leaves_the_files_of_others),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
