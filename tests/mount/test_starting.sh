# shellcheck shell=bash disable=SC1003,SC2002,SC2012,SC2016,SC2034,SC2119,SC2120,SC2154,SC2164,SC2317
# Starting: it mounts, or says in one line why not.

test_starting__a_wrong_token() {
  given_server
  try_token=wrong-secret assert_refuses_to_mount token "$url/api" "$mnt"
}

test_starting__no_token() {
  given_server
  local said status=0
  said=$("$build/fs/clevertimfs" "$url/api" "$mnt" 2>&1) || status=$?
  assert_equal 1 "$status"
  assert_lines 1 "$said"
  assert_contains "$said" CLEVERTIM_TOKEN
}

test_starting__no_server() {
  given_server
  stop_server
  assert_refuses_to_mount "cannot reach" "$url/api" "$mnt"
  assert_refuses_to_mount "cannot reach" -f "$url/api" "$mnt"
}

test_starting__a_server_that_is_no_crm() {
  given_server
  server_fault body times=-1 body='<html>welcome</html>' content_type=text/html
  assert_refuses_to_mount URL "$url/api" "$mnt"
}

test_starting__a_certificate_that_nobody_trusts() {
  need openssl
  openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=localhost \
    -addext subjectAltName=IP:127.0.0.1 -keyout "$work/key" -out "$work/cert" 2>/dev/null
  given_server --https "$work/cert" "$work/key"
  assert_refuses_to_mount certificate "https://127.0.0.1:$server_port/api" "$mnt"
  CLEVERTIM_TOKEN=$token "$build/fs/clevertimfs" -o "state_dir=$state,cacert=$work/cert" \
    "https://127.0.0.1:$server_port/api" "$mnt"
  assert_equal '"Zoë"' "$(jq .fn "$mnt/contact/4.json")"
}

test_starting__no_mount_point() {
  given_server
  assert_refuses_to_mount "$work/nowhere" "$url/api" "$work/nowhere"
}

test_starting__a_mount_point_that_is_not_empty() {
  given_server
  touch "$mnt/file"
  assert_refuses_to_mount empty "$url/api" "$mnt"
}

test_starting__a_mount_point_that_is_a_file() {
  given_server
  touch "$work/file"
  assert_refuses_to_mount "$work/file" "$url/api" "$work/file"
}

test_starting__an_unknown_option() {
  given_server
  assert_refuses_to_mount colour -o colour=red "$url/api" "$mnt"
  assert_refuses_to_mount colour --colour "$url/api" "$mnt"
  assert_refuses_to_mount max_read -o max_read=4096 "$url/api" "$mnt"
}

test_starting__what_libfuse_refuses_at_the_first_request_is_not_mounted() {
  given_server
  export LD_PRELOAD=$build/tests/refuse_init.so ASAN_OPTIONS=${ASAN_OPTIONS-}:verify_asan_link_order=0
  assert_refuses_to_mount 'refused for a test' "$url/api" "$mnt"
  assert_refuses_to_mount 'refused for a test' -f "$url/api" "$mnt"
}

# assert_is_told_of_no_mount WORDS OPTION...: behind the line of libfuse.
assert_is_told_of_no_mount() {
  local said status=0
  said=$(CLEVERTIM_TOKEN=$token "$build/fs/clevertimfs" -o "state_dir=$state" "${@:2}" "$url/api" "$mnt" 2>&1) ||
    status=$?
  assert_equal 1 "$status" "the exit status"
  assert_lines 2 "$said"
  assert_contains "$(tail -n 1 <<<"$said")" "$1"
}

test_starting__an_option_that_the_kernel_refuses() {
  given_server
  [ ! -e /sys/fs/selinux/enforce ] || return 0
  assert_is_told_of_no_mount "cannot mount at '$mnt': the line before says why" -o context=nonsense
}

test_starting__without_a_fuse_device() {
  given_server
  python3 -c 'import socket, sys; socket.socket(socket.AF_UNIX).bind(sys.argv[1])' "$work/no-device"
  mount --bind "$work/no-device" /dev/fuse
  assert_is_told_of_no_mount 'is /dev/fuse there' -o ro
}

test_starting__bad_values() {
  given_server
  assert_refuses_to_mount ttl -o ttl=soon "$url/api" "$mnt"
  assert_refuses_to_mount conflicts -o conflicts=maybe "$url/api" "$mnt"
  assert_refuses_to_mount "command line" -o token=abc "$url/api" "$mnt"
}

test_starting__plain_http_to_another_host() {
  given_server
  assert_refuses_to_mount allow_http http://192.0.2.1/api "$mnt"
}

test_starting__a_token_file_that_others_can_read() {
  given_server
  echo "$token" >"$work/token"
  chmod 644 "$work/token"
  local said status=0
  said=$("$build/fs/clevertimfs" -o "token_file=$work/token,state_dir=$state" "$url/api" "$mnt" 2>&1) ||
    status=$?
  assert_equal 1 "$status"
  assert_lines 1 "$said"
  assert_contains "$said" 'chmod 600'
}

# given_background_mount [OPTION...]
given_background_mount() {
  given_server
  "$build/fs/clevertimfs" -o "state_dir=$state" "$@" "$url/api" "$mnt" </dev/null
}

test_starting__every_place_for_a_token() {
  given_server
  echo "$token" >"$work/token"
  chmod 600 "$work/token"
  "$build/fs/clevertimfs" -o "state_dir=$state,token_file=$work/token" "$url/api" "$mnt"
  assert_exists "$mnt/contact/4.json"
  umount "$mnt"
  "$build/fs/clevertimfs" -o "state_dir=$state,token_command=cat $work/token" "$url/api" "$mnt"
  assert_exists "$mnt/contact/4.json"
  umount "$mnt"
  mkdir -p "$HOME/.config/clevertimfs"
  mv "$work/token" "$HOME/.config/clevertimfs/token"
  "$build/fs/clevertimfs" -o "state_dir=$state" "$url/api" "$mnt"
  assert_exists "$mnt/contact/4.json"
  umount "$mnt"
  rm -r "$HOME/.config"
  echo "machine 127.0.0.1 login $token password X" >"$HOME/.netrc"
  chmod 600 "$HOME/.netrc"
  "$build/fs/clevertimfs" -o "state_dir=$state" "$url/api" "$mnt"
  assert_exists "$mnt/contact/4.json"
}

test_starting__help_and_version() {
  local said
  said=$("$build/fs/clevertimfs" --help)
  assert_contains "$said" 'clevertimfs [options] [URL] MOUNTPOINT'
  assert_contains "$said" token_file
  assert_equal "$said" "$("$build/fs/clevertimfs" -h)"
  assert_contains "$("$build/fs/clevertimfs" --version)" clevertimfs
  assert_equal "$("$build/fs/clevertimfs" -V)" "$("$build/fs/clevertimfs" --version)"
}

test_starting__without_f_returns_when_the_mount_answers() {
  export CLEVERTIM_TOKEN=$token
  given_background_mount
  assert_equal '"Zoë"' "$(jq .fn "$mnt/contact/4.json")"
  mountpoint -q "$mnt"
  umount "$mnt"
}

test_starting__on_a_terminal_says_what_was_mounted() {
  export CLEVERTIM_TOKEN=$token
  given_server
  assert_equal "Mounted $url/api at $mnt. Unmount: fusermount3 -u $mnt" \
    "$(on_a_terminal "$build/fs/clevertimfs" -o "state_dir=$state" "$url/api" "$mnt")"
  umount "$mnt"
  mkdir "$work/Zoë's crm"
  assert_equal "Mounted $url/api at '$work/Zoë'\\''s crm' (read-only). Unmount: fusermount3 -u '$work/Zoë'\\''s crm'" \
    "$(on_a_terminal "$build/fs/clevertimfs" -o "ro,state_dir=$state" "$url/api" "$work/Zoë's crm")"
  umount "$work/Zoë's crm"
}

test_starting__on_a_terminal_names_the_only_user() {
  export CLEVERTIM_TOKEN=$token
  echo '{"status": "OK", "content": [{"id": 1, "user": "Ada L"}]}' >"$work/users"
  given_server --collection user "$work/users"
  assert_equal "Mounted $url/api for Ada L at $mnt. Unmount: fusermount3 -u $mnt" \
    "$(on_a_terminal "$build/fs/clevertimfs" -o "state_dir=$state" "$url/api" "$mnt")"
  umount "$mnt"
}

test_starting__elsewhere_says_nothing() {
  export CLEVERTIM_TOKEN=$token
  given_server
  assert_equal '' "$("$build/fs/clevertimfs" -o "state_dir=$state" "$url/api" "$mnt" 2>&1)"
  umount "$mnt"
  cp /bin/bash "$work/mount"
  assert_equal '' "$(on_a_terminal "$work/mount" -c \
    "sh -c '$build/fs/clevertimfs -o state_dir=$state $url/api $mnt; true'; true")"
  mountpoint -q "$mnt"
  umount "$mnt"
}

test_starting__in_the_background_holds_no_pipe_open() {
  export CLEVERTIM_TOKEN=$token
  given_server
  "$build/fs/clevertimfs" -o "state_dir=$state" "$url/api" "$mnt" 2>&1 | within 5 cat
  assert_exists "$mnt/contact/4.json"
}

test_starting__nocheck_mounts_without_a_server() {
  given_server
  stop_server
  server_pid=''
  mount_it -o nocheck,timeout=1
  assert_contains "$(ls)" contact
  assert_errno EHOSTUNREACH ls contact
  given_server
  eventually 5 ls contact
}

test_starting__a_relative_mount_point_in_the_background() {
  export CLEVERTIM_TOKEN=$token
  given_server
  cd "$work"
  "$build/fs/clevertimfs" -o state_dir=state "$url/api" mnt
  assert_exists mnt/contact/4.json
  assert_exists state
}

test_starting__takes_over_a_dead_mount() {
  given_mount
  end_mount KILL || true
  assert_fails ls "$mnt"
  mount_it
  assert_equal '"Zoë"' "$(jq .fn contact/4.json)"
}

test_starting__only_the_resources_asked_for() {
  given_mount -o resources=contact:company:invoice
  assert_equal 'by-name company contact invoice related' "$(ls | tr '\n' ' ' | sed 's/ $//')"
}

test_starting__read_only() {
  given_mount -o ro
  assert_errno EROFS save contact/4.json '{"city": "Rome"}'
  assert_errno EROFS rm contact/4.json
  assert_errno EROFS touch contact/new.json
  assert_file_equals_server contact/4
  assert_no_writes
}

test_starting__the_token_shows_nowhere() {
  given_mount
  assert_errno EINVAL save contact/4.json '{'
  cat contact/4.json >/dev/null
  {
    tr '\0' '\n' <"/proc/$mount_pid/cmdline"
    tr '\0' '\n' <"/proc/$mount_pid/environ" 2>/dev/null || true
    ps axww
    cat .clevertimfs/errors .clevertimfs/status .clevertimfs/README /proc/mounts "$work/mount.log"
    grep -r . "$state"
  } >"$work/seen"
  assert_lacks "$(cat "$work/seen")" "$token"
  assert_lacks "$(cat "$work/seen")" "$(printf %s "$token:X" | base64)"
}

test_starting__two_mounts_of_one_account() {
  given_mount
  mkdir "$work/second"
  CLEVERTIM_TOKEN=$token "$build/fs/clevertimfs" -o "state_dir=$state" "$url/api" "$work/second"
  save "$work/second/contact/4.json" '{"city": "Rome"}'
  refresh
  assert_equal '"Rome"' "$(jq .city contact/4.json)"
  umount "$work/second"
}
