"""Places: variables, fields, elements, and the code that reads and changes them."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from typing import Any

from player.mu import types as t
from player.mu.nodes import CallNode, ConstNode, MemberNode, Node, VariableNode
from player.mu.symbols import Function, Variable

__all__ = ["Place", "Places"]

_STEPS = frozenset({"pre++", "pre--", "post++", "post--"})


class Place:
    """Code of a place: ``load`` reads it, ``container`` and ``index`` say where it is.

    ``setup`` are expressions to be evaluated first when the place is used more than once;
    ``cheap`` codes stand for themselves then. A local variable has no container.
    """

    __slots__ = ("container", "index", "load", "part", "several")

    def __init__(
        self, load: str, container: str = "", index: str = "", *, part: int = -1,
        several: bool = False,
    ) -> None:  # fmt: skip
        self.load = load
        self.container = container
        self.index = index
        self.part = part
        self.several = several

    def again(self) -> str:
        """Code that reads the place once more."""
        return self.load


class Places(ABC):
    """The emitter's part for places; ``Emitter`` adds everything else."""

    host: Any

    @abstractmethod
    def x(self, node: Node, *, first: bool = False) -> str:
        """The code of a value."""

    @abstractmethod
    def line(self, code: str) -> None:
        """Write a line."""

    @abstractmethod
    def temp(self) -> str:
        """A fresh local name."""

    @abstractmethod
    def variable(self, variable: Variable) -> str:
        """The name of a variable."""

    @abstractmethod
    def deep(self, node: Node) -> bool:
        """Whether an expression has too many levels to be written as one."""

    @abstractmethod
    def codes(self, args: Sequence[Node], *, first: bool = False) -> list[str]:
        """The codes of arguments."""

    @abstractmethod
    def filled(
        self, function: Function, template: str, args: Sequence[Node], codes: Sequence[str]
    ) -> str:
        """A template with its arguments filled in."""

    def place(self, node: Node, *, first: bool = False) -> Place:
        """The place a node stands for."""
        if isinstance(node, VariableNode):
            return Place(self.variable(node.symbol))
        if isinstance(node, MemberNode):
            return self._member(node, first)
        if isinstance(node, CallNode):
            kind = node.symbol.kind
            args = node.args
            if kind == "element":
                codes = self.codes(args, first=first)
                if len(codes) == 2:
                    return Place(f"{codes[0]}.items[{codes[1]}]", f"{codes[0]}.items", codes[1])
                where = ", ".join(codes[1:])
                return Place(f"_at({codes[0]}, {where})", f"{codes[0]}", f"({where})", several=True)
            if kind in ("front", "back"):
                at = "0" if kind == "front" else "-1"
                code = self.x(args[0], first=first)
                return Place(f"{code}.items[{at}]", f"{code}.items", at)
            if kind == "component":
                inner = self.place(args[0], first=first)
                index = self.x(args[1])
                return Place(
                    f"_component({inner.load}, {index})", inner.container or inner.load, index,
                    part=-2,
                )  # fmt: skip
            if kind == "=" or kind == "assign":
                return Place(self.assigned(node))
        return Place(self.x(node, first=first))

    def _member(self, node: MemberNode, first: bool) -> Place:
        variable = node.symbol
        owner = variable.owner
        index = variable.index
        of = node.args[0]
        if node.part:
            if not node.ref and not isinstance(of.type, t.RefType):
                return Place(f"{self.x(of, first=first)}[{index}]")
            inner = self.place(of, first=first)
            return Place(f"{inner.load}[{index}]", inner.container, inner.index, part=index,
                         several=inner.several)  # fmt: skip
        code = self.x(of, first=first)
        if isinstance(owner, t.ListType):
            return Place(f"{code}.{variable.name}", code, repr(variable.name), several=False)
        fields = "items" if isinstance(owner, t.TupleType) else "fields"
        return Place(f"{code}.{fields}[{index}]", f"{code}.{fields}", str(index))

    # -- assignment ------------------------------------------------------------------------

    def assigned(self, node: CallNode) -> str:
        """Expression that assigns and has the new value."""
        target, value = node.args
        if node.symbol.kind == "=":
            return self._store(target, lambda _: self.x(value))
        given = self.temp()

        def changed(old: str) -> str:
            template = node.symbol.template
            assert template is not None
            return self.filled(node.symbol, template, node.args, [old, given])

        return self._store(target, changed, f"({given} := {self.x(value)})")

    def _store(
        self, target: Node, new: Callable[[str], str], before: str = "", *, old: bool = False
    ) -> str:
        """Expression that changes a place; ``new`` makes the code of the value from that of the
        old one, ``before`` runs in between, ``old``: the value is the old one."""
        kind = target.type.target if isinstance(target.type, t.RefType) else target.type
        simple = isinstance(target, VariableNode)
        if simple:
            name = self.place(target).load
            if old:
                held = self.temp()
                return f"(({held} := {name}), ({name} := {new(name)}))[0]"
            stored = f"({name} := {new(name)})"
            return f"({before}, {stored})[1]" if before else stored
        if isinstance(target, MemberNode) and target.part:
            return self._store_part(target, new, before, old=old)
        place = self.place(target)
        if place.part == -2:
            return self._store_component(target, new, before, old=old)
        box, at = self.temp(), self.temp()
        if isinstance(target, MemberNode) and isinstance(target.symbol.owner, t.ListType):
            load = f"getattr({box}, {at})"
            store = "_store_attribute"
        elif place.several:
            load, store = f"_at({box}, *{at})", "_store_at"
        else:
            load, store = f"{box}[{at}]", "_store"
        code = new("\0")
        if "\0" not in code and not before and not old:
            return f"{store}({place.container}, {place.index}, {code})"
        steps = [f"({box} := {place.container})", f"({at} := {place.index})"]
        if before:
            steps.append(before)
        if old:
            held = self.temp()
            steps.append(f"({held} := {load})")
            steps.append(f"{store}({box}, {at}, {code.replace(chr(0), held)})")
            return f"({', '.join(steps)})[-2]"
        steps.append(f"{store}({box}, {at}, {code.replace(chr(0), load)})")
        del kind
        return f"({', '.join(steps)})[-1]"

    def _store_component(
        self, target: Node, new: Callable[[str], str], before: str, *, old: bool
    ) -> str:
        """``v[i] = x`` of a vector."""
        vector, index = target.args
        at, held = self.temp(), self.temp()

        def replaced(whole: str) -> str:
            code = new(f"_component({whole}, {at})")
            return f"_with_component({whole}, {at}, ({held} := {code}))"

        first = f"({at} := {self.x(index)})"
        if old:
            was = self.temp()
            first += f", ({was} := {self.place(target).load})"
        if before:
            first += f", {before}"
        stored = self._store(vector, replaced, f"({first})")
        return f"({stored}, {was if old else held})[1]"

    def _store_part(
        self, target: MemberNode, new: Callable[[str], str], before: str, *, old: bool
    ) -> str:
        """A component of a vector changes: the whole vector is replaced."""
        index = target.symbol.index
        whole = target.args[0]
        component = self.temp()

        def replaced(vector: str) -> str:
            held = self.temp()
            size = whole.type.target if isinstance(whole.type, t.RefType) else whole.type
            assert isinstance(size, t.VectorType)
            code = new(f"{held}[{index}]")
            parts = [
                f"({component} := {code})" if i == index else f"{held}[{i}]"
                for i in range(size.size)
            ]
            return f"(({held} := {vector}), ({', '.join(parts)}))[1]"

        stored = self._store(whole, replaced, before)
        if old:
            held = self.temp()
            load = self.place(target).load
            return f"(({held} := {load}), {stored})[0]"
        return f"({stored}, {component})[1]"

    def assignment(self, node: CallNode) -> bool:
        """Lines of an assignment or a step for its effect; False when it is neither."""
        kind = node.symbol.kind
        if kind in _STEPS:
            self._step(node)
            return True
        if kind == "=":
            target, value = node.args
            if isinstance(target, VariableNode):
                name = self.place(target).load
                sink: Any = self
                sink.into(value, lambda code: f"{name} = {code}")
                return True
            place = self.place(target, first=True)
            if place.part == -1 and place.index and not place.several and place.load.endswith("]"):
                if self.deep(value):
                    self._deep_store(place, value)
                else:
                    self._ordered_store(place, self.x(value))
                return True
            self.line(self.assigned(node))
            return True
        if kind == "assign":
            target, value = node.args
            if isinstance(target, VariableNode):
                self._change(node, self.place(target).load, value)
            else:
                self.line(self.assigned(node))
            return True
        return False

    def _deep_store(self, place: Place, value: Node) -> None:
        """``container[index] = value`` where the value has lines of its own."""
        box, at = self.temp(), self.temp()
        self.line(f"{box} = {place.container}")
        self.line(f"{at} = {place.index}")
        self.line(f"{box}[{at}] = {self.x(value, first=True)}")

    def _ordered_store(self, place: Place, code: str) -> None:
        """``container[index] = value``; Python evaluates the value first, Mu the place."""
        if _harmless(code) or (_harmless(place.container) and _harmless(place.index)):
            self.line(f"{place.load} = {code}")
            return
        box, at = self.temp(), self.temp()
        self.line(f"{box} = {place.container}")
        self.line(f"{at} = {place.index}")
        self.line(f"{box}[{at}] = {code}")

    def _change(self, node: CallNode, name: str, value: Node) -> None:
        """``x += y`` on a variable. Strings grow in place, or appending would be quadratic."""
        function = node.symbol
        template = function.template
        assert template is not None
        if isinstance(value, ConstNode) and isinstance(value.value, str):
            code = repr(str(value.value))
        else:
            code = self.x(value, first=True)
        if template.startswith("_concat"):
            if not code.isidentifier() and not isinstance(value, ConstNode):
                held = self.temp()
                self.line(f"{held} = {code}")
                code = held
            tests = f"{name} is None"
            if not (isinstance(value, ConstNode) and value.value is not None):
                tests += f" or {code} is None"
            self.line(f"if {tests}: {name} = _concat({name}, {code})")
            self.line(f"else: {name} += {code}; _grown({name})")
            return
        if not _harmless(code):
            held = self.temp()
            self.line(f"{held} = {code}")
            code = held
        self.line(f"{name} = {self.filled(function, template, node.args, [name, code])}")

    def _step(self, node: CallNode) -> None:
        target = node.args[0]
        if isinstance(target, VariableNode):
            name = self.place(target).load
            self.line(f"{name} = {self._stepped(node, name)}")
        else:
            self.line(self._step_code(node, old=False))

    def _stepped(self, node: CallNode, code: str) -> str:
        template = node.symbol.template
        assert template is not None
        return self.filled(node.symbol, template, node.args, [code])

    def _step_code(self, node: CallNode, *, old: bool) -> str:
        return self._store(node.args[0], lambda was: self._stepped(node, was), old=old)

    def x_prepp(self, node: CallNode) -> str:
        # RV has the two of half mixed up: before the variable gives what it held ...
        return self._step_code(node, old=node.type is t.HALF)

    def x_postpp(self, node: CallNode) -> str:
        if node.type is t.HALF:  # ... and behind it the bits of what it holds, as a number
            return f"_half_bits({self._step_code(node, old=False)})"
        return self._step_code(node, old=True)

    x_premm, x_postmm = x_prepp, x_postpp

    def counted(self, test: Node, step: Node, body: Node) -> str | None:
        """The step of a counting loop that cannot overflow: ``i < n`` held, nothing in the body
        changes ``i``, so ``i + 1`` fits."""
        if not (isinstance(step, CallNode) and step.symbol.kind in ("pre++", "post++")):
            return None
        target = step.args[0]
        if not isinstance(target, VariableNode) or target.symbol.type is not t.INT:
            return None
        if not (isinstance(test, CallNode) and test.symbol.name in ("<", "!=")):
            return None
        left = test.args[0]
        if not isinstance(left, VariableNode) or left.symbol is not target.symbol:
            return None
        if test.symbol.name == "!=" or test.symbol.ret is not t.BOOL:
            return None
        if test.symbol.types[0] is not t.INT or _changed(body, target.symbol):
            return None
        name = self.variable(target.symbol)
        return f"{name} += 1"


def _changed(node: Node, variable: Variable) -> bool:
    if isinstance(node, VariableNode) and node.ref and node.symbol is variable:
        return True
    return any(_changed(arg, variable) for arg in node.args)


def _harmless(code: str) -> bool:
    """Whether evaluating a code has no effect and nothing can change what it gives."""
    return (
        code.isidentifier()
        or code.replace(".", "").replace("items", "").replace("fields", "").isalnum()
        or (code[:1] in "\"'0123456789(-" and "(" not in code[1:] and ":=" not in code)
    )
