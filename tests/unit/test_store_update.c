#include "store_fixture.h"

#include <pthread.h>

#define ANN "{\"id\":4,\"fn\":\"Ann\"}"
#define BOB "{\"id\":4,\"fn\":\"Bob\"}"
#define SEVEN "{\"id\":7}"
#define NINE "{\"id\":9}"

struct fixture {
	struct witness witness;
	struct store *store;
	struct collection *contact;
};

/* A store whose contacts are 4 and 7, and a witness who has seen nothing yet. */
static void start(struct fixture *fixture)
{
	*fixture = (struct fixture){.store = NULL};
	struct store_observer observer = witness_observer(&fixture->witness);
	fixture->store = make_store(LONG_TTL_MS, &observer);
	fixture->contact = store_collection(fixture->store, "contact");
	list_of(fixture->contact, ANN, SEVEN);
	fixture->witness = (struct witness){.changes = 0};
}

static void stop(struct fixture *fixture)
{
	store_destroy(fixture->store);
}

static struct slot *slot_of(struct fixture *fixture, const char *id)
{
	struct slot *slot = store_find(fixture->contact, id, strlen(id));
	assert_non_null(slot);
	return slot;
}

static void assert_witness_saw(
	const struct fixture *fixture, unsigned changes, unsigned listing_changes)
{
	assert_int_equal(fixture->witness.changes, changes);
	assert_int_equal(fixture->witness.listing_changes, listing_changes);
}

/* ---- what a whole answer does ---- */

static void test_commit__replaces_the_listing(void **state)
{
	struct fixture fixture;
	start(&fixture);
	assert_int_equal(list_of(fixture.contact, NINE, BOB), 0);
	assert_slot_has(slot_of(&fixture, "4"), BOB);
	assert_slot_has(slot_of(&fixture, "7"), NULL);
	assert_slot_has(slot_of(&fixture, "9"), NINE);
	assert_witness_saw(&fixture, 3, 1);
	stop(&fixture);
}

static void test_commit__keeps_the_servers_order(void **state)
{
	struct fixture fixture;
	start(&fixture);
	struct collection *note = store_collection(fixture.store, "note");
	list_of(note, "{\"id\":30}", "{\"id\":\"f1\"}", "{\"id\":2}");
	assert_listing_is(note, "30 f1 2");
	stop(&fixture);
}

static void test_commit__of_an_empty_answer_empties(void **state)
{
	struct fixture fixture;
	start(&fixture);
	list_of(fixture.contact, NULL);
	assert_listing_is(fixture.contact, "");
	assert_int_equal(store_listing_freshness(fixture.contact), FRESH);
	assert_witness_saw(&fixture, 2, 1);
	stop(&fixture);
}

static void test_commit__keeps_versions_that_are_the_same(void **state)
{
	struct fixture fixture;
	start(&fixture);
	auto_record struct record *before = store_take(slot_of(&fixture, "4"));
	struct timespec mtime = store_listing_mtime(fixture.contact);
	list_of(fixture.contact, ANN, SEVEN);
	auto_record struct record *after = store_take(slot_of(&fixture, "4"));
	struct timespec mtime_after = store_listing_mtime(fixture.contact);

	assert_ptr_equal(before, after);
	assert_memory_equal(&mtime, &mtime_after, sizeof mtime);
	assert_witness_saw(&fixture, 0, 0);
	stop(&fixture);
}

static void test_commit__tells_of_new_versions_alone(void **state)
{
	struct fixture fixture;
	start(&fixture);
	list_of(fixture.contact, BOB, SEVEN);
	assert_witness_saw(&fixture, 1, 0);
	assert_ptr_equal(fixture.witness.last, slot_of(&fixture, "4"));
	stop(&fixture);
}

static void test_commit__gives_a_record_that_returns_its_inode_number(void **state)
{
	struct fixture fixture;
	start(&fixture);
	const struct slot *slot = slot_of(&fixture, "4");
	uint64_t ino = slot->ino;
	list_of(fixture.contact, SEVEN);
	list_of(fixture.contact, SEVEN, BOB);
	assert_ptr_equal(slot_of(&fixture, "4"), slot);
	assert_int_equal(slot->ino, ino);
	stop(&fixture);
}

/* More than is taken in under one lock. */
static void test_commit__takes_many(void **state)
{
	enum { MANY = 5000 };
	struct fixture fixture;
	char text[40];
	start(&fixture);
	struct update *update = begin_update(fixture.contact);
	for (int i = 0; i < MANY; i++) {
		snprintf(text, sizeof text, "{\"id\":%d,\"n\":1}", i);
		add_element(update, text);
	}
	assert_int_equal(commit_update(update, ""), 0);
	assert_witness_saw(&fixture, MANY, 1);

	fixture.witness = (struct witness){.changes = 0};
	list_of(fixture.contact, "{\"id\":4998,\"n\":1}");
	assert_listing_is(fixture.contact, "4998");
	assert_witness_saw(&fixture, MANY - 1, 1);
	stop(&fixture);
}

/* ---- what an answer that is not whole does ---- */

static void test_update__shows_nothing_before_its_end(void **state)
{
	struct fixture fixture;
	start(&fixture);
	struct update *update = begin_update(fixture.contact);
	add_element(update, BOB);
	add_element(update, NINE);
	assert_slot_has(slot_of(&fixture, "4"), ANN);
	assert_listing_is(fixture.contact, "4 7");
	commit_update(update, "");
	assert_listing_is(fixture.contact, "4 9");
	stop(&fixture);
}

static void test_abort__leaves_all_as_it_was(void **state)
{
	struct fixture fixture;
	start(&fixture);
	struct update *update = begin_update(fixture.contact);
	add_element(update, BOB);
	add_element(update, NINE);
	update_abort(update);
	update_abort(NULL);

	assert_slot_has(slot_of(&fixture, "4"), ANN);
	assert_listing_is(fixture.contact, "4 7");
	assert_witness_saw(&fixture, 0, 0);
	stop(&fixture);
}

static void test_abort__of_the_first_listing_leaves_it_unknown(void **state)
{
	struct fixture fixture;
	struct slot *slot;
	start(&fixture);
	struct collection *note = store_collection(fixture.store, "note");
	struct update *update = begin_update(note);
	add_element(update, SEVEN);
	update_abort(update);
	assert_int_equal(store_listing_freshness(note), UNKNOWN);
	assert_int_equal(store_id_freshness(note, "7", 1, &slot), FRESH);
	assert_int_equal(store_id_freshness(note, "8", 1, &slot), UNKNOWN);
	stop(&fixture);
}

/* An element that only the attempt cut short had does not count as seen. */
static void test_restart__forgets_the_attempt_that_was_cut_short(void **state)
{
	struct fixture fixture;
	start(&fixture);
	struct update *update = begin_update(fixture.contact);
	add_element(update, SEVEN);
	add_element(update, NINE);
	add_element(update, "[]");
	update_restart(update);
	add_element(update, BOB);
	assert_int_equal(commit_update(update, ""), 0);
	assert_listing_is(fixture.contact, "4");
	assert_slot_has(slot_of(&fixture, "4"), BOB);
	stop(&fixture);
}

static void test_abort__does_not_hide_from_the_next_answer(void **state)
{
	struct fixture fixture;
	start(&fixture);
	struct update *update = begin_update(fixture.contact);
	add_element(update, BOB);
	update_abort(update);
	list_of(fixture.contact, BOB);
	assert_slot_has(slot_of(&fixture, "4"), BOB);
	assert_listing_is(fixture.contact, "4");
	stop(&fixture);
}

/* ---- elements ---- */

static void test_add__leaves_out_what_is_odd(void **state)
{
	static const struct {
		const char *name, *text, *id; /* id NULL: odd */
	} rows[] = {
		{"number", "{\"id\":12}", "12"},
		{"string", "{\"id\":\"f1001\"}", "f1001"},
		{"escaped", "{\"\\u0069d\":\"\\u007a\"}", "z"},
		{"first of two", "{\"id\":1,\"id\":2}", "1"},
		{"slash", "{\"id\":\"../x\"}", "../x"},
		{"array", "[4]", NULL},
		{"null", "null", NULL},
		{"word", "\"x\"", NULL},
		{"no id", "{\"fn\":\"Ann\"}", NULL},
		{"null id", "{\"id\":null}", NULL},
		{"id in an object", "{\"id\":{\"id\":4}}", NULL},
		{"list as id", "{\"id\":[4]}", NULL},
		{"true", "{\"id\":true}", NULL},
		{"empty id", "{\"id\":\"\"}", NULL},
		{"surrogate", "{\"id\":\"\\ud800\"}", NULL},
	};
	for (size_t i = 0; i < array_size(rows); i++) {
		struct fixture fixture;
		start(&fixture);
		struct collection *note = store_collection(fixture.store, "note");
		size_t odd = list_of(note, NINE, rows[i].text);
		struct listing *listing = store_listing(note);
		if (odd != (rows[i].id ? 0 : 1) || listing->count != (rows[i].id ? 2 : 1))
			fail_msg("%s: %zu odd, %zu listed", rows[i].name, odd, listing->count);
		if (rows[i].id && strcmp(listing->slots[1]->id, rows[i].id) != 0)
			fail_msg("%s: '%s'", rows[i].name, listing->slots[1]->id);
		listing_unref(listing);
		stop(&fixture);
	}
}

static void test_add__leaves_out_ids_that_make_no_name(void **state)
{
	struct fixture fixture;
	char text[400];
	start(&fixture);
	struct collection *note = store_collection(fixture.store, "note");
	snprintf(text, sizeof text, "{\"id\":\"%0*d\"}", ID_MAX, 1);
	assert_int_equal(list_of(note, text), 0);
	snprintf(text, sizeof text, "{\"id\":\"%0*d\"}", ID_MAX + 1, 1);
	assert_int_equal(list_of(note, text), 1);
	/* Short enough as an id, but each byte takes three in a file's name. */
	snprintf(text, sizeof text, "{\"id\":\"%.*s\"}", 100,
		"//////////////////////////////////////////////////////////////////////////////////"
		"/////////////////////////////////////////////////////////////////////////////////"
		"/");
	assert_int_equal(list_of(note, text), 1);
	stop(&fixture);
}

static void test_add__takes_the_first_of_two_with_one_id(void **state)
{
	static const struct {
		const char *name, *first, *second;
	} rows[] = {
		{"both new", BOB, "{\"id\":4,\"fn\":\"Cy\"}"},
		{"second as known", BOB, ANN},
		{"first as known", ANN, BOB},
		{"equal", BOB, BOB},
		{"number and string", ANN, "{\"id\":\"4\"}"},
	};
	for (size_t i = 0; i < array_size(rows); i++) {
		struct fixture fixture;
		start(&fixture);
		if (list_of(fixture.contact, rows[i].first, rows[i].second) != 1)
			fail_msg("%s", rows[i].name);
		assert_slot_has(slot_of(&fixture, "4"), rows[i].first);
		assert_listing_is(fixture.contact, "4");
		stop(&fixture);
	}
}

static void test_add__leaves_out_records_that_are_too_long(void **state)
{
	struct fixture fixture;
	start(&fixture);
	struct update *update = begin_update(fixture.contact);
	struct json_facts facts;
	assert_int_equal(json_check(BOB, strlen(BOB), &facts, NULL), 0);
	facts.rendered_size = RECORD_MAX_FILE_BYTES + 1;
	assert_int_equal(update_add(update, BOB, strlen(BOB), &facts), 0);
	assert_int_equal(commit_update(update, ""), 1);
	/* What the answer has, but cannot be shown, is not shown as it was long ago either. */
	assert_listing_is(fixture.contact, "");
	stop(&fixture);
}

/* ---- our own changes meanwhile ---- */

static void test_commit__lets_own_later_changes_win(void **state)
{
	static const struct {
		const char *name;
		const char *id, *own; /* while the answer is on its way */
		const char *answer;   /* NULL: it lacks the record */
		const char *wanted;
	} rows[] = {
		{"saved, answer is older", "4", BOB, ANN, BOB},
		{"saved, answer lacks it", "4", BOB, NULL, BOB},
		{"deleted, answer has it", "4", NULL, ANN, NULL},
		{"deleted, answer lacks it", "4", NULL, NULL, NULL},
		{"created, answer lacks it", "9", NINE, NULL, NINE},
	};
	for (size_t i = 0; i < array_size(rows); i++) {
		struct fixture fixture;
		start(&fixture);
		struct update *update = begin_update(fixture.contact);
		struct slot *slot =
			put_own(fixture.store, fixture.contact, rows[i].id, rows[i].own);
		fixture.witness = (struct witness){.changes = 0};
		if (rows[i].answer)
			add_element(update, rows[i].answer);
		add_element(update, SEVEN);
		commit_update(update, "");

		if (fixture.witness.last == slot)
			fail_msg("%s: told of a change", rows[i].name);
		assert_slot_has(slot, rows[i].wanted);
		assert_slot_has(slot_of(&fixture, "7"), SEVEN);
		stop(&fixture);
	}
}

/* Also when the element came first, and our change between it and the answer's end. */
static void test_commit__lets_a_change_win_that_came_after_the_element(void **state)
{
	struct fixture fixture;
	start(&fixture);
	struct update *update = begin_update(fixture.contact);
	add_element(update, ANN);
	add_element(update, "{\"id\":7,\"x\":1}");
	put_own(fixture.store, fixture.contact, "4", BOB);
	put_own(fixture.store, fixture.contact, "7", NULL);
	commit_update(update, "");
	assert_slot_has(slot_of(&fixture, "4"), BOB);
	assert_slot_has(slot_of(&fixture, "7"), NULL);
	stop(&fixture);
}

static void test_commit__of_a_later_answer_wins_over_own_changes(void **state)
{
	struct fixture fixture;
	start(&fixture);
	put_own(fixture.store, fixture.contact, "4", BOB);
	put_own(fixture.store, fixture.contact, "9", NINE);
	list_of(fixture.contact, ANN);
	assert_listing_is(fixture.contact, "4");
	assert_slot_has(slot_of(&fixture, "4"), ANN);
	stop(&fixture);
}

/* The second attempt's request went out after our change: its answer knows of it. */
static void test_restart__makes_the_answer_a_later_one(void **state)
{
	struct fixture fixture;
	start(&fixture);
	struct update *update = begin_update(fixture.contact);
	put_own(fixture.store, fixture.contact, "4", BOB);
	update_restart(update);
	add_element(update, "{\"id\":4,\"fn\":\"Cy\"}");
	commit_update(update, "");
	assert_slot_has(slot_of(&fixture, "4"), "{\"id\":4,\"fn\":\"Cy\"}");
	stop(&fixture);
}

static void test_unchanged__confirms_the_listing(void **state)
{
	struct fixture fixture;
	start(&fixture);
	struct slot *slot = slot_of(&fixture, "4");
	store_expire_slot(slot);
	assert_int_equal(store_slot_freshness(slot), DROPPED);
	update_unchanged(begin_update(fixture.contact));
	assert_int_equal(store_listing_freshness(fixture.contact), FRESH);
	assert_int_equal(store_slot_freshness(slot), FRESH);
	assert_listing_is(fixture.contact, "4 7");
	assert_witness_saw(&fixture, 0, 0);
	stop(&fixture);
}

/* ---- threads ---- */

struct readers {
	struct collection *contact;
	atomic_bool stop;
	atomic_uint torn;
};

/* What a reader sees is always one of the listings that were whole. */
static void *read_much(void *arg)
{
	struct readers *readers = arg;
	while (!atomic_load(&readers->stop)) {
		struct listing *listing = store_listing(readers->contact);
		for (size_t i = 0; listing && i < listing->count; i++)
			record_unref(store_take(listing->slots[i]));
		if (!listing || listing->count < 1 || listing->count > 3)
			atomic_fetch_add(&readers->torn, 1);
		listing_unref(listing);
	}
	return NULL;
}

static void test_commit__may_be_watched_by_readers(void **state)
{
	struct fixture fixture;
	pthread_t threads[2];
	start(&fixture);
	struct readers readers = {.contact = fixture.contact};
	for (size_t i = 0; i < array_size(threads); i++)
		assert_int_equal(pthread_create(&threads[i], NULL, read_much, &readers), 0);
	for (int i = 0; i < 200; i++) {
		if (i % 2)
			list_of(fixture.contact, ANN, NINE);
		else
			list_of(fixture.contact, BOB, SEVEN);
	}
	atomic_store(&readers.stop, true);
	for (size_t i = 0; i < array_size(threads); i++)
		pthread_join(threads[i], NULL);
	assert_int_equal(atomic_load(&readers.torn), 0);
	stop(&fixture);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_commit__replaces_the_listing),
		cmocka_unit_test(test_commit__keeps_the_servers_order),
		cmocka_unit_test(test_commit__of_an_empty_answer_empties),
		cmocka_unit_test(test_commit__keeps_versions_that_are_the_same),
		cmocka_unit_test(test_commit__tells_of_new_versions_alone),
		cmocka_unit_test(test_commit__gives_a_record_that_returns_its_inode_number),
		cmocka_unit_test(test_commit__takes_many),
		cmocka_unit_test(test_update__shows_nothing_before_its_end),
		cmocka_unit_test(test_abort__leaves_all_as_it_was),
		cmocka_unit_test(test_abort__of_the_first_listing_leaves_it_unknown),
		cmocka_unit_test(test_restart__forgets_the_attempt_that_was_cut_short),
		cmocka_unit_test(test_abort__does_not_hide_from_the_next_answer),
		cmocka_unit_test(test_add__leaves_out_what_is_odd),
		cmocka_unit_test(test_add__leaves_out_ids_that_make_no_name),
		cmocka_unit_test(test_add__takes_the_first_of_two_with_one_id),
		cmocka_unit_test(test_add__leaves_out_records_that_are_too_long),
		cmocka_unit_test(test_commit__lets_own_later_changes_win),
		cmocka_unit_test(test_commit__lets_a_change_win_that_came_after_the_element),
		cmocka_unit_test(test_commit__of_a_later_answer_wins_over_own_changes),
		cmocka_unit_test(test_restart__makes_the_answer_a_later_one),
		cmocka_unit_test(test_unchanged__confirms_the_listing),
		cmocka_unit_test(test_commit__may_be_watched_by_readers),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
