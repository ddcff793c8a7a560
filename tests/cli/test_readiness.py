"""The ready sign."""

import os
import socket
from pathlib import Path

import pytest

from zconnect.cli.readiness import MANAGER, VARIABLE, Heard, heard, sign_from


def test_what_the_server_says_is_heard() -> None:
    """Both words, with their lines."""
    reading, writing = os.pipe()
    sign_from({VARIABLE: str(writing)}).ready(["CWWKO0221E: taken"])
    assert heard(reading) == Heard(ready=True, failed=False, lines=("CWWKO0221E: taken",))
    reading, writing = os.pipe()
    sign_from({VARIABLE: str(writing)}).failed(["one", "two"])
    assert heard(reading) == Heard(ready=False, failed=True, lines=("one", "two"))


def test_a_server_that_dies_says_neither() -> None:
    """The end of the pipe is the sign of that."""
    reading, writing = os.pipe()
    os.close(writing)
    assert heard(reading) == Heard(ready=False, failed=False, lines=())


def test_nobody_waits_for_a_server_in_the_foreground(monkeypatch: pytest.MonkeyPatch) -> None:
    """The sign goes nowhere then, and is no failure; the variable is not left for children."""
    monkeypatch.setenv(VARIABLE, "nonsense")
    sign = sign_from(dict(os.environ))
    sign.ready([])
    assert sign.pipe is None
    assert VARIABLE not in os.environ


@pytest.mark.parametrize("abstract", [False, True])
def test_systemd_is_told(tmp_path: Path, abstract: bool) -> None:
    """By a datagram (sd_notify); once nobody listens any more that is no failure."""
    address = f"@zconnect-{os.getpid()}" if abstract else str(tmp_path / "notify")
    sign = sign_from({MANAGER: address})
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.bind(address.replace("@", "\0"))
        manager.settimeout(5)
        sign.ready([])
        assert manager.recv(100) == b"READY=1"
    sign.ready([])
