#include "buf.h"

#include <stdarg.h>
#include <stdio.h>

void buf_init(struct buf *buf, size_t max_bytes)
{
	*buf = BUF_INIT(max_bytes);
}

void buf_release(struct buf *buf)
{
	if (buf->capacity > 0)
		free(buf->data);
	buf_init(buf, buf->max);
}

int buf_reserve(struct buf *buf, size_t more_bytes)
{
	if (more_bytes > buf->max - buf->len)
		return -EFBIG;
	if (more_bytes > PTRDIFF_MAX - 1 - buf->len)
		return -ENOMEM; /* no object is that large */
	size_t need = buf->len + more_bytes + 1;
	if (need <= buf->capacity)
		return 0;

	size_t capacity = buf->capacity ? buf->capacity + buf->capacity / 2 : 64;
	if (capacity < need)
		capacity = need;
	if (capacity - 1 > buf->max)
		capacity = buf->max + 1;
	char *data = realloc(buf->capacity ? buf->data : NULL, capacity);
	if (!data)
		return -ENOMEM;
	data[buf->len] = '\0';
	buf->data = data;
	buf->capacity = capacity;
	return 0;
}

int buf_add(struct buf *buf, const void *data, size_t len)
{
	int err = buf_reserve(buf, len);
	if (err < 0)
		return err;
	if (len > 0)
		memcpy(buf->data + buf->len, data, len);
	buf->len += len;
	buf->data[buf->len] = '\0';
	return 0;
}

int buf_add_str(struct buf *buf, const char *string)
{
	return buf_add(buf, string, strlen(string));
}

int buf_add_char(struct buf *buf, char c)
{
	return buf_add(buf, &c, 1);
}

int buf_addf(struct buf *buf, const char *format, ...)
{
	va_list args, again;
	va_start(args, format);
	va_copy(again, args);
	int len = vsnprintf(NULL, 0, format, args);
	int err = len < 0 ? -EINVAL : buf_reserve(buf, (size_t)len);
	if (err == 0) {
		vsnprintf(buf->data + buf->len, (size_t)len + 1, format, again);
		buf->len += (size_t)len;
	}
	va_end(again);
	va_end(args);
	return err;
}

int buf_resize(struct buf *buf, size_t len)
{
	if (len > buf->len) {
		int err = buf_reserve(buf, len - buf->len);
		if (err < 0)
			return err;
		memset(buf->data + buf->len, 0, len - buf->len);
	}
	if (buf->capacity > 0)
		buf->data[len] = '\0';
	buf->len = len;
	return 0;
}

int buf_write(struct buf *buf, size_t offset, const void *data, size_t len)
{
	if (len == 0)
		return 0;
	if (offset > buf->max || len > buf->max - offset)
		return -EFBIG;
	if (offset + len > buf->len) {
		int err = buf_resize(buf, offset + len);
		if (err < 0)
			return err;
	}
	memcpy(buf->data + offset, data, len);
	return 0;
}

void buf_trim(struct buf *buf)
{
	char *data = buf->capacity > buf->len + 1 ? realloc(buf->data, buf->len + 1) : NULL;
	if (!data)
		return;
	buf->data = data;
	buf->capacity = buf->len + 1;
}

void buf_clear(struct buf *buf)
{
	buf->len = 0;
	if (buf->capacity > 0)
		buf->data[0] = '\0';
}

void buf_swap(struct buf *a, struct buf *b)
{
	struct buf kept = *a;
	*a = *b;
	*b = kept;
}

char *buf_take(struct buf *buf, size_t *ret_len)
{
	if (buf_reserve(buf, 0) < 0)
		return NULL;
	char *data = buf->data;
	*ret_len = buf->len;
	buf_init(buf, buf->max);
	return data;
}
