"""When a log is rolled, as its attributes say it."""

from pathlib import Path

import pytest

from tests.config.vocabulary import place_at, write
from zconnect.config.load import load
from zconnect.features import VOCABULARY
from zconnect.server.endpoint import HttpEndpoint
from zconnect.server.logfiles import Rolling
from zconnect.server.rollover import RolledLog

MB = 1024 * 1024
DAY = 24 * 3600

# reference 4.3 and 4.6: without one of the two, the other is 00:00 or a day
CASES = [
    ("", Rolling(20 * MB, 2)),
    ('maxFileSize="0" maxFiles="0"', Rolling(0, 0)),
    ('rolloverInterval="90"', Rolling(20 * MB, 2, 0, 5400)),
    ('rolloverInterval="1h30m"', Rolling(20 * MB, 2, 0, 5400)),
    ('rolloverStartTime="6:30"', Rolling(20 * MB, 2, 23400, DAY)),
    ('rolloverStartTime="23:59" rolloverInterval="2d"', Rolling(20 * MB, 2, 86340, 2 * DAY)),
    ('rolloverStartTime="06:30" rolloverInterval="-1"', Rolling(20 * MB, 2, 23400, DAY)),
]


@pytest.mark.parametrize(("attributes", "expected"), CASES)
@pytest.mark.parametrize("tag", ["logging", "httpAccessLogging", "accessLogging"])
def test_when_it_is_rolled(tag: str, attributes: str, expected: Rolling, tmp_path: Path) -> None:
    """The same words mean the same for each log."""
    written = f"<{tag} {attributes}/>"
    if tag == "accessLogging":
        written = f'<httpEndpoint id="e">{written}</httpEndpoint>'
    text = f"<server>{written}</server>"
    loaded = load(place_at(write(tmp_path, {"server.xml": text})), VOCABULARY, environment={}, command_line={})
    nested = [each.access_logging for each in loaded.configuration.all(HttpEndpoint) if each.access_logging]
    found = [each.rolling for each in (*loaded.configuration.all(RolledLog), *nested) if each.tag == tag]
    assert (found, [str(problem) for problem in loaded.problems]) == ([expected], [])
