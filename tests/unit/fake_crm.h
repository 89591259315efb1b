/*
 * A CRM for tests: records in memory, answers over HTTP on 127.0.0.1, and manners that a test can
 * change while it runs. It stamps each change with a later `lm`, gives new records an id and `ao`,
 * and drops a property called "ignored", as servers do with what they do not know; one may be told to
 * drop properties without a value, too.
 *
 * Its threads are its own; the functions here are for any of the test's, and assert nothing.
 */
#ifndef TESTS_FAKE_CRM_H
#define TESTS_FAKE_CRM_H

#include "buf.h"

enum crm_verb { CRM_LIST, CRM_GET, CRM_PUT, CRM_POST, CRM_DELETE, CRM_VERBS };

enum crm_answer {
	CRM_WHOLE,     /* the record as it is now */
	CRM_ID,	       /* its id alone */
	CRM_SENT,      /* its id and the properties that were sent */
	CRM_NOTHING,   /* no element at all */
	CRM_ANONYMOUS, /* what was sent, without an id */
	CRM_BROKEN,    /* JSON that ends too early */
	CRM_LOST,      /* done, but the connection ends instead of an answer */
	CRM_UNDONE,    /* the connection ends, and nothing was done */
};

struct crm_manner {
	int status; /* not 0: refuses with it, and does nothing */
	enum crm_answer answer;
	bool does_nothing; /* but answers as if */
	bool holds;	   /* what the answer says is settled, but it goes out when this is over */
	bool has_etag;	   /* of a listing */
	bool escapes;	   /* spells what is not ASCII as \uXXXX */
	unsigned times;	   /* for so many requests; 0: for ever */
};

struct crm;

/* NULL: it cannot be had. */
struct crm *crm_start(void);
void crm_stop(struct crm *crm);
/* "http://127.0.0.1:<port>/api"; borrowed. */
const char *crm_url(const struct crm *crm);

/* How one verb is answered from now on. */
void crm_set_manner(struct crm *crm, enum crm_verb verb, struct crm_manner manner);

/* What somebody else does: sets a record's whole text, or removes it with NULL. */
void crm_put(struct crm *crm, const char *resource, const char *id, const char *text);
/* A copy of a record's text, "" when there is none; owned by the caller. */
char *crm_text(struct crm *crm, const char *resource, const char *id);

/* From now on, records lose what is set to null. */
void crm_drop_nulls(struct crm *crm);

/* How many requests of a verb have come, and the last body; the copy is the caller's. */
unsigned crm_count(struct crm *crm, enum crm_verb verb);
char *crm_last_body(struct crm *crm);
/* Waits until that many have come; false after 20 s. */
bool crm_await(struct crm *crm, enum crm_verb verb, unsigned count);

#endif
