/*
 * A tree over a store whose contacts are 4 and 7, and words for what programs do in it, as the
 * mount would: a handle holds a reference, the kernel a lookup. For the test's thread alone.
 */
#ifndef TESTS_TREE_FIXTURE_H
#define TESTS_TREE_FIXTURE_H

#include "store_fixture.h"
#include "tree.h"

#include <sys/wait.h>
#include <unistd.h>

#define ANN "{\"id\":4,\"fn\":\"Ann\",\"lm\":\"2017-04-23T12:23:22Z\"}"
#define ANN_FILE "{\n  \"id\": 4,\n  \"fn\": \"Ann\",\n  \"lm\": \"2017-04-23T12:23:22Z\"\n}\n"
#define ANN_MTIME 1492950202
#define SEVEN "{\"id\":7}"
#define NINE "{\"id\":9}"

struct tree_fixture {
	struct store *store;
	struct collection *contact;
	struct tree *tree;
	struct node *dir;
	struct slot *slot_4, *slot_7;
};

static inline void start_tree(struct tree_fixture *fixture)
{
	static const char *const names[] = {"contact", "comment", "user", NULL};
	*fixture = (struct tree_fixture){.store = NULL};
	fixture->store = store_create(&(struct store_config){
		.resources = names, .ttl_ms = LONG_TTL_MS, .first_ino = TREE_RECORD_INO});
	fixture->contact = store_collection(fixture->store, "contact");
	fixture->tree = tree_create(fixture->store);
	assert_non_null(fixture->tree);
	fixture->dir = tree_directory(fixture->tree, fixture->contact);
	list_of(fixture->contact, ANN, SEVEN);
	fixture->slot_4 = store_find(fixture->contact, "4", 1);
	fixture->slot_7 = store_find(fixture->contact, "7", 1);
}

/* All scratch has given back its room once the nodes are gone. */
static inline void stop_tree(struct tree_fixture *fixture)
{
	tree_destroy(fixture->tree);
	store_destroy(fixture->store);
}

/* A process that has exited. */
static inline pid_t dead_pid(void)
{
	pid_t pid = fork();
	if (pid == 0)
		_exit(0);
	assert_true(pid > 0);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
	return pid;
}

/* The node under a name, counting no lookup; NULL: nothing there. */
static inline struct node *node_at(struct tree_fixture *fixture, const char *name)
{
	struct node *node;
	if (tree_lookup(fixture->tree, fixture->dir, name, &node) < 0)
		return NULL;
	/* Not tree_forget: the node may be one that nothing else holds. */
	pthread_mutex_lock(&fixture->tree->lock);
	node->lookups--;
	pthread_mutex_unlock(&fixture->tree->lock);
	return node;
}

/* "record 4", "file {}", "link", or "nothing". */
static inline void check_stands(struct tree_fixture *fixture, const char *name, const char *wanted,
	const char *at, int line)
{
	char found[300] = "nothing";
	auto_buf struct buf content = BUF_INIT(sizeof found);
	uint64_t writes;
	struct node *node = node_at(fixture, name);
	if (node && node->kind == NODE_RECORD) {
		snprintf(found, sizeof found, "record %s", tree_slot_of(fixture->tree, node)->id);
	} else if (node && node->kind == NODE_FILE) {
		assert_int_equal(text_copy(node_text(node), &content, &writes), 0);
		snprintf(found, sizeof found, "file %.200s", content.data);
	} else if (node) {
		snprintf(found, sizeof found, "link");
	}
	_assert_string_equal(found, wanted, at, line);
}
#define assert_stands(fixture, name, wanted) check_stands(fixture, name, wanted, __FILE__, __LINE__)

/* The names that are listed beside the records, sorted: "a b". */
static inline void check_extras(
	struct tree_fixture *fixture, const char *wanted, const char *at, int line)
{
	struct extra_name *extras;
	size_t count;
	char found[300] = "";
	assert_int_equal(tree_extra_names(fixture->tree, fixture->dir, &extras, &count), 0);
	qsort(extras, count, sizeof *extras, (int (*)(const void *, const void *))strcmp);
	for (size_t i = 0; i < count; i++) {
		size_t used = strlen(found);
		snprintf(found + used, sizeof found - used, "%s%.100s", i ? " " : "",
			extras[i].name);
	}
	free(extras);
	_assert_string_equal(found, wanted, at, line);
}
#define assert_extras_are(fixture, wanted) check_extras(fixture, wanted, __FILE__, __LINE__)

/* What closing a file would do: "save 4 as 4.json", "create as new.json", "nothing as ". */
static inline void check_commit(struct tree_fixture *fixture, struct node *node, const char *wanted,
	const char *at, int line)
{
	static const char *const words[] = {
		[COMMIT_NOTHING] = "nothing", [COMMIT_SAVE] = "save ", [COMMIT_CREATE] = "create"};
	char name[NAME_SIZE], found[NAME_SIZE + 50];
	struct slot *slot;
	enum commit_kind kind = tree_commit_kind(fixture->tree, node, NULL, &slot, name);
	snprintf(found, sizeof found, "%s%s as %s", words[kind], slot ? slot->id : "", name);
	_assert_string_equal(found, wanted, at, line);
}
#define assert_commit_is(fixture, node, wanted) \
	check_commit(fixture, node, wanted, __FILE__, __LINE__)

static inline void write_file(struct node *node, const char *content)
{
	assert_int_equal(text_truncate(node_text(node), 0), 0);
	assert_int_equal(text_write(node_text(node), 0, content, strlen(content), false), 0);
}

/* A new file that is open and was written to. */
static inline struct node *create_file(
	struct tree_fixture *fixture, const char *name, const char *content)
{
	struct node *node;
	assert_int_equal(
		tree_create_file(fixture->tree, fixture->dir, name, 0600, true, getpid(), &node),
		0);
	write_file(node, content);
	return node;
}

/* The last handle is closed, and the kernel forgets it. */
static inline void close_file(struct tree_fixture *fixture, struct node *node)
{
	uint64_t id = node->id;
	tree_closed(fixture->tree, node);
	tree_unref(fixture->tree, node);
	tree_forget(fixture->tree, id, 1);
}

/* A new file in the place of a record, open, and what its maker has written so far. */
static inline struct node *make_in_place(struct tree_fixture *fixture, const char *name,
	struct slot *slot, const char *content, struct text **ret_text)
{
	struct node *node;
	assert_int_equal(
		tree_create_file(fixture->tree, fixture->dir, name, 0600, true, getpid(), &node),
		0);
	assert_ptr_equal(tree_slot_of(fixture->tree, node), slot);
	*ret_text = text_create(&fixture->tree->budget, NULL);
	tree_note_made(fixture->tree, slot, *ret_text, getpid());
	assert_int_equal(text_write(*ret_text, 0, content, strlen(content), false), 0);
	return node;
}

/* Its last handle is closed. */
static inline void close_made(struct tree_fixture *fixture, struct node *node, struct text *text)
{
	tree_end_made(fixture->tree, tree_slot_of(fixture->tree, node), text, MADE_CLOSED);
	text_unref(text);
	close_file(fixture, node);
}

/* A rename by this process, within the directory. ret_* may be NULL. */
static inline int rename_to(struct tree_fixture *fixture, const char *from, const char *to)
{
	struct node *node = NULL;
	int err = tree_rename(
		fixture->tree, fixture->dir, from, fixture->dir, to, 0, getpid(), &node);
	if (err == 1)
		tree_unref(fixture->tree, node);
	return err;
}

/* Sets record 4, which the kernel has looked up, aside as 4.json~; the file that it is now. */
static inline struct node *set_aside(struct tree_fixture *fixture)
{
	struct node *node;
	assert_int_equal(tree_lookup(fixture->tree, fixture->dir, "4.json", &node), 0);
	assert_int_equal(rename_to(fixture, "4.json", "4.json~"), 0);
	return node;
}

/* A draft new.json that the server made record 9 of; still open. */
static inline struct node *create_nine(struct tree_fixture *fixture, struct slot **ret_slot)
{
	struct node *node = create_file(fixture, "new.json", NINE);
	*ret_slot = put_own(fixture->store, fixture->contact, "9", NINE);
	tree_saved(fixture->tree, node, "new.json", *ret_slot, true);
	return node;
}

#endif
