/*
 * The records in memory: which ids there are, the newest known version of each, and how fresh that
 * is (contract 4). Knows nothing of the network; core/sync.h fills it.
 *
 * A slot is one id of one collection. It is made when the id is first heard of, keeps its inode
 * number, and lives until the store is destroyed, so a pointer to it never dangles. A record that
 * was deleted leaves an empty slot.
 *
 * Thread rule: any thread. One lock inside, held for short copies only; a whole listing is taken in
 * by many small steps. The observer is called with no lock held.
 */
#ifndef CORE_STORE_H
#define CORE_STORE_H

#include "clock.h"
#include "name.h"
#include "problem.h"
#include "record.h"
#include "resource.h"

struct store;
struct collection;

struct slot {
	struct collection *const collection;
	const uint64_t ino; /* counted up: tells which of two slots is the newer one */
	/* guarded by the store's lock */
	struct record *record; /* NULL: there is none now */
	/* clock_age_ms when the server last said so; 0: by its listing alone; -1: in doubt */
	int64_t checked_ms;
	uint64_t changed_seq;  /* the store's count at our own last change of it */
	int64_t first_seen_ns; /* since 1970, when this version was, if it has no dates; or 0 */
	/* guarded by the one who mounted the store */
	void *node; /* what shows this slot, or NULL */
	/* guarded by the store's lock */
	uint32_t seen_update;	   /* the last listing that had it */
	_Atomic uint32_t shown_as; /* SLOT_NAMED, and the st_ino of the file it was created as */
	bool is_deleted_here; /* the last that was heard of it is that our own DELETE was done */
	/* It has another version, and its observer may not know yet; for him to clear. */
	atomic_bool is_untold;
	const uint8_t id_len;
	const char id[]; /* NUL-terminated; may hold NUL bytes before that */
};

struct store_observer {
	/* A slot has another version than before, or none. */
	void (*changed)(void *arg, struct slot *slot);
	/* The set of records in a collection changed, or whether it is offered at all. */
	void (*listing_changed)(void *arg, struct collection *collection);
	void *arg;
};

struct store_config {
	const char *const *resources; /* names, NULL-terminated; NULL: resource_table's */
	int64_t ttl_ms;
	uint64_t first_ino;
	uint64_t max_bytes; /* of memory for all records together, about; 0: no limit */
	struct store_observer observer;
};

/* NULL: no memory. */
struct store *store_create(const struct store_config *config);
void store_destroy(struct store *store);

/* The collections in the order of the root listing. Borrowed, constant. */
struct collection *const *store_collections(const struct store *store, size_t *ret_count);
struct collection *store_collection(const struct store *store, const char *name);
const char *collection_name(const struct collection *collection);
const struct resource *collection_resource(const struct collection *collection);

enum freshness {
	FRESH,	 /* the store's answer stands, also where it is "there is no such record" */
	STALE,	 /* known, but older than ttl */
	ABSENT,	 /* not in the listing, which is older than ttl */
	DROPPED, /* known, but not to be shown before the server was asked again */
	UNKNOWN, /* the server has to be asked */
};
enum freshness store_listing_freshness(struct collection *collection);
/* By its listing or by itself, whichever is newer. */
enum freshness store_slot_freshness(struct slot *slot);
/* Of an id, heard of or not: without a slot FRESH means that the listing says it does not exist. */
enum freshness store_id_freshness(
	struct collection *collection, const char *id, size_t id_len, struct slot **ret_slot);
/* Milliseconds for which the present answer about a slot still stands; 0 when stale. */
int64_t store_slot_fresh_ms(struct slot *slot);
/* Makes everything, one collection or one slot stale, to be fetched before it is read again. */
void store_expire_all(struct store *store);
void store_expire_listing(struct collection *collection);
void store_expire_slot(struct slot *slot);
/*
 * Something may have been done to the record: it, and the listing, are stale, however young, and
 * asked for again; but may be shown where the server does not answer.
 */
void store_doubt_slot(struct slot *slot);

/* NULL: the id was never heard of. */
struct slot *store_find(struct collection *collection, const char *id, size_t id_len);
/* The st_ino that it has to a person. */
uint64_t slot_shown_ino(const struct slot *slot);
/* Gives it that of the file it was created as; one that is too large is left. */
void slot_set_shown_ino(struct slot *slot, uint64_t ino);
/* Somebody chose another name for it. */
void slot_set_named(struct slot *slot);
bool slot_is_named(const struct slot *slot);
/* Whether the last that was heard of it is that our own DELETE was done. */
bool store_is_deleted_here(struct slot *slot);
/* The newest version, owned by the caller; NULL: the record is not there. */
struct record *store_take(struct slot *slot);

struct version_stat {
	size_t size;
	struct timespec mtime;
};
/* What stat shows of the newest version. False: the record is not there. */
bool store_stat(struct slot *slot, struct version_stat *ret_stat);
/* Both of one version, the record owned by the caller. NULL: it is not there. */
struct record *store_take_stat(struct slot *slot, struct version_stat *ret_stat);

/* The records of a collection at one moment, in the server's order. Immutable, counted. */
struct listing {
	atomic_uint refs;
	size_t count;
	struct slot *slots[];
};
/* NULL: no memory. */
struct listing *store_listing(struct collection *collection);
void listing_unref(struct listing *listing);
/*
 * How many places of the order can be read: all that there are, once there is a listing; of the first
 * one what has arrived so far, and none when it has broken off. The slot at a place that could be
 * read once stays there.
 */
size_t store_extent(struct collection *collection, bool *ret_is_whole);
/*
 * The first record that is there now at *place or behind it, but before end; *place is where. NULL:
 * there is none, and *place is end. end: no more than the extent has been.
 */
struct slot *store_next_record(struct collection *collection, size_t *place, size_t end);
struct timespec store_listing_mtime(struct collection *collection);
/* Which listing it is: two with the same mark have the same records, vouched for at the same time. */
struct listing_mark {
	struct timespec changed_at;
	int64_t listed_ms; /* 0: nothing vouches for it */
};
struct listing_mark store_listing_mark(struct collection *collection);
static inline bool listing_mark_same(const struct listing_mark *a, const struct listing_mark *b)
{
	return a->listed_ms == b->listed_ms && clock_same(a->changed_at, b->changed_at);
}

/* The count of our own changes so far: taken before a request, it tells whether its answer is old.
 */
uint64_t store_seq(struct store *store);
/*
 * A version that the server gave for one id. seq: store_seq before the request whose answer it is;
 * an answer older than our own last change of this slot is ignored. is_own: the answer to our own
 * PUT, POST or DELETE. record NULL: it does not exist. Does not take the reference. -ENOMEM.
 */
int store_publish(struct collection *collection, const char *id, size_t id_len,
	struct record *record, uint64_t seq, bool is_own, struct slot **ret_slot) nodiscard;

/*
 * Taking in a listing, piece by piece. Of two for one collection the one that began last counts. It
 * becomes visible as a whole, at its end; of a collection that was never listed, where no listing is
 * replaced, each record as it arrives, known by itself until the end.
 */
struct update;
int update_begin(struct collection *collection, struct update **ret_update) nodiscard;
/* Forgets what was added: the answer starts anew. */
void update_restart(struct update *update);
/*
 * An element; one that is no object or has no usable id is counted as odd and left out. -ENOMEM:
 * there is none, or max_bytes are taken. -ECANCELED: a newer update has begun, and this one does
 * nothing any more.
 */
int update_add(struct update *update, const char *text, size_t len,
	const struct json_facts *facts) nodiscard;
/*
 * The bytes of the record that stands at text, if it is the one that is known to follow the last
 * one in the server's order: then it is marked as update_add would. 0: that has to be asked.
 */
size_t update_known(struct update *update, const char *text, size_t len);
/* How many elements were left out so far. */
size_t update_odd(const struct update *update);
/* The answer was complete: it becomes the listing. Frees the update. *ret_odd: elements left out.
 */
void update_commit(struct update *update, const char *etag, size_t *ret_odd);
/* The server says that nothing changed (304). Frees. */
void update_unchanged(struct update *update);
/*
 * The answer was not complete: the listing is as it was. Frees. Records that a first one has shown
 * stay, each known by itself. NULL is fine.
 */
void update_abort(struct update *update);
/* The same, and they go: there are too many, or they are not to be trusted. Frees. */
void update_discard(struct update *update);

/*
 * The server does not offer this resource (404, 501): it is not shown in the root. True: an account
 * may lack it, and it has an empty listing. False: it should be there, as the vendor documents it or
 * somebody asked for it by name; its listing is unknown.
 */
bool store_set_absent(struct collection *collection);
bool store_is_absent(struct collection *collection);
/* Copies the validator of the present listing, "" when there is none. */
void store_etag(struct collection *collection, char ret_etag[128]);

/* Counts one record fetched by itself. */
void store_count_single(struct collection *collection);
/* How many were, since the last listing and within ttl. */
unsigned store_singles(struct collection *collection);
/* The next inode number: slots heard of from now on have it or a higher one. */
uint64_t store_next_ino(struct store *store);
/*
 * Takes a record for our own: true for one caller alone, and only if it was nobody's, so that two
 * lost creates of equal text find two records.
 */
bool store_adopt(struct slot *slot);
/* How the last fetch of anything in it ended. */
void store_set_outcome(struct collection *collection, int err, const struct problem *problem);
/* 0: it went well, or nothing was asked yet; *ret_since_ms: how long ago. */
int store_outcome(struct collection *collection, int64_t *ret_since_ms);
/* The same of the last listing alone. */
void store_set_listing_outcome(struct collection *collection, int err);
int store_listing_outcome(struct collection *collection, int64_t *ret_since_ms);
/* Somebody has waited long enough for an answer. */
void store_set_slow(struct collection *collection);
/* Whether that was within so many milliseconds, and none has come since. */
bool store_is_slow(struct collection *collection, int64_t within_ms);

struct collection_stats {
	bool absent, listed;
	size_t records;
	uint64_t bytes; /* of the records' own text */
	int64_t age_ms; /* of the listing; -1: there is none, or it was dropped */
	int error;	/* of the last fetch, or 0 */
	char error_message[400];
	bool is_loading; /* a listing is arriving; so much of it so far */
	size_t loading_records;
	uint64_t loading_bytes;
	int64_t loading_ms; /* since it was asked for */
};
void store_get_stats(struct collection *collection, struct collection_stats *ret_stats);

#endif
