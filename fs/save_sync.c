/* What is done with an open file's text without sending it. */
#include "save.h"

#include "drafts.h"
#include "notify.h"

int save_sync(struct fs *fs, struct handle *handle)
{
	struct slot *slot;
	char name[NAME_SIZE];
	struct problem problem = {.http_status = 0};
	struct journal_note *note = NULL;
	uint64_t writes;
	auto_buf struct buf text = BUF_INIT(SCRATCH_MAX_BYTES);

	if (!handle->text || !text_is_dirty(handle->text))
		return 0;
	if (tree_commit_kind(fs->tree, handle->node, handle->writes, &slot, name) == COMMIT_NOTHING)
		return 0;
	int err = text_copy(handle->text, &text, &writes);
	if (err == 0)
		err = drafts_note(fs, collection_name(handle->collection), name, &text, true, &note,
			&problem);
	if (err == 0)
		handle_swap_note(handle, note, writes);
	return err;
}

bool save_is_due(struct fs *fs, const struct handle *handle)
{
	struct slot *slot;
	char name[NAME_SIZE];
	return handle->writable && handle->text && text_is_dirty(handle->text) &&
	       tree_commit_kind(fs->tree, handle->node, handle->writes, &slot, name) !=
		       COMMIT_NOTHING;
}

bool save_release_waits(struct handle *handle)
{
	pthread_mutex_lock(&handle->lock);
	bool has_note = handle->note != NULL;
	pthread_mutex_unlock(&handle->lock);
	return has_note || atomic_load(&handle->told_late) ||
	       (handle->text && text_is_dirty(handle->text));
}

void save_close(struct fs *fs, struct handle *handle)
{
	/* The text that the page cache shows is let go of; what is still unsaved of it, an empty one, too. */
	bool is_dirty = handle->text && text_is_dirty(handle->text);
	if (handle->text && !handle->owns_text &&
		tree_drop_text(fs->tree, handle->node, handle->text) && is_dirty)
		notify_node(fs->notify, handle->node);
	handle_drop_note(handle, UINT64_MAX);
	if (handle->writes)
		tree_end_made(fs->tree, handle->writes, handle->text, MADE_CLOSED);
	if (handle_end_writing(fs, handle))
		tree_closed(fs->tree, handle->node);
}
