#include "resource.h"

#include "json_object.h"

enum {
	EVERYTHING = RESOURCE_GET_ONE | RESOURCE_CREATE | RESOURCE_UPDATE | RESOURCE_DELETE,
	NAME_MAX_BYTES = 64,
};

static const char *const none[] = {NULL};
/* Lists of what points here: they change from the other end. */
static const char *const of_customer[] = {"cases", "notes", "opportunities", "tasks", NULL};
static const char *const of_opportunity[] = {"notes", "tasks", NULL};
/* What the mail gateway found. */
static const char *const of_note[] = {"delvry", "email", "hl", NULL};
static const char *const of_all[] = {"ao", "id", "lm", "userId", NULL};

static const char *const by_first_and_last[] = {"fn", "ln", NULL};
static const char *const by_company[] = {"cn", NULL};
static const char *const by_name[] = {"name", NULL};
static const char *const by_description[] = {"desc", NULL};
static const char *const by_comment[] = {"comment", NULL};
static const char *const by_user[] = {"user", NULL};

static const struct resource table[] = {
	{"contact", EVERYTHING, of_customer, by_first_and_last},
	{"company", EVERYTHING, of_customer, by_company},
	{"case", EVERYTHING, none, by_name},
	{"opportunity", EVERYTHING, of_opportunity, by_name},
	{"task", EVERYTHING, none, by_name},
	{"note", EVERYTHING, of_note, by_description},
	{"comment", EVERYTHING & ~RESOURCE_UPDATE, none, by_comment},
	{"customfield", EVERYTHING | RESOURCE_LIST_DECIDES, none, by_name},
	{"user", RESOURCE_MAY_LACK, none, by_user},
	{"group", RESOURCE_MAY_LACK, none, by_name},
	{"file", EVERYTHING | RESOURCE_MAY_LACK, none, by_name},
	{"folder", EVERYTHING | RESOURCE_MAY_LACK, none, by_name},
	{"linkedfile", EVERYTHING | RESOURCE_MAY_LACK, none, by_name},
};
static const struct resource unknown = {"", EVERYTHING, none, by_name};

/* What else stands in the root. */
static const char *const reserved[] = {"by-name", "export", "related", NULL};

const struct resource *resource_table(size_t *ret_count)
{
	*ret_count = array_size(table);
	return table;
}

const struct resource *resource_find(const char *name)
{
	for (size_t i = 0; i < array_size(table); i++) {
		if (strcmp(table[i].name, name) == 0)
			return &table[i];
	}
	return NULL;
}

const struct resource *resource_default(void)
{
	return &unknown;
}

static bool is_letter_or_digit(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

bool resource_name_is_valid(const char *name)
{
	size_t len = strlen(name);
	if (len > NAME_MAX_BYTES || !is_letter_or_digit(name[0]))
		return false;
	for (size_t i = 1; i < len; i++) {
		if (!is_letter_or_digit(name[i]) && name[i] != '_' && name[i] != '-')
			return false;
	}
	for (size_t i = 0; reserved[i]; i++) {
		if (strcmp(name, reserved[i]) == 0)
			return false;
	}
	return true;
}

static bool is_one_of(const char *const *names, struct json_slice key)
{
	for (; *names; names++) {
		if (json_key_is(key, *names))
			return true;
	}
	return false;
}

bool resource_is_read_only(const struct resource *resource, struct json_slice key)
{
	return is_one_of(of_all, key) || is_one_of(resource->read_only, key);
}
