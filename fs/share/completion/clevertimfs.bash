# Completion of clevertimfs(1) for bash.

_clevertimfs_options='ro ttl= timeout= token_file= token_command= cacert= allow_http state_dir= state_max=
  delete_limit= conflicts= resources= nocheck uid= gid= umask= allow_other allow_root auto_unmount
  default_permissions fsname= noatime noexec subtype= sync'

# _clevertimfs_offer PREFIX COMPGEN-ARGUMENT...: what compgen has, behind PREFIX.
_clevertimfs_offer() {
  local prefix=$1 offer
  while IFS= read -r offer; do
    COMPREPLY+=("$prefix$offer")
  done < <(compgen "${@:2}")
}

# Files (f) or directories (d) whose path begins like this, behind a prefix.
_clevertimfs_paths() {
  local kind=$1 path=${2//\\/} prefix=$3
  compopt -o filenames 2>/dev/null
  [[ ${path:0:2} != \~/ ]] || path=$HOME/${path:2}
  _clevertimfs_offer "$prefix" "-$kind" -- "$path"
}

# One option of a list, or its value.
_clevertimfs_option() {
  local option=$1 prefix=$2
  case $option in
    token_file=* | cacert=*) _clevertimfs_paths f "${option#*=}" "$prefix${option%%=*}=" ;;
    state_dir=*) _clevertimfs_paths d "${option#*=}" "$prefix${option%%=*}=" ;;
    conflicts=*) _clevertimfs_offer "${prefix}conflicts=" -W 'detect ignore' -- "${option#*=}" ;;
    *=*) ;;
    *) _clevertimfs_offer "$prefix" -W "$_clevertimfs_options" -- "$option" ;;
  esac
  [[ ${#COMPREPLY[@]} -ne 1 || ${COMPREPLY[0]} != *= ]] || compopt -o nospace 2>/dev/null
}

# What stands behind -o: options with commas between them, of which the last is completed.
_clevertimfs_list() {
  local list=$1 prefix=$2 option
  [[ $list =~ (([^,\\]|\\.)*)$ ]]
  option=${BASH_REMATCH[1]}
  _clevertimfs_option "$option" "$prefix${list%"$option"}"
}

_clevertimfs() {
  local line=${COMP_LINE:0:COMP_POINT} current previous breaks known
  COMPREPLY=()
  # Not what bash takes for words: it divides at = and :, too.
  [[ $line =~ (([^[:space:]\\]|\\.)*)$ ]]
  current=${BASH_REMATCH[1]}
  previous=${line%"$current"}
  previous=${previous%"${previous##*[![:space:]]}"}
  previous=${previous##*[[:space:]]}

  case $previous:$current in
    -o:*) _clevertimfs_list "$current" '' ;;
    *:-o?*) _clevertimfs_list "${current#-o}" -o ;;
    *:-*) _clevertimfs_offer '' -W '-d -f -h --help -o -s -V --version' -- "$current" ;;
    *:*://*) ;;
    *) _clevertimfs_paths d "$current" '' ;;
  esac

  # bash puts each offer in the place of what stands behind the last of them.
  breaks=${COMP_WORDBREAKS//[^=:]/}
  if [[ -n $breaks && $current == *["$breaks"]* ]]; then
    known=${current%"${current##*["$breaks"]}"}
    COMPREPLY=("${COMPREPLY[@]#"$known"}")
  fi
}

complete -F _clevertimfs clevertimfs mount.clevertimfs
