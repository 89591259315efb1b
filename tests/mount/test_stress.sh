# shellcheck shell=bash disable=SC1003,SC2002,SC2012,SC2016,SC2034,SC2119,SC2120,SC2154,SC2164,SC2317
# Eight of stress-ng's stressors at once on scratch files, while others save and read records there and
# the server has bad moments. scripts/soak --stress goes on for minutes, with all of them.

test_stress__nothing_sticks_grows_or_is_sent() {
  need stress-ng vim
  python3 -B "$here/stress.py" "$build" "$work" 0.15 || fail "see above"
}
