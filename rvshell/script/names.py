"""What conditions ask a runner for: the far end's state, variables, Mu."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rvshell.errors import ScriptError
from rvshell.verbs.state import STATE

if TYPE_CHECKING:
    from rvshell.script.run import Runner
    from rvshell.script.syntax import Source, Subst

__all__ = ["Names"]


class Names:
    """The resolver (`rvshell.script.expr.Resolver`) of a runner."""

    def __init__(self, runner: Runner, source: Source) -> None:
        self.runner = runner
        self.source = source

    def state(self, name: str) -> Any:
        if name not in STATE:
            return name  # a bare word is a text: mode == loop
        value = self.runner.state(name)
        self.runner.ctx.extras.setdefault("seen", {})[name] = value  # what `expect` reports
        return value

    def variable(self, name: str) -> Any:
        try:
            return self.runner.variable(name)
        except KeyError:
            raise ScriptError(f"the variable ${name} is not set", hint=f"set {name}=…") from None

    def mu(self, code: str) -> Any:
        value = self.runner.mu(code)
        self.runner.ctx.extras.setdefault("seen", {})[code] = value
        return value

    def substitute(self, subst: Subst) -> str:
        return self.runner.substitute(subst, self.source)
