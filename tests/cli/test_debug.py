"""server debug."""

import pytest

from tests.cli.home import Home
from zconnect.cli.action import Exit


def test_a_server_that_does_not_exist(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    """It fails as `run` does, since it is one."""
    monkeypatch.delenv("PYTHONASYNCIODEBUG", raising=False)
    done = home.server("debug", "s1")
    assert (done.code, done.numbers) == (Exit.LOCATION, ["CWWKE0005E", "CWWKE0010E"])
