#include "save.h"

#include "drafts.h"
#include "edit.h"
#include "json_object.h"
#include "notify.h"
#include <stdio.h>

/* One text on its way to the server. */
struct commit {
	struct fs *fs;
	struct collection *collection;
	struct handle *handle; /* what is flushed; NULL: a file is renamed */
	struct node *dir, *node;
	const char *to;	      /* this is what it is renamed to */
	char from[NAME_SIZE]; /* it may be committed under that as well; else "" */
	enum commit_kind kind;
	struct slot *slot;	/* the record; COMMIT_CREATE: once the server has made it */
	struct record *base;	/* the version the writer opened, or NULL; referenced */
	struct record *saved;	/* what the server made of it; referenced */
	struct record *known;	/* what the writer knows of that; referenced */
	char name[NAME_SIZE];	/* under which it is saved */
	int64_t asked_ms;	/* when the program asked for it */
	const struct buf *text; /* borrowed */
	pid_t pid;		/* who saves */
	struct journal_note
		*note; /* keeps it on disk for as long as it is on its way; NULL: not yet */
	bool is_shown; /* what the file shows is another text now: to be told, without the claim */
	bool is_whole; /* it went well, and the text tells what its writer knows of the record */
	bool is_kept;  /* refused, and a draft */
	bool is_broken_off;	/* its writer was killed before he closed the file */
	uint64_t broken_off_at; /* the text's writes then */
	bool in_write;		/* the write that it is a part of is not answered yet */
	struct problem problem;
};

static void commit_release(struct commit *commit)
{
	record_unref(commit->base);
	record_unref(commit->saved);
	record_unref(commit->known);
}

static void path_of(const struct commit *commit, char *out, size_t out_size)
{
	snprintf(out, out_size, "%s/%s", collection_name(commit->collection), commit->name);
}

/* ---- keeping and telling ---- */

static void keep_draft(struct commit *commit, const struct buf *text, int err)
{
	char path[NAME_SIZE + 80];
	struct fs *fs = commit->fs;

	commit->is_kept = drafts_keep(fs, collection_name(commit->collection), commit->name, text,
				  steal(commit->note), commit->problem.message, commit->pid) == 0;
	path_of(commit, path, sizeof path);
	log_failure(&fs->errors, commit->kind == COMMIT_CREATE ? "create" : "save", path, err,
		&commit->problem);
}

static void tell_created(struct commit *commit)
{
	char id[NAME_SIZE];
	problem_one_line(commit->slot->id, commit->slot->id_len, id, sizeof id);
	log_line(&commit->fs->created, "%s\t%s\t%s", collection_name(commit->collection),
		commit->name, id);
}

/* ---- the way to the server ---- */

/* Before anything goes out it is on disk. */
static int note_draft(void *arg, struct problem *problem)
{
	struct commit *commit = arg;
	return drafts_note(commit->fs, collection_name(commit->collection), commit->name,
		commit->text, false, &commit->note, problem);
}

static void note_known(void *arg, struct record *known)
{
	struct commit *commit = arg;
	commit->known = record_ref(known);
}

static int send_save(struct commit *commit, struct json_slice text, struct record *base)
{
	const struct sync_guard guard = {
		.before_send = note_draft, .after_save = note_known, .arg = commit};
	if (!base)
		return problem_set(&commit->problem, -EIO, "the record was deleted on the server");
	return sync_save(commit->fs->sync, commit->slot, base, text, &guard, &commit->saved,
		&commit->problem);
}

static int send_create(struct commit *commit, struct json_slice text)
{
	int err = note_draft(commit, &commit->problem);
	if (err == 0)
		err = sync_create_record(commit->fs->sync, commit->collection, commit->name, text,
			&commit->slot, &commit->problem);
	if (err < 0)
		return err;
	commit->saved = store_take(commit->slot);
	commit->known = commit->saved ? record_ref(commit->saved) : NULL;
	tell_created(commit);
	return 0;
}

static size_t count_properties(struct json_slice object)
{
	struct json_walk walk;
	struct json_member member;
	size_t count = 0;
	json_walk_init(&walk, object);
	while (json_walk_next(&walk, &member))
		count++;
	return count;
}

/* An editor leaves out a line or two; a change that is written by hand, nearly everything. */
static bool is_whole(const struct commit *commit, struct json_slice text)
{
	return commit->kind == COMMIT_CREATE ||
	       (commit->known &&
		       count_properties(text) * 2 > count_properties(record_slice(commit->known)));
}

static void end_note(struct commit *commit, struct json_slice text, const struct record *base)
{
	const struct draft_saved saved = {
		.resource = collection_resource(commit->collection),
		.text = text,
		.base = base,
		.record = commit->saved,
		.writer = commit->pid,
	};
	drafts_reached(commit->fs, steal(commit->note), &saved);
}

/* What is not sent, whatever it says. */
static int check_wanted(struct commit *commit)
{
	if (commit->is_broken_off)
		return problem_set(&commit->problem, -EIO,
			"the program was killed before it had closed the "
			"file: this may be a part of what it meant to write");
	if (commit->kind == COMMIT_KEEP)
		return problem_set(&commit->problem, -EIO,
			"the record was unlinked while it was being written");
	return 0;
}

/* A text without a difference sends nothing, and drops no earlier draft but one that says the same. */
static int send_text(struct commit *commit, const struct buf *text)
{
	struct edit edit = {.text = {.len = 0}};
	bool incomplete;

	commit->text = text;
	auto_record struct record *base = commit->base ? record_ref(commit->base) : NULL;
	if (!base && commit->kind == COMMIT_SAVE)
		base = store_take(commit->slot);
	int err = check_wanted(commit);
	if (err == 0)
		err = edit_check(text->data, text->len, &edit, &incomplete, &commit->problem);
	if (err == 0)
		err = commit->kind == COMMIT_CREATE ? send_create(commit, edit.text)
						    : send_save(commit, edit.text, base);
	commit->is_whole = err == 0 && is_whole(commit, edit.text);
	if (err < 0)
		keep_draft(commit, text, err);
	else if (commit->note)
		end_note(commit, edit.text, base);
	else if (commit->fs->journal)
		journal_forget_same(commit->fs->journal, collection_name(commit->collection),
			commit->name, text->data, text->len);
	return err;
}

/* ---- flush and release ---- */

/*
 * A shell's own `echo >` knows nothing of what it has read or saved before, however long it has
 * been running: its change is one of the version that it opened just now.
 */
static bool is_shell(const struct handle *handle)
{
	return handle->owns_text && !handle->may_map &&
	       text_was_flushed_early(handle->text, handle->pid);
}

/* What the file shows is another text now; where it was set aside meanwhile, the record's new one. */
static void tell(struct commit *commit, struct handle *handle)
{
	struct notify *notify = commit->fs->notify;
	bool is_elsewhere =
		commit->slot && tree_slot_of(commit->fs->tree, handle->node) != commit->slot;
	if (is_elsewhere)
		notify_slot(notify, commit->slot);
	if (!commit->in_write || handle->by_pass) {
		notify_node_now(notify, handle->node);
		if (is_elsewhere)
			notify_flush(notify);
		return;
	}
	notify_node(notify, handle->node);
	atomic_store(&handle->told_late, true);
}

/*
 * Who saves the whole text again later means a change of what he has saved now. Who wrote a part of
 * it may never have read the record: when he writes that again, he means it, whatever it is then.
 */
static void note_seen(struct commit *commit, pid_t pid)
{
	struct seen *seen = commit->fs->seen;
	if (pid != SEEN_ANYONE && !commit->is_whole) {
		seen_forget(seen, pid, commit->slot);
		pid = SEEN_ANYONE;
	}
	seen_note(seen, pid, commit->slot, commit->known);
}

static void note_saved(struct commit *commit, struct handle *handle)
{
	struct fs *fs = commit->fs;
	struct slot *shown = tree_slot_of(fs->tree, handle->node);

	if (shown && (!handle->owns_text || handle->may_map))
		text_show_base(handle->text);
	note_seen(commit, is_shell(handle) ? SEEN_ANYONE : handle->pid);
	handle_set_opened(handle, commit->known);
	tree_saved(
		fs->tree, handle->node, commit->name, commit->slot, commit->kind == COMMIT_CREATE);
	tree_end_made(fs->tree, commit->slot, handle->text, MADE_SAVED);
	tree_settle_moves(fs->tree, commit->slot, handle->process);
	commit->is_shown = true;
}

/* After a refusal: a new file leaves the directory, a record reads as the server has it. */
static void show_as_before(struct commit *commit, struct handle *handle)
{
	struct fs *fs = commit->fs;
	tree_refused(fs->tree, handle->node, handle->text);
	if (handle->writes)
		tree_end_made(fs->tree, handle->writes, handle->text, MADE_REFUSED);
	commit->is_shown |= tree_drop_text(fs->tree, handle->node, handle->text);
	commit->is_shown |= handle->may_map;
}

static int commit_handle(struct fs *fs, struct handle *handle, struct commit *commit)
{
	auto_buf struct buf text = BUF_INIT(SCRATCH_MAX_BYTES);
	uint64_t writes;

	/* Who unlinks what he has open does not want it. */
	if (commit->kind == COMMIT_NOTHING ||
		(commit->kind == COMMIT_KEEP &&
			tree_is_buried_by(fs->tree, commit->slot, handle->process)))
		return 0;
	int begun = text_begin_commit(handle->text, false, &text, &writes);
	if (begun <= 0)
		return begun;
	if (commit->is_broken_off && writes != commit->broken_off_at) {
		text_end_commit(handle->text, 0, commit->broken_off_at, NULL);
		return 0;
	}
	commit->base = is_shell(handle) ? handle_take_opened(handle) : NULL;
	if (!commit->base)
		commit->base = text_take_base(handle->text);
	int err = send_text(commit, &text);
	text_end_commit(handle->text, err, writes, commit->known);
	if (err == 0 || commit->is_kept)
		handle_drop_note(handle, writes);
	else
		handle_leave_note(handle);
	if (err < 0)
		show_as_before(commit, handle);
	else if (commit->saved)
		note_saved(commit, handle);
	return err;
}

/* A name that somebody else commits for too long: the text is kept, as it was not sent. */
static int give_up(struct commit *commit, struct text *text)
{
	uint64_t writes;
	auto_buf struct buf copy = BUF_INIT(SCRATCH_MAX_BYTES);
	int err = problem_set(&commit->problem, -ETIMEDOUT, "another save of it takes too long");
	if (text_copy(text, &copy, &writes) == 0)
		keep_draft(commit, &copy, err);
	return err;
}

/* What there is to do, and under which names, as of now. */
static void ask(struct commit *commit)
{
	struct tree *tree = commit->fs->tree;
	struct slot *ignored;

	if (commit->handle) {
		commit->kind = tree_commit_kind(tree, commit->handle->node, commit->handle->writes,
			&commit->slot, commit->name);
		return;
	}
	if (tree_commit_kind(tree, commit->node, NULL, &ignored, commit->from) == COMMIT_NOTHING)
		commit->from[0] = '\0';
	commit->kind = tree_rename_kind(tree, commit->dir, commit->to, &commit->slot);
	/* Its drafts have one name, however it is saved. */
	if (!commit->slot || name_from_id(commit->slot->id, commit->slot->id_len, commit->name) < 0)
		snprintf(commit->name, sizeof commit->name, "%s", commit->to);
}

/*
 * What a commit has to do is known only once no other commit of that name is under way, nor the
 * record's DELETE: it may have made a record of the file meanwhile, and so given it another name, or
 * there is none any more. 1: it has its claim; 0: there is nothing to do.
 */
static int claim_names(struct commit *commit, struct name_claim *claim)
{
	struct fs *fs = commit->fs;
	int64_t until_ms = commit->asked_ms + CLAIM_TIMEOUTS * fs->config->timeout_ms;

	ask(commit);
	while (commit->kind != COMMIT_NOTHING) {
		int err = claims_take(fs->claims, claim, commit->collection, commit->name,
			commit->from, until_ms);
		if (err < 0)
			return err;
		ask(commit);
		if (strcmp(claim->name, commit->name) == 0 &&
			strcmp(claim->other, commit->from) == 0)
			return 1;
		claims_end(fs->claims, claim);
	}
	return 0;
}

static int flush(struct handle *handle, struct commit commit)
{
	struct fs *fs = commit.fs;
	struct name_claim claim;

	if (!handle->writable || !handle->text || !text_is_dirty(handle->text))
		return 0;
	commit.collection = handle->collection;
	commit.pid = handle->process;
	commit.handle = handle;
	int err = claim_names(&commit, &claim);
	if (err < 0)
		return give_up(&commit, handle->text);
	if (err > 0) {
		err = commit_handle(fs, handle, &commit);
		claims_end(fs->claims, &claim);
	}
	/* Another writer's pages may be locked until he has the claim. */
	if (commit.is_shown)
		tell(&commit, handle);
	commit_release(&commit);
	return err;
}

int save_flush(struct fs *fs, struct handle *handle, int64_t asked_ms)
{
	int err = flush(handle, (struct commit){.fs = fs, .asked_ms = asked_ms});
	if (atomic_exchange(&handle->told_late, false))
		notify_flush(fs->notify);
	return err;
}

int save_in_write(struct fs *fs, struct handle *handle, int64_t asked_ms)
{
	return flush(handle, (struct commit){.fs = fs, .asked_ms = asked_ms, .in_write = true});
}

int save_break_off(struct fs *fs, struct handle *handle, uint64_t writes, int64_t asked_ms)
{
	return flush(handle, (struct commit){.fs = fs,
				     .asked_ms = asked_ms,
				     .is_broken_off = true,
				     .broken_off_at = writes});
}

void save_release(struct fs *fs, struct handle *handle, int64_t asked_ms)
{
	if (handle->text && save_flush(fs, handle, asked_ms) < 0)
		notify_node(fs->notify, handle->node);
	save_close(fs, handle);
}

/* ---- rename ---- */

/* Unlike a flush, a rename of a file that nobody has written to since its last commit is a save. */
static int commit_text(struct text *text, struct commit *commit)
{
	auto_buf struct buf copy = BUF_INIT(SCRATCH_MAX_BYTES);
	uint64_t writes;

	int begun = text_begin_commit(text, true, &copy, &writes);
	int err = begun < 0 ? begun : begun == 0 ? text_copy(text, &copy, &writes) : 0;
	if (err == 0 && copy.len == 0)
		err = problem_set(&commit->problem, -EINVAL, "the file is empty");
	if (err == 0)
		err = send_text(commit, &copy);
	if (begun > 0)
		text_end_commit(text, err, writes, commit->known);
	return err;
}

static int commit_node(struct fs *fs, struct node *node, struct commit *commit)
{
	struct text *text = tree_take_text(fs->tree, node);
	int err = text ? commit_text(text, commit) : -EIO;
	text_unref(text);
	return err;
}

static void note_renamed(struct commit *commit)
{
	struct fs *fs = commit->fs;
	note_seen(commit, commit->pid);
	tree_settle_moves(fs->tree, commit->slot, commit->pid);
	tree_renamed(fs->tree, commit->dir, commit->node, commit->to, commit->slot,
		commit->kind == COMMIT_CREATE);
	notify_node(fs->notify, commit->node);
}

static int commit_rename(struct commit *commit)
{
	struct fs *fs = commit->fs;
	struct slot *target = commit->slot, *shown = tree_slot_of(fs->tree, commit->node);

	/* Another commit has made it a record meanwhile: this one, or one of another name. */
	if (shown)
		return shown == target ? 0 : -EPERM;
	if (target) {
		commit->base = seen_take(fs->seen, commit->pid, target, true);
		busy_begin(fs->busy, target);
	}
	int err = commit_node(fs, commit->node, commit);
	if (err == 0 && commit->slot && commit->saved)
		note_renamed(commit);
	if (target)
		busy_end(fs->busy, target);
	return err;
}

/*
 * A draft's own name may be committed just now, or be about to: one after the other, or both would
 * create a record.
 */
int save_rename(struct fs *fs, struct node *dir, struct node *node, const char *to, pid_t pid,
	int64_t asked_ms)
{
	struct commit commit = {
		.fs = fs,
		.collection = node_collection(dir),
		.dir = dir,
		.node = node,
		.to = to,
		.pid = pid,
		.asked_ms = asked_ms,
	};
	struct name_claim claim;

	int err = claim_names(&commit, &claim);
	if (err > 0) {
		err = commit_rename(&commit);
		claims_end(fs->claims, &claim);
	} else {
		struct text *text = tree_take_text(fs->tree, node);
		err = text ? give_up(&commit, text) : -EIO;
		text_unref(text);
	}
	commit_release(&commit);
	return err;
}
