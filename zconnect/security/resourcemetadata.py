"""Protected resource metadata (RFC 9728): who gives tokens for this server, and what must come with them."""

import json
import re
from collections.abc import Iterable, Sequence
from typing import Protocol

from zconnect.config.schema import Element, attr, element
from zconnect.errors import Refused
from zconnect.messages import error
from zconnect.roles import Offer, Protection
from zconnect.values import Call, Kind, Response

WRONG_METHOD = error("ZCON0438E", "The description of {resource} cannot be asked for by {method}.", "Use GET.")

_WELL_KNOWN = "/.well-known/oauth-protected-resource"
_ADDRESS = re.compile(r"(https://(?:[A-Za-z0-9.-]+|\[[0-9A-Fa-f:.]+\])(?::[0-9]{1,5})?)((?:/(?!\.{1,2}(?:/|$))[A-Za-z0-9._~-]+)*/?)")


def _address_check(text: str) -> None:
    if text and not _ADDRESS.fullmatch(text):
        raise ValueError("it is no address of https, such as https://api.example/catalog, without query and fragment")


@element
class ProtectedResource(Element):
    """The attribute that has a resource described to strangers."""

    protected_resource: str = attr(
        default="",
        guard=True,
        check=_address_check,
        doc="The address of what the client guards; with it clients are told, under /.well-known/oauth-protected-resource, whose "
        "tokens to bring (RFC 9728), and challenges lead there",
    )

    @property
    def metadata_path(self) -> str:
        """The path under which the resource is described (section 3.1)."""
        found = _ADDRESS.fullmatch(self.protected_resource)
        return _WELL_KNOWN + (found[2] if found and found[2] != "/" else "")

    @property
    def metadata_address(self) -> str:
        """The whole address of that, empty where the resource is not described."""
        found = _ADDRESS.fullmatch(self.protected_resource)
        return found[1] + self.metadata_path if found else ""


class Guard(Protocol):
    """A client that guards a resource (`oidc.OpenidConnectClient`)."""

    @property
    def authorization_servers(self) -> Sequence[str]: ...
    @property
    def header_name(self) -> str: ...
    @property
    def proof_algorithms(self) -> Sequence[str]: ...
    @property
    def dpop(self) -> str: ...


class Metadata:
    """Answers with the description of a resource."""

    def __init__(self, resource: str, guards: Sequence[Guard], certificates: bool) -> None:
        self._resource = resource
        algorithms = _together(each.proof_algorithms for each in guards)
        document = {
            "resource": resource,
            "authorization_servers": _together(each.authorization_servers for each in guards),
            "bearer_methods_supported": _together(map(_bearer_methods, guards)),
            "tls_client_certificate_bound_access_tokens": certificates,
        }
        if algorithms:
            document["dpop_signing_alg_values_supported"] = algorithms
            document["dpop_bound_access_tokens_required"] = all(each.dpop == "required" for each in guards)
        # Section 3.2: a member without values is left out, but no way to send a bearer token is a fact (section 2).
        self._body = json.dumps({name: value for name, value in document.items() if value != [] or name.startswith("bearer")}).encode()

    async def invoke(self, call: Call) -> Response:
        """The description as JSON."""
        if call.request.method not in {"GET", "HEAD"}:
            told = WRONG_METHOD(resource=self._resource, method=call.request.method)
            raise Refused(405, told, headers=[(b"allow", b"GET, HEAD")])
        return Response(200, ((b"content-type", b"application/json"),), self._body)


def _bearer_methods(guard: Guard) -> Sequence[str]:
    """The ways of RFC 6750 by which tokens may come."""
    return () if guard.header_name.strip() or guard.dpop == "required" else ("header", "body")


def _together(lists: Iterable[Sequence[str]]) -> list[str]:
    return list(dict.fromkeys(each for some in lists for each in some))


def offer(described: ProtectedResource, guards: Sequence[Guard], *, certificates: bool) -> Offer:
    """The resource that describes another one, to anybody; `certificates`: TLS asks callers for theirs."""
    return Offer(
        pattern=described.metadata_path,
        kind=Kind.APPLICATION,
        name=described.protected_resource,
        service=Metadata(described.protected_resource, guards, certificates),
        protection=Protection(secure=True, roles=None, anonymous=True),
    )
