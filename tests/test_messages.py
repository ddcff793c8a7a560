"""Messages take their parameters and let nothing through that would steer a log."""

from zconnect.messages import Level, audit, error, info, warning

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
