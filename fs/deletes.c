#include "deletes.h"

#include "calls.h"
#include "clock.h"
#include "proc.h"
#include "thread.h"
#include <stdio.h>

#define LATER_MS 2000
/* So much longer where others keep everybody from creating in the directory. */
#define HELD_MAX_MS 60000
#define LIMIT_WINDOW_MS 60000
/* How often it is looked whether the program that unlinked has exited; nothing runs when none
 * waits. */
#define LOOK_MS 20

/* A record that is to be deleted unless it comes back. */
struct grave {
	struct pool_job job; /* first, so that the job is the grave */
	struct deletes *deletes;
	struct grave *next;
	struct node *dir;
	struct slot *slot;
	uint64_t burial;
	pid_t process; /* that unlinked it */
	int64_t due_ms, last_due_ms;
	int64_t looked_ms;
	char name[NAME_SIZE];
};

struct deletes {
	struct fs *const fs;
	struct pool *pool;
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t changed;
	/* guarded by lock */
	struct grave *graves;
	int64_t *recent; /* when the last deletes were, as many as the limit allows; a ring */
	unsigned recent_at;
	unsigned under_way; /* handed to the pool and not done */
	bool ending;	    /* no request comes any more */
	bool finishing;	    /* and none is under way */
};

/* ---- the limit ---- */

/* Whether one more may be deleted; if so it is counted. */
static bool admit_locked(struct deletes *deletes)
{
	unsigned limit = deletes->fs->config->delete_limit;
	if (limit == 0)
		return true;
	int64_t oldest = deletes->recent[deletes->recent_at];
	if (oldest > 0 && clock_ms() - oldest < LIMIT_WINDOW_MS)
		return false;
	deletes->recent[deletes->recent_at] = clock_ms();
	deletes->recent_at = (deletes->recent_at + 1) % limit;
	return true;
}

/* One that came back, or that the server refused, was none. */
static void uncount_locked(struct deletes *deletes)
{
	unsigned limit = deletes->fs->config->delete_limit;
	if (limit == 0)
		return;
	deletes->recent_at = (deletes->recent_at + limit - 1) % limit;
	deletes->recent[deletes->recent_at] = 0;
}

static int tell_failure(struct fs *fs, const struct slot *slot, const char *name, int err,
	const struct problem *problem)
{
	char path[NAME_SIZE + 80];
	snprintf(path, sizeof path, "%s/%s", collection_name(slot->collection), name);
	log_failure(&fs->errors, "delete", path, err, problem);
	return err;
}

static int refuse(struct deletes *deletes, struct slot *slot, const char *name)
{
	struct problem problem = {.http_status = 0};
	unsigned limit = deletes->fs->config->delete_limit;

	problem_set(&problem, -EPERM,
		"more than %u deletes within a minute: wait, or mount with -o delete_limit=N "
		"(0: no limit) if you mean it",
		limit);
	return tell_failure(deletes->fs, slot, name, -EPERM, &problem);
}

/* ---- one delete ---- */

/*
 * The last text is what a read would show now. Where the server cannot tell, or says that it is
 * gone, it is what was known.
 */
static struct record *take_last(struct fs *fs, struct slot *slot)
{
	struct problem ignored = {.http_status = 0};
	struct record *known = store_take(slot);
	int err = sync_record(fs->sync, slot->collection, slot->id, slot->id_len, NULL, &ignored);
	struct record *present = err == 0 ? store_take(slot) : NULL;

	if (!present)
		return known;
	record_unref(known);
	return present;
}

static int keep_in_trash(struct fs *fs, struct slot *slot, struct problem *problem)
{
	char own_name[NAME_SIZE];
	auto_record struct record *record = fs->journal ? take_last(fs, slot) : NULL;
	auto_buf struct buf text = BUF_INIT(RECORD_MAX_FILE_BYTES);

	if (!fs->journal || !record || name_from_id(slot->id, slot->id_len, own_name) < 0)
		return 0;
	int err = record_render(record, &text);
	if (err == 0)
		err = journal_keep(fs->journal, JOURNAL_TRASH, collection_name(slot->collection),
			own_name, text.data, text.len, NULL);
	if (err < 0)
		problem_set(problem, err,
			"not deleted, because its text cannot be kept in the state directory");
	return err;
}

/* What was not deleted is no trash: to copy it back would make a twin. */
static void drop_from_trash(struct fs *fs, struct slot *slot)
{
	char own_name[NAME_SIZE];
	if (!fs->journal || name_from_id(slot->id, slot->id_len, own_name) < 0)
		return;
	int err = journal_drop(
		fs->journal, JOURNAL_TRASH, collection_name(slot->collection), own_name);
	(void)err; /* it goes in its time */
}

/* One DELETE, its outcome told. */
static int delete_record(struct fs *fs, struct node *dir, struct slot *slot, const char *name)
{
	struct problem problem = {.http_status = 0};

	int err = keep_in_trash(fs, slot, &problem);
	if (err == 0) {
		err = sync_delete(fs->sync, slot, &problem);
		if (err < 0 && !problem.maybe_applied)
			drop_from_trash(fs, slot);
	}
	if (err < 0)
		return tell_failure(fs, slot, name, err, &problem);
	tree_deleted(fs->tree, dir, slot);
	return 0;
}

/*
 * Whatever is saved to the record comes before or after its DELETE: who has waited asks again what
 * there is to do. In between nobody can be sure.
 */
static int claim_record(
	struct fs *fs, struct slot *slot, const char *name, struct name_claim *claim)
{
	char own_name[NAME_SIZE];
	struct problem problem = {.http_status = 0};

	if (name_from_id(slot->id, slot->id_len, own_name) < 0)
		snprintf(own_name, sizeof own_name, "%s", name);
	int64_t until_ms = clock_ms() + CLAIM_TIMEOUTS * fs->config->timeout_ms;
	int err = claims_take(fs->claims, claim, slot->collection, own_name, NULL, until_ms);
	if (err == 0)
		return 0;
	problem_set(&problem, err, "another save of it takes too long");
	return tell_failure(fs, slot, name, err, &problem);
}

static int delete_at_once(struct fs *fs, struct node *dir, struct slot *slot, const char *name)
{
	struct name_claim claim;
	int err = claim_record(fs, slot, name, &claim);
	if (err < 0)
		return err;
	err = delete_record(fs, dir, slot, name);
	claims_end(fs->claims, &claim);
	return err;
}

/* ---- those that wait ---- */

static int delete_buried(struct fs *fs, const struct grave *grave)
{
	struct name_claim claim;
	int err = claim_record(fs, grave->slot, grave->name, &claim);
	bool is_claimed = err == 0;
	if (is_claimed)
		err = tree_begin_delete(fs->tree, grave->dir, grave->name, grave->burial)
			      ? delete_record(fs, grave->dir, grave->slot, grave->name)
			      : -ECANCELED;
	tree_unbury(fs->tree, grave->dir, grave->name, grave->burial);
	if (is_claimed)
		claims_end(fs->claims, &claim);
	return err;
}

static void carry_out(struct pool_job *job)
{
	struct grave *grave = (struct grave *)job;
	struct deletes *deletes = grave->deletes;

	int err = delete_buried(deletes->fs, grave);
	free(grave);
	pthread_mutex_lock(&deletes->lock);
	if (err < 0)
		uncount_locked(deletes);
	deletes->under_way--;
	pthread_cond_broadcast(&deletes->changed);
	pthread_mutex_unlock(&deletes->lock);
}

/*
 * While an operation that locks a directory waits for the server, the kernel lets nobody create there:
 * who is about to does not lose that time.
 */
static void put_off_if_held(struct deletes *deletes, struct grave *grave)
{
	int64_t now = clock_ms();
	if (grave->due_ms < grave->last_due_ms && calls_hold(deletes->fs->calls, grave->dir, false))
		grave->due_ms += now - grave->looked_ms;
	grave->looked_ms = now;
}

static bool is_due(const struct grave *grave)
{
	return clock_ms() >= grave->due_ms || proc_has_exited(grave->process);
}

/*
 * The mount ends while something is looked up, saved, or listed there: the program may be about to put a
 * new file in its place, and is kept from it. All else that was unlinked is to be deleted: it was
 * said to be gone.
 */
static void give_up(struct fs *fs, struct grave *grave)
{
	struct problem problem = {.http_status = 0};

	tree_unbury(fs->tree, grave->dir, grave->name, grave->burial);
	problem_set(&problem, -EINTR,
		"not deleted: the mount ended while the program that had unlinked it could not go "
		"on");
	tell_failure(fs, grave->slot, grave->name, -EINTR, &problem);
	free(grave);
}

/* Drops those that came back; hands over those whose time has come. */
static void look_locked(struct deletes *deletes)
{
	for (struct grave **at = &deletes->graves; *at;) {
		struct grave *grave = *at;
		bool is_buried =
			tree_is_buried(deletes->fs->tree, grave->dir, grave->name, grave->burial);
		put_off_if_held(deletes, grave);
		bool is_on_time = is_due(grave);
		if (is_buried && !is_on_time && !deletes->ending) {
			at = &grave->next;
			continue;
		}
		*at = grave->next;
		if (!is_buried) {
			uncount_locked(deletes);
			free(grave);
		} else if (!is_on_time && calls_hold(deletes->fs->calls, grave->dir, true)) {
			uncount_locked(deletes);
			give_up(deletes->fs, grave);
		} else if (pool_submit(deletes->pool, &grave->job) < 0) {
			grave->next = *at;
			*at = grave;
			at = &grave->next;
		} else {
			deletes->under_way++;
		}
	}
}

static void *look_after(void *arg)
{
	struct deletes *deletes = arg;

	pthread_mutex_lock(&deletes->lock);
	while (!deletes->finishing || deletes->graves) {
		look_locked(deletes);
		struct timespec until = clock_timespec(clock_ms() + LOOK_MS);
		if (deletes->graves)
			pthread_cond_clockwait(
				&deletes->changed, &deletes->lock, CLOCK_MONOTONIC, &until);
		else if (!deletes->finishing)
			pthread_cond_wait(&deletes->changed, &deletes->lock);
	}
	pthread_mutex_unlock(&deletes->lock);
	return NULL;
}

static int bury(struct deletes *deletes, struct node *dir, const char *name, struct slot *slot,
	pid_t process)
{
	struct grave *grave = calloc(1, sizeof *grave);
	if (!grave)
		return -ENOMEM;
	uint64_t burial;
	int err = tree_bury(deletes->fs->tree, dir, name, slot, process, &burial);
	if (err < 0) {
		free(grave);
		return err;
	}
	int64_t now = clock_ms();
	*grave = (struct grave){
		.job.run = carry_out,
		.deletes = deletes,
		.dir = dir,
		.slot = slot,
		.burial = burial,
		.process = process,
		.due_ms = now + LATER_MS,
		.last_due_ms = now + HELD_MAX_MS,
		.looked_ms = now,
	};
	snprintf(grave->name, sizeof grave->name, "%s", name);
	pthread_mutex_lock(&deletes->lock);
	grave->next = deletes->graves;
	deletes->graves = grave;
	pthread_cond_broadcast(&deletes->changed);
	pthread_mutex_unlock(&deletes->lock);
	return 0;
}

/* ---- unlink ---- */

int deletes_unlink(struct deletes *deletes, struct node *dir, const char *name, struct slot *slot,
	pid_t process)
{
	pthread_mutex_lock(&deletes->lock);
	look_locked(deletes);
	bool is_admitted = admit_locked(deletes);
	pthread_mutex_unlock(&deletes->lock);
	if (!is_admitted)
		return refuse(deletes, slot, name);

	bool can_delete = collection_resource(slot->collection)->flags & RESOURCE_DELETE;
	int err = can_delete && !proc_only_deletes(process)
			  ? bury(deletes, dir, name, slot, process)
			  : delete_at_once(deletes->fs, dir, slot, name);
	if (err < 0) {
		pthread_mutex_lock(&deletes->lock);
		uncount_locked(deletes);
		pthread_mutex_unlock(&deletes->lock);
	}
	return err;
}

/* ---- start and end ---- */

struct deletes *deletes_create(struct fs *fs)
{
	struct deletes *deletes = calloc(1, sizeof *deletes);

	if (!deletes)
		return NULL;
	struct deletes fixed = {.fs = fs};
	memcpy(deletes, &fixed, sizeof fixed);
	pthread_mutex_init(&deletes->lock, NULL);
	pthread_cond_init(&deletes->changed, NULL);
	deletes->pool = pool_create(8);
	deletes->recent = calloc(fs->config->delete_limit + 1, sizeof *deletes->recent);
	int err = deletes->pool && deletes->recent
			  ? thread_start(NULL, look_after, deletes, &deletes->thread)
			  : -ENOMEM;
	if (err < 0) {
		pool_destroy(deletes->pool);
		free(deletes->recent);
		free(deletes);
		return NULL;
	}
	return deletes;
}

void deletes_end(struct deletes *deletes)
{
	if (!deletes)
		return;
	pthread_mutex_lock(&deletes->lock);
	deletes->ending = true;
	look_locked(deletes);
	pthread_mutex_unlock(&deletes->lock);
}

bool deletes_finish(struct deletes *deletes, int64_t ms)
{
	struct timespec until = clock_timespec(clock_ms() + ms);
	int late = 0;

	pthread_mutex_lock(&deletes->lock);
	deletes->finishing = true;
	pthread_cond_broadcast(&deletes->changed);
	while ((deletes->graves || deletes->under_way > 0) && late == 0)
		late = pthread_cond_clockwait(
			&deletes->changed, &deletes->lock, CLOCK_MONOTONIC, &until);
	bool done = !deletes->graves && deletes->under_way == 0;
	pthread_mutex_unlock(&deletes->lock);
	return done;
}

void deletes_destroy(struct deletes *deletes)
{
	if (!deletes)
		return;
	pthread_join(deletes->thread, NULL);
	pool_destroy(deletes->pool);
	pthread_cond_destroy(&deletes->changed);
	pthread_mutex_destroy(&deletes->lock);
	free(deletes->recent);
	free(deletes);
}
