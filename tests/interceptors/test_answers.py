"""What the caller of a refused request is told."""

import pytest

from zconnect.errors import Refused
from zconnect.interceptors.answers import completed, page
from zconnect.values import Kind, Resource

JSON = ((b"content-type", b"application/json"),)
HTML = ((b"content-type", b"text/html; charset=UTF-8"),)
CHALLENGE = ((b"www-authenticate", b"Basic"),)


@pytest.mark.parametrize(
    ("refusal", "kind", "expected"),
    [
        (Refused(403, "BAQR0409W: alice"), Kind.API, (403, JSON, b'{"errorMessage": "BAQR0409W: Forbidden"}')),
        (Refused(403, "alice may not"), Kind.SERVICE, (403, JSON, b'{"errorMessage": "Forbidden"}')),
        (Refused(418, "x"), Kind.API, (418, JSON, b'{"errorMessage": "I&#x27;m a Teapot"}')),
        (Refused(599, "x"), Kind.UNKNOWN, (599, JSON, b'{"errorMessage": "Status 599"}')),
        (
            Refused(405, "x", headers=((b"allow", b"PUT"),)),
            Kind.API,
            (405, ((b"allow", b"PUT"), *JSON), b'{"errorMessage": "Method Not Allowed"}'),
        ),
        (Refused(403, "x", body=b"own"), Kind.API, (403, (), b"own")),
        (Refused(401, "x", headers=CHALLENGE), Kind.API, (401, CHALLENGE, b"")),
        (Refused(302, "x", headers=((b"location", b"/"),)), Kind.API, (302, ((b"location", b"/"),), b"")),
        (Refused(403, "x"), Kind.APPLICATION, (403, (), b"")),
        (
            Refused(503, "secret"),
            Kind.APPLICATION,
            (503, HTML, page("Error 503: Service Unavailable", "The application could not answer.").encode()),
        ),
    ],
    ids=["numbered", "plain", "escaped", "unheard-of", "headers", "own-body", "challenge", "redirect", "application", "application-fails"],
)
def test_a_refusal_says_something_where_it_says_nothing_itself(refusal: Refused, kind: Kind, expected: object) -> None:
    """zosconnect.md, 4.5: errorMessage, with entities for characters of HTML; a failing application has a page, as in Liberty."""
    assert completed(refusal, Resource(kind, "x")).response == expected
