# shellcheck shell=bash disable=SC1003,SC2002,SC2012,SC2016,SC2034,SC2119,SC2120,SC2154,SC2164,SC2317
# Several programs at one record.

test_together__no_reader_sees_two_versions_as_one() {
  given_mount -o conflicts=ignore
  python3 "$here/together.py" contact/4.json 4
  assert_no_delete
  assert_requests POST 0
  assert_file_equals_server contact/4
}

# Two programs that have the record open to read and write, and save one after another.
save_both() {
  python3 - contact/4.json "$1" "$2" <<'EOT'
import json, sys
file, first, second = sys.argv[1], json.loads(sys.argv[2]), json.loads(sys.argv[3])
handles = [open(file, "r+") for _ in range(2)]
records = [json.loads(handle.read()) for handle in handles]
for handle, record, change in zip(handles, records, (first, second)):
    record.update(change)
    handle.seek(0)
    handle.write(json.dumps(record))
    handle.truncate()
    handle.close()
EOT
}

test_together__two_who_read_and_write_keep_each_others_changes() {
  given_mount
  save_both '{"city": "Rome"}' '{"title": "Dr."}'
  assert_requests PUT 2
  assert_put_body contact/4 '{"title": "Dr."}'
  assert_server_has contact/4 city '"Rome"'
  assert_file_equals_server contact/4
}

test_together__two_who_read_and_write_conflict() {
  given_mount
  assert_fails save_both '{"city": "Rome"}' '{"city": "Oslo"}'
  assert_requests PUT 1
  assert_last_error EBUSY city
  assert_draft contact/4.json Oslo
  assert_server_has contact/4 city '"Rome"'
}

# One program reads a record, another one saves it, the first one saves what it has read.
assert_conflict_with_who_saved_since() {
  assert_errno EBUSY python3 - contact/4.json <<'EOT'
import json, subprocess, sys
file = sys.argv[1]
mine = json.load(open(file))
subprocess.run(["sh", "-c", 'echo "{\\"city\\": \\"Rome\\"}" >"$1"', "sh", file], check=True)
with open(file, "w") as out:
    json.dump(dict(mine, city="Oslo"), out)
EOT
  assert_requests PUT 1
  assert_server_has contact/4 city '"Rome"'
  assert_draft contact/4.json Oslo
}

test_together__who_has_read_it_after_a_refresh_conflicts() {
  given_mount
  ls contact >/dev/null
  refresh
  assert_conflict_with_who_saved_since
}

test_together__who_has_read_it_without_a_wait_conflicts() {
  given_mount
  ls contact >/dev/null
  assert_conflict_with_who_saved_since
}

test_together__two_saves_of_a_new_name_are_one_record() {
  given_mount
  server_fault delay method=POST ms=500
  save_new() {
    printf '{"fn": "%s"}\n' "$1" >"$work/$1"
    cp "$work/$1" contact/new.json
  }
  save_new Ada &
  eventually 5 post_has_arrived
  save_new Eva
  wait $!
  assert_requests POST 1
  assert_lines 1 "$(cat .clevertimfs/created)"
  assert_equal '"Eva"' "$(jq .fn contact/new.json)"
}

post_has_arrived() {
  [ "$(requests POST)" -ge 1 ]
}

# Who saves his buffer twice, and has not read what another one changed before, must not take it back.
test_together__a_second_save_keeps_what_others_changed_before_the_first() {
  given_mount
  python3 - contact/4.json "$url/_sandbox/record/contact/4" <<'EOT'
import json, sys, urllib.request
file, url = sys.argv[1:]
mine = json.load(open(file))
theirs = dict(mine, city="Oslo", lm="2031-01-01T00:00:00Z")
urllib.request.urlopen(urllib.request.Request(url, json.dumps(theirs).encode(), method="PUT"))
for title in ("Dr.", "Prof."):
    with open(file, "w") as out:
        json.dump(dict(mine, title=title), out)
EOT
  assert_requests PUT 2
  assert_put_body contact/4 '{"title": "Prof."}'
  assert_server_has contact/4 city '"Oslo"'
}

test_together__a_draft_that_is_renamed_while_it_is_saved_is_one_record() {
  given_mount
  server_fault delay method=POST ms=600
  echo '{"fn": "Ada"}' >"$work/ada"
  cp "$work/ada" contact/new.json &
  eventually 5 post_has_arrived
  mv contact/new.json contact/other.json 2>/dev/null || true
  wait $!
  assert_requests POST 1
}

# The kernel has the page of a write locked until that is answered.
test_together__a_save_in_a_write_does_not_hold_up_another() {
  given_mount -o timeout=5
  server_fault delay method=PUT times=2 ms=400
  echo '{"city": "Rome"}' >"$work/new"
  cp "$work/new" contact/4.json &
  sleep 0.2
  within 3 bash -c 'echo "{\"title\": \"Dr.\"}" 1<>contact/4.json || true'
  wait $!
}

test_together__emptied_to_read_and_write_it_reads_as_before() {
  given_mount
  python3 -c 'open("contact/4.json", "w+").close()'
  sleep 1.2
  assert_file_equals_server contact/4
  assert_no_writes
}

# One that never reads means what it writes, whatever others have made of the record meanwhile.
test_together__who_writes_a_part_again_means_it() {
  given_mount
  cat >"$work/writer.py" <<'EOT'
import os, subprocess
def write(text):
    with open('contact/4.json', 'w') as file:
        file.write(text)
write('{"city": "Rome"}')
subprocess.run(['sh', '-c', "echo '{\"city\": \"Oslo\"}' >contact/4.json"], check=True)
write('{"city": "Rome"}')
EOT
  python3 "$work/writer.py"
  assert_server_has contact/4 city '"Rome"'
  assert_requests PUT 3
}

# An editor saves again what it has saved: others' changes since are not taken back.
test_together__who_saves_the_whole_again_takes_nothing_back() {
  given_mount
  cat >"$work/writer.py" <<'EOT'
import subprocess
def write(text):
    with open('contact/4.json', 'w') as file:
        file.write(text)
text = open('contact/4.json').read().replace('"Zoë"', '"Zora"')
write(text)
subprocess.run(['sh', '-c', "echo '{\"city\": \"Oslo\"}' >contact/4.json"], check=True)
write(text)
write(text.replace('"Zora"', '"Zoe"'))
EOT
  python3 "$work/writer.py"
  assert_server_has contact/4 city '"Oslo"'
  assert_server_has contact/4 fn '"Zoe"'
  assert_requests PUT 3
}

# Another program replaces the record by unlinking it: what is saved just then is a draft.
test_together__what_is_saved_while_it_is_unlinked_is_a_draft() {
  given_mount
  python3 - contact/4.json <<'EOT'
import errno, os, subprocess, sys
file = sys.argv[1]
# Before anything is open that it would inherit.
other = subprocess.Popen([sys.executable, "-c", '''
import os, sys
file = sys.argv[1]
sys.stdin.readline()
os.unlink(file)
print(flush=True)
sys.stdin.readline()
with open(file, "x") as out:
    out.write('{"title": "Dr."}')
''', file], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
out = os.open(file, os.O_WRONLY | os.O_TRUNC)
os.write(out, b'{"city": "Rome"}')
other.stdin.write("\n")
other.stdin.flush()
other.stdout.readline()
try:
    os.close(out)
    sys.exit("saved")
except OSError as error:
    assert error.errno == errno.EIO
other.communicate("\n")
assert other.returncode == 0
EOT
  assert_draft contact/4.json Rome
  assert_last_error EIO unlinked
  assert_server_has contact/4 title '"Dr."'
  assert_requests PUT 1
  assert_no_delete
}

# Who unlinks what he has open himself does not want it.
test_together__who_unlinks_what_he_writes_is_not_refused() {
  given_mount
  python3 - contact/4.json <<'EOT'
import os, sys
out = os.open(sys.argv[1], os.O_WRONLY | os.O_TRUNC)
os.write(out, b'{"city": "Rome"}')
os.unlink(sys.argv[1])
os.close(out)
EOT
  eventually 5 delete_has_arrived
  assert_requests PUT 0
}

delete_has_arrived() {
  [ "$(requests DELETE)" -ge 1 ]
}

# Two who write a new name, of whom the one given first closes first. Each text is its writer's.
close_in_turn() {
  python3 - contact/new.json "$1" "$2" "$3" <<'EOT'
import os, sys
file, turn, texts = sys.argv[1], sys.argv[2], sys.argv[3:]
handles = []
for text, flags in zip(texts, (os.O_CREAT | os.O_EXCL, os.O_TRUNC)):
    handles.append(os.open(file, os.O_WRONLY | flags))
    os.write(handles[-1], text.encode())
if turn == "last":
    handles.reverse()
try:
    os.close(handles[0])
    sys.exit("not refused")
except OSError:
    pass
os.close(handles[1])
EOT
}

assert_ada_is_created() {
  assert_requests POST 1
  assert_equal '"Ada"' "$(jq .fn contact/new.json)"
  assert_server_has "contact/$(id_of contact/new.json)" fn '"Ada"'
}

test_together__a_refusal_leaves_the_new_file_to_who_made_it() {
  given_mount
  close_in_turn last '{"fn": "Ada"}' '{"fn": '
  assert_ada_is_created
}

test_together__a_refusal_leaves_the_new_file_to_who_writes_it_anew() {
  given_mount
  close_in_turn first '{"fn": ' '{"fn": "Ada"}'
  assert_ada_is_created
}

# The rename waits for another save of the name that it is given, and its file is closed meanwhile.
test_together__a_new_file_that_is_renamed_and_closed_is_one_record() {
  given_mount
  ls contact >/dev/null
  server_fault delay times=-1 method=POST ms=1500
  echo '{"city": "Rome"}' >"$work/rome"
  cp "$work/rome" contact/other.json 2>/dev/null &
  eventually 10 post_has_arrived
  python3 - contact <<'EOT'
import os, subprocess, sys, time
dir = sys.argv[1]
mover = subprocess.Popen(
    ["sh", "-c", "read -r _; exec mv -f \"$1/new.json\" \"$1/other.json\"", "sh", dir],
    stdin=subprocess.PIPE, stderr=subprocess.DEVNULL)
out = os.open(dir + "/new.json", os.O_WRONLY | os.O_CREAT)
os.write(out, b'{"fn": "Ada"}')
mover.stdin.write(b"\n")
mover.stdin.flush()
time.sleep(0.5)
os.close(out)
mover.wait()
EOT
  wait $! || true
  assert_requests POST 2
  assert_lines 1 "$(cat .clevertimfs/created)"
}
