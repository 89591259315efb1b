/* Inside of sync, for sync.c, sync_write.c and sync_create.c alone. */
#ifndef CORE_SYNC_PRIVATE_H
#define CORE_SYNC_PRIVATE_H

#include "fetch.h"
#include "sync.h"
#include <pthread.h>

/* A record that is being saved; on the saver's stack. */
struct claim {
	struct claim *next;
	struct slot *slot;
};

struct sync {
	struct sync_config config; /* constant */
	struct fetches *fetches;   /* constant */
	pthread_mutex_t claims_lock;
	pthread_cond_t claim_ended;
	struct claim *claims; /* guarded by claims_lock */
};

/* Whether a record can be asked for by itself. */
static inline bool sync_can_get_one(
	const struct collection *collection, const char *id, size_t id_len)
{
	return (collection_resource(collection)->flags & RESOURCE_GET_ONE) &&
	       api_id_is_addressable(id, id_len);
}

/* Whether a 404 takes the record out of the store, or may be of a server that lags behind. */
enum sync_trust { SYNC_TRUST_404, SYNC_DOUBT_404 };
/*
 * Asks for one record in the caller's own thread and puts the answer into the store. Nobody joins
 * it: for one who needs an answer that is newer than the call, and no thread of another's. A failure
 * is the caller's to tell.
 */
int sync_fetch_now(struct sync *sync, struct collection *collection, const char *id, size_t id_len,
	enum sync_trust trust, struct problem *problem) nodiscard;

/*
 * A partial answer leaves `lm` and whatever else the server does unsaid: seen at the next refresh,
 * that would look like somebody else's change, so the record is asked for once more. A failure of
 * that is no failure of the save. Nor does it unsay the answer, if the one who is asked now has not
 * heard of the record yet: the next one who takes it for gone would create it again.
 */
void sync_complete_answer(struct sync *sync, struct slot *slot, struct json_slice known,
	struct json_slice said, struct record **record);

/* "contact/4.json", or "contact" for an empty id. */
void sync_path(const struct collection *collection, const char *id, size_t id_len, char *out,
	size_t out_size);

#endif
