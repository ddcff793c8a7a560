"""One GET with limits, against real servers."""

import asyncio
import socket

import pytest

from tests.trust.support import entry, provider
from tests.trust.test_tls import SERVER, store, tls
from zconnect.trust.fetch import MAXIMUM, Address, FetchFailed, fetch


async def failure(address: Address) -> str:
    """Why there is no document."""
    with pytest.raises(FetchFailed) as caught:
        await fetch(address)
    return str(caught.value)


async def test_a_document_is_fetched() -> None:
    """With the headers that were asked for."""
    with provider() as op:
        op.answer = b"hello"
        assert await fetch(Address(op.url + "?tenant=a", headers={"Authorization": "Basic eDp5"})) == b"hello"

        assert op.asked[0]["authorization"] == "Basic eDp5"
        assert op.asked[0]["accept"] == "application/json"


@pytest.mark.parametrize("status", [201, 204, 301, 302, 307, 401, 404, 500, 503])
async def test_only_200_counts(status: int) -> None:
    """CVE-2026-102267: a redirect is told and not followed, wherever it leads."""
    with provider() as op, provider() as elsewhere:
        op.status, op.answer, op.fields = status, b"" if status == 204 else b"{}", {"Location": elsewhere.url}

        assert str(status) in await failure(Address(op.url))
        assert elsewhere.asked == []


async def test_a_huge_answer_is_cut_off() -> None:
    """Ten megabytes are not read to the end."""
    with provider() as op:
        op.answer = b"x" * (10 * MAXIMUM)
        assert "more than" in await failure(Address(op.url))


@pytest.mark.parametrize("slow", ["silent", "drops"])
async def test_a_slow_answer_has_an_end(slow: str) -> None:
    """The deadline is for the whole: a byte now and then does not keep it open, and the loop is not held up."""
    with provider() as op:
        op.answer, op.pause = b"x" * 1000, 30 if slow == "silent" else 0.02
        told, _ = await asyncio.gather(failure(Address(op.url, deadline=0.3)), asyncio.sleep(0.01))

    assert "within 0.3 seconds" in told


async def test_a_peer_that_never_answers_has_an_end() -> None:
    """It takes the connection and says nothing."""
    with socket.create_server(("localhost", 0)) as silent:
        assert "within 0.2 seconds" in await failure(Address(f"http://localhost:{silent.getsockname()[1]}/", deadline=0.2))


async def test_a_closed_port_is_told() -> None:
    """With the system's words."""
    with socket.create_server(("localhost", 0)) as taken:
        port = taken.getsockname()[1]
    assert "refused" in await failure(Address(f"http://localhost:{port}/"))


async def test_the_provider_must_be_trusted() -> None:
    """By chain and by host name; its own context decides."""
    with provider(tls(store(SERVER)).server_context()) as op:
        op.answer = b"hello"
        assert await fetch(Address(op.url, tls(None).client_context())) == b"hello"
        assert "not trusted" in await failure(Address(op.url, tls(None, store(trusted=(entry("otherca", ca=True),))).client_context()))
        assert "not trusted" in await failure(Address(op.url.replace("localhost", "127.0.0.1"), tls(None).client_context()))
        assert "not trusted" in await failure(Address(op.url))  # the authorities of the machine


@pytest.mark.parametrize(
    "url", ["", "file:///etc/passwd", "ftp://op.example/", "https:///x", "//op.example", "https://user:x@op.example/", "http://a:x/"]
)
async def test_an_address_of_another_kind_is_no_address(url: str) -> None:
    """Nothing but http and https, and no credentials in it."""
    await failure(Address(url))


async def test_an_answer_that_is_no_http_is_told() -> None:
    """A TLS port asked in the clear, for one."""
    with provider(tls(store(SERVER)).server_context()) as op:
        await failure(Address(op.url.replace("https", "http"), deadline=2))


def test_secrets_hide() -> None:
    """The repr of an address has no credentials."""
    assert "eDp5" not in repr(Address("https://op.example/", headers={"Authorization": "Basic eDp5"}))
