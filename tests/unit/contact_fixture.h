/* A store of contacts and who watches it. Asserts: for the test's thread alone. */
#ifndef TESTS_CONTACT_FIXTURE_H
#define TESTS_CONTACT_FIXTURE_H

#include "store_fixture.h"

#define ANN "{\"id\":4,\"fn\":\"Ann\"}"
#define BOB "{\"id\":4,\"fn\":\"Bob\"}"
#define CY "{\"id\":4,\"fn\":\"Cy\"}"
#define SEVEN "{\"id\":7}"
#define NINE "{\"id\":9}"

struct fixture {
	struct witness witness;
	struct store *store;
	struct collection *contact;
};

/* An empty store. */
static inline void start(struct fixture *fixture, int64_t ttl_ms)
{
	*fixture = (struct fixture){.store = NULL};
	struct store_observer observer = witness_observer(&fixture->witness);
	fixture->store = make_store(ttl_ms, &observer);
	fixture->contact = store_collection(fixture->store, "contact");
	assert_non_null(fixture->contact);
}

static inline void stop(struct fixture *fixture)
{
	store_destroy(fixture->store);
}

static inline struct slot *theirs(struct fixture *fixture, const char *id, const char *text)
{
	return put_theirs(fixture->store, fixture->contact, id, text);
}

static inline struct slot *own(struct fixture *fixture, const char *id, const char *text)
{
	return put_own(fixture->store, fixture->contact, id, text);
}

/* A store whose contacts are 4 and 7, and a witness who has seen nothing yet. */
static inline void start_listed(struct fixture *fixture)
{
	start(fixture, LONG_TTL_MS);
	list_of(fixture->contact, ANN, SEVEN);
	fixture->witness = (struct witness){.changes = 0};
}

static inline struct slot *slot_of(struct fixture *fixture, const char *id)
{
	struct slot *slot = store_find(fixture->contact, id, strlen(id));
	assert_non_null(slot);
	return slot;
}

#endif
