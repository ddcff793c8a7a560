"""<mpJwt>: names and defaults of its attributes, and what is odd about it."""

from datetime import timedelta
from pathlib import Path

import pytest

from tests.config.vocabulary import place_at, write
from zconnect.config.declarations import declarations
from zconnect.config.load import load
from zconnect.errors import ConfigurationError
from zconnect.features import VOCABULARY
from zconnect.security.mpjwt import MpJwt

# Open Liberty's metatype (dev/com.ibm.ws.security.mp.jwt) and reference page; hostNameVerificationEnabled is false there.
DEFAULTS: dict[str, object] = {
    "issuer": "",
    "audiences": (),
    "jwksUri": "",
    "keyName": "",
    "signatureAlgorithm": "RS256",
    "allowedSignatureAlgorithms": ("RS256",),
    "sharedKey": None,
    "clockSkew": timedelta(minutes=5),
    "tokenAge": timedelta(0),
    "tokenReuse": True,
    "sslRef": None,
    "hostNameVerificationEnabled": True,
    "useSystemPropertiesForHttpClientConnections": False,
    "keyManagementKeyAlias": "",
    "keyManagementKeyAlgorithm": "",
    "authFilterRef": None,
    "ignoreApplicationAuthMethod": True,
    "tokenHeader": "Authorization",
    "cookieName": "Bearer",
    "authorizationHeaderScheme": "Bearer ",
    "userNameAttribute": "upn",
    "groupNameAttribute": "groups",
    "mapToUserRegistry": False,
}


def test_every_default_is_that_of_the_real_server() -> None:
    """A configuration that says nothing means the same here as there."""
    found = {each.name: getattr(MpJwt(), each.field) for each in declarations(MpJwt) if each.field != "id"}
    assert {name.removesuffix("Ref"): value for name, value in found.items()} == {
        name.removesuffix("Ref"): value for name, value in DEFAULTS.items()
    }


GOOD = 'issuer="https://i" audiences="a" jwksUri="https://i/certs"'
SECRET = 'signatureAlgorithm="HS256" sharedKey="01234567890123456789012345678901"'
MISTAKES = [
    ("", ["ZCON0545W @audiences", "ZCON0546E @issuer", "ZCON0549E"]),
    (GOOD, []),
    ('issuer="i" audiences="a" keyName="k"', []),
    (f'issuer="i" audiences="a" {SECRET}', []),
    (f'issuer="i" audiences="a" keyName="k" {SECRET.partition(" ")[0]}', ["ZCON0549E"]),
    ('issuer="i" audiences=" " keyName="k"', ["ZCON0545W @audiences"]),
    (f"{GOOD.replace('https://i/certs', 'i/certs')}", ["CWWKG0083W @jwksUri stops"]),
    (f"{GOOD.replace('https://i' + chr(34), 'a, ALL_ISSUERS' + chr(34))}", ["CWWKG0083W @issuer stops"]),
    (f'{GOOD} userNameAttribute=" "', ["CWWKG0083W @userNameAttribute stops"]),
    (f'{GOOD} tokenHeader="Cookie" cookieName=" "', ["CWWKG0083W @cookieName stops"]),
    (f'{GOOD} signatureAlgorithm="none"', ["CWWKG0032W @signatureAlgorithm stops"]),
    (f'{GOOD} signatureAlgorithm="FROM_HEADER"', ["CWWKG0032W @signatureAlgorithm stops"]),
    (f'{GOOD} tokenHeader="X-Token"', ["CWWKG0032W @tokenHeader stops"]),
]


@pytest.mark.parametrize(("attributes", "expected"), MISTAKES)
def test_what_is_odd_is_told(attributes: str, expected: list[str], tmp_path: Path) -> None:
    """What would let more callers in stops the start; what lets nobody in is told."""
    place = place_at(write(tmp_path, {"server.xml": f'<server><mpJwt id="m" {attributes}/></server>'}))
    try:
        problems = load(place, VOCABULARY, environment={}, command_line={}).problems
    except ConfigurationError as refused:
        problems = refused.problems
    paths = [each.path.rpartition("/")[2] if "@" in each.path else "" for each in problems]
    found = [f"{each.told.message.number} {path}{' stops' * each.stops}".strip() for path, each in zip(paths, problems, strict=True)]
    assert found == expected
