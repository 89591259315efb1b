/*
 * Preloaded by a mount test: the machine has been asleep for as many seconds as the file says that
 * SLEPT names. As in a true sleep, CLOCK_BOOTTIME has gone on meanwhile, and no other clock of those
 * that count from the start.
 */
#include <stdio.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

static long seconds_asleep(void)
{
	const char *path = getenv("SLEPT");
	FILE *file = path ? fopen(path, "r") : NULL;
	char line[32] = "";
	if (file && !fgets(line, sizeof line, file))
		line[0] = '\0';
	if (file)
		fclose(file);
	return strtol(line, NULL, 10);
}

int clock_gettime(clockid_t clock_id, struct timespec *tp)
{
	int err = (int)syscall(SYS_clock_gettime, clock_id, tp);
	if (err == 0 && clock_id == CLOCK_BOOTTIME)
		tp->tv_sec += seconds_asleep();
	return err;
}
