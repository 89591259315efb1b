#include "record_text.h"

#include "clock.h"
#include <stdio.h>

static int set(struct buf *text, const char *key, const char *value)
{
	bool changed;
	return raw_set(text, (struct property){span_of(key), span_of(value)}, &changed);
}

static int set_date(struct buf *text, const char *key, time_t seconds)
{
	char date[CLOCK_ISO_SIZE], quoted[CLOCK_ISO_SIZE + 2];
	clock_iso(seconds, date);
	snprintf(quoted, sizeof quoted, "\"%s\"", date);
	return set(text, key, quoted);
}

static int make_ascii(struct buf *text)
{
	auto_buf struct buf ascii = BUF_INIT(text->max);
	int err = raw_put_ascii(&ascii, (struct span){text->data, text->len});
	if (err == 0)
		buf_swap(text, &ascii);
	return err;
}

int record_text_id(const struct endpoint *endpoint, const char *id, struct buf *ret_text)
{
	const char *quote = endpoint->ids == IDS_FOLDER ? "\"" : "";
	return buf_addf(ret_text, "{\"id\": %s%s%s}", quote, id, quote);
}

int record_text_make(const struct endpoint *endpoint, const char *id, struct span sent, bool ascii,
	struct buf *ret_text)
{
	bool is_customer = endpoint->ids == IDS_CUSTOMER, changed;
	time_t now = clock_now().tv_sec;
	struct property property;
	struct span value;
	int err = record_text_id(endpoint, id, ret_text);
	for (struct raw_walk walk = raw_walk(sent); err == 0 && raw_next(&walk, &property);)
		err = raw_set(ret_text, property, &changed);
	if (err == 0 && is_customer && !raw_find(sent, "is_company", &value))
		err = set(ret_text, "\"is_company\"",
			endpoint->index == EP_COMPANY ? "true" : "false");
	if (err == 0)
		err = set(ret_text, "\"userId\"", "1");
	if (err == 0)
		err = set_date(ret_text, "\"ao\"", now);
	if (err == 0)
		err = set_date(ret_text, "\"lm\"", now);
	return err < 0 || !ascii ? err : make_ascii(ret_text);
}

int record_text_merge(struct span old, struct span sent, bool ascii, struct buf *ret_text,
	struct buf *ret_changed)
{
	bool is_effective = false, changed;
	time_t now = clock_now().tv_sec;
	struct property property;
	int err = buf_add(ret_text, old.data, old.len);
	if (err == 0)
		err = buf_add_str(ret_changed, "{}");
	for (struct raw_walk walk = raw_walk(sent); err == 0 && raw_next(&walk, &property);) {
		if (raw_string_is(property.key, "id"))
			continue;
		err = raw_set(ret_text, property, &changed);
		if (err < 0 || !changed)
			continue;
		is_effective = true;
		err = raw_set(ret_changed, property, &changed);
	}
	if (err < 0 || !is_effective)
		return err;
	err = set_date(ret_text, "\"lm\"", now);
	if (err == 0)
		err = set_date(ret_changed, "\"lm\"", now);
	if (err == 0 && ascii)
		err = make_ascii(ret_changed);
	return err < 0 || !ascii ? err : make_ascii(ret_text);
}
