"""Mu: the scripting language that RV's clients send.

``Interpreter().reply(text)`` gives what RV's ``remote-eval`` answers, state kept between calls.
The language knows nothing of RV; a host registers its modules, functions and types on the
instance (``register_module``, ``register_function``, ``register_struct``,
``register_opaque_class``, ``register_constant``, ``register_alias``).

The way of a text
-----------------
``lexer`` cuts it into tokens, ``parser`` drives the LALR table (``tables.json``, made of
``grammar.lark`` by ``maketables``) with bison's error recovery, and every reduction runs an action
of the ``assembler`` at once. The assembler is one class on several floors: ``scoping`` (names),
``references`` (variables, fields, conversions), ``calls`` (overloads, evaluation ahead of time),
``applications`` (calls of values, function values, assignment), ``declarations`` (functions,
classes, unions), ``patterns``, ``literals`` (with types), and the other actions. It makes typed
``nodes``; what functions leave open ``patching`` resolves at the end.
``emit``, ``control`` and ``places`` turn nodes into Python, ``units`` compiles it,
``interpreter`` runs it, and ``display`` shows the value. A function value that carries arguments
is a new function, as in RV: ``closures`` makes the value, ``specializing`` the function. Objects
of classes with several bases are in ``inheritance``.

This is how the real interpreter works, action for action, because its answers depend on it: what
stays declared after an error, which of two error replies comes, what is evaluated while parsing,
which names exist when. ``vocabulary`` (its symbols), ``structure`` (the functions of array, list,
tuple and function types), ``matching`` (overload resolution) and ``lib`` (the library) are data
and functions that know nothing of parsing. ``modulepath`` finds the files that ``require`` reads;
a host can register modules that are read when a program first looks into them
(``symbols.LateModule``).
"""

from player.mu.interpreter import Interpreter

__all__ = ["Interpreter"]
