# shellcheck shell=bash disable=SC1003,SC2002,SC2012,SC2016,SC2034,SC2119,SC2120,SC2154,SC2164,SC2317
# Security: who can get at the token and the texts, and what a hostile server or file can do.

# ---- the token ----

test_security__the_debug_log_has_no_token() {
  given_mount -d
  cat contact/4.json >/dev/null
  save contact/4.json '{"city": "Rome"}'
  assert_errno EINVAL save contact/4.json '{'
  assert_contains "$(cat "$work/mount.log")" LOOKUP
  assert_lacks "$(cat "$work/mount.log")" "$token"
  assert_lacks "$(cat "$work/mount.log")" "$(printf %s "$token:X" | base64)"
}

# in_memory TEXT: how often the daemon has it. Root alone may look.
in_memory() {
  python3 - "$mount_pid" "$1" <<'EOT'
import sys
count = 0
with open(f"/proc/{sys.argv[1]}/maps") as maps, open(f"/proc/{sys.argv[1]}/mem", "rb") as memory:
    for line in maps:
        start, end = (int(part, 16) for part in line.split()[0].split("-"))
        # What sanitizers set aside is larger than any machine.
        if " rw" not in line or end - start > 1 << 30:
            continue
        memory.seek(start)
        try:
            count += memory.read(end - start).count(sys.argv[2].encode())
        except OSError:
            pass
print(count)
EOT
}

test_security__a_request_that_was_sent_is_wiped() {
  need_root
  given_mount
  ls contact company >/dev/null
  cat contact/4.json >/dev/null
  save contact/4.json '{"city": "Rome"}'
  [ "$(in_memory "$token")" -gt 0 ] || fail "the memory was not looked at"
  assert_equal 0 "$(in_memory "Basic $(printf %s "$token:X" | base64)")" "the number of heads of requests"
}

test_security__no_core_is_dumped() {
  given_server
  ulimit -c "$(ulimit -H -c)"
  mkdir "$work/here"
  cd "$work/here"
  mount_it
  assert_matches '^Max core file size +0 +0 ' "$(cat "/proc/$mount_pid/limits")"
  end_mount ABRT || true
  assert_equal '' "$(ls "$work/here")" "what the daemon left"
}

test_security__a_pipe_is_no_token_file() {
  local said status=0
  given_server
  mkfifo -m 600 "$work/pipe"
  said=$(timeout 20 "$build/fs/clevertimfs" -o "token_file=$work/pipe,state_dir=$state" "$url/api" "$mnt" 2>&1) ||
    status=$?
  assert_equal 1 "$status" "the exit status"
  assert_contains "$said" 'not an ordinary file'
}

test_security__a_token_command_inherits_nothing_of_ours() {
  given_server
  cat >"$work/tell-token" <<EOT
#!/bin/sh
ls /proc/self/fd >"$work/descriptors"
env >"$work/environment"
echo $token
EOT
  chmod +x "$work/tell-token"
  sh -c "$work/tell-token" >/dev/null
  mv "$work/descriptors" "$work/expected"
  NOTIFY_SOCKET=@nobody "$build/fs/clevertimfs" -o "token_command=$work/tell-token,state_dir=$state" "$url/api" "$mnt"
  assert_equal "$(cat "$work/expected")" "$(cat "$work/descriptors")" "what is open"
  assert_lacks "$(cat "$work/environment")" NOTIFY_SOCKET
  umount "$mnt"
}

# given_machine_for_nobody: somebody who is not root can mount. /mnt is theirs.
given_machine_for_nobody() {
  need_root
  need fusermount3 setpriv
  given_server
  mount -t tmpfs -o mode=755 none /mnt
  mkdir /mnt/crm /mnt/home /mnt/bin
  cp "$build/fs/clevertimfs" /mnt/bin
  chmod -R a+rX /mnt
  chown nobody /mnt/crm /mnt/home
  mount -t tmpfs none "$TMPDIR"
  mknod -m 666 "$TMPDIR/fuse" c 10 229
  mount --bind "$TMPDIR/fuse" /dev/fuse
}

as_user() {
  HOME=/mnt/home setpriv --reuid "${user:-nobody}" --regid nogroup --clear-groups -- "$@"
}

mount_as_nobody() {
  CLEVERTIM_TOKEN=$token HOME=/mnt/home setpriv --reuid nobody --regid nogroup --clear-groups -- \
    /mnt/bin/clevertimfs -f -o state_dir=/mnt/home/state "$url/api" /mnt/crm >>"$work/mount.log" 2>&1 &
  mount_pid=$!
  eventually 10 as_user test -e /mnt/crm/.clevertimfs/status
}

test_security__nobody_looks_into_the_daemon_or_the_mount() {
  local file
  given_machine_for_nobody
  mount_as_nobody
  assert_equal '"Zoë"' "$(as_user jq .fn /mnt/crm/contact/4.json)"
  assert_matches nosuid,nodev "$(grep ' /mnt/crm ' /proc/mounts)"
  assert_lacks "$(tr '\0' '\n' <"/proc/$mount_pid/environ")" "$token"
  for file in environ mem maps; do
    assert_errno EACCES as_user head -c 1 "/proc/$mount_pid/$file"
  done
  assert_errno EACCES as_user ls "/proc/$mount_pid/fd"
  user=daemon assert_errno EACCES as_user ls /mnt/crm
  assert_errno EACCES ls /mnt/crm
  user=daemon assert_errno EACCES as_user ls /mnt/home/state
  as_user fusermount3 -u /mnt/crm
  wait "$mount_pid"
  mount_pid=''
}

test_security__who_takes_a_dead_mount_away_gets_no_token() {
  given_machine_for_nobody
  mount_as_nobody
  end_mount KILL || true
  cat >/mnt/bin/fusermount3 <<'EOT'
#!/bin/sh
tr '\0' '\n' <"/proc/$$/environ" >>/mnt/home/environment
echo "called: $*" >>/mnt/home/environment
exec /usr/bin/fusermount3 "$@"
EOT
  chmod 755 /mnt/bin/fusermount3
  PATH=/mnt/bin:$PATH mount_as_nobody
  assert_contains "$(cat /mnt/home/environment)" 'called: -u -z'
  assert_lacks "$(cat /mnt/home/environment)" "$token"
  as_user /usr/bin/fusermount3 -u /mnt/crm
  wait "$mount_pid"
  mount_pid=''
}

# ---- the way to the server ----

given_https_server() {
  need openssl
  openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=localhost \
    -addext subjectAltName=IP:127.0.0.1 -keyout "$work/key" -out "$work/cert" 2>/dev/null
  given_server --https "$work/cert" "$work/key"
  url=https://127.0.0.1:$server_port
}

test_security__the_environment_does_not_choose_whom_to_trust() {
  given_https_server
  mkdir "$work/certs"
  cp "$work/cert" "$work/certs/cert.pem"
  openssl rehash "$work/certs"
  echo insecure >"$HOME/.curlrc"
  export CURL_CA_BUNDLE=$work/cert SSL_CERT_FILE=$work/cert SSL_CERT_DIR=$work/certs CURL_HOME=$HOME
  assert_refuses_to_mount certificate "$url/api" "$mnt"
}

test_security__the_keys_of_connections_are_not_written_down() {
  given_https_server
  SSLKEYLOGFILE=$work/keys CLEVERTIM_TOKEN=$token "$build/fs/clevertimfs" \
    -o "state_dir=$state,cacert=$work/cert" "$url/api" "$mnt"
  assert_equal '"Zoë"' "$(jq .fn "$mnt/contact/4.json")"
  assert_absent "$work/keys"
  umount "$mnt"
}

test_security__plain_http_goes_past_a_proxy() {
  given_server
  http_proxy=http://127.0.0.1:1 all_proxy=http://127.0.0.1:1 ALL_PROXY=http://127.0.0.1:1 mount_it
  assert_equal '"Zoë"' "$(jq .fn contact/4.json)"
}

# ---- what lies on disk ----

test_security__what_others_can_get_into_is_no_state_dir() {
  local mode
  given_server
  mkdir "$state"
  for mode in 750 701 722; do
    chmod "$mode" "$state"
    assert_refuses_to_mount 'chmod 700' "$url/api" "$mnt"
  done
  chmod 700 "$state"
  mv "$state" "$work/true"
  ln -s /tmp "$state"
  assert_refuses_to_mount 'chmod 700' "$url/api" "$mnt"
}

test_security__a_generous_umask_opens_nothing() {
  given_server
  umask 000
  mount_it
  echo '{' >"$work/broken"
  assert_errno EINVAL cp "$work/broken" contact/4.json
  rm contact/5.json
  assert_exists .clevertimfs/drafts/contact/4.json
  assert_exists .clevertimfs/trash/contact/5.json
  assert_equal '' "$(find "$state" -perm /077)" "what others can get at"
}

# Sets $account: where the texts of this account are. There is a draft of contact 4.
given_state_of_a_mount() {
  given_mount
  assert_errno EINVAL save contact/4.json '{'
  account=$(echo "$state"/*)
}

test_security__what_somebody_plants_in_state_dir_leads_nowhere() {
  local account
  given_state_of_a_mount
  echo secret >"$work/secret"
  mkdir "$work/outside"
  cp "$work/secret" "$work/outside/5.json"
  ln -s "$work/secret" "$account/drafts/contact/link.json"
  ln -s "$work/outside" "$account/drafts/company"
  mkfifo "$account/drafts/contact/pipe.json"
  mkdir "$account/drafts/contact/directory.json"
  ls .clevertimfs/drafts .clevertimfs/drafts/contact >"$work/listing"
  assert_lacks "$(cat "$work/listing")" link
  assert_lacks "$(cat "$work/listing")" company
  assert_errno ENOENT timeout 10 cat .clevertimfs/drafts/contact/link.json
  assert_errno ENOENT timeout 10 cat .clevertimfs/drafts/contact/pipe.json
  assert_errno ENOENT timeout 10 cat .clevertimfs/drafts/company/5.json
  assert_errno ENOENT rm .clevertimfs/drafts/company/5.json
  assert_exists "$work/outside/5.json"
  assert_errno EINVAL save contact/4.json '{{'
  assert_equal secret "$(cat "$work/secret")"
}

test_security__a_monstrous_draft_takes_no_memory() {
  local account
  given_state_of_a_mount
  truncate -s 10G "$account/drafts/contact/huge.json"
  assert_equal 10737418240 "$(stat -c %s .clevertimfs/drafts/contact/huge.json)"
  assert_errno EFBIG timeout 20 cat .clevertimfs/drafts/contact/huge.json
  assert_equal 10737418240 "$(status_of_mount '.drafts.bytes - 2')" "the bytes in drafts"
  assert_file_equals_server contact/4
}

test_security__a_full_trash_is_listed_all_the_same() {
  local account
  given_state_of_a_mount
  mkdir -p "$account/trash/contact"
  (cd "$account/trash/contact" && seq -f '%g.json' 3000 | xargs touch)
  within 50 ls -l .clevertimfs/trash/contact >"$work/listing"
  assert_equal 3000 "$(grep -c json "$work/listing")" "the number of texts"
}

# ---- what programs may write ----

# most_memory: what the daemon had at once, KiB.
most_memory() {
  sed -n 's/^VmHWM:[[:space:]]*\([0-9]*\) kB/\1/p' "/proc/$mount_pid/status"
}

test_security__refresh_takes_any_flood() {
  local before
  given_mount
  ls contact company >/dev/null
  forget_requests
  before=$(most_memory)
  dd status=none if=/dev/zero of=.clevertimfs/refresh bs=1M count=256 conv=notrunc
  dd status=none if=/dev/zero of=.clevertimfs/refresh bs=1 count=20000 conv=notrunc
  truncate -s 1T .clevertimfs/refresh
  assert_equal 0 "$(stat -c %s .clevertimfs/refresh)"
  [ $(($(most_memory) - before)) -lt $((65536 * slowness)) ] || fail "it took $(most_memory) KiB, $before before"
  assert_no_requests
  assert_file_equals_server contact/4
}

test_security__attributes_cannot_be_set() {
  local long
  long=$(printf '%065000d' 0)
  given_mount
  assert_errno EOPNOTSUPP setfattr -n user.mine -v "$long" contact/4.json
  assert_errno EOPNOTSUPP setfattr -n user.clevertim.id -v 5 contact/4.json
  assert_errno EOPNOTSUPP setfattr -n "user.${long::200}" -v 1 .clevertimfs/refresh
  assert_errno EOPNOTSUPP setfattr -x user.clevertim.id contact/4.json
  assert_equal 4 "$(id_of contact/4.json)"
  assert_no_writes
}

# ---- what a server may send ----

test_security__an_id_cannot_turn_a_line_around() {
  given_server
  control --data-binary '{"id": "a\u202enosj.b\u2028\ufeff", "fn": "Mallory"}' "$url/_sandbox/record/contact" >/dev/null
  given_mount
  assert_exists contact/a%E2%80%AEnosj.b%E2%80%A8%EF%BB%BF.json
  assert_equal $'a\u202enosj.b\u2028\ufeff' "$(id_of contact/a%E2*.json)"
}
