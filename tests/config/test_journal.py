"""What is found, and how much of it."""

import pytest

from zconnect.config.journal import MOST, Journal
from zconnect.errors import ConfigurationError, Problem
from zconnect.messages import audit, warning

NOTICE, PROBLEM = Problem(audit("CWWKG0028A", "x")()), Problem(warning("ZCON0121W", "x", "y")())


def test_notices_are_not_counted() -> None:
    """Problems are, whichever way they come."""
    journal = Journal()
    journal.extend([NOTICE] * MOST * 2)
    journal += [PROBLEM] * (MOST - 1)
    journal.append(PROBLEM)

    assert len(journal) == 3 * MOST
    with pytest.raises(ConfigurationError) as refusal:
        journal.append(PROBLEM)
    assert len(refusal.value.problems) == MOST + 1
    assert [each.told.message.number for each in refusal.value.problems if each.stops] == ["ZCON0139E"]
