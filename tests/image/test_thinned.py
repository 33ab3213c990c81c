"""While playing, of a movie shown smaller only what is shown is converted, and nobody can tell."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

av = pytest.importorskip("av")

from player.media import libyuv  # noqa: E402
from tests.image.room import Room, room  # noqa: E402

WIDTH, HEIGHT = 640, 360


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Six upright bars of grey over a lower half of black."""
    path = tmp_path_factory.mktemp("film") / "bars.mov"
    with av.open(str(path), "w") as container:
        stream = container.add_stream("mjpeg", rate=24)
        stream.width, stream.height, stream.pix_fmt = WIDTH, HEIGHT, "yuvj420p"
        pixels = np.zeros((HEIGHT, WIDTH, 3), np.uint8)
        bars = np.repeat(np.arange(1, 7) * 40, WIDTH // 6 + 1)[:WIDTH]
        pixels[: HEIGHT // 2] = bars[None, :, None]
        for _ in range(2):
            container.mux(stream.encode(av.VideoFrame.from_ndarray(pixels, format="rgb24")))
        container.mux(stream.encode())
    return str(path)


def converted(made: Room, monkeypatch: pytest.MonkeyPatch, size: tuple[int, int]) -> list[int]:
    """Pixels that are converted for a quick picture of that size, and a good one
    that is like it."""
    seen: list[int] = []
    original = libyuv.to_rgba

    def noted(frame: Any, matrix: int | None, full: bool) -> Any:
        seen.append(frame.width * frame.height)
        return original(frame, matrix, full)

    with monkeypatch.context() as patch:
        patch.setattr(libyuv, "to_rgba", noted)
        quick = made.shown(quick=True, size=size)
    good = made.shown(size=size)
    off = np.abs(quick - good).max(axis=2) > 12
    assert off.mean() < 0.12  # the edges of the bars
    assert abs(quick.mean() - good.mean()) < 4
    return seen


def test_a_small_screen_costs_little(film: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with room(WIDTH, HEIGHT) as made:
        made.do.addSource(film)
        assert converted(made, monkeypatch, (160, 90)) == [WIDTH * HEIGHT // 16]
        assert converted(made, monkeypatch, (WIDTH, HEIGHT)) == [WIDTH * HEIGHT]
        made.set("#RVTransform2D.transform.flop", 1)
        assert converted(made, monkeypatch, (150, 100)) == [WIDTH * HEIGHT // 16]


def test_a_part_is_as_sharp_as_it_is_shown(film: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with room(WIDTH, HEIGHT) as made:
        made.do.addSource(film)
        made.set("#RVDispTransform2D.transform.scale", 4.0, 4.0)
        assert converted(made, monkeypatch, (160, 90)) == [WIDTH * HEIGHT]


def test_colours_are_asked_of_the_whole_picture(film: str) -> None:
    with room(WIDTH, HEIGHT) as made:
        made.do.addSource(film)
        made.shown(quick=True, size=(80, 45))
        made.renderer.resize(80, 45)
        made.shown(quick=True, size=(80, 45))
        name = made.renderer.rendered()[-1].name
        value = made.renderer.source_pixel(name, float(WIDTH - 5), float(HEIGHT - 5))
        assert value[0] == pytest.approx(240 / 255, abs=0.02)
