#include "session.h"

#include "clock.h"
#include "control.h"
#include "deletes.h"
#include "device.h"
#include "drafts.h"
#include "loop.h"
#include "notify.h"
#include "ops.h"
#include "save.h"
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <unistd.h>

#define LOG_BYTES ((size_t)256 << 10)
/*
 * How long calls under way may take once the end has come, what keeping the unsaved texts takes
 * included: with what follows, less than 5 s.
 */
#define LAST_CALLS_MS 2500
#define LAST_READS_MS 500
/* How many unsaved texts are put on disk at a time. */
#define KEEPERS 16
/* A record that was written so lately is read past the page cache. */
#define BUSY_MS 1000

struct session {
	struct fs fs;
	struct fuse_lowlevel_ops ops;
	char user[API_USER_SIZE]; /* whose the token is; "" when that is not known */
	bool mounted, handles_signals;
};

/* ---- what the store tells ---- */

static void on_slot_changed(void *arg, struct slot *slot)
{
	struct fs *fs = arg;
	catalog_note(fs->catalog, slot);
	notify_slot(fs->notify, slot);
}

static void on_listing_changed(void *arg, struct collection *collection)
{
	struct fs *fs = arg;
	notify_attributes_now(fs->notify, tree_directory(fs->tree, collection)->id);
}

/* ---- the kernel's side ---- */

static void on_init(void *arg, struct fuse_conn_info *conn)
{
	struct session *session = (struct session *)arg;

	/* With AUTO only the first page of a listing would bring attributes. */
	if (conn->capable & FUSE_CAP_READDIRPLUS) {
		conn->want |= FUSE_CAP_READDIRPLUS;
		conn->want &= ~(unsigned)FUSE_CAP_READDIRPLUS_AUTO;
	}
	/* Small answers from memory: splicing costs more than copying. */
	conn->want &=
		~(unsigned)(FUSE_CAP_SPLICE_READ | FUSE_CAP_SPLICE_WRITE | FUSE_CAP_SPLICE_MOVE);
	conn->time_gran = 1;
	session->fs.opens_unasked =
		session->fs.config->read_only && (conn->capable & FUSE_CAP_NO_OPEN_SUPPORT) != 0;
}

/* A comma would end the option. */
static int add_option(struct fuse_args *args, const char *option)
{
	auto_buf struct buf escaped = BUF_INIT(8192);
	int err = 0;
	for (; *option && err == 0; option++) {
		if (*option == ',' || *option == '\\')
			err = buf_add_char(&escaped, '\\');
		if (err == 0)
			err = buf_add_char(&escaped, *option);
	}
	if (err == 0 &&
		(fuse_opt_add_arg(args, "-o") < 0 || fuse_opt_add_arg(args, escaped.data) < 0))
		err = -ENOMEM;
	return err;
}

static int fill_args(struct fuse_args *args, const struct config *config)
{
	int err = fuse_opt_add_arg(args, "clevertimfs") < 0 ? -ENOMEM : 0;
	if (err == 0 && config->debug)
		err = add_option(args, "debug");
	for (char **option = config->fuse_options; *option && err == 0; option++)
		err = add_option(args, *option);
	return err;
}

/* libfuse and fusermount3 have complained on standard error, and do not tell us of what. */
static int explain_no_mount(const struct config *config, struct problem *problem)
{
	int fd = open("/dev/fuse", O_RDWR | O_CLOEXEC);
	if (fd < 0)
		return problem_set(problem, -EPERM,
			"cannot mount at '%s': is /dev/fuse there, and fusermount3 (package fuse3) "
			"installed?",
			config->mountpoint);
	close(fd);
	return problem_set(problem, -EPERM,
		"cannot mount at '%s': the line before says why (it may be an option that does "
		"not work here)",
		config->mountpoint);
}

static int mount_session(
	struct session *session, const struct config *config, struct problem *problem)
{
	struct fuse_args args = FUSE_ARGS_INIT(0, NULL);

	session->ops = ops_table;
	session->ops.init = on_init;
	if (config->read_only)
		ops_refuse_changes(&session->ops);
	int err = fill_args(&args, config);
	if (err == 0)
		session->fs.session =
			fuse_session_new(&args, &session->ops, sizeof session->ops, &session->fs);
	fuse_opt_free_args(&args);
	if (!session->fs.session)
		return problem_set(problem, -EINVAL, "libfuse refused the mount options");
	if (fuse_set_signal_handlers(session->fs.session) < 0)
		return problem_set(problem, -EIO, "signal handlers cannot be set");
	session->handles_signals = true;
	if (fuse_session_mount(session->fs.session, config->mountpoint) < 0)
		return explain_no_mount(config, problem);
	session->mounted = true;
	if (device_attach(session->fs.session) < 0)
		return problem_set(problem, -ENOMEM, "out of memory");
	return 0;
}

/* ---- start ---- */

/* Half of the machine's. */
static uint64_t memory_for_records(void)
{
	long pages = sysconf(_SC_PHYS_PAGES), page_bytes = sysconf(_SC_PAGESIZE);
	return pages > 0 && page_bytes > 0 ? (uint64_t)pages * (uint64_t)page_bytes / 2 : 0;
}

static int make_core(struct fs *fs, const struct config *config, const char *token)
{
	const struct api_config api_config = {
		.url = config->url,
		.http =
			{
				.token = token,
				.cacert = config->cacert,
				.user_agent = "clevertimfs/" CLEVERTIMFS_VERSION,
				.timeout_ms = config->timeout_ms,
				.allow_plain_http = strncmp(config->url, "http:", 5) == 0,
			},
	};
	const struct store_config store_config = {
		.resources = (const char *const *)config->resources,
		.ttl_ms = config->ttl_ms,
		.first_ino = TREE_RECORD_INO,
		.max_bytes = memory_for_records(),
		.observer = {.changed = on_slot_changed,
			.listing_changed = on_listing_changed,
			.arg = fs},
	};
	fs->api = api_create(&api_config);
	fs->store = store_create(&store_config);
	const struct sync_config sync_config = {
		.api = fs->api,
		.store = fs->store,
		.errors = &fs->errors,
		.claim_ms = 3 * config->timeout_ms,
		.refresh_ms = config->timeout_ms,
		.detect_conflicts = config->detect_conflicts,
	};
	fs->sync = fs->api && fs->store ? sync_create(&sync_config) : NULL;
	fs->catalog = fs->store ? catalog_create(fs->store) : NULL;
	return fs->sync && fs->catalog ? 0 : -ENOMEM;
}

static int make_fs(struct fs *fs)
{
	fs->tree = tree_create(fs->store);
	fs->seen = seen_create();
	fs->drafts = drafts_create();
	fs->busy = busy_create(BUSY_MS);
	fs->claims = claims_create();
	fs->control = control_create();
	fs->notify = fs->tree ? notify_create(fs->tree) : NULL;
	fs->calls = calls_create();
	fs->deletes = deletes_create(fs);
	return fs->tree && fs->seen && fs->drafts && fs->busy && fs->claims && fs->control &&
			       fs->notify && fs->calls && fs->deletes
		       ? 0
		       : -ENOMEM;
}

/* A read-only mount shows what is kept where it can, and needs none of it. */
static int open_journal(struct fs *fs, const struct config *config, struct problem *problem)
{
	int err = journal_open(config->state_dir, config->url, (uint64_t)config->state_max_bytes,
		&fs->journal, problem);
	return config->read_only ? 0 : err;
}

static int build(struct session *session, const struct config *config, const char *token,
	struct problem *problem)
{
	struct fs *fs = &session->fs;

	int err = make_core(fs, config, token);
	if (err < 0)
		return problem_set(problem, err, "out of memory");
	if (!config->nocheck)
		err = api_check(fs->api, session->user, problem);
	if (err == 0)
		err = open_journal(fs, config, problem);
	if (err < 0)
		return err;
	err = make_fs(fs);
	if (err < 0)
		return problem_set(problem, err, "out of memory");
	err = mount_session(session, config, problem);
	if (err == 0 && notify_start(fs->notify, fs->session) < 0)
		err = problem_set(problem, -EAGAIN, "cannot start a thread");
	return err;
}

int session_create(const struct config *config, const char *token, struct session **ret_session,
	struct problem *problem)
{
	struct session *session = calloc(1, sizeof *session);
	if (!session)
		return problem_set(problem, -ENOMEM, "out of memory");
	session->fs.config = config;
	pthread_mutex_init(&session->fs.writers_lock, NULL);
	session->fs.uid = config->uid;
	session->fs.gid = config->gid;
	session->fs.started_ms = clock_ms();
	rendering_init(&session->fs.rendering);
	log_init(&session->fs.errors, LOG_BYTES);
	log_init(&session->fs.created, LOG_BYTES);
	int err = build(session, config, token, problem);
	if (err < 0) {
		session_destroy(session);
		return err;
	}
	*ret_session = session;
	return 0;
}

const char *session_user(const struct session *session)
{
	return session->user;
}

/* ---- end ---- */

/* One text that is still unsaved. */
struct unsaved {
	struct pool_job job; /* first, so that the job is the text */
	struct fs *fs;
	struct handle *writer;
};

static void keep(struct pool_job *job)
{
	struct unsaved *unsaved = (struct unsaved *)job;
	if (save_sync(unsaved->fs, unsaved->writer) < 0)
		fprintf(stderr, "clevertimfs: an unsaved text could not be kept\n");
	handle_close(unsaved->fs, unsaved->writer);
}

/*
 * No flush comes at unmount: what programs still had open is kept here. A disk writes many at a time
 * nearly as fast as one.
 */
static void keep_unsaved(struct fs *fs)
{
	struct handle **writers = handle_take_writers(fs);
	size_t count = 0;
	while (writers && writers[count])
		count++;
	struct unsaved *unsaved = calloc(count + 1, sizeof *unsaved);
	struct pool *pool = pool_create(KEEPERS);
	for (size_t i = 0; i < count; i++) {
		struct unsaved one = {.job.run = keep, .fs = fs, .writer = writers[i]};
		if (unsaved)
			unsaved[i] = one;
		if (!unsaved || !pool || pool_submit(pool, &unsaved[i].job) < 0)
			keep(&one.job);
	}
	pool_destroy(pool);
	free(unsaved);
	free(writers);
}

int session_run(struct session *session, void (*ready)(void *arg), void *arg)
{
	return loop_run(session->fs.session, ready, arg) < 0 ? 1 : 0;
}

static void unmount(struct session *session)
{
	struct fs *fs = &session->fs;
	if (session->mounted)
		fuse_session_unmount(fs->session);
	if (session->handles_signals)
		fuse_remove_signal_handlers(fs->session);
	session->mounted = session->handles_signals = false;
}

static bool finish_calls(struct fs *fs, int64_t last_ms)
{
	bool done = calls_wait(fs->calls, last_ms - clock_ms());
	done = (!fs->deletes || deletes_finish(fs->deletes, last_ms - clock_ms())) && done;
	if (fs->sync)
		sync_stop(fs->sync);
	return calls_wait(fs->calls, LAST_READS_MS) && done;
}

void session_destroy(struct session *session)
{
	if (!session)
		return;
	struct fs *fs = &session->fs;
	int64_t last_ms = clock_ms() + LAST_CALLS_MS;
	deletes_end(fs->deletes);
	if (fs->calls && fs->journal)
		keep_unsaved(fs);
	/*
	 * Calls answer by the descriptor that unmounting closes. A server that hangs must not keep
	 * us: what it has not answered is on disk, and a draft in the next mount.
	 */
	bool is_quiet = finish_calls(fs, last_ms) && notify_stop(fs->notify, LAST_READS_MS);
	unmount(session);
	if (!is_quiet)
		return;
	deletes_destroy(fs->deletes);
	calls_destroy(fs->calls);
	/* A fetch that goes on without anybody still tells of what it brings. */
	sync_destroy(fs->sync);
	notify_destroy(fs->notify);
	if (fs->session)
		fuse_session_destroy(fs->session);
	tree_destroy(fs->tree);
	claims_destroy(fs->claims);
	busy_destroy(fs->busy);
	seen_destroy(fs->seen);
	drafts_destroy(fs->drafts);
	control_destroy(fs->control);
	catalog_destroy(fs->catalog);
	store_destroy(fs->store);
	journal_close(fs->journal);
	api_destroy(fs->api);
	rendering_release(&fs->rendering);
	log_release(&fs->created);
	log_release(&fs->errors);
	pthread_mutex_destroy(&fs->writers_lock);
	free(session);
}
