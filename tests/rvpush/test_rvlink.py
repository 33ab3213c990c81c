"""rvlink URLs: RV's two spellings, and what a link may not ask for."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rvshell.errors import UsageError
from rvshell.rvlink import bake, check, decode, encode, is_link, parse, session_to_join, split

BAKED = "rvlink://baked/202d6c202d706c6179202f706174682f746f2f6d792f6d6f7669652e6d6f76"
LINE = ["-l", "-play", "/path/to/my/movie.mov"]


def test_the_manuals_vector_both_ways() -> None:
    assert bake(LINE) == BAKED
    assert decode(BAKED) == " -l -play /path/to/my/movie.mov"
    assert parse(BAKED) == LINE


def test_percent_encoding_is_rvs() -> None:
    assert encode(LINE) == "rvlink://%20-l%20-play%20%2fpath%2fto%2fmy%2fmovie.mov"
    assert encode(["[", "a.1-5#.exr", "]"]) == "rvlink://%20%5b%20a.1-5#.exr%20%5d"
    assert encode(["é"]) == "rvlink://%20%c3%a9"


def test_decoding_as_rv_does() -> None:
    assert decode("rvlink://-play%2F") == "-play"  # one slash at the very end goes
    assert decode("rvlink://a+b%2") == "a+b%2"
    assert decode("rvlink://baked/61 62/") == "ab"


def test_splitting_with_single_quotes() -> None:
    assert split(" -l 'my file.mov' it''s\tx") == ["-l", "my file.mov", "its", "x"]


def test_words_that_are_allowed() -> None:
    words = ["[", "a.exr", "-in", "5", "+out", "10", "-ao", "-0.5", "]", "-fps", "25", "-play"]
    check(words)
    assert parse(encode(words)) == words


def test_words_of_rvs_window_and_memory_go_by() -> None:
    words = ["-nomb", "-geometry", "1", "2", "3", "4", "5.mov", "-lookback", "0", "-play"]
    assert parse(encode(words)) == ["5.mov", "-play"]
    bracketed = ["[", "a", "-in", "3", "]", "-crop", "1", "2", "3", "4", "-inferSequence"]
    assert parse(encode(bracketed)) == bracketed


@pytest.mark.parametrize(
    "words",
    [
        ["-crop", "1", "2", "3"],
        ["-qtcss", "/x"],
        ["-eval", "launchTimeline()"],
        ["-pyeval", "1"],
        ["-pyeval"],
        ["-network"],
        ["-networkConnect", "host"],
        ["-flags", "networkPortFile=/etc/passwd"],
        ["-init", "x.mu"],
        ["--listen", "0.0.0.0"],
        ["-fps"],
        ["[", "a"],
        ["]"],
        ["[", "a", "-eval", "x", "]"],
        ["[", "a", "+fcdl", "/x", "]"],
    ],
)
def test_words_that_are_not(words: list[str]) -> None:
    with pytest.raises(UsageError):
        check(words)


@pytest.mark.parametrize("url", ["http://x", "rvlink:/x", "", "rvlink://%00", "rvlink://baked/00"])
def test_urls_that_are_none(url: str) -> None:
    assert is_link(url) == url.startswith("rvlink://")
    with pytest.raises(UsageError):
        decode(url)


_WORD = st.text(st.characters(exclude_characters="'\0", exclude_categories=["Z", "C"]), min_size=1)


@given(st.lists(_WORD, min_size=1).filter(lambda words: not words[-1].endswith("/")))
@settings(max_examples=80, deadline=None)
def test_both_spellings_come_back(words: list[str]) -> None:
    assert split(decode(encode(words))) == words
    assert split(decode(bake(words))) == words


def test_a_link_to_join_a_session_is_rvs_and_nothing_more() -> None:
    join = ["-network", "-networkConnect", "ann-ws.lan", "45124", "-flags", "syncPullFirst"]
    assert parse(bake(join)) == join
    assert session_to_join(join) == ("ann-ws.lan", 45124)
    assert session_to_join(["-play"]) is None
    for bad in (
        [*join, "-networkPerm", "1"], [*join[:4], "-flags", "networkPortFile=/x"],
        ["-network", "-networkConnect", "-oProxyCommand=x", "45124"],
        ["-network", "-networkConnect", "a;b", "45124"], ["-network", "-networkConnect", "a", "0"],
        ["-network", "-networkConnect", "a", "99999"], ["-network", "-networkConnect", "a"],
        [*join, "networkPortFile=/x"],
    ):  # fmt: skip
        with pytest.raises(UsageError):
            parse(bake(bad))
