# shellcheck shell=bash disable=SC1003,SC2002,SC2012,SC2016,SC2034,SC2119,SC2120,SC2154,SC2164,SC2317
# Killed at any moment, and mounted again: nothing is lost, torn, or made twice. CRASH_SEED repeats
# what chance did; with CRASH_ROUNDS=200 the tests need `tests/mount/run --limit 3600 test_crash`.

crash() {
  given_server --log "$work/requests"
  CLEVERTIM_TOKEN=$token python3 -B "$here/crash.py" "$1" "$url" "$mnt" "$state" "$work/requests" \
    "$build/fs/clevertimfs" -f -o "state_dir=$state,timeout=1,delete_limit=0" "$url/api" "$mnt" ||
    fail "see above"
}

test_crash__at_random_moments() {
  crash random
}

test_crash__when_the_disk_changes() {
  crash disk
}

test_crash__when_the_server_is_asked_or_answers() {
  crash server
}
