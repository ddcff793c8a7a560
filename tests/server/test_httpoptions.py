"""From attributes to the numbers that connections use."""

from datetime import timedelta
from pathlib import Path

import pytest

from tests.config.vocabulary import place_at, write
from zconnect.config.load import load
from zconnect.features import VOCABULARY
from zconnect.server.httpoptions import FOR_EVER, HttpOptions, Limits

MINUTE = timedelta(minutes=1)


def test_the_defaults_agree() -> None:
    """An element that nobody wrote and limits that nobody set are the same."""
    assert HttpOptions().limits(MINUTE) == Limits(idle2=30.0)


@pytest.mark.parametrize(
    ("options", "name", "value"),
    [
        (HttpOptions(max_keep_alive_requests=-1), "requests", None),
        (HttpOptions(max_keep_alive_requests=0), "requests", 1),
        (HttpOptions(max_keep_alive_requests=7), "requests", 7),
        (HttpOptions(message_size_limit=-1), "message", None),
        (HttpOptions(message_size_limit=0), "message", 0),
        (HttpOptions(read_timeout=timedelta(0)), "read", FOR_EVER),
        (HttpOptions(persist_timeout=timedelta(seconds=5)), "idle", 5.0),
        (HttpOptions(persist_timeout=timedelta(seconds=5)), "idle2", 5.0),
    ],
)
def test_numbers(options: HttpOptions, name: str, value: object) -> None:
    """-1 is no limit, a time of 0 is for ever."""
    limits = options.limits(MINUTE)
    assert {each: getattr(limits, each) for each in limits._fields}[name] == value


def written(folder: Path, attributes: str) -> HttpOptions:
    """The element as a document has it."""
    place = place_at(write(folder, {"server.xml": f'<server><httpOptions id="o" {attributes}/></server>'}))
    options = load(place, VOCABULARY, environment={}, command_line={}).configuration.get(HttpOptions, "o")
    assert options is not None
    return options


@pytest.mark.parametrize(
    ("attributes", "seconds"),
    [
        ('http2ConnectionIdleTimeout="7"', 7.0),
        ('http2ConnectionIdleTimeout="0"', FOR_EVER),
        ('http2connectionidletimeout="0s" persistTimeout="5s"', FOR_EVER),
        ('persistTimeout="5s"', 5.0),
        ('persistTimeout="0"', FOR_EVER),
        ("", 30.0),
    ],
)
def test_how_long_a_connection_of_http2_may_be_idle(tmp_path: Path, attributes: str, seconds: float) -> None:
    """0 is off, as in Liberty; where nobody says anything, such a connection does not stay for ever (SECURITY.md, row 116)."""
    assert written(tmp_path, attributes).limits(MINUTE).idle2 == seconds
