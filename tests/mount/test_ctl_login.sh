# shellcheck shell=bash disable=SC1003,SC2002,SC2012,SC2016,SC2034,SC2119,SC2120,SC2154,SC2164,SC2317
# clevertimctl login: a token is tried, kept, and shown nowhere.

kept_token() {
  cat "$HOME/.config/clevertimfs/token"
}

test_ctl_login__keeps_a_token_for_its_user_alone() {
  given_server
  assert_contains "$(ctl login "$url/api" <<<"$token")" "$HOME/.config/clevertimfs/token"
  assert_equal "$token" "$(kept_token)"
  assert_equal 600 "$(stat -c %a "$HOME/.config/clevertimfs/token")"
  assert_equal 700 "$(stat -c %a "$HOME/.config/clevertimfs")"
  assert_equal token "$(ls -A "$HOME/.config/clevertimfs")"
  assert_requests GET 1
  assert_requests GET 1 user
  "$build/fs/clevertimfs" -o "state_dir=$state" "$url/api" "$mnt"
  assert_exists "$mnt/contact/4.json"
  umount "$mnt"
}

test_ctl_login__follows_the_configuration_directory() {
  given_server
  (umask 0; XDG_CONFIG_HOME=$work/config ctl login "$url/api" <<<"$token" >/dev/null)
  assert_equal "$token" "$(cat "$work/config/clevertimfs/token")"
  assert_equal '600,700,700' "$(cd "$work/config" && stat -c %a clevertimfs/token clevertimfs . | paste -sd ,)"
}

test_ctl_login__keeps_no_token_that_is_refused() {
  given_server
  ctl login "$url/api" <<<"$token" >/dev/null
  assert_ctl_fails 1 'refused the token' login "$url/api" <<<wrong-secret
  assert_lacks "$(ctl login "$url/api" <<<wrong-secret 2>&1)" wrong-secret
  assert_equal "$token" "$(kept_token)"
  assert_ctl_fails 1 empty login "$url/api" </dev/null
  assert_ctl_fails 1 empty login --no-check "$url/api" <<<''
  assert_ctl_fails 1 "':'" login --no-check "$url/api" <<<'ada:secret'
  assert_equal "$token" "$(kept_token)"
}

test_ctl_login__takes_a_token_out_of_the_blanks_around_it() {
  given_server
  ctl login "$url/api" <<<$' \t'"$token"$' \r' >/dev/null
  assert_equal "$token" "$(kept_token)"
}

test_ctl_login__a_token_that_is_refused_leads_back_here() {
  given_server
  assert_ctl_fails 1 'give it to clevertimctl login' login "$url/api" <<<wrong-secret
}

test_ctl_login__keeps_one_untried() {
  given_server
  ctl login --no-check "$url/api" <<<some-secret >/dev/null
  assert_equal some-secret "$(kept_token)"
  assert_no_requests
}

test_ctl_login__says_what_is_wrong_before_it_asks() {
  assert_ctl_fails 1 https login ftp://127.0.0.1/api <<<"$token"
  assert_ctl_fails 1 allow_http login http://192.0.2.1/api <<<"$token"
  assert_ctl_fails 1 "'ro' is for mounting" login -o timeout=1,ro http://127.0.0.1:1/api <<<"$token"
  assert_ctl_fails 1 "'ttl' is for mounting" login -o ttl=5 http://127.0.0.1:1/api <<<"$token"
  assert_ctl_fails 1 "'colour'" login -o colour=red http://127.0.0.1:1/api <<<"$token"
  assert_ctl_fails 1 'cannot reach' login http://127.0.0.1:1/api <<<"$token"
  assert_absent "$HOME/.config/clevertimfs"
}

test_ctl_login__takes_a_line_and_no_more() {
  local rest
  given_server
  rest=$(printf '%s\nnext\n' "$token" | { ctl login "$url/api" >/dev/null; cat; })
  assert_equal next "$rest"
}

test_ctl_login__shows_the_token_nowhere() {
  local pid
  given_server
  server_fault hang path=/api/user
  ctl login "$url/api" <<<"$token" >"$work/said" 2>&1 &
  pid=$!
  eventually 5 somebody_asks_for_users
  {
    ps axww
    tr '\0' '\n' <"/proc/$pid/environ"
  } >"$work/seen"
  assert_contains "$(cat "$work/seen")" 'clevertimctl login'
  assert_lacks "$(cat "$work/seen")" "$token"
  assert_equal root "$(stat -c %U "/proc/$(pgrep -f 'clevertimctl login')/mem")"
  server_heals
  wait "$pid"
  assert_lacks "$(cat "$work/said")" "$token"
}

somebody_asks_for_users() {
  [ "$(requests GET /api/user)" -gt 0 ]
}

test_ctl_login__on_a_terminal_echoes_nothing() {
  given_server
  in_terminal "$build/fs/ctl/clevertimctl" login "$url/api"
  see 'API token for 127.0.0.1:'
  press "$token" Enter
  terminal_ends
  assert_equal 0 "$(cat "$work/terminal.status")"
  assert_lacks "$(screen)" "$token"
  assert_equal "$token" "$(kept_token)"
}

test_ctl_login__gives_the_echo_back_at_ctrl_c() {
  given_server
  in_terminal bash -c "trap : INT; $build/fs/ctl/clevertimctl login $url/api; echo \"it ended with \$?\"
    stty -a | grep -ow -e '-\?echo' | sed 's/^/now: /'; read -r answer; echo \"got \$answer\"; read -r"
  see 'API token for 127.0.0.1:'
  press half-a-secret C-c
  see 'it ended with 130'
  see 'now: echo'
  press answer Enter
  see 'got answer'
  assert_lacks "$(screen)" half-a-secret
  assert_absent "$HOME/.config/clevertimfs/token"
}

test_ctl_login__asks_again_after_ctrl_z() {
  given_server
  in_terminal bash --norc -i
  press "$build/fs/ctl/clevertimctl login $url/api" Enter
  see 'API token for 127.0.0.1:'
  press C-z
  see Stopped
  press "stty -a | grep -ow -e '-\?echo' | sed 's/^/now: /'" Enter
  see 'now: echo'
  press clear Enter
  sees_no_more 'now: echo'
  press fg Enter
  see 'API token for 127.0.0.1:'
  press "$token" Enter
  see 'The server takes the token'
  assert_lacks "$(screen)" "$token"
  assert_equal "$token" "$(kept_token)"
  press exit Enter
}

# What stands in for the desktop's keyring keeps all that it is told.
given_keyring() {
  mkdir -p "$work/bin"
  cat >"$work/bin/secret-tool" <<EOT
#!/bin/sh
case \$1 in
  store) echo "\$*" >"$work/keyring.arguments"; env >"$work/keyring.environment"; cat >"$work/keyring" ;;
  lookup) echo "\$*" >"$work/lookup.arguments"; cat "$work/keyring" ;;
esac
EOT
  chmod +x "$work/bin/secret-tool"
  export PATH=$work/bin:$PATH
}

test_ctl_login__uses_the_keyring() {
  local said
  given_server
  given_keyring
  said=$(ctl login --keyring "$url/api" <<<"$token")
  assert_equal "$token" "$(cat "$work/keyring")"
  assert_lacks "$(cat "$work/keyring.arguments" "$work/keyring.environment")" "$token"
  assert_absent "$HOME/.config/clevertimfs"
  # What it says works as it stands.
  assert_contains "$said" "  clevertimfs -o 'token_command=secret-tool lookup "
  eval "$(sed -n "s|^  clevertimfs |$build/fs/clevertimfs -o state_dir=$state |; s|MOUNTPOINT\$|$mnt|p" <<<"$said")"
  assert_exists "$mnt/contact/4.json"
  assert_equal "$(sed 's/.*\(service\)/\1/' "$work/keyring.arguments")" \
    "$(sed 's/.*\(service\)/\1/' "$work/lookup.arguments")"
  umount "$mnt"
  assert_contains "$(cat "$here/../../fs/share/man/clevertimfs.1")" \
    "token_command=secret-tool $(sed 's/host .*/host www.clevertim.com/' "$work/lookup.arguments")'"
}

test_ctl_login__without_a_keyring() {
  given_server
  PATH=$work says_that_secret_tool_is_missing
  given_keyring
  printf '#!/bin/sh\nexit 1\n' >"$work/bin/secret-tool"
  assert_ctl_fails 1 'did not keep' login --keyring "$url/api" <<<"$token"
  assert_absent "$HOME/.config/clevertimfs"
}

says_that_secret_tool_is_missing() {
  local said status=0
  said=$(ctl login --keyring "$url/api" <<<"$token" 2>&1) || status=$?
  assert_equal 1 "$status"
  assert_contains "$said" libsecret-tools
}
