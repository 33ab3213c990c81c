"""A finer cube shows what it is not sure of by itself, and nobody sees that."""

from __future__ import annotations

import subprocess
import sys
from collections import OrderedDict
from collections.abc import Callable, Iterator
from math import inf

import numpy as np
import numpy.typing as npt
import pytest

from player.image import baked, marked, refining
from player.image.baked import Cube
from player.image.compiled import Compiled, compile_ops
from player.image.lattice import Curves
from player.image.marked import MarkedCube
from player.image.ops import Op, channelwise, general
from player.image.remembering import Memory
from player.image.shapers import LinearShaper, half_values
from player.image.tables import described
from player.image.transfer import Array
from tests.image.test_marked import CONFIG, SHAPE, aces, off, picture

__all__ = ["CONFIG", "aces"]  # a fixture

HALF = np.dtype(np.float16)
NOTHING = Curves((), np.broadcast_to(half_values(), (3, 65536)), HALF)
_SMALL = 49  # nodes: quick to make, and wrong in more places


@pytest.fixture(scope="module")
def cube(aces: tuple[Op, ...]) -> Iterator[tuple[Compiled, Cube]]:
    """The chain of a view and its cube, finer made."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(baked, "_cubes", OrderedDict())
        patch.setattr(baked, "_with_fine", [])
        patch.setattr(baked, "FINE", _SMALL)
        chain = compile_ops((channelwise("brighter", lambda x: x * np.float32(1.5)), *aces))
        out = np.zeros((1, 1, 4), np.uint8)
        chain.to_bytes(np.ones((1, 1, 4), np.float16), out)
        made = chain._cube(HALF)
        made.refine(chain.curves(HALF))
        yield chain, made


@pytest.mark.parametrize("kind", ["ramp", "noise", "picture", "light"])
def test_it_is_within_2_of_255(cube: tuple[Compiled, Cube], kind: str) -> None:
    chain, made = cube
    fine = made._fine
    assert fine is not None and fine.ready(chain.curves(HALF).key)
    light = picture(kind)
    out = np.zeros((*SHAPE, 4), np.uint8)
    for _ in range(2):  # computed, then remembered
        chain.to_bytes(light.astype(np.float16), out)
        assert off(out, chain.ops, light) <= 2
    assert (out[..., 3] == 255).all()
    upside_down = np.zeros((*SHAPE, 4), np.uint8)
    chain.to_bytes(light.astype(np.float16), upside_down[::-1])
    assert off(upside_down[::-1], chain.ops, light) <= 2
    floats = chain.apply(light.copy(), shown=True)
    assert off(np.clip(floats, 0, 1) * 255 + 0.5, chain.ops, light) <= 2


def test_without_time_the_marks_are_not_seen_either(
    cube: tuple[Compiled, Cube], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(marked, "_ANYHOW", 0)
    chain, made = cube
    light = picture("light")
    out = np.zeros((*SHAPE, 4), np.uint8)
    made._memories.clear()
    chain.to_bytes(light.astype(np.float16), out, until=0.0)
    fine = made._fine
    assert fine is not None
    curves = [c[light[..., n].astype(np.float16).view(np.uint16)]
              for n, c in enumerate(chain.curves(HALF).columns)]  # fmt: skip
    alone = fine.plain.apply(np.stack([*curves, light[..., 3]], -1))
    made_of_it = np.clip(alone[..., :3], 0, 1) * 255
    assert np.abs(out[..., :3] - made_of_it).max() <= 1.0
    told = np.zeros((*SHAPE, 4), np.uint8)
    processor = fine.prepare(chain.curves(HALF))
    half = light.astype(np.float16)
    processor.apply(described(half), described(told))
    assert (told.view("<u4") == fine.mark).sum() > 100  # there was something to see


def through(cube: MarkedCube, light: npt.NDArray[np.float16], until: float = inf) -> Array:
    """RGB bytes of half RGBA, nothing before the cube."""
    out = np.zeros(light.shape, np.uint8)
    cube.to_bytes(NOTHING, light, out, Memory(), until)
    return out[..., :3].astype(np.float32)


def _bent(rgba: Array) -> Array:
    """Mixes channels, with a bend, and reaches every corner of the RGB cube."""
    rgb = rgba[..., :3]
    mean = rgb.mean(axis=-1, keepdims=True)
    rgba[..., :3] = np.clip(np.where(mean > 0.31, 1.3 * rgb - 0.1, rgb * rgb), 0.0, 1.0)
    return rgba


def test_a_colour_like_a_mark_is_shown() -> None:
    cube = MarkedCube([general("bent", _bent, rgb_only=True)], LinearShaper(17))
    corner = np.array([cube.mark], "<u4").view(np.uint8)[:3] > 0
    light = np.ones((1, 1, 4), np.float16)
    light[0, 0, :3] = np.where(corner, 3.0, -0.001)
    for until in (0.0, inf):
        assert through(cube, light, until)[0, 0].tolist() == (255 * corner).tolist()


@pytest.mark.parametrize(
    ("function", "goes_on"),
    [
        (lambda x: np.clip(x, 0.0, 0.5), (False, False)),
        (lambda x: np.clip(x * 0.5 + 0.25, 0.0, 1.0), (True, False)),
        (lambda x: np.clip(x / 1000.0, 0.0, 1.0), (False, True)),
    ],
)
def test_what_lies_outside_is_computed_where_it_is_another_colour(
    function: Callable[[Array], Array], goes_on: tuple[bool, bool]
) -> None:
    def mixed(rgba: Array) -> Array:
        rgba[..., :3] = function(rgba[..., [1, 2, 0]])
        return rgba

    cube = MarkedCube([general(str(goes_on), mixed, rgb_only=True)], LinearShaper(17))
    assert cube.open == goes_on
    light = np.zeros((1, 2, 4), np.float16)
    light[0, :, :3] = (-0.3, 0.2, 0.1), (700.0, 0.2, 0.1)
    right = mixed(light.astype(np.float32))[..., :3] * 255
    assert np.abs(through(cube, light) - right).max() <= 2


def test_it_is_made_when_a_view_has_been_on_for_a_while(
    aces: tuple[Op, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    jobs: list[Callable[[], None]] = []
    monkeypatch.setattr(refining, "later", jobs.append)
    monkeypatch.setattr(baked, "FINE", 17)
    monkeypatch.setattr(baked, "_cubes", OrderedDict())
    monkeypatch.setattr(baked, "_with_fine", [])
    monkeypatch.setattr(baked, "_LARGE", 64)
    large = np.full((8, 8, 4), 0.25, np.float16)
    out = np.zeros((8, 8, 4), np.uint8)

    def play(chain: Compiled, pictures: int) -> None:
        for _ in range(pictures):
            chain.to_bytes(large, out)

    for exposure in range(4):  # one that is dragged is never on for long
        gain = np.float32(1 + exposure / 10)
        play(compile_ops((channelwise(("drag", exposure), lambda x, g=gain: x * g), *aces)), 2)
    assert not jobs
    chain = compile_ops(aces)
    play(chain, 30)
    assert len(jobs) == 1
    before = out.copy()
    jobs.pop()()
    cube = chain._cube(HALF)
    fine = cube._fine
    assert fine is not None and fine.ready(chain.curves(HALF).key)
    play(chain, 30)
    assert not jobs and np.abs(out.astype(int) - before).max() <= 2
    # another exposure of the same view needs another processor, of the same cube
    other = compile_ops((channelwise(("then", 1), lambda x: x * np.float32(0.5)), *aces))
    play(other, 30)
    assert len(jobs) == 1
    jobs.pop()()
    assert cube._fine is fine and fine.ready(other.curves(HALF).key)
    # one whose place was taken is not made again at once, or three would take turns for ever
    cube.coarsen()
    play(other, 30)
    assert not jobs
    monkeypatch.setattr(baked, "_AGAIN", 0.0)
    play(other, 1)
    assert len(jobs) == 1


def test_no_more_than_two_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(baked, "_cubes", OrderedDict())
    monkeypatch.setattr(baked, "_with_fine", [])
    monkeypatch.setattr(baked, "FINE", 9)
    cubes = [baked.cube_of([general(("bent", n), _bent, rgb_only=True)]) for n in range(3)]
    for cube in cubes:
        cube.refine(NOTHING)
    assert [cube._fine is not None for cube in cubes] == [False, True, True]


def test_a_failure_is_told_and_the_next_job_done(caplog: pytest.LogCaptureFixture) -> None:
    def fails() -> None:
        raise MemoryError("no room")

    refining.later(fails)
    assert refining.finished(60)
    assert "a finer cube of a colour transform could not be made" in caplog.text


def test_a_process_ends_while_one_is_made() -> None:
    code = (
        "import numpy as np\n"
        "from player.image import refining\n"
        "from player.image.marked import MarkedCube, at_once\n"
        "from player.image.ops import general\n"
        "from player.image.shapers import LinearShaper\n"
        "def slow(rgba):\n"
        "    for _ in range(20): np.sin(rgba)\n"
        "    return rgba\n"
        "cube = [general('slow', slow)], LinearShaper(129), at_once, refining.go_on\n"
        "refining.later(lambda: MarkedCube(*cube))\n"
        "print('bye')\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=120, check=False
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "bye\n", "")
