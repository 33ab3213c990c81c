// A program that tells its progress, run by io.process.

module: external_ioprocess {
use rvtypes;
require io;

class: ExternalIOProcess : ExternalProcess
{
    io.process _proc;

    method: ExternalIOProcess (ExternalIOProcess;
                               string name,
                               string path,
                               [string] args,
                               int64 timeout_usecs,
                               ExternalProcess.Type t,
                               VoidFunc cleanup_func,
                               regex progressRE = ".*\(([0-9]+(\.[0-9]*)?)% done\).*",
                               regex messageRE =
                                   "INFO:[ \t]+([^(]+)(\([0-9]+\.?[0-9]*% +done\))?")
    {
        _name = name;
        _cleanup = cleanup_func;
        _progressRE = progressRE;
        _messageRE = messageRE;
        _proc = io.process(path, args, timeout_usecs);

        case (t)
        {
            ReadOnly -> { _proc.close_in(); }
            ReadWrite -> {;}
        }
    }

    method: isFinished (bool;) { return _proc eq nil; }

    \: ended (void; ExternalIOProcess this)
    {
        if (this._cleanup neq nil) this._cleanup();
        this._proc = nil;
    }

    method: cancel (void;)
    {
        if (_proc neq nil)
        {
            _proc.kill();
            ended(this);
        }
    }

    method: finish (void; int exitcode = -1)
    {
        if (_proc neq nil)
        {
            _proc.close();
            ended(this);
        }
    }

    documentation: "Read a line of what the program says.";
    method: processIO (void;)
    {
        if (_proc eq nil) return;

        if (_proc.out().eof())
        {
            finish();
            return;
        }

        let line = io.read_line(_proc.out(), '\n');
        if (_messageRE.match(line)) _lastMessage = _messageRE.smatch(line)[1];

        if (_progressRE.match(line))
        {
            let found = _progressRE.smatch(line)[1];
            if (found != "") _progress = float(found);
        }

        if (_proc.out().bad()) _proc.out().clear();
    }
}
}
