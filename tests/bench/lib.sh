# shellcheck shell=bash
# What the measurements share: the stand-in CRM, mounts, times, and the table.
# Sourced by tests/bench/run, with $build, $work and $results set.

token=sandbox-token
plain=$work/plain # in memory: what curl writes, and the records as plain files
crm=$work/crm floor=$work/floor sink=$work/sink
server_pid='' url=''

fail() {
  echo "bench: $*" >&2
  exit 1
}

say() {
  echo "bench: $*" >&2
}

# ---- the server ----

# start_server CONTACTS [PORT]: the only one.
start_server() {
  stop_server
  rm -f "$work/port"
  "$build/tests/sandbox/clevertim-sandbox" --port "${2-0}" --port-file "$work/port" \
    --contacts "$1" --die-with-parent >"$work/server.log" &
  server_pid=$!
  until [ -s "$work/port" ]; do
    kill -0 "$server_pid" 2>/dev/null || fail 'the stand-in CRM did not start'
    sleep 0.02
  done
  url=http://127.0.0.1:$(<"$work/port")
}

stop_server() {
  [ -n "$server_pid" ] || return 0
  kill -KILL "$server_pid"
  wait "$server_pid" 2>/dev/null || true
  server_pid=''
}

# Whatever curl does for the measurements: as the mount does it, with the same token.
crm_curl() {
  curl -sS --fail-with-body -u "$token:X" "$@"
}

# requests METHOD: how many the server got since forget_requests.
requests() {
  curl -sS "$url/_sandbox/count" | jq ".$1 // 0"
}

# delay_server MS: every answer from now on, by so much; 0 is as before.
delay_server() {
  curl -sS -X DELETE "$url/_sandbox/fault" >/dev/null
  [ "$1" -eq 0 ] || curl -sS --fail-with-body -o /dev/null "$url/_sandbox/fault" \
    -d "{\"kind\": \"delay\", \"ms\": $1, \"times\": -1}"
}

forget_requests() {
  curl -sS -X DELETE "$url/_sandbox/log" >/dev/null
}

# ---- mounts ----

# mount_crm [OPTIONS]: comes back when the mount answers. Nothing grows old unless told to.
mount_crm() {
  CLEVERTIM_TOKEN=$token "$build/fs/clevertimfs" -o "state_dir=$work/state,ttl=86400${1:+,$1}" \
    "$url/api" "$crm" || fail 'clevertimfs did not mount'
}

# mount_floor [OPTION...]: it serves the plain files.
mount_floor() {
  "$build/tests/bench/floor" "$@" "$plain/contact" "$floor" 2>>"$plain/floor.log" &
  await_mount "$floor" $!
}

# mount_sink: it takes what is written, and nothing comes of it.
mount_sink() {
  "$build/tests/bench/sink" "$sink" 2>>"$plain/sink.log" &
  await_mount "$sink" $!
}

# await_mount MOUNTPOINT PID
await_mount() {
  until mountpoint -q "$1"; do
    kill -0 "$2" 2>/dev/null || fail "${1##*/} did not start"
    sleep 0.02
  done
}

pid_of() {
  pgrep -nx "$1" || fail "$1 has died"
}

# unmount MOUNTPOINT PROGRAM: until its server has gone, too.
unmount() {
  local pid
  pid=$(pid_of "$2")
  umount "$1" || fail "$1 cannot be unmounted"
  timeout 100 tail --pid="$pid" -s 0.02 -f /dev/null || fail "$2 does not end"
}

unmount_crm() {
  unmount "$crm" clevertimfs
}

unmount_floor() {
  unmount "$floor" floor
}

unmount_sink() {
  unmount "$sink" sink
}

# ---- times ----

declare -A samples # of each name, a time in microseconds per round

# took NAME COMMAND...: notes how long it takes; what it prints is nobody's business.
took() {
  local name=$1 begin=${EPOCHREALTIME/./}
  shift
  "$@" >/dev/null
  note "$name" $((${EPOCHREALTIME/./} - begin))
}

note() {
  samples[$1]+="$2 "
}

# Sorted numbers → the middle one.
median() {
  sort -g | awk '{ at[NR] = $1 } END { print (at[int((NR + 1) / 2)] + at[int(NR / 2) + 1]) / 2 }'
}

median_of() {
  tr ' ' '\n' <<<"${samples[$1]}" | sed '/^$/d' | median
}

# per_round A B FORMULA: the middle of what the formula makes of $1 and $2, round by round.
per_round() {
  paste <(tr ' ' '\n' <<<"${samples[$1]}") <(tr ' ' '\n' <<<"${samples[$2]}") |
    awk "NF == 2 { print $3 }" | median
}

# combine NAME A OPERATOR B: a new name for what two took together, or one took more.
combine() {
  samples[$1]=$(paste <(tr ' ' '\n' <<<"${samples[$2]}") <(tr ' ' '\n' <<<"${samples[$4]}") |
    awk "NF == 2 { printf \"%d \", \$1 $3 \$2 }")
}

as_time() {
  awk -v us="$1" 'BEGIN { printf us < 1e6 ? "%.3g ms" : "%.2f s", us / (us < 1e6 ? 1000 : 1e6) }'
}

with_commas() {
  sed ':a; s/\B[0-9]\{3\}\>/,&/; ta' <<<"$1"
}

# ---- the table ----

print() {
  printf '%s\n' "$*" | tee -a "$results"
}

print_head() {
  print '| work | clevertimfs | against | | ratio | at most | |'
  print '| --- | ---: | --- | ---: | ---: | ---: | --- |'
}

# row WORK VALUE AGAINST VALUE RATIO BAR [UNIT]
row() {
  local verdict
  verdict=$(awk -v is="$5" -v bar="$6" 'BEGIN { print is <= bar ? "yes" : "**no**" }')
  print "| $1 | $2 | $3 | $4 | $(printf %.2f "$5")${7- ×} | $6${7- ×} | $verdict |"
}

# row_of WORK A AGAINST B BAR: of two samples.
row_of() {
  # shellcheck disable=SC2016  # for awk
  row "$1" "$(as_time "$(median_of "$2")")" "$3" "$(as_time "$(median_of "$4")")" \
    "$(per_round "$2" "$4" '$1 / $2')" "$5"
}
