"""The file logger writes the layout of z/OS Connect."""

import re
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from tests.interceptors.conftest import OK, asking, calling
from zconnect.interceptors.chain import Chain
from zconnect.interceptors.filelog import FileSystemLoggerInterceptor
from zconnect.values import Identity, Place

Open = Callable[..., Awaitable[Chain]]


def text(place: Place) -> str:
    return (place.log_dir / "zosConnectRequests.log").read_text("ascii")


async def test_a_call_is_written_as_request_and_response(opened: Open, place: Place) -> None:
    """Banner, then a few lines for each."""
    logger = FileSystemLoggerInterceptor(id="f", request_url=True, api_provider_request_headers=("X-A", "Authorization"))
    await (await opened((logger,))).around(calling(asking(x_a="1", authorization="Basic secret")), OK)
    first = r"DateTime:\d{4}-\d\d-\d\d_\d\d-\d\d-\d\d-\d{3} \| ThreadId:0 \| UserName:alice \| RequestID:r-1 \|\n"
    second = r"RemoteAddress:192\.0\.2\.7:4711 \| LocalAddress:192\.0\.2\.1:9443\n"
    assert re.fullmatch(
        r"\*+\n\* ServerName:test\n\*+\n"
        rf"{first}{second}MessageType:REQUEST\nHeaders:X-A:1, Authorization:\*+\nRequestURL:https://example\.com/catalog/items\n"
        r"MessageSize:0\nMessageData:\n"
        rf"{first}{second}MessageType:RESPONSE\nStatusCode:200\nMessageSize:4\nMessageData:\n",
        text(place),
    )


@pytest.mark.parametrize(("option", "kinds"), [("request", ["REQUEST"]), ("response", ["RESPONSE"]), ("both", ["REQUEST", "RESPONSE"])])
async def test_one_side_may_be_left_out(opened: Open, place: Place, option: Any, kinds: list[str]) -> None:
    """logOption."""
    await (await opened((FileSystemLoggerInterceptor(id="f", log_option=option),))).around(calling(), OK)
    assert re.findall("MessageType:(.*)", text(place)) == kinds


async def test_a_name_cannot_begin_a_line_or_a_column(opened: Open, place: Place) -> None:
    """Line ends and separators are escaped."""
    evil = Identity("a\nMessageType:X | b", "r", "a")
    await (await opened((FileSystemLoggerInterceptor(id="f", log_option="request"),))).around(calling(identity=evil), OK)
    assert "UserName:a\\nMessageType:X \\u007c b |" in text(place)


async def test_the_file_may_be_elsewhere(opened: Open, tmp_path: Path) -> None:
    """logPath and logName."""
    await opened((FileSystemLoggerInterceptor(id="f", log_path=tmp_path / "x", log_name="y.log"),))
    assert (tmp_path / "x" / "y.log").exists()
