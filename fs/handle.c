#include "handle.h"

#include "control.h"
#include "proc.h"
#include "view.h"
#include <fcntl.h>

static int own_text(struct fs *fs, struct handle *handle, struct record *base, int flags)
{
	handle->text = text_create(&fs->tree->budget, base);
	if (!handle->text)
		return -ENOMEM;
	handle->owns_text = handle->by_pass = true;
	return flags & O_TRUNC ? 0 : text_load_base(handle->text);
}

/* As good as one that the page cache shows, but that nobody sees it. */
static int map_own_text(struct fs *fs, struct handle *handle, struct record *base, int flags)
{
	int err = own_text(fs, handle, base, 0);
	handle->may_map = true;
	handle->pass = record_ref(base);
	return err == 0 && (flags & O_TRUNC) ? text_truncate(handle->text, 0) : err;
}

/*
 * The text that the page cache shows to all. A second one who reads and writes gets a text of his
 * own: each saves what he has changed in the version that he has read.
 */
static int share_text(struct fs *fs, struct handle *handle, struct record *base, int flags)
{
	struct text *fresh = text_create(&fs->tree->budget, base);
	int err = fresh ? text_load_base(fresh) : -ENOMEM;
	if (err == 0)
		err = tree_share_text(fs->tree, handle->node, &fresh, &handle->text);
	text_unref(fresh);
	if (err == -EBUSY)
		return own_text(fs, handle, base, flags);
	return err == 0 && (flags & O_TRUNC) ? text_truncate(handle->text, 0) : err;
}

static void write_to(struct fs *fs, struct handle *handle, struct slot *slot)
{
	busy_begin(fs->busy, slot);
	handle->writes = slot;
}

/* What the writer's changes are counted from: the version its program has read, else the present
 * one. */
static int open_to_write(
	struct fs *fs, struct handle *handle, struct slot *slot, struct record *present, int flags)
{
	auto_record struct record *base = NULL;

	if (!(collection_resource(slot->collection)->flags & RESOURCE_UPDATE))
		return -EACCES;
	write_to(fs, handle, slot);
	/* Any other writer takes the record as it is. */
	if (busy_take_emptied(fs->busy, slot) && (flags & O_APPEND))
		flags |= O_TRUNC;
	/* The one who creates it in its place need not be the one who has read it. */
	base = flags & O_TRUNC ? seen_take(fs->seen, handle->pid, slot, flags & O_CREAT) : NULL;
	if (!base)
		base = record_ref(present);
	int err = (flags & O_ACCMODE) != O_RDWR ? own_text(fs, handle, base, flags)
		  : fs->maps_direct		? map_own_text(fs, handle, base, flags)
						: share_text(fs, handle, base, flags);
	if (err == 0 && (flags & O_CREAT))
		tree_note_made(fs->tree, slot, handle->text, handle->process);
	return err;
}

/*
 * Who opens a draft to write it anew while another one's text is in it, unsaved, has a text of his own,
 * as with a record.
 */
static int open_draft(struct fs *fs, struct handle *handle, int flags)
{
	struct slot *slot;
	char name[NAME_SIZE];

	if (!(flags & O_TRUNC))
		return 0;
	if (!text_is_dirty(handle->text) ||
		tree_commit_kind(fs->tree, handle->node, NULL, &slot, name) == COMMIT_NOTHING)
		return text_truncate(handle->text, 0);
	text_unref(steal(handle->text));
	return own_text(fs, handle, NULL, flags);
}

static int open_any(struct fs *fs, struct handle *handle, int flags)
{
	struct opening opening;
	tree_open(fs->tree, handle->node, &opening);
	handle->collection = opening.collection;
	handle->text = opening.text;
	handle->opened = opening.present;
	if (!opening.slot)
		return handle->text ? open_draft(fs, handle, flags) : -EIO;
	if (!handle->opened)
		return -ENOENT;
	if (opens_to_write(flags))
		return open_to_write(fs, handle, opening.slot, opening.present, flags);
	handle->by_pass = opening.is_unsettled || busy_is(fs->busy, opening.slot);
	handle->is_pushed = opening.is_pushed;
	handle->unnoted = opening.slot;
	return 0;
}

static void add_writer(struct fs *fs, struct handle *handle)
{
	pthread_mutex_lock(&fs->writers_lock);
	handle->next_writer = fs->writers;
	handle->writer_place = &fs->writers;
	if (fs->writers)
		fs->writers->writer_place = &handle->next_writer;
	fs->writers = handle;
	pthread_mutex_unlock(&fs->writers_lock);
}

bool handle_end_writing(struct fs *fs, struct handle *handle)
{
	pthread_mutex_lock(&fs->writers_lock);
	if (handle->writer_place) {
		*handle->writer_place = handle->next_writer;
		if (handle->next_writer)
			handle->next_writer->writer_place = handle->writer_place;
		handle->writer_place = NULL;
	}
	const struct handle *other = fs->writers;
	while (other && other->node != handle->node)
		other = other->next_writer;
	pthread_mutex_unlock(&fs->writers_lock);
	return !other;
}

/* One whose last reference has just gone is on its way out of the list. */
static bool ref_if_open(struct handle *handle)
{
	unsigned refs = atomic_load(&handle->refs);
	while (refs > 0 && !atomic_compare_exchange_weak(&handle->refs, &refs, refs + 1))
		;
	return refs > 0;
}

struct handle **handle_take_writers(struct fs *fs)
{
	size_t count = 0;

	pthread_mutex_lock(&fs->writers_lock);
	for (const struct handle *handle = fs->writers; handle; handle = handle->next_writer)
		count++;
	struct handle **writers = calloc(count + 1, sizeof(struct handle *));
	count = 0;
	for (struct handle *handle = fs->writers; writers && handle; handle = handle->next_writer) {
		if (ref_if_open(handle))
			writers[count++] = handle;
	}
	pthread_mutex_unlock(&fs->writers_lock);
	return writers;
}

static struct handle *handle_create(struct fs *fs, struct node *node)
{
	struct handle *handle = calloc(1, sizeof *handle);
	if (!handle)
		return NULL;
	atomic_init(&handle->refs, 1);
	pthread_mutex_init(&handle->lock, NULL);
	handle->node = tree_ref(fs->tree, node);
	rendering_init(&handle->rendering);
	handle->control = BUF_INIT(CONTROL_MAX_BYTES);
	return handle;
}

struct handle *handle_open_whole(struct fs *fs, struct node *node, struct snapshot *file)
{
	struct handle *handle = handle_create(fs, node);
	if (handle)
		handle->whole = file;
	else
		snapshot_unref(file);
	return handle;
}

int handle_open(struct fs *fs, struct node *node, int flags, pid_t pid, struct handle **ret_handle)
{
	struct handle *handle = handle_create(fs, node);
	if (!handle)
		return -ENOMEM;
	handle->writable = opens_to_write(flags);
	handle->append = flags & O_APPEND;
	handle->pid = pid;
	handle->process = handle->writable ? proc_process(pid) : 0;
	handle->is_control = control_is(node);
	int err = handle->is_control ? control_open(fs, node, flags, &handle->control)
				     : open_any(fs, handle, flags);
	if (err < 0) {
		handle_close(fs, handle);
		return err;
	}
	if (handle->writable && !handle->is_control)
		add_writer(fs, handle);
	*ret_handle = handle;
	return 0;
}

struct handle *handle_ref(struct handle *handle)
{
	atomic_fetch_add(&handle->refs, 1);
	return handle;
}

void handle_close(struct fs *fs, struct handle *handle)
{
	if (atomic_fetch_sub(&handle->refs, 1) != 1)
		return;
	if (handle->writable)
		handle_end_writing(fs, handle);
	if (handle->writes)
		busy_end(fs->busy, handle->writes);
	record_unref(handle->opened);
	record_unref(handle->pass);
	journal_note_drop(handle->note);
	text_unref(handle->text);
	rendering_release(&handle->rendering);
	buf_release(&handle->control);
	snapshot_unref(handle->whole);
	tree_unref(fs->tree, handle->node);
	pthread_mutex_destroy(&handle->lock);
	free(handle);
}

bool handle_is_current(struct fs *fs, struct handle *handle)
{
	struct slot *slot = tree_slot_of(fs->tree, handle->node);
	auto_record struct record *present = slot ? store_take(slot) : NULL;
	auto_record struct record *opened = handle_take_opened(handle);
	return present && present == opened;
}

void handle_note_seen(struct fs *fs, struct handle *handle)
{
	struct slot *slot = steal(handle->unnoted);
	auto_record struct record *opened = slot ? handle_take_opened(handle) : NULL;
	if (opened)
		seen_note(fs->seen, handle->pid, slot, opened);
}

struct record *handle_take_opened(struct handle *handle)
{
	pthread_mutex_lock(&handle->lock);
	struct record *record = handle->opened ? record_ref(handle->opened) : NULL;
	pthread_mutex_unlock(&handle->lock);
	return record;
}

void handle_set_opened(struct handle *handle, struct record *record)
{
	pthread_mutex_lock(&handle->lock);
	struct record *old = handle->opened;
	handle->opened = record_ref(record);
	pthread_mutex_unlock(&handle->lock);
	record_unref(old);
}

/* ---- reading ---- */

static int read_text(struct text *text, size_t offset, size_t len, struct buf *out)
{
	int err = buf_resize(out, len);
	return err < 0 ? err : buf_resize(out, text_read(text, offset, out->data, len));
}

/* The version with which the present pass has begun, for who reads past the page cache. */
static struct record *take_pass(struct handle *handle)
{
	pthread_mutex_lock(&handle->lock);
	struct record *record = handle->pass ? record_ref(handle->pass) : NULL;
	pthread_mutex_unlock(&handle->lock);
	return record;
}

static void set_pass(struct handle *handle, struct record *record)
{
	pthread_mutex_lock(&handle->lock);
	struct record *old = handle->pass;
	handle->pass = record ? record_ref(record) : NULL;
	pthread_mutex_unlock(&handle->lock);
	record_unref(old);
}

/* From now on the program knows this version: what it writes is a change of that one. */
static void note_read(
	struct fs *fs, struct handle *handle, struct slot *slot, struct record *record)
{
	pthread_mutex_lock(&handle->lock);
	bool is_known = handle->opened == record;
	pthread_mutex_unlock(&handle->lock);
	if (is_known)
		return;
	handle_set_opened(handle, record);
	if (handle->text)
		text_rebase(handle->text, record, true);
	seen_note(fs->seen, handle->pid, slot, record);
}

static struct record *take_version(
	struct fs *fs, struct handle *handle, struct slot *slot, const struct piece *piece)
{
	bool has_passes = handle->by_pass && !piece->for_pages;
	struct record *record = has_passes && piece->offset > 0 ? take_pass(handle) : NULL;
	if (record)
		return record;
	record = store_take(slot);
	if (!record)
		return handle_take_opened(handle);
	if (has_passes && piece->offset == 0)
		set_pass(handle, record);
	if (piece->offset == 0)
		note_read(fs, handle, slot, record);
	return record;
}

static int read_record(struct fs *fs, struct handle *handle, struct slot *slot,
	const struct piece *piece, struct buf *out)
{
	auto_record struct record *record = take_version(fs, handle, slot, piece);
	return record ? rendering_read(&handle->rendering, record, piece->offset, piece->len, out)
		      : -ENOENT;
}

/* Half a save is shown to its writer, and through the page cache; not past it. */
static bool shows_text(const struct handle *handle, struct text *text, const struct slot *slot)
{
	if (!text)
		return false;
	return !slot || (text_is_dirty(text) && (handle->owns_text || !handle->by_pass));
}

int handle_read(struct fs *fs, struct handle *handle, const struct piece *piece, struct buf *out)
{
	size_t offset = piece->offset, len = piece->len;
	if (handle->is_control)
		return rendering_add_piece(&handle->control, offset, len, out);
	if (handle->whole)
		return export_read(catalog_file(handle->whole)->export, offset, len, out);
	struct slot *slot = tree_slot_of(fs->tree, handle->node);
	/* A record that was set aside is a copy to all but those who had it open to write. */
	bool is_own = handle->owns_text || (handle->writes && !slot);
	struct text *text =
		is_own ? text_ref(handle->text) : tree_take_text(fs->tree, handle->node);
	/* It may have become a record just now. */
	if (!slot && !text)
		slot = tree_slot_of(fs->tree, handle->node);
	int err = shows_text(handle, text, slot) ? read_text(text, offset, len, out)
		  : slot			 ? read_record(fs, handle, slot, piece, out)
						 : -EIO;
	text_unref(text);
	return err;
}

void handle_prepare_write(struct fs *fs, struct handle *handle, bool from_pages)
{
	struct slot *slot = tree_slot_of(fs->tree, handle->node);
	bool shows_record =
		slot && (!handle->owns_text || from_pages) && !text_is_dirty(handle->text);
	auto_record struct record *present = shows_record ? store_take(slot) : NULL;
	if (slot && !handle->writes)
		write_to(fs, handle, slot);
	if (present)
		text_rebase(handle->text, present, false);
	/* What is read after it is saved is that. */
	set_pass(handle, NULL);
	/* It gets its text by this one, and not by the next who appends. */
	if (handle->writes && text_size(handle->text) == 0)
		busy_take_emptied(fs->busy, handle->writes);
}

static bool shows_size(const struct handle *writer, const struct handle *asks, pid_t process)
{
	if (writer == asks)
		return true;
	/* By its name a file is asked for without a handle, and so does fstat. */
	return writer->may_map && text_is_dirty(writer->text) &&
	       (text_is_stretched(writer->text) || (!asks && process == writer->process));
}

/* The kernel keeps no size of what is written: each is told his own. */
void handle_show_size(struct fs *fs, struct node *node, const struct handle *asks, pid_t pid,
	struct node_stat *stat)
{
	bool is_shown = false;

	pid = proc_process(pid);
	pthread_mutex_lock(&fs->writers_lock);
	for (const struct handle *writer = fs->writers; writer; writer = writer->next_writer) {
		if (writer->node != node || !writer->owns_text)
			continue;
		stat->valid_ms = 0;
		if ((is_shown && writer != asks) || !shows_size(writer, asks, pid))
			continue;
		stat->size = text_size(writer->text);
		is_shown = true;
	}
	pthread_mutex_unlock(&fs->writers_lock);
	if (is_shown)
		tree_untell_size(fs->tree, node);
}

int handle_read_unopened(
	struct fs *fs, struct node *node, size_t offset, size_t len, struct buf *out)
{
	if (control_is(node))
		return control_read_shown(fs, node, offset, len, out);
	if (view_is(node))
		return view_read_shown(fs, node, offset, len, out);
	struct slot *slot = tree_slot_of(fs->tree, node);
	auto_record struct record *record = slot ? store_take(slot) : NULL;
	return record ? rendering_read(&fs->rendering, record, offset, len, out) : -ENOENT;
}

/* ---- what an fsync put on disk ---- */

void handle_drop_note(struct handle *handle, uint64_t writes)
{
	struct journal_note *note = NULL;
	pthread_mutex_lock(&handle->lock);
	if (handle->noted_writes <= writes)
		note = steal(handle->note);
	pthread_mutex_unlock(&handle->lock);
	journal_note_drop(note);
}

void handle_leave_note(struct handle *handle)
{
	pthread_mutex_lock(&handle->lock);
	struct journal_note *note = steal(handle->note);
	pthread_mutex_unlock(&handle->lock);
	journal_note_leave(note);
}

void handle_swap_note(struct handle *handle, struct journal_note *note, uint64_t writes)
{
	pthread_mutex_lock(&handle->lock);
	if (!handle->note || handle->noted_writes <= writes) {
		struct journal_note *older = handle->note;
		handle->note = note;
		handle->noted_writes = writes;
		note = older;
	}
	pthread_mutex_unlock(&handle->lock);
	journal_note_drop(note);
}
