#include "tree_fixture.h"

#include <sys/stat.h>

static void test_root__has_the_collections(void **state)
{
	struct tree_fixture fixture;
	struct node *node;
	start_tree(&fixture);
	assert_ptr_equal(tree_node(fixture.tree, NODE_ROOT_ID), fixture.tree->root);
	assert_int_equal(tree_lookup(fixture.tree, fixture.tree->root, "contact", &node), 0);
	assert_ptr_equal(node, fixture.dir);
	assert_ptr_equal(tree_node(fixture.tree, node->id), node);
	assert_int_equal(tree_lookup(fixture.tree, fixture.tree->root, "task", &node), -ENOENT);
	assert_int_equal(tree_lookup(fixture.tree, fixture.tree->root, "4.json", &node), -ENOENT);
	assert_null(tree_directory(fixture.tree, NULL));
	stop_tree(&fixture);
}

static void test_fixed_nodes__are_never_forgotten(void **state)
{
	struct tree_fixture fixture;
	start_tree(&fixture);
	tree_forget(fixture.tree, NODE_ROOT_ID, 1000);
	tree_forget(fixture.tree, fixture.dir->id, 1000);
	tree_forget(fixture.tree, 123456789, 1);
	assert_ptr_equal(tree_node(fixture.tree, fixture.dir->id), fixture.dir);
	assert_ptr_equal(tree_node(fixture.tree, NODE_ROOT_ID), fixture.tree->root);
	stop_tree(&fixture);
}

/* ---- records ---- */

static void test_record__is_one_node_with_the_slots_inode_number(void **state)
{
	struct tree_fixture fixture;
	struct node *node, *again;
	start_tree(&fixture);
	assert_int_equal(tree_lookup(fixture.tree, fixture.dir, "4.json", &node), 0);
	assert_int_equal(tree_lookup(fixture.tree, fixture.dir, "4.json", &again), 0);
	assert_ptr_equal(node, again);
	assert_ptr_equal(tree_lookup_slot(fixture.tree, fixture.dir, fixture.slot_4), node);
	assert_int_equal(node_ino(node), fixture.slot_4->ino);
	assert_ptr_equal(tree_slot_of(fixture.tree, node), fixture.slot_4);
	assert_null(tree_take_text(fixture.tree, node));

	/* Three lookups: forgotten at the third. */
	uint64_t id = node->id;
	tree_forget(fixture.tree, id, 2);
	assert_ptr_equal(tree_node(fixture.tree, id), node);
	tree_forget(fixture.tree, id, 1);
	assert_null(tree_node(fixture.tree, id));
	assert_int_equal(tree_lookup(fixture.tree, fixture.dir, "4.json", &node), 0);
	assert_true(node->id != id);
	assert_int_equal(node_ino(node), fixture.slot_4->ino);
	stop_tree(&fixture);
}

static bool opens_unsettled(struct tree_fixture *fixture, struct node *node)
{
	struct opening opening;
	tree_open(fixture->tree, node, &opening);
	record_unref(opening.present);
	return opening.is_unsettled;
}

static void test_record__is_opened_at_one_moment(void **state)
{
	struct tree_fixture fixture;
	struct node *node;
	struct opening opening;
	uint64_t id;
	start_tree(&fixture);
	assert_int_equal(tree_lookup(fixture.tree, fixture.dir, "4.json", &node), 0);
	assert_true(tree_begin_telling(fixture.tree, fixture.slot_4, &id));
	node->queued = false;
	tree_open(fixture.tree, node, &opening);
	assert_ptr_equal(opening.slot, fixture.slot_4);
	assert_ptr_equal(opening.present, fixture.slot_4->record);
	assert_ptr_equal(opening.collection, fixture.slot_4->collection);
	assert_null(opening.text);
	assert_false(opening.is_unsettled);
	assert_false(opening.is_pushed);
	record_unref(opening.present);
	node->pushed = true;
	tree_open(fixture.tree, node, &opening);
	assert_true(opening.is_pushed);
	record_unref(opening.present);
	stop_tree(&fixture);
}

/* From the moment on when it has another version until the kernel has dropped its pages. */
static void test_record__is_unsettled_until_the_kernel_is_told(void **state)
{
	struct tree_fixture fixture;
	struct node *node;
	uint64_t id;
	start_tree(&fixture);
	assert_int_equal(tree_lookup(fixture.tree, fixture.dir, "4.json", &node), 0);
	assert_true(tree_begin_telling(fixture.tree, fixture.slot_4, &id));
	assert_int_equal(id, node->id);
	assert_false(tree_begin_telling_node(fixture.tree, node->id));
	node->queued = false;
	assert_false(opens_unsettled(&fixture, node));

	list_of(fixture.contact, "{\"id\":4,\"fn\":\"Zoe\"}", SEVEN);
	assert_true(opens_unsettled(&fixture, node));
	assert_true(tree_begin_telling(fixture.tree, fixture.slot_4, &id));
	assert_true(opens_unsettled(&fixture, node));
	node->queued = false;
	assert_false(opens_unsettled(&fixture, node));

	/* Nobody has a node of it. */
	assert_false(tree_begin_telling(fixture.tree, fixture.slot_7, &id));
	stop_tree(&fixture);
}

static void test_record__stays_while_a_handle_holds_it(void **state)
{
	struct tree_fixture fixture;
	struct node *node;
	start_tree(&fixture);
	assert_int_equal(tree_lookup(fixture.tree, fixture.dir, "4.json", &node), 0);
	uint64_t id = node->id;
	assert_ptr_equal(tree_ref(fixture.tree, node), node);
	tree_forget(fixture.tree, id, 1);
	assert_ptr_equal(tree_node(fixture.tree, id), node);
	tree_unref(fixture.tree, node);
	assert_null(tree_node(fixture.tree, id));
	stop_tree(&fixture);
}

static void test_lookup__finds_only_what_the_store_has(void **state)
{
	static const char *const names[] = {
		"8.json", "4", "4.JSON", "04.json", "4.json.json", "%34.json", ".4.json", "", "."};
	struct tree_fixture fixture;
	start_tree(&fixture);
	for (size_t i = 0; i < array_size(names); i++) {
		if (node_at(&fixture, names[i]))
			fail_msg("'%s'", names[i]);
	}
	put_theirs(fixture.store, fixture.contact, "4", NULL);
	assert_stands(&fixture, "4.json", "nothing");
	stop_tree(&fixture);
}

static void test_lookup__finds_ids_by_their_encoded_names(void **state)
{
	struct tree_fixture fixture;
	start_tree(&fixture);
	put_theirs(fixture.store, fixture.contact, "../x", "{\"id\":\"../x\"}");
	assert_stands(&fixture, "%2E.%2Fx.json", "record ../x");
	assert_stands(&fixture, "../x.json", "nothing");
	stop_tree(&fixture);
}

static void test_wants__tells_which_names_only_the_server_knows(void **state)
{
	static const struct {
		const char *name, *id; /* id NULL: the tree knows */
	} rows[] = {
		{"4.json", "4"},
		{"8.json", "8"},
		{"f1001.json", "f1001"},
		{"4.json~", NULL},
		{".4.json.swp", NULL},
		{"tmp1.json", NULL},
		{"draft.json", NULL},
		{"moved.json", NULL},
		{"%zz.json", NULL},
	};
	struct tree_fixture fixture;
	start_tree(&fixture);
	close_file(&fixture, create_file(&fixture, "draft.json", "{}"));
	put_theirs(fixture.store, fixture.contact, "moved", "{\"id\":\"moved\"}");
	assert_int_equal(rename_to(&fixture, "moved.json", "moved.json~"), 0);
	for (size_t i = 0; i < array_size(rows); i++) {
		char id[ID_MAX + 1] = "";
		size_t len = 0;
		bool wants = tree_wants(fixture.tree, fixture.dir, rows[i].name, id, &len);
		if (wants != (rows[i].id != NULL) || (wants && strcmp(id, rows[i].id) != 0))
			fail_msg("%s: %d '%s'", rows[i].name, wants, id);
	}
	char id[ID_MAX + 1];
	size_t len;
	assert_false(tree_wants(fixture.tree, fixture.tree->root, "4.json", id, &len));
	stop_tree(&fixture);
}

static void test_record_nodes__are_those_the_kernel_knows(void **state)
{
	struct tree_fixture fixture;
	struct node *node;
	uint64_t *ids;
	size_t count;
	start_tree(&fixture);
	assert_int_equal(tree_lookup(fixture.tree, fixture.dir, "7.json", &node), 0);
	create_file(&fixture, "a.txt", "a");
	assert_int_equal(tree_record_nodes(fixture.tree, fixture.contact, &ids, &count), 0);
	assert_int_equal(count, 1);
	assert_int_equal(ids[0], node->id);
	free(ids);
	stop_tree(&fixture);
}

/* ---- listing ---- */

static void test_extra_names__are_scratch_and_drafts(void **state)
{
	struct tree_fixture fixture;
	struct extra_name *extras;
	struct node *node;
	size_t count;
	start_tree(&fixture);
	assert_false(tree_has_extra_names(fixture.tree, fixture.dir));
	assert_extras_are(&fixture, "");
	assert_int_equal(tree_symlink(fixture.tree, fixture.dir, ".#4.json", "x", &node), 0);
	assert_true(tree_has_extra_names(fixture.tree, fixture.dir));
	assert_int_equal(tree_extra_names(fixture.tree, fixture.dir, &extras, &count), 0);
	assert_int_equal(count, 1);
	assert_string_equal(extras[0].name, ".#4.json");
	assert_int_equal(extras[0].ino, node_ino(node));
	assert_int_equal(extras[0].type, S_IFLNK);
	free(extras);
	create_file(&fixture, "4.json~", "x");
	create_file(&fixture, "new.json", "x");
	assert_extras_are(&fixture, ".#4.json 4.json~ new.json");
	assert_true(tree_shows_record(fixture.tree, fixture.dir, "4.json"));
	assert_false(tree_shows_record(fixture.tree, fixture.dir, "new.json"));
	stop_tree(&fixture);
}

static void test_names__are_found_among_many(void **state)
{
	enum { MANY = 2000 };
	struct tree_fixture fixture;
	struct extra_name *extras;
	struct slot *slot;
	size_t count;
	char name[40];
	start_tree(&fixture);
	for (int i = 0; i < MANY; i++) {
		snprintf(name, sizeof name, "scratch-%d", i);
		close_file(&fixture, create_file(&fixture, name, name));
	}
	assert_int_equal(tree_extra_names(fixture.tree, fixture.dir, &extras, &count), 0);
	assert_int_equal(count, MANY);
	free(extras);
	assert_stands(&fixture, "scratch-1234", "file scratch-1234");
	for (int i = 0; i < MANY; i++) {
		snprintf(name, sizeof name, "scratch-%d", i);
		assert_int_equal(tree_unlink(fixture.tree, fixture.dir, name, getpid(), &slot), 0);
	}
	assert_false(tree_has_extra_names(fixture.tree, fixture.dir));
	assert_int_equal(atomic_load(&fixture.tree->budget.used), 0);
	stop_tree(&fixture);
}

/* ---- stat ---- */

static void test_stat__of_a_record(void **state)
{
	struct tree_fixture fixture;
	struct node_stat stat;
	start_tree(&fixture);
	struct node *node = node_at(&fixture, "4.json");
	assert_int_equal(tree_stat(fixture.tree, node, &stat), 0);
	assert_int_equal(stat.mode, S_IFREG | 0600);
	assert_int_equal(stat.ino, fixture.slot_4->ino);
	assert_int_equal(stat.links, 1);
	assert_int_equal(stat.size, strlen(ANN_FILE));
	assert_int_equal(stat.mtime.tv_sec, ANN_MTIME);
	assert_in_range(stat.valid_ms, 1, LONG_TTL_MS);
	/* chmod is accepted and changes nothing. */
	tree_set_mode(fixture.tree, node, 0777);
	assert_int_equal(tree_stat(fixture.tree, node, &stat), 0);
	assert_int_equal(stat.mode, S_IFREG | 0600);

	store_expire_slot(fixture.slot_4);
	assert_int_equal(tree_stat(fixture.tree, node, &stat), 0);
	assert_int_equal(stat.valid_ms, 0);
	put_theirs(fixture.store, fixture.contact, "4", NULL);
	assert_int_equal(tree_stat(fixture.tree, node, &stat), -ENOENT);
	stop_tree(&fixture);
}

static void test_stat__of_what_cannot_be_updated(void **state)
{
	static const char *const names[] = {"comment", "user"};
	struct tree_fixture fixture;
	start_tree(&fixture);
	for (size_t i = 0; i < array_size(names); i++) {
		struct collection *collection = store_collection(fixture.store, names[i]);
		struct node *dir = tree_directory(fixture.tree, collection), *node;
		struct node_stat stat;
		put_theirs(fixture.store, collection, "4", "{\"id\":4}");
		assert_int_equal(tree_lookup(fixture.tree, dir, "4.json", &node), 0);
		assert_int_equal(tree_stat(fixture.tree, node, &stat), 0);
		assert_int_equal(stat.mode, S_IFREG | 0400);
	}
	stop_tree(&fixture);
}

static void test_stat__of_scratch(void **state)
{
	struct tree_fixture fixture;
	struct node_stat stat;
	struct slot *slot;
	start_tree(&fixture);
	struct node *node = create_file(&fixture, "a.txt", "hello");
	assert_int_equal(tree_stat(fixture.tree, node, &stat), 0);
	assert_int_equal(stat.mode, S_IFREG | 0600);
	assert_int_equal(stat.size, 5);
	assert_int_equal(stat.links, 1);
	assert_in_range(stat.ino, TREE_FIRST_INO, TREE_RECORD_INO - 1);
	tree_set_mode(fixture.tree, node, 0755);
	assert_int_equal(tree_stat(fixture.tree, node, &stat), 0);
	assert_int_equal(stat.mode, S_IFREG | 0755);
	assert_int_equal(tree_unlink(fixture.tree, fixture.dir, "a.txt", getpid(), &slot), 0);
	assert_int_equal(tree_stat(fixture.tree, node, &stat), 0);
	assert_int_equal(stat.links, 0);
	assert_int_equal(stat.size, 5);
	close_file(&fixture, node);
	stop_tree(&fixture);
}

static void test_stat__of_a_directory_follows_its_names(void **state)
{
	struct tree_fixture fixture;
	struct node_stat before, after;
	struct slot *slot;
	start_tree(&fixture);
	assert_int_equal(tree_stat(fixture.tree, fixture.dir, &before), 0);
	assert_int_equal(before.mode, S_IFDIR | 0700);
	close_file(&fixture, create_file(&fixture, "a.txt", "x"));
	assert_int_equal(tree_stat(fixture.tree, fixture.dir, &after), 0);
	assert_memory_not_equal(&before.mtime, &after.mtime, sizeof before.mtime);

	before = after;
	put_theirs(fixture.store, fixture.contact, "9", NINE);
	assert_int_equal(tree_stat(fixture.tree, fixture.dir, &after), 0);
	assert_memory_not_equal(&before.mtime, &after.mtime, sizeof before.mtime);

	before = after;
	assert_int_equal(tree_unlink(fixture.tree, fixture.dir, "a.txt", getpid(), &slot), 0);
	assert_int_equal(tree_stat(fixture.tree, fixture.dir, &after), 0);
	assert_memory_not_equal(&before.mtime, &after.mtime, sizeof before.mtime);

	/* Another version of a record is no change of the directory. */
	before = after;
	put_theirs(fixture.store, fixture.contact, "9", "{\"id\":9,\"x\":1}");
	assert_int_equal(tree_stat(fixture.tree, fixture.dir, &after), 0);
	assert_memory_equal(&before.mtime, &after.mtime, sizeof before.mtime);
	assert_int_equal(tree_stat(fixture.tree, fixture.tree->root, &after), 0);
	assert_int_equal(after.mode, S_IFDIR | 0700);
	stop_tree(&fixture);
}

static void test_inode_numbers__differ(void **state)
{
	struct tree_fixture fixture;
	start_tree(&fixture);
	uint64_t inos[] = {node_ino(fixture.tree->root), node_ino(fixture.dir), fixture.slot_4->ino,
		fixture.slot_7->ino, node_ino(create_file(&fixture, "a", "")),
		node_ino(create_file(&fixture, "b", ""))};
	for (size_t i = 0; i < array_size(inos); i++) {
		for (size_t j = 0; j < i; j++)
			assert_true(inos[i] != inos[j]);
	}
	stop_tree(&fixture);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_root__has_the_collections),
		cmocka_unit_test(test_fixed_nodes__are_never_forgotten),
		cmocka_unit_test(test_record__is_one_node_with_the_slots_inode_number),
		cmocka_unit_test(test_record__is_opened_at_one_moment),
		cmocka_unit_test(test_record__is_unsettled_until_the_kernel_is_told),
		cmocka_unit_test(test_record__stays_while_a_handle_holds_it),
		cmocka_unit_test(test_lookup__finds_only_what_the_store_has),
		cmocka_unit_test(test_lookup__finds_ids_by_their_encoded_names),
		cmocka_unit_test(test_wants__tells_which_names_only_the_server_knows),
		cmocka_unit_test(test_record_nodes__are_those_the_kernel_knows),
		cmocka_unit_test(test_extra_names__are_scratch_and_drafts),
		cmocka_unit_test(test_names__are_found_among_many),
		cmocka_unit_test(test_stat__of_a_record),
		cmocka_unit_test(test_stat__of_what_cannot_be_updated),
		cmocka_unit_test(test_stat__of_scratch),
		cmocka_unit_test(test_stat__of_a_directory_follows_its_names),
		cmocka_unit_test(test_inode_numbers__differ),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
