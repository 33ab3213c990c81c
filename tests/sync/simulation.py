"""Players in one process, joined by a network that the test drives record by record.

Every directed link is a queue of its own: what one player sends to another arrives in order,
between different links the order is the test's choice, as on real networks.
"""

from __future__ import annotations

import random
from collections import deque
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from player.commands import Context, load_all
from player.commands.calling import Calls
from player.network.settings import Settings
from player.network.sync import Sync
from player.scripting.deadline import Guard
from player.scripting.muhost import MuHost
from player.session.events import DataEvent
from player.session.given import Options
from player.session.ports import MediaInfo, NullMediaProbe, NullNetwork, Ports
from player.session.session import Session

__all__ = ["Rv", "Site", "World"]

Record = tuple[str, str, str, bytes | None]  # event, target, contents or type, data


class _Probe(NullMediaProbe):
    """Every path is a movie of 50 frames."""

    def probe(self, path: str) -> MediaInfo | None:
        return MediaInfo(path, width=64, height=36, channels=3, start=1, end=50, fps=24.0)


class _Network(NullNetwork):
    """The network as one site sees it."""

    def __init__(self, site: Site) -> None:
        super().__init__()
        self.site = site

    def status(self) -> int:
        return 1

    def connections(self) -> list[str]:
        return [other.contact for other in self.site.links]

    def applications(self) -> list[str]:
        return [other.app for other in self.site.links]

    def is_incoming(self, contact: str) -> bool:
        return any(s.contact == contact and not dialled for s, dialled in self.site.links.items())

    def connect(self, name: str, host: str, port: int) -> None:
        other = self.site.world.by_port.get(port)
        if other is not None and other is not self.site:
            self.site.world.join(self.site, other)

    def disconnect(self, contact: str) -> None:
        self.site.world.part(self.site, self.site.world.named(contact))

    def host(self) -> str:
        return self.site.host

    def port(self) -> int:
        return self.site.port

    def send_event(
        self, event: str, target: str, contents: str, recipients: Sequence[str] | None
    ) -> None:
        for contact in self.connections() if recipients is None else recipients:
            self.site.world.post(self.site, contact, (event, target, contents, None))

    def send_data_event(
        self, event: str, target: str, interp: str, data: bytes, recipients: Sequence[str] | None
    ) -> None:
        for contact in recipients or ():
            self.site.world.post(self.site, contact, (event, target, interp, data))


class Site:
    """One player: a session, its sync, and links (other site -> whether we dialled)."""

    app = "rv"

    def __init__(self, world: World, name: str, folder: Path | None, **flags: str) -> None:
        self.world = world
        self.host = f"{name}-ws.lan"
        self.contact = f"{name}@{self.host}"
        self.port = 45124 + len(world.sites)
        self.links: dict[Site, bool] = {}
        self.session = Session(
            ports=Ports(network=_Network(self), media=_Probe()),
            clock=lambda: world.now,
            options=Options(flags=dict(flags)),
        )
        self.session.name = f"session{len(world.sites)}"
        self.context = Context(self.session)
        self.mu_host = MuHost(
            self.context, load_all(), Guard(0), world.log.append, permit=lambda action, what: False
        )
        self.feedback: list[str] = []
        self.sync = Sync(
            self.session,
            self.session.ports.network,
            Settings(folder, environ={}, flags=world.settings),
            evaluate=lambda contact, text: self.mu_host.reply(text),
            commands=Calls(self.context),
            feedback=lambda text, seconds: self.feedback.append(text),
            clock=lambda: world.now,
            identity=f"{len(world.sites):03d}-{name}",
        )
        self.session.ports.sync = self.sync
        events = self.session.events
        events.on_error = lambda event, action, error: world.fail(event.name, error)
        events.bind(
            "default", "global", "remote-connection-start", lambda event: self.sync.automatic()
        )

    def mu(self, text: str) -> str:
        """What the user of this player does; the session settles, as after every batch."""
        reply = self.mu_host.reply(text)
        self.session.settle()
        return reply

    def receive(self, sender: str, record: Record) -> None:
        event, _, contents, data = record
        self.context.sender = sender
        if data is not None:
            self.session.events.dispatch(DataEvent(event, contents, data, sender))
        elif event == "remote-eval":
            self.mu_host.reply(contents)
        else:
            self.session.events.send(event, contents, sender=sender)
        self.context.sender = ""
        self.session.settle()

    def linked(self, other: Site, dialled: bool) -> None:
        self.links[other] = dialled
        self.session.events.send("remote-connection-start", other.contact)

    def unlinked(self, other: Site) -> None:
        self.links.pop(other, None)
        self.session.events.send("remote-connection-stop", other.contact)


class Rv:
    """A peer that only listens: what a real RV would have received."""

    app = "rv"

    def __init__(self, world: World, name: str, app: str = "rv") -> None:
        self.world = world
        self.contact = f"{name}@{name}-ws.lan"
        self.app = app
        self.links: dict[Any, bool] = {}
        self.got: list[Record] = []

    def receive(self, sender: str, record: Record) -> None:
        self.got.append(record)

    def linked(self, other: Site, dialled: bool) -> None:
        self.links[other] = dialled

    def unlinked(self, other: Site) -> None:
        self.links.pop(other, None)

    def send(self, other: Site, event: str, contents: str, target: str = "*") -> None:
        self.world.post(self, other.contact, (event, target, contents, None))
        self.world.settle()

    def take(self) -> list[str]:
        """What came since the last time, as `EVENT name target contents`."""
        got, self.got = self.got, []
        return [
            f"EVENT {e} {t} {c}" if d is None else f"DATAEVENT({e},{t},{c}) {len(d)}"
            for e, t, c, d in got
        ]


class World:
    """Sites and the queues between them; time passes only when the test says so."""

    def __init__(self, folder: Path | None = None, **settings: Any) -> None:
        self.now = 1000.0
        self.folder = folder
        self.settings = {k.replace("__", "."): v for k, v in settings.items()}
        self.sites: list[Any] = []
        self.queues: dict[tuple[Any, Any], deque[Record]] = {}
        self.by_port: dict[int, Site] = {}
        self.delivered = 0
        self.log: list[str] = []
        self.errors: list[str] = []

    def fail(self, name: str, error: Exception) -> None:
        self.errors.append(f"{name}: {error!r}")

    def site(self, name: str, **flags: str) -> Site:
        made = Site(self, name, self.folder, **flags)
        self.sites.append(made)
        self.by_port[made.port] = made
        return made

    def rv(self, name: str, app: str = "rv") -> Rv:
        made = Rv(self, name, app)
        self.sites.append(made)
        return made

    def named(self, contact: str) -> Any:
        return next(s for s in self.sites if s.contact == contact)

    def join(self, one: Any, two: Any) -> None:
        """`one` dials `two`."""
        if two in one.links:
            return
        self.queues[(one, two)] = deque()
        self.queues[(two, one)] = deque()
        two.linked(one, False)
        one.linked(two, True)

    def part(self, one: Any, two: Any) -> None:
        for pair in ((one, two), (two, one)):
            self.queues.pop(pair, None)
        one.unlinked(two)
        two.unlinked(one)

    def post(self, sender: Any, contact: str, record: Record) -> None:
        for other in sender.links:
            if other.contact == contact:
                self.queues[(sender, other)].append(record)
                return

    def step(self, choose: random.Random | None = None) -> bool:
        """Deliver one record; False when all queues are empty."""
        waiting = [pair for pair, queue in self.queues.items() if queue]
        if not waiting:
            return False
        sender, receiver = choose.choice(waiting) if choose is not None else waiting[0]
        record = self.queues[(sender, receiver)].popleft()
        self.delivered += 1
        receiver.receive(sender.contact, record)
        return True

    def settle(self, limit: int = 100_000) -> None:
        """Deliver everything; fails when messages go round for ever."""
        end = self.delivered + limit
        while self.step():
            assert self.delivered < end, "messages circulate"

    def rest(self, seconds: float = 30.0) -> None:
        """Deliver everything and let time pass, until nothing is said any more."""
        self.settle()
        end = self.now + seconds
        while self.now < end:
            self.now += 0.25
            for site in self.sites:
                if isinstance(site, Site):
                    site.sync.tick()
            self.settle()

    def states(self) -> list[str]:
        return [s.sync.agreement.state_hash() for s in self.sites if isinstance(s, Site)]
