/* The short cut past records that the server sends as they are known. */
#include "json_split.h"
#include "store_fixture.h"

#define ONE "{\"id\":1,\"fn\":\"Ann\"}"
#define TWO "{\"id\":2,\"fn\":\"Bob\"}"
#define TWO_ANEW "{\"id\":2,\"fn\":\"Rob\"}"
#define THREE "{\"id\":3,\"fn\":\"Cem\"}"
#define FOUR "{\"id\":4,\"fn\":\"Dan\"}"

/* An answer on its way into a collection, and which way its elements went. */
struct intake {
	struct update *update;
	size_t known, added;
};

static int add(void *arg, const char *text, size_t len, const struct json_facts *facts)
{
	struct intake *intake = arg;
	intake->added++;
	return update_add(intake->update, text, len, facts);
}

static size_t know(void *arg, const char *text, size_t len)
{
	struct intake *intake = arg;
	size_t known = update_known(intake->update, text, len);
	intake->known += known > 0;
	return known;
}

/* Takes in an answer of these elements, in pieces of so many bytes; returns how many were known. */
static size_t take_in(struct collection *collection, const char *elements, size_t piece_bytes)
{
	struct intake intake = {.update = begin_update(collection)};
	struct json_split *split = json_split_create(1000, add, &intake);
	assert_non_null(split);
	json_split_set_known(split, know);

	char answer[400];
	int len = snprintf(answer, sizeof answer, "{\"content\": [%s]}", elements);
	for (size_t at = 0; at < (size_t)len; at += piece_bytes)
		assert_int_equal(json_split_feed(split, answer + at,
					 min_size(piece_bytes, (size_t)len - at)),
			0);
	assert_int_equal(json_split_finish(split), 0);
	assert_int_equal(json_split_envelope(split)->elements, intake.known + intake.added);
	json_split_destroy(split);
	commit_update(intake.update, "");
	return intake.known;
}

struct fixture {
	struct store *store;
	struct collection *contact;
};

static void start(struct fixture *fixture)
{
	fixture->store = make_store(LONG_TTL_MS, NULL);
	fixture->contact = store_collection(fixture->store, "contact");
	assert_int_equal(take_in(fixture->contact, ONE "," TWO "," THREE, 400), 0);
}

static void assert_record(struct fixture *fixture, const char *id, const char *text)
{
	assert_slot_has(store_find(fixture->contact, id, strlen(id)), text);
}

static const struct {
	const char *name, *elements;
	size_t known;
	const char *listing, *two;
} rows[] = {
	{"nothing changed", ONE " ,\n" TWO "," THREE, 3, "1 2 3", TWO},
	{"one changed", ONE "," TWO_ANEW "," THREE, 2, "1 2 3", TWO_ANEW},
	{"the first is gone", TWO "," THREE, 1, "2 3", TWO},
	{"one in the middle is gone", ONE "," THREE, 1, "1 3", NULL},
	{"one more", ONE "," TWO "," THREE "," FOUR, 3, "1 2 3 4", TWO},
	{"one more in front", FOUR "," ONE "," TWO "," THREE, 2, "1 2 3 4", TWO},
	{"another order", THREE "," TWO "," ONE, 0, "1 2 3", TWO},
	{"one twice", ONE "," ONE "," TWO "," THREE, 3, "1 2 3", TWO},
	{"one twice, another one the second time", ONE "," TWO "," TWO_ANEW "," THREE, 3, "1 2 3",
		TWO},
	{"what is no record", ONE ",7," TWO "," THREE, 3, "1 2 3", TWO},
	{"the same with more behind it", "{\"id\":1,\"fn\":\"Ann\" }," TWO "," THREE, 2, "1 2 3",
		TWO},
	{"nothing", "", 0, "", NULL},
};

static void test_known__takes_in_what_a_reading_of_all_would(void **state)
{
	for (size_t i = 0; i < array_size(rows); i++) {
		struct fixture fixture;
		print_message("%s\n", rows[i].name);
		start(&fixture);
		assert_int_equal(take_in(fixture.contact, rows[i].elements, 400), rows[i].known);
		assert_listing_is(fixture.contact, rows[i].listing);
		assert_record(&fixture, "2", rows[i].two);
		store_destroy(fixture.store);
	}
}

/* An element that a piece cuts is read. */
static void test_known__minds_no_pieces(void **state)
{
	size_t known = 0;
	for (size_t i = 0; i < array_size(rows); i++) {
		for (size_t piece = 1; piece < 80; piece++) {
			struct fixture fixture;
			start(&fixture);
			known += take_in(fixture.contact, rows[i].elements, piece);
			assert_listing_is(fixture.contact, rows[i].listing);
			assert_record(&fixture, "2", rows[i].two);
			store_destroy(fixture.store);
		}
	}
	assert_true(known > 0);
}

/* What stands behind the known bytes is judged as ever. */
static void test_known__hides_nothing_that_is_broken(void **state)
{
	struct fixture fixture;
	start(&fixture);
	struct intake intake = {.update = begin_update(fixture.contact)};
	struct json_split *split = json_split_create(1000, add, &intake);
	assert_non_null(split);
	json_split_set_known(split, know);
	static const char answer[] = "{\"content\": [" ONE "x," TWO "]}";
	assert_int_equal(json_split_feed(split, answer, sizeof answer - 1), -EBADMSG);
	assert_int_equal(intake.known, 1);
	json_split_destroy(split);
	update_abort(intake.update);
	assert_listing_is(fixture.contact, "1 2 3");
	store_destroy(fixture.store);
}

static void test_known__knows_our_own_later_version(void **state)
{
	struct fixture fixture;
	start(&fixture);
	put_own(fixture.store, fixture.contact, "2", TWO_ANEW);
	assert_int_equal(take_in(fixture.contact, ONE "," TWO_ANEW "," THREE, 400), 3);
	assert_record(&fixture, "2", TWO_ANEW);
	put_own(fixture.store, fixture.contact, "2", NULL);
	assert_int_equal(take_in(fixture.contact, ONE "," THREE, 400), 2);
	assert_listing_is(fixture.contact, "1 3");
	store_destroy(fixture.store);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_known__takes_in_what_a_reading_of_all_would),
		cmocka_unit_test(test_known__minds_no_pieces),
		cmocka_unit_test(test_known__hides_nothing_that_is_broken),
		cmocka_unit_test(test_known__knows_our_own_later_version),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
