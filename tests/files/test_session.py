"""Saving and loading a session: RV's file to the byte, its events, and back again."""

from __future__ import annotations

import difflib
import json
import re
import shutil
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from player.media.probe import Probe
from player.media.pushed import PixelStore
from player.session.files import SessionFileError, load_session, read_gto, save_session
from player.session.paths import PathMap
from player.session.ports import MediaInfo, Ports
from player.session.properties import Property, PropType
from player.session.session import Session
from player.session.sourceargs import SourceArgs

DATA = Path(__file__).parents[1] / "conformance" / "session"
CASES: dict[str, Any] = {
    case["case"]: case
    for case in map(json.loads, (DATA / "cases.jsonl").read_text("utf-8").splitlines())
}
SOLID = "solid,start=1,end=10,fps=24,width=64,height=48.movieproc"
BARS = "smptebars,start=101,end=120,fps=25,width=128,height=64.movieproc"


class Listening:
    """A session whose every event is written down."""

    def __init__(self, profile: Any = "output") -> None:
        ports = Ports()
        ports.media = Probe()
        ports.pixels = PixelStore()
        self.session = Session(profile, ports=ports)
        self.events: list[list[str]] = []
        self.warnings: list[str] = []
        self.session.warn = self.warnings.append
        self.session.events.bind_regex("default", "global", ".*", self.note, "")

    def note(self, event: Any) -> None:
        self.events.append([event.name, event.contents])
        event.reject()

    def add(self, *paths: str) -> None:
        for path in paths:
            self.session.sources.read(path)
            self.session.settle()


@pytest.fixture
def rv() -> Listening:
    return Listening()


def same(found: str, expected: str) -> None:
    if found != expected:
        lines = difflib.unified_diff(expected.splitlines(True), found.splitlines(True))
        raise AssertionError("".join(list(lines)[:60]))


@pytest.mark.parametrize(
    "name",
    [
        "save.empty.true",
        "save.one.false",
        "save.one.true",
        "save.missing.false",
        "save.tif.false",
        "save.tif.true",
    ],
)
def test_rvs_file_and_events(rv: Listening, tmp_path: Path, name: str) -> None:
    shutil.copytree(DATA / "media", tmp_path / "media")
    case = CASES[name]
    saving = next(i for i, text in enumerate(case["programs"]) if "saveSession" in text)
    for text in case["programs"][:saving]:
        rv.add(*(m.replace("@WORK@", str(tmp_path)) for m in re.findall(r'"([^"]*)"', text)))
    path = str(tmp_path / re.findall(r"@WORK@/([^\"]*)", case["programs"][saving])[0])
    rv.events.clear()
    save_session(rv.session, path, sparse=name.endswith("true"))
    same(Path(path).read_text(), json.loads(case["replies"][-1]).replace("@WORK@", str(tmp_path)))
    assert [[n, c.replace(str(tmp_path), "@WORK@")] for n, c in rv.events] == (
        case["events"][saving]
    )
    assert rv.session.file_name == path


def test_loading_sends_rvs_events(rv: Listening, tmp_path: Path) -> None:
    """All events of the recording; the member pass (see `load`) is in the file's order."""
    session = rv.session
    rv.add(SOLID, BARS)
    stack = session.new_node("RVStackGroup", "my_stack")
    assert stack is not None
    nodes = [session.graph.exact(f"sourceGroup00000{i}") for i in (1, 0)]
    stack.set_inputs([n for n in nodes if n is not None])
    session.settle()
    session.set_view("my_stack")
    session.playback.set_frame(4)
    path = str(tmp_path / "sl.rv")
    save_session(session, path)
    session.clear()
    session.settle()
    rv.events.clear()
    session.sources.read(path)
    case = CASES["save.load"]
    expected = case["events"][case["programs"].index('addSource("@WORK@/sl.rv")')]
    found = [[n, c.replace(str(tmp_path), "@WORK@")] for n, c in rv.events]
    assert Counter(map(tuple, found)) == Counter(map(tuple, expected))
    first = next(i for i, (n, _) in enumerate(expected) if n == "source-group-proxy-complete")
    assert found[:first][:80] == expected[:first][:80]
    assert found[-14:] == expected[-14:]
    session.settle()
    playback = session.playback
    assert (playback.frame, playback.start, playback.end, playback.fps) == (4, 1, 120, 25.0)
    assert session.views.name == "my_stack"
    assert [n.name for n in session.graph.nodes["my_stack"].inputs] == [
        "sourceGroup000001",
        "sourceGroup000000",
    ]


def test_saving_again_writes_the_same(rv: Listening, tmp_path: Path) -> None:
    session = rv.session
    rv.add(SOLID, BARS)
    graph = session.graph
    colour = graph.nodes["sourceGroup000000_colorPipeline_0"]
    colour.assign("color.exposure", [0.1, 1 / 3, -2.5])
    colour.add(Property("mine.any", PropType.STRING, ['q"\\\n', "é"]))
    colour.add(Property("mine.deep.er", PropType.HALF, [0.5, 2], dims=(2, 0, 0, 0)))
    pipeline = graph.nodes["sourceGroup000001_colorPipeline"]
    prop = pipeline.prop("pipeline.nodes")
    assert prop is not None
    prop.set(["RVColor", "RVLookLUT"])
    pipeline.changed(prop)
    graph.nodes["sourceGroup000001_colorPipeline_1"].assign("lut.active", [1])
    session.set_view("defaultLayout")
    session.evaluate()  # which places the inputs of the layout
    session.settle()
    first, second = str(tmp_path / "1.rv"), str(tmp_path / "2.rv")
    save_session(session, first)
    other = Listening()
    load_session(other.session, first)
    other.session.settle()
    other.session.evaluate()
    save_session(other.session, second)
    same(Path(second).read_text(), Path(first).read_text())
    loaded = other.session.graph.nodes["sourceGroup000000_colorPipeline_0"]
    assert list(loaded.get("mine.any")) == ['q"\\\n', "é"]
    assert not [w for w in other.warnings if "ERROR" in w]


@pytest.mark.parametrize(("bits", "floating"), [(8, False), (16, False), (16, True), (32, True)])
def test_pushed_pictures_survive(rv: Listening, tmp_path: Path, bits: int, floating: bool) -> None:
    session = rv.session
    views, layers = ("left", "right"), ("a.b",)
    info = MediaInfo(
        path="push", width=3, height=2, uncrop_width=3, uncrop_height=2, channels=4,
        bits=bits, is_float=floating, start=1, end=2, fps=24.0, views=views, layers=layers,
    )  # fmt: skip
    node = session.sources.add_image(info)
    pixels = session.ports.pixels
    key = pixels.allocate(node.name, 2, "a.b", "right")
    pixels.pixels(node.name, key)[...] = 0.25 if floating else 77  # type: ignore[index]
    before = pixels.pixels(node.name, key).tobytes()  # type: ignore[union-attr]
    path = tmp_path / "i.rv"
    save_session(session, str(path))
    assert path.read_bytes()[:2] == b"\x1f\x8b"
    assert read_gto(str(path)).find(node.name) is not None
    other = Listening()
    load_session(other.session, str(path))
    other.session.settle()
    store = other.session.ports.pixels
    assert store.keys(node.name) == [key]
    assert store.pixels(node.name, key).tobytes() == before  # type: ignore[union-attr]
    loaded = other.session.source_node(node.name)
    assert loaded is not None and loaded.media[0].views == views


def test_other_endings_write_the_generic_form(rv: Listening, tmp_path: Path) -> None:
    rv.add(SOLID)
    rv.events.clear()
    save_session(rv.session, str(tmp_path / "foo.txt"))
    assert rv.events == []
    text = (tmp_path / "foo.txt").read_text()
    expected = json.loads(CASES["save.ext"]["replies"][-1])
    assert text.startswith(expected)


def test_a_copy_keeps_the_name(rv: Listening, tmp_path: Path) -> None:
    path = str(tmp_path / "c.rv")
    save_session(rv.session, path, as_copy=True)
    assert rv.session.file_name == "Untitled"
    assert [n for n, _ in rv.events] == ["before-session-write-copy", "after-session-write-copy"]


def test_environment_forbids_sparse(
    rv: Listening, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RV_COMPLETE_SESSION_FILES", "1")
    path = tmp_path / "s.rv"
    save_session(rv.session, str(path), sparse=True)
    assert "defaultStack_stack" in path.read_text()


def test_path_variables(rv: Listening, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shutil.copy(DATA / "media" / "still.tif", tmp_path / "still.tif")
    monkeypatch.setenv("RV_PATHSWAP_SHOW", str(tmp_path))
    rv.session.paths = PathMap()
    rv.add(str(tmp_path / "still.tif"))
    path = tmp_path / "p.rv"
    save_session(rv.session, str(path))
    assert 'string movie = "${RV_PATHSWAP_SHOW}/still.tif"' in path.read_text()
    assert rv.session.source_node("sourceGroup000000_source").get("media.movie") == (  # type: ignore[union-attr]
        [str(tmp_path / "still.tif")]
    )
    other = Listening()
    load_session(other.session, str(path))
    source = other.session.source_node("sourceGroup000000_source")
    assert source is not None and list(source.get("media.movie")) == [str(tmp_path / "still.tif")]


# -- reading what others wrote ---------------------------------------------------------


def write(tmp_path: Path, text: str) -> str:
    path = tmp_path / "f.rv"
    path.write_text(text)
    return str(path)


SOURCE = 'sourceGroup000000_source : RVFileSource (1) {{ media {{ string movie = "{}" }} }}\n'


def test_the_smallest_file(rv: Listening, tmp_path: Path) -> None:
    load_session(rv.session, write(tmp_path, "GTOa (3)\n" + SOURCE.format(SOLID)))
    rv.session.settle()
    assert rv.session.playback.end == 10
    views = [n.name for n in rv.session.graph.nodes["defaultSequence"].inputs]
    assert views == ["sourceGroup000000"]


def test_session_state_of_a_file(rv: Listening, tmp_path: Path) -> None:
    state = (
        'rv : RVSession (4) { session { string viewNode = "defaultSequence" int marks = [ 2 5 ] '
        "float fps = 30 int inc = 2 int realtime = 1 int[2] range = [ [ 1 11 ] ] "
        "int[2] region = [ [ 3 8 ] ] int background = 3 } matte { int show = 1 } }\n"
    )
    load_session(rv.session, write(tmp_path, "GTOa (4)\n" + state + SOURCE.format(SOLID)))
    rv.session.settle()
    playback = rv.session.playback
    assert (playback.marks, playback.fps, playback.inc) == ([2, 5], 30.0, 2)
    assert (playback.in_point, playback.out_point) == (3, 8)
    assert playback.realtime and rv.session.ui.background == "white"
    assert rv.session.node.one("matte.show") == 1


def test_version_one_files(rv: Listening, tmp_path: Path) -> None:
    old = (
        f'source000 : RVSource (1) {{ media {{ string movie = "{SOLID}" }} }}\n'
        "color000 : RVColor (1) { color { float[3] gamma = [ [ 2 2 2 ] ] int sRGB2linear = 1 } }\n"
        "transform2D000 : RVTransform2D (1) { pixel { float aspectRatio = 2 } }\n"
        "composite : RVComposite (1) { composite { string type = pip } }\n"
    )
    load_session(
        rv.session, write(tmp_path, "GTOa (3)\nrv : RVSession (1) { a { int b = 1 } }\n" + old)
    )
    rv.session.settle()
    nodes = rv.session.graph.nodes
    assert list(nodes["sourceGroup000000_colorPipeline_0"].get("color.gamma")) == [2, 2, 2]
    assert nodes["sourceGroup000000_tolinPipeline_0"].one("color.sRGB2linear") == 1
    assert nodes["sourceGroup000000_tolinPipeline_1"].one("warp.pixelAspectRatio") == 2
    assert nodes["defaultStack_stack"].one("composite.type") == "replace"


def test_merging_renames_what_clashes(rv: Listening, tmp_path: Path) -> None:
    rv.add(SOLID)
    path = str(tmp_path / "m.rv")
    rv.session.new_node("RVStackGroup", "mine")
    save_session(rv.session, path)
    load_session(rv.session, path, merge=True)
    rv.session.settle()
    names = rv.session.graph.view_names()
    assert "sourceGroup000001" in names and "mine000002" in names
    sequence = rv.session.graph.nodes["defaultSequence"]
    assert [n.name for n in sequence.inputs] == ["sourceGroup000000", "sourceGroup000001"]
    assert rv.session.graph.exact("sourceGroup000001_colorPipeline_0") is not None


def test_missing_media_are_remembered(rv: Listening, tmp_path: Path) -> None:
    text = (
        "GTOa (4)\nsourceGroup000000_source : RVFileSource (1) { media { string movie = "
        '"/no/where.mov" } proxy { int[2] range = [ [ 5 9 ] ] int[2] size = [ [ 20 10 ] ] } }\n'
    )
    load_session(rv.session, write(tmp_path, text))
    rv.session.settle()
    source = rv.session.source_node("sourceGroup000000_source")
    assert source is not None
    assert source.range_info()[:2] == (5, 8)
    assert (source.media[0].width, source.media[0].height) == (20, 10)


# -- hostile files leave a session that works ------------------------------------------


def test_a_broken_file_changes_nothing(rv: Listening, tmp_path: Path) -> None:
    rv.add(SOLID)
    before = set(rv.session.graph.nodes)
    for text in ("GTOa (4)\nrv : RVSession (4) { session { int inc = ] } }", "", "nonsense"):
        with pytest.raises(SessionFileError):
            load_session(rv.session, write(tmp_path, text))
    assert set(rv.session.graph.nodes) == before
    assert rv.session.file_name == "Untitled"


@pytest.mark.parametrize(
    "body",
    [
        # cycles, self connections, unknown nodes, too many inputs
        'connections : connection (2) { evaluation { string[2] connections = [ [ "a" "b" ] '
        '[ "b" "a" ] [ "a" "a" ] [ "x" "a" ] [ "defaultStack" "defaultSequence" ] '
        '[ "a" "viewGroup" ] [ "b" "viewGroup" ] ] } top { string nodes = [ "a" "b" ] } }\n'
        "a : RVStackGroup (1) { ui { string name = A } }\n"
        "b : RVStackGroup (1) { ui { string name = B } }\n",
        # the same name twice, bad names, groups that are no groups
        "sourceGroup000000_source : RVFileSource (1) { media { string movie = [ ] } }\n" * 3,
        "nothing : RVFileSource (1) { media { string movie = x } }\n",
        "viewGroup : RVFileSource (1) { media { string movie = x } }\n",
        '"" : RVStackGroup (1) { ui { string name = "" } }\n',
        "rv : RVSession (4) { session { string viewNode = nope int inc = 0 float fps = 1e999 "
        "int[2] range = [ [ 9 -9 ] ] int[2] region = [ [ 2147483647 -2147483648 ] ] "
        "int background = 99 int marks = [ 2147483647 -5 ] } }\n",
        # wrong types and shapes of known properties
        "defaultSequence_sequence : RVSequence (1) { edl { string frame = x int source = [ 99 ] "
        "int in = [ 1 2 3 ] } mode { float autoEDL = 0 } output { int size = [ ] } }\n",
        "defaultLayout : RVLayoutGroup (1) { layout { string mode = [ ] float spacing = [ ] } }\n",
        "sourceGroup000000_source : RVImageSource (1) { image { int width = 100000 int height = "
        '100000 string channels = "RGBA" int bitsPerChannel = 8 byte 1x = 1 '
        'byte "1" = [ 1 2 ] } }\n',
        "defaultOutputGroup_colorPipeline : RVDisplayPipelineGroup (1) { pipeline { string nodes = "
        '[ "RVStackGroup" "Nonsense" "" ] } }\n',
    ],
    ids=[
        "connections", "twice", "noname", "collides", "empty", "state", "types", "layout",
        "image", "pipeline",
    ],
)  # fmt: skip
def test_hostile_files_leave_a_working_session(rv: Listening, tmp_path: Path, body: str) -> None:
    session = rv.session
    load_session(
        session, write(tmp_path, "GTOa (4)\nrv : RVSession (4) { a { int b = 1 } }\n" + body)
    )
    session.settle()
    for node in session.graph:
        assert all(session.graph.exact(i.name) is i for i in node.inputs)
    load_session(session, write(tmp_path, "GTOa (4)\n" + SOURCE.format(SOLID)))
    session.settle()
    assert session.playback.end == 10
    session.clear()
    session.settle()
    session.sources.add([BARS], SourceArgs())
    session.settle()
    assert not session.reading


def test_what_is_not_known_is_written_again(rv: Listening, tmp_path: Path) -> None:
    """Node types of packages that are not here, with their connections."""
    text = (
        "GTOa (4)\nrv : RVSession (4) { session { int version = 2 } }\n"
        'connections : connection (2) { evaluation { string[2] connections = [ [ "fade" "mine" ] '
        '[ "sourceGroup000000" "fade" ] ] } top { string nodes = [ "fade" "mine" ] } }\n'
        + SOURCE.format(SOLID)
        + "mine : RVStackGroup (1) { ui { string name = Mine } }\n"
        "fade : CrossDissolve (7) { parameters { float startFrame = 40 } }\n"
        'Gamma : IPNodeDefinition (1) { function { string glsl = "vec4 main();" } }\n'
    )
    load_session(rv.session, write(tmp_path, text))
    paths = [str(tmp_path / name) for name in ("1.rv", "2.rv")]
    for path in paths:
        save_session(rv.session, path)
        file = read_gto(path)
        fade = file.find("fade")
        assert fade is not None and (fade.protocol, fade.version) == ("CrossDissolve", 7)
        assert list(fade.values("parameters.startFrame")) == [40.0]
        assert file.find("Gamma") is not None
        connections = file.find("connections")
        assert connections is not None
        pairs = connections.strings("evaluation.connections")
        listed = list(zip(pairs[0::2], pairs[1::2], strict=True))
        assert ("fade", "mine") in listed and ("sourceGroup000000", "fade") in listed
        assert "fade" in connections.strings("top.nodes")
        load_session(rv.session, path)
    rv.session.clear()
    save_session(rv.session, paths[0])
    assert read_gto(paths[0]).find("fade") is None


def test_sparse_leaves_out_nodes_as_they_were_made(rv: Listening, tmp_path: Path) -> None:
    """Of a top level node with three changes in one component RV writes everything."""
    rv.add(SOLID)
    rv.session.new_node("RVColor", "c")
    changes: dict[str, list[Any]] = {"rotate": [3.0], "flip": [1], "flop": [1]}
    for node, names in (("two", ["rotate", "flip"]), ("three", list(changes))):
        rv.session.new_node("RVTransform2D", node)
        for name in names:
            rv.session.graph.nodes[node].assign(f"transform.{name}", changes[name])
    path = tmp_path / "s.rv"
    save_session(rv.session, str(path), sparse=True)
    text = path.read_text()
    assert "\nc :" not in text and "_colorPipeline_0 :" not in text
    three, two = text.index("\nthree :"), text.index("\ntwo :")
    assert "visibleBox" in text[three:two] and "visibleBox" not in text[two:]
