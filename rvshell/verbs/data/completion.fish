complete -c rvshell -e
complete -c rvshell -f -a '(rvshell --complete-line (commandline -cp) 2>/dev/null)'
complete -c player -n 'string match -qr "^-" -- (commandline -ct)' -f -a '(player --complete (commandline -ct) 2>/dev/null)'
