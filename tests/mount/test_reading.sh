# shellcheck shell=bash disable=SC1003,SC2002,SC2012,SC2016,SC2034,SC2119,SC2120,SC2154,SC2164,SC2317
# Reading: every record is a file, and few requests fetch many.

test_reading__every_record_equals_the_servers() {
  local resource id
  given_mount
  for resource in $resources; do
    curl -sS -u "$token:X" "$url/api/$resource" >"$work/list"
    for id in $(jq -r '.content[].id' "$work/list"); do
      jq --arg id "$id" '.content[] | select((.id | tostring) == $id)' "$work/list" >"$work/expected"
      cmp "$work/expected" "$resource/$id.json"
    done
  done
}

test_reading__every_size_is_exact() {
  local file
  given_mount
  find . -type f -name '*.json' -printf '%s %p\n' | sort >"$work/before"
  while read -r size file; do
    assert_equal "$size" "$(cat "$file" | wc -c)" "the size of $file"
  done <"$work/before"
}

test_reading__listing_the_root_costs_nothing() {
  given_mount
  assert_equal "$(tr ' ' '\n' <<<"$in_the_root" | sort)" "$(ls)"
  ls -l >/dev/null
  stat . contact >/dev/null
  assert_no_requests
}

test_reading__the_control_directory_is_looked_up_but_not_listed() {
  given_mount
  assert_lacks "$(ls -a)" .clevertimfs
  assert_contains "$(ls .clevertimfs)" status
  assert_no_requests
}

test_reading__ls_costs_one_get() {
  given_mount
  ls -l contact >/dev/null
  ls -l contact >/dev/null
  assert_requests GET 1
  assert_requests GET 1 contact
}

test_reading__grep_costs_one_get_a_resource() {
  local resource
  given_mount
  grep -r Müller . >"$work/found"
  assert_contains "$(cat "$work/found")" ./contact/4.json
  for resource in $resources; do
    assert_requests GET 1 "$resource"
  done
  assert_requests GET 13
}

test_reading__jq_over_all_costs_one_get() {
  given_mount
  assert_equal "$(server_ids contact | wc -l)" "$(jq -r .id contact/*.json | wc -l)"
  # The shell's listing and the reads are one.
  assert_requests GET 2
  forget_requests
  jq . contact/*.json >/dev/null
  assert_no_requests
}

test_reading__a_cold_cat_is_one_small_get() {
  given_mount
  assert_equal '"Zoë"' "$(jq .fn contact/4.json)"
  assert_requests GET 1
  assert_requests GET 1 contact/4
}

test_reading__many_cold_cats_switch_to_the_collection() {
  local id
  contacts=200
  given_server
  server_ids contact >"$work/ids"
  given_mount
  while read -r id; do
    cat "contact/$id.json" >/dev/null
  done <"$work/ids"
  assert_requests GET 1 contact
  [ "$(requests GET)" -lt 20 ] || fail "$(requests GET) requests for $(wc -l <"$work/ids") records"
}

test_reading__a_fresh_record_costs_nothing() {
  given_mount
  cat contact/4.json >"$work/first"
  forget_requests
  cat contact/4.json >"$work/second"
  stat contact/4.json >/dev/null
  cmp "$work/first" "$work/second"
  assert_no_requests
}

test_reading__text_is_not_escaped() {
  given_server --ascii
  given_mount
  assert_contains "$(grep -l Zoë contact/*)" contact/4.json
  server_record contact/4 | grep -q 'Zo\\u00eb'
}

test_reading__a_record_that_is_not_there_is_enoent() {
  given_mount
  assert_errno ENOENT cat contact/99999.json
  assert_errno ENOENT cat contact/3.json
}

test_reading__stat_shows_modes_times_and_owner() {
  given_mount
  assert_equal "600 $(id -u)" "$(stat -c '%a %u' contact/4.json)"
  assert_equal 400 "$(stat -c %a comment/1.json)"
  assert_equal 400 "$(stat -c %a user/1.json)"
  assert_equal 700 "$(stat -c %a contact)"
  assert_equal "$(server_get contact/4 lm | xargs date +%s -d)" "$(stat -c %Y contact/4.json)"
}

test_reading__inodes_are_stable_and_unlike() {
  local before
  given_mount
  before=$(stat -c '%i %n' contact/*.json)
  assert_equal '' "$(stat -c %i contact/*.json company/*.json | sort | uniq -d)" "what comes twice"
  refresh
  assert_equal "$before" "$(stat -c '%i %n' contact/*.json)"
  assert_equal "$(ls -i contact | awk '{print $1, "contact/" $2}')" "$before" "d_ino"
}

test_reading__df_and_du_answer() {
  given_mount
  df . >/dev/null
  [ "$(du -s --block-size=1 contact | cut -f1)" -gt 0 ] || fail "nothing is used"
}

test_reading__xattrs_name_the_record() {
  given_mount
  assert_equal 4 "$(id_of contact/4.json)"
  assert_equal contact "$(getfattr -n user.clevertim.resource --only-values contact/4.json)"
  assert_equal "$url/api/contact/4" "$(getfattr -n user.clevertim.url --only-values contact/4.json)"
}

test_reading__gzip_and_etag_are_used() {
  given_server --gzip --etag
  given_mount -o ttl=1
  ls contact >/dev/null
  sleep 1.2
  ls -l contact >/dev/null
  assert_requests GET 2 contact
  assert_contains "$(control "$url/_sandbox/log" | jq -r .status | tr '\n' ' ')" '200 304'
  assert_file_equals_server contact/4
}

test_reading__cp_of_a_directory_is_a_backup() {
  given_mount
  cp -r contact "$work/backup"
  diff -r contact "$work/backup"
  assert_requests GET 1
}

test_reading__two_readers_of_a_cold_directory_share_the_get() {
  given_mount
  server_fault delay path=/api/contact ms=400
  ls contact >"$work/one" &
  ls contact >"$work/two"
  wait $!
  cmp "$work/one" "$work/two"
  assert_requests GET 1 contact
}
