/*
 * The store and what is made from it when memory is short: -ENOMEM and nothing has changed, and the
 * next try succeeds.
 */
#include "catalog_fixture.h"
#include "failing.h"

#define ANN "{\"id\":4,\"fn\":\"Ann\",\"companyId\":3}"
#define ANNA "{\"id\":4,\"fn\":\"Anna\",\"companyId\":3}"
#define BOB "{\"id\":7,\"fn\":\"Bob\",\"companyId\":3}"
#define NEW "{\"id\":9,\"fn\":\"New\",\"companyId\":3}"

/* Contacts 4 and 7, and company 3. */
static void start_filled(struct catalog_fixture *fixture)
{
	start_catalog(fixture);
	list_of(fixture->contact, ANN, BOB);
	list_of(fixture->company, "{\"id\":3,\"cn\":\"Acme\"}");
}

static bool try_create(void *arg, unsigned nth)
{
	failing_arm(nth);
	struct store *store = store_create(&(struct store_config){.first_ino = FIRST_INO});
	struct catalog *catalog = store ? catalog_create(store) : NULL;
	bool has_failed = failing_disarm();
	assert_int_equal(catalog == NULL, has_failed);
	catalog_destroy(catalog);
	store_destroy(store);
	return has_failed;
}

static void test_create__fails_cleanly(void **state)
{
	failing_each("store_create", try_create, NULL);
}

/* Of a record that was heard of, or of one that goes. */
struct publication {
	const char *id, *text;
};

static bool try_publish(void *arg, unsigned nth)
{
	const struct publication *row = arg;
	struct catalog_fixture fixture;
	struct slot *slot = NULL;
	start_filled(&fixture);
	auto_record struct record *record = row->text ? make_record(row->text) : NULL;
	uint64_t seq = store_seq(fixture.store);

	failing_arm(nth);
	int err = store_publish(fixture.contact, row->id, 1, record, seq, true, &slot);
	bool has_failed = failing_disarm();
	assert_int_equal(err, 0);
	assert_slot_has(slot, row->text);
	stop_catalog(&fixture);
	return has_failed;
}

/* So many that everything grows more than once. */
static bool try_many(void *arg, unsigned nth)
{
	enum { MANY = 3000 };
	struct catalog_fixture fixture;
	struct slot *slot;
	bool has_failed = false;
	start_catalog(&fixture);
	auto_record struct record *record = make_record(NEW);

	failing_arm(nth);
	for (unsigned i = 0; i < MANY; i++) {
		char id[16];
		size_t len = (size_t)snprintf(id, sizeof id, "%u", i);
		int err = store_publish(fixture.contact, id, len, record, 0, false, &slot);
		if (err == 0)
			continue;
		assert_int_equal(err, -ENOMEM);
		assert_false(has_failed);
		has_failed = failing_disarm();
		assert_true(has_failed);
		i--; /* once more */
	}
	has_failed |= failing_disarm();
	struct listing *listing = store_listing(fixture.contact);
	assert_int_equal(listing->count, MANY);
	for (size_t i = 0; i < listing->count; i++)
		assert_ptr_equal(listing->slots[i]->record, record);
	listing_unref(listing);
	stop_catalog(&fixture);
	return has_failed;
}

static void test_publish__loses_nothing_when_it_fails(void **state)
{
	failing_each("store_publish", try_many, NULL);
}

/* These need no memory, so a save that the server took is never lost to the store. */
static void test_publish__of_what_is_known_needs_no_memory(void **state)
{
	struct publication rows[] = {{"4", ANNA}, {"7", NULL}};
	for (size_t i = 0; i < array_size(rows); i++)
		assert_false(try_publish(&rows[i], 1));
}

/* A listing with a record that is known, one that changed and one that is new; 4 is gone. */
static int take_in(struct catalog_fixture *fixture)
{
	static const char *const texts[] = {
		BOB, "{\"id\":8,\"fn\":\"Eve\"}", NEW, "{\"id\":\"Zo\\u00eb\"}"};
	struct update *update;
	size_t odd;
	int err = update_begin(fixture->contact, &update);
	if (err < 0)
		return err;
	for (size_t i = 0; err == 0 && i < array_size(texts); i++) {
		struct json_facts facts;
		assert_int_equal(json_check(texts[i], strlen(texts[i]), &facts, NULL), 0);
		err = update_add(update, texts[i], strlen(texts[i]), &facts);
	}
	if (err == 0)
		update_commit(update, "\"1\"", &odd);
	else
		update_abort(update);
	return err;
}

static bool try_update(void *arg, unsigned nth)
{
	struct catalog_fixture fixture;
	char etag[128];
	start_filled(&fixture);
	failing_arm(nth);
	int err = take_in(&fixture);
	bool has_failed = failing_disarm();
	assert_int_equal(err, has_failed ? -ENOMEM : 0);
	if (err < 0) {
		assert_listing_is(fixture.contact, "4 7");
		assert_slot_has(store_find(fixture.contact, "8", 1), NULL);
		store_etag(fixture.contact, etag);
		assert_string_equal(etag, "");
		assert_int_equal(take_in(&fixture), 0);
	}
	assert_slot_has(store_find(fixture.contact, "4", 1), NULL);
	assert_slot_has(store_find(fixture.contact, "7", 1), BOB);
	assert_slot_has(store_find(fixture.contact, "9", 1), NEW);
	stop_catalog(&fixture);
	return has_failed;
}

static void test_update__changes_nothing_when_it_fails(void **state)
{
	failing_each("an update", try_update, NULL);
}

static bool try_listing(void *arg, unsigned nth)
{
	struct catalog_fixture *fixture = arg;
	failing_arm(nth);
	struct listing *listing = store_listing(fixture->contact);
	bool has_failed = failing_disarm();
	assert_int_equal(listing == NULL, has_failed);
	listing_unref(listing);
	return has_failed;
}

static void test_listing__fails_cleanly(void **state)
{
	struct catalog_fixture fixture;
	start_filled(&fixture);
	failing_each("store_listing", try_listing, &fixture);
	stop_catalog(&fixture);
}

/* ---- what is made from it ---- */

struct making {
	enum catalog_kind kind;
	bool is_update; /* of one that was made before a record changed */
};

static const char ndjson[] = ANNA "\n" BOB "\n";
static const char csv[] = "id,fn,companyId\r\n4,Anna,3\r\n7,Bob,3\r\n";

static void assert_made(
	struct catalog_fixture *fixture, const struct snapshot *snapshot, enum catalog_kind kind)
{
	auto_buf struct buf text = BUF_INIT(10000);
	if (kind == CATALOG_LABELS) {
		assert_string_equal(
			names_of(catalog_index(snapshot), &text), "Anna.json=4 Bob.json=7");
	} else if (kind == CATALOG_LINKS) {
		struct slot *company = store_find(fixture->company, "3", 1);
		assert_string_equal(sources_of(catalog_index(snapshot), company, &text), "4 7");
	} else {
		assert_int_equal(export_read(catalog_file(snapshot)->export, 0, 10000, &text), 0);
		assert_string_equal(text.data, kind == CATALOG_CSV ? csv : ndjson);
	}
}

/* Also what could not be noted of a change must not be forgotten. */
static bool try_make(void *arg, unsigned nth)
{
	const struct making *making = arg;
	struct catalog_fixture fixture;
	struct snapshot *snapshot = NULL;
	start_filled(&fixture);
	if (making->is_update)
		snapshot_unref(made(&fixture, fixture.contact, making->kind));
	auto_record struct record *record = make_record(ANNA);
	uint64_t seq = store_seq(fixture.store);
	struct slot *slot;

	failing_arm(nth);
	int err = store_publish(fixture.contact, "4", 1, record, seq, true, &slot);
	assert_int_equal(err, 0);
	err = catalog_make(fixture.catalog, fixture.contact, making->kind, &snapshot);
	bool has_failed = failing_disarm();
	if (err < 0) {
		assert_true(has_failed && err == -ENOMEM && !snapshot);
		snapshot = made(&fixture, fixture.contact, making->kind);
	}
	assert_made(&fixture, snapshot, making->kind);
	snapshot_unref(snapshot);
	assert_non_null(snapshot = catalog_ready(fixture.catalog, fixture.contact, making->kind));
	snapshot_unref(snapshot);
	stop_catalog(&fixture);
	return has_failed;
}

static void test_make__fails_cleanly_and_forgets_no_change(void **state)
{
	static const char *const names[CATALOG_KINDS] = {"labels", "links", "ndjson", "csv"};
	for (int kind = 0; kind < CATALOG_KINDS; kind++) {
		struct making making = {.kind = (enum catalog_kind)kind};
		failing_each(names[kind], try_make, &making);
		making.is_update = true;
		failing_each(names[kind], try_make, &making);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_create__fails_cleanly),
		cmocka_unit_test(test_publish__loses_nothing_when_it_fails),
		cmocka_unit_test(test_publish__of_what_is_known_needs_no_memory),
		cmocka_unit_test(test_update__changes_nothing_when_it_fails),
		cmocka_unit_test(test_listing__fails_cleanly),
		cmocka_unit_test(test_make__fails_cleanly_and_forgets_no_change),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
