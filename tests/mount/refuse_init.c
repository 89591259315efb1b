/*
 * Preloaded by a mount test: at the kernel's first request the session ends with a complaint, as
 * libfuse ends one whose options it and the kernel do not agree on.
 */
#include <stdio.h>

struct fuse_session;
struct fuse_buf;

void fuse_session_exit(struct fuse_session *session);
void fuse_session_process_buf(struct fuse_session *session, const struct fuse_buf *request);

void fuse_session_process_buf(struct fuse_session *session, const struct fuse_buf *request)
{
	(void)request;
	fputs("fuse: error: refused for a test\n", stderr);
	fuse_session_exit(session);
}
