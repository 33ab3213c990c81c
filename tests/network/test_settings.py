"""The settings: which source wins, what is refused, how the file is edited."""

from __future__ import annotations

from pathlib import Path

import pytest

from player.network.settings import KEYS, Settings, parse_permission
from rvshell.errors import CommandFailed, UsageError


def test_the_later_source_wins_and_is_named(tmp_path: Path) -> None:
    file = tmp_path / "player.toml"
    file.write_text(
        '[network]\nname = "file"\nport = 45200\nask_timeout = 5\n[sync]\nsend = ["color"]\n'
    )
    environ = {"PLAYER_NETWORK_PORT": "45300", "PLAYER_NETWORK_NAME": "env"}
    settings = Settings(tmp_path, environ=environ, flags={"network.name": "flag"})
    assert settings["network.name"] == "flag"
    assert settings.origin("network.name") == "command line"
    assert settings["network.port"] == 45300
    assert settings.origin("network.port") == "$PLAYER_NETWORK_PORT"
    assert settings["network.ask_timeout"] == 5.0
    assert settings.origin("network.ask_timeout") == str(file)
    assert settings["sync.send"] == ("color",)
    assert settings.origin("network.listen") == "default"
    assert {row["name"] for row in settings.listed()} == set(KEYS)


def test_bad_values_are_skipped_with_a_message(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "player.toml").write_text(
        '[network]\nport = 99999\nname = "a@b"\ndefault_permission = "maybe"\n'
        'scopes = ["fly"]\nask_timeout = -1\nlissten = "x"\nzeroconf = 3\n[other]\nx = 1\n'
    )
    settings = Settings(tmp_path, environ={})
    assert settings["network.port"] == 45124
    assert settings["network.default_permission"] == 0
    for text in ("99999", "no @", "maybe", "fly", "-1", "unknown setting network.lissten", "3"):
        assert text in caplog.text


@pytest.mark.parametrize("content", [b"[network", b"\xff\xfe\x00", b"network = 1\n"])
def test_a_file_that_is_no_toml_is_ignored(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "player.toml").write_bytes(content)
    assert Settings(tmp_path, environ={})["network.port"] == 45124


def test_storing_keeps_what_the_user_wrote(tmp_path: Path) -> None:
    file = tmp_path / "player.toml"
    file.write_text(
        "# mine\n[network]\nport = 1 # old\nscopes = [\n  'view',\n  'control',\n]\n\n[x]\ny=1\n"
    )
    settings = Settings(tmp_path, environ={})
    settings.store("network.port", "45200")
    settings.store("network.scopes", "view, pixels")
    settings.store("network.default_permission", "reject")
    settings.store("sync.auto", "off")
    assert file.read_text() == (
        '# mine\n[network]\nport = 45200\nscopes = ["view", "pixels"]\n'
        'default_permission = "deny"\n\n[x]\ny=1\n\n[sync]\nauto = false\n'
    )
    again = Settings(tmp_path, environ={})
    assert again["network.scopes"] == ("view", "pixels")
    assert again["network.default_permission"] == 2
    assert again["sync.auto"] is False
    settings.store("network.port", None)
    assert settings["network.port"] == 45124
    assert "port" not in file.read_text()


def test_what_cannot_be_stored_is_refused(tmp_path: Path) -> None:
    settings = Settings(tmp_path, environ={})
    with pytest.raises(UsageError, match="no setting"):
        settings.store("network.nonsense", 1)
    with pytest.raises(UsageError, match="cannot be used"):
        settings.store("network.name", "two words")
    with pytest.raises(CommandFailed):
        Settings(None).store("network.port", 1)
    (tmp_path / "player.toml").write_text("[broken")
    with pytest.raises(CommandFailed, match="cannot be written"):
        settings.store("network.port", 45200)
    assert (tmp_path / "player.toml").read_text() == "[broken"


def test_permissions_by_word_number_and_rvs_other_word() -> None:
    assert [parse_permission(w) for w in ("ask", "ALLOW", "reject", "2")] == [0, 1, 2, 2]
    with pytest.raises(UsageError):
        parse_permission("perhaps")
