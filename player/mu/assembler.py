"""What the productions of the grammar do: one method for each alias in ``grammar.lark``.

A method gets the values of the production's symbols and returns the value of its left side.
Raising :class:`Recover` makes the parser recover from an error, as YYERROR does in the original;
the methods do what the original's actions do, and in its order, because what stays declared
after a broken text depends on it. Source: Open RV's ``MuLang/Grammar.y``.
"""

from __future__ import annotations

from typing import Any

from player.mu import types as t
from player.mu.lexer import Token
from player.mu.matching import overloads_of
from player.mu.nodes import (
    FRAME,
    NOOP,
    PATTERN_BLOCK,
    RETURN,
    RETURN_VOID,
    SPECIAL,
    CallNode,
    ConstNode,
    Node,
    Pending,
    is_noop,
)
from player.mu.patching import patch
from player.mu.patterns import Pattern, Patterns, nested_list
from player.mu.scoping import Recover
from player.mu.symbols import (
    REQUIRED,
    Alias,
    Constant,
    Function,
    MemberVariable,
    Module,
    Parameter,
    StackVariable,
    Variable,
    add,
    qualified,
)
from player.mu.texts import char_value, float_number, int_value, string_value
from player.mu.values import MuException, MuThrow

__all__ = ["Assembler", "SyntaxFailure"]


class SyntaxFailure(Exception):
    """The text is refused: RV's ``syntax error``."""


class Assembler(Patterns):
    """Assembles one text. ``result`` is the tree to run, None when there is nothing to run;
    ``declared`` counts the functions that were declared."""

    def __init__(self, host: Any, modules: list[Module]) -> None:
        super().__init__(host.root, host.unique)
        self.host = host
        self.frame: list[StackVariable] = []
        self.frames: list[list[StackVariable]] = []
        self.unresolved: list[Function] = []
        self.cases: list[t.Type | None] = []
        self.types: list[t.Type | None] = []
        self.result: Node | None = None
        self.values: list[Any] = []
        self.declared = 0
        for module in modules:
            self.push(module, False)

    def finish(self) -> None:
        """Resolve what functions left open; MuThrow when that fails."""
        for function in self.unresolved:
            patch(self, function)

    # -- the whole text --------------------------------------------------------------------

    def left_over(self, values: list[Any]) -> None:
        """What an abandoned production leaves behind. RV keeps all lists of nodes on one stack:
        the nodes of an abandoned list become the last statements of the list around it."""
        around = self.values[-2] if len(self.values) > 1 else None
        if isinstance(around, list) and not self.failed:
            for value in values:
                if isinstance(value, list):
                    around += [v for v in value if isinstance(v, Node)]

    def has_nodes(self) -> bool:
        """Whether a list of nodes is under construction around the current production."""
        return self.failed or any(
            isinstance(v, list) and v and isinstance(v[0], Node) for v in self.values
        )

    def _root(self, node: Node | None) -> None:
        self.result = node
        if self.failed:
            raise SyntaxFailure

    def root_expression(self, node: Node) -> None:
        self._root(node)

    def root_empty(self) -> None:
        self.result = None

    def root_statements(self, nodes: list[Node]) -> None:
        self._root(CallNode(FRAME, nodes) if nodes else None)

    def root_type(self, kind: t.Type) -> None:
        self.result = None

    def root_failed(self, _: Any) -> None:
        self._root(None)

    def nothing(self, *_: Any) -> None:
        return None

    # -- lists -----------------------------------------------------------------------------

    def empty_list(self) -> list[Any]:
        return []

    def list_first(self, item: Any) -> list[Any]:
        return [item]

    def list_next(self, items: list[Any], _: Any, item: Any) -> list[Any]:
        return [*items, item]

    def list_next_bare(self, items: list[Any], item: Any) -> list[Any]:
        return [*items, item]

    def second(self, _: Any, item: Any, *__: Any) -> Any:
        return item

    # -- statements ------------------------------------------------------------------------

    def statements_first(self, node: Node | None) -> list[Node]:
        return [] if node is None else [node]

    def statements_next(self, nodes: list[Node], node: Node | None) -> list[Node]:
        if nodes and nodes[-1].symbol in (RETURN, RETURN_VOID):
            self.fail("Statement unreachable.")
        if node is not None and not is_noop(node):
            nodes.append(node)
        return nodes

    def empty_statement(self, *_: Any) -> Node:
        return CallNode(NOOP)

    def open_scope(self) -> None:
        self.push_block()

    def pop_scope(self, *_: Any) -> None:
        self.pop()

    def block(self, *values: Any) -> Any:
        if len(values) == 1:
            return super().block(values[0])
        nodes: list[Node] = values[2]
        if len(nodes) > 1:
            made: Node = super().block(nodes)
        else:
            made = nodes[0] if nodes else CallNode(NOOP)
        self.pop()
        return made

    def break_statement(self, *_: Any) -> Node:
        return CallNode(SPECIAL["__break"])

    def continue_statement(self, *_: Any) -> Node:
        return CallNode(SPECIAL["__continue"])

    def return_nothing(self, *_: Any) -> Node:
        function = self.function
        if function is None:
            self.fail("Cannot return outside of a function.")
        function.has_return = True
        if function.ret is None:
            function.ret = t.VOID
        return CallNode(RETURN_VOID)

    def return_value(self, _: Any, node: Node, __: Any) -> Node | None:
        function = self.function
        if function is None:
            self.fail("Cannot return outside of a function.")
        function.has_return = True
        if function.ret is None:
            function.ret = node.type
        if function.ret is t.VOID or function.ret is None:
            self.fail("Cannot cast return expression to void.")
        value = self.cast(node, function.ret)
        if value is None:
            self.fail("Cannot cast to the return type.")
        if value.type is t.UNRESOLVED:
            return self.unresolved_call("__return", [value])
        return CallNode(RETURN, [value])

    def throw_statement(self, _: Any, node: Node, __: Any) -> Node:
        return self._made(self.statement("__throw", [node]), "Cannot throw a value of that type")

    def rethrow_statement(self, *_: Any) -> Node:
        return CallNode(SPECIAL["__rethrow"])

    def _made(self, node: Node | None, message: str) -> Node:
        if node is None:
            self.fail(message)
        return node

    def if_then(self, _: Any, __: Any, test: Node, ___: Any, then: Node | None) -> Node:
        return self._made(self.statement("__if", [test, then]), "Malformed if statement.")

    def if_else(
        self, _: Any, __: Any, test: Node, ___: Any, then: Node | None, ____: Any,
        other: Node | None,
    ) -> Node:  # fmt: skip
        return self._made(
            self.statement("__if", [test, then, other]), "Malformed if/else statement."
        )

    def for_loop(self, *v: Any) -> Node:
        node = self.statement("__for", [v[3], v[5], v[7], v[9]])
        self.pop()
        return self._made(node, "Malformed for statement.")

    def while_loop(self, _: Any, __: Any, test: Node, ___: Any, body: Node | None) -> Node:
        return self._made(self.statement("__while", [test, body]), "Malformed while statement.")

    def repeat_loop(self, _: Any, __: Any, count: Node, ___: Any, body: Node | None) -> Node:
        return self._made(self.statement("__repeat", [count, body]), "Malformed repeat statement.")

    def do_loop(self, _: Any, body: Node | None, *v: Any) -> Node:
        return self._made(self.statement("__do_while", [body, v[2]]), "Malformed do statement.")

    def each_init(self, name: str, _: Any, node: Node) -> tuple[Node, Node]:
        kind = node.type
        if kind is t.UNRESOLVED:
            return self._pending_variable(name), node
        if kind is None or not kind.collection:
            self.fail("The for_each statement requires a collection")
        field = kind.field(0)
        if field is None:
            raise Recover
        self.declared_type, self.declared_global = field, False
        declared = self.declare(name, None)
        if declared is None:
            self.fail(f"Unable to initialize {name}")
        return declared, node

    def _pending_variable(self, name: str) -> Pending:
        variable = StackVariable(name, t.UNRESOLVED, self.new_code(name), True)
        self.frame.append(variable)
        return self.wait(
            Pending("declaration", name, self.scope_state, call=False, variable=variable)
        )

    def for_each_loop(self, *v: Any) -> Node:
        declared, collection = v[3]
        body: Node | None = v[5]
        made = None
        if body is not None:
            made = self.for_each(declared, collection, body)
            self.pop()
        return self._made(made, "unable to generate for_each statement")

    def for_each(self, declared: Node, collection: Node, body: Node) -> Node | None:
        """The loop over a collection."""
        if self.allow_unresolved and t.UNRESOLVED in (collection.type, body.type):
            return self.wait(
                Pending("for_each", "", self.scope_state, [collection, declared, body])
            )
        return self.statement("__for_each", [declared, collection, body])

    def index_init(self, names: list[str], _: Any, node: Node) -> list[Node]:
        kind = node.type
        self.declared_type, self.declared_global = t.INT, False
        if kind is None or not (kind.collection or kind is t.UNRESOLVED):
            self.fail("The for_index statement requires an array")
        nodes = []
        for name in names:
            declared = self.declare(name, None)
            if declared is None:
                self.fail(f"Unable to initialize {name} of type int")
            nodes.append(declared)
        return [*nodes, node]

    def for_index_loop(self, *v: Any) -> Node:
        made = self.statement("__for_index", [*v[3], v[5]])
        self.pop()
        return self._made(made, "unable to generate for_index statement")

    # -- case and try ----------------------------------------------------------------------

    def case_begin(self, _: Any, __: Any, node: Node, ___: Any) -> Node | None:
        return self.begin_case(node)

    def case_end(self, declared: Node | None, _: Any, arms: list[Node], __: Any) -> Node:
        made = self.end_case(declared, arms)
        if made is None:
            raise Recover
        return made

    def case_pattern(self, *values: Any) -> Any:
        if len(values) == 1:
            return super().case_pattern(values[0])
        return self._made(super().case_pattern(values[1]), "invalid case pattern")

    def case_arm(self, *values: Any) -> Any:
        if len(values) == 2:
            return super().case_arm(values[0], values[1])
        return self._made(super().case_arm(values[0], values[2]), "bad case arm")

    def try_catch(self, _: Any, body: Node, catches: list[Node]) -> Node | None:
        return self.statement("__try", [body, *catches])

    def catch_clause(self, *v: Any) -> Node | None:
        declared, body = v[3], v[5]
        if declared is not None:
            made = self.statement("__catch", [declared, body])
        else:
            made = self.statement("__catch_all", [body])
        self.pop()
        return made

    def catch_variable(self, kind: t.Type, name: str) -> Node:
        thrown = CallNode(SPECIAL["__exception"])
        self.declared_type, self.declared_global = kind, False
        return self._made(self.declare(name, thrown), "Unexpected error in catch_declaration.")

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

    def _pop_type(self) -> None:
        if self.types:
            self.types.pop()

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
            if not isinstance(value, ConstNode):
                self.fail(f"Cannot cast the default value of parameter {name}.")
            parameter.default = value.value
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

    # -- expressions -----------------------------------------------------------------------

    def true_constant(self) -> Node:
        return ConstNode(t.BOOL, True)

    def tuple_or_single(self, nodes: list[Node]) -> Node:
        if len(nodes) == 1:
            return nodes[0]
        made = self.tuple_node(nodes)
        if made is None:
            raise Recover
        return made

    def tuple_node(self, nodes: list[Node]) -> Node | None:
        """``(a, b)``."""
        kinds: list[t.Type] = []
        for node in nodes:
            kind = node.type
            if kind is None or kind is t.UNRESOLVED:
                return self.wait(Pending("tuple", "", self.scope_state, nodes))
            if kind is t.NIL:
                self.report("nil is not allowed in this context")
                return None
            kinds.append(kind)
        return self.call_symbol(self.known(t.tuple_of(*kinds)), list(nodes))

    def list_value(self, _: Any, nodes: list[Node], *__: Any) -> Node:
        made = self.list_node(nodes)
        if made is None:
            raise Recover
        return made

    def list_node(self, nodes: list[Node]) -> Node | None:
        """``[a, b]``."""
        for node in nodes:
            if node.type is None or node.type is t.UNRESOLVED:
                return self.wait(Pending("list", "", self.scope_state, nodes))
        elem = nodes[0].type
        assert elem is not None
        kind = self.known(t.list_of(elem))
        for node in nodes[1:]:
            got = node.type
            assert got is not None
            if not elem.match(got):
                self.report("cannot construct list because of inconsistent element types")
                return None
        return self.call_symbol(kind, list(nodes))

    def slots(self, nodes: list[Node]) -> list[Node | None]:
        if len(nodes) == 1 and is_noop(nodes[0]):
            return []
        return list(nodes)

    def assignment(self, place: Node, operator: Token, value: Node) -> Node:
        return self._made(self.assign(operator.text, place, value), "bad assignment")

    def conditional(self, *v: Any) -> Node:
        test, first, second = v[1], v[3], v[5]
        if first.type is not t.NIL:
            second = self._branch(second, first.type)
        elif second.type is not t.NIL:
            first = self._branch(first, second.type)
        made = self.operator("?:", test, first, second)
        return self._made(made, "if-then-else: illegal type conversion")

    def _branch(self, node: Node, kind: t.Type | None) -> Node:
        made = None if kind is None else self.cast(node, kind)
        return self._made(made, "if-then-else: illegal type conversion")

    def cons(self, head: Node, _: Any, tail: Node) -> Node:
        kind, head_type = tail.type, head.type
        if (
            isinstance(kind, t.ListType) and head_type is not None
            and head_type is not t.UNRESOLVED and not kind.elem.match(head_type)
        ):  # fmt: skip
            self.fail("cannot cons that onto the list")
        made = self.operator("cons", head, tail)
        if made is None:
            raise Recover
        return made

    def lambda_value(self, function: Function) -> Node | None:
        return self.function_value(function)

    def binary(self, left: Node, operator: Token, right: Node) -> Node:
        made = self.operator(operator.text, left, right)
        return self._made(made, f"operator{operator.text} is not defined for that")

    def unary(self, operator: Token, node: Node) -> Node:
        made = self.operator(operator.text, node)
        return self._made(made, f"operator{operator.text} is not defined for that")

    def pre_increment(self, operator: Token, node: Node) -> Node:
        made = self.operator("pre" + operator.text, node)
        return self._made(made, f"operator{operator.text} is not defined for that")

    def post_increment(self, node: Node, operator: Token) -> Node:
        made = self.operator("post" + operator.text, node)
        return self._made(made, f"operator{operator.text} is not defined for that")

    def dereference_action(self, node: Node) -> Node:
        """The value of an operand."""
        return self._made(self.dereference(node), "unable to dereference")

    def value_prefix(self, node: Node, _: Any) -> Node:
        self.set_prefix(node.type)
        return node

    def no_prefix(self) -> None:
        self.set_prefix(None)

    def index(self, node: Node, _: Any, nodes: list[Node], __: Any) -> Node:
        made = self.index_node(node, list(nodes))
        if made is None:
            raise Recover
        return made

    def index_node(self, node: Node, nodes: list[Node | None]) -> Node | None:
        """``a[i]``."""
        if any(n is None or n.type is None or n.type is t.UNRESOLVED for n in [node, *nodes]):
            given = [node, *(n for n in nodes if n is not None)]
            return self.wait(Pending("index", "[]", self.scope_state, given))
        kind = node.type
        if isinstance(kind, t.RefType):
            kind = kind.target
        assert kind is not None
        found = [f for f in kind.find("[]") or () if isinstance(f, Function)]
        declared = isinstance(kind, (t.AnyClass, t.InterfaceType))
        if not found:
            if declared:
                self.report("operator[] not defined for that type")
            return None
        if declared:
            made = self.call_method(found[0], [self.dereference(node), *nodes])
        else:
            made = self.call_best(found, [node, *nodes])
        if made is None:
            self.report("operator[] argument mis-match")
        return made

    def nil(self, _: Any) -> Node:
        return ConstNode(t.NIL, None)

    def member_variable(self, prefix: Node, variable: MemberVariable) -> Node:
        made = self.member(variable, prefix)
        if made is None:
            self.fail(f"Unable to reference member variable {variable.name}")
        self.set_prefix(None)
        return made

    def member_symbol(self, prefix: Node, symbol: Any) -> Node:
        if isinstance(symbol, Function) and symbol.is_method:
            made = self.method_value(symbol, prefix)
        else:
            made = self._member_pending(symbol.name, prefix)
        if made is None:
            raise Recover
        self.set_prefix(None)
        return made

    def member_unknown(self, prefix: Node, name: str) -> Node:
        made = self._member_pending(name, prefix)
        self.set_prefix(None)
        return made

    def _member_pending(self, name: str, prefix: Node) -> Node:
        return self.wait(Pending("member", name, self.scope_state, [prefix], call=False))

    def method_call(self, prefix: Node, symbol: Any, *v: Any) -> Node:
        nodes: list[Node | None] = v[2]
        self.set_prefix(prefix.type)
        function = next(
            (s for s in self.overloads(symbol) if isinstance(s, Function)), None
        )  # fmt: skip
        if function is None:
            self.fail(f'Expected an object method for "{symbol.name}".')
        made = self.call_symbol(function, [self.dereference(prefix), *nodes])
        if made is None:
            self.fail("Function argument mis-match")
        self.set_prefix(None)
        return made

    def _operator_function(self, operator: Any) -> Node | None:
        name = operator.text if isinstance(operator, Token) else operator
        function = self.find_first(name, Function)
        return None if function is None else self.function_value(function)

    def operator_value(self, _: Any, operator: Any, __: Any) -> Node | None:
        return self._operator_function(operator)

    def scoped_operator(self, _: Any, operator: Any) -> Node | None:
        made = self._operator_function(operator)
        self.set_prefix(None)
        return made

    def index_operator(self, *_: Any) -> str:
        return "[]"

    def call_operator(self, *_: Any) -> str:
        return "()"

    def _own_variable(self, variable: Variable) -> Variable:
        """A variable as the function being declared reaches it."""
        if isinstance(variable, StackVariable) and not self.in_frame(variable):
            if self.function is None:
                raise Recover
            return self.capture(variable)
        return variable

    def symbol_value(self, symbol: Any) -> Node | None:
        variable = self.find_first(symbol.name, Variable)
        if variable is not None:
            made = self.reference(self._own_variable(variable))
            return self._made(made, f"Unable to reference variable {variable.name}")
        if isinstance(symbol, Function):
            if symbol.is_method:
                made = self.method_value(symbol, self.value_named("this"))
            else:
                made = self.function_value(symbol)
            return self._made(made, f"Unable to reference function {symbol.name}")
        self.fail("Expecting a variable.")

    def symbol_call(self, symbol: Any, _: Any, nodes: list[Node | None], __: Any) -> Node:
        if isinstance(symbol, Variable):
            made = self.call_symbol(self._own_variable(symbol), nodes)
        elif isinstance(symbol, Function) and symbol.is_method:
            made = self.call_symbol(symbol, [self.value_named("this"), *nodes])
        else:
            made = self.call_symbol(symbol, nodes)
        return self._made(made, f"trying to call function through {symbol.name}")

    def unknown_value(self, name: str) -> Node:
        return self.wait(Pending("name", name, self.scope_state, call=False))

    def unknown_call(self, name: str, _: Any, nodes: list[Node | None], __: Any) -> Node:
        return self.unresolved_call(name, nodes)

    def prefixed_value(self, symbol: Any) -> Node:
        variable = next((s for s in self.overloads(symbol) if isinstance(s, Variable)), None)
        if variable is not None:
            return self._made(self.reference(variable), "Unable to reference variable")
        if isinstance(symbol, Function):
            return self._made(self.function_value(symbol), "Unable to reference function")
        self.fail("Expecting a variable.")

    def prefixed_call(self, symbol: Any, _: Any, nodes: list[Node | None], __: Any) -> Node:
        owner = symbol.owner
        self.set_prefix(self.root if self.same_scope(owner, self.root) else owner)
        made = self.call_symbol(symbol, nodes, virtual=False)
        self.set_prefix(None)
        return self._made(made, "Function argument mis-match")

    def tag_value(self, tag: t.VariantTag) -> Node:
        if tag.payload is not t.VOID:
            self.fail(f"type constructor {tag.name} needs a value")
        return self._made(self.call_symbol(tag, []), f"trying to use tag {tag.name}")

    def tag_call(self, tag: t.Type, _: Any, nodes: list[Node | None], __: Any) -> Node:
        return self._made(self.call_symbol(tag, nodes), f"trying to use tag {tag.name}")

    def type_call(self, kind: t.Type, _: Any, nodes: list[Node | None], __: Any) -> Node:
        return self._made(self.call_symbol(kind, nodes), f"trying to call {kind.name}")

    def value_call(self, node: Node, _: Any, nodes: list[Node | None], __: Any) -> Node:
        return self._made(self.call_value(node, nodes), "cannot call expression")

    # -- aggregates ------------------------------------------------------------------------

    def push_type(self) -> None:
        self.types.append(self.values[-1])

    def aggregate_value(self, _: Any, __: Any, node: Node) -> Node:
        self._pop_type()
        return node

    @property
    def _top(self) -> t.Type | None:
        return self.types[-1] if self.types else None

    def _aggregate_type(self) -> t.Type:
        kind = self._top
        if kind is None:
            self.fail("A type is required for this aggregate initializer")
        return kind

    def aggregate_open(self) -> None:
        self.types.append(self._aggregate_type().field(0))

    def aggregate_next(self, nodes: list[Node], _: Any) -> list[Node]:
        self._pop_type()
        top = self._top
        if top is None:
            raise MuThrow(MuException("nil argument to function"))
        self.types.append(top.field(len(nodes)))
        return nodes

    def aggregate_empty(self, *_: Any) -> Node:
        kind = self._aggregate_type()
        return self._made(self.call_symbol(kind, []), "Aggregate initializer type mismatch")

    def aggregate_flat(self, _: Any, __: Any, nodes: list[Node], ___: Any) -> Node:
        self._pop_type()
        kind = self._aggregate_type()
        made = self.call_symbol(kind, list(nodes))
        return self._made(made, "Aggregate initializer type mismatch")

    def aggregate_nested(self, _: Any, __: Any, nodes: list[Node], *___: Any) -> Node:
        self._pop_type()
        kind = self._aggregate_type()
        inner = next(
            (f for f in kind.find(kind.local) or () if isinstance(f, Function)), None
        )  # fmt: skip
        if inner is not None:
            return self._made(self.call_symbol(kind, list(nodes)), "Aggregate type mismatch")
        outer = next(
            (f for f in overloads_of(kind, self.root) if isinstance(f, Function)), None
        )  # fmt: skip
        if outer is None:
            self.fail("Aggregate initializer type mismatch")
        return self._made(self.call_symbol(outer, list(nodes)), "Aggregate type mismatch")

    # -- types -----------------------------------------------------------------------------

    def scope_prefix(self, symbol: Any, _: Any) -> Any:
        self.set_prefix(symbol)
        return symbol

    def scoped(self, _: Any, symbol: Any) -> Any:
        self.set_prefix(None)
        return symbol

    def modified_type(self, _: Any, kind: t.Type) -> t.Type | None:
        if (
            isinstance(kind, t.ArrayType) and kind.elem is t.FLOAT
            and kind.dims is not None and len(kind.dims) == 1 and kind.dims[0] in (2, 3, 4)
        ):  # fmt: skip
            return t.vector_of(kind.dims[0])
        # an error, but the parser goes on with no type in its hands
        self.report("vector type modifier does not apply")
        return None

    def array_type(self, elem: t.Type, _: Any, sizes: list[Any], __: Any) -> t.Type:
        dims = [0 if s is None else int_value(s.text)[1] for s in sizes]
        if len(dims) > 1 and 0 in dims:
            self.fail("unable to make a dynamic array of several dimensions")
        total = 1
        for n in dims:
            total *= n
        if total > 1 << 24:
            self.fail("array too large")
        return self.known(t.array_of(elem, None if dims == [0] else tuple(dims)))

    def list_type(self, _: Any, kind: t.Type, __: Any) -> t.Type:
        return self.known(t.list_of(kind))

    def tuple_type(self, _: Any, kinds: list[t.Type], __: Any) -> t.Type:
        if len(kinds) == 1:
            return kinds[0]
        return self.known(t.tuple_of(*kinds))

    def function_type(self, _: Any, ret: t.Type, __: Any, args: list[t.Type], ___: Any) -> t.Type:
        return self.known(t.function_of(ret, *args))

    def type_variable(self, _: Any, name: str) -> t.Type:
        kind = self.find_first("'" + name, t.TypeVariable)
        if kind is None:
            kind = t.TypeVariable("'" + name)
            add(self.scope, kind)
        return kind

    def type_placeholder(self, *_: Any) -> None:
        self.fail("placeholder parameter not yet implemented")

    def symbol_name(self, symbol: Any) -> str:
        name: str = symbol.local if isinstance(symbol, t.Type) else symbol.name
        return name

    # -- constants -------------------------------------------------------------------------

    def suffix(self, node: Node, name: str) -> Node | None:
        module = next(
            (s for s in self.root.find("suffix") or () if isinstance(s, Module)), None
        )  # fmt: skip
        for symbol in (module.find(name) or ()) if module is not None else ():
            if isinstance(symbol, Function):
                made = self.call_best(self.overloaded(symbol), [node])
                if made is not None:
                    return made
        self.report(f'Unknown suffix "{name}".')
        # go on with nothing in hands, as RV does; the next step trips over it
        return None

    def float_constant(self, token: Token) -> Node:
        return ConstNode(t.FLOAT, float_number(token.text))

    def int_constant(self, token: Token) -> Node:
        wide, value = int_value(token.text)
        return ConstNode(t.INT64 if wide else t.INT, value)

    def bool_constant(self, token: Token) -> Node:
        return ConstNode(t.BOOL, token.text == "true")

    def string_constant(self, token: Token) -> Node:
        return ConstNode(t.STRING, string_value(token.text))

    def char_constant(self, token: Token) -> Node:
        value = char_value(token.text)
        if value is None:
            self.fail("invalid character constant")
        return ConstNode(t.CHAR, value)

    def symbolic_constant(self, constant: Constant) -> Node:
        return ConstNode(constant.type, constant.value)

    def scoped_constant(self, _: Any, constant: Constant) -> Node:
        self.set_prefix(None)
        return self.symbolic_constant(constant)
