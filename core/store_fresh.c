/* How old is what the store knows, and how did the last try to renew it end. */
#include "store_private.h"

#include "clock.h"

static bool is_recent(const struct store *store, int64_t checked_ms)
{
	return checked_ms > 0 && clock_age_ms() - checked_ms < store->ttl_ms;
}

static bool listing_is_recent_locked(const struct collection *collection)
{
	return collection->listed && !collection->doubted &&
	       is_recent(collection->store, collection->listed_ms);
}

/* listed_ms is 0 once the listing was expired, however young it is. */
static int64_t slot_checked_locked(const struct slot *slot)
{
	const struct collection *collection = slot->collection;
	bool by_listing = collection->listed && !collection->doubted &&
			  collection->listed_ms > slot->checked_ms;
	return by_listing ? collection->listed_ms : slot->checked_ms;
}

/* Of what the listing does not have. */
static enum freshness absence_freshness_locked(const struct collection *collection)
{
	if (listing_is_recent_locked(collection))
		return FRESH;
	return collection->listed && collection->listed_ms > 0 ? ABSENT : UNKNOWN;
}

enum freshness store_listing_freshness(struct collection *collection)
{
	pthread_mutex_lock(&collection->store->lock);
	enum freshness freshness = !collection->listed			  ? UNKNOWN
				   : collection->listed_ms == 0		  ? DROPPED
				   : listing_is_recent_locked(collection) ? FRESH
									  : STALE;
	pthread_mutex_unlock(&collection->store->lock);
	return freshness;
}

static enum freshness slot_freshness_locked(const struct slot *slot)
{
	int64_t checked_ms = slot_checked_locked(slot);
	if (is_recent(slot->collection->store, checked_ms))
		return FRESH;
	if (!slot->record)
		return absence_freshness_locked(slot->collection);
	/* Once the listing is in doubt nothing else may be known of when the record was there. */
	bool is_doubted = slot->collection->doubted && slot->collection->listed_ms > 0;
	bool is_dropped = checked_ms == 0 && !is_doubted;
	return is_dropped ? DROPPED : STALE;
}

enum freshness store_slot_freshness(struct slot *slot)
{
	struct store *store = slot->collection->store;
	pthread_mutex_lock(&store->lock);
	enum freshness freshness = slot_freshness_locked(slot);
	/* Who asks takes the record next, as a rule: its memory is on its way until then. */
	__builtin_prefetch(slot->record, 1);
	pthread_mutex_unlock(&store->lock);
	return freshness;
}

enum freshness store_id_freshness(
	struct collection *collection, const char *id, size_t id_len, struct slot **ret_slot)
{
	struct store *store = collection->store;
	pthread_mutex_lock(&store->lock);
	struct slot *slot = collection_find_locked(collection, id, id_len);
	enum freshness freshness =
		slot ? slot_freshness_locked(slot) : absence_freshness_locked(collection);
	pthread_mutex_unlock(&store->lock);
	*ret_slot = slot;
	return freshness;
}

int64_t store_slot_fresh_ms(struct slot *slot)
{
	struct store *store = slot->collection->store;
	pthread_mutex_lock(&store->lock);
	int64_t checked_ms = slot_checked_locked(slot);
	pthread_mutex_unlock(&store->lock);
	int64_t left = checked_ms > 0 ? checked_ms + store->ttl_ms - clock_age_ms() : 0;
	return left > 0 ? left : 0;
}

/* What is on its way was asked for before. */
static void ask_anew_locked(struct collection *collection)
{
	collection->asked_anew_seq = ++collection->store->seq;
	collection->outcome = collection->listing_outcome = 0;
	collection->slow_ms = 0;
}

static void drop_listing_locked(struct collection *collection)
{
	ask_anew_locked(collection);
	collection->listed_ms = 0;
	collection->doubted = false;
}

void store_expire_listing(struct collection *collection)
{
	pthread_mutex_lock(&collection->store->lock);
	drop_listing_locked(collection);
	collection->etag[0] = '\0';
	for (size_t i = 0; i < collection->order_count; i++)
		collection->order[i]->checked_ms = 0;
	pthread_mutex_unlock(&collection->store->lock);
}

void store_expire_all(struct store *store)
{
	for (size_t i = 0; i < store->count; i++)
		store_expire_listing(store->collections[i]);
}

/*
 * The listing vouches for all of its records, so one of them cannot be stale while the listing is
 * fresh: the listing is given up, and the record fetched by itself.
 */
void store_expire_slot(struct slot *slot)
{
	struct collection *collection = slot->collection;
	pthread_mutex_lock(&collection->store->lock);
	drop_listing_locked(collection);
	slot->checked_ms = 0;
	pthread_mutex_unlock(&collection->store->lock);
}

void store_doubt_slot(struct slot *slot)
{
	struct collection *collection = slot->collection;
	pthread_mutex_lock(&collection->store->lock);
	ask_anew_locked(collection);
	collection->doubted = true;
	slot->checked_ms = -1;
	pthread_mutex_unlock(&collection->store->lock);
}

static unsigned singles_locked(const struct collection *collection)
{
	return is_recent(collection->store, collection->singles_since_ms) ? collection->singles : 0;
}

void store_count_single(struct collection *collection)
{
	pthread_mutex_lock(&collection->store->lock);
	collection->singles = singles_locked(collection) + 1;
	if (collection->singles == 1)
		collection->singles_since_ms = clock_age_ms();
	pthread_mutex_unlock(&collection->store->lock);
}

unsigned store_singles(struct collection *collection)
{
	pthread_mutex_lock(&collection->store->lock);
	unsigned singles = singles_locked(collection);
	pthread_mutex_unlock(&collection->store->lock);
	return singles;
}

void store_set_outcome(struct collection *collection, int err, const struct problem *problem)
{
	pthread_mutex_lock(&collection->store->lock);
	collection->outcome = err;
	collection->outcome_ms = clock_age_ms();
	collection->slow_ms = 0;
	problem_one_line(problem->message, err ? strlen(problem->message) : 0,
		collection->outcome_message, sizeof collection->outcome_message);
	pthread_mutex_unlock(&collection->store->lock);
}

int store_outcome(struct collection *collection, int64_t *ret_since_ms)
{
	pthread_mutex_lock(&collection->store->lock);
	int outcome = collection->outcome;
	*ret_since_ms = clock_age_ms() - collection->outcome_ms;
	pthread_mutex_unlock(&collection->store->lock);
	return outcome;
}

void store_set_listing_outcome(struct collection *collection, int err)
{
	pthread_mutex_lock(&collection->store->lock);
	collection->listing_outcome = err;
	collection->listing_outcome_ms = clock_age_ms();
	pthread_mutex_unlock(&collection->store->lock);
}

int store_listing_outcome(struct collection *collection, int64_t *ret_since_ms)
{
	pthread_mutex_lock(&collection->store->lock);
	int outcome = collection->listing_outcome;
	*ret_since_ms = clock_age_ms() - collection->listing_outcome_ms;
	pthread_mutex_unlock(&collection->store->lock);
	return outcome;
}

void store_set_slow(struct collection *collection)
{
	pthread_mutex_lock(&collection->store->lock);
	collection->slow_ms = clock_age_ms();
	pthread_mutex_unlock(&collection->store->lock);
}

bool store_is_slow(struct collection *collection, int64_t within_ms)
{
	pthread_mutex_lock(&collection->store->lock);
	bool is = collection->slow_ms > 0 && clock_age_ms() - collection->slow_ms < within_ms;
	pthread_mutex_unlock(&collection->store->lock);
	return is;
}
