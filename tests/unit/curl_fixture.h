/* What every test that speaks HTTP needs. */
#ifndef TESTS_CURL_FIXTURE_H
#define TESTS_CURL_FIXTURE_H

#include "fake_server.h"
#include "http.h"
/* cmocka wants these before it */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

#define TOKEN "secret-token"
/* Long enough that nothing on a busy machine takes it for a failure. */
#define PATIENT_MS 20000

static inline int start_curl(void **state)
{
	http_global_init();
	return 0;
}

static inline int stop_curl(void **state)
{
	http_global_cleanup();
	return 0;
}

#endif
