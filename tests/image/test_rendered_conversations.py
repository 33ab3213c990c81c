"""Pictures recorded from RV: conversations whose framebuffer was read after each text."""

from __future__ import annotations

import ast
import json
import re
from pathlib import Path
from typing import Any

import pytest

from player.commands import Context, load_all
from player.commands.calling import Calls
from player.image.render import render_float
from player.image.renderer import ImageRenderer
from player.media import PixelStore, Probe
from player.session.ports import Ports
from player.session.session import Session

DATA = Path(__file__).resolve().parents[1] / "conformance" / "session"
CASES = [
    case
    for case in map(json.loads, (DATA / "cases.jsonl").read_text().splitlines())
    if "center_pixel" in case and "center_pixel" not in (case.get("unstable") or ())
]


CALL = re.compile(
    r"\b(addSource|setFloatProperty|setIntProperty|setStringProperty|setViewNode|setFrame)"
    r'\(((?:"[^"]*"|[^()"])*)\)'
)


def run(calls: Calls, text: str) -> None:
    """Make the calls of a text that change the picture."""
    for name, arguments in CALL.findall(text):
        plain = re.sub(r"\w+\[\]\s*\{([^}]*)\}", r"[\1]", arguments)
        getattr(calls, name)(*ast.literal_eval(f"({plain},)"))


@pytest.mark.parametrize("case", CASES, ids=lambda c: c["case"])
def test_pixels_are_those_rv_drew(case: dict[str, Any]) -> None:
    probe, store = Probe(), PixelStore()
    renderer = ImageRenderer(probe.readers, store, size=(1024, 768))
    session = Session("output", ports=Ports(media=probe, pixels=store, renderer=renderer))
    renderer.attach(session)
    load_all()
    calls = Calls(Context(session), "commands")
    try:
        for text, centre, quarter in zip(
            case["programs"], case["center_pixel"], case["quarter_pixel"], strict=True
        ):
            run(calls, text.replace("@WORK@", str(DATA)))
            session.settle()
            values, _ = render_float(renderer.view(), 1024, 768, renderer.fetch)
            for x, y, expected in ((512, 384, centre), (256, 192, quarter)):
                # a colour beyond 1 is compared by its size: 1/255 of white is meant
                close = [pytest.approx(v, abs=1 / 255, rel=1 / 255) for v in expected]
                assert [float(v) for v in values[y, x]] == close, text
    finally:
        renderer.close()
