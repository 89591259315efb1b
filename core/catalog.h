/*
 * What is made from a whole collection: the names for people, who points at whom, and the collection
 * as one file (contract 2). Each is made when somebody first asks for it, and brought up to date when
 * somebody asks after a record has changed; nothing that nobody asks for costs anything.
 *
 * What it knows of is what the store has: the caller sees to it that the collection was listed.
 *
 * Thread rule: any. catalog_ready answers from memory. catalog_make may walk over all records, and
 * waits for another one who makes the same; no lock is held that anybody else needs.
 */
#ifndef CORE_CATALOG_H
#define CORE_CATALOG_H

#include "export.h"
#include "labels.h"
#include "links.h"

struct catalog;

enum catalog_kind {
	CATALOG_LABELS,
	CATALOG_LINKS,
	CATALOG_NDJSON,
	CATALOG_CSV,
	CATALOG_KINDS,
};

/* Borrows the store. NULL: no memory. */
struct catalog *catalog_create(const struct store *store);
void catalog_destroy(struct catalog *catalog);

/* The store's observer tells of each change through this. Never waits for who makes something. */
void catalog_note(struct catalog *catalog, struct slot *slot);

/* What is up to date already, referenced; NULL: it has to be made. */
struct snapshot *catalog_ready(
	struct catalog *catalog, struct collection *collection, enum catalog_kind kind);
/* What is up to date, made if need be, referenced. -EFBIG: too many properties for CSV; -ENOMEM. */
int catalog_make(struct catalog *catalog, struct collection *collection, enum catalog_kind kind,
	struct snapshot **ret_snapshot) nodiscard;

/* When a record of it changed last, as far as anything followed that; else 0. */
struct timespec catalog_changed_at(struct catalog *catalog, struct collection *collection);

/* What such a snapshot is, borrowed from it: an index, or a file. */
static inline const struct index *catalog_index(const struct snapshot *snapshot)
{
	return (const struct index *)snapshot;
}

/* A collection as one file, CATALOG_NDJSON or CATALOG_CSV. */
struct whole_file {
	struct snapshot head;
	struct export *export;
	struct timespec mtime; /* when what it says changed last, as far as is known */
};
static inline const struct whole_file *catalog_file(const struct snapshot *snapshot)
{
	return (const struct whole_file *)snapshot;
}

#endif
