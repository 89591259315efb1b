#include "tree_fixture.h"

#include "clock.h"
#include <poll.h>

/* ---- a record is set aside ---- */

static void test_aside__leaves_a_file_and_a_vacant_name(void **state)
{
	struct tree_fixture fixture;
	struct node *moved;
	struct node_stat stat;
	start_tree(&fixture);
	struct node *node = node_at(&fixture, "4.json");
	assert_int_equal(tree_rename(fixture.tree, fixture.dir, "4.json", fixture.dir, "4.json~", 0,
				 getpid(), &moved),
		0);

	assert_stands(&fixture, "4.json", "nothing");
	assert_stands(&fixture, "4.json~", "file " ANN_FILE);
	assert_ptr_equal(node_at(&fixture, "4.json~"), node);
	assert_false(text_is_dirty(node_text(node)));
	assert_commit_is(&fixture, node, "nothing as 4.json~");
	assert_int_equal(tree_stat(fixture.tree, node, &stat), 0);
	assert_int_equal(stat.mtime.tv_sec, ANN_MTIME);
	assert_int_equal(stat.size, strlen(ANN_FILE));
	assert_false(tree_shows_record(fixture.tree, fixture.dir, "4.json"));
	assert_extras_are(&fixture, "4.json~");
	/* Nothing happened to the record. */
	assert_slot_has(fixture.slot_4, ANN);
	stop_tree(&fixture);
}

static void test_aside__comes_back(void **state)
{
	struct tree_fixture fixture;
	start_tree(&fixture);
	struct node *node = set_aside(&fixture);
	assert_int_equal(rename_to(&fixture, "4.json~", "4.json"), 0);
	assert_stands(&fixture, "4.json", "record 4");
	assert_stands(&fixture, "4.json~", "nothing");
	assert_ptr_equal(node_at(&fixture, "4.json"), node);
	assert_int_equal(node_ino(node), fixture.slot_4->ino);
	assert_extras_are(&fixture, "");
	assert_false(tree_has_extra_names(fixture.tree, fixture.dir));
	stop_tree(&fixture);
}

static void test_aside__comes_back_by_way_of_another_name(void **state)
{
	struct tree_fixture fixture;
	start_tree(&fixture);
	set_aside(&fixture);
	assert_int_equal(rename_to(&fixture, "4.json~", ".4.bak"), 0);
	assert_int_equal(rename_to(&fixture, ".4.bak", "4.json"), 0);
	assert_stands(&fixture, "4.json", "record 4");
	assert_extras_are(&fixture, "");
	stop_tree(&fixture);
}

static void test_aside__returns_once_the_mover_has_exited(void **state)
{
	struct tree_fixture fixture;
	struct node *moved;
	start_tree(&fixture);
	assert_int_equal(tree_rename(fixture.tree, fixture.dir, "4.json", fixture.dir, "4.json.bak",
				 0, dead_pid(), &moved),
		0);
	assert_stands(&fixture, "4.json", "record 4");
	assert_true(tree_shows_record(fixture.tree, fixture.dir, "4.json"));
	/* The backup is a copy of its own from now on. */
	assert_stands(&fixture, "4.json.bak", "file " ANN_FILE);
	assert_ptr_not_equal(node_at(&fixture, "4.json"), node_at(&fixture, "4.json.bak"));
	stop_tree(&fixture);
}

static void test_aside__returns_after_a_while(void **state)
{
	struct tree_fixture fixture;
	start_tree(&fixture);
	set_aside(&fixture);
	int64_t until = clock_ms() + 20000;
	while (!node_at(&fixture, "4.json") && clock_ms() < until)
		poll(NULL, 0, 20);
	assert_stands(&fixture, "4.json", "record 4");
	assert_stands(&fixture, "4.json~", "file " ANN_FILE);
	stop_tree(&fixture);
}

/* cp -b: rename, then a create that must not find anything. */
static void test_vacated_name__is_the_record_to_who_creates_it(void **state)
{
	struct tree_fixture fixture;
	struct text *text;
	struct slot *slot;
	start_tree(&fixture);
	struct node *backup = set_aside(&fixture);
	struct node *node =
		make_in_place(&fixture, "4.json", fixture.slot_4, "{\"fn\":\"Bob\"}", &text);
	/* Until it is saved everybody else sees what the server has. */
	assert_stands(&fixture, "4.json", "record 4");
	assert_ptr_equal(node_at(&fixture, "4.json"), node);
	assert_ptr_not_equal(node, backup);
	assert_int_equal(node_ino(node), fixture.slot_4->ino);
	assert_extras_are(&fixture, "4.json~");
	assert_commit_is(&fixture, node, "save 4 as 4.json");

	put_own(fixture.store, fixture.contact, "4", "{\"id\":4,\"fn\":\"Bob\"}");
	tree_end_made(fixture.tree, fixture.slot_4, text, MADE_SAVED);
	tree_settle_moves(fixture.tree, fixture.slot_4, getpid());
	assert_stands(&fixture, "4.json", "record 4");
	/* The backup is a file like any other now: its way back is a save. */
	assert_stands(&fixture, "4.json~", "file " ANN_FILE);
	assert_commit_is(&fixture, backup, "nothing as 4.json~");
	assert_int_equal(rename_to(&fixture, "4.json~", "4.json"), 1);
	/* So is the record one like any other. */
	assert_int_equal(tree_unlink(fixture.tree, fixture.dir, "4.json", getpid(), &slot), 1);
	close_made(&fixture, node, text);
	stop_tree(&fixture);
}

/* A save that was under way when the record was set aside, or by who had it open then. */
static void test_aside__stays_so_when_an_earlier_save_ends(void **state)
{
	struct tree_fixture fixture;
	struct slot *slot;
	char name[NAME_SIZE];
	start_tree(&fixture);
	struct node *backup = set_aside(&fixture);
	assert_int_equal(
		tree_commit_kind(fixture.tree, backup, fixture.slot_4, &slot, name), COMMIT_SAVE);
	assert_ptr_equal(slot, fixture.slot_4);
	assert_string_equal(name, "4.json");
	tree_saved(fixture.tree, backup, "4.json", fixture.slot_4, false);
	tree_refused(fixture.tree, backup, node_text(backup));
	assert_stands(&fixture, "4.json~", "file " ANN_FILE);
	assert_stands(&fixture, "4.json", "nothing");
	assert_extras_are(&fixture, "4.json~");
	assert_int_equal(tree_unlink(fixture.tree, fixture.dir, "4.json~", getpid(), &slot), 0);
	stop_tree(&fixture);
}

/* The same with a new file that the server is just making a record of. */
static void test_created__while_it_was_set_aside_is_the_name_and_not_the_backup(void **state)
{
	struct tree_fixture fixture;
	struct slot *slot;
	start_tree(&fixture);
	struct node *first = create_file(&fixture, "new.json", NINE);
	assert_int_equal(rename_to(&fixture, "new.json", "new.json~"), 0);
	struct node *second = create_file(&fixture, "new.json", "{\"x\":1}");
	struct slot *slot_9 = put_own(fixture.store, fixture.contact, "9", NINE);
	tree_saved(fixture.tree, first, "new.json", slot_9, true);
	assert_stands(&fixture, "new.json~", "file " NINE);
	assert_commit_is(&fixture, second, "save 9 as 9.json");
	tree_saved(fixture.tree, second, "9.json", slot_9, false);
	assert_stands(&fixture, "new.json", "record 9");
	assert_int_equal(tree_unlink(fixture.tree, fixture.dir, "new.json~", getpid(), &slot), 0);
	close_file(&fixture, first);
	close_file(&fixture, second);
	stop_tree(&fixture);
}

static void test_backup__unlinked_is_no_delete(void **state)
{
	struct tree_fixture fixture;
	struct slot *slot = NULL;
	start_tree(&fixture);
	set_aside(&fixture);
	assert_int_equal(tree_unlink(fixture.tree, fixture.dir, "4.json~", getpid(), &slot), 0);
	assert_null(slot);
	assert_extras_are(&fixture, "");
	assert_slot_has(fixture.slot_4, ANN);
	stop_tree(&fixture);
}

static void test_backup__that_was_written_to_is_saved(void **state)
{
	struct tree_fixture fixture;
	struct slot *slot;
	start_tree(&fixture);
	struct node *backup = set_aside(&fixture);
	write_file(backup, "{\"fn\":\"Bob\"}");
	assert_int_equal(rename_to(&fixture, "4.json~", "4.json"), 1);
	assert_int_equal(tree_rename_kind(fixture.tree, fixture.dir, "4.json", &slot), COMMIT_SAVE);
	assert_ptr_equal(slot, fixture.slot_4);
	stop_tree(&fixture);
}

/* vim, nvim, jed: the record's name is unlinked while a new text is written there. */
static void test_unlink__by_its_maker_is_never_a_delete(void **state)
{
	struct tree_fixture fixture;
	struct slot *slot = NULL;
	struct text *text;
	start_tree(&fixture);
	set_aside(&fixture);
	assert_int_equal(
		tree_unlink(fixture.tree, fixture.dir, "4.json", getpid(), &slot), -ENOENT);
	struct node *node = make_in_place(&fixture, "4.json", fixture.slot_4, "{", &text);
	assert_int_equal(tree_unlink(fixture.tree, fixture.dir, "4.json", getpid(), &slot), 0);
	assert_stands(&fixture, "4.json", "nothing");
	/* What he wrote there went with it. */
	assert_false(text_is_dirty(text));
	assert_int_equal(
		tree_unlink(fixture.tree, fixture.dir, "4.json", getpid(), &slot), -ENOENT);
	assert_null(slot);

	assert_int_equal(rename_to(&fixture, "4.json~", "4.json"), 0);
	assert_stands(&fixture, "4.json", "record 4");
	close_made(&fixture, node, text);
	assert_stands(&fixture, "4.json", "record 4");
	stop_tree(&fixture);
}

/* The mover means his own new file also where another program was quicker to create it. */
static void test_unlink__by_the_mover_is_no_delete_until_he_has_saved(void **state)
{
	struct tree_fixture fixture;
	struct slot *slot = NULL;
	struct text *text;
	start_tree(&fixture);
	set_aside(&fixture);
	struct node *node = make_in_place(&fixture, "4.json", fixture.slot_4, "{", &text);
	tree_end_made(fixture.tree, fixture.slot_4, text, MADE_SAVED);
	assert_int_equal(tree_unlink(fixture.tree, fixture.dir, "4.json", getpid(), &slot), 0);
	assert_stands(&fixture, "4.json", "nothing");
	assert_int_equal(rename_to(&fixture, "4.json~", "4.json"), 0);
	assert_int_equal(tree_unlink(fixture.tree, fixture.dir, "4.json", getpid(), &slot), 1);
	close_made(&fixture, node, text);
	stop_tree(&fixture);
}

/* Two replace it at a time: each may take away what he could not save, whoever began first. */
static void test_unlink__by_any_of_its_makers_is_no_delete(void **state)
{
	struct tree_fixture fixture;
	struct slot *slot = NULL;
	struct text *text, *other_text;
	struct node *other;
	uint64_t burial;
	pid_t others = dead_pid();
	for (int other_saves = 0; other_saves < 2; other_saves++) {
		start_tree(&fixture);
		assert_int_equal(tree_bury(fixture.tree, fixture.dir, "4.json", fixture.slot_4,
					 getpid(), &burial),
			0);
		struct node *node = make_in_place(&fixture, "4.json", fixture.slot_4, "{", &text);
		assert_int_equal(tree_bury(fixture.tree, fixture.dir, "4.json", fixture.slot_4,
					 others, &burial),
			0);
		assert_int_equal(tree_create_file(fixture.tree, fixture.dir, "4.json", 0600, true,
					 others, &other),
			0);
		other_text = text_create(&fixture.tree->budget, NULL);
		tree_note_made(fixture.tree, fixture.slot_4, other_text, others);
		tree_end_made(fixture.tree, fixture.slot_4, text, MADE_REFUSED);
		if (other_saves)
			tree_end_made(fixture.tree, fixture.slot_4, other_text, MADE_SAVED);
		close_made(&fixture, node, text);
		assert_int_equal(
			tree_unlink(fixture.tree, fixture.dir, "4.json", getpid(), &slot), 0);
		close_made(&fixture, other, other_text);
		stop_tree(&fixture);
	}
}

static void test_unlink__by_another_is_a_delete(void **state)
{
	struct tree_fixture fixture;
	struct slot *slot = NULL;
	struct text *text;
	start_tree(&fixture);
	set_aside(&fixture);
	struct node *node = make_in_place(&fixture, "4.json", fixture.slot_4, "{", &text);
	assert_int_equal(tree_unlink(fixture.tree, fixture.dir, "4.json", dead_pid(), &slot), 1);
	assert_ptr_equal(slot, fixture.slot_4);
	close_made(&fixture, node, text);
	stop_tree(&fixture);
}

/* ---- refused ---- */

/* vim: F refused, U 4, R 4~ to 4. */
static void test_refused__save_leaves_the_way_back_open(void **state)
{
	struct tree_fixture fixture;
	struct slot *slot = NULL;
	struct text *text;
	start_tree(&fixture);
	set_aside(&fixture);
	struct node *node = make_in_place(&fixture, "4.json", fixture.slot_4, "{\"fn\":1}", &text);
	tree_end_made(fixture.tree, fixture.slot_4, text, MADE_REFUSED);
	close_made(&fixture, node, text);
	assert_stands(&fixture, "4.json", "record 4");
	assert_extras_are(&fixture, "4.json~");
	assert_int_equal(tree_unlink(fixture.tree, fixture.dir, "4.json", getpid(), &slot), 0);
	assert_stands(&fixture, "4.json", "nothing");
	assert_int_equal(rename_to(&fixture, "4.json~", "4.json"), 0);
	assert_stands(&fixture, "4.json", "record 4");
	assert_extras_are(&fixture, "");
	assert_false(tree_has_extra_names(fixture.tree, fixture.dir));
	stop_tree(&fixture);
}

static void test_refused__create_leaves_the_directory(void **state)
{
	struct tree_fixture fixture;
	struct node *again;
	start_tree(&fixture);
	struct node *draft = create_file(&fixture, "new.json", "{\"x\":1}");
	assert_extras_are(&fixture, "new.json");
	assert_commit_is(&fixture, draft, "create as new.json");
	tree_refused(fixture.tree, draft, node_text(draft));
	assert_stands(&fixture, "new.json", "nothing");
	assert_extras_are(&fixture, "");
	/* It can be created anew, with O_EXCL too: no 'E13: File exists'. */
	assert_int_equal(tree_create_file(fixture.tree, fixture.dir, "new.json", 0600, true,
				 getpid(), &again),
		0);
	assert_ptr_not_equal(again, draft);
	assert_commit_is(&fixture, draft, "nothing as ");
	close_file(&fixture, draft);
	assert_stands(&fixture, "new.json", "file ");
	close_file(&fixture, again);
	stop_tree(&fixture);
}

/* The writer completes its text through the descriptor that is still open. */
static void test_refused__file_may_still_be_saved(void **state)
{
	struct tree_fixture fixture;
	start_tree(&fixture);
	struct node *draft = create_file(&fixture, "new.json", "{\"x\":");
	tree_refused(fixture.tree, draft, node_text(draft));
	assert_commit_is(&fixture, draft, "create as new.json");
	struct slot *slot_9 = put_own(fixture.store, fixture.contact, "9", NINE);
	tree_saved(fixture.tree, draft, "new.json", slot_9, true);
	assert_stands(&fixture, "new.json", "record 9");
	close_file(&fixture, draft);
	assert_stands(&fixture, "new.json", "record 9");
	stop_tree(&fixture);
}

static void test_refused__is_let_go_of_at_the_last_close(void **state)
{
	struct tree_fixture fixture;
	start_tree(&fixture);
	struct node *draft = create_file(&fixture, "new.json", "{\"x\":1}");
	uint64_t id = draft->id;
	tree_refused(fixture.tree, draft, node_text(draft));
	close_file(&fixture, draft);
	assert_null(tree_node(fixture.tree, id));
	assert_false(tree_has_extra_names(fixture.tree, fixture.dir));
	assert_int_equal(atomic_load(&fixture.tree->budget.used), 0);
	stop_tree(&fixture);
}

static void test_refused__text_of_another_leaves_the_file(void **state)
{
	struct tree_fixture fixture;
	start_tree(&fixture);
	struct node *draft = create_file(&fixture, "new.json", "{\"x\":1}");
	struct text *other = text_create(&fixture.tree->budget, NULL);
	tree_refused(fixture.tree, draft, other);
	assert_stands(&fixture, "new.json", "file {\"x\":1}");
	assert_commit_is(&fixture, draft, "create as new.json");
	text_unref(other);
	close_file(&fixture, draft);
	assert_stands(&fixture, "new.json", "file {\"x\":1}");
	stop_tree(&fixture);
}

static void test_refused__record_shows_the_servers_version(void **state)
{
	struct tree_fixture fixture;
	start_tree(&fixture);
	struct node *node = node_at(&fixture, "4.json");
	struct text *fresh = text_create(&fixture.tree->budget, NULL), *shared;
	assert_int_equal(tree_share_text(fixture.tree, node, &fresh, &shared), 0);
	assert_null(fresh);
	struct text *other = text_create(&fixture.tree->budget, NULL);
	tree_refused(fixture.tree, node, node_text(node));
	assert_stands(&fixture, "4.json", "record 4");
	assert_false(tree_drop_text(fixture.tree, node, other));
	assert_true(tree_drop_text(fixture.tree, node, shared));
	assert_null(tree_take_text(fixture.tree, node));
	text_unref(shared);
	text_unref(other);
	stop_tree(&fixture);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_aside__leaves_a_file_and_a_vacant_name),
		cmocka_unit_test(test_aside__comes_back),
		cmocka_unit_test(test_aside__comes_back_by_way_of_another_name),
		cmocka_unit_test(test_aside__returns_once_the_mover_has_exited),
		cmocka_unit_test(test_aside__returns_after_a_while),
		cmocka_unit_test(test_vacated_name__is_the_record_to_who_creates_it),
		cmocka_unit_test(test_backup__unlinked_is_no_delete),
		cmocka_unit_test(test_backup__that_was_written_to_is_saved),
		cmocka_unit_test(test_aside__stays_so_when_an_earlier_save_ends),
		cmocka_unit_test(
			test_created__while_it_was_set_aside_is_the_name_and_not_the_backup),
		cmocka_unit_test(test_unlink__by_its_maker_is_never_a_delete),
		cmocka_unit_test(test_unlink__by_the_mover_is_no_delete_until_he_has_saved),
		cmocka_unit_test(test_unlink__by_any_of_its_makers_is_no_delete),
		cmocka_unit_test(test_unlink__by_another_is_a_delete),
		cmocka_unit_test(test_refused__save_leaves_the_way_back_open),
		cmocka_unit_test(test_refused__create_leaves_the_directory),
		cmocka_unit_test(test_refused__file_may_still_be_saved),
		cmocka_unit_test(test_refused__is_let_go_of_at_the_last_close),
		cmocka_unit_test(test_refused__text_of_another_leaves_the_file),
		cmocka_unit_test(test_refused__record_shows_the_servers_version),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
