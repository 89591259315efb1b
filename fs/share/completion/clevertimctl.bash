# Completion of clevertimctl(1) for bash.

_clevertimctl_offer() {
  local IFS=$'\n'
  mapfile -t -O "${#COMPREPLY[@]}" COMPREPLY < <(compgen "$@")
}

_clevertimctl_paths() {
  compopt -o filenames 2>/dev/null
  _clevertimctl_offer "-$1" -- "$2"
}

# What can be restored, as drafts and trash of the only mount have it.
_clevertimctl_kept() {
  { clevertimctl drafts --json && clevertimctl trash --json; } 2>/dev/null |
    sed -n 's/.*"resource": *"\([^"]*\)".*"name": *"\([^"]*\)".*/\1\/\2/p'
}

_clevertimctl_flags() {
  case $1 in
    drafts | status | trash) printf '%s\n' --json -h --help ;;
    errors) printf '%s\n' --json -n --lines= -h --help ;;
    login) printf '%s\n' --keyring --no-check -o -h --help ;;
    refresh) printf '%s\n' -h --help ;;
    restore) printf '%s\n' --draft --trash -h --help ;;
  esac
}

_clevertimctl_first() {
  case $1 in
    -*) _clevertimctl_offer -W $'-h\n--help\n-V\n--version' -- "$1" ;;
    *) _clevertimctl_offer -W $'status\nerrors\ndrafts\ntrash\nrefresh\nrestore\nlogin\nhelp' -- "$1" ;;
  esac
}

_clevertimctl() {
  local current=${COMP_WORDS[COMP_CWORD]} previous verb=${COMP_WORDS[1]}
  COMPREPLY=()
  if ((COMP_CWORD < 2)); then
    _clevertimctl_first "$current"
    return
  fi
  previous=${COMP_WORDS[COMP_CWORD - 1]}
  case $verb:$previous:$current in
    help:*) _clevertimctl_first "$current" ;;
    errors:-n:* | errors:--lines:* | errors:=:*) ;;
    login:-o:*) _clevertimctl_offer -W $'cacert=\nallow_http\ntimeout=' -- "$current" ;;
    *:*:-*) _clevertimctl_offer -W "$(_clevertimctl_flags "$verb")" -- "$current" ;;
    login:*) ;;
    refresh:*) _clevertimctl_paths f "$current" ;;
    restore:*)
      _clevertimctl_paths f "$current"
      _clevertimctl_offer -W "$(_clevertimctl_kept)" -- "$current"
      ;;
    *) _clevertimctl_paths d "$current" ;;
  esac
}

complete -F _clevertimctl clevertimctl
