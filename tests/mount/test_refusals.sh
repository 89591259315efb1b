# shellcheck shell=bash disable=SC1003,SC2002,SC2012,SC2016,SC2034,SC2119,SC2120,SC2154,SC2164,SC2317
# Refusals: a server that asks to slow down, and what it does not have. All that can fail: test_faults.sh.

test_refusals__429_waits_as_it_is_told() {
  given_mount
  server_fault status method=PUT status=429 retry_after=1
  save contact/4.json '{"city": "Rome"}'
  assert_requests PUT 2
  assert_server_has contact/4 city '"Rome"'
  assert_no_drafts
}

test_refusals__429_for_long_is_eagain() {
  given_mount -o timeout=1
  server_fault status method=PUT times=-1 status=429 retry_after=60
  assert_errno EAGAIN save contact/4.json '{"city": "Rome"}'
  assert_draft contact/4.json Rome
}

test_refusals__a_message_is_one_safe_line() {
  given_mount
  server_refuses PUT 400 'bad\nline\u001b[31m red'
  assert_errno EINVAL save contact/4.json '{"city": "Rome"}'
  assert_lines 1 "$(cat .clevertimfs/errors)"
  assert_lacks "$(cat .clevertimfs/errors)" $'\e'
}

test_refusals__an_empty_listing_is_an_empty_directory() {
  echo '{"status": "OK", "content": []}' >"$work/empty"
  given_server --collection case "$work/empty"
  given_mount
  assert_equal '' "$(ls case)"
}

test_refusals__an_absent_resource_leaves_the_listing() {
  given_server --missing folder:404 --missing linkedfile:501
  given_mount
  ls folder linkedfile >/dev/null 2>&1 || true
  assert_lacks "$(ls)" folder
  assert_lacks "$(ls)" linkedfile
  assert_equal 13 "$(ls | wc -l)"
}

# An account may lack those of above; these it should have, or somebody has asked for.
test_refusals__an_absent_resource_that_should_be_there_is_an_error() {
  given_server --missing case:404 --missing task:501 --missing folder:404
  given_mount -o resources=contact:case:task:folder
  assert_errno ENOENT ls case
  assert_last_error list case ENOENT ' 404 '
  assert_errno EOPNOTSUPP ls task
  assert_last_error list task EOPNOTSUPP ' 501 '
  assert_errno ENOENT ls folder
  assert_equal 'by-name contact related' "$(ls | xargs)"
  assert_errno ENOENT cat export/case.ndjson
  assert_errno EOPNOTSUPP cat export/task.csv
  assert_errno ENOENT ls by-name/case
}

test_refusals__an_absent_resource_comes_back_when_it_is_offered() {
  given_server
  given_mount
  server_fault status times=1 path=/api/case status=404
  assert_errno ENOENT ls case
  assert_lacks "$(ls)" case
  assert_contains "$(ls case)" 1.json
  assert_contains "$(ls)" case
}

test_refusals__grep_over_the_mount_prints_no_error() {
  given_server --missing folder:404 --missing linkedfile:501
  given_mount
  grep -r Müller . >"$work/found" 2>"$work/complaints"
  assert_equal '' "$(cat "$work/complaints")" "what grep complains about"
  assert_contains "$(cat "$work/found")" contact/4.json
}

test_refusals__find_over_the_mount_prints_no_error() {
  given_server --missing folder:404
  given_mount
  find . -type f -printf '%s\n' 2>&1 >/dev/null | assert_silent
  du -s . 2>&1 >/dev/null | assert_silent
}

test_refusals__comment_and_user_are_eacces() {
  local user
  given_mount
  user=$(find user -name '*.json' | head -n 1)
  assert_errno EACCES bash -c 'echo "{}" >comment/1.json'
  assert_errno EACCES bash -c "echo '{}' >$user"
  assert_errno EACCES bash -c 'echo x >>comment/1.json'
  assert_errno EACCES bash -c 'echo "{\"user\": \"x\"}" >user/new.json'
  assert_no_writes
}
