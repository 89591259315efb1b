#include "pen.h"

#include "clock.h"
#include "raw_json.h"
#include <inttypes.h>
#include <stdio.h>

enum { FIRST_DAY = 1420070400 /* 2015-01-01 */, DAYS = 3900, MAX_SEEDED = 65536 };

void pen_init(struct pen *pen, struct store *store, uint64_t seed, bool ascii)
{
	*pen = (struct pen){.store = store, .seed = seed, .ascii = ascii};
	buf_init(&pen->text, MAX_SEEDED);
}

void pen_release(struct pen *pen)
{
	buf_release(&pen->text);
}

/* splitmix64 */
uint64_t pen_roll(struct pen *pen, uint64_t limit)
{
	uint64_t mixed = pen->dice += 0x9e3779b97f4a7c15u;
	mixed = (mixed ^ mixed >> 30) * 0xbf58476d1ce4e5b9u;
	mixed = (mixed ^ mixed >> 27) * 0x94d049bb133111ebu;
	return (mixed ^ mixed >> 31) % limit;
}

const char *pen_pick(struct pen *pen, struct words words)
{
	return words.list[pen_roll(pen, words.count)];
}

uint64_t pen_moment(struct pen *pen)
{
	return FIRST_DAY + pen_roll(pen, (uint64_t)DAYS * 86400);
}

void pen_put(struct pen *pen, const char *text)
{
	if (pen->err == 0)
		pen->err = buf_add_str(&pen->text, text);
}

void pen_put_number(struct pen *pen, uint64_t number)
{
	char digits[20];
	size_t at = sizeof digits;
	do
		digits[--at] = (char)('0' + number % 10);
	while (number /= 10);
	if (pen->err == 0)
		pen->err = buf_add(&pen->text, digits + at, sizeof digits - at);
}

void pen_key(struct pen *pen, const char *name)
{
	pen_put(pen, ", \"");
	pen_put(pen, name);
	pen_put(pen, "\": ");
}

void pen_text(struct pen *pen, const char *name, const char *value)
{
	pen_key(pen, name);
	pen_put(pen, "\"");
	pen_put(pen, value);
	pen_put(pen, "\"");
}

void pen_number(struct pen *pen, const char *name, uint64_t value)
{
	pen_key(pen, name);
	pen_put_number(pen, value);
}

void pen_raw(struct pen *pen, const char *name, const char *value)
{
	pen_key(pen, name);
	pen_put(pen, value);
}

void pen_date(struct pen *pen, const char *name, uint64_t seconds)
{
	char date[CLOCK_ISO_SIZE];
	clock_iso((time_t)seconds, date);
	pen_text(pen, name, date);
}

void pen_id(struct pen *pen, const char *name, uint64_t id)
{
	if (id > 0)
		pen_number(pen, name, id);
	else
		pen_raw(pen, name, "null");
}

void pen_ids(struct pen *pen, const char *name, uint64_t id)
{
	pen_raw(pen, name, "[");
	if (id > 0)
		pen_put_number(pen, id);
	pen_put(pen, "]");
}

void pen_begin(struct pen *pen, enum endpoint_index index, uint64_t id)
{
	bool is_folder = index == EP_FOLDER;
	buf_clear(&pen->text);
	pen->dice = (pen->seed << 40) ^ ((uint64_t)index << 32) ^ id;
	pen_put(pen, is_folder ? "{\"id\": \"f" : "{\"id\": ");
	pen_put_number(pen, id);
	pen_put(pen, is_folder ? "\"" : "");
}

static void escape(struct pen *pen)
{
	auto_buf struct buf ascii = BUF_INIT((size_t)MAX_SEEDED * 3);
	pen->err = raw_put_ascii(&ascii, (struct span){pen->text.data, pen->text.len});
	if (pen->err == 0)
		buf_swap(&pen->text, &ascii);
}

void pen_close(struct pen *pen, enum endpoint_index index, uint64_t id)
{
	char name[STORE_ID_SIZE];
	pen_put(pen, "}");
	if (pen->err == 0 && pen->ascii)
		escape(pen);
	if (pen->err < 0)
		return;
	snprintf(name, sizeof name, "%s%" PRIu64, index == EP_FOLDER ? "f" : "", id);
	pen->err = store_put(pen->store, endpoint_at(index), span_of(name),
		(struct span){pen->text.data, pen->text.len});
}

void pen_end(struct pen *pen, enum endpoint_index index, uint64_t id)
{
	uint64_t added = pen_moment(pen);
	pen_raw(pen, "is_private", pen_roll(pen, 20) == 0 ? "true" : "false");
	pen_number(pen, "gid", 0);
	pen_number(pen, "userId", 1 + pen_roll(pen, PEN_USERS));
	pen_date(pen, "ao", added);
	pen_date(pen, "lm", added + pen_roll(pen, (uint64_t)100 * 86400));
	pen_close(pen, index, id);
}
