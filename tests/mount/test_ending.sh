# shellcheck shell=bash disable=SC1003,SC2002,SC2012,SC2016,SC2034,SC2119,SC2120,SC2154,SC2164,SC2317
# Ending: whatever way it ends, what is unsaved is kept.

assert_ends_with_zero() {
  local pid=$mount_pid status=0
  mount_pid=''
  wait "$pid" || status=$?
  assert_equal 0 "$status" "the exit status"
  ! mountpoint -q "$mnt" || fail "it is still mounted"
}

test_ending__by_sigterm() {
  given_mount
  cat contact/4.json >/dev/null
  cd "$work"
  kill -TERM "$mount_pid"
  assert_ends_with_zero
}

test_ending__by_sigint() {
  given_mount
  cd "$work"
  kill -INT "$mount_pid"
  assert_ends_with_zero
}

test_ending__by_umount() {
  given_mount
  cd "$work"
  umount "$mnt"
  assert_ends_with_zero
}

test_ending__by_fusermount() {
  need fusermount3
  given_mount
  cd "$work"
  fusermount3 -u "$mnt"
  assert_ends_with_zero
}

test_ending__while_a_file_is_open() {
  given_mount
  exec 5<contact/4.json
  cd "$work"
  kill -TERM "$mount_pid"
  assert_ends_with_zero
}

# Unlinked was unlinked, though the program lives on and might have created it anew.
test_ending__deletes_what_a_living_program_has_unlinked() {
  given_mount
  cat contact/{1,4,5,7,11}.json >/dev/null
  cat >"$work/unlink.py" <<'EOT'
import os, sys, time
for id in (1, 4, 5, 7, 11):
    os.unlink("contact/%d.json" % id)
    time.sleep(0.05)
open(sys.argv[1], "w").close()
os.chdir("/")
time.sleep(60)
EOT
  python3 "$work/unlink.py" "$work/unlinked" &
  eventually 5 test -e "$work/unlinked"
  cd "$work"
  kill -TERM "$mount_pid"
  within 12 tail --pid="$mount_pid" -s 0.05 -f /dev/null
  assert_ends_with_zero
  assert_requests DELETE 5
}

# It is kept from creating there by one that waits for the server: nobody knows that it wants to.
test_ending__deletes_nothing_of_a_program_that_is_about_to_replace_it() {
  leaves_its_threads
  given_mount -o timeout=3
  cat contact/4.json contact/7.json >/dev/null
  server_fault hang times=-1 method=PUT
  cat >"$work/replace.py" <<'EOT'
import os, subprocess, sys, time, urllib.request
tmp, file = "contact/.7.json.tmp", "contact/4.json"
with open(tmp, "w") as out:
    out.write('{"city": "Rome"}')
os.unlink(file)
saver = subprocess.Popen(["python3", "-c", "import os, sys; os.rename(*sys.argv[1:])", tmp, "contact/7.json"],
                         stderr=subprocess.DEVNULL)
while b"PUT /api/contact/7" not in urllib.request.urlopen(sys.argv[1] + "/_sandbox/count").read():
    time.sleep(0.02)
open(sys.argv[2], "w").close()
try:
    os.open(file, os.O_WRONLY | os.O_CREAT)
except OSError:
    pass
EOT
  python3 "$work/replace.py" "$url" "$work/waits" &
  eventually 10 test -e "$work/waits"
  sleep 0.3
  cd "$work"
  kill -TERM "$mount_pid"
  within 12 tail --pid="$mount_pid" -s 0.05 -f /dev/null
  assert_ends_with_zero
  assert_no_delete
}

test_ending__while_the_server_hangs() {
  leaves_its_threads
  given_mount
  server_fault hang times=-1
  timeout 20 cat contact/4.json >/dev/null 2>&1 &
  sleep 0.3
  cd "$work"
  kill -TERM "$mount_pid"
  within 8 tail --pid="$mount_pid" -s 0.05 -f /dev/null
  assert_ends_with_zero
}

test_ending__keeps_an_unsaved_text() {
  given_mount
  python3 -c '
import os, time
fd = os.open("contact/4.json", os.O_WRONLY | os.O_TRUNC)
os.write(fd, b"{\"city\": \"Rome\"}")
open("../written", "w").close()
time.sleep(60)' &
  eventually 5 test -e "$work/written"
  end_mount TERM
  mount_it
  assert_draft contact/4.json Rome
}

test_ending__drafts_survive_kill() {
  given_mount
  server_refuses PUT 400 'There is no such city'
  assert_errno EINVAL save contact/4.json '{"city": "Rome"}'
  end_mount KILL || true
  mount_it
  assert_draft contact/4.json '{"city": "Rome"}'
  assert_contains "$(cat .clevertimfs/drafts/contact/4.json.error)" 'There is no such city'
}

test_ending__fsynced_text_survives_kill() {
  given_mount
  python3 -c '
import os, signal, sys
fd = os.open("contact/4.json", os.O_WRONLY | os.O_TRUNC)
os.write(fd, b"{\"city\": \"Rome\"}")
os.fsync(fd)
os.kill(int(sys.argv[1]), signal.SIGKILL)' "$mount_pid"
  mount_pid=''
  mount_it
  assert_requests PUT 0
  assert_draft contact/4.json Rome
}

test_ending__state_is_for_the_owner_alone() {
  given_mount
  assert_errno EINVAL save contact/4.json '{'
  assert_equal '' "$(find "$state" -perm /077)" "what others can get at"
}

test_ending__a_read_only_mount_survives_fsync() {
  given_mount -o ro
  sync contact/4.json
  python3 -c 'import os; os.fsync(os.open("contact/4.json", os.O_RDONLY))'
  assert_equal '"Zoë"' "$(jq .fn contact/4.json)"
}
