# shellcheck shell=bash disable=SC1003,SC2002,SC2012,SC2016,SC2034,SC2119,SC2120,SC2154,SC2164,SC2317
# The world of a mount test: a stand-in CRM, a mount of it, and what a test does to either.
# Sourced by bash. Everything of a test lives in $work; the test stands in the mount point.

# What the tests need installed, by Debian's names: the tools at hand, then the programs that save.
# shellcheck disable=SC2034  # read by scripts/test
mount_test_packages=(
  attr bash curl fish fuse3 jq procps python3 stress-ng tmux util-linux zsh
  bc bsdextrautils busybox-static ed emacs-nox fzf git jed joe kakoune libglib2.0-bin mc mg micro moreutils
  nano ne neovim nodejs nvi openssl patch perl rsync unzip vim-nox vis zip
)

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
source "$here/assert.sh"
source "$here/terminal.sh"
source "$here/dance.sh"

token=sandbox-token
contacts=30
resources='contact company case opportunity task note comment customfield user group file folder linkedfile'
in_the_root="$resources by-name related"
server_pid='' mount_pid=''
asan_options=${ASAN_OPTIONS-} ubsan_options=${UBSAN_OPTIONS-} tsan_options=${TSAN_OPTIONS-}

# ---- the server ----

# given_server [OPTION...]: starts the stand-in; a test that says nothing gets one without options.
given_server() {
  rm -f "$work/port"
  "$build/tests/sandbox/clevertim-sandbox" --port "${server_port:-0}" --port-file "$work/port" \
    --contacts "$contacts" "$@" >"$work/server.log" 2>&1 &
  server_pid=$!
  eventually 10 test -s "$work/port"
  server_port=$(cat "$work/port")
  url=http://127.0.0.1:$server_port
}

stop_server() {
  kill -KILL "$server_pid"
  wait "$server_pid" 2>/dev/null || true
}

control() {
  curl -sS --fail-with-body -m 10 -o - "$@"
}

# server_record contact/4: the server's own bytes of it.
server_record() {
  control "$url/_sandbox/record/$1"
}

# server_set_record contact/4 TEXT: somebody else changes it, whole.
server_set_record() {
  control -X PUT --data-binary "$2" "$url/_sandbox/record/$1" >/dev/null
}

# server_set contact/4 KEY VALUE: somebody else changes one property of it.
server_set() {
  server_set_record "$1" "$(server_record "$1" | python3 "$here/json_text.py" set "$2" "$3")"
}

server_get() {
  server_record "$1" | python3 "$here/json_text.py" get "$2"
}

server_delete_record() {
  control -X DELETE "$url/_sandbox/record/$1" >/dev/null
}

server_ids() {
  curl -sS -u "$token:X" "$url/api/$1" | jq -r '.content[].id'
}

# server_fault KIND [KEY=VALUE...]: the server misbehaves so, once unless times says otherwise.
# A value that is a number is sent as one.
server_fault() {
  local kind=$1
  shift
  control -d "$(jq -nc --arg kind "$kind" \
    '[$ARGS.positional[] | capture("^(?<key>[a-z_]+)=(?<value>.*)$"; "s")
      | .value as $text | .value = ($text | try tonumber catch $text)]
      | from_entries + {kind: $kind}' --args "$@")" \
    "$url/_sandbox/fault" >/dev/null
}

server_refuses() {
  server_fault status times=-1 "method=$1" "status=$2" \
    "body={\"status\": \"ERROR\", \"error\": \"${3:-The server does not like that}\"}"
}

server_heals() {
  control -X DELETE "$url/_sandbox/fault" >/dev/null
}

forget_requests() {
  control -X DELETE "$url/_sandbox/log" >/dev/null
}

# requests METHOD [PATH]: how many arrived.
requests() {
  if [ $# -eq 1 ]; then
    control "$url/_sandbox/count" | jq ".$1 // 0"
  else
    control "$url/_sandbox/count" | jq --arg key "$1 $2" '.by_path[$key] // 0'
  fi
}

request_lines() {
  control "$url/_sandbox/log" | jq -r '"\(.method) \(.path) \(.status) \(.fault // "") \(.body)"'
}

# ---- the mount ----

# given_mount [OPTION...]: mounts the server, and goes there. The requests until then are forgotten.
given_mount() {
  [ -n "$server_pid" ] || given_server
  mount_it "$@"
  forget_requests
}

mount_it() {
  CLEVERTIM_TOKEN=$token env --default-signal=INT "$build/fs/clevertimfs" -f -o "state_dir=$state" "$@" "$url/api" "$mnt" \
    >>"$work/mount.log" 2>&1 &
  mount_pid=$!
  eventually 10 is_mounted_or_dead
  is_mounted || fail "the mount did not start: $(cat "$work/mount.log")"
  cd "$mnt"
}

# A dead mount is none.
is_mounted() {
  [ -e "$mnt/.clevertimfs/status" ]
}

is_mounted_or_dead() {
  is_mounted || ! kill -0 "$mount_pid" 2>/dev/null
}

# Ends the mount by a signal; its exit status is ours.
end_mount() {
  local pid=$mount_pid
  mount_pid=''
  cd "$work"
  kill "-$1" "$pid"
  wait "$pid" 2>/dev/null
}

remount() {
  end_mount TERM
  mount_it "$@"
}

# ---- what a test does in it ----

# save FILE TEXT: by a program that tells what close says.
save() {
  printf '%s\n' "$2" >"$work/text-to-save"
  cp "$work/text-to-save" "$1"
}

refresh() {
  echo "${1:-all}" >.clevertimfs/refresh
}

last_error() {
  tail -n 1 .clevertimfs/errors
}

status_of_mount() {
  jq -r "$1" .clevertimfs/status
}

ctl() {
  "$build/fs/ctl/clevertimctl" "$@"
}

id_of() {
  getfattr -n user.clevertim.id --only-values "$1" 2>/dev/null
}

mtime_of() {
  stat -c %.9Y "$1"
}

# As jq lays it out, every digit kept: what a record's file has to say.
as_file() {
  python3 "$here/json_text.py" file
}

# need PROGRAM...: the test is about them.
need() {
  local program
  for program in "$@"; do
    command -v "$program" >/dev/null && continue
    echo "$program is not installed"
    exit "$lacks_a_program"
  done
}

# User name spaces do not do: programs like mount(8) must be able to become root, and there must be
# other users.
need_root() {
  local first inside count
  read -r first inside count </proc/self/uid_map
  [ "$(id -u) $first $inside $count" = "0 0 0 4294967295" ] && return
  echo "only root can try this"
  exit "$lacks_a_program"
}

# ---- what sanitizers find ----

# Each process writes into a file of its own: daemons, clevertimctl and the stand-in alike. What runs
# as somebody else must be able to write there, too. The exit status is one that no test expects.
sanitizers_report_to() {
  local common=exitcode=86:log_path=$1/report
  reports=$1
  mkdir -p "$reports"
  cp "$here/lsan.supp" "$reports"
  chmod -R a+rwX "$reports"
  export ASAN_OPTIONS=$asan_options:$common UBSAN_OPTIONS=$ubsan_options:$common
  export LSAN_OPTIONS=suppressions=$reports/lsan.supp:print_suppressions=0
  export TSAN_OPTIONS=$tsan_options:$common
}

# A mount that ends while its server hangs does not wait for the threads that do.
leaves_its_threads() {
  TSAN_OPTIONS+=:report_thread_leaks=0
}

# Fails when there is anything to read, also what daemons in the background say at their end. In
# mount.log is what found no other place.
sanitizers_are_silent() {
  [ -z "$asan_options$tsan_options" ] || end_all_daemons
  ! { cat "$reports"/report.* || grep -hE 'Sanitizer|runtime error:' -A 30 "$work/mount.log"; }
}

# Those of this test: it has a name space of its own.
end_all_daemons() {
  pkill -TERM clevertimf
  timeout $((10 * slowness)) bash -c 'while pgrep -r D,R,S,T clevertimf; do sleep 0.05; done >/dev/null'
}

# ---- one test ----

lacks_a_program=90

# run_test FUNCTION: in a fresh world, of which nothing is left. Needs $build and $work.
run_test() {
  mnt=$work/mnt state=$work/state
  export HOME=$work/home XDG_STATE_HOME=$work/home/state XDG_RUNTIME_DIR=$work/run
  export LC_ALL=C.UTF-8 TERM=screen TMPDIR=$work/temporary
  unset CLEVERTIM_TOKEN XDG_CONFIG_HOME XDG_CACHE_HOME XDG_DATA_HOME VIMINIT EXINIT
  umask 077
  mkdir -p "$mnt" "$HOME" "$XDG_RUNTIME_DIR" "$TMPDIR"
  sanitizers_report_to "$work/reports"
  cd "$work"
  set -eEuo pipefail
  trap 'unexpected_status $? "$BASH_COMMAND"' ERR
  trap 'finish_test $?' EXIT
  "$1"
}

unexpected_status() {
  [ -n "${reported:-}" ] || echo "$(where): status $1: $2" >&2
  reported=yes
}

finish_test() {
  local status=$1
  trap - ERR EXIT
  set +eE
  if [ "$status" -ne 0 ] && [ "$status" -ne "$lacks_a_program" ]; then
    tell_the_world
  fi
  if [ -n "$mount_pid" ] && ! finish_mount; then
    [ "$status" -ne 0 ] || status=1
  fi
  sanitizers_are_silent || status=1
  exit "$status"
} 2>/dev/null

# What the server saw and what the mount says of it, for whoever has to find out.
tell_the_world() {
  [ -n "$server_pid" ] || return
  echo "requests:"
  request_lines | cut -c 1-200 | tail -n 20 | sed 's/^/  /'
  if [ -n "$mount_pid" ]; then
    echo "errors:"
    timeout 2 tail -n 5 "$mnt/.clevertimfs/errors" | sed 's/^/  /'
  fi
  sed 's/^/mount: /' "$work/mount.log"
}

# The mount must have lived until now, and must end well.
finish_mount() {
  local status
  cd "$work" || return 1
  server_heals
  if ! kill -0 "$mount_pid"; then
    wait "$mount_pid"
    echo "the mount died with status $?"
    return 1
  fi
  kill -TERM "$mount_pid"
  timeout $((10 * slowness)) tail --pid="$mount_pid" -s 0.05 -f /dev/null || kill -KILL "$mount_pid"
  wait "$mount_pid"
  status=$?
  [ "$status" -eq 0 ] || echo "the mount ended with status $status"
  return "$status"
}
