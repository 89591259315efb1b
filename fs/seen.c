#include "seen.h"

#include <dirent.h>
#include <pthread.h>
#include <stdio.h>

#define ENTRIES 4096

struct entry {
	pid_t tid;
	struct slot *slot;
	struct record *record;
};

struct seen {
	pthread_mutex_t lock;
	struct entry entries[ENTRIES]; /* guarded by lock */
};

struct seen *seen_create(void)
{
	struct seen *seen = calloc(1, sizeof *seen);
	if (seen)
		pthread_mutex_init(&seen->lock, NULL);
	return seen;
}

void seen_destroy(struct seen *seen)
{
	if (!seen)
		return;
	for (size_t i = 0; i < ENTRIES; i++)
		record_unref(seen->entries[i].record);
	pthread_mutex_destroy(&seen->lock);
	free(seen);
}

static struct entry *entry_of(struct seen *seen, pid_t tid, const struct slot *slot)
{
	uint64_t hash = (slot->ino ^ ((uint64_t)(uint32_t)tid << 40)) * 0x9e3779b97f4a7c15u;
	return &seen->entries[hash >> 52];
}

static void note(struct seen *seen, pid_t tid, struct slot *slot, struct record *record)
{
	struct entry *entry = entry_of(seen, tid, slot);
	pthread_mutex_lock(&seen->lock);
	struct record *old = entry->record;
	*entry = (struct entry){.tid = tid, .slot = slot, .record = record_ref(record)};
	pthread_mutex_unlock(&seen->lock);
	record_unref(old);
}

void seen_note(struct seen *seen, pid_t tid, struct slot *slot, struct record *record)
{
	note(seen, tid, slot, record);
	note(seen, SEEN_ANYONE, slot, record);
}

static struct record *take_of_thread(struct seen *seen, pid_t tid, struct slot *slot)
{
	struct entry *entry = entry_of(seen, tid, slot);
	pthread_mutex_lock(&seen->lock);
	bool is_it = entry->record && entry->tid == tid && entry->slot == slot;
	struct record *record = is_it ? record_ref(entry->record) : NULL;
	pthread_mutex_unlock(&seen->lock);
	return record;
}

static void forget_of_thread(struct seen *seen, pid_t tid, const struct slot *slot)
{
	struct entry *entry = entry_of(seen, tid, slot);
	struct record *old = NULL;
	pthread_mutex_lock(&seen->lock);
	if (entry->tid == tid && entry->slot == slot)
		old = steal(entry->record);
	pthread_mutex_unlock(&seen->lock);
	record_unref(old);
}

/* /proc/TID/task lists the threads of TID's process, whichever of them TID is. */
static DIR *open_threads(pid_t tid)
{
	char path[64];
	snprintf(path, sizeof path, "/proc/%d/task", (int)tid);
	return opendir(path);
}

/* 0 at the end. */
static pid_t next_thread(DIR *dir)
{
	struct dirent *entry;
	while (dir && (entry = readdir(dir))) {
		pid_t tid = (pid_t)strtol(entry->d_name, NULL, 10);
		if (tid > 0)
			return tid;
	}
	return 0;
}

static void close_threads(DIR *dir)
{
	if (dir)
		closedir(dir);
}

void seen_forget(struct seen *seen, pid_t tid, struct slot *slot)
{
	pid_t other;
	DIR *dir = open_threads(tid);
	forget_of_thread(seen, tid, slot);
	while ((other = next_thread(dir)))
		forget_of_thread(seen, other, slot);
	close_threads(dir);
}

struct record *seen_take(struct seen *seen, pid_t tid, struct slot *slot, bool or_anyone)
{
	struct record *record = take_of_thread(seen, tid, slot);
	pid_t other;

	if (record)
		return record;
	DIR *dir = open_threads(tid);
	while (!record && (other = next_thread(dir)))
		record = take_of_thread(seen, other, slot);
	close_threads(dir);
	return record || !or_anyone ? record : take_of_thread(seen, SEEN_ANYONE, slot);
}
