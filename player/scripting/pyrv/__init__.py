"""Modules of the ``rv`` package that scripts import.

They are loaded under the name ``rv`` (:mod:`player.scripting.rvpackage`), next to the generated
``rv.commands`` and ``rv.extra_commands``, never as part of this package.
"""
