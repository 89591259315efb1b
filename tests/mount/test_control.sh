# shellcheck shell=bash disable=SC1003,SC2002,SC2012,SC2016,SC2034,SC2119,SC2120,SC2154,SC2164,SC2317
# The control directory: what a puzzled person reads.

# What turns the direction of writing could show a name as another.
test_control__lines_cannot_turn_their_direction() {
  local turned=$'a\u202efdp.json'
  given_mount
  save "contact/$turned" '{"fn": "Ada"}'
  assert_errno EINVAL save "contact/$turned.json" '{'
  assert_lacks "$(cat .clevertimfs/created .clevertimfs/errors)" $'\u202e'
  assert_contains "$(cat .clevertimfs/created)" 'a fdp.json'
}

test_control__status_is_json() {
  given_mount
  ls contact >/dev/null
  save contact/4.json '{"city": "Rome"}'
  assert_equal "$url/api" "$(status_of_mount .url)"
  assert_equal 1 "$(status_of_mount .requests.PUT.ok)"
  assert_equal "$(server_ids contact | wc -l)" "$(status_of_mount .resources.contact.records)"
  assert_equal number "$(status_of_mount '.uptime | type')"
}

test_control__status_counts_drafts_and_trash() {
  given_mount
  assert_errno EINVAL save contact/4.json '{'
  rm contact/5.json
  assert_equal '1 1' "$(status_of_mount '"\(.drafts.count) \(.trash.count)"')"
}

test_control__status_tells_what_is_loading() {
  given_mount
  assert_equal null "$(status_of_mount .resources.contact.loading)"
  server_fault hang_after method=GET path=/api/contact bytes=12000
  ls contact >/dev/null &
  eventually 5 some_contacts_have_come
  assert_equal 'true true true' "$(status_of_mount '.resources.contact.loading |
    "\(.records < 30) \(.bytes > 1000) \(.seconds >= 0)"')"
  assert_equal null "$(status_of_mount .resources.company.loading)"
  server_heals
  wait $!
  assert_equal "null $(server_ids contact | wc -l)" \
    "$(status_of_mount '.resources.contact | "\(.loading) \(.records)"')"
}

some_contacts_have_come() {
  [ "$(status_of_mount '.resources.contact.loading.records // 0')" -gt 0 ]
}

test_control__sizes_agree() {
  local name
  given_mount
  assert_errno EINVAL save contact/4.json '{'
  for name in errors created README; do
    assert_size_agrees ".clevertimfs/$name"
  done
}

test_control__errors_have_a_line_for_each_failure() {
  given_mount
  server_refuses PUT 400 'There is no such city'
  assert_errno EINVAL save contact/4.json '{"city": "Rome"}'
  assert_errno EINVAL save contact/5.json '{'
  assert_lines 2 "$(cat .clevertimfs/errors)"
  assert_contains "$(head -n 1 .clevertimfs/errors)" 'There is no such city'
  assert_last_error contact/5.json EINVAL
}

test_control__cannot_be_written_but_refresh() {
  given_mount
  assert_errno EACCES bash -c 'echo x >.clevertimfs/status'
  assert_errno EACCES bash -c 'echo x >.clevertimfs/errors'
  assert_errno EPERM rm .clevertimfs/errors
  assert_errno EPERM touch .clevertimfs/new
  refresh
}

test_control__readme_explains() {
  given_mount
  assert_contains "$(cat .clevertimfs/README)" drafts
  assert_contains "$(cat .clevertimfs/README)" refresh
}
