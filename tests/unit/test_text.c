#include "text.h"

#include "clock.h"
/* cmocka wants these before it */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>
#include <poll.h>

#define BASE "{\"id\":4,\"fn\":\"Ann\"}"
#define BASE_FILE "{\n  \"id\": 4,\n  \"fn\": \"Ann\"\n}\n"

struct fixture {
	struct text_budget budget;
	struct record *base;
	struct text *text;
};

static void start(struct fixture *fixture)
{
	*fixture = (struct fixture){.budget.max = 100};
	assert_int_equal(record_parse(BASE, strlen(BASE), &fixture->base), 0);
	fixture->text = text_create(&fixture->budget, fixture->base);
	assert_non_null(fixture->text);
}

/* Nothing may be left in the budget, nor anybody who holds the base. */
static void stop(struct fixture *fixture)
{
	text_unref(fixture->text);
	assert_int_equal(atomic_load(&fixture->budget.used), 0);
	assert_int_equal(atomic_load(&fixture->base->refs), 1);
	record_unref(fixture->base);
}

static int write_at(struct fixture *fixture, size_t offset, const char *data)
{
	return text_write(fixture->text, offset, data, strlen(data), false);
}

static void check_content(struct fixture *fixture, const char *wanted, const char *file, int line)
{
	auto_buf struct buf copy = BUF_INIT(1000);
	uint64_t writes;
	assert_int_equal(text_copy(fixture->text, &copy, &writes), 0);
	_assert_string_equal(copy.data, wanted, file, line);
	assert_int_equal(text_size(fixture->text), strlen(wanted));
	assert_int_equal(atomic_load(&fixture->budget.used), strlen(wanted));
}
#define assert_content_is(fixture, wanted) check_content(fixture, wanted, __FILE__, __LINE__)

/* ---- bytes ---- */

static void test_load__is_the_bases_file(void **state)
{
	struct fixture fixture;
	start(&fixture);
	assert_int_equal(
		write_at(&fixture, 0, "something that is longer than the file of the base"), 0);
	assert_int_equal(text_load_base(fixture.text), 0);
	assert_content_is(&fixture, BASE_FILE);
	stop(&fixture);
}

static void test_load__makes_nothing_dirty(void **state)
{
	struct fixture fixture;
	start(&fixture);
	assert_int_equal(text_load_base(fixture.text), 0);
	assert_false(text_is_dirty(fixture.text));
	stop(&fixture);
}

static void test_drop__leaves_nothing_to_commit(void **state)
{
	struct fixture fixture;
	auto_buf struct buf copy = BUF_INIT(100);
	uint64_t writes;
	start(&fixture);
	assert_int_equal(write_at(&fixture, 0, "{}"), 0);
	assert_true(text_is_dirty(fixture.text));
	text_drop(fixture.text);
	assert_int_equal(write_at(&fixture, 0, "[]"), 0);
	assert_false(text_is_dirty(fixture.text));
	assert_int_equal(text_begin_commit(fixture.text, false, &copy, &writes), 0);
	stop(&fixture);
}

static void test_truncate__gives_back_the_memory(void **state)
{
	struct text_budget budget = {.max = 1 << 20};
	struct text *text = text_create(&budget, NULL);
	assert_int_equal(text_truncate(text, 1 << 20), 0);
	assert_int_equal(text_truncate(text, 10), 0);
	assert_true(text->bytes.capacity < 100);
	text_unref(text);
	assert_int_equal(atomic_load(&budget.used), 0);
}

static void test_charge__lasts_as_long_as_the_text(void **state)
{
	struct fixture fixture;
	start(&fixture);
	assert_int_equal(text_charge(fixture.text, 60), 0);
	assert_int_equal(text_charge(fixture.text, 41), -ENOSPC);
	assert_int_equal(text_truncate(fixture.text, 41), -ENOSPC);
	assert_int_equal(text_truncate(fixture.text, 40), 0);
	assert_int_equal(text_truncate(fixture.text, 0), 0);
	assert_int_equal(atomic_load(&fixture.budget.used), 60);
	stop(&fixture);
}

static void test_load__without_a_base_is_empty(void **state)
{
	struct text_budget budget = {.max = 100};
	struct text *text = text_create(&budget, NULL);
	assert_int_equal(text_load_base(text), 0);
	assert_int_equal(text_size(text), 0);
	assert_null(text_take_base(text));
	text_unref(text);
	text_unref(NULL);
}

static void test_write__goes_where_it_is_told(void **state)
{
	struct fixture fixture;
	start(&fixture);
	assert_int_equal(write_at(&fixture, 0, "hello"), 0);
	assert_int_equal(write_at(&fixture, 1, "a"), 0);
	assert_content_is(&fixture, "hallo");
	assert_int_equal(write_at(&fixture, 4, "oween"), 0);
	assert_content_is(&fixture, "halloween");
	assert_int_equal(text_write(fixture.text, 0, "!", 1, true), 0);
	assert_content_is(&fixture, "halloween!");
	stop(&fixture);
}

static void test_write__beyond_the_end_leaves_a_hole(void **state)
{
	struct fixture fixture;
	char out[8];
	start(&fixture);
	assert_int_equal(write_at(&fixture, 3, "x"), 0);
	assert_int_equal(text_read(fixture.text, 0, out, sizeof out), 4);
	assert_memory_equal(out, "\0\0\0x", 4);
	stop(&fixture);
}

static void test_write__refuses_offsets_that_wrap(void **state)
{
	struct fixture fixture;
	start(&fixture);
	assert_int_equal(write_at(&fixture, SIZE_MAX - 1, "abc"), -EFBIG);
	assert_int_equal(write_at(&fixture, SIZE_MAX, "abc"), -EFBIG);
	assert_content_is(&fixture, "");
	assert_false(text_is_dirty(fixture.text));
	stop(&fixture);
}

static void test_read__stops_at_the_end(void **state)
{
	static const struct {
		size_t offset, len, wanted;
	} rows[] = {{0, 5, 5}, {0, 100, 5}, {3, 100, 2}, {5, 1, 0}, {SIZE_MAX, 10, 0}, {2, 0, 0}};
	struct fixture fixture;
	char out[100];
	start(&fixture);
	assert_int_equal(write_at(&fixture, 0, "hello"), 0);
	for (size_t i = 0; i < array_size(rows); i++) {
		if (text_read(fixture.text, rows[i].offset, out, rows[i].len) != rows[i].wanted)
			fail_msg("row %zu", i);
	}
	stop(&fixture);
}

static void test_truncate__cuts_and_lengthens(void **state)
{
	struct fixture fixture;
	start(&fixture);
	assert_int_equal(write_at(&fixture, 0, "hello"), 0);
	assert_int_equal(text_truncate(fixture.text, 2), 0);
	assert_int_equal(text_write_pages(fixture.text, 1, "ex", 2), 0);
	assert_int_equal(text_write_pages(fixture.text, 2, "x", 1), 0);
	assert_content_is(&fixture, "he");
	assert_false(text_is_stretched(fixture.text));
	assert_int_equal(text_truncate(fixture.text, 4), 0);
	assert_true(text_is_stretched(fixture.text));
	assert_int_equal(text_size(fixture.text), 4);
	assert_int_equal(atomic_load(&fixture.budget.used), 4);
	stop(&fixture);
}

/* `touch` and an open with O_TRUNC of what is empty already change nothing. */
static void test_truncate__to_the_same_size_is_no_change(void **state)
{
	struct fixture fixture;
	start(&fixture);
	assert_int_equal(text_truncate(fixture.text, 0), 0);
	assert_false(text_is_dirty(fixture.text));
	stop(&fixture);
}

static void test_mtime__is_that_of_the_last_change(void **state)
{
	const struct timespec long_ago = {.tv_sec = 1000, .tv_nsec = 5};
	struct fixture fixture;
	struct timespec mtime;
	start(&fixture);
	text_set_mtime(fixture.text, long_ago);
	text_get_mtime(fixture.text, &mtime);
	assert_int_equal(mtime.tv_sec, 1000);
	assert_int_equal(mtime.tv_nsec, 5);
	assert_int_equal(text_load_base(fixture.text), 0);
	text_get_mtime(fixture.text, &mtime);
	assert_int_equal(mtime.tv_sec, 1000);
	assert_int_equal(write_at(&fixture, 0, "x"), 0);
	text_get_mtime(fixture.text, &mtime);
	assert_true(mtime.tv_sec > 1000);
	stop(&fixture);
}

/* ---- the budget ---- */

static void test_budget__is_shared(void **state)
{
	struct fixture fixture;
	char sixty[61];
	start(&fixture);
	struct text *other = text_create(&fixture.budget, NULL);
	memset(sixty, 'x', 60);
	sixty[60] = '\0';
	assert_int_equal(write_at(&fixture, 0, sixty), 0);
	assert_int_equal(text_write(other, 0, sixty, 41, false), -ENOSPC);
	assert_int_equal(text_size(other), 0);
	assert_false(text_is_dirty(other));
	assert_int_equal(text_write(other, 0, sixty, 40, false), 0);
	assert_int_equal(text_truncate(other, 41), -ENOSPC);
	/* Writing over what is there takes nothing more. */
	assert_int_equal(write_at(&fixture, 0, "over"), 0);

	assert_int_equal(text_truncate(fixture.text, 10), 0);
	assert_int_equal(text_write(other, 40, sixty, 50, false), 0);
	assert_int_equal(text_truncate(fixture.text, 11), -ENOSPC);
	text_unref(other);
	assert_int_equal(text_truncate(fixture.text, 100), 0);
	stop(&fixture);
}

static void test_budget__is_not_spent_by_what_never_fits(void **state)
{
	struct fixture fixture;
	start(&fixture);
	assert_true(write_at(&fixture, 1000, "x") < 0);
	assert_true(text_truncate(fixture.text, (size_t)1 << 40) < 0);
	assert_content_is(&fixture, "");
	stop(&fixture);
}

/* ---- commits ---- */

/* One whole commit that ends with err; whether there was anything to do. */
static bool commit(struct fixture *fixture, int err)
{
	auto_buf struct buf copy = BUF_INIT(1000);
	uint64_t writes;
	int begun = text_begin_commit(fixture->text, false, &copy, &writes);
	assert_in_range(begun, 0, 1);
	if (begun)
		text_end_commit(fixture->text, err, writes, NULL);
	return begun;
}

static void test_commit__is_of_what_was_written(void **state)
{
	auto_buf struct buf copy = BUF_INIT(1000);
	struct fixture fixture;
	uint64_t writes;
	start(&fixture);
	assert_int_equal(write_at(&fixture, 0, "{}"), 0);
	assert_int_equal(buf_add_str(&copy, "left over"), 0);
	assert_int_equal(text_begin_commit(fixture.text, false, &copy, &writes), 1);
	assert_string_equal(copy.data, "{}");
	text_end_commit(fixture.text, 0, writes, NULL);
	assert_false(text_is_dirty(fixture.text));
	assert_false(commit(&fixture, 0));
	stop(&fixture);
}

static void test_commit__has_nothing_to_do(void **state)
{
	struct fixture fixture;
	start(&fixture);
	assert_false(commit(&fixture, 0));
	assert_int_equal(text_load_base(fixture.text), 0);
	assert_false(commit(&fixture, 0));
	/* A file that `>` emptied waits for its text. */
	assert_int_equal(text_truncate(fixture.text, 0), 0);
	assert_true(text_is_dirty(fixture.text));
	assert_false(commit(&fixture, 0));
	assert_true(text_is_dirty(fixture.text));
	stop(&fixture);
}

static void test_commit__leaves_dirty_what_was_written_meanwhile(void **state)
{
	auto_buf struct buf copy = BUF_INIT(1000);
	struct fixture fixture;
	uint64_t writes;
	start(&fixture);
	assert_int_equal(write_at(&fixture, 0, "{}"), 0);
	assert_int_equal(text_begin_commit(fixture.text, false, &copy, &writes), 1);
	assert_int_equal(write_at(&fixture, 1, "\"a\":1}"), 0);
	assert_string_equal(copy.data, "{}");
	text_end_commit(fixture.text, 0, writes, NULL);
	assert_true(text_is_dirty(fixture.text));
	assert_content_is(&fixture, "{\"a\":1}");
	assert_true(commit(&fixture, 0));
	assert_false(text_is_dirty(fixture.text));
	stop(&fixture);
}

static void test_refusal__stands_until_the_next_write(void **state)
{
	struct fixture fixture;
	start(&fixture);
	assert_int_equal(text_refusal(fixture.text), 0);
	assert_int_equal(write_at(&fixture, 0, "{"), 0);
	assert_int_equal(text_refusal(fixture.text), 0);
	assert_true(commit(&fixture, -EINVAL));
	assert_true(text_is_dirty(fixture.text));
	assert_int_equal(text_refusal(fixture.text), -EINVAL);
	assert_int_equal(text_refusal(fixture.text), -EINVAL);
	assert_content_is(&fixture, "{");

	assert_int_equal(write_at(&fixture, 1, "}"), 0);
	assert_int_equal(text_refusal(fixture.text), 0);
	assert_true(commit(&fixture, 0));
	assert_int_equal(text_refusal(fixture.text), 0);
	stop(&fixture);
}

static void test_refusal__is_not_of_what_was_written_meanwhile(void **state)
{
	auto_buf struct buf copy = BUF_INIT(1000);
	struct fixture fixture;
	uint64_t writes;
	start(&fixture);
	assert_int_equal(write_at(&fixture, 0, "{"), 0);
	assert_int_equal(text_begin_commit(fixture.text, false, &copy, &writes), 1);
	assert_int_equal(write_at(&fixture, 1, "}"), 0);
	text_end_commit(fixture.text, -EINVAL, writes, NULL);
	assert_int_equal(text_refusal(fixture.text), 0);
	stop(&fixture);
}

static void test_commit__sets_the_next_base(void **state)
{
	auto_buf struct buf copy = BUF_INIT(1000);
	auto_record struct record *next = NULL;
	struct fixture fixture;
	uint64_t writes;
	start(&fixture);
	assert_int_equal(record_parse("{}", 2, &next), 0);
	assert_int_equal(write_at(&fixture, 0, "{}"), 0);
	assert_int_equal(text_begin_commit(fixture.text, false, &copy, &writes), 1);
	text_end_commit(fixture.text, -EIO, writes, NULL);
	auto_record struct record *kept = text_take_base(fixture.text);
	assert_ptr_equal(kept, fixture.base);
	record_unref(steal(kept));

	assert_int_equal(text_begin_commit(fixture.text, true, &copy, &writes), 1);
	text_end_commit(fixture.text, 0, writes, next);
	auto_record struct record *taken = text_take_base(fixture.text);
	assert_ptr_equal(taken, next);
	stop(&fixture);
}

static void test_show_base__replaces_what_was_saved(void **state)
{
	struct fixture fixture;
	start(&fixture);
	assert_int_equal(write_at(&fixture, 0, "{\"id\":4,\"fn\":\"Ann\"}"), 0);
	/* Not what was written since. */
	text_show_base(fixture.text);
	assert_content_is(&fixture, "{\"id\":4,\"fn\":\"Ann\"}");
	assert_true(commit(&fixture, 0));
	text_show_base(fixture.text);
	assert_content_is(&fixture, BASE_FILE);
	assert_false(text_is_dirty(fixture.text));
	stop(&fixture);
}

struct second_saver {
	struct fixture *fixture;
	atomic_bool has_begun;
	atomic_int begun;
	char text[20];
};

static void *commit_second(void *arg)
{
	struct second_saver *saver = arg;
	auto_buf struct buf copy = BUF_INIT(1000);
	uint64_t writes;
	atomic_store(&saver->has_begun, true);
	int begun = text_begin_commit(saver->fixture->text, false, &copy, &writes);
	snprintf(saver->text, sizeof saver->text, "%s", copy.data);
	if (begun > 0)
		text_end_commit(saver->fixture->text, 0, writes, NULL);
	atomic_store(&saver->begun, begun);
	return NULL;
}

/* Two handles of one file are closed at once: the second waits, and finds nothing or the rest. */
static void test_commit__is_one_at_a_time(void **state)
{
	static const struct {
		const char *name, *more;
		int begun;
	} rows[] = {{"nothing left", NULL, 0}, {"written meanwhile", "{ }", 1}};
	for (size_t i = 0; i < array_size(rows); i++) {
		auto_buf struct buf copy = BUF_INIT(1000);
		struct fixture fixture;
		struct second_saver second = {.fixture = &fixture, .begun = -1};
		pthread_t thread;
		uint64_t writes;
		start(&fixture);
		assert_int_equal(write_at(&fixture, 0, "{}"), 0);
		assert_int_equal(text_begin_commit(fixture.text, false, &copy, &writes), 1);
		assert_int_equal(pthread_create(&thread, NULL, commit_second, &second), 0);
		while (!atomic_load(&second.has_begun))
			poll(NULL, 0, 1);
		poll(NULL, 0, 50);
		assert_int_equal(atomic_load(&second.begun), -1);
		if (rows[i].more)
			assert_int_equal(write_at(&fixture, 0, rows[i].more), 0);
		text_end_commit(fixture.text, 0, writes, NULL);
		pthread_join(thread, NULL);
		if (atomic_load(&second.begun) != rows[i].begun ||
			strcmp(second.text, rows[i].more ? rows[i].more : "") != 0)
			fail_msg("%s: %d '%s'", rows[i].name, atomic_load(&second.begun),
				second.text);
		stop(&fixture);
	}
}

/* ---- who flushed it before the first write ---- */

static void test_early_flush__is_before_the_first_write(void **state)
{
	struct fixture fixture;
	start(&fixture);
	assert_false(text_was_flushed_early(fixture.text, 7));
	text_note_early_flush(fixture.text, 7);
	assert_true(text_was_flushed_early(fixture.text, 7));
	assert_false(text_was_flushed_early(fixture.text, 8));
	assert_int_equal(write_at(&fixture, 0, "{}"), 0);
	text_note_early_flush(fixture.text, 8);
	assert_false(text_was_flushed_early(fixture.text, 8));
	assert_true(text_was_flushed_early(fixture.text, 7));
	assert_false(text_was_flushed_early(fixture.text, 0));
	stop(&fixture);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_load__is_the_bases_file),
		cmocka_unit_test(test_load__makes_nothing_dirty),
		cmocka_unit_test(test_drop__leaves_nothing_to_commit),
		cmocka_unit_test(test_truncate__gives_back_the_memory),
		cmocka_unit_test(test_charge__lasts_as_long_as_the_text),
		cmocka_unit_test(test_load__without_a_base_is_empty),
		cmocka_unit_test(test_write__goes_where_it_is_told),
		cmocka_unit_test(test_write__beyond_the_end_leaves_a_hole),
		cmocka_unit_test(test_write__refuses_offsets_that_wrap),
		cmocka_unit_test(test_read__stops_at_the_end),
		cmocka_unit_test(test_truncate__cuts_and_lengthens),
		cmocka_unit_test(test_truncate__to_the_same_size_is_no_change),
		cmocka_unit_test(test_mtime__is_that_of_the_last_change),
		cmocka_unit_test(test_budget__is_shared),
		cmocka_unit_test(test_budget__is_not_spent_by_what_never_fits),
		cmocka_unit_test(test_commit__is_of_what_was_written),
		cmocka_unit_test(test_commit__has_nothing_to_do),
		cmocka_unit_test(test_commit__leaves_dirty_what_was_written_meanwhile),
		cmocka_unit_test(test_refusal__stands_until_the_next_write),
		cmocka_unit_test(test_refusal__is_not_of_what_was_written_meanwhile),
		cmocka_unit_test(test_commit__sets_the_next_base),
		cmocka_unit_test(test_show_base__replaces_what_was_saved),
		cmocka_unit_test(test_commit__is_one_at_a_time),
		cmocka_unit_test(test_early_flush__is_before_the_first_write),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
