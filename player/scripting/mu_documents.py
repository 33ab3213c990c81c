"""``autodoc``: what symbols are, as text, HTML or Texinfo (Open RV, ``MuAutoDoc``)."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, Final

from player.mu.display import render
from player.mu.lib.reflection import contents, symbols_named
from player.mu.symbols import REQUIRED, Alias, Constant, Function, Module, Variable, qualified
from player.mu.types import Type
from player.mu.values import throw

__all__ = ["document", "module_names"]

_HTML: Final = 1
_TEXINFO: Final = 2
_LEAVES: Final = (Constant, Variable, Function, Alias)
"""Kinds in the order in which text lists them."""


def _parameters(function: Function, name: str = "%s") -> str:
    out = []
    for i, kind in enumerate(function.types):
        text = kind.name
        if i < len(function.parameters):
            parameter = function.parameters[i]
            text += " " + name % parameter.name
            if parameter.default is not REQUIRED:
                text += f" = {render(parameter.type, parameter.default)}"
        out.append(text)
    return ", ".join(out)


def _line(symbol: Any) -> str:
    """A symbol with its type."""
    name = qualified(symbol)
    if isinstance(symbol, Function):
        arguments = _parameters(symbol)
        ret = symbol.ret.name if symbol.ret is not None else ""
        return f"{name} ({ret};{' ' if arguments else ''}{arguments})"
    if isinstance(symbol, Constant):
        return f"{name} = {symbol.type.name} {render(symbol.type, symbol.value)}"
    if isinstance(symbol, Alias):
        return f"{name} -> {qualified(symbol.target)}"
    if isinstance(symbol, Variable):
        return f"{name} ({symbol.type.name})"
    return name


def _inside(scope: Any) -> list[list[Any]]:
    """What a scope holds, by name."""
    listed = contents(scope)
    return sorted(listed, key=lambda overloads: _name(overloads[0]))


def _name(symbol: Any) -> str:
    return symbol.local if isinstance(symbol, Type) else str(symbol.name)


def _text(overloads: list[Any], indent: int) -> str:
    space = " " * indent
    out = [
        f"{space}{_line(symbol)}\n"
        for kind in _LEAVES
        for symbol in overloads
        if isinstance(symbol, kind)
    ]
    if any(isinstance(symbol, (Module, Type)) for symbol in overloads):
        out.append(f"{space}{_line(overloads[0])}")
        inside = _inside(overloads[0])
        if inside:
            out.append("\n\n")
            out += [_text(symbols, indent + 4) for symbols in inside]
        out.append("\n\n")
    return "".join(out)


def _html(overloads: list[Any], _: int) -> str:
    out = ["<DL>\n"]
    out += [
        f"<DT><CODE>{_line(symbol)}</CODE></DT>\n"
        for kind in _LEAVES[1:]
        for symbol in overloads
        if isinstance(symbol, kind)
    ]
    if any(isinstance(symbol, (Module, Type)) for symbol in overloads):
        out.append(f"<H2>{_line(overloads[0])}</H2>\n")
        inside = _inside(overloads[0])
        if inside:
            out += ["\n\n<DL>\n", *(_html(symbols, 0) for symbols in inside), "</DL>\n"]
        out.append("<P>\n")
    return "".join([*out, "</DL>\n"])


def _texinfo(overloads: list[Any], _: int) -> str:
    out = []
    for symbol in overloads:
        if isinstance(symbol, Function):
            ret = symbol.ret.name if symbol.ret is not None else ""
            out.append(
                f"@deftypefn {{Function}} {{}} {symbol.name} ({ret}; "
                f"{_parameters(symbol, '@var{%s}')})\n@end deftypefn\n\n"
            )
    for symbol in overloads:
        if isinstance(symbol, Alias):
            target = qualified(symbol.target)
            out.append(f"@deftp {{Alias}} {symbol.name} -> {target}\n@end deftp\n\n")
    first = next((s for s in overloads if isinstance(s, (Module, Type))), None)
    if first is not None:
        what = "Module" if isinstance(first, Module) else "Type"
        out.append(f"@deftp {{{what}}} {qualified(first)}\n@end deftp")
        inside = _inside(first)
        if inside:
            out += ["\n\n", *(_texinfo(symbols, 0) for symbols in inside)]
        out.append("\n\n")
    return "".join(out)


def document(root: Any, name: str, form: int, indent: int) -> str:
    """The documentation of all symbols of a qualified name; "" is the global scope."""
    found: Iterable[Any] = symbols_named(root, name) if name else [root]
    make: Callable[[list[Any], int], str] = {_HTML: _html, _TEXINFO: _texinfo}.get(form, _text)
    text = "".join(make([symbol], indent) for symbol in found)
    if not text:
        throw(f"no symbol with qualified name {name} exists")
    return text


def module_names(root: Any) -> list[str]:
    """The names of the global scope's modules."""
    return [
        str(overloads[0].name) for overloads in contents(root) if isinstance(overloads[0], Module)
    ]
