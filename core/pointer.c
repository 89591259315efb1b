#include "pointer.h"

#include "json_object.h"
#include "json_text.h"
#include "name.h"
#include "utf8.h"

enum { MAX_TARGETS = 2 };

struct pointer {
	const char *property;
	size_t key_len;		     /* of the property's plain key, with its quotes */
	const char *to[MAX_TARGETS]; /* NULL: no second one */
};

#define POINTER(property, ...) \
	{ \
		(property), sizeof("\"" property "\"") - 1, \
		{ \
			__VA_ARGS__ \
		} \
	}
/* The end of each list: who created the record. */
#define BY_USER \
	POINTER("userId", "user"), \
	{ \
		NULL \
	}
#define CUSTOMER POINTER("cust", "contact", "company")
#define FILES POINTER("files", "file"), POINTER("lfiles", "linkedfile")

static const struct pointer of_contact[] = {POINTER("companyId", "company"), FILES, BY_USER};
static const struct pointer of_company[] = {FILES, BY_USER};
/* A case and an opportunity. */
static const struct pointer of_affair[] = {CUSTOMER, POINTER("leadUser", "user"), FILES, BY_USER};
static const struct pointer of_task[] = {CUSTOMER, POINTER("case", "case"),
	POINTER("opp", "opportunity"), POINTER("aUserId", "user"), BY_USER};
static const struct pointer of_note[] = {
	CUSTOMER, POINTER("case", "case"), POINTER("opportunity", "opportunity"), FILES, BY_USER};
static const struct pointer of_comment[] = {
	POINTER("nid", "note"), POINTER("tid", "task"), BY_USER};
/* A file and a folder. */
static const struct pointer of_child[] = {POINTER("parentId", "folder"), BY_USER};
static const struct pointer of_any[] = {BY_USER};

static const struct {
	const char *from;
	const struct pointer *pointers;
} table[] = {
	{"contact", of_contact},
	{"company", of_company},
	{"case", of_affair},
	{"opportunity", of_affair},
	{"task", of_task},
	{"note", of_note},
	{"comment", of_comment},
	{"file", of_child},
	{"folder", of_child},
};

static const struct pointer *pointers_of(const struct resource *resource)
{
	for (size_t i = 0; i < array_size(table); i++) {
		if (strcmp(table[i].from, resource->name) == 0)
			return table[i].pointers;
	}
	return of_any;
}

/* Most keys are nobody's: without escapes their length tells. */
static const struct pointer *find_pointer(const struct pointer *pointers, struct json_slice key)
{
	bool has_escapes = key.len > 0 && memchr(key.data, '\\', key.len);
	for (; pointers->property; pointers++) {
		if ((has_escapes || key.len == pointers->key_len) &&
			json_key_is(key, pointers->property))
			return pointers;
	}
	return NULL;
}

/* ---- ids ---- */

/* Decodes the inside of a string. Returns its bytes; 0: more than an id has, or a lone surrogate. */
static size_t decode_id(struct json_slice inside, char room[ID_MAX])
{
	const char *at = inside.data, *end = at + inside.len;
	size_t used = 0;
	while (at < end) {
		char utf8[4];
		uint32_t c = json_next_char(&at, end);
		size_t len = utf8_write(c, utf8);
		if (json_is_surrogate(c) || len > ID_MAX - used)
			return 0;
		memcpy(room + used, utf8, len);
		used += len;
	}
	return used;
}

/* The text of an id: in place, or in room where it has escapes. False: this is no id. */
static bool id_text(struct json_slice value, char room[ID_MAX], struct json_slice *ret_id)
{
	char first = value.len > 0 ? value.data[0] : '\0';
	struct json_slice id = value;
	if (first == '"') {
		id = (struct json_slice){value.data + 1, value.len - 2};
		if (memchr(id.data, '\\', id.len))
			id = (struct json_slice){room, decode_id(id, room)};
	} else if (first != '-' && (first < '0' || first > '9')) {
		return false;
	}
	if (id.len == 0 || id.len > ID_MAX)
		return false;
	*ret_id = id;
	return true;
}

static int each_target(
	const struct pointer *pointer, struct json_slice value, pointer_fn fn, void *arg)
{
	char room[ID_MAX];
	struct json_slice id;
	int err = 0;
	if (!id_text(value, room, &id))
		return 0;
	for (size_t i = 0; err >= 0 && i < MAX_TARGETS && pointer->to[i]; i++)
		err = fn(arg, pointer->to[i], id.data, id.len);
	return err;
}

static int each_in_list(
	const struct pointer *pointer, struct json_slice list, pointer_fn fn, void *arg)
{
	struct json_walk walk;
	struct json_member member;
	int err = 0;
	json_walk_init(&walk, list);
	while (err >= 0 && json_walk_next(&walk, &member))
		err = each_target(pointer, member.value, fn, arg);
	return err;
}

/* ---- pointers ---- */

int pointers_each(
	const struct resource *resource, struct json_slice object, pointer_fn fn, void *arg)
{
	const struct pointer *pointers = pointers_of(resource);
	struct json_walk walk;
	struct json_member member;
	int err = 0;
	json_walk_init(&walk, object);
	while (err >= 0 && json_walk_next(&walk, &member)) {
		const struct pointer *pointer = find_pointer(pointers, member.key);
		if (pointer && member.value.data[0] == '[')
			err = each_in_list(pointer, member.value, fn, arg);
		else if (pointer)
			err = each_target(pointer, member.value, fn, arg);
	}
	return err < 0 ? err : 0;
}

struct wanted {
	const char *resource;
	struct json_slice id;
};

/* Negative, to end the walk, when it is the one. */
static int is_wanted(void *arg, const char *resource, const char *id, size_t id_len)
{
	const struct wanted *wanted = arg;
	bool is_one = id_len == wanted->id.len && memcmp(id, wanted->id.data, id_len) == 0 &&
		      strcmp(resource, wanted->resource) == 0;
	return is_one ? -EEXIST : 0;
}

bool pointers_at(const struct resource *resource, struct json_slice object, const char *target,
	const char *id, size_t id_len)
{
	struct wanted wanted = {target, {id, id_len}};
	return pointers_each(resource, object, is_wanted, &wanted) < 0;
}

bool pointer_can(const struct resource *from, const char *target)
{
	for (const struct pointer *pointer = pointers_of(from); pointer->property; pointer++) {
		for (size_t i = 0; i < MAX_TARGETS && pointer->to[i]; i++) {
			if (strcmp(pointer->to[i], target) == 0)
				return true;
		}
	}
	return false;
}
