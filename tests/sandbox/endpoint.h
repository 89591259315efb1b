/*
 * The resources of the API and what each allows: the tables of the API page, written down once more
 * and on purpose not shared with the client under test. Const data; any thread.
 */
#ifndef SANDBOX_ENDPOINT_H
#define SANDBOX_ENDPOINT_H

#include "span.h"

enum endpoint_flags {
	ENDPOINT_GET_ONE = 1,
	ENDPOINT_POST = 2,
	ENDPOINT_PUT = 4,
	ENDPOINT_DELETE = 8,
	ENDPOINT_ALL = 15,
};

/* Resources whose ids never collide share a space: a "cust" is a contact or a company. */
enum id_space {
	IDS_CUSTOMER,
	IDS_CASE,
	IDS_OPPORTUNITY,
	IDS_TASK,
	IDS_NOTE,
	IDS_COMMENT,
	IDS_CUSTOMFIELD,
	IDS_USER,
	IDS_GROUP,
	IDS_FILE,
	IDS_FOLDER, /* strings: "f1001" */
	IDS_LINKEDFILE,
	ID_SPACES
};

enum endpoint_index {
	EP_CONTACT,
	EP_COMPANY,
	EP_CASE,
	EP_OPPORTUNITY,
	EP_TASK,
	EP_NOTE,
	EP_COMMENT,
	EP_CUSTOMFIELD,
	EP_USER,
	EP_GROUP,
	EP_FILE,
	EP_FOLDER,
	EP_LINKEDFILE,
	ENDPOINTS
};

struct endpoint {
	enum endpoint_index index;
	const char *name;
	unsigned flags;
	enum id_space ids;
	const char *read_only[5]; /* beside those of every record; NULL-terminated */
	const char *needs_all[4]; /* to create one; NULL-terminated */
	const char *needs_one[3]; /* of these at least one */
};

const struct endpoint *endpoint_at(enum endpoint_index index);
/* NULL: no such resource. */
const struct endpoint *endpoint_find(struct span name);
/* Whether only the server sets it; key is a JSON string with its quotes. "id" is not among them. */
bool endpoint_is_read_only(const struct endpoint *endpoint, struct span key);

#endif
