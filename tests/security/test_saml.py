"""The element samlWebSso20: what it takes, what stops a start, what has no effect."""

from pathlib import Path

import pytest

from tests.config.vocabulary import place_at, told, write
from zconnect.config.load import load
from zconnect.errors import ConfigurationError
from zconnect.features import VOCABULARY
from zconnect.security.saml import SamlWebSso20

REQUIRED = 'id="s" inboundPropagation="required" audiences="a"'


def problems(folder: Path, attributes: str, inner: str = "") -> list[str]:
    write(folder, {"server.xml": f"<server><samlWebSso20 {attributes}>{inner}</samlWebSso20></server>"})
    try:
        found = load(place_at(folder), VOCABULARY, environment={}, command_line={}).problems
    except ConfigurationError as refused:
        found = refused.problems
    return [line.split(" ")[1] + (" stops" if " stops" in line else "") for line in told(found)]


@pytest.mark.parametrize(
    ("attributes", "inner", "expected"),
    [
        (REQUIRED, "", []),
        ('id="s"', "", ["ZCON0515W"]),
        ('id="s" enabled="false"', "", []),
        ('id="s" idpMetadata="idp.xml"', "", ["ZCON0515W"]),
        (f'{REQUIRED} idpMetadata="idp.xml"', "", ["CWWKS5207W"]),
        ('id="s" inboundPropagation="required"', "", ["ZCON0517W"]),
        (f'{REQUIRED} wantAssertionsSigned="false"', "", ["ZCON0513E stops"]),
        (f'{REQUIRED} mapToUserRegistry="Group"', "", ["ZCON0514E stops"]),
        (f'{REQUIRED} mapToUserRegistry="Usr"', "", ["CWWKG0032W stops"]),
        (f'{REQUIRED} signatureMethodAlgorithm="SHA1"', "", ["ZCON0516W"]),
        (f'{REQUIRED} clockSkew="5x"', "", ["CWWKG0075E stops"]),
        (f'{REQUIRED} spLogout="true" includeTokenInSubject="false" keyAlias="k"', "", ["ZCON0124I"] * 3),
        (REQUIRED, '<pkixTrustEngine trustAnchor="none"/>', ["CWWKG0033W stops"]),
        (REQUIRED, "<pkixTrustEngine><x509Certificate/></pkixTrustEngine>", ["CWWKG0058E stops"]),
        (REQUIRED, '<authFilter><requestUrl urlPattern=""/></authFilter>', ["ZCON0401E stops"]),
    ],
)
def test_what_is_told(tmp_path: Path, attributes: str, inner: str, expected: list[str]) -> None:
    """Each thing that would let callers in without proof stops the start; what has no effect says so."""
    assert problems(tmp_path, attributes, inner) == expected


def test_defaults_are_those_of_liberty() -> None:
    """Reference 6; tokenReuse is ours."""
    made = SamlWebSso20(id="s")
    assert (made.inbound_propagation, made.header_name, made.audiences) == ("none", ("Saml", "saml", "SAML"), ("ANY",))
    assert (made.realm_identifier, made.map_to_user_registry, made.disable_ltpa_cookie) == ("issuer", "No", True)
    assert not made.in_force
