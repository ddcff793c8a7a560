"""SAML 2.0 assertions (SAML Core): what a signed one says, and whether it holds here and now."""

from collections.abc import Collection, Iterator, Mapping
from datetime import datetime
from hashlib import sha256
from typing import TYPE_CHECKING, Final, NamedTuple

from zconnect.messages import Told, error
from zconnect.trust.signedxml import BadSignature, NotSigned, Signers, canonical, parsed, signed_part

if TYPE_CHECKING:
    from lxml.etree import _Element

UNREADABLE = error(
    "CWWKS5007E", "The SAML assertion cannot be read: {cause}.", "Send it as XML, or that in base64, also compressed by gzip."
)
NO_ASSERTION = error(
    "CWWKS5085E", "A SAML assertion was expected, and {tag} has come.", "Send the assertion alone, not the response that it came in."
)
ENCRYPTED = error(
    "ZCON0492E",
    "The SAML assertion or a part of it is encrypted, and nothing encrypted is opened here.",
    "Let the identity provider sign assertions without encrypting them; TLS keeps them secret on their way.",
)
ISSUER = error("CWWKS5045E", "The issuer {issuer} of the SAML assertion is not trusted.", "Name it in trustedIssuers of pkixTrustEngine.")
UNSIGNED = error(
    "CWWKS5048E", "The SAML assertion is not signed: {cause}.", "Let the identity provider sign assertions, not the response alone."
)
SIGNATURE = error(
    "CWWKS5049E", "The signature of the SAML assertion is not good: {cause}.", "Compare the certificate of the identity provider."
)
INCOMPLETE = error("CWWKS5050E", "The SAML assertion lacks {missing}, or has it more than once.", "Let the identity provider add it.")
EARLY_CONFIRMATION = error(
    "CWWKS5051E", "A bearer confirmation of the SAML assertion has NotBefore.", "SAML Profiles section 4.1.4.2 forbids it."
)
CONFIRMATION_OVER = error("CWWKS5053E", "The confirmation of the SAML assertion ended at {time}.", "Send a new one; compare the clocks.")
TOO_EARLY = error("CWWKS5057E", "The SAML assertion is not good before {time}.", "Compare the clocks, or set clockSkew.")
OVER = error("CWWKS5058E", "The SAML assertion was good until {time}.", "Send a new one; compare the clocks.")
AUDIENCE = error("CWWKS5060E", "The SAML assertion is for {audiences}, and not for this server.", "Correct audiences of samlWebSso20.")
SESSION_OVER = error("CWWKS5062E", "The session of the SAML assertion ended at {time}.", "Log in at the identity provider again.")
NO_BEARER = error(
    "CWWKS5065E", "The SAML assertion has no bearer confirmation.", "Let the identity provider confirm the subject as bearer."
)
UNKNOWN_CONDITION = error(
    "ZCON0493E", "The SAML assertion has the condition {tag}, which is not known here.", "SAML Core section 2.5.1.1 refuses it."
)

_SAML = "{urn:oasis:names:tc:SAML:2.0:assertion}"
_BEARER = "urn:oasis:names:tc:SAML:2.0:cm:bearer"
_FOREIGN: Final = tuple(f"{_SAML}{name}" for name in ("EncryptedAssertion", "EncryptedID", "EncryptedAttribute"))
_KNOWN: Final = {f"{_SAML}{name}" for name in ("AudienceRestriction", "OneTimeUse", "ProxyRestriction")}
ANY = "ANY"


class AssertionRefused(Exception):
    """An assertion is not accepted; `told` says why."""

    def __init__(self, told: Told) -> None:
        super().__init__(told)
        self.told = told


class Rules(NamedTuple):
    """What is asked of assertions; no issuers means all whom the signers vouch for. `skew` is in seconds, `weakest` a hash in bits."""

    signers: Signers
    issuers: frozenset[str]
    audiences: frozenset[str]
    skew: float
    weakest: int


class Assertion(NamedTuple):
    """What a good assertion says; times are seconds since the epoch, `expires` is when it ends here (with the skew).

    `digest` is that of all that was signed, in hexadecimal: there are providers that give several assertions one `id`.
    """

    id: str
    digest: str
    issuer: str
    name: str
    attributes: Mapping[str, tuple[str, ...]]
    once: bool
    expires: float


def accepted(data: bytes, rules: Rules, now: float) -> Assertion:
    """An assertion that holds now; raises `AssertionRefused`. Nothing is read but what was signed."""
    try:
        root = parsed(data)
    except ValueError as cause:
        raise AssertionRefused(UNREADABLE(cause=cause)) from None
    if root.tag in _FOREIGN:
        raise AssertionRefused(ENCRYPTED())
    if root.tag != f"{_SAML}Assertion" or sum(1 for _ in root.iter(f"{_SAML}Assertion")) != 1:
        raise AssertionRefused(NO_ASSERTION(tag=root.tag if root.tag != f"{_SAML}Assertion" else "more than one"))
    if next(root.iter(*_FOREIGN), None) is not None:
        raise AssertionRefused(ENCRYPTED())
    try:
        signed = signed_part(root, rules.signers, rules.weakest, now)
    except NotSigned as cause:
        raise AssertionRefused(UNSIGNED(cause=cause)) from None
    except BadSignature as cause:
        raise AssertionRefused(SIGNATURE(cause=cause)) from None
    return _holding(signed, rules, now)


def _holding(signed: "_Element", rules: Rules, now: float) -> Assertion:
    issuer = _text(_one(signed, "Issuer"))
    if rules.issuers and issuer not in rules.issuers:
        raise AssertionRefused(ISSUER(issuer=issuer))
    subject, conditions = _one(signed, "Subject"), _one(signed, "Conditions")
    ends = [_confirmed(subject, rules.skew, now), _within(conditions, rules, now), *_session(signed, rules.skew, now)]
    return Assertion(
        id=signed.get("ID") or "",
        digest=sha256(canonical(signed)).hexdigest(),
        issuer=issuer,
        name=_text(_one(subject, "NameID")),
        attributes=_attributes(signed),
        once=conditions.find(f"{_SAML}OneTimeUse") is not None,
        expires=min(ends) + rules.skew,
    )


def _one(parent: "_Element", name: str) -> "_Element":
    found = parent.findall(f"{_SAML}{name}")
    if len(found) != 1:
        raise AssertionRefused(INCOMPLETE(missing=name))
    return found[0]


def _text(element: "_Element") -> str:
    """The text of an element that has nothing else; comments were gone before it was signed, anything else makes it empty."""
    return "" if len(element) else element.text or ""


def _time(element: "_Element", name: str) -> float | None:
    """A time (xs:dateTime) in seconds since the epoch; SAML Core section 1.3.3 has UTC alone."""
    text = element.get(name)
    if text is None:
        return None
    try:
        time = datetime.fromisoformat(text)
    except ValueError:
        raise AssertionRefused(INCOMPLETE(missing=f"a readable {name}")) from None
    if time.tzinfo is None:
        raise AssertionRefused(INCOMPLETE(missing=f"a zone in {name}"))
    return time.timestamp()


def _confirmed(subject: "_Element", skew: float, now: float) -> float:
    """When the first bearer confirmation that holds ends; others do not count (SAML Profiles section 3.3)."""
    told = NO_BEARER()
    for each in subject.findall(f"{_SAML}SubjectConfirmation"):
        if each.get("Method") != _BEARER:
            continue
        data = _one(each, "SubjectConfirmationData")
        end = _time(data, "NotOnOrAfter")
        if data.get("NotBefore") is not None:
            told = EARLY_CONFIRMATION()
        elif end is None:
            told = INCOMPLETE(missing="NotOnOrAfter in its confirmation")
        elif not now < end + skew:
            told = CONFIRMATION_OVER(time=data.get("NotOnOrAfter"))
        else:
            return end
    raise AssertionRefused(told)


def _within(conditions: "_Element", rules: Rules, now: float) -> float:
    start, end = _time(conditions, "NotBefore"), _time(conditions, "NotOnOrAfter")
    if start is not None and now < start - rules.skew:
        raise AssertionRefused(TOO_EARLY(time=conditions.get("NotBefore")))
    if end is not None and not now < end + rules.skew:
        raise AssertionRefused(OVER(time=conditions.get("NotOnOrAfter")))
    unknown = next((each.tag for each in conditions.iterchildren("*") if each.tag not in _KNOWN), None)
    if unknown is not None:
        raise AssertionRefused(UNKNOWN_CONDITION(tag=unknown))
    _check_audience([_audiences(each) for each in conditions.findall(f"{_SAML}AudienceRestriction")], rules.audiences)
    return float("inf") if end is None else end


def _audiences(restriction: "_Element") -> set[str]:
    return {_text(each) for each in restriction.findall(f"{_SAML}Audience")}


def _check_audience(restrictions: Collection[set[str]], own: frozenset[str]) -> None:
    """Every restriction must be met (SAML Core section 2.5.1.4)."""
    if not own or ANY in own:
        return
    if not restrictions:
        raise AssertionRefused(INCOMPLETE(missing="an AudienceRestriction"))
    for each in restrictions:
        if own.isdisjoint(each):
            raise AssertionRefused(AUDIENCE(audiences=", ".join(sorted(each)) or "nobody"))


def _session(signed: "_Element", skew: float, now: float) -> Iterator[float]:
    statements = signed.findall(f"{_SAML}AuthnStatement")
    if not statements:
        raise AssertionRefused(INCOMPLETE(missing="an AuthnStatement"))
    for each in statements:
        end = _time(each, "SessionNotOnOrAfter")
        if end is not None and not now < end + skew:
            raise AssertionRefused(SESSION_OVER(time=each.get("SessionNotOnOrAfter")))
        if end is not None:
            yield end


def _attributes(signed: "_Element") -> dict[str, tuple[str, ...]]:
    """All values by the name of their attribute; what says nothing but text counts."""
    found: dict[str, tuple[str, ...]] = {}
    for each in signed.iterfind(f"{_SAML}AttributeStatement/{_SAML}Attribute"):
        name = each.get("Name") or ""
        found[name] = (*found.get(name, ()), *(_text(value) for value in each.findall(f"{_SAML}AttributeValue")))
    return found
