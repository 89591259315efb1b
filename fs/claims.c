#include "claims.h"

#include "clock.h"
#include <pthread.h>
#include <stdio.h>

struct claims {
	pthread_mutex_t lock;
	pthread_cond_t ended;
	struct name_claim *first; /* guarded by lock */
};

struct claims *claims_create(void)
{
	struct claims *claims = calloc(1, sizeof *claims);
	if (!claims)
		return NULL;
	pthread_mutex_init(&claims->lock, NULL);
	pthread_cond_init(&claims->ended, NULL);
	return claims;
}

void claims_destroy(struct claims *claims)
{
	if (!claims)
		return;
	pthread_cond_destroy(&claims->ended);
	pthread_mutex_destroy(&claims->lock);
	free(claims);
}

static bool has_name(const struct name_claim *claim, const char *name)
{
	return name[0] && (strcmp(claim->name, name) == 0 || strcmp(claim->other, name) == 0);
}

static bool is_taken_locked(const struct claims *claims, const struct name_claim *wanted)
{
	const struct name_claim *claim = claims->first;
	while (claim && !(claim->collection == wanted->collection &&
				(has_name(claim, wanted->name) || has_name(claim, wanted->other))))
		claim = claim->next;
	return claim != NULL;
}

int claims_take(struct claims *claims, struct name_claim *claim,
	const struct collection *collection, const char *name, const char *other, int64_t until_ms)
{
	struct timespec until = clock_timespec(until_ms);
	int late = 0;

	claim->collection = collection;
	snprintf(claim->name, sizeof claim->name, "%s", name);
	snprintf(claim->other, sizeof claim->other, "%s", other ? other : "");
	pthread_mutex_lock(&claims->lock);
	while (late == 0 && is_taken_locked(claims, claim))
		late = pthread_cond_clockwait(
			&claims->ended, &claims->lock, CLOCK_MONOTONIC, &until);
	if (late == 0) {
		claim->next = claims->first;
		claims->first = claim;
	}
	pthread_mutex_unlock(&claims->lock);
	return -late;
}

void claims_end(struct claims *claims, struct name_claim *claim)
{
	pthread_mutex_lock(&claims->lock);
	struct name_claim **at = &claims->first;
	while (*at != claim)
		at = &(*at)->next;
	*at = claim->next;
	pthread_cond_broadcast(&claims->ended);
	pthread_mutex_unlock(&claims->lock);
}
