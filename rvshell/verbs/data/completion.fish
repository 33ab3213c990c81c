complete -c rvshell -e
complete -c rvshell -f -a '(rvshell --complete-line (commandline -cp) 2>/dev/null)'
