/*
 * Allocations that fail: the first, the second, ... of one operation, until it needs no more. For
 * executables linked with failing_link_args, which send what core and the tests allocate through
 * here; what libraries allocate for themselves does not fail.
 *
 * Only the thread that armed it fails, and threads that core or a test has started. A thread that cannot be started
 * counts as an allocation.
 */
#ifndef TESTS_FAILING_H
#define TESTS_FAILING_H

#include "base.h"

/* From now on the nth allocation fails, counted from 1, and no other. 0: none. */
void failing_arm(unsigned nth);
/* Ends it, if that was not done yet. Whether one failed since it was armed. */
bool failing_disarm(void);

/*
 * Runs an operation with the first allocation failing, then the second, ... until none did. The
 * operation arms, disarms, and judges what came of it; returns failing_disarm's answer.
 */
void failing_each(const char *name, bool (*operation)(void *arg, unsigned nth), void *arg);

#endif
