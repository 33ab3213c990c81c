"""The fast lane of small tiles: from the receive buffer to their places without ceremony.

A renderer's small tiles come in runs, a thousand in one read, and the same headers come again
with the next pass or frame.  So each header that was seen is a `_Route`: the header's bytes,
and a function that puts a payload where it belongs.  Routes are linked in the order in which
they came: the next header is nearly always the one that followed last time, and comparing it
(60 ns) is ten times cheaper than finding it.

The second time that neighbouring tiles come one after the other they become a `_Train`: as many
as are in the buffer are put by one assignment.  Nothing is taken for granted: each header is
compared before its tile is put, and the first that is another one ends the train.

A large tile that begins behind the small ones, or behind another large one, is sent on its way
to its place here as well.

Routes are good as long as the handler's `tile_epoch` stays; everything that is not a known,
complete tile is left to the ordinary way, which is always right.  They form rings and hold the
memory of frames, so they are taken apart when they are not good any more: the collector, which
would find them, hardly ever looks.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Final

from player.network.dispatch import Dispatcher
from player.network.handler import Handler, PutMany, TileSink
from rvshell.protocol import Parser, limits

__all__ = ["Lane"]

_MAX_ROUTES: Final = limits.MEMO_RECORDS
_LONGEST: Final = 1024  # tiles of a train


class _Train:
    """Routes of neighbouring tiles, in the order in which they come."""

    __slots__ = ("headers", "put", "routes")

    def __init__(self, routes: list[_Route], put: PutMany) -> None:
        self.routes = routes
        self.headers = [route.header for route in routes]
        self.put = put


class _Route:
    """A header, and what becomes of its tile."""

    __slots__ = ("after", "alone", "header", "large", "number", "put", "sink", "size", "start",
                 "train")  # fmt: skip

    def __init__(
        self, header: bytes, size: int, put: Callable[[bytearray, int], None],
        sink: TileSink | None = None,
    ) -> None:  # fmt: skip
        self.header = header
        self.start = len(header)
        self.size = self.start + size
        self.put = put
        self.sink = sink
        self.large = size >= limits.BULK_THRESHOLD  # need not wait until it is all in the buffer
        self.after: _Route | None = None
        self.train: _Train | None = None
        self.number = 0  # in its train
        self.alone = self.large  # it is known whether it has a train


def _beginning() -> _Route:
    """A route before all others."""
    return _Route(b"", 0, lambda data, start: None)


class Lane:
    """Takes whole tiles out of the parser of one connection."""

    def __init__(self, handler: Handler, parser: Parser, dispatcher: Dispatcher) -> None:
        self._handler = handler
        self._parser = parser
        self._dispatcher = dispatcher
        self._routes: dict[bytes, _Route] = {}
        self._last = _beginning()
        self._epoch: int | None = None
        self.running = False
        """Tiles were the last thing that came: more of them are likely to be the next."""

    def run(self) -> None:
        """Put every tile that is complete in the receive buffer where it belongs, up to the
        first record that is not one; a large one that has begun there goes on to its place."""
        held = self._parser.held()
        epoch = self._handler.tile_epoch()
        if held is None or epoch is None:
            return
        if epoch != self._epoch or len(self._routes) > _MAX_ROUTES:
            self.forget()
            self._epoch = epoch
        data, at, end = held
        startswith = data.startswith
        last, count = self._last, 0
        self.running |= at < end
        begun: _Route | None = None
        try:
            while at < end:
                route = last.after
                if route is None or not startswith(route.header, at):
                    found = self._find(at)
                    if found is None:
                        self.running = False
                        break
                    last.after = route = found
                pitch = route.size
                stop = at + pitch
                if stop > end:
                    if route.large:
                        begun, last = route, route
                    break
                if not route.alone and route.after is not None:
                    self._couple(route)
                train, start = route.train, at + route.start
                if train is None:
                    route.put(data, start)
                    at, last = stop, route
                    count += 1
                    continue
                first = number = route.number
                number += 1
                for header in train.headers[number : first + (end - at) // pitch]:
                    if not startswith(header, stop):
                        break
                    number += 1
                    stop += pitch
                train.put(data, start, first, number - first)
                at, last = stop, train.routes[number - 1]
                count += number - first
        except Exception:
            self._dispatcher.failed(None)
        finally:
            self._last = last
            self._parser.consume(at)
            if count:
                self._handler.tiles_came(count)
        if begun is not None:
            self._parser.announce(at + begun.start, begun.size - begun.start)
            self._dispatcher.receive(begun.sink)

    def forget_stale(self) -> None:
        """Let go of the memory of frames that are no more, when no tile has come since."""
        if self._routes and self._handler.tile_epoch() != self._epoch:
            self.forget()

    def forget(self) -> None:
        """Let go of everything; it is found anew when it comes again."""
        for route in self._routes.values():
            route.after = route.train = None
        self._routes.clear()
        self._last = _beginning()

    def go_on(self) -> bool:
        """After more bytes came: is all that there is to do with them done?"""
        if self._parser.arrived():
            self._dispatcher.payload_done()
            self.run()
        elif self.running:
            self.run()
        return self._parser.halfway

    def _couple(self, route: _Route) -> None:
        """Make a train of a route and those that followed last time, if they are one."""
        route.alone = True
        if route.sink is None or route.train is not None:
            return
        routes = [route]

        def following() -> Iterator[TileSink]:
            after = route.after
            while (
                after is not None
                and (after.start, after.size) == (route.start, route.size)
                and after.sink is not None
                and after.train is None
                and after is not route
                and len(routes) < _LONGEST
            ):
                routes.append(after)
                yield after.sink
                after = after.after

        joined = route.sink.joined(following(), route.size)
        if joined is not None:
            count, put = joined
            train = _Train(routes[:count], put)
            for number, member in enumerate(train.routes):
                member.train, member.number, member.alone = train, number, True

    def _find(self, at: int) -> _Route | None:
        """The route of the header at a place of the buffer, made when it is new."""
        found = self._parser.tile_at(at)
        if found is None:
            return None
        header, tile = found
        route = self._routes.get(header)
        if route is None:
            if tile.size == 0:
                return None
            sink = self._dispatcher.sink(tile)
            if sink is None or self._handler.tile_epoch() != self._epoch:
                return None
            route = self._routes[header] = _Route(header, tile.size, sink.put, sink)
        return route
