"""<ltpa>."""

from datetime import timedelta
from pathlib import Path

import pytest

from zconnect.config.location import Location
from zconnect.config.passwords import Password
from zconnect.security.authfilter import AuthFilter, RemoteAddress
from zconnect.security.ltpa import Ltpa, ValidationKeys, _check_date
from zconnect.values import Place

PLACE = Place("s", Path("/usr"), Path("/usr/servers/s"), Path("/out"), Path("/out/logs"))


def test_where_the_keys_are() -> None:
    """A relative name begins in the output directory."""
    assert Ltpa().file(PLACE) == Path("/out/resources/security/ltpa.keys")
    assert Ltpa(keys_file_name=Location("my.keys")).file(PLACE) == Path("/out/my.keys")
    assert Ltpa(keys_file_name=Location("/etc/my.keys")).file(PLACE) == Path("/etc/my.keys")


@pytest.mark.parametrize(
    ("trigger", "seconds", "watched"),
    [("polled", 0, False), ("polled", 5, True), ("mbean", 0, True), ("disabled", 5, False), ("disabled", 0, False)],
)
def test_when_a_change_counts(trigger: str, seconds: int, watched: bool) -> None:
    """updateTrigger and monitorInterval."""
    assert Ltpa(update_trigger=trigger, monitor_interval=timedelta(seconds=seconds)).watched is watched  # type: ignore[arg-type]  # the table has the words


@pytest.mark.parametrize("text", ["tomorrow", "2026-13-01T00:00:00Z", "2026-01-01T00:00:00", "2026-01-01"])
def test_a_date_that_is_none_or_has_no_zone_is_refused(text: str) -> None:
    """Keys that never end because of a slip would be accepted by absence."""
    with pytest.raises(ValueError, match=r"."):
        _check_date(text)


def test_until_when_keys_validate() -> None:
    """Without a date for ever."""
    keys = ValidationKeys(file_name="old.keys", password=Password("secret"), valid_until_date="2026-01-01T02:00:00+02:00")
    assert keys.valid_until == 1767225600
    assert ValidationKeys(file_name="old.keys", password=Password("secret")).valid_until == float("inf")
    assert "secret" not in repr(Ltpa(keys_password=Password("secret"), validation_keys=(keys,)))


def test_a_filter_without_meaning_is_a_mistake() -> None:
    """It would accept more, or nothing."""
    wrong = AuthFilter(id="f", remote_addresses=(RemoteAddress(ip="10.0.0.0/8"),))
    assert [problem.stops for problem in Ltpa(auth_filter=wrong).mistakes()] == [True]
