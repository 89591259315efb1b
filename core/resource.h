/*
 * The kinds of record, and what the server lets one do with them: the table of the API page.
 * A resource that is not in it (-o resources=) may do everything. Const data; any thread.
 */
#ifndef CORE_RESOURCE_H
#define CORE_RESOURCE_H

#include "json_check.h"

enum resource_flags {
	RESOURCE_GET_ONE = 1, /* a record can be fetched by itself; otherwise only the list */
	RESOURCE_CREATE = 2,
	RESOURCE_UPDATE = 4,
	RESOURCE_DELETE = 8,
	RESOURCE_LIST_DECIDES = 16, /* a 404 for one record may mean that only the list is served */
	RESOURCE_MAY_LACK = 32,	    /* some accounts have none of it */
};

struct resource {
	const char *name;
	unsigned flags;
	const char *const
		*read_only;	  /* properties, NULL-terminated; beside those of every resource */
	const char *const *label; /* properties that name it for people, NULL-terminated */
};

/* The known ones in the order of the root listing; *ret_count of them. */
const struct resource *resource_table(size_t *ret_count);
/* NULL: not a known one. */
const struct resource *resource_find(const char *name);
/* What an unknown one may do: everything. Its name is "": the caller keeps the real one beside it.
 */
const struct resource *resource_default(void);
/*
 * A name that -o resources= may give: a letter or digit, then letters, digits, "_" and "-"; at most
 * 64; and not by-name, related or export, which stand in the root already.
 */
bool resource_name_is_valid(const char *name);
/* Whether a property (a quoted key) cannot be set by a person: id, ao, lm, userId and the
 * resource's own. */
bool resource_is_read_only(const struct resource *resource, struct json_slice key);

#endif
