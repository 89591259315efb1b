#include "api_status.h"

#include "api.h"
#include <stdio.h>

/* In the order of the status. What stands nowhere here is EIO. */
static const struct status_row {
	int status, err;
	bool is_passing;
	const char *words;
} status_table[] = {
	{304, EIO, false, "the server answered 304 Not Modified to a question without a version"},
	{400, EINVAL, false, "the server refused what was sent (400 Bad Request)"},
	{401, EACCES, false,
		"the server refused the token (401): generate one under My Info & Settings, and "
		"give it to clevertimctl login"},
	{403, EACCES, false,
		"the user of this token may not do that (403): an administrator of the CRM can "
		"allow it"},
	{404, ENOENT, false, "the server has no such record or resource (404)"},
	{405, EOPNOTSUPP, false, "the server does not offer that (405 Method Not Allowed)"},
	{408, EIO, true, "the request took the server too long to read (408 Request Timeout)"},
	{409, EBUSY, false,
		"the record was changed by somebody else (409 Conflict): read it again"},
	{412, EBUSY, false,
		"the record was changed by somebody else (412 Precondition Failed): read it again"},
	{413, EFBIG, false, "the server takes no record of this size (413)"},
	{429, EAGAIN, true,
		"the server asks to slow down (429 Too Many Requests): try again later"},
	{500, EIO, false, "the server failed (500 Internal Server Error)"},
	{501, EOPNOTSUPP, false, "the server does not offer that (501 Not Implemented)"},
	{502, EIO, true, "the server answered 502 Bad Gateway"},
	{503, EIO, true, "the server is not available now (503 Service Unavailable)"},
	{504, EIO, true, "the server answered 504 Gateway Timeout"},
};

static const struct status_row *find_row(int http_status)
{
	for (size_t i = 0; i < array_size(status_table); i++) {
		if (status_table[i].status == http_status)
			return &status_table[i];
	}
	return NULL;
}

int api_status_to_errno(int http_status)
{
	const struct status_row *row = find_row(http_status);
	return row ? -row->err : -EIO;
}

bool api_status_is_passing(int http_status)
{
	const struct status_row *row = find_row(http_status);
	return row && row->is_passing;
}

bool api_may_be_applied(const struct http_answer *answer)
{
	int status = answer->status;
	if (status == 0)
		return answer->sent;
	if (status < 300)
		return true;
	if (status < 500)
		return status == 408;
	/* It may be a gateway's, which lost sight of a server that went on. */
	return status != 501;
}

static int explain_redirect(const struct http_answer *answer, struct problem *problem)
{
	return problem_set(problem, -EIO,
		"the server points elsewhere (%d), to %s: give the URL that it moved to",
		answer->status, answer->redirect);
}

int api_explain_status(const struct http_answer *answer, const char *said, struct problem *problem)
{
	const struct status_row *row = find_row(answer->status);
	char words[64];
	snprintf(words, sizeof words, "the server answered %d", answer->status);
	if (answer->redirect[0])
		return explain_redirect(answer, problem);
	return problem_set(problem, api_status_to_errno(answer->status), "%s%s%s",
		row ? row->words : words, said[0] ? "; it says: " : "", said);
}

int api_explain_failure(const struct http_answer *answer, struct problem *problem)
{
	switch (answer->failure) {
	case HTTP_UNREACHABLE:
		return problem_set(problem, -EHOSTUNREACH,
			"cannot reach the server (%s): check the URL and the network",
			answer->reason);
	case HTTP_UNTRUSTED:
		return problem_set(problem, -EPROTO,
			"cannot trust the server (%s): for one with a certificate of its own, "
			"mount with -o cacert=FILE",
			answer->reason);
	case HTTP_TIMED_OUT:
		return problem_set(problem, -ETIMEDOUT,
			"the server is too slow (%s): try again, or mount with a longer -o timeout",
			answer->reason);
	case HTTP_CANCELLED:
		return problem_set(problem, -ECANCELED, "called off");
	case HTTP_TOO_LONG:
		return problem_set(problem, -EIO, "the server's answer is too long to take");
	case HTTP_ANSWERED:
	case HTTP_BROKEN:
	case HTTP_SINK_FAILED:
		break;
	}
	return problem_set(
		problem, -EIO, "the connection to the server broke (%s)", answer->reason);
}
