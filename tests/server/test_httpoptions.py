"""From attributes to the numbers that connections use."""

from datetime import timedelta

import pytest

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
        (HttpOptions(http2_connection_idle_timeout=timedelta(seconds=7)), "idle2", 7.0),
    ],
)
def test_numbers(options: HttpOptions, name: str, value: object) -> None:
    """-1 is no limit, a time of 0 is for ever."""
    limits = options.limits(MINUTE)
    assert {each: getattr(limits, each) for each in limits.__slots__}[name] == value
