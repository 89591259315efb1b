#include "mounts.h"
/* cmocka wants these before it */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

#define ROOT "22 1 259:2 / / rw,relatime shared:1 - ext4 /dev/nvme0n1p2 rw\n"
#define CRM_AT(point, device, owner) \
	"90 22 " device " / " point " rw,nosuid,nodev,relatime shared:40 - fuse.clevertimfs " \
	"https://www.clevertim.com/api rw,user_id=" owner ",group_id=100\n"
#define SSH "91 22 0:60 / /mnt/ssh rw - fuse.sshfs host: rw,user_id=1000,group_id=1000\n"
#define FOLDER_BOUND \
	"92 22 0:50 /contact /mnt/contact rw - fuse.clevertimfs https://x/api rw,user_id=1000\n"

static struct mounts parse(const char *text)
{
	struct mounts mounts;
	assert_int_equal(mounts_parse(text, strlen(text), &mounts), 0);
	return mounts;
}

static void test_parse__takes_ours_alone(void **state)
{
	auto_mounts struct mounts mounts =
		parse(ROOT SSH CRM_AT("/home/ada/crm", "0:50", "1000") FOLDER_BOUND);
	assert_int_equal(mounts.count, 1);
	assert_string_equal(mounts.items[0].point, "/home/ada/crm");
	assert_string_equal(mounts.items[0].device, "0:50");
	assert_int_equal(mounts.items[0].owner, 1000);
}

#define TMPFS_AT(point) "93 22 0:70 / " point " rw - tmpfs none rw\n"

static void test_parse__leaves_out_what_another_file_system_covers(void **state)
{
	auto_mounts struct mounts mounts =
		parse(CRM_AT("/a", "0:50", "1000") TMPFS_AT("/a") CRM_AT("/b", "0:51", "1000")
				TMPFS_AT("/c") CRM_AT("/c", "0:52", "1000") TMPFS_AT("/b/contact"));
	assert_null(mounts_at(&mounts, "/a"));
	assert_non_null(mounts_at(&mounts, "/b"));
	assert_non_null(mounts_at(&mounts, "/c"));
	assert_int_equal(mounts.count, 2);
}

static void test_parse__decodes_what_the_kernel_escapes(void **state)
{
	static const struct {
		const char *escaped, *point;
	} rows[] = {{"/my\\040crm", "/my crm"}, {"/a\\134b", "/a\\b"}, {"/a\\012b", "/a\nb"},
		{"/a\\011", "/a\t"}, {"/Zo\xc3\xab", "/Zo\xc3\xab"}, {"/a\\04", "/a\\04"},
		{"/a\\999", "/a\\999"}, {"/a\\043b", "/a#b"}};
	for (size_t i = 0; i < array_size(rows); i++) {
		char line[300];
		snprintf(line, sizeof line,
			"90 22 0:50 / %s rw - fuse.clevertimfs https://x/api rw,user_id=1000",
			rows[i].escaped);
		auto_mounts struct mounts mounts = parse(line);
		assert_int_equal(mounts.count, 1);
		assert_string_equal(mounts.items[0].point, rows[i].point);
	}
}

static void test_parse__leaves_out_what_is_no_line(void **state)
{
	auto_mounts struct mounts mounts = parse("\n \n-\n90 22\nfuse.clevertimfs\n"
						 "90 22 0:50 / /x rw shared:1 fuse.clevertimfs\n"
						 "90 22 0:50 / /x rw - fuse.clevertimfs\n");
	assert_int_equal(mounts.count, 0);
	assert_null(mounts_at(&mounts, "/x"));
}

static void test_parse__takes_any_number_of_optional_words(void **state)
{
	auto_mounts struct mounts mounts =
		parse("90 22 0:50 / /x rw shared:1 master:2 propagate_from:3 unbindable - "
		      "fuse.clevertimfs s rw,user_id=7\n"
		      "90 22 0:51 / /y rw - fuse.clevertimfs s rw\n");
	assert_int_equal(mounts.count, 2);
	assert_int_equal(mounts.items[0].owner, 7);
	assert_int_equal(mounts.items[1].owner, (uid_t)-1);
}

static void test_parse__takes_an_owner_from_its_own_line(void **state)
{
	static const struct {
		const char *options;
		uid_t owner;
	} rows[] = {{"rw,user_id=0", 0}, {"user_id=4294967294,rw", 4294967294U},
		{"rw,user_id=", (uid_t)-1}, {"rw,user_id=x", (uid_t)-1}, {"rw,user_", (uid_t)-1},
		{"rw,user_id=4294967295", (uid_t)-1},
		{"rw,user_id=99999999999999999999", (uid_t)-1}, {"xuser_id=7", (uid_t)-1}};
	for (size_t i = 0; i < array_size(rows); i++) {
		char text[300];
		snprintf(text, sizeof text, "90 22 0:50 / /x rw - fuse.clevertimfs s %s\n7 7 7\n",
			rows[i].options);
		auto_mounts struct mounts mounts = parse(text);
		assert_int_equal(mounts.count, 1);
		assert_int_equal(mounts.items[0].owner, rows[i].owner);
	}
}

/* The text need not end in a NUL: a copy without a byte to spare. */
static void test_parse__reads_nothing_behind_the_text(void **state)
{
	static const char text[] = "90 22 0:50 / /x rw - fuse.clevertimfs s rw,user_id=1";
	for (size_t len = 0; len < sizeof text; len++) {
		auto_mounts struct mounts mounts = {.items = NULL};
		auto_free char *copy = malloc(len ? len : 1);
		assert_non_null(copy);
		memcpy(copy, text, len);
		assert_int_equal(mounts_parse(copy, len, &mounts), 0);
		assert_true(mounts.count <= 1);
	}
}

static void test_at__finds_the_uppermost_of_a_point(void **state)
{
	auto_mounts struct mounts mounts =
		parse(CRM_AT("/crm", "0:50", "1000") CRM_AT("/crm", "0:51", "1001"));
	assert_string_equal(mounts_at(&mounts, "/crm")->device, "0:51");
	assert_null(mounts_at(&mounts, "/cr"));
	assert_null(mounts_at(&mounts, "/crm/contact"));
}

static void test_only__is_of_that_user(void **state)
{
	size_t count;
	auto_mounts struct mounts mounts = parse(CRM_AT("/a", "0:50", "1000")
			CRM_AT("/b", "0:51", "1001") CRM_AT("/c", "0:52", "1001"));
	assert_string_equal(mounts_only(&mounts, 1000, &count)->point, "/a");
	assert_int_equal(count, 1);
	assert_null(mounts_only(&mounts, 1001, &count));
	assert_int_equal(count, 2);
	assert_null(mounts_only(&mounts, 1002, &count));
	assert_int_equal(count, 0);
}

static void test_only__counts_one_that_is_shown_twice_once(void **state)
{
	size_t count;
	auto_mounts struct mounts bound =
		parse(CRM_AT("/a", "0:50", "1000") CRM_AT("/bound", "0:50", "1000"));
	assert_string_equal(mounts_only(&bound, 1000, &count)->point, "/a");
	assert_int_equal(count, 1);
	auto_mounts struct mounts covered =
		parse(CRM_AT("/a", "0:50", "1000") CRM_AT("/a", "0:51", "1000"));
	assert_string_equal(mounts_only(&covered, 1000, &count)->device, "0:51");
	assert_int_equal(count, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_parse__takes_ours_alone),
		cmocka_unit_test(test_parse__leaves_out_what_another_file_system_covers),
		cmocka_unit_test(test_parse__decodes_what_the_kernel_escapes),
		cmocka_unit_test(test_parse__leaves_out_what_is_no_line),
		cmocka_unit_test(test_parse__takes_any_number_of_optional_words),
		cmocka_unit_test(test_parse__takes_an_owner_from_its_own_line),
		cmocka_unit_test(test_parse__reads_nothing_behind_the_text),
		cmocka_unit_test(test_at__finds_the_uppermost_of_a_point),
		cmocka_unit_test(test_only__is_of_that_user),
		cmocka_unit_test(test_only__counts_one_that_is_shown_twice_once),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
