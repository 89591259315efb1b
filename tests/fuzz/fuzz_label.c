/*
 * Any record and any id: the label is one visible line that is safe as a name, and with an id it
 * comes apart again. And whom the record points at, it points at. The first byte chooses the
 * resource; the id is behind the object and a NUL.
 */
#include "fuzz.h"

#include "label.h"
#include "pointer.h"
#include "utf8.h"

static void check_label(const char *label)
{
	size_t len = strlen(label);
	const char *end = label + len;
	promise(len > 0 && len <= LABEL_MAX);
	promise(label[0] != '.' && label[0] != ' ' && end[-1] != ' ');
	for (const char *at = label; at < end;) {
		uint32_t c;
		int bytes = utf8_read(at, end, &c);
		promise(bytes > 0);
		promise(c != '/' && !utf8_is_control(c) && c != 0x2028 && c != 0x2029);
		promise(c != 0x200e && c != 0x200f && !(c >= 0x202a && c <= 0x202e) &&
			!(c >= 0x2066 && c <= 0x2069));
		promise(c != 0x200b && c != 0xfeff && c != 0xa0 && c != 0x3000);
		promise(c != ' ' || at[1] != ' ');
		at += bytes;
	}
}

/* What label_with_id writes, label_split gives back. */
static void check_name(const char *label, const char *id, size_t id_len)
{
	char name[NAME_SIZE], back[LABEL_MAX + 1], back_id[ID_MAX + 1];
	size_t back_len = 0;
	if (label_with_id(label, id, id_len, name) < 0)
		return;
	size_t len = strlen(name);
	promise(len > 5 && len < NAME_SIZE && strcmp(name + len - 5, ".json") == 0);
	promise(!strchr(name, '/'));
	name[len - 5] = '\0';
	promise(label_split(name, back, back_id, &back_len));
	promise(strcmp(back, label) == 0 && same_bytes(back_id, back_len, id, id_len));
}

/* And what label_split takes apart, label_with_id writes: any bytes may be looked up. */
static void check_split(const char *text, size_t len)
{
	char stem[NAME_SIZE], name[NAME_SIZE], label[LABEL_MAX + 1], id[ID_MAX + 1];
	size_t id_len;
	len = min_size(len, sizeof(stem) - 1);
	memcpy(stem, text, len);
	stem[len] = '\0';
	if (!label_split(stem, label, id, &id_len))
		return;
	promise(label_with_id(label, id, id_len, name) == 0);
	promise(strncmp(name, stem, strlen(stem)) == 0);
	promise(strcmp(name + strlen(stem), ".json") == 0);
}

struct from {
	const struct resource *resource;
	struct json_slice object;
};

static int check_pointer(void *arg, const char *target, const char *id, size_t id_len)
{
	const struct from *from = arg;
	promise(id_len > 0 && id_len <= ID_MAX);
	promise(pointer_can(from->resource, target) && resource_find(target));
	promise(pointers_at(from->resource, from->object, target, id, id_len));
	return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *text = (const char *)data + 1;
	const char *gap = size > 1 ? memchr(text, '\0', size - 1) : NULL;
	if (!gap)
		return 0;
	struct json_slice object = {text, (size_t)(gap - text)};
	const char *id = gap + 1;
	size_t id_len = size - 2 - object.len, count;
	check_split(id, id_len);
	if (json_check(object.data, object.len, NULL, NULL) < 0)
		return 0;

	const struct resource *resources = resource_table(&count);
	size_t chosen = data[0] % (count + 1);
	struct from from = {chosen == count ? resource_default() : &resources[chosen], object};
	char label[LABEL_MAX + 1];
	label_of(from.resource, object, id, id_len, label);
	check_label(label);
	check_name(label, id, id_len);
	promise(pointers_each(from.resource, object, check_pointer, &from) == 0);
	return 0;
}
