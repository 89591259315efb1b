/* What is known once the server has answered a save: what it said, and what it left unsaid. */
#include "sync_fixture.h"

/* Record 4 as it is known now, changed to text. Its version then, owned by the caller. */
static struct record *save_4(struct sync_fixture *fixture, const char *text)
{
	struct record *saved = NULL;
	struct slot *slot = slot_of(fixture, "4");
	auto_record struct record *base = store_take(slot);
	assert_non_null(base);
	int err =
		sync_save(fixture->sync, slot, base, slice(text), NULL, &saved, &fixture->problem);
	if (err < 0)
		fail_msg("%s: %s '%s'", text, problem_errno_name(err), fixture->problem.message);
	return saved;
}

static void check_known(struct sync_fixture *fixture, struct slot *slot, struct record *saved)
{
	auto_record struct record *known = store_take(slot);
	assert_non_null(known);
	assert_true(record_same(known, saved));
	check_truth(fixture, slot, "known");
}

/* A server may drop what is null: its whole answer says so, and costs no other request. */
static void test_answer__that_is_whole_is_the_record(void **state)
{
	struct sync_fixture fixture;
	struct slot *slot;
	start_sync(&fixture, LONG_TTL_MS);
	crm_drop_nulls(fixture.crm);
	assert_int_equal(read_listing(&fixture), 0);
	auto_record struct record *cleared = save_4(&fixture, "{\"city\":null}");
	check_known(&fixture, slot_of(&fixture, "4"), cleared);
	assert_null(memmem(cleared->text, cleared->len, "city", 4));
	auto_record struct record *both = save_4(&fixture, "{\"fn\":\"Zoe\",\"title\":\"Dr\"}");
	check_known(&fixture, slot_of(&fixture, "4"), both);
	assert_requests(&fixture, .lists = 1, .gets = 2, .puts = 2);

	assert_int_equal(create(&fixture, "{\"fn\":\"New\",\"city\":null}", &slot), 0);
	check_truth(&fixture, slot, "created");
	assert_requests(&fixture, .lists = 1, .gets = 2, .puts = 2, .posts = 1);
	stop_sync(&fixture);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_answer__that_is_whole_is_the_record),
	};
	http_global_init();
	int failed = cmocka_run_group_tests(tests, NULL, NULL);
	http_global_cleanup();
	return failed;
}
