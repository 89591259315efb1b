#include "label.h"

#include "json_object.h"
#include "json_text.h"
#include "utf8.h"
#include <stdio.h>

enum {
	MAX_PARTS = 4, /* label properties of a resource, and more than any has */
	REPLACEMENT = 0xfffd,
};

static const char suffix[] = ".json";

/* ---- one safe line ---- */

enum kind {
	VISIBLE,
	SPACE,
	LINE_END,
	JOINER, /* stays within a word */
	HIDDEN,
	BROKEN,
};

/* Unicode's default ignorable characters, and the marks around annotations; in order. */
static const struct {
	uint32_t first, last;
} invisible[] = {
	{0xad, 0xad},
	{0x34f, 0x34f},
	{0x115f, 0x1160},
	{0x17b4, 0x17b5},
	{0x180b, 0x180f},
	{0x200b, 0x200f},
	{0x202a, 0x202e},
	{0x2060, 0x206f},
	{0x3164, 0x3164},
	{0xfe00, 0xfe0f},
	{0xfeff, 0xfeff},
	{0xffa0, 0xffa0},
	{0xfff0, 0xfffb},
	{0x1bca0, 0x1bca3},
	{0x1d173, 0x1d17a},
	{0xe0000, 0xe0fff},
};

static bool is_invisible(uint32_t c)
{
	size_t i = 0;
	while (i < array_size(invisible) && invisible[i].last < c)
		i++;
	return i < array_size(invisible) && invisible[i].first <= c;
}

static enum kind kind_of(uint32_t c)
{
	if (c > ' ' && c < 0x7f)
		return VISIBLE;
	switch (c) {
	case '\n':
	case '\v':
	case '\f':
	case '\r':
	case 0x85:
	case 0x2028:
	case 0x2029:
		return LINE_END;
	case '\t':
	case ' ':
	case 0xa0:
	case 0x1680:
	case 0x202f:
	case 0x205f:
	case 0x3000:
		return SPACE;
	case 0x200c:
	case 0x200d:
	case 0xfe0f: /* the one before is to be an emoji */
		return JOINER;
	default:
		break;
	}
	if (c >= 0x2000 && c <= 0x200a)
		return SPACE;
	if (utf8_is_direction(c) || is_invisible(c))
		return HIDDEN;
	return utf8_is_control(c) || json_is_surrogate(c) ? BROKEN : VISIBLE;
}

struct line {
	char *text; /* room for LABEL_MAX bytes and a NUL */
	size_t len;
	bool has_begun; /* this value has shown something */
	bool owes_space;
	bool is_full;
};

static void line_next_value(struct line *line)
{
	line->has_begun = false;
	line->owes_space = line->len > 0;
}

/* Adds what c is made safe as. False: no more of this value counts. */
static bool line_add(struct line *line, uint32_t c)
{
	enum kind kind = kind_of(c);
	if (kind == LINE_END)
		return !line->has_begun;
	if (kind == SPACE)
		line->owes_space = line->len > 0;
	if (kind == SPACE || kind == HIDDEN ||
		(kind == JOINER && (!line->has_begun || line->owes_space)))
		return true;

	char utf8[5];
	size_t len = 0;
	if (line->owes_space)
		utf8[len++] = ' ';
	if (kind == BROKEN)
		c = REPLACEMENT;
	else if (c == '/')
		c = '-';
	else if (c == '.' && line->len == 0)
		c = '_';
	len += utf8_write(c, utf8 + len);
	if (line->is_full || len > LABEL_MAX - line->len) {
		line->is_full = true;
		return false;
	}
	memcpy(line->text + line->len, utf8, len);
	line->len += len;
	line->has_begun = true;
	line->owes_space = false;
	return true;
}

static void line_add_json(struct line *line, struct json_slice value)
{
	bool is_string = value.len > 0 && value.data[0] == '"';
	bool is_number = value.len > 0 &&
			 (value.data[0] == '-' || (value.data[0] >= '0' && value.data[0] <= '9'));
	if (!is_string && !is_number)
		return;
	const char *at = value.data + is_string, *end = value.data + value.len - is_string;
	line_next_value(line);
	while (at < end && line_add(line, json_next_char(&at, end)))
		;
}

static void line_add_bytes(struct line *line, const char *text, size_t len)
{
	const char *at = text, *end = text + len;
	bool goes_on = true;
	line_next_value(line);
	while (at < end && goes_on) {
		uint32_t c;
		int bytes = utf8_read(at, end, &c);
		goes_on = line_add(line, bytes > 0 ? c : REPLACEMENT);
		at += bytes > 0 ? bytes : 1;
	}
}

/* ---- labels ---- */

static void find_parts(
	const char *const *names, struct json_slice object, struct json_slice parts[MAX_PARTS])
{
	size_t wanted = 0;
	while (wanted < MAX_PARTS && names[wanted])
		wanted++;
	size_t missing = wanted;
	struct json_walk walk;
	struct json_member member;
	json_walk_init(&walk, object);
	while (missing > 0 && json_walk_next(&walk, &member)) {
		for (size_t i = 0; i < wanted; i++) {
			if (parts[i].data || !json_key_is(member.key, names[i]))
				continue;
			parts[i] = member.value;
			missing--;
		}
	}
}

void label_of(const struct resource *resource, struct json_slice object, const char *id,
	size_t id_len, char ret_label[LABEL_MAX + 1])
{
	struct json_slice parts[MAX_PARTS] = {{NULL, 0}};
	struct line line = {.text = ret_label};
	find_parts(resource->label, object, parts);
	for (size_t i = 0; i < MAX_PARTS; i++)
		line_add_json(&line, parts[i]);
	if (line.len == 0)
		line_add_bytes(&line, id, id_len);
	if (line.len == 0)
		line_add_bytes(&line, "_", 1);
	line.text[line.len] = '\0';
}

/* ---- as names ---- */

int label_plain(const char *label, char out[NAME_SIZE])
{
	size_t len = strlen(label);
	if (len + sizeof(suffix) > NAME_SIZE)
		return -ENAMETOOLONG;
	memcpy(out, label, len);
	memcpy(out + len, suffix, sizeof(suffix));
	return 0;
}

/* Encodes what name_from_id leaves as it is, so that an id cannot hold the mark of its own start. */
static size_t spell_id(const char *spelt, size_t len, char out[3 * NAME_SIZE])
{
	size_t used = 0;
	for (size_t i = 0; i < len; i++) {
		if (spelt[i] == '(') {
			memcpy(out + used, "%28", 3);
			used += 3;
		} else {
			out[used++] = spelt[i];
		}
	}
	return used;
}

int label_with_id(const char *label, const char *id, size_t id_len, char out[NAME_SIZE])
{
	char file[NAME_SIZE], spelt[3 * NAME_SIZE];
	int err = name_from_id(id, id_len, file);
	if (err < 0)
		return err;
	size_t spelt_len = spell_id(file, strlen(file) - strlen(suffix), spelt);
	size_t label_len = strlen(label);
	if (label_len + strlen(" (") + spelt_len + strlen(")") + sizeof(suffix) > NAME_SIZE)
		return -ENAMETOOLONG;
	snprintf(out, NAME_SIZE, "%s (%.*s)%s", label, (int)spelt_len, spelt, suffix);
	return 0;
}

bool label_split(const char *name, char ret_label[LABEL_MAX + 1], char ret_id[ID_MAX + 1],
	size_t *ret_id_len)
{
	/* An id spells no "(", so the last one is the one that was added. */
	const char *open = strrchr(name, '('), *end = name + strlen(name);
	if (!open || open - name < 2 || open[-1] != ' ' || end[-1] != ')')
		return false;
	size_t label_len = (size_t)(open - 1 - name), used = 0;
	if (label_len > LABEL_MAX || (size_t)(end - name) + sizeof(suffix) > NAME_SIZE)
		return false;

	char file[NAME_SIZE];
	for (const char *at = open + 1; at < end - 1; at++) {
		bool is_encoded = strncmp(at, "%28", 3) == 0;
		file[used++] = is_encoded ? '(' : *at;
		at += is_encoded ? 2 : 0;
	}
	memcpy(file + used, suffix, sizeof(suffix));
	if (name_to_id(file, ret_id, ret_id_len) < 0)
		return false;
	memcpy(ret_label, name, label_len);
	ret_label[label_len] = '\0';
	return true;
}
