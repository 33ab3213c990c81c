"""Reading text GTO ("GTOa").

The grammar is that of Open RV (src/lib/files/Gto/Parser.y), and so are its refusals: one
error anywhere and the whole file is refused, with line and column.  Values written flat
for a wide type are accepted and counted in whole elements; a left-over part is dropped, as
RV does.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import NoReturn

from . import limits
from .errors import SessionFileError
from .lexer import BAD, END, KEYWORD, NAME, NUMBER, PUNCT, STRING, TYPES, Token, tokens
from .model import GtoComponent, GtoFile, GtoObject, GtoProperty, GtoType, Value
from .numbers import convert
from .quick import KEYWORDS, quick_property

__all__ = ["parse_text"]

_TYPE_OF = {t.word: t for t in GtoType}


def parse_text(
    data: bytes, path: str = "", *, warn: Callable[[str], None] | None = None
) -> GtoFile:
    """Parse a whole text file.

    `path` is for messages only; `warn` is told of values that lost something (a fraction
    in an int property).  Raises SessionFileError.
    """
    return _Parser(data, path, warn).file()


_BODIES = 4096  # bodies remembered, of at most
_BODY_LIMIT = 1 << 16  # bytes
_COMPONENT_END = b"\n    }"
_HEAD = re.compile(
    rb"[ \t\r\n]*+([A-Za-z_][A-Za-z_0-9]*) : ([A-Za-z_][A-Za-z_0-9]*) "
    rb"\((0|[1-9][0-9]{0,8})\)\s*+(?=\{)"
)


def _special(word: bytes) -> bool:
    """Whether a word at the place of a name might be none."""
    return word.startswith(b"nan") or word in KEYWORDS


class _Parser:
    """Recursive descent with one token of look-ahead (`self.token`)."""

    def __init__(self, data: bytes, path: str, warn: Callable[[str], None] | None) -> None:
        self.data = data
        self.path = path
        self.warn = warn
        self.stream: Iterator[Token] = tokens(data)
        self.token = next(self.stream)
        self.bodies: dict[bytes, list[GtoComponent]] = {}
        self.components: dict[bytes, GtoComponent] = {}
        self.ended = 0  # where the last component's closing brace is

    # -- tokens ----------------------------------------------------------------------

    def place(self, at: int) -> tuple[int, int]:
        before = self.data[:at]
        return before.count(b"\n") + 1, at - (before.rfind(b"\n") + 1) + 1

    def fail(self, message: str, at: int | None = None) -> NoReturn:
        line, column = self.place(self.token.at if at is None else at)
        raise SessionFileError(message, path=self.path, line=line, column=column)

    def unexpected(self, wanted: str) -> NoReturn:
        kind, value, _ = self.token
        if kind == END:
            self.fail(f"the file ends where {wanted} was expected")
        if kind == BAD:
            self.fail(f"{value}: expected {wanted}")
        shown = f'"{str(value)[:40]}"' if kind == STRING else f"{str(value)[:40]}"
        self.fail(f"expected {wanted}, found {shown}")

    def advance(self) -> Token:
        token = self.token
        self.token = next(self.stream)
        return token

    def restart(self, at: int) -> None:
        """Go on from byte `at`."""
        self.stream = tokens(self.data, at)
        self.token = next(self.stream)

    def punct(self, sign: str) -> bool:
        kind, value, _ = self.token
        return kind == PUNCT and value == sign

    def take(self, sign: str) -> None:
        if not self.punct(sign):
            self.unexpected(f"'{sign}'")
        self.advance()

    def name(self, what: str) -> str:
        if self.token.kind not in (NAME, STRING):
            self.unexpected(what)
        return str(self.advance().value)

    def integer(self, what: str) -> int:
        kind, value, _ = self.token
        if kind != NUMBER or not isinstance(value, int):
            self.unexpected(what)
        self.advance()
        return value

    # -- grammar ---------------------------------------------------------------------

    def file(self) -> GtoFile:
        if self.token[:2] != (KEYWORD, "GTOa"):
            self.fail("not a text GTO file: it does not start with GTOa")
        self.advance()
        result = GtoFile()
        if self.punct("("):
            self.advance()
            result.version = self.integer("a version number") or 4
            self.take(")")
        while self.token.kind != END:
            if len(result.objects) >= limits.MAX_OBJECTS:
                self.fail(f"more than {limits.MAX_OBJECTS} objects")
            if not self.repeated(result):
                result.objects.append(self.object())
        if not result.objects:
            self.unexpected("an object")
        return result

    def repeated(self, result: GtoFile) -> bool:
        """Take the objects from here on whose bodies were read before, without tokens."""
        data, at, found = self.data, self.token.at, result.objects
        room = limits.MAX_OBJECTS - len(found)
        count = len(found)
        while room:
            match = _HEAD.match(data, at)
            if match is None:
                break
            name, protocol, version = match.groups()
            start = match.end()
            guess = data.find(b"\n}\n", start, start + _BODY_LIMIT) + 1
            known = self.bodies.get(data[start:guess]) if guess else None
            if known is None or _special(name) or _special(protocol):
                break
            found.append(GtoObject(name.decode(), protocol.decode(), int(version), known))
            at = guess + 1
            room -= 1
        if len(found) == count:
            return False
        self.restart(at)
        return True

    def object(self) -> GtoObject:
        found = GtoObject(self.name("an object's name"))
        if self.punct(":"):
            self.advance()
            found.protocol = self.name("a protocol")
            if self.punct("("):
                self.advance()
                found.version = self.integer("a protocol version")
                self.take(")")
        if not self.punct("{"):
            self.unexpected("'{'")
        self.body(found)
        return found

    def body(self, found: GtoObject) -> None:
        """The components of an object; a text that was read before is not read again.

        A session of thousands of sources has a few hundred different bodies. RV ends each
        with a brace at the start of a line; one that is written otherwise is never found.
        Objects with the same body share the list of its components: who changes one copies
        it first.
        """
        start = self.token.at
        guess = self.data.find(b"\n}\n", start, start + _BODY_LIMIT) + 1
        text = self.data[start:guess] if guess else b""
        known = self.bodies.get(text)
        if known is not None:
            found.components = known
            self.restart(guess + 1)
            return
        self.components_of(found)
        if self.token.at == guess and len(self.bodies) < _BODIES:
            self.bodies[text] = found.components
        self.advance()

    def components_of(self, found: GtoObject) -> None:
        """The components up to the closing brace, from the opening one on.

        The sources of a session differ in one component or two: one that was read before, byte
        for byte, is shared like a whole body. That the bytes are one component is known from
        the first time.
        """
        data, known, at = self.data, self.components, self.token.at + 1
        while True:
            stop = data.find(_COMPONENT_END, at, at + _BODY_LIMIT)
            text = data[at:stop] if stop >= 0 else b""
            same = known.get(text)
            if same is not None:
                found.components.append(same)
                at = stop + len(_COMPONENT_END)
                continue
            self.restart(at)
            if self.punct("}"):
                return
            made = self.component(1)
            found.components.append(made)
            at = self.ended + 1
            if at == stop + len(_COMPONENT_END) and len(known) < _BODIES:
                known[text] = made

    def component(self, depth: int) -> GtoComponent:
        if depth > limits.MAX_DEPTH:
            self.fail(f"components are nested deeper than {limits.MAX_DEPTH}")
        found = GtoComponent(self.name("a component's name"))
        found.interp = self.interpretation()
        if not self.punct("{"):
            self.unexpected("'{'")
        at = self.token.at + 1
        while (quick := quick_property(self.data, at)) is not None:
            prop, at = quick
            found.properties.append(prop)
        self.restart(at)
        while not self.punct("}"):
            if self.token.kind == KEYWORD and self.token.value in TYPES:
                if found.components:
                    self.fail("properties must come before the components of the same scope")
                found.properties.append(self.property())
            else:
                found.components.append(self.component(depth + 1))
        self.ended = self.token.at
        self.advance()
        return found

    def interpretation(self) -> str:
        if self.token[:2] != (KEYWORD, "as"):
            return ""
        self.advance()
        return self.name("an interpretation")

    def property(self) -> GtoProperty:
        type_ = _TYPE_OF[str(self.advance().value)]
        dims, declared = self.shape()
        name = self.name("a property's name")
        prop = GtoProperty(name, type_, [], dims, self.interpretation())
        self.take("=")
        if self.punct("["):
            self.advance()
            prop.values = self.element_list(prop, declared)
        else:
            at = self.token.at
            value = self.value(type_)
            if declared not in (0, 1):
                self.fail(f"{name}: found 1 value, expected {declared}", at)
            prop.values = [value] if prop.width == 1 else []
        return prop

    def shape(self) -> tuple[tuple[int, int, int, int], int]:
        """The dimensions and the declared number of elements (0 when not declared)."""
        if not self.punct("["):
            return (1, 0, 0, 0), 0
        at = self.token.at
        self.advance()
        sizes = [self.integer("a dimension")]
        while self.punct(",") and len(sizes) < 4:
            self.advance()
            sizes.append(self.integer("a dimension"))
        self.take("]")
        x, y, z, w = (*sizes, 0, 0, 0)[:4]
        dims = (x, y, z, w)
        width = GtoProperty("", GtoType.INT, [], dims).width
        if not 1 <= width <= limits.MAX_WIDTH:
            self.fail(f"an element of {width} values (allowed: 1 to {limits.MAX_WIDTH})", at)
        declared = 0
        if self.punct("["):
            self.advance()
            declared = self.integer("a number of elements")
            if declared > limits.MAX_DECLARED_ELEMENTS:
                self.fail(f"{declared} elements (allowed: {limits.MAX_DECLARED_ELEMENTS})", at)
            self.take("]")
        return dims, declared

    def element_list(self, prop: GtoProperty, declared: int) -> list[Value]:
        values: list[Value] = []
        width = prop.width
        while not self.punct("]"):
            if self.punct("..."):
                if not values:
                    self.unexpected("a value")
                self.advance()
                self.fill(prop, values, declared)
                if not self.punct("]"):
                    self.unexpected("']'")
                break
            if self.punct("["):
                at = self.token.at
                self.advance()
                before = len(values)
                while not self.punct("]"):
                    values.append(self.value(prop.type))
                if len(values) - before != width:
                    found = len(values) - before
                    self.fail(f"expected {width} scalar elements, found {found}", at)
                self.advance()
            else:
                values.append(self.value(prop.type))
        del values[len(values) // width * width :]
        if declared and len(values) != declared * width:
            self.fail(f"{prop.name}: found {len(values) // width} elements, expected {declared}")
        self.advance()
        return values

    def fill(self, prop: GtoProperty, values: list[Value], declared: int) -> None:
        """Repeat the last element up to the declared number (the three dots)."""
        if not declared:
            self.fail("... needs a declared number of elements")
        width = prop.width
        size = len(values) // width
        if not size:
            self.fail(f"... needs one whole element of {width} values before it")
        if size > declared:
            self.fail(f"{prop.name}: found {size} elements, expected {declared}")
        del values[size * width :]
        values.extend(values[-width:] * (declared - size))

    def value(self, type_: GtoType) -> Value:
        kind, value, at = self.token
        if kind in (NAME, STRING):
            if type_ is not GtoType.STRING:
                self.fail(f'expected a number, found the string "{str(value)[:40]}"')
            self.advance()
            return str(value)
        negative = self.punct("-")
        if negative:
            self.advance()
            kind, value, _ = self.token
        if kind != NUMBER or isinstance(value, str):
            self.unexpected("a string" if type_ is GtoType.STRING else "a value")
        if type_ is GtoType.STRING:
            self.fail(f"expected a string, found the number {value}", at)
        if type_ is GtoType.BOOL:
            self.fail("values of type bool cannot be written in a text file", at)
        self.advance()
        number = -value if negative else value
        result = convert(number, type_)
        if self.warn and isinstance(number, float) and isinstance(result, int) and result != number:
            line, _ = self.place(at)
            self.warn(f"{self.path}:{line}: {number!r} became {result} in {type_.word}")
        return result
