/* Numbers as people read them. Pure; any thread. */
#ifndef CTL_HUMAN_H
#define CTL_HUMAN_H

#include "base.h"

#define HUMAN_SIZE 32

/* "61,000" */
void human_count(uint64_t count, char out[HUMAN_SIZE]);
/* "512 B", "1.2 kB", "46 MB": thousands, not 1024; two digits at least, rounded. */
void human_size(uint64_t bytes, char out[HUMAN_SIZE]);
/* "12 s", "3 min", "5 h", "12 days": whole ones that have passed. A negative age is "0 s". */
void human_age(int64_t seconds, char out[HUMAN_SIZE]);
/* How long something took: "1.2 s", "75.0 s". */
void human_duration(int64_t ms, char out[HUMAN_SIZE]);

#endif
