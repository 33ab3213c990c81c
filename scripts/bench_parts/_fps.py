"""A renderer of 1080p half frames at 24 a second, a process by itself: PORT SECONDS.

Each frame carries its number in six grey blocks.  Writes the sending times and its CPU share.
"""

from __future__ import annotations

import json
import resource
import sys
import time

import numpy as np

from rvshell.pixels import open_image

LEVELS = (0.0, 0.06, 0.3, 1.0)
WIDTH, HEIGHT, BLOCKS = 1920, 1080, 6


def main() -> None:
    port, seconds = int(sys.argv[1]), float(sys.argv[2])
    rng = np.random.default_rng(1)
    frames = [rng.random((HEIGHT, WIDTH, 4), np.float32).astype(np.float16) for _ in range(3)]
    sent = []
    with open_image("fps", WIDTH, HEIGHT, dtype="half", port=port, reconnect=False) as image:
        image.send(frames[0])
        image.sync()
        before = resource.getrusage(resource.RUSAGE_SELF)
        start = time.monotonic() + 0.5
        for number in range(int(seconds * 24)):
            frame = frames[number % 3]
            for block in range(BLOCKS):
                x = block * WIDTH // BLOCKS
                frame[400:680, x : x + WIDTH // BLOCKS] = LEVELS[number >> 2 * block & 3]
            time.sleep(max(0.0, start + number / 24 - time.monotonic()))
            image.send(frame, copy=False)
            sent.append(time.monotonic())
        image.sync()
        after = resource.getrusage(resource.RUSAGE_SELF)
    used = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    print(json.dumps({"sent": sent, "cpu": used / (sent[-1] - sent[0])}))


if __name__ == "__main__":
    main()
