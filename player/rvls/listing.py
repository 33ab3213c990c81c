"""What rvls tells of media: a table of their measures, or all their attributes.

Columns are as wide as what stands in them; those in which nothing stands are left out.
Source: ``lsLong``, ``lsExtended`` and ``lsAlignedLongOuput`` of Open RV's rvls.
"""

from __future__ import annotations

import json
import os
import re
import sys
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Final

from player.media import IMAGE_EXTENSIONS, MOVIE_EXTENSIONS, Probe
from player.session.ports.media import MediaInfo

__all__ = ["Listing"]

_HEAD: Final = ["w", "h", "typ", "#ch", "fps", "#fr", "#ach", "file"]
_PICTURES: Final = "RVImageSource|"
_PLAIN: Final = re.compile(r"[A-Za-z0-9_./(][^\n:#\"'\[\]{},&*!|>%@`]*(?<! )")
_AT_ONCE: Final = 8
_BATCH: Final = 64


class Listing:
    """Looks into media.  *any_name*: also into files whose names do not say what they are."""

    def __init__(self, *, any_name: bool) -> None:
        self._any_name = any_name
        self._probe = Probe()

    def close(self) -> None:
        self._probe.readers.close()

    def _info(self, name: str) -> tuple[MediaInfo | None, str]:
        """What is known of media, and why nothing is; both empty for what is no media."""
        extension = os.path.splitext(name)[1][1:].lower()
        known = extension in IMAGE_EXTENSIONS or extension in MOVIE_EXTENSIONS
        if not (known or self._any_name or extension == "movieproc"):
            return None, ""
        info = self._probe.probe(name)
        reason = "" if info is not None else self._probe.reason(name)
        self._probe.forget(name)
        if reason and self._any_name and not known:
            reason = ""  # nobody said that it was
        return info, reason or ("" if info is not None or not known else f"{name}: no media")

    def _infos(self, names: Sequence[str]) -> Iterator[tuple[str, MediaInfo | None, str]]:
        """In the order of the names, which are looked into some at once."""
        with ThreadPoolExecutor(_AT_ONCE) as pool:
            for first in range(0, len(names), _BATCH):
                some = names[first : first + _BATCH]
                media = [name for name in some if not name.startswith(_PICTURES)]
                found = dict(zip(media, pool.map(self._info, media), strict=True))
                for name in some:
                    yield (name, *found.get(name, (None, "")))

    # -- -l ----------------------------------------------------------------------------

    def long(self, names: Sequence[str]) -> str:
        """A line for each that is media."""
        rows = [_HEAD]
        for name, info, reason in self._infos(names):
            if reason:
                _complain(reason)
                rows.append([""] * 7 + [name])
            elif info is not None:
                rows.append([*_measures(info), name])
            elif name.startswith(_PICTURES):
                rows.append([*_pushed(name), name])
        return _aligned(rows, sizes=True)

    # -- -x ----------------------------------------------------------------------------

    def extended(self, names: Sequence[str], *, yaml: bool) -> str:
        """All that is known of each."""
        made = []
        for name, info, reason in self._infos(names):
            pushed = name.startswith(_PICTURES)
            if reason:
                _complain(reason)
            if info is None and not reason and not pushed:
                made.append(_yaml({name: {}}) if yaml else "")
                continue
            attributes = list(info.attributes) if info is not None else []
            channels, size = _structure(name, info)
            if yaml:
                made.append(_yaml({name: _tree(attributes, channels, size, pushed)}))
                continue
            rows = [[key, value] for key, value in attributes]
            if size is not None:
                width, height, count, bits, kind = size
                float_text = " floating point" if kind == "float" else ""
                text = f"{width} x {height}, {count}ch, {bits} bits/ch{float_text}"
                rows += [["Channels", ", ".join(channels)], ["Resolution", text]]
            made.append(f"{name}:\n\n{_aligned(rows[::-1], sizes=False)}\n\n")
        return "".join(made)


def _complain(reason: str) -> None:
    print(f"ERROR: {reason}", file=sys.stderr)


def _measures(info: MediaInfo) -> list[str]:
    sound = str(info.audio_channels or "-") if info.has_audio else ""
    if not info.has_video:
        return [""] * 6 + [sound]
    kind = f"{info.bits}{'f' if info.is_float else 'i'}"
    frames = info.end - info.start + 1
    timed = [f"{info.fps:g}", str(frames)] if frames > 0 else ["", ""]
    return [str(info.width), str(info.height), kind, str(info.channels), *timed, sound]


def _pushed(name: str) -> list[str]:
    """Of an image source: what its node says."""
    parts = name.split("|")
    kind = parts[8] + ("i" if parts[9] == "0" else "f")
    frames = int(float(parts[6])) - int(float(parts[5])) + 1
    timed = [parts[11], str(frames)] if frames > 0 else ["", ""]
    return [parts[3], parts[4], kind, str(len(parts[2])), *timed, ""]


_Size = tuple[Any, Any, int, Any, str]


def _structure(name: str, info: MediaInfo | None) -> tuple[list[str], _Size | None]:
    """Names of channels, and width, height, channels, bits and the kind of number."""
    if name.startswith(_PICTURES):
        parts = name.split("|")
        kind = "int" if parts[9] == "0" else "float"
        return list(parts[2]), (parts[3], parts[4], len(parts[2]), parts[8], kind)
    if info is None or not info.has_video:
        return [], None
    width, height = info.uncrop_width or info.width, info.uncrop_height or info.height
    kind = "float" if info.is_float else "int"
    return list(info.channel_names), (width, height, info.channels, info.bits, kind)


def _tree(
    attributes: list[tuple[str, str]], channels: list[str], size: _Size | None, pushed: bool
) -> dict[str, Any]:
    tree: dict[str, Any] = {} if pushed else {"Attributes": dict(attributes)}
    if size is not None:
        width, height, count, bits, kind = size
        tree["Channels"] = channels
        tree["Resolution"] = {
            "Width": width, "Height": height, "Channels": count,
            "Depth": {"Bits": bits, "Type": kind},
        }  # fmt: skip
    return tree


def _aligned(rows: Sequence[Sequence[str]], *, sizes: bool) -> str:
    """Rows in columns.  *sizes*: the first row is a head, and the second column a height."""
    if not rows:
        return ""
    count = len(rows[0])
    widths = [max((len(row[i]) for row in rows[1:]), default=0) for i in range(count)]
    widths = [max(w, len(rows[0][i])) if w else 0 for i, w in enumerate(widths)]
    out = []
    for row in rows:
        line = ""
        for i, text in enumerate(row):
            if not widths[i]:
                continue
            line += " x " if sizes and i == 1 and text else "   "
            if i == count - 1:
                line += text
            else:
                line += text.ljust(widths[i]) if i in (1, 3) else text.rjust(widths[i])
        out.append(f"{line}\n")
    return "".join(out)


def _yaml(tree: dict[str, Any]) -> str:
    return "".join(f"{line}\n" for line in _block(tree, ""))


def _scalar(value: Any) -> str:
    text = str(value)
    return text if _PLAIN.fullmatch(text) else json.dumps(text, ensure_ascii=False)


def _block(tree: dict[str, Any], indent: str) -> Iterator[str]:
    for key, value in tree.items():
        head = f"{indent}{_scalar(key)}:"
        if isinstance(value, dict) and value:
            yield head
            yield from _block(value, f"{indent}    ")
        elif isinstance(value, list) and value:
            yield head
            yield from (f"{indent}    - {_scalar(item)}" for item in value)
        else:
            empty = "{}" if isinstance(value, dict) else "[]" if isinstance(value, list) else None
            yield f"{head} {empty or _scalar(value)}"
