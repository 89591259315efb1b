#include "tree_fixture.h"

#include <fcntl.h>

/* ---- names that were chosen ---- */

static void test_created__is_known_by_both_names(void **state)
{
	struct tree_fixture fixture;
	struct slot *slot_9;
	char id[ID_MAX + 1];
	size_t len;
	start_tree(&fixture);
	struct node *node = create_nine(&fixture, &slot_9);
	assert_stands(&fixture, "9.json", "record 9");
	assert_stands(&fixture, "new.json", "record 9");
	assert_ptr_equal(node_at(&fixture, "9.json"), node);
	assert_ptr_equal(node_at(&fixture, "new.json"), node);
	assert_int_equal(node_ino(node), slot_shown_ino(slot_9));
	assert_extras_are(&fixture, "");
	assert_false(tree_has_extra_names(fixture.tree, fixture.dir));
	/* The next save is a PUT; what it saves is called by the record's own name. */
	assert_commit_is(&fixture, node, "save 9 as 9.json");
	assert_true(tree_wants(fixture.tree, fixture.dir, "new.json", id, &len));
	assert_string_equal(id, "9");

	assert_true(slot_is_named(slot_9));
	assert_false(slot_is_named(fixture.slot_4));
	close_file(&fixture, node);
	assert_stands(&fixture, "new.json", "record 9");
	assert_stands(&fixture, "9.json", "record 9");
	stop_tree(&fixture);
}

static void test_created__under_its_own_name_needs_no_other(void **state)
{
	struct tree_fixture fixture;
	start_tree(&fixture);
	struct node *node = create_file(&fixture, "9.json", NINE);
	assert_commit_is(&fixture, node, "create as 9.json");
	struct slot *slot_9 = put_own(fixture.store, fixture.contact, "9", NINE);
	tree_saved(fixture.tree, node, "9.json", slot_9, true);
	assert_stands(&fixture, "9.json", "record 9");
	assert_false(tree_has_extra_names(fixture.tree, fixture.dir));
	close_file(&fixture, node);
	stop_tree(&fixture);
}

/* vim saves the chosen name again: R new to new~, C new, U new~. */
static void test_chosen_name__is_set_aside_and_saved_again(void **state)
{
	struct tree_fixture fixture;
	struct slot *slot_9, *ignored;
	start_tree(&fixture);
	close_file(&fixture, create_nine(&fixture, &slot_9));
	assert_int_equal(rename_to(&fixture, "new.json", "new.json~"), 0);
	assert_stands(&fixture, "new.json", "nothing");
	assert_stands(&fixture, "9.json", "record 9");
	struct text *text;
	struct node *node = make_in_place(&fixture, "new.json", slot_9, "{\"x\":1}", &text);
	assert_commit_is(&fixture, node, "save 9 as 9.json");
	tree_end_made(fixture.tree, slot_9, text, MADE_SAVED);
	assert_int_equal(
		tree_unlink(fixture.tree, fixture.dir, "new.json~", getpid(), &ignored), 0);
	assert_stands(&fixture, "new.json", "record 9");
	assert_stands(&fixture, "9.json", "record 9");
	assert_extras_are(&fixture, "");
	close_made(&fixture, node, text);
	stop_tree(&fixture);
}

static void test_chosen_name__comes_back(void **state)
{
	struct tree_fixture fixture;
	struct slot *slot_9;
	start_tree(&fixture);
	close_file(&fixture, create_nine(&fixture, &slot_9));
	assert_int_equal(rename_to(&fixture, "new.json", "new.json~"), 0);
	assert_int_equal(rename_to(&fixture, "new.json~", "new.json"), 0);
	assert_stands(&fixture, "new.json", "record 9");
	assert_stands(&fixture, "new.json~", "nothing");
	assert_extras_are(&fixture, "");
	stop_tree(&fixture);
}

/* R new to new~; the record shows again, is unlinked by that name, and the backup comes back. */
static void test_bury__of_a_chosen_name_ends_when_the_backup_comes_back(void **state)
{
	struct tree_fixture fixture;
	uint64_t burial;
	struct slot *slot_9;
	start_tree(&fixture);
	close_file(&fixture, create_nine(&fixture, &slot_9));
	assert_int_equal(rename_to(&fixture, "new.json", "new.json~"), 0);
	assert_int_equal(
		tree_bury(fixture.tree, fixture.dir, "new.json", slot_9, getpid(), &burial), 0);
	assert_int_equal(rename_to(&fixture, "new.json~", "new.json"), 0);
	assert_false(tree_is_buried(fixture.tree, fixture.dir, "new.json", burial));
	assert_stands(&fixture, "new.json", "record 9");
	stop_tree(&fixture);
}

static void test_chosen_name__goes_with_its_record(void **state)
{
	struct tree_fixture fixture;
	struct slot *slot_9, *slot = NULL;
	start_tree(&fixture);
	close_file(&fixture, create_nine(&fixture, &slot_9));
	assert_int_equal(tree_unlink(fixture.tree, fixture.dir, "new.json", getpid(), &slot), 1);
	assert_ptr_equal(slot, slot_9);
	put_own(fixture.store, fixture.contact, "9", NULL);
	tree_deleted(fixture.tree, fixture.dir, slot_9);
	assert_stands(&fixture, "new.json", "nothing");
	assert_stands(&fixture, "9.json", "nothing");
	struct node *node = create_file(&fixture, "new.json", "{}");
	assert_commit_is(&fixture, node, "create as new.json");
	close_file(&fixture, node);
	stop_tree(&fixture);
}

static void test_chosen_name__takes_what_is_renamed_to_it(void **state)
{
	struct tree_fixture fixture;
	struct slot *slot_9, *slot;
	start_tree(&fixture);
	close_file(&fixture, create_nine(&fixture, &slot_9));
	close_file(&fixture, create_file(&fixture, "sedXYZ", "{\"x\":1}"));
	assert_int_equal(rename_to(&fixture, "sedXYZ", "new.json"), 1);
	assert_int_equal(
		tree_rename_kind(fixture.tree, fixture.dir, "new.json", &slot), COMMIT_SAVE);
	assert_ptr_equal(slot, slot_9);
	struct node *node = node_at(&fixture, "sedXYZ");
	tree_renamed(fixture.tree, fixture.dir, node, "new.json", slot_9, false);
	assert_stands(&fixture, "new.json", "record 9");
	assert_stands(&fixture, "9.json", "record 9");
	assert_extras_are(&fixture, "");
	stop_tree(&fixture);
}

/* ---- a finished file is renamed onto a record ---- */

static void test_rename__onto_a_record_is_a_save(void **state)
{
	struct tree_fixture fixture;
	struct node *node;
	struct slot *slot;
	start_tree(&fixture);
	struct node *temporary = create_file(&fixture, ".goutputstream-1", "{\"fn\":\"Bob\"}");
	assert_int_equal(tree_rename(fixture.tree, fixture.dir, ".goutputstream-1", fixture.dir,
				 "4.json", 0, getpid(), &node),
		1);
	assert_ptr_equal(node, temporary);
	assert_int_equal(tree_rename_kind(fixture.tree, fixture.dir, "4.json", &slot), COMMIT_SAVE);
	assert_ptr_equal(slot, fixture.slot_4);
	/* Until it is saved, and if it is not, all stays as it was. */
	assert_stands(&fixture, "4.json", "record 4");
	assert_stands(&fixture, ".goutputstream-1", "file {\"fn\":\"Bob\"}");

	tree_renamed(fixture.tree, fixture.dir, node, "4.json", slot, false);
	assert_stands(&fixture, "4.json", "record 4");
	assert_ptr_equal(node_at(&fixture, "4.json"), temporary);
	assert_stands(&fixture, ".goutputstream-1", "nothing");
	/* GIO flushes its descriptor after the rename. */
	assert_commit_is(&fixture, temporary, "save 4 as 4.json");
	assert_extras_are(&fixture, "");
	tree_unref(fixture.tree, node);
	close_file(&fixture, temporary);
	assert_stands(&fixture, "4.json", "record 4");
	stop_tree(&fixture);
}

static void test_rename__onto_a_new_name_is_a_create(void **state)
{
	struct tree_fixture fixture;
	struct slot *slot;
	start_tree(&fixture);
	struct node *temporary = create_file(&fixture, "tmp8z1", NINE);
	assert_int_equal(rename_to(&fixture, "tmp8z1", "new.json"), 1);
	assert_int_equal(
		tree_rename_kind(fixture.tree, fixture.dir, "new.json", &slot), COMMIT_CREATE);
	assert_null(slot);
	slot = put_own(fixture.store, fixture.contact, "9", NINE);
	tree_renamed(fixture.tree, fixture.dir, temporary, "new.json", slot, false);
	assert_stands(&fixture, "new.json", "record 9");
	assert_stands(&fixture, "9.json", "record 9");
	assert_stands(&fixture, "tmp8z1", "nothing");
	assert_extras_are(&fixture, "");
	close_file(&fixture, temporary);
	stop_tree(&fixture);
}

/* perl -i.bak, sed -i.bak: R 4 to 4.bak, R tmp to 4. */
static void test_rename__onto_a_vacated_name_is_a_save(void **state)
{
	struct tree_fixture fixture;
	struct slot *slot;
	start_tree(&fixture);
	set_aside(&fixture);
	struct node *temporary = create_file(&fixture, "sedXYZ", "{\"fn\":\"Bob\"}");
	assert_int_equal(rename_to(&fixture, "sedXYZ", "4.json"), 1);
	assert_int_equal(tree_rename_kind(fixture.tree, fixture.dir, "4.json", &slot), COMMIT_SAVE);
	tree_renamed(fixture.tree, fixture.dir, temporary, "4.json", slot, false);
	assert_stands(&fixture, "4.json", "record 4");
	assert_extras_are(&fixture, "4.json~");
	close_file(&fixture, temporary);
	stop_tree(&fixture);
}

static void test_rename__of_scratch_replaces_scratch(void **state)
{
	struct tree_fixture fixture;
	struct node_stat stat;
	struct slot *slot;
	char name[NAME_SIZE];
	start_tree(&fixture);
	struct node *old = create_file(&fixture, "notes.txt", "old");
	close_file(&fixture, create_file(&fixture, "notes.new", "new"));
	assert_int_equal(rename_to(&fixture, "notes.new", "notes.txt"), 0);
	assert_stands(&fixture, "notes.txt", "file new");
	assert_stands(&fixture, "notes.new", "nothing");
	assert_extras_are(&fixture, "notes.txt");
	/* Who has the old one open keeps it. */
	assert_int_equal(tree_stat(fixture.tree, old, &stat), 0);
	assert_int_equal(stat.links, 0);
	assert_int_equal(stat.size, 3);
	assert_int_equal(tree_commit_kind(fixture.tree, old, NULL, &slot, name), COMMIT_NOTHING);
	close_file(&fixture, old);
	assert_int_equal(atomic_load(&fixture.tree->budget.used), SCRATCH_NAME_BYTES + 3);
	stop_tree(&fixture);
}

static void test_rename__refuses(void **state)
{
	static const struct {
		const char *name, *from, *to;
		unsigned flags;
		bool to_elsewhere;
		int err;
	} rows[] = {
		{"record to record", "4.json", "7.json", 0, false, -EPERM},
		{"record to a new record's name", "4.json", "8.json", 0, false, -EPERM},
		{"record to record, as mv asks", "4.json", "7.json", RENAME_NOREPLACE, false,
			-EEXIST},
		{"record into another resource", "4.json", "4.json", 0, true, -EPERM},
		{"record to scratch elsewhere", "4.json", "4.json~", 0, true, -EPERM},
		{"scratch into another resource", "a.txt", "a.txt", 0, true, -EPERM},
		{"scratch to a record elsewhere", "a.txt", "4.json", 0, true, -EPERM},
		{"symlink to a record", "link", "4.json", 0, false, -EPERM},
		{"nothing", "nothing", "x", 0, false, -ENOENT},
		{"no record", "8.json", "8.json~", 0, false, -ENOENT},
		{"exchange", "4.json", "7.json", RENAME_EXCHANGE, false, -EINVAL},
		{"whiteout", "a.txt", "b.txt", RENAME_WHITEOUT, false, -EINVAL},
		{"not to replace scratch", "4.json", "a.txt", RENAME_NOREPLACE, false, -EEXIST},
		{"not to replace a record", "a.txt", "4.json", RENAME_NOREPLACE, false, -EEXIST},
	};
	struct tree_fixture fixture;
	struct node *node;
	start_tree(&fixture);
	struct node *comments =
		tree_directory(fixture.tree, store_collection(fixture.store, "comment"));
	close_file(&fixture, create_file(&fixture, "a.txt", "a"));
	assert_int_equal(tree_symlink(fixture.tree, fixture.dir, "link", "4.json", &node), 0);
	for (size_t i = 0; i < array_size(rows); i++) {
		struct node *to_dir = rows[i].to_elsewhere ? comments : fixture.dir;
		int err = tree_rename(fixture.tree, fixture.dir, rows[i].from, to_dir, rows[i].to,
			rows[i].flags, getpid(), &node);
		if (err != rows[i].err)
			fail_msg("%s: %s", rows[i].name, problem_errno_name(err));
		assert_stands(&fixture, "4.json", "record 4");
		assert_stands(&fixture, "7.json", "record 7");
		assert_stands(&fixture, "a.txt", "file a");
	}
	assert_int_equal(tree_rename(fixture.tree, fixture.tree->root, "contact",
				 fixture.tree->root, "person", 0, getpid(), &node),
		-EPERM);
	stop_tree(&fixture);
}

static void test_rename__with_noreplace_takes_a_free_name(void **state)
{
	struct tree_fixture fixture;
	struct node *node;
	start_tree(&fixture);
	assert_int_equal(tree_rename(fixture.tree, fixture.dir, "4.json", fixture.dir, "4.bak",
				 RENAME_NOREPLACE, getpid(), &node),
		0);
	/* A name that was vacated is free, too. */
	assert_int_equal(tree_rename(fixture.tree, fixture.dir, "4.bak", fixture.dir, "4.json",
				 RENAME_NOREPLACE, getpid(), &node),
		0);
	assert_stands(&fixture, "4.json", "record 4");
	stop_tree(&fixture);
}

static void test_rename__to_itself_changes_nothing(void **state)
{
	struct tree_fixture fixture;
	start_tree(&fixture);
	assert_int_equal(rename_to(&fixture, "4.json", "4.json"), 0);
	assert_stands(&fixture, "4.json", "record 4");
	stop_tree(&fixture);
}

static void test_rename__of_a_record_replaces_an_older_backup(void **state)
{
	struct tree_fixture fixture;
	start_tree(&fixture);
	close_file(&fixture, create_file(&fixture, "4.json~", "an older one"));
	set_aside(&fixture);
	assert_stands(&fixture, "4.json~", "file " ANN_FILE);
	assert_int_equal(rename_to(&fixture, "4.json~", "4.json"), 0);
	assert_stands(&fixture, "4.json", "record 4");
	assert_int_equal(atomic_load(&fixture.tree->budget.used), 0);
	stop_tree(&fixture);
}

/* ---- create, symlink, unlink ---- */

static void test_create__finds_what_is_there(void **state)
{
	struct tree_fixture fixture;
	struct node *node;
	start_tree(&fixture);
	close_file(&fixture, create_file(&fixture, "a.txt", "a"));
	assert_int_equal(
		tree_create_file(fixture.tree, fixture.dir, "4.json", 0600, true, getpid(), &node),
		-EEXIST);
	assert_int_equal(
		tree_create_file(fixture.tree, fixture.dir, "a.txt", 0600, true, getpid(), &node),
		-EEXIST);
	assert_int_equal(
		tree_symlink(fixture.tree, fixture.dir, "a.txt", "4.json", &node), -EEXIST);
	assert_int_equal(tree_create_file(fixture.tree, fixture.tree->root, "a.txt", 0600, true,
				 getpid(), &node),
		-EPERM);
	assert_int_equal(
		tree_symlink(fixture.tree, fixture.tree->root, "a", "4.json", &node), -EPERM);
	stop_tree(&fixture);
}

static void test_create__needs_the_right_to(void **state)
{
	struct tree_fixture fixture;
	uint64_t burial;
	struct node *node;
	start_tree(&fixture);
	struct node *users = tree_directory(fixture.tree, store_collection(fixture.store, "user"));
	struct node *comments =
		tree_directory(fixture.tree, store_collection(fixture.store, "comment"));
	assert_int_equal(
		tree_create_file(fixture.tree, users, "new.json", 0600, true, getpid(), &node),
		-EACCES);
	assert_int_equal(
		tree_create_file(fixture.tree, users, ".new.json.swp", 0600, true, getpid(), &node),
		0);
	assert_int_equal(
		tree_create_file(fixture.tree, comments, "new.json", 0600, true, getpid(), &node),
		0);
	/* What is written where one was set aside would be an update, which comments lack. */
	struct slot *comment = put_own(
		fixture.store, store_collection(fixture.store, "comment"), "4", "{\"id\":4}");
	assert_int_equal(
		tree_bury(fixture.tree, comments, "4.json", comment, getpid(), &burial), 0);
	assert_int_equal(
		tree_create_file(fixture.tree, comments, "4.json", 0600, true, getpid(), &node),
		-EACCES);
	/* It is there again: who creates it anew did not mean to delete it. */
	assert_false(tree_is_buried(fixture.tree, comments, "4.json", burial));
	stop_tree(&fixture);
}

static void test_symlink__is_scratch(void **state)
{
	struct tree_fixture fixture;
	struct node *node;
	struct node_stat stat;
	struct slot *slot;
	start_tree(&fixture);
	assert_int_equal(
		tree_symlink(fixture.tree, fixture.dir, "5.json", "4.json", &node), -EPERM);
	/* emacs' lock */
	assert_int_equal(
		tree_symlink(fixture.tree, fixture.dir, ".#4.json", "me@here.1", &node), 0);
	assert_stands(&fixture, ".#4.json", "link");
	assert_extras_are(&fixture, ".#4.json");
	assert_int_equal(tree_stat(fixture.tree, node, &stat), 0);
	assert_int_equal(stat.size, strlen("me@here.1"));
	assert_int_equal(tree_unlink(fixture.tree, fixture.dir, ".#4.json", getpid(), &slot), 0);
	assert_stands(&fixture, ".#4.json", "nothing");
	stop_tree(&fixture);
}

static void test_unlink__of_a_record_is_for_the_caller_to_do(void **state)
{
	struct tree_fixture fixture;
	struct slot *slot = NULL;
	start_tree(&fixture);
	assert_int_equal(tree_unlink(fixture.tree, fixture.dir, "4.json", getpid(), &slot), 1);
	assert_ptr_equal(slot, fixture.slot_4);
	assert_stands(&fixture, "4.json", "record 4");
	assert_int_equal(
		tree_unlink(fixture.tree, fixture.dir, "8.json", getpid(), &slot), -ENOENT);
	assert_int_equal(tree_unlink(fixture.tree, fixture.dir, "a.txt", getpid(), &slot), -ENOENT);
	assert_int_equal(
		tree_unlink(fixture.tree, fixture.tree->root, "contact", getpid(), &slot), -EPERM);
	stop_tree(&fixture);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_created__is_known_by_both_names),
		cmocka_unit_test(test_created__under_its_own_name_needs_no_other),
		cmocka_unit_test(test_chosen_name__is_set_aside_and_saved_again),
		cmocka_unit_test(test_chosen_name__comes_back),
		cmocka_unit_test(test_chosen_name__goes_with_its_record),
		cmocka_unit_test(test_chosen_name__takes_what_is_renamed_to_it),
		cmocka_unit_test(test_rename__onto_a_record_is_a_save),
		cmocka_unit_test(test_rename__onto_a_new_name_is_a_create),
		cmocka_unit_test(test_rename__onto_a_vacated_name_is_a_save),
		cmocka_unit_test(test_rename__of_scratch_replaces_scratch),
		cmocka_unit_test(test_rename__refuses),
		cmocka_unit_test(test_rename__with_noreplace_takes_a_free_name),
		cmocka_unit_test(test_rename__to_itself_changes_nothing),
		cmocka_unit_test(test_rename__of_a_record_replaces_an_older_backup),
		cmocka_unit_test(test_create__finds_what_is_there),
		cmocka_unit_test(test_create__needs_the_right_to),
		cmocka_unit_test(test_symlink__is_scratch),
		cmocka_unit_test(test_unlink__of_a_record_is_for_the_caller_to_do),
		cmocka_unit_test(test_bury__of_a_chosen_name_ends_when_the_backup_comes_back),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
