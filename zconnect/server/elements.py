"""The elements of this room, for the table of features."""

from typing import Final

from zconnect.runtime.unmatched import HttpDispatcher
from zconnect.server.accesslog import AccessLogging, HttpAccessLogging
from zconnect.server.compression import Compression
from zconnect.server.cors import Cors
from zconnect.server.dropins import ApplicationMonitor
from zconnect.server.endpoint import HttpEndpoint, SslOptions, TcpOptions
from zconnect.server.headers import HeadersElement
from zconnect.server.httpoptions import HttpOptions
from zconnect.server.remoteip import RemoteIp
from zconnect.server.samesite import SameSite
from zconnect.server.terminator import TlsTerminator
from zconnect.server.virtualhost import VirtualHost
from zconnect.server.webcontainer import WebContainer
from zconnect.server.workers import Workers

ELEMENTS: Final = (
    HttpEndpoint,
    HttpOptions,
    TcpOptions,
    SslOptions,
    HeadersElement,
    HttpAccessLogging,
    AccessLogging,
    RemoteIp,
    TlsTerminator,
    SameSite,
    Compression,
    Cors,
    VirtualHost,
    HttpDispatcher,
    WebContainer,
    ApplicationMonitor,
    Workers,
)
