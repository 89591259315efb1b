# shellcheck shell=bash disable=SC1003,SC2002,SC2012,SC2016,SC2034,SC2119,SC2120,SC2154,SC2164,SC2317
# Trouble: a server that hangs or is away never takes with it what is known already.

test_trouble__a_hung_server_blocks_nothing_that_is_known() {
  given_mount
  ls -l contact >/dev/null
  cat contact/4.json >"$work/before"
  server_fault hang times=-1
  timeout 20 ls company >/dev/null 2>&1 &
  timeout 20 cat note/1.json >/dev/null 2>&1 &
  timeout 20 ls case >/dev/null 2>&1 &
  timeout 20 cat task/1.json >/dev/null 2>&1 &
  timeout 20 ls task >/dev/null 2>&1 &
  timeout 20 cp "$work/port" opportunity/1.json >/dev/null 2>&1 &
  sleep 0.3
  within 1 cmp "$work/before" contact/4.json
  within 1 grep -r Zoë contact >/dev/null
  within 1 cat .clevertimfs/status >/dev/null
  within 1 df . >/dev/null
  within 1 ls -l . >/dev/null
  within 1 bash -c 'echo x >contact/scratch.txt'
}

test_trouble__a_hung_save_blocks_no_read() {
  given_mount
  ls contact >/dev/null
  server_fault hang method=PUT times=-1
  (trap - ERR EXIT; save contact/4.json '{"city": "Rome"}' 2>/dev/null) &
  eventually 3 save_is_under_way
  within 1 cat contact/5.json >/dev/null
  within 1 cat contact/4.json >/dev/null
  within 1 ls -l contact >/dev/null
  server_heals
  wait $!
  assert_server_has contact/4 city '"Rome"'
}

save_is_under_way() {
  [ "$(requests PUT)" -gt 0 ]
}

test_trouble__ctrl_c_ends_a_waiting_cat_at_once() {
  given_mount
  server_fault hang times=-1
  interrupted cat contact/4.json
}

test_trouble__ctrl_c_ends_a_waiting_ls_at_once() {
  given_mount
  server_fault hang times=-1
  interrupted ls contact
}

# It gets Ctrl-C after half a second, and ends within one more.
interrupted() {
  local begin=${EPOCHREALTIME/./} took
  timeout --foreground -s INT -k 10 0.5 "$@" >/dev/null 2>&1 || true
  took=$(((${EPOCHREALTIME/./} - begin) / 1000))
  [ "$took" -lt $((500 + 1000 * slowness)) ] || fail "it took $took ms to end"
  [ "$took" -ge 400 ] || fail "it did not wait: $took ms"
}

test_trouble__a_handled_signal_ends_no_read() {
  given_mount
  server_fault delay ms=700 times=-1
  perl -e '
    use Fcntl; use Time::HiRes qw(ualarm);
    $SIG{ALRM} = sub { $n++ }; ualarm(100000, 100000);
    sysopen(my $file, "contact/4.json", O_RDONLY) or die "open: $!\n";
    sysread($file, my $text, 100000) // die "read: $!\n";
    die "no signal came\n" unless $n;
    die "the text is short\n" unless $text =~ /Zo/;'
}

test_trouble__a_signal_never_cancels_a_save() {
  given_mount
  cat contact/4.json >/dev/null
  server_fault delay method=PUT ms=1000
  timeout -s INT 0.5 cp <(echo '{"city": "Rome"}') contact/4.json || true
  eventually 4 server_has_rome
  assert_requests PUT 1
  eventually 4 grep -q Rome contact/4.json
}

server_has_rome() {
  [ "$(server_get contact/4 city)" = '"Rome"' ]
}

test_trouble__what_was_read_can_be_read_while_the_server_is_down() {
  given_mount -o ttl=1,timeout=1
  ls -l contact >"$work/before"
  cat contact/4.json >"$work/text"
  stop_server
  sleep 1.2
  within 6 ls -l contact >"$work/after"
  cmp "$work/before" "$work/after"
  within 6 cmp "$work/text" contact/4.json
  assert_contains "$(status_of_mount .resources.contact.last_error)" refused
  [ "$(status_of_mount '.resources.contact.age | floor')" -ge 1 ] || fail "it is not that young"
  assert_errno EHOSTUNREACH within 6 ls company
  given_server
}

test_trouble__a_short_failure_is_retried() {
  given_mount
  server_fault status status=503
  assert_equal '"Zoë"' "$(jq .fn contact/4.json)"
  server_fault reset method=PUT
  save contact/4.json '{"city": "Rome"}'
  assert_server_has contact/4 city '"Rome"'
  assert_no_errors
}

test_trouble__a_put_whose_answer_was_lost_is_sent_again() {
  given_mount
  server_fault lost method=PUT
  save contact/4.json '{"city": "Rome"}'
  assert_file_equals_server contact/4
  assert_no_drafts
}

test_trouble__a_slow_listing_that_makes_progress_is_waited_for() {
  given_mount -o timeout=1
  server_fault trickle path=/api/group ms=3
  ls group >/dev/null
}

test_trouble__a_slow_answer_that_makes_progress_is_waited_for() {
  given_mount -o timeout=10
  server_fault trickle path=/api/contact/4 ms=2
  assert_equal '"Zoë"' "$(jq .fn contact/4.json)"
}

# ends_at_signal COMMAND...: a Ctrl-C after half a second ends it at once, though its server hangs.
ends_at_signal() {
  local begin=${EPOCHREALTIME/./} took
  timeout -s INT 0.5 "$@" || true
  took=$(((${EPOCHREALTIME/./} - begin) / 1000))
  [ "$took" -lt $((3000 * slowness)) ] || fail "$took ms for: $*"
}

test_trouble__ctrl_c_ends_the_wait_for_a_save_and_the_save_goes_on() {
  given_mount -o timeout=20
  echo '{"city": "Rome"}' >"$work/new"
  server_fault hang method=PUT times=1
  ends_at_signal cp "$work/new" contact/4.json
  server_heals
  eventually 5 server_has_city Rome
  assert_requests PUT 1
  eventually 5 no_drafts_are_left

  server_fault hang method=PUT times=1
  cp "$work/new" contact/part
  sed -i s/Rome/Oslo/ contact/part
  ends_at_signal mv contact/part contact/4.json
  server_heals
  eventually 5 server_has_city Oslo
  eventually 5 grep -q Oslo contact/4.json
  assert_file_equals_server contact/4
  sed -i s/Oslo/Bonn/ contact/4.json
  assert_file_equals_server contact/4
}

server_has_city() {
  [ "$(server_get contact/4 city)" = "\"$1\"" ]
}

no_drafts_are_left() {
  [ -z "$(find .clevertimfs/drafts -type f)" ]
}

test_trouble__ctrl_c_ends_the_wait_for_a_delete() {
  given_mount -o timeout=20
  server_fault hang method=DELETE times=1
  ends_at_signal rm contact/4.json
  server_heals
  eventually 5 test ! -e contact/4.json
  assert_requests DELETE 1 contact/4
}

# Each of the files is older than ttl: one wait is enough for all of them.
test_trouble__a_hung_server_holds_up_no_listing_that_is_known() {
  given_mount -o ttl=1,timeout=30
  ls -l contact >"$work/before"
  sleep 1.2
  server_fault hang times=-1
  within 8 ls -l contact >"$work/after"
  cmp "$work/before" "$work/after"
  within 8 grep -c Zoë contact/4.json >/dev/null
}
