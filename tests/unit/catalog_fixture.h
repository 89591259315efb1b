/* A store that a catalog follows, and words for what it says. Asserts: for the test's thread alone. */
#ifndef TESTS_CATALOG_FIXTURE_H
#define TESTS_CATALOG_FIXTURE_H

#include "catalog.h"
#include "store_fixture.h"

struct catalog_fixture {
	struct store *store;
	struct catalog *catalog;
	struct collection *contact, *company, *task;
};

static inline void note_change(void *arg, struct slot *slot)
{
	struct catalog_fixture *fixture = arg;
	catalog_note(fixture->catalog, slot);
}

static inline void start_catalog(struct catalog_fixture *fixture)
{
	static const char *const names[] = {"contact", "company", "task", NULL};
	*fixture = (struct catalog_fixture){.store = NULL};
	fixture->store = store_create(&(struct store_config){
		.resources = names,
		.ttl_ms = LONG_TTL_MS,
		.first_ino = FIRST_INO,
		.observer = {.changed = note_change, .arg = fixture},
	});
	assert_non_null(fixture->store);
	fixture->catalog = catalog_create(fixture->store);
	assert_non_null(fixture->catalog);
	fixture->contact = store_collection(fixture->store, "contact");
	fixture->company = store_collection(fixture->store, "company");
	fixture->task = store_collection(fixture->store, "task");
}

static inline void stop_catalog(struct catalog_fixture *fixture)
{
	catalog_destroy(fixture->catalog);
	store_destroy(fixture->store);
}

static inline struct snapshot *made(
	struct catalog_fixture *fixture, struct collection *collection, enum catalog_kind kind)
{
	struct snapshot *snapshot;
	assert_int_equal(catalog_make(fixture->catalog, collection, kind, &snapshot), 0);
	return snapshot;
}

/* "Ann.json=4 Bob.json=7": every name, and that it leads back to its record. */
static inline const char *names_of(const struct index *labels, struct buf *out)
{
	buf_clear(out);
	for (size_t i = 0; i < labels->count; i++) {
		char name[NAME_SIZE];
		struct slot *slot;
		if (!labels_name(labels, i, name, &slot))
			continue;
		assert_ptr_equal(labels_find(labels, name), slot);
		assert_int_equal(buf_addf(out, "%s%s=%s", i ? " " : "", name, slot->id), 0);
	}
	return out->data;
}

/* "4 7": who points at a target. */
static inline const char *sources_of(
	const struct index *links, const struct slot *target, struct buf *out)
{
	struct slot *source;
	buf_clear(out);
	for (size_t place = 0; links_next(links, target, &place, &source);) {
		assert_true(links_points(source, target));
		assert_int_equal(buf_addf(out, "%s%s", out->len ? " " : "", source->id), 0);
	}
	return out->data;
}

static inline void check_names(struct catalog_fixture *fixture, struct collection *collection,
	const char *wanted, const char *file, int line)
{
	auto_buf struct buf names = BUF_INIT(100000);
	struct snapshot *labels = made(fixture, collection, CATALOG_LABELS);
	_assert_string_equal(names_of(catalog_index(labels), &names), wanted, file, line);
	snapshot_unref(labels);
}
#define assert_names_are(fixture, collection, wanted) \
	check_names(fixture, collection, wanted, __FILE__, __LINE__)

static inline void check_sources(struct catalog_fixture *fixture, struct collection *collection,
	const struct slot *target, const char *wanted, const char *file, int line)
{
	auto_buf struct buf sources = BUF_INIT(100000);
	struct snapshot *links = made(fixture, collection, CATALOG_LINKS);
	_assert_string_equal(
		sources_of(catalog_index(links), target, &sources), wanted, file, line);
	snapshot_unref(links);
}
#define assert_sources_are(fixture, collection, target, wanted) \
	check_sources(fixture, collection, target, wanted, __FILE__, __LINE__)

#endif
