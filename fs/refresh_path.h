/* What was written to .clevertimfs/refresh, as a path in the tree (contract 4). Pure; any thread. */
#ifndef FS_REFRESH_PATH_H
#define FS_REFRESH_PATH_H

#include "name.h"

struct refresh_path {
	char resource[NAME_SIZE]; /* "contact"; "": none, so all of them */
	char name[NAME_SIZE];	  /* "4.json"; "": the whole resource */
};

/*
 * Takes the first line, with or without the mount point before it, without slashes, "./" and spaces
 * at its ends. What is too long for a name, or lies deeper than a record, is taken for its parent.
 */
void refresh_path_parse(
	const char *mountpoint, const char *text, size_t len, struct refresh_path *ret_path);

#endif
