"""When quick pictures are shown of pixels that stream in."""

from __future__ import annotations

from player.daemon.streaming import REST, Streaming


def show(stream: Streaming, tiles: int, now: float, takes: float) -> tuple[bool, float]:
    """A picture that takes so long when it is good: whether it was quick, and when it was shown."""
    quick = stream.offer(tiles, now)
    now += 0.005 if quick else takes
    stream.shown(now)
    return quick, now


def test_a_stream_gets_quick_pictures_and_a_good_one_at_its_end() -> None:
    stream = Streaming()
    quick, now = show(stream, 1, 10.0, 0.08)
    assert not quick
    for tiles in range(2, 30):
        quick, now = show(stream, tiles, now + 0.03, 0.08)
        assert quick
        quick, now = show(stream, tiles, now + 0.01, 0.08)  # what is told of the pixels, say
        assert quick
    quick, now = show(stream, 29, now + REST, 0.08)  # nothing new has come
    assert not quick
    quick, now = show(stream, 30, now + 1.0, 0.08)  # a bucket now and then
    assert not quick


def test_where_good_pictures_are_quick_enough_there_are_no_others() -> None:
    stream = Streaming()
    now = 10.0
    for tiles in range(20):
        quick, now = show(stream, tiles, now + 0.02, 0.01)
        assert not quick


def test_other_changes_get_good_pictures() -> None:
    stream = Streaming()
    _, now = show(stream, 1, 10.0, 0.08)
    quick, now = show(stream, 1, now + 0.01, 0.08)  # the exposure, say
    assert not quick
