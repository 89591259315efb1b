#include "proc.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <sys/syscall.h>
#include <unistd.h>

size_t proc_read(pid_t tid, const char *name, char *out, size_t out_size)
{
	char path[64];

	snprintf(path, sizeof path, "/proc/%d/%s", (int)tid, name);
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? -1 : read(fd, out, out_size - 1);
	if (fd >= 0)
		close(fd);
	size_t len = n > 0 ? (size_t)n : 0;
	out[len] = '\0';
	return len;
}

/* Of /proc/TID/stat, counted from 1; PF_EXITING is the kernel's. */
#define FLAGS_FIELD 9
#define EXIT_CODE_FIELD 52
#define PF_EXITING 0x4
/* Those of an exit code's bits that tell of a signal. */
#define SIGNAL_BITS 0x7f

static unsigned long field_of(const char *stat, int number)
{
	/* The second is a name, which may hold anything. */
	const char *at = strrchr(stat, ')');
	for (int i = 2; at && i < number; i++) {
		at = strchr(at, ' ');
		at = at ? at + 1 : NULL;
	}
	return at ? strtoul(at, NULL, 10) : 0;
}

bool proc_is_killed(pid_t tid)
{
	char stat[2048];
	return tid != 0 && proc_read(tid, "stat", stat, sizeof stat) > 0 &&
	       (field_of(stat, FLAGS_FIELD) & PF_EXITING) &&
	       (field_of(stat, EXIT_CODE_FIELD) & SIGNAL_BITS);
}

pid_t proc_process(pid_t tid)
{
	static const char field[] = "\nTgid:";
	char status[2048];

	/* The thread that a process began with has its number, and most have no other. */
	if (tid <= 0 || syscall(SYS_tgkill, tid, tid, 0) == 0 || errno == EPERM)
		return tid;
	proc_read(tid, "status", status, sizeof status);
	const char *at = strstr(status, field);
	long process = at ? strtol(at + strlen(field), NULL, 10) : 0;
	return process > 0 ? (pid_t)process : tid;
}

bool proc_has_exited(pid_t process)
{
	return kill(process, 0) < 0 && errno == ESRCH;
}

bool proc_only_deletes(pid_t tid)
{
	static const char *const names[] = {"find", "gio", "rm", "unlink"};
	char comm[32];

	proc_read(tid, "comm", comm, sizeof comm);
	comm[strcspn(comm, "\n")] = '\0';
	for (size_t i = 0; i < array_size(names); i++) {
		if (strcmp(names[i], comm) == 0)
			return true;
	}
	return false;
}
