"""The generated stubs say what the registry says."""

from __future__ import annotations

import ast
from importlib.resources import files

import pytest

from player.commands import load_all
from player.scripting.stubs import render, stub_files, table


@pytest.mark.parametrize("module", ["commands", "extra_commands"])
def test_stubs_are_fresh(module: str) -> None:
    written = ast.parse(stub_files()[module].read_text(encoding="utf-8"))
    assert ast.unparse(written) == ast.unparse(ast.parse(render(load_all(), module))), (
        "run scripts/gen_stubs"
    )


def test_what_rvshell_knows_is_fresh() -> None:
    written = (files("rvshell.verbs") / "data" / "commands.tsv").read_text(encoding="utf-8")
    assert written == table(load_all()), "run scripts/gen_stubs"
