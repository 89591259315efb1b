# shellcheck shell=bash disable=SC1003,SC2002,SC2012,SC2016,SC2034,SC2119,SC2120,SC2154,SC2164,SC2317
# A model of the contract and a real mount, step by step side by side. A failure tells its seed and a
# short history. MODEL_SEED and MODEL_ROUNDS change what is tried; with MODEL_ROUNDS=5000 the tests
# need `tests/mount/run --limit 3600 test_model`. MODEL_HISTORY=FILE keeps the history of a failure.

# model SEED ROUNDS KEY=VALUE...
model() {
  python3 -B "$here/model.py" "$build" "$work" "seed=${MODEL_SEED:-$1}" "rounds=${MODEL_ROUNDS:-$2}" \
    "${@:3}" || fail "see above"
}

test_model__a_good_day() {
  model 1 400
}

test_model__others_change_what_we_look_at_each_time() {
  model 2 300 ttl=0
}

test_model__a_server_with_faults() {
  model 3 250 trouble=yes
}

test_model__faults_and_partial_answers() {
  model 4 200 trouble=yes ttl=0 server=--partial-put,--partial-post,--etag,--gzip,--ascii
}
