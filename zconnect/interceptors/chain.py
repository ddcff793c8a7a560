"""The interceptors of one operation round its service: pre ascending, post in reverse, a post for every pre.

This is a border: whatever a part raises ends here as a response, and stands in log and audit.
"""

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from functools import partial
from operator import attrgetter

from zconnect.errors import Refused
from zconnect.interceptors.answers import completed
from zconnect.messages import error, warning
from zconnect.roles import Assembly, Interceptor, InterceptorPart, Interceptors, Service
from zconnect.values import Call, Identity, Outcome, Request, Resource, Response

TWICE = warning(
    "ZCON0501W",
    "The interceptor {interceptor} stands in the global list and in the list {list}, so it runs twice.",
    "Take it out of one list, or set runGlobalInterceptors to false on the resource.",
)
FAILED = error(
    "ZCON0502E",
    "The request {identifier} for {resource} was answered with 500 because of {cause}.",
    "Look at the stack that follows; the mistake is in the part that it ends in.",
)
AFTERWARDS = error(
    "ZCON0503E",
    "The interceptor {interceptor} failed after the request {identifier}: {cause}. The answer was not changed.",
    "Look at the stack that follows.",
)
BROKEN = error(
    "ZCON0505E",
    "The answer to the request {identifier} for {resource} broke off after {length} bytes because of {cause}.",
    "Look at the stack that follows; the mistake is in the part that it ends in.",
)
ABANDONED = warning(
    "ZCON0504W",
    "The client went away before its answer was complete.",
    "No action is needed, unless it happens often: then the back end is slower than its callers are patient.",
)

CLIENT_GONE = 499  # no status of HTTP: nobody was there to be told one

logger = logging.getLogger(__name__)


class Chain:
    """What runs round every call of an operation."""

    __slots__ = ("_everywhere", "_posts", "_pres")

    def __init__(self, links: tuple[Interceptor, ...], everywhere: tuple[Interceptor, ...]) -> None:
        self._pres = tuple(link.pre_invoke if _acts(link, "pre_invoke") else None for link in links)
        self._posts = tuple(link if _acts(link, "post_invoke") else None for link in reversed(links))
        self._everywhere = tuple(link for link in everywhere if _acts(link, "early_failure"))

    async def around(self, call: Call, service: Service) -> Response:
        """The service's response, or the one that a refusal or failure on the way has become; never raises an error."""
        begun = 0
        reason = ""
        try:
            for pre_invoke in self._pres:
                begun += 1
                if pre_invoke is not None:
                    await pre_invoke(call)
            answer = await service.invoke(call)
        except Refused as refusal:
            answer, reason = completed(refusal, call.resource).response, refusal.reason
        except asyncio.CancelledError:
            await self.after(call, begun, CLIENT_GONE, 0, str(ABANDONED()))
            raise
        except Exception as cause:
            failure = _failure(call.request, call.resource, cause)
            answer, reason = completed(failure, call.resource).response, failure.reason
        if not begun:
            return answer
        body = answer.body
        if isinstance(body, bytes):
            await self.after(call, begun, answer.status, 0 if call.request.method == "HEAD" else len(body), reason)
            return answer
        silent = call.request.method == "HEAD" or answer.status in (204, 304)
        return answer._replace(body=_Watched(body, partial(self.after, call, begun, answer.status), call, silent))

    async def after(self, call: Call, begun: int, status: int, length: int, reason: str) -> None:
        """Tell the interceptors whose `pre_invoke` was begun, last first."""
        tunnel = call.request.tunnel if status == 101 else None
        outcome = Outcome(status, length, time.time(), tunnel.reason if tunnel is not None and tunnel.reason else reason)
        for link in self._posts[len(self._posts) - begun :]:
            if link is not None:
                try:
                    await link.post_invoke(call, outcome)
                except Exception as cause:
                    _log_afterwards(link, call.request, cause)

    async def early_failure(self, request: Request, identity: Identity | None, resource: Resource, refusal: Refused) -> Response:
        """The response to a request that was refused before it became a call; only the global interceptors hear of it."""
        refusal = completed(refusal, resource)
        for link in self._everywhere:
            try:
                await link.early_failure(request, identity, resource, refusal)
            except Exception as cause:
                _log_afterwards(link, request, cause)
        return refusal.response


class _Watched:
    """A streamed body, counted; tells once how it has ended.

    A class and not a generator, because closing a generator that was never begun runs nothing.
    """

    __slots__ = ("_body", "_call", "_ended", "_length", "_over", "_silent")

    def __init__(self, body: AsyncIterator[bytes], ended: Callable[[int, str], Awaitable[None]], call: Call, silent: bool) -> None:
        self._body = body
        self._ended = ended
        self._call = call
        self._silent = silent
        self._length = 0
        self._over = False

    def __aiter__(self) -> AsyncIterator[bytes]:
        return self

    async def __anext__(self) -> bytes:
        try:
            piece = await self._body.__anext__()
        except StopAsyncIteration:
            await self._end("")
            raise
        except Refused as refusal:
            await self._end(refusal.reason)
            raise
        except Exception as cause:
            failure = _broken(self._call, self._length, cause)
            await self._end(failure.reason)
            raise failure from cause
        except asyncio.CancelledError:
            await self._end(str(ABANDONED()))
            raise
        self._length += len(piece)
        return piece

    async def aclose(self) -> None:
        """End it before its time: the client has gone, or the answer has no body (HEAD, 204, 304)."""
        try:
            close = getattr(self._body, "aclose", None)
            if close is not None:
                await close()
        finally:
            await self._end("" if self._silent else str(ABANDONED()))

    async def _end(self, reason: str) -> None:
        if not self._over:
            self._over = True
            await self._ended(self._length, reason)


def _acts(link: Interceptor, moment: str) -> bool:
    """Whether an interceptor has something of its own to do then."""
    return getattr(type(link), moment) is not getattr(Interceptor, moment)


def _failure(request: Request, resource: Resource, cause: Exception) -> Refused:
    told = FAILED(identifier=request.identifier, resource=resource.name or request.path, cause=repr(cause))
    logger.error("%s", told, exc_info=cause)
    return Refused(500, told)


def _broken(call: Call, length: int, cause: Exception) -> Refused:
    told = BROKEN(identifier=call.request.identifier, resource=call.resource.name or call.request.path, length=length, cause=repr(cause))
    logger.error("%s", told, exc_info=cause)
    return Refused(500, told)


def _log_afterwards(link: Interceptor, request: Request, cause: Exception) -> None:
    told = AFTERWARDS(interceptor=type(link).__name__, identifier=request.identifier, cause=repr(cause))
    logger.error("%s", told, exc_info=cause)


async def open_chain(everywhere: Interceptors | None, own: Interceptors | None, assembly: Assembly) -> Chain:
    """The chain of an operation: the global list and its own, merged by `sequence`; equals keep the order of the lists."""
    general = everywhere.interceptors if everywhere else ()
    particular = own.interceptors if own else ()
    await _warn_of_doubles(general, particular, own, assembly)
    opened = [await assembly.opened(part) for part in (*general, *particular)]
    return Chain(_in_order(opened), _in_order(opened[: len(general)]))


def _in_order(links: list[Interceptor]) -> tuple[Interceptor, ...]:
    return tuple(sorted(links, key=attrgetter("sequence")))


async def _warn_of_doubles(
    general: tuple[InterceptorPart, ...], particular: tuple[InterceptorPart, ...], own: Interceptors | None, assembly: Assembly
) -> None:
    told = await assembly.shared(_told)
    for part in particular:
        double = (part.id, own.id if own else "")
        if part in general and double not in told:
            told.add(double)
            TWICE.log(logger, interceptor=part.id, list=double[1])


async def _told(assembly: Assembly) -> set[tuple[str, str]]:
    """Which doubles this runtime has been warned of: many operations name the same lists."""
    return set()
