"""The audit interceptor in a chain, with a real file."""

import json
import os
import subprocess
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from tests.interceptors.conftest import ALICE, OK, RESOURCE, Answers, Pieces, asking, calling
from zconnect.errors import Refused, Unavailable
from zconnect.interceptors.audit import AuditInterceptor
from zconnect.interceptors.authorization import AuthorizationInterceptor
from zconnect.interceptors.chain import Chain
from zconnect.values import Access, Place, Response

Open = Callable[..., Awaitable[Chain]]
AUDIT = AuditInterceptor(id="audit", sequence=1)
AUTHORIZATION = AuthorizationInterceptor(id="authorization", sequence=2)


def records(place: Place) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (place.log_dir / "audit.log").read_bytes().splitlines()]


async def test_every_call_leaves_one_record(opened: Open, place: Place) -> None:
    """Before the answer leaves; a denial, too, because audit has the lower sequence."""
    chain = await opened((AUDIT, AUTHORIZATION))
    await chain.around(calling(), OK)
    await chain.around(calling(access=Access.ADMIN), OK)
    assert [(each["status"], each["outcome"], each["userName"], each["reason"][:10]) for each in records(place)] == [
        (200, "success", "alice", ""),
        (403, "denied", "alice", "BAQR0409W:"),
    ]


async def test_an_early_failure_leaves_one_record(opened: Open, place: Place) -> None:
    """With the user where he is known, and the length of the body that the caller got."""
    chain = await opened((AUDIT,))
    response = await chain.early_failure(asking(), ALICE, RESOURCE, Refused(403, "CWWKS9104A: no"))
    (found,) = records(place)
    assert (found["status"], found["userName"], found["reason"]) == (403, "alice", "CWWKS9104A: no")
    assert isinstance(response.body, bytes)
    assert found["responseLength"] == len(response.body)


async def test_a_stream_leaves_its_record_at_its_end(opened: Open, place: Place) -> None:
    """With the bytes that were sent."""
    response = await (await opened((AUDIT,))).around(calling(), Answers(Response(200, (), Pieces(b"abc", b"de"))))
    assert records(place) == []
    assert not isinstance(response.body, bytes)
    async for _ in response.body:
        pass
    assert [each["responseLength"] for each in records(place)] == [5]


async def test_the_server_does_not_start_without_its_records(opened: Open, place: Place) -> None:
    """A folder where the file should be."""
    (place.log_dir / "audit.log").mkdir(parents=True)
    with pytest.raises(Unavailable, match="ZCON0511E"):
        await opened((AUDIT,))


async def test_a_full_disk_does_not_change_the_answer(opened: Open, told: Callable[[str], int]) -> None:
    """It is told of; the file may be named."""
    chain = await opened((AuditInterceptor(id="audit", audit_file=Path("/dev/full")),))
    assert await chain.around(calling(), OK) == (200, (), b"fine")
    assert told("ZCON0512E") == 1


@pytest.mark.parametrize(
    ("version", "names", "number", "recorded"),
    [
        ("2", ("X-A",), "", {"X-A": "1"}),
        ("1", ("X-A",), "BAQR0805E", None),
        ("2", ("X-A", "b", "c", "d", "e"), "BAQR0802E", None),
        ("2", (), "", None),
    ],
)
async def test_headers_are_recorded_by_version_two(
    opened: Open, place: Place, told: Callable[[str], int], version: Any, names: tuple[str, ...], number: str, recorded: object
) -> None:
    """At most four, else none, as z/OS Connect does it."""
    audit = AuditInterceptor(id="audit", api_provider_smf_version=version, api_provider_request_headers=names)
    await (await opened((audit,))).around(calling(asking(x_a="1")), OK)
    assert records(place)[0].get("requestHeaders") == recorded
    assert not number or told(number) == 1


def test_a_record_survives_the_death_of_the_server(tmp_path: Path) -> None:
    """The process kills itself with SIGKILL right after the record."""
    program = (
        "import os, signal, sys, pathlib; from zconnect.interceptors.appendfile import AppendFile;"
        "AppendFile(pathlib.Path(sys.argv[1]), 'audit').append(b'there\\n', 0.0); os.kill(os.getpid(), signal.SIGKILL)"
    )
    subprocess.run([sys.executable, "-c", program, str(tmp_path / "audit.log")], cwd=os.getcwd(), check=False)
    assert (tmp_path / "audit.log").read_bytes() == b"there\n"
