# mypy: disable-error-code="no-untyped-def, no-untyped-call"
"""``rv.rvui``: where remote Python is evaluated, and a few helpers for modes.

The texts of remote-pyeval and remote-pyexec see this module's globals and the function's locals:
``rv`` and ``event`` are there, assignments are gone afterwards, and what is put into
``globals()`` stays for everybody (Open RV, ``py_rvui/rv/rvui.py``). That is why nothing is
imported here that scripts must not see, and why there are no annotations.
"""

import rv  # type: ignore[import-not-found]
import rv.commands  # type: ignore[import-not-found]
import rv.rvtypes  # type: ignore[import-not-found]

__all__ = [
    "globalBindList",
    "modeActivate",
    "modeActive",
    "modeDeactivate",
    "modeDrawOnEmpty",
    "modeDrawOnPresentation",
    "modeName",
    "modeRender",
    "modeStatus",
    "newStateObject",
    "remotePyEval",
    "remotePyExec",
]


def remotePyEval(event):
    """Evaluate an expression; the answer is its ``str``, or the error."""
    try:
        answer = eval(event.contents())
        if answer is None:
            return
        event.setReturnContent(str(answer))
    except Exception as error:
        event.setReturnContent(f"{type(error)}: {error}")


def remotePyExec(event):
    """Execute statements; nothing is answered."""
    exec(event.contents())


def globalBindList(bindings):
    """Bind (event, function, documentation) triples in the global table."""
    for event, func, doc in bindings:
        rv.commands.bind("default", "global", event, func, doc)


def newStateObject():
    return rv.rvtypes.State()


def modeStatus(mode):
    return mode._active


def modeActive(mode):
    return mode._active


def modeDrawOnEmpty(mode):
    return mode._drawOnEmpty


def modeDrawOnPresentation(mode):
    return mode._drawOnPresentation


def modeName(mode):
    return mode._modeName


def modeActivate(mode):
    mode.activate()


def modeDeactivate(mode):
    mode.deactivate()


def modeRender(mode, event):
    mode.render(event)
