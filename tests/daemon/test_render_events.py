"""Scripts around each picture, in a real player: what RV's packages bind to `pre-render`,
`post-render` and `per-render-event-processing`.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import OpenImageIO as oiio

from tests.players import running_player
from tests.waiting import until

DARK = "solid,red=0.25,green=0.25,blue=0.25,width=64,height=36,start=1,end=100.movieproc"
TOLD = "__import__('sys').told"


def noting(*names: str) -> str:
    """Python that writes down each event, its frame and the size of the view."""
    return f"""
import rv, sys
sys.told = []
def note(event, told=sys.told, frame=rv.commands.frame):
    told.append((event.name(), frame(), "per" in event.name() or event.domain()))
for name in {names}:
    rv.commands.bind("default", "global", name, note, "")
"""


def test_they_come_in_order_for_each_picture() -> None:
    with running_player("--size", "64x36", DARK) as player, player.client() as client:
        client.exec_python(noting("per-render-event-processing", "post-render", "pre-render"))
        client.eval_mu("setFrame(7)")
        until(
            lambda: (
                "'per-render-event-processing', 7" in client.eval_python("__import__('sys').told")
            )
        )
        told = [line for line in eval(client.eval_python("__import__('sys').told")) if line[1] == 7]
        assert [name for name, _, _ in told][:3] == [
            "pre-render", "post-render", "per-render-event-processing",
        ]  # fmt: skip
        assert tuple(told[0][2]) == tuple(told[1][2]) == (64.0, 36.0)


def test_what_is_changed_before_a_picture_is_on_it(tmp_path: Path) -> None:
    """As RV's presentation and motion scope modes do it."""
    out = tmp_path / "out.png"
    with (
        running_player("--size", "64x36", "--snapshot", str(out), DARK, display="png") as player,
        player.client() as client,
    ):
        client.exec_python(
            "import rv\n"
            "def brighter(event, rv=rv):\n"
            "    lit = 2.0 if rv.commands.frame() == 5 else 0.0\n"
            "    rv.commands.setFloatProperty('#RVColor.color.exposure', [lit] * 3, True)\n"
            "rv.commands.bind('default', 'global', 'pre-render', brighter, '')\n"
        )
        client.eval_mu("setFrame(5)")

        def lit() -> Any:
            picture = oiio.ImageInput.open(str(out)) if out.exists() else None
            return picture is not None and (picture.read_image("uint8")[18, 32, :3] > 100).all()

        until(lit)


def test_a_script_that_always_asks_for_another_picture_stops_nobody() -> None:
    with running_player("--size", "64x36", DARK) as player, player.client() as client:
        client.exec_python(noting("per-render-event-processing"))
        client.exec_python(
            "import rv\n"
            "rv.commands.bind('default', 'global', 'post-render', "
            "lambda event, again=rv.commands.redraw: again(), '')"
        )
        client.eval_mu("redraw()")
        until(lambda: int(client.eval_python(f"len({TOLD})")) > 10)
        assert client.eval_mu("frame()") == "1"
