"""What a running server can be asked."""

import logging
from collections.abc import Sequence
from pathlib import Path

import pytest

from zconnect.messages import Level
from zconnect.runtime.memory import Memory
from zconnect.security.remembered import Memories
from zconnect.server.commands import Commands
from zconnect.server.word import Word


class Ports:
    """Endpoints that only remember."""

    def __init__(self, *ids: str) -> None:
        self._ids = ids
        self.log: list[tuple[str, tuple[str, ...]]] = []

    def ids(self) -> Sequence[str]:
        return self._ids

    async def pause(self, ids: Sequence[str]) -> None:
        self.log.append(("pause", tuple(ids)))

    async def resume(self, ids: Sequence[str]) -> None:
        self.log.append(("resume", tuple(ids)))

    async def dump(self) -> None:
        self.log.append(("dump", ()))

    async def forget(self, memories: Memories) -> None:
        self.log.append(("forget", (memories,)))


async def reload() -> bool:
    return False


def commands(ports: Ports, folder: Path) -> Commands:
    return Commands(Word(), ports, reload, Memory(), folder)


CASES = [
    # data, endpoints, code, what is switched, messages (Liberty's numbers, pause)
    ("", ("a", "b"), 0, ("a", "b"), ["CWWKE0923I", "CWWKE0938I"]),
    ("a", ("a", "b"), 0, ("a",), ["CWWKE0924I", "CWWKE0938I"]),
    ("a,x", ("a", "b"), 1, ("a",), ["CWWKE0924I", "CWWKE0935W", "CWWKE0938I"]),
    ("x", ("a", "b"), 1, None, ["CWWKE0924I", "CWWKE0935W", "CWWKE0938I"]),
    ("x", (), 1, None, ["CWWKE0924I", "CWWKE0935W", "CWWKE0938I"]),
    (",", ("a", "b"), 1, None, ["CWWKE0924I", "CWWKE0931W"]),
    ("", (), 1, None, ["CWWKE0923I", "CWWKE0933W"]),
]


@pytest.mark.parametrize(("data", "ids", "code", "switched", "numbers"), CASES)
async def test_pause(
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
    data: str,
    ids: tuple[str, ...],
    code: int,
    switched: tuple[str, ...] | None,
    numbers: list[str],
) -> None:
    """What is known is paused, also beside what is not; the code says that not all went well."""
    ports = Ports(*ids)
    with caplog.at_level(logging.INFO):
        assert await commands(ports, tmp_path).handle("pause", data) == code
    assert ports.log == ([("pause", switched)] if switched else [])
    assert [record.getMessage()[:10] for record in caplog.records] == numbers


async def test_resume_has_its_own_numbers(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """Each message of pause has its counterpart."""
    with caplog.at_level(logging.INFO):
        await commands(Ports("a"), tmp_path).handle("resume", "")
    assert [record.getMessage()[:10] for record in caplog.records] == ["CWWKE0925I", "CWWKE0939I"]


async def test_other_commands(tmp_path: Path) -> None:
    """A reload that fails is a failure; what is not known, too."""
    found = commands(Ports(), tmp_path)
    assert await found.handle("refresh", "") == 1
    assert await found.handle("bogus", "") == 1
    assert await found.handle("javadump", "") == 0
    assert len(list(tmp_path.glob("javadump.*.txt"))) == 1


@pytest.mark.parametrize(("word", "numbers"), [("introspect", ["CWWKE0057I", "CWWKE0068I"]), ("javadump", ["CWWKE0067I", "CWWKE0068I"])])
async def test_a_dump_is_on_the_console(tmp_path: Path, caplog: pytest.LogCaptureFixture, word: str, numbers: list[str]) -> None:
    """Who asked for it (server dump or server javadump) and what came of it are audit messages, as in Liberty (FrameworkManager.java)."""
    with caplog.at_level(logging.INFO):
        assert await commands(Ports(), tmp_path).handle(word, "") == 0
    assert [record.getMessage()[:10] for record in caplog.records] == numbers
    assert {record.levelno for record in caplog.records} == {Level.AUDIT}


async def test_a_dump_that_cannot_be_written(tmp_path: Path) -> None:
    """The code says so."""
    assert await commands(Ports(), tmp_path / "nosuch").handle("javadump", "") == 1


@pytest.mark.parametrize(("word", "number"), [("clearsafcache", "ZCON0843I"), ("cleartokencache", "ZCON0844I")])
async def test_forgetting(tmp_path: Path, caplog: pytest.LogCaptureFixture, word: str, number: str) -> None:
    """The processes beside this one are told, too, and the log says that it was done."""
    ports = Ports()
    with caplog.at_level(logging.INFO):
        assert await commands(ports, tmp_path).handle(word, "") == 0
    assert ports.log == [("forget", (word,))]
    assert [record.getMessage()[:9] for record in caplog.records] == [number]
