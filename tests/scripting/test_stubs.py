"""The generated stubs say what the registry says."""

from __future__ import annotations

import ast

import pytest

from player.commands import load_all
from player.scripting.stubs import render, stub_files


@pytest.mark.parametrize("module", ["commands", "extra_commands"])
def test_stubs_are_fresh(module: str) -> None:
    written = ast.parse(stub_files()[module].read_text(encoding="utf-8"))
    assert ast.unparse(written) == ast.unparse(ast.parse(render(load_all(), module))), (
        "run scripts/gen_stubs"
    )
