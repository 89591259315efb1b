# shellcheck shell=bash disable=SC1003,SC2002,SC2012,SC2016,SC2034,SC2119,SC2120,SC2154,SC2164,SC2317
# A terminal for the programs that want one: tmux, which also knows what stands on the screen.

terminal() {
  tmux -S "$work/tmux" -f /dev/null "$@"
}

# in_terminal COMMAND...: starts it; its end leaves the exit status in $work/terminal.status. A Ctrl-C
# that is pressed just after the program has ended must not end the shell that says so.
in_terminal() {
  need tmux
  rm -f "$work/terminal.status"
  terminal new-session -d -x 160 -y 70 -c "$PWD" \
    "trap : INT; $(printf '%q ' "$@"); echo \$? >$(printf '%q' "$work/terminal.status")"
}

# on_a_terminal COMMAND...: what it prints there; its exit status.
on_a_terminal() {
  need script
  script -qec "$(printf '%q ' "$@")" /dev/null </dev/null | tr -d '\r'
}

screen() {
  terminal capture-pane -p
}

screen_has() {
  screen | grep -qF -- "$1"
}

# see TEXT: waits until it stands on the screen.
see() {
  eventually_on_screen "$1" || fail "'$1' never stood on the screen:
$(screen)"
}

eventually_on_screen() {
  local i
  for ((i = 0; i < 250 * slowness; i++)); do
    if screen_has "$1"; then
      return 0
    fi
    sleep 0.04
  done
  return 1
}

sees_no_more() {
  eventually 5 screen_lacks "$1"
}

screen_lacks() {
  ! screen_has "$1"
}

# press KEY...: as tmux names them; a text that is no name is typed.
press() {
  terminal send-keys "$@"
}

# Waits until the program has ended.
terminal_ends() {
  local i
  for ((i = 0; i < 250 * slowness; i++)); do
    [ -s "$work/terminal.status" ] && return 0
    sleep 0.04
  done
  fail "the program did not end:
$(screen)"
}
