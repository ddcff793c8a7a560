"""Questions to other servers, against real ones."""

import pytest

from tests.trust.support import provider
from zconnect.trust.fetch import Address, FetchFailed
from zconnect.trust.httpclient import MAXIMUM, Answer, HttpClient


async def test_a_question_carries_only_what_it_was_given() -> None:
    """No cookie, no user agent; no compression is offered, and the answer tells its type as it came, without parameters."""
    with provider() as op:
        op.answer = b"{}"
        op.fields = {"Set-Cookie": "a=b", "Content-Type": "Application/JSON; charset=utf-8", "WWW-Authenticate": "x"}
        client = HttpClient(Address(op.url, headers={"X-A": "1"}))
        for _ in range(2):
            assert await client.ask(None, {"Authorization": "Bearer x"}) == Answer(200, "Application/JSON", b"{}", "x")
        await client.close()

        assert set(op.asked[1]) == {"host", "accept", "authorization", "x-a"}


@pytest.mark.parametrize("url", ["ftp://localhost/", "https:///x", "https://user:secret@localhost/", "/introspect"])
def test_what_is_no_address_is_refused(url: str) -> None:
    """Before anything is opened."""
    with pytest.raises(FetchFailed):
        HttpClient(Address(url))


async def test_a_huge_answer_is_cut_off() -> None:
    """However it is packed: what says gzip is not unpacked."""
    with provider() as op:
        client = HttpClient(Address(op.url))
        op.answer = b"x" * (10 * MAXIMUM)
        with pytest.raises(FetchFailed, match="more than"):
            await client.ask(None, {})
        op.answer, op.fields = b"\x1f\x8b\x08", {"Content-Encoding": "gzip"}
        assert (await client.ask(None, {})).body == b"\x1f\x8b\x08"
        await client.close()
