#include "human.h"

#include <inttypes.h>
#include <stdio.h>

void human_count(uint64_t count, char out[HUMAN_SIZE])
{
	char digits[HUMAN_SIZE];
	int len = snprintf(digits, sizeof digits, "%" PRIu64, count);
	char *to = out;
	for (int i = 0; i < len; i++) {
		if (i > 0 && (len - i) % 3 == 0)
			*to++ = ',';
		*to++ = digits[i];
	}
	*to = '\0';
}

void human_size(uint64_t bytes, char out[HUMAN_SIZE])
{
	static const char *const units[] = {"B", "kB", "MB", "GB", "TB", "PB", "EB"};
	size_t unit = 0;
	uint64_t scale = 1;
	/* 999.5 of a unit are 1.0 of the next. */
	while (unit + 1 < array_size(units) && bytes >= scale * 1000 - scale / 2) {
		unit++;
		scale *= 1000;
	}
	if (unit == 0) {
		snprintf(out, HUMAN_SIZE, "%" PRIu64 " B", bytes);
		return;
	}
	uint64_t tenths = (bytes / (scale / 20) + 1) / 2;
	if (tenths < 100)
		snprintf(out, HUMAN_SIZE, "%" PRIu64 ".%" PRIu64 " %s", tenths / 10, tenths % 10,
			units[unit]);
	else
		snprintf(out, HUMAN_SIZE, "%" PRIu64 " %s", (bytes / (scale / 2) + 1) / 2,
			units[unit]);
}

void human_age(int64_t seconds, char out[HUMAN_SIZE])
{
	static const struct {
		int64_t below, unit;
		const char *name;
	} rows[] = {{60, 1, "s"}, {3600, 60, "min"}, {INT64_C(48) * 3600, 3600, "h"},
		{INT64_MAX, INT64_C(24) * 3600, "days"}};
	size_t row = 0;
	if (seconds < 0)
		seconds = 0;
	while (row + 1 < array_size(rows) && seconds >= rows[row].below)
		row++;
	snprintf(out, HUMAN_SIZE, "%" PRId64 " %s", seconds / rows[row].unit, rows[row].name);
}

void human_duration(int64_t ms, char out[HUMAN_SIZE])
{
	snprintf(out, HUMAN_SIZE, "%" PRId64 ".%d s", ms / 1000, (int)(ms % 1000 / 100));
}
