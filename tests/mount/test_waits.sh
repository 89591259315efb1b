# shellcheck shell=bash disable=SC1003,SC2002,SC2012,SC2016,SC2034,SC2119,SC2120,SC2154,SC2164,SC2317
# Waiting: however many wait for a server that hangs, nothing that needs it not waits with them, each
# wait has an end, and who wants to stop stops at once.

crowd() {
  python3 "$here/crowd.py" "$@"
}

# records RESOURCE NUMBER: paths of so many.
records() {
  find "$1" -maxdepth 1 -name '[0-9]*.json' | sort -V | sed -n "1,$2p"
}

threads_are_at_least() {
  [ "$(ls "/proc/$mount_pid/task" | wc -l)" -ge "$1" ]
}

lines_are() {
  [ "$(grep -cx "$2" "$1")" -eq "$3" ]
}

arrived() {
  [ "$(requests "$1")" -ge "$2" ]
}

# What needs no server is there at once.
assert_nothing_local_waits() {
  within 3 cmp "$work/known" contact/4.json
  within 3 grep -rq Zoë contact
  within 3 ls -l contact >/dev/null
  within 3 jq -e .uptime .clevertimfs/status >/dev/null
  within 3 cat .clevertimfs/errors .clevertimfs/created .clevertimfs/README >/dev/null
  within 3 ls -R .clevertimfs >/dev/null
  within 3 df . >/dev/null
  within 3 ls -l . >/dev/null
  within 3 readlink "$known_link" >/dev/null
  within 3 getfattr -d contact/4.json >/dev/null
  within 3 bash -c 'echo x >contact/a.txt; sync contact/a.txt; mv contact/a.txt contact/b.txt; rm contact/b.txt'
}

given_a_known_mount() {
  given_mount "$@"
  ls -l contact >/dev/null
  cat contact/*.json >/dev/null
  cp contact/4.json "$work/known"
  known_link="by-name/contact/$(ls by-name/contact | sed -n 1p)"
  readlink "$known_link" >/dev/null
  forget_requests
}

test_waits__of_hundreds_of_savers_hold_up_nothing_local() {
  local files kept
  contacts=320
  leaves_its_threads
  given_a_known_mount -o timeout=60,ttl=600
  mapfile -t files < <(records contact 300)
  server_fault hang times=-1
  crowd save '{"city": "Rome"}' "${files[@]}" >"$work/said" &
  eventually 20 arrived GET 256
  assert_nothing_local_waits
  within 8 end_mount TERM
  kept=$(grep -rlF '"city": "Rome"' "$state" | sed 's,.*/[0-9a-f]*\.,,' | sort -u | wc -l)
  assert_equal 300 "$kept" "the number of records whose text is on disk"
  assert_no_writes
}

test_waits__of_hundreds_of_readers_hold_up_nothing_local_and_end() {
  local readers
  given_a_known_mount -o timeout=6,ttl=600
  server_fault hang times=-1
  crowd read note/{1..300}.json >"$work/said" &
  readers=$!
  eventually 20 threads_are_at_least 256
  stops_at_once INT cat company/1.json
  assert_nothing_local_waits
  eventually 25 lines_are "$work/said" ETIMEDOUT 300
  wait "$readers"
}

# stops_at_once SIGNAL COMMAND...: it waits, until the signal ends it.
stops_at_once() {
  local pid begin
  env --default-signal=INT "${@:2}" >/dev/null 2>&1 &
  pid=$!
  eventually 15 is_waiting "$pid" "$2"
  begin=${EPOCHREALTIME/./}
  kill "-$1" "$pid"
  wait "$pid" 2>/dev/null || true
  [ $((${EPOCHREALTIME/./} - begin)) -lt 2000000 ] || fail "it went on in spite of $1: ${*:2}"
}

# For an answer of the mount's, in one and the same system call.
is_waiting() {
  local first
  [ "$(cat "/proc/$1/comm")" = "$2" ] || return 1
  first=$(cat "/proc/$1/syscall")
  [ "$first" != running ] && sleep 0.3 && [ "$first" = "$(cat "/proc/$1/syscall")" ]
}

test_waits__of_one_do_not_hold_the_others_of_its_directory() {
  local signal
  given_a_known_mount -o timeout=60
  server_fault hang times=-1
  timeout -s KILL 30 cat note/1.json >/dev/null 2>&1 &
  eventually 5 arrived GET 1
  for signal in INT TERM HUP KILL; do
    stops_at_once "$signal" cat note/2.json
    stops_at_once "$signal" stat note/3.json
    stops_at_once "$signal" ls note
  done
}

test_waits__end_for_whoever_is_told_to_stop() {
  local signal
  given_a_known_mount -o timeout=60,delete_limit=0
  echo '{"city": "Rome"}' >"$work/new"
  server_fault hang times=-1
  for signal in INT TERM HUP KILL; do
    stops_at_once "$signal" cp "$work/new" contact/4.json
    stops_at_once "$signal" cp "$work/new" "contact/new-$signal.json"
    stops_at_once "$signal" rm contact/5.json
  done
}

# ---- programs that take signals ----

# Timers, children and whatever Go sends itself, a thousand a second, at a program that looks at EINTR.
test_waits__are_not_disturbed_by_signals() {
  given_a_known_mount -o timeout=20
  server_fault delay ms=300 times=-1
  refresh
  perl -e '
    use Fcntl; use IO::Handle; use Time::HiRes qw(setitimer ITIMER_REAL);
    $SIG{$_} = sub { $n++ } for qw(ALRM CHLD URG);
    my $self = $$;
    if (!fork) { for (1 .. 3000) { kill "URG", $self; kill "CHLD", $self; select undef, undef, undef, 0.001 } exit }
    setitimer(ITIMER_REAL, 0.001, 0.001);
    sub text { my $text = shift; syswrite($f, $text) == length $text or die "write: $!\n" }
    opendir(my $d, "company") or die "opendir: $!\n"; my @names = readdir $d; @names > 3 or die "few: $!\n";
    sysopen($f, "contact/4.json", O_RDONLY) or die "open: $!\n"; sysread($f, $t, 99999) // die "read: $!\n"; close $f;
    sysopen($f, "contact/4.json", O_WRONLY | O_TRUNC) or die "open: $!\n";
    text("{\"city\": "); $f->sync or die "fsync: $!\n"; text("\"Rome\"}"); close $f or die "close: $!\n";
    sysopen($f, "contact/part", O_WRONLY | O_CREAT) or die "create: $!\n"; text("{\"city\": \"Oslo\"}"); close $f or die "close: $!\n";
    rename "contact/part", "contact/5.json" or die "rename: $!\n";
    sysopen($f, "contact/new.json", O_WRONLY | O_CREAT) or die "create: $!\n"; text("{\"fn\": \"Ada\"}"); close $f or die "close: $!\n";
    $0 = "rm"; unlink "contact/6.json" or die "unlink: $!\n";
    setitimer(ITIMER_REAL, 0);
    $n > 10 or die "there were few signals\n"'
  assert_requests PUT 2
  assert_requests POST 1
  assert_requests DELETE 1
  assert_server_has contact/4 city '"Rome"'
  assert_server_has contact/5 city '"Oslo"'
  assert_no_errors
}

# ---- killed writers ----

test_waits__a_killed_writer_saves_no_half() {
  local signal
  given_a_known_mount
  for signal in KILL TERM HUP SEGV; do
    env --default-signal=INT python3 "$here/crowd.py" hold '{"city": "Rome"}' contact/4.json \
      contact/new.json >"$work/said" &
    eventually 15 lines_are "$work/said" held 2
    kill "-$signal" $!
    wait $! 2>/dev/null || true
    eventually 10 test -e .clevertimfs/drafts/contact/new.json.error
    eventually 10 test -e .clevertimfs/drafts/contact/4.json.error
    assert_draft contact/4.json Rome
    assert_contains "$(cat .clevertimfs/drafts/contact/4.json.error)" 'was killed'
    cmp "$work/known" contact/4.json
    eventually 10 test ! -e contact/new.json
    rm .clevertimfs/drafts/contact/{4,new}.json
  done
  assert_no_writes
}

test_waits__what_another_adds_to_a_killed_ones_text_is_saved() {
  given_a_known_mount
  (
    bash -c 'echo "{\"city\":"; kill -KILL $$' || true
    echo '"Rome"}'
  ) >contact/4.json 2>/dev/null
  assert_server_has contact/4 city '"Rome"'
  assert_requests PUT 1
  assert_no_drafts
}

test_waits__who_exits_without_closing_has_saved() {
  given_a_known_mount
  python3 -c '
import os, threading, time
threading.Thread(target=time.sleep, args=(60,)).start()
os.write(os.open("contact/4.json", os.O_WRONLY | os.O_TRUNC), b"{\"city\": \"Rome\"}")
os._exit(0)'
  assert_server_has contact/4 city '"Rome"'
  assert_no_drafts
}

# ---- the end ----

test_waits__do_not_hold_up_the_end() {
  local files name
  contacts=160
  leaves_its_threads
  given_a_known_mount -o timeout=60,ttl=600
  mapfile -t files < <(records contact 110)
  server_fault hang times=-1
  crowd hold '{"city": "Oslo"}' "${files[@]:0:50}" contact/held.json >"$work/held" &
  crowd save '{"city": "Rome"}' "${files[@]:50:50}" >"$work/saved" &
  crowd save '{"fn": "Ada"}' contact/new.json >"$work/saved" &
  python3 -c 'import os, sys; [os.unlink(path) for path in sys.argv[1:]]' "${files[@]:100:10}" &
  eventually 20 lines_are "$work/held" held 51
  eventually 20 arrived GET 50
  within 8 end_mount TERM
  server_heals
  mount_it
  for name in "${files[@]:0:50}" contact/held.json; do
    assert_draft "${name}" Oslo
  done
  for name in "${files[@]:50:50}"; do
    assert_draft "$name" Rome
  done
  assert_draft contact/new.json Ada
  assert_equal 102 "$(find .clevertimfs/drafts/contact -type f ! -name "*.error" | wc -l)" "the number of drafts"
}

# ---- sleep ----

test_waits__what_was_read_before_a_sleep_is_old_after_it() {
  local LD_PRELOAD=$build/tests/sleep_clock.so SLEPT=$work/slept
  local ASAN_OPTIONS=${ASAN_OPTIONS-}:verify_asan_link_order=0
  given_server
  export LD_PRELOAD SLEPT ASAN_OPTIONS
  given_mount -o ttl=600
  unset LD_PRELOAD
  ls contact >/dev/null
  cp contact/4.json "$work/known"
  assert_requests GET 1
  server_set contact/4 city '"Rome"'
  cmp "$work/known" contact/4.json
  assert_requests GET 1
  echo 3600 >"$work/slept"
  assert_file_equals_server contact/4
  assert_requests GET 2
}
