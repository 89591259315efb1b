#include "busy.h"

#include "clock.h"
#include <pthread.h>

/* How long an emptied file waits for who appends to it. */
#define EMPTIED_MS 60000

struct entry {
	struct entry *next;
	struct slot *slot;
	unsigned writers;
	int64_t calm_ms;    /* until when it is busy, once none writes */
	int64_t emptied_ms; /* until when it counts as emptied; 0: it was not */
};

struct busy {
	const int64_t calm_ms;
	atomic_uint count; /* of entries */
	pthread_mutex_t lock;
	struct entry *entries; /* guarded by lock; as many as records are written within a second */
};

struct busy *busy_create(int64_t calm_ms)
{
	struct busy *busy = calloc(1, sizeof *busy);
	if (!busy)
		return NULL;
	struct busy fixed = {.calm_ms = calm_ms};
	memcpy(busy, &fixed, sizeof fixed);
	pthread_mutex_init(&busy->lock, NULL);
	return busy;
}

void busy_destroy(struct busy *busy)
{
	if (!busy)
		return;
	while (busy->entries) {
		struct entry *entry = busy->entries;
		busy->entries = entry->next;
		free(entry);
	}
	pthread_mutex_destroy(&busy->lock);
	free(busy);
}

/* The entry of a slot or NULL; drops those that have become calm. */
static struct entry *find_locked(struct busy *busy, const struct slot *slot)
{
	struct entry *found = NULL;
	int64_t now_ms = clock_ms();

	for (struct entry **at = &busy->entries; *at;) {
		struct entry *entry = *at;
		if (entry->writers == 0 && entry->calm_ms <= now_ms &&
			entry->emptied_ms <= now_ms) {
			*at = entry->next;
			atomic_fetch_sub(&busy->count, 1);
			free(entry);
			continue;
		}
		if (entry->slot == slot)
			found = entry;
		at = &entry->next;
	}
	return found;
}

/* The entry of a slot, made where there is none. NULL: no memory. */
static struct entry *get_locked(struct busy *busy, struct slot *slot)
{
	struct entry *entry = find_locked(busy, slot);
	if (entry)
		return entry;
	entry = calloc(1, sizeof *entry);
	if (!entry)
		return NULL;
	entry->slot = slot;
	entry->next = busy->entries;
	busy->entries = entry;
	atomic_fetch_add(&busy->count, 1);
	return entry;
}

/* Without memory a record that is written is read as any other. */
void busy_begin(struct busy *busy, struct slot *slot)
{
	pthread_mutex_lock(&busy->lock);
	struct entry *entry = get_locked(busy, slot);
	if (entry)
		entry->writers++;
	pthread_mutex_unlock(&busy->lock);
}

void busy_end(struct busy *busy, struct slot *slot)
{
	pthread_mutex_lock(&busy->lock);
	struct entry *entry = find_locked(busy, slot);
	if (entry && entry->writers > 0)
		entry->writers--;
	if (entry)
		entry->calm_ms = clock_ms() + busy->calm_ms;
	pthread_mutex_unlock(&busy->lock);
}

bool busy_is(struct busy *busy, const struct slot *slot)
{
	if (atomic_load(&busy->count) == 0)
		return false;
	pthread_mutex_lock(&busy->lock);
	const struct entry *entry = find_locked(busy, slot);
	bool is_busy = entry && (entry->writers > 0 || entry->calm_ms > clock_ms());
	pthread_mutex_unlock(&busy->lock);
	return is_busy;
}

void busy_note_emptied(struct busy *busy, struct slot *slot)
{
	pthread_mutex_lock(&busy->lock);
	struct entry *entry = get_locked(busy, slot);
	if (entry)
		entry->emptied_ms = clock_ms() + EMPTIED_MS;
	pthread_mutex_unlock(&busy->lock);
}

bool busy_take_emptied(struct busy *busy, const struct slot *slot)
{
	if (atomic_load(&busy->count) == 0)
		return false;
	pthread_mutex_lock(&busy->lock);
	struct entry *entry = find_locked(busy, slot);
	bool is_emptied = entry && entry->emptied_ms > clock_ms();
	if (entry)
		entry->emptied_ms = 0;
	pthread_mutex_unlock(&busy->lock);
	return is_emptied;
}
