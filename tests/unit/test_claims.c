#include "claims.h"

#include "clock.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

/* Whether the names are free just now. */
static bool are_free(struct claims *claims, const char *name, const char *other)
{
	struct name_claim claim;
	int err = claims_take(claims, &claim, NULL, name, other, clock_ms());
	if (err == 0)
		claims_end(claims, &claim);
	else
		assert_int_equal(err, -ETIMEDOUT);
	return err == 0;
}

static void test_claim__is_of_one_name(void **state)
{
	struct claims *claims = claims_create();
	struct name_claim claim;
	assert_int_equal(claims_take(claims, &claim, NULL, "4.json", NULL, clock_ms()), 0);
	assert_false(are_free(claims, "4.json", NULL));
	assert_true(are_free(claims, "7.json", NULL));
	claims_end(claims, &claim);
	assert_true(are_free(claims, "4.json", NULL));
	claims_destroy(claims);
}

static void test_claim__of_two_names_takes_both_or_none(void **state)
{
	struct claims *claims = claims_create();
	struct name_claim both, one;
	assert_int_equal(claims_take(claims, &both, NULL, "other.json", "new.json", clock_ms()), 0);
	assert_false(are_free(claims, "new.json", NULL));
	assert_false(are_free(claims, "other.json", ""));
	assert_false(are_free(claims, "new.json", "other.json"));
	assert_false(are_free(claims, "third.json", "new.json"));
	assert_true(are_free(claims, "third.json", ""));
	claims_end(claims, &both);
	assert_int_equal(claims_take(claims, &one, NULL, "new.json", "", clock_ms()), 0);
	assert_false(are_free(claims, "other.json", "new.json"));
	assert_true(are_free(claims, "other.json", NULL));
	claims_end(claims, &one);
	claims_destroy(claims);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_claim__is_of_one_name),
		cmocka_unit_test(test_claim__of_two_names_takes_both_or_none),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
