# shellcheck shell=bash disable=SC2016
# The world of one trial: a server with the records, a mount of it by $who, and what the server does
# and knows. Sourced by tests/bench/habits.sh, in name spaces of its own.

mnt=$work/mnt
cache=$work/cache # what a mount keeps on disk
record=contact/4  # the one that is saved: of Köln
mount_pid='' crm_port=0 # the same one if it is started again
sftp_log=$work/sftp.log
files_root=$plain/files # the records as files, of www-data

# ---- the servers ----

is_crm() {
  [ "$who" = clevertimfs ]
}

start_habit_server() {
  local tries
  case $who in
    clevertimfs) start_server "$habit_contacts" "$crm_port" && crm_port=${url##*:} ;;
    sshfs) start_sftp_server ;;
    *)
      for tries in 1 2 3; do
        ! start_file_server || return 0
        files_port=''
      done
      fail "the file server did not start ($tries tries)"
      ;;
  esac
}

# sshfs starts it for each connection; ssh itself is left out.
start_sftp_server() {
  local server='setpriv --reuid=www-data --regid=www-data --clear-groups /usr/lib/openssh/sftp-server'
  printf '#!/bin/sh\nexec %s -e -l VERBOSE 2>>"%s"\n' "$server" "$sftp_log" >"$work/sftp"
  chmod 755 "$work/sftp"
  touch "$sftp_log"
}

server_pids() {
  case $who in
    clevertimfs) echo "$server_pid" ;;
    sshfs) pgrep -x sftp-server ;;
    *) pgrep -x apache2 ;;
  esac
}

# signal_server NAME: STOP makes it hang, KILL ends it. Only those of these name spaces are seen.
signal_server() {
  local pids
  mapfile -t pids < <(server_pids)
  [ "${#pids[@]}" -gt 0 ] || fail 'no server runs'
  kill "-$1" "${pids[@]}"
  if [ "$1" = KILL ]; then
    server_pid=''
  fi
}

# It takes no change of a contact any more.
server_refuses_changes() {
  if is_crm; then
    curl -sS --fail-with-body -o /dev/null "$url/_sandbox/fault" \
      -d '{"kind": "status", "status": 403, "method": "PUT", "times": -1}'
  else
    chown -R root "$files_root/contact"
    chmod -R u=rwX,go=rX "$files_root/contact"
  fi
}

# server_text contact/4
server_text() {
  if is_crm; then
    curl -sS --fail-with-body "$url/_sandbox/record/$1"
  else
    cat "$files_root/$1.json"
  fi
}

# server_value KEY: of the record.
server_value() {
  server_text "$record" | jq -r ".$1" 2>/dev/null || true
}

# somebody_sets KEY VALUE: behind the mount's back.
somebody_sets() {
  if is_crm; then
    crm_curl -o /dev/null -X PUT -H 'Content-Type: application/json' -d "{\"$1\": \"$2\"}" \
      "$url/api/$record"
  else
    server_text "$record" | jq --arg value "$2" ".$1 = \$value" >"$work/somebody"
    cat "$work/somebody" >"$files_root/$record.json"
  fi
}

# Every record's path on the server, and whatever else lies there.
server_names() {
  local resource
  if is_crm; then
    for resource in "${resources[@]}"; do
      crm_curl "$url/api/$resource" | jq -r ".content[] | \"$resource/\\(.id).json\""
    done
  else
    (cd "$files_root" && find . -type f -printf '%P\n')
  fi | sort
}

# ---- what reached the server ----

forget_changes() {
  if is_crm; then
    forget_requests
  elif [ "$who" = sshfs ]; then
    : >"$sftp_log"
  else
    : >"$access_log"
  fi
}

# What changed something: "VERB name" or "VERB name name", a line each. A lock counts when it makes a file.
list_changes() {
  if is_crm; then
    curl -sS "$url/_sandbox/log" | jq -r 'select(.method != "GET" and .status < 300)
      | "\(.method) \(.path | if test("[0-9]$") then . + ".json" else "" end)"'
  elif [ "$who" = sshfs ]; then
    sftp_changes
  else
    sed "s,$files_url,/," "$access_log" | awk '$2 >= 200 && $2 < 300 &&
      ($1 ~ /^(PUT|DELETE|MOVE|COPY|MKCOL|PROPPATCH)$/ || ($1 == "LOCK" && $2 == 201)) {
        print $1, $3, ($4 == "-" ? "" : $4)
      }'
  fi
}

# What failed is followed by its status.
sftp_changes() {
  tr -d '"\r' <"$sftp_log" | awk '
    function tell() { if (last) print last; last = "" }
    /^sent status/ { last = "" }
    { tell() }
    $1 == "open" && $4 ~ /CREATE/ { last = "create " $2 }
    $1 == "open" && $4 ~ /WRITE/ && $4 !~ /CREATE/ { last = "write " $2 }
    $1 == "remove" || $1 == "mkdir" || $1 == "rmdir" { last = $1 " " $3 }
    $1 ~ /rename$/ { last = "rename " $3 " " $5 }
    $1 == "set" { last = "set " $2 }
    END { tell() }'
}

# Until nothing has reached the server for longer than any of them waits to send.
settle() {
  local before='' now=0 round
  for round in 1 2 3 4; do
    before=$now
    sleep 13
    now=$(list_changes | wc -l)
    [ "$now" != "$before" ] || [ "$round" -eq 1 ] || break
  done
}

# ---- the mounts ----

mount_habitually() {
  mkdir -p "$mnt"
  mkdir -p -m 700 "$cache"
  case $who in
    clevertimfs)
      CLEVERTIM_TOKEN=$token "$build/fs/clevertimfs" -f -o "state_dir=$cache" "$url/api" "$mnt" &
      mount_pid=$!
      ;;
    rclone)
      rclone mount :webdav: "$mnt" --config '' --webdav-url "$files_url" --webdav-vendor other \
        --vfs-cache-mode full --cache-dir "$cache" &
      mount_pid=$!
      ;;
    davfs2)
      chmod 777 "$cache"
      # With the default buffer of 16 KiB a newer kernel cannot list a directory: EINVAL.
      printf '%s\n' 'ask_auth 0' 'buf_size 64' "cache_dir $cache" >"$work/davfs.conf"
      fresh_pid_directory
      mount.davfs "$files_url" "$mnt" -o "conf=$work/davfs.conf" </dev/null
      mount_pid=$(pid_of mount.davfs)
      ;;
    sshfs)
      sshfs -f "localhost:$files_root" "$mnt" -o "ssh_command=$work/sftp,reconnect" &
      mount_pid=$!
      ;;
    httpdirfs)
      httpdirfs -f --cache --cache-location "$cache" "$files_url" "$mnt" &
      mount_pid=$!
      ;;
  esac >>"$work/mount.log" 2>&1
  wait_for_mount
}

# davfs2 does not mount where one that was killed has left its pid.
fresh_pid_directory() {
  local directory=/var/run/mount.davfs
  mkdir -p "$directory"
  mount -t tmpfs -o mode=1775,gid=davfs2 tmpfs "$directory"
}

wait_for_mount() {
  local tries=0
  until mountpoint -q "$mnt" && timeout -s KILL 5 test -e "$mnt/$record.json"; do
    tries=$((tries + 1))
    [ "$tries" -lt 300 ] || fail "$who did not mount: $(tail -n 3 "$work/mount.log")"
    sleep 0.1
  done
}

kill_mount() {
  kill -KILL "$mount_pid"
  timeout 10 tail --pid="$mount_pid" -s 0.05 -f /dev/null || fail "$who cannot be killed"
  umount -l "$mnt"
}

# where_is MARK: every place in which somebody can find the text.
where_is() {
  local places=()
  ! server_text "$record" | grep -q "$1" || places+=('on the server')
  ! timeout -s KILL 10 grep -qs "$1" "$mnt/$record.json" || places+=('in the mounted record')
  if is_crm; then
    ! timeout -s KILL 10 grep -rqs "$1" "$mnt/.clevertimfs/drafts" || places+=('in `.clevertimfs/drafts`')
  elif [ "$who" = davfs2 ]; then
    ! timeout -s KILL 10 grep -rqs "$1" "$mnt/lost+found" || places+=('in `lost+found`')
  fi
  if [ "${#places[@]}" -eq 0 ] && grep -rqs "$1" "$cache"; then
    places+=("only in a file of its cache")
  fi
  [ "${#places[@]}" -gt 0 ] || places+=(nowhere)
  printf '%s' "${places[0]}"
  [ "${#places[@]}" -eq 1 ] || printf ', %s' "${places[@]:1}"
}
