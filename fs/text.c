#include "text.h"

#include "clock.h"

struct text *text_create(struct text_budget *budget, struct record *base)
{
	struct text *text = calloc(1, sizeof *text);
	if (!text)
		return NULL;
	struct text fixed = {.budget = budget, .bytes = BUF_INIT(budget->max)};
	memcpy(text, &fixed, sizeof fixed);
	atomic_init(&text->refs, 1);
	pthread_mutex_init(&text->lock, NULL);
	pthread_cond_init(&text->commit_ended, NULL);
	text->base = base ? record_ref(base) : NULL;
	text->is_record = base != NULL;
	text->mtime = clock_now();
	return text;
}

struct text *text_ref(struct text *text)
{
	atomic_fetch_add_explicit(&text->refs, 1, memory_order_relaxed);
	return text;
}

void text_unref(struct text *text)
{
	if (!text || atomic_fetch_sub_explicit(&text->refs, 1, memory_order_acq_rel) != 1)
		return;
	atomic_fetch_sub(&text->budget->used, text->bytes.len + text->charged);
	record_unref(text->base);
	buf_release(&text->bytes);
	pthread_cond_destroy(&text->commit_ended);
	pthread_mutex_destroy(&text->lock);
	free(text);
}

static int budget_take(struct text_budget *budget, size_t bytes)
{
	if (bytes > budget->max)
		return -ENOSPC;
	if (atomic_fetch_add(&budget->used, bytes) <= budget->max - bytes)
		return 0;
	atomic_fetch_sub(&budget->used, bytes);
	return -ENOSPC;
}

int text_charge(struct text *text, size_t bytes)
{
	int err = budget_take(text->budget, bytes);
	if (err < 0)
		return err;
	pthread_mutex_lock(&text->lock);
	text->charged += bytes;
	pthread_mutex_unlock(&text->lock);
	return 0;
}

/* What is cut off is given back, unless it is little: the next write often wants it again. */
#define TRIM_BYTES ((size_t)64 << 10)

/* Takes from the budget what a text grows, gives back what it shrinks. */
static int resize_locked(struct text *text, size_t size)
{
	size_t before = text->bytes.len;
	int err = size > before ? budget_take(text->budget, size - before) : 0;
	if (err < 0)
		return err;
	err = buf_resize(&text->bytes, size);
	if (err < 0 && size > before)
		atomic_fetch_sub(&text->budget->used, size - before);
	else if (size < before)
		atomic_fetch_sub(&text->budget->used, before - size);
	if (text->bytes.capacity / 2 > size && text->bytes.capacity - size > TRIM_BYTES)
		buf_trim(&text->bytes);
	return err;
}

static void touch_locked(struct text *text)
{
	text->dirty = true;
	text->writes++;
	text->mtime = clock_now();
}

static int load_base_locked(struct text *text)
{
	if (!text->base)
		return 0;
	auto_buf struct buf rendered = BUF_INIT(RECORD_MAX_FILE_BYTES);
	int err = record_render(text->base, &rendered);
	if (err == 0)
		err = resize_locked(text, rendered.len);
	return err < 0 ? err : buf_write(&text->bytes, 0, rendered.data, rendered.len);
}

int text_load_base(struct text *text)
{
	pthread_mutex_lock(&text->lock);
	int err = load_base_locked(text);
	pthread_mutex_unlock(&text->lock);
	return err;
}

void text_show_base(struct text *text)
{
	pthread_mutex_lock(&text->lock);
	/* Without memory it stays as it was written: what is shown then is the record all the same.
	 */
	int err = text->dirty ? 0 : load_base_locked(text);
	(void)err;
	pthread_mutex_unlock(&text->lock);
}

void text_rebase(struct text *text, struct record *record, bool is_read)
{
	pthread_mutex_lock(&text->lock);
	struct record *old = text->base;
	if (!text->dirty && !text->in_commit && old != record) {
		text->base = record_ref(record);
		/* Without room it says what it said, of the version it had. */
		if (load_base_locked(text) < 0)
			is_read = false;
		if (!is_read) {
			record_unref(text->base);
			text->base = old;
		}
		old = is_read ? old : NULL;
	} else {
		old = NULL;
	}
	pthread_mutex_unlock(&text->lock);
	record_unref(old);
}

int text_write(struct text *text, size_t offset, const void *data, size_t len, bool append)
{
	pthread_mutex_lock(&text->lock);
	if (append)
		offset = text->bytes.len;
	size_t max = text->is_record ? RECORD_MAX_BYTES : SIZE_MAX / 2;
	int err = len > max || offset > max - len ? -EFBIG : 0;
	if (err == 0 && offset + len > text->bytes.len)
		err = resize_locked(text, offset + len);
	if (err == 0)
		err = buf_write(&text->bytes, offset, data, len);
	if (err == 0 && len > 0)
		touch_locked(text);
	pthread_mutex_unlock(&text->lock);
	return err;
}

int text_write_pages(struct text *text, size_t offset, const void *data, size_t len)
{
	size_t size = text_size(text);
	return offset < size ? text_write(text, offset, data, min_size(len, size - offset), false)
			     : 0;
}

int text_truncate(struct text *text, size_t size)
{
	int err = 0;
	pthread_mutex_lock(&text->lock);
	size_t before = text->bytes.len;
	if (size != before) {
		err = resize_locked(text, size);
		if (err == 0) {
			text->is_stretched = size > before;
			touch_locked(text);
		}
	}
	pthread_mutex_unlock(&text->lock);
	return err;
}

size_t text_read(struct text *text, size_t offset, void *out, size_t len)
{
	pthread_mutex_lock(&text->lock);
	size_t have = offset < text->bytes.len ? text->bytes.len - offset : 0;
	size_t count = min_size(have, len);
	memcpy(out, text->bytes.data + (count ? offset : 0), count);
	pthread_mutex_unlock(&text->lock);
	return count;
}

/* What is long is looked at as a whole only when it ends as an object does. */
#define ALWAYS_LOOK_BYTES ((size_t)16 << 10)

bool text_may_be_complete(struct text *text)
{
	pthread_mutex_lock(&text->lock);
	size_t len = text->bytes.len;
	while (len > 0 && memchr(" \t\r\n", text->bytes.data[len - 1], 4))
		len--;
	bool may_be = len > 0 && (len <= ALWAYS_LOOK_BYTES || text->bytes.data[len - 1] == '}');
	pthread_mutex_unlock(&text->lock);
	return may_be;
}

size_t text_size(struct text *text)
{
	pthread_mutex_lock(&text->lock);
	size_t size = text->bytes.len;
	pthread_mutex_unlock(&text->lock);
	return size;
}

bool text_is_dirty(struct text *text)
{
	pthread_mutex_lock(&text->lock);
	bool dirty = text->dirty && !text->is_dropped;
	pthread_mutex_unlock(&text->lock);
	return dirty;
}

uint64_t text_writes(struct text *text)
{
	pthread_mutex_lock(&text->lock);
	uint64_t writes = text->writes;
	pthread_mutex_unlock(&text->lock);
	return writes;
}

bool text_is_stretched(struct text *text)
{
	pthread_mutex_lock(&text->lock);
	bool is_stretched = text->is_stretched;
	pthread_mutex_unlock(&text->lock);
	return is_stretched;
}

void text_drop(struct text *text)
{
	pthread_mutex_lock(&text->lock);
	text->is_dropped = true;
	pthread_mutex_unlock(&text->lock);
}

void text_get_mtime(struct text *text, struct timespec *ret_mtime)
{
	pthread_mutex_lock(&text->lock);
	*ret_mtime = text->mtime;
	pthread_mutex_unlock(&text->lock);
}

void text_set_mtime(struct text *text, struct timespec mtime)
{
	pthread_mutex_lock(&text->lock);
	text->mtime = mtime;
	pthread_mutex_unlock(&text->lock);
}

struct record *text_take_base(struct text *text)
{
	pthread_mutex_lock(&text->lock);
	struct record *base = text->base ? record_ref(text->base) : NULL;
	pthread_mutex_unlock(&text->lock);
	return base;
}

int text_begin_commit(struct text *text, bool again, struct buf *ret_copy, uint64_t *ret_writes)
{
	int begun = 0;
	pthread_mutex_lock(&text->lock);
	while (text->in_commit)
		pthread_cond_wait(&text->commit_ended, &text->lock);
	if (text->dirty && !again && text->tried == text->writes && text->refusal < 0) {
		begun = text->refusal;
	} else if (text->dirty && !text->is_dropped && text->bytes.len > 0) {
		buf_clear(ret_copy);
		int err = buf_add(ret_copy, text->bytes.data, text->bytes.len);
		begun = err < 0 ? err : 1;
	}
	text->in_commit = begun > 0;
	*ret_writes = text->writes;
	pthread_mutex_unlock(&text->lock);
	return begun;
}

void text_end_commit(struct text *text, int err, uint64_t writes, struct record *base)
{
	pthread_mutex_lock(&text->lock);
	struct record *old = NULL;
	if (base) {
		old = text->base;
		text->base = record_ref(base);
	}
	if (err == 0 && text->writes == writes)
		text->dirty = text->is_stretched = false;
	text->tried = writes;
	text->refusal = err;
	text->in_commit = false;
	pthread_cond_broadcast(&text->commit_ended);
	pthread_mutex_unlock(&text->lock);
	record_unref(old);
}

int text_refusal(struct text *text)
{
	pthread_mutex_lock(&text->lock);
	int err = text->dirty && text->tried == text->writes ? text->refusal : 0;
	pthread_mutex_unlock(&text->lock);
	return err;
}

int text_copy(struct text *text, struct buf *out, uint64_t *ret_writes)
{
	pthread_mutex_lock(&text->lock);
	int err = buf_add(out, text->bytes.data, text->bytes.len);
	*ret_writes = text->writes;
	pthread_mutex_unlock(&text->lock);
	return err;
}

void text_note_early_flush(struct text *text, pid_t tid)
{
	pthread_mutex_lock(&text->lock);
	if (text->writes == 0 || text->bytes.len == 0)
		text->early_flusher = tid;
	pthread_mutex_unlock(&text->lock);
}

bool text_was_flushed_early(struct text *text, pid_t tid)
{
	pthread_mutex_lock(&text->lock);
	bool was = tid > 0 && text->early_flusher == tid;
	pthread_mutex_unlock(&text->lock);
	return was;
}
