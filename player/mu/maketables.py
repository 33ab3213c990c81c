"""Makes ``tables.json`` from ``grammar.lark``: ``python -m player.mu.maketables``.

Lark builds the LALR table (0.4 s); the player only loads the result, so lark is needed for
development, not for playing. All conflicts of the grammar are shift/reduce and are resolved as
shift, as the original bison grammar does. A state's default reduction is its most common reduce
rule, except where ``ERROR`` can be shifted: bison's rule, on which the error replies depend.
"""

from __future__ import annotations

import json
from collections import Counter
from importlib.resources import files
from pathlib import Path
from typing import Any

__all__ = ["build", "main"]


def build(grammar: str) -> dict[str, Any]:
    """The table as plain data; see ``tables.py`` for its layout."""
    from lark import Lark
    from lark.parsers.lalr_analysis import Shift

    lark = Lark(grammar, parser="lalr", lexer="basic", start="start")
    parser: Any = lark.parser.parser  # lark's own LALR parser, below its front end
    table = parser._parse_table
    rules: list[Any] = []
    index: dict[Any, int] = {}

    def rule_number(rule: Any) -> int:
        if rule not in index:
            index[rule] = len(rules)
            options = rule.options
            empty = options.empty_indices if options else ()
            ones = "".join(str(int(b)) for b in empty)
            gaps = [len(part) for part in ones.split("0")] if empty else []
            rules.append(
                {
                    "origin": rule.origin.name,
                    "name": rule.alias or rule.origin.name,
                    "keep": [not (s.is_term and s.filter_out) for s in rule.expansion],
                    "splice": [not s.is_term and s.name.startswith("_") for s in rule.expansion],
                    "gaps": gaps,
                    "expand1": bool(options and options.expand1 and not rule.alias),
                    "error": bool(rule.expansion) and rule.expansion[0].name == "ERROR",
                }
            )
        return index[rule]

    states: list[dict[str, int]] = [{} for _ in table.states]
    defaults = [-1] * len(states)
    for number, actions in table.states.items():
        reduces: Counter[int] = Counter()
        shifts_error = False
        for symbol, (action, argument) in actions.items():
            if action is Shift:
                states[number][symbol] = argument
                shifts_error |= symbol == "ERROR"
            else:
                rule = rule_number(argument)
                states[number][symbol] = -1 - rule
                reduces[rule] += 1
        if reduces and not shifts_error:
            defaults[number] = reduces.most_common(1)[0][0]
    literals = {t.pattern.value: t.name for t in lark.terminals if t.pattern.type == "str"}
    start = table.start_states["start"]
    end = table.end_states["start"]
    return {
        "start": start,
        "end": end,
        "states": states,
        "defaults": defaults,
        "rules": rules,
        "literals": literals,
    }


def main() -> None:
    """Write the table beside the grammar."""
    package = files("player.mu")
    table = build((package / "grammar.lark").read_text(encoding="utf-8"))
    path = Path(str(package / "tables.json"))
    path.write_text(json.dumps(table, separators=(",", ":"), sort_keys=True) + "\n")


if __name__ == "__main__":
    main()
