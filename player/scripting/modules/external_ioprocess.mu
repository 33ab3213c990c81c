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
                               regex progressRE = _progressPattern,
                               regex messageRE = _messagePattern)
    {
        ExternalProcess.init(this, name, path, t, cleanup_func, progressRE, messageRE);
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

    // The first group of a pattern, nil when the line is about something else.
    \: _captured (string; regex pattern, string line)
    {
        if (!pattern.match(line)) return nil;
        return pattern.smatch(line)[1];
    }

    documentation: "Read a line of what the program says.";
    method: processIO (void;)
    {
        if (_proc eq nil) return;
        let output = _proc.out();

        if (output.eof())
        {
            finish();
            return;
        }

        let line = io.read_line(output, '\n'),
            message = _captured(_messageRE, line);

        if (message neq nil) _lastMessage = message;

        let percent = _captured(_progressRE, line);
        if (percent neq nil && percent != "") _progress = float(percent);

        // Nothing to read at the moment is no reason never to read again.
        if (output.bad()) output.clear();
    }
}
}
