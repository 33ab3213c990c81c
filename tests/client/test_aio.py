"""The asyncio client against a real server."""

from __future__ import annotations

import asyncio
import socket

import pytest

from rvshell.client import AsyncClient
from rvshell.errors import ConnectionFailed, ConnectionLost, DeadlineExceeded, LocalProtocolError
from rvshell.protocol import Event, Greeting, PixelTile
from tests.network.running import Running
from tests.waiting import until_async


async def test_requests_events_tiles_and_data(running: Running) -> None:
    seen: list[Event] = []
    async with await AsyncClient.connect(port=running.port) as client:
        client.on_event(seen.append)
        assert client.peer == Greeting("player")
        assert await client.eval_mu("frame()") == "frame()"
        assert await client.eval_python("1") == "1"
        await client.exec_python("x")
        await client.event("said", "so")
        await client.send_data("e", "type", b"\0\1")
        assert await client.request("tell", "you") == "you"
        assert seen == [Event("told", "you")]
        assert client.messages[0] == Event("told", "you")
        texts = [str(n) for n in range(2000)]
        assert await client.request_many(("echo", text) for text in texts) == texts
        assert ("data", "e", "*", "type", b"\0\1") in running.handler.log
    await until_async(lambda: running.handler.seen("disconnected"))
    assert running.handler.log[-1][2] == "disconnect"
    with pytest.raises(ConnectionLost):
        await client.request("echo", "")
    await client.close()


async def test_a_request_during_a_large_tile_waits_for_its_end(running: Running) -> None:
    pixels = bytes(range(256)) * 100_000
    async with await AsyncClient.connect(port=running.port) as client:
        sending = asyncio.gather(
            client.send_tile(PixelTile(media="a", layer="direct"), pixels),
            client.send_tile(PixelTile(media="b"), pixels),
            *(client.request("echo", str(n)) for n in range(50)),
        )
        assert (await sending)[2:] == [str(n) for n in range(50)]
        await client.request("echo", "")
        assert [sink.data == pixels for sink in running.handler.sinks] == [True, True]


async def test_many_tiles_at_once(running: Running) -> None:
    sizes = [100] * 700 + [1 << 19, 300_000] + [20_000] * 30 + [7]
    tiles = [(PixelTile(media="m", x=n), bytes([n % 251]) * size) for n, size in enumerate(sizes)]
    async with await AsyncClient.connect(port=running.port) as client:
        await client.send_tiles(iter(tiles))
        await client.send_tiles([])
        await client.request("echo", "")
        assert [sink.data for sink in running.handler.sinks] == [data for _, data in tiles]


async def test_the_far_end_says_good_bye(running: Running) -> None:
    client = await AsyncClient.connect(port=running.port)
    pending = client.submit("echo", "x")
    assert await pending == "x"
    running.call(lambda: running.server.peers[0].disconnect())
    await client.wait_closed()
    assert client.closed
    with pytest.raises(ConnectionLost, match="DISCONNECT"):
        await client.event("a", "b")
    await client.close()


async def test_no_connection_and_no_greeting() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        with pytest.raises(DeadlineExceeded):
            await AsyncClient.connect(port=port, timeout=0.2)
    with pytest.raises(ConnectionFailed, match="refused"):
        await AsyncClient.connect(port=port)
    with pytest.raises(ConnectionFailed, match="unknown host"):
        await AsyncClient.connect("no.such.host.invalid")


async def test_a_reply_that_does_not_come_in_time() -> None:
    ours, theirs = socket.socketpair()
    with theirs:
        theirs.sendall(b"GREETING 2 rv")
        client = await AsyncClient.connect(sock=ours, heartbeat=False)
        with pytest.raises(DeadlineExceeded, match="'a' within"):
            await client.request("a", "1", timeout=0.05)
        theirs.sendall(b"MESSAGE 10 RETURN oneMESSAGE 10 RETURN two")
        assert await client.request("b", "2") == "two"
        with pytest.raises(LocalProtocolError):
            await client.event("two words", "")
        theirs.close()
        await client.close()
