"""The nearest known names."""

import pytest

from zconnect.config.names import SAME, distance, nearest

KNOWN = ("zosconnect_zosConnectManager", "openidConnectClient", "httpEndpoint", "authFilter", "keyStore", "ssl")
SLIPS = {
    "zconnect_zosConnectManager": "zosconnect_zosConnectManager",
    "zoscconnect_zosConnectManager": "zosconnect_zosConnectManager",
    "zosConnectManager": "zosconnect_zosConnectManager",
    "openIdConnectClient": "openidConnectClient",
    "httpendpoint": "httpEndpoint",
    "keystore": "keyStore",
    "zosconect_zosConnectManager": "zosconnect_zosConnectManager",
    "httpEndpiont": "httpEndpoint",
    "sll": "ssl",
    "openid": "openidConnectClient",
}


@pytest.mark.parametrize(("written", "meant"), SLIPS.items())
def test_slips_are_recognised(written: str, meant: str) -> None:
    """Case, prefixes, and the usual confusion about them."""
    assert nearest(written, KNOWN)[0] == meant


def test_what_is_like_nothing_is_like_nothing() -> None:
    """No suggestion is better than a wrong one, and the measure can be strict."""
    assert nearest("jdbcDriver", KNOWN) == ()
    assert nearest("audience", ("audiences",), SAME) == ("audiences",)
    assert nearest("authFilters", ("authCache",), SAME) == ()


@pytest.mark.parametrize("written", ["zoscconnect_zosConnectManager", "zconnect_zosconnectManager", "ZOS-Connect_Manager"])
def test_case_marks_and_prefixes_make_no_difference(written: str) -> None:
    """What people get wrong costs a name nothing of its likeness."""
    assert nearest(written, KNOWN, 1.0) == ("zosconnect_zosConnectManager",)


def test_what_is_taken_stands_behind_what_is_as_near() -> None:
    """An attribute that is already written is hardly meant a second time."""
    ports = ("httpPort", "httpsPort")
    assert nearest("httsPort", ports) == ports
    assert nearest("httsPort", ports, taken={"httpport"}) == ("httpsPort", "httpPort")


def test_what_is_much_farther_is_not_suggested() -> None:
    """The certain answer stands alone."""
    assert nearest("nmae", ("number", "name", "names")) == ("name", "names")


@pytest.mark.parametrize(
    ("one", "other", "apart"), [("", "ab", 2), ("ab", "ba", 1), ("kitten", "sitting", 3), ("ca", "abc", 3), ("a", "a", 0)]
)
def test_distance(one: str, other: str, apart: int) -> None:
    """Dropped, added, replaced and swapped letters count one each."""
    assert distance(one, other) == distance(other, one) == apart


def test_among_thousands_a_slip_is_still_found() -> None:
    """Where there are many names, only those within reach of one slip are compared."""
    known = [f"client-{number:05}" for number in range(20_000)]
    assert nearest("cleint-01234", known)[0] == "client-01234"
    assert nearest("somebody", known) == ()
