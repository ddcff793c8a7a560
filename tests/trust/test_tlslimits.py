"""Protocols and cipher suites."""

import ssl
from dataclasses import replace

import pytest

from zconnect.errors import Unavailable
from zconnect.trust.tls import Ssl
from zconnect.trust.tlslimits import flaws, known_protocols, limit

V12, V13 = ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3
GCM = "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256"


def limited(**attributes: object) -> ssl.SSLContext:
    """A context within the limits of an element with these attributes."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    limit(context, replace(Ssl(id="s"), **attributes))  # type: ignore[arg-type]
    return context


@pytest.mark.parametrize(
    ("attributes", "versions"),
    [
        ({}, (V12, V13)),
        ({"ssl_protocol": "TLS"}, (V12, V13)),
        ({"ssl_protocol": "TLSv1.2"}, (V12, V12)),
        ({"ssl_protocol": "TLSv1.3"}, (V13, V13)),
        ({"ssl_protocol": "TLSv1.3, TLSv1.2"}, (V12, V13)),
        ({"ssl_protocol": "TLSv1,TLSv1.1,TLSv1.2"}, (V12, V12)),
        ({"enabled_ciphers": GCM}, (V12, V12)),
        ({"enabled_ciphers": "TLS_AES_128_GCM_SHA256"}, (V13, V13)),
        ({"enabled_ciphers": f"{GCM} TLS_AES_128_GCM_SHA256"}, (V12, V13)),
    ],
)
def test_only_named_protocols_are_spoken(attributes: dict[str, object], versions: tuple[ssl.TLSVersion, ssl.TLSVersion]) -> None:
    """TLS 1.2 and 1.3 by default, never older; no protocol without one of its suites, as in Java."""
    context = limited(**attributes)

    assert (context.minimum_version, context.maximum_version) == versions


@pytest.mark.parametrize("level", ["HIGH", "CUSTOM"])
def test_by_default_every_suite_has_forward_secrecy_and_authenticated_encryption(level: str) -> None:
    """No CBC, no key exchange by RSA, at any level."""
    names = {each["name"] for each in limited(security_level=level).get_ciphers() if each["protocol"] != "TLSv1.3"}

    assert names
    assert all(name.startswith("ECDHE-") and ("GCM" in name or "CHACHA20" in name) for name in names)


def test_named_suites_are_the_ones() -> None:
    """What enabledCiphers names counts, also where it is old; blanks or commas are between them."""
    context = limited(enabled_ciphers=f"SSL_RSA_WITH_AES_128_CBC_SHA256 {GCM},UNHEARD_OF")

    assert [each["name"] for each in context.get_ciphers() if each["protocol"] != "TLSv1.3"] == [
        "AES128-SHA256",
        "ECDHE-RSA-AES128-GCM-SHA256",
    ]


@pytest.mark.parametrize(
    ("attributes", "number"),
    [
        ({"ssl_protocol": "TLSv1,TLSv1.1"}, "ZCON0372E"),
        ({"security_level": "MEDIUM"}, "ZCON0376E"),
        ({"security_level": "LOW"}, "ZCON0376E"),
        ({"enabled_ciphers": "UNHEARD_OF"}, "ZCON0373E"),
        ({"enabled_ciphers": "TLS_RSA_WITH_3DES_EDE_CBC_SHA"}, "ZCON0373E"),
        ({"enabled_ciphers": GCM, "ssl_protocol": "TLSv1.3"}, "ZCON0373E"),
        ({"enabled_ciphers": "TLS_AES_128_GCM_SHA256", "ssl_protocol": "TLSv1.2"}, "ZCON0373E"),
    ],
)
def test_where_nothing_is_left_nothing_is_served(attributes: dict[str, object], number: str) -> None:
    """A choice that cannot be met is refused, not widened."""
    with pytest.raises(Unavailable, match=number):
        limited(**attributes)


@pytest.mark.parametrize(
    ("attributes", "number"),
    [
        ({"ssl_protocol": "TLSv1.1,TLSv1.2"}, "CWPKI0832E"),
        ({"enabled_ciphers": f"{GCM} UNHEARD_OF"}, "ZCON0374W"),
        ({"enabled_ciphers": f"{GCM} TLS_AES_128_GCM_SHA256"}, "ZCON0375W"),
    ],
)
def test_what_is_not_done_as_written_is_told(attributes: dict[str, object], number: str) -> None:
    """Each with its message."""
    limited(**attributes)

    assert [flaw.told.message.number for flaw in flaws(replace(Ssl(id="s"), **attributes))] == [number]  # type: ignore[arg-type]


@pytest.mark.parametrize("enforce", [True, False])
def test_the_order_of_suites_is_the_servers_if_wanted(enforce: bool) -> None:
    """enforceCipherOrder, and never a renegotiation."""
    options = limited(enforce_cipher_order=enforce).options

    assert bool(options & ssl.OP_CIPHER_SERVER_PREFERENCE) is enforce
    assert options & ssl.OP_NO_RENEGOTIATION


@pytest.mark.parametrize("text", ["TLSv1.4", "TLSv1.2;TLSv1.3", "tlsv1.2", "SSL_TLSv2"])
def test_an_unknown_protocol_is_a_mistake(text: str) -> None:
    """It stops the start instead of becoming another."""
    known_protocols("TLSv1.2, TLSv1.3")
    with pytest.raises(ValueError, match="no protocol"):
        known_protocols(text)
