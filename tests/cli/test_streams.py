"""Standard streams as programs and editors leave them: closed, full, with marks of their own."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from tests.cli.test_command_line import RVSHELL
from tests.shell.harness import environment, rvshell
from tests.waiting import DEADLINE


def by_sh(how: str, *arguments: str, home: Path) -> subprocess.CompletedProcess[str]:
    """rvshell run by the system's shell: *how* is what stands around it."""
    return subprocess.run(
        ["sh", "-c", how, "sh", *RVSHELL, *arguments],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        env=environment(home, PYTHONDONTWRITEBYTECODE="1"),
        timeout=DEADLINE,
        check=False,
    )


@pytest.mark.parametrize("closed", ["<&-", ">&-", "2>&-", "<&- >&- 2>&-"])
def test_closed_streams_are_no_streams(home: Path, closed: str) -> None:
    done = by_sh(f'exec "$@" {closed}', "-c", "echo here", home=home)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == ("here\n" if ">&-" not in closed.replace("2>&-", "") else "")
    assert by_sh(f'exec "$@" {closed}', "--nosuch", home=home).returncode == 2


@pytest.mark.parametrize("arguments", [("--version",), ("help",), ("-c", "echo one; echo two")])
def test_output_that_cannot_be_written_is_an_error(home: Path, arguments: tuple[str, ...]) -> None:
    done = by_sh(f'ulimit -f 0; exec "$@" > {home}/out', *arguments, home=home)
    assert done.returncode == 1
    assert done.stderr == "rvshell: cannot write the output: File too large\n"


def test_a_locale_without_the_letters(home: Path) -> None:
    """ASCII, as of an old C locale, gets question marks, no traceback."""
    command = 'PYTHONIOENCODING=ascii exec "$@"'
    done = by_sh(command, "-c", "echo '\u25bc 1\u20136'", home=home)
    assert (done.returncode, done.stdout, done.stderr) == (0, "? 1?6\n", "")


def test_texts_of_any_editor(home: Path) -> None:
    assert rvshell(stdin="\ufeffecho a\r\necho b", home=home).stdout == "a\nb\n"
    script = home / "windows.rvs"
    script.write_bytes("\ufeffecho a\r\nif true {\r\n  echo b\r\n}\r\n".encode())
    assert rvshell("-f", str(script), home=home).stdout == "a\nb\n"
    done = rvshell("--lines", stdin="\ufeffecho a\r\n", home=home)
    assert done.stdout == '{"n": 1, "ok": true, "value": "a"}\n'
