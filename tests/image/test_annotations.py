"""What is drawn over pictures: RVPaint and RVOverlay by geometry, and the heads-up display."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from player.session.uistate import Feedback, Question
from tests.image.room import Array, Room, room

W, H = 320, 200
GREY = 0.25


def prepared(r: Room, **info: Any) -> str:
    pixels = np.full((H, W, 4), GREY)
    pixels[..., 3] = 1
    node: str = r.do.nodeGroup(r.push(pixels, **info)) + "_paint"
    return node


def component(r: Room, node: str, name: str, frame: int = 1, **values: Any) -> None:
    """Make an annotation and put it last in the order of its frame."""
    kinds = {int: 2, float: 1, str: 8}
    for key, value in values.items():
        flat = [value] if isinstance(value, (int, float, str)) else list(value)
        width = {"points": 2, "color": 4, "position": 2, "min": 2, "max": 2, "innerColor": 4,
                 "borderColor": 4, "startPos": 2, "endPos": 2}.get(key, 1)  # fmt: skip
        prop = f"{node}.{name}.{key}"
        if not r.do.propertyExists(prop):
            r.do.newProperty(prop, kinds[type(flat[0])], width)
        r.set(prop, *flat)
    order = f"{node}.frame:{frame}.order"
    if not r.do.propertyExists(order):
        r.do.newProperty(order, 8, 1)
    names = list(r.do.getStringProperty(order))
    if name not in names:
        r.set(order, *names, name)


def grid() -> tuple[Array, Array]:
    """x, y of the pixels in image heights from the centre."""
    y, x = np.mgrid[0:H, 0:W]
    return (x + 0.5) / H - W / H / 2, (y + 0.5) / H - 0.5


def check(shown: Array, inside: Array, edge: Array, colour: Any) -> None:
    """*inside* has the colour, what is neither inside nor *edge* the background."""
    want = np.asarray(colour) * 255
    assert inside.sum() > 20
    assert np.abs(shown[inside] - want).max() <= 1.5
    assert np.abs(shown[~inside & ~edge] - GREY * 255).max() <= 1.5


def test_a_stroke_is_round_and_twice_as_wide_as_it_says() -> None:
    """A width is that of one side; two pixels within the edge fade."""
    x, y = grid()
    with room(W, H) as r:
        node = prepared(r)
        component(r, node, "pen:1:1:u", points=[-0.4, -0.2, 0.3, 0.25], width=0.1,
                  color=[1.0, 0.5, 0.0, 1.0])  # fmt: skip
        a, d = np.array([-0.4, -0.2]), np.array([0.7, 0.45])
        t = np.clip(((x - a[0]) * d[0] + (y - a[1]) * d[1]) / (d @ d), 0, 1)
        distance = np.hypot(x - a[0] - t * d[0], y - a[1] - t * d[1])
        pixel = 1 / H
        edge = np.abs(distance - 0.1 + pixel) <= pixel
        check(r.shown(), (distance < 0.1) & ~edge, edge, (1.0, 0.5, 0.0))
        half = np.abs(distance - 0.1 + pixel) < 0.02 * pixel
        assert np.abs(r.shown()[half] - 255 * (np.array([1, 0.5, 0]) + GREY) / 2).max() < 6
        r.set(f"{node}.paint.show", 0)
        assert np.abs(r.shown() - GREY * 255).max() <= 1.5


def square(shown: Array) -> tuple[float, ...]:
    """x0, x1, y0, y1 of what is red, in image heights from the centre."""
    y, x = np.nonzero(shown[..., 0] > 200)
    edges = x.min() / H - W / H / 2, (x.max() + 1) / H - W / H / 2, y.min() / H, (y.max() + 1) / H
    return (edges[0], edges[1], edges[2] - 0.5, edges[3] - 0.5)


@pytest.mark.parametrize("where", ["source", "sequence"])
def test_marks_go_where_their_image_goes(where: str) -> None:
    """RV draws them with the image's own matrix, whether it was moved before them or after;
    with it they are shrunk to the frame of a sequence."""
    with room(W, H) as r:
        source = r.do.nodeGroup(r.push(np.full((H, 2 * W, 4), GREY)))
        node = f"{source}_paint" if where == "source" else f"defaultSequence_p_{source}"
        r.set("#RVSequence.output.autoSize", 0)
        r.set("#RVSequence.output.size", W, H)
        component(r, node, "rect:1:1:u", min=[-0.2, -0.2], max=[0.2, 0.2], borderWidth=0.0,
                  innerColor=[1.0, 0.0, 0.0, 1.0])  # fmt: skip
        assert square(r.shown()) == pytest.approx((-0.1, 0.1, -0.1, 0.1), abs=1 / H)
        r.set(f"{source}_transform2D.transform.translate", 0.4, 0.1)
        assert square(r.shown()) == pytest.approx((0.1, 0.3, -0.05, 0.15), abs=1 / H)


def test_marks_go_over_the_edge_of_their_image() -> None:
    """As RV draws them, on what is behind it; a wipe's box cuts them as it cuts the image."""
    x, y = grid()
    with room(W, H) as r:
        source = r.do.nodeGroup(r.push(np.full((H, H, 4), GREY)))
        component(r, f"{source}_paint", "rect:1:1:u", min=[-0.7, -0.1], max=[0.7, 0.1],
                  borderWidth=0.0, innerColor=[1.0, 0.0, 0.0, 0.5])  # fmt: skip
        shown, marked = r.shown(), (np.abs(x) < 0.69) & (np.abs(y) < 0.09)
        beyond = np.abs(x) > 0.51
        assert np.abs(shown[marked & beyond] - [127.5, 0, 0]).max() <= 1.5
        assert np.abs(shown[marked & (np.abs(x) < 0.49)] - [159.4, 31.9, 31.9]).max() <= 1.5
        assert not shown[beyond & (np.abs(y) > 0.11)].any()
        r.do.setViewNode("defaultStack")  # nothing else has wipes
        assert np.abs(r.shown() - shown).max() <= 1
        r.set(f"defaultStack_t_{source}.stencil.visibleBox", 0.0, 0.9, 0.0, 1.0)
        assert not r.shown()[beyond].any()


def test_marks_on_a_sequence_lie_in_its_frame() -> None:
    with room(W, H) as r:
        source = r.do.nodeGroup(r.push(np.full((H, 2 * W, 4), GREY)))
        r.set("#RVSequence.output.autoSize", 0)
        r.set("#RVSequence.output.size", W, H)
        r.set(f"{source}_transform2D.transform.translate", 0.4, 0.1)
        r.do.newNode("RVPaint", "marks")
        r.do.setNodeInputs("marks", ["defaultSequence"])
        component(r, "marks", "rect:1:1:u", min=[-0.2, -0.2], max=[0.2, 0.2], borderWidth=0.0,
                  innerColor=[1.0, 0.0, 0.0, 1.0])  # fmt: skip
        r.do.setViewNode("marks")
        assert square(r.shown()) == pytest.approx((-0.2, 0.2, -0.2, 0.2), abs=1 / H)


def test_opacity_erasing_and_a_width_for_each_point() -> None:
    x, y = grid()
    with room(W, H) as r:
        node = prepared(r)
        component(r, node, "pen:1:1:u", points=[-0.5, 0.0, 0.5, 0.0], width=[0.1, 0.1],
                  color=[1.0, 1.0, 1.0, 0.5])  # fmt: skip
        component(r, node, "pen:2:1:u", points=[0.0, -0.4, 0.0, 0.4], width=[0.05, 0.05], mode=1,
                  color=[1.0, 1.0, 1.0, 1.0])  # fmt: skip
        shown = r.shown()
        band = (np.abs(y) < 0.09) & (np.abs(x) > 0.06) & (np.abs(x) < 0.5)
        assert np.abs(shown[band] - 255 * (0.5 + 0.5 * GREY)).max() <= 1.5
        assert np.abs(shown[np.abs(x) < 0.04] - 255 * GREY).max() <= 1.5


def test_rectangles_and_ellipses() -> None:
    x, y = grid()
    pixel = 1 / H
    with room(W, H) as r:
        node = prepared(r)
        component(r, node, "rect:1:1:u", min=[-0.6, -0.3], max=[-0.1, 0.2], borderWidth=0.04,
                  innerColor=[0.0, 0.0, 1.0, 1.0], borderColor=[1.0, 0.0, 0.0, 1.0])  # fmt: skip
        component(r, node, "ellipse:1:1:u", min=[0.1, -0.3], max=[0.7, 0.2], borderWidth=0.0,
                  innerColor=[0.0, 1.0, 0.0, 1.0])  # fmt: skip
        shown = r.shown()
        dx, dy = np.abs(x + 0.35) - 0.25, np.abs(y + 0.05) - 0.25
        outside = np.hypot(np.maximum(dx, 0), np.maximum(dy, 0)) + np.minimum(np.maximum(dx, dy), 0)
        inner = outside < -0.02 - 1.5 * pixel
        assert np.abs(shown[inner] - [0, 0, 255]).max() <= 1.5
        border = np.abs(outside) < 0.02 - 1.5 * pixel
        assert np.abs(shown[border] - [255, 0, 0]).max() <= 1.5
        u, v = (x - 0.4) / 0.3, (y + 0.05) / 0.25
        assert np.abs(shown[np.hypot(u, v) < 0.96] - [0, 255, 0]).max() <= 1.5
        clear = (np.hypot(u, v) > 1.04) & (outside > 0.02 + 1.5 * pixel)
        assert np.abs(shown[clear] - GREY * 255).max() <= 1.5


def test_lines_and_arrows() -> None:
    x, y = grid()
    with room(W, H) as r:
        node = prepared(r)
        component(r, node, "line:1:1:u", startPos=[-0.6, 0.3], endPos=[0.6, 0.3], borderWidth=0.04,
                  borderColor=[1.0, 0.0, 0.0, 1.0])  # fmt: skip
        component(r, node, "arrow:1:1:u", startPos=[-0.5, -0.2], endPos=[0.5, -0.2],
                  thickness=0.04, borderWidth=0.0, innerColor=[0.0, 1.0, 0.0, 1.0])  # fmt: skip
        shown = r.shown()
        assert (
            np.abs(shown[(np.abs(y - 0.3) < 0.014) & (np.abs(x) < 0.6)] - [255, 0, 0]).max() <= 1.5
        )
        shaft = (np.abs(y + 0.2) < 0.014) & (x > -0.49) & (x < 0.45)
        assert np.abs(shown[shaft] - [0, 255, 0]).max() <= 1.5
        # the head is wider than the shaft, and ends at the end
        assert (shown[(np.abs(y + 0.13) < 0.01) & (np.abs(x - 0.31) < 0.01)] == [0, 255, 0]).all()
        assert np.abs(shown[(np.abs(y + 0.2) < 0.1) & (x > 0.52)] - GREY * 255).max() <= 1.5


def test_text_stands_on_its_baseline() -> None:
    x, y = grid()
    with room(W, H) as r:
        node = prepared(r)
        component(r, node, "text:1:1:u", position=[-0.5, 0.1], text="HTL", fontSize=0.2,
                  color=[1.0, 1.0, 0.0, 1.0], startFrame=1, duration=1)  # fmt: skip
        lit = np.abs(r.shown() - [255, 255, 0]).max(axis=-1) < 30
        assert 300 < lit.sum() < 6000
        assert abs(y[lit].min() - 0.1) < 0.02 and y[lit].max() < 0.1 + 0.2
        assert -0.5 <= x[lit].min() < -0.45
        component(r, node, "text:1:1:u", rotation=90.0)
        turned = np.abs(r.shown() - [255, 255, 0]).max(axis=-1) < 30
        assert y[turned].max() - y[turned].min() > 1.5 * (y[lit].max() - y[lit].min())


def test_only_what_the_order_names_is_drawn_at_its_frames() -> None:
    with room(W, H) as r:
        node = prepared(r, start=1, end=20)
        spot = {"points": [0.0, 0.0], "width": 0.3}
        component(r, node, "pen:1:3:u", 3, **spot, color=[1.0, 0.0, 0.0, 1.0], duration=2)
        component(r, node, "pen:2:3:u", 3, **spot, color=[0.0, 0.0, 1.0, 1.0])
        r.set(f"{node}.frame:3.order", "pen:1:3:u")

        def middle(frame: int) -> list[int]:
            r.do.setFrame(frame)
            return [int(v) for v in r.shown()[H // 2, W // 2]]

        grey = [round(GREY * 255)] * 3
        assert [middle(f) for f in (2, 3, 4, 5)] == [grey, [255, 0, 0], [255, 0, 0], grey]
        r.set("rv.paintEffects.hold", 1)
        assert [middle(f) for f in (2, 5, 15)] == [grey, [255, 0, 0], [255, 0, 0]]
        r.set("rv.paintEffects.hold", 0)
        r.set("rv.paintEffects.ghost", 1)
        red, green = middle(8), middle(1)
        assert red[0] > red[1] and green[1] > green[0]


def test_marks_behind_a_retime_are_at_its_frames() -> None:
    """Those of the source at the frames of its media, those of a sequence of what is retimed at
    the frames that it has there."""
    with room(W, H) as r:
        node = prepared(r, start=1, end=20)
        slow = r.do.newNode("RVRetimeGroup", "slow")
        r.do.setNodeInputs(slow, [node.removesuffix("_paint")])
        r.set("slow_retime.visual.scale", 2.0)
        cut = r.do.newNode("RVSequenceGroup", "cut")
        r.do.setNodeInputs(cut, [slow])
        r.do.setViewNode(cut)
        component(r, node, "pen:1:4:u", 4, points=[-0.4, 0.0], width=0.1, color=[1.0, 0, 0, 1.0])
        component(r, "cut_p_slow", "pen:1:11:u", 11, points=[0.4, 0.0], width=0.1,
                  color=[0.0, 1.0, 0, 1.0])  # fmt: skip
        seen = {}
        for frame in range(1, 21):
            r.do.setFrame(frame)
            shown = r.shown()[H // 2]
            left, right = (shown[round(W / 2 + x * H)] for x in (-0.4, 0.4))
            seen[frame] = (left[0] > 250, right[1] > 250)
        assert [f for f, (red, _) in seen.items() if red] == [7, 8]
        assert [f for f, (_, green) in seen.items() if green] == [11]


def test_marks_move_with_the_image_and_are_not_coloured_with_it() -> None:
    """RV executes paint on the image it has drawn: colour nodes of the source changed only
    that, the display's change both."""
    x, y = grid()
    with room(W, H) as r:
        node = prepared(r)
        component(r, node, "pen:1:1:u", points=[-0.4, 0.0], width=0.2, color=[0.5, 0.5, 0.5, 1.0])
        r.set("#RVTransform2D.transform.flop", 1)
        r.set("#RVColor.color.exposure", 1.0, 1.0, 1.0)
        shown = r.shown()
        spot = np.hypot(x - 0.4, y) < 0.09
        assert np.abs(shown[spot] - 127.5).max() <= 1.5
        assert np.abs(shown[np.hypot(x - 0.4, y) > 0.11] - 2 * GREY * 255).max() <= 1.5
        # a stack's own paint comes after the transform of its inputs and is not coloured
        r.do.setViewNode("defaultStack")
        component(r, "defaultStack_paint", "pen:9:1:u", points=[-0.4, 0.0], width=0.2,
                  color=[0.0, 0.0, 0.5, 1.0])  # fmt: skip
        shown = r.shown()
        assert np.abs(shown[np.hypot(x + 0.4, y) < 0.09] - [0, 0, 127.5]).max() <= 1.5
        assert np.abs(shown[spot] - 127.5).max() <= 1.5
        r.set("#RVDisplayColor.color.brightness", -1.0)
        shown = r.shown()
        assert np.abs(shown[np.hypot(x + 0.4, y) < 0.09] - [0, 0, 63.75]).max() <= 1.5
        assert np.abs(shown[spot] - 63.75).max() <= 1.5


def test_frame_burn_in() -> None:
    with room(W, H) as r:
        group = prepared(r, start=1, end=3).removesuffix("_paint")
        node = f"{group}_overlay"
        for name, kind, width, values in (
            ("rect:bar.position", 1, 2, [-0.8, -0.5]), ("rect:bar.width", 1, 1, [1.6]),
            ("rect:bar.height", 1, 1, [0.2]), ("rect:bar.color", 1, 4, [0.0, 0.0, 0.0, 1.0]),
            ("text:number.text", 8, 1, ["1", "22", "333"]),
            ("text:number.position", 1, 2, [-0.7, -0.45]), ("text:number.size", 1, 1, [0.012]),
        ):  # fmt: skip
            r.do.newProperty(f"{node}.{name}", kind, width)
            r.set(f"{node}.{name}", *values)
        lit = []
        for frame in (1, 2, 3):
            r.do.setFrame(frame)
            shown = r.shown()
            assert np.abs(shown[: H // 5 - 1, -40:]).max() == 0
            lit.append(int((shown[: H // 5] > 200).sum()))
        assert lit[0] > 20 and lit[1] > 1.4 * lit[0] and lit[2] > 1.2 * lit[1]


# -- heads-up display ------------------------------------------------------------------------


def changed(before: Array, after: Array) -> tuple[int, int, int, int]:
    """The box (left, bottom, right, top) of what differs."""
    rows, columns = np.nonzero(np.abs(before - after).max(axis=-1) > 3)
    return int(columns.min()), int(rows.min()), int(columns.max()) + 1, int(rows.max()) + 1


def test_messages_come_and_go() -> None:
    with room(W, H) as r:
        prepared(r)
        plain = r.shown()
        now = [100.0]
        r.session.clock = lambda: now[0]
        r.session.ui.feedback.append(Feedback("Red", 2.0, 100.0))
        left, _, _, top = changed(plain, r.shown())
        assert left < W / 8 and top > 7 * H / 8  # at the upper left
        assert r.renderer.message_left() == pytest.approx(2.0)
        now[0] = 102.5
        assert (r.shown() == plain).all() and r.renderer.message_left() is None
        assert "Red" not in r.renderer.status().text


def test_widgets() -> None:
    with room(W, H) as r:
        prepared(r)
        plain = r.shown()
        places = {}
        for widget in ("info", "strip", "timeline", "histogram", "details", "process"):
            r.session.ui.hud = {widget}
            places[widget] = changed(plain, r.shown())
        assert places["info"][0] < W / 8 and places["info"][3] > 7 * H / 8
        assert places["timeline"][:2] == (0, 0) and places["timeline"][2] == W
        assert places["strip"][:2] == (0, 0)
        assert places["histogram"][2] > W - 20
        r.session.ui.hud, r.session.ui.pointer = {"inspector"}, (100.0, 120.0)
        box = changed(plain, r.shown())
        assert box[0] >= 100 and box[3] <= 120  # below and to the right of the pointer
        r.session.ui.pointer = (W - 1.0, 1.0)
        assert changed(plain, r.shown())[1] >= 0  # it stays inside


def test_a_question_is_over_the_picture_where_it_is_to_be() -> None:
    with room(W, H) as r:
        prepared(r)
        before = r.renderer.job()(W, H, 1.0)
        r.session.ui.question = Question(3, ("may they come in?",), (("y", "Yes", "yes"),))
        job = r.renderer.job()
        assert (job(W, H, 1.0) != before).any()
        assert (job(W, H, 1.0, panel=False) == before).all()


def test_small_pictures_carry_no_text() -> None:
    with room(W, H) as r:
        prepared(r)
        plain = r.shown(size=(80, 50))
        r.session.ui.hud = {"info", "strip", "timeline"}
        assert (r.shown(size=(80, 50)) == plain).all()


def test_the_newest_tile_is_outlined_for_a_while() -> None:
    with room(W, H) as r:
        prepared(r)
        plain = r.shown()
        now = [50.0]
        r.session.clock = lambda: now[0]
        tile = np.full((20, 30, 4), GREY, np.float16)
        tile[..., 3] = 1
        r.session.ui.hud = {"render-cursor"}
        r.store.store("m", 1, "-", "-", 40, 60, 30, 20, tile.tobytes())
        assert changed(plain, r.shown()) == (39, 59, 71, 81)
        now[0] = 51.5
        assert (r.shown() == plain).all()
        r.session.ui.hud = set()  # nobody asked for it
        r.store.store("m", 1, "-", "-", 20, 60, 30, 20, tile.tobytes())
        assert (r.shown() == plain).all()


def test_remote_pointers_are_where_they_say() -> None:
    with room(W, H) as r:
        group = prepared(r).removesuffix("_paint")
        plain = r.shown()
        seen = r.session.clock()
        r.session.ui.pointers["anna@host"] = (f"{group}_source", 0.25, -0.125, seen)
        shown = r.shown()
        left, bottom, right, top = changed(plain, shown)
        x, y = W / 2 + 0.25 * H, H / 2 - 0.125 * H
        assert left <= x <= right and bottom <= y <= top
        arm = shown[round(y) - 2 : round(y) + 2, round(x) + 4 : round(x) + 8]
        assert (arm == 255).all(axis=(1, 2)).any()
        r.session.ui.trails["anna@host"] = [(-0.25, 0.25), (0.0, 0.0)]
        left, bottom, right, top = changed(shown, r.shown())
        assert left <= W / 2 - 0.25 * H <= right and bottom <= H / 2 + 0.25 * H <= top


def test_ghosts_of_the_frames_around() -> None:
    """Red before and green after, fainter with the distance, as many as `paintEffects` says."""
    x, y = grid()
    with room(W, H) as r:
        node = prepared(r, start=1, end=20)
        places = dict(zip((1, 3, 5, 7, 9), np.linspace(-0.6, 0.6, 5), strict=True))
        for frame, at in places.items():
            component(r, node, f"pen:{frame}:{frame}:u", frame, points=[float(at), 0.0], width=0.2,
                      color=[0.0, 0.0, 1.0, 1.0])  # fmt: skip
        r.set("rv.paintEffects.ghost", 1)

        def spot(frame: int) -> Array:
            return r.shown()[np.hypot(x - places[frame], y) < 0.08] / 255

        def faint(colour: Any, away: int) -> Array:
            opacity = 1 / away + 0.075
            return np.array(colour) * opacity + GREY * (1 - opacity)

        red, green, grey = (1.0, 0.0, 0.0), (0.0, 1.0, 0.0), np.full(3, GREY)
        r.do.setFrame(5)
        cases = {(5, 5): [faint(red, 4), faint(red, 2), faint(green, 2), faint(green, 4)],
                 (1, 2): [grey, faint(red, 2), faint(green, 2), faint(green, 4)],
                 (2, 0): [faint(red, 4), faint(red, 2), grey, grey]}  # fmt: skip
        for (before, after), expected in cases.items():
            r.set("rv.paintEffects.ghostBefore", before)
            r.set("rv.paintEffects.ghostAfter", after)
            assert np.abs(spot(5) - (0, 0, 1)).max() <= 1.5 / 255
            for frame, colour in zip((1, 3, 7, 9), expected, strict=True):
                assert np.abs(spot(frame) - colour).max() <= 1.5 / 255, (before, after, frame)


def test_a_mark_for_one_eye() -> None:
    with room(W, H) as r:
        node = prepared(r)
        for eye, colour in ((0, [1.0, 0.0, 0.0, 1.0]), (1, [0.0, 1.0, 0.0, 1.0])):
            component(r, node, f"pen:{eye}:1:u", points=[0.0, 0.0], width=0.2, color=colour,
                      eye=eye)  # fmt: skip
        for mode, shown in (("left", [255, 0, 0]), ("right", [0, 255, 0]), ("off", [255, 0, 0])):
            r.set("#RVDisplayStereo.stereo.type", mode)
            assert r.shown()[H // 2, W // 2].tolist() == shown, mode


def test_a_soft_brush_fades_from_its_middle() -> None:
    with room(W, H) as r:
        node = prepared(r)
        component(r, node, "pen:1:1:u", points=[0.0, 0.0], width=0.4, brush="gauss",
                  color=[1.0, 1.0, 1.0, 1.0])  # fmt: skip
        middle = r.shown()[H // 2, W // 2 :, 0]
        assert middle[0] >= 253 and (np.diff(middle) <= 0).all()
        inside = middle[: int(0.2 * H)]
        assert np.unique(inside).size > 20  # no edge in it
        assert abs(middle[-1] - GREY * 255) <= 1.5


def test_the_histogram_counts_what_is_shown() -> None:
    levels = np.random.default_rng(8).normal((0.3, 0.5, 0.7), 0.08, (H, W, 3))
    pixels = np.concatenate([np.clip(levels, 0, 1), np.ones((H, W, 1))], -1)
    with room(W, H) as r:
        r.push(pixels)
        plain = r.shown().astype(int)[::-1][::2, ::2]  # every other row from the top
        r.session.ui.hud = {"histogram"}
        box = r.shown()[:, 48:304]  # 256 columns, a margin of 12 and 4 at the right
        counts = np.stack([(plain[..., c, None] == np.arange(256)).sum((0, 1)) for c in range(3)])
        bars = np.minimum(counts * 100 // counts[:, 1:-1].max(), 100)
        lit = (box[12 : 12 + 108] >= 210).sum(axis=0).T  # what lies below is darkened
        assert (lit == bars).all()


def test_the_inspector_tells_the_pixel_and_shows_its_colour() -> None:
    pixels = np.random.default_rng(9).uniform(0.1, 0.9, (H, W, 4))
    pixels[..., 3] = 1
    stored = pixels.astype(np.float16).astype(float)
    with room(W, H) as r:
        r.push(pixels)
        r.set("#RVColor.color.exposure", -1.0, -1.0, -1.0)
        plain = r.shown()
        r.session.ui.hud, r.session.ui.pointer = {"inspector"}, (100.0, 120.0)
        shown = r.shown()
        swatch = shown[H - 96 : H - 94, 102:110]  # left of the table, which begins 12 pixels away
        assert np.abs(swatch - plain[120, 100]).max() <= 1
        rows = dict(r.renderer._heads.hud(r.session, r.renderer._last, r.renderer).inspector)
        assert rows["Pixel"] == "100, 120"
        told = [float(v) for v in rows["Source"].split()]
        assert np.allclose(told[:3], stored[120, 100, :3], atol=1e-3)
        assert rows["Display"].split()[:3] == [str(int(v)) for v in plain[120, 100]]
