"""The nearest known names."""

import pytest

from zconnect.config.names import SAME, nearest

KNOWN = ("zosconnect_zosConnectManager", "openidConnectClient", "httpEndpoint", "authFilter", "keyStore", "ssl")
SLIPS = {
    "zconnect_zosConnectManager": "zosconnect_zosConnectManager",
    "zoscconnect_zosConnectManager": "zosconnect_zosConnectManager",
    "zosConnectManager": "zosconnect_zosConnectManager",
    "openIdConnectClient": "openidConnectClient",
    "httpendpoint": "httpEndpoint",
    "keystore": "keyStore",
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
