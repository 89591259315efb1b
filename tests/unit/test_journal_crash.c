/* What is left by writers that are killed, and by several at once. */
#include "journal_fixture.h"

#include <pthread.h>
#include <signal.h>
#include <sys/wait.h>

#define ROUNDS 40
#define BIG_SIZE ((size_t)20000)

/* A text is all one letter; the length goes with the letter. */
static size_t size_of_letter(char letter)
{
	return BIG_SIZE + (size_t)(letter - 'a') * 1000;
}

static bool is_whole(const struct buf *text)
{
	if (text->len == 0 || text->data[0] < 'a' || text->data[0] > 'z' ||
		text->len != size_of_letter(text->data[0]))
		return false;
	for (size_t i = 1; i < text->len; i++) {
		if (text->data[i] != text->data[0])
			return false;
	}
	return true;
}

static int keep_letter(struct journal *journal, const char *name, char letter)
{
	size_t len = size_of_letter(letter);
	auto_free char *text = malloc(len);
	if (!text)
		return -ENOMEM;
	memset(text, letter, len);
	return journal_keep(journal, JOURNAL_TRASH, "contact", name, text, len, NULL);
}

static _Noreturn void keep_until_killed(struct fixture *fixture)
{
	struct journal *journal;
	if (journal_open(fixture->state, URL, JOURNAL_MAX_BYTES, &journal, &fixture->problem) < 0)
		_exit(1);
	for (unsigned i = 0;; i++) {
		char name[] = {(char)('0' + i % 3), '\0'};
		if (keep_letter(journal, name, (char)('a' + i % 26)) < 0)
			_exit(2);
	}
}

static void kill_one_writer(struct fixture *fixture, useconds_t after_us)
{
	int status;
	pid_t child = fork();
	assert_true(child >= 0);
	if (child == 0)
		keep_until_killed(fixture);
	usleep(after_us);
	assert_int_equal(kill(child, SIGKILL), 0);
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFSIGNALED(status));
}

static void test_keep__leaves_whole_texts_when_killed(void **state)
{
	struct fixture *fixture = *state;
	struct journal *journal = open_journal(fixture, JOURNAL_MAX_BYTES);
	static const char *const names[] = {"0", "1", "2"};
	for (size_t i = 0; i < array_size(names); i++)
		assert_int_equal(keep_letter(journal, names[i], 'z'), 0);
	journal_close(journal);

	unsigned seed = (unsigned)clock_ms();
	print_message("seed %u\n", seed);
	for (int round = 0; round < ROUNDS; round++) {
		kill_one_writer(fixture, (useconds_t)(rand_r(&seed) % 30000));
		auto_journal struct journal *again = open_journal(fixture, JOURNAL_MAX_BYTES);
		for (size_t i = 0; i < array_size(names); i++) {
			auto_buf struct buf text = BUF_INIT(1 << 20);
			assert_int_equal(
				journal_read(again, JOURNAL_TRASH, "contact", names[i], &text), 0);
			assert_true(is_whole(&text));
		}
		assert_list(again, JOURNAL_TRASH, "0 1 2");
		assert_int_equal(count_files(path_of(fixture, "temp")), 0);
	}
}

struct worker {
	struct journal *journal;
	char own_name[16];
	char letter;
	int err;
};

/* Keeps one draft of its own and fights for another; makes and drops a third. */
static void *work(void *arg)
{
	struct worker *worker = arg;
	for (int i = 0; i < ROUNDS && worker->err == 0; i++) {
		worker->err = keep_letter(worker->journal, worker->own_name, worker->letter);
		if (worker->err == 0)
			worker->err = keep_letter(worker->journal, "shared", worker->letter);
		if (worker->err == 0)
			worker->err = keep_letter(worker->journal, "dropped", worker->letter);
		if (worker->err == 0)
			worker->err =
				journal_drop(worker->journal, JOURNAL_TRASH, "contact", "dropped");
	}
	return NULL;
}

static void run_workers(struct worker *workers, size_t count)
{
	pthread_t threads[8];
	assert_true(count <= array_size(threads));
	for (size_t i = 0; i < count; i++) {
		snprintf(workers[i].own_name, sizeof workers[i].own_name, "own%zu", i);
		workers[i].letter = (char)('a' + i);
		assert_int_equal(pthread_create(&threads[i], NULL, work, &workers[i]), 0);
	}
	for (size_t i = 0; i < count; i++)
		pthread_join(threads[i], NULL);
	for (size_t i = 0; i < count; i++)
		assert_int_equal(workers[i].err, 0);
}

static void test_journal__serves_threads_and_handles_at_once(void **state)
{
	auto_journal struct journal *one = open_journal(*state, JOURNAL_MAX_BYTES);
	auto_journal struct journal *two = open_journal(*state, JOURNAL_MAX_BYTES);
	struct worker workers[] = {
		{.journal = one}, {.journal = one}, {.journal = two}, {.journal = two}};
	run_workers(workers, array_size(workers));

	for (size_t i = 0; i < array_size(workers); i++) {
		auto_buf struct buf text = BUF_INIT(1 << 20);
		assert_int_equal(
			journal_read(one, JOURNAL_TRASH, "contact", workers[i].own_name, &text), 0);
		assert_true(is_whole(&text));
		assert_int_equal(text.data[0], workers[i].letter);
	}
	auto_buf struct buf shared = BUF_INIT(1 << 20);
	assert_int_equal(journal_read(two, JOURNAL_TRASH, "contact", "shared", &shared), 0);
	assert_true(is_whole(&shared));
	assert_gone(one, JOURNAL_TRASH, "dropped");
}

static void test_open__does_not_disturb_another_writer(void **state)
{
	struct fixture *fixture = *state;
	auto_journal struct journal *journal = open_journal(fixture, JOURNAL_MAX_BYTES);
	struct worker worker = {.journal = journal, .own_name = "own", .letter = 'q'};
	pthread_t thread;
	assert_int_equal(pthread_create(&thread, NULL, work, &worker), 0);
	for (int i = 0; i < 5 * ROUNDS; i++)
		journal_close(open_journal(fixture, JOURNAL_MAX_BYTES));
	pthread_join(thread, NULL);
	assert_int_equal(worker.err, 0);
	assert_list(journal, JOURNAL_TRASH, "own shared");
}

#define OWN_DRAFTS 10

/* Each text is the worker's own, and all have one name. */
static void *keep_drafts(void *arg)
{
	struct worker *worker = arg;
	for (int i = 0; i < OWN_DRAFTS && worker->err == 0; i++) {
		char text[] = {worker->letter, (char)('0' + i), '\0'};
		worker->err = keep(worker->journal, JOURNAL_DRAFTS, "4.json", text, text);
	}
	return NULL;
}

/* How many of the texts that can be are among the drafts, each with its own reason. */
static int count_found(struct journal *journal)
{
	bool found[4][OWN_DRAFTS] = {{false}};
	int count = 0;
	for (int i = 0; i < 4 * OWN_DRAFTS; i++) {
		char name[32], reason_name[40];
		auto_buf struct buf text = BUF_INIT(100);
		auto_buf struct buf reason = BUF_INIT(100);
		snprintf(name, sizeof name, i ? "4.json.~%d~" : "4.json", i);
		snprintf(reason_name, sizeof reason_name, "%s.error", name);
		assert_int_equal(journal_read(journal, JOURNAL_DRAFTS, "contact", name, &text), 0);
		assert_int_equal(
			journal_read(journal, JOURNAL_DRAFTS, "contact", reason_name, &reason), 0);
		assert_memory_equal(text.data, reason.data, 2);
		bool *at = &found[text.data[0] - 'a'][text.data[1] - '0'];
		count += !*at;
		*at = true;
	}
	return count;
}

static void test_keep__loses_no_draft_to_another_of_its_name(void **state)
{
	auto_journal struct journal *journal = open_journal(*state, JOURNAL_MAX_BYTES);
	struct worker workers[4];
	pthread_t threads[4];
	for (int i = 0; i < 4; i++) {
		workers[i] = (struct worker){.journal = journal, .letter = (char)('a' + i)};
		assert_int_equal(pthread_create(&threads[i], NULL, keep_drafts, &workers[i]), 0);
	}
	for (int i = 0; i < 4; i++) {
		pthread_join(threads[i], NULL);
		assert_int_equal(workers[i].err, 0);
	}
	assert_int_equal(count_found(journal), 4 * OWN_DRAFTS);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		row(test_keep__leaves_whole_texts_when_killed),
		row(test_journal__serves_threads_and_handles_at_once),
		row(test_keep__loses_no_draft_to_another_of_its_name),
		row(test_open__does_not_disturb_another_writer),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
