/* What belongs to one mount. Made by session.c, handed to every operation. */
#ifndef FS_FS_H
#define FS_FS_H

#define FUSE_USE_VERSION 314

#include "busy.h"
#include "catalog.h"
#include "claims.h"
#include "config.h"
#include "journal.h"
#include "log.h"
#include "rendering.h"
#include "seen.h"
#include "sync.h"
#include "tree.h"
#include <fcntl.h>
#include <fuse_lowlevel.h>

struct calls;
struct control;
struct deletes;
struct drafts;
struct handle;
struct notify;

struct fs {
	const struct config *config;
	struct fuse_session *session;
	struct api *api;
	struct store *store;
	struct sync *sync;
	struct journal *journal; /* NULL: there is none (mounted with ro) */
	struct catalog *catalog;
	struct tree *tree;
	struct seen *seen;
	struct busy *busy;
	struct claims *claims;
	struct calls *calls;
	struct control *control;
	struct deletes *deletes;
	struct drafts *drafts;
	struct notify *notify;
	struct log errors;  /* .clevertimfs/errors */
	struct log created; /* .clevertimfs/created */
	pthread_mutex_t writers_lock;
	struct handle *writers; /* open handles that write; guarded by writers_lock */
	bool opens_unasked;	/* the kernel opens and closes without a word; read-only mounts */
	struct rendering rendering; /* for what is read so */
	uid_t uid;
	gid_t gid;
	int64_t started_ms;
	bool maps_direct;     /* what goes past the page cache can be mapped, too */
	uint64_t init_unique; /* the number of the kernel's first request (device.c); 0: none yet */
};

/* Whether who opens with these flags means to change what is there. */
static inline bool opens_to_write(int flags)
{
	return (flags & O_ACCMODE) != O_RDONLY || (flags & O_TRUNC);
}

#endif
