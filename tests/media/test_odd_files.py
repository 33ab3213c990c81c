"""Pipes, devices, and names that mean something else to somebody."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from player.media import open_media
from player.media.reader import ImageReader
from rvshell.errors import MediaError
from tests.media.test_movies import write


@pytest.mark.parametrize("name", ["a.mov", "a.exr", "a.mxf", "a.webp", "a.m3u8", "a"])
def test_pipes_and_devices_are_not_waited_for(tmp_path: Path, name: str) -> None:
    os.mkfifo(tmp_path / name)
    with pytest.raises(MediaError, match="is a pipe, not a file"):
        open_media(str(tmp_path / name))
    with pytest.raises(MediaError, match="is a pipe, not a file"):
        ImageReader(str(tmp_path / name))
    (tmp_path / f"zero{name}").symlink_to("/dev/zero")
    with pytest.raises(MediaError, match="is a device, not a file"):
        open_media(str(tmp_path / f"zero{name}"))
    (tmp_path / "list.m3u8").write_text(f"#EXTM3U\n#EXTINF:1,\n{name}\n#EXT-X-ENDLIST\n")
    with pytest.raises(MediaError, match=r"is a pipe, not a file|cannot be read"):
        open_media(str(tmp_path / "list.m3u8"))


@pytest.mark.parametrize("name", [
    "pipe:0.mp4", "concat:a.mp4", "subfile,,start,0,end,9,,:x.mp4", "data:x.mp4", "crypto:x.mp4",
])  # fmt: skip
def test_names_that_begin_like_protocols_are_those_of_files(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    write(tmp_path / name, "mpeg4", "yuv420p", 12, 5)
    monkeypatch.chdir(tmp_path)
    reader = open_media(name)
    assert reader.facts.end == 5 and not reader.read(3).problem
    reader.close()


def test_an_image_whose_name_is_not_utf8(tmp_path: Path) -> None:
    path = os.fsdecode(os.fsencode(tmp_path) + b"/\xff\xe9.png")
    Path(path).write_bytes(b"\x89PNG")
    with pytest.raises(MediaError) as caught:
        open_media(path)
    message = "\\xff\\xe9.png: OpenImageIO opens no names that are not UTF-8"
    assert str(caught.value).endswith(message)
