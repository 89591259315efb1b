/*
 * Texts on their way: pending/<resource>/<16 digits>.<name>, locked for as long as whoever wrote
 * them lives. One that is refused becomes a draft by a rename, so that a disk that has become full
 * meanwhile is no reason to lose it.
 */
#include "journal_private.h"

#include "clock.h"
#include <fcntl.h>
#include <stdio.h>
#include <sys/file.h>

/* How many earlier texts of one file are kept beside the last. */
#define MAX_OLDER 99

/* Which text a draft's name stood for at some moment; ino 0: none. */
struct draft_id {
	uint64_t ino, bytes;
	struct timespec mtime;
};

struct journal_note {
	struct journal *journal;
	int dir; /* pending/<resource> */
	struct disk_temp temp;
	bool durable;
	struct draft_id earlier; /* the draft that had the name when this was written */
	char resource[NAME_MAX + 1];
	char name[NAME_MAX + 1];
};

/* ---- one note ---- */

static struct journal_note *note_create(
	struct journal *journal, const char *resource, const char *name)
{
	struct journal_note *note = calloc(1, sizeof *note);
	if (!note)
		return NULL;
	note->journal = journal;
	note->dir = -1;
	note->temp = DISK_TEMP_INIT;
	snprintf(note->resource, sizeof note->resource, "%s", resource);
	snprintf(note->name, sizeof note->name, "%s", name);
	return note;
}

void journal_note_drop(struct journal_note *note)
{
	if (!note)
		return;
	disk_temp_release(&note->temp);
	cleanup_fd(&note->dir);
	free(note);
}

void journal_note_leave(struct journal_note *note)
{
	if (!note)
		return;
	cleanup_fd(&note->temp.fd);
	note->temp = DISK_TEMP_INIT;
	journal_note_drop(note);
}

static struct draft_id draft_id(int drafts, const char *name)
{
	struct stat st;
	if (drafts < 0 || fstatat(drafts, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return (struct draft_id){.ino = 0};
	return (struct draft_id){
		.ino = st.st_ino, .bytes = (uint64_t)st.st_size, .mtime = st.st_mtim};
}

static bool same_draft(struct draft_id a, struct draft_id b)
{
	return a.ino == b.ino && a.bytes == b.bytes && clock_same(a.mtime, b.mtime);
}

/* The directory of a resource's drafts or reasons, or -1 where there is none. */
static int open_area(const struct journal *journal, int which, const char *resource)
{
	int dir = -1;
	int err = disk_open_dir(journal->dirs[which], resource, &dir);
	return err < 0 ? -1 : dir;
}

/* A kill in the middle of the writing leaves no half of it to be adopted. */
static int write_spare(struct journal_note *note, const void *text, size_t len)
{
	struct journal *journal = note->journal;
	auto_temp struct disk_temp temp = DISK_TEMP_INIT;

	pthread_mutex_lock(&journal->lock);
	if (journal->spare_count > 0)
		temp = journal->spare[--journal->spare_count];
	pthread_mutex_unlock(&journal->lock);
	int err = temp.fd < 0 ? -ENOENT : disk_temp_add(&temp, text, len);
	if (err == 0)
		err = disk_temp_move(&temp, note->dir, note->name);
	if (err < 0)
		return err;
	note->temp = temp;
	temp = DISK_TEMP_INIT;
	return 0;
}

static int write_new(struct journal_note *note, const void *text, size_t len)
{
	struct journal *journal = note->journal;
	int err = journal_write_temp(
		journal, journal->dirs[TEMP], "", text, len, note->durable, &note->temp);
	return err < 0 ? err : disk_temp_move(&note->temp, note->dir, note->name);
}

static int write_note(struct journal_note *note, const void *text, size_t len)
{
	struct journal *journal = note->journal;
	int err = disk_make_dir(journal->dirs[PENDING], note->resource, &note->dir);
	if (err == 0 && (note->durable || write_spare(note, text, len) < 0))
		err = write_new(note, text, len);
	if (err < 0)
		return err;
	pthread_mutex_lock(&journal->lock);
	err = journal_make_room_locked(journal, JOURNAL_DRAFTS, note->resource, NULL, len);
	pthread_mutex_unlock(&journal->lock);
	return err == 0 && note->durable ? disk_sync_dir(note->dir) : err;
}

int journal_note(struct journal *journal, const char *resource, const char *name, const void *text,
	size_t len, bool durable, struct journal_note **ret_note)
{
	if (!journal_is_safe(resource) || !journal_is_safe(name))
		return -EINVAL;
	struct journal_note *note = note_create(journal, resource, name);
	if (!note)
		return -ENOMEM;
	auto_fd int drafts = open_area(journal, DRAFTS, resource);
	note->earlier = draft_id(drafts, name);
	note->durable = durable;
	int err = write_note(note, text, len);
	if (err < 0) {
		journal_note_drop(note);
		return err;
	}
	*ret_note = note;
	return 0;
}

/* ---- the server has it ---- */

/* "4.json" for 0, "4.json.~1~" and so on. False: the name would be too long. */
static bool older_name(const char *name, int number, char out[NAME_MAX + 1])
{
	int len = number == 0 ? snprintf(out, NAME_MAX + 1, "%s", name)
			      : snprintf(out, NAME_MAX + 1, "%s.~%d~", name, number);
	return len <= NAME_MAX;
}

/* The text goes first: a reason without one is not shown. */
static void forget_draft(int drafts, int reasons, const char *name)
{
	if (unlinkat(drafts, name, 0) == 0 && reasons >= 0)
		unlinkat(reasons, name, 0);
}

static bool is_to_go(int drafts, const char *name, journal_judge *judge, void *arg)
{
	auto_buf struct buf text = BUF_INIT(JOURNAL_MAX_BYTES);
	return !judge || (disk_read(drafts, name, &text) == 0 && judge(arg, text.data, text.len));
}

static void forget_drafts(
	const struct journal_note *note, int drafts, journal_judge *judge, void *arg)
{
	char name[NAME_MAX + 1];
	auto_fd int reasons = open_area(note->journal, REASONS, note->resource);

	for (int i = 0; i <= MAX_OLDER && older_name(note->name, i, name); i++) {
		if (is_to_go(drafts, name, judge, arg))
			forget_draft(drafts, reasons, name);
	}
}

/* Keeps its file for another note, once it is where nobody adopts it as a draft. */
static void spare_file(struct journal_note *note)
{
	struct journal *journal = note->journal;
	pthread_mutex_lock(&journal->lock);
	bool has_room = journal->spare_count < MAX_SPARE;
	pthread_mutex_unlock(&journal->lock);
	if (!has_room || disk_temp_move(&note->temp, journal->dirs[TEMP], "") < 0 ||
		disk_temp_empty(&note->temp) < 0)
		return;
	pthread_mutex_lock(&journal->lock);
	if (journal->spare_count < MAX_SPARE) {
		journal->spare[journal->spare_count++] = note->temp;
		note->temp = DISK_TEMP_INIT;
	}
	pthread_mutex_unlock(&journal->lock);
}

void journal_note_reached(struct journal_note *note, journal_judge *judge, void *arg)
{
	if (!note)
		return;
	auto_fd int drafts = open_area(note->journal, DRAFTS, note->resource);
	pthread_mutex_lock(&note->journal->lock);
	if (drafts >= 0 && same_draft(draft_id(drafts, note->name), note->earlier))
		forget_drafts(note, drafts, judge, arg);
	pthread_mutex_unlock(&note->journal->lock);
	spare_file(note);
	journal_note_drop(note);
}

/* ---- the server had it already ---- */

static bool has_draft(const struct journal *journal, const char *resource, const char *name)
{
	char path[2 * NAME_MAX + 2];
	struct stat st;
	snprintf(path, sizeof path, "%s/%s", resource, name);
	return fstatat(journal->dirs[DRAFTS], path, &st, AT_SYMLINK_NOFOLLOW) == 0;
}

static bool draft_says(int drafts, const char *name, const void *text, size_t len)
{
	uint64_t size;
	auto_buf struct buf draft = BUF_INIT(len);
	return disk_size(drafts, name, &size) == 0 && size == len &&
	       disk_read(drafts, name, &draft) == 0 && draft.len == len &&
	       memcmp(draft.data, text, len) == 0;
}

void journal_forget_same(struct journal *journal, const char *resource, const char *name,
	const void *text, size_t len)
{
	char older[NAME_MAX + 1];

	if (!journal_is_safe(resource) || !journal_is_safe(name))
		return;
	/* The first older one may be all that is left. */
	if (!has_draft(journal, resource, name) &&
		!(older_name(name, 1, older) && has_draft(journal, resource, older)))
		return;
	auto_fd int drafts = open_area(journal, DRAFTS, resource);
	auto_fd int reasons = open_area(journal, REASONS, resource);
	pthread_mutex_lock(&journal->lock);
	for (int i = 0; i <= MAX_OLDER && older_name(name, i, older); i++) {
		if (draft_says(drafts, older, text, len))
			forget_draft(drafts, reasons, older);
	}
	pthread_mutex_unlock(&journal->lock);
}

/* ---- the server did not take it ---- */

/*
 * The draft that has the name moves to the first older name that is free, and its reason before it:
 * a reason without a text is not shown, but a text without its reason is.
 */
static int move_older_locked(const struct journal_note *note, int drafts, int reasons)
{
	char older[NAME_MAX + 1];
	int number = 1;

	while (number <= MAX_OLDER && older_name(note->name, number, older) &&
		faccessat(drafts, older, F_OK, AT_SYMLINK_NOFOLLOW) == 0)
		number++;
	if (number > MAX_OLDER || !older_name(note->name, number, older))
		return -ENOSPC;
	if (reasons >= 0)
		renameat(reasons, note->name, reasons, older);
	if (renameat2(drafts, note->name, drafts, older, RENAME_NOREPLACE) < 0)
		return errno == ENOENT || errno == EEXIST ? 0 : -errno;
	return 0;
}

/*
 * The reason goes first, as it does when the older one moves. Another process may give the name to a
 * draft of its own at any time: that one moves, too.
 */
static int place_draft_locked(struct journal_note *note, int drafts, struct writing *reason)
{
	bool is_known = disk_same_text(note->dir, note->temp.name, drafts, note->name);
	int err = 0;

	if (!is_known && faccessat(drafts, note->name, F_OK, AT_SYMLINK_NOFOLLOW) == 0)
		err = move_older_locked(note, drafts, reason->dir);
	if (err == 0 && journal_place_reason_locked(reason, note->name) < 0)
		cleanup_fd(&reason->dir);
	if (err == 0 && is_known)
		disk_temp_release(&note->temp);
	else if (err == 0)
		err = disk_temp_place(&note->temp, drafts, note->name, false);
	while (err == -EEXIST) {
		err = move_older_locked(note, drafts, reason->dir);
		if (err == 0)
			err = disk_temp_place(&note->temp, drafts, note->name, false);
	}
	return err;
}

int journal_note_keep(struct journal_note *note, const char *reason)
{
	struct journal *journal = note->journal;
	auto_fd int drafts = -1;
	auto_writing struct writing beside = WRITING_INIT;

	int err = note->durable || fsync(note->temp.fd) == 0 ? 0 : -errno;
	if (err == 0)
		err = disk_make_dir(journal->dirs[DRAFTS], note->resource, &drafts);
	if (err < 0) {
		journal_note_leave(note);
		return err;
	}
	/* Without its reason the text is kept all the same. */
	int reason_err = journal_write_reason(journal, note->resource, reason, &beside);
	(void)reason_err;
	pthread_mutex_lock(&journal->lock);
	err = place_draft_locked(note, drafts, &beside);
	pthread_mutex_unlock(&journal->lock);
	journal_note_leave(note);

	if (err == 0 && beside.dir >= 0)
		err = disk_sync_dir(beside.dir);
	return err < 0 ? err : disk_sync_dir(drafts);
}

/* ---- what an earlier process left ---- */

#define LEFT_REASON PROBLEM_LEFT_ON_ITS_WAY ": look whether the server has it"

static void adopt(struct journal *journal, const char *resource, int dir, const char *name)
{
	struct disk_temp temp;
	struct stat st;

	if (disk_temp_adopt(dir, name, &temp) < 0)
		return;
	/* Nothing was written, so nothing is owed. */
	if (fstat(temp.fd, &st) == 0 && st.st_size == 0) {
		disk_temp_release(&temp);
		return;
	}
	const char *own_name = disk_temp_label(&temp);
	struct journal_note *note =
		journal_is_safe(own_name) ? note_create(journal, resource, own_name) : NULL;
	if (!note) {
		cleanup_fd(&temp.fd);
		return;
	}
	note->dir = dup(dir);
	note->temp = temp;
	note->temp.dir = note->dir;
	int err = journal_note_keep(note, LEFT_REASON);
	(void)err; /* then the text stays where it is */
}

void journal_adopt_notes(struct journal *journal)
{
	auto_list struct disk_list resources = {0};
	if (disk_read_dir(journal->dirs[PENDING], S_IFDIR, &resources) < 0)
		return;
	for (size_t i = 0; i < resources.count; i++) {
		auto_fd int dir = -1;
		auto_list struct disk_list notes = {0};
		const char *resource = resources.items[i].name;
		if (disk_open_dir(journal->dirs[PENDING], resource, &dir) < 0 ||
			disk_read_dir(dir, S_IFREG, &notes) < 0)
			continue;
		for (size_t j = 0; j < notes.count; j++)
			adopt(journal, resource, dir, notes.items[j].name);
	}
}
