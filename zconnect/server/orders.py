"""The line between the leading process and a worker: orders with open sockets one way, answers the other."""

import pickle
import socket
import struct
from array import array
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, NamedTuple

from zconnect.server.instance import Instance

_HEAD = struct.Struct("!QI")  # bytes and sockets that follow
_MOST_SOCKETS, _INT = 253, array("i").itemsize  # what the kernel carries in one message


class Word(StrEnum):
    """What a worker can be told to do; the names of ports come each with its socket."""

    BEGIN = "begin"  # be a worker of this server; data: Beginning
    PREPARE = "prepare"  # make a runtime; data: Configuration
    COMMIT = "commit"  # serve from it; data: names of ports
    PAUSE = "pause"  # data: ids of endpoints
    RESUME = "resume"  # data: ids of endpoints, and names of ports
    DUMP = "dump"  # the threads
    FORGET = "forget"  # data: Memories
    STOP = "stop"  # data: seconds for what is under way


@dataclass(frozen=True, slots=True)
class Beginning:
    """Whose worker a process is; `properties` are those of bootstrap.properties at the start, `since` and `secret` those of the store."""

    instance: Instance
    properties: Mapping[str, str]
    since: float
    secret: bytes = field(repr=False)


class Message(NamedTuple):
    """One message with the sockets that came with it."""

    data: Any
    sockets: Sequence[socket.socket]


class Line:
    """One end of a line; all calls wait.

    The other end is a process of this server by the same user and has no name that anybody else could connect to, so that what
    comes may be unpickled.
    """

    def __init__(self, end: socket.socket) -> None:
        self._end = end

    def limit(self, seconds: float | None) -> None:
        """How long one call may wait; `TimeoutError` then."""
        self._end.settimeout(seconds)

    def send(self, data: object, sockets: Sequence[socket.socket] = ()) -> None:
        """Send one message; raises `OSError` where the other end is gone."""
        text = pickle.dumps(data, pickle.HIGHEST_PROTOCOL)
        head = _HEAD.pack(len(text), len(sockets))
        if sockets:
            socket.send_fds(self._end, [head], [each.fileno() for each in sockets])
        else:
            self._end.sendall(head)
        self._end.sendall(text)

    def receive(self) -> Message:
        """The next message; raises `EOFError` where the other end is gone."""
        head, ancillary, *_ = self._end.recvmsg(_HEAD.size, socket.CMSG_LEN(_MOST_SOCKETS * _INT), socket.MSG_CMSG_CLOEXEC)
        sockets = [socket.socket(fileno=number) for *_, data in ancillary for number in array("i", data)]
        length, count = _HEAD.unpack(head + self._whole(_HEAD.size - len(head)))
        if len(sockets) != count:
            raise EOFError("a socket was lost on the way")
        return Message(pickle.loads(self._whole(length)), sockets)

    def _whole(self, length: int) -> bytes:
        parts = bytearray()
        while len(parts) < length:
            part = self._end.recv(min(length - len(parts), 1 << 20))
            if not part:
                raise EOFError("the other end is gone")
            parts += part
        return bytes(parts)

    def close(self) -> None:
        """Hang up."""
        self._end.close()
