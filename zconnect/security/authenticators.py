"""Who is asked who a caller is, in which order and for which requests, as the configuration alone shows it; for people to read."""

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from zconnect.config.configuration import Configuration
from zconnect.config.schema import Element
from zconnect.roles import Login
from zconnect.security.authentication import BEFORE, COOKIE, METHODS, ROAD, TOKEN_BEFORE, Stage, methods, token_stage
from zconnect.security.authfilter import AuthFilter, described
from zconnect.security.clients import divided
from zconnect.security.ltpa import Ltpa
from zconnect.security.mpjwt import MpJwt
from zconnect.security.samlassertion import in_force
from zconnect.security.signon import knows_cookies
from zconnect.security.trustassociation import TrustAssociation
from zconnect.security.webappsecurity import WebAppSecurity

_EVERY = "every request"
_REST = "what no filter of an openidConnectClient accepts"
_REST_OF_MP_JWT = "what no filter of an mpJwt accepts"
_DECLARED = "of applications whose web.xml says MP-JWT"
_LOGINS: tuple[tuple[Login, str], ...] = (
    (Login("BASIC"), "applications whose web.xml says BASIC or nothing, jwtBuilder"),
    (Login("CLIENT-CERT"), "what zosConnectManager guards, applications whose web.xml says CLIENT-CERT"),
    (Login("FORM"), "applications whose web.xml says FORM"),
)
_CREDENTIALS: Mapping[str, str] = {
    "BASIC": "user and password",
    "CLIENT-CERT": "client certificate",
    "FORM": "login form, which this server does not have",
}


class Authenticator(NamedTuple):
    """Somebody who is asked: at which stage of the road, for which requests, and what then happens.

    `volunteers`: also where nobody has to log in. `ends`: after a bad credential nobody else is asked.
    """

    stage: str
    name: str
    requests: str
    volunteers: bool
    ends: bool


def road(configuration: Configuration) -> tuple[Authenticator, ...]:
    """Everybody in the order in which they are asked."""
    stages = ROAD[: ROAD.index(TOKEN_BEFORE) + 1] if _takes_all(configuration) else ROAD
    return tuple(each for stage in stages for each in _at(stage, configuration))


def _takes_all(configuration: Configuration) -> bool:
    """Whether no request that needs a login comes behind the <mpJwt>."""
    return any(each.auth_filter is None and each.ignore_application_auth_method for each in configuration.all(MpJwt))


def _at(stage: Stage, configuration: Configuration) -> Iterator[Authenticator]:
    looks = configuration.one(WebAppSecurity).use_authentication_data_for_unprotected_resource
    if not stage.own:
        return _others(stage, configuration)
    if stage is COOKIE:
        return _cookie(configuration, looks)
    return _methods(configuration, looks) if stage is METHODS else _clients(stage, configuration, looks)


def _others(stage: Stage, configuration: Configuration) -> Iterator[Authenticator]:
    association = configuration.one(TrustAssociation)
    goes_on = stage.fails_over and association.fail_over_to_app_auth_type
    for each in association.stages[0 if stage is BEFORE else 1]:
        yield Authenticator(stage.name, f"interceptors[{each.id}]", _EVERY, association.invoke_for_unprotected_uri, not goes_on)
    for provider in in_force(configuration) if stage is BEFORE else ():
        yield Authenticator(stage.name, _key(provider), _accepted(provider.auth_filter), volunteers=False, ends=not goes_on)


def _cookie(configuration: Configuration, looks: bool) -> Iterator[Authenticator]:
    if knows_cookies(configuration):
        yield Authenticator(COOKIE.name, Ltpa.tag, _accepted(configuration.one(Ltpa).auth_filter), looks, ends=False)


def _clients(stage: Stage, configuration: Configuration, looks: bool) -> Iterator[Authenticator]:
    if stage is TOKEN_BEFORE:
        for each in sorted(configuration.all(MpJwt), key=lambda each: each.auth_filter is None):
            yield Authenticator(stage.name, _key(each), _judged(each, configuration), looks, ends=True)
        if _takes_all(configuration):
            return
    selected, rest = divided(configuration)
    pairs = [(client, described(accepting)) for client, accepting in selected]
    for client in rest:
        also = ", or one that no other trusts" if client is rest[0] else ""
        pairs.append((client, _REST if len(rest) == 1 else f"{_REST}, where the token names an issuer that it trusts{also}"))
    for client, requests in pairs:
        if token_stage(client) is stage:
            yield Authenticator(stage.name, _key(client), requests, looks, ends=True)


def _judged(element: MpJwt, configuration: Configuration) -> str:
    filtered = any(each.auth_filter for each in configuration.all(MpJwt))
    requests = described(element.auth_filter) if element.auth_filter else _REST_OF_MP_JWT if filtered else _EVERY
    return requests if element.ignore_application_auth_method else f"{requests}, {_DECLARED}"


def _methods(configuration: Configuration, looks: bool) -> Iterator[Authenticator]:
    selected, rest = divided(configuration)
    for login, guarded in () if rest else _LOGINS:
        wanted = methods(login, configuration.one(WebAppSecurity))
        for method in wanted:
            requests = f"{guarded}; {_REST}" if selected else guarded
            yield Authenticator(METHODS.name, _CREDENTIALS[method], requests, looks, ends=method == wanted[-1])


def _accepted(accepting: AuthFilter | None) -> str:
    return described(accepting) if accepting else _EVERY


def _key(element: Element) -> str:
    return f"{element.tag}[{element.id}]"
