"""Path variables: what comes in, what goes out (player/session/paths.py)."""

from __future__ import annotations

import pytest

from player.session.paths import PathMap, sanitised

ENVIRONMENT = {
    "RV_PATHSWAP_SHOTS": "/net/shots",
    "RV_PATHSWAP_DEEP": "/net/shots/deep",
    "RV_PATHSWAP_ODD": "/net/a=b",
    "RV_OS_PATH_LINUX": "/net/shows",
    "RV_OS_PATH_OSX": "/shows",
    "RV_OS_PATH_WINDOWS": "C:\\shows\\",
    "RV_OS_PATH_LINUX_REF": "/net/reference",
    "RV_OS_PATH_OSX_REF": "/shows/ref",
    "RV_OS_PATH_WINDOWS_ALONE": "D:/alone",
}


@pytest.mark.parametrize(
    ("path", "clean"),
    [
        ("\\\\server\\share\\a.exr", "//server/share/a.exr"),
        ("/a//b/c.exr", "/a/b/c.exr"),
        ("http://host/a//b", "http://host/a/b"),
        ("/shots/", "/shots"),
        ("/", "/"),
        ("", ""),
        ("a.mov", "a.mov"),
    ],
)
def test_sanitised(path: str, clean: str) -> None:
    assert sanitised(path) == clean


@pytest.mark.parametrize(
    ("path", "here"),
    [
        ("${RV_PATHSWAP_SHOTS}/a.mov", "/net/shots/a.mov"),
        ("${RV_PATHSWAP_SHOTS}\\b\\a.mov", "/net/shots/b/a.mov"),
        ("x${RV_PATHSWAP_SHOTS}/a.mov", "x${RV_PATHSWAP_SHOTS}/a.mov"),  # only at the start
        ("${RV_PATHSWAP_ODD}/a.mov", "${RV_PATHSWAP_ODD}/a.mov"),  # a value with a further =
        ("${RV_PATHSWAP_NONE}/a.mov", "${RV_PATHSWAP_NONE}/a.mov"),
        ("/shows/sw4/a.mov", "/net/shows/sw4/a.mov"),
        ("/shows/ref/a.mov", "/net/reference/a.mov"),  # the longest
        ("/showsmore/a.mov", "/net/showsmore/a.mov"),  # plain prefixes
        ("/SHOWS/a.mov", "/SHOWS/a.mov"),
        ("c:\\Shows\\sw4\\a.mov", "/net/shows/sw4/a.mov"),
        ("D:/alone/a.mov", "D:/alone/a.mov"),  # no counterpart
        ("/net/shows/a.mov", "/net/shows/a.mov"),
    ],
)
def test_what_comes_in(path: str, here: str) -> None:
    assert PathMap(ENVIRONMENT).expand(path) == here


def test_what_goes_out() -> None:
    paths = PathMap(ENVIRONMENT)
    assert paths.restore("/net/shots/deep/a.mov") == "${RV_PATHSWAP_DEEP}/a.mov"
    assert paths.restore("/net/shots/a.mov") == "${RV_PATHSWAP_SHOTS}/a.mov"
    assert paths.restore("/net/shows/a.mov") == "/net/shows/a.mov"
    assert paths.restore("/x/net/shots/a.mov") == "/x/net/shots/a.mov"


def test_the_system_can_be_overridden() -> None:
    assert PathMap(ENVIRONMENT | {"RV_PATH_OS_OVERRIDE": "0"}).expand("/net/shows/a") == "/shows/a"
    windows = PathMap(ENVIRONMENT | {"RV_PATH_OS_OVERRIDE": "1"})
    assert windows.expand("/NET/shows/a") == "C:/shows/a"
    assert PathMap(ENVIRONMENT | {"RV_PATH_OS_OVERRIDE": "2"}).expand("/shows/a") == "/net/shows/a"


def test_the_environment_is_read_once() -> None:
    environment = dict(ENVIRONMENT)
    paths = PathMap(environment)
    environment["RV_PATHSWAP_SHOTS"] = "/elsewhere"
    assert paths.expand("${RV_PATHSWAP_SHOTS}/a") == "/net/shots/a"
