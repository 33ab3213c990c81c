"""The command line of rvshell.

    rvshell [HOST[:PORT]]                       the prompt
    rvshell NAME HOST [PORT]                    the prompt, as the original program is called
    rvshell VERB [WORD…]                        one verb, for example: rvshell frame 10
    rvshell [-c TEXT] [-e CODE] [-f FILE] [-]   batch
    rvshell rvpush [-tag TAG] COMMAND …         RV's rvpush, its grammar and exit codes

Arguments are read here by hand: a one-shot verb is to cost little more than starting Python,
and an argument parser would cost more than the verb. Everything else is imported when needed.
"""

from __future__ import annotations

import os
import sys
from io import TextIOWrapper
from typing import TYPE_CHECKING

from rvshell.errors import EXIT_FAILED, EXIT_INTERRUPTED, RvshellError, UsageError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rvshell.verbs.context import Context
    from rvshell.verbs.registry import Verb

__all__ = ["HELP", "run"]

HELP = """\
usage: rvshell [OPTION…] [TARGET]                  open the prompt
       rvshell [OPTION…] NAME HOST [PORT]          the same, with a contact name
       rvshell [OPTION…] [TARGET] VERB [WORD…]     run one verb
       rvshell [OPTION…] [TARGET] -c TEXT | -f FILE | -    run commands
       rvshell tap | bridge | rvpush …             other programs: help programs

Drives a player, or any RV that was started with -network: the far end, in what
follows. TARGET is HOST:PORT, tls://HOST, ssh://USER@HOST, or the name of a
profile in the config file. Without one the newest player or RV running on this
machine is taken; the prompt and command files start a player of their own when
there is none.

what to run (may be repeated, run in order):
  -c TEXT            commands, for example -c 'frame 10; play'
  -e CODE            Mu code
  -f FILE            a command file; - reads standard input, as does a pipe
  --lines            commands from standard input, each answered by JSON
where:
  -t, --target TARGET        the player or RV to drive ($RVSHELL_TARGET)
  --name NAME        contact name shown at the far end
  --start, --no-start        start a player when none runs, or never do
how:
  --json, --jsonl    values as JSON: one document each, or one a line
  --timeout SECONDS  of every wait for the far end (30)
  --keep-going       go on after an error; the first one gives the exit status
  --dry-run          check everything and tell what would be run, do nothing
  --pipeline         send independent commands without waiting for each answer
  -y, --yes          answer questions with yes
  -q, --quiet        no messages but errors
  --progress KIND    auto (a bar on a terminal, else a line now and then), json
                     or none
  -v, --verbose      show every question and reply as they go over the wire
  --log-file FILE    write them there, without what looks like a secret
  --no-rc            the prompt does not run rc.rvs
  --no-pager         long output is not paged
  --simple-prompt    no colours, menus or toolbar
  --version, -h, --help
  `rvshell help` lists the verbs, `rvshell help VERB` explains one, and
  `rvshell help language` what commands are written in

exit status:
  0 ok   1 a command failed   2 usage or syntax   3 no connection   4 refused
  5 time-out   6 error of the far end   7 expectation failed   130 interrupted

environment:
  RVSHELL_TARGET, RVSHELL_TIMEOUT, …   any setting that `rvshell config` lists
  NO_COLOR, TERM=dumb, PAGER, EDITOR   as everywhere

files:
  ~/.config/rvshell/config.toml   settings and targets; never read from the
                                  current directory
  ~/.config/rvshell/rc.rvs        run by the prompt after connecting
  a command file that begins with #!/usr/bin/env -S rvshell -f is a program

examples:
  rvshell                             rvshell render-wall:45124
  rvshell frame 10                    rvshell add shot.1-100#.exr
  rvshell push beauty.exr             rvshell get '#RVColor.color.exposure'
  rvshell -c 'frame 10; status' --json
  rvshell -f check.rvs || echo failed
  rvshell @wall frame 1001            eval "$(rvshell completion bash)"
"""

_FLAGS = {
    "--keep-going": "keep_going",
    "--dry-run": "dry_run",
    "--pipeline": "pipeline",
    "--yes": "yes",
    "-y": "yes",
    "--quiet": "quiet",
    "-q": "quiet",
    "--verbose": "verbose",
    "-v": "verbose",
    "--no-rc": "no_rc",
    "--simple-prompt": "simple",
    "--no-pager": "no_pager",
}
_SWITCHES = ("no_rc", "simple", "no_pager")  # of _FLAGS: for the prompt, not for every context


class _Arguments:
    """What the command line said."""

    def __init__(self) -> None:
        self.steps: list[tuple[str, str]] = []
        self.target = ""
        self.name = ""
        self.start: bool | None = None
        self.form = ""
        self.timeout: float | None = None
        self.log = ""
        self.progress = "auto"
        self.flags: dict[str, bool] = {}
        self.words: list[str] = []
        self.show = ""


def _parse(argv: Sequence[str]) -> _Arguments:
    """Read the command line. Options end at the first plain word that is a verb."""
    found = _Arguments()
    i = 0

    def value() -> str:
        nonlocal i
        if equals:
            return given
        i += 1
        if i >= len(argv):
            raise UsageError(f"{flag} needs a value", hint="rvshell --help")
        return argv[i]

    while i < len(argv):
        word = argv[i]
        flag, equals, given = word.partition("=") if word.startswith("--") else (word, "", "")
        if word == "-":
            found.steps.append(("stdin", ""))
        elif word == "--lines":
            found.steps.append(("lines", ""))
        elif not word.startswith("-"):
            if len(found.words) == 1 and _is_verb(word):
                found.target = found.words.pop()  # rvshell TARGET VERB
            if not found.words and (_is_verb(word) or word[0] == "@"):
                found.words = list(argv[i:])
                return _late_options(found)
            found.words.append(word)
        elif flag in ("-c", "--command"):
            found.steps.append(("text", value()))
        elif flag in ("-e", "--eval"):
            found.steps.append(("text", "mu " + value()))
        elif flag in ("-f", "--file"):
            path = value()
            found.steps.append(("stdin", "") if path == "-" else ("file", path))
        elif flag in ("-t", "--target"):
            found.target = value()
        elif flag == "--name":
            found.name = value()
        elif flag == "--timeout":
            found.timeout = _seconds(value())
        elif flag == "--progress":
            found.progress = value()
            if found.progress not in ("auto", "json", "none"):
                raise UsageError(f"--progress {found.progress}", hint="auto, json or none")
        elif flag == "--log-file":
            found.log = value()
        elif flag in ("--start", "--no-start"):
            found.start = flag == "--start"
        elif flag in ("--json", "--jsonl"):
            found.form = flag[2:]
        elif flag in ("-h", "--help", "--version"):
            found.show = flag
        elif flag in _FLAGS:
            found.flags[_FLAGS[flag]] = True
        else:
            from rvshell.verbs.signature import nearest

            guess = nearest(flag, [*_FLAGS, "--json", "--jsonl", "--timeout", "--target", "--name"])
            raise UsageError(
                f"unknown option {flag}",
                hint=f"did you mean {guess}?" if guess else "rvshell --help",
            )
        i += 1
    return found


def _late_options(found: _Arguments) -> _Arguments:
    """Options of the run behind a verb (`rvshell status --json`), if the verb has them not."""
    verb = _find_verb(found.words[0])
    own = {o.flag for o in verb.signature.options} if verb is not None else set()
    raw = verb is not None and verb.tail in ("raw", "python")
    rest: list[str] = []
    words = iter([] if raw else found.words[1:])
    for word in words:
        if word in ("--json", "--jsonl") and word not in own:
            found.form = word[2:]
        elif word in ("-t", "--target") and word not in own:
            found.target = next(words, found.target)
        elif word in _FLAGS and word not in own:
            found.flags[_FLAGS[word]] = True
        else:
            rest.append(word)
    if not raw:
        found.words[1:] = rest
    return found


def _seconds(text: str) -> float:
    try:
        number = float(text)
    except ValueError:
        number = -1.0
    if not 0 < number < 1e9:
        raise UsageError(f"--timeout: {text!r} is not a number of seconds")
    return number


def _is_address(word: str) -> bool:
    """Can *word* be nothing but an address: HOST:PORT, a dotted name, a port?"""
    return ":" in word or "." in word or word.isdigit() or word == "localhost"


def _is_verb(word: str) -> bool:
    if not word.replace("-", "").replace("_", "").isalpha() and word != "?":
        return False
    from rvshell.verbs.registry import home_of, load

    if home_of(word) is not None:
        return True
    from rvshell.script import flow

    registry = load()
    flow.install()
    return word in registry


def run(argv: Sequence[str]) -> int:
    """Run rvshell with these arguments; returns the exit status. Never raises for bad input."""
    _open_closed()
    try:
        status = _do(argv)
        sys.stdout.flush()
        return status
    except RvshellError as error:
        print(f"rvshell: {error.describe()}", file=sys.stderr)
        return error.exit_code
    except KeyboardInterrupt:
        return EXIT_INTERRUPTED
    except BrokenPipeError:
        _let_go()
        return 128 + 13  # what a program ended by SIGPIPE leaves
    except OSError as error:  # a full disk below the standard output, for one
        _let_go()
        what = error.filename or "cannot write the output"
        print(f"rvshell: {what}: {error.strerror}", file=sys.stderr)
        return EXIT_FAILED


def _open_closed() -> None:
    """Standard streams that were closed (`>&-`) are nothing, and no socket takes their place;
    whatever the locale, all of them take every text."""
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            setattr(sys, name, open(os.devnull, mode, encoding="utf-8"))  # noqa: SIM115
    # what the locale has no letters for is a question mark, and names of files stay their bytes
    out = sys.stdout
    if isinstance(out, TextIOWrapper):
        utf8 = out.encoding.lower().replace("-", "") == "utf8"
        out.reconfigure(errors="surrogateescape" if utf8 else "replace")


def _let_go() -> None:
    """Nothing more can be written: what is still buffered goes nowhere, quietly."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _usage(program: str) -> str:
    """The help of rvshell (""), or of one of its other programs."""
    if program == "tap":
        from rvshell.bridge.tap import HELP as TAP

        return TAP
    if program == "bridge":
        from rvshell.bridge.tev.server import HELP as BRIDGE

        return BRIDGE
    if program == "rvpush":
        from rvshell.rvpush.command import USAGE

        return USAGE
    return HELP


def _do(argv: Sequence[str]) -> int:
    if argv[:1] in (["--complete"], ["--complete-line"]):  # `rvshell completion` calls this
        from rvshell.shell.outside import answer, split

        words = argv[1:] if argv[0] == "--complete" else split(" ".join(argv[1:]))
        return answer(words, _usage)
    if argv[:1] == ["tap"]:
        from rvshell.bridge.tap import main as tap

        return tap(argv[1:])
    if argv[:1] == ["bridge"]:
        from rvshell.bridge.tev.server import main as bridge

        return bridge(argv[1:])
    if argv[:1] == ["rvpush"]:
        from rvshell.rvpush import main as rvpush

        return rvpush(argv[1:])
    arguments = _parse(argv)
    if arguments.show:
        print(HELP if arguments.show != "--version" else _version(), end="")
        return 0
    return _run(arguments)


def _find_verb(name: str) -> Verb | None:
    """The verb of that name, with no more imported than that needs."""
    from rvshell.verbs.registry import REGISTRY, home_of, load, load_only

    if home_of(name) is not None:
        load_only(name)
    else:
        load()
    return REGISTRY.get(name)


def _version() -> str:
    from rvshell import __version__

    return f"rvshell {__version__}\n"


def _one_line(words: Sequence[str]) -> str:
    """The system shell's words as a line of ours: each of them stays one word."""
    from rvshell.verbs.output import shell_quote

    verb = _find_verb(words[0])
    if words[0].startswith("@"):
        return f"{words[0]} {_one_line(words[1:])}" if words[1:] else words[0]
    if verb is not None and verb.tail == "expr":
        return " ".join(words)
    if verb is not None and verb.tail in ("raw", "python"):
        code = " ".join(words[1:])
        return f"{words[0]} '{code}'" if "'" not in code and code else f"{words[0]} {code}"
    return " ".join([words[0], *map(shell_quote, words[1:])])


def _run(arguments: _Arguments) -> int:
    from rvshell.verbs.context import Context, Options
    from rvshell.verbs.remote import Remote
    from rvshell.verbs.settings import Settings
    from rvshell.verbs.targets import find

    settings = Settings.load()
    if arguments.timeout is not None:
        settings.put("timeout", arguments.timeout, "--timeout")
    if arguments.target:
        settings.put("target", arguments.target, "--target")
    arguments.target = settings["target"]
    steps, words, name, target = arguments.steps, arguments.words, arguments.name, arguments.target
    if words and (_is_verb(words[0]) or words[0][0] == "@"):
        steps = [*steps, ("text", _one_line(words))]
    elif words:
        host = words[1] if len(words) > 1 else words[0]
        if host not in settings.profiles:
            _refuse_misspelt(words[0], host)
        if len(words) > 3:
            raise UsageError(f"unexpected {words[3]!r}", hint="rvshell --help")
        target = words[0]
        if len(words) > 1:  # the original's NAME HOST [PORT]
            name = words[0]
            target = host if len(words) == 2 else f"{host}:{words[2]}"
    if name and (any(c in name for c in " @|\n") or not name.isprintable()):
        raise UsageError(f"{name!r} is no contact name", hint="no blanks, no @ and no |")
    piped = not steps and not sys.stdin.isatty()
    if piped:
        steps = [("stdin", "")]
    interactive = not steps
    one_shot = bool(steps) and all(kind == "text" for kind, _ in steps)
    flags = {k: v for k, v in arguments.flags.items() if k not in _SWITCHES}
    options = Options(
        form=arguments.form,
        timeout=settings["timeout"],
        interactive=interactive,
        progress=arguments.progress,
        pager=settings["pager"] and not arguments.flags.get("no_pager", False),
        **flags,
    )
    options.yes = options.yes or not settings["confirm"]
    remote = Remote(
        find(target, settings) if target else None,
        name=name,
        timeout=settings["timeout"],
        start=(not one_shot) if arguments.start is None else arguments.start,
    )
    ctx = Context(options, remote)
    ctx.extras["settings"] = settings
    remote.say = ctx.say
    if options.verbose or arguments.log:
        from rvshell.verbs.logs import trace

        remote.trace = trace(ctx, arguments.log)
    try:
        if interactive:
            simple = arguments.flags.get("simple", False)
            return _prompt(ctx, simple=simple, rc=not arguments.flags.get("no_rc", False))
        if len(steps) == 1 and steps[0][0] == "text":
            from rvshell.verbs.performing import quickly

            if quickly(ctx, steps[0][1]):
                return 0
        if ("lines", "") in steps:
            from rvshell.script.lines import run_lines

            return run_lines(ctx)
        from rvshell.script.batch import run_steps

        if piped and words:  # a host was given: that it is none is told, whatever comes or not
            remote.connect()
        return run_steps(ctx, steps)
    finally:
        remote.close()


def _refuse_misspelt(word: str, host: str) -> None:
    """`rvshell staus` is a misspelt verb rather than a host of that name, and `rvshell farme 10`
    no contact on a host called 10; `rvshell 'f(1)'` and files are no hosts at all."""
    alone = word == host
    if alone and os.path.isfile(host):
        raise UsageError(
            f"{host!r} is a file", hint="rvshell add FILE loads it, rvshell -f FILE runs commands"
        )
    is_host = all(c.isalnum() or c in "-_.:%[]@/" for c in host) and (alone or not host.isdigit())
    is_host = is_host and ("/" not in host or "://" in host)
    if is_host and _is_address(host):
        return
    from rvshell.verbs.registry import load
    from rvshell.verbs.signature import nearest

    guess = nearest(word, load().names())
    if guess or not is_host:
        hint = f"did you mean {guess!r}?" if guess else "rvshell help lists the verbs;"
        other = f"-t {host}" if alone else f"--name {word} -t {host}"
        other = f"a host is given as {other}" if is_host else "Mu is sent with -e CODE"
        raise UsageError(f"unknown verb {word!r}", hint=f"{hint} {other}")


def _prompt(ctx: Context, *, simple: bool, rc: bool) -> int:
    from rvshell.verbs import echo
    from rvshell.verbs.output import is_plain

    if not (simple or is_plain()):
        echo.hide()  # before anything else is loaded: the user types on
    try:
        from rvshell.shell import prompt

        return prompt.run(ctx, simple=simple, rc=rc)
    finally:
        echo.show()
