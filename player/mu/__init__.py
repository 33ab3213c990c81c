"""Mu: the scripting language that RV's clients send.

``Interpreter().reply(text)`` gives what RV's ``remote-eval`` answers, state kept between calls.
The language knows nothing of RV; a host registers its modules, functions and types on the
instance (``register_module``, ``register_function``, ``register_struct``,
``register_opaque_class``, ``register_constant``, ``register_alias``).

The way of a text: ``lexer`` (names of types are told from other names there) → ``parser``
(LALR with bison's error recovery; ``tables.json`` is made from ``grammar.lark`` by
``maketables``) → ``compiler`` (``expressions``, ``patterns``, ``declarations``: static types,
overloads, Python code) → a Python function → ``display`` (the value as text).
"""

from player.mu.interpreter import Interpreter

__all__ = ["Interpreter"]
