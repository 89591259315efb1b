#define FUSE_USE_VERSION 314

#include "notify.h"

#include "clock.h"
#include "thread.h"
#include <fuse_lowlevel.h>

#define FLUSH_MS 2000

struct item {
	struct item *next;
	uint64_t node;
	bool attributes_only;
};

struct notify {
	struct tree *const tree;
	struct fuse_session *session;
	pthread_t thread;
	bool started;
	pthread_mutex_t lock;
	pthread_cond_t work, told;
	/* guarded by lock */
	struct item *first, **last;
	uint64_t queued_count, told_count;
	bool stopping, ended;
};

struct notify *notify_create(struct tree *tree)
{
	struct notify *notify = calloc(1, sizeof *notify);
	if (!notify)
		return NULL;
	struct notify fixed = {.tree = tree};
	memcpy(notify, &fixed, sizeof fixed);
	pthread_mutex_init(&notify->lock, NULL);
	pthread_cond_init(&notify->work, NULL);
	pthread_cond_init(&notify->told, NULL);
	notify->last = &notify->first;
	return notify;
}

/* Drops what the kernel has of a node, unless that was done since it was queued. */
static void tell_node(struct notify *notify, uint64_t id, bool is_queued)
{
	pthread_mutex_lock(&notify->tree->lock);
	struct node *node = node_find(notify->tree->nodes, id);
	if (node && is_queued && !node->queued)
		node = NULL;
	if (node) {
		node->queued = false;
		node->pushed = false;
		node->told_size = NODE_TELLING;
	}
	pthread_mutex_unlock(&notify->tree->lock);
	if (!node)
		return;
	fuse_lowlevel_notify_inval_inode(notify->session, id, 0, 0);
	pthread_mutex_lock(&notify->tree->lock);
	node = node_find(notify->tree->nodes, id);
	if (node && node->told_size == NODE_TELLING)
		node->told_size = NODE_UNTOLD;
	pthread_mutex_unlock(&notify->tree->lock);
}

static void tell(struct notify *notify, const struct item *item)
{
	if (item->attributes_only)
		notify_attributes_now(notify, item->node);
	else
		tell_node(notify, item->node, true);
}

static struct item *take_item_locked(struct notify *notify)
{
	struct item *item = notify->first;
	notify->first = item->next;
	if (!notify->first)
		notify->last = &notify->first;
	return item;
}

static void *run(void *arg)
{
	struct notify *notify = arg;

	pthread_mutex_lock(&notify->lock);
	for (;;) {
		while (!notify->first && !notify->stopping)
			pthread_cond_wait(&notify->work, &notify->lock);
		if (notify->stopping)
			break;
		struct item *item = take_item_locked(notify);
		pthread_mutex_unlock(&notify->lock);
		tell(notify, item);
		free(item);
		pthread_mutex_lock(&notify->lock);
		notify->told_count++;
		pthread_cond_broadcast(&notify->told);
	}
	notify->ended = true;
	pthread_cond_broadcast(&notify->told);
	pthread_mutex_unlock(&notify->lock);
	return NULL;
}

int notify_start(struct notify *notify, struct fuse_session *session)
{
	notify->session = session;
	int err = thread_start(NULL, run, notify, &notify->thread);
	notify->started = err == 0;
	return err;
}

bool notify_stop(struct notify *notify, int64_t ms)
{
	struct timespec until = clock_timespec(clock_ms() + ms);
	int late = 0;

	if (!notify)
		return true;
	pthread_mutex_lock(&notify->lock);
	notify->stopping = true;
	pthread_cond_signal(&notify->work);
	while (notify->started && !notify->ended && late == 0)
		late = pthread_cond_clockwait(
			&notify->told, &notify->lock, CLOCK_MONOTONIC, &until);
	bool ended = notify->ended;
	pthread_mutex_unlock(&notify->lock);
	if (ended)
		pthread_join(notify->thread, NULL);
	return ended || !notify->started;
}

void notify_destroy(struct notify *notify)
{
	if (!notify)
		return;
	while (notify->first)
		free(take_item_locked(notify));
	pthread_cond_destroy(&notify->told);
	pthread_cond_destroy(&notify->work);
	pthread_mutex_destroy(&notify->lock);
	free(notify);
}

/* Without memory the kernel's own timeouts have to do. */
static bool queue(struct notify *notify, uint64_t node, bool attributes_only)
{
	struct item *item = calloc(1, sizeof *item);
	if (!item)
		return false;
	item->node = node;
	item->attributes_only = attributes_only;
	pthread_mutex_lock(&notify->lock);
	*notify->last = item;
	notify->last = &item->next;
	notify->queued_count++;
	pthread_cond_signal(&notify->work);
	pthread_mutex_unlock(&notify->lock);
	return true;
}

/* A node that is about to be told of. */
static void queue_node(struct notify *notify, uint64_t id)
{
	if (queue(notify, id, false))
		return;
	pthread_mutex_lock(&notify->tree->lock);
	struct node *node = node_find(notify->tree->nodes, id);
	if (node)
		node->queued = false;
	pthread_mutex_unlock(&notify->tree->lock);
}

void notify_slot(struct notify *notify, struct slot *slot)
{
	uint64_t id;
	if (tree_begin_telling(notify->tree, slot, &id))
		queue_node(notify, id);
}

void notify_node(struct notify *notify, struct node *node)
{
	if (tree_begin_telling_node(notify->tree, node->id))
		queue_node(notify, node->id);
}

void notify_node_now(struct notify *notify, struct node *node)
{
	tell_node(notify, node->id, false);
}

void notify_attributes(struct notify *notify, uint64_t id)
{
	queue(notify, id, true);
}

void notify_attributes_now(struct notify *notify, uint64_t id)
{
	fuse_lowlevel_notify_inval_inode(notify->session, id, -1, 0);
}

void notify_flush(struct notify *notify)
{
	struct timespec until = clock_timespec(clock_ms() + FLUSH_MS);
	int late = 0;

	pthread_mutex_lock(&notify->lock);
	uint64_t goal = notify->queued_count;
	while (notify->told_count < goal && late == 0 && !notify->stopping)
		late = pthread_cond_clockwait(
			&notify->told, &notify->lock, CLOCK_MONOTONIC, &until);
	pthread_mutex_unlock(&notify->lock);
}
