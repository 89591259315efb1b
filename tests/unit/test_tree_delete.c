#include "tree_fixture.h"

/* ---- unlinked, but it may come back ---- */

static void test_bury__hides_the_record_for_as_long_as_it_takes(void **state)
{
	struct tree_fixture fixture;
	uint64_t burial;
	struct slot *slot;
	start_tree(&fixture);
	/* However long ago whoever did it has exited. */
	assert_int_equal(
		tree_bury(fixture.tree, fixture.dir, "4.json", fixture.slot_4, dead_pid(), &burial),
		0);
	assert_stands(&fixture, "4.json", "nothing");
	assert_true(tree_is_buried(fixture.tree, fixture.dir, "4.json", burial));
	assert_false(tree_is_buried(fixture.tree, fixture.dir, "4.json", burial + 1));
	assert_false(tree_is_buried(fixture.tree, fixture.dir, "7.json", burial));
	assert_false(tree_shows_record(fixture.tree, fixture.dir, "4.json"));
	assert_int_equal(
		tree_unlink(fixture.tree, fixture.dir, "4.json", getpid(), &slot), -ENOENT);
	stop_tree(&fixture);
}

/* mv from elsewhere, install, tar, unzip, git checkout: U 4, C 4 is one PUT, also if refused. */
static void test_bury__ends_with_a_create(void **state)
{
	struct tree_fixture fixture;
	uint64_t burial;
	struct text *text;
	struct slot *slot;
	start_tree(&fixture);
	assert_int_equal(
		tree_bury(fixture.tree, fixture.dir, "4.json", fixture.slot_4, getpid(), &burial),
		0);
	struct node *node = make_in_place(&fixture, "4.json", fixture.slot_4, "{", &text);
	assert_false(tree_is_buried(fixture.tree, fixture.dir, "4.json", burial));
	assert_false(tree_begin_delete(fixture.tree, fixture.dir, "4.json", burial));
	assert_commit_is(&fixture, node, "save 4 as 4.json");
	tree_end_made(fixture.tree, fixture.slot_4, text, MADE_REFUSED);
	/* The delete that was to follow finds nothing to do. */
	tree_unbury(fixture.tree, fixture.dir, "4.json", burial);
	assert_stands(&fixture, "4.json", "record 4");
	assert_commit_is(&fixture, node, "save 4 as 4.json");
	/* Who takes away what he could not finish has deleted nothing. */
	assert_int_equal(tree_unlink(fixture.tree, fixture.dir, "4.json", getpid(), &slot), 0);
	close_made(&fixture, node, text);
	stop_tree(&fixture);
}

/* Too late: what is written there may be a new record. */
static void test_bury__does_not_end_once_the_delete_is_on_its_way(void **state)
{
	struct tree_fixture fixture;
	uint64_t burial;
	start_tree(&fixture);
	assert_int_equal(
		tree_bury(fixture.tree, fixture.dir, "4.json", fixture.slot_4, getpid(), &burial),
		0);
	assert_true(tree_begin_delete(fixture.tree, fixture.dir, "4.json", burial));
	struct node *draft = create_file(&fixture, "4.json", "{}");
	put_own(fixture.store, fixture.contact, "4", NULL);
	tree_deleted(fixture.tree, fixture.dir, fixture.slot_4);
	tree_unbury(fixture.tree, fixture.dir, "4.json", burial);
	assert_commit_is(&fixture, draft, "create as 4.json");
	close_file(&fixture, draft);
	stop_tree(&fixture);
}

static void test_made__without_a_text_gives_the_place_back(void **state)
{
	struct tree_fixture fixture;
	uint64_t burial;
	struct text *text;
	start_tree(&fixture);
	assert_int_equal(
		tree_bury(fixture.tree, fixture.dir, "4.json", fixture.slot_4, getpid(), &burial),
		0);
	struct node *node = make_in_place(&fixture, "4.json", fixture.slot_4, "", &text);
	close_made(&fixture, node, text);
	assert_stands(&fixture, "4.json", "record 4");
	assert_false(tree_has_extra_names(fixture.tree, fixture.dir));
	assert_int_equal(atomic_load(&fixture.tree->budget.used), 0);
	stop_tree(&fixture);
}

static void test_bury__ends_with_a_create_that_has_no_room(void **state)
{
	struct tree_fixture fixture;
	uint64_t burial;
	struct node *node;
	start_tree(&fixture);
	size_t used = atomic_load(&fixture.tree->budget.used);
	atomic_store(&fixture.tree->budget.used, fixture.tree->budget.max);
	assert_int_equal(
		tree_bury(fixture.tree, fixture.dir, "4.json", fixture.slot_4, getpid(), &burial),
		0);
	/* Nothing is taken for it until it is written to. */
	assert_int_equal(
		tree_create_file(fixture.tree, fixture.dir, "4.json", 0600, true, getpid(), &node),
		0);
	assert_false(tree_is_buried(fixture.tree, fixture.dir, "4.json", burial));
	assert_stands(&fixture, "4.json", "record 4");
	/* And nothing is set aside where there is no room for it. */
	assert_int_equal(rename_to(&fixture, "4.json", "4.json~"), -ENOSPC);
	assert_stands(&fixture, "4.json", "record 4");
	atomic_store(&fixture.tree->budget.used, used);
	close_file(&fixture, node);
	stop_tree(&fixture);
}

/* The delete that waits is of the first unlink, and leaves the second one to its own. */
static void test_bury__is_not_the_one_before(void **state)
{
	struct tree_fixture fixture;
	uint64_t first, second;
	struct text *text;
	start_tree(&fixture);
	assert_int_equal(
		tree_bury(fixture.tree, fixture.dir, "4.json", fixture.slot_4, getpid(), &first),
		0);
	struct node *node = make_in_place(&fixture, "4.json", fixture.slot_4, "{}", &text);
	tree_end_made(fixture.tree, fixture.slot_4, text, MADE_SAVED);
	assert_int_equal(
		tree_bury(fixture.tree, fixture.dir, "4.json", fixture.slot_4, getpid(), &second),
		0);
	assert_false(tree_is_buried(fixture.tree, fixture.dir, "4.json", first));
	assert_false(tree_begin_delete(fixture.tree, fixture.dir, "4.json", first));
	tree_unbury(fixture.tree, fixture.dir, "4.json", first);
	assert_stands(&fixture, "4.json", "nothing");
	assert_true(tree_begin_delete(fixture.tree, fixture.dir, "4.json", second));
	close_made(&fixture, node, text);
	assert_stands(&fixture, "4.json", "nothing");
	stop_tree(&fixture);
}

static void test_bury__ends_with_a_rename(void **state)
{
	struct tree_fixture fixture;
	uint64_t burial;
	struct slot *slot;
	start_tree(&fixture);
	assert_int_equal(
		tree_bury(fixture.tree, fixture.dir, "4.json", fixture.slot_4, getpid(), &burial),
		0);
	close_file(&fixture, create_file(&fixture, "tmp1", "{\"fn\":\"Bob\"}"));
	assert_int_equal(rename_to(&fixture, "tmp1", "4.json"), 1);
	/* At once, not when it is saved. */
	assert_false(tree_is_buried(fixture.tree, fixture.dir, "4.json", burial));
	assert_int_equal(tree_rename_kind(fixture.tree, fixture.dir, "4.json", &slot), COMMIT_SAVE);
	assert_ptr_equal(slot, fixture.slot_4);
	stop_tree(&fixture);
}

static void test_unbury__shows_the_record_or_its_absence(void **state)
{
	struct tree_fixture fixture;
	uint64_t burial;
	start_tree(&fixture);
	for (int is_deleted = 0; is_deleted < 2; is_deleted++) {
		assert_int_equal(tree_bury(fixture.tree, fixture.dir, "4.json", fixture.slot_4,
					 getpid(), &burial),
			0);
		if (is_deleted) {
			put_own(fixture.store, fixture.contact, "4", NULL);
			tree_deleted(fixture.tree, fixture.dir, fixture.slot_4);
		}
		tree_unbury(fixture.tree, fixture.dir, "4.json", burial);
		assert_stands(&fixture, "4.json", is_deleted ? "nothing" : "record 4");
		assert_false(tree_has_extra_names(fixture.tree, fixture.dir));
	}
	struct node *draft = create_file(&fixture, "4.json", "{}");
	assert_commit_is(&fixture, draft, "create as 4.json");
	close_file(&fixture, draft);
	stop_tree(&fixture);
}

/* Who has it open to write loses nothing in silence, under whatever name it was unlinked. */
static void test_bury__keeps_what_is_written_to_it(void **state)
{
	uint64_t burial;
	static const char *const names[] = {"4.json", "ann.json"};
	struct tree_fixture fixture;
	struct slot *slot;
	char name[NAME_SIZE];
	start_tree(&fixture);
	struct node *node = node_at(&fixture, "4.json");
	for (size_t i = 0; i < array_size(names); i++) {
		assert_int_equal(tree_bury(fixture.tree, fixture.dir, names[i], fixture.slot_4,
					 getpid(), &burial),
			0);
		assert_int_equal(tree_commit_kind(fixture.tree, node, fixture.slot_4, &slot, name),
			COMMIT_KEEP);
		assert_string_equal(name, "4.json");
		assert_true(tree_is_buried_by(fixture.tree, fixture.slot_4, getpid()));
		assert_false(tree_is_buried_by(fixture.tree, fixture.slot_4, dead_pid()));
		tree_unbury(fixture.tree, fixture.dir, names[i], burial);
		assert_int_equal(tree_commit_kind(fixture.tree, node, fixture.slot_4, &slot, name),
			COMMIT_SAVE);
		assert_false(tree_is_buried_by(fixture.tree, fixture.slot_4, getpid()));
	}
	stop_tree(&fixture);
}

/* ---- deleted while something was set aside ---- */

/* mv 4.json 4.bak; rm 4.json; cp 4.bak 4.json: a DELETE and a POST, as asked. */
static void test_deleted__is_not_saved_to_any_more(void **state)
{
	struct tree_fixture fixture;
	struct node *node;
	struct slot *slot;
	start_tree(&fixture);
	assert_int_equal(tree_rename(fixture.tree, fixture.dir, "4.json", fixture.dir, "4.bak", 0,
				 dead_pid(), &node),
		0);
	assert_int_equal(tree_unlink(fixture.tree, fixture.dir, "4.json", getpid(), &slot), 1);
	put_own(fixture.store, fixture.contact, "4", NULL);
	tree_deleted(fixture.tree, fixture.dir, fixture.slot_4);
	struct node *draft = create_file(&fixture, "4.json", "{}");
	assert_commit_is(&fixture, draft, "create as 4.json");
	close_file(&fixture, draft);
	stop_tree(&fixture);
}

/* It was deleted on the server, which says so only when it is asked for. */
static void test_aside__and_gone_is_created_anew(void **state)
{
	struct tree_fixture fixture;
	struct node *node;
	struct slot *slot;
	start_tree(&fixture);
	assert_int_equal(tree_rename(fixture.tree, fixture.dir, "4.json", fixture.dir, "4.bak", 0,
				 dead_pid(), &node),
		0);
	put_own(fixture.store, fixture.contact, "4", NULL);
	assert_int_equal(rename_to(&fixture, "4.bak", "4.json"), 1);
	assert_int_equal(
		tree_rename_kind(fixture.tree, fixture.dir, "4.json", &slot), COMMIT_CREATE);
	struct node *draft = create_file(&fixture, "4.json", "{}");
	assert_commit_is(&fixture, draft, "create as 4.json");
	close_file(&fixture, draft);
	stop_tree(&fixture);
}

/* The same with mv 4.bak 4.json: the text must not vanish with the record. */
static void test_deleted__backup_is_created_anew(void **state)
{
	struct tree_fixture fixture;
	struct node *node;
	struct slot *slot;
	start_tree(&fixture);
	assert_int_equal(tree_rename(fixture.tree, fixture.dir, "4.json", fixture.dir, "4.bak", 0,
				 dead_pid(), &node),
		0);
	put_own(fixture.store, fixture.contact, "4", NULL);
	tree_deleted(fixture.tree, fixture.dir, fixture.slot_4);
	assert_int_equal(rename_to(&fixture, "4.bak", "4.json"), 1);
	assert_int_equal(
		tree_rename_kind(fixture.tree, fixture.dir, "4.json", &slot), COMMIT_CREATE);
	assert_stands(&fixture, "4.bak", "file " ANN_FILE);
	stop_tree(&fixture);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_bury__hides_the_record_for_as_long_as_it_takes),
		cmocka_unit_test(test_bury__ends_with_a_create),
		cmocka_unit_test(test_bury__does_not_end_once_the_delete_is_on_its_way),
		cmocka_unit_test(test_made__without_a_text_gives_the_place_back),
		cmocka_unit_test(test_bury__ends_with_a_create_that_has_no_room),
		cmocka_unit_test(test_bury__is_not_the_one_before),
		cmocka_unit_test(test_bury__ends_with_a_rename),
		cmocka_unit_test(test_unbury__shows_the_record_or_its_absence),
		cmocka_unit_test(test_bury__keeps_what_is_written_to_it),
		cmocka_unit_test(test_aside__and_gone_is_created_anew),
		cmocka_unit_test(test_deleted__is_not_saved_to_any_more),
		cmocka_unit_test(test_deleted__backup_is_created_anew),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
