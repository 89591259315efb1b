#include "seen.h"
#include "store_fixture.h"

#include <pthread.h>
#include <unistd.h>

#define NOBODY 0x7ffffff0 /* no thread has it: above the kernel's limit */

struct fixture {
	struct store *store;
	struct slot *slot, *other;
	struct record *ann, *bob;
	struct seen *seen;
};

static void start(struct fixture *fixture)
{
	fixture->store = make_store(LONG_TTL_MS, NULL);
	struct collection *contact = store_collection(fixture->store, "contact");
	fixture->slot = put_theirs(fixture->store, contact, "4", "{\"id\":4}");
	fixture->other = put_theirs(fixture->store, contact, "7", "{\"id\":7}");
	fixture->ann = make_record("{\"id\":4,\"fn\":\"Ann\"}");
	fixture->bob = make_record("{\"id\":4,\"fn\":\"Bob\"}");
	fixture->seen = seen_create();
	assert_non_null(fixture->seen);
}

static void stop(struct fixture *fixture)
{
	seen_destroy(fixture->seen);
	assert_int_equal(atomic_load(&fixture->ann->refs), 1);
	assert_int_equal(atomic_load(&fixture->bob->refs), 1);
	record_unref(fixture->ann);
	record_unref(fixture->bob);
	store_destroy(fixture->store);
}

static void check_seen(struct fixture *fixture, pid_t tid, struct slot *slot, bool or_anyone,
	const struct record *wanted, const char *file, int line)
{
	auto_record struct record *record = seen_take(fixture->seen, tid, slot, or_anyone);
	_assert_true(record == wanted, "the version that was seen", file, line);
}
#define assert_seen(fixture, tid, slot, or_anyone, wanted) \
	check_seen(fixture, tid, slot, or_anyone, wanted, __FILE__, __LINE__)

static void test_seen__is_the_last_version_of_that_record(void **state)
{
	struct fixture fixture;
	start(&fixture);
	assert_seen(&fixture, getpid(), fixture.slot, true, NULL);
	seen_note(fixture.seen, getpid(), fixture.slot, fixture.ann);
	assert_seen(&fixture, getpid(), fixture.slot, false, fixture.ann);
	assert_seen(&fixture, getpid(), fixture.other, true, NULL);
	seen_note(fixture.seen, getpid(), fixture.slot, fixture.bob);
	assert_seen(&fixture, getpid(), fixture.slot, false, fixture.bob);
	stop(&fixture);
}

static void test_seen__is_each_processs_own(void **state)
{
	struct fixture fixture;
	start(&fixture);
	seen_note(fixture.seen, getpid(), fixture.slot, fixture.ann);
	seen_note(fixture.seen, NOBODY, fixture.slot, fixture.bob);
	assert_seen(&fixture, getpid(), fixture.slot, true, fixture.ann);
	assert_seen(&fixture, NOBODY, fixture.slot, true, fixture.bob);
	assert_seen(&fixture, NOBODY - 1, fixture.slot, false, NULL);
	stop(&fixture);
}

/* jq 4.json > tmp; mv tmp 4.json */
static void test_seen__by_anyone_will_do(void **state)
{
	struct fixture fixture;
	start(&fixture);
	seen_note(fixture.seen, NOBODY, fixture.slot, fixture.ann);
	assert_seen(&fixture, getpid(), fixture.slot, false, NULL);
	assert_seen(&fixture, getpid(), fixture.slot, true, fixture.ann);
	stop(&fixture);
}

struct reader {
	struct fixture *fixture;
	pthread_barrier_t noted, checked;
};

static void *note_in_thread(void *arg)
{
	struct reader *reader = arg;
	seen_note(reader->fixture->seen, gettid(), reader->fixture->slot, reader->fixture->ann);
	pthread_barrier_wait(&reader->noted);
	pthread_barrier_wait(&reader->checked);
	return NULL;
}

/* GIO reads in one thread and saves in another. */
static void test_seen__by_another_thread_of_the_process(void **state)
{
	struct fixture fixture;
	pthread_t thread;
	start(&fixture);
	struct reader reader = {.fixture = &fixture};
	pthread_barrier_init(&reader.noted, NULL, 2);
	pthread_barrier_init(&reader.checked, NULL, 2);
	assert_int_equal(pthread_create(&thread, NULL, note_in_thread, &reader), 0);
	pthread_barrier_wait(&reader.noted);
	auto_record struct record *record = seen_take(fixture.seen, getpid(), fixture.slot, false);
	pthread_barrier_wait(&reader.checked);
	pthread_join(thread, NULL);
	pthread_barrier_destroy(&reader.noted);
	pthread_barrier_destroy(&reader.checked);
	assert_ptr_equal(record, fixture.ann);
	record_unref(steal(record));
	stop(&fixture);
}

static void test_seen__has_a_bound(void **state)
{
	struct fixture fixture;
	start(&fixture);
	for (pid_t tid = 1; tid < 20000; tid++)
		seen_note(fixture.seen, NOBODY - tid, fixture.slot, fixture.ann);
	assert_in_range(atomic_load(&fixture.ann->refs), 2, 10000);
	stop(&fixture);
}

static void *note_ann(void *arg)
{
	struct fixture *fixture = arg;
	seen_note(fixture->seen, gettid(), fixture->slot, fixture->ann);
	return NULL;
}

static void test_seen__is_forgotten_by_a_whole_process(void **state)
{
	struct fixture fixture;
	pthread_t thread;
	start(&fixture);
	seen_note(fixture.seen, getpid(), fixture.slot, fixture.ann);
	assert_int_equal(pthread_create(&thread, NULL, note_ann, &fixture), 0);
	pthread_join(thread, NULL);
	seen_note(fixture.seen, getpid(), fixture.other, fixture.bob);
	seen_note(fixture.seen, NOBODY, fixture.slot, fixture.bob);

	seen_forget(fixture.seen, getpid(), fixture.slot);
	assert_seen(&fixture, getpid(), fixture.slot, false, NULL);
	assert_seen(&fixture, getpid(), fixture.slot, true, fixture.bob);
	assert_seen(&fixture, getpid(), fixture.other, false, fixture.bob);
	assert_seen(&fixture, NOBODY, fixture.slot, false, fixture.bob);
	stop(&fixture);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_seen__is_the_last_version_of_that_record),
		cmocka_unit_test(test_seen__is_forgotten_by_a_whole_process),
		cmocka_unit_test(test_seen__is_each_processs_own),
		cmocka_unit_test(test_seen__by_anyone_will_do),
		cmocka_unit_test(test_seen__by_another_thread_of_the_process),
		cmocka_unit_test(test_seen__has_a_bound),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
