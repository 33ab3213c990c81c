"""Failures of library functions, by the message Mu's ``catch`` sees."""

from __future__ import annotations

from typing import NoReturn

from player.mu.values import MuException, MuThrow, throw

__all__ = ["ForeignThrow", "foreign", "nil_argument", "out_of_range"]


class ForeignThrow(MuThrow):
    """What Mu knows only as "unknown exception": an exception of the C++ library.

    While constants are folded it ends the text with that message instead of a syntax error.
    """

    reported = "unknown exception"


def foreign() -> NoReturn:
    """Raise what a C++ library error becomes."""
    raise ForeignThrow(MuException("unknown exception"))


def nil_argument() -> NoReturn:
    """A nil where an object is needed."""
    throw("nil argument to function")


def out_of_range() -> NoReturn:
    """An index outside its collection."""
    throw("out of range")
