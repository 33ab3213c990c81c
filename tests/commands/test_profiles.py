"""readProfile and writeProfile: the state of a node in a file of its own."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from player.commands import CommandError, Context, EngineError, load_all
from player.commands.calling import Calls
from player.session.files import read_gto
from player.session.session import Session

COLOUR = "displayGroup0_colorPipeline"


@pytest.fixture
def calls() -> Iterator[Calls]:
    load_all()
    yield Calls(Context(Session()))


def test_a_pipeline_and_its_members_are_kept(calls: Calls, tmp_path: Path) -> None:
    path = str(tmp_path / "mine.display.profile")
    gamma = f"{COLOUR}_0.color.gamma"
    calls.setFloatProperty(gamma, [2.2])
    calls.writeProfile(path, COLOUR, "for the small screen")
    file = read_gto(path)
    (header,) = file.by_protocol("Profile")
    assert header.strings("root.comment") == ["for the small screen"]
    root = file.find(header.strings("root.name")[0])
    assert root is not None and root.protocol == "RVDisplayPipelineGroup"
    assert root.strings("membership.contains"), "a group lists its members"
    assert COLOUR not in Path(path).read_text(), "names are not of this session"
    calls.setFloatProperty(gamma, [1.0])
    calls.readProfile(path, COLOUR, False)
    assert calls.getFloatProperty(gamma) == pytest.approx([2.2])
    assert calls.getStringProperty(f"{COLOUR}.profile.name") == ["mine"]


def test_members_the_profile_wants_are_made(calls: Calls, tmp_path: Path) -> None:
    path = str(tmp_path / "three.profile")
    nodes = f"{COLOUR}.pipeline.nodes"
    plain = calls.getStringProperty(nodes)
    calls.setStringProperty(nodes, ["RVColor", "RVDisplayColor"], True)
    calls.setFloatProperty(f"{COLOUR}_0.color.saturation", [0.5])
    calls.writeProfile(path, COLOUR)
    calls.setStringProperty(nodes, plain, True)
    assert calls.nodeType(f"{COLOUR}_0") == "RVDisplayColor"
    calls.readProfile(path, COLOUR, False)
    assert calls.nodeType(f"{COLOUR}_0") == "RVColor"
    assert calls.getFloatProperty(f"{COLOUR}_0.color.saturation") == [0.5]


def test_a_profile_is_found_by_name(
    calls: Calls, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path / "nobody"))
    monkeypatch.setenv("RV_SUPPORT_PATH", str(tmp_path))
    (tmp_path / "Profiles").mkdir()
    calls.setFloatProperty(f"{COLOUR}_0.color.gamma", [1.5])
    calls.writeProfile(str(tmp_path / "Profiles" / "warm.display.profile"), COLOUR)
    calls.setFloatProperty(f"{COLOUR}_0.color.gamma", [1.0])
    calls.readProfile("warm", COLOUR, True, "display")
    assert calls.getFloatProperty(f"{COLOUR}_0.color.gamma") == [1.5]
    with pytest.raises(Exception, match='No profile with name "cold" found in profile path'):
        calls.readProfile("cold", COLOUR)


def test_what_does_not_fit_is_refused(calls: Calls, tmp_path: Path) -> None:
    path = str(tmp_path / "x.profile")
    calls.writeProfile(path, COLOUR)
    func = load_all().get("readProfile").func
    context = Context(Session())
    with pytest.raises(EngineError, match="cannot apply RVDisplayPipelineGroup profile to Root"):
        func(context, path, "root", False, None)
    with pytest.raises(CommandError, match='No node with name "nope"'):
        func(context, path, "nope", False, None)
    (tmp_path / "y.profile").write_text("GTOa (4)\n\na : b (1)\n{\n    c\n    {\n    }\n}\n")
    with pytest.raises(EngineError, match="contains no profile"):
        func(context, str(tmp_path / "y.profile"), COLOUR, False, None)
