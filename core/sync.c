/* Reading: when to ask the server, for how much, and how long to wait for it. */
#include "sync_private.h"

#include "clock.h"

/* Records fetched by themselves within ttl before the whole collection is fetched instead. */
#define MAX_SINGLES 8
/* How long a reader of something cached, but stale, waits for a fetch that is under way. */
#define STALE_PATIENCE_MS 1000
/* Before a name is denied that may be a new record's. */
#define ABSENT_PATIENCE_MS 3000
/* After a fetch failed, cached data is served without asking again for so long. */
#define RETRY_PAUSE_MS 5000
/* As many as may ask: none waits in line, and each has its own timeout. */
#define MAX_FETCHES 256
/* Who reads along is woken for so many at a time. */
#define PROGRESS_ELEMENTS 512
/* Elements that are no records, in a listing of which they are most. */
#define MAX_ODD ((size_t)100000)

static int run_fetch(void *arg, void *what, const char *key, size_t key_len, struct cancel *cancel,
	struct problem *problem);

struct sync *sync_create(const struct sync_config *config)
{
	struct sync *sync = calloc(1, sizeof *sync);
	if (!sync)
		return NULL;
	sync->config = *config;
	pthread_mutex_init(&sync->claims_lock, NULL);
	pthread_cond_init(&sync->claim_ended, NULL);
	sync->fetches = fetches_create(MAX_FETCHES, run_fetch, sync);
	if (!sync->fetches) {
		free(sync);
		return NULL;
	}
	return sync;
}

void sync_stop(struct sync *sync)
{
	fetches_cancel_all(sync->fetches);
}

void sync_destroy(struct sync *sync)
{
	if (!sync)
		return;
	fetches_destroy(sync->fetches);
	pthread_cond_destroy(&sync->claim_ended);
	pthread_mutex_destroy(&sync->claims_lock);
	free(sync);
}

/* ---- what a fetch does ---- */

/* A listing on its way into the store. */
struct intake {
	struct sync *sync;
	struct update *update;
	size_t elements;
	size_t too_long; /* of them, not given to the update */
};

static void restart_intake(void *arg)
{
	struct intake *intake = arg;
	update_restart(intake->update);
	intake->elements = 0;
	intake->too_long = 0;
}

static size_t odd_elements(const struct intake *intake)
{
	return update_odd(intake->update) + intake->too_long;
}

/* A server that sends anything but records, perhaps without end, is not listened to for ever. */
static bool is_hopeless(const struct intake *intake)
{
	size_t odd = odd_elements(intake);
	return odd > MAX_ODD && odd > intake->elements / 2;
}

static void count_element(struct intake *intake)
{
	if (++intake->elements % PROGRESS_ELEMENTS == 0)
		fetches_progress(intake->sync->fetches);
}

static int add_element(void *arg, const char *text, size_t len, const struct json_facts *facts)
{
	struct intake *intake = arg;
	intake->too_long += !text;
	int err = text ? update_add(intake->update, text, len, facts) : 0;
	count_element(intake);
	return err == 0 && is_hopeless(intake) ? -EBADMSG : err;
}

static size_t find_known(void *arg, const char *text, size_t len)
{
	struct intake *intake = arg;
	size_t known = update_known(intake->update, text, len);
	if (known > 0)
		count_element(intake);
	return known;
}

/* A resource that had records does not vanish by a 404: that is an error like any other. */
static bool may_be_absent(struct collection *collection)
{
	struct collection_stats stats;
	store_get_stats(collection, &stats);
	return stats.records == 0;
}

/* An answer most of which cannot be used is no list of records: it empties no directory. */
static int finish_listing(struct sync *sync, struct collection *collection, struct intake *intake,
	const char *etag, struct problem *problem)
{
	size_t odd = odd_elements(intake);
	if (odd > intake->elements / 2) {
		update_discard(intake->update);
		return problem_set(problem, -EIO,
			"the server sent a list of %zu, and %zu of them are no records that can "
			"be used",
			intake->elements, odd);
	}
	update_commit(intake->update, etag, &odd);
	if (intake->too_long > 0)
		log_line(sync->config.errors,
			"list %s: left out %zu records that are longer than %zu MiB",
			collection_name(collection), intake->too_long, API_MAX_RECORD >> 20);
	if (odd > 0)
		log_line(sync->config.errors,
			"list %s: left out %zu elements without a usable id of their own",
			collection_name(collection), odd);
	return 0;
}

static int fetch_listing(struct sync *sync, struct collection *collection, struct cancel *cancel,
	struct problem *problem)
{
	struct intake intake = {.sync = sync};
	char etag[128];
	bool unchanged;

	int err = update_begin(collection, &intake.update);
	if (err < 0)
		return problem_set(problem, err, "out of memory");
	struct api_list_sink sink = {.begin = restart_intake,
		.element = add_element,
		.known = find_known,
		.arg = &intake};
	store_etag(collection, etag);
	err = api_list(sync->config.api, collection_name(collection), &sink, etag, &unchanged,
		cancel, problem);
	bool is_too_much = err == -EBADMSG || err == -ENOMEM;
	if (err == -EBADMSG)
		err = problem_set(problem, -EIO,
			"the server sends a list without end, or of anything but records: %zu of "
			"its first %zu are none that can be used",
			odd_elements(&intake), intake.elements);
	if (is_too_much)
		update_discard(intake.update);
	else if (err < 0)
		update_abort(intake.update);
	else if (unchanged)
		update_unchanged(intake.update);
	else
		err = finish_listing(sync, collection, &intake, etag, problem);

	/* 405 is an error: the resource is there. */
	if (err == 0 || (problem->http_status != 404 && problem->http_status != 501))
		return err;
	/* -ENOENT would say that it is well. */
	if (!may_be_absent(collection))
		return err == -ENOENT ? -EIO : err;
	return store_set_absent(collection) ? 0 : err;
}

static int fetch_record(struct sync *sync, struct collection *collection, const char *id,
	size_t id_len, enum sync_trust trust, struct cancel *cancel, struct problem *problem)
{
	auto_buf struct buf text = BUF_INIT(API_MAX_RECORD);
	auto_record struct record *record = NULL;
	uint64_t seq = store_seq(sync->config.store);
	struct slot *slot = store_find(collection, id, id_len);

	store_count_single(collection);
	int err =
		api_get(sync->config.api, collection_name(collection), id, &text, cancel, problem);
	int parsed = err == 0 ? record_parse(text.data, text.len, &record) : 0;
	if (parsed == -ENOMEM)
		return problem_set(problem, parsed, "out of memory");
	if (parsed < 0)
		return problem_set(problem, -EIO, "the answer is no record, or too large");
	if (err == -ENOENT && (!slot || trust == SYNC_DOUBT_404))
		return err;
	if (err < 0 && err != -ENOENT)
		return err;
	int published = store_publish(collection, id, id_len, record, seq, false, &slot);
	return published < 0 ? problem_set(problem, published, "out of memory") : err;
}

/*
 * Some servers cannot give a record by itself: 405, 501, 400, or 404 and answers without it where
 * the API page has doubts.
 */
static bool listing_decides(
	const struct collection *collection, int err, const struct problem *problem)
{
	bool is_doubtful = collection_resource(collection)->flags & RESOURCE_LIST_DECIDES;
	bool is_without = err == -ENOENT || (err == -EIO && problem->http_status == 200);
	return err == -EOPNOTSUPP || err == -EINVAL || (is_doubtful && is_without);
}

static int fetch_record_or_listing(struct sync *sync, struct collection *collection, const char *id,
	size_t id_len, enum sync_trust trust, struct cancel *cancel, struct problem *problem)
{
	int err = fetch_record(sync, collection, id, id_len, trust, cancel, problem);
	if (!listing_decides(collection, err, problem))
		return err;
	*problem = (struct problem){.http_status = 0};
	err = fetch_wait(sync->fetches, collection, "", 0, -1, cancel, problem);
	return err == -EINTR ? -ECANCELED : err;
}

/* An empty key: the listing. How it ends is kept. */
static int fetch(struct sync *sync, struct collection *collection, const char *key, size_t key_len,
	enum sync_trust trust, struct cancel *cancel, struct problem *problem)
{
	int err = key_len == 0 ? fetch_listing(sync, collection, cancel, problem)
			       : fetch_record_or_listing(
					 sync, collection, key, key_len, trust, cancel, problem);
	if (err == -ECANCELED || err == -EINTR)
		return err;
	/* That one record is not there is an answer like any other. */
	store_set_outcome(collection, err == -ENOENT && key_len > 0 ? 0 : err, problem);
	if (key_len == 0)
		store_set_listing_outcome(collection, err);
	return err;
}

/* A failure is told here: many may wait for it. */
static int run_fetch(void *arg, void *what, const char *key, size_t key_len, struct cancel *cancel,
	struct problem *problem)
{
	struct sync *sync = arg;
	char path[NAME_SIZE + 80];

	int err = fetch(sync, what, key, key_len, SYNC_TRUST_404, cancel, problem);
	bool is_no_record = err == -ENOENT && key_len > 0;
	if (err < 0 && !is_no_record && err != -ECANCELED && err != -EINTR) {
		sync_path(what, key, key_len, path, sizeof path);
		log_failure(sync->config.errors, key_len ? "read" : "list", path, err, problem);
	}
	return err;
}

int sync_fetch_now(struct sync *sync, struct collection *collection, const char *id, size_t id_len,
	enum sync_trust trust, struct problem *problem)
{
	return fetch(sync, collection, id, id_len, trust, NULL, problem);
}

/* ---- who waits, and for how long ---- */

/* The server failed just now, or keeps others waiting: what is known is shown without asking it. */
static bool is_in_trouble(struct collection *collection)
{
	int64_t since_ms;
	bool failed = store_outcome(collection, &since_ms) < 0;
	return (failed && since_ms < RETRY_PAUSE_MS) || store_is_slow(collection, RETRY_PAUSE_MS);
}

static bool is_ready(struct collection *collection, enum freshness freshness)
{
	switch (freshness) {
	case FRESH:
		return true;
	case STALE:
	case DROPPED:
		return is_in_trouble(collection);
	case ABSENT:
		return store_is_slow(collection, RETRY_PAUSE_MS);
	default:
		return false;
	}
}

/*
 * Nothing known: as long as the request may take. Refreshed: as long as a request may take without
 * progress. Known but stale: a moment, and none where the last try failed. Who has waited so long
 * gets what is known, and the fetch goes on without.
 */
static int64_t patience(
	const struct sync *sync, struct collection *collection, enum freshness freshness)
{
	int64_t since_ms;
	if (freshness == UNKNOWN)
		return -1;
	if (freshness == ABSENT)
		return ABSENT_PATIENCE_MS;
	if (store_outcome(collection, &since_ms) < 0)
		return 0;
	return freshness == DROPPED ? sync->config.refresh_ms : STALE_PATIENCE_MS;
}

bool sync_listing_ready(struct collection *collection)
{
	return is_ready(collection, store_listing_freshness(collection));
}

bool sync_record_ready(struct collection *collection, const char *id, size_t id_len)
{
	struct slot *slot;
	return is_ready(collection, store_id_freshness(collection, id, id_len, &slot));
}

bool sync_slot_ready(struct slot *slot)
{
	return is_ready(slot->collection, store_slot_freshness(slot));
}

static int fetch_patiently(struct sync *sync, struct collection *collection, const char *key,
	size_t key_len, enum freshness freshness, struct cancel *cancel, struct problem *problem)
{
	int err = fetch_wait(sync->fetches, collection, key, key_len,
		patience(sync, collection, freshness), cancel, problem);
	if (err == -EAGAIN)
		store_set_slow(collection);
	return err;
}

/* What is known, however old, is better than a failure. */
static int result_of(int err, enum freshness now)
{
	return err == -ENOENT || err == -EINTR || now == UNKNOWN ? err : 0;
}

int sync_listing(struct sync *sync, struct collection *collection, struct cancel *cancel,
	struct problem *problem)
{
	enum freshness freshness = store_listing_freshness(collection);
	if (is_ready(collection, freshness))
		return 0;
	int err = fetch_patiently(sync, collection, "", 0, freshness, cancel, problem);
	/* A listing that was empty may turn out not to be there. */
	return result_of(err, store_listing_freshness(collection));
}

/* So much of a listing that somebody can read on. */
struct more {
	struct collection *collection;
	size_t beyond;
};

static bool is_there(const void *arg)
{
	const struct more *more = arg;
	bool is_whole;
	size_t extent = store_extent(more->collection, &is_whole);
	return is_whole || extent > more->beyond;
}

int sync_listing_part(struct sync *sync, struct collection *collection, size_t beyond,
	int64_t patience_ms, struct cancel *cancel, struct problem *problem)
{
	const struct more more = {.collection = collection, .beyond = beyond};
	if (store_listing_freshness(collection) != UNKNOWN)
		return sync_listing(sync, collection, cancel, problem);
	int err = fetch_wait_until(
		sync->fetches, collection, is_there, &more, patience_ms, cancel, problem);
	if (err == -EAGAIN && problem->http_status == 0)
		err = -ETIMEDOUT;
	return result_of(err, store_listing_freshness(collection));
}

int sync_listing_failure(struct collection *collection)
{
	int64_t since_ms;
	int err = store_listing_outcome(collection, &since_ms);
	bool is_unknown = store_listing_freshness(collection) == UNKNOWN;
	return err < 0 && is_unknown && since_ms < RETRY_PAUSE_MS ? err : 0;
}

void sync_listing_start(struct sync *sync, struct collection *collection)
{
	struct problem ignored = {.http_status = 0};
	if (!sync_listing_ready(collection) &&
		fetch_wait(sync->fetches, collection, "", 0, 0, NULL, &ignored) < 0)
		return;
}

int sync_record(struct sync *sync, struct collection *collection, const char *id, size_t id_len,
	struct cancel *cancel, struct problem *problem)
{
	struct slot *slot;
	enum freshness freshness = store_id_freshness(collection, id, id_len, &slot);
	if (is_ready(collection, freshness))
		return 0;

	bool by_listing = !sync_can_get_one(collection, id, id_len) ||
			  store_singles(collection) >= MAX_SINGLES;
	int err = fetch_patiently(
		sync, collection, id, by_listing ? 0 : id_len, freshness, cancel, problem);
	return result_of(err, store_id_freshness(collection, id, id_len, &slot));
}
