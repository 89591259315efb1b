#include "rendering.h"

/* Up to this a file is rendered for each read. */
#define SHORT_BYTES ((size_t)128 << 10)

void rendering_init(struct rendering *rendering)
{
	*rendering = (struct rendering){.text = BUF_INIT(RECORD_MAX_FILE_BYTES)};
	pthread_mutex_init(&rendering->lock, NULL);
}

void rendering_release(struct rendering *rendering)
{
	record_unref(rendering->of);
	buf_release(&rendering->text);
	pthread_mutex_destroy(&rendering->lock);
}

int rendering_add_piece(const struct buf *whole, size_t offset, size_t len, struct buf *out)
{
	if (offset >= whole->len)
		return 0;
	return buf_add(out, whole->data + offset, min_size(len, whole->len - offset));
}

static int read_short(struct record *record, size_t offset, size_t len, struct buf *out)
{
	int err = record_render(record, out);
	if (err < 0)
		return err;
	size_t count = offset < out->len ? min_size(len, out->len - offset) : 0;
	if (offset > 0)
		memmove(out->data, out->data + (count ? offset : 0), count);
	return buf_resize(out, count);
}

static int read_long(struct rendering *rendering, struct record *record, size_t offset, size_t len,
	struct buf *out)
{
	int err = 0;
	pthread_mutex_lock(&rendering->lock);
	if (rendering->of != record) {
		record_unref(steal(rendering->of));
		buf_clear(&rendering->text);
		err = record_render(record, &rendering->text);
		if (err == 0)
			rendering->of = record_ref(record);
	}
	if (err == 0)
		err = rendering_add_piece(&rendering->text, offset, len, out);
	pthread_mutex_unlock(&rendering->lock);
	return err;
}

int rendering_read(struct rendering *rendering, struct record *record, size_t offset, size_t len,
	struct buf *out)
{
	return record->file_size <= SHORT_BYTES ? read_short(record, offset, len, out)
						: read_long(rendering, record, offset, len, out);
}
