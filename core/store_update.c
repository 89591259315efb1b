/*
 * Taking in a listing. While the answer arrives each element is held against what is known: the
 * same bytes need no memory, another version waits in the update. Only when the whole answer
 * was well formed do the waiting versions become visible, and what the answer lacked goes away.
 * The first one of a collection has nothing to replace: what it brings is visible at once, so that
 * a million names are read while they arrive.
 *
 * Every step takes the store's lock for a batch at most, so that readers never wait for a million
 * records. A record that we changed while the answer was on its way keeps our version: its
 * changed_seq is above the update's. A fetch that was called off may still be taking its answer in
 * when the next one begins: only the newest update of a collection does anything.
 */
#include "store_private.h"

#include "clock.h"

struct waiting {
	struct slot *slot;
	struct record *record;
};

struct update {
	struct collection *collection;
	uint32_t number;	/* marks the slots that this answer has */
	uint64_t seq;		/* the store's when the request went out */
	struct loading loading; /* guarded by the store's lock */
	struct waiting *items;
	size_t count, capacity;
	uint64_t waiting_bytes; /* of the store's held_bytes; guarded by its lock */
	size_t odd;
	size_t next;  /* the place in the collection's order behind the last element's */
	bool streams; /* what it has is seen at once */
	/* of the collection, when this began */
	struct timespec changed_at;
	bool was_absent;
};

static void drop_items(struct update *update)
{
	for (size_t i = 0; i < update->count; i++)
		record_unref(update->items[i].record);
	pthread_mutex_lock(&update->collection->store->lock);
	update->collection->store->held_bytes -= update->waiting_bytes;
	update->waiting_bytes = 0;
	pthread_mutex_unlock(&update->collection->store->lock);
	update->count = 0;
	update->odd = 0;
	update->next = 0;
}

static struct timespec listing_state(struct collection *collection, bool *ret_absent)
{
	pthread_mutex_lock(&collection->store->lock);
	struct timespec changed_at = collection->changed_at;
	*ret_absent = collection->absent;
	pthread_mutex_unlock(&collection->store->lock);
	return changed_at;
}

static void tell_of_change(const struct update *update)
{
	bool is_absent;
	struct timespec now = listing_state(update->collection, &is_absent);
	if (update->was_absent != is_absent || !clock_same(update->changed_at, now))
		store_notify_listing(update->collection);
}

static bool is_newest_locked(const struct update *update)
{
	return update->number == update->collection->updates;
}

/* Who reads along waits: for another answer, or for the listing to be whole. */
static void end_stream(struct update *update)
{
	pthread_mutex_lock(&update->collection->store->lock);
	if (is_newest_locked(update))
		update->collection->arrived = 0;
	pthread_mutex_unlock(&update->collection->store->lock);
}

static void update_destroy(struct update *update)
{
	struct collection *collection = update->collection;
	end_stream(update);
	tell_of_change(update);
	drop_items(update);
	pthread_mutex_lock(&collection->store->lock);
	if (collection->loading == &update->loading)
		collection->loading = NULL;
	pthread_mutex_unlock(&collection->store->lock);
	free(update->items);
	free(update);
}

static void begin_locked(struct update *update)
{
	struct collection *collection = update->collection;
	update->number = ++collection->updates;
	update->seq = collection->store->seq;
	update->loading.records = 0;
	update->loading.bytes = 0;
	update->streams = !collection->listed;
	collection->arrived = 0;
	collection->loading = &update->loading;
}

void update_restart(struct update *update)
{
	struct store *store = update->collection->store;
	drop_items(update);
	pthread_mutex_lock(&store->lock);
	if (is_newest_locked(update))
		begin_locked(update);
	pthread_mutex_unlock(&store->lock);
}

int update_begin(struct collection *collection, struct update **ret_update)
{
	struct update *update = calloc(1, sizeof *update);
	if (!update)
		return -ENOMEM;
	update->collection = collection;
	update->changed_at = listing_state(collection, &update->was_absent);
	update->loading.begun_ms = clock_age_ms();
	pthread_mutex_lock(&collection->store->lock);
	begin_locked(update);
	pthread_mutex_unlock(&collection->store->lock);
	*ret_update = update;
	return 0;
}

static int make_room(struct update *update)
{
	if (update->count < update->capacity)
		return 0;
	size_t capacity = update->capacity ? update->capacity * 2 : 256;
	struct waiting *items = realloc(update->items, capacity * sizeof *items);
	if (!items)
		return -ENOMEM;
	update->items = items;
	update->capacity = capacity;
	return 0;
}

/* As fresh as can be, unless somebody has asked for a newer one since the request went out. */
static bool is_fresh_locked(const struct update *update)
{
	return is_newest_locked(update) && update->seq >= update->collection->asked_anew_seq;
}

/*
 * Of a first listing the places that have arrived stand in front. Those that somebody may have read
 * in an attempt before stay, and he waits for what stands there: it comes, or the end does.
 */
static size_t arrive_locked(struct collection *collection, size_t place)
{
	if (place > collection->arrived && collection->arrived >= collection->fixed) {
		collection_swap_locked(collection, place, collection->arrived);
		place = collection->arrived;
	}
	uint32_t number = collection->updates;
	while (collection->arrived < collection->order_count &&
		collection->order[collection->arrived]->seen_update == number)
		collection->arrived++;
	collection->fixed = max_size(collection->fixed, collection->arrived);
	return place;
}

/* The answer has the slot that stands at this place. */
static void mark_seen_locked(struct update *update, size_t place, size_t len)
{
	struct collection *collection = update->collection;
	struct slot *slot = collection->order[place];

	slot->seen_update = update->number;
	update->loading.records++;
	update->loading.bytes += len;
	if (update->streams) {
		place = arrive_locked(collection, place);
		if (is_fresh_locked(update) && slot->changed_seq <= update->seq)
			slot->checked_ms = clock_age_ms();
	}
	update->next = place + 1;
}

/* A server keeps its order: most often it is the next one. */
static size_t place_locked(const struct update *update, const struct slot *slot)
{
	const struct collection *collection = update->collection;
	bool is_next =
		update->next < collection->order_count && collection->order[update->next] == slot;
	return is_next ? update->next : collection_place_locked(collection, slot->id, slot->id_len);
}

/* The next slot in the order that has a record; NULL: there is none, or it is far. */
static struct slot *expected_locked(struct update *update)
{
	const struct collection *collection = update->collection;
	size_t end = min_size(update->next + STORE_BATCH, collection->order_count);
	while (update->next < end && !collection->order[update->next]->record)
		update->next++;
	return update->next < end ? collection->order[update->next] : NULL;
}

size_t update_known(struct update *update, const char *text, size_t len)
{
	struct store *store = update->collection->store;
	size_t known_len = 0;

	pthread_mutex_lock(&store->lock);
	struct slot *slot = expected_locked(update);
	const struct record *known = slot ? slot->record : NULL;
	if (known && is_newest_locked(update) && slot->seen_update != update->number &&
		known->len <= len && memcmp(known->text, text, known->len) == 0) {
		known_len = known->len;
		mark_seen_locked(update, update->next, known_len);
	}
	pthread_mutex_unlock(&store->lock);
	return known_len;
}

/* A server that sends without end must not take all of the machine's memory. */
static bool take_room_locked(struct update *update, size_t bytes)
{
	struct store *store = update->collection->store;
	uint64_t held = store->slots * SLOT_COST_BYTES + store->held_bytes;
	if (store->max_bytes > 0 && held + bytes > store->max_bytes)
		return false;
	store->held_bytes += bytes;
	update->waiting_bytes += bytes;
	return true;
}

enum novelty { SAME_BYTES, NEW_BYTES, SEEN_TWICE };

/* The first of two elements with one id counts. */
static enum novelty novelty_locked(
	const struct update *update, const struct slot *slot, const char *text, size_t len)
{
	const struct record *known = slot->record;
	if (slot->seen_update == update->number)
		return SEEN_TWICE;
	bool is_same = known && known->len == len && memcmp(known->text, text, len) == 0;
	return is_same ? SAME_BYTES : NEW_BYTES;
}

/* Marks the slot as one that the answer has. -ENOMEM; -ECANCELED: a newer update has begun. */
static int mark_slot_locked(struct update *update, const struct buf *id, const char *text,
	size_t len, struct slot **ret_slot, enum novelty *ret_novelty)
{
	if (!is_newest_locked(update))
		return -ECANCELED;
	struct slot *slot = collection_slot_locked(update->collection, id->data, id->len);
	if (!slot)
		return -ENOMEM;
	*ret_slot = slot;
	*ret_novelty = novelty_locked(update, slot, text, len);
	if (*ret_novelty != SEEN_TWICE)
		mark_seen_locked(update, place_locked(update, slot), len);
	bool is_new = *ret_novelty == NEW_BYTES;
	return !is_new || take_room_locked(update, len + RECORD_COST_BYTES) ? 0 : -ENOMEM;
}

/* An id whose file name would be too long cannot be shown, nor can one that is empty. */
static bool id_can_be_shown(const struct buf *id)
{
	char name[NAME_SIZE];
	return name_from_id(id->data, id->len, name) == 0;
}

/* Keeps what is new until the answer was complete. */
static int add_waiting(struct update *update, const struct buf *id, const char *text, size_t len,
	const struct json_facts *facts, enum novelty *ret_novelty)
{
	struct store *store = update->collection->store;
	struct slot *slot;

	pthread_mutex_lock(&store->lock);
	int err = mark_slot_locked(update, id, text, len, &slot, ret_novelty);
	pthread_mutex_unlock(&store->lock);
	if (err < 0 || *ret_novelty != NEW_BYTES)
		return err;
	if (make_room(update) < 0)
		return -ENOMEM;
	struct record *record = record_create(text, len, facts);
	if (!record)
		return -ENOMEM;
	update->items[update->count++] = (struct waiting){.slot = slot, .record = record};
	return 0;
}

/* A record that we changed since the request went out stays. */
static bool replace_locked(const struct update *update, struct slot *slot, struct record *record,
	struct record **ret_old)
{
	*ret_old = NULL;
	return slot->changed_seq <= update->seq && slot_replace_locked(slot, record, ret_old);
}

/* A version is the collection's from now on, and no more the update's. */
static void give_room_locked(struct update *update, const struct record *record)
{
	size_t bytes = record->len + RECORD_COST_BYTES;
	update->collection->store->held_bytes -= bytes;
	update->waiting_bytes -= bytes;
}

/* Shows an element at once. */
static int add_shown(struct update *update, const struct buf *id, const char *text, size_t len,
	const struct json_facts *facts, enum novelty *ret_novelty)
{
	struct store *store = update->collection->store;
	auto_record struct record *record = record_create(text, len, facts);
	auto_record struct record *old = NULL;
	struct slot *slot;
	bool changed = false;

	if (!record)
		return -ENOMEM;
	pthread_mutex_lock(&store->lock);
	int err = mark_slot_locked(update, id, text, len, &slot, ret_novelty);
	/* The directory has had it before: who reads along is not to think that it changes. */
	struct timespec changed_at = update->collection->changed_at;
	if (err == 0 && *ret_novelty == NEW_BYTES) {
		give_room_locked(update, record);
		changed = replace_locked(update, slot, record, &old);
	}
	update->collection->changed_at = changed_at;
	pthread_mutex_unlock(&store->lock);
	if (changed)
		store_notify_changed(store, slot);
	return err;
}

int update_add(struct update *update, const char *text, size_t len, const struct json_facts *facts)
{
	struct json_slice slice = {.data = text, .len = len};
	auto_buf struct buf id = BUF_INIT(ID_MAX);
	enum novelty novelty;

	int err = facts->first == '{' ? record_id(slice, &id) : -ENOENT;
	if (err == -ENOMEM)
		return err;
	if (err < 0 || !record_size_is_sane(len, facts->rendered_size) || !id_can_be_shown(&id)) {
		update->odd++;
		return 0;
	}
	err = update->streams ? add_shown(update, &id, text, len, facts, &novelty)
			      : add_waiting(update, &id, text, len, facts, &novelty);
	if (err == 0 && novelty == SEEN_TWICE)
		update->odd++;
	return err;
}

size_t update_odd(const struct update *update)
{
	return update->odd;
}

/* What one batch did, to be told once the lock is gone. */
struct batch {
	struct slot *changed[STORE_BATCH];
	struct record *old[STORE_BATCH];
	size_t count;
};

static void apply_locked(
	struct update *update, struct slot *slot, struct record *record, struct batch *batch)
{
	struct record **old = &batch->old[batch->count];
	if (replace_locked(update, slot, record, old))
		batch->changed[batch->count++] = slot;
}

static void finish_batch(struct update *update, struct batch *batch)
{
	for (size_t i = 0; i < batch->count; i++) {
		store_notify_changed(update->collection->store, batch->changed[i]);
		record_unref(batch->old[i]);
	}
	batch->count = 0;
}

static void publish_waiting(struct update *update, struct batch *batch)
{
	struct store *store = update->collection->store;
	bool more = true;

	for (size_t at = 0; more;) {
		pthread_mutex_lock(&store->lock);
		size_t end =
			is_newest_locked(update) ? min_size(at + STORE_BATCH, update->count) : at;
		more = at < end;
		for (; at < end; at++) {
			const struct waiting *item = &update->items[at];
			give_room_locked(update, item->record);
			apply_locked(update, item->slot, item->record, batch);
		}
		pthread_mutex_unlock(&store->lock);
		finish_batch(update, batch);
	}
}

/* Whether it is there is for the listing to say, or for who asks the server. */
static void take_away_locked(struct update *update, struct slot *slot, struct batch *batch)
{
	if (slot->record && slot->changed_seq <= update->seq) {
		apply_locked(update, slot, NULL, batch);
		slot->checked_ms = 0;
	}
}

/* Takes away all records that the answer has, or all that it does not have. */
static void sweep(struct update *update, struct batch *batch, bool is_seen)
{
	struct collection *collection = update->collection;
	struct store *store = collection->store;
	bool more = true;

	for (size_t at = 0; more;) {
		pthread_mutex_lock(&store->lock);
		bool is_newest = is_newest_locked(update);
		size_t end = is_newest ? min_size(at + STORE_BATCH, collection->order_count) : at;
		more = at < end;
		for (; at < end; at++) {
			struct slot *slot = collection->order[at];
			if ((slot->seen_update == update->number) == is_seen)
				take_away_locked(update, slot, batch);
		}
		pthread_mutex_unlock(&store->lock);
		finish_batch(update, batch);
	}
}

/* The listing is what the server has. */
static void set_listed(struct update *update, const char *etag)
{
	struct collection *collection = update->collection;
	pthread_mutex_lock(&collection->store->lock);
	if (is_newest_locked(update)) {
		collection->listed = true;
		collection->fixed = collection->order_count;
		collection->absent = false;
		collection->singles_since_ms = 0;
		if (etag)
			problem_one_line(
				etag, strlen(etag), collection->etag, sizeof collection->etag);
	}
	if (is_fresh_locked(update)) {
		collection->listed_ms = clock_age_ms();
		collection->doubted = false;
	}
	pthread_mutex_unlock(&collection->store->lock);
}

void update_commit(struct update *update, const char *etag, size_t *ret_odd)
{
	struct batch batch = {.count = 0};

	publish_waiting(update, &batch);
	sweep(update, &batch, false);
	set_listed(update, etag);
	*ret_odd = update->odd;
	update_destroy(update);
}

void update_unchanged(struct update *update)
{
	set_listed(update, NULL);
	update_destroy(update);
}

void update_abort(struct update *update)
{
	if (update)
		update_destroy(update);
}

void update_discard(struct update *update)
{
	struct batch batch = {.count = 0};
	end_stream(update);
	if (update->streams)
		sweep(update, &batch, true);
	update_destroy(update);
}
