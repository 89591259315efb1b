/* Starting threads. */
#ifndef CORE_THREAD_H
#define CORE_THREAD_H

#include "base.h"
#include <pthread.h>

/*
 * With every signal blocked: those of the process are for the thread that awaits them. attr may be
 * NULL. Errors: -EAGAIN no room for one more.
 */
int thread_start(const pthread_attr_t *attr, void *(*run)(void *arg), void *arg,
	pthread_t *ret_thread) nodiscard;

#endif
