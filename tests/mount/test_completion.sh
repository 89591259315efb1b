# shellcheck shell=bash disable=SC1003,SC2002,SC2012,SC2016,SC2034,SC2119,SC2120,SC2154,SC2164,SC2317
# Completion: what the Tab key makes of a line, in each shell.

completions=$here/../../fs/share/completion

# Directories and files whose names begin alike: only what fits is taken.
given_paths() {
  mkdir -p "$work/here/pem-directory/inner" "$work/here/my place"
  touch "$work/here/pem-directory.txt" "$work/here/token-file" "$work/here/pem-directory/inner.pem"
  cd "$work/here"
}

given_bash() {
  in_terminal env PS1='> ' bash --norc --noprofile -i
  run_line "source $completions/clevertimfs.bash; source $completions/clevertimctl.bash"
}

given_zsh() {
  need zsh
  in_terminal env PS1='> ' zsh -f
  run_line "fpath=($completions \$fpath); autoload -Uz compinit; compinit -u -D"
}

given_fish() {
  need fish
  in_terminal fish -N
  run_line "function fish_prompt; echo '> '; end"
  run_line "source $completions/clevertimfs.fish; source $completions/clevertimctl.fish"
}

# run_line TEXT: the shell has run it when the next line has been answered.
run_line() {
  lines=$((${lines:-0} + 1))
  press -l -- "$1"
  press Enter
  press -l -- "echo 'line '$lines"
  press Enter
  see "line $lines"
  press C-l
  sees_no_more "line $lines"
}

# completes LINE LINE: typed, and what stands there after the Tab key.
completes() {
  press C-u
  press -l -- "$1"
  see "$1"
  press Tab
  see "$2"
  press C-u
  sees_no_more "$2"
}

# What is the same in all of them.
completes_clevertimfs() {
  completes 'clevertimfs --he' 'clevertimfs --help'
  completes 'clevertimfs -o tim' 'clevertimfs -o timeout='
  completes 'clevertimfs -f -o ro,tim' 'clevertimfs -f -o ro,timeout='
  completes 'clevertimfs -o ttl=5,nochec' 'clevertimfs -o ttl=5,nocheck'
  completes 'clevertimfs -o conflicts=ig' 'clevertimfs -o conflicts=ignore'
  completes 'clevertimfs -o token_file=tok' 'clevertimfs -o token_file=token-file'
  completes 'clevertimfs -o ro,cacert=pem-directory/inner.p' 'clevertimfs -o ro,cacert=pem-directory/inner.pem'
  completes 'clevertimfs -o state_dir=pem-d' 'clevertimfs -o state_dir=pem-directory/'
  completes 'clevertimfs pem-d' 'clevertimfs pem-directory/'
  completes 'clevertimfs https://crm.example/api pem-directory/in' 'clevertimfs https://crm.example/api pem-directory/inner/'
  completes 'clevertimfs my' 'clevertimfs my\ place/'
  completes 'mount.clevertimfs -o tim' 'mount.clevertimfs -o timeout='
}

completes_clevertimctl() {
  completes 'clevertimctl stat' 'clevertimctl status'
  completes 'clevertimctl status --j' 'clevertimctl status --json'
  completes 'clevertimctl errors --li' 'clevertimctl errors --lines'
  completes 'clevertimctl restore --tr' 'clevertimctl restore --trash'
  completes 'clevertimctl refresh pem-directory/inner.p' 'clevertimctl refresh pem-directory/inner.pem'
  completes 'clevertimctl drafts pem-directory/in' 'clevertimctl drafts pem-directory/inner/'
  completes 'clevertimctl help ref' 'clevertimctl help refresh'
  completes 'clevertimctl login -o allow' 'clevertimctl login -o allow_http'
}

test_completion__bash() {
  given_paths
  given_bash
  completes_clevertimfs
  completes_clevertimctl
  completes 'clevertimfs -ottl=1,tim' 'clevertimfs -ottl=1,timeout='
  completes 'clevertimfs -o token_command=a\,b,tim' 'clevertimfs -o token_command=a\,b,timeout='
}

test_completion__zsh() {
  given_paths
  given_zsh
  completes_clevertimfs
  completes_clevertimctl
}

test_completion__fish() {
  given_paths
  given_fish
  completes_clevertimfs
  completes_clevertimctl
  completes 'clevertimfs -ottl=1,tim' 'clevertimfs -ottl=1,timeout='
}

# given_kept_names: deleted records and drafts whose names a shell could misunderstand; in contact/, where
# a command that ran would leave something.
given_kept_names() {
  local name
  given_mount
  rm contact/4.json
  for name in 'a$(touch x).json' 'b`touch x`.json' "it's.json" 'my new one.json' 'see:also=it.json'; do
    assert_errno EINVAL save "contact/$name" '{'
  done
  cd contact
  export PATH=$build/fs/ctl:$PATH
}

completes_kept_names() {
  completes 'clevertimctl restore contact/4' 'clevertimctl restore contact/4.json'
  completes 'clevertimctl restore contact/a' 'clevertimctl restore contact/a\$\(touch\ x\).json'
  completes 'clevertimctl restore contact/b' 'clevertimctl restore contact/b\`touch\ x\`.json'
  completes 'clevertimctl restore contact/it' "clevertimctl restore contact/it\\'s.json"
  completes 'clevertimctl restore contact/my' 'clevertimctl restore contact/my\ new\ one.json'
  completes 'clevertimctl restore contact/my\ n' 'clevertimctl restore contact/my\ new\ one.json'
  assert_absent x
}

test_completion__bash_knows_what_can_be_restored() {
  given_kept_names
  given_bash
  completes_kept_names
  completes 'clevertimctl restore contact/se' 'clevertimctl restore contact/see:also=it.json'
  completes 'clevertimctl restore contact/see:' 'clevertimctl restore contact/see:also=it.json'
  completes 'clevertimctl restore contact/see\:a' 'clevertimctl restore contact/see:also=it.json'
  completes "clevertimctl restore 'contact/my n" "clevertimctl restore 'contact/my new one.json'"
  assert_absent x
}

test_completion__zsh_knows_what_can_be_restored() {
  given_kept_names
  given_zsh
  completes_kept_names
}

test_completion__fish_knows_what_can_be_restored() {
  given_kept_names
  given_fish
  completes 'clevertimctl restore contact/4' 'clevertimctl restore contact/4.json'
  completes 'clevertimctl restore contact/a' 'clevertimctl restore contact/a\$\(touch\ x\).json'
  completes 'clevertimctl restore contact/b' 'clevertimctl restore contact/b`touch\ x`.json'
  completes 'clevertimctl restore contact/my' 'clevertimctl restore contact/my\ new\ one.json'
  assert_absent x
}
