_rvshell() {
    local IFS=$'\n' line cur="${COMP_WORDS[COMP_CWORD]}"
    local words=("${COMP_WORDS[@]:1:COMP_CWORD}")
    COMPREPLY=()
    while read -r line; do COMPREPLY+=("${line%%$'\t'*}"); done \
        < <(rvshell --complete "${words[@]}" 2>/dev/null)
    [[ ${#COMPREPLY[@]} -eq 1 && ${COMPREPLY[0]} == */ ]] && compopt -o nospace
    [[ $cur == *:* ]] && declare -F __ltrim_colon_completions >/dev/null &&
        __ltrim_colon_completions "$cur"
    return 0
}
complete -o nosort -F _rvshell rvshell 2>/dev/null || complete -F _rvshell rvshell
