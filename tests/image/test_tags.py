"""The tags by which packages find the image of a node under the pointer."""

from __future__ import annotations

from tests.image.room import Room, room
from tests.image.test_combining import H, W, marked


def tagged(r: Room, node: str, value: str) -> None:
    r.do.newProperty(f"{node}.tag.annotate", 8, 1)
    r.set(f"{node}.tag.annotate", value)


def found(r: Room) -> list[tuple[str, str]]:
    """(node, value) of what is tagged under the middle, as RV's annotation asks for it."""
    hits = r.do.imagesAtPixel((W / 2, H / 2), "annotate")
    assert all(len(h.tags) == 1 for h in hits)
    return [(h.node, dict(h.tags)["annotate"]) for h in hits]


def test_paint_nodes_have_tags_as_transforms_have() -> None:
    with room(W, H) as r:
        source = r.push(marked())
        group = r.do.nodeGroup(source)
        r.shown()
        assert found(r) == []
        tagged(r, f"defaultSequence_p_{group}", "cut")
        r.shown()
        assert found(r) == [(source, "cut")]
        tagged(r, f"{group}_transform2D", "moved")
        r.set(f"{group}_transform2D.tag.annotate", "moved")
        r.shown()
        assert found(r) == [(source, "cut")]  # the later node says it last


def test_what_is_viewed_has_the_tags_of_its_own_nodes() -> None:
    with room(W, H) as r:
        source = r.push(marked())
        r.do.setViewNode("defaultStack")
        tagged(r, "defaultStack_paint", "stack")
        r.shown()
        assert found(r) == [("defaultStack_stack", "stack")]
        tagged(r, f"defaultStack_t_{r.do.nodeGroup(source)}", "input")
        r.shown()
        assert found(r) == [("defaultStack_stack", "stack"), (source, "input")]
