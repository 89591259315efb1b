# shellcheck shell=bash disable=SC1003,SC2002,SC2012,SC2016,SC2034,SC2119,SC2120,SC2154,SC2164,SC2317
# clevertimctl: what a mount says of itself and keeps, for people and scripts.

# Where the tests run, mounts of others may be seen.
without_other_mounts() {
  local point
  for point in $(findmnt -rn -t fuse.clevertimfs -o TARGET); do
    umount -l "$point"
  done
}

# ---- the command line ----

test_ctl__help_and_version() {
  local verb
  assert_contains "$(ctl --help)" 'usage: clevertimctl'
  assert_equal "$(ctl --help)" "$(ctl help)"
  assert_equal "$(ctl -V)" "$(ctl --version)"
  for verb in status errors drafts trash refresh restore login; do
    assert_contains "$(ctl --help)" "  $verb "
    assert_contains "$(ctl "$verb" --help)" "usage: clevertimctl $verb"
    assert_equal "$(ctl "$verb" -h)" "$(ctl help "$verb")"
  done
}

test_ctl__a_wrong_command_is_status_2() {
  local status=0
  assert_ctl_fails 2 "'nonsense'" nonsense
  assert_ctl_fails 2 "'nonsense'" help nonsense
  assert_ctl_fails 2 "'--nonsense'" status --nonsense
  assert_ctl_fails 2 "missing" restore
  assert_ctl_fails 2 "'b'" status a b
  ctl >/dev/null 2>&1 || status=$?
  assert_equal 2 "$status"
}

test_ctl__a_full_disk_is_a_failure() {
  local status=0
  given_mount
  ctl status >/dev/full 2>/dev/null || status=$?
  assert_equal 1 "$status"
}

# ---- which mount ----

test_ctl__means_the_mount_that_one_is_in() {
  given_mount
  assert_contains "$(cd contact && ctl status)" "$url/api at $mnt"
  assert_contains "$(cd .clevertimfs && ctl status)" "$url/api at $mnt"
}

test_ctl__means_the_only_mount() {
  without_other_mounts
  given_mount
  cd "$work"
  assert_contains "$(ctl status)" "$url/api at $mnt"
}

test_ctl__asks_which_of_several() {
  without_other_mounts
  given_mount
  mkdir "$work/second crm"
  CLEVERTIM_TOKEN=$token "$build/fs/clevertimfs" -o "state_dir=$state" "$url/api" "$work/second crm"
  cd "$work"
  assert_ctl_fails 1 "$mnt, $work/second crm" status
  assert_contains "$(ctl status "second crm")" "$url/api at $work/second crm"
  assert_contains "$(cd "second crm/contact" && ctl status)" "$url/api at $work/second crm"
  umount "$work/second crm"
}

test_ctl__without_a_mount() {
  without_other_mounts
  assert_ctl_fails 1 'mount one with clevertimfs' status
  assert_ctl_fails 1 "'$work' is not in a mounted CRM" errors "$work"
}

test_ctl__takes_any_path_in_the_mount() {
  local path
  given_mount
  forget_requests
  cd "$work"
  ln -s mnt link
  ln -s link/contact contacts
  for path in mnt mnt/ ./mnt/contact/4.json "$mnt/nonsense/x" link contacts/5.json mnt/../mnt/contact/..; do
    assert_contains "$(ctl status "$path")" "at $mnt"
  done
  assert_no_requests
}

test_ctl__a_mount_that_died() {
  given_mount
  end_mount KILL || true
  assert_ctl_fails 1 'fusermount3 -uz' status "$mnt"
  assert_ctl_fails 1 'fusermount3 -uz' drafts "$mnt/contact"
  assert_ctl_fails 1 'fusermount3 -uz' refresh "$mnt"
  umount -l "$mnt"
}

# ---- status ----

test_ctl_status__is_a_table() {
  local said count
  given_mount
  ls contact >/dev/null
  save contact/4.json '{"city": "Rome"}'
  assert_errno EINVAL save contact/5.json '{'
  count=$(server_ids contact | wc -l)
  forget_requests
  said=$(ctl status)
  assert_contains "$said" "$url/api at $mnt"
  assert_matches '^resource +records +size +age' "$said"
  assert_matches "^contact +$count +[0-9]+ kB +[0-9]+ s$" "$said"
  assert_matches '^company +-$' "$said"
  assert_matches '^PUT +1 +0 +0$' "$said"
  assert_matches '^drafts +1 +2 B$' "$said"
  assert_matches '^trash +0 +0 B$' "$said"
  assert_no_requests
}

test_ctl_status__json_is_the_file() {
  given_mount
  assert_equal "$(jq -c 'del(.uptime)' .clevertimfs/status)" "$(ctl status --json | jq -c 'del(.uptime)')"
}

test_ctl_status__tells_what_failed_and_what_is_not_offered() {
  given_server --missing case:404
  given_mount
  server_fault status status=403 path=/api/company
  assert_fails ls company
  assert_errno ENOENT ls case
  assert_matches '^company .*403' "$(ctl status)"
  assert_matches '^case +none ' "$(ctl status)"
}

test_ctl__a_hung_server_holds_up_nothing() {
  local first second
  given_mount
  assert_errno EINVAL save contact/5.json '{'
  server_fault hang times=-1
  ls contact >/dev/null 2>&1 &
  first=$!
  cat company/3.json >/dev/null 2>&1 &
  second=$!
  eventually 5 contact_is_loading
  within 2 ctl status >"$work/said"
  assert_matches '^contact +1 +[0-9]+ B +reading: 0 records' "$(cat "$work/said")"
  within 2 ctl status "$mnt/company/3.json" >/dev/null
  within 2 ctl errors >/dev/null
  within 2 ctl drafts >/dev/null
  within 2 ctl trash >/dev/null
  server_heals
  wait "$first" "$second"
}

contact_is_loading() {
  [ "$(status_of_mount .resources.contact.loading)" != null ]
}

# ---- errors ----

test_ctl_errors__shows_the_last_ones() {
  local i
  given_mount
  assert_equal 'no errors' "$(ctl errors)"
  assert_equal '' "$(ctl errors --json)"
  for i in 1 2 3 4; do
    assert_errno EINVAL save "contact/$i.json" '{'
  done
  assert_lines 5 "$(ctl errors)"
  assert_matches '^time +operation +path +errno +http +message$' "$(ctl errors)"
  assert_lines 3 "$(ctl errors -n 2)"
  assert_contains "$(ctl errors -n 2 | tail -n 1)" contact/4.json
  assert_lines 5 "$(ctl errors --lines=0)"
}

test_ctl_errors__json_has_the_fields() {
  given_mount
  server_refuses PUT 400 'There is no such city'
  assert_errno EINVAL save contact/4.json '{"city": "Rome"}'
  assert_errno EINVAL save 'contact/my new one.json' '{'
  assert_equal 'save contact/4.json EINVAL 400 true' "$(ctl errors --json | head -n 1 |
    jq -r '"\(.operation) \(.path) \(.errno) \(.http_status) \(.message | contains("There is no such city"))"')"
  assert_equal 'create contact/my new one.json EINVAL null' "$(ctl errors --json | tail -n 1 |
    jq -r '"\(.operation) \(.path) \(.errno) \(.http_status)"')"
  assert_contains "$(cat .clevertimfs/errors)" "$(ctl errors --json | head -n 1 | jq -r .time)"
}

test_ctl_errors__only_a_terminal_has_colours() {
  given_mount
  assert_errno EINVAL save contact/4.json '{'
  assert_lacks "$(ctl errors)" $'\033'
  assert_contains "$(TERM=xterm on_a_terminal "$build/fs/ctl/clevertimctl" errors)" $'\033[1m'
  assert_lacks "$(TERM=dumb on_a_terminal "$build/fs/ctl/clevertimctl" errors)" $'\033'
  assert_lacks "$(NO_COLOR=1 on_a_terminal "$build/fs/ctl/clevertimctl" errors)" $'\033'
}

# ---- drafts and trash ----

test_ctl_drafts__lists_them() {
  given_mount
  assert_equal 'no drafts' "$(ctl drafts)"
  server_refuses PUT 400 'There is no such city'
  assert_errno EINVAL save contact/4.json '{"city": "Rome"}'
  assert_errno EINVAL save company/Zoë.json '{'
  assert_lines 3 "$(ctl drafts)"
  assert_matches '^contact +4.json +17 B +[0-9]+ s  .*There is no such city' "$(ctl drafts)"
  assert_matches '^company +Zoë.json +2 B ' "$(ctl drafts)"
}

test_ctl_drafts__json_leads_to_each() {
  local path
  given_mount
  assert_errno EINVAL save contact/4.json '{"city": '
  assert_equal 'contact 4.json 10' "$(ctl drafts --json | jq -r '"\(.resource) \(.name) \(.size)"')"
  path=$(ctl drafts --json | jq -r .path)
  assert_equal '{"city": ' "$(cat "$path")"
  assert_equal "$(cat "$path.error")" "$(ctl drafts --json | jq -r .reason)"
  assert_equal "$(date -u -r "$path" +%FT%TZ)" "$(ctl drafts --json | jq -r .time)"
}

test_ctl_drafts__a_name_cannot_speak_to_the_terminal() {
  local name=$'\033[31m\x9b\u009b\n.json'
  given_mount
  assert_errno EINVAL save "contact/$name" '{'
  assert_lacks "$(ctl drafts)" $'\033'
  assert_lacks "$(ctl drafts)" $'\u009b'
  assert_lines 2 "$(ctl drafts)"
  assert_lacks "$(ctl drafts --json)" $'\u009b'
  assert_equal contact "$(ctl drafts --json | jq -r .resource)"
}

test_ctl_trash__lists_it() {
  given_mount
  assert_equal 'no trash' "$(ctl trash)"
  rm contact/5.json
  assert_matches '^contact +5.json +[0-9]+ B +[0-9]+ s$' "$(ctl trash)"
  assert_equal '"5.json"' "$(ctl trash --json | jq .name)"
  assert_equal 5 "$(ctl trash --json | jq -r .path | xargs jq .id)"
}
