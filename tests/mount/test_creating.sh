# shellcheck shell=bash disable=SC1003,SC2002,SC2012,SC2016,SC2034,SC2119,SC2120,SC2154,SC2164,SC2317
# Creating: a new file is one POST; the name that was chosen keeps working.

test_creating__a_new_file_is_one_post() {
  given_mount
  save contact/ada.json '{"fn": "Ada", "ln": "Lovelace"}'
  assert_requests POST 1 contact
  assert_post_body contact '{"fn": "Ada", "ln": "Lovelace"}'
  assert_requests PUT 0
  assert_no_delete
  assert_no_drafts
}

# With -d the mount tells of each request of the kernel.
test_creating__a_new_files_attributes_come_with_it() {
  given_mount -d
  save contact/ada.json '{"fn": "Ada"}'
  [ -z "$(awk '/opcode: CREATE/ { is_new = 1 } /opcode: WRITE/ { is_new = 0 }
    is_new && /opcode: GETATTR/' "$work/mount.log")" ] || fail 'the kernel asks for them again'
}

test_creating__by_echo_and_by_rename() {
  given_mount
  echo '{"fn": "Ada"}' >contact/ada.json
  echo '{"fn": "Bob"}' >contact/.bob.tmp
  mv contact/.bob.tmp contact/bob.json
  assert_requests POST 2
  assert_requests PUT 0
  assert_file_equals_server "contact/$(id_of contact/ada.json)" contact/ada.json
  assert_file_equals_server "contact/$(id_of contact/bob.json)" contact/bob.json
}

test_creating__the_name_keeps_working() {
  local id
  given_mount
  save contact/ada.json '{"fn": "Ada"}'
  id=$(id_of contact/ada.json)
  save contact/ada.json '{"city": "London"}'
  assert_requests POST 1
  assert_requests PUT 1 "contact/$id"
  assert_file_equals_server "contact/$id" contact/ada.json
  assert_file_equals_server "contact/$id"
  refresh
  assert_file_equals_server "contact/$id" contact/ada.json
}

test_creating__both_names_have_the_inode_of_the_draft() {
  local inode
  given_mount
  touch contact/ada.json
  inode=$(stat -c %i contact/ada.json)
  save contact/ada.json '{"fn": "Ada"}'
  assert_equal "$inode" "$(stat -c %i contact/ada.json)" "the inode"
  assert_equal "$inode" "$(stat -c %i "contact/$(id_of contact/ada.json).json")" "the id's inode"
}

test_creating__the_name_is_not_listed_the_id_is() {
  given_mount
  ls contact >/dev/null
  save contact/ada.json '{"fn": "Ada"}'
  assert_lacks "$(ls contact)" ada.json
  assert_contains "$(ls contact)" "$(id_of contact/ada.json).json"
  assert_lists_what_the_server_has contact
}

test_creating__a_draft_is_listed_until_it_is_saved() {
  given_mount
  touch contact/ada.json
  assert_contains "$(ls contact)" ada.json
  assert_equal 0 "$(stat -c %s contact/ada.json)"
  save contact/ada.json '{"fn": "Ada"}'
  assert_lacks "$(ls contact)" ada.json
}

test_creating__created_tells_time_resource_name_and_id() {
  given_mount
  save contact/ada.json '{"fn": "Ada"}'
  save company/acme.json '{"cn": "Acme"}'
  assert_lines 2 "$(cat .clevertimfs/created)"
  assert_equal "contact ada.json $(id_of contact/ada.json)" \
    "$(awk 'NR == 1 { print $2, $3, $4 }' .clevertimfs/created)"
}

test_creating__touch_sends_nothing() {
  given_mount
  touch contact/ada.json
  : >contact/bob.json
  assert_no_writes
}

test_creating__a_copy_of_a_record_is_a_new_record() {
  given_mount
  cp contact/4.json contact/new.json
  assert_requests POST 1
  assert_requests PUT 0
  body_of_last POST contact
  assert_equal false "$(jq 'has("id") or has("lm") or has("userId") or has("notes")' <<<"$body")"
  assert_equal '"Zoë"' "$(jq .fn contact/new.json)"
  [ "$(id_of contact/new.json)" != 4 ] || fail "it is the same record"
}

test_creating__partial_answers_are_laid_over() {
  local id
  given_server --partial-post --partial-put
  given_mount
  save contact/ada.json '{"fn": "Ada", "n": 1E+2, "tags": ["x"]}'
  id=$(id_of contact/ada.json)
  assert_equal '"Ada"' "$(jq .fn contact/ada.json)"
  assert_file_equals_server "contact/$id" contact/ada.json
  save contact/ada.json '{"city": "London"}'
  assert_file_equals_server "contact/$id" contact/ada.json
}

test_creating__a_refused_file_leaves_the_directory_and_is_kept() {
  given_mount
  ls contact >/dev/null
  assert_errno EINVAL save contact/ada.json '{"city": "London"}'
  assert_absent contact/ada.json
  assert_lists_what_the_server_has contact
  assert_draft contact/ada.json London
  assert_last_error create contact/ada.json EINVAL 400 'A new contact needs'
  cp .clevertimfs/drafts/contact/ada.json "$work/text"
  sed -i 's/{/{"fn": "Ada", /' "$work/text"
  cp "$work/text" contact/ada.json
  assert_requests POST 2
  assert_no_drafts
}

test_creating__a_new_id_is_the_servers_to_choose() {
  given_mount
  save contact/99999.json '{"fn": "Ada"}'
  assert_requests POST 1
  assert_requests PUT 0
  assert_file_equals_server "contact/$(id_of contact/99999.json)" contact/99999.json
}

test_creating__a_comment_too_but_it_cannot_be_changed() {
  local id
  given_mount
  save comment/new.json '{"comment": "Hello", "nid": 1, "tid": null}'
  assert_requests POST 1 comment
  id=$(id_of comment/new.json)
  assert_errno EACCES save comment/new.json '{"comment": "Bye"}'
  assert_errno EACCES save "comment/$id.json" '{"comment": "Bye"}'
  assert_no_delete
  assert_requests PUT 0
}

test_creating__a_lost_answer_is_looked_for_and_adopted() {
  given_mount
  server_fault lost method=POST
  save contact/ada.json '{"fn": "Ada", "ln": "Lovelace"}'
  assert_requests POST 1
  assert_file_equals_server "contact/$(id_of contact/ada.json)" contact/ada.json
  assert_no_drafts
}

test_creating__a_post_is_never_sent_twice() {
  given_mount
  cat contact/4.json >/dev/null
  server_fault reset method=POST
  assert_errno EIO save contact/ada.json '{"fn": "Ada", "ln": "Lovelace"}'
  assert_requests POST 1
  assert_draft contact/ada.json Lovelace
  assert_last_error EIO 'not known whether'
}

test_creating__a_namesake_that_was_there_is_not_adopted() {
  given_mount
  save contact/ada.json '{"fn": "Ada"}'
  server_fault reset method=POST
  assert_errno EIO save contact/ada2.json '{"fn": "Ada"}'
  assert_requests POST 2
}

test_creating__many_at_once() {
  local i saves=()
  given_mount
  for i in 1 2 3 4 5 6 7 8; do
    save_own "$i" &
    saves+=($!)
  done
  wait "${saves[@]}"
  assert_requests POST 8
  assert_lines 8 "$(cat .clevertimfs/created)"
  assert_lists_what_the_server_has contact
}

save_own() {
  echo "{\"fn\": \"Ada\", \"ln\": \"$1\"}" >"contact/ada-$1.json"
}

# The name that was chosen is an id that the server gives to another record later.
test_creating__an_id_counts_before_a_chosen_name() {
  given_mount
  save contact/555.json '{"fn": "Ada"}'
  assert_equal '"Ada"' "$(jq .fn contact/555.json)"
  server_set_record contact/555 '{"id": 555, "fn": "Eva"}'
  refresh
  ls contact >"$work/list"
  assert_equal '"Eva"' "$(jq .fn contact/555.json)"
  rm contact/555.json
  assert_requests DELETE 1 contact/555
}
