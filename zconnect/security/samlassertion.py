"""One <samlWebSso20> at work: finds the assertion of a request, has it judged, and says who calls."""

import base64
import binascii
import time
import zlib
from collections.abc import Callable, Iterable
from copy import copy
from logging import getLogger
from pathlib import Path
from typing import TypeVar

from cryptography import x509

from zconnect.config.configuration import Configuration
from zconnect.errors import Refused, Unavailable
from zconnect.messages import Sparing, Told, error
from zconnect.roles import Assembly, UserRegistry
from zconnect.security.authfilter import Filter, compiled
from zconnect.security.registry import active_registry
from zconnect.security.replay import UsedTokens
from zconnect.security.saml import SamlWebSso20
from zconnect.security.subject import BLANK_USER, LOCAL_REALM, NOT_IN_REGISTRY
from zconnect.trust.assertion import UNREADABLE, Assertion, AssertionRefused, Rules, accepted
from zconnect.trust.keystore import DEFAULT_ID, KeyStore, Store
from zconnect.trust.signedxml import LONGEST, Signers, need_library
from zconnect.values import Identity, Request

logger = getLogger(__name__)
T = TypeVar("T")

NO_ASSERTION = error(
    "CWWKS5013E", "The header named as {headers} has no SAML assertion.", "Send it, as XML or in base64, also compressed by gzip."
)
NO_ATTRIBUTE = error(
    "CWWKS5068E",
    "The SAML assertion has no attribute {attribute}, or not one value for it.",
    "Let the identity provider add it, or correct userIdentifier, userUniqueIdentifier or realmIdentifier.",
)
USED = error(
    "CWWKS5082E",
    "The SAML assertion {id} was used before.",
    'Use a new one for every request, or set tokenReuse="true".',
)
NO_FILE = error(
    "ZCON0518E",
    "The file {file} of pkixTrustEngine cannot be read: {cause}.",
    "Correct its path; it is a certificate or list in PEM or DER.",
)
NO_SIGNERS = error(
    "ZCON0510E",
    "The SAML provider {provider} trusts no certificate, so it would refuse every assertion.",
    "Name the identity provider's certificate: trustAnchor or x509Certificate of pkixTrustEngine.",
)

MECHANISM = "SAML"
_GZIP = b"\x1f\x8b"
_WEAKEST = 256


class SamlAssertion:
    """Authenticates by the assertion that a caller brings; there is no other way in where its filter accepts."""

    def __init__(self, settings: SamlWebSso20, rules: Rules, registry: UserRegistry, used: UsedTokens) -> None:
        self.gives_cookie = not settings.disable_ltpa_cookie
        self._settings = settings
        self._rules = rules
        self._registry = registry
        self._used = used
        self._filter: Filter | None = compiled(settings.auth_filter) if settings.auth_filter else None
        self._user = settings.user_identifier.strip()
        self._unique = settings.user_unique_identifier.strip()
        self._groups = settings.group_identifier.strip()
        self._named_realm = settings.realm_name.strip()
        self._realm_attribute = settings.realm_identifier.strip()
        self._names = tuple(dict.fromkeys(each.strip() for each in settings.header_name if each.strip()))
        self._sparing = Sparing()
        self._application = ""

    def for_application(self, application: str) -> "SamlAssertion":
        """The same for what belongs to an application, whose name its filter may ask for."""
        other = copy(self)
        other._application = application
        return other

    async def identify(self, request: Request) -> Identity | None:
        """The caller; None where the filter does not accept the request. Raises `Refused` (401) on a missing, bad or used one."""
        if self._filter is not None and not self._filter.accepts(request, self._application):
            return None
        try:
            value = self._value(request)
            if not value:
                raise AssertionRefused(NO_ASSERTION(headers=", ".join(self._names)))
            assertion = accepted(decoded(value), self._rules, request.arrived)
            identity = await self._identity(assertion)
            self._use(assertion, request.arrived)
        except AssertionRefused as rejected:
            self._sparing.log(rejected.told, logger, request.arrived)
            raise Refused(401, rejected.told) from rejected
        return identity

    def _value(self, request: Request) -> bytes | None:
        """The assertion as it was sent: in a header of its own, else in Authorization behind one of the names and `=` or a blank."""
        for name in self._names:
            value = request.headers.get(name.lower().encode())
            if value is not None:
                return value.strip()
        value = (request.headers.get(b"authorization") or b"").strip()
        for scheme in map(str.encode, self._names):
            if value.startswith((scheme + b"=", scheme + b" ")):
                found = value[len(scheme) + 1 :].strip()
                return found[1:-1] if found.startswith(b'"') else found
        return None

    def _use(self, assertion: Assertion, now: float) -> None:
        if self._settings.token_reuse and not assertion.once:
            return
        if not self._used.use(assertion.issuer, assertion.digest, assertion.expires, now):
            raise AssertionRefused(USED(id=assertion.id))

    async def _identity(self, assertion: Assertion) -> Identity:
        user = self._named(assertion, self._user) if self._user else assertion.name
        if not user or user != user.strip() or not user.isprintable():
            raise AssertionRefused(BLANK_USER(claim=self._user or "NameID"))
        if self._settings.map_to_user_registry == "User":
            return await self._registered(user, assertion)
        return Identity(
            user=user,
            realm=self._realm(assertion),
            unique_id=self._named(assertion, self._unique) if self._unique else user,
            groups=frozenset(assertion.attributes.get(self._groups, ())) if self._groups else frozenset(),
            mechanism=MECHANISM,
            claims=assertion.attributes,
            expires=assertion.expires,
        )

    async def _registered(self, user: str, assertion: Assertion) -> Identity:
        name = await self._registry.user(user)
        if name is None:
            raise AssertionRefused(NOT_IN_REGISTRY(user=user, client=self._settings.id, realm=self._registry.realm))
        groups = await self._registry.groups_of(name)
        unique = await self._registry.unique_id(name)
        return Identity(name, self._registry.realm, unique, groups, MECHANISM, name, assertion.attributes, assertion.expires)

    def _realm(self, assertion: Assertion) -> str:
        if self._named_realm:
            return self._named_realm
        attribute = self._realm_attribute
        realm = assertion.issuer if attribute in ("", "issuer") else self._named(assertion, attribute)
        if realm == self._registry.realm:
            raise AssertionRefused(LOCAL_REALM(realm=realm))
        return realm

    @staticmethod
    def _named(assertion: Assertion, attribute: str) -> str:
        values = assertion.attributes.get(attribute, ())
        if len(values) != 1 or not values[0].strip():
            raise AssertionRefused(NO_ATTRIBUTE(attribute=attribute))
        return values[0]


def decoded(value: bytes) -> bytes:
    """The XML of an assertion that comes as it is, in base64 (of either alphabet), or in that of gzip; raises `AssertionRefused`."""
    if value.startswith(b"<") and value.endswith(b">"):
        return value
    try:
        text = value.translate(bytes.maketrans(b"-_", b"+/"), b" \t\r\n").rstrip(b"=")
        found = base64.b64decode(text + b"=" * (-len(text) % 4), validate=True)
        return _unpacked(found) if found.startswith(_GZIP) else found
    except (binascii.Error, zlib.error, ValueError) as cause:
        raise AssertionRefused(UNREADABLE(cause=cause)) from None


def _unpacked(data: bytes) -> bytes:
    """No more than an assertion may have, whatever a small text would become."""
    reader = zlib.decompressobj(wbits=31)
    found = reader.decompress(data, LONGEST + 1)
    if len(found) > LONGEST or not reader.eof or reader.unused_data:
        raise ValueError(f"it is not one part of gzip with {LONGEST} bytes at most")
    return found


def in_force(configuration: Configuration) -> list[SamlWebSso20]:
    """The providers that look at assertions, in the order in which they are asked."""
    return [each for each in configuration.all(SamlWebSso20) if each.in_force]


async def open_saml(assembly: Assembly) -> tuple[SamlAssertion, ...]:
    """The providers of this runtime that look at assertions, in the order of the document; raises `Unavailable`."""
    return tuple([await _opened(each, assembly) for each in in_force(assembly.configuration)])


async def _opened(settings: SamlWebSso20, assembly: Assembly) -> SamlAssertion:
    need_library()
    signers = await _signers(settings, assembly)
    if not signers.anchors:
        raise Unavailable(NO_SIGNERS(provider=settings.id))
    issuers = frozenset(issuer.strip() for each in settings.pkix_trust_engines for issuer in each.trusted_issuers)
    used = UsedTokens(assembly.store)
    used.count(time.time())  # what cannot be remembered stops the start, not the first request
    rules = Rules(
        signers,
        frozenset() if "ALL_ISSUERS" in issuers else issuers,
        frozenset(filter(None, map(str.strip, settings.audiences))),
        settings.clock_skew.total_seconds(),
        max(_WEAKEST, int(settings.signature_method_algorithm.removeprefix("SHA"))),
    )
    return SamlAssertion(settings, rules, await active_registry(assembly), used)


async def _signers(settings: SamlWebSso20, assembly: Assembly) -> Signers:
    engines = settings.pkix_trust_engines
    folder = assembly.place.config_dir
    files = [folder / each.path for engine in engines for each in engine.certificates]
    lists = [folder / each.path for engine in engines for each in engine.revocations]
    for file in (*files, *lists):
        assembly.watch(file)
    stores = [engine.trust_anchor for engine in engines if engine.trust_anchor]
    if not stores and not files:
        stores = [each for each in assembly.configuration.all(KeyStore) if each.id == DEFAULT_ID]
    opened: list[Store] = [await assembly.opened(each) for each in stores]
    anchors = [certificate for each in opened for certificate in each.anchors]
    anchors += _read(files, x509.load_pem_x509_certificate, x509.load_der_x509_certificate)
    return Signers(tuple(anchors), tuple(_read(lists, x509.load_pem_x509_crl, x509.load_der_x509_crl)))


def _read(files: Iterable[Path], pem: Callable[[bytes], T], der: Callable[[bytes], T]) -> list[T]:
    found = []
    for file in files:
        try:
            data = file.read_bytes()
            found.append(pem(data) if data.lstrip().startswith(b"-----") else der(data))
        except (OSError, ValueError) as cause:
            told: Told = NO_FILE(file=file, cause=cause)
            raise Unavailable(told) from None
    return found
