"""A player whose contacts live on a disk that is full, then read-only, then well again.

Run by test_book inside `unshare -rm` with an empty folder; prints what happened, ends with 0.
"""

from __future__ import annotations

import errno
import subprocess
import sys
from pathlib import Path

from rvshell import Client
from tests.network.strangers import stranger
from tests.players import Player, running_player
from tests.waiting import until


def names(folder: Path) -> set[str]:
    text = (folder / "contacts.jsonl").read_text()
    return {name for name in ("ann", "bob", "eve", "joe") if f'"{name}"' in text}


def comes(player: Player, name: str) -> None:
    with stranger(player.port, name) as client:
        assert client.eval_mu("1 + 1") == "2"


def logged(player: Player, text: str) -> None:
    until(lambda: any(text in line for line in player.log), f"{text!r} in {player.log}")
    print(f"ok: {text}", flush=True)


def fill(folder: Path) -> Path:
    filler = folder / "filler"
    with filler.open("wb", buffering=0) as file:
        try:
            while file.write(b"x" * 512):
                pass
        except OSError as error:
            assert error.errno == errno.ENOSPC
    return filler


def main(folder: Path) -> None:
    def mount(*words: str) -> None:
        subprocess.run(["mount", *words, str(folder)], check=True)

    mount("-t", "tmpfs", "-o", "size=64k", "tmpfs")
    with running_player("-networkPerm", "1", env={"PLAYER_CONFIG_DIR": str(folder)}) as player:
        comes(player, "ann")
        whole = (folder / "contacts.jsonl").read_bytes()
        filler = fill(folder)
        # what is left of the last block of the file is used up, then nothing more fits
        for _ in range(40):
            comes(player, "bob")
        logged(player, "No space left on device; kept in memory")
        kept = (folder / "contacts.jsonl").read_bytes()
        assert kept.startswith(whole) and kept.endswith(b"\n")
        filler.unlink()
        comes(player, "eve")
        assert names(folder) == {"ann", "bob", "eve"}
        mount("-o", "remount,ro")
        kept = (folder / "contacts.jsonl").read_bytes()
        comes(player, "joe")
        logged(player, "Read-only file system; kept in memory")
        assert (folder / "contacts.jsonl").read_bytes() == kept
        with Client.connect("127.0.0.1", player.port) as local:  # known all the same
            assert '"joe"' in local.request("player-admin", '{"do": "contacts"}')
        mount("-o", "remount,rw")
        comes(player, "joe")
        assert names(folder) == {"ann", "bob", "eve", "joe"}
        print("ok: well again", flush=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
