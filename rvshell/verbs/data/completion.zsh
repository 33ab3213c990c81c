#compdef rvshell
_rvshell() {
    local -a lines shown
    local line word what
    lines=("${(@f)$(rvshell --complete-line "rvshell ${(j: :)words[2,CURRENT]}" 2>/dev/null)}")
    for line in $lines; do
        word=${line%%$'\t'*}; what=${line#*$'\t'}
        shown+=("${word//:/\\:}:$what")
    done
    _describe -V rvshell shown
}
compdef _rvshell rvshell
_player() {
    local -a found
    found=(${(f)"$(player --complete "${words[@]:1:$((CURRENT-1))}" 2>/dev/null)"})
    (( $#found )) && compadd -a found || _files
}
compdef _player player
