"""TLS, tokens, ssh: against real players, with certificates made for the test."""

from __future__ import annotations

import hashlib
import json
import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import trustme

from player.network.protection import load_protection
from rvshell import Client
from rvshell.client import AsyncClient
from rvshell.client.doctor import examine
from rvshell.client.secure import Pins, Security, Token, dial_tls, find_token, prove
from rvshell.errors import ConnectionFailed, ConnectionLost, Refused, RvshellError, UsageError
from rvshell.pixels import open_image
from tests.network.strangers import stranger
from tests.network.test_permissions import admin, logged
from tests.players import Player, running_player
from tests.waiting import DEADLINE, until

SECRET = "a-secret-of-some-length"


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


def certificate(authority: trustme.CA, folder: Path, name: str = "localhost") -> tuple[str, str]:
    made = authority.issue_cert(name, "127.0.0.1")
    cert, key = folder / f"{name}.pem", folder / f"{name}.key"
    made.cert_chain_pems[0].write_to_path(cert)
    made.private_key_pem.write_to_path(key)
    return str(cert), str(key)


@pytest.fixture
def client_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "rvshell"
    folder.mkdir()
    monkeypatch.setenv("RVSHELL_CONFIG_DIR", str(folder))
    return folder


@pytest.fixture(scope="module")
def player(authority: trustme.CA, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Player]:
    """TLS with a certificate of `authority`, tokens of bob and of nobody in particular."""
    folder = tmp_path_factory.mktemp("player")
    cert, key = certificate(authority, folder)
    tokens = folder / "tokens"
    tokens.write_text(f"# who\nbob {SECRET}\n")
    tokens.chmod(0o600)
    authority.cert_pem.write_to_path(folder / "ca.pem")
    words = ("--tls-cert", cert, "--tls-key", key, "--tls-ca", str(folder / "ca.pem"))
    words = (*words, "--token-file", str(tokens), "--log-level", "debug")
    with running_player(*words, env={"PLAYER_CONFIG_DIR": str(folder)}) as made:
        yield made


def secure(player: Player, **options: object) -> Client:
    return Client.connect(
        "127.0.0.1",
        player.port,
        name="bob",
        timeout=DEADLINE,
        scheme="tls",
        **options,  # type: ignore[arg-type]
    )


def test_a_key_that_is_missing_or_another(tmp_path: Path) -> None:
    """OpenSSL says "PEM lib" to the one."""
    authority = trustme.CA()
    certificates = [authority.issue_cert("localhost") for _ in range(2)]
    cert, key = tmp_path / "cert.pem", tmp_path / "key.pem"
    certificates[0].cert_chain_pems[0].write_to_path(cert)
    certificates[1].private_key_pem.write_to_path(key)
    with pytest.raises(UsageError, match="holds no private key"):
        load_protection(str(cert), "", "", "")
    with pytest.raises(UsageError, match="not the private key of"):
        load_protection(str(cert), str(key), "", "")


# -- TLS -------------------------------------------------------------------------------


def test_an_unknown_certificate_is_refused_then_accepted_and_pinned(
    player: Player, client_folder: Path
) -> None:
    with pytest.raises(Refused, match=r"nobody vouches for .*sha256:[0-9a-f]{64}") as refused:
        secure(player)
    asked: list[str] = []

    def accept(host: str, port: int, shown: str) -> bool:
        asked.append(shown)
        return True

    with secure(player, accept=accept) as client:
        assert client.eval_mu("frame()") == "1"
        (row,) = [c for c in admin(client, "connections") if c["contact"].startswith("bob@")]
        assert row["secure"].startswith("TLS")
    assert asked[0] in str(refused.value)
    assert asked[0] in (client_folder / "known_hosts").read_text()
    with secure(player) as client:  # pinned: not asked again
        assert client.eval_mu('"x" + "' + "y" * 300_000 + '"') == f'"x{"y" * 300_000}"'
    assert len(asked) == 1


def test_a_certificate_is_trusted_by_its_fingerprint_and_no_other(
    player: Player, client_folder: Path
) -> None:
    target = f"tls://127.0.0.1:{player.port}"

    def run(*words: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "rvshell", *words], capture_output=True, text=True,
            stdin=subprocess.DEVNULL, timeout=DEADLINE,
            env={**os.environ, "RVSHELL_CONFIG_DIR": str(client_folder)},
        )  # fmt: skip

    (line,) = [x for x in player.log if "TLS with certificate" in x]
    shown = line.split()[-1]
    refused = run(target, "frame")
    assert refused.returncode == 4
    assert f"rvshell trust {target} {shown}" in refused.stderr  # what to type
    wrong = run("trust", target, "sha256:" + "1" * 64)
    assert wrong.returncode == 1 and "shows another certificate" in wrong.stderr
    assert not (client_folder / "known_hosts").exists()
    assert '"trusted": false' in run("--json", "trust", target).stdout
    assert run("trust", target, shown).returncode == 0
    assert '"trusted": true' in run("--json", "trust", target).stdout
    assert run(target, "frame").stdout == "1\n"
    # another certificate than before: not without a word of the user's
    Pins(client_folder / "known_hosts").add("127.0.0.1", player.port, "sha256:" + "0" * 64)
    changed = run(target, "frame")
    assert changed.returncode == 4 and f"rvshell trust {target} {shown}" in changed.stderr
    assert run("trust", target, shown).returncode == 0
    assert run(target, "frame").stdout == "1\n"
    assert run("trust", f"127.0.0.1:{player.port}").returncode == 2


def test_a_changed_certificate_is_refused(player: Player, client_folder: Path) -> None:
    Pins(client_folder / "known_hosts").add("127.0.0.1", player.port, "sha256:" + "0" * 64)
    with pytest.raises(Refused, match="has changed") as refused:
        secure(player, accept=lambda *_: True)
    assert "rvshell trust tls://" in refused.value.hint


def test_an_authority_vouches(player: Player, authority: trustme.CA, tmp_path: Path) -> None:
    authority.cert_pem.write_to_path(tmp_path / "ca.pem")
    cert, key = certificate(authority, tmp_path, "bobs-machine")
    security = Security(Pins(tmp_path / "pins"), ca=str(tmp_path / "ca.pem"), cert=cert, key=key)
    sock = dial_tls("127.0.0.1", player.port, DEADLINE, security)
    with Client(sock, name="carl", timeout=DEADLINE) as client:
        assert client.eval_mu("frame()") == "1"
        rows = admin(client, "connections")
        assert [r["proof"] for r in rows if r["contact"].startswith("carl@")] == [
            "certificate:unknown"  # trustme's certificates have no common name
        ]
    assert not (tmp_path / "pins").exists()


def test_plain_clients_are_served_on_the_same_port(player: Player) -> None:
    assert player.mu("frame()") == "1"


async def test_the_asyncio_client_speaks_it_too(player: Player, client_folder: Path) -> None:
    async with await AsyncClient.connect(
        "127.0.0.1", player.port, name="dave", timeout=DEADLINE, scheme="tls",
        accept=lambda *_: True,
    ) as client:  # fmt: skip
        assert await client.eval_mu("frame()") == "1"


def test_no_tls_there(client_folder: Path) -> None:
    with running_player() as plain, pytest.raises(ConnectionFailed, match="no TLS with"):
        secure(plain)


def test_a_broken_handshake_and_silence_harm_nobody(player: Player) -> None:
    for first in (b"\x16\x03\x01\x02\x00garbage" * 50, b"\x16", b""):
        with socket.create_connection(("127.0.0.1", player.port), DEADLINE) as sock:
            sock.sendall(first)
            assert player.mu("frame()") == "1"


# -- tokens ----------------------------------------------------------------------------


def proven(player: Player, name: str, secret: str) -> Client:
    sock = socket.create_connection(
        ("127.0.0.1", player.port), DEADLINE, source_address=("127.0.0.2", 0)
    )
    try:
        prove(sock, Token(name, secret), DEADLINE)
    except RvshellError:
        sock.close()
        raise
    return Client(sock, name=name, timeout=DEADLINE)


def test_a_token_lets_a_contact_in_with_its_scopes(player: Player) -> None:
    with proven(player, "bob", SECRET) as bob:
        assert bob.request("remote-eval", "function: f (int;) { return 7; } f();") == "7"
        assert "PermissionError" in bob.request("remote-pyeval", "1")
    with player.client() as local:
        (row,) = admin(local, "contacts", local=False)
        assert row["proof"] == "token:bob"
    assert not any(SECRET in line for line in player.log)


@pytest.mark.parametrize(("name", "secret"), [("bob", "wrong-secret-entirely"), ("eve", SECRET)])
def test_a_wrong_token_is_refused(player: Player, name: str, secret: str) -> None:
    with pytest.raises(Refused):
        proven(player, name, secret)


def test_a_token_over_tls_by_the_environment(
    player: Player, client_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (client_folder / "tokens").write_text(f"127.0.0.1:{player.port} bob {SECRET}\n")
    with secure(player, accept=lambda *_: True) as client:
        rows = admin(client, "connections")
        assert [r["proof"] for r in rows if r["contact"].startswith("bob@")] == ["token:bob"]
    monkeypatch.setenv("RVSHELL_TOKEN", f"bob {SECRET}-not")
    with pytest.raises(Refused, match="does not know the token"):
        secure(player)


def test_proof_or_tls_can_be_required(tmp_path: Path) -> None:
    for setting in ("network.require_proof=true", "network.require_tls=true"):
        env = {"PLAYER_CONFIG_DIR": str(tmp_path)}
        with running_player("-networkPerm", "1", "--set", setting, env=env) as player:
            with pytest.raises(ConnectionLost):
                stranger(player.port)
            logged(player, f"({setting.partition('.')[2].partition('=')[0]})")
            assert player.mu("frame()") == "1"


def test_where_tokens_come_from(tmp_path: Path) -> None:
    (tmp_path / "tokens").write_text("far:45200 ann one-secret\nfar bob other-secret\nbad line\n")
    assert find_token("far", 45200, tmp_path, {}) == Token("ann", "one-secret")
    assert find_token("far", 45124, tmp_path, {}) == Token("bob", "other-secret")
    assert find_token("near", 45124, tmp_path, {}) is None
    file = tmp_path / "mine"
    file.write_text("me my-secret\n")
    assert find_token("x", 1, tmp_path, {"RVSHELL_TOKEN_FILE": str(file)}) == Token(
        "me", "my-secret"
    )
    assert "secret" not in repr(Token("me", "my-secret"))


def test_files_that_cannot_be_used(tmp_path: Path, authority: trustme.CA) -> None:
    cert, key = certificate(authority, tmp_path)
    open_to_all = tmp_path / "open"
    open_to_all.write_text(f"bob {SECRET}\n")
    open_to_all.chmod(0o644)
    short = tmp_path / "short"
    short.write_text("bob short\n")
    short.chmod(0o600)
    for arguments, text in (
        ((cert, str(tmp_path / "none"), "", ""), "no such file"),
        ((key, key, "", ""), "TLS files"),
        (("", key, "", ""), "need --tls-cert"),
        (("", "", "", str(open_to_all)), "read by others"),
        (("", "", "", str(short)), "at least 16"),
        (("", "", "", str(tmp_path / "none")), "cannot be read"),
    ):
        with pytest.raises(UsageError, match=text) as error:
            load_protection(*arguments)
        assert SECRET not in str(error.value) + error.value.hint


# -- ssh and player to player -----------------------------------------------------------

FAKE_SSH = """\
#!{python}
# what `ssh -W host:port` does, without the encryption
import json, os, select, socket, sys
open(os.environ["FAKE_SSH_LOG"], "a").write(json.dumps(sys.argv[1:]) + "\\n")
if sys.argv[-1] == "nowhere":
    sys.exit("ssh: Could not resolve hostname nowhere: Name or service not known")
host, _, port = sys.argv[sys.argv.index("-W") + 1].rpartition(":")
try:
    far = socket.create_connection((host, int(port)))
except OSError:  # what OpenSSH says
    print("channel 0: open failed: connect failed: Connection refused", file=sys.stderr)
    sys.exit("stdio forwarding failed")
while True:
    for ready in select.select([0, far], [], [])[0]:
        data = os.read(0, 65536) if ready == 0 else far.recv(65536)
        if not data:
            sys.exit(0)
        (far.sendall if ready == 0 else lambda d: os.write(1, d))(data)
"""


@pytest.fixture
def fake_ssh(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    program, log = tmp_path / "ssh", tmp_path / "ssh.log"
    program.write_text(FAKE_SSH.format(python=sys.executable))
    program.chmod(0o755)
    monkeypatch.setenv("RVSHELL_SSH", str(program))
    monkeypatch.setenv("FAKE_SSH_LOG", str(log))
    monkeypatch.setenv("RVSHELL_CONFIG_DIR", str(tmp_path))
    return log


def test_a_tunnel_opens_and_closes_by_itself(player: Player, fake_ssh: Path) -> None:
    client = Client.connect(
        "render7", player.port, name="tunnelled", timeout=DEADLINE, scheme="ssh", user="ann",
        ssh_port=2222,
    )  # fmt: skip
    assert client.eval_mu("frame()") == "1"
    opened = client._opened
    assert opened is not None and opened._tunnel is not None
    client.close()
    assert opened._tunnel.process.poll() is not None
    assert json.loads(fake_ssh.read_text()) == [
        "-W", f"127.0.0.1:{player.port}", "-p", "2222", "--", "ann@render7",
    ]  # fmt: skip


async def test_a_tunnel_of_the_asyncio_client(player: Player, fake_ssh: Path) -> None:
    async with await AsyncClient.connect(
        "render7", player.port, timeout=DEADLINE, scheme="ssh"
    ) as client:
        assert await client.eval_mu("frame()") == "1"


@pytest.mark.parametrize("scheme", ["tls", "ssh", "token"])
def test_pixels_go_the_same_way(
    player: Player, fake_ssh: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, scheme: str
) -> None:
    """`rvshell push`, of 5 MB so that it goes in strips, and `open_image`."""
    (line,) = [x for x in player.log if "TLS with certificate" in x]
    Pins(tmp_path / "known_hosts").add("127.0.0.1", player.port, line.split()[-1])
    target = {
        "tls": f"tls://127.0.0.1:{player.port}",
        "ssh": f"ssh://ann@render7:2222/{player.port}",
        "token": f"127.0.0.1:{player.port}",
    }[scheme]
    if scheme == "token":
        monkeypatch.setenv("RVSHELL_TOKEN", f"bob {SECRET}")
    pixels = np.random.default_rng(1).integers(0, 256, (1000, 1300, 4), np.uint8)
    with open_image(f"sent-{scheme}", 1300, 1000, dtype="uint8", targets=[target]) as image:
        image.send(pixels)
        assert image.sync(DEADLINE)
        with player.client() as client:
            (row,) = [r for r in admin(client, "connections") if "push" in r["contact"]]
        assert bool(row["secure"].startswith("TLS")) == (scheme == "tls")
        assert (row["proof"] == "token:bob") == (scheme == "token")
    raw = subprocess.run(
        [sys.executable, "-m", "rvshell", target, "push", "-", "--size", "1300x1000", "--name",
         f"file-{scheme}"],
        input=pixels.tobytes(), capture_output=True, timeout=DEADLINE,
    )  # fmt: skip
    assert raw.returncode == 0, raw.stderr
    for name in (f"sent-{scheme}", f"file-{scheme}"):
        there = player.python(
            "(lambda c, h: [h.sha1(bytes(c.getByteProperty(n + '.image.1'))).hexdigest() "
            "for n in c.nodesOfType('RVImageSource') "
            f"if c.getStringProperty(n + '.media.name') == ['{name}']])"
            "(rv.commands, __import__('hashlib'))"
        )
        assert there == str([hashlib.sha1(pixels[::-1].tobytes()).hexdigest()])
    if scheme == "ssh":
        assert json.loads(fake_ssh.read_text().splitlines()[0]) == [
            "-W", f"127.0.0.1:{player.port}", "-p", "2222", "--", "ann@render7",
        ]  # fmt: skip


def test_what_ssh_says_is_told(fake_ssh: Path) -> None:
    with pytest.raises(ConnectionFailed, match="ssh to nowhere: ssh: Could not resolve"):
        Client.connect("nowhere", 45124, timeout=DEADLINE, scheme="ssh")


def test_a_tunnel_to_a_port_where_nobody_listens(fake_ssh: Path) -> None:
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))  # taken, and nobody listens
        port = sock.getsockname()[1]
        said = f"ssh to render7: port {port} there: connect failed: Connection refused"
        with pytest.raises(ConnectionFailed, match=said):
            Client.connect("render7", port, timeout=DEADLINE, scheme="ssh")
        *_, last = examine("render7", port, timeout=DEADLINE, scheme="ssh")
    assert (last.name, last.ok, last.found) == ("port", False, said)
    assert "nothing listens" in last.advice


def test_no_ssh(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("RVSHELL_SSH", str(tmp_path / "none"))
    with pytest.raises(ConnectionFailed, match="cannot start"):
        Client.connect("x", 45124, timeout=DEADLINE, scheme="ssh")


def test_a_player_dials_another_with_tls_and_a_token(
    player: Player, authority: trustme.CA, tmp_path: Path
) -> None:
    authority.cert_pem.write_to_path(tmp_path / "ca.pem")
    (tmp_path / "tokens").write_text(f"localhost bob {SECRET}\n")
    env = {"PLAYER_CONFIG_DIR": str(tmp_path), "RVSHELL_CONFIG_DIR": str(tmp_path)}
    env["SSL_CERT_FILE"] = str(tmp_path / "ca.pem")
    with (
        running_player("-networkUser", "bob", env=env) as other,
        other.client() as local,
        player.client() as there,
    ):
        admin(local, "dial", host="tls://localhost", port=player.port)

        def joined() -> bool:
            rows = admin(there, "connections")
            return any(r["proof"] == "token:bob" and r["secure"] for r in rows)

        until(joined)
        until(lambda: len(admin(local, "sync-status")["partners"]) == 1)
    assert os.environ.get("SSL_CERT_FILE") != env["SSL_CERT_FILE"]
