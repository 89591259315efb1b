#include "journal_account.h"
#include "journal_disk.h"

#include <limits.h>
#include <stdio.h>

#define VERSION "1\n"

static const char *const dir_names[DIRS] = {
	[DRAFTS] = "drafts",
	[TRASH] = "trash",
	[REASONS] = "reasons",
	[TEMP] = "temp",
	[PENDING] = "pending",
};

/* The URL as a name: what is not plain is percent-encoded, so that no two URLs share one. */
static int account_name(const char *url, char out[NAME_MAX + 1])
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
				    "0123456789-_.";
	size_t used = 0;
	for (const char *at = url; *at; at++) {
		bool is_plain = strchr(plain, *at) && (at > url || *at != '.');
		size_t need = is_plain ? 1 : 3;
		if (used + need > NAME_MAX)
			return -ENAMETOOLONG;
		if (is_plain)
			out[used] = *at;
		else
			snprintf(out + used, need + 1, "%%%02X", (unsigned char)*at);
		used += need;
	}
	out[used] = '\0';
	return used > 0 ? 0 : -EINVAL;
}

static int check_private(int fd, const char *path, struct problem *problem)
{
	struct stat st;
	if (fstat(fd, &st) < 0)
		return problem_set(problem, -errno, "cannot look at '%s'", path);
	if (st.st_uid != geteuid())
		return problem_set(problem, -EACCES,
			"state_dir '%s' belongs to another user: choose one of your own", path);
	if (st.st_mode & (S_IRWXG | S_IRWXO))
		return problem_set(
			problem, -EACCES, "others can get into state_dir '%s': chmod 700 it", path);
	return 0;
}

/* -EPROTONOSUPPORT: anything but ours. -ENOENT: nothing was ever written here. */
static int check_version(int account)
{
	auto_buf struct buf text = BUF_INIT(64);
	int err = disk_read(account, "version", &text);
	if (err == -EFBIG)
		return -EPROTONOSUPPORT;
	if (err < 0)
		return err;
	return strcmp(text.data, VERSION) == 0 ? 0 : -EPROTONOSUPPORT;
}

static int write_version(int account, int temp_dir)
{
	auto_temp struct disk_temp temp = DISK_TEMP_INIT;
	int err = disk_temp_write(temp_dir, "", VERSION, strlen(VERSION), true, &temp);
	if (err == 0)
		err = disk_temp_place(&temp, account, "version", true);
	return err < 0 ? err : disk_sync_dir(account);
}

static int open_dirs(int account, int dirs[DIRS])
{
	int version_err = check_version(account);
	if (version_err < 0 && version_err != -ENOENT)
		return version_err;
	for (size_t i = 0; i < DIRS; i++) {
		int err = disk_make_dir(account, dir_names[i], &dirs[i]);
		if (err < 0)
			return err;
	}
	return version_err == -ENOENT ? write_version(account, dirs[TEMP]) : 0;
}

int account_open(
	const char *state_dir, const char *url, int ret_dirs[DIRS], struct problem *problem)
{
	char name[NAME_MAX + 1];
	int err = account_name(url, name);
	if (err < 0)
		return problem_set(problem, err, "the URL is too long for a directory name");
	auto_fd int state = -1;
	err = disk_make_path(state_dir, &state);
	if (err < 0)
		return problem_set(problem, err, "cannot open state_dir '%s': %s", state_dir,
			strerrordesc_np(-err));
	err = check_private(state, state_dir, problem);
	if (err < 0)
		return err;

	int dirs[DIRS] = {-1, -1, -1, -1, -1};
	auto_fd int account = -1;
	err = disk_make_dir(state, name, &account);
	if (err == 0)
		err = open_dirs(account, dirs);
	if (err == 0) {
		memcpy(ret_dirs, dirs, sizeof dirs);
		return 0;
	}
	account_close(dirs);
	if (err == -EPROTONOSUPPORT)
		return problem_set(problem, err,
			"'%s/%s' was written by a newer clevertimfs: use that one, or another "
			"state_dir",
			state_dir, name);
	return problem_set(
		problem, err, "cannot use '%s/%s': %s", state_dir, name, strerrordesc_np(-err));
}

void account_close(int dirs[DIRS])
{
	for (size_t i = 0; i < DIRS; i++)
		cleanup_fd(&dirs[i]);
}
