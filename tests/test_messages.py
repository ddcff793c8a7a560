"""Messages take their parameters and let nothing through that would steer a log."""

import logging

import pytest

from zconnect.messages import Level, Sparing, audit, error, info, warning

ODD = error("TEST0002E", "The name {name} is odd.", "Rename {name}.")


def test_a_line_break_in_a_parameter_stays_in_its_line() -> None:
    """What a caller sends cannot begin another record."""
    assert str(ODD(name="a\r\nb\x1b[31m\u2028")) == "TEST0002E: The name a\\x0d\\x0ab\\x1b[31m\\u2028 is odd."


def test_the_mend_knows_the_parameters() -> None:
    """It can name what is to be changed."""
    assert ODD(name="x").action == "Rename x."


def test_levels() -> None:
    """Each maker makes its level."""
    made = [maker("TEST0003I", "t", "m").level for maker in (info, audit, warning, error)]
    assert made == [Level.INFO, Level.AUDIT, Level.WARNING, Level.ERROR]


def test_a_flood_of_messages_is_counted_and_told(caplog: pytest.LogCaptureFixture) -> None:
    """A few are written, the rest is one line when there is room again."""
    logger = logging.getLogger("zconnect.test")
    sparing = Sparing(burst=2)
    for moment in (10.0, 10.0, 10.1, 10.2, 11.5):
        sparing.log(ODD(name=moment), logger, moment)
    numbers = [record.getMessage().split(":")[0] for record in caplog.records]
    assert numbers == ["TEST0002E", "TEST0002E", "ZCON0001W", "TEST0002E"]
    assert "2 more" in caplog.text
