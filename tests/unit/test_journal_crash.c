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
	char reason[] = {letter, '\0'};
	return journal_keep(journal, JOURNAL_DRAFTS, "contact", name, text, len, reason);
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
				journal_read(again, JOURNAL_DRAFTS, "contact", names[i], &text), 0);
			assert_true(is_whole(&text));
		}
		assert_list(again, JOURNAL_DRAFTS, "0 0.error 1 1.error 2 2.error");
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
				journal_drop(worker->journal, JOURNAL_DRAFTS, "contact", "dropped");
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
			journal_read(one, JOURNAL_DRAFTS, "contact", workers[i].own_name, &text),
			0);
		assert_true(is_whole(&text));
		assert_int_equal(text.data[0], workers[i].letter);
	}
	auto_buf struct buf shared = BUF_INIT(1 << 20);
	assert_int_equal(journal_read(two, JOURNAL_DRAFTS, "contact", "shared", &shared), 0);
	assert_true(is_whole(&shared));
	assert_gone(one, JOURNAL_DRAFTS, "dropped");
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
	assert_list(journal, JOURNAL_DRAFTS, "own own.error shared shared.error");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		row(test_keep__leaves_whole_texts_when_killed),
		row(test_journal__serves_threads_and_handles_at_once),
		row(test_open__does_not_disturb_another_writer),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
