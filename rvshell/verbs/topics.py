"""The topics of `help`: what is no verb and no command of RV."""

from __future__ import annotations

__all__ = ["TOPICS"]

TOPICS: dict[str, str] = {
    "language": """\
Commands end with a new line or ; and # begins a comment. Words are quoted as in
a system shell. An error ends the line, so that ; is also "and then".

  set name=value          a variable: $name, ${name}, "$name"
  $(command)              the output of a command
  $frame $fps $view …     the state of the far end (help state)
  $? $_                   the last exit status, the last value

  if EXPR { … } else { … }       while EXPR { … }
  for f in 1..10 { … }           repeat 3 -i 0.5 { … }  (-i: seconds of a turn)
  def go { frame $1; play }      a function: $1 … $9, $@ (all), $# (how many)
  alias rw = 'first; play'       a name for a text
  wait EXPR, expect EXPR         EXPR is a condition:
                                 frame >= 10 and not playing
                                 fps 24  (is fps 24?)   view defaultStack
                                 mu(frame() % 2) == 1   'a' in $(nodes)
  on EVENT TEXT                  run TEXT when the far end tells of EVENT

  verb > FILE, verb >> FILE      where its data goes
  verb | cmd, ! cmd              to a command of the system; run one
  verb --json, verb --help       its value as JSON; what it does
  source FILE                    run a command file
  @all verb, @NAME verb          on many targets at once (help targets)
  watch 0.5 verb, time verb, bench 100 verb

A file that begins with #!/usr/bin/env -S rvshell -f is a program of its own.""",
    "statuses": """\
0    ok
1    a command failed
2    usage or syntax: nothing was sent
3    no connection
4    refused by the far end or its user
5    a time-out
6    an error of the far end
7    an expectation did not hold
130  interrupted
141  whoever read the output went away""",
    "lines": """\
rvshell --lines reads commands from standard input and answers each with one
line of JSON, for control devices and other programs:

  frame 10               {"n": 1, "ok": true}
  frame                  {"n": 2, "ok": true, "value": 10}
  frame ten              {"n": 3, "ok": false, "status": 2, "error": "frame: …"}
  ["add", "/a b/c.exr"]  {"n": 4, "ok": true}     a list of words: no quoting
  on play-stop           {"n": 5, "ok": true}     and then, whenever it comes:
                         {"event": "play-stop", "contents": ""}

A line that fails ends nothing; at the end the exit status is that of the first
that failed, or what quit says.

For devices with buttons only, rvshell keys takes single characters
(keys --list).""",
    "prompt": """\
At the prompt F1 lists the keys: F2 changes between verbs, Mu and Python, F3 is
multi-line, F4 emacs and vi, Tab completes, Ctrl-R searches the history, Ctrl-C
clears the line or ends a wait, Ctrl-D leaves. A line that ends with & runs
beside the prompt (jobs). A line that only asks waits for a lost connection, and
is asked again when it is back.

The line below shows the link, the program and what it does not grant ("view
only"), play state, frame, range, speed, view, media, round trip, and "failed:"
with the exit status of the last line.

What stands before the line is the setting "prompt" (help config), for example
"%n %f/%e> ":

  %t  host and port     %h  host      %p  port
  %n  contact name of the far end     %v  the node that is viewed
  %f  frame             %e  the last frame
  %s  ▶ while it plays  %m  the mode, when it is Mu or Python
  %%  a percent sign    [...] is left out when nothing in it is known, or when
                        there is not enough room
  without a format it is rv:%t[ %v][ %f/%e%s][ %m]>

Verbs of the prompt alone: events, history, timing, jobs, keyhelp, editing,
prompt.""",
    "programs": """\
Further programs of rvshell, called from the system's shell:

  rvshell tap PORT HOST[:PORT]     show what a client and an RV say to each
                                   other, as it is said; record it
  rvshell bridge tev [HOST:PORT]   show what renderers send to the viewer tev
  rvshell rvpush COMMAND …         RV's rvpush: the same words and statuses
  rvshell --lines                  a line protocol for devices (help lines)
  rvshell keys                     drive playback by single keys
  rvshell completion bash          completion for bash (zsh, fish)

Each explains itself: rvshell tap --help, rvshell bridge --help, rvshell rvpush
-help. Of RV's own tools rvls is sources here, and rvpush is add or push.""",
    "clients": """\
How a program talks to a player or to RV (rvshell does it this way; in Python
there is rvshell.client.Client). Records are TYPE, a blank, the number of bytes,
a blank, and so many bytes of UTF-8:

  > NEWGREETING 11 my-1 my-app       who we are: name and program
  < GREETING 6 player                who answers; it may ask its user first
  > PINGPONGCONTROL 1 0              no heartbeat, please
  > MESSAGE 36 RETURNEVENT remote-eval * 6 * 7; 43;
                                     Mu; remote-pyeval, remote-pyexec: Python
  < MESSAGE 9 RETURN 43              the value of the last statement
  > MESSAGE 31 EVENT remote-eval * setFrame(1)
                                     the same without an answer
  > MESSAGE 10 DISCONNECT            before it closes, or RV shows an error

Answers come in the order of the questions. Each program needs a name of its
own: RV refuses the second of one name. Pixels are a record of their own, whose
bytes are rows from the bottom up:

  PIXELTILE(media=a.exr,layer=-,view=-,x=0,y=0,w=2,h=1,f=1) 8 ........

for a source made by newImageSource(...), see help push; rvshell.pixels sends
arrays. Any other event, EVENT NAME * CONTENTS, reaches what is bound to NAME
there. To be told of events have Mu bind a function that calls remoteSendEvent,
as rvNetwork.py does. rvshell tap PORT HOST shows what a program and an RV say
to each other.""",
    "security": """\
RV's protocol has no passwords and no encryption, a contact says itself who it
is, and who is let in could run any code. What this player does about it:

  only this machine    it listens on 127.0.0.1 unless --listen says otherwise,
                       and warns when it listens further without TLS
  your own programs    may do everything, unasked, as in RV (--ask-local asks)
  everybody else       is asked about: allow, deny, pending; contacts decides
                       beforehand, and the default is -networkPerm; no answer
                       is a no
  scopes               view, control, pixels, media for who is allowed; eval
                       (Mu of any shape) and python (and the machine) only when
                       granted: contacts set --scopes
  who is it?           names prove nothing; --token-file and client certificates
                       (--tls-ca) do, and contacts show the proof
  who listens?         tls://HOST with --tls-cert, or ssh://user@HOST; else
                       everybody on the way can
  shared stations      --station denies strangers and lets nobody send code

It is software without any warranty: whoever opens it to a network does so at
their own risk.""",
    "internet": """\
Two sites need nobody in between: one connection from one machine to the other
is enough.

  rvshell ssh://user@HOST  through ssh, which opens and closes with it; nothing
                           else has to be open, and everything is encrypted.
                           dial ssh://user@HOST connects two players so. A
                           tunnel's end is a program of HOST: it is local there,
                           and not asked about (--ask-local asks)
  a VPN                    WireGuard, Tailscale or any other makes of both sites
                           one network: give the address that the machine has
                           there, and --listen it
  tls://HOST               the port 45124 open in the firewall, --listen,
                           --tls-cert, and --token-file to know who comes

If it works in one direction only, or not at all, a firewall or a router is in
between: the side that is dialled must be reachable, the other need not be.
doctor HOST tells step by step how far it gets. sync with many partners goes
through one of them (a hub); with sync.contacts_contacts every one must reach
every other.""",
    "streaming": """\
Media may be addresses, in add, on the command line of a player, in sessions and
in scripts:

  add https://example.com/shot.mov   http and https (--url-schemes);
                                     certificates are checked

This is experimental, as in RV: a server may be slow, refuse to be asked for
parts, or stop. Films should have their index in front (ffmpeg -movflags
faststart). For smooth playback fill the region cache first (-c, --prebuffer),
look-ahead (-l) for slow lines, and let sound be read at once.""",
}
