"""rvlink:// URLs and what they may do."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from player.commands.links import LinkError, parse
from rvshell.rvlink import decode, split

BAKED = "rvlink://baked/202d6c202d706c6179202f706174682f746f2f6d792f6d6f7669652e6d6f76"


def test_baked_and_encoded_forms_decode_alike() -> None:
    line = " -l -play /path/to/my/movie.mov"
    assert decode(BAKED) == decode(BAKED + "/ ") == line
    assert decode("rvlink://%20-l%20-play%20%2fpath%2Fto/my/movie.mov/") == line
    assert decode("rvlink://a+b%2") == "a+b%2"


def test_splitting_and_quotes() -> None:
    assert split(" -l 'a b'c  d'") == ["-l", "a bc", "d"]
    assert split("x '' y ''") == ["x", "", "y"]


def test_media_and_options() -> None:
    link = parse(BAKED)
    assert link.media == ["/path/to/my/movie.mov"]
    assert link.flags == {"-l", "-play"}
    link = parse("rvlink://[ a.exr -in 5 +out 10 ] b.mov --fps 30 -view defaultStack")
    assert link.media == ["[", "a.exr", "+in", "5", "+out", "10", "]", "b.mov"]
    assert link.values == {"-fps": "30", "-view": "defaultStack"}
    assert parse("rvlink://[ a.exr -ao -0.5 ]").media == ["[", "a.exr", "+ao", "-0.5", "]"]


@pytest.mark.parametrize(
    "text",
    [
        "http://x",
        "rvlink://-eval 'play()'",
        "rvlink://--eval launchTimeline",
        "rvlink://-pyeval sessionFromVersionIDs",
        "rvlink://-pyeval",
        "rvlink://-network",
        "rvlink://-networkConnect host 45124",
        "rvlink://-flags x=y",
        "rvlink://a.mov -o /tmp/out.mov",
        "rvlink://-fps",
        "rvlink://[ a.mov",
        "rvlink://a.mov ]",
        "rvlink://[ [ a ] ]",
        "rvlink://[ a.mov -eval x ]",
        "rvlink://a%00b",
    ],
)
def test_refused(text: str) -> None:
    with pytest.raises(LinkError):
        parse(text)


@given(st.text(max_size=80))
@settings(max_examples=150, deadline=None)
def test_any_link_is_parsed_or_refused(text: str) -> None:
    try:
        link = parse("rvlink://" + text)
    except LinkError:
        return
    assert all(flag.startswith("-") for flag in link.flags)
