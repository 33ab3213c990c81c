"""Scripts in the player: Mu and Python texts from clients, and the handlers they bind.

``ScriptEngine`` ties the hosts, the deadline and the default bindings to a session; the daemon
talks to its ``dispatcher``.

Where a Mu name comes from
--------------------------
``muhost`` registers the command registry. What RV itself writes in Mu is in ``modules``: one text
for each module, or ``NAME-PART.mu`` for a part of it; it may add to a module that has functions
of the registry. The texts are read, in the order of their names, when a program first looks for a
name that its module has not yet, so that starting costs nothing; reading is not counted as the
program's time. A text may use what is in those before it. A name that is missing leaves a whole
text of a client unresolved, so names are there even where there is nothing to do without a
window: ``gl`` and its kin (``mu_graphics``, ``modules/graphics.tsv``; for Python ``pygraphics``)
are inert unless there is a ``pen``: while event ``render`` is handled, and for overlay scripts of
an export; ``glyph`` measures, and draws with it.  Modules that are C++ in RV are Python here:
``mu_libraries``, ``mu_python``, ``mu_graphics``. ``qt`` has the types that signatures name and
what asks about files (``mu_qt``).

``packages`` and ``modules/mode_manager.mu`` find RV's packages; ``rvpackage`` and ``pyrv`` are
the Python side. ``programs`` looks after the programs that Mu starts (exports by rvio).
"""
