"""CDL and LUT files put into nodes.

Source: Open RV ``src/lib/app/RvApp/RvSession.cpp`` (readCDL, readLUT); ASC CDL specification.
"""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING
from xml.etree import ElementTree

from player.session.addressing import find_properties
from player.session.errors import SessionError
from player.session.paths import conform
from player.session.ports import LookUpTable

if TYPE_CHECKING:
    from player.session.session import Session

__all__ = ["CDL_LIMIT", "find_table", "locate_table", "parse_cdl", "read_cdl", "read_lut"]

CDL_LIMIT = 1 << 20  # bytes of a correction file


def parse_cdl(text: str) -> dict[str, list[float]]:
    """The first correction of a .cc, .ccc or .cdl text: slope, offset, power, saturation.

    Raises SessionError for text that is none. Documents with a DTD are refused.
    """
    if "<!DOCTYPE" in text or "<!ENTITY" in text:
        raise SessionError("CDL files with a document type are not read")
    try:
        root = ElementTree.fromstring(text)
    except ElementTree.ParseError as error:
        raise SessionError(f"not a CDL file: {error}") from None
    values: dict[str, list[float]] = {}
    names = {"Slope": "slope", "Offset": "offset", "Power": "power", "Saturation": "saturation"}
    for element in root.iter():
        key = names.get(element.tag.rpartition("}")[2])
        if key is None or key in values:
            continue
        try:
            values[key] = [float(w) for w in re.split(r"\s+", (element.text or "").strip()) if w]
        except ValueError:
            raise SessionError(f"bad number in {element.tag} of a CDL file") from None
        if len(values[key]) != (1 if key == "saturation" else 3):
            raise SessionError(f"wrong number of values in {element.tag} of a CDL file")
    if not values:
        raise SessionError("no colour correction in the CDL file")
    return values


def read_cdl(session: Session, path: str, target: str) -> None:
    """Write a CDL into the ``CDL`` component of the nodes an address names.

    A file that cannot be read is told on the console and changes nothing, as in RV.
    """
    found = find_properties(session, f"{target}.CDL.active")
    if not found:
        raise SessionError(f"Bad node: {target}")
    file = session.map_path(path)
    try:
        values = parse_cdl(session.ports.media.read_text(file, CDL_LIMIT))
    except OSError as error:
        session.warn(f"ERROR: Unable to open CDL file: '{file}': {error.strerror or error}")
        return
    except SessionError as error:
        session.warn(f"ERROR: '{file}': {error}")
        return
    nodes = [node for node, _ in found if node.type in ("RVLinearize", "RVColor")]
    for node in nodes:
        for key, numbers in values.items():
            node.assign(f"CDL.{key}", numbers)
        node.assign("CDL.active", [1])
    for node in nodes:
        session.emit("read-cdl-complete", f"{file};;{node.name}")


def locate_table(session: Session, path: str) -> str:
    """Where a table file is: as named, else in a directory of ``RV_LUT_PATH``, else as named."""
    file = conform(session.map_path(path))
    exists = session.ports.media.exists
    if not exists(file) and "/" not in file:
        for folder in filter(None, os.environ.get("RV_LUT_PATH", "").split(":")):
            if exists(f"{folder}/{file}"):
                return f"{folder}/{file}"
    return file


def find_table(
    session: Session, path: str, power_of_two: bool, samples: int
) -> tuple[str, LookUpTable]:
    """The file a node's ``lut.file`` means and the table in it; SessionError."""
    file = locate_table(session, path)
    if not session.ports.media.exists(file):
        raise SessionError(f"Unable to read lut: '{path}'")
    try:
        return file, session.ports.media.table(file, power_of_two, samples)
    except OSError as error:
        raise SessionError(f"Unable to read lut: '{path}': {error.strerror or error}") from None
    except ValueError as error:
        session.warn(f"ERROR: {error}")
        raise SessionError(str(error)) from None


def read_lut(session: Session, path: str, target: str, activate: bool) -> None:
    """Set ``lut.file`` of the nodes an address names; switched on with ``activate``."""
    nodes = [node for node, _ in find_properties(session, f"{target}.lut.active")]
    for node in nodes:
        node.assign("lut.file", [path])
        if activate:
            node.assign("lut.active", [1])
        prop = node.prop("lut.file")
        assert prop is not None
        node.changed(prop)
    for node in nodes:
        session.emit("read-lut-complete", f"{path};;{node.name}")
