# shellcheck shell=bash disable=SC1003,SC2002,SC2012,SC2016,SC2034,SC2119,SC2120,SC2154,SC2164,SC2317
# clevertimctl refresh and restore: what a person can do about it.

# ---- refresh ----

test_ctl_refresh__of_a_record_asks_at_its_next_look() {
  given_mount
  cat contact/4.json contact/5.json >/dev/null
  server_set contact/4 city '"Rome"'
  forget_requests
  ctl refresh contact/4.json
  assert_no_requests
  assert_equal Rome "$(jq -r .city contact/4.json)"
  cat contact/5.json >/dev/null
  assert_requests GET 1
  assert_requests GET 1 contact/4
}

test_ctl_refresh__follows_the_links_to_a_record() {
  given_mount
  ls by-name/contact >/dev/null
  server_set contact/4 city '"Rome"'
  ctl refresh 'by-name/contact/Zoë Müller.json'
  assert_equal Rome "$(jq -r .city contact/4.json)"
  assert_ctl_fails 1 "'by-name/contact'" refresh by-name/contact
}

test_ctl_refresh__of_a_resource_reads_it_at_once() {
  local said
  given_mount
  ls contact company >/dev/null
  forget_requests
  said=$(ctl refresh contact 2>&1 >/dev/null)
  assert_matches "^contact  $(server_ids contact | wc -l) records  [0-9]+ kB  [0-9.]+ s$" "$said"
  assert_lines 1 "$said"
  forget_requests
  ctl refresh "$mnt/contact/" 2>/dev/null
  ls -l contact company >/dev/null
  assert_requests GET 1
  assert_requests GET 1 contact
}

test_ctl_refresh__of_all_reads_each_resource_once() {
  local said resource
  given_mount
  said=$(cd contact && ctl refresh 2>&1)
  assert_lines 13 "$said"
  assert_requests GET 13
  for resource in $resources; do
    assert_requests GET 1 "$resource"
    assert_matches "^$resource +[0-9]+ records? " "$said"
  done
}

test_ctl_refresh__cannot_reach_a_read_only_mount() {
  given_mount -o ro
  assert_ctl_fails 1 "is read-only, and so is its 'refresh': wait" refresh contact
}

test_ctl_refresh__of_a_record_that_is_not_there_looks_for_it() {
  given_mount
  ls contact >/dev/null
  assert_ctl_fails 1 "the server has no 'contact/999.json'" refresh contact/999.json
  server_set_record contact/999 '{"id": 999, "fn": "Ada"}'
  ctl refresh contact/999.json
  assert_equal '"Ada"' "$(jq .fn contact/999.json)"
  ls by-name/contact >/dev/null
  assert_ctl_fails 1 "'by-name/contact/Nobody.json'" refresh by-name/contact/Nobody.json
}

test_ctl_refresh__names_a_path_as_the_person_does() {
  given_mount
  ls related/company/3 >/dev/null
  assert_ctl_fails 1 "'related/company/3' is neither" refresh related/company/3
  assert_ctl_fails 1 "'related/company/3/contact' is neither" refresh related/company/3/contact
}

test_ctl_refresh__tells_what_could_not_be_read() {
  given_mount
  ls contact >/dev/null
  server_fault status status=403 path=/api/contact times=-1
  assert_equal 1 "$(ctl refresh contact >/dev/null 2>"$work/said" || echo $?)"
  assert_contains "$(head -n 1 "$work/said")" 'contact  failed'
  assert_contains "$(tail -n 1 "$work/said")" "cannot read 'contact': "
  assert_contains "$(tail -n 1 "$work/said")" 403
  assert_equal 1 "$(ctl refresh . >/dev/null 2>"$work/said" || echo $?)"
  assert_matches '^company +[0-9]+ records' "$(cat "$work/said")"
  assert_exists contact/4.json
}

test_ctl_refresh__gives_up_where_nobody_answers() {
  given_mount -o timeout=1
  server_fault hang times=-1
  assert_equal 1 "$(ctl refresh >/dev/null 2>"$work/said" || echo $?)"
  assert_lines 2 "$(cat "$work/said")"
  server_heals
}

test_ctl_refresh__takes_no_other_path() {
  given_mount
  ls contact >/dev/null
  forget_requests
  assert_ctl_fails 1 "'contcat'" refresh contcat
  assert_ctl_fails 1 "'.clevertimfs/status'" refresh .clevertimfs/status
  assert_ctl_fails 1 "'contact/4.json/x'" refresh contact/4.json/x
  ls -l contact >/dev/null
  assert_no_requests
}

test_ctl_refresh__shows_on_a_terminal_how_far_it_is() {
  given_mount
  server_fault hang_after method=GET path=/api/contact bytes=12000
  in_terminal bash -c "$build/fs/ctl/clevertimctl refresh contact; echo \"it ended with \$?\"; read -r"
  see ' records  '
  assert_matches '^contact  [0-9]+ records  [0-9.]+ kB  [0-9.]+ s$' "$(screen)"
  assert_lines 1 "$(screen | grep records)"
  server_heals
  see 'it ended with 0'
  assert_lines 1 "$(screen | grep records)"
  assert_matches "^contact  $(server_ids contact | wc -l) records  " "$(screen)"
}

# ---- restore ----

test_ctl_restore__saves_a_draft() {
  given_mount
  server_refuses PUT 400 'There is no such city'
  assert_errno EINVAL save contact/4.json '{"city": "Rome"}'
  assert_ctl_fails 1 'There is no such city' restore contact/4.json
  assert_draft contact/4.json Rome
  server_heals
  forget_requests
  assert_equal 'contact/4.json: saved, id 4' "$(ctl restore contact/4.json)"
  assert_requests PUT 1
  assert_put_body contact/4 '{"city": "Rome"}'
  assert_no_drafts
}

test_ctl_restore__takes_the_path_of_a_draft_or_of_its_record() {
  given_mount
  assert_errno EINVAL save contact/4.json '{"city": "Rome",}'
  assert_ctl_fails 1 "contact/4.json" restore .clevertimfs/drafts/contact/4.json
  assert_ctl_fails 1 "contact/4.json" restore "$mnt/contact/4.json"
  cd contact
  assert_ctl_fails 1 "was not saved" restore 4.json
  cd "$work"
  assert_ctl_fails 1 "was not saved" restore contact/4.json mnt
  assert_lines 5 "$(ctl errors --json mnt)"
  cd "$mnt"
  assert_draft contact/4.json Rome
  assert_lines 1 "$(ctl drafts --json)"
}

test_ctl_restore__creates_a_draft_that_was_new() {
  given_mount
  server_refuses POST 400 'Not today'
  assert_errno EINVAL save contact/ada.json '{"fn": "Ada"}'
  server_heals
  forget_requests
  assert_equal "contact/ada.json: created, id $(($(server_ids contact | sort -n | tail -n 1) + 1))" \
    "$(ctl restore contact/ada.json)"
  assert_requests POST 1
  assert_no_drafts
  assert_server_has "contact/$(id_of contact/ada.json)" fn '"Ada"'
}

# given_a_lost_creation: of contact/ada.json, which the server has made, and nobody knows.
given_a_lost_creation() {
  given_mount -o timeout=1
  ls contact >/dev/null
  server_fault lost method=POST
  server_fault reset method=GET path=/api/contact times=-1
  assert_errno EIO save contact/ada.json '{"fn": "Ada", "ln": "Lovelace"}'
  server_heals
  assert_requests POST 1
}

test_ctl_restore__does_not_create_again_what_may_be_there() {
  given_a_lost_creation
  assert_ctl_fails 1 'look for it by its text in contact/ or by-name/contact/' restore contact/ada.json
  remount
  assert_ctl_fails 1 'may have created' restore contact/ada.json
  assert_ctl_fails 1 'may have created' restore .clevertimfs/drafts/contact/ada.json
  assert_requests POST 1
  assert_draft contact/ada.json Lovelace
  assert_contains "$(ctl restore --again contact/ada.json)" 'contact/ada.json: created, id '
  assert_requests POST 2
  assert_no_drafts
}

test_ctl_restore__nor_what_was_on_its_way_when_the_mount_was_killed() {
  given_mount
  server_fault hang method=POST times=-1
  save contact/ada.json '{"fn": "Ada"}' &
  eventually 5 has_posts 1
  end_mount KILL || true
  wait $! || true
  umount -l "$mnt"
  server_heals
  mount_it
  assert_ctl_fails 1 'may have created' restore contact/ada.json
  assert_requests POST 1
  assert_contains "$(ctl restore --again contact/ada.json)" 'created, id '
}

has_posts() {
  [ "$(requests POST)" -eq "$1" ]
}

test_ctl_restore__of_trash_does_not_create_again_either() {
  given_mount -o timeout=1
  ls contact >/dev/null
  rm contact/5.json
  server_fault lost method=POST
  server_fault reset method=GET path=/api/contact times=-1
  assert_ctl_fails 1 'not known whether' restore contact/5.json
  server_heals
  assert_ctl_fails 1 'may have created' restore --trash contact/5.json
  assert_ctl_fails 1 'may have created' restore --draft contact/5.json
  assert_requests POST 1
}

test_ctl_restore__a_reason_is_no_text() {
  given_mount
  assert_errno EINVAL save contact/4.json '{'
  assert_ctl_fails 1 "no such text is kept as 'contact/4.json.error'" restore contact/4.json.error
  assert_ctl_fails 1 'no such text' restore .clevertimfs/drafts/contact/4.json.error
  assert_absent contact/4.json.error
}

# A draft of that name can be left by an older version alone.
test_ctl_restore__scratch_is_not_created() {
  given_mount
  assert_errno EINVAL save contact/ada.json '{'
  end_mount TERM
  find "$state" -path '*/drafts/contact/ada.json' -execdir mv {} tmpada.json ';'
  mount_it
  assert_ctl_fails 1 "'contact/tmpada.json' is no record" restore contact/tmpada.json
  assert_exists .clevertimfs/drafts/contact/tmpada.json
  assert_no_writes
}

test_ctl_restore__an_older_draft_and_no_other_is_dropped() {
  given_mount
  server_refuses PUT 400 'Not today'
  assert_errno EINVAL save contact/4.json '{"city": "Rome"}'
  assert_errno EINVAL save contact/4.json '{"city": "Paris"}'
  server_heals
  assert_ctl_fails 1 'contact/4.json.~1~' restore contact/4.json
  assert_ctl_fails 1 "'contact/4.json'" restore contact/4.json.~1~
  assert_no_writes_since_refusals
  rm .clevertimfs/drafts/contact/4.json
  assert_equal 'contact/4.json: saved, id 4' "$(ctl restore contact/4.json.~1~)"
  assert_server_has contact/4 city '"Rome"'
  assert_no_drafts
}

assert_no_writes_since_refusals() {
  assert_requests PUT 2
  assert_lines 2 "$(ctl drafts --json)"
}

test_ctl_restore__creates_a_deleted_record_anew() {
  local fn id
  given_mount
  fn=$(jq .fn contact/5.json)
  rm contact/5.json
  forget_requests
  id=$(ctl restore contact/5.json | sed 's/^contact.5.json: created, id //')
  assert_requests POST 1
  assert_server_has "contact/$id" fn "$fn"
  assert_equal "$id" "$(id_of contact/5.json)"
  assert_equal 'no trash' "$(ctl trash)"
  assert_ctl_fails 1 'no such text' restore contact/5.json
  remount
  assert_ctl_fails 1 'no such text' restore contact/5.json
  assert_requests POST 1
}

test_ctl_restore__takes_no_name_that_is_in_use() {
  local text
  given_mount
  text=$(cat contact/5.json)
  rm contact/5.json
  save contact/5.json '{"fn": "Ada"}'
  assert_ctl_fails 1 already restore contact/5.json
  assert_requests POST 1
  assert_equal "$text" "$(cat .clevertimfs/trash/contact/5.json)"
}

test_ctl_restore__of_a_deleted_record_that_is_refused_loses_nothing() {
  given_mount
  rm contact/5.json
  server_refuses POST 400 'Not today'
  assert_ctl_fails 1 'Not today' restore contact/5.json
  assert_equal 5.json "$(ctl trash --json | jq -r .name)"
  assert_exists .clevertimfs/drafts/contact/5.json
  assert_absent contact/5.json
}

test_ctl_restore__asks_which_of_the_two() {
  local text
  given_mount
  text=$(cat contact/5.json)
  rm contact/5.json
  server_refuses POST 400 'Not today'
  assert_errno EINVAL save contact/5.json '{"fn": "Draft"}'
  server_heals
  forget_requests
  assert_ctl_fails 1 --trash restore contact/5.json
  assert_no_requests
  assert_contains "$(ctl restore --trash contact/5.json)" 'contact/restored-5.json: created'
  assert_equal "$(jq .fn <<<"$text")" "$(jq .fn contact/restored-5.json)"
  assert_ctl_fails 1 'no such text' restore --trash contact/5.json
  assert_draft contact/5.json Draft
  assert_contains "$(ctl restore .clevertimfs/drafts/contact/5.json)" 'contact/5.json: created'
  assert_equal '"Draft"' "$(jq .fn contact/5.json)"
}

test_ctl_restore__without_such_a_text() {
  given_mount
  assert_ctl_fails 1 "'contact/4.json'" restore contact/4.json
  assert_ctl_fails 1 "'contact/4.json'" restore --draft contact/4.json
  assert_ctl_fails 1 "neither" restore nonsense
  assert_ctl_fails 1 "neither" restore /etc/passwd
  assert_no_requests
}

test_ctl_restore__on_a_read_only_mount() {
  given_mount
  assert_errno EINVAL save contact/4.json '{'
  remount -o ro
  assert_ctl_fails 1 'Read-only' restore contact/4.json
  assert_equal 4.json "$(ctl drafts --json | jq -r .name)"
}
