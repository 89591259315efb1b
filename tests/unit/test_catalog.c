#include "catalog_fixture.h"

#include <pthread.h>

static bool is_ready(
	struct catalog_fixture *fixture, struct collection *collection, enum catalog_kind kind)
{
	struct snapshot *snapshot = catalog_ready(fixture->catalog, collection, kind);
	snapshot_unref(snapshot);
	return snapshot;
}

static void test_catalog__has_ready_what_was_made_until_something_changes(void **state)
{
	struct catalog_fixture fixture;
	start_catalog(&fixture);
	list_of(fixture.contact, "{\"id\":4,\"fn\":\"Ann\"}");
	list_of(fixture.company, "{\"id\":3}");

	for (int kind = 0; kind < CATALOG_KINDS; kind++) {
		assert_false(is_ready(&fixture, fixture.contact, (enum catalog_kind)kind));
		snapshot_unref(made(&fixture, fixture.contact, (enum catalog_kind)kind));
		assert_true(is_ready(&fixture, fixture.contact, (enum catalog_kind)kind));
	}
	put_own(fixture.store, fixture.company, "3", "{\"id\":3,\"cn\":\"Acme\"}");
	for (int kind = 0; kind < CATALOG_KINDS; kind++)
		assert_true(is_ready(&fixture, fixture.contact, (enum catalog_kind)kind));
	put_own(fixture.store, fixture.contact, "4", "{\"id\":4,\"fn\":\"Eva\"}");
	for (int kind = 0; kind < CATALOG_KINDS; kind++)
		assert_false(is_ready(&fixture, fixture.contact, (enum catalog_kind)kind));
	stop_catalog(&fixture);
}

static void test_catalog__keeps_what_somebody_still_holds(void **state)
{
	struct catalog_fixture fixture;
	auto_buf struct buf names = BUF_INIT(1000);
	start_catalog(&fixture);
	list_of(fixture.contact, "{\"id\":4,\"fn\":\"Ann\"}");
	struct snapshot *old = made(&fixture, fixture.contact, CATALOG_LABELS);
	put_own(fixture.store, fixture.contact, "4", "{\"id\":4,\"fn\":\"Eva\"}");
	assert_names_are(&fixture, fixture.contact, "Eva.json=4");
	assert_string_equal(names_of(catalog_index(old), &names), "Ann.json=4");
	snapshot_unref(old);
	stop_catalog(&fixture);
}

static void check_file(struct catalog_fixture *fixture, enum catalog_kind kind, const char *wanted)
{
	auto_buf struct buf text = BUF_INIT(4096);
	struct snapshot *snapshot = made(fixture, fixture->contact, kind);
	const struct whole_file *file = catalog_file(snapshot);
	assert_int_equal(export_read(file->export, 0, 4096, &text), 0);
	assert_string_equal(text.data, wanted);
	assert_int_equal(export_size(file->export), strlen(wanted));
	snapshot_unref(snapshot);
}

static void test_catalog__makes_a_collection_one_file(void **state)
{
	struct catalog_fixture fixture;
	start_catalog(&fixture);
	check_file(&fixture, CATALOG_NDJSON, "");
	list_of(fixture.contact, "{\"id\": 4, \"fn\": \"Ann\"}", "{\"id\":7}");
	check_file(&fixture, CATALOG_NDJSON, "{\"id\":4,\"fn\":\"Ann\"}\n{\"id\":7}\n");
	check_file(&fixture, CATALOG_CSV, "id,fn\r\n4,Ann\r\n7,\r\n");
	put_own(fixture.store, fixture.contact, "4", NULL);
	check_file(&fixture, CATALOG_NDJSON, "{\"id\":7}\n");
	check_file(&fixture, CATALOG_CSV, "id\r\n7\r\n");
	stop_catalog(&fixture);
}

static struct timespec mtime_of(struct catalog_fixture *fixture)
{
	struct snapshot *snapshot = made(fixture, fixture->contact, CATALOG_NDJSON);
	struct timespec mtime = catalog_file(snapshot)->mtime;
	snapshot_unref(snapshot);
	return mtime;
}

/* So that what compares sizes and times, as rsync, sees every change. */
static void test_catalog__dates_a_file_by_its_last_change(void **state)
{
	struct catalog_fixture fixture;
	start_catalog(&fixture);
	list_of(fixture.contact, "{\"id\":4,\"lm\":\"2017-04-23T12:23:22Z\"}",
		"{\"id\":7,\"lm\":\"2016-04-23T12:23:22Z\"}");
	assert_int_equal(mtime_of(&fixture).tv_sec, 1492950202);
	assert_int_equal(mtime_of(&fixture).tv_sec, 1492950202);
	put_own(fixture.store, fixture.contact, "7", NULL);
	struct timespec after = mtime_of(&fixture);
	assert_true(after.tv_sec > 1492950202);
	assert_int_equal(mtime_of(&fixture).tv_nsec, after.tv_nsec);
	stop_catalog(&fixture);
}

/* ---- it follows every change, however many ---- */

static void change_at_random(struct catalog_fixture *fixture, unsigned *seed)
{
	char id[12], text[100];
	unsigned number = (unsigned)rand_r(seed) % 60;
	snprintf(id, sizeof id, "%u", number);
	snprintf(text, sizeof text, "{\"id\":%u,\"fn\":\"N%u\",\"companyId\":%u}", number,
		(unsigned)rand_r(seed) % 20, (unsigned)rand_r(seed) % 4);
	put_own(fixture->store, fixture->contact, id, rand_r(seed) % 4 == 0 ? NULL : text);
}

static void assert_same_as_anew(struct catalog_fixture *fixture)
{
	auto_buf struct buf followed = BUF_INIT(100000), anew = BUF_INIT(100000);
	const struct changed_slots none = {.slots = NULL};
	struct snapshot *labels = made(fixture, fixture->contact, CATALOG_LABELS);
	struct snapshot *links = made(fixture, fixture->contact, CATALOG_LINKS);
	struct index *new_labels, *new_links;

	assert_int_equal(index_make(&labels_kind, fixture->contact, NULL, &none, &new_labels), 0);
	assert_int_equal(index_make(&links_kind, fixture->contact, NULL, &none, &new_links), 0);
	assert_string_equal(
		names_of(catalog_index(labels), &followed), names_of(new_labels, &anew));
	for (int i = 0; i < 4; i++) {
		const struct slot *target =
			store_find(fixture->company, (const char[]){(char)('0' + i), '\0'}, 1);
		assert_string_equal(sources_of(catalog_index(links), target, &followed),
			sources_of(new_links, target, &anew));
	}
	snapshot_unref(labels);
	snapshot_unref(links);
	snapshot_unref(&new_labels->head);
	snapshot_unref(&new_links->head);
}

static void test_catalog__follows_every_change(void **state)
{
	struct catalog_fixture fixture;
	unsigned seed = 7;
	start_catalog(&fixture);
	list_of(fixture.company, "{\"id\":0}", "{\"id\":1}", "{\"id\":2}", "{\"id\":3}");
	for (int round = 0; round < 300; round++) {
		for (int changes = rand_r(&seed) % 12; changes > 0; changes--)
			change_at_random(&fixture, &seed);
		assert_same_as_anew(&fixture);
	}
	stop_catalog(&fixture);
}

static void test_catalog__gives_up_following_too_many_changes(void **state)
{
	struct catalog_fixture fixture;
	unsigned seed = 7;
	start_catalog(&fixture);
	list_of(fixture.company, "{\"id\":0}", "{\"id\":1}", "{\"id\":2}", "{\"id\":3}");
	assert_same_as_anew(&fixture);
	for (int i = 0; i < 100000; i++)
		change_at_random(&fixture, &seed);
	assert_same_as_anew(&fixture);
	change_at_random(&fixture, &seed);
	assert_same_as_anew(&fixture);
	stop_catalog(&fixture);
}

/* ---- threads ---- */

static void *change_many(void *arg)
{
	struct catalog_fixture *fixture = arg;
	unsigned seed = 11;
	for (int i = 0; i < 5000; i++)
		change_at_random(fixture, &seed);
	return NULL;
}

static void *make_many(void *arg)
{
	struct catalog_fixture *fixture = arg;
	for (int i = 0; i < 300; i++) {
		for (int kind = 0; kind < CATALOG_KINDS; kind++)
			snapshot_unref(made(fixture, fixture->contact, (enum catalog_kind)kind));
	}
	return NULL;
}

static void test_catalog__is_right_in_the_end_with_many_at_it(void **state)
{
	struct catalog_fixture fixture;
	pthread_t threads[4];
	start_catalog(&fixture);
	list_of(fixture.company, "{\"id\":0}", "{\"id\":1}", "{\"id\":2}", "{\"id\":3}");
	for (size_t i = 0; i < array_size(threads); i++)
		assert_int_equal(pthread_create(&threads[i], NULL, i % 2 ? change_many : make_many,
					 &fixture),
			0);
	for (size_t i = 0; i < array_size(threads); i++)
		pthread_join(threads[i], NULL);
	assert_same_as_anew(&fixture);
	stop_catalog(&fixture);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_catalog__has_ready_what_was_made_until_something_changes),
		cmocka_unit_test(test_catalog__keeps_what_somebody_still_holds),
		cmocka_unit_test(test_catalog__makes_a_collection_one_file),
		cmocka_unit_test(test_catalog__dates_a_file_by_its_last_change),
		cmocka_unit_test(test_catalog__follows_every_change),
		cmocka_unit_test(test_catalog__gives_up_following_too_many_changes),
		cmocka_unit_test(test_catalog__is_right_in_the_end_with_many_at_it),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
