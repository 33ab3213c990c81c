complete -c rvshell -e
complete -c rvshell -f -a '(rvshell --complete (commandline -opc)[2..-1] (commandline -ct))'
