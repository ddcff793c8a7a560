"""Who is turned away stands in the log once a minute for each reason."""

import logging

import pytest

from zconnect.server.turnedaway import SILENT, UNREAD, TurnedAway


async def test_a_crowd_is_told_in_one_line(caplog: pytest.LogCaptureFixture) -> None:
    """The first of a reason at once, the others when the minute is over or the port is closed."""
    caplog.set_level(logging.WARNING)
    away = TurnedAway("defaultHttpEndpoint")
    for count in range(1000):
        away.add(SILENT(seconds=5), f"10.0.0.{count % 250}")
    away.add(UNREAD(seconds=5), "10.0.1.1")
    away.tell_all()
    away.tell_all()

    lines = [record.getMessage() for record in caplog.records]
    assert [line.partition(":")[0] for line in lines] == ["ZCON0838W"] * 3
    assert "turned callers away: 1 within 1 seconds, the last one 10.0.0.0. ZCON0840W" in lines[0]
    assert "10.0.1.1. ZCON0839W" in lines[1]
    assert "turned callers away: 999 within 60 seconds, the last one 10.0.0.249. ZCON0840W" in lines[2]
