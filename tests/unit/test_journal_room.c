#include "journal_fixture.h"

#include <signal.h>
#include <sys/mount.h>
#include <sys/resource.h>

static void test_keep__evicts_the_oldest_trash_first(void **state)
{
	struct fixture *fixture = *state;
	auto_journal struct journal *journal = open_journal(fixture, 40);
	assert_int_equal(keep(journal, JOURNAL_DRAFTS, "draft.json", "0123456789", NULL), 0);
	assert_int_equal(keep(journal, JOURNAL_TRASH, "a.json", "0123456789", NULL), 0);
	assert_int_equal(keep(journal, JOURNAL_TRASH, "b.json", "0123456789", NULL), 0);
	assert_int_equal(keep(journal, JOURNAL_TRASH, "c.json", "0123456789", NULL), 0);
	set_age(path_of(fixture, "drafts/contact/draft.json"), 4000);
	set_age(path_of(fixture, "trash/contact/b.json"), 3000);
	set_age(path_of(fixture, "trash/contact/a.json"), 2000);
	set_age(path_of(fixture, "trash/contact/c.json"), 1000);

	assert_int_equal(journal_keep(journal, JOURNAL_TRASH, "task", "1.json", "x", 1, NULL), 0);
	assert_list(journal, JOURNAL_TRASH, "a.json c.json");
	assert_int_equal(keep(journal, JOURNAL_DRAFTS, "new.json", "0123456789", NULL), 0);
	assert_list(journal, JOURNAL_TRASH, "c.json");
	assert_list(journal, JOURNAL_DRAFTS, "draft.json new.json");
}

static void test_keep__changes_nothing_where_no_room_can_be_made(void **state)
{
	struct fixture *fixture = *state;
	auto_journal struct journal *journal = open_journal(fixture, 30);
	assert_int_equal(keep(journal, JOURNAL_DRAFTS, "4.json", "0123456789", "why"), 0);
	assert_int_equal(keep(journal, JOURNAL_DRAFTS, "5.json", "0123456789", NULL), 0);
	assert_int_equal(keep(journal, JOURNAL_TRASH, "6.json", "trash", NULL), 0);

	assert_int_equal(
		keep(journal, JOURNAL_DRAFTS, "4.json", "a text of 21 bytes...", "new"), -ENOSPC);
	assert_int_equal(keep(journal, JOURNAL_DRAFTS, "7.json", "0123456789+", "new"), -ENOSPC);
	assert_int_equal(keep(journal, JOURNAL_TRASH, "6.json", "0123456789+", NULL), -ENOSPC);
	assert_int_equal(keep(journal, JOURNAL_TRASH, "8.json",
				 "more than the whole journal may ever hold", NULL),
		-ENOSPC);
	assert_list(journal, JOURNAL_DRAFTS, "4.json 4.json.error 5.json");
	assert_list(journal, JOURNAL_TRASH, "6.json");
	assert_text(journal, JOURNAL_DRAFTS, "4.json", "0123456789");
	assert_text(journal, JOURNAL_DRAFTS, "4.json.error", "why\n");
	assert_text(journal, JOURNAL_TRASH, "6.json", "trash");
	assert_int_equal(count_files(path_of(fixture, "temp")), 0);
}

static void test_keep__counts_the_text_it_replaces_as_room(void **state)
{
	auto_journal struct journal *journal = open_journal(*state, 20);
	assert_int_equal(keep(journal, JOURNAL_DRAFTS, "4.json", "0123456789", NULL), 0);
	assert_int_equal(keep(journal, JOURNAL_TRASH, "5.json", "0123456789", NULL), 0);
	for (int i = 0; i < 3; i++) {
		assert_int_equal(keep(journal, JOURNAL_TRASH, "5.json", "9876543210", NULL), 0);
		assert_list(journal, JOURNAL_DRAFTS, "4.json");
		assert_list(journal, JOURNAL_TRASH, "5.json");
	}
}

static void test_keep__finds_room_again_after_a_drop(void **state)
{
	auto_journal struct journal *journal = open_journal(*state, 20);
	for (int i = 0; i < 5; i++) {
		assert_int_equal(
			keep(journal, JOURNAL_DRAFTS, "4.json", "0123456789012345", NULL), 0);
		assert_int_equal(journal_drop(journal, JOURNAL_DRAFTS, "contact", "4.json"), 0);
		assert_int_equal(
			keep(journal, JOURNAL_DRAFTS, "5.json", "0123456789012345", NULL), 0);
		assert_int_equal(journal_drop(journal, JOURNAL_DRAFTS, "contact", "5.json"), 0);
	}
}

/* A file system of 64 KiB at state_dir. */
static void mount_small(struct fixture *fixture)
{
	char parent[PATH_MAX];
	snprintf(parent, sizeof parent, "%s/local", fixture->root);
	assert_int_equal(mkdir(parent, 0700), 0);
	assert_int_equal(mkdir(fixture->state, 0700), 0);
	if (mount("small", fixture->state, "tmpfs", 0, "size=64k,mode=0700") < 0)
		skip_unless_ci("mounting a tmpfs needs root");
}

static void test_keep__leaves_the_old_text_when_the_disk_is_full(void **state)
{
	struct fixture *fixture = *state;
	auto_free char *big = calloc(1, 128 << 10);
	mount_small(fixture);
	struct journal *journal = open_journal(fixture, JOURNAL_MAX_BYTES);
	int old = keep(journal, JOURNAL_DRAFTS, "4.json", "old", "why");
	int full =
		journal_keep(journal, JOURNAL_DRAFTS, "contact", "4.json", big, 128 << 10, "full");
	auto_buf struct buf text = BUF_INIT(1 << 20);
	auto_buf struct buf reason = BUF_INIT(1 << 20);
	int read = journal_read(journal, JOURNAL_DRAFTS, "contact", "4.json", &text);
	int why = journal_read(journal, JOURNAL_DRAFTS, "contact", "4.json.error", &reason);
	size_t left = count_files(path_of(fixture, "temp")) +
		      count_files(path_of(fixture, "pending/contact"));
	journal_close(journal);
	assert_int_equal(umount2(fixture->state, MNT_DETACH), 0);

	assert_int_equal(old, 0);
	assert_int_equal(full, -ENOSPC);
	assert_int_equal(read, 0);
	assert_string_equal(text.data, "old");
	assert_int_equal(why, 0);
	assert_string_equal(reason.data, "why\n");
	assert_int_equal(left, 0);
}

static void test_keep__gives_up_trash_when_the_disk_is_full(void **state)
{
	struct fixture *fixture = *state;
	auto_free char *big = calloc(1, 20 << 10);
	mount_small(fixture);
	struct journal *journal = open_journal(fixture, JOURNAL_MAX_BYTES);
	int old = journal_keep(journal, JOURNAL_TRASH, "contact", "1.json", big, 20 << 10, NULL);
	int new = journal_keep(journal, JOURNAL_TRASH, "contact", "2.json", big, 20 << 10, NULL);
	set_age(path_of(fixture, "trash/contact/1.json"), 3000);
	int draft = journal_keep(
		journal, JOURNAL_DRAFTS, "contact", "4.json", big, 20 << 10, "the disk is full");
	size_t left = count_files(path_of(fixture, "trash/contact"));
	int why = access(path_of(fixture, "reasons/contact/4.json"), F_OK);
	journal_close(journal);
	assert_int_equal(umount2(fixture->state, MNT_DETACH), 0);

	assert_int_equal(old, 0);
	assert_int_equal(new, 0);
	assert_int_equal(draft, 0);
	assert_int_equal(left, 1);
	assert_int_equal(why, 0);
}

static void test_keep__leaves_the_old_text_when_a_write_fails(void **state)
{
	struct fixture *fixture = *state;
	struct rlimit before, small;
	char big[8192] = {0};
	auto_journal struct journal *journal = open_journal(fixture, JOURNAL_MAX_BYTES);
	assert_int_equal(keep(journal, JOURNAL_DRAFTS, "4.json", "old", "why"), 0);

	assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
	small = (struct rlimit){.rlim_cur = 4096, .rlim_max = before.rlim_max};
	void (*on_limit)(int) = signal(SIGXFSZ, SIG_IGN);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
	int err = journal_keep(
		journal, JOURNAL_DRAFTS, "contact", "4.json", big, sizeof big, "too big");
	setrlimit(RLIMIT_FSIZE, &before);
	signal(SIGXFSZ, on_limit);

	assert_int_equal(err, -EFBIG);
	assert_text(journal, JOURNAL_DRAFTS, "4.json", "old");
	assert_text(journal, JOURNAL_DRAFTS, "4.json.error", "why\n");
	assert_int_equal(count_files(path_of(fixture, "temp")), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		row(test_keep__evicts_the_oldest_trash_first),
		row(test_keep__changes_nothing_where_no_room_can_be_made),
		row(test_keep__counts_the_text_it_replaces_as_room),
		row(test_keep__finds_room_again_after_a_drop),
		row(test_keep__leaves_the_old_text_when_the_disk_is_full),
		row(test_keep__gives_up_trash_when_the_disk_is_full),
		row(test_keep__leaves_the_old_text_when_a_write_fails),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
