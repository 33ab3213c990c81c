"""What `help clients`, `security`, `internet` and `streaming` say is true."""

from __future__ import annotations

import re
import socket
import subprocess
import sys

import pytest

from rvshell.verbs.registry import REGISTRY
from rvshell.verbs.topics import TOPICS
from tests.players import running_player
from tests.waiting import DEADLINE


def run(*words: str) -> str:
    done = subprocess.run(
        [sys.executable, "-m", *words], capture_output=True, text=True, timeout=DEADLINE, check=True
    )
    return done.stdout


def test_the_dialogue_of_the_topic_is_what_a_player_says() -> None:
    lines = re.findall(r"^  ([<>]) (.*?)(?:  .*)?$", TOPICS["clients"], re.MULTILINE)
    assert [way for way, _ in lines] == [">", "<", ">", ">", "<", ">", ">"]
    for _, line in lines:
        _, size, contents = line.split(" ", 2)
        assert int(size) == len(contents), line
    with (
        running_player("-networkUser", "player", "solid,start=1,end=9.movieproc") as player,
        socket.create_connection(("127.0.0.1", player.port), DEADLINE) as sock,
        sock.makefile("rb") as answers,
    ):
        player.until("frameEnd()", "9")
        for way, line in lines:
            if way == ">":
                sock.sendall(line.encode())
            else:
                assert answers.read(len(line)).decode() == line
        assert answers.read() == b""  # closed, and nothing else was said
        assert player.mu("frame()") == "1"


def test_the_tile_of_the_topic_arrives() -> None:
    tile = re.search(r"^  (PIXELTILE\(.*)$", TOPICS["clients"], re.MULTILINE)
    assert tile is not None
    _, size, data = tile[1].split(" ")
    assert int(size) == len(data)
    with running_player("solid.movieproc") as player:
        player.mu(
            'newImageSource("a.exr", 2, 1, 2, 1, 0, 0, 1.0, 4, 8, false, 1, 1, 24.0, nil, nil);'
        )
        with player.client() as client:
            client.send_encoded([tile[1].encode()])
            assert client.eval_mu("sources().size()") == "2"
            client.eval_mu('setViewNode(nodesOfType("RVSourceGroup").back());')
            assert client.eval_mu('sourceMedia("sourceGroup000001_source")._0') == '"a.exr"'
            pixel = client.eval_mu('sourcePixelValue("sourceGroup000001_source", 0.5, 0.5)')
            assert pixel.startswith("<0.18"), pixel  # a full stop is 46 of 255


@pytest.mark.parametrize("topic", ["clients", "security", "internet", "streaming"])
def test_what_a_topic_names_is_there(topic: str) -> None:
    text = TOPICS[topic]
    known = run("player", "--help") + run("rvshell", "help", "contacts")
    for option in set(re.findall(r"(?<![\w-])--[a-z][a-z-]+", text)):
        assert option in known, option
    for verb in re.findall(r"(?:; |^  |: |help )([a-z]+)(?= (?:HOST|--scopes|https))", text):
        assert verb in REGISTRY.names() or verb in ("rvshell", "ssh"), verb
    assert all(len(line) <= 100 for line in text.splitlines())
    assert f"help {topic}" in run("rvshell", "help")
    assert run("rvshell", "help", topic).rstrip() == text.rstrip()


def test_the_risk_is_said_where_it_is_taken() -> None:
    assert "without any warranty" in TOPICS["security"] and "own risk" in TOPICS["security"]
    with running_player("--listen", "0.0.0.0") as player:
        (line,) = [x for x in player.log if "without TLS" in x]
        assert "help security" in line


def test_ways_between_two_sites() -> None:
    text = TOPICS["internet"]
    assert "nobody in between" in text
    for way in ("ssh://", "WireGuard", "Tailscale", "tls://", "firewall"):
        assert way in text
    assert "experimental" in TOPICS["streaming"]
    assert "experimental" in run("player", "--help")
