"""Proving an identity: both sides, without sockets, and what an attacker may try."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rvshell.errors import Refused, RemoteProtocolError
from rvshell.protocol.auth import AUTH_WORD, AuthClient, AuthServer

SECRET = "a-secret-of-some-length"


def talk(client: AuthClient, server: AuthServer, size: int = 4096) -> None:
    """Carry bytes between both, in pieces of `size`, until nobody says anything."""
    to_server, to_client = client.start(), b""
    while to_server or to_client:
        piece, to_server = to_server[:size], to_server[size:]
        if piece:
            to_client += server.feed(piece)
        piece, to_client = to_client[:size], to_client[size:]
        if piece:
            to_server += client.feed(piece)


@pytest.mark.parametrize("size", [1, 7, 4096])
@pytest.mark.parametrize("tokens", [{"bob": SECRET}, {"*": SECRET}])
def test_both_sides_are_sure_of_each_other(size: int, tokens: dict[str, str]) -> None:
    client, server = AuthClient("bob", SECRET), AuthServer(tokens)
    talk(client, server, size)
    assert client.done and server.name == "bob" and not server.plain
    assert client.leftover == server.leftover == b""


def test_what_follows_at_once_is_kept() -> None:
    client, server = AuthClient("bob", SECRET), AuthServer({"bob": SECRET})
    answer = client.feed(server.feed(client.start()))
    server.feed(answer + b"NEWGREETING 6 me app")
    assert server.name == "bob" and server.leftover == b"NEWGREETING 6 me app"


@pytest.mark.parametrize(
    "first", [b"NEWGREETING 6 me app", b"GREETING 2 me", b"PING 1 p", b"PLAYER 3 abc", b"\x16\x03"]
)
def test_rv_and_its_clients_see_nothing_of_it(first: bytes) -> None:
    server = AuthServer({"bob": SECRET})
    assert server.feed(first) == b""
    assert server.plain and server.leftover == first


def test_a_server_without_the_token_is_noticed() -> None:
    client, server = AuthClient("bob", SECRET), AuthServer({"bob": "another-secret-here"})
    with pytest.raises(Refused, match="does not know the token"):
        client.feed(server.feed(client.start()))


@pytest.mark.parametrize("name", ["eve", "bob"])
def test_a_client_without_the_token_learns_nothing(name: str) -> None:
    server = AuthServer({"bob": SECRET})
    start = AuthClient(name, "x" * 20).start()
    answer = json.loads(server.feed(start).split(b" ", 2)[2])
    assert set(answer) == {"nonce", "proof"}  # the same for names that do not exist
    body = json.dumps({"proof": "0" * 64}).encode()
    with pytest.raises(Refused, match="could not prove"):
        server.feed(AUTH_WORD + b"%d %b" % (len(body), body))
    assert server.name == ""
    assert b"error" in server.failure("no")


def test_proofs_cannot_be_used_again_turned_round_or_passed_on() -> None:
    tokens = {"bob": SECRET}
    client, first, second = AuthClient("bob", SECRET), AuthServer(tokens), AuthServer(tokens)
    proof = client.feed(first.feed(client.start()))
    second.feed(client.start())
    with pytest.raises(Refused):  # recorded and sent to another server
        second.feed(proof)
    third = AuthServer(tokens)
    mirrored = third.feed(client.start())
    with pytest.raises(Refused):  # the server's own proof sent back
        third.feed(mirrored)
    with pytest.raises(Refused):  # a man in the middle shows another certificate
        talk(AuthClient("bob", SECRET, b"his"), AuthServer(tokens, b"ours"))
    talk(AuthClient("bob", SECRET, b"ours"), AuthServer(tokens, b"ours"))


def test_a_refusal_reaches_the_client() -> None:
    with pytest.raises(Refused, match="identity refused: it could not be proved"):
        AuthClient("bob", SECRET).feed(AuthServer.failure("it could not be proved"))


def test_a_far_end_that_speaks_something_else() -> None:
    with pytest.raises(RemoteProtocolError, match="does not know this way"):
        AuthClient("bob", SECRET).feed(b"GREETING 2 rv")


@given(st.lists(st.binary(max_size=60), max_size=8), st.booleans())
def test_rubbish_is_refused_and_nothing_grows(pieces: list[bytes], begun: bool) -> None:
    server = AuthServer({"bob": SECRET})
    try:
        if begun:
            server.feed(AUTH_WORD)
        for piece in pieces:
            server.feed(piece)
            if server.plain:
                break
    except (Refused, RemoteProtocolError):
        pass
    assert server.name == ""
