#include "failing.h"
/* cmocka wants these before it */
#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>

#define MANY 100000

static atomic_uint countdown; /* 0: nothing fails any more */
static atomic_bool has_failed;
static _Thread_local bool is_watched;

/* The names that the linker gives them. NOLINTBEGIN(bugprone-reserved-identifier) */
void *__real_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__real_realloc(void *old, size_t size);
void *__real_reallocarray(void *old, size_t count, size_t size);
char *__real_strdup(const char *text);
int __real_pthread_create(
	pthread_t *ret_thread, const pthread_attr_t *attr, void *(*run)(void *arg), void *arg);

void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__wrap_realloc(void *old, size_t size);
void *__wrap_reallocarray(void *old, size_t count, size_t size);
char *__wrap_strdup(const char *text);
int __wrap_asprintf(char **ret_text, const char *format, ...) printf_like(2, 3);
int __wrap_pthread_create(
	pthread_t *ret_thread, const pthread_attr_t *attr, void *(*run)(void *arg), void *arg);
void *__wrap_wiped_malloc(size_t size);
void *__wrap_wiped_calloc(size_t count, size_t size);
void *__wrap_wiped_realloc(void *old, size_t size);
char *__wrap_wiped_strdup(const char *text);
/* NOLINTEND(bugprone-reserved-identifier) */

void failing_arm(unsigned nth)
{
	is_watched = true;
	atomic_store(&has_failed, false);
	atomic_store(&countdown, nth);
}

bool failing_disarm(void)
{
	atomic_store(&countdown, 0);
	is_watched = false;
	return atomic_load(&has_failed);
}

void failing_each(const char *name, bool (*operation)(void *arg, unsigned nth), void *arg)
{
	unsigned nth = 1;
	while (nth < MANY && operation(arg, nth))
		nth++;
	if (nth == 1 || nth == MANY)
		fail_msg("%s: %s", name, nth == 1 ? "it allocates nothing" : "it never ends");
}

/* Whether this one fails. */
static bool fails(void)
{
	unsigned left = is_watched ? atomic_load(&countdown) : 0;
	while (left > 0 && !atomic_compare_exchange_weak(&countdown, &left, left - 1))
		continue;
	if (left != 1)
		return false;
	atomic_store(&has_failed, true);
	errno = ENOMEM;
	return true;
}

void *__wrap_malloc(size_t size)
{
	return fails() ? NULL : __real_malloc(size);
}

void *__wrap_calloc(size_t count, size_t size)
{
	return fails() ? NULL : __real_calloc(count, size);
}

void *__wrap_realloc(void *old, size_t size)
{
	return fails() ? NULL : __real_realloc(old, size);
}

void *__wrap_reallocarray(void *old, size_t count, size_t size)
{
	return fails() ? NULL : __real_reallocarray(old, count, size);
}

char *__wrap_strdup(const char *text)
{
	return fails() ? NULL : __real_strdup(text);
}

int __wrap_asprintf(char **ret_text, const char *format, ...)
{
	va_list args;
	if (fails())
		return -1;
	va_start(args, format);
	int len = vasprintf(ret_text, format, args);
	va_end(args);
	return len;
}

struct start {
	void *(*run)(void *arg);
	void *arg;
};

static void *run_watched(void *arg)
{
	struct start start = *(struct start *)arg;
	free(arg);
	is_watched = true;
	return start.run(start.arg);
}

int __wrap_pthread_create(
	pthread_t *ret_thread, const pthread_attr_t *attr, void *(*run)(void *arg), void *arg)
{
	struct start *start = fails() ? NULL : __real_malloc(sizeof *start);
	if (!start)
		return EAGAIN;
	*start = (struct start){.run = run, .arg = arg};
	int err = __real_pthread_create(ret_thread, attr, run_watched, start);
	if (err != 0)
		free(start);
	return err;
}

/* What libcurl allocates for itself goes by these, and does not fail. */

void *__wrap_wiped_malloc(size_t size)
{
	return __real_malloc(size);
}

void *__wrap_wiped_calloc(size_t count, size_t size)
{
	return __real_calloc(count, size);
}

void *__wrap_wiped_realloc(void *old, size_t size)
{
	return __real_realloc(old, size);
}

char *__wrap_wiped_strdup(const char *text)
{
	return __real_strdup(text);
}
