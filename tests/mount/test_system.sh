# shellcheck shell=bash disable=SC1003,SC2002,SC2012,SC2016,SC2034,SC2119,SC2120,SC2154,SC2164,SC2317
# The system around it: mount(8), fstab, umount, findmnt.

# The tests of this file change what the machine has in /etc, /usr and /dev, each in its own mount
# name space alone.

# lay_over DIRECTORY: what stands in $layer/DIRECTORY is there, too.
lay_over() {
  chmod -R a+rX "$layer"
  mount -t overlay -o "lowerdir=$layer$1:$1" none "$1"
}

# given_system: clevertimfs is installed, users can mount, and a server waits. Sets $layer.
given_system() {
  need_root
  need fusermount3 findmnt setpriv
  layer=$work/layer
  mkdir "$layer"
  mount -t tmpfs -o mode=755 none "$layer"
  mkdir -p "$layer/usr/bin" "$layer/usr/sbin" "$layer/etc"
  cp "$build/fs/clevertimfs" "$layer/usr/bin"
  ln -s ../bin/clevertimfs "$layer/usr/sbin/mount.clevertimfs"
  mknod -m 666 "$layer/fuse" c 10 229
  mount --bind "$layer/fuse" /dev/fuse
  mount -t tmpfs -o mode=755 none /run
  mount -t tmpfs -o mode=755 none /mnt
  mkdir -p /mnt/crm /mnt/home
  sanitizers_report_to /mnt/reports
  echo "$token" >/mnt/token
  lay_over /usr/bin
  lay_over /usr/sbin
  given_server
}

# given_fstab TYPE OPTIONS: a line for the server at /mnt/crm, which belongs to $user (root).
given_fstab() {
  if [ -e "$layer/etc/fstab" ]; then
    umount /etc
  fi
  echo "$url/api /mnt/crm $1 $2,token_file=/mnt/token,state_dir=/mnt/home/state 0 0" >"$layer/etc/fstab"
  lay_over /etc
  chown -R "${user:-root}" /mnt/crm /mnt/home /mnt/token
}

# as_user COMMAND...: by somebody who is not root.
as_user() {
  HOME=/mnt/home setpriv --reuid "${user:-nobody}" --regid nogroup --clear-groups -- "$@"
}

assert_mounted() {
  assert_equal "$url/api fuse.clevertimfs" "$(findmnt -rn -o SOURCE,FSTYPE /mnt/crm)" "what findmnt tells"
}

assert_not_mounted() {
  ! mountpoint -q /mnt/crm || fail "it is mounted"
}

types='clevertimfs fuse.clevertimfs'

test_system__mounts_by_fstab() {
  local type
  given_system
  for type in $types; do
    given_fstab "$type" noauto,_netdev,nofail,x-systemd.automount,x-gvfs-show
    mount /mnt/crm
    assert_mounted
    assert_equal '"Zoë"' "$(jq .fn /mnt/crm/contact/4.json)"
    umount /mnt/crm
    assert_not_mounted
  done
}

# What mount(8) explains for all file systems, and means nothing here.
test_system__options_of_all_file_systems() {
  local type options=nodiratime,lazytime,nolazytime,silent,mand,nomand,iversion,noiversion,nosymfollow
  given_system
  for type in $types; do
    given_fstab "$type" "noauto,diratime,strictatime,nostrictatime,norelatime,group,owner,$options"
    mount /mnt/crm
    assert_mounted
    umount /mnt/crm
  done
}

test_system__mount_without_fstab() {
  local type
  given_system
  given_fstab none noauto
  for type in $types; do
    mount -t "$type" -o token_file=/mnt/token,state_dir=/mnt/home/state "$url/api" /mnt/crm
    assert_mounted
    umount /mnt/crm
  done
}

test_system__mount_all_mounts_it_once() {
  local type
  given_system
  for type in $types; do
    given_fstab "$type" defaults,nofail
    mount -a
    mount -a
    assert_mounted
    umount /mnt/crm
    assert_not_mounted
  done
}

test_system__is_never_mounted_with_suid_or_dev() {
  local type options
  given_system
  for type in $types; do
    given_fstab "$type" suid,dev,exec
    mount /mnt/crm
    options=$(findmnt -n -o OPTIONS /mnt/crm)
    assert_contains ",$options," ,nosuid,
    assert_contains ",$options," ,nodev,
    umount /mnt/crm
  done
}

test_system__read_only_by_fstab() {
  local type
  given_system
  for type in $types; do
    given_fstab "$type" ro
    mount /mnt/crm
    assert_contains ",$(findmnt -n -o OPTIONS /mnt/crm)," ,ro,
    assert_errno EROFS rm /mnt/crm/contact/4.json
    umount /mnt/crm
  done
  assert_no_writes
}

test_system__a_user_mounts_and_unmounts_it() {
  local type user=nobody
  given_system
  for type in $types; do
    given_fstab "$type" noauto,user
    as_user mount /mnt/crm
    assert_mounted
    assert_equal '"Zoë"' "$(as_user jq .fn /mnt/crm/contact/4.json)"
    assert_equal "$(id -u nobody)" "$(as_user stat -c %u /mnt/crm/contact/4.json)" "the owner"
    as_user umount /mnt/crm
    assert_not_mounted
  done
}

test_system__root_mounts_as_somebody_else() {
  local user=nobody
  given_system
  given_fstab fuse.clevertimfs noauto,setuid=nobody
  mount /mnt/crm
  assert_mounted
  assert_equal '"Zoë"' "$(as_user jq .fn /mnt/crm/contact/4.json)"
  assert_equal nobody "$(stat -c %U /mnt/home/state)" "the owner of the state directory"
  as_user fusermount3 -u /mnt/crm
}

test_system__root_unmounts_what_a_user_mounted_and_no_other_user() {
  local user=nobody
  given_system
  given_fstab clevertimfs noauto,user
  as_user mount /mnt/crm
  user=daemon assert_fails as_user umount /mnt/crm
  assert_mounted
  umount /mnt/crm
  assert_not_mounted
}

test_system__a_user_mounts_without_fstab() {
  local type user=nobody
  given_system
  given_fstab none noauto
  for type in $types; do
    as_user mount -t "$type" -o token_file=/mnt/token,state_dir=/mnt/home/state "$url/api" /mnt/crm
    assert_mounted
    as_user fusermount3 -u /mnt/crm
    assert_not_mounted
  done
}

test_system__others_see_nothing_unless_they_are_allowed_to() {
  given_system
  given_fstab clevertimfs noauto
  mount /mnt/crm
  assert_errno EACCES as_user ls /mnt/crm
  umount /mnt/crm
  given_fstab clevertimfs "noauto,allow_other,umask=022,uid=$(id -u nobody)"
  mount /mnt/crm
  user=daemon
  assert_equal '"Zoë"' "$(as_user jq .fn /mnt/crm/contact/4.json)"
  assert_errno EACCES as_user rm /mnt/crm/contact/4.json
}

test_system__a_comma_in_a_value() {
  local type
  given_system
  echo "first,$token,last" >/mnt/home/tokens
  for type in $types; do
    given_fstab "$type" noauto
    sed -i 's|token_file=[^,]*|token_command=cut\\040-d\\,\\040-f2\\040/mnt/home/tokens|' "$layer/etc/fstab"
    umount /etc
    lay_over /etc
    mount /mnt/crm
    assert_mounted
    umount /mnt/crm
  done
}

test_system__what_is_wrong_is_said() {
  local type said status
  given_system
  for type in $types; do
    given_fstab "$type" noauto,colour=red
    status=0
    said=$(mount /mnt/crm 2>&1) || status=$?
    assert_equal 1 "$status" "the status of mount"
    assert_equal "clevertimfs: unknown option 'colour': see clevertimfs --help" "$said" "what it says"
    assert_not_mounted
  done
}

test_system__remount_says_that_it_cannot() {
  local type said status
  given_system
  for type in $types; do
    given_fstab "$type" noauto
    mount /mnt/crm
    status=0
    said=$(mount -o remount,ro /mnt/crm 2>&1) || status=$?
    assert_equal 1 "$status" "the status of mount"
    assert_contains "$said" 'cannot be changed: unmount it'
    assert_contains ",$(findmnt -n -o OPTIONS /mnt/crm)," ,rw,
    mount -i -o remount,ro /mnt/crm
    assert_errno EROFS rm /mnt/crm/contact/4.json
    umount /mnt/crm
  done
}

test_system__mount_f_pretends() {
  given_system
  given_fstab clevertimfs noauto
  mount -f -v /mnt/crm
  assert_not_mounted
  assert_no_requests
  mount -n -v /mnt/crm
  assert_mounted
}

test_system__takes_over_a_dead_mount() {
  given_system
  given_fstab clevertimfs noauto
  mount /mnt/crm
  pkill -KILL -x mount.clevertim
  eventually 5 test ! -e /mnt/crm/contact
  mount /mnt/crm
  assert_equal '"Zoë"' "$(jq .fn /mnt/crm/contact/4.json)"
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
