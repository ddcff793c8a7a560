"""The order of interceptors, a post for every pre, and what failures on the way become."""

import asyncio
import json
from collections.abc import Awaitable, Callable

import pytest

from tests.interceptors.conftest import ALICE, OK, RESOURCE, Answers, Pieces, Spy, asking, calling
from zconnect.errors import Refused
from zconnect.interceptors.chain import CLIENT_GONE, Chain
from zconnect.values import Response

Open = Callable[..., Awaitable[Chain]]
Told = Callable[[str], int]


async def test_pre_runs_by_sequence_and_post_in_reverse(opened: Open) -> None:
    """Global and own interceptors are one list; equals keep the order of the lists."""
    seen: list[str] = []
    one, two, three, four = (Spy(id=name, sequence=at, seen=seen) for name, at in (("a", 5), ("b", 0), ("c", 0), ("d", 9)))
    chain = await opened((one, two), (three, four))
    assert await chain.around(calling(), OK) == (200, (), b"fine")
    assert seen == ["pre b", "pre c", "pre a", "pre d", "post d", "post a", "post c", "post b"]


async def test_an_interceptor_in_both_lists_runs_twice_and_is_warned_of_once(opened: Open, told: Told) -> None:
    """As z/OS Connect does it."""
    spy = Spy(id="a")
    chain = await opened((spy,), (spy,))
    await chain.around(calling(), OK)
    assert spy.seen == ["pre a", "pre a", "post a", "post a"]
    assert told("ZCON0501W") == 1


@pytest.mark.parametrize(
    ("raised", "status", "number"),
    [(Refused(403, "BAQR0409W: not for alice"), 403, "BAQR0409W"), (ValueError("secret"), 500, "ZCON0502E")],
    ids=["refused", "failed"],
)
async def test_every_pre_that_was_begun_gets_its_post(opened: Open, raised: Exception, status: int, number: str) -> None:
    """Also the one that raised, and none behind it; the reason reaches them, but not the caller."""
    seen: list[str] = []
    first, second, third = Spy(id="a", seen=seen), Spy(id="b", seen=seen, fails={"pre": raised}), Spy(id="c", seen=seen)
    chain = await opened((first, second, third))
    response = await chain.around(calling(), OK)
    assert seen == ["pre a", "pre b", "post b", "post a"]
    assert response.status == first.outcomes[0].status == status
    assert number in first.outcomes[0].reason
    assert isinstance(response.body, bytes)
    assert json.loads(response.body)["errorMessage"].startswith(f"{number}: ")
    assert b"alice" not in response.body
    assert b"secret" not in response.body


@pytest.mark.parametrize("own", [(), (Spy(id="a"),)], ids=["empty", "one"])
async def test_a_failing_service_is_500_and_logged(opened: Open, own: tuple[Spy, ...], told: Told) -> None:
    """The caller learns the number of the message and nothing of the cause."""
    chain = await opened(own)
    response = await chain.around(calling(), Answers(ZeroDivisionError("the secret")))
    assert response == (500, ((b"content-type", b"application/json"),), b'{"errorMessage": "ZCON0502E: Internal Server Error"}')
    assert told("ZeroDivisionError") == 1


async def test_a_failing_post_is_logged_and_the_answer_stands(opened: Open, told: Told) -> None:
    """The others still get theirs."""
    first, second = Spy(id="a"), Spy(id="b", fails={"post": ValueError()})
    chain = await opened((first, second))
    assert (await chain.around(calling(), OK)).status == 200
    assert first.seen == ["pre a", "post a"]
    assert told("ZCON0503E") == 1


async def test_a_whole_body_is_seen_before_it_leaves(opened: Open) -> None:
    """The outcome has status and length; HEAD sends none of it."""
    spy = Spy(id="a")
    chain = await opened((spy,))
    await chain.around(calling(), OK)
    await chain.around(calling(asking("HEAD")), OK)
    assert [(each.status, each.length, each.reason) for each in spy.outcomes] == [(200, 4, ""), (200, 0, "")]


async def drained(response: Response) -> bytes:
    assert not isinstance(response.body, bytes)
    return b"".join([piece async for piece in response.body])


async def test_a_stream_is_seen_when_it_has_ended(opened: Open) -> None:
    """With the number of bytes that were really sent, and only once."""
    spy = Spy(id="a")
    response = await (await opened((spy,))).around(calling(), Answers(Response(200, (), Pieces(b"abc", b"de"))))
    assert spy.seen == ["pre a"]
    assert await drained(response) == b"abcde"
    assert await drained(response) == b""
    assert [(each.status, each.length, each.reason) for each in spy.outcomes] == [(200, 5, "")]


@pytest.mark.parametrize(
    ("breaks", "number"),
    [(Refused(502, "ZCON0644E: reset"), "ZCON0644E"), (ValueError("x"), "ZCON0505E")],
    ids=["refused", "failed"],
)
async def test_a_stream_that_breaks_off_says_why(opened: Open, breaks: Exception, number: str) -> None:
    """The edge gets a refusal, the interceptors its reason and the bytes until then."""
    spy = Spy(id="a")
    response = await (await opened((spy,))).around(calling(), Answers(Response(200, (), Pieces(b"abc", breaks=breaks))))
    with pytest.raises(Refused):
        await drained(response)
    assert [(each.length, each.reason[:9]) for each in spy.outcomes] == [(3, number)]


@pytest.mark.parametrize(("method", "reason"), [("GET", "ZCON0504W"), ("HEAD", "")])
async def test_a_stream_that_nobody_reads_is_seen_when_it_is_closed(opened: Open, method: str, reason: str) -> None:
    """The client has gone, or wanted only the head; the source is closed, too."""
    spy, pieces = Spy(id="a"), Pieces(b"abc")
    response = await (await opened((spy,))).around(calling(asking(method)), Answers(Response(200, (), pieces)))
    await response.body.aclose()  # type: ignore[union-attr]
    assert pieces.closed
    assert [(each.length, each.reason[:9]) for each in spy.outcomes] == [(0, reason)]


async def test_a_stream_whose_reader_is_cancelled_is_closed_all_the_same(opened: Open) -> None:
    """The edge cancels and then closes; the source must hear of it, or it goes on for nobody."""
    spy, pieces = Spy(id="a"), Pieces(breaks=asyncio.CancelledError())
    response = await (await opened((spy,))).around(calling(), Answers(Response(200, (), pieces)))
    with pytest.raises(asyncio.CancelledError):
        await drained(response)
    await response.body.aclose()  # type: ignore[union-attr]
    assert pieces.closed
    assert [each.reason[:9] for each in spy.outcomes] == ["ZCON0504W"]


async def test_a_client_that_goes_before_the_answer_is_seen(opened: Open) -> None:
    """The walk is cancelled; the record says so."""
    spy = Spy(id="a")
    chain = await opened((spy,))

    class Never:
        async def invoke(self, call: object) -> Response:
            await asyncio.Event().wait()
            raise AssertionError

    walk = asyncio.ensure_future(chain.around(calling(), Never()))
    await asyncio.sleep(0.01)
    walk.cancel()
    with pytest.raises(asyncio.CancelledError):
        await walk
    assert [(each.status, each.reason[:9]) for each in spy.outcomes] == [(CLIENT_GONE, "ZCON0504W")]


async def test_only_global_interceptors_hear_of_early_failures(opened: Open, told: Told) -> None:
    """What they see is what the caller gets; one that fails changes nothing."""
    everywhere, own, failing = Spy(id="a"), Spy(id="b"), Spy(id="c", fails={"early": ValueError()})
    chain = await opened((failing, everywhere), (own,))
    response = await chain.early_failure(asking(), ALICE, RESOURCE, Refused(404, "ZCON0702E: nothing"))
    assert response == (404, ((b"content-type", b"application/json"),), b'{"errorMessage": "ZCON0702E: Not Found"}')
    assert (everywhere.seen, own.seen) == (["early a"], [])
    assert [each.length for each in everywhere.outcomes] == [len(b'{"errorMessage": "ZCON0702E: Not Found"}')]
    assert told("ZCON0503E") == 1
