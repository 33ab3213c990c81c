"""What the kernel knows of a connection: whose program is at the other end, and how far it is;
and what it is told: how much may wait to be read.

Linux knows the owner of every TCP socket.  The peer's socket is the one whose local address
is the peer's and whose remote address is ours.  Two ways lead to it: asking for just that
socket over netlink (sock_diag, a tenth of a millisecond), and reading the whole table in
/proc/net/tcp and tcp6, where the first is not there.  A socket that its program has already
closed has no owner any more: that counts as unknown, as does a system without the table.
"""

from __future__ import annotations

import ipaddress
import socket
import struct
import sys
from contextlib import suppress
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

__all__ = ["owner_in_table", "round_trip", "shorten_queue", "socket_owner", "user_name"]

_TABLES: Final = ("tcp", "tcp6")
_ORDER: Final = "<" if sys.byteorder == "little" else ">"
_LOCAL, _REMOTE, _UID, _INODE = 1, 2, 7, 9  # columns
_RTT: Final = 68  # bytes before tcpi_rtt
_QUEUE: Final = 2 << 20
_ALLOWED: Final = Path("/proc/sys/net/core/rmem_max")


def _words(packed: bytes) -> str:
    """An address as the table writes it: 32-bit words in the machine's byte order."""
    return "".join(f"{word:08X}" for (word,) in struct.iter_unpack(f"{_ORDER}I", packed))


def _forms(address: str, port: int) -> list[str]:
    """How an address may stand in the table: IPv4 also as IPv6-mapped."""
    parsed = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(parsed, ipaddress.IPv6Address):
        parsed = parsed.ipv4_mapped or parsed
    forms = [f"{_words(parsed.packed)}:{port:04X}"]
    if isinstance(parsed, ipaddress.IPv4Address):
        mapped = b"\0" * 10 + b"\xff\xff" + parsed.packed
        forms.append(f"{_words(mapped)}:{port:04X}")
    return forms


def socket_owner(peer: tuple[str, int], ours: tuple[str, int]) -> int | None:
    """User id of the program at `peer` (address, port) that is connected to `ours`; None when
    it cannot be told."""
    try:
        return _asked(peer, ours)
    except (OSError, ValueError, AttributeError, struct.error):
        return owner_in_table(peer, ours)


_SOCK_DIAG: Final = 4  # netlink family
_BY_FAMILY: Final = 20  # request and answer
_REQUEST: Final = 1  # NLM_F_REQUEST


def _asked(peer: tuple[str, int], ours: tuple[str, int]) -> int | None:
    """The owner by netlink.  Raises OSError or ValueError when it does not tell."""
    source = ipaddress.ip_address(peer[0].partition("%")[0])
    target = ipaddress.ip_address(ours[0].partition("%")[0])
    source = getattr(source, "ipv4_mapped", None) or source
    target = getattr(target, "ipv4_mapped", None) or target
    family = socket.AF_INET if source.version == 4 else socket.AF_INET6
    ends = struct.pack("!HH", peer[1], ours[1])
    ends += source.packed.ljust(16, b"\0") + target.packed.ljust(16, b"\0")
    ends += struct.pack("=III", 0, 0xFFFFFFFF, 0xFFFFFFFF)  # any interface, no cookie
    question = struct.pack("=BBBBI", family, socket.IPPROTO_TCP, 0, 0, 0xFFFFFFFF) + ends
    head = struct.pack("=IHHII", 16 + len(question), _BY_FAMILY, _REQUEST, 1, 0)
    kind = socket.SOCK_RAW | socket.SOCK_CLOEXEC
    with socket.socket(socket.AF_NETLINK, kind, _SOCK_DIAG) as sock:
        sock.settimeout(0.2)
        sock.send(head + question)
        answer = sock.recv(4096)
    if struct.unpack_from("=IH", answer)[1] != _BY_FAMILY:
        raise OSError("no such socket, or no sock_diag")
    uid, inode = struct.unpack_from("=II", answer, 16 + 4 + len(ends) + 12)
    return uid if inode else None


def owner_in_table(
    peer: tuple[str, int], ours: tuple[str, int], tables: Path = Path("/proc/net")
) -> int | None:
    """The same from the table in `tables`."""
    try:
        theirs, mine = _forms(*peer), _forms(*ours)
    except ValueError:
        return None
    for name in _TABLES:
        try:
            text = (tables / name).read_text()
        except OSError:
            continue
        for form in theirs:
            at = text.find(f" {form} ")
            while at >= 0:
                start = text.rfind("\n", 0, at) + 1
                fields = text[start : text.find("\n", at)].split()
                if len(fields) > _INODE and fields[_LOCAL] == form and fields[_REMOTE] in mine:
                    return int(fields[_UID]) if fields[_INODE] != "0" else None
                at = text.find(f" {form} ", at + 1)
    return None


def user_name(uid: int) -> str:
    """The login name of a user id, or the number."""
    try:
        import pwd

        return pwd.getpwuid(uid).pw_name
    except (ImportError, KeyError):
        return str(uid)


def round_trip(sock: Any) -> float | None:
    """Seconds of a round trip as TCP measures it all the time (Linux's tcp_info); None where
    that cannot be told."""
    option = getattr(socket, "TCP_INFO", None)
    if option is None or sys.platform != "linux":
        return None
    try:
        (micros,) = struct.unpack_from(
            f"{_ORDER}I", sock.getsockopt(socket.IPPROTO_TCP, option, 104), _RTT
        )
    except (OSError, AttributeError, struct.error):
        return None
    return float(micros) / 1e6 if micros else None


@lru_cache(maxsize=1)
def _may_be_so_long() -> bool:
    try:
        return int(_ALLOWED.read_text()) >= _QUEUE
    except (OSError, ValueError):  # another system
        return False


def shorten_queue(sock: Any) -> None:
    """Let no more than 2 MiB wait to be read on a connection from this machine.

    Linux lets the queue of one that brings much grow to 32 MB: most of it has left the processor's
    caches when it is read, and what comes while it is read is left to the reader to sort out.
    Measured: 256x256 tiles come in a quarter faster, 64x64 nearly twice as fast; with a quarter of
    this all come slower, so that nothing is said where the system allows less.  (To other machines
    the queue must be as long as the way is.)
    """
    if _may_be_so_long():
        with suppress(OSError, AttributeError):
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _QUEUE)
