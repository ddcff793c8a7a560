"""The compact form, taken apart strictly."""

import json

import pytest

from tests.trust.support import b64
from zconnect.trust.compact import MAXIMUM, Compact, TokenRefused, json_object

HEADER = b64(b'{"alg":"RS256"}')
CLAIMS = b64(b'{"sub":"alice"}')

# RFC 7515, appendix A.1, with its line breaks inside the JSON.
RFC7515_A1 = (
    "eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9"
    ".eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ"
    ".dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
)


def test_the_example_of_the_standard_is_read() -> None:
    """RFC 7515, appendix A.1: header, claims, what is signed, and the signature."""
    compact = Compact.parse(RFC7515_A1)

    assert compact.header == {"typ": "JWT", "alg": "HS256"}
    assert compact.claims == {"iss": "joe", "exp": 1300819380, "http://example.com/is_root": True}
    assert compact.signing_input == RFC7515_A1.rpartition(".")[0].encode()
    assert len(compact.signature) == 32
    assert Compact.parse(RFC7515_A1.encode()) == compact


def refused(token: bytes) -> str:
    """The number of the message with which a token is refused."""
    with pytest.raises(TokenRefused) as caught:
        Compact.parse(token)
    return caught.value.told.message.number


@pytest.mark.parametrize(
    ("origin", "token"),
    [
        ("RFC 7515, 7.1: empty", b""),
        ("RFC 7515, 7.1: two parts", HEADER + b"." + CLAIMS),
        ("RFC 7515, 7.1: four parts", HEADER + b"." + CLAIMS + b".AA.AA"),
        ("RFC 7516: encrypted", HEADER + b".AA.AA.AA.AA"),
        ("CVE-2022-39227: JSON form", b'{"payload":"' + CLAIMS + b'","protected":"' + HEADER + b'","signature":"AA"}'),
        ("empty header", b"." + CLAIMS + b".AA"),
        ("empty claims", HEADER + b"..AA"),
        ("RFC 7515, 2: padding", HEADER + b"." + b64(b'{"a":1 }') + b"=.AA"),
        ("RFC 7515, 2: padded signature", HEADER + b"." + CLAIMS + b".AA=="),
        ("standard alphabet, plus", HEADER + b"." + CLAIMS + b".A+AA"),
        ("standard alphabet, slash", HEADER + b"." + CLAIMS + b".A/AA"),
        ("blank inside", HEADER + b"." + CLAIMS + b".A AA"),
        ("line feed at the end", HEADER + b"." + CLAIMS + b".AAAA\n"),
        ("foreign character, which lax decoders skip", HEADER + b"." + CLAIMS + b".AA*AA"),
        ("not ASCII", HEADER + b"." + CLAIMS + ".AAä".encode()),
        ("impossible length", HEADER + b"." + CLAIMS + b".AAAAA"),
        ("RFC 4648, 3.5: spare bits of two characters", HEADER + b"." + CLAIMS + b".AB"),
        ("RFC 4648, 3.5: spare bits of three characters", HEADER + b"." + CLAIMS + b".AAB"),
        ("header is a list", b64(b"[]") + b"." + CLAIMS + b".AA"),
        ("header is no JSON", b64(b"{alg:RS256}") + b"." + CLAIMS + b".AA"),
        ("claims are a text", HEADER + b"." + b64(b'"sub"') + b".AA"),
        ("claims are a number", HEADER + b"." + b64(b"1") + b".AA"),
        ("claims are null", HEADER + b"." + b64(b"null") + b".AA"),
        ("text behind the claims", HEADER + b"." + b64(b"{}{}") + b".AA"),
        ("not UTF-8", HEADER + b"." + b64(b'{"sub":"\xff"}') + b".AA"),
        ("byte order mark", HEADER + b"." + b64(b"\xef\xbb\xbf{}") + b".AA"),
        ("UTF-16", HEADER + b"." + b64('{"sub":"a"}'.encode("utf-16")) + b".AA"),
        ("half a surrogate pair", HEADER + b"." + b64(b'{"sub":"\\ud800"}') + b".AA"),
        ("RFC 7515, 4: alg twice", b64(b'{"alg":"none","alg":"RS256"}') + b"." + CLAIMS + b".AA"),
        ("RFC 7519, 4: sub twice", HEADER + b"." + b64(b'{"sub":"alice","sub":"boss"}') + b".AA"),
        ("twice in a nested object", HEADER + b"." + b64(b'{"realm_access":{"roles":[],"roles":["boss"]}}') + b".AA"),
        ("twice by an escape", HEADER + b"." + b64(b'{"sub":"alice","s\\u0075b":"boss"}') + b".AA"),
        ("NaN is not JSON", HEADER + b"." + b64(b'{"exp":NaN}') + b".AA"),
        ("Infinity is not JSON", HEADER + b"." + b64(b'{"exp":Infinity}') + b".AA"),
        ("CVE-2020-10735: a number of thousands of digits", HEADER + b"." + b64(b'{"exp":' + b"9" * 5000 + b"}") + b".AA"),
        ("nested ten thousand deep", HEADER + b"." + b64(b'{"a":' + b"[" * 5000 + b"]" * 5000 + b"}") + b".AA"),
    ],
)
def test_a_token_of_another_form_is_refused(origin: str, token: bytes) -> None:
    """One token has one spelling, and two readers can never understand it differently."""
    assert refused(token) == "ZCON0311E"


def test_what_is_refused_is_not_quoted() -> None:
    """The message tells the reason without a piece of the credential."""
    with pytest.raises(TokenRefused) as caught:
        Compact.parse(HEADER + b"." + b64(b'{"secret":"hunter2"') + b".AA")

    assert "hunter2" not in str(caught.value)


def test_a_token_without_signature_is_taken_apart() -> None:
    """Liberty judges the claims before it misses the signature; verify_signature refuses it then."""
    assert Compact.parse(HEADER + b"." + CLAIMS + b".").signature == b""


def test_a_huge_token_is_refused_before_it_is_read() -> None:
    """CVE-2025-61920: what is larger than any honest token costs nothing."""
    assert refused(HEADER + b"." + b"A" * MAXIMUM + b".AA") == "ZCON0310E"


@pytest.mark.parametrize(
    ("origin", "header", "number"),
    [
        ("CVE-2025-59420: unknown extension", {"crit": ["bork"], "bork": True}, "ZCON0312E"),
        ("CVE-2026-32597: crit names a claim", {"crit": ["exp"]}, "ZCON0312E"),
        ("RFC 7515, 4.1.11: crit is empty", {"crit": []}, "ZCON0312E"),
        ("crit is a text", {"crit": "exp"}, "ZCON0312E"),
        ("crit is null", {"crit": None}, "ZCON0312E"),
        ("GHSA-w7vc-732c-9m39: payload not encoded", {"b64": False, "crit": ["b64"]}, "ZCON0312E"),
        ("RFC 7797: b64 without crit", {"b64": False}, "ZCON0312E"),
        ("Liberty: logout token", {"typ": "logout+jwt"}, "CWWKS1785E"),
        ("RFC 7515, 4.1.9: letter case and prefix do not count", {"typ": "application/Logout+JWT"}, "CWWKS1785E"),
        ("typ is no text", {"typ": ["JWT"]}, "CWWKS1785E"),
    ],
)
def test_a_header_with_a_demand_is_refused(origin: str, header: dict[str, object], number: str) -> None:
    """What a token demands to be understood and is not, refuses it."""
    assert refused(b64(json.dumps({"alg": "RS256", **header}).encode()) + b"." + CLAIMS + b".AA") == number


def test_keys_that_a_token_brings_along_are_mere_text() -> None:
    """CVE-2018-0114, CVE-2026-27962: jwk, jku, x5u and x5c are read as JSON and nobody follows them."""
    header = {"alg": "RS256", "jku": "https://evil.example", "x5u": "https://evil.example", "jwk": {"kty": "oct", "k": "AA"}, "x5c": ["AA"]}

    assert Compact.parse(b64(json.dumps(header).encode()) + b"." + CLAIMS + b".AA").header == header


def test_json_objects_of_any_language_are_read() -> None:
    """Strict does not mean ASCII."""
    assert json_object('{"name":"Jürgen \\ud83d\\ude00 \\u00e9"}'.encode()) == {"name": "Jürgen 😀 é"}
