/*
 * The verbs of the contract, in its words: read a listing or a record so that it is fresh (4), save
 * (5), create and delete (6). Between the store and the server; blocks, so never on a FUSE worker.
 * The *_ready questions are answered from memory.
 *
 * Any thread. No lock of its own is held while it waits.
 */
#ifndef CORE_SYNC_H
#define CORE_SYNC_H

#include "api.h"
#include "log.h"
#include "store.h"

struct sync;

struct sync_config {
	struct api *api;
	struct store *store;
	struct log
		*errors; /* failed reads are told here; saves are told by the caller, in one line */
	int64_t claim_ms;      /* longest wait for another save of the same record */
	int64_t refresh_ms;    /* longest wait for what somebody has refreshed and is known */
	bool detect_conflicts; /* fetch and compare before a PUT */
};

/* NULL: no memory. Borrows what config points to. */
struct sync *sync_create(const struct sync_config *config);
/* No verb may be under way, but fetches may: they are called off. */
void sync_destroy(struct sync *sync);
/* Calls off all fetches: those who wait get -ECANCELED. */
void sync_stop(struct sync *sync);

/* Whether reading it needs no request and no wait. */
bool sync_listing_ready(struct collection *collection);
bool sync_record_ready(struct collection *collection, const char *id, size_t id_len);
bool sync_slot_ready(struct slot *slot);

/*
 * Returns once the store's listing may be shown: fresh, or older where the server is slow or cannot
 * be reached. A resource that an account may lack has an empty one where the server does not offer
 * it; of others that is -ENOENT or -EOPNOTSUPP. Fails only where nothing was ever read: contract 8,
 * -EINTR when cancelled.
 */
int sync_listing(struct sync *sync, struct collection *collection, struct cancel *cancel,
	struct problem *problem) nodiscard;
/*
 * The same for who reads along in the order of the records (store_extent): returns as soon as more than
 * beyond places of the first listing can be read, though it is still arriving. -ETIMEDOUT where none
 * of them comes for patience_ms; negative: as long as it takes.
 */
int sync_listing_part(struct sync *sync, struct collection *collection, size_t beyond,
	int64_t patience_ms, struct cancel *cancel, struct problem *problem) nodiscard;
/*
 * The error of the last try, where nothing was ever read and that try was a moment ago; else 0. For
 * who asks for many things of one collection: each would wait for a server that hangs.
 */
int sync_listing_failure(struct collection *collection);
/* Has a listing fetched, without waiting for it, where sync_listing would wait. */
void sync_listing_start(struct sync *sync, struct collection *collection);
/*
 * The same for one record: by a small GET of its own, or by the listing where there is no such GET
 * or many have asked. 0: what the store says of the id stands, be it there or not; -ENOENT: not
 * there.
 */
int sync_record(struct sync *sync, struct collection *collection, const char *id, size_t id_len,
	struct cancel *cancel, struct problem *problem) nodiscard;

/*
 * Asked once there is something to send, before any request: to have the text safe on disk. A
 * negative errno (with problem) stops the save. May be NULL.
 */
struct sync_guard {
	int (*before_send)(void *arg, struct problem *problem);
	/*
	 * Told, when it went well, what the writer knows from now on, borrowed: what the server made
	 * of it, but of the properties that others had changed meanwhile what he has. His next save
	 * is compared with that, or it would take theirs back. May be NULL.
	 */
	void (*after_save)(void *arg, struct record *known);
	void *arg;
};

/*
 * Saves text (which passed edit_check) to a record whose writer had opened base: a look, and a PUT of
 * the difference; both again while a failure may pass. When it returns 0 the store holds what the server made of it. *ret_record is
 * that version, owned by the caller. -EINVAL, -EBUSY (changed here and there), -EIO (deleted
 * there), and contract 8; nothing was changed on the server then, or problem->maybe_applied tells.
 */
int sync_save(struct sync *sync, struct slot *slot, struct record *base, struct json_slice text,
	const struct sync_guard *guard, struct record **ret_record,
	struct problem *problem) nodiscard;

/*
 * Creates a record of text (which passed edit_check): one POST, never two. name is the file's, or
 * NULL: if it can be that of a record, it is made sure before that the server has none, as an answer
 * that denied it may have been wrong; -EBUSY if it has: nothing is sent. Where the POST's answer is
 * lost, the collection is searched for the new record; so that it can be told from those that were
 * there, a collection whose listing is not fresh is listed before. *ret_slot is the new record's.
 */
int sync_create_record(struct sync *sync, struct collection *collection, const char *name,
	struct json_slice text, struct slot **ret_slot, struct problem *problem) nodiscard;

/* One DELETE; the slot is empty when this returns 0. */
int sync_delete(struct sync *sync, struct slot *slot, struct problem *problem) nodiscard;

#endif
