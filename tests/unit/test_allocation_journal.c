/*
 * Drafts and trash when memory is short: each call fails with -ENOMEM or does its work; what was kept
 * stays kept, no file is left lying about, and the next try succeeds.
 */
#include "failing.h"
#include "journal_fixture.h"

static const char text[] = "{\"fn\":\"Ann\"}";

struct trial {
	struct fixture *fixture;
	const char *name;
	/* Does its work on a journal that holds the draft "4.json" and the trash "5.json". */
	int (*work)(struct fixture *fixture, struct journal *journal);
	const char *drafts, *trash; /* what is listed once it succeeded */
	uint64_t max_bytes;	    /* 0: enough */
};

static int work_open(struct fixture *fixture, struct journal *journal)
{
	struct journal *other;
	int err = journal_open(fixture->state, URL, JOURNAL_MAX_BYTES, &other, &fixture->problem);
	assert_true(err == 0 || fixture->problem.message[0]);
	if (err == 0)
		journal_close(other);
	return err;
}

static int work_keep(struct fixture *fixture, struct journal *journal)
{
	return keep(journal, JOURNAL_DRAFTS, "7.json", text, "no such city");
}

static int work_keep_another(struct fixture *fixture, struct journal *journal)
{
	return keep(journal, JOURNAL_DRAFTS, "4.json", text, "no such city");
}

static int work_trash(struct fixture *fixture, struct journal *journal)
{
	return keep(journal, JOURNAL_TRASH, "7.json", text, NULL);
}

static int work_note(struct fixture *fixture, struct journal *journal)
{
	struct journal_note *note;
	int err = journal_note(journal, "contact", "4.json", text, strlen(text), true, &note);
	if (err == 0)
		journal_note_drop(note);
	return err;
}

static int work_note_keep(struct fixture *fixture, struct journal *journal)
{
	struct journal_note *note;
	int err = journal_note(journal, "contact", "7.json", text, strlen(text), false, &note);
	return err < 0 ? err : journal_note_keep(note, "it was refused");
}

static int work_note_reached(struct fixture *fixture, struct journal *journal)
{
	struct journal_note *note;
	int err = journal_note(journal, "contact", "4.json", text, strlen(text), true, &note);
	if (err == 0)
		journal_note_reached(note, NULL, NULL);
	return err;
}

static int work_drop(struct fixture *fixture, struct journal *journal)
{
	return journal_drop(journal, JOURNAL_DRAFTS, "contact", "4.json");
}

static int work_read(struct fixture *fixture, struct journal *journal)
{
	auto_buf struct buf out = BUF_INIT(1000);
	int err = journal_read(journal, JOURNAL_DRAFTS, "contact", "4.json", &out);
	if (err < 0)
		return err;
	assert_string_equal(out.data, "earlier");
	return 0;
}

static int work_list(struct fixture *fixture, struct journal *journal)
{
	struct journal_item *items;
	size_t count;
	int err = journal_list(journal, JOURNAL_DRAFTS, "contact", &items, &count);
	if (err < 0)
		return err;
	assert_int_equal(count, 2);
	journal_items_free(items, count);
	return 0;
}

static int work_resources(struct fixture *fixture, struct journal *journal)
{
	char **names;
	int err = journal_resources(journal, JOURNAL_TRASH, &names);
	if (err < 0)
		return err;
	assert_string_equal(names[0], "contact");
	assert_null(names[1]);
	journal_names_free(names);
	return 0;
}

static int work_stats(struct fixture *fixture, struct journal *journal)
{
	struct journal_stats stats;
	int err = journal_get_stats(journal, &stats);
	if (err < 0)
		return err;
	assert_int_equal(stats.drafts, 1);
	assert_int_equal(stats.trash, 1);
	return 0;
}

static const char plain[] = "4.json 4.json.error";

static const struct trial trials[] = {
	{NULL, "open", work_open, plain, "5.json"},
	{NULL, "keep", work_keep, "4.json 4.json.error 7.json 7.json.error", "5.json"},
	{NULL, "keep another", work_keep_another, "4.json 4.json.error 4.json.~1~ 4.json.~1~.error",
		"5.json"},
	{NULL, "trash in the place of older trash", work_trash, plain, "7.json", 20},
	{NULL, "note", work_note, plain, "5.json"},
	{NULL, "note_keep", work_note_keep, "4.json 4.json.error 7.json 7.json.error", "5.json"},
	{NULL, "note_reached", work_note_reached, "", "5.json"},
	{NULL, "read", work_read, plain, "5.json"},
	{NULL, "list", work_list, plain, "5.json"},
	{NULL, "resources", work_resources, plain, "5.json"},
	{NULL, "stats", work_stats, plain, "5.json"},
};

/* Each trial in an account of its own, as if nothing were there yet. */
static void empty(struct fixture *fixture)
{
	if (access(fixture->state, F_OK) == 0)
		assert_int_equal(nftw(fixture->state, remove_one, 16, FTW_DEPTH | FTW_PHYS), 0);
}

static size_t count_left(struct fixture *fixture, const char *dir)
{
	const char *path = path_of(fixture, dir);
	return access(path, F_OK) < 0 ? 0 : count_files(path);
}

static bool try_work(void *arg, unsigned nth)
{
	const struct trial *trial = arg;
	struct fixture *fixture = trial->fixture;
	empty(fixture);
	auto_journal struct journal *journal =
		open_journal(fixture, trial->max_bytes ? trial->max_bytes : JOURNAL_MAX_BYTES);
	assert_int_equal(keep(journal, JOURNAL_DRAFTS, "4.json", "earlier", "why"), 0);
	assert_int_equal(keep(journal, JOURNAL_TRASH, "5.json", "gone", NULL), 0);

	failing_arm(nth);
	int err = trial->work(fixture, journal);
	bool has_failed = failing_disarm();
	if (err < 0) {
		assert_true(has_failed && err == -ENOMEM);
		assert_list(journal, JOURNAL_DRAFTS, plain);
		assert_text(journal, JOURNAL_DRAFTS, "4.json", "earlier");
		assert_list(journal, JOURNAL_TRASH, "5.json");
		assert_int_equal(trial->work(fixture, journal), 0);
	}
	assert_list(journal, JOURNAL_DRAFTS, trial->drafts);
	assert_list(journal, JOURNAL_TRASH, trial->trash);
	journal_close(steal(journal));
	assert_int_equal(count_left(fixture, "temp"), 0);
	assert_int_equal(count_left(fixture, "pending/contact"), 0);
	return has_failed;
}

static void test_work__fails_cleanly_when_memory_is_short(void **state)
{
	for (size_t i = 0; i < array_size(trials); i++) {
		struct trial trial = trials[i];
		trial.fixture = *state;
		failing_each(trial.name, try_work, &trial);
	}
}

static void test_journal__needs_no_memory_where_there_is_room(void **state)
{
	struct trial drop = {*state, "drop", work_drop, "", "5.json"};
	struct trial trash = {*state, "trash", work_trash, plain, "5.json 7.json"};
	assert_false(try_work(&drop, 1));
	assert_false(try_work(&trash, 1));
}

/* What could not be taken over stays on its way, for the next one who opens. */
static bool try_adopt(void *arg, unsigned nth)
{
	struct fixture *fixture = arg;
	struct journal *journal = NULL;
	struct journal_note *note;
	empty(fixture);
	journal = open_journal(fixture, JOURNAL_MAX_BYTES);
	assert_int_equal(
		journal_note(journal, "contact", "4.json", text, strlen(text), true, &note), 0);
	journal_note_leave(note);
	journal_close(journal);

	failing_arm(nth);
	int err = journal_open(fixture->state, URL, JOURNAL_MAX_BYTES, &journal, &fixture->problem);
	bool has_failed = failing_disarm();
	assert_true(err == 0 || (has_failed && err == -ENOMEM));
	if (err == 0)
		journal_close(journal);
	journal = open_journal(fixture, JOURNAL_MAX_BYTES);
	assert_list(journal, JOURNAL_DRAFTS, "4.json 4.json.error");
	assert_text(journal, JOURNAL_DRAFTS, "4.json", text);
	assert_int_equal(count_left(fixture, "pending/contact"), 0);
	journal_close(journal);
	return has_failed;
}

static void test_open__loses_nothing_when_memory_is_short(void **state)
{
	failing_each("adopt", try_adopt, *state);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		row(test_work__fails_cleanly_when_memory_is_short),
		row(test_journal__needs_no_memory_where_there_is_room),
		row(test_open__loses_nothing_when_memory_is_short),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
