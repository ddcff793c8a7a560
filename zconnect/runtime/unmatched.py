"""<httpDispatcher>: what a path gets that nobody answers for, and the page for the path `/`."""

from collections.abc import Iterable
from typing import ClassVar

from zconnect.config.configuration import Configuration
from zconnect.config.schema import Element, attr, element
from zconnect.errors import Problem, Refused
from zconnect.interceptors.answers import page
from zconnect.messages import error, warning
from zconnect.roles import Managed, Offer, Protection
from zconnect.security.addresses import range_of
from zconnect.values import Call, Kind, Response

NOT_FOUND = error("ZCON0702E", "Nothing answers for the path {path}.", "Check the address, and the names and context roots in server.xml.")

BAD_ORIGIN = warning(
    "CWWKT0038W",
    "{entry} in {attribute} of httpDispatcher is passed over: {reason}.",
    "Write addresses of proxies, with * for any last part; zconnect_tlsTerminator knows them by certificate, too.",
)
_NOBODY = "none"
_WELCOMED = frozenset({"", "/", "/index.html"})
_NOTHING_HERE = page("Context Root Not Found", "No application answers for this address.")
_WELCOME = page("The server is running", "Its applications answer below their context roots.")
# Whoever asks for what is not there has no business with the connection any longer (Liberty).
_FIELDS = ((b"content-type", b"text/html; charset=UTF-8"), (b"connection", b"close"))


@element
class HttpDispatcher(Element):
    """What is answered where no application is meant."""

    tag: ClassVar[str] = "httpDispatcher"
    singleton: ClassVar[bool] = True

    enable_welcome_page: bool = attr(default=True, doc="Whether the path / is answered with a page, where z/OS Connect does not guard it")
    app_or_context_root_missing_message: str = attr(default="", doc="The body, in HTML, of the 404 for unknown paths")
    pad_app_or_context_root_missing_message: bool = attr(
        default=False,
        doc="Whether that text is made so long that no browser replaces it",
        unused="no browser in use replaces a short page by its own",
    )
    trusted_header_origin: tuple[str, ...] = attr(
        default=("none",), guard=True, doc="The addresses of proxies whose $WSIS, $WSSC, $WSSN and $WSSP are believed, such as 10.1.*.*"
    )
    trusted_sensitive_header_origin: tuple[str, ...] = attr(
        default=("none",), guard=True, doc="The addresses of proxies whose $WSCC (client certificate) and $WSRA (address) are believed, too"
    )

    @property
    def origins(self) -> tuple[str, ...]:
        """The addresses and ranges of trustedHeaderOrigin that name somebody."""
        return tuple(entry for entry in self.trusted_header_origin if not _misread(entry) and entry != _NOBODY)

    @property
    def sensitive_origins(self) -> tuple[str, ...]:
        """The same of trustedSensitiveHeaderOrigin."""
        return tuple(entry for entry in self.trusted_sensitive_header_origin if not _misread(entry) and entry != _NOBODY)

    def mistakes(self) -> Iterable[Problem]:
        """Entries that name nobody who could be believed."""
        for name, entries in (
            ("trustedHeaderOrigin", self.trusted_header_origin),
            ("trustedSensitiveHeaderOrigin", self.trusted_sensitive_header_origin),
        ):
            for entry in entries:
                if reason := _misread(entry):
                    yield self.mistake(BAD_ORIGIN(entry=entry, attribute=name, reason=reason), name)

    @property
    def missing(self) -> bytes:
        """The body of the 404."""
        return (self.app_or_context_root_missing_message or _NOTHING_HERE).encode()


def _misread(entry: str) -> str:
    """Why an entry of a list of origins names nobody; empty where it does, or says so itself."""
    if entry == "*":
        return "it would believe everybody"
    try:
        if entry != _NOBODY:
            range_of(entry)
    except ValueError as problem:
        return str(problem)
    return ""


def unmatched_offer(configuration: Configuration) -> Offer:
    """The operation of a path that nobody answers for: guarded by the manager where z/OS Connect is configured, and JSON there."""
    guarded = any("zosconnect" in feature for feature in configuration.features)
    return Offer(
        pattern="*",
        kind=Kind.UNKNOWN,
        name="",
        service=_Absent() if guarded else _Pages(configuration.one(HttpDispatcher)),
        protection=Managed() if guarded else Protection(secure=False, roles=None),
    )


def missing_page(configuration: Configuration) -> Response:
    """The answer for a path or a host name that means no application."""
    return Response(404, _FIELDS, configuration.one(HttpDispatcher).missing)


class _Absent:
    """The service of a path that nobody answers for."""

    async def invoke(self, call: Call) -> Response:
        raise Refused(404, NOT_FOUND(path=call.request.path))


class _Pages:
    """The same with pages for people."""

    def __init__(self, dispatcher: HttpDispatcher) -> None:
        self._missing = dispatcher.missing
        self._welcomed = _WELCOMED if dispatcher.enable_welcome_page else frozenset[str]()

    async def invoke(self, call: Call) -> Response:
        if call.request.path in self._welcomed:
            lasting = () if call.request.path == "/index.html" else ((b"cache-control", b"max-age=604800"),)
            return Response(200, (*_FIELDS, *lasting), _WELCOME.encode())
        raise Refused(404, NOT_FOUND(path=call.request.path), headers=_FIELDS, body=self._missing)
