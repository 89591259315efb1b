#!/usr/bin/env bash
# What people do with files, tried on clevertimfs and on what they would use instead. Started by
# scripts/bench: tests/bench/habits.sh BUILD WORK RESULTS [HABIT...]
# Each cell is one trial, in name spaces of its own, with a server and a mount of its own.
set -euo pipefail

habit_contacts=200
away_s=30      # how long somebody is away from the editor: longer than sshfs keeps what it knows
long_away_s=75 # longer than any of them but rclone keeps what it knows
trial_limit_s=300 at_once=8
peers=(clevertimfs rclone davfs2 sshfs httpdirfs)
resources=(contact company case opportunity task note comment customfield user group file folder
  linkedfile)
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
export LC_ALL=C.UTF-8 TERM=xterm
unset CLEVERTIM_TOKEN XDG_CONFIG_HOME XDG_STATE_HOME XDG_CACHE_HOME

source_all() {
  # shellcheck source=tests/bench/lib.sh
  . "$here/lib.sh"
  # shellcheck source=tests/bench/file_server.sh
  . "$here/file_server.sh"
  # shellcheck source=tests/bench/habit_worlds.sh
  . "$here/habit_worlds.sh"
  # shellcheck source=tests/bench/habit_trials.sh
  . "$here/habit_trials.sh"
}

# ---- one trial ----

# run_trial BUILD WORK HABIT WHO: prints its cell.
run_trial() {
  local all=$2
  build=$1 work=$all/$3.$4 who=$4 results=/dev/null
  mkdir -p "$work/home" "$work/crm"
  export HOME=$work/home
  source_all
  mkdir -p "$plain"
  if ! is_crm; then
    cp -r "$all/files" "$files_root"
    chown -R www-data:www-data "$files_root"
    chmod -R u=rwX,go=rX "$files_root"
  fi
  start_habit_server
  mount_habitually
  forget_changes
  "try_$3"
}

# ---- all of them ----

make_files() {
  local resource
  local results=/dev/null
  source_all
  mkdir -p "$plain" "$crm" "$work/files"
  start_server "$habit_contacts"
  mount_crm ttl=60
  for resource in "${resources[@]}"; do
    [ ! -d "$crm/$resource" ] || cp -r "$crm/$resource" "$work/files/"
  done
  unmount_crm
  stop_server
}

# one_cell HABIT WHO: leaves the cell in a file, if the trial came to its end.
one_cell() {
  local apart=(unshare --mount --propagation private --pid --fork --kill-child=KILL --mount-proc)
  local cell=$work/cells/$1.$2
  if timeout -s KILL "$trial_limit_s" "${apart[@]}" "$here/habits.sh" --trial "$build" "$work" \
    "$1" "$2" >"$cell.part" 2>"$cell.log" </dev/null && [ -s "$cell.part" ]; then
    mv "$cell.part" "$cell"
    echo "bench: $1, $2: $(<"$cell")" >&2
  else
    echo "bench: $1, $2 failed: $(tail -n 3 "$cell.log")" >&2
  fi
}

version_of() {
  echo "$1 $(dpkg-query -W -f '${Version}' "$1")"
}

print_table() {
  local habit who line missing=0
  echo '| what was done | clevertimfs | rclone mount | davfs2 | sshfs | httpdirfs |'
  echo '| --- | --- | --- | --- | --- | --- |'
  for habit in "${habits[@]}"; do
    line="| ${says[$habit]} |"
    for who in "${peers[@]}"; do
      if [ -s "$work/cells/$habit.$who" ]; then
        line+=" $(<"$work/cells/$habit.$who") |"
      else
        line+=' not tried |'
        missing=$((missing + 1))
      fi
    done
    echo "$line"
  done
  [ "$missing" -eq 0 ] || echo "bench: $missing trials did not come to their end" >&2
}

print_all() {
  cat <<EOT
# What becomes of habits

Written by \`scripts/bench --habits\` on $(date -u +%Y-%m-%d). Each cell is what one trial saw, at the server's side
where it says what reached the server. Nothing stands here that was not tried.

- $("$build/fs/clevertimfs" --version), on the stand-in CRM with $habit_contacts contacts, default options
- $(version_of rclone): \`rclone mount :webdav: --webdav-vendor other --vfs-cache-mode full\`, on Apache's WebDAV
- $(version_of davfs2): \`ask_auth 0\`, \`buf_size 64\`, on Apache's WebDAV
- $(version_of sshfs): \`-o reconnect\`, on OpenSSH's sftp-server, with no ssh between
- $(version_of httpdirfs): \`--cache\`, on Apache's listing of the directory
- The same $(find "$work/files" -type f | wc -l) records everywhere, for the peers as one file each.
  $(version_of vim), $(version_of nano), $(version_of sed), $(version_of coreutils), $(version_of apache2-bin), Linux $(uname -r)
- Load of the machine at the end: $(cut -d ' ' -f 1-3 /proc/loadavg)

EOT
  print_table
}

main() {
  if [ "$1" = --trial ]; then
    shift
    run_trial "$@"
    return
  fi
  build=$1 work=$2
  who=none
  mkdir -p "$work/cells" "$work/home"
  chmod 755 "$work"
  make_files
  local habit who
  export build work here
  export -f one_cell
  export trial_limit_s
  results=$3
  shift 3
  [ $# -eq 0 ] || habits=("$@")
  for habit in "${habits[@]}"; do
    for who in "${peers[@]}"; do
      printf '%s\0%s\0' "$habit" "$who"
    done
  done | xargs -0 -n 2 -P "$at_once" bash -c 'one_cell "$@"' one_cell
  print_all | tee "$results"
}

main "$@"
