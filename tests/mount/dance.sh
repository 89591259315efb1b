# shellcheck shell=bash disable=SC1003,SC2002,SC2012,SC2016,SC2034,SC2119,SC2120,SC2154,SC2164,SC2317
# A save dance: what a program does to save a file, held against a server that takes the save, one
# that refuses it, and one that cannot be reached. Each dance is a function
#   save_with_<program> FILE OLD NEW
# that has the program change the word OLD to NEW.

# dance PROGRAM tells|hides: makes its three tests. tells: it exits with a failure if it could not save.
dance() {
  eval "
    test_$1__saves_with_one_put() { dance_accepted save_with_$1; }
    test_$1__leaves_the_record_when_refused() { dance_refused save_with_$1 $2; }
    test_$1__leaves_the_record_when_cut_off() { dance_cut_off save_with_$1 $2; }
  "
}

dance_begins() {
  given_server
  server_set contact/4 city '"Paris"'
  given_mount "$@"
}

dance_accepted() {
  dance_begins
  "$1" contact/4.json Paris Rome
  assert_saved_by_dance 1 Rome
  "$1" contact/4.json Rome Oslo
  assert_saved_by_dance 2 Oslo
  sleep 0.3
  assert_requests PUT 2
  assert_requests POST 0
  assert_no_delete
  assert_only_asks_for contact contact/4
  assert_lists_what_the_server_has contact
  assert_no_errors
  assert_no_drafts
}

assert_saved_by_dance() {
  assert_requests PUT "$1" contact/4
  assert_put_body contact/4 "{\"city\": \"$2\"}"
  assert_file_equals_server contact/4
}

dance_refused() {
  dance_begins
  server_refuses PUT 400 'There is no such city'
  dance_fails "$@"
  assert_contains "$(grep save .clevertimfs/errors)" 'There is no such city'
}

dance_cut_off() {
  dance_begins -o timeout=1
  server_fault reset method=PUT times=-1
  dance_fails "$@"
}

# The record stays as it was, here and there, and what was to be saved is kept.
dance_fails() {
  local text mtime record status=0
  text=$(cat contact/4.json) mtime=$(mtime_of contact/4.json) record=$(server_record contact/4)
  "$1" contact/4.json Paris Rome || status=$?
  if [ "$2" = tells ] && [ "$status" -eq 0 ]; then
    fail "the program does not know that its save failed"
  fi
  settle
  server_heals
  [ "$(requests PUT)" -gt 0 ] || fail "nothing was sent"
  assert_requests POST 0
  assert_no_delete
  assert_equal "$record" "$(server_record contact/4)" "the record on the server"
  assert_equal "$text" "$(cat contact/4.json)" "the file"
  assert_equal "$mtime" "$(mtime_of contact/4.json)" "its mtime"
  assert_lists_what_the_server_has contact
  assert_draft contact/4.json Rome
}

# Longer than a record stays set aside, or a delete is held back for a program that has ended.
settle() {
  sleep 1.2
}
