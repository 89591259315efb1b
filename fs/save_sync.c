/* What is asked of an open file's text without sending it. */
#include "save.h"

#include "drafts.h"

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
