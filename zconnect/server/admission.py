"""Who may connect to a port at all: the address and host name lists of <tcpOptions>."""

import asyncio
import ipaddress
import logging
import re
import socket
from collections.abc import Callable

from zconnect.messages import error
from zconnect.server.endpoint import TcpOptions

BAD_ENTRY = error(
    "ZCON0660E",
    "An entry of {list} of the endpoint {endpoint} is no {kind}: {entry}.",
    "Write addresses whose parts are numbers or *, or host names whose first label may be *; until then nobody may connect.",
)

logger = logging.getLogger(__name__)

Match = Callable[[str], bool]


class Malformed(Exception):
    """An entry of a list cannot be read."""


class Admission:
    """The lists of one endpoint; an entry that cannot be read keeps everybody out."""

    def __init__(self, options: TcpOptions, endpoint: str) -> None:
        lists = (
            ("addressIncludeList", options.address_include_list),
            ("addressExcludeList", options.address_exclude_list),
            ("hostNameIncludeList", options.host_name_include_list),
            ("hostNameExcludeList", options.host_name_exclude_list),
        )
        self._broken = False
        self._in, self._out, self._host_in, self._host_out = (self._read(*each, endpoint) for each in lists)
        self.open = not (self._broken or self._in or self._out or self._host_in or self._host_out)

    def _read(self, name: str, entries: tuple[str, ...], endpoint: str) -> list[Match]:
        reader, kind = (_address, "address") if name.startswith("address") else (_host, "host name")
        matches = []
        for entry in entries:
            try:
                matches.append(reader(entry))
            except Malformed:
                self._broken = True
                BAD_ENTRY.log(logger, list=name, endpoint=endpoint, kind=kind, entry=entry)
        return matches

    async def admits(self, address: str) -> bool:
        """An address may connect: no exclude list has it, and where include lists are set one of them does."""
        if self.open:
            return True
        if self._broken or _any(self._out, address):
            return False
        name = await _name_of(address) if self._host_in or self._host_out else ""
        if name and _any(self._host_out, name):
            return False
        if self._host_out and not name:
            return False  # nobody can say that it is not one of them
        return not (self._in or self._host_in) or _any(self._in, address) or (bool(name) and _any(self._host_in, name))


def _any(matches: list[Match], value: str) -> bool:
    return any(match(value) for match in matches)


async def _name_of(address: str) -> str:
    """The host name of an address, empty where it has none."""
    try:
        name, _ = await asyncio.get_running_loop().getnameinfo((address, 0), socket.NI_NAMEREQD)
    except OSError:
        return ""
    return name.lower()


def _address(entry: str) -> Match:
    """`192.168.*.1` or `2001:db8:*:0:0:0:0:1`: every part counts by itself."""
    mark, most, base = (":", 8, 16) if ":" in entry else (".", 4, 10)
    if "::" in entry and "*" not in entry:
        entry = _groups(entry)
    parts = entry.split(mark)
    if len(parts) != most or not all(
        part == "*" or re.fullmatch(r"[0-9A-Fa-f]{1,4}" if most == 8 else r"[0-9]{1,3}", part) for part in parts
    ):
        raise Malformed
    wanted = [None if part == "*" else int(part, base) for part in parts]

    def match(address: str) -> bool:
        if (":" in address) != (mark == ":"):
            return False
        found = [int(part, base) for part in (_groups(address) if base == 16 else address).split(mark)]
        return all(part is None or part == here for part, here in zip(wanted, found, strict=True))

    return match


def _groups(address: str) -> str:
    """An IPv6 address with all eight groups written out."""
    try:
        return ipaddress.IPv6Address(address.partition("%")[0]).exploded
    except ValueError:
        raise Malformed from None


def _host(entry: str) -> Match:
    """`*.example.com` or a whole name."""
    if not re.fullmatch(r"(?:\*|[\w-]+)(?:\.[\w-]+)*", entry):
        raise Malformed
    plain = entry.lower()
    if plain.startswith("*"):
        return lambda name: name.endswith(plain[1:])
    return lambda name: name == plain
