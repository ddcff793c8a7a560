"""The walk of a request: match, admit, call, around."""

import asyncio
from collections.abc import Set
from pathlib import Path

from zconnect.config.configuration import Configuration
from zconnect.errors import Refused
from zconnect.roles import Assembly
from zconnect.runtime.routes import Routes
from zconnect.security.signon import SignOn
from zconnect.values import Farewell, Request, Response


class Runtime:
    """A compiled configuration; requests read it and never write it. `watched` are the files that its parts depend on."""

    def __init__(
        self, configuration: Configuration, assembly: Assembly, routes: Routes, sign_on: SignOn | None, watched: Set[Path]
    ) -> None:
        self.configuration = configuration
        self.assembly = assembly
        self.routes = routes
        self.watched = watched
        self._sign_on = sign_on
        self._under_way = 0
        self._idle = asyncio.Event()
        self._idle.set()

    async def handle(self, request: Request) -> Response:
        """The answer to a request; an error is an answer, too."""
        operation = self.routes.match(request)
        identity = None
        try:
            identity, fields = await operation.admit(request)
            call = operation.call(request, identity)
        except Refused as refusal:
            return await operation.chain.early_failure(request, identity, operation.resource, refusal)
        response = await operation.chain.around(call, operation.service)
        if isinstance(response, Farewell):
            fields = self._sign_on.logout(request) if self._sign_on is not None else ()
        return response._replace(headers=(*response.headers, *fields)) if fields else response

    async def refuse(self, request: Request, refusal: Refused) -> Response:
        """The answer to a request whose caller the edge does not believe: an early failure like those of the guard."""
        operation = self.routes.match(request)
        return await operation.chain.early_failure(request, None, operation.resource, refusal)

    def serves(self, request: Request) -> bool:
        """Whether a path means something here, as far as strangers may know."""
        return self.routes.knows(request)

    def entered(self) -> None:
        """A request begins; the edge says so, and `left` when its last byte is out."""
        self._under_way += 1

    def left(self) -> None:
        """A request has ended."""
        self._under_way -= 1
        if not self._under_way:
            self._idle.set()

    async def drained(self) -> None:
        """Wait until no request is under way any more."""
        while self._under_way:
            self._idle.clear()
            await self._idle.wait()
