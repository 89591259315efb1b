# Completion of clevertimctl(1) for fish.

# What can be restored, as drafts and trash of the only mount have it.
function __clevertimctl_kept
    begin
        clevertimctl drafts --json
        clevertimctl trash --json
    end 2>/dev/null | string replace -rf '.*"resource": *"([^"]*)".*"name": *"([^"]*)".*' '$1/$2'
end

function __clevertimctl_verbs
    printf '%s\t%s\n' \
        status 'What was read, how old it is, requests, drafts, trash' \
        errors 'What failed last, and why' \
        drafts 'Texts that the server has not taken' \
        trash 'The last texts of deleted records' \
        refresh 'Read a record, a resource or everything anew' \
        restore 'Save a draft, or create a deleted record anew' \
        login 'Try an API token, and keep it for clevertimfs' \
        help 'What a verb does and takes'
end

function __clevertimctl_behind
    __fish_seen_subcommand_from $argv
end

complete -c clevertimctl -f
complete -c clevertimctl -n __fish_is_first_arg -a '(__clevertimctl_verbs)'
complete -c clevertimctl -n '__clevertimctl_behind help' -a '(__clevertimctl_verbs)'
complete -c clevertimctl -s h -l help -d 'Print a short help'
complete -c clevertimctl -n __fish_is_first_arg -s V -l version -d 'Print the version'
complete -c clevertimctl -n '__clevertimctl_behind status errors drafts trash' -l json -d 'Print for programs'
complete -c clevertimctl -n '__clevertimctl_behind status errors drafts trash' -a '(__fish_complete_directories)'
complete -c clevertimctl -n '__clevertimctl_behind errors' -s n -l lines -x -d 'So many of them, 0 for all'
complete -c clevertimctl -n '__clevertimctl_behind refresh' -F
complete -c clevertimctl -n '__clevertimctl_behind restore' -l again -d 'A draft that may be a record already'
complete -c clevertimctl -n '__clevertimctl_behind restore' -l draft -d 'The draft, where there is a deleted record, too'
complete -c clevertimctl -n '__clevertimctl_behind restore' -l trash -d 'The deleted record, where there is a draft, too'
complete -c clevertimctl -n '__clevertimctl_behind restore' -F -a '(__clevertimctl_kept)'
complete -c clevertimctl -n '__clevertimctl_behind login' -l keyring -d 'Keep it in the keyring'
complete -c clevertimctl -n '__clevertimctl_behind login' -l no-check -d 'Keep it untried'
complete -c clevertimctl -n '__clevertimctl_behind login' -s o -x -a 'cacert= allow_http timeout=' -d 'Options for the try'
