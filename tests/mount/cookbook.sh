# shellcheck shell=bash disable=SC1003,SC2002,SC2012,SC2016,SC2034,SC2119,SC2120,SC2154,SC2164,SC2317
# The kitchen of the cookbook's tests, which source it: a recipe is taken out of the document by its
# heading and run as it stands there, on data that is as bad as what real accounts have.

cookbook=$here/../../fs/share/cookbook.md

headings_of_cookbook() {
  sed -n 's/^### //p' "$cookbook"
}

# The lines of the one block of shell below a heading.
recipe() {
  awk -v heading="### $1" '
    /^```/ { block = inside && /^```sh$/; next }
    block { print; next }
    /^#/ { inside = $0 == heading }' "$cookbook"
}

# serve HEADING: into $work/recipe.
serve() {
  recipe "$1" >"$work/recipe"
  [ -s "$work/recipe" ] || fail "no recipe is called '$1'"
}

# cook HEADING: runs it in the mount, as bash would in a script that stops at the first failure.
# $output is what it printed.
cook() {
  local status=0
  serve "$1"
  output=$(bash -euo pipefail "$work/recipe" 2>"$work/said") || status=$?
  said=$(cat "$work/said")
  [ "$status" -eq 0 ] || fail "'$1' ended with status $status, and said '$said'"
}

# A kitchen: the mount is where the recipes say.
given_kitchen() {
  given_mount "$@"
  ln -s "$mnt" "$HOME/crm"
}

# list_of contact: as the server gives it.
list_of() {
  curl -sS -u "$token:X" "$url/api/$1" | jq -c .content
}

# server_set_all contact KEY VALUE: somebody else changes that property of all.
server_set_all() {
  list_of "$1" | jq -c --arg key "$2" --argjson value "$3" '.[] | .[$key] = $value' |
    control --data-binary @- "$url/_sandbox/record/$1" >/dev/null
}

# lines TEXT...: a line each, with \t for a tab.
lines() {
  printf '%b\n' "$@"
}

# day_as_json '3 days': that day from today, as a task has it; with MEMBERS, only the first of them.
day_as_json() {
  date -d "$1 12:00" +'{"y":%-Y,"mo":%-m,"d":%-d}' | cut -d , -f "1-${2:-3}" | sed 's/}*$/}/'
}

# new_ids contact: of the records that the server did not have when it was seeded, see seeded.
new_ids() {
  server_ids "$1" | grep -vxF "${seeded_ids[$1]}" || true
}

# No resource was asked for more than once.
assert_reads_each_once() {
  assert_equal 1 "$(control "$url/_sandbox/count" | jq '[.by_path | to_entries[] | select(.key | startswith("GET")).value] | max')" \
    "the most GETs of one resource"
}

declare -A seeded_ids
remember_ids() {
  local kind
  for kind in "$@"; do
    seeded_ids[$kind]=$(server_ids "$kind")
  done
  forget_requests
}
