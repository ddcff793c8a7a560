"""The single sign-on cookie on the wire."""

from pathlib import Path
from typing import Any

import pytest

from zconnect.config.configuration import Configuration
from zconnect.security.oidc import OpenidConnectClient
from zconnect.security.ssocookie import SsoCookie, cookie_name
from zconnect.security.webappsecurity import WebAppSecurity
from zconnect.values import Place

from .support import request


def cookie(name: str = "LtpaToken2", **settings: Any) -> SsoCookie:
    return SsoCookie(WebAppSecurity(**settings), name)


FOUND = [
    ("LtpaToken2", False, ["LtpaToken2=a"], (b"LtpaToken2", [b"a"])),
    ("LtpaToken2", False, ["ltpatoken2=a; x=y"], (b"LtpaToken2", [b"a"])),
    ("LtpaToken2", False, ['x=y;LtpaToken2="a=="'], (b"LtpaToken2", [b"a=="])),
    ("LtpaToken2", False, ["LtpaToken2=a; LtpaToken2=b", "LtpaToken2=c"], (b"LtpaToken2", [b"a", b"b", b"c"])),
    ("LtpaToken2", False, ["LtpaToken=a; XLtpaToken2=b; LtpaToken2x=c"], (b"", [])),
    ("LtpaToken2", False, ["LtpaToken2="], (b"LtpaToken2", [b""])),
    ("LtpaToken2", False, ["; ;=;LtpaToken2"], (b"LtpaToken2", [b""])),
    ("LtpaToken2", False, [], (b"", [])),
    ("LtpaToken2", False, ["LtpaToken2=a; " * 20], (b"LtpaToken2", [b"a"] * 8)),
    ("MySSO", False, ["LtpaToken2=a; MySSO=b"], (b"MySSO", [b"b"])),
    ("MySSO", False, ["LtpaToken2=a"], (b"LtpaToken2", [b"a"])),
    ("MySSO", True, ["LtpaToken2=a"], (b"", [])),
]


@pytest.mark.parametrize(("name", "only", "headers", "expected"), FOUND)
def test_how_it_is_found(name: str, only: bool, headers: list[str], expected: tuple[bytes, list[bytes]]) -> None:
    """Recorded cases 10 and 12."""
    asked = request(headers=tuple(("Cookie", value) for value in headers))
    assert cookie(name, use_only_custom_cookie_name=only).found(asked) == expected


SET: list[tuple[dict[str, Any], str, str | None]] = [
    ({}, "https", "; Path=/; HttpOnly"),
    ({}, "http", "; Path=/; HttpOnly"),
    ({"http_only_cookies": False}, "https", "; Path=/"),
    ({"sso_requires_ssl": True}, "https", "; Path=/; Secure; HttpOnly"),
    ({"sso_requires_ssl": True}, "http", None),
    ({"single_signon_enabled": False}, "https", None),
    ({"same_site_cookie": "Lax"}, "https", "; Path=/; HttpOnly; SameSite=Lax"),
    ({"same_site_cookie": "None"}, "http", "; Path=/; Secure; HttpOnly; SameSite=None"),
    ({"same_site_cookie": "None", "partitioned_cookie": "true"}, "https", "; Path=/; Secure; HttpOnly; SameSite=None; Partitioned"),
    ({"same_site_cookie": "Strict", "partitioned_cookie": "true"}, "https", "; Path=/; HttpOnly; SameSite=Strict"),
]


@pytest.mark.parametrize(("settings", "scheme", "expected"), SET)
def test_how_it_is_set(settings: dict[str, Any], scheme: str, expected: str | None) -> None:
    """Reference 5.5, recorded cases 01 and 14."""
    fields = cookie(**settings).set(request(scheme=scheme), b"token")
    assert fields == (() if expected is None else ((b"set-cookie", f"LtpaToken2=token{expected}".encode()),))


DOMAINS = [
    ("localhost:9443", None),
    ("127.0.0.1:9443", None),
    ("[::1]:9443", None),
    ("", None),
    ("www.example.com", "example.com"),
    ("a.corp.example:9443", ".corp.example"),
    ("a.b.example.com", "example.com"),
    ("example.com", "example.com"),
    ("www.other.test", ".other.test"),
    ("WWW.EXAMPLE.COM", ".example.com"),
    ("www.notexample.com", ".notexample.com"),  # Liberty: example.com
]


@pytest.mark.parametrize(("authority", "domain"), DOMAINS)
def test_for_which_domain(authority: str, domain: str | None) -> None:
    """Recorded case 14; labels are compared, not ends of text."""
    settings: dict[str, Any] = {"sso_domain_names": "example.com| .corp.example", "sso_use_domain_from_url": True}
    asked = request(authority=authority)
    ((_, value),) = cookie(**settings).set(asked, b"t")
    assert (f"; Domain={domain}".encode() in value) if domain else (b"Domain" not in value)
    assert (f"; Domain={domain}".encode() in cookie(**settings).taken_back(asked, b"X")[1]) is (domain is not None)
    if domain in ("example.com", ".corp.example"):
        assert cookie(sso_domain_names=settings["sso_domain_names"]).set(asked, b"t") == ((b"set-cookie", value),)


def test_how_it_is_taken_back() -> None:
    """Recorded case 10: always Secure and HttpOnly, ended in 1994."""
    expected = b"X=; Expires=Thu, 01 Dec 1994 16:00:00 GMT; Path=/; Secure; HttpOnly"
    assert cookie().taken_back(request(), b"X") == (b"set-cookie", expected)
    assert cookie(http_only_cookies=False).taken_back(request(), b"X") == (b"set-cookie", expected)


def test_its_name() -> None:
    """Beside OpenID Connect it is this server's own, unless another is given (recorded case 37)."""
    place = Place("s", *[Path("/u")] * 4)
    client = OpenidConnectClient(id="c")
    assert cookie_name(Configuration([]), place) == "LtpaToken2"
    own = cookie_name(Configuration([client]), place)
    assert own[:5] in ("WAS_n", "WAS_p")
    assert own[5:].isdigit()
    assert cookie_name(Configuration([], features=["openidConnectClient-1.0"]), place) == own
    assert cookie_name(Configuration([client]), Place("other", *[Path("/u")] * 4)) != own
    assert cookie_name(Configuration([client, WebAppSecurity(sso_cookie_name="MySSO")]), place) == "MySSO"
