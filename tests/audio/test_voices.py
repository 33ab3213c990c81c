"""What is heard when: sequences, stacks, offsets, rates, volumes, sound tracks."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import OpenImageIO as oiio
import pytest

pytest.importorskip("av")

from player.audio import has_sound, master_gains, voices
from player.audio.voices import Voice, tapered
from player.media import PixelStore, Probe
from player.session.node import Node
from player.session.ports import Ports
from player.session.session import Session
from player.session.sourceargs import parse_source_args
from tests.audio.making import tone, write_movie, write_sound

FPS = 24


@pytest.fixture(scope="module")
def films(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """Two movies with sound, of one and of two seconds."""
    folder = tmp_path_factory.mktemp("films")
    return [
        write_movie(folder / f"{n}.mov", tone(n, 48000), n * FPS, fps=FPS) for n in (1, 2)
    ]  # fmt: skip


def session_of(*words: str) -> Session:
    session = Session(ports=Ports(media=Probe(), pixels=PixelStore(1 << 20)))
    session.sources.enqueue_sources(parse_source_args(words), True, False, "")
    session.settle()
    return session


def node(session: Session, name: str) -> Node:
    found = session.graph.exact(name)
    assert found is not None
    return found


def where(found: list[Voice]) -> list[tuple[str, float, float, float]]:
    return sorted(
        (Path(v.path).name, round(v.start, 4), round(v.length, 4), round(v.media_time, 4))
        for v in found
    )


def test_a_sequence_goes_from_one_to_the_next(films: list[str]) -> None:
    session = session_of(*films)
    assert has_sound(session)
    assert where(voices(session, 0.5, 1.5)) == [
        ("1.mov", 0.5, 0.5, 0.5), ("2.mov", 1.0, 1.0, 0.0),
    ]  # fmt: skip
    assert where(voices(session, 2.0, 0.25)) == [("2.mov", 2.0, 0.25, 1.0)]


def test_cuts_and_offsets_of_sources(films: list[str]) -> None:
    session = session_of("[", films[1], "+in", "13", "+out", "36", "+ao", "0.2", "]", films[0])
    assert where(voices(session, 0.0, 2.0)) == [
        ("1.mov", 1.0, 1.0, 0.0), ("2.mov", 0.0, 1.0, 0.3),
    ]  # fmt: skip


def test_a_stack_adds_or_takes_the_chosen_one(films: list[str]) -> None:
    session = session_of(*films)
    session.set_view("defaultStack")
    assert len(voices(session, 0.0, 0.5)) == 2
    stack = node(session, "defaultStack_stack")
    for chosen, names in (
        (".first.", ["1.mov"]), (".topmost.", ["1.mov"]), ("sourceGroup000001", ["2.mov"]),
    ):  # fmt: skip
        stack.assign("output.chosenAudioInput", [chosen])
        assert [Path(v.path).name for v in voices(session, 0.0, 0.5)] == names


def test_volumes_and_balance(films: list[str]) -> None:
    session = session_of(films[0])
    source = session.graph.by_type("RVFileSource")[0]
    source.assign("group.volume", [0.5])
    source.assign("group.balance", [0.25])
    (voice,) = voices(session, 0.0, 1.0)
    taper = (1 - math.exp(-0.5)) / (1 - math.exp(-1))
    assert voice.left == pytest.approx(0.75 * taper) and voice.right == pytest.approx(taper)
    assert tapered(0.0) == 0.0 and tapered(1.0) == pytest.approx(1.0)
    track = node(session, "viewGroup_soundtrack")
    assert master_gains(session) == pytest.approx((1.0, 1.0))
    track.assign("audio.balance", [-1.0])
    assert master_gains(session) == pytest.approx((1.0, 0.0))
    track.assign("audio.balance", [0.0])
    track.assign("audio.volume", [0.5])
    loud = (math.exp(0.5) - 1) / (math.e - 1)
    assert master_gains(session) == pytest.approx((tapered(loud),) * 2)
    track.assign("audio.mute", [1])
    assert master_gains(session) == (0.0, 0.0)
    source.assign("group.noMovieAudio", [1])
    assert voices(session, 0.0, 1.0) == []


def test_the_offset_of_the_session(films: list[str]) -> None:
    session = session_of(films[1])
    node(session, "viewGroup_soundtrack").assign("audio.offset", [0.25])
    assert where(voices(session, 1.0, 0.5)) == [("2.mov", 1.0, 0.5, 0.75)]


def test_a_faster_view_plays_the_sound_faster(films: list[str]) -> None:
    session = session_of(films[1])
    session.playback.set_fps(48.0)
    (voice,) = voices(session, 0.5, 0.25)
    assert (voice.start, voice.length) == (0.5, 0.25)
    assert (voice.media_time, voice.speed) == pytest.approx((1.0, 2.0))


def test_retime_stretches_and_turns_round(films: list[str]) -> None:
    session = session_of(films[1])
    group = session.new_node("RVRetimeGroup", "slow")
    assert group is not None
    group.set_inputs([node(session, "sourceGroup000000")])
    session.set_view("slow")
    session.settle()
    retime = node(session, "slow_retime")
    retime.assign("visual.scale", [2.0])
    session.settle()
    (voice,) = voices(session, 1.0, 0.5)
    assert (voice.start, voice.length, voice.media_time) == pytest.approx((1.0, 0.5, 0.5))
    assert voice.speed == pytest.approx(0.5)
    retime.assign("visual.scale", [-1.0])
    session.settle()
    (voice,) = voices(session, 0.25, 0.5)
    whole = 47 / FPS
    assert (voice.start, voice.length, voice.speed) == pytest.approx((0.25, 0.5, -1.0))
    assert voice.media_time == pytest.approx(whole - 0.25)


def test_a_sound_track_of_a_sequence(films: list[str]) -> None:
    session = session_of(films[1])
    group = node(session, "defaultSequence")
    group.assign("soundtrack.file", [films[0]])
    group.assign("soundtrack.offset", [0.5])
    assert where(voices(session, 0.5, 0.5)) == [("1.mov", 0.5, 0.5, 0.0), ("2.mov", 0.5, 0.5, 0.5)]


def test_nothing_is_heard_of_pictures(tmp_path: Path) -> None:
    session = session_of("smptebars,start=1,end=24.movieproc")
    assert not has_sound(session) and voices(session, 0.0, 1.0) == []


def test_pictures_with_a_sound_file(tmp_path: Path) -> None:
    sound = write_sound(tmp_path / "s.wav", tone(2, 48000))
    for n in range(1, 25):
        out = oiio.ImageOutput.create(str(tmp_path / f"p.{n:04d}.tif"))
        out.open(str(tmp_path / f"p.{n:04d}.tif"), oiio.ImageSpec(4, 4, 3, "uint8"))
        out.write_image(np.zeros((4, 4, 3), np.uint8))
        out.close()
    session = session_of("[", f"{tmp_path}/p.#.tif", sound, "+ao", "0.25", "]")
    assert session.playback.range_end - session.playback.range_start == 24
    assert where(voices(session, 0.5, 0.25)) == [("s.wav", 0.5, 0.25, 0.25)]


def test_sound_alone(tmp_path: Path) -> None:
    session = session_of(write_sound(tmp_path / "s.wav", tone(2, 48000)))
    assert has_sound(session)
    assert where(voices(session, 1.0, 0.5)) == [("s.wav", 1.0, 0.5, 1.0)]
    assert session.playback.range_end - session.playback.range_start == 48
