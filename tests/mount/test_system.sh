# shellcheck shell=bash disable=SC1003,SC2002,SC2012,SC2016,SC2034,SC2119,SC2120,SC2154,SC2164,SC2317
# The system around it: mount(8), fstab, umount, findmnt.

# What mount(8) and its users need of the system, in a mount name space of the test's own.
need_root() {
  local first inside count
  read -r first inside count </proc/self/uid_map
  [ "$(id -u) $first $inside $count" = "0 0 0 4294967295" ] && return
  echo "only root can try this"
  exit "$lacks_a_program"
}

test_system__read_only_stays_so_whatever_root_says() {
  need_root
  given_mount -o ro
  cat contact/5.json >"$work/before"
  mount -i -o remount,rw "$mnt"
  assert_errno EROFS rm contact/4.json
  assert_errno EROFS mv contact/4.json contact/other
  assert_errno EROFS cp "$work/before" contact/new.json
  assert_errno EROFS cp "$work/before" contact/scratch
  assert_errno EROFS ln -s 4.json contact/link
  assert_errno EROFS truncate -s 0 contact/5.json
  assert_fails save contact/5.json '{"city": "Rome"}'
  assert_file_equals_server contact/5
  assert_no_writes
}
