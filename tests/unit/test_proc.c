#include "proc.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

static void *tell_tid(void *arg)
{
	pid_t *tids = arg;
	tids[0] = (pid_t)syscall(SYS_gettid);
	tids[1] = proc_process(tids[0]);
	return NULL;
}

static void test_process__is_the_one_a_thread_is_of(void **state)
{
	pthread_t thread;
	pid_t tids[2];
	assert_int_equal(pthread_create(&thread, NULL, tell_tid, tids), 0);
	assert_int_equal(pthread_join(thread, NULL), 0);
	assert_int_not_equal(tids[0], getpid());
	assert_int_equal(tids[1], getpid());
	assert_int_equal(proc_process(getpid()), getpid());
	assert_int_equal(proc_process(1), 1);
	assert_int_equal(proc_process(0), 0);
}

static void test_process__that_has_exited_is_itself(void **state)
{
	pid_t pid = fork();
	if (pid == 0)
		_exit(0);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
	assert_int_equal(proc_process(pid), pid);
	assert_true(proc_has_exited(pid));
	assert_false(proc_has_exited(getpid()));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_process__is_the_one_a_thread_is_of),
		cmocka_unit_test(test_process__that_has_exited_is_itself),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
