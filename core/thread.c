#include "thread.h"

#include <signal.h>

int thread_start(
	const pthread_attr_t *attr, void *(*run)(void *arg), void *arg, pthread_t *ret_thread)
{
	sigset_t all, before;

	/* A new thread inherits the mask. */
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	int err = pthread_create(ret_thread, attr, run, arg);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	return -err;
}
