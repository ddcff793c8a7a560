"""Single sign-on: callers are known again by a cookie that this server, or one with the same keys, has given them."""

import time
from collections import OrderedDict
from functools import partial
from hashlib import sha256
from logging import getLogger
from typing import NamedTuple

from zconnect.config.configuration import Configuration
from zconnect.errors import Refused, Unavailable
from zconnect.messages import Sparing, Told, error, info
from zconnect.roles import Assembly, RegistryPart, Store, UserRegistry
from zconnect.security.authcache import AuthCache, Authentication, LoginCache, remembered
from zconnect.security.authfilter import Filter, compiled
from zconnect.security.authorization import split_access_id
from zconnect.security.keyring import KeyRing, open_key_ring
from zconnect.security.ltpa import Ltpa
from zconnect.security.oidc import OpenidConnectClient
from zconnect.security.registry import QuickStartSecurity, active_registry
from zconnect.security.remembered import Memories, remembered_in
from zconnect.security.ssocookie import Fields, SsoCookie, cookie_name
from zconnect.security.trustassociation import TrustAssociation
from zconnect.security.webappsecurity import WebAppSecurity
from zconnect.trust.ltpatoken import LtpaRefused, issued, opened
from zconnect.values import Identity, Request

logger = getLogger(__name__)

NOT_VALID = info("CWWKS4001I", "The single sign-on cookie of the request {identifier} is not accepted: {cause}.")
NO_KEYS = error(
    "CWWKS4000E",
    "Nobody can log in by user and password or certificate, because the LTPA keys of the server cannot be used.",
    "See the message CWWKS4106E that was written when the server started.",
)
NOT_REMEMBERED = error(
    "ZCON0442E",
    "It could not be remembered that a caller has logged out: {cause} His cookie is good until it ends.",
    "See the cause; until then shorten expiration of ltpa.",
)

MECHANISM = "LTPA"
_LOGGED_OUT = "logged out"


class Presented(NamedTuple):
    """What the cookies of a request have come to: the caller, or why they are not accepted and the fields that take them back."""

    identity: Identity | None = None
    fields: Fields = ()
    told: Told | None = None

    def added(self, refusal: Refused) -> Refused:
        """A refusal that tells of the cookie as well."""
        if self.told is None:
            return refusal
        return refusal.carrying(self.fields, str(self.told))


NOTHING = Presented()


class SignOn:
    """Makes, accepts and takes back the cookies of one runtime."""

    def __init__(
        self,
        settings: Ltpa,
        cookie: SsoCookie,
        keys: KeyRing,
        registry: UserRegistry,
        cache: LoginCache | None,
        reuse: float,
        logged_out: Store | None,
    ) -> None:
        self._cookie = cookie
        self._keys = keys
        self._registry = registry
        self._cache = cache
        self._filter: Filter | None = compiled(settings.auth_filter) if settings.auth_filter else None
        self._life = settings.expiration.total_seconds()
        self._difference = settings.expiration_difference_allowed.total_seconds()
        self._reuse = min(reuse, self._life / 2)
        self._logged_out = logged_out
        self._issued: OrderedDict[Identity, tuple[float, bytes]] = OrderedDict()
        self._sparing = Sparing()

    def able(self, now: float) -> bool:
        """Whether logins can end with a cookie; where they cannot, nobody is logged in, and the log says so."""
        if self._keys.own is None:
            self._sparing.log(NO_KEYS(), logger, now)
        return self._keys.own is not None

    def carried(self, request: Request) -> bool:
        """Whether a request has the cookie, good or not."""
        return bool(self._cookie.found(request)[1])

    async def identify(self, request: Request, application: str) -> Presented:
        """Whom the first good cookie of a request stands for."""
        name, values = self._cookie.found(request)
        if not values:
            return NOTHING
        refused = LtpaRefused("the authFilter of ltpa does not accept the request")
        if self._filter is None or self._filter.accepts(request, application):
            for value in values:
                try:
                    return Presented(await self._known(value, request.arrived))
                except LtpaRefused as problem:
                    refused = problem
        told = NOT_VALID(identifier=request.identifier, cause=refused)
        self._sparing.log(told, logger, request.arrived)
        return Presented(None, (self._cookie.taken_back(request, name),), told)

    async def _known(self, value: bytes, now: float) -> Identity | None:
        """The caller of a cookie; raises `LtpaRefused`."""
        if self._has_logged_out(value, now):
            raise LtpaRefused("its caller has logged out")
        return await remembered(self._cache, _bare(value), now, partial(self._judged, value, now))

    async def _judged(self, value: bytes, now: float) -> Identity:
        token = opened(value, self._keys.valid(now), now, self._difference)
        pair = split_access_id("user", token.access_id, (self._registry.realm,))
        # Callers of other realms are known again only by who has logged them in, as long as it remembers them.
        if pair is None or pair[0] != self._registry.realm:
            raise LtpaRefused("it is for no user of the registry's realm")
        name = await self._registry.user(pair[1])
        unique_id = name and await self._registry.unique_id(name)
        if name is None or unique_id != pair[1]:
            raise LtpaRefused("the user registry does not know its user")
        return Identity(name, pair[0], unique_id, await self._registry.groups_of(name), MECHANISM, expires=token.expires)

    def issue(self, request: Request, identity: Identity) -> Fields:
        """The field that gives a caller who has logged in a cookie; it ends no later than what it was given for."""
        keys, now = self._keys.own, request.arrived
        if keys is None:
            return ()
        until, token = self._issued.get(identity, (0.0, b""))
        if not now < until or self._has_logged_out(token, now):
            ends = min(now + self._life, identity.expires)
            token = issued(keys, identity.access_id, ends)
            self._remember(identity, token, now, ends)
        return self._cookie.set(request, token)

    def _remember(self, identity: Identity, token: bytes, now: float, ends: float) -> None:
        if self._cache is None:
            return
        self._issued[identity] = (min(now + self._reuse, ends), token)
        self._issued.move_to_end(identity)
        while len(self._issued) > self._cache.size:
            self._issued.popitem(last=False)
        known = Identity(
            identity.user, identity.realm, identity.unique_id, identity.groups, MECHANISM, identity.mapped_user, identity.claims, ends
        )
        self._cache.put(self._cache.digest(_bare(token)), known, now)

    def clear(self) -> None:
        """Forget who is known by a cookie, so that each is judged anew, and which were given."""
        self._issued.clear()
        if self._cache is not None:
            self._cache.clear()

    def logout(self, request: Request) -> Fields:
        """The field that takes the cookie of a request back; where that is wanted, whoever has copied it cannot use it any more."""
        name, values = self._cookie.found(request)
        for value in values:
            if self._cache is not None:
                self._cache.forget(self._cache.digest(_bare(value)))
            self._end(value, request.arrived)
        return (self._cookie.taken_back(request, name),) if values else ()

    def _end(self, value: bytes, now: float) -> None:
        if self._logged_out is None:
            return
        try:
            ends = opened(value, self._keys.valid(now), now, self._difference).expires
            self._logged_out.replace(_LOGGED_OUT, _digest(value), None, b"", ends, now)
        except LtpaRefused:
            return  # it is good for nothing anyway
        except Unavailable as missing:
            self._sparing.log(NOT_REMEMBERED(cause=missing.told), logger, now)

    def _has_logged_out(self, value: bytes, now: float) -> bool:
        """Whether that is known; where it cannot be found out, a cookie counts as ended."""
        try:
            return self._logged_out is not None and self._logged_out.read(_LOGGED_OUT, _digest(value), now) is not None
        except Unavailable:
            return True


def _bare(value: bytes) -> bytes:
    """The one part of a token's spelling that may differ is its padding."""
    return value.rstrip(b"=")


def _digest(value: bytes) -> bytes:
    return sha256(_bare(value)).digest()


def knows_cookies(configuration: Configuration) -> bool:
    """Whether somebody could have one: there is a registry, who gives it, or a word of ltpa."""
    registries = any(not isinstance(each, QuickStartSecurity) or each.wanted for each in configuration.all(RegistryPart))
    clients = any(each.gives_cookie or each.sends_to_login for each in configuration.all(OpenidConnectClient))
    return bool(registries or clients or configuration.one(TrustAssociation).gives_cookie or configuration.all(Ltpa))


async def open_sign_on(assembly: Assembly) -> SignOn | None:
    """The cookies of this runtime; None where nobody could have one."""
    configuration = assembly.configuration
    if not knows_cookies(configuration):
        return None
    settings = configuration.one(WebAppSecurity)
    logged_out = assembly.store if settings.track_logged_out_sso_cookies else None
    if logged_out is not None:
        logged_out.count(_LOGGED_OUT, time.time())  # what cannot be remembered stops the start, not the first logout
    cached = configuration.one(AuthCache)
    seconds = cached.timeout.total_seconds()
    sign_on = SignOn(
        configuration.one(Ltpa),
        SsoCookie(settings, cookie_name(configuration, assembly.place)),
        await open_key_ring(assembly),
        await active_registry(assembly),
        LoginCache(cached.max_size, seconds) if configuration.one(Authentication).cache_enabled else None,
        seconds,
        logged_out,
    )
    remembered_in(assembly).add(sign_on, Memories.LOGINS)
    return sign_on
