"""RV's notation for frames in names, grouping, stereo pairs."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from player.media.grouping import contract
from player.media.sequence import frame_of_name, parse_frames, parse_pattern
from rvshell.errors import MediaError


@pytest.mark.parametrize(("text", "name", "frames"), [
    ("foo.#.exr", "foo.0007.exr", None),
    ("foo.##.exr", "foo.0007.exr", None),
    ("foo.@@@.exr", "foo.007.exr", None),
    ("foo.@.exr", "foo.7.exr", None),
    ("foo.%04d.exr", "foo.0007.exr", None),
    ("foo.%d.exr", "foo.7.exr", None),
    ("foo.1-3#.exr", "foo.0007.exr", (1, 2, 3)),
    ("foo.1,3,5-9@@@.tif", "foo.007.tif", (1, 3, 5, 6, 7, 8, 9)),
    ("foo.-2-1#.exr", "foo.0007.exr", (-2, -1, 0, 1)),
    ("foo.1-7x3#.exr", "foo.0007.exr", (1, 4, 7)),
    ("shot2#.exr", "shot0007.exr", (2,)),
    ("foo.#+10.exr", "foo.0017.exr", None),
    ("foo.#x2.exr", "foo.0014.exr", None),
    ("foo.`.exr", "foo.1750.exr", None),
])  # fmt: skip
def test_patterns(text: str, name: str, frames: tuple[int, ...] | None) -> None:
    pattern = parse_pattern(text)
    assert pattern is not None
    assert (pattern.name(7), pattern.frames) == (name, frames)


def test_escapes_are_no_pattern() -> None:
    assert parse_pattern(r"a\#b.exr") is None
    assert parse_pattern("plain.exr") is None


def test_a_step_of_zero_is_refused() -> None:
    with pytest.raises(MediaError, match="step of 0"):
        parse_frames("1-10x0")


@settings(max_examples=150, deadline=None)
@given(st.text(alphabet="ab.#@%0123456789d-x,+/`\\ ", max_size=24))
def test_any_text_is_a_pattern_a_name_or_refused(text: str) -> None:
    try:
        pattern = parse_pattern(text)
    except MediaError:
        return
    if pattern is not None:
        assert isinstance(pattern.name(12), str)


@pytest.mark.parametrize(("name", "frame"), [
    ("foo.0100.exr", 100), ("a.0010_v2.jpg", 10), ("shot2_v3.png", 3), ("x.png", 1),
    ("foo.0010.jp2", 10), ("a/b7/foo.exr", 1),
])  # fmt: skip
def test_frame_of_a_single_image(name: str, frame: int) -> None:
    assert frame_of_name(name) == frame


def test_five_files_make_a_sequence() -> None:
    names = [f"a.{n}.tif" for n in range(1, 6)]
    assert contract(names) == ["a.1-5@.tif"]
    assert contract(names[:4]) == names[:4]
    padded = [f"b_{n:04d}.exr" for n in (1, 2, 3, 7, 8, 9)]
    assert contract(["x.mov", *padded, "y.txt"]) == ["x.mov", "b_1-3,7-9#.exr", "y.txt"]
