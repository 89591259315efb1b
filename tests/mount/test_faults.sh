# shellcheck shell=bash disable=SC1003,SC2002,SC2012,SC2016,SC2034,SC2119,SC2120,SC2154,SC2164,SC2317
# Every way in which a server can fail, met by every operation: each answers as the contract says, in
# time, and nothing is lost. Which faults, and what is answered to them, stands in faults_table.py.

faults() {
  python3 -B "$here/faults.py" "$build" "$work" "$@" || fail "see above"
}

test_faults__connections_that_break() {
  faults breaks
}

test_faults__answers_that_do_not_come() {
  faults slow
}

test_faults__a_server_that_is_away() {
  faults away
}

test_faults__certificates() {
  need openssl
  faults certificates
}

test_faults__statuses_that_say_why() {
  faults statuses_json
}

test_faults__statuses_with_html() {
  faults statuses_html
}

test_faults__statuses_without_a_word() {
  faults statuses_empty
}

test_faults__statuses_that_ask_for_later() {
  faults later
}

test_faults__redirects() {
  faults redirects
}

test_faults__answers_that_are_none() {
  faults answers
}

test_faults__more_than_can_be_taken() {
  faults too_much
}

# libcurl remembers a name for a minute: so what was read before cannot be a part of this.
test_faults__a_name_that_nobody_knows() {
  given_server
  echo '127.0.0.1 localhost' >"$work/hosts"
  echo 'nameserver 127.0.0.1' >"$work/resolv"
  mount --bind "$work/hosts" /etc/hosts
  [ ! -e /etc/resolv.conf ] || mount --bind "$work/resolv" /etc/resolv.conf
  echo '{"name": "Nobody knows"}' >"$work/new.json"
  url=http://crm.invalid:$server_port mount_it -o nocheck,allow_http,timeout=1
  within 12 assert_errno EHOSTUNREACH ls company
  assert_last_error list company EHOSTUNREACH ' - ' 'Could not resolve host'
  within 12 assert_errno EHOSTUNREACH cat note/1.json
  within 12 assert_errno EHOSTUNREACH cp "$work/new.json" opportunity/1.json
  within 12 assert_errno EHOSTUNREACH cp "$work/new.json" case/new.json
  within 12 assert_errno EHOSTUNREACH unlink comment/1.json
  assert_no_drafts
  assert_no_requests

  echo '127.0.0.1 crm.invalid' >>"$work/hosts"
  assert_lists_what_the_server_has company
  assert_file_equals_server note/1
  cp "$work/new.json" opportunity/1.json
  assert_server_has opportunity/1 name '"Nobody knows"'
  cp "$work/new.json" case/new.json
  assert_requests POST 1 case
  unlink comment/1.json
  assert_absent comment/1.json
}
