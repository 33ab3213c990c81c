"""Players that edit at the same time end with the same state, and nothing goes round for ever.

Hypothesis chooses the edits, who makes them, and in which order the network delivers; a
failing run prints the seed it can be repeated with.
"""

from __future__ import annotations

import random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.sync.simulation import Site, World

SOURCES = ("sourceGroup000000", "sourceGroup000001")
VIEWS = ("defaultSequence", "defaultStack", "defaultLayout")


def shape(topology: str) -> World:
    """Three players that agree: a hub with two leaves, a full mesh, a chain."""
    world = World(sync__contacts_contacts=topology == "mesh")
    ann = world.site("ann")
    for path in ("/shots/a.mov", "/shots/b.mov"):
        ann.mu(f'addSource("{path}")')
    for name in ("bob", "eve"):
        site = world.site(name)
        world.join(site, world.sites[-2] if topology == "chain" else ann)
        world.settle()
    world.rest(5)
    assert len(set(world.states())) == 1
    if topology == "mesh":
        assert all(len(site.links) == 2 for site in world.sites)
    return world


def edit(site: Site, kind: int, number: int) -> None:
    """One of the things a user does."""
    source = SOURCES[number % 2]
    frame = number % 50 + 1
    view = VIEWS[number % 3]
    texts = [
        f"setFrame({frame})",
        f'setFloatProperty("{source}_colorPipeline_0.color.exposure", '
        f"float[] {{{number / 7:f}, 0.5, {-number / 3:f}}}, true)",
        f'setIntProperty("{source}_transform2D.transform.flip", int[] {{{number % 2}}}, true)',
        f'setFloatProperty("viewGroup_dxform.transform.translate", '
        f"float[] {{{number / 100:f}, {number / 9:f}}}, true)",
        f"setInPoint({frame})",
        f"setOutPoint({frame})",
        f"markFrame({frame}, {'true' if number % 3 else 'false'})",
        f"setFPS({24.0 + number % 5})",
        f"setInc({number % 3 - 1 or 1})",
        f"setPlayMode({number % 3})",
        f"setRealtime({'true' if number % 2 else 'false'})",
        f'setViewNode("{view}")',
        f'setNodeInputs("defaultStack", string[] {{"{SOURCES[number % 2]}", '
        f'"{SOURCES[(number + 1) % 2]}"}})',
        'require rvui; setViewNode("defaultStack"); rvui.toggleWipe();',
        f'setStringProperty("{source}.ui.name", string[] {{"name|{number}&//x"}}, true)',
        f"play(); stop(); setFrame({frame});",
        _stroke(site, source, number),
        f'commands.newNode("RVStackGroup", "cut{number % 4}")',
        f'addSource("/shots/{number % 3}.mov")',
        f'deleteNode("cut{number % 4}")',
    ]
    site.mu(texts[kind % len(texts)])


def _stroke(site: Site, source: str, number: int) -> str:
    name = f"{source}_paint.pen:{number}:1:{site.contact.partition('@')[0]}"
    return (
        f'newNDProperty("{name}.points", FloatType, (2,0,0,0)); '
        f'insertFloatProperty("{name}.points", float[] {{0.25, {number / 10:f}}}); '
        f'newNDProperty("{name}.brush", StringType, (1,0,0,0)); '
        f'setStringProperty("{name}.brush", string[] {{"gauss"}}, true);'
    )


def run(world: World, edits: list[tuple[int, int, int, int]], seed: int) -> None:
    choose = random.Random(seed)
    before = world.delivered
    for who, kind, number, steps in edits:
        edit(world.sites[who], kind, number)
        for _ in range(steps):
            world.step(choose)
        world.now += 0.01
    world.rest(40)
    states = world.states()
    assert len(set(states)) == 1, _difference(world)
    assert world.errors == []
    # a message is passed on at most once by each player; a few more are said at rest
    assert world.delivered - before < 80 * len(edits) + 400


def _difference(world: World) -> str:
    parts = [site.sync.agreement._parts() for site in world.sites]
    found = []
    for name in parts[0]:
        for site, other in zip(world.sites[1:], parts[1:], strict=True):
            if other[name] != parts[0][name]:
                found.append(
                    f"{name} of {site.contact}: "
                    f"{[v for v in other[name] if v not in parts[0][name]][:4]} instead of "
                    f"{[v for v in parts[0][name] if v not in other[name]][:4]}"
                )
    return "\n".join(found)


EDITS = st.lists(
    st.tuples(st.integers(0, 2), st.integers(0, 19), st.integers(0, 1000), st.integers(0, 6)),
    min_size=1,
    max_size=25,
)


@pytest.mark.parametrize("topology", ["hub", "mesh", "chain"])
@settings(
    max_examples=12,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
@given(edits=EDITS, seed=st.integers(0, 2**32))
def test_random_edits_converge(
    topology: str, edits: list[tuple[int, int, int, int]], seed: int
) -> None:
    world = shape(topology)
    run(world, edits, seed)
    if all(kind < 17 for _, kind, _, _ in edits):  # no graph edits that can collide
        assert [site.sync.agreement.pulls for site in world.sites] == [0, 0, 0]


@pytest.mark.parametrize("topology", ["hub", "mesh"])
def test_a_thousand_concurrent_edits_converge(topology: str, seed: int) -> None:
    """Of every kind: sources that are added at the same moment, which RV's protocol gives each
    other's names, too."""
    choose = random.Random(seed)
    edits = [
        (choose.randrange(3), choose.randrange(20), choose.randrange(1000), choose.randrange(6))
        for _ in range(1000)
    ]
    world = shape(topology)
    run(world, edits, seed)
    # what the order of messages cannot settle is settled by taking over one session, once
    assert all(site.sync.agreement.pulls <= 3 for site in world.sites)


def test_sources_added_at_the_same_moment_get_the_same_names() -> None:
    world = shape("hub")
    for site in world.sites:
        site.mu(f'addSource("/shots/of-{site.contact.partition("@")[0]}.mov")')
    world.rest(40)
    media = [
        [(name, node.get("media.movie")) for name, node in sorted(site.session.graph.nodes.items())
         if node.type == "RVFileSource"]
        for site in world.sites
    ]  # fmt: skip
    assert media[0] == media[1] == media[2]
    paths = {values[0] for _, values in media[0]}
    assert paths == {"/shots/a.mov", "/shots/b.mov", "/shots/of-ann.mov", "/shots/of-bob.mov",
                     "/shots/of-eve.mov"}  # fmt: skip
