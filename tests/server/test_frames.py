"""Frames that are looked at before h2 has them: what floods a connection ends it, whatever it is cut into."""

import asyncio
import struct
from datetime import timedelta

import hpack.hpack
import pytest
from h2.errors import ErrorCodes
from hpack.exceptions import HPACKDecodingError
from hpack.huffman import HuffmanEncoder
from hpack.huffman_constants import REQUEST_CODES, REQUEST_CODES_LENGTH
from hypothesis import given
from hypothesis import strategies as st

from tests.server.client2 import Client2
from tests.server.conftest import Serve
from zconnect.server.frames import SETTINGS, SPARE, Flood, Frames
from zconnect.server.httpoptions import HttpOptions

PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
LIMITS = HttpOptions().limits(timedelta(seconds=60))


def frame(kind: int, payload: bytes = b"", flags: int = 0, stream: int = 0) -> bytes:
    return len(payload).to_bytes(3, "big") + bytes((kind, flags)) + stream.to_bytes(4, "big") + payload


GET = frame(1, b"\x82\x86\x84\x41\x01x", flags=5, stream=1)  # GET http / with the authority x
POST = frame(1, b"\x83\x86\x84\x41\x01x", flags=4, stream=1)
BEGINNING = PREFACE + frame(4)
FLOODS = {
    "pings": BEGINNING + frame(6, bytes(8)) * 3 * SPARE,
    "answers to pings": BEGINNING + frame(6, bytes(8), flags=1) * 3 * SPARE,
    "settings": BEGINNING + frame(4) * 3 * SPARE,
    "windows": BEGINNING + frame(8, struct.pack(">I", 1)) * 3 * SPARE,
    "priorities": BEGINNING + frame(2, struct.pack(">IB", 0, 1), stream=1) * 3 * SPARE,
    "frames that nobody knows": BEGINNING + frame(0x77, b"x") * 3 * SPARE,
    "data without content": BEGINNING + POST + frame(0, stream=1) * 3 * SPARE,
    "data of padding": BEGINNING + POST + frame(0, b"\x00", flags=8, stream=1) * 3 * SPARE,
    "continuations without content": BEGINNING + frame(1, stream=1) + frame(9, stream=1) * 3 * SPARE,
    "settings in one frame": BEGINNING + frame(4, struct.pack(">HI", 0x99, 1) * (SETTINGS + 1)),
    "continuations of a head": BEGINNING + frame(1, stream=1) + frame(9, b"\x00\x01a\x01b" * 10_000, stream=1) * 20,
}


@pytest.mark.parametrize("attack", FLOODS.values(), ids=FLOODS)
async def test_a_flood_ends_its_connection(serve: Serve, attack: bytes) -> None:
    """And meanwhile another caller is answered; the attacker is told why."""
    server = await serve()
    attacker = await server.connect()
    attacker.send(attack)
    healthy = await Client2.to(server)
    async with asyncio.timeout(20):
        assert (await healthy.answer(healthy.ask())).status == 200
    assert frame(7)[3:5] + bytes(4) in (told := await attacker.rest())
    assert told[-4:] in {struct.pack(">I", code) for code in (ErrorCodes.ENHANCE_YOUR_CALM, ErrorCodes.PROTOCOL_ERROR)}


async def test_a_frame_that_is_too_long_is_refused_by_its_head(serve: Serve) -> None:
    """Nobody waits for sixteen megabytes (RFC 9113, 4.2)."""
    client = await (await serve()).connect()
    client.send(BEGINNING + b"\xff\xff\xff\x00\x00\x00\x00\x00\x01")
    assert (await client.rest())[-4:] == struct.pack(">I", ErrorCodes.FRAME_SIZE_ERROR)


async def test_who_works_may_say_much(serve: Serve) -> None:
    """Pings, windows and small frames of data between requests are no flood."""
    client = await Client2.to(await serve())
    for _ in range(20):
        number = client.ask(method=b"POST", body=b"")
        for _ in range(100):
            client.h2.send_data(number, b"x")
            client.h2.ping(bytes(8))
        client.h2.send_data(number, b"x" * 10_000, end_stream=True)
        client.flush()
        assert (await client.answer(number)).status == 200
    client.close()


@given(
    st.lists(st.sampled_from([GET, frame(4), frame(6, bytes(8)), frame(0, b"x" * 700), frame(0, b"\x00", flags=8)]), max_size=40),
    st.data(),
)
def test_how_bytes_are_cut_makes_no_difference(parts: list[bytes], data: st.DataObject) -> None:
    """Each byte gets its turn, once, and what is spent is the same."""
    stream = BEGINNING + b"".join(parts)
    cuts = sorted(data.draw(st.lists(st.integers(0, len(stream)), max_size=10)))
    whole, cut = Frames(LIMITS, 0), Frames(LIMITS, 0)
    taken = _taken(whole, stream)
    assert taken == len(stream)
    assert sum(_taken(cut, stream[start:end]) for start, end in zip([0, *cuts], [*cuts, len(stream)], strict=True)) == len(stream)
    assert cut.spare == whole.spare


def _taken(frames: Frames, data: bytes, now: float = 0) -> int:
    taken = 0
    while taken < len(data):
        portion, _ = frames.admit(data[taken:], now)
        taken += portion
    return taken


def test_time_forgives() -> None:
    """A few frames a second that bring nothing are nobody's harm, for ever."""
    frames = Frames(LIMITS, 0)
    for second in range(3 * SPARE):
        _taken(frames, (b"" if second else BEGINNING) + frame(6, bytes(8)) * 10, second)
    with pytest.raises(Flood):
        _taken(frames, frame(6, bytes(8)) * 2 * SPARE, second)


@pytest.mark.parametrize("size", [0, 700, 20_000])
def test_a_text_that_comes_again_says_the_same(size: int) -> None:
    """Also one that is too long to be remembered."""
    code = HuffmanEncoder(REQUEST_CODES, REQUEST_CODES_LENGTH).encode(b"ey" * size)
    assert [hpack.hpack.decode_huffman(code) for _ in range(3)] == [b"ey" * size] * 3  # type: ignore[attr-defined]


def test_a_text_that_is_none_stays_none() -> None:
    """A refusal is not remembered as an answer (RFC 7541, 5.2: the code for the end may not stand in it)."""
    for _ in range(2):
        with pytest.raises(HPACKDecodingError):
            hpack.hpack.decode_huffman(b"\xff\xff\xff\xff")  # type: ignore[attr-defined]
