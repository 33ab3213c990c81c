// A program that tells its progress; the player's loop looks after it.

module: external_qprocess {
use rvtypes;
use commands;
require _programs;

class: ExternalQProcess : ExternalProcess
{
    _programs.Program _proc;
    string _errors;

    method: takeLine (void; string line)
    {
        if (regex("ERROR:|^player").match(line)) _errors += line + "\n";
        if (_messageRE.match(line)) _lastMessage = _messageRE.smatch(line)[1];

        if (_progressRE.match(line))
        {
            let percent = _progressRE.smatch(line)[1];
            if (percent != "") _progress = float(percent);
        }
    }

    \: dropped (void; ExternalQProcess this)
    {
        this._proc = nil;
        if (this._cleanup neq nil) this._cleanup();
    }

    method: finish (void; int exitcode = -1)
    {
        if (_proc eq nil) return;
        print("INFO: %s finished with exit code: %d\n" % (_name, exitcode));
        _exitcode = exitcode;
        dropped(this);

        if (exitcode != 0)
        {
            alertPanel(true, ErrorAlert, "ERROR", "Errors:\n%s" % _errors, "OK", nil, nil);
        }
    }

    method: isFinished (bool;) { return _proc eq nil; }

    method: cancel (void;)
    {
        if (_proc eq nil) return;
        _proc.kill();
        dropped(this);
    }

    documentation: "Wait for the end, at most as long as a script may run.";
    method: wait (void;) { if (_proc neq nil) _proc.wait(); }

    // takes what the program writes at once: there is nothing left to be done here
    method: processIO (void;) {;}

    method: ExternalQProcess (ExternalProcess;
                              string name,
                              string path,
                              [string] args,
                              int64 timeout_usecs,
                              ExternalProcess.Type t,
                              VoidFunc cleanup_func,
                              regex progressRE = _progressPattern,
                              regex messageRE = _messagePattern)
    {
        ExternalProcess.init(this, name, path, t, cleanup_func, progressRE, messageRE);
        _errors = "";
        string[] words;
        for_each (word; args) words.push_back(word);
        _proc = _programs.start(path, words, takeLine, \: (void; int code) { this.finish(code); });
    }
}
}
