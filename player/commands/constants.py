"""The integer constants of module ``commands`` (RV reference manual, "commands" module)."""

from __future__ import annotations

from typing import Final

__all__ = ["CONSTANTS", "MU_ONLY"]

CONSTANTS: Final[dict[str, int]] = {
    "PlayLoop": 0,
    "PlayOnce": 1,
    "PlayPingPong": 2,
    "CacheOff": 0,
    "CacheBuffer": 1,
    "CacheGreedy": 2,
    "FloatType": 1,
    "IntType": 2,
    "HalfType": 5,
    "ByteType": 6,
    "ShortType": 7,
    "StringType": 8,
    "SequenceSession": 0,
    "StackSession": 1,
    "UnknownFileKind": 0,
    "ImageFileKind": 1,
    "MovieFileKind": 2,
    "CDLFileKind": 3,
    "LUTFileKind": 4,
    "DirectoryFileKind": 5,
    "RVFileKind": 6,
    "EDLFileKind": 7,
    "NetworkStatusOff": 0,
    "NetworkStatusOn": 1,
    "NetworkPermissionAsk": 0,
    "NetworkPermissionAllow": 1,
    "NetworkPermissionDeny": 2,
    "DisabledMenuState": -1,
    "NeutralMenuState": 0,
    "UncheckedMenuState": 1,
    "CheckedMenuState": 2,
    "MixedStateMenuState": 3,
    "IndependentDisplayMode": 0,
    "MirrorDisplayMode": 1,
    "NotADisplayMode": 2,
    "VideoAndDataFormatID": 1,
    "DeviceNameID": 4,
    "ModuleNameID": 5,
    "OneExistingFile": 0,
    "ManyExistingFiles": 1,
    "ManyExistingFilesAndDirectories": 2,
    "OneFileName": 3,
    "OneDirectory": 4,
    "CursorArrow": 0,
    "CursorDefault": 0,
    "CursorNone": 10,
    "InfoAlert": 0,
    "WarningAlert": 1,
    "ErrorAlert": 2,
    "RGB709": 0,
    "CIEXYZ": 1,
    "OkImageStatus": 0,
    "ErrorImageStatus": 1,
    "NoImageStatus": 2,
    "WarningImageStatus": 4,
    "PartialImageStatus": 8,
    "LoadingImageStatus": 16,
}

MU_ONLY: Final = frozenset(
    {
        "OkImageStatus",
        "ErrorImageStatus",
        "NoImageStatus",
        "WarningImageStatus",
        "PartialImageStatus",
        "LoadingImageStatus",
    }
)
"""Constants that Mu has and Python has not."""
