# shellcheck shell=bash
# What reading costs. Each row alternates: the mount, what it is compared to, the mount, ...

word=thiswordoccursnowhere
best=(--store --poll 50) # the floor's fastest way

# ---- what is timed ----

list_names() {
  [ "$(ls -f "$1" | wc -l)" -ge "$records" ] || fail "$1 lists too few names"
}

grep_all() {
  ! grep -r "$word" "$1" || fail 'the word was not to occur'
}

list_long() {
  ls -l "$1" >/dev/null
}

find_size() {
  find "$1" -type f -size +1000k
}

cat_all() {
  (cd "$1" && printf '%s\0' * | xargs -0 cat)
}

mount_and() {
  mount_crm
  "$@"
}

fetch_collection() {
  crm_curl -o "$plain/answer.json" "$url/api/contact"
}

# The records as files on a local disk, in memory: what the floors serve.
make_plain_files() {
  rm -rf "$plain/contact"
  mount_crm
  cp -r "$crm/contact" "$plain/contact"
  unmount_crm
  fetch_collection
  mapfile -t ids < <(cd "$plain/contact" && printf '%s\n' *.json | sort -g | head -n 500 | cut -d . -f 1)
}

# ---- rows ----

cold_listing() {
  local round what
  for round in $(seq "$rounds"); do
    took 'cold ls' mount_and list_names "$crm/contact"
    unmount_crm
    took 'curl' fetch_collection
    took 'start' mount_and stat "$crm"
    unmount_crm
    mount_floor
    took 'floor ls' list_names "$floor"
    unmount_floor
  done
  combine 'ls alone' 'cold ls' - 'start'
  combine 'both' 'curl' + 'floor ls'
  what="cold: mount, \`ls -f\`, less the mount's own start ($(as_time "$(median_of start)"))"
  row_of "$what" 'ls alone' '`curl` of the collection' 'curl' 1.3
  row_of "$what" 'ls alone' '`curl`, and the floor' 'both' 1.3
}

# first_name DIRECTORY: until somebody who lists it has a name to work with. The listing goes on, to
# be read from descriptor 3.
first_name() {
  local name=''
  exec 3< <(exec stdbuf -oL ls -f "$1")
  until [[ $name == *.json ]]; do
    read -r name <&3 || fail "$1 lists no name"
  done
}

# To its end, so that nobody has the directory open who would be in the way of unmounting.
rest_of_names() {
  [ "$(wc -l <&3)" -ge $((records - 1)) ] || fail 'the listing ends too early'
  exec 3<&-
  wait $! || fail 'the listing failed'
}

cold_first_name() {
  local round
  for round in $(seq "$rounds"); do
    mount_crm
    took 'first name' first_name "$crm/contact"
    rest_of_names
    unmount_crm
    took 'curl, to the end' fetch_collection
  done
  row_of 'cold: the first name of `ls -f`, mounted before' 'first name' \
    '`curl` of the collection, to its end' 'curl, to the end' 1
}

# cold_grep NAME WHAT [FLOOR-OPTION...]
cold_grep() {
  local name=$1 what=$2 round
  shift 2
  for round in $(seq "$rounds"); do
    took "crm, $name" mount_and grep_all "$crm/contact"
    unmount_crm
    took "curl, $name" fetch_collection
    mount_floor "$@"
    took "floor, $name" grep_all "$floor"
    unmount_floor
  done
  combine "both, $name" "curl, $name" + "floor, $name"
  row_of 'cold: mount, `grep -r`' "crm, $name" "\`curl\`, and $what" "both, $name" 1.15
}

# warm NAME WORK FUNCTION WHAT OTHER-DIRECTORY BAR [ROUNDS]: both have been listed or read before.
warm() {
  local round
  for round in $(seq "${7-$rounds}"); do
    took "$1 crm" "$3" "$crm/contact"
    took "$1 other" "$3" "$5"
  done
  row_of "warm: $2" "$1 crm" "$4" "$1 other" "$6"
}

read_twice() {
  grep_all "$1"
  grep_all "$1"
}

empty_bytes=0 # of memory, by a mount that has read nothing

warm_lists() {
  list_long "$floor"
  warm ls '`ls -l`' list_long 'the floor' "$floor" 1.1 $((2 * rounds))
  warm find '`find -size`' find_size 'the floor' "$floor" 1.1 $((2 * rounds))
}

warm_texts() {
  read_twice "$floor"
  warm grep '`grep -r`' grep_all 'the floor' "$floor" 1.1
  warm cat '`cat *`' cat_all 'the floor' "$floor" 1.1
}

rss_bytes() {
  awk '/^VmRSS:/ { printf "%d", $2 * 1024 }' "/proc/$(pid_of clevertimfs)/status"
}

warm_reads() {
  mount_crm
  empty_bytes=$(rss_bytes)
  forget_requests
  read_twice "$crm/contact"
  mount_floor
  warm_lists
  is_huge || warm_texts
  unmount_floor
  mount_floor "${best[@]}"
  read_twice "$floor"
  warm grep-best '`grep -r`' grep_all 'the fastest floor' "$floor" 1.1
  warm cat-best '`cat *`' cat_all 'the fastest floor' "$floor" 1.1
  unmount_floor
}

# Of the mount that warm_reads leaves: all was read, and nobody is asking.
standing_costs() {
  local pid full_bytes grown_bytes answer_bytes before idle_ns
  pid=$(pid_of clevertimfs)
  full_bytes=$(rss_bytes)
  grown_bytes=$((full_bytes - empty_bytes))
  answer_bytes=$(stat -c %s "$plain/answer.json")
  note memory "$grown_bytes"
  row 'requests to the server for all of that' "$(requests GET)" 'one collection' 1 "$(requests GET)" 1
  row 'memory (RSS) after all was read' "$(as_mb "$full_bytes")" 'bytes of the answer' \
    "$(as_mb "$answer_bytes")" "$(awk "BEGIN { print $full_bytes / $answer_bytes }")" 1.35
  row "the same, less what a mount takes that has read nothing ($(as_mb "$empty_bytes"))" \
    "$(as_mb "$grown_bytes")" 'bytes of the answer' "$(as_mb "$answer_bytes")" \
    "$(awk "BEGIN { print $grown_bytes / $answer_bytes }")" 1.35
  sleep 1
  before=$(cpu_ns "$pid")
  sleep 5
  idle_ns=$(($(cpu_ns "$pid") - before))
  row 'processor time of an idle mount, 5 s' "$(awk "BEGIN { print $idle_ns / 1e6 }") ms" '' '' \
    "$(awk "BEGIN { print $idle_ns / 1e6 }")" 0 ' ms'
  unmount_crm
}

as_mb() {
  awk -v bytes="$1" 'BEGIN { printf "%.1f MB", bytes / 1e6 }'
}

# Of all threads, from the scheduler's own account where there is one, else in ticks.
cpu_ns() {
  if [ -e "/proc/$1/schedstat" ]; then
    cat "/proc/$1"/task/*/schedstat | awk '{ ns += $1 } END { printf "%d", ns }'
  else
    awk -v hz="$(getconf CLK_TCK)" '{ printf "%d", ($14 + $15) * 1e9 / hz }' "/proc/$1/stat"
  fi
}

warm_read_only() {
  mount_crm ro
  read_twice "$crm/contact"
  read_twice "$plain/contact"
  warm read-only '`grep -r`, `-o ro`' grep_all 'the same files on tmpfs' "$plain/contact" 1.5
  unmount_crm
}

# The shell reads it itself, as curl's own start does not count either.
read_one() {
  mapfile -t <"$1"
  [ "${#MAPFILE[@]}" -gt 2 ] || fail "$1 is empty"
}

# curl_seconds ARGUMENT...: of several requests on one connection, a time for each.
curl_seconds() {
  crm_curl -w '%{time_total}\n' "$@"
}

# Microseconds of all requests but the first, which has to connect.
after_the_first() {
  awk 'NR > 1 { sum += $1 } END { printf "%d", sum * 1e6 }'
}

cold_record() {
  local round id
  for round in $(seq "$many_rounds"); do
    id=${ids[round]}
    mount_crm
    took 'cold record' read_one "$crm/contact/$id.json"
    unmount_crm
    note 'curl record' "$(curl_seconds -o /dev/null "$url/api/contact/4" --next \
      -sS -u "$token:X" -w '%{time_total}\n' -o /dev/null "$url/api/contact/$id" | after_the_first)"
  done
  # shellcheck disable=SC2016  # for awk
  row 'cold: read one record' "$(as_time "$(median_of 'cold record')")" \
    '`curl` of it, connected before' "$(as_time "$(median_of 'curl record')")" \
    "$(per_round 'cold record' 'curl record' '($1 - $2) / 1000')" 3 ' ms more'
}

reading() {
  start_server "$records"
  make_plain_files
  cold_listing
  [ "$records" -le "$streamed_above" ] || cold_first_name
  is_huge || cold_grep plain 'the floor'
  cold_grep fastest 'the fastest floor' "${best[@]}"
  warm_reads
  standing_costs
  warm_read_only
  cold_record
}
