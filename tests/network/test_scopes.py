"""Every command has a scope on purpose, and nobody gets one by accident."""

from __future__ import annotations

import pytest

from player.commands import load_all
from player.network.scopes import _COMMANDS, ALL, command_scope, event_scope, parse_scopes

# What touches the machine, the network settings, or ends the player: `python`, by name, so
# that a new command is looked at before anybody of another machine may call it.
MACHINE = """
    alertPanel audioTextureComplete audioTextureID cacheDir close crash data decodePassword
    editNodeSource editProfiles encodePassword eval exportCurrentFrame
    exportCurrentSourceFrame hopProfDynName httpGet httpPost httpPut javascriptMuExport
    launchTLI loadSettingsIntoOptions logMetrics logMetricsWithProperties
    networkAccessManager openFileDialog openMediaFileDialog openUrl openUrlFromUrl
    packageListFromSetting putUrlOnClipboard remoteConnect remoteDisconnect remoteNetwork
    remoteSendDataEvent remoteSendMessage rvioSetup saveFileDialog saveSession
    sessionBottomToolBar sessionFromUrl setDisplayProfilesFromSettings setDriverAttribute
    setRemoteDefaultPermission setRemoteLocalContactName setRendererType showConsole
    showDiagnostics showNetworkDialog spoofConnectionStream updateNodeDefinition_
    validateShotgunToken watchFile writeAllNodeDefinitions writeNodeDefinition writeProfile
"""


def test_every_command_is_on_exactly_one_list() -> None:
    names = {command.name for command in load_all()}
    listed = [name for text in _COMMANDS.values() for name in text.split()]
    assert len(listed) == len(set(listed))
    assert set(listed) <= names
    assert names - set(listed) == set(MACHINE.split())


@pytest.mark.parametrize(
    ("name", "scope"),
    [("frame", "view"), ("setFrame", "control"), ("addSource", "media"), ("bind", "eval"),
     ("newImageSource", "pixels"), ("saveSession", "python"), ("unheardOf", "python")],
)  # fmt: skip
def test_scopes_of_commands(name: str, scope: str) -> None:
    assert command_scope(name) == scope


@pytest.mark.parametrize(
    ("name", "scope"),
    [("my-device", "control"), ("remote-sync-frame-changed", "control"),
     ("remote-pull-session", "view"), ("remote-push-session", "media"),
     ("remote-pyexec", "python"), ("key-down--q", "eval"), ("graph-state-change", "eval"),
     ("remote-network-stop", "eval"), ("remote-mode-toggled", "control")],
)  # fmt: skip
def test_scopes_of_events(name: str, scope: str) -> None:
    assert event_scope(name) == scope


def test_reading_scopes() -> None:
    assert parse_scopes(["all"]) == ALL
    assert parse_scopes(["View ", "", "default"]) >= {"view", "media"}
    with pytest.raises(ValueError, match="'fly' is no scope"):
        parse_scopes(["fly"])
