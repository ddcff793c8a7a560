"""One WebSocket (RFC 6455) over ASGI: frames (wsproto) on the caller's side, events on the application's; imported for the first one."""

import asyncio
import time
from collections import deque

from wsproto.connection import Connection, ConnectionState, ConnectionType
from wsproto.events import BytesMessage, CloseConnection, Event, Ping, TextMessage

from zconnect.errors import Refused
from zconnect.messages import Told, info, warning
from zconnect.services.exchange import FAILED_LATER, GRACE, MOST_HELD, CallerGone, Exchange, Message, headers, logger, wake
from zconnect.services.offer import checked, subprotocols
from zconnect.values import Call, Response, Tunnel

CUT = warning(
    "ZCON0627W", "A WebSocket was closed with {code}, because {reason}.", "Look at the caller, and at how the application uses it."
)
VANISHED = info("ZCON0629I", "The caller of a WebSocket is gone without having closed it.")
EXPIRED = info("ZCON0628I", "A WebSocket was closed with {code}, because the login that it was opened with has expired.")

NORMAL, GOING_AWAY, LOST, VIOLATION, TOO_BIG, FAULT = 1000, 1001, 1006, 1008, 1009, 1011  # RFC 6455, 7.4.1
_OVERHEAD = 256  # bytes that an event costs beside what it carries
_SPARE = 1000  # frames that bring nothing and may come in a row; as in HTTP/2 (`server/frames.py`)
_AGAIN = 20  # as many again in each second
_LOOK = 3600.0  # seconds between two looks at the clock, which may be set


class Socket(Exchange):
    """Lets an application take up an offer, or decline it with an answer (`websocket.http.response`); holds back who is faster.

    Raises `Refused` where the offer is not as it should be, or comes from a page that has no leave.
    """

    def __init__(self, call: Call, tunnel: Tunnel, application: str) -> None:
        super().__init__(call.request, application)
        self._tunnel = tunnel
        self._expires = float("inf") if call.identity is None else call.identity.expires
        self._accepts = checked(call, tunnel, application)
        self.subprotocols = subprotocols(call.request)
        self._frames = Connection(ConnectionType.SERVER)
        self._events: deque[Message] = deque([{"type": "websocket.connect"}])
        self._waiting = _OVERHEAD  # bytes of events that the application has not taken
        self._message = bytearray()
        self._farewell: Message | None = None
        self._is_open = False
        self._news, self._space, self._room = asyncio.Event(), asyncio.Event(), asyncio.Event()
        self._spare, self._since = float(_SPARE), 0.0
        self._heard, self._asked = -1, False
        self._timers: dict[str, asyncio.TimerHandle] = {}
        self._reading: asyncio.Task[None] | None = None

    # The application's side

    async def receive(self) -> Message:
        """The next event for the application; when all is over, always the same."""
        while not self._events and self._farewell is None:
            self._news.clear()
            await self._news.wait()
        if not self._events:
            return self._farewell or {}
        event = self._events.popleft()
        self._waiting -= _weight(event)
        self._space.set()
        return event

    async def send(self, message: Message) -> None:
        """Take an event from the application; raises `CallerGone`, and `RuntimeError` on one out of turn."""
        kind = message["type"]
        if self._gone or (self._farewell is not None and kind != "websocket.close"):
            raise CallerGone
        if kind.startswith("websocket.http."):
            await self._decline({**message, "type": kind.removeprefix("websocket.")})
        elif kind == "websocket.accept" and self._start is None:
            self._accept(message)
        elif kind == "websocket.send" and self._is_open:
            await self._put(_frame(message))
        elif kind == "websocket.close" and self._start is None:
            await self._decline({"type": "http.response.start", "status": 403})
            await self._decline({"type": "http.response.body"})
        elif kind == "websocket.close" and self._reading is not None:
            self._shut(message.get("code", NORMAL), message.get("reason") or "", own=True)
        else:
            raise RuntimeError(f"{kind} is out of turn")

    async def _decline(self, message: Message) -> None:
        await super().send(message)
        if self._complete:
            self._farewell = {"type": "websocket.disconnect", "code": LOST, "reason": ""}
            self._news.set()

    def _accept(self, message: Message) -> None:
        fields, chosen = headers(message), message.get("subprotocol")
        if any(name.startswith(b"sec-websocket-") for name, _ in fields):
            raise RuntimeError("what begins with Sec-WebSocket- is said by the server")
        if chosen is not None and chosen not in self.subprotocols:
            raise RuntimeError(f"the caller has not offered the subprotocol {chosen!r}")
        protocol = () if chosen is None else ((b"sec-websocket-protocol", chosen.encode()),)
        self._start, self._started, self._is_open = message, True, True
        self._answer.set_result(Response(101, ((b"sec-websocket-accept", self._accepts), *protocol, *fields), self))
        self._reading = self._loop.create_task(self._read())
        self._reading.add_done_callback(self._read_all)
        self._watch_login()
        self._watch_caller()
        self._tunnel.on_leave(lambda: self._shut(GOING_AWAY, "the server goes away"))

    def _ended(self, task: "asyncio.Task[None]") -> None:
        """The application is at its end."""
        if self._reading is None:
            return super()._ended(task)
        self._at_end(task)
        cause = None if task.cancelled() else task.exception()
        if self._is_open and cause is not None:
            told = FAILED_LATER(application=self._application, identifier=self._request.identifier, cause=repr(cause))
            logger.error("%s", told, exc_info=cause)
            self._shut(FAULT, "", told)
        else:
            self._shut(NORMAL)

    # The caller's side

    async def _read(self) -> None:
        """Take what the caller sends, no faster than the application takes it."""
        try:
            async for piece in self._tunnel:
                self._frames.receive_data(piece)
                for event in self._frames.events():
                    await self._happened(event)
                    if self._complete:
                        return
        except Refused:
            self._leave()  # the connection is lost

    async def _happened(self, event: Event) -> None:
        if isinstance(event, TextMessage | BytesMessage):
            await self._part(event)
        elif isinstance(event, CloseConnection):
            self._closed(event)
        elif self._affords(0) and isinstance(event, Ping) and self._is_open:
            self._hold(event.response())
            await self._drained()

    async def _part(self, event: TextMessage | BytesMessage) -> None:
        """A message, or a part of one."""
        if not self._is_open:
            return
        data = event.data.encode() if isinstance(event, TextMessage) else event.data
        self._message += data
        if len(self._message) > self._tunnel.largest:
            return self._cut(TOO_BIG, f"a message has more than {self._tunnel.largest} bytes")
        if event.message_finished:
            whole, self._message = self._message, bytearray()
            if isinstance(event, TextMessage):
                await self._deliver({"type": "websocket.receive", "text": whole.decode()})
            else:
                await self._deliver({"type": "websocket.receive", "bytes": bytes(whole)})
        elif event.frame_finished:
            self._affords(len(data))

    async def _deliver(self, event: Message) -> None:
        self._events.append(event)
        self._waiting += _weight(event)
        self._news.set()
        while self._waiting > MOST_HELD and self._is_open:
            self._space.clear()
            await self._space.wait()

    def _affords(self, size: int) -> bool:
        """Whether one more frame of this kind may come: pings, pongs and small parts of messages only cost."""
        now = self._loop.time()
        self._spare = min(_SPARE, self._spare + (now - self._since) * _AGAIN + size / 256) - 1
        self._since = now
        if self._spare < 0:
            self._cut(VIOLATION, "too many frames came that bring nothing")
        return self._spare >= 0

    async def _put(self, event: Event) -> None:
        """Send an event, and wait while the caller does not read."""
        self._hold(event)
        await self._drained()
        if not self._is_open:
            raise CallerGone

    async def _drained(self) -> None:
        while self._size > MOST_HELD and self._is_open:
            self._room.clear()
            await self._room.wait()

    def _hold(self, event: Event) -> None:
        frame = bytes(self._frames.send(event))
        self._held.append(frame)
        self._size += len(frame)
        wake(self._reader)

    async def __anext__(self) -> bytes:
        piece = await super().__anext__()
        self._room.set()
        return piece

    # The end

    def _closed(self, event: CloseConnection) -> None:
        """The caller closes, answers our closing, or breaks the protocol, which wsproto tells in the same way."""
        if self._frames.state is ConnectionState.OPEN:
            self._cut(int(event.code), f"a frame is not as RFC 6455 has it ({event.reason})")
        elif self._frames.state is ConnectionState.REMOTE_CLOSING:
            self._shut(event.code, event.reason or "")
        self._finish()

    def _cut(self, code: int, reason: str) -> None:
        self._shut(code, reason, CUT(code=code, reason=reason))

    def _shut(self, code: int, text: str = "", told: Told | str = "", own: bool = False) -> None:
        """Begin to close, or answer the caller who has begun.

        `told` is for the record, empty where all is as it should be; `own` says that it is the application's wish.
        """
        if not self._is_open:
            return
        self._hold(CloseConnection(code, text or None))
        self._is_open = False
        self._tunnel.code, self._tunnel.reason = int(code), str(told)
        self._farewell = {"type": "websocket.disconnect", "code": int(code), "reason": text}
        self._tell_all()
        self._timers["end"] = self._loop.call_later(GRACE, self._finish)
        if self._task is not None and not own:
            self._loop.call_later(GRACE, self._task.cancel)

    def _finish(self) -> None:
        """Nothing follows what is held."""
        self._complete = True
        wake(self._reader)

    async def aclose(self) -> None:
        """Nobody reads what is sent any more."""
        await super().aclose()
        self._tell_all()
        if self._reading is not None:
            self._reading.cancel()

    def _leave(self) -> None:
        """The caller is gone without a word."""
        if self._is_open:
            self._tunnel.reason = str(VANISHED())
        self._is_open = False
        self._farewell = self._farewell or {"type": "websocket.disconnect", "code": LOST, "reason": ""}
        super()._leave()
        self._tell_all()
        self._finish()

    def _tell_all(self) -> None:
        """Wake whoever waits, and stop the clocks."""
        for event in (self._news, self._space, self._room):
            event.set()
        for timer in self._timers.values():
            timer.cancel()
        self._timers.clear()

    def _read_all(self, task: "asyncio.Task[None]") -> None:
        cause = None if task.cancelled() else task.exception()
        if cause is not None:
            logger.error("%s", CUT(code=FAULT, reason=repr(cause)), exc_info=cause)
            self._cut(FAULT, "the server failed")
            self._finish()

    # Times

    def _watch_login(self) -> None:
        """Close when the login has expired: no further request would notice it."""
        left = self._expires - time.time()
        if left <= 0:
            self._shut(VIOLATION, "the login has expired", EXPIRED(code=VIOLATION))
        elif self._expires < float("inf"):
            self._timers["login"] = self._loop.call_later(min(left, _LOOK), self._watch_login)

    def _watch_caller(self) -> None:
        """Ask a caller who has been silent for long whether he is there; who does not answer that is gone."""
        before, self._heard = self._heard, self._tunnel.received
        silent = self._heard == before and self._waiting <= MOST_HELD  # who is held back cannot answer
        if silent and self._asked:
            return self._cut(FAULT, f"the caller did not answer a ping within {self._tunnel.patience:g} seconds")
        if silent:
            self._hold(Ping())
        self._asked = silent
        if self._tunnel.patience < float("inf"):
            self._timers["caller"] = self._loop.call_later(self._tunnel.patience, self._watch_caller)


def _frame(message: Message) -> BytesMessage | TextMessage:
    """What the application wants to say."""
    data, text = message.get("bytes"), message.get("text")
    if data is None and text is None:
        raise RuntimeError("websocket.send has neither bytes nor text")
    return BytesMessage(bytes(data)) if data is not None else TextMessage(str(text))


def _weight(event: Message) -> int:
    """What an event costs while it waits."""
    return _OVERHEAD + len(event.get("text") or event.get("bytes") or b"")
