"""What is inside a record: greetings, messages and data headers, from text to dataclass.

Everything here is lenient in exactly RV's way: missing fields are empty, unknown keys are
skipped, invalid UTF-8 becomes U+FFFD.  Framing (where a record ends) is parser.py's.
"""

from __future__ import annotations

import re
from typing import Final

from rvshell.protocol.records import (
    APP_RV,
    DataEvent,
    DataRecord,
    Disconnect,
    Event,
    Greeting,
    PixelTile,
    Return,
    UnknownData,
    UnknownMessage,
)

__all__ = ["decode", "leading_int", "parse_data_header", "parse_greeting", "parse_message"]

_DATA_TOKENS: Final = re.compile(r"[(),]")
_TILE_TOKENS: Final = re.compile(r"[(), ]")
_NUMBER: Final = re.compile(r"[ \t\n\v\f\r]*([+-]?[0-9]{1,18})")
_INT_MAX: Final = 2**31 - 1


def decode(data: bytes | bytearray | memoryview) -> str:
    """UTF-8 to text; what is invalid becomes U+FFFD, as Qt does it."""
    return str(data, "utf-8", "replace")


def leading_int(text: str) -> int:
    """The integer that *text* begins with, 0 when there is none, held within 32 bits.

    C's atoi, which RV reads tile numbers with: `12px` is 12, `f=` garbage is 0.
    """
    found = _NUMBER.match(text)
    if found is None:
        return 0
    return max(-_INT_MAX - 1, min(_INT_MAX, int(found[1])))


def _until_nul(text: str) -> str:
    cut = text.find("\0")
    return text if cut < 0 else text[:cut]


def parse_greeting(payload: bytes | bytearray | memoryview, *, new: bool) -> Greeting:
    """GREETING (`new` False: the whole payload is the name) or NEWGREETING.

    The new form is cut at single spaces: name, app, and anything more is dropped.
    """
    text = decode(payload)
    if not new:
        return Greeting(text, APP_RV)
    name, _, rest = text.partition(" ")
    return Greeting(name, rest.partition(" ")[0])


def parse_message(
    payload: bytes | bytearray | memoryview,
) -> Event | Return | Disconnect | UnknownMessage:
    """A MESSAGE's payload, dispatched by prefix as RvNetworkDialog::newMessage does.

    Name and target lie between single spaces (two spaces make an empty name); contents
    are all that follows, verbatim; each is cut at its first NUL.  `RETURN` without the
    space that every real sender writes is an empty reply.
    """
    text = decode(payload)
    if text.startswith(("EVENT ", "RETURNEVENT ")):
        keyword, *fields = text.split(" ", 3)
        fields += [""] * (3 - len(fields))
        name, target, contents = fields
        if "\0" in text:
            name, contents = _until_nul(name), _until_nul(contents)
        return Event(name, contents, target, keyword == "RETURNEVENT")
    if text.startswith("RETURN ") or text == "RETURN":
        return Return(text[7:])
    if text.startswith("DISCONNECT"):
        return Disconnect()
    return UnknownMessage(text)


def parse_data_header(interp: str, size: int) -> DataRecord:
    """A data record's word, up to and including its `)`, and its declared size.

    RV decides by how the word starts, so `PIXELTILE…` and `DATAEVENT…` of any spelling
    are taken for what they begin with.
    """
    if interp.startswith("PIXELTILE"):
        return _parse_tile(interp, size)
    if interp.startswith("DATAEVENT"):
        # RV keeps the space behind the parenthesis, which then counts as a field: with
        # the content type left out, the content type is that blank.
        tokens = [token for token in _DATA_TOKENS.split(interp + " ") if token]
        if len(tokens) >= 4:
            return DataEvent(tokens[1], tokens[2], tokens[3], size)
    return UnknownData(interp, size)


def _parse_tile(interp: str, size: int) -> PixelTile:
    fields: dict[str, str] = {}
    for token in _TILE_TOKENS.split(interp):
        if "=" not in token:
            continue
        parts = [part for part in token.split("=") if part]
        if len(parts) == 2:
            fields[parts[0]] = parts[1]
    get = fields.get
    return PixelTile(
        media=get("media", ""),
        layer=get("layer", "-"),
        view=get("view", "-"),
        x=leading_int(get("x", "0")),
        y=leading_int(get("y", "0")),
        width=leading_int(get("w", "0")),
        height=leading_int(get("h", "0")),
        frame=leading_int(get("f", "0")),
        event=get("event", "pixel-block"),
        size=size,
    )
