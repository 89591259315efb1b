# shellcheck shell=bash disable=SC1003,SC2002,SC2012,SC2016,SC2034,SC2119,SC2120,SC2154,SC2164,SC2317
# Under a service manager: it is told when the mount answers, and when it ends.

# given_manager ADDRESS: what it hears stands in $work/heard.
given_manager() {
  export NOTIFY_SOCKET=$1
  python3 "$here/service_manager.py" listen "$1" "$work/heard" "$mnt" &
  eventually 10 grep -q listening "$work/heard"
}

hears() {
  eventually 10 grep -qxF -- "$1" "$work/heard"
}

# Whatever was sent before has arrived when this has.
hears_nothing_else() {
  python3 "$here/service_manager.py" say "$NOTIFY_SOCKET" the-end
  hears the-end
  assert_equal $'listening\nthe-end' "$(cat "$work/heard")" "what the manager heard"
}

test_service__is_ready_when_the_mount_answers() {
  given_server
  given_manager "$work/manager"
  mount_it
  hears "STATUS=$url/api at $mnt"
  assert_equal "listening
READY=1
answers
STATUS=$url/api at $mnt" "$(cat "$work/heard")" "what the manager heard"
}

test_service__tells_that_it_stops() {
  given_server
  given_manager "$work/manager"
  mount_it
  hears answers
  end_mount TERM
  hears STOPPING=1
}

test_service__tells_that_it_stops_when_it_is_unmounted() {
  given_server
  given_manager "$work/manager"
  mount_it
  hears answers
  cd "$work"
  umount "$mnt"
  hears STOPPING=1
  wait "$mount_pid"
  mount_pid=''
}

test_service__an_abstract_address() {
  given_server
  given_manager "@clevertimfs-test-$server_port"
  mount_it
  hears answers
}

test_service__is_not_ready_when_it_cannot_mount() {
  given_server
  given_manager "$work/manager"
  try_token=wrong-secret assert_refuses_to_mount token -f "$url/api" "$mnt"
  hears_nothing_else
}

test_service__is_not_ready_when_libfuse_refuses() {
  given_server
  given_manager "$work/manager"
  LD_PRELOAD=$build/tests/refuse_init.so ASAN_OPTIONS=${ASAN_OPTIONS-}:verify_asan_link_order=0 \
    assert_refuses_to_mount 'refused for a test' -f "$url/api" "$mnt"
  hears STOPPING=1
  assert_lacks "$(cat "$work/heard")" READY
}

test_service__in_the_background_tells_nothing() {
  given_server
  given_manager "$work/manager"
  CLEVERTIM_TOKEN=$token "$build/fs/clevertimfs" -o "state_dir=$state" "$url/api" "$mnt"
  assert_exists "$mnt/contact/4.json"
  umount "$mnt"
  hears_nothing_else
}

test_service__no_child_can_speak_for_it() {
  given_server
  given_manager "$work/manager"
  "$build/fs/clevertimfs" -f -o "state_dir=$state,token_command=env >$work/environment; echo $token" \
    "$url/api" "$mnt" >>"$work/mount.log" 2>&1 &
  mount_pid=$!
  hears answers
  grep -q ^HOME= "$work/environment"
  assert_lacks "$(cat "$work/environment")" NOTIFY_SOCKET
}

test_service__a_manager_that_is_gone_hinders_nothing() {
  local address
  given_server
  for address in "$work/nobody" "@clevertimfs-nobody-$server_port" relative vsock:2:1 '' @ "/$(printf '%0200d' 0)"; do
    NOTIFY_SOCKET=$address mount_it
    assert_exists contact/4.json
    end_mount TERM
  done
}
