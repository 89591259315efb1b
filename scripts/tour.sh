# shellcheck shell=bash disable=SC2154
# The tour of scripts/demo, which sources it: commands as one would type them, what they print, and the
# requests that they cost. Each step is checked, the last word being the server's.

seen=0    # lines of the request log that were shown
output='' # of the last command

# The lines of the request log since the last step, as "PUT /api/contact/4 {"city":"Bonn"}".
new_requests() {
  tail -n "+$((seen + 1))" "$dir/requests" |
    jq -r '"\(.method) \(.path) \(.body | if . == "" then . else fromjson | tojson end)"' |
    sed 's/ $//'
}

# In the background, as only wait lets a signal in.
run_command() {
  local status=0
  timeout 60 bash -c "$1" >"$dir/output" 2>&1 &
  command_pid=$!
  wait "$command_pid" || status=$?
  command_pid=''
  output=$(cat "$dir/output")
  return "$status"
}

# step COMMAND REQUEST...: shows the command, what it prints, and the requests, which must be these.
step() {
  local command=$1 status=0 requests expected=''
  shift
  printf '\n$ %s\n' "$command"
  run_command "$command" || status=$?
  [ -z "$output" ] || printf '%s\n' "$output"
  requests=$(new_requests)
  seen=$(wc -l <"$dir/requests")
  [ -z "$requests" ] || printf '    → %s\n' "${requests//$'\n'/$'\n    → '}"
  [ "$status" -eq 0 ] || fail "\"$command\" failed with status $status"
  [ "$#" -eq 0 ] || expected=$(printf '%s\n' "$@")
  [ "$requests" = "$expected" ] ||
    fail "\"$command\" should have made these requests: ${expected:-none}"
}

# check WHAT EXPECTED ACTUAL
check() {
  [ "$2" = "$3" ] || fail "$1: this was expected: $2; and this found: $3"
  printf '    ok: %s\n' "$1"
}

# Past the mount: the record, the whole list, and a record's status.
on_server() { curl -sS --max-time 20 "$url/_sandbox/record/contact/$1"; }

list_on_server() {
  curl -sS --max-time 20 -u sandbox-token:X "$url/api/contact"
}

status_on_server() {
  curl -sS --max-time 20 -o "$dir/output" -w '%{http_code}' "$url/_sandbox/record/contact/$1"
}

tour_reading() {
  local list
  list=$(list_on_server)
  seen=$(wc -l <"$dir/requests")

  step 'ls crm | head -n 4'
  check 'looking around costs no request' $'by-name\ncase\ncomment\ncompany' "$output"

  step 'cat crm/contact/4.json | head -n 5' \
    'GET /api/contact/4'
  check 'one record, one request' "$(on_server 4 | jq -cS .)" "$(jq -cS . crm/contact/4.json)"

  step 'grep -rl Zoë crm/contact | sort -V | head -n 4' \
    'GET /api/contact'
  check 'one request for 1000 contacts' \
    "$(jq -r '.content[] | select(tojson | contains("Zoë")) | "crm/contact/\(.id).json"' <<<"$list" |
      sort -V | head -n 4)" "$output"

  step "jq -r 'select(.city == \"Köln\") | .email[0]' crm/contact/*.json | head -n 3"
  check 'all of them again, and no request' \
    "$(jq -r '.content[] | select(.city == "Köln") | "\(.id).json \(.email[0])"' <<<"$list" |
      sort -k 1,1 | cut -d ' ' -f 2- | head -n 3)" "$output"
}

tour_saving() {
  local before after
  before=$(on_server 4)
  step "sed -i 's/\"city\": \"Köln\"/\"city\": \"Bonn\"/' crm/contact/4.json" \
    'GET /api/contact/4' \
    'PUT /api/contact/4 {"city":"Bonn"}'
  after=$(on_server 4)
  check 'the server has the new city' Bonn "$(jq -r .city <<<"$after")"
  check 'and every other property as before' \
    "$(jq -c 'del(.city, .lm)' <<<"$before")" "$(jq -c 'del(.city, .lm)' <<<"$after")"

  step "echo '{\"id\": 5}' > crm/contact/4.json || tail -n 1 crm/.clevertimfs/errors"
  check 'a wrong save is refused here, and changes nothing' "$after" "$(on_server 4)"
}

tour_creating_and_deleting() {
  local id
  step "echo '{\"fn\": \"Ada\", \"ln\": \"Lovelace\"}' > crm/contact/ada.json" \
    'POST /api/contact {"fn":"Ada","ln":"Lovelace"}'
  step 'cat crm/contact/ada.json'
  id=$(jq -r .id <<<"$output")
  check 'the server has her' 'Ada Lovelace' "$(on_server "$id" | jq -r '"\(.fn) \(.ln)"')"

  step 'rm crm/contact/ada.json' \
    "DELETE /api/contact/$id"
  check 'the server has her no more' 404 "$(status_on_server "$id")"
  step 'ls crm/.clevertimfs/trash/contact'
  check 'her last text is kept' "$id.json" "$output"
}

tour() {
  export LC_ALL=C.UTF-8
  cd "$dir" || exit
  printf '\nEach line after an arrow is a request that the server got.\n'
  tour_reading
  tour_saving
  tour_creating_and_deleting
  printf '\nAll was as it should be.\n'
}
