# shellcheck shell=bash disable=SC2016
# The trials: each is one habit, and prints the cell of the table. Sourced by tests/bench/habits.sh.

habits=(vim another_line same_line script rm_all refused killed vim_new nano_new hang sed_in_place
  others_change)
declare -gA says=(
  [vim]='`vim` saves one record: what reaches the server'
  [another_line]="somebody else changes another line while \`vim\` has the record open for $away_s s"
  [same_line]='somebody else changes the same line meanwhile'
  [script]="a script reads, somebody else changes another line, the script writes with \`cp\` after $long_away_s s"
  [rm_all]='`rm -rf` of all that is mounted'
  [refused]='the server refuses the save (403, or a read-only directory); `cp` saves'
  [killed]='the server hangs while `tee` saves, and dies; the mount gets `kill -9`: the text after the next mount'
  [vim_new]='`vim` makes a new file'
  [nano_new]='`nano` makes a new file'
  [hang]="the server hangs, $long_away_s s after all was read: \`ls -l\`, \`cat\` within 2 s? Does Ctrl-C end a \`cat\` that waits?"
  [sed_in_place]='`sed -i` on 3 records'
  [others_change]='a change on the server: when `cat` shows it'
)

cell() {
  printf '%s\n' "$*"
}

# changes_cell NAME...: how many changes reached the server, and what names it saw but these.
changes_cell() {
  list_changes | awk -v expected="$*" '
    BEGIN {
      count = split(expected, name, " ")
      for (i = 1; i <= count; i++)
        seen[name[i]] = 1
    }
    {
      for (i = 2; i <= NF; i++) {
        sub(/.*\//, "", $i)
        if (!seen[$i]++)
          others = others (others ? ", " : "; also seen there: ") "`" $i "`"
      }
    }
    END { printf "%d %s%s", NR, (NR == 1 ? "change" : "changes"), others }'
}

# errno_in TEXT: what a program said, by the errno's name.
errno_in() {
  case $1 in
    *'Permission denied'*) echo EACCES ;;
    *'Operation not permitted'*) echo EPERM ;;
    *'Read-only file system'*) echo EROFS ;;
    *'Device or resource busy'*) echo EBUSY ;;
    *'Input/output error'*) echo EIO ;;
    *'Function not implemented'*) echo ENOSYS ;;
    *'Operation not supported'*) echo EOPNOTSUPP ;;
    *'No such file'*) echo ENOENT ;;
    *) echo "${1##*: }" ;;
  esac
}

# save_by_cp TEXT-FILE: tells by what call cp got which error, or "no error".
save_by_cp() {
  local said status=0
  said=$(timeout -k 5 60 cp "$1" "$mnt/$record.json" 2>&1) || status=$?
  case $status,$said in
    0,*) echo 'no error' ;;
    124,* | 137,*) echo 'no answer within 60 s' ;;
    *closing* | *'failed to close'*) echo "$(errno_in "$said") from close" ;;
    *'error writing'*) echo "$(errno_in "$said") from write" ;;
    *) echo "$(errno_in "$said") from open" ;;
  esac
}

# For those that take no change at all; says so.
cannot_write() {
  local said
  [ "$who" = httpdirfs ] || return 1
  server_text "$record" >"$work/text"
  said=$(save_by_cp "$work/text")
  [ "$said" != 'no error' ] && cell "read-only ($said)"
}

# ---- programs in a terminal ----

# in_terminal COMMAND...: with the keys from stdin; its screen is kept. Who types may type on after its end.
in_terminal() {
  timeout -k 5 150 script -qec "stty cols 250 rows 50; $(printf '%q ' "$@")" "$work/screen" >/dev/null
}

# What vim said of a save: its question, its last error, or nothing.
vim_said() {
  local error
  if grep -aq 'changed since reading' "$work/screen"; then
    echo 'vim asks before it saves'
  elif error=$(grep -aoE "\bE[0-9]+: [A-Za-z' -]*[a-z]" "$work/screen" | tail -n 1); then
    echo "vim says \"$error\""
  else
    echo 'not told'
  fi
}

# vim_keys SECONDS EDIT: edits after so long, saves, and leaves whatever happens.
vim_keys() {
  sleep "$1"
  printf '%s\r' "$2"
  sleep 1
  printf ':w\r'
  sleep 8
  printf 'n\r'
  sleep 1
  printf ':q!\r'
  sleep 1
  printf ':q!\r'
  sleep 1
}

# ---- saving ----

try_vim() {
  ! cannot_write || return 0
  vim_keys 6 ':%s/Köln/Bonn/' | in_terminal vim "$mnt/$record.json" || true
  settle
  if [ "$(server_value city)" = Bonn ]; then
    cell "$(changes_cell "${record##*/}.json")"
  else
    cell "not saved; $(vim_said)"
  fi
}

# others_and_mine KEY-OF-OTHERS: who of the two is on the server.
others_and_mine() {
  local kept=lost saved='not saved'
  [ "$(server_value "$1")" != Other ] || kept=kept
  [ "$(server_value city)" != Mine ] || saved=saved
  echo "theirs $kept, mine $saved"
}

lost_update() {
  ! cannot_write || return 0
  {
    sleep 3
    somebody_sets "$1" Other
    vim_keys "$away_s" ':%s/"city": ".*"/"city": "Mine"/'
  } | in_terminal vim "$mnt/$record.json" || true
  settle
  cell "$(others_and_mine "$1"); $(vim_said)"
}

try_another_line() {
  lost_update title
}

try_same_line() {
  lost_update city
}

try_script() {
  local said
  ! cannot_write || return 0
  jq '.city = "Mine"' "$mnt/$record.json" >"$work/text"
  somebody_sets title Other
  sleep "$long_away_s"
  said=$(save_by_cp "$work/text")
  settle
  cell "$(others_and_mine title); ${said/no error/not told}"
}

try_refused() {
  local said during
  ! cannot_write || return 0
  jq '.city = "Refused-text"' "$mnt/$record.json" >"$work/text"
  server_refuses_changes
  said=$(save_by_cp "$work/text")
  settle
  during=$(where_is Refused-text)
  timeout -k 5 30 umount "$mnt" >/dev/null || kill_mount
  if [[ $said == *'from open' && $during == nowhere ]]; then
    cell "$said; no copy is kept"
  else
    cell "$said; the text is then $during$(grep -rqs Refused-text "$cache" ||
      echo '; not on disk after the unmount')"
  fi
}

# The text comes when the server hangs already, as when a person has typed for a while.
try_killed() {
  local told='the program got no answer' tee_pid
  ! cannot_write || return 0
  jq '.city = "Killed-text"' "$mnt/$record.json" >"$work/text"
  (
    sleep 4
    cat "$work/text"
  ) | tee "$mnt/$record.json" >/dev/null 2>&1 &
  tee_pid=$!
  sleep 2
  signal_server STOP
  sleep 7
  kill -0 "$tee_pid" 2>/dev/null || told='the program was told that all was well'
  wait_status_of_tee "$tee_pid"
  signal_server KILL
  kill_mount
  sleep 1
  start_habit_server
  mount_habitually
  settle
  cell "$(where_is Killed-text); $told$(record_was_harmed)"
}

# Only if it has ended.
wait_status_of_tee() {
  if ! kill -0 "$1" 2>/dev/null && ! wait "$1"; then
    told='the program got an error'
  fi
}

record_was_harmed() {
  case $(server_value city) in
    Köln | Killed-text) ;;
    *) echo '; the record on the server is broken' ;;
  esac
}

try_sed_in_place() {
  local before saved=0 id
  ! cannot_write || return 0
  before=$(server_names)
  timeout -k 5 120 sed -i 's/"title": ".*"/"title": "Sed"/' "$mnt"/contact/{4,5,6}.json
  settle
  for id in 4 5 6; do
    [ "$(server_text "contact/$id" | jq -r .title)" != Sed ] || saved=$((saved + 1))
  done
  cell "$saved saved, $(changes_cell {4,5,6}.json); left there: $(comm -13 <(echo "$before") <(server_names) | wc -l)"
}

# ---- creating and deleting ----

# new_names BEFORE
new_names() {
  local names
  mapfile -t names < <(comm -13 <(echo "$1") <(server_names))
  echo "${#names[@]} new: ${names[*]}; $(changes_cell "${names[@]##*/}")"
}

try_vim_new() {
  local before
  ! cannot_write || return 0
  before=$(server_names)
  {
    sleep 2
    printf 'i{"fn": "Ada", "ln": "Lovelace"}\033'
    vim_keys 6 ':'
  } | in_terminal vim "$mnt/contact/ada.json" || true
  settle
  cell "$(new_names "$before")"
}

try_nano_new() {
  local before
  ! cannot_write || return 0
  before=$(server_names)
  {
    sleep 2
    printf '{"fn": "Ada", "ln": "Lovelace"}'
    sleep 6
    printf '\017'
    sleep 1
    printf '\r'
    sleep 5
    printf '\030'
    sleep 2
  } | in_terminal nano "$mnt/contact/ada.json" || true
  settle
  cell "$(new_names "$before")"
}

try_rm_all() {
  local before after
  ! cannot_write || return 0
  before=$(server_names | wc -l)
  timeout -k 5 150 rm -rf "${mnt:?}"/* || true
  settle
  after=$(server_names | wc -l)
  cell "$((before - after)) of $before gone"
}

# ---- reading ----

# ends_within SECONDS COMMAND...: whether it ends well, and with something to say.
ends_within() {
  local limit=$1
  shift
  "$@" >"$work/said" 2>/dev/null &
  has_ended "$limit" $! && wait $! && [ -s "$work/said" ]
}

# has_ended SECONDS PID
has_ended() {
  local deadline=$((${EPOCHREALTIME/./} + $1 * 1000000))
  while kill -0 "$2" 2>/dev/null; do
    [ "${EPOCHREALTIME/./}" -lt "$deadline" ] || return 1
    sleep 0.05
  done
}

yes_or_no() {
  if "$@"; then
    echo yes
  else
    echo no
  fi
}

# ctrl_c_ends FILE: whether it ends a cat that has to wait for the server.
ctrl_c_ends() {
  env --default-signal=INT cat "$1" >/dev/null 2>&1 &
  local pid=$!
  sleep 2
  kill -INT "$pid" 2>/dev/null && has_ended 2 "$pid"
}

# One after the other: some end at times.
count_ctrl_c() {
  local id ended=0
  for id in 1 2 3; do
    ! ctrl_c_ends "$mnt/company/$id.json" || ended=$((ended + 1))
  done
  echo "$ended of 3"
}

try_hang() {
  local listed read
  ls -l "$mnt/contact" >/dev/null
  cat "$mnt/$record.json" >/dev/null
  sleep "$long_away_s"
  signal_server STOP
  listed=$(yes_or_no ends_within 2 ls -l "$mnt/contact")
  read=$(yes_or_no ends_within 2 cat "$mnt/$record.json")
  cell "\`ls -l\` $listed, \`cat\` $read, Ctrl-C $(count_ctrl_c)"
}

try_others_change() {
  local begin broken=''
  ls -l "$mnt/contact" >/dev/null
  cat "$mnt/$record.json" >/dev/null
  sleep 3
  somebody_sets city 'Somewhere-else'
  begin=$SECONDS
  while [ $((SECONDS - begin)) -le 70 ]; do
    if timeout -k 1 5 cat "$mnt/$record.json" >"$work/seen" && ! jq -e . "$work/seen" >/dev/null 2>&1; then
      broken='; half a text was read before'
    elif grep -q Somewhere-else "$work/seen"; then
      cell "$((SECONDS - begin)) s$broken"
      return
    fi
    sleep 1
  done
  cell "not within 70 s$broken"
}
