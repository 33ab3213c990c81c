"""Implicit conversions: what they cost in overload resolution, and the code that makes them.

Source: Open RV's ``Mu/Context.cpp`` (score) and the functions flagged ``cast`` in
``builtins.tsv``. One step only, never chained.
"""

from __future__ import annotations

from typing import Final

from player.mu import types as t

__all__ = ["LOSSLESS", "REJECT", "cast", "cast_wide", "score"]

REJECT: Final = -1
LOSSLESS: Final = 1

# (from, to) -> (cost, code)
_TABLE: Final[dict[tuple[t.Type, t.Type], tuple[int, str]]] = {
    (t.CHAR, t.BYTE): (2, "_wrap8({})"),
    (t.INT, t.BYTE): (2, "_wrap8({})"),
    (t.INT64, t.BYTE): (2, "_wrap8({})"),
    (t.INT, t.SHORT): (2, "_wrap16({})"),
    (t.FLOAT, t.SHORT): (2, "_wrap16(_ftoi({}))"),
    (t.BYTE, t.INT): (1, "_b2i({})"),
    (t.SHORT, t.INT): (1, "{}"),
    (t.FLOAT, t.INT): (2, "_ftoi({})"),
    (t.DOUBLE, t.INT): (2, "_ftoi({})"),
    (t.INT64, t.INT): (2, "_wrap32({})"),
    (t.INT, t.INT64): (1, "{}"),
    (t.FLOAT, t.INT64): (2, "_ftoi({}, 64)"),
    (t.FLOAT, t.HALF): (1, "_f16({})"),
    (t.DOUBLE, t.HALF): (1, "_f16({})"),
    (t.INT, t.HALF): (1, "_f16({})"),
    (t.INT64, t.HALF): (1, "_f16({})"),
    (t.INT, t.FLOAT): (1, "_f32({})"),
    (t.INT64, t.FLOAT): (1, "_f32({})"),
    (t.HALF, t.FLOAT): (1, "{}"),
    (t.DOUBLE, t.FLOAT): (2, "_f32({})"),
    (t.INT, t.DOUBLE): (1, "float({})"),
    (t.INT64, t.DOUBLE): (1, "float({})"),
    (t.FLOAT, t.DOUBLE): (1, "{}"),
    (t.INT, t.STRING): (1, "str({})"),
    (t.INT64, t.STRING): (1, "str({})"),
    (t.BOOL, t.STRING): (1, '("true" if {} else "false")'),
    (t.BYTE, t.STRING): (1, "str({})"),
    (t.CHAR, t.STRING): (1, "chr({})"),
    (t.FLOAT, t.STRING): (2, '("%f" % {})'),
    (t.DOUBLE, t.STRING): (2, '("%f" % {})'),
    (t.STRING, t.REGEX): (1, "_regex({})"),
    **{(v, t.STRING): (1, "_vec_text({})") for v in (t.vector_of(n) for n in (2, 3, 4))},
    **{
        (t.FLOAT, t.vector_of(n)): (1, f"_splat({{}}, {n})")
        for n in (2, 3, 4)
    },
}  # fmt: skip


def _structural(source: t.Type, target: t.Type) -> bool:
    """Types that need no conversion: derived classes, same functions, object."""
    if isinstance(source, t.ClassType) and isinstance(target, t.ClassType):
        return source.derives_from(target)
    if target is t.OBJECT:
        return source.ref and source is not t.OBJECT
    return isinstance(source, t.AmbiguousFuncType) and isinstance(target, t.FuncType)


def score(source: t.Type, target: t.Type) -> int:
    """Cost of passing a value of one type where another is wanted; REJECT when impossible."""
    if source is target:
        return 0
    if source is t.NIL:
        return 1 if target.ref else REJECT
    if _structural(source, target):
        return 1
    entry = _TABLE.get((source, target))
    return entry[0] if entry is not None else REJECT


def cast(source: t.Type, target: t.Type, code: str) -> str | None:
    """Code of a value converted as call arguments are; None when there is no conversion."""
    if source is target or (source is t.NIL and target.ref) or _structural(source, target):
        return code
    entry = _TABLE.get((source, target))
    return entry[1].format(code) if entry is not None else None


def cast_wide(source: t.Type, target: t.Type, code: str, name: str) -> str | None:
    """As ``cast``, by the wider rule of initialisation, assignment and return.

    There any value of a reference type also becomes a string by rendering it, and a class or
    object may be narrowed with a check at run time. ``name`` is the source type's name in the
    generated code.
    """
    done = cast(source, target, code)
    if done is not None:
        return done
    if target is t.STRING and source.ref and source is not t.OBJECT:
        return f"_render({name}, {code}, True)"
    narrows = isinstance(source, t.ClassType) and isinstance(target, t.ClassType)
    if source is t.OBJECT and target.ref:
        return f"_narrow({code}, {target.name!r})"
    if narrows and isinstance(target, t.ClassType) and target.derives_from(source):
        return f"_narrow({code}, {target.name!r})"
    return None
