"""<zosconnect_fileSystemLoggerInterceptor>: requests and responses as text, in the layout of z/OS Connect, without their bodies.

A body streams through the server and is not kept, so `MessageData` is empty and `MessageSize` counts bytes.
"""

import time
from json.encoder import encode_basestring_ascii
from pathlib import Path
from typing import ClassVar, Literal

from zconnect.config.schema import attr, element
from zconnect.interceptors.appendfile import AppendFile
from zconnect.interceptors.record import HIDDEN, SECRET
from zconnect.roles import Assembly, Interceptor, InterceptorPart
from zconnect.values import Call, Identity, Outcome, Request

_STARS = "*" * 60


@element
class FileSystemLoggerInterceptor(InterceptorPart):
    """Writes a few lines of text for every request and response.

    <zosconnect_fileSystemLoggerInterceptor id="requests" logOption="request" requestUrl="true"/>
    """

    tag: ClassVar[str] = "zosconnect_fileSystemLoggerInterceptor"

    log_path: Path = attr(default=Path(), doc="The folder of the file; a relative path is below the folder of the logs")
    log_name: str = attr(default="zosConnectRequests.log", doc="The name of the file in that folder")
    log_option: Literal["request", "response", "both"] = attr(default="both", doc="Whether requests, responses or both are written")
    request_url: bool = attr(name="requestUrl", default=False, doc="Write the URL of the request, without its query")
    api_provider_request_headers: tuple[str, ...] = attr(default=(), doc="The request headers that are written")
    api_provider_response_headers: tuple[str, ...] = attr(
        default=(),
        doc="The response headers that are written",
        unused="interceptors see the length and status of a response, not its headers",
    )
    buffered_logging: bool = attr(
        default=True, doc="Whether lines are held back, to write many at once", unused="every line is written at once"
    )
    encoding: str = attr(
        default="UTF-8", doc="The character encoding of the file", unused="the file is ASCII, which every encoding in question contains"
    )

    async def open(self, assembly: Assembly) -> Interceptor:
        """Open the file and begin it with a banner; raises `Unavailable`."""
        file = AppendFile(assembly.place.log_dir / self.log_path / self.log_name, self.tag)
        assembly.closing(file.close)
        file.append(f"{_STARS}\n* ServerName:{_text(assembly.place.name)}\n{_STARS}\n".encode("ascii"), time.time())
        return _FileLogger(self, file)


class _FileLogger(Interceptor):
    """The open interceptor; IBM's does not hear of early failures either, the audit interceptor does."""

    def __init__(self, element: FileSystemLoggerInterceptor, file: AppendFile) -> None:
        self.sequence = element.sequence
        self._element = element
        self._file = file

    async def pre_invoke(self, call: Call) -> None:
        """Write the request."""
        if self._element.log_option != "response":
            request = call.request
            self._write("REQUEST", request, call.identity, request.body.length, request.arrived, self._described(request))

    async def post_invoke(self, call: Call, outcome: Outcome) -> None:
        """Write the response."""
        if self._element.log_option != "request":
            lines = f"StatusCode:{outcome.status}\n"
            self._write("RESPONSE", call.request, call.identity, outcome.length, outcome.completed, lines)

    def _described(self, request: Request) -> str:
        lines = ""
        if self._element.api_provider_request_headers:
            lines = f"Headers:{', '.join(self._headers(request))}\n"
        if self._element.request_url:
            lines += f"RequestURL:{_text(f'{request.scheme}://{request.authority}{request.path}')}\n"
        return lines

    def _headers(self, request: Request) -> list[str]:
        return [
            f"{_text(name)}:{HIDDEN if name.lower() in SECRET else _text(value.decode('latin-1'))}"
            for name in self._element.api_provider_request_headers
            for value in request.headers.all(name.lower().encode("latin-1", "replace"))
        ]

    def _write(self, kind: str, request: Request, identity: Identity | None, size: int | None, now: float, lines: str) -> None:
        moment = f"{time.strftime('%Y-%m-%d_%H-%M-%S', time.localtime(now))}-{int(now % 1 * 1000):03d}"
        user = _text(identity.user) if identity else ""
        peer = request.peer
        self._file.append(
            f"DateTime:{moment} | ThreadId:0 | UserName:{user} | RequestID:{_text(request.identifier)} |\n"
            f"RemoteAddress:{peer.address}:{peer.port} | LocalAddress:{peer.local_address}:{peer.local_port}\n"
            f"MessageType:{kind}\n{lines}MessageSize:{'' if size is None else size}\nMessageData:\n".encode("ascii", "replace"),
            now,
        )


def _text(value: str) -> str:
    """A value that came from outside, in ASCII, without line ends and without the separator of the layout."""
    return encode_basestring_ascii(value)[1:-1].replace("|", "\\u007c")
