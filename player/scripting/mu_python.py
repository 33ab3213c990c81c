"""Module ``python``: Python objects in Mu programs, by the names of CPython's own interface.

RV's Mu reaches its Python packages this way (``mode_manager``). Objects are opaque; arguments are
converted as for Python handlers, results come back as objects again. Running Python needs
permission. An error in Python is told to the console, and the call gives nil, as in RV.
References need no counting here.
"""

from __future__ import annotations

import importlib
import traceback
from collections.abc import Callable
from types import FunctionType, ModuleType
from typing import Any, Final

from player.mu import Interpreter
from player.mu.values import MuArray, MuCons, MuObject, MuTuple, throw
from player.scripting.pyevent import PyEvent
from player.session.events import Event

__all__ = ["register_python"]

_OBJECT: Final = "python.PyObject"
_TYPE: Final = "python.PyTypeObject"


def _to_python(value: Any) -> Any:
    """A Mu value as Python code gets it."""
    if isinstance(value, Event):
        return PyEvent(value)
    if isinstance(value, MuTuple):
        return tuple(_to_python(item) for item in value.items)
    if isinstance(value, MuArray):
        return [_to_python(item) for item in value.items]
    if isinstance(value, MuCons):
        out = []
        cell: MuCons | None = value
        while cell is not None:
            out.append(_to_python(cell.value))
            cell = cell.next
        return out
    if isinstance(value, MuObject):
        names = [name for name, _ in value.cls.fields]
        return dict(zip(names, map(_to_python, value.fields), strict=False))
    return value


def _text(value: Any) -> str:
    return value.decode("utf-8", "surrogateescape") if isinstance(value, bytes) else str(value)


def _number(kind: type) -> Callable[[Any], Any]:
    def convert(value: Any) -> Any:
        try:
            return kind(value)
        except (TypeError, ValueError):
            throw("bad argument")

    return convert


def _get_item(values: Any, index: int) -> Any:
    if isinstance(values, tuple | list) and 0 <= index < len(values):
        return values[index]
    throw("out of range")


def _set_item(values: Any, index: int, value: Any) -> int:
    if not isinstance(values, list) or not 0 <= index < len(values):
        throw("out of range")
    values[index] = value
    return 0


class _Bridge:
    """The functions that run Python code."""

    def __init__(self, mu: Interpreter, report: Callable[[str], None]) -> None:
        self._mu = mu
        self._report = report

    def _guarded(self, function: Callable[..., Any], *args: Any) -> Any:
        self._mu.permit("python", str(args[-1] if args else function))
        try:
            return function(*args)
        except Exception as error:
            self._report("".join(traceback.format_exception(error)))
            return None

    def load(self, name: str | None) -> Any:
        """PyImport_Import"""

        def imported(name: str) -> Any:
            try:
                return importlib.import_module(name)
            except ModuleNotFoundError as error:
                if error.name != name:  # one that it needs: the traceback says who does
                    raise
                self._report(f"ModuleNotFoundError: {error}\n")
                return None

        return self._guarded(imported, name or "")

    def attribute(self, value: Any, name: str | None) -> Any:
        """PyObject_GetAttr"""
        return self._guarded(getattr, value, name or "")

    def call(self, function: Any, arguments: Any) -> Any:
        """PyObject_CallObject: a tuple (PyTuple_New makes a list) is the arguments, anything
        else the only one."""
        listed = _to_python(arguments)
        if not isinstance(listed, tuple | list):
            listed = (listed,)
        return self._guarded(function, *listed)


def register_python(mu: Interpreter, report: Callable[[str], None]) -> None:
    """Declare the module; ``report`` gets the tracebacks."""
    bridge = _Bridge(mu, report)
    mu.register_opaque_class(_OBJECT, ())
    mu.register_opaque_class(_TYPE, ())
    nothing = lambda *_: None  # noqa: E731
    table: tuple[tuple[str, str, Callable[..., Any]], ...] = (
        ("to_string", f"string ({_OBJECT} obj)", _text),
        ("to_bool", f"bool ({_OBJECT} obj)", bool),
        ("to_int", f"int ({_OBJECT} obj)", _number(int)),
        ("to_float", f"float ({_OBJECT} obj)", _number(float)),
        ("Py_INCREF", f"void ({_OBJECT} obj)", nothing),
        ("Py_DECREF", f"void ({_OBJECT} obj)", nothing),
        ("PyErr_Print", "void ()", nothing),
        ("PyObject_GetAttr", f"{_OBJECT} ({_OBJECT} obj, string name)", bridge.attribute),
        ("PyObject_CallObject", f"{_OBJECT} ({_OBJECT} obj, {_OBJECT} args)", bridge.call),
        ("PyObject_CallObject", f"{_OBJECT} ({_OBJECT} obj, ?class args)", bridge.call),
        ("PyTuple_New", f"{_OBJECT} (int size)", lambda size: [None] * max(0, size)),
        ("PyTuple_Size", f"int ({_OBJECT} obj)", lambda values: len(values)),
        ("PyTuple_SetItem", f"int ({_OBJECT} obj, int index, {_OBJECT} element)", _set_item),
        ("PyTuple_GetItem", f"{_OBJECT} ({_OBJECT} obj, int index)", _get_item),
        ("PyImport_Import", f"{_OBJECT} (string moduleName)", bridge.load),
        ("PyString_Check", f"bool ({_OBJECT} obj)", lambda value: isinstance(value, str)),
        ("PyBytes_Check", f"bool ({_OBJECT} obj)", lambda value: isinstance(value, bytes)),
        ("PyFunction_Check", f"bool ({_OBJECT} obj)", lambda v: isinstance(v, FunctionType)),
        ("PyObject_Str", f"{_OBJECT} ({_OBJECT} obj)", _text),
        ("Py_TYPE", f"{_TYPE} ({_OBJECT} obj)", type),
        ("PyModule_GetName", f"string ({_OBJECT} obj)", _module("__name__")),
        ("PyModule_GetFilename", f"string ({_OBJECT} obj)", _module("__file__")),
        ("type_name", f"string ({_TYPE} obj)", lambda kind: kind.__name__),
        ("is_nil", f"bool ({_OBJECT} obj)", lambda value: value is None),
        ("is_nil", f"bool ({_TYPE} obj)", lambda value: value is None),
    )
    for name, signature, call in table:
        mu.register_function("python", name, signature, call)


def _module(attribute: str) -> Callable[[Any], str]:
    def read(module: Any) -> str:
        found = getattr(module, attribute, None) if isinstance(module, ModuleType) else None
        return str(found or "")

    return read
