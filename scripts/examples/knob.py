#!/usr/bin/env python3
"""A jog wheel with a button and a light, by rvshell's line protocol.

    knob.py HOST:PORT < /dev/ttyUSB0 > /dev/ttyUSB0

The device writes one line for each thing that happens: `+3` or `-1` when the wheel was turned,
`press` for the button. It is sent `play` or `stop` for its light. Any program can do this in any
language: it starts `rvshell --lines` and reads and writes lines.
"""

from __future__ import annotations

import json
import subprocess
import sys
import threading


def light(answers) -> None:
    """Hand events on to the device; complain about errors."""
    for line in answers:
        answer = json.loads(line)
        event = answer.get("event", "")
        if event in ("play-start", "play-stop"):
            print(event.removeprefix("play-").replace("start", "play"), flush=True)
        elif answer.get("ok") is False:
            print(answer["error"], file=sys.stderr)


def main() -> int:
    shell = subprocess.Popen(
        ["rvshell", "-t", sys.argv[1], "--lines"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        bufsize=1,
    )
    reader = threading.Thread(target=light, args=(shell.stdout,))
    reader.start()
    print("on play-start\non play-stop", file=shell.stdin)
    for line in sys.stdin:
        word = line.strip()
        if word == "press":
            print("toggle", file=shell.stdin)
        elif word[:1] in "+-" and word[1:].isdigit():
            print(f"step {int(word)}", file=shell.stdin)
    shell.stdin.close()
    reader.join()
    return shell.wait()


if __name__ == "__main__":
    sys.exit(main())
