"""The header fields in which a proxy says who its caller is: taken out of every request, so that nobody behind the edge is misled."""

from collections.abc import Iterable

Fields = list[tuple[bytes, bytes]]

# Of plug-ins of Liberty, of RFC 9440 and of its forerunner.
PRIVATE = frozenset(
    b"$ws" + name
    for name in (
        *(b"at", b"cc", b"cs", b"is", b"sc", b"pr", b"ra", b"rh", b"ru", b"sn", b"sp", b"si", b"pt"),
        *(b"pc", b"ep", b"zip", b"ato", b"odrinfo", b"origcl"),
    )
) | {b"_ws_haprt_wlmversion", b"client-cert", b"client-cert-chain", b"x-forwarded-client-cert"}


def parted(fields: Iterable[tuple[bytes, bytes]]) -> tuple[Fields, Fields]:
    """The fields of a request without these, and these."""
    plain: Fields = []
    claims: Fields = []
    for each in fields:
        (claims if each[0] in PRIVATE else plain).append(each)
    return plain, claims
