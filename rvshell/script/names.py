"""What conditions ask a runner for: the far end's state, variables, Mu."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

from rvshell.errors import ScriptError
from rvshell.verbs.state import STATE

if TYPE_CHECKING:
    from rvshell.script.syntax import Source, Subst
    from rvshell.verbs.context import Context

__all__ = ["Asked", "Names"]


class Asked(Protocol):
    """What is asked of a runner."""

    @property
    def ctx(self) -> Context: ...
    def state(self, name: str) -> Any: ...
    def variable(self, name: str) -> Any: ...
    def mu(self, code: str) -> Any: ...
    def substitute(self, subst: Subst, source: Source) -> str: ...


class Names:
    """The resolver (`rvshell.script.expr.Resolver`) of a runner."""

    def __init__(self, runner: Asked, source: Source) -> None:
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
