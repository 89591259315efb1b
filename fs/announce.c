#include "announce.h"

#include "proc.h"
#include "shell_word.h"
#include <stdio.h>
#include <unistd.h>

/* The name of a process, and its parent. False: /proc does not tell. */
static bool look_at(pid_t pid, char ret_name[32], pid_t *ret_parent)
{
	char stat[512];

	proc_read(pid, "stat", stat, sizeof stat);
	const char *name = strchr(stat, '('), *end = strrchr(stat, ')');
	if (!name || !end || strlen(end) < strlen(") S 1"))
		return false;
	snprintf(ret_name, 32, "%.*s", (int)(end - name - 1), name + 1);
	*ret_parent = (pid_t)strtol(end + strlen(") S "), NULL, 10);
	return true;
}

/* mount(8) runs us by a shell. It says nothing by itself, and so shall we. */
static bool is_run_by_mount(void)
{
	char name[32];
	pid_t pid = getppid();
	bool is_known = look_at(pid, name, &pid);
	if (is_known && strcmp(name, "sh") == 0)
		is_known = look_at(pid, name, &pid);
	return is_known && strcmp(name, "mount") == 0;
}

void announce(const struct config *config, const char *user)
{
	auto_buf struct buf path = BUF_INIT(32768);
	if (!isatty(STDOUT_FILENO) || is_run_by_mount() ||
		shell_word_add(&path, config->mountpoint) < 0)
		return;
	printf("Mounted %s%s%s at %s%s. Unmount: fusermount3 -u %s\n", config->url,
		*user ? " for " : "", user, path.data, config->read_only ? " (read-only)" : "",
		path.data);
}
