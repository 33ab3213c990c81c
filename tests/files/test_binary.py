"""Binary GTO and files on disk: all forms, both byte orders, and hostile files."""

from __future__ import annotations

import gzip
import os
import stat
import struct
from array import array
from pathlib import Path

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from player.session.files import (
    GtoComponent,
    GtoFile,
    GtoObject,
    GtoProperty,
    GtoType,
    SessionFileError,
    container,
    format_text,
    limits,
    parse_gto,
    read_gto,
)
from player.session.files.binary import format_binary
from player.session.files.container import write_bytes, write_gto_compressed
from tests.files.test_text import files


def sample() -> GtoFile:
    inner = GtoComponent("inner", [GtoProperty("s", GtoType.STRING, ["a", "é", ""])])
    component = GtoComponent(
        "c",
        [
            GtoProperty("i", GtoType.INT, [1, -2]),
            GtoProperty("f", GtoType.FLOAT, [0.5], interp="color"),
            GtoProperty("d", GtoType.DOUBLE, [0.1]),
            GtoProperty("h", GtoType.HALF, [1.5]),
            GtoProperty("w", GtoType.SHORT, [65535]),
            GtoProperty("b", GtoType.BYTE, [0, 255]),
            GtoProperty("m", GtoType.FLOAT, [float(i) for i in range(16)], (16, 0, 0, 0)),
            GtoProperty("p", GtoType.STRING, ["x", "y"], (2, 0, 0, 0)),
        ],
        [inner],
    )
    other = GtoObject("o2", "P", 1, [GtoComponent("c", [GtoProperty("i", GtoType.INT, [])])])
    return GtoFile([GtoObject("o", "Proto", 3, [component]), other])


def listed(file: GtoFile) -> list[object]:
    return [
        (o.name, o.protocol, o.version, path, p.type, p.dims, p.interp, list(p.values))
        for o in file.objects
        for path, p in o.walk()
    ]


def test_binary_comes_back() -> None:
    assert listed(parse_gto(format_binary(sample(), "RV"))) == listed(sample())


@given(files)
@settings(max_examples=60, deadline=None)
def test_any_file_comes_back_in_binary(file: GtoFile) -> None:
    def cut(value: object) -> object:
        return value.partition("\0")[0] if isinstance(value, str) else value

    for item in file.objects:  # the format ends strings at a NUL
        item.name, item.protocol = str(cut(item.name)), str(cut(item.protocol))
    rows = listed(file)
    assume(not any("\0" in str(row[3]) for row in rows))  # type: ignore[index]
    expected = [
        (*(cut(part) for part in row[:-1]), [cut(v) for v in row[-1]])  # type: ignore[index]
        for row in rows
    ]
    assert listed(parse_gto(format_binary(file))) == expected


def swapped(version: int) -> bytes:
    """A big-endian file of an old version with one float[2] and one string."""
    strings = b"\0".join((b"", b"o", b"P", b"c", b"f", b"s", b"hello")) + b"\0"
    head = struct.pack(">5I", 0x29F, 7, 1, version, 0)
    if version == 2:
        body = struct.pack(">4I", 1, 2, 5, 1) + struct.pack(">3I", 3, 2, 0)
        body += struct.pack(">4I", 4, 1, 1, 2) + struct.pack(">4I", 5, 1, 4, 1)
    else:
        body = struct.pack(">5I", 1, 2, 5, 1, 0) + struct.pack(">5I", 3, 2, 0, 0, 0)
        body += struct.pack(">6I", 4, 1, 1, 2, 0, 0) + struct.pack(">6I", 5, 1, 4, 1, 0, 0)
    return head + strings + body + struct.pack(">2f", 1.5, -2.0) + struct.pack(">I", 6)


@pytest.mark.parametrize("version", [2, 3])
def test_old_versions_and_the_other_byte_order(version: int) -> None:
    file = parse_gto(swapped(version))
    assert file.version == version
    item = file.objects[0]
    assert (item.name, item.version) == ("o", 5)
    assert list(item.values("c.f")) == [1.5, -2.0]
    assert list(item.values("c.s")) == ["hello"]


def test_pixels_stay_compact() -> None:
    pixels = bytes(range(256)) * 16
    floats = array("f", [0.25] * 100)
    props = [
        GtoProperty("1", GtoType.BYTE, pixels),
        GtoProperty("2", GtoType.FLOAT, floats),
    ]
    file = GtoFile([GtoObject("o", "P", 1, [GtoComponent("image", props)])])
    back = parse_gto(format_binary(file)).objects[0]
    assert back.values("image.1") == pixels
    assert back.values("image.2") == floats


@pytest.mark.parametrize("form", ["text", "binary", "gzip", "gzipped text"])
def test_every_form_is_read_from_disk(tmp_path: Path, form: str) -> None:
    data = format_text(sample()) if "text" in form else format_binary(sample())
    path = tmp_path / "s.rv"
    path.write_bytes(gzip.compress(data) if "gzip" in form else data)
    assert listed(read_gto(str(path))) == listed(sample())


def test_a_missing_name_is_tried_with_gz(tmp_path: Path) -> None:
    write_gto_compressed(str(tmp_path / "s.rv.gz"), sample())
    assert listed(read_gto(str(tmp_path / "s.rv"))) == listed(sample())


# -- hostile files ---------------------------------------------------------------------


@pytest.mark.parametrize("compress", [False, True])
def test_every_truncation_is_one_error(compress: bool) -> None:
    data = format_binary(sample())
    if compress:
        data = gzip.compress(data)
    for size in range(len(data)):
        with pytest.raises(SessionFileError) as caught:
            parse_gto(data[:size], "f.rv")
        assert "\n" not in str(caught.value)


@given(st.integers(0, 10_000), st.integers(0, 255))
@settings(max_examples=300, deadline=None)
def test_any_changed_byte_gives_a_file_or_one_error(at: int, value: int) -> None:
    data = bytearray(format_binary(sample()))
    data[at % len(data)] = value
    try:
        parse_gto(bytes(data))
    except SessionFileError as error:
        assert "\n" not in str(error)


@pytest.mark.parametrize("field", [1, 2])
def test_counts_are_checked_before_anything_is_made(field: int) -> None:
    words = [0x29F, 0, 0, 4, 0]
    words[field] = 0xFFFFFFFF
    with pytest.raises(SessionFileError):
        parse_gto(struct.pack("<5I", *words) + b"\0" * 64)


def test_a_property_larger_than_the_file() -> None:
    file = GtoFile(
        [GtoObject("o", "P", 1, [GtoComponent("c", [GtoProperty("i", GtoType.INT, [7])])])]
    )
    data = format_binary(file)
    with pytest.raises(SessionFileError, match="truncated"):
        parse_gto(data.replace(struct.pack("<3I", 1, 0, 1), struct.pack("<3I", 0x7FFFFFFF, 0, 1)))


def test_a_decompression_bomb(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "MAX_FILE_BYTES", 1 << 20)
    with pytest.raises(SessionFileError, match="decompressed"):
        parse_gto(gzip.compress(b"GTOa" + b" " * (8 << 20)))


def test_a_file_over_the_limit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "big.rv"
    path.write_bytes(b"GTOa" + b" " * 100)
    monkeypatch.setattr(limits, "MAX_FILE_BYTES", 50)
    with pytest.raises(SessionFileError, match="larger than 50 bytes"):
        read_gto(str(path))


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "not a session file"),
        (b"hello", "not a session file"),
        (b"\x89PNG\r\n", "not a session file"),
        (b"\x1f\x8bjunk", "damaged compressed data"),
        (struct.pack("<5I", 0x29F, 0, 0, 9, 0), "GTO version 9"),
    ],
)
def test_what_is_no_session_file(data: bytes, message: str) -> None:
    with pytest.raises(SessionFileError, match=message):
        parse_gto(data)


def test_what_is_no_file(tmp_path: Path) -> None:
    with pytest.raises(SessionFileError, match="no such file"):
        read_gto(str(tmp_path / "nope.rv"))
    with pytest.raises(SessionFileError, match="not a file"):
        read_gto(str(tmp_path))
    fifo = tmp_path / "fifo.rv"
    os.mkfifo(fifo)
    with pytest.raises(SessionFileError, match="not a file"):
        read_gto(str(fifo))


# -- writing in one step ---------------------------------------------------------------


def test_a_failed_write_leaves_the_old_file(tmp_path: Path) -> None:
    path = tmp_path / "s.rv"
    path.write_bytes(b"old")

    def parts() -> object:
        yield b"new"
        raise OSError(28, "No space left on device")

    with pytest.raises(SessionFileError, match="No space left"):
        write_bytes(str(path), parts())  # type: ignore[arg-type]
    assert path.read_bytes() == b"old"
    assert os.listdir(tmp_path) == ["s.rv"]


def test_writing_keeps_the_mode_and_follows_links(tmp_path: Path) -> None:
    real = tmp_path / "real.rv"
    real.write_bytes(b"old")
    real.chmod(0o640)
    link = tmp_path / "link.rv"
    link.symlink_to(real)
    write_bytes(str(link), [b"new"])
    assert link.is_symlink()
    assert real.read_bytes() == b"new"
    assert stat.S_IMODE(real.stat().st_mode) == 0o640


def test_writing_where_nothing_can_be_written(tmp_path: Path) -> None:
    with pytest.raises(SessionFileError):
        write_bytes(str(tmp_path / "no" / "s.rv"), [b"x"])
    assert container.__name__
