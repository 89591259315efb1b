# shellcheck shell=bash
# What people would use instead: the same records as files on a server of this machine, mounted by
# what Debian has. Each gets the settings that make it fastest; sshfs is spared the encryption.

peer_mnt=$work/peer
peer_rounds=3
limit_s=60 # for one pass; who needs more is not asked again
peers=(rclone sshfs davfs2 httpdirfs)
declare -A peer_requests peer_lacks

# ---- each peer ----

mount_rclone() {
  rclone mount :http: "$peer_mnt" --config '' --http-url "$files_url" --read-only --daemon \
    --dir-cache-time 1h --attr-timeout 1h
}

mount_sshfs() {
  printf '#!/bin/sh\nexec /usr/lib/openssh/sftp-server\n' >"$work/sftp"
  chmod 755 "$work/sftp"
  sshfs "localhost:$plain/contact" "$peer_mnt" -o "ssh_command=$work/sftp,kernel_cache,ro" \
    -o dcache_timeout=3600,dcache_max_size=1000000,entry_timeout=3600,attr_timeout=3600
}

mount_davfs2() {
  mkdir -p "$plain/davcache"
  chmod 777 "$plain/davcache" # it gives up root's rights first
  printf '%s\n' 'ask_auth 0' 'use_locks 0' 'dir_refresh 3600' 'file_refresh 3600' \
    "cache_dir $plain/davcache" 'cache_size 1000' 'gui_optimize 1' 'buf_size 256' \
    >"$plain/davfs.conf"
  mount.davfs "$files_url" "$peer_mnt" -o "ro,conf=$plain/davfs.conf" </dev/null
}

mount_httpdirfs() {
  httpdirfs "$files_url" "$peer_mnt"
}

# Its server ends with the mount, or is made to.
unmount_peer() {
  local program=$1 pid
  [ "$program" != davfs2 ] || program=mount.davfs
  umount -l "$peer_mnt" >/dev/null 2>&1 || true
  if pid=$(pgrep -nx "$program"); then
    timeout 10 tail --pid="$pid" -s 0.05 -f /dev/null || kill -KILL "$pid"
  fi
  rm -rf "$plain/davcache" "/var/run/mount.davfs/$(tr / - <<<"${peer_mnt#/}").pid"
}

# failed_pass PEER PASS: why it took no time.
failed_pass() {
  if [ "$passed_us" -ge $((limit_s * 1000000)) ]; then
    peer_lacking "$1" "no $2 \`grep -r\` within $limit_s s"
  else
    peer_lacking "$1" "failed at the $2 \`grep -r\`"
    tail -n 1 "$plain/peer.log" >&2
  fi
}

# peer_lacking PEER WHY
peer_lacking() {
  say "$1: $2; left out"
  peer_lacks[$1]=$2
}

grep_peer() {
  local status=0
  timeout -s KILL "$limit_s" grep -r "$word" "$peer_mnt" || status=$?
  [ "$status" -eq 1 ]
}

mount_and_grep_peer() {
  "mount_$1" && grep_peer
}

# The time of a pass that fails is not noted.
pass() {
  local name=$1 begin=${EPOCHREALTIME/./} status=0
  shift
  "$@" >/dev/null 2>>"$plain/peer.log" || status=$?
  passed_us=$((${EPOCHREALTIME/./} - begin))
  [ "$status" -ne 0 ] || note "$name" "$passed_us"
  return "$status"
}

measure_peer() {
  local peer=$1
  : >"$access_log"
  if ! pass "$peer cold" mount_and_grep_peer "$peer"; then
    failed_pass "$peer" cold
  else
    sleep 0.2
    peer_requests[$peer]=$(cut -d ' ' -f 1 "$access_log" | sort | uniq -c | awk '{ printf "%s%d %s", sep, $1, $2; sep = ", " }')
    pass "$peer warm" grep_peer || failed_pass "$peer" warm
  fi
  unmount_peer "$peer"
}

measure_crm() {
  forget_requests
  took 'crm cold' mount_and grep_all "$crm/contact"
  peer_requests[crm]="$(requests GET) GET, the check of the token included"
  took 'crm warm' grep_all "$crm/contact"
  unmount_crm
}

# best_of WHEN: the peer with the least time.
best_of() {
  local peer
  for peer in "${peers[@]}"; do
    [ -z "${samples[$peer $1]-}" ] || echo "$(median_of "$peer $1") $peer"
  done | sort -g | awk 'NR == 1 { print $2 }'
}

tell_the_peers() {
  print '# How fast it is, and its peers'
  print
  print "Written by \`scripts/bench --peers\` on $(date -u +%Y-%m-%d); every figure is of that one run."
  print
  tell_the_machine
  print "- $peer_rounds rounds, in turns; times are medians, and a ratio is the median of the ratios of" \
    'the rounds.'
  print '- The peers get the same records as files of this machine, and the settings that make them' \
    'fastest: rclone and httpdirfs from Apache by http, davfs2 by WebDAV, sshfs from sftp-server' \
    'with no ssh between. They are mounted read-only.'
  local peer
  for peer in "${peers[@]}"; do
    print "- $peer $(dpkg-query -W -f '${Version}' "$peer" 2>/dev/null || echo 'is not installed')"
  done
}

report_peers() {
  local peer best
  print
  print "$records records:"
  print
  print '| | cold: mount, `grep -r` | warm: `grep -r` | requests for the cold one |'
  print '| --- | ---: | ---: | --- |'
  for peer in crm "${peers[@]}"; do
    if [ -n "${samples[$peer warm]-}" ] && [ -z "${peer_lacks[$peer]-}" ]; then
      print "| ${peer/crm/clevertimfs} | $(as_time "$(median_of "$peer cold")") |" \
        "$(as_time "$(median_of "$peer warm")") | ${peer_requests[$peer]:-(sftp)} |"
    else
      print "| $peer | ${peer_lacks[$peer]-not measured} | | |"
    fi
  done
  print
  print_head
  best=$(best_of cold)
  [ -z "$best" ] || row_of 'cold: mount, `grep -r`' 'crm cold' "the best of them, $best" "$best cold" 0.125
  best=$(best_of warm)
  [ -z "$best" ] || row_of 'warm: `grep -r`' 'crm warm' "the best of them, $best" "$best warm" 0.2
}

compare_with_peers() {
  local round peer
  mkdir -p "$peer_mnt"
  start_server "$records"
  make_plain_files
  start_file_server || { say 'the file server did not start; no peers'; return 0; }
  for peer in "${peers[@]}"; do
    command -v "${peer/davfs2/mount.davfs}" >/dev/null || peer_lacking "$peer" 'not installed'
  done
  for ((round = 0; round < peer_rounds; round++)); do
    measure_crm
    for peer in "${peers[@]}"; do
      [ -n "${peer_lacks[$peer]-}" ] || measure_peer "$peer"
    done
  done
  report_peers
}
