"""SameSite of cookies."""

import pytest

from zconnect.server.samesite import SameSite, samesite_edit
from zconnect.values import Response


@pytest.mark.parametrize(
    ("element", "cookie", "sent"),
    [
        (SameSite(none=("*",)), b"c=v", b"c=v; Secure; SameSite=None"),
        (SameSite(none=("*",)), b"c=v; Path=/; secure", b"c=v; Path=/; secure; SameSite=None"),
        (SameSite(lax=("*",)), b"c=v; samesite=Strict", b"c=v; samesite=Strict"),
        (SameSite(lax=("c",)), b"c=v", b"c=v; SameSite=Lax"),
        (SameSite(lax=("c",)), b"d=v", b"d=v"),
        (SameSite(lax=("*",), strict=("se*",), none=("secret",)), b"secret=v", b"secret=v; Secure; SameSite=None"),
        (SameSite(lax=("*",), strict=("se*",)), b"session=v", b"session=v; SameSite=Strict"),
        (SameSite(lax=("*",), strict=("se*",)), b"other=v", b"other=v; SameSite=Lax"),
    ],
)
def test_a_cookie_gets_what_the_nearest_entry_says(element: SameSite, cookie: bytes, sent: bytes) -> None:
    """The name itself, else the longest beginning; what a cookie brings stays."""
    edit = samesite_edit(element)
    assert edit is not None
    assert edit(None, Response(200, ((b"set-cookie", cookie), (b"x", b"y")))).headers == ((b"set-cookie", sent), (b"x", b"y"))


def test_a_cookie_in_two_lists_is_in_none() -> None:
    """CWWKT0035W."""
    element = SameSite(lax=("c",), strict=("c",))
    assert samesite_edit(element) is None
    assert [each.told.message.number for each in element.mistakes()] == ["CWWKT0035W"]
    assert samesite_edit(SameSite()) is None


@pytest.mark.parametrize(
    ("element", "numbers"),
    [
        (SameSite(lax=("c", "c")), []),
        (SameSite(lax=("c*",), none=("c*",)), ["CWWKT0035W"]),
        (SameSite(lax=("c",), none=("c",), strict=("c",)), ["CWWKT0035W", "CWWKT0037W"]),
        (SameSite(lax=("a*b",)), ["CWWKT0036W"]),
        (SameSite(strict=("**",)), ["CWWKT0036W"]),
        (SameSite(lax=("*b",), strict=("*b",)), ["CWWKT0036W", "CWWKT0037W"]),
    ],
)
def test_what_counts_in_no_list(element: SameSite, numbers: list[str]) -> None:
    """The rules of HttpChannelConfig.addSameSiteAttribute: clashes, and a * that is not at the end."""
    assert [each.told.message.number for each in element.mistakes()] == numbers
    assert (samesite_edit(element) is None) == bool(numbers)
