/* The verbs of the contract over a real store, a real API, and a CRM of the test's own. */
#ifndef TESTS_SYNC_FIXTURE_H
#define TESTS_SYNC_FIXTURE_H

#include "fake_crm.h"
#include "store_fixture.h"
#include "sync.h"

#include <poll.h>
#include <pthread.h>

/* Long enough that nothing on a busy machine, or under valgrind, takes it for a failure. */
#define PATIENT_MS 600000

#define ANN "{\"id\":4,\"fn\":\"Ann\",\"city\":\"Rome\",\"lm\":\"2020-01-01T00:00:00Z\"}"
#define BOB "{\"id\":7,\"fn\":\"Bob\"}"

struct sync_fixture {
	struct crm *crm;
	struct api *api;
	struct store *store;
	struct log errors;
	struct sync *sync;
	struct collection *contact;
	struct problem problem;
};

static inline void start_verbs(
	struct sync_fixture *fixture, int64_t claim_ms, bool detect_conflicts)
{
	sync_destroy(fixture->sync);
	fixture->sync = sync_create(&(struct sync_config){
		.api = fixture->api,
		.store = fixture->store,
		.errors = &fixture->errors,
		.claim_ms = claim_ms,
		.refresh_ms = claim_ms,
		.detect_conflicts = detect_conflicts,
	});
	assert_non_null(fixture->sync);
}

/* The CRM has contacts 4 and 7; nothing is known of them yet. */
static inline void start_sync(struct sync_fixture *fixture, int64_t ttl_ms)
{
	*fixture = (struct sync_fixture){.crm = crm_start()};
	assert_non_null(fixture->crm);
	crm_put(fixture->crm, "contact", "4", ANN);
	crm_put(fixture->crm, "contact", "7", BOB);
	fixture->api = api_create(&(struct api_config){
		.url = crm_url(fixture->crm),
		.http = {.token = "token",
			.user_agent = "test/1",
			.timeout_ms = PATIENT_MS,
			.allow_plain_http = true},
	});
	fixture->store =
		store_create(&(struct store_config){.ttl_ms = ttl_ms, .first_ino = FIRST_INO});
	fixture->contact = store_collection(fixture->store, "contact");
	log_init(&fixture->errors, 10000);
	start_verbs(fixture, PATIENT_MS, true);
}

static inline void stop_sync(struct sync_fixture *fixture)
{
	sync_destroy(fixture->sync);
	log_release(&fixture->errors);
	store_destroy(fixture->store);
	api_destroy(fixture->api);
	crm_stop(fixture->crm);
}

static inline int read_listing(struct sync_fixture *fixture)
{
	return sync_listing(fixture->sync, fixture->contact, NULL, &fixture->problem);
}

static inline int read_record_of(
	struct sync_fixture *fixture, struct collection *collection, const char *id)
{
	return sync_record(fixture->sync, collection, id, strlen(id), NULL, &fixture->problem);
}

static inline int read_record(struct sync_fixture *fixture, const char *id)
{
	return read_record_of(fixture, fixture->contact, id);
}

/* The slot of a record that was read; NULL: never heard of. */
static inline struct slot *slot_of(struct sync_fixture *fixture, const char *id)
{
	return store_find(fixture->contact, id, strlen(id));
}

static inline struct json_slice slice(const char *text)
{
	return (struct json_slice){.data = text, .len = strlen(text)};
}

static inline void assert_body_was(struct sync_fixture *fixture, const char *wanted)
{
	auto_free char *body = crm_last_body(fixture->crm);
	assert_string_equal(body, wanted);
}

/* What the store has of a record is what the server has. */
static inline void check_truth(struct sync_fixture *fixture, struct slot *slot, const char *name)
{
	auto_free char *wanted =
		crm_text(fixture->crm, collection_name(slot->collection), slot->id);
	auto_record struct record *record = store_take(slot);
	size_t len = record ? record->len : 0;
	const char *text = record ? record->text : "";
	if (strlen(wanted) != len || memcmp(wanted, text, len) != 0)
		fail_msg("%s: the store has '%.*s', the server '%s'", name, (int)len, text, wanted);
}

static inline int create_as(
	struct sync_fixture *fixture, const char *name, const char *text, struct slot **ret_slot)
{
	fixture->problem = (struct problem){.http_status = 0};
	return sync_create_record(
		fixture->sync, fixture->contact, name, slice(text), ret_slot, &fixture->problem);
}

static inline int create(struct sync_fixture *fixture, const char *text, struct slot **ret_slot)
{
	return create_as(fixture, "new.json", text, ret_slot);
}

struct crm_counts {
	unsigned lists, gets, puts, posts, deletes;
};

static inline void write_counts(const struct crm_counts *counts, char *out, size_t out_size)
{
	snprintf(out, out_size, "%u lists, %u gets, %u puts, %u posts, %u deletes", counts->lists,
		counts->gets, counts->puts, counts->posts, counts->deletes);
}

static inline void check_counts(
	struct sync_fixture *fixture, struct crm_counts wanted, const char *file, int line)
{
	char found[100], text[100];
	const struct crm_counts counts = {
		.lists = crm_count(fixture->crm, CRM_LIST),
		.gets = crm_count(fixture->crm, CRM_GET),
		.puts = crm_count(fixture->crm, CRM_PUT),
		.posts = crm_count(fixture->crm, CRM_POST),
		.deletes = crm_count(fixture->crm, CRM_DELETE),
	};
	write_counts(&counts, found, sizeof found);
	write_counts(&wanted, text, sizeof text);
	_assert_string_equal(found, text, file, line);
}
/* assert_requests(&fixture, .lists = 1): so many so far, and no others. */
#define assert_requests(fixture, ...) \
	check_counts(fixture, (struct crm_counts){__VA_ARGS__}, __FILE__, __LINE__)

#endif
