/*
 * Any bytes, as an id and as a name: the name of an id is a record's, safe anywhere, and leads back;
 * and a name that is taken for a record's is the one that its id has. The two rules of what a record
 * is agree.
 */
#include "fuzz.h"

#include "name.h"
#include "utf8.h"

static void check_safe(const char *name)
{
	size_t len = strlen(name);
	const char *end = name + len;
	promise(len > 5 && len < NAME_SIZE && strcmp(end - 5, ".json") == 0);
	promise(!strchr(".#~$", name[0]));
	for (const char *at = name; at < end;) {
		uint32_t c;
		int bytes = utf8_read(at, end, &c);
		promise(bytes > 0 && c != '/' && !utf8_is_unsafe(c));
		at += bytes;
	}
}

static void check_id(const char *id, size_t len)
{
	char name[NAME_SIZE] = "?", back[ID_MAX + 1];
	size_t back_len;
	int err = name_from_id(id, len, name);
	if (err < 0) {
		promise(err == (len == 0 || len > ID_MAX ? -EINVAL : -ENAMETOOLONG));
		promise(strcmp(name, "?") == 0);
		promise(err == -EINVAL || 3 * len + 5 >= NAME_SIZE);
		return;
	}
	check_safe(name);
	promise(name_is_record(name));
	promise(name_to_id(name, back, &back_len) == 0);
	promise(same_bytes(back, back_len, id, len) && back[back_len] == '\0');
}

static void check_name(const char *name)
{
	char id[ID_MAX + 1] = "?", again[NAME_SIZE];
	size_t len = 7;
	int err = name_to_id(name, id, &len);
	promise(err == 0 || err == -EINVAL);
	if (err < 0) {
		promise(strcmp(id, "?") == 0 && len == 7);
		return;
	}
	promise(name_is_record(name));
	promise(name_from_id(id, len, again) == 0 && strcmp(again, name) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *text = (const char *)data;
	auto_free char *name = malloc(size + sizeof ".json");
	promise(name);
	memcpy(name, text, size);
	name[size] = '\0';
	check_id(text, size);
	check_name(name);
	memcpy(name + strlen(name), ".json", sizeof ".json");
	check_name(name);
	return 0;
}
