#include "answer.h"

#include "raw_json.h"
#include <stdarg.h>
#include <stdio.h>

void answer_release(struct answer *answer)
{
	source_destroy(answer->body);
	for (size_t i = 0; i < answer->header_count; i++) {
		free(answer->headers[i].name);
		free(answer->headers[i].value);
	}
	*answer = ANSWER_INIT;
}

void answer_body(
	struct answer *answer, unsigned status, const char *content_type, struct source *body)
{
	answer_release(answer);
	answer->status = body ? status : 500;
	answer->body = body;
	answer_header(answer, "Content-Type", "%s", content_type);
}

void answer_json(struct answer *answer, unsigned status, struct buf *text)
{
	answer_body(answer, status, "application/json", source_text(text));
}

void answer_error(struct answer *answer, unsigned status, const char *format, ...)
{
	char message[512];
	va_list args;
	va_start(args, format);
	vsnprintf(message, sizeof message, format, args);
	va_end(args);

	auto_buf struct buf text = BUF_INIT(4096);
	if (buf_add_str(&text, "{\"status\": \"ERROR\", \"error\": ") < 0 ||
		raw_put_string(&text, span_of(message)) < 0 || buf_add_char(&text, '}') < 0)
		buf_clear(&text);
	answer_json(answer, status, &text);
}

void answer_ok(struct answer *answer)
{
	auto_buf struct buf text = BUF_INIT(64);
	if (buf_add_str(&text, "{\"status\": \"OK\"}") < 0)
		buf_clear(&text);
	answer_json(answer, 200, &text);
}

void answer_record(struct answer *answer, struct span record)
{
	auto_buf struct buf text = BUF_INIT(record.len + 64);
	if (buf_add_str(&text, "{\"status\": \"OK\", \"content\": [") < 0 ||
		buf_add(&text, record.data, record.len) < 0 || buf_add_str(&text, "]}") < 0)
		answer_error(answer, 500, "no memory");
	else
		answer_json(answer, 200, &text);
}

void answer_header(struct answer *answer, const char *name, const char *format, ...)
{
	if (answer->header_count == ANSWER_HEADERS)
		return;
	struct answer_header *header = &answer->headers[answer->header_count];
	va_list args;
	va_start(args, format);
	int len = vasprintf(&header->value, format, args);
	va_end(args);
	if (len < 0)
		return;
	header->name = strdup(name);
	if (header->name)
		answer->header_count++;
	else
		free(header->value);
}
