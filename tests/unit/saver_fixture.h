/* Somebody who saves, for tests of more than one file. */
#ifndef TESTS_SAVER_FIXTURE_H
#define TESTS_SAVER_FIXTURE_H

#include "sync_fixture.h"

/* One who opened record 4 and saves a text. */
struct saver {
	struct sync_fixture *fixture;
	struct slot *slot;
	struct record *base;  /* the version that was opened */
	struct record *saved; /* NULL: not saved */
	const char *text;
	pthread_t thread;
	int err;
	struct problem problem;
};

static inline void open_4(struct saver *saver, struct sync_fixture *fixture)
{
	*saver = (struct saver){.fixture = fixture};
	assert_int_equal(read_record(fixture, "4"), 0);
	saver->slot = slot_of(fixture, "4");
	saver->base = store_take(saver->slot);
	assert_non_null(saver->base);
}

static inline int save(struct saver *saver, const char *text)
{
	record_unref(steal(saver->saved));
	return sync_save(saver->fixture->sync, saver->slot, saver->base, slice(text), NULL,
		&saver->saved, &saver->problem);
}

static inline void *save_in_thread(void *arg)
{
	struct saver *saver = arg;
	saver->err = save(saver, saver->text);
	return NULL;
}

static inline void begin_save(struct saver *saver, const char *text)
{
	saver->text = text;
	assert_int_equal(pthread_create(&saver->thread, NULL, save_in_thread, saver), 0);
}

static inline int end_save(struct saver *saver)
{
	pthread_join(saver->thread, NULL);
	return saver->err;
}

static inline void close_4(struct saver *saver)
{
	record_unref(saver->base);
	record_unref(saver->saved);
}

#endif
