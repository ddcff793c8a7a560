"""The line to a directory: no server, a server that hangs, one that speaks something else; real ones are in test_ldapusers."""

import socket
import threading
from dataclasses import replace

import pytest

from zconnect.errors import Refused
from zconnect.security.ldapdirectory import Directory, Line

from .slapd import free_port

LINE = Line(
    servers=(("127.0.0.1", 1),),
    user="",
    password="",
    context=None,
    connect_timeout=2,
    read_timeout=1,
    search_timeout=1,
    page_size=0,
    dereference=True,
    back_after=0,
    kept=1,
    most=2,
    idle=0,
)


async def refusal(line: Line) -> Refused:
    found = Directory(line)
    try:
        with pytest.raises(Refused) as refused:
            await found.accepts("uid=a,o=x", "secret")
        with pytest.raises(Refused):
            await found.search(["o=x"], "(uid=a)", ["uid"])
    finally:
        await found.close()
    return refused.value


async def test_no_server_is_an_outage() -> None:
    """503 with Retry-After, and all the servers that were asked in the reason."""
    ports = free_port(), free_port()
    found = await refusal(replace(LINE, servers=tuple(("127.0.0.1", port) for port in ports)))
    assert found.status == 503
    assert dict(found.headers)[b"retry-after"] == b"5"
    assert f"CWIML4520E: The LDAP operation could not be completed: no server of 127.0.0.1:{ports[0]}, 127.0.0.1:{ports[1]} answers" in (
        found.reason
    )


@pytest.mark.parametrize("answer", [b"", b"HTTP/1.1 400 Bad Request\r\n\r\n"], ids=["silence", "http"])
async def test_what_answers_no_ldap_is_an_outage(answer: bytes) -> None:
    """Within readTimeout; nothing hangs and nothing unexpected gets out."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        held: list[socket.socket] = []

        def serve() -> None:
            for _ in range(2):
                held.append(server.accept()[0])
                held[-1].sendall(answer)

        thread = threading.Thread(target=serve)
        thread.start()
        found = await refusal(replace(LINE, servers=(server.getsockname(),)))
        thread.join()
        for each in held:
            each.close()
    assert found.status == 503


async def test_an_empty_password_never_leaves() -> None:
    """Not even to a server that is not there (RFC 4513 section 5.1.2)."""
    found = Directory(LINE)
    assert not await found.accepts("uid=a,o=x", "")
    assert not await found.accepts("", "secret")
    await found.close()
