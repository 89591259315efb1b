/*
 * What the tests of the journal share: a state_dir of its own for each test, and assertions about
 * what a journal holds for the resource "contact". Includes cmocka.
 */
#ifndef TESTS_UNIT_JOURNAL_FIXTURE_H
#define TESTS_UNIT_JOURNAL_FIXTURE_H

#include "clock.h"
#include "journal.h"

#include <dirent.h>
#include <fcntl.h>
#include <ftw.h>
#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#define URL "https://www.clevertim.com/api"
#define ACCOUNT "https%3A%2F%2Fwww.clevertim.com%2Fapi"

/* A directory of its own for each test, and a state_dir in it that does not exist yet. */
struct fixture {
	char root[128];
	char state[PATH_MAX];
	char path[PATH_MAX]; /* what path_of returned last */
	struct problem problem;
};

static inline int set_up(void **state)
{
	struct fixture *fixture = calloc(1, sizeof *fixture);
	const char *tmp = getenv("TMPDIR");
	*state = fixture;
	snprintf(fixture->root, sizeof fixture->root, "%.100s/journal-XXXXXX", tmp ? tmp : "/tmp");
	if (!mkdtemp(fixture->root))
		return -1;
	snprintf(fixture->state, sizeof fixture->state, "%s/local/state", fixture->root);
	return 0;
}

static inline int remove_one(const char *path, const struct stat *st, int type, struct FTW *where)
{
	return remove(path);
}

static inline int tear_down(void **state)
{
	struct fixture *fixture = *state;
	int err = nftw(fixture->root, remove_one, 16, FTW_DEPTH | FTW_PHYS);
	free(fixture);
	return err;
}

/* A path in the account's directory. */
static inline const char *path_of(struct fixture *fixture, const char *name)
{
	snprintf(fixture->path, sizeof fixture->path, "%.2000s/%s/%s", fixture->state, ACCOUNT,
		name);
	return fixture->path;
}

static inline struct journal *open_journal(struct fixture *fixture, uint64_t max_bytes)
{
	struct journal *journal = NULL;
	int err = journal_open(fixture->state, URL, max_bytes, &journal, &fixture->problem);
	if (err < 0)
		fail_msg("journal_open: %s: %s", problem_errno_name(err), fixture->problem.message);
	return journal;
}

static inline void close_journal(struct journal **journal)
{
	journal_close(*journal);
}
#define auto_journal cleanup(close_journal)

static inline int keep(struct journal *journal, enum journal_area area, const char *name,
	const char *text, const char *reason)
{
	return journal_keep(journal, area, "contact", name, text, strlen(text), reason);
}

static inline void check_text(struct journal *journal, enum journal_area area, const char *name,
	const char *expected, const char *file, int line)
{
	auto_buf struct buf text = BUF_INIT(1 << 20);
	_assert_int_equal(journal_read(journal, area, "contact", name, &text), 0, file, line);
	_assert_string_equal(text.data, expected, file, line);
}
#define assert_text(journal, area, name, expected) \
	check_text(journal, area, name, expected, __FILE__, __LINE__)

static inline void check_gone(struct journal *journal, enum journal_area area, const char *name,
	const char *file, int line)
{
	auto_buf struct buf text = BUF_INIT(1 << 20);
	_assert_int_equal(journal_read(journal, area, "contact", name, &text), -ENOENT, file, line);
}
#define assert_gone(journal, area, name) check_gone(journal, area, name, __FILE__, __LINE__)

/* All names of contact, in their order: "a b c". */
static inline void check_list(struct journal *journal, enum journal_area area, const char *expected,
	const char *file, int line)
{
	struct journal_item *items;
	size_t count;
	auto_buf struct buf names = BUF_INIT(1 << 20);
	_assert_int_equal(journal_list(journal, area, "contact", &items, &count), 0, file, line);
	for (size_t i = 0; i < count; i++)
		assert_int_equal(buf_addf(&names, "%s%s", i > 0 ? " " : "", items[i].name), 0);
	_assert_string_equal(names.data, expected, file, line);
	journal_items_free(items, count);
}
#define assert_list(journal, area, expected) check_list(journal, area, expected, __FILE__, __LINE__)

static inline size_t count_files(const char *path)
{
	size_t count = 0;
	DIR *dir = opendir(path);
	assert_non_null(dir);
	for (const struct dirent *entry; (entry = readdir(dir));)
		count += entry->d_name[0] != '.';
	closedir(dir);
	return count;
}

static inline void write_file(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
	close(fd);
}

static inline void set_age(const char *path, int64_t seconds)
{
	struct timespec times[2] = {clock_now(), clock_now()};
	times[0].tv_sec -= seconds;
	times[1].tv_sec -= seconds;
	int fd = open(path, O_WRONLY | O_CLOEXEC);
	assert_true(fd >= 0);
	assert_int_equal(futimens(fd, times), 0);
	close(fd);
}

static inline mode_t mode_of(const char *path)
{
	struct stat st;
	assert_int_equal(stat(path, &st), 0);
	return st.st_mode & 07777;
}

/* For a test that needs what this machine may not offer; CI is set up so that it does. */
static inline void skip_unless_ci(const char *lacking)
{
	const char *ci = getenv("CI");
	if (ci && strcmp(ci, "true") == 0)
		fail_msg("cannot be tested here: %s", lacking);
	skip();
}

#define row(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

#endif
