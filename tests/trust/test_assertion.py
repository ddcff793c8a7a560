"""What an assertion says, and whether it holds (SAML Core, SAML Profiles; recorded case 90)."""

import re
from collections.abc import Mapping
from typing import Any

import pytest

from tests.trust import saml
from zconnect.trust.assertion import Assertion, AssertionRefused, Rules, accepted
from zconnect.trust.signedxml import Signers

RULES = Rules(Signers((saml.CERTIFICATE,)), frozenset({saml.ISSUER}), frozenset({saml.AUDIENCE}), 300, 256)


def judged(made: Any, rules: Rules = RULES) -> Assertion | str:
    """What is read, or the number of the message."""
    try:
        return accepted(made if isinstance(made, bytes) else saml.text(made), rules, saml.NOW)
    except AssertionRefused as refused:
        return refused.told.message.number


def test_what_a_good_one_says() -> None:
    """Names, attributes with all their values, and when it ends: the first of its ends, and the skew."""
    made = saml.assertion(attributes={"groups": ["a", "b"], "mail": ["x@y"]}, session=60, conditions=["OneTimeUse"])
    found = judged(saml.signed(made))
    assert isinstance(found, Assertion)
    assert re.fullmatch("[0-9a-f]{64}", found.digest)
    assert found == Assertion(
        "_a1", found.digest, saml.ISSUER, "alice", {"groups": ("a", "b"), "mail": ("x@y",)}, once=True, expires=saml.NOW + 360
    )


BEARER = ("bearer", None, 600.0)
LIMITS: list[tuple[Mapping[str, Any], str]] = [
    ({"end": -299}, ""),
    ({"end": -300}, "CWWKS5058E"),
    ({"start": 300}, ""),
    ({"start": 301}, "CWWKS5057E"),
    ({"confirmation": [("bearer", None, -299)]}, ""),
    ({"confirmation": [("bearer", None, -300)]}, "CWWKS5053E"),
    ({"confirmation": [("bearer", -10, 600)]}, "CWWKS5051E"),
    ({"confirmation": [("bearer", None, None)]}, "CWWKS5050E"),
    ({"confirmation": [("holder-of-key", None, 600)]}, "CWWKS5065E"),
    ({"confirmation": [("holder-of-key", None, 600), BEARER]}, ""),
    ({"confirmation": [("bearer", -10, 600), BEARER]}, ""),
    ({"confirmation": []}, "CWWKS5065E"),
    ({"without": ["SubjectConfirmationData"]}, "CWWKS5050E"),
    ({"session": -299}, ""),
    ({"session": -300}, "CWWKS5062E"),
    ({"audiences": [["https://other", saml.AUDIENCE]]}, ""),
    ({"audiences": [["https://other"]]}, "CWWKS5060E"),
    ({"audiences": [[saml.AUDIENCE], ["https://other"]]}, "CWWKS5060E"),
    ({"audiences": [[saml.AUDIENCE.upper()]]}, "CWWKS5060E"),
    ({"audiences": [[]]}, "CWWKS5060E"),
    ({"audiences": []}, "CWWKS5050E"),
    ({"issuer": "https://other"}, "CWWKS5045E"),
    ({"issuer": saml.ISSUER + " "}, "CWWKS5045E"),
    ({"without": ["Subject"]}, "CWWKS5050E"),
    ({"without": ["NameID"]}, "CWWKS5050E"),
    ({"without": ["Conditions"]}, "CWWKS5050E"),
    ({"without": ["AuthnStatement"]}, "CWWKS5050E"),
    ({"conditions": ["ProxyRestriction"]}, ""),
    ({"conditions": ["Condition"]}, "ZCON0493E"),
]


@pytest.mark.parametrize(("changes", "number"), LIMITS, ids=str)
def test_limits(changes: Mapping[str, Any], number: str) -> None:
    """Each at its limit and beyond; the skew is five minutes."""
    found = judged(saml.signed(saml.assertion(**changes)))
    assert (found if isinstance(found, str) else "") == number


@pytest.mark.parametrize("audiences", [frozenset(), frozenset({"ANY"})])
def test_any_audience(audiences: frozenset[str]) -> None:
    """As samlWebSso20 has it by default."""
    rules = RULES._replace(audiences=audiences, issuers=frozenset())
    for given in ([["https://other"]], []):
        assert isinstance(judged(saml.signed(saml.assertion(audiences=given, issuer="https://other")), rules), Assertion)


def _changed(old: str, new: str) -> Any:
    """Signed after a change of the text, so that only what it says can be wrong."""
    from lxml import etree

    return saml.signed(etree.fromstring(saml.text(saml.assertion()).decode().replace(old, new)))


@pytest.mark.parametrize(
    ("made", "number"),
    [
        (lambda: saml.assertion(), "CWWKS5048E"),
        (lambda: saml.signed(saml.assertion(), saml.STRANGER), "CWWKS5049E"),
        (lambda: saml.wrapped("both in one response"), "CWWKS5085E"),
        (lambda: saml.wrapped("signed one as the last child"), "CWWKS5085E"),
        (lambda: saml.wrapped("another subject beside"), "CWWKS5049E"),
        (lambda: b"<a/>", "CWWKS5085E"),
        (lambda: b"text", "CWWKS5007E"),
        (lambda: f'<EncryptedAssertion xmlns="{saml.SAML}"/>'.encode(), "ZCON0492E"),
        (lambda: saml.signed(saml.assertion(conditions=["EncryptedID"])), "ZCON0492E"),
        (
            lambda: _changed("<saml:NameID>alice</saml:NameID>", "<saml:NameID>alice</saml:NameID><saml:NameID>bob</saml:NameID>"),
            "CWWKS5050E",
        ),
        (lambda: _changed("<saml:AuthnStatement", "<x:Subject xmlns:x='urn:x'>mallory</x:Subject><saml:AuthnStatement"), ""),
        (lambda: _changed(saml.stamp(-30), "yesterday"), "CWWKS5050E"),
        (lambda: _changed(saml.stamp(-30), saml.stamp(-30).rstrip("Z")), "CWWKS5050E"),
    ],
)
def test_shapes(made: Any, number: str) -> None:
    """What is no assertion, more than one, encrypted, or says something twice; foreign namespaces say nothing."""
    found = judged(made())
    assert (found if isinstance(found, str) else "") == number


@pytest.mark.parametrize(
    ("inner", "name"), [("al<x/>ice", ""), ("al<?x y?>ice", ""), ("al<!-- x -->ice", "alice"), ("al<![CDATA[ice]]>", "alice")]
)
def test_cve_2017_11427_a_name_is_the_whole_text(inner: str, name: str) -> None:
    """Never a part of it: what has more than text has none."""
    found = judged(_changed(">alice<", f">{inner}<"))
    assert isinstance(found, Assertion)
    assert found.name == name
