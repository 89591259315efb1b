/* Time. Deadlines are counted on a clock that no one sets; dates are the world's. */
#ifndef CORE_CLOCK_H
#define CORE_CLOCK_H

#include "base.h"
#include <time.h>

/* Milliseconds on CLOCK_MONOTONIC. */
int64_t clock_ms(void);
/*
 * Milliseconds that go on while the machine sleeps: for how old something is. Waits go by the other
 * clock, so that none of them is over just because the machine was asleep.
 */
int64_t clock_age_ms(void);
/* clock_ms as an absolute time, for pthread_cond_clockwait and its like. */
struct timespec clock_timespec(int64_t ms);
/* Date and time of day, UTC. */
struct timespec clock_now(void);
/* "2026-11-24T09:30:00Z" and a NUL. */
#define CLOCK_ISO_SIZE 21
void clock_iso(time_t seconds, char out[CLOCK_ISO_SIZE]);
/*
 * Reads an ISO 8601 date or date-time ("2017-04-23", "2017-04-23T12:23:22Z", with fraction or
 * "+02:00"; without zone: UTC). False: not one.
 */
bool clock_parse_iso(const char *text, size_t len, struct timespec *ret_time);

static inline bool clock_same(struct timespec a, struct timespec b)
{
	return a.tv_sec == b.tv_sec && a.tv_nsec == b.tv_nsec;
}

static inline struct timespec clock_later(struct timespec a, struct timespec b)
{
	return a.tv_sec > b.tv_sec || (a.tv_sec == b.tv_sec && a.tv_nsec > b.tv_nsec) ? a : b;
}

#endif
