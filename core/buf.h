/*
 * A growable run of bytes with a ceiling. Bytes may hold NUL; one NUL that does not count stands
 * behind the last byte, so that data can also be read as a string.
 *
 * One thread at a time. buf_release makes it usable again as an empty one.
 */
#ifndef CORE_BUF_H
#define CORE_BUF_H

#include "base.h"

struct buf {
	char *data; /* "" until something was added; never NULL */
	size_t len;
	size_t capacity; /* bytes allocated; 0: data is static */
	size_t max;	 /* len never exceeds it */
};

#define BUF_INIT(max_bytes) ((struct buf){.data = (char *)"", .max = (max_bytes)})

void buf_init(struct buf *buf, size_t max_bytes);
void buf_release(struct buf *buf);
#define auto_buf cleanup(buf_release)

/* All of these: 0, -EFBIG beyond max, -ENOMEM. On failure nothing was added. */
int buf_reserve(struct buf *buf, size_t more_bytes) nodiscard;
int buf_add(struct buf *buf, const void *data, size_t len) nodiscard;
int buf_add_str(struct buf *buf, const char *string) nodiscard;
int buf_add_char(struct buf *buf, char c) nodiscard;
int buf_addf(struct buf *buf, const char *format, ...) nodiscard printf_like(2, 3);

/* Writes at an offset, as pwrite does: a gap is filled with NUL bytes. */
int buf_write(struct buf *buf, size_t offset, const void *data, size_t len) nodiscard;
/* Cuts, or lengthens with NUL bytes. */
int buf_resize(struct buf *buf, size_t len) nodiscard;
/* Gives back the memory beyond its bytes. */
void buf_trim(struct buf *buf);
/* Forgets the bytes and keeps the memory. */
void buf_clear(struct buf *buf);
/* Swaps contents and ceilings. */
void buf_swap(struct buf *a, struct buf *b);
/* The bytes, owned by the caller, NUL-terminated; the buffer is empty afterwards. NULL: no memory.
 */
char *buf_take(struct buf *buf, size_t *ret_len);

#endif
