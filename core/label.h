/*
 * What people call a record, as a name for by-name/ (contract 2). A server may send anything: what
 * comes of it is always a plain name of one visible line. Pure; any thread.
 *
 * Made safe means, for each property's value:
 *   - Its first line that is not blank counts alone; so a name keeps its second half behind a stray
 *     line end. Runs of white space, Unicode's too, are one space; none stands at either end.
 *   - "/" becomes "-", which can be typed: a letter that only looks like "/" could not.
 *   - A leading "." becomes "_", so nothing is hidden, and "." and ".." cannot be.
 *   - What cannot be seen is dropped: bidirectional controls, which let a name lie about its end,
 *     and zero-width characters, the joiners excepted that Persian and emoji need within a word.
 *   - What is broken becomes U+FFFD: control characters, lone surrogates, bytes that are not UTF-8.
 */
#ifndef CORE_LABEL_H
#define CORE_LABEL_H

#include "name.h"
#include "resource.h"

#define LABEL_MAX 180 /* bytes; it leaves room for an id */

/*
 * The resource's label properties, strings and numbers, joined by one space; of those that share a
 * name, the first. With nothing to show, the id. Cut at the end of a character. Never empty.
 */
void label_of(const struct resource *resource, struct json_slice object, const char *id,
	size_t id_len, char ret_label[LABEL_MAX + 1]);

/* "LABEL.json". -ENAMETOOLONG. */
int label_plain(const char *label, char out[NAME_SIZE]) nodiscard;
/*
 * "LABEL (ID).json", the id spelt as in its file's name, and its "(" encoded too, so that no two
 * records get the same one. -ENAMETOOLONG, and -EINVAL for what is no id.
 */
int label_with_id(const char *label, const char *id, size_t id_len, char out[NAME_SIZE]) nodiscard;
/*
 * Takes what label_with_id wrote apart again, without ".json". False: it would not write this.
 *
 * A label may end like that of itself: "Ann (4)", whoever that is. Unless it is always given its
 * id, as are those that several records share, it may meet the "Ann" whose id is 4.
 */
bool label_split(const char *name, char ret_label[LABEL_MAX + 1], char ret_id[ID_MAX + 1],
	size_t *ret_id_len);

#endif
