/*
 * Any files lying in the state directory: the journal opens or says why not; what is no file of its
 * own stays as it is; no text is lost, be it a draft, trash or on its way; and what is listed can be
 * read. The same once more after a draft was kept beside them.
 *
 * The input is lines in pairs. The first: where (a letter, see places), what (a letter, see kinds),
 * then the name; the second: the content. TMPDIR says where the state directory is made; it should be
 * in memory.
 */
#include "fuzz.h"

#include "journal.h"
#include <fcntl.h>
#include <fts.h>
#include <limits.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#define URL "https://x/api"
#define ACCOUNT "https%3A%2F%2Fx%2Fapi"
#define MAX_BYTES ((uint64_t)1 << 30)
#define VICTIM "nobody touches what a link leads to"

enum { MAX_FILES = 200, PATH_SIZE = 1024 };

/* 'a' is the first one; what is no letter of these is taken modulo. */
static const char *const places[] = {"", ACCOUNT, ACCOUNT "/drafts", ACCOUNT "/trash",
	ACCOUNT "/reasons", ACCOUNT "/temp", ACCOUNT "/pending", ACCOUNT "/drafts/contact",
	ACCOUNT "/trash/contact", ACCOUNT "/reasons/contact", ACCOUNT "/temp/contact",
	ACCOUNT "/pending/contact"};
enum kind { REGULAR, OLD, DIRECTORY, LINK, PIPE, KINDS };

struct state {
	char root[PATH_SIZE]; /* with the state directory and the victim in it */
	char dir[PATH_SIZE];
	char victim[PATH_SIZE];
};

/* ---- the files ---- */

struct file {
	char path[PATH_SIZE]; /* below the state directory, after a slash */
	mode_t mode;
	bool is_old;
	struct buf content;
};

struct files {
	struct file items[MAX_FILES];
	size_t count;
};

static void read_content(const char *path, struct buf *out)
{
	char piece[4096];
	ssize_t got;
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	promise(fd >= 0);
	while ((got = read(fd, piece, sizeof piece)) > 0)
		promise(buf_add(out, piece, (size_t)got) == 0);
	promise(got == 0 && close(fd) == 0);
}

static struct files *files_look(const struct state *state)
{
	char *const roots[] = {(char *)state->dir, NULL};
	struct files *files = calloc(1, sizeof *files);
	FTS *walk = fts_open(roots, FTS_PHYSICAL | FTS_NOCHDIR, NULL);
	const FTSENT *entry;
	promise(files && walk);
	while ((entry = fts_read(walk))) {
		struct file *file = &files->items[files->count];
		if (entry->fts_info == FTS_DP)
			continue;
		promise(++files->count < MAX_FILES);
		snprintf(file->path, sizeof file->path, "%s", entry->fts_path + strlen(state->dir));
		file->mode = entry->fts_statp->st_mode;
		file->is_old = entry->fts_statp->st_mtime < 1000000;
		buf_init(&file->content, 1 << 20);
		if (S_ISREG(file->mode))
			read_content(entry->fts_path, &file->content);
	}
	fts_close(walk);
	return files;
}

static void files_free(struct files *files)
{
	for (size_t i = 0; i < files->count; i++)
		buf_release(&files->items[i].content);
	free(files);
}

static bool same_content(const struct file *a, const struct file *b)
{
	return same_bytes(a->content.data, a->content.len, b->content.data, b->content.len);
}

/* Whether it is right in a resource of this area. */
static bool is_in(const struct file *file, const char *area)
{
	char start[PATH_SIZE];
	size_t len = (size_t)snprintf(start, sizeof start, "/%s/%s/", ACCOUNT, area);
	const char *name =
		strncmp(file->path, start, len) == 0 ? strchr(file->path + len, '/') : NULL;
	return name && !strchr(name + 1, '/');
}

static bool is_text_in(const struct file *file, const char *area)
{
	return S_ISREG(file->mode) && is_in(file, area);
}

/* As the journal calls what is being written: 16 digits, and a "." and a name or nothing. */
static bool is_own_temp_name(const char *path)
{
	const char *name = strrchr(path, '/') + 1;
	size_t digits = strspn(name, "0123456789abcdef");
	return digits == 16 && (name[16] == '\0' || (name[16] == '.' && name[17] != '\0'));
}

/* Whether a text with this content is anywhere in this area's part for the same resource. */
static bool is_kept_in(const struct files *files, const struct file *file, const char *area)
{
	for (size_t i = 0; i < files->count; i++) {
		if (is_text_in(&files->items[i], area) && same_content(&files->items[i], file))
			return true;
	}
	return false;
}

static bool is_unchanged(const struct files *files, const struct file *file)
{
	for (size_t i = 0; i < files->count; i++) {
		const struct file *now = &files->items[i];
		if (strcmp(now->path, file->path) == 0)
			return now->mode == file->mode && same_content(now, file);
	}
	return false;
}

/* What is no text and has the name that a draft gets moves as an older draft would. */
static bool is_moved_aside(const struct files *files, const struct file *file)
{
	size_t len = strlen(file->path);
	for (size_t i = 0; i < files->count; i++) {
		const struct file *now = &files->items[i];
		if (strncmp(now->path, file->path, len) == 0 &&
			strncmp(now->path + len, ".~", 2) == 0 && now->mode == file->mode)
			return true;
	}
	return false;
}

static void check_file(const struct files *now, const struct file *file)
{
	bool is_temp = strncmp(file->path, "/" ACCOUNT "/temp/", strlen(ACCOUNT) + 7) == 0 &&
		       !strchr(file->path + strlen(ACCOUNT) + 7, '/') && S_ISREG(file->mode);
	if (is_text_in(file, "drafts"))
		promise(is_kept_in(now, file, "drafts"));
	else if (is_text_in(file, "pending") && is_own_temp_name(file->path))
		promise(file->content.len == 0 || is_kept_in(now, file, "drafts") ||
			is_unchanged(now, file));
	else if (is_text_in(file, "trash") && file->is_old)
		promise(!is_unchanged(now, file));
	else if (is_temp && is_own_temp_name(file->path))
		promise(!is_unchanged(now, file));
	else if (!is_in(file, "reasons"))
		promise(is_unchanged(now, file) || is_moved_aside(now, file));
}

/* What the journal may do to what was there before. */
static void check_files(const struct state *state, const struct files *before, bool is_open)
{
	struct files *now = files_look(state);
	for (size_t i = 0; i < before->count; i++) {
		if (is_open)
			check_file(now, &before->items[i]);
		else
			promise(is_unchanged(now, &before->items[i]));
	}
	files_free(now);
	struct buf victim = BUF_INIT(1000);
	read_content(state->victim, &victim);
	promise(strcmp(victim.data, VICTIM) == 0);
	buf_release(&victim);
}

/* ---- a state directory ---- */

static void write_file(const char *path, const char *text, size_t len)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (fd < 0)
		return;
	promise(write(fd, text, len) == (ssize_t)len);
	promise(close(fd) == 0);
}

static void state_make(struct state *state)
{
	const char *tmp = getenv("TMPDIR");
	snprintf(state->root, sizeof state->root - 20, "%s/journal-XXXXXX", tmp ? tmp : "/tmp");
	promise(mkdtemp(state->root));
	promise(snprintf(state->dir, sizeof state->dir, "%.900s/state", state->root) > 0);
	promise(snprintf(state->victim, sizeof state->victim, "%.900s/victim", state->root) > 0);
	promise(mkdir(state->dir, 0700) == 0);
	write_file(state->victim, VICTIM, strlen(VICTIM));
}

static void state_remove(struct state *state)
{
	char *const roots[] = {state->root, NULL};
	FTS *walk = fts_open(roots, FTS_PHYSICAL | FTS_NOCHDIR, NULL);
	const FTSENT *entry;
	promise(walk);
	while ((entry = fts_read(walk))) {
		if (entry->fts_info != FTS_D)
			promise(remove(entry->fts_accpath) == 0);
	}
	fts_close(walk);
}

static void make_parents(const struct state *state, const char *place)
{
	char path[2 * PATH_SIZE];
	for (const char *at = place; *at; at += *at == '/') {
		at += strcspn(at, "/");
		snprintf(path, sizeof path, "%s/%.*s", state->dir, (int)(at - place), place);
		mkdir(path, 0700);
	}
}

static void put_file(const struct state *state, const char *place, enum kind kind, const char *name,
	const char *text, size_t len)
{
	char path[3 * PATH_SIZE];
	static const struct timespec old[2] = {{.tv_sec = 1000}, {.tv_sec = 1000}};
	make_parents(state, place);
	snprintf(path, sizeof path, "%s/%s/%s", state->dir, place, name);
	if (kind == DIRECTORY) {
		mkdir(path, 0700);
	} else if (kind == LINK) {
		promise(symlink(state->victim, path) == 0 || errno != EFAULT);
	} else if (kind == PIPE) {
		mkfifo(path, 0600);
	} else {
		write_file(path, text, len);
		if (kind == OLD)
			utimensat(AT_FDCWD, path, old, AT_SYMLINK_NOFOLLOW);
	}
}

static bool is_name(const char *name)
{
	size_t len = strlen(name);
	return len > 0 && len <= NAME_MAX && !strchr(name, '/') && strcmp(name, ".") != 0 &&
	       strcmp(name, "..") != 0;
}

static const char *line_end(const char *at, const char *end)
{
	const char *newline = at < end ? memchr(at, '\n', (size_t)(end - at)) : NULL;
	return newline ? newline : end;
}

/* The name of the last file is the one that a draft is kept by afterwards. */
static void put_files(
	const struct state *state, const char *text, size_t size, char ret_name[NAME_MAX + 1])
{
	const char *end = text + size;
	for (int i = 0; i < 30 && end - text > 2; i++) {
		char name[NAME_MAX + 1];
		const char *stop = line_end(text, end);
		const char *content = stop < end ? stop + 1 : end;
		const char *content_end = line_end(content, end);
		size_t place = (unsigned char)(text[0] - 'a') % array_size(places);
		enum kind kind = (unsigned char)(text[1] - 'a') % KINDS;
		snprintf(name, sizeof name, "%.*s", stop - text > 2 ? (int)(stop - text - 2) : 0,
			text + 2);
		if (is_name(name)) {
			put_file(state, places[place], kind, name, content,
				(size_t)(content_end - content));
			memcpy(ret_name, name, sizeof name);
		}
		text = content_end < end ? content_end + 1 : end;
	}
}

/* ---- the journal ---- */

static void check_resource(struct journal *journal, enum journal_area area, const char *resource)
{
	struct journal_item *items;
	size_t count;
	promise(journal_list(journal, area, resource, &items, &count) == 0);
	for (size_t i = 0; i < count; i++) {
		auto_buf struct buf text = BUF_INIT(1 << 20);
		promise(i == 0 || strcmp(items[i - 1].name, items[i].name) < 0);
		promise(journal_read(journal, area, resource, items[i].name, &text) == 0);
		promise(text.len == items[i].size);
	}
	promise(count > 0);
	journal_items_free(items, count);
}

static void check_lists(struct journal *journal)
{
	struct journal_stats stats;
	promise(journal_get_stats(journal, &stats) == 0);
	for (enum journal_area area = JOURNAL_DRAFTS; area <= JOURNAL_TRASH; area++) {
		char **names;
		promise(journal_resources(journal, area, &names) == 0);
		for (size_t i = 0; names[i]; i++)
			check_resource(journal, area, names[i]);
		uint64_t texts = area == JOURNAL_DRAFTS ? stats.drafts : stats.trash;
		promise((texts > 0) == (names[0] != NULL));
		journal_names_free(names);
	}
}

static void check_kept(struct journal *journal, const struct state *state,
	const struct files *before, const char *name)
{
	static const char text[] = "what was kept at last";
	auto_buf struct buf read = BUF_INIT(1 << 20);
	int err = journal_keep(
		journal, JOURNAL_DRAFTS, "contact", name, text, strlen(text), "a reason");
	if (err == 0) {
		promise(journal_read(journal, JOURNAL_DRAFTS, "contact", name, &read) == 0);
		promise(strcmp(read.data, text) == 0);
	}
	check_files(state, before, true);
	check_lists(journal);
	promise(err < 0 || journal_drop(journal, JOURNAL_DRAFTS, "contact", name) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct state state;
	struct problem problem = {.http_status = 0};
	struct journal *journal = NULL;
	char name[NAME_MAX + 1] = "4.json";
	state_make(&state);
	put_files(&state, (const char *)data, size, name);
	struct files *before = files_look(&state);

	int err = journal_open(state.dir, URL, MAX_BYTES, &journal, &problem);
	promise(err <= 0 && (err == 0) == (journal != NULL));
	promise(err == 0 || problem.message[0] != '\0');
	check_files(&state, before, err == 0);
	if (err == 0) {
		check_lists(journal);
		struct files *opened = files_look(&state);
		check_kept(journal, &state, opened, name);
		files_free(opened);
	}
	journal_close(journal);
	files_free(before);
	state_remove(&state);
	return 0;
}
