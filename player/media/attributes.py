"""The text attributes of an image, under the names RV's readers use.

`sourceAttributes` shows them and RV's source set-up decides by `ColorSpace/Transfer` how
to linearise.  Values are text, as RV's commands give them.
"""

from __future__ import annotations

from typing import Any

from player.media.picture import Chromaticities

__all__ = ["corner_of", "image_attributes", "number_text", "orientation_of", "primaries_of"]

#: DPX header words -> RV's names of transfer functions
_DPX_TRANSFER = {
    "printing density": "Cineon Log",
    "logarithmic": "Cineon Log",
    "linear": "Linear",
    "smpte 274m": "Rec709",
    "itu-r 709-4": "Rec709",
    "unspecified video": "Rec709",
}

_PREFIX = {"openexr": "EXR", "dpx": "DPX", "cineon": "CIN", "jpeg": "JPEG", "tiff": "TIFF",
           "png": "PNG", "targa": "TGA"}  # fmt: skip
_ORIENTATION = (
    "", "top - left", "top - right", "bottom - right", "bottom - left",
    "left - top", "right - top", "right - bottom", "left - bottom",
)  # fmt: skip

#: formats that RV's readers turn the right way up while they read
_TURNED = frozenset({"jpeg", "sgi", "rla", "zfile"})
_TOP_LEFT = frozenset({"openexr", "png", "hdr"})


def corner_of(spec: Any) -> int:
    """Where the first pixel is by the file's own words: 0 top left, 1 top right, 2 bottom right,
    3 bottom left.  As in RV 5 to 8 count as 1 to 4: nothing is turned."""
    orientation = spec.get_int_attribute("Orientation", 1)
    return (orientation - 1) % 4 if 1 <= orientation <= 8 else 0


def orientation_of(spec: Any, format_name: str) -> str:
    """Where the first pixel of a file is, as RV's reader of that format tells it: "top-left",
    "top-right", "bottom-right" or "natural", which is the bottom left.

    Source: ``fbi.orientation`` in ``getImageInfo`` of Open RV's ``src/lib/image/IO*``.
    """
    if format_name in _TURNED:
        return "natural"
    if format_name in _TOP_LEFT:
        return "top-left"
    place = corner_of(spec)
    if format_name == "tiff" and not spec.tile_width:  # read by lines, upwards
        return "bottom-right" if place in (1, 2) else "natural"
    return ("top-left", "top-right", "bottom-right", "natural")[place]


def number_text(value: Any) -> str:
    """A number, sequence or text as RV prints attribute values (six significant digits)."""
    if isinstance(value, float):
        return f"{value:g}"
    if isinstance(value, (tuple, list)):
        return "(" + " ".join(number_text(v) for v in value) + ")"
    return str(value)


def image_attributes(spec: Any, format_name: str) -> tuple[tuple[str, str], ...]:
    """(name, value) pairs for one ImageSpec."""
    found: dict[str, str] = {}
    prefix = _PREFIX.get(format_name, format_name.upper())
    for a in spec.extra_attribs:
        name = a.name
        if name.startswith("oiio:") or name == "ICCProfile":
            continue
        try:
            value = number_text(a.value)
        except (RuntimeError, TypeError, ValueError):
            continue
        if len(value) > 4096:
            continue
        if ":" in name:
            name = name.split(":", 1)[1]
        found[f"{prefix}/{name}"] = value
    transfer = transfer_of(spec, format_name)
    if transfer:
        found["ColorSpace/Transfer"] = transfer
    if spec.getattribute("ICCProfile") is not None:
        found["ColorSpace/ICC/Description"] = str(
            spec.getattribute("ICCProfile:profile_description") or ""
        )
    found.update(_colour(spec, format_name, transfer))
    orientation = spec.get_int_attribute("Orientation", 1)
    if 1 < orientation < len(_ORIENTATION):
        found["EXIF/Orientation"] = _ORIENTATION[orientation]
    found["PixelAspectRatio"] = number_text(float(spec.getattribute("PixelAspectRatio") or 1.0))
    found["DataWindowSize"] = f"({spec.width} {spec.height})"
    found["DataWindowOrigin"] = f"({spec.x} {spec.y})"
    found["DisplayWindowSize"] = f"({spec.full_width} {spec.full_height})"
    found["DisplayWindowOrigin"] = f"({spec.full_x} {spec.full_y})"
    if "A" in spec.channelnames:
        loose = spec.get_int_attribute("oiio:UnassociatedAlpha", 0)
        found["AlphaType"] = "Unpremultiplied" if loose else "Premultiplied"
    found["ChannelNamesInFile"] = ", ".join(spec.channelnames)
    return tuple(found.items())


def _colour(spec: Any, format_name: str, transfer: str) -> dict[str, str]:
    """What RV's colour nodes read of a file besides its curve and primaries: the neutral an EXR
    was adapted to, the code values of a film scan."""
    found: dict[str, str] = {}
    neutral = spec.getattribute("adoptedNeutral")
    if format_name == "openexr" and isinstance(neutral, tuple) and len(neutral) == 2:
        found["ColorSpace/AdoptedNeutral"] = number_text(tuple(float(v) for v in neutral))
    if format_name == "dpx" and transfer == "Cineon Log":
        white = spec.get_float_attribute("dpx:WhiteLevel", 0.0)
        brk = spec.get_float_attribute("dpx:BreakPoint", 0.0)
        if 0 < white < 65536:
            found["ColorSpace/WhitePoint"] = number_text(white)
            black = spec.get_float_attribute("dpx:BlackLevel", 0.0)
            found["ColorSpace/BlackPoint"] = number_text(black)
        if 0 < brk < 65536 and white - brk <= 50:  # the largest soft clip there is
            found["ColorSpace/BreakPoint"] = number_text(brk)
    return found


def transfer_of(spec: Any, format_name: str) -> str:
    """RV's name of the transfer function, or "" when the file does not say."""
    if format_name == "openexr":
        return "Linear"
    if format_name == "cineon":
        return "Cineon Log"
    if format_name == "hdr":
        return "Linear"
    if format_name == "dpx":
        return _DPX_TRANSFER.get(str(spec.getattribute("dpx:Transfer") or "").lower(), "")
    gamma = spec.get_float_attribute("oiio:Gamma", 0.0)
    if format_name == "png" and gamma:
        return "sRGB" if abs(gamma - 2.2) < 0.02 else f"Gamma {gamma:g}"
    return ""


def primaries_of(spec: Any) -> Chromaticities | None:
    """The file's primaries and white point, when it carries them."""
    values = spec.getattribute("chromaticities")
    if values is None or isinstance(values, str) or len(values) != 8:
        return None
    numbers = [float(v) for v in values]
    if any(n != n for n in numbers) or not all(numbers[i] for i in (1, 3, 5, 7)):
        return None
    pairs = [(numbers[i], numbers[i + 1]) for i in range(0, 8, 2)]
    return (pairs[0], pairs[1], pairs[2], pairs[3])
