"""<jwtBuilder>: issues JSON Web Tokens to users of the registry, and publishes the keys that verify them."""

import json
import secrets
import time
from collections.abc import Callable, Mapping
from datetime import timedelta
from logging import getLogger
from typing import ClassVar, Literal

from zconnect.config.configuration import Configuration
from zconnect.config.passwords import Password
from zconnect.config.schema import attr, element, ref
from zconnect.errors import Refused, Unavailable
from zconnect.messages import error
from zconnect.roles import Assembly, Login, Offer, Protection, ResourcePart, Service, UserRegistry
from zconnect.security.endpoints import https_port, server_names
from zconnect.security.jwtkeys import FixedKey, NoKey, RotatingKeys, Signer, SigningKeys, signer, usual_algorithm
from zconnect.security.registry import active_registry
from zconnect.trust.entries import PrivateKey
from zconnect.trust.keystore import KeyStore, default_store
from zconnect.trust.token import signed, suits
from zconnect.values import Call, Identity, Kind, Response

logger = getLogger(__name__)

NO_KEY = error(
    "CWWKS6008E",
    "The jwtBuilder {id} finds no private key {alias} in the key store {store}.",
    "Correct keyStoreRef and keyAlias, or set jwkEnabled to true.",
)
UNSUITABLE_KEY = error(
    "ZCON0480E",
    "The key of the jwtBuilder {id} cannot sign {algorithm}.",
    "Choose a key of the kind that signatureAlgorithm needs (RSA from 2048 bits, or the curve of the ES algorithm), or another algorithm.",
)
NO_SECRET = error(
    "ZCON0481E",
    "The jwtBuilder {id} has no sharedKey that is long enough for {algorithm}.",
    "Give it one as long as the hash at least: 32, 48 or 64 bytes (RFC 7518, section 3.2).",
)
NOT_FROM_TOKEN = error(
    "ZCON0482E",
    "{user} has logged in with a token or by another registry and gets no new token from the jwtBuilder {id}.",
    "Log in with user and password, or with a client certificate, of this server's registry.",
)
WRONG_METHOD = error("ZCON0483E", "The method {method} is not allowed at the jwtBuilder {id}.", "Use GET.")

Algorithm = Literal["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "HS256", "HS384", "HS512"]

_ENCRYPTION = "tokens are signed and not encrypted"
_JSON = ((b"content-type", b"application/json"),)
# A token is a credential: nothing on the way may keep it (RFC 6749, section 5.1).
_SECRET_JSON = (*_JSON, (b"cache-control", b"no-store"), (b"pragma", b"no-cache"))


@element
class JwtBuilder(ResourcePart):
    """Issues tokens at /jwt/ibm/api/ID/token and publishes its keys at /jwt/ibm/api/ID/jwk.

    <jwtBuilder id="shop" issuer="https://shop.example" audiences="catalog" expiry="1h" signatureAlgorithm="ES256"/>
    <keyStore id="defaultKeyStore" password="{xor}PjM2PDpyLDo8LTor"/>
    """

    tag: ClassVar[str] = "jwtBuilder"
    default_id: ClassVar[str | None] = "defaultJWT"

    issuer: str = attr(default="", doc="What the claim iss says; without it https://HOST:PORT/jwt/ID")
    expiry: timedelta = attr(default=timedelta(hours=2), unit="h", doc="How long after its issue a token is good")
    expires_in_seconds: timedelta = attr(
        default=timedelta(seconds=-1), unit="s", doc="How long a token is good; a negative number leaves it to expiry"
    )
    nbf_offset: timedelta = attr(default=timedelta(0), unit="s", doc="How long after its issue a token begins to be good (nbf)")
    scope: str = attr(default="", doc="What the claim scope says")
    audiences: tuple[str, ...] = attr(default=(), doc="The audiences that the claim aud names")
    claims: tuple[str, ...] = attr(
        default=(), doc="Attributes of the user to put into the token; the registry knows groups and upn, others are left out"
    )
    jti: bool = attr(default=False, doc="Give each token an identifier of its own")
    signature_algorithm: Algorithm = attr(
        default="RS256", doc="How tokens are signed; without it RS256, or what the kind of the key demands (ES256 for P-256)"
    )
    shared_key: Password | None = attr(default=None, doc="The secret for the HS algorithms")
    key_store: KeyStore | None = ref(doc="The key store with the private key; without it defaultKeyStore")
    key_alias: str = attr(default="", doc="The alias of the private key; without it the first one of the key store")
    jwk_enabled: bool = attr(default=False, doc="Sign with generated keys that take turns, unless keyAlias names one")
    jwk_rotation_time: timedelta = attr(
        default=timedelta(hours=12), unit="m", minimum=1, doc="How long a generated key is used; it stays published as long again"
    )
    jwk_signing_key_size: int = attr(default=2048, minimum=2048, maximum=8192, doc="Bits of a generated RSA key")
    trust_store: KeyStore | None = ref(doc="The key store for encrypting tokens", unused=_ENCRYPTION)
    key_management_key_algorithm: str = attr(default="", doc="How the key of an encrypted token is wrapped", unused=_ENCRYPTION)
    key_management_key_alias: str = attr(default="", doc="The certificate to encrypt tokens for", unused=_ENCRYPTION)
    content_encryption_algorithm: str = attr(default="", doc="The algorithm by which the claims are encrypted", unused=_ENCRYPTION)

    @property
    def life(self) -> timedelta:
        """How long a token is good."""
        return self.expiry if self.expires_in_seconds < timedelta(0) else self.expires_in_seconds

    async def open(self, assembly: Assembly) -> tuple[Offer, ...]:
        """The two resources; without a key they answer that there is none, and the rest of the server runs."""
        try:
            keys = await _keys(self, assembly)
        except Unavailable as missing:
            missing.told.log(logger)
            keys = NoKey(missing.told)
        issuer = self.issuer or _own_issuer(self.id, assembly.configuration)
        token = TokenService(self, issuer, keys, await active_registry(assembly), time.time)
        own = f"/jwt/ibm/api/{self.id}"
        by_password = Protection(secure=True, roles=("**",), application=self.id, login=Login("BASIC"))
        return (
            _offer(f"{own}/token", self.id, token, by_password),
            _offer(f"{own}/jwk", self.id, KeyService(self.id, keys), Protection(secure=False, roles=None)),
        )


def _offer(pattern: str, name: str, service: Service, protection: Protection) -> Offer:
    return Offer(pattern=pattern, kind=Kind.APPLICATION, name=name, service=service, protection=protection)


def _own_issuer(id: str, configuration: Configuration) -> str:
    """Liberty's default, from what the endpoint is configured with: the Host header is the caller's word."""
    bound = sorted(server_names(configuration) - {"localhost"})
    host = next((name for name in bound if "." in name), "localhost")
    return f"https://{host}:{https_port(configuration) or 9443}/jwt/{id}"


async def _keys(settings: JwtBuilder, assembly: Assembly) -> SigningKeys:
    algorithm = settings.signature_algorithm
    if algorithm.startswith("HS"):
        secret = settings.shared_key.text.encode() if settings.shared_key and not settings.shared_key.is_hashed else b""
        if not suits(secret, algorithm):
            raise Unavailable(NO_SECRET(id=settings.id, algorithm=algorithm))
        return FixedKey(Signer(algorithm, secret))
    if settings.jwk_enabled and not settings.key_alias:
        period = settings.jwk_rotation_time.total_seconds()
        return RotatingKeys(algorithm, settings.jwk_signing_key_size, period, time.time, assembly.store, settings.id)
    return FixedKey(await _stored(settings, assembly))


async def _stored(settings: JwtBuilder, assembly: Assembly) -> Signer:
    store = await assembly.opened(settings.key_store) if settings.key_store else await default_store(assembly)
    entry = store.key(settings.key_alias)
    if entry is None:
        raise Unavailable(NO_KEY(id=settings.id, alias=settings.key_alias or "at all", store=store.id))
    algorithm = settings.signature_algorithm if "signaturealgorithm" in settings.given else _usual(entry.key, settings)
    if not suits(entry.key.public_key(), algorithm):
        raise Unavailable(UNSUITABLE_KEY(id=settings.id, algorithm=algorithm))
    return signer(entry.key, algorithm)


def _usual(key: PrivateKey, settings: JwtBuilder) -> str:
    """The default algorithm unless the key is of another kind, as that of the generated key store is."""
    chosen = settings.signature_algorithm
    return chosen if suits(key.public_key(), chosen) else usual_algorithm(key)


_OF_TOKENS = ("BEARER", "LTPA")


class TokenService:
    """Answers with a new token for the caller."""

    def __init__(self, settings: JwtBuilder, issuer: str, keys: SigningKeys, registry: UserRegistry, clock: Callable[[], float]) -> None:
        self._settings = settings
        self._issuer = issuer
        self._keys = keys
        self._registry = registry
        self._clock = clock

    async def invoke(self, call: Call) -> Response:
        """The token as JSON."""
        _only_get(call, self._settings.id)
        identity = call.identity
        # A token for a token, or for a cookie that may come of one, would live for ever; a name of another realm would become one of ours.
        if identity is None or identity.mechanism in _OF_TOKENS or identity.realm != self._registry.realm:
            raise Refused(403, NOT_FROM_TOKEN(user=identity.user if identity else "nobody", id=self._settings.id))
        signer = await self._keys.current()
        header = {"kid": signer.kid, "typ": "JWT"} if signer.kid else {"typ": "JWT"}
        token = signed(header, await self._claims(identity), signer.algorithm, signer.key)
        return Response(200, _SECRET_JSON, json.dumps({"token": token}).encode())

    async def _claims(self, identity: Identity) -> Mapping[str, object]:
        settings, now = self._settings, int(self._clock())
        claims: dict[str, object] = {
            "token_type": "Bearer",
            "sub": identity.user,
            "iss": self._issuer,
            "iat": now,
            "exp": now + int(settings.life.total_seconds()),
        }
        if settings.nbf_offset:
            claims["nbf"] = now + int(settings.nbf_offset.total_seconds())
        if settings.audiences:
            claims["aud"] = list(settings.audiences) if len(settings.audiences) > 1 else settings.audiences[0]
        if settings.scope:
            claims["scope"] = settings.scope
        if settings.jti:
            claims["jti"] = secrets.token_urlsafe(16)
        return claims | await self._attributes(identity)

    async def _attributes(self, identity: Identity) -> dict[str, object]:
        """The claims that are attributes of the user; the others above cannot be asked for by name."""
        attributes: dict[str, object] = {}
        if "upn" in self._settings.claims:
            attributes["upn"] = identity.user
        if "groups" in self._settings.claims:
            attributes["groups"] = sorted(await self._registry.groups_of(identity.user))
        return attributes


class KeyService:
    """Answers with the keys that verify the tokens (RFC 7517)."""

    def __init__(self, id: str, keys: SigningKeys) -> None:
        self._id = id
        self._keys = keys

    async def invoke(self, call: Call) -> Response:
        """The key set as JSON."""
        _only_get(call, self._id)
        return Response(200, _JSON, json.dumps({"keys": await self._keys.published()}).encode())


def _only_get(call: Call, id: str) -> None:
    method = call.request.method
    if method != "GET":
        raise Refused(405, WRONG_METHOD(method=method, id=id), headers=[(b"allow", b"GET")])
