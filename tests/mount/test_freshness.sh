# shellcheck shell=bash disable=SC1003,SC2002,SC2012,SC2016,SC2034,SC2119,SC2120,SC2154,SC2164,SC2317
# Freshness: what changes on the server appears, and text, size and mtime always agree.

assert_shows_the_servers() {
  assert_file_equals_server contact/4
  assert_equal "$(server_get contact/4 lm | xargs date +%s -d)" "$(stat -c %Y contact/4.json)" "the mtime"
}

somebody_changes_the_city() {
  server_set contact/4 city "\"$1\""
  server_set contact/4 lm "\"$2\""
}

test_freshness__a_change_appears_after_ttl() {
  given_mount -o ttl=1
  cat contact/4.json >/dev/null
  somebody_changes_the_city 'a much longer name of a city' 2030-01-01T00:00:00Z
  sleep 1.2
  assert_shows_the_servers
}

test_freshness__a_change_appears_in_a_listing_after_ttl() {
  given_mount -o ttl=1
  ls -l contact >/dev/null
  cat contact/*.json >/dev/null
  somebody_changes_the_city Ur 2030-01-01T00:00:00Z
  sleep 1.2
  ls -l contact >"$work/listing"
  assert_contains "$(cat "$work/listing")" "$(stat -c %s contact/4.json)"
  assert_shows_the_servers
}

test_freshness__within_ttl_nothing_is_asked() {
  given_mount
  cat contact/4.json >"$work/before"
  server_set contact/4 city '"Ur"'
  forget_requests
  cmp "$work/before" contact/4.json
  assert_no_requests
}

test_freshness__a_change_appears_after_refresh() {
  given_mount
  ls -l contact >/dev/null
  cat contact/4.json >/dev/null
  somebody_changes_the_city Constantinople 2030-01-01T00:00:00Z
  refresh
  assert_shows_the_servers
}

test_freshness__refresh_of_one_record() {
  given_mount
  cat contact/4.json contact/5.json >/dev/null
  somebody_changes_the_city Constantinople 2030-01-01T00:00:00Z
  refresh contact/4.json
  forget_requests
  cat contact/5.json >/dev/null
  assert_no_requests
  assert_shows_the_servers
}

test_freshness__one_who_has_it_open_sees_the_change() {
  given_mount -o ttl=1
  exec 5<contact/4.json
  cat <&5 >/dev/null
  somebody_changes_the_city 'a much longer name of a city' 2030-01-01T00:00:00Z
  refresh
  stat contact/4.json >/dev/null
  eventually 3 open_file_has 'a much longer name'
  assert_equal "$(cat contact/4.json)" "$(cat /proc/self/fd/5)"
}

open_file_has() {
  python3 - "$1" <<'EOT'
import os, sys
text = os.pread(5, 100000, 0).decode()
sys.exit(sys.argv[1] not in text or os.fstat(5).st_size != len(text.encode()))
EOT
}

test_freshness__a_record_deleted_there_vanishes() {
  given_mount
  ls -l contact >/dev/null
  cat contact/4.json >/dev/null
  server_delete_record contact/4
  refresh
  assert_errno ENOENT cat contact/4.json
  assert_lists_what_the_server_has contact
}

test_freshness__a_record_created_there_appears() {
  given_mount
  ls contact >/dev/null
  assert_absent contact/7777.json
  control --data-binary '{"id": 7777, "fn": "Ada"}' "$url/_sandbox/record/contact" >/dev/null
  refresh
  assert_equal '"Ada"' "$(jq .fn contact/7777.json)"
  assert_lists_what_the_server_has contact
}

test_freshness__what_did_not_change_keeps_its_mtime_and_inode() {
  local before
  given_mount
  before=$(stat -c '%n %i %Y' contact/*.json)
  refresh
  assert_equal "$before" "$(stat -c '%n %i %Y' contact/*.json)"
}

test_freshness__a_record_without_dates_has_the_time_it_was_seen() {
  local mtime
  given_server
  server_set_record contact/4 '{"id": 4, "fn": "Zoë"}'
  given_mount
  mtime=$(mtime_of contact/4.json)
  [ $((EPOCHSECONDS - ${mtime%.*})) -lt 10 ] || fail "its mtime is $mtime"
  refresh
  assert_equal "$mtime" "$(mtime_of contact/4.json)"
  server_set_record contact/4 '{"id": 4, "fn": "Zoe"}'
  refresh
  [ "$mtime" != "$(mtime_of contact/4.json)" ] || fail "it changed, and its mtime did not"
}

test_freshness__sizes_agree_whatever_happens() {
  local i
  given_mount
  for i in 1 2 3 4 5 6 7 8 9 10; do
    server_set contact/4 title "\"$(head -c $((i * i * 7)) /dev/zero | tr '\0' x)\""
    refresh
    assert_size_agrees contact/4.json
    save contact/4.json "{\"city\": \"$(head -c $((200 - i * 9)) /dev/zero | tr '\0' y)\"}"
    assert_size_agrees contact/4.json
  done
  assert_file_equals_server contact/4
}

test_freshness__the_directorys_mtime_is_of_the_last_change() {
  local before
  given_mount
  ls contact >/dev/null
  before=$(mtime_of contact)
  refresh
  ls contact >/dev/null
  assert_equal "$before" "$(mtime_of contact)" "the directory's mtime"
  server_delete_record contact/4
  refresh
  ls contact >/dev/null
  [ "$before" != "$(mtime_of contact)" ] || fail "it changed, and its mtime did not"
}

# ---- a listing that the kernel keeps ----

# With -d the mount tells of each request of the kernel before it answers.
pages_asked_for() {
  grep -c 'opcode: READDIR' "$work/mount.log" || true
}

# asks_for_pages COMMAND...: whether the kernel asks for some of a directory, rather than for none.
asks_for_pages() {
  local before
  before=$(pages_asked_for)
  "$@" >/dev/null
  [ "$(pages_asked_for)" -gt "$before" ]
}

asks_for_no_page() {
  ! asks_for_pages "$@"
}

# The kernel may let go of pages of its own accord, but does not do so each time.
given_a_kept_listing() {
  [ -n "$mount_pid" ] || given_mount -d
  eventually 10 asks_for_no_page ls -f contact
}

size_listed() {
  ls -l contact | awk -v name="$1" '$NF == name { print $5 }'
}

test_freshness__an_unchanged_listing_is_not_asked_for_again() {
  given_mount -d
  asks_for_pages ls -f contact || fail "the kernel lists what it has not asked for"
  given_a_kept_listing
  eventually 10 asks_for_no_page ls -l contact
  assert_lists_what_the_server_has contact
}

test_freshness__a_kept_listing_shows_what_comes_and_goes_on_the_server() {
  given_a_kept_listing
  control --data-binary '{"id": 7777, "fn": "Ada"}' "$url/_sandbox/record/contact" >/dev/null
  server_delete_record contact/4
  refresh
  asks_for_pages ls -f contact || fail "the old listing was kept"
  assert_lists_what_the_server_has contact
  given_a_kept_listing
  assert_lists_what_the_server_has contact
}

test_freshness__a_kept_listing_shows_what_comes_and_goes_here() {
  given_a_kept_listing
  rm contact/4.json
  assert_lists_what_the_server_has contact
  given_a_kept_listing
  save contact/ada.json '{"fn": "Ada"}'
  assert_lists_what_the_server_has contact
  assert_contains "$(ls contact)" "$(id_of contact/ada.json).json"
  given_a_kept_listing
  save contact/ada.json '{"city": "London"}'
  mv contact/ada.json contact/ada.json~
  assert_contains "$(ls contact)" ada.json~
  mv contact/ada.json~ contact/ada.json
  assert_lists_what_the_server_has contact
  given_a_kept_listing
  rm contact/ada.json
  assert_lists_what_the_server_has contact
  given_a_kept_listing
}

test_freshness__a_kept_listing_shows_what_is_renamed() {
  given_a_kept_listing
  mv contact/5.json contact/5.json~
  assert_contains "$(ls contact)" 5.json~
  mv contact/5.json~ contact/5.json
  assert_lists_what_the_server_has contact
  assert_lacks "$(ls contact)" 5.json~
  given_a_kept_listing
  assert_lists_what_the_server_has contact
}

# A record that its mover leaves set aside is there again after a while, and nobody says so.
test_freshness__a_kept_listing_shows_what_is_back_by_itself() {
  given_a_kept_listing
  python3 - <<'EOT'
import os, time
os.rename("contact/5.json", "contact/5.json~")
os.listdir("contact")
end = time.monotonic() + 20
while not {"5.json", "5.json~"} <= set(os.listdir("contact")):
    assert time.monotonic() < end, "it stays away"
    time.sleep(0.02)
EOT
}

# The one has the directory open and reads it again, the other opens it anew.
test_freshness__a_kept_listing_shows_at_once_what_another_process_makes() {
  given_a_kept_listing
  python3 - <<'EOT'
import os, subprocess

def listed():
    return set(subprocess.check_output(["ls", "-f", "contact"], text=True).split()) - {".", ".."}

held = os.open("contact", os.O_RDONLY | os.O_DIRECTORY)
records = set(os.listdir(held))
assert listed() == records
for turn in range(10):
    for name in "scratch", "new.json":
        subprocess.check_call(["touch", "contact/" + name])
        assert listed() == records | {name}, (turn, name)
        assert set(os.listdir(held)) == records | {name}, (turn, name)
        subprocess.check_call(["rm", "contact/" + name])
        assert set(os.listdir(held)) == records, (turn, name)
        assert listed() == records, (turn, name)
EOT
  given_a_kept_listing
}

# It is names that are kept; sizes are as they are now.
test_freshness__a_kept_listing_shows_sizes_as_they_are_now() {
  local i
  given_a_kept_listing
  for i in 1 2 3 4 5; do
    ls -l contact >/dev/null
    save contact/4.json "{\"city\": \"$(head -c $((300 - i * 40)) /dev/zero | tr '\0' y)\"}"
    assert_equal "$(server_record contact/4 | as_file | wc -c)" "$(size_listed 4.json)" "the size"
  done
  given_a_kept_listing
  somebody_changes_the_city Constantinople 2030-01-01T00:00:00Z
  refresh
  assert_equal "$(server_record contact/4 | as_file | wc -c)" "$(size_listed 4.json)" "the size"
}
