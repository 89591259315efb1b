/* Texts on their way: what becomes of them when they arrive, are refused, or are left behind. */
#include "journal_fixture.h"

#include <sys/wait.h>

static struct journal_note *note(struct journal *journal, const char *name, const char *text)
{
	struct journal_note *note;
	assert_int_equal(
		journal_note(journal, "contact", name, text, strlen(text), false, &note), 0);
	return note;
}

static void remove_files(const char *path)
{
	DIR *dir = opendir(path);
	assert_non_null(dir);
	for (const struct dirent *entry; (entry = readdir(dir));) {
		if (entry->d_name[0] != '.')
			assert_int_equal(unlinkat(dirfd(dir), entry->d_name, 0), 0);
	}
	closedir(dir);
}

static size_t count_pending(struct fixture *fixture)
{
	return count_files(path_of(fixture, "pending/contact"));
}

static void test_note__is_no_draft_while_it_is_on_its_way(void **state)
{
	auto_journal struct journal *journal = open_journal(*state, JOURNAL_MAX_BYTES);
	struct journal_note *on_its_way = note(journal, "4.json", "text");
	assert_list(journal, JOURNAL_DRAFTS, "");
	assert_int_equal(count_pending(*state), 1);
	journal_note_reached(on_its_way, NULL, NULL);
	assert_list(journal, JOURNAL_DRAFTS, "");
	assert_int_equal(count_pending(*state), 0);
}

static void test_note__becomes_a_draft_when_refused(void **state)
{
	auto_journal struct journal *journal = open_journal(*state, JOURNAL_MAX_BYTES);
	assert_int_equal(journal_note_keep(note(journal, "4.json", "text"), "no such city"), 0);
	assert_text(journal, JOURNAL_DRAFTS, "4.json", "text");
	assert_text(journal, JOURNAL_DRAFTS, "4.json.error", "no such city\n");
	assert_int_equal(count_pending(*state), 0);
}

static void test_note__drops_the_earlier_drafts_when_it_has_reached_the_server(void **state)
{
	auto_journal struct journal *journal = open_journal(*state, JOURNAL_MAX_BYTES);
	assert_int_equal(keep(journal, JOURNAL_DRAFTS, "4.json", "first", "why"), 0);
	assert_int_equal(keep(journal, JOURNAL_DRAFTS, "4.json", "second", "why"), 0);
	assert_int_equal(keep(journal, JOURNAL_DRAFTS, "5.json", "another", "why"), 0);
	journal_note_reached(note(journal, "4.json", "third"), NULL, NULL);
	assert_list(journal, JOURNAL_DRAFTS, "5.json 5.json.error");
}

static bool says_first(void *arg, const char *text, size_t len)
{
	(*(int *)arg)++;
	return len == 5 && memcmp(text, "first", 5) == 0;
}

/* Another program has saved something: what is not in there stays. */
static void test_note__drops_those_of_the_earlier_drafts_that_are_not_needed(void **state)
{
	int asked = 0;
	auto_journal struct journal *journal = open_journal(*state, JOURNAL_MAX_BYTES);
	assert_int_equal(keep(journal, JOURNAL_DRAFTS, "4.json", "first", "why"), 0);
	assert_int_equal(keep(journal, JOURNAL_DRAFTS, "4.json", "second", "why"), 0);
	journal_note_reached(note(journal, "4.json", "third"), says_first, &asked);
	assert_int_equal(asked, 2);
	assert_list(journal, JOURNAL_DRAFTS, "4.json 4.json.error");
	assert_text(journal, JOURNAL_DRAFTS, "4.json", "second");
	/* An older one may be all that is left. */
	assert_int_equal(keep(journal, JOURNAL_DRAFTS, "4.json", "first", "why"), 0);
	journal_note_reached(note(journal, "4.json", "third"), says_first, &asked);
	assert_list(journal, JOURNAL_DRAFTS, "4.json.~1~ 4.json.~1~.error");
	journal_note_reached(note(journal, "4.json", "third"), NULL, NULL);
	assert_list(journal, JOURNAL_DRAFTS, "");
}

/* A draft was copied over its record, which the server has by now: nothing had to be sent. */
static void test_forget_same__drops_the_drafts_that_say_exactly_this(void **state)
{
	struct fixture *fixture = *state;
	auto_journal struct journal *journal = open_journal(fixture, JOURNAL_MAX_BYTES);
	assert_int_equal(keep(journal, JOURNAL_DRAFTS, "4.json", "a", "first"), 0);
	assert_int_equal(keep(journal, JOURNAL_DRAFTS, "4.json", "b", "second"), 0);
	assert_int_equal(keep(journal, JOURNAL_DRAFTS, "4.json", "a", "third"), 0);
	assert_int_equal(keep(journal, JOURNAL_DRAFTS, "4.json", "c", NULL), 0);
	assert_int_equal(keep(journal, JOURNAL_DRAFTS, "5.json", "a", "another file"), 0);

	journal_forget_same(journal, "contact", "4.json", "", 0);
	journal_forget_same(journal, "contact", "4.json", "aa", 2);
	journal_forget_same(journal, "note", "4.json", "a", 1);
	assert_text(journal, JOURNAL_DRAFTS, "4.json", "c");
	assert_text(journal, JOURNAL_DRAFTS, "4.json.~1~", "a");

	journal_forget_same(journal, "contact", "4.json", "a", 1);
	assert_list(
		journal, JOURNAL_DRAFTS, "4.json 4.json.~2~ 4.json.~2~.error 5.json 5.json.error");
	assert_text(journal, JOURNAL_DRAFTS, "4.json.~2~.error", "second\n");
	assert_int_equal(count_files(path_of(fixture, "reasons/contact")), 2);
}

static void test_forget_same__finds_older_drafts_without_a_newer_one(void **state)
{
	auto_journal struct journal *journal = open_journal(*state, JOURNAL_MAX_BYTES);
	assert_int_equal(keep(journal, JOURNAL_DRAFTS, "4.json", "a", "first"), 0);
	assert_int_equal(keep(journal, JOURNAL_DRAFTS, "4.json", "b", "second"), 0);
	journal_forget_same(journal, "contact", "4.json", "b", 1);
	assert_list(journal, JOURNAL_DRAFTS, "4.json.~1~ 4.json.~1~.error");
	journal_forget_same(journal, "contact", "4.json", "a", 1);
	assert_list(journal, JOURNAL_DRAFTS, "");
}

static void test_forget_same__of_what_has_no_drafts_does_nothing(void **state)
{
	char longest[NAME_MAX + 1];
	memset(longest, 'x', NAME_MAX);
	longest[NAME_MAX] = '\0';
	auto_journal struct journal *journal = open_journal(*state, JOURNAL_MAX_BYTES);
	journal_forget_same(journal, "contact", "4.json", "a", 1);
	journal_forget_same(journal, "..", "4.json", "a", 1);
	journal_forget_same(journal, "contact", "../4.json", "a", 1);
	assert_int_equal(keep(journal, JOURNAL_DRAFTS, longest, "a", NULL), 0);
	journal_forget_same(journal, "contact", longest, "b", 1);
	assert_text(journal, JOURNAL_DRAFTS, longest, "a");
	journal_forget_same(journal, "contact", longest, "a", 1);
	assert_list(journal, JOURNAL_DRAFTS, "");
}

/* Of two writers one is refused, and then the other one's save comes back. */
static void test_note__leaves_a_draft_that_came_meanwhile(void **state)
{
	auto_journal struct journal *journal = open_journal(*state, JOURNAL_MAX_BYTES);
	auto_journal struct journal *other = open_journal(*state, JOURNAL_MAX_BYTES);
	assert_int_equal(keep(journal, JOURNAL_DRAFTS, "4.json", "before", "why"), 0);
	struct journal_note *winner = note(journal, "4.json", "winner");
	struct journal_note *loser = note(other, "4.json", "loser");
	assert_int_equal(journal_note_keep(loser, "changed on the server meanwhile"), 0);
	journal_note_reached(winner, NULL, NULL);
	assert_text(journal, JOURNAL_DRAFTS, "4.json", "loser");
	assert_text(journal, JOURNAL_DRAFTS, "4.json.~1~", "before");
}

static void test_note__two_of_a_name_are_two(void **state)
{
	auto_journal struct journal *journal = open_journal(*state, JOURNAL_MAX_BYTES);
	struct journal_note *one = note(journal, "4.json", "one");
	struct journal_note *two = note(journal, "4.json", "two");
	assert_int_equal(count_pending(*state), 2);
	journal_note_reached(one, NULL, NULL);
	assert_int_equal(journal_note_keep(two, NULL), 0);
	assert_text(journal, JOURNAL_DRAFTS, "4.json", "two");
	assert_list(journal, JOURNAL_DRAFTS, "4.json");
}

static void test_note__may_have_the_longest_name(void **state)
{
	char longest[NAME_MAX + 1];
	memset(longest, 'x', NAME_MAX);
	longest[NAME_MAX] = '\0';
	auto_journal struct journal *journal = open_journal(*state, JOURNAL_MAX_BYTES);
	assert_int_equal(journal_note_keep(note(journal, longest, "text"), NULL), 0);
	assert_text(journal, JOURNAL_DRAFTS, longest, "text");
}

/* What has reached the server leaves its file to the next one, which says nothing of it. */
static void test_note__is_whole_in_a_file_that_was_another_ones(void **state)
{
	struct fixture *fixture = *state;
	struct journal *journal = open_journal(fixture, JOURNAL_MAX_BYTES);
	journal_note_reached(note(journal, "4.json", "a longer text"), NULL, NULL);
	assert_int_equal(count_files(path_of(fixture, "temp")), 1);
	assert_int_equal(journal_note_keep(note(journal, "longer-name.json", "text"), NULL), 0);
	assert_text(journal, JOURNAL_DRAFTS, "longer-name.json", "text");
	assert_int_equal(count_files(path_of(fixture, "temp")), 0);

	journal_note_reached(note(journal, "4.json", "text"), NULL, NULL);
	journal_close(journal);
	assert_int_equal(count_files(path_of(fixture, "temp")), 0);
}

static void test_note__needs_no_file_that_somebody_has_removed(void **state)
{
	struct fixture *fixture = *state;
	auto_journal struct journal *journal = open_journal(fixture, JOURNAL_MAX_BYTES);
	journal_note_reached(note(journal, "4.json", "text"), NULL, NULL);
	remove_files(path_of(fixture, "temp"));
	assert_int_equal(journal_note_keep(note(journal, "5.json", "other"), NULL), 0);
	assert_text(journal, JOURNAL_DRAFTS, "5.json", "other");
}

/* In a process that ends without a word. */
static void leave_note(struct fixture *fixture, const char *name, const char *text)
{
	int status;
	pid_t child = fork();
	assert_true(child >= 0);
	if (child == 0) {
		struct journal *journal = NULL;
		struct journal_note *left;
		int err = journal_open(
			fixture->state, URL, JOURNAL_MAX_BYTES, &journal, &fixture->problem);
		if (err == 0)
			err = journal_note(
				journal, "contact", name, text, strlen(text), false, &left);
		_exit(err == 0 ? 0 : 1);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
}

static void test_open__makes_drafts_of_what_was_left_on_its_way(void **state)
{
	struct fixture *fixture = *state;
	leave_note(fixture, "4.json", "{\"city\": \"Rome\"}");
	leave_note(fixture, "4.json", "{\"city\": \"Oslo\"}");
	leave_note(fixture, "a.b\nc.json", "{}");
	leave_note(fixture, "empty.json", "");
	auto_journal struct journal *journal = open_journal(fixture, JOURNAL_MAX_BYTES);
	assert_list(journal, JOURNAL_DRAFTS,
		"4.json 4.json.error 4.json.~1~ 4.json.~1~.error a.b\nc.json a.b\nc.json.error");
	assert_text(journal, JOURNAL_DRAFTS, "a.b\nc.json", "{}");
	assert_int_equal(count_pending(fixture), 0);
}

static void test_open__leaves_what_another_process_still_has_on_its_way(void **state)
{
	auto_journal struct journal *journal = open_journal(*state, JOURNAL_MAX_BYTES);
	struct journal_note *on_its_way = note(journal, "4.json", "text");
	auto_journal struct journal *other = open_journal(*state, JOURNAL_MAX_BYTES);
	assert_list(other, JOURNAL_DRAFTS, "");
	assert_int_equal(journal_note_keep(on_its_way, "why"), 0);
	assert_text(other, JOURNAL_DRAFTS, "4.json", "text");
}

/* Whatever stands in the way of a draft, its text is not lost. */
static void test_note__stays_on_its_way_when_it_cannot_become_a_draft(void **state)
{
	struct fixture *fixture = *state;
	struct journal *journal = open_journal(fixture, JOURNAL_MAX_BYTES);
	struct journal_note *refused = note(journal, "4.json", "text");
	write_file(path_of(fixture, "drafts/contact"), "in the way");
	assert_true(journal_note_keep(refused, "why") < 0);
	assert_int_equal(count_pending(fixture), 1);
	journal_close(journal);

	assert_int_equal(unlink(path_of(fixture, "drafts/contact")), 0);
	auto_journal struct journal *again = open_journal(fixture, JOURNAL_MAX_BYTES);
	assert_text(again, JOURNAL_DRAFTS, "4.json", "text");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		row(test_note__is_no_draft_while_it_is_on_its_way),
		row(test_note__becomes_a_draft_when_refused),
		row(test_note__drops_the_earlier_drafts_when_it_has_reached_the_server),
		row(test_note__drops_those_of_the_earlier_drafts_that_are_not_needed),
		row(test_forget_same__drops_the_drafts_that_say_exactly_this),
		row(test_forget_same__finds_older_drafts_without_a_newer_one),
		row(test_forget_same__of_what_has_no_drafts_does_nothing),
		row(test_note__leaves_a_draft_that_came_meanwhile),
		row(test_note__two_of_a_name_are_two),
		row(test_note__may_have_the_longest_name),
		row(test_note__is_whole_in_a_file_that_was_another_ones),
		row(test_note__needs_no_file_that_somebody_has_removed),
		row(test_open__makes_drafts_of_what_was_left_on_its_way),
		row(test_open__leaves_what_another_process_still_has_on_its_way),
		row(test_note__stays_on_its_way_when_it_cannot_become_a_draft),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
