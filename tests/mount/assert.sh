# shellcheck shell=bash disable=SC1003,SC2002,SC2012,SC2016,SC2034,SC2119,SC2120,SC2154,SC2164,SC2317
# What a mount test can claim. A claim that does not hold says so with the test's file and line.

# The line of the test that is being run.
where() {
  local i file dance=''
  for ((i = 1; i < ${#BASH_SOURCE[@]}; i++)); do
    file=tests/mount/${BASH_SOURCE[i]##*/}
    case ${file##*/} in
      test_*.sh)
        echo "$file:${BASH_LINENO[i - 1]}"
        return
        ;;
      dance.sh) dance=${dance:-$file:${BASH_LINENO[i - 1]}} ;;
    esac
  done
  echo "$dance"
}

fail() {
  echo "$(where): $*"
  reported=yes
  exit 1
}

# So many times longer may everything take, where the programs are built to watch themselves.
slowness=${MOUNT_TESTS_SLOWNESS:-1}

# eventually SECONDS COMMAND...: waits until it succeeds.
eventually() {
  local end=$((${EPOCHREALTIME/./} + $1 * slowness * 1000000))
  shift
  until "$@" >/dev/null 2>&1; do
    [ "${EPOCHREALTIME/./}" -lt "$end" ] || fail "this never came true: $*"
    sleep 0.02
  done
}

# within SECONDS COMMAND...: it must succeed in that time.
within() {
  local begin=${EPOCHREALTIME/./} took
  "${@:2}" || fail "status $?: ${*:2}"
  took=$((${EPOCHREALTIME/./} - begin))
  [ "$took" -lt $(($1 * slowness * 1000000)) ] || fail "$((took / 1000)) ms for: ${*:2}"
}

# ---- values ----

# assert_equal EXPECTED ACTUAL [WHAT]
assert_equal() {
  [ "$1" = "$2" ] && return
  if [[ $1$2 == *$'\n'* ]]; then
    fail "${3:-it} differs
$(diff <(echo "$1") <(echo "$2") || true)"
  fi
  fail "${3:-it} differs
  expected: $1
  got:      $2"
}

assert_contains() {
  [[ $1 == *"$2"* ]] || fail "no '$2' in '$1'"
}

assert_lacks() {
  [[ $1 != *"$2"* ]] || fail "'$2' in '$1'"
}

# assert_matches PATTERN TEXT: some line does.
assert_matches() {
  grep -qE -- "$1" <<<"$2" || fail "no line like '$1' in
$2"
}

assert_exists() {
  [ -e "$1" ] || fail "there is no $1"
}

assert_absent() {
  [ ! -e "$1" ] || fail "$1 is there"
}

assert_lines() {
  assert_equal "$1" "$(printf '%s' "$2" | grep -c '')" "the number of lines in '$2'"
}

# ---- failing ----

declare -A text_of_errno=(
  [EACCES]='Permission denied' [EAGAIN]='Resource temporarily unavailable'
  [EBUSY]='Device or resource busy' [EFBIG]='File too large' [EHOSTUNREACH]='No route to host'
  [EINVAL]='Invalid argument' [EIO]='Input/output error' [ENOENT]='No such file or directory'
  [ENOSPC]='No space left on device' [EOPNOTSUPP]='Operation not supported'
  [EPERM]='Operation not permitted' [EPROTO]='Protocol error' [EROFS]='Read-only file system'
  [ETIMEDOUT]='Connection timed out'
)

# assert_errno EINVAL COMMAND...: it fails, and says this.
assert_errno() {
  local said
  if said=$("${@:2}" 2>&1 >/dev/null); then
    fail "no $1, it went well: ${*:2}"
  fi
  assert_contains "$said" "${text_of_errno[$1]}"
}

assert_fails() {
  ! "$@" >/dev/null 2>&1 || fail "it went well: $*"
}

# COMMAND... | assert_silent
assert_silent() {
  local said
  said=$(cat)
  assert_equal '' "$said" "what it says"
}

# assert_refuses_to_mount WORDS ARGUMENT...: one line that has the words, status 1, nothing mounted.
assert_refuses_to_mount() {
  local said status=0
  said=$(timeout $((15 * slowness)) env CLEVERTIM_TOKEN="${try_token-$token}" "$build/fs/clevertimfs" \
    -o "state_dir=$state" "${@:2}" 2>&1) || status=$?
  assert_equal 1 "$status" "the exit status (it said '$said')"
  assert_lines 1 "$said"
  assert_contains "$said" "$1"
  assert_lacks "$said" "${try_token-$token}"
  ! mountpoint -q "$mnt" || fail "it is mounted"
}

# assert_ctl_fails STATUS WORDS ARGUMENT...: one plain line on standard error that has the words.
assert_ctl_fails() {
  local said status=0
  said=$(ctl "${@:3}" 2>&1 >/dev/null) || status=$?
  assert_equal "$1" "$status" "the exit status (it said '$said')"
  assert_lines 1 "$said"
  assert_contains "$said" "clevertimctl: "
  assert_contains "$said" "$2"
}

# ---- requests ----

# assert_requests METHOD COUNT [PATH]
assert_requests() {
  local count
  count=$(requests "$1" ${3+"/api/$3"})
  assert_equal "$2" "$count" "the number of ${1}s${3+ of $3}"
}

assert_no_requests() {
  local method
  for method in GET PUT POST DELETE; do
    assert_requests "$method" 0
  done
}

assert_no_writes() {
  assert_requests PUT 0
  assert_requests POST 0
  assert_no_delete
}

assert_no_delete() {
  assert_requests DELETE 0
}

# The server writes its log once it has answered; we may be faster.
body_of_last() {
  local path=/api/$2
  last_body() {
    body=$(control "$url/_sandbox/log" | jq -r --arg m "$1" --arg p "$path" -s \
      'map(select(.method == $m and .path == $p)) | last | .body // empty')
    [ -n "$body" ]
  }
  eventually 3 last_body "$1"
}

# assert_put_body contact/4 JSON: what the last PUT sent, digit for digit.
assert_put_body() {
  local body
  body_of_last PUT "$1"
  assert_equal "$(as_compact <<<"$2")" "$(as_compact <<<"$body")" "the PUT's body"
}

assert_post_body() {
  local body
  body_of_last POST "$1"
  assert_equal "$(as_compact <<<"$2")" "$(as_compact <<<"$body")" "the POST's body"
}

as_compact() {
  python3 "$here/json_text.py" compact
}

# assert_only_asks_for PATH...: no request was about anything else.
assert_only_asks_for() {
  local asked path
  asked=$(control "$url/_sandbox/count" | jq -r '.by_path | keys[] | sub("^[A-Z]+ /api/"; "")')
  for path in $asked; do
    [[ " $* " == *" $path "* ]] || fail "a request about $path"
  done
}

# ---- files and records ----

# assert_file_equals_server contact/4 [FILE]: in text and in size.
assert_file_equals_server() {
  local file=${2:-$1.json}
  assert_equal "$(server_record "$1" | as_file; echo .)" "$(cat "$file"; echo .)" "the text of $file"
  assert_size_agrees "$file"
}

assert_size_agrees() {
  assert_equal "$(wc -c <"$1" | cat)" "$(stat -c %s "$1")" "the size of $1"
  assert_equal "$(cat "$1" | wc -c)" "$(stat -c %s "$1")" "the size of $1"
}

# assert_server_has contact/4 KEY JSON
assert_server_has() {
  assert_equal "$3" "$(server_get "$1" "$2")" "$2 of $1 on the server"
}

# assert_lists contact: its records, all of them and nothing else that ends in .json.
assert_lists_what_the_server_has() {
  assert_equal "$(server_ids "$1" | sed 's/$/.json/' | sort)" \
    "$(find "$1" -maxdepth 1 -name '[0-9]*.json' -printf '%f\n' | sort)" "the listing of $1"
}

# ---- drafts and errors ----

# assert_draft contact/4.json WORDS: kept, and it has them.
assert_draft() {
  [ -e ".clevertimfs/drafts/$1" ] || fail "no draft of $1"
  assert_contains "$(cat ".clevertimfs/drafts/$1")" "$2"
  [ -s ".clevertimfs/drafts/$1.error" ] || fail "no reason for the draft of $1"
}

assert_no_drafts() {
  assert_equal '' "$(find .clevertimfs/drafts -type f)" "the list of drafts"
}

# assert_last_error WORD...: the last line of errors has each.
assert_last_error() {
  local word line
  line=$(last_error)
  for word in "$@"; do
    assert_contains "$line" "$word"
  done
}

assert_no_errors() {
  assert_equal '' "$(cat .clevertimfs/errors)" ".clevertimfs/errors"
}
