_rvshell() {
    local IFS=$'\n' line word cut
    local typed=${COMP_LINE:0:COMP_POINT}
    word=${typed##*[[:space:]]}
    cut=${word%"${word##*[:=]}"} # bash takes : and = for the ends of words
    COMPREPLY=()
    while read -r line; do
        line=${line%%$'\t'*}
        line=${line#"$cut"}
        case $word in
            [\"\']*) ;;
            *) printf -v line %q "$line" ;;
        esac
        COMPREPLY+=("$line")
    done < <(rvshell --complete-line "$typed" 2>/dev/null)
    [[ ${#COMPREPLY[@]} -eq 1 && ${COMPREPLY[0]} == */ ]] && compopt -o nospace 2>/dev/null
    return 0
}
complete -o nosort -F _rvshell rvshell 2>/dev/null || complete -F _rvshell rvshell
_player() {
    local IFS=$'\n'
    COMPREPLY=($(player --complete "${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null))
}
complete -o default -F _player player
