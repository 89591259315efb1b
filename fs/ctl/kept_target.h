/* Which kept text a person means, and which record it belongs to. */
#ifndef CTL_KEPT_TARGET_H
#define CTL_KEPT_TARGET_H

#include "problem.h"

struct kept_target {
	char *mount;
	const char *area; /* "drafts" or "trash"; static. NULL: WHAT does not say */
	char *resource, *name;
};

/*
 * Reads WHAT: the path of a kept text in a mount, RESOURCE/NAME in the mount that mount_text means
 * (as for place_find), or the path of a record. -ENOENT, -ENOTUNIQ, -ENOMEM with a sentence. Whether
 * there is such a text is not looked at.
 */
int kept_target_parse(const char *what, const char *mount_text, struct kept_target *ret_target,
	struct problem *problem) nodiscard;
void kept_target_release(struct kept_target *target);
#define auto_target cleanup(kept_target_release)

/*
 * The length of the file's name in a draft's: "4.json" in "4.json.~2~", which is what a draft is
 * called that made room for a later one. Pure.
 */
size_t kept_file_name_len(const char *draft);

#endif
