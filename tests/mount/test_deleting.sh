# shellcheck shell=bash disable=SC1003,SC2002,SC2012,SC2016,SC2034,SC2119,SC2120,SC2154,SC2164,SC2317
# Deleting: rm is one DELETE, and the last text is kept.

test_deleting__rm_is_one_delete() {
  given_mount
  rm contact/4.json
  assert_requests DELETE 1 contact/4
  assert_requests DELETE 1
  assert_requests PUT 0
  assert_absent contact/4.json
  assert_lists_what_the_server_has contact
}

test_deleting__keeps_the_last_text_in_the_trash() {
  given_mount
  cp contact/4.json "$work/before"
  rm contact/4.json
  cmp "$work/before" .clevertimfs/trash/contact/4.json
  cp .clevertimfs/trash/contact/4.json contact/again.json
  assert_requests POST 1
  assert_equal '"Zoë"' "$(jq .fn contact/again.json)"
}

test_deleting__the_trash_has_what_the_server_had_last() {
  given_mount
  cat contact/4.json >/dev/null
  server_set contact/4 city '"Oslo"'
  refresh
  python3 -c 'import os; os.unlink("contact/4.json")'
  eventually 4 test -e .clevertimfs/trash/contact/4.json
  assert_equal '"Oslo"' "$(jq .city .clevertimfs/trash/contact/4.json)"
}

test_deleting__by_find_and_unlink() {
  given_mount
  find contact -name 5.json -delete
  unlink contact/6.json
  assert_requests DELETE 1 contact/5
  assert_requests DELETE 1 contact/6
  assert_requests DELETE 2
}

test_deleting__by_another_program_goes_out_when_it_has_exited() {
  given_mount
  python3 -c 'import os; os.unlink("contact/4.json")'
  assert_absent contact/4.json
  eventually 4 deleted_on_server 4
  assert_requests DELETE 1
}

deleted_on_server() {
  [ "$(requests DELETE "/api/contact/$1")" -eq 1 ]
}

test_deleting__what_is_gone_already_counts_as_done() {
  given_mount
  cat contact/4.json >/dev/null
  server_delete_record contact/4
  rm contact/4.json
  assert_requests DELETE 1
  assert_absent contact/4.json
}

test_deleting__a_refusal_is_rms_errno() {
  given_mount
  server_refuses DELETE 403 'You may not delete'
  assert_errno EACCES rm contact/4.json
  assert_file_equals_server contact/4
  assert_last_error delete contact/4.json EACCES 403 'You may not delete'
}

test_deleting__rm_rf_does_not_empty_the_crm() {
  given_mount -o delete_limit=5
  assert_fails rm -rf contact
  assert_requests DELETE 5
  assert_errno EPERM rm contact/4.json company/3.json
  assert_requests DELETE 5
  assert_last_error EPERM delete_limit
}

test_deleting__without_a_limit_goes_on() {
  given_mount -o delete_limit=0
  rm contact/*.json
  assert_equal '' "$(server_ids contact)"
  assert_equal '' "$(ls contact)"
}

test_deleting__a_new_name_removes_its_record() {
  local id
  given_mount
  save contact/ada.json '{"fn": "Ada"}'
  id=$(id_of contact/ada.json)
  rm contact/ada.json
  assert_requests DELETE 1 "contact/$id"
  assert_absent contact/ada.json
  assert_absent "contact/$id.json"
}

test_deleting__what_cannot_be_deleted_is_eacces() {
  given_mount
  assert_errno EACCES rm -f user/1.json
  assert_errno EACCES rm -f group/1.json
  assert_no_delete
  assert_exists user/1.json
}

test_deleting__a_draft_that_was_never_saved_sends_nothing() {
  given_mount
  touch contact/ada.json
  rm contact/ada.json
  assert_no_writes
  assert_absent contact/ada.json
}

test_deleting__then_creating_in_one_program_is_one_put() {
  given_mount
  cat contact/4.json >/dev/null
  python3 - <<'EOT'
import os
text = open("contact/4.json").read()
os.unlink("contact/4.json")
with open("contact/4.json", "x") as file:
    file.write(text.replace("Köln", "Rome"))
EOT
  sleep 2.2
  assert_requests PUT 1 contact/4
  assert_put_body contact/4 '{"city": "Rome"}'
  assert_requests POST 0
  assert_no_delete
  assert_file_equals_server contact/4
}

# The program is the one it was, whichever of its threads have ended.
test_deleting__then_creating_by_another_thread_is_one_put() {
  given_mount
  python3 - contact/4.json <<'EOT'
import os, sys, threading, time
file = sys.argv[1]
text = open(file).read()
thread = threading.Thread(target=os.unlink, args=(file,))
thread.start()
thread.join()
time.sleep(0.3)
with open(file, "x") as out:
    out.write(text.replace("Köln", "Rome"))
EOT
  assert_requests PUT 1 contact/4
  assert_requests POST 0
  assert_no_delete
}

test_deleting__an_open_file_of_a_deleted_record_does_not_bring_it_back() {
  given_mount
  exec 5<>contact/4.json
  rm contact/4.json
  echo '{"city": "Rome"}' >&5 || true
  exec 5>&- || true
  assert_requests PUT 0
  assert_requests POST 0
  assert_absent contact/4.json
  assert_draft contact/4.json Rome
}

# A comment cannot be updated: who tries to put a file in its place is refused, and it stays.
test_deleting__a_refused_overwrite_deletes_nothing() {
  local id
  given_mount
  id=$(server_ids comment | head -n 1)
  echo '{"comment": "new", "nid": 1}' >"$work/new"
  for overwrite in 'mv' 'install -m 600' 'cp --remove-destination'; do
    cp "$work/new" "$work/part"
    assert_errno EACCES $overwrite "$work/part" "comment/$id.json"
  done
  sleep 2.5
  assert_no_delete
  assert_exists "comment/$id.json"
}

test_deleting__an_empty_file_in_its_place_changes_nothing() {
  given_mount
  : >"$work/empty"
  install -m 600 "$work/empty" contact/4.json
  assert_file_equals_server contact/4
  sleep 2.5
  assert_no_writes
  assert_lists_what_the_server_has contact
}

test_deleting__a_refused_delete_leaves_no_trash() {
  given_mount
  server_refuses DELETE 403
  assert_errno EACCES rm contact/4.json
  assert_absent .clevertimfs/trash/contact/4.json
  server_heals
  rm contact/4.json
  assert_exists .clevertimfs/trash/contact/4.json
}

# While one rm waits for the server nobody else can create anything in that directory: for who is
# about to put a file in the place of what he unlinked that time does not count.
test_deleting__then_creating_is_one_put_however_long_another_rm_takes() {
  given_mount
  server_fault delay method=DELETE path=/api/contact/5 ms=5000
  cat >"$work/replace.py" <<'EOT'
import os, subprocess, time, urllib.request
text = open("contact/4.json").read()
os.unlink("contact/4.json")
other = subprocess.Popen(["rm", "contact/5.json"])
while b"DELETE /api/contact/5" not in urllib.request.urlopen(os.environ["url"] + "/_sandbox/count").read():
    time.sleep(0.05)
with open("contact/4.json", "x") as file:
    file.write(text.replace("Köln", "Rome"))
other.wait()
EOT
  url=$url python3 "$work/replace.py"
  sleep 2.2
  assert_requests DELETE 1
  assert_requests PUT 1 contact/4
  assert_requests POST 0
}

# It was created and its writer killed before it wrote, while somebody had a look at it.
test_deleting__an_empty_file_that_was_read_meanwhile_gives_the_place_back() {
  given_mount
  for leave in 'os.unlink(file)' 'os.rename(file, file + "~")'; do
    python3 - "$leave" <<'EOT'
import os, sys
file = "contact/4.json"
exec(sys.argv[1])
writer = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
reader = os.open(file, os.O_RDONLY)
os.close(writer)
os.close(reader)
EOT
    eventually 5 test -s contact/4.json
    assert_file_equals_server contact/4
  done
  assert_no_writes
}

# While it was to be deleted it was listed without it, by who has the directory open and by others.
test_deleting__what_could_not_be_deleted_is_listed_again() {
  given_mount -o timeout=2
  ls -f contact >/dev/null
  server_refuses DELETE 500
  python3 - <<'EOT'
import os, subprocess, time
held = os.open("contact", os.O_RDONLY | os.O_DIRECTORY)

def held_lists_it():
    return "4.json" in os.listdir(held)

def is_listed():
    return "4.json" in subprocess.check_output(["ls", "-f", "contact"], text=True).split()

def wait_for(condition):
    end = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < end, condition
        time.sleep(0.02)

assert held_lists_it() and is_listed()
os.unlink("contact/4.json")
assert not held_lists_it() and not is_listed()
assert not is_listed() and not held_lists_it()
wait_for(lambda: b"4.json" in open(".clevertimfs/errors", "rb").read())
wait_for(is_listed)
wait_for(held_lists_it)
EOT
  assert_last_error delete contact/4.json EIO 500
  assert_lists_what_the_server_has contact
  assert_file_equals_server contact/4
}
