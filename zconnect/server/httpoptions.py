"""<httpOptions>: how an endpoint speaks HTTP, and the limits and times that follow from it."""

from datetime import timedelta
from typing import ClassVar, NamedTuple

from zconnect.config.datatypes import LONG
from zconnect.config.schema import Element, attr, element
from zconnect.server.decompression import Growth

FOR_EVER = float("inf")


class Limits(NamedTuple):
    """The numbers of an endpoint as its connections use them: times in seconds, sizes in bytes, None for unlimited."""

    keep_alive: bool = True
    requests: int | None = None
    idle: float = 30.0
    first: float = 60.0
    read: float = 60.0
    write: float = 60.0
    headers: int = 500
    field: int = 32768
    head: int = 512000
    message: int | None = None
    buffer: int = 32768
    streams: int = 100
    frame: int = 57344
    stream_window: int = 65535
    connection_window: int = 65535
    resets: int = 100
    resets_within: float = 30.0
    refused_streams: int = 100
    idle2: float = FOR_EVER


@element
class HttpOptions(Element):
    """How an endpoint speaks HTTP: reuse of connections, limits, times.

    <httpOptions id="defaultHttpOptions" persistTimeout="1m" maxKeepAliveRequests="500" MessageSizeLimit="1048576"/>
    """

    tag: ClassVar[str] = "httpOptions"
    default_id: ClassVar[str | None] = "defaultHttpOptions"

    keep_alive_enabled: bool = attr(default=True, doc="Whether a connection may carry more than one request")
    max_keep_alive_requests: int = attr(default=-1, minimum=-1, doc="How many requests a connection may carry; -1 is no limit")
    persist_timeout: timedelta = attr(
        default=timedelta(seconds=30), unit="s", doc="How long a connection may be idle between two requests; 0 is no limit"
    )
    read_timeout: timedelta = attr(
        default=timedelta(seconds=60),
        unit="s",
        doc="How long the head of a request may take, a body stand still, and a WebSocket be silent before it is asked; 0 is no limit",
    )
    write_timeout: timedelta = attr(
        default=timedelta(seconds=60), unit="s", doc="How long a caller may leave an answer unread; 0 is no limit"
    )
    limit_num_headers: int = attr(default=500, minimum=50, maximum=500, guard=True, doc="How many header fields a request may have")
    limit_field_size: int = attr(
        default=32768, minimum=50, maximum=32768, guard=True, doc="How many bytes the target, a header's name or its value may have"
    )
    max_header_block_size: int = attr(
        default=512000, minimum=16384, guard=True, doc="How many bytes the head of a request may have, in HTTP/1.1 and HTTP/2"
    )
    message_size_limit: int = attr(
        name="MessageSizeLimit",
        default=-1,
        minimum=-1,
        maximum=LONG[-1],
        guard=True,
        doc="How many bytes a request with a body may have, its head included, and a message of a WebSocket; -1 is none, and there 1 MiB",
    )
    incoming_body_buffer_size: int = attr(
        default=32768, minimum=1024, maximum=1048576, doc="How many bytes of a body are held before the sender is made to wait"
    )
    no_cache_cookies_control: bool = attr(
        name="NoCacheCookiesControl", default=True, doc="Whether an answer that sets a cookie is marked as not to be cached"
    )
    remove_server_header: bool = attr(
        default=False, doc="Whether answers go out without a Server header", unused="no Server header is ever sent"
    )
    auto_decompression: bool = attr(
        name="AutoDecompression",
        default=True,
        doc="Whether request bodies that come as gzip or deflate are unpacked",
    )
    decompression_ratio_limit: int = attr(
        default=200, minimum=1, guard=True, doc="How many times its size a part of a body may grow when unpacked"
    )
    decompression_tolerance: int = attr(
        default=3, minimum=0, guard=True, doc="How often a part of a body may grow more than that before it is refused"
    )
    do_not_allow_duplicate_set_cookies: str = attr(
        name="DoNotAllowDuplicateSetCookies",
        default="false",
        doc="Whether a cookie that is set twice is sent once",
        unused="cookies are sent as the service set them",
    )
    throw_ioe_for_inbound_connections: bool = attr(
        name="ThrowIOEForInboundConnections",
        default=False,
        doc="Tell the application when the caller has gone",
        unused="an application that streams is always told",
    )
    v0_cookie_date_rfc1123compat: bool = attr(
        name="v0CookieDateRFC1123compat",
        default=True,
        doc="Whether dates in cookies have the form of RFC 1123",
        unused="cookies are sent as the service set them",
    )
    http2_connection_idle_timeout: timedelta = attr(
        default=timedelta(0),
        unit="s",
        doc="How long an HTTP/2 connection may be idle; 0 is for ever, where it is absent persistTimeout counts",
    )
    max_concurrent_streams: int = attr(default=100, minimum=1, guard=True, doc="How many requests an HTTP/2 connection may carry at once")
    max_frame_size: int = attr(default=57344, minimum=16384, maximum=16777215, doc="How many bytes a frame of HTTP/2 may have")
    settings_initial_window_size: int = attr(
        default=65535, minimum=1, maximum=2147483647, doc="How many bytes of a body a caller may send ahead in HTTP/2"
    )
    connection_window_size: int = attr(
        default=65535, minimum=65535, maximum=2147483647, doc="How many bytes of all its bodies together a caller may send ahead in HTTP/2"
    )
    limit_window_update_frames: bool = attr(
        default=False, doc="Whether windows of HTTP/2 are enlarged more rarely", unused="windows are always updated in large steps"
    )
    max_reset_frames: int = attr(
        default=100, minimum=0, guard=True, doc="How many streams a caller may reset within resetFramesWindow; 0 is no limit"
    )
    reset_frames_window: timedelta = attr(default=timedelta(seconds=30), guard=True, doc="The span in which resets are counted")
    max_streams_refused: int = attr(
        default=100, minimum=0, guard=True, doc="How many streams of an HTTP/2 connection may be refused before it is closed; 0 is no limit"
    )

    def growth(self) -> Growth:
        """How much bodies that are unpacked may grow."""
        most = self.message_size_limit
        return Growth(self.decompression_ratio_limit, self.decompression_tolerance, None if most < 0 else most)

    def limits(self, first: timedelta) -> Limits:
        """The numbers as connections use them; `first` is how long a new connection may say nothing."""
        return Limits(
            keep_alive=self.keep_alive_enabled,
            # VERIFIED on a real server: 0 means one request.
            requests=None if self.max_keep_alive_requests < 0 else max(self.max_keep_alive_requests, 1),
            idle=_seconds(self.persist_timeout),
            first=_seconds(first),
            read=_seconds(self.read_timeout),
            write=_seconds(self.write_timeout),
            headers=self.limit_num_headers,
            field=self.limit_field_size,
            head=self.max_header_block_size,
            message=None if self.message_size_limit < 0 else self.message_size_limit,
            buffer=self.incoming_body_buffer_size,
            streams=self.max_concurrent_streams,
            frame=self.max_frame_size,
            stream_window=self.settings_initial_window_size,
            connection_window=self.connection_window_size,
            resets=self.max_reset_frames,
            resets_within=_seconds(self.reset_frames_window),
            refused_streams=self.max_streams_refused,
            idle2=_seconds(self.http2_connection_idle_timeout if _IDLE2 in self.given else self.persist_timeout),
        )


_IDLE2 = "http2connectionidletimeout"


def _seconds(time: timedelta) -> float:
    return time.total_seconds() or FOR_EVER
