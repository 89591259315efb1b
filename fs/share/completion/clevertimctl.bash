# Completion of clevertimctl(1) for bash.

# _clevertimctl_offer TYPED: of the lines that it reads, those that begin so. They may come from the
# server: no shell must ever expand them, as compgen -W would.
_clevertimctl_offer() {
  local line
  while IFS= read -r line; do
    [[ $line != "$1"* ]] || COMPREPLY+=("$line")
  done
}

_clevertimctl_words() {
  _clevertimctl_offer "$1" < <(printf '%s\n' "${@:2}")
}

_clevertimctl_paths() {
  local path=$2
  [[ ${path:0:2} != \~/ ]] || path=$HOME/${path:2}
  _clevertimctl_offer "$path" < <(compgen "-$1" -- "$path")
}

# Writes the offers as a shell takes them, behind this quote if one is open. What bash would make of
# them is not safe for all names.
_clevertimctl_quote() {
  local quote=$1 offer offers=("${COMPREPLY[@]}")
  COMPREPLY=()
  compopt -o filenames -o noquote 2>/dev/null
  for offer in "${offers[@]}"; do
    [[ ! -d $offer ]] || offer=${offer%/}/
    if [[ -z $quote ]]; then
      printf -v offer %q "$offer"
    elif [[ $offer == *[\'\"\\\$\`!]* ]]; then
      continue
    fi
    COMPREPLY+=("$offer")
  done
  [[ ${#COMPREPLY[@]} -ne 1 || ${COMPREPLY[0]} != */ ]] || compopt -o nospace 2>/dev/null
}

# What can be restored, as drafts and trash of the only mount have it; not what JSON has to escape.
_clevertimctl_kept() {
  { clevertimctl drafts --json && clevertimctl trash --json; } 2>/dev/null |
    sed -n 's/.*"resource": *"\([^"\\]*\)".*"name": *"\([^"\\]*\)".*/\1\/\2/p'
}

_clevertimctl_flags() {
  case $2 in
    drafts | status | trash) _clevertimctl_words "$1" --json -h --help ;;
    errors) _clevertimctl_words "$1" --json -n --lines= -h --help ;;
    login) _clevertimctl_words "$1" --keyring --no-check -o -h --help ;;
    refresh) _clevertimctl_words "$1" -h --help ;;
    restore) _clevertimctl_words "$1" --again --draft --trash -h --help ;;
  esac
}

_clevertimctl_first() {
  case $1 in
    -*) _clevertimctl_words "$1" -h --help -V --version ;;
    *) _clevertimctl_words "$1" status errors drafts trash refresh restore login help ;;
  esac
}

# _clevertimctl_argument VERB PREVIOUS TYPED
_clevertimctl_argument() {
  case $1:$2:$3 in
    help:*) _clevertimctl_first "$3" ;;
    errors:-n:* | errors:--lines:* | errors:=:*) ;;
    login:-o:*) _clevertimctl_words "$3" cacert= allow_http timeout= ;;
    *:*:-*) _clevertimctl_flags "$3" "$1" ;;
    login:*) ;;
    refresh:*) _clevertimctl_paths f "$3" ;;
    restore:*)
      _clevertimctl_paths f "$3"
      _clevertimctl_offer "$3" < <(_clevertimctl_kept)
      ;;
    *) _clevertimctl_paths d "$3" ;;
  esac
}

_clevertimctl() {
  local line=${COMP_LINE:0:COMP_POINT} word typed quote='' breaks
  # Not what bash takes for a word: it divides at : and =, too. An open quote has the rest.
  local last_word='[[:space:]](("[^"]*)|('\''[^'\'']*)|([^[:space:]\"'\'']|\\.)*\\?)$'
  COMPREPLY=()
  [[ $line =~ $last_word ]] || return
  word=${BASH_REMATCH[1]}
  [[ $word != [\"\']* ]] || quote=${word:0:1}
  typed=${word#"$quote"}
  typed=${typed//\\/}
  if ((COMP_CWORD < 2)); then
    _clevertimctl_first "$typed"
  else
    _clevertimctl_argument "${COMP_WORDS[1]}" "${COMP_WORDS[COMP_CWORD - 1]}" "$typed"
  fi
  _clevertimctl_quote "$quote"

  # bash puts each offer in the place of what stands behind the last of them.
  breaks=${COMP_WORDBREAKS//[[:space:]\"\']/}
  if [[ -n $breaks && -z $quote && $word =~ ^(([^\\]|\\.)*["$breaks"]) ]]; then
    printf -v typed %q "${BASH_REMATCH[1]//\\/}"
    COMPREPLY=("${COMPREPLY[@]#"$typed"}")
  fi
}

complete -F _clevertimctl clevertimctl
