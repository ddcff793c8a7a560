"""The access log: tokens, masking, rolling."""

import os
import re
import time
from pathlib import Path

import pytest

from tests.server.conftest import Serve
from zconnect.server.accesslog import DEFAULT_FORMAT, AccessLog, AccessLogging, Entry, HttpAccessLogging, compiled, open_log
from zconnect.values import NO_BODY, Headers, Peer, Place, Request, Response

PEER = Peer("10.0.0.1", 5000, "10.0.0.2", 9080)
HEADERS = Headers([(b"cookie", b"k=v; j=w"), (b"x-in", b'in"value'), (b"host", b"a")])


def entry(target: str = "/log/all?a=1&password=geheim", **changes: object) -> Entry:
    path, _, query = target.partition("?")
    request = Request("GET", target, path, query, HEADERS, NO_BODY, PEER, "http", "a", "1.1", 1000.0, "1", {})
    return Entry(request._replace(**changes), Response(200, ((b"x-out", b"out-value"),)), 42, 1001.5, PEER)  # type: ignore[arg-type]


def line(text: str, of: Entry | None = None) -> str:
    return "".join(token(of or entry()) for token in compiled(text))


# Origin: the table of tokens, and access-all-tokens.log of the recorded server.
@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("%a", "10.0.0.1"),
        ("%A", "10.0.0.2"),
        ("%b %B", "42 42"),
        ("%C", "k:v j:w"),
        ("%{k}C", "k:v"),
        ("%{none}C", "-"),
        ("%D", "1500000"),
        ("%h", "10.0.0.1"),
        ("%i %o", "- -"),
        ("%{X-In}i", "in\\x22value"),
        ("%{none}i", "-"),
        ("%{x-out}o", "out-value"),
        ("%H", "HTTP/1.1"),
        ("%m", "GET"),
        ("%p %{remote}p", "9080 5000"),
        ("%q", "?a=1&password=******"),
        ("%r", "GET /log/all?a=1&password=****** HTTP/1.1"),
        ("%{R}W", "1500000"),
        ("%s", "200"),
        ("%u", "-"),
        ("%U", "/log/all"),
        ("100%%", "100%"),
        ("%R %z %{X}z", "%R %z %{X}z"),
        ("a %{open", "a %{"),
        ("%", "%"),
        ("plain", "plain"),
    ],
)
def test_tokens(text: str, written: str) -> None:
    """What is no token stands for itself; quotes and line breaks of callers are written out."""
    assert line(text) == written


def test_times_have_brackets() -> None:
    """%t is when the request came, %{t}W when the answer was out."""
    pattern = r"\[\d\d/[A-Z][a-z]{2}/\d{4}:\d\d:\d\d:\d\d [+-]\d{4}\]"
    assert re.fullmatch(f"{pattern} {pattern}", line("%t %{t}W"))
    assert line("%t") != line("%{t}W")


def test_a_caller_cannot_write_a_line_of_his_own() -> None:
    """Line breaks and terminal codes in a target stay text."""
    assert line("%r", entry('/a"\x1b[2J')) == "GET /a\\x22\\x1b[2J HTTP/1.1"


@pytest.mark.parametrize("query", ["password=x", "Password=x", "a=b&newPassword=x&c=d"])
def test_passwords_are_masked(query: str) -> None:
    """In the query and in the first line."""
    assert "x" not in line("%q", entry(f"/a?{query}"))
    assert "=******" in line("%r", entry(f"/a?{query}"))


async def test_a_served_request_is_written(serve: Serve, place: Place) -> None:
    """The default format; what the edge refuses is no request and is not written (recorded)."""
    server = await serve(access_logging=AccessLogging())
    await server.ask(b"GET /a?b HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
    await server.ask(b"rubbish\r\n\r\n")
    await server.endpoints.drain(5)
    lines = (place.output_dir / "logs/http_access.log").read_text().splitlines()
    assert len(lines) == 1
    assert re.fullmatch(r'127\.0\.0\.1 - \[[^]]+\] "GET /a\?b HTTP/1\.1" 200 20', lines[0])
    assert DEFAULT_FORMAT == '%h %u %{t}W "%r" %s %b'


async def test_full_files_are_put_aside(tmp_path: Path) -> None:
    """maxFileSize and maxFiles; the time stands in the old one's name."""
    settings = HttpAccessLogging(log_format="x" * 600_000, max_file_size=1, max_files=2)
    log = AccessLog(settings, tmp_path / "logs/http_access.log")
    for number in range(4):
        log.record(entry().request, Response(200), 0, PEER)
        log.flush()
        for old in log.path.parent.glob("http_access_*"):
            if "day" not in old.name:
                old.rename(old.with_name(f"http_access_20.01.01_00.00.0{number}.log"))
    log.close()
    names = sorted(path.name for path in log.path.parent.iterdir())
    assert names == ["http_access.log", "http_access_20.01.01_00.00.03.log"]


async def test_old_files_have_a_time_and_no_number(tmp_path: Path) -> None:
    """Unlike those of the message log; where two are of one second, the second has one (recorded)."""
    log = AccessLog(HttpAccessLogging(log_format="x" * 1_000_000, max_file_size=1, max_files=0), tmp_path / "a.log")
    for _ in range(4):
        log.record(entry().request, Response(200), 0, PEER)
        log.flush()
    log.close()
    names = sorted(path.name for path in tmp_path.glob("a_*"))
    stem = r"a_\d\d\.\d\d\.\d\d_\d\d\.\d\d\.\d\d"
    assert len(names) == 3
    assert all(re.fullmatch(rf"{stem}(\.[12])?\.log", name) for name in names)
    assert any(re.fullmatch(rf"{stem}\.log", name) for name in names)


async def test_it_is_rolled_at_its_time(tmp_path: Path) -> None:
    """With the first line after it."""
    path = tmp_path / "a.log"
    path.write_text("of yesterday\n")
    os.utime(path, (time.time() - 24 * 3600,) * 2)
    log = AccessLog(HttpAccessLogging(log_format="%s", rollover_start_time="00:00"), path)
    log.record(entry().request, Response(200), 0, PEER)
    log.close()
    assert {each.name: each.read_text() for each in tmp_path.iterdir()} == {
        "a.log": "200\n",
        time.strftime("a_%y.%m.%d_00.00.00.log"): "of yesterday\n",
    }


async def test_a_log_that_cannot_be_written_is_told_once(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """The server goes on."""
    (tmp_path / "file").write_text("")
    log = AccessLog(HttpAccessLogging(), tmp_path / "file/http_access.log")
    for _ in range(3):
        log.record(entry().request, Response(200), 0, PEER)
        log.flush()
    assert caplog.text.count("ZCON0811E") == 1


def test_it_can_be_switched_off(place: Place) -> None:
    """enabled false; a path is relative to the server's output folder."""
    assert open_log(HttpAccessLogging(enabled=False), place) is None
    log = open_log(HttpAccessLogging(file_path=Path("my/access.log")), place)
    assert log is not None
    assert log.path == place.output_dir / "my/access.log"
