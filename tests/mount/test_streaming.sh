# shellcheck shell=bash disable=SC1003,SC2002,SC2012,SC2016,SC2034,SC2119,SC2120,SC2154,SC2164,SC2317
# Streaming: the first listing of many records can be read while it still arrives.

contacts=25000
# Some 17,000 of them.
most_bytes=15000000
arrived_before=''

given_many() {
  [ -n "$server_pid" ] || given_server
  server_ids contact | sed 's/$/.json/' | sort >"$work/wanted"
  given_mount "$@"
}

# Most of the list comes, then nothing until the server is healed.
given_a_listing_that_stops() {
  given_many "$@"
  server_fault hang_after method=GET path=/api/contact "bytes=$most_bytes" times=-1
}

# Reads so many names of contact, and waits for no more.
first_names() {
  python3 - "$1" <<'EOF'
import itertools, os, sys
for entry in itertools.islice(os.scandir("contact"), int(sys.argv[1])):
    print(entry.name)
EOF
}

assert_names_are_the_servers() {
  grep -v '^\.' "$1" | sort >"$work/names"
  cmp "$work/wanted" "$work/names" || fail "other names: $(diff "$work/wanted" "$work/names" | head -5)"
}

begin_ls() {
  (trap - ERR EXIT; exec env --default-signal=INT ls -f contact >"$work/listed" 2>"$work/listed.errors") &
  ls_pid=$!
}

# It has read what has arrived, but for the few records that nobody who waits is woken for, and no more
# arrives.
ls_waits() {
  local arrived place before=$arrived_before
  arrived=$(jq '.resources.contact.loading.records // 0' .clevertimfs/status)
  arrived_before=$arrived
  place=$(awk '$1 == "pos:" {print $2}' "/proc/$ls_pid/fdinfo/3" 2>/dev/null || true)
  [ "$arrived" = "$before" ] && [ "$arrived" -gt 10000 ] && [ $((${place:-0} + 1000)) -gt "$arrived" ] &&
    [ "$(cut -d' ' -f3 "/proc/$ls_pid/stat")" = S ]
}

test_streaming__names_come_before_the_end() {
  given_a_listing_that_stops
  within 10 first_names 12000 >"$work/listed"
  assert_equal 12000 "$(sort -u "$work/listed" | wc -l)" "the number of names"
  within 2 cat "contact/$(tail -1 "$work/listed")" contact/4.json >/dev/null
  assert_requests GET 1
}

test_streaming__what_has_come_can_be_read_while_others_wait() {
  given_a_listing_that_stops
  begin_ls
  eventually 10 ls_waits
  within 2 first_names 12000 >/dev/null
  within 2 grep -c Köln contact/4.json
  within 2 stat contact/1234.json >/dev/null
  assert_requests GET 1
  server_heals
  wait "$ls_pid"
  assert_names_are_the_servers "$work/listed"
  assert_requests GET 1
}

test_streaming__all_names_come_once_and_the_next_listing_is_the_same() {
  given_many
  ls -f contact >"$work/listed"
  assert_names_are_the_servers "$work/listed"
  ls -f contact >"$work/listed.again"
  cmp "$work/listed" "$work/listed.again"
  ls -l contact >"$work/listed.long"
  assert_equal 25001 "$(wc -l <"$work/listed.long")" "lines of ls -l"
  assert_requests GET 1
}

# tar looks at the directory's mtime before and after.
test_streaming__tar_sees_nothing_change() {
  given_many
  tar cf "$work/all.tar" contact
  tar tf "$work/all.tar" | sed -n 's,^contact/\(..*\),\1,p' >"$work/listed"
  assert_names_are_the_servers "$work/listed"
  assert_requests GET 1
}

test_streaming__an_answer_that_breaks_off_is_an_error() {
  given_many -o timeout=2
  server_fault truncate method=GET path=/api/contact "bytes=$most_bytes" times=-1
  assert_errno EIO python3 -c 'import os; os.listdir("contact")'
  assert_fails find contact -name 4.json
  assert_fails ls contact
  assert_contains "$(last_error)" 'list contact'
  server_heals
  begin_ls
  wait "$ls_pid"
  assert_names_are_the_servers "$work/listed"
}

test_streaming__the_next_attempt_goes_on() {
  given_many
  server_fault reset_after method=GET path=/api/contact "bytes=$most_bytes" times=1
  begin_ls
  wait "$ls_pid"
  assert_names_are_the_servers "$work/listed"
  assert_requests GET 2
}

test_streaming__too_many_requests_end_it() {
  given_many -o timeout=2
  server_fault truncate method=GET path=/api/contact "bytes=$most_bytes"
  server_fault status method=GET path=/api/contact times=-1 status=429
  assert_errno EAGAIN ls -f contact
}

# Whoever is about to create something there waits as long.
test_streaming__who_waits_for_the_next_names_gives_up() {
  given_a_listing_that_stops
  assert_errno ETIMEDOUT ls -f contact
  within 2 touch contact/scratch.txt
  assert_no_errors
}

test_streaming__ctrl_c_ends_a_waiting_ls() {
  given_a_listing_that_stops
  begin_ls
  eventually 10 ls_waits
  kill -INT "$ls_pid"
  assert_fails wait "$ls_pid"
  eventually 3 nothing_is_loading
  assert_no_errors
  within 2 cat .clevertimfs/status >/dev/null
  server_heals
  begin_ls
  wait "$ls_pid"
  assert_names_are_the_servers "$work/listed"
}

nothing_is_loading() {
  [ "$(jq '.resources.contact.loading' .clevertimfs/status)" = null ]
}

test_streaming__the_mount_can_end_meanwhile() {
  leaves_its_threads
  given_a_listing_that_stops
  begin_ls
  eventually 10 ls_waits
  kill -TERM "$mount_pid"
  within 10 wait "$mount_pid"
  assert_fails wait "$ls_pid"
  mount_pid=''
}

# ---- changes while it arrives ----

test_streaming__a_save_meanwhile_is_newer_than_the_listing() {
  given_a_listing_that_stops
  first_names 12000 >/dev/null
  save contact/4.json '{"city": "Rome"}'
  assert_server_has contact/4 city '"Rome"'
  server_heals
  ls contact >/dev/null
  assert_contains "$(cat contact/4.json)" '"city": "Rome"'
  assert_no_delete
}

# begin_slow_reader [NAME]: it begins with this new file there, and reads on once it may.
begin_slow_reader() {
  touch "contact/${1-new.json}"
  python3 - "$work/go" >"$work/listed" <<'EOF' &
import itertools, os, sys, time
names = os.scandir("contact")
for entry in itertools.islice(names, 2000):
    print(entry.name)
open(sys.argv[1] + ".ready", "w").close()
while not os.path.exists(sys.argv[1]):
    time.sleep(0.01)
for entry in names:
    print(entry.name)
EOF
  reader=$!
  eventually 10 test -e "$work/go.ready"
}

end_slow_reader() {
  touch "$work/go"
  wait "$reader"
}

# The one reads on where he was, past the place of the other's.
test_streaming__what_is_deleted_meanwhile_is_not_listed() {
  given_a_listing_that_stops
  begin_slow_reader
  rm contact/15000.json
  echo mine >contact/scratch.txt
  server_heals
  eventually 10 deleted_on_the_server
  end_slow_reader
  sed -i '/^15000.json$/d' "$work/wanted"
  grep -vx -e scratch.txt -e new.json "$work/listed" >"$work/records"
  assert_names_are_the_servers "$work/records"
  assert_equal contact/scratch.txt "$(find contact -name scratch.txt)" "what find finds"
}

test_streaming__what_becomes_a_record_meanwhile_is_listed_once() {
  given_a_listing_that_stops
  begin_slow_reader
  server_heals
  eventually 10 nothing_is_loading
  save contact/new.json '{"fn": "Ada"}'
  end_slow_reader
  echo "$(id_of contact/new.json).json" >>"$work/wanted"
  sort -o "$work/wanted" "$work/wanted"
  assert_names_are_the_servers "$work/listed"
  assert_requests POST 1
}

# The server happens to give it the very id that it was called after.
test_streaming__what_becomes_the_record_of_its_name_is_listed_once() {
  local last
  given_server
  last=$(curl -sS -u "$token:X" -d '{"fn": "Ada"}' "$url/api/contact" | jq -r '.content[0].id // .content.id')
  given_a_listing_that_stops
  begin_slow_reader "$((last + 1)).json"
  server_heals
  eventually 10 nothing_is_loading
  save "contact/$((last + 1)).json" '{"fn": "Bea"}'
  end_slow_reader
  server_record "contact/$((last + 1))" >/dev/null
  echo "$((last + 1)).json" >>"$work/wanted"
  sort -o "$work/wanted" "$work/wanted"
  assert_names_are_the_servers "$work/listed"
}

test_streaming__what_somebody_deleted_before_is_not_listed() {
  given_many -o ttl=1
  cat contact/5.json >/dev/null
  server_delete_record contact/5
  sleep 1.2
  sed -i '/^5.json$/d' "$work/wanted"
  begin_ls
  wait "$ls_pid"
  assert_names_are_the_servers "$work/listed"
}

deleted_on_the_server() {
  [ "$(requests DELETE /api/contact/15000)" -eq 1 ]
}

test_streaming__a_refresh_meanwhile_asks_anew() {
  given_a_listing_that_stops
  first_names 12000 >/dev/null
  server_set contact/4 city '"Ur"'
  (trap - ERR EXIT; refresh) &
  refresh_pid=$!
  sleep 0.3
  server_heals
  wait "$refresh_pid"
  ls -l contact >/dev/null
  assert_contains "$(cat contact/4.json)" '"city": "Ur"'
}

# While somebody waits for the next names the kernel lets nobody create there: an editor that has
# unlinked the record, and is about to write it anew, is not taken for one who deletes it.
test_streaming__who_writes_anew_meanwhile_deletes_nothing() {
  given_a_listing_that_stops
  first_names 12000 >/dev/null
  python3 - <<'EOF' &
import json, os, subprocess, time
record = json.load(open("contact/5.json"))
record["city"] = "Rome"
os.unlink("contact/5.json")
with subprocess.Popen(["ls", "-f", "contact"], stdout=subprocess.DEVNULL):
    time.sleep(0.5)
    with open("contact/5.json", "w") as file:
        json.dump(record, file)
EOF
  writer=$!
  sleep 5
  server_heals
  wait "$writer"
  assert_server_has contact/5 city '"Rome"'
  assert_no_delete
}
