"""What the productions of declarations do: variables, patterns, functions, classes, modules.

Source: Open RV's ``MuLang/Grammar.y``; see ``assembler`` for how it works.
"""

from __future__ import annotations

from typing import Any

from player.mu import types as t
from player.mu.lexer import Token
from player.mu.nodes import FRAME, NOOP, PATTERN_BLOCK, CallNode, ConstNode, Node
from player.mu.patterns import Pattern, nested_list
from player.mu.scoping import Recover
from player.mu.statements import Statements
from player.mu.symbols import REQUIRED, Alias, Function, Module, Parameter, Variable, add, qualified
from player.mu.values import MuException, MuThrow

__all__ = ["Definitions"]


class Definitions(Statements):
    """Actions of declarations. ``declared`` counts the functions."""

    declared: int

    # -- declarations ----------------------------------------------------------------------

    def declaration_type(self, kind: t.Type | None) -> t.Type | None:
        if kind is t.VOID:
            self.fail("Type void makes no sense in this context.")
        self.types.append(kind)
        return kind

    def declare_typed(self) -> None:
        self.declared_type, self.declared_global = self.values[-1], False

    def declare_untyped(self) -> None:
        self.declared_type, self.declared_global = None, False

    def declare_global_typed(self) -> None:
        self.declared_type, self.declared_global = self.values[-1], True

    def declare_global_untyped(self) -> None:
        self.declared_type, self.declared_global = None, True

    def _declared(self, nodes: list[Node]) -> Node:
        if not nodes:
            return CallNode(NOOP)
        if any(n.type is None or n.type is t.UNRESOLVED for n in nodes):
            return self.unresolved_call("__statement_list", nodes)
        return CallNode(PATTERN_BLOCK, nodes)

    def declaration_end(self, _: Any, __: Any, nodes: list[Node]) -> Node:
        self._pop_type()
        return self._declared(nodes)

    def let_end(self, _: Any, __: Any, nodes: list[Node]) -> Node:
        return self._declared(nodes)

    def global_end(self, _: Any, __: Any, ___: Any, nodes: list[Node]) -> Node:
        self._pop_type()
        return self._declared(nodes)

    def global_let_end(self, _: Any, __: Any, ___: Any, nodes: list[Node]) -> Node:
        return self._declared(nodes)

    def let_initializer(self, pattern: Pattern, _: Any, node: Node) -> Node:
        made = self.resolve_pattern(pattern, node)
        if made is None:
            raise Recover
        return made

    def initializers_first(self, node: Node | None) -> list[Node]:
        return [] if node is None else [node]

    def initializers_next(self, nodes: list[Node], _: Any, node: Node | None) -> list[Node]:
        return nodes if node is None else [*nodes, node]

    def initializer_default(self, name: str) -> Node | None:
        made = self.declare(name, None)
        if made is None and not isinstance(self.scope, (t.ClassType, t.InterfaceType)):
            raise Recover
        return made

    def initializer_value(self, name: str, _: Any, node: Node) -> Node:
        made = self.declare(name, node)
        if made is None:
            raise Recover
        return made

    def initializer_symbol(self, symbol: Any) -> str:
        scope = self.scope
        function = self.find_first(symbol.name, Function)
        if function is not None and self.same_scope(function.owner, scope):
            self.fail(f'Declaration of "{symbol.name}" shadows function of the same name.')
        variable = self.find_first(symbol.name, Variable)
        if variable is not None and self.same_scope(variable.owner, scope):
            self.fail(f'Declaration of "{symbol.name}" shadows existing declaration.')
        name: str = symbol.name
        return name

    # -- patterns --------------------------------------------------------------------------

    def pattern_whole(self, parts: list[Pattern]) -> Pattern:
        return parts[0] if len(parts) == 1 else nested_list(parts, open_end=True)

    def pattern_name(self, name: str) -> Pattern:
        return Pattern(name)

    def pattern_constant(self, node: Node) -> Pattern:
        return Pattern(constant=node)

    def pattern_negative(self, _: Any, node: Node) -> Pattern:
        made = self.operator("-", node)
        if made is None:
            raise Recover
        return Pattern(constant=made)

    def pattern_tag(self, tag: t.Type) -> Pattern:
        pattern = Pattern()
        pattern.tag = tag
        return pattern

    def pattern_tagged(self, tag: t.Type, pattern: Pattern) -> Pattern:
        pattern.tag = tag
        return pattern

    def pattern_any(self, _: Any) -> Pattern:
        return Pattern()

    def pattern_tuple(self, _: Any, parts: list[Pattern], __: Any) -> Pattern:
        return Pattern(parts=parts, shape="?tuple")

    def pattern_class(self, _: Any, parts: list[Pattern], __: Any) -> Pattern:
        return Pattern(parts=parts, shape="?class_not_tuple")

    def pattern_list(self, _: Any, parts: list[Pattern], __: Any) -> Pattern:
        return nested_list(parts, open_end=False)

    # -- functions, classes, unions, modules -----------------------------------------------

    def parameter_default(self, _: Any, node: Node) -> Node:
        if not isinstance(node, ConstNode):
            self.fail("Parameter default value must be a constant expression.")
        return node

    def parameter_unnamed(self, kind: t.Type) -> Parameter:
        self._pop_type()
        return Parameter("__", kind, self.new_code("p"))

    def parameter_named(self, kind: t.Type, name: str, default: Node | None) -> Parameter:
        parameter = Parameter(name, kind, self.new_code(name))
        if default is not None:
            value = self.cast(default, kind)
            if value is None:
                self.fail(f"Cannot cast the default value of parameter {name}.")
            if isinstance(value, CallNode):  # ``string(1)`` is not folded
                parameter.default = self.host.evaluate_ahead(value)
            else:
                parameter.default = getattr(value, "value", None)
        self._pop_type()
        return parameter

    def parameters_next(
        self, parameters: list[Parameter], _: Any, parameter: Parameter
    ) -> list[Parameter]:
        if parameters[-1].default is not REQUIRED and parameter.default is REQUIRED:
            self.fail(f"Default value missing for parameter {parameter.name}.")
        return [*parameters, parameter]

    def function_begin(self, *v: Any) -> Function:
        return self.begin_function(v[1], v[3], v[5])

    def function_begin_untyped(self, *v: Any) -> Function:
        return self.begin_function(v[1], None, v[3])

    def method_begin(self, *v: Any) -> Function:
        if self.class_scope is None:
            self.fail("method declaration not allowed in this context.")
        return self.begin_function(v[1], v[3], v[5], method=True)

    def method_begin_untyped(self, *v: Any) -> Function:
        if self.class_scope is None:
            self.fail("method declaration not allowed in this context.")
        return self.begin_function(v[1], None, v[3], method=True)

    def lambda_begin(self, *v: Any) -> Function:
        return self.begin_function(None, v[2], v[4])

    def lambda_begin_untyped(self, *v: Any) -> Function:
        return self.begin_function(None, None, v[2])

    def function_end(self, function: Function, body: Node) -> Function:
        self.declared += not function.is_lambda
        made = self.end_function(function, body)
        if made is None:
            raise Recover
        return made

    def function_abstract(self, function: Function, _: Any) -> Function:
        made = self.end_function(function, None)
        if made is None:
            raise Recover
        return made

    def class_begin(self, word: Token, name: str, bases: list[t.Type]) -> t.Type:
        if word.text.startswith("class"):
            return self.begin_class(name, bases)
        kind = t.InterfaceType(self.prefixed(name), name)
        add(self.scope, kind)
        self.push(kind)
        return kind

    def class_end(self, kind: t.Type, *_: Any) -> None:
        self.end_class(kind)

    def union_begin(self, _: Any, name: str) -> t.Type:
        return self.begin_union(name)

    def tag_bare(self, name: str) -> None:
        self.declare_tag(name, t.VOID)

    def tag_payload(self, name: str, kind: t.Type) -> None:
        self.declare_tag(name, kind)

    def module_new(self, _: Any, name: str) -> None:
        self.enter_module(name)
        self.new_frame()

    def module_again(self, _: Any, module: Module) -> None:
        self.push(module)
        self.new_frame()

    def module_end(self, _: Any, __: Any, nodes: list[Node], ___: Any) -> Node | None:
        made: Node | None = None
        if nodes:
            init = Function(self.unique_name("__init"), t.VOID, [])
            init.native = False
            init.body = CallNode(FRAME, nodes)
            self.host.new_function(init)
            made = CallNode(init)
        self.number_frame()
        self.end_frame()
        self.pop()
        return made

    def require_name(self, _: Any, name: str, __: Any) -> Module:
        return self._load(name)

    def use_name(self, _: Any, name: str, __: Any) -> None:
        self.push(self._load(name), False)

    def _load(self, name: str) -> Module:
        module: Module | None = self.host.require(name)
        if module is None:
            self.fail(f"Can't locate module named {name}")
        return module

    def use_symbol(self, _: Any, symbol: Any, __: Any) -> None:
        self.push(symbol, False)

    def alias_name(self, name: str, _: Any, symbol: Any, __: Any) -> None:
        add(self.scope, Alias(name, symbol))

    def alias_word(self, _: Any, name: str, __: Any, symbol: Any, ___: Any) -> None:
        add(self.scope, Alias(name, symbol))

    def alias_type(self, old: Any, _: Any, symbol: Any, __: Any) -> None:
        if old is not symbol:
            self.fail(f"Defining {qualified(old)} to be something else is a bad idea.")

    def alias_type_word(self, _: Any, old: Any, *v: Any) -> None:
        self.alias_type(old, None, v[1], None)

    def constant_name(self, name: str, _: Any, node: Node, __: Any) -> None:
        self.declare_constant(name, node)

    def constant_negative(self, name: str, _: Any, __: Any, node: Node, ___: Any) -> None:
        if not isinstance(node, ConstNode):
            self.fail(f"you can't define {name} like that")
        made = self.operator("-", node)
        if made is None:
            raise MuThrow(MuException("nil argument to function"))
        self.declare_constant(name, made)

    def constant_word(self, _: Any, name: str, __: Any, node: Node, ___: Any) -> None:
        self.declare_constant(name, node)
