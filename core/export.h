/*
 * One file for a whole resource (contract 2, export/): the records that it was created of, a line
 * each, as they were then. Immutable, counted by reference, any thread.
 *
 * It holds its records and where each line ends, 16 bytes a record; a line is made when it is read.
 * The last long one is kept, as it takes many reads.
 *
 *   NDJSON  a record a line: the server's own bytes, without the white space between tokens.
 *   CSV     RFC 4180 in UTF-8 with CRLF. The header names every property, in the order in which
 *           they first appear. Strings are decoded (a lone surrogate keeps its escape); numbers
 *           keep their digits; null and what is absent are an empty field, an empty string is "";
 *           lists and objects are compact JSON. Of properties that share a name the last counts.
 *           Without records, or without properties, the file is empty.
 */
#ifndef CORE_EXPORT_H
#define CORE_EXPORT_H

#include "buf.h"
#include "record.h"

enum export_kind { EXPORT_NDJSON, EXPORT_CSV };

struct export;

/*
 * Takes references of its own, in this order; the array stays the caller's. Walks each record once:
 * seconds for a million. -EFBIG: over 4096 different properties as CSV, or their names over 64 MiB;
 * -ENOMEM. The caller has the one reference.
 */
int export_create(enum export_kind kind, struct record *const *records, size_t count,
	struct export **ret_export) nodiscard;
struct export *export_ref(struct export *export);
/* NULL is fine. */
void export_unref(struct export *export);
static inline void export_unref_cleanup(struct export **export)
{
	export_unref(*export);
}
#define auto_export cleanup(export_unref_cleanup)

/* Exactly the bytes that can be read. */
uint64_t export_size(const struct export *export);
/*
 * Appends len bytes from offset on; fewer at the end, none behind it. -ENOMEM, -EFBIG (out's
 * ceiling): then nothing was added.
 */
int export_read(
	const struct export *export, uint64_t offset, size_t len, struct buf *out) nodiscard;

#endif
