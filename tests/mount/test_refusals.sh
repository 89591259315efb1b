# shellcheck shell=bash disable=SC1003,SC2002,SC2012,SC2016,SC2034,SC2119,SC2120,SC2154,SC2164,SC2317
# Refusals: every status has its errno, and the last line of errors tells what the server said.

# assert_read_fails STATUS ERRNO
assert_read_fails() {
  server_heals
  server_refuses GET "$1" "No, says $1"
  assert_errno "$2" cat contact/4.json
  assert_errno "$2" ls contact
  server_heals
}

assert_save_fails() {
  server_heals
  server_refuses PUT "$1" "No, says $1"
  assert_errno "$2" save contact/4.json "{\"city\": \"Rome $1\"}"
  assert_last_error save contact/4.json "$2" "$1" "No, says $1"
  server_heals
  assert_file_equals_server contact/4
  assert_draft contact/4.json "Rome $1"
}

test_refusals__of_a_read() {
  given_mount -o timeout=1
  assert_read_fails 400 EINVAL
  assert_read_fails 401 EACCES
  assert_read_fails 403 EACCES
  assert_read_fails 409 EBUSY
  assert_read_fails 412 EBUSY
  assert_read_fails 413 EFBIG
  assert_read_fails 418 EIO
}

test_refusals__of_a_read_by_a_failing_server() {
  given_mount -o timeout=1
  assert_read_fails 500 EIO
  assert_read_fails 503 EIO
}

test_refusals__of_a_save() {
  given_mount -o timeout=1
  assert_save_fails 400 EINVAL
  assert_save_fails 401 EACCES
  assert_save_fails 403 EACCES
  assert_save_fails 405 EOPNOTSUPP
  assert_save_fails 409 EBUSY
  assert_save_fails 412 EBUSY
  assert_save_fails 413 EFBIG
  assert_save_fails 501 EOPNOTSUPP
}

test_refusals__of_a_save_by_a_failing_server() {
  given_mount -o timeout=1
  assert_save_fails 500 EIO
  assert_save_fails 502 EIO
}

test_refusals__of_a_save_to_a_record_that_went_meanwhile() {
  given_mount
  server_refuses PUT 404
  assert_fails save contact/4.json '{"city": "Rome"}'
  assert_draft contact/4.json Rome
}

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

test_refusals__a_200_that_says_error() {
  given_mount
  server_fault body method=PUT body='{"status": "ERROR", "error": "Not today"}'
  assert_fails save contact/4.json '{"city": "Rome"}'
  assert_last_error 'Not today'
  assert_draft contact/4.json Rome
}

test_refusals__a_message_is_one_safe_line() {
  given_mount
  server_refuses PUT 400 'bad\nline\u001b[31m red'
  assert_errno EINVAL save contact/4.json '{"city": "Rome"}'
  assert_lines 1 "$(cat .clevertimfs/errors)"
  assert_lacks "$(cat .clevertimfs/errors)" $'\e'
}

test_refusals__a_broken_listing_is_no_empty_directory() {
  local kind
  given_mount -o timeout=1
  for kind in truncate truncate_chunked truncate_close reset_after; do
    server_fault "$kind" method=GET times=-1
    assert_fails ls contact
    server_heals
  done
  server_fault body times=-1 body='{"status": "OK"}'
  assert_fails ls contact
  server_heals
  server_fault body times=-1 body=''
  assert_fails ls contact
  server_heals
  server_fault body times=-1 body='<html>'
  assert_errno EIO ls contact
  server_heals
  assert_lists_what_the_server_has contact
}

test_refusals__an_empty_listing_is_an_empty_directory() {
  echo '{"status": "OK", "content": []}' >"$work/empty"
  given_server --collection case "$work/empty"
  given_mount
  assert_equal '' "$(ls case)"
}

test_refusals__a_broken_listing_does_not_replace_a_good_one() {
  given_mount -o ttl=1,timeout=1
  ls contact >"$work/before"
  server_fault truncate_close method=GET times=-1
  sleep 1.2
  ls contact >"$work/after" 2>/dev/null || fail "what was read cannot be read any more"
  cmp "$work/before" "$work/after"
}

test_refusals__floods_and_bombs_end() {
  given_mount -o timeout=2
  server_fault nested path=/api/contact
  assert_errno EIO timeout 10 ls contact
  server_fault body path=/api/company body='{"status": "OK", "content": [1, null, "x", {"id": 3, "cn": "A"}]}'
  ls company >/dev/null || true
  assert_exists contact/4.json
}

test_refusals__redirects_are_not_followed() {
  given_mount
  server_fault redirect path=/api/contact times=-1 location="$url/api/company"
  assert_fails ls contact
  assert_requests GET 0 company
  assert_last_error contact
}

test_refusals__an_absent_resource_leaves_the_listing() {
  given_server --missing folder:404 --missing linkedfile:501
  given_mount
  ls folder linkedfile >/dev/null 2>&1 || true
  assert_lacks "$(ls)" folder
  assert_lacks "$(ls)" linkedfile
  assert_equal 13 "$(ls | wc -l)"
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
