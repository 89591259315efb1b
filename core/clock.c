#include "clock.h"

#include <stdio.h>

static int64_t read_ms(clockid_t clock)
{
	struct timespec now;
	clock_gettime(clock, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

int64_t clock_ms(void)
{
	return read_ms(CLOCK_MONOTONIC);
}

int64_t clock_age_ms(void)
{
	return read_ms(CLOCK_BOOTTIME);
}

struct timespec clock_timespec(int64_t ms)
{
	return (struct timespec){.tv_sec = ms / 1000, .tv_nsec = (long)(ms % 1000) * 1000000};
}

struct timespec clock_now(void)
{
	struct timespec now;
	clock_gettime(CLOCK_REALTIME, &now);
	return now;
}

void clock_iso(time_t seconds, char out[CLOCK_ISO_SIZE])
{
	struct tm parts;
	if (!gmtime_r(&seconds, &parts) || parts.tm_year < -1900 || parts.tm_year > 9999 - 1900) {
		memcpy(out, "1970-01-01T00:00:00Z", CLOCK_ISO_SIZE);
		return;
	}
	/* strftime would write the year 800 as "800". */
	unsigned year = (unsigned)(parts.tm_year + 1900) % 10000;
	snprintf(out, CLOCK_ISO_SIZE, "%04u", year);
	strftime(out + 4, CLOCK_ISO_SIZE - 4, "-%m-%dT%H:%M:%SZ", &parts);
}

/* Takes exactly `digits` digits; -1: something else stands there. */
static int take_number(const char **at, const char *end, int digits)
{
	int number = 0;
	if (end - *at < digits)
		return -1;
	for (int i = 0; i < digits; i++) {
		char c = (*at)[i];
		if (c < '0' || c > '9')
			return -1;
		number = number * 10 + (c - '0');
	}
	*at += digits;
	return number;
}

static bool take_char(const char **at, const char *end, char c)
{
	if (*at == end || **at != c)
		return false;
	(*at)++;
	return true;
}

/* ".25" to nanoseconds; digits beyond the ninth are dropped. */
static bool take_fraction(const char **at, const char *end, long *ret_nsec)
{
	long nsec = 0, unit = 100000000;
	if (!take_char(at, end, '.') && !take_char(at, end, ','))
		return true;
	const char *first = *at;
	for (; *at < end && **at >= '0' && **at <= '9'; (*at)++) {
		nsec += (**at - '0') * unit;
		unit /= 10;
	}
	*ret_nsec = nsec;
	return *at > first;
}

static bool take_zone(const char **at, const char *end, long *ret_seconds_east)
{
	if (*at == end || take_char(at, end, 'Z') || take_char(at, end, 'z'))
		return true;
	int sign = take_char(at, end, '+') ? 1 : take_char(at, end, '-') ? -1 : 0;
	int hours = sign ? take_number(at, end, 2) : -1;
	if (hours < 0 || hours > 23)
		return false;
	bool has_minutes = take_char(at, end, ':') || *at < end;
	int minutes = has_minutes ? take_number(at, end, 2) : 0;
	if (minutes < 0 || minutes > 59)
		return false;
	*ret_seconds_east = sign * (hours * 3600L + minutes * 60L);
	return true;
}

static int days_in_month(int year, int month)
{
	static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
	bool is_leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
	return days[month - 1] + (month == 2 && is_leap);
}

/* "2017-04-23" */
static bool take_date(const char **at, const char *end, struct tm *parts)
{
	int year = take_number(at, end, 4);
	bool dash = take_char(at, end, '-');
	int month = take_number(at, end, 2);
	bool second_dash = take_char(at, end, '-');
	int day = take_number(at, end, 2);
	if (year < 0 || !dash || month < 1 || month > 12 || !second_dash || day < 1 ||
		day > days_in_month(year, month))
		return false;
	parts->tm_year = year - 1900;
	parts->tm_mon = month - 1;
	parts->tm_mday = day;
	return true;
}

/* "12:23", "12:23:22.5"; "24:00" ends a day, and a second 60 may be a leap second. */
static bool take_time(const char **at, const char *end, struct tm *parts, long *ret_nsec)
{
	parts->tm_hour = take_number(at, end, 2);
	bool colon = take_char(at, end, ':');
	parts->tm_min = take_number(at, end, 2);
	if (parts->tm_hour < 0 || !colon || parts->tm_min < 0 || parts->tm_min > 59)
		return false;
	if (take_char(at, end, ':')) {
		parts->tm_sec = take_number(at, end, 2);
		if (parts->tm_sec < 0 || parts->tm_sec > 60 || !take_fraction(at, end, ret_nsec))
			return false;
	}
	bool is_midnight = parts->tm_min == 0 && parts->tm_sec == 0 && *ret_nsec == 0;
	return parts->tm_hour < 24 || (parts->tm_hour == 24 && is_midnight);
}

/* Days from 1970 to a date of the Gregorian calendar; timegm, which asks for the zone, is slow. */
static int64_t days_since_1970(int year, int month, int day)
{
	/* Years that begin in March have their odd day at their end. */
	int64_t y = month > 2 ? year : year - 1;
	int64_t era = (y >= 0 ? y : y - 399) / 400;
	int64_t year_of_era = y - era * 400;
	int64_t day_of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
	int64_t day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
	return era * 146097 + day_of_era - 719468;
}

static int64_t seconds_since_1970(const struct tm *parts)
{
	int64_t days = days_since_1970(parts->tm_year + 1900, parts->tm_mon + 1, parts->tm_mday);
	return ((days * 24 + parts->tm_hour) * 60 + parts->tm_min) * 60 + parts->tm_sec;
}

bool clock_parse_iso(const char *text, size_t len, struct timespec *ret_time)
{
	const char *at = text, *end = text + len;
	struct tm parts = {0};
	long nsec = 0, east = 0;

	if (!take_date(&at, end, &parts))
		return false;
	if (at < end) {
		if (!take_char(&at, end, 'T') && !take_char(&at, end, 't') &&
			!take_char(&at, end, ' '))
			return false;
		if (!take_time(&at, end, &parts, &nsec) || !take_zone(&at, end, &east))
			return false;
	}
	if (at != end)
		return false;
	*ret_time = (struct timespec){.tv_sec = seconds_since_1970(&parts) - east, .tv_nsec = nsec};
	return true;
}
