"""The door to one resource: by https, by somebody who has logged in, with one of the roles."""

import asyncio
from logging import getLogger

from zconnect.errors import Refused
from zconnect.messages import error
from zconnect.roles import Assembly, Protection, UserRegistry
from zconnect.security.authentication import Logins, open_logins
from zconnect.security.authorization import Roles, forbidden, open_roles
from zconnect.security.httpsports import HttpsPorts, target_of
from zconnect.security.realms import known_realms
from zconnect.security.registry import active_registry
from zconnect.security.saf import Saf, open_saf
from zconnect.values import Admitted, Request

logger = getLogger(__name__)

BROKEN = error(
    "ZCON0417E",
    "The request {identifier} is refused, because it could not be decided whether it may pass: {cause}",
    "The log has the details; report the error if the configuration is in order.",
)
INSECURE = error("ZCON0418E", "The request did not come by https, which {application} requires.", "Use https.")
NO_HTTPS = error(
    "ZCON0419E",
    "The request did not come by https, which {application} requires, and no https port belongs to {authority}.",
    "Set httpsPort of httpEndpoint, or add an httpProxyRedirect for the proxy that was called.",
)

_AGAIN = 60.0  # seconds
_PRECLUDED = "Access is precluded because security constraints are specified, but the required roles are empty."


class Gate:
    """Lets callers in, or refuses them; a failure of its own is a refusal."""

    def __init__(self, protection: Protection, logins: Logins, roles: Roles | None, https_ports: HttpsPorts, saf: Saf) -> None:
        self._saf = saf if saf.maps else None
        self._protection = protection
        self._secure = protection.secure
        self._anonymous = protection.anonymous
        self._logins = logins
        self._roles = roles
        self._https_ports = https_ports

    async def admit(self, request: Request) -> Admitted:
        """The caller, or None where nobody has to log in and nobody did; raises `Refused`."""
        fields: tuple[tuple[bytes, bytes], ...]
        try:
            if self._secure and request.scheme != "https":
                raise self._redirect(request)
            if self._roles is None or self._roles.everyone:
                if self._anonymous or not self._logins.volunteers(request):
                    return None, ()
                volunteer, fields = await self._logins.volunteer(request)
                return self._saf.mapped(volunteer) if self._saf and volunteer else volunteer, fields
            fields = ()
            identity = self._logins.recall(request)
            if identity is None:
                identity, fields = await self._logins.login(request)
            if not self._roles.hold(identity):
                raise self._roles.denied(identity, request).carrying(fields)
            return self._saf.mapped(identity) if self._saf else identity, fields
        except Refused:
            raise
        except Exception as cause:
            told = BROKEN(identifier=request.identifier, cause=repr(cause))
            logger.error("%s", told, exc_info=cause)
            raise Refused(500, told) from cause

    async def keep_up(self, registry: UserRegistry, realms: frozenset[str]) -> None:
        """Look every minute which users and groups a registry elsewhere has for the bindings; what it does not answer stays as it was."""
        while True:
            await asyncio.sleep(_AGAIN)
            try:
                self._roles = await open_roles(self._protection, registry, realms, announce=False)
            except Refused:
                pass

    def _redirect(self, request: Request) -> Refused:
        application = self._protection.application or "the resource"
        authority = self._https_ports.authority(request)
        if authority is None:
            return forbidden("AuthenticationFailed", NO_HTTPS(application=application, authority=request.authority))
        location = f"https://{authority}{target_of(request)}"
        return Refused(302, INSECURE(application=application), headers=[(b"location", location.encode("utf-8", "replace"))])


class Closed(Gate):
    """The door that nobody passes (a constraint with an empty list of roles)."""

    async def admit(self, request: Request) -> Admitted:
        """Raise `Refused` (403)."""
        raise forbidden(_PRECLUDED)


async def open_gate(protection: Protection, assembly: Assembly) -> Gate:
    """The door of a protection."""
    registry = await active_registry(assembly)
    saf = await assembly.shared(open_saf)
    realms = known_realms(assembly.configuration)
    roles = None if protection.roles is None else saf.roles(protection) if saf.decides else await open_roles(protection, registry, realms)
    make = Closed if protection.roles == () else Gate
    gate = make(
        protection,
        await open_logins(protection, assembly),
        roles,
        HttpsPorts(assembly.configuration),
        saf,
    )
    if registry.elsewhere and not saf.decides and protection.roles and protection.bindings:
        assembly.begin(gate.keep_up(registry, realms))
    return gate
