# Completion of clevertimfs(1) for fish.

# The paths that complete the value of an option, with what stands before them.
function __clevertimfs_paths --argument-names before value complete_with
    for path in ($complete_with $value '')
        echo $before$path
    end
end

# What may stand behind -o: options with commas between them, of which the last is completed.
function __clevertimfs_options
    set -l list (string replace -r -- '^-o' '' (commandline -ct))
    set -l option (string match -r -- '(?:[^,\\\\]|\\\\.)*$' $list)
    set -l before (string sub -l (math (string length -- $list) - (string length -- $option)) -- $list)
    set -l name (string replace -r -- '=.*' '=' $option)
    set -l value (string replace -r -- '^[^=]*=?' '' $option)
    switch $name
        case token_file= cacert=
            __clevertimfs_paths $before$name "$value" __fish_complete_path
        case state_dir=
            __clevertimfs_paths $before$name "$value" __fish_complete_directories
        case conflicts=
            printf '%s\n' $before$name{detect,ignore}
        case '*='
        case '*'
            printf '%s%s\t%s\n' \
                "$before" ro 'Nothing can be changed' \
                "$before" ttl= 'Seconds: how old what is shown may be' \
                "$before" timeout= 'Seconds: longest wait without progress' \
                "$before" token_file= 'Its first line is the token' \
                "$before" token_command= 'Prints the token' \
                "$before" cacert= 'Trust these certificates' \
                "$before" allow_http 'Plain http to another machine, too' \
                "$before" state_dir= 'Where unsaved and deleted texts are kept' \
                "$before" state_max= 'What those may take on disk' \
                "$before" delete_limit= 'Deletes within a minute' \
                "$before" conflicts= 'Whether a save minds changes made elsewhere' \
                "$before" resources= 'Show these endpoints' \
                "$before" nocheck 'Mount although the server or the token fails' \
                "$before" uid= 'Owner of the files' \
                "$before" gid= 'Group of the files' \
                "$before" umask= 'Permissions to take away' \
                "$before" allow_other 'Let other users in' \
                "$before" allow_root 'Let root in' \
                "$before" auto_unmount 'Unmount when the process ends' \
                "$before" default_permissions 'The kernel checks permissions' \
                "$before" fsname= 'Source in the mount table' \
                "$before" noatime 'Keep no access times' \
                "$before" noexec 'Nothing can be executed' \
                "$before" subtype= 'Type in the mount table' \
                "$before" sync 'Write at once'
    end
end

for command in clevertimfs mount.clevertimfs
    complete -c $command -x -a '(__fish_complete_directories)'
    complete -c $command -s d -d 'Stay in the foreground, with a log'
    complete -c $command -s f -d 'Stay in the foreground'
    complete -c $command -s h -l help -d 'Print a short help'
    complete -c $command -s o -x -a '(__clevertimfs_options)' -d 'Options, with commas between them'
    complete -c $command -s s -d 'One thread'
    complete -c $command -s V -l version -d 'Print the version'
end
