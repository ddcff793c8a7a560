"""One operation: its path, its gate, its chain and its service."""

from collections.abc import Mapping
from typing import NamedTuple

from zconnect.interceptors.chain import Chain
from zconnect.roles import Constraints, Offer, Protection, Service
from zconnect.security.gate import Gate
from zconnect.values import Admitted, Call, Identity, Request, Resource


class Operation(NamedTuple):
    """What a request means, ready to be carried out.

    `gates` has the gate of each protection that `constraints` may name; without constraints it is one gate for all.
    """

    offer: Offer
    resource: Resource
    service: Service
    chain: Chain
    gate: Gate
    gates: Mapping[Protection, Gate]
    constraints: Constraints | None

    @property
    def pattern(self) -> str:
        """The path it answers for; one that ends in `*` stands for all that begins so."""
        return self.offer.pattern

    def subpath(self, request: Request) -> str:
        """The path below the resource: empty or beginning with a slash."""
        return request.path[len(self.offer.pattern) - 2 :] if self.offer.pattern.endswith("/*") else ""

    async def admit(self, request: Request) -> Admitted:
        """Let the caller in; raises `Refused`."""
        if self.constraints is None:
            return await self.gate.admit(request)
        protection = self.constraints.of(request.method, self.subpath(request) or "/")
        return await self.gates[protection].admit(request)

    def call(self, request: Request, identity: Identity | None) -> Call:
        """The request as a call to this operation."""
        return Call(request, identity, self.resource, self.subpath(request))
