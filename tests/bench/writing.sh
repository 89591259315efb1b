# shellcheck shell=bash
# What saving, creating and catching up with others cost.

changed=10
far_ms=20 # how long an answer of a server takes that is not on this machine

# ---- one save ----

# get_and_put ID CITY: on a connection that is there already, what a save asks for: GET, then PUT.
get_and_put() {
  curl_seconds -o /dev/null "$url/api/contact/4" \
    --next -sS -u "$token:X" -w '%{time_total}\n' -o /dev/null "$url/api/contact/$1" \
    --next -sS -u "$token:X" -w '%{time_total}\n' -o /dev/null -X PUT \
    -H 'Content-Type: application/json' -d "{\"city\":\"$2\"}" "$url/api/contact/$1"
}

save_text() {
  printf '%s\n' "$2" >"$1" || fail "$1 could not be saved"
}

# one_save NAME WORK DELAY
one_save() {
  local round text id=4 other=5
  mount_crm
  mount_sink
  delay_server "$3"
  read_one "$crm/contact/$id.json"
  printf -v text '%s\n' "${MAPFILE[@]}"
  text=${text%$'\n'}
  save_text "$sink/$id.json" "$text"
  forget_requests
  for round in $(seq "$many_rounds"); do
    [[ $text =~ \"city\":\ \"([^\"]*)\" ]] || fail "contact $id has no city"
    text=${text/"${BASH_REMATCH[0]}"/"\"city\": \"$1 $round\""}
    took "save $1" save_text "$crm/contact/$id.json" "$text"
    took "sink $1" save_text "$sink/$id.json" "$text"
    note "curl $1" "$(get_and_put "$other" "$1 $round" | after_the_first)"
  done
  # curl makes a connection by a GET more.
  [ "$(requests PUT) $(requests GET)" = "$((2 * many_rounds)) $((3 * many_rounds))" ] ||
    fail 'a save is to be one GET and one PUT'
  delay_server 0
  unmount_crm
  unmount_sink
  combine "curl, sink $1" "curl $1" + "sink $1"
  row_of "$2" "save $1" '`curl`: GET, PUT, connected before' "curl $1" 1.3
  row_of "$2" "save $1" '`curl`, and a save to the sink' "curl, sink $1" 1.3
}

# ---- many creates ----

creates=1000 at_once=8

make_new_texts() {
  local i
  mkdir -p "$plain/new"
  for i in $(seq "$creates"); do
    printf '{"fn": "New", "ln": "Person %d", "city": "Rome"}\n' "$i" >"$plain/new/new-$i.json"
    [ "$i" -eq 1 ] || echo next
    printf '%s\n' silent show-error fail-with-body
    printf '%s = "%s"\n' url "$url/api/contact" user "$token:X" output /dev/null \
      header 'Content-Type: application/json' data "@$plain/new/new-$i.json"
  done >"$plain/posts"
}

# create_by_cp DIRECTORY
create_by_cp() {
  printf '%s\0' "$plain"/new/*.json |
    xargs -0 -P"$at_once" -n$((creates / at_once)) cp -t "$1" ||
    fail 'some records were not created'
}

create_by_curl() {
  curl --parallel --parallel-max "$at_once" -K "$plain/posts" 2>"$plain/curl.err" ||
    fail "$(cat "$plain/curl.err")"
}

expect_posts() {
  [ "$(requests POST)" -eq "$creates" ] || fail "the server got $(requests POST) POSTs, not $creates"
}

# What was created would make the collection grow: each round has a server of its own. Before the
# first POST a mount lists the collection, unless it has just been: that is not a part of creating.
# many_creates NAME WORK DELAY
many_creates() {
  local round
  for round in $(seq "$rounds"); do
    start_server "$records"
    make_new_texts
    mount_crm
    ls -f "$crm/contact" >/dev/null
    delay_server "$3"
    forget_requests
    took "creates $1" create_by_cp "$crm/contact"
    expect_posts
    delay_server 0
    unmount_crm
    delay_server "$3"
    forget_requests
    took "posts $1" create_by_curl
    expect_posts
    mount_sink
    took "sunk $1" create_by_cp "$sink"
    unmount_sink
  done
  start_server "$records"
  combine "posts, sunk $1" "posts $1" + "sunk $1"
  row_of "$2" "creates $1" "\`curl --parallel --parallel-max $at_once\`" "posts $1" 1.3
  row_of "$2" "creates $1" '`curl`, and the same `cp` into the sink' "posts, sunk $1" 1.3
}

# ---- catching up ----

# somebody_changes CITY: some records, behind the mount's back.
somebody_changes() {
  local id
  for id in "${ids[@]:0:changed}"; do
    crm_curl -o /dev/null -X PUT -H 'Content-Type: application/json' -d "{\"city\":\"$1\"}" \
      "$url/api/contact/$id"
  done
}

open_directory() {
  exec 3<"$crm/contact"
  exec 3<&-
}

# Until a changed record shows its new text.
catch_up() {
  until [[ ${MAPFILE[*]} == *"$1"* ]]; do
    open_directory
    mapfile -t <"$crm/contact/${ids[0]}.json"
  done
}

# Long enough to change the records in.
set_ttl() {
  ttl=$((3 + records / 100000))
}

refresh() {
  local round ttl
  set_ttl
  mount_crm "ttl=$ttl"
  grep_all "$crm/contact"
  for round in $(seq "$rounds"); do
    somebody_changes "New city $round"
    sleep "$ttl.1"
    MAPFILE=()
    took refresh catch_up "New city $round"
    took 'curl again' fetch_collection
  done
  unmount_crm
  row_of "refresh, $changed changed" refresh '`curl` of the collection' 'curl again' 1.5
}

writing() {
  one_save near 'one save: compare, PUT' 0
  one_save far "one save, with a server $far_ms ms away" "$far_ms"
  many_creates near "$creates creates in a listed directory: \`xargs -P$at_once cp\`" 0
  many_creates far "$creates creates in it, with a server $far_ms ms away" "$far_ms"
  refresh
}
