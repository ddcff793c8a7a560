"""Documents that are read while somebody writes them."""

import asyncio
import logging
import os
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from zconnect.config.kernel import ELEMENTS
from zconnect.errors import ConfigurationError
from zconnect.server import reading
from zconnect.server.generation import Source
from zconnect.server.reading import Reading
from zconnect.server.watched import fingerprint
from zconnect.values import Place

PAUSE = 0.05
WHOLE = '<server><include location="more/"/><config monitorInterval="{}ms"/></server>'


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "more").mkdir()
    (tmp_path / "variables").mkdir()
    (tmp_path / "server.xml").write_text(WHOLE.format(1))
    return tmp_path


@pytest.fixture
def begun(folder: Path) -> Reading:
    found = Reading(Source(Place("s", folder, folder, folder, folder / "logs"), ELEMENTS, {}, {}))
    found.first()
    return found


async def during(begun: Reading, *steps: Callable[[], object]) -> tuple[str, ...]:
    """The variables that a reading has found, while this is done step by step, each within the pause."""

    async def write() -> None:
        for step in steps:
            step()
            await asyncio.sleep(PAUSE / 2)

    loaded, _ = await asyncio.gather(begun.anew((), PAUSE), write())
    return tuple(sorted(f"{name}={value}" for name, value in loaded.variables.files.items()))


async def test_a_file_that_grows_is_read_when_it_is_whole(begun: Reading, folder: Path) -> None:
    """Half a value is a value as well, so the only way is to wait."""
    file = folder / "variables" / "v"

    def grow() -> None:
        with file.open("a") as output:
            output.write("piece")

    assert await during(begun, *[grow] * 8) == ("v=" + "piece" * 8,)


async def test_half_a_document_is_waited_for(begun: Reading, folder: Path) -> None:
    """Longer than a whole one, because it cannot be right."""
    document = folder / "more" / "a.xml"
    document.write_text("<server><variable")
    read = asyncio.ensure_future(begun.anew((), PAUSE))
    await asyncio.sleep(PAUSE * 1.6)
    assert not read.done()
    document.write_text('<server><variable name="v" value="1"/></server>')
    assert (await read).variables.definitions["v"].value == "1"


class Meanwhile(dict[str, str]):
    """An environment that has somebody write a file while a configuration is read: when it is asked."""

    def __init__(self, file: Path) -> None:
        self.file = file

    def get(self, name: str, default: object = None) -> str | None:  # type: ignore[override]
        if name == "NAME" and not self.file.exists():
            self.file.write_text("1")
        return None


async def test_what_changes_while_it_is_read_is_read_again(folder: Path) -> None:
    """Or the change would be lost: it would be taken for known."""
    (folder / "server.xml").write_text('<server><variable name="v" value="${env.NAME}"/></server>')
    place = Place("s", folder, folder, folder, folder / "logs")
    assert await during(Reading(Source(place, ELEMENTS, Meanwhile(folder / "variables" / "late"), {}))) == ("late=1",)


def test_what_changes_during_the_start_is_not_taken_for_known(folder: Path) -> None:
    """The first look at the files afterwards sees it."""
    (folder / "server.xml").write_text('<server><variable name="v" value="${env.NAME}"/></server>')
    long_ago = time.time() - 60
    for path in (folder, *folder.iterdir()):
        os.utime(path, (long_ago, long_ago))
    time.sleep(0.02)  # or these changes would be too fresh to be told from one during the reading
    variables = folder / "variables"
    found = Reading(Source(Place("s", folder, folder, folder, folder / "logs"), ELEMENTS, Meanwhile(variables / "late"), {}))
    found.first()
    looks = fingerprint(found.documents)
    assert {name for name, facts in looks.items() if found.facts[name] != facts} == {str(variables), str(variables / "late")}


async def test_a_document_that_is_new_is_known_as_it_was_read(begun: Reading, folder: Path) -> None:
    """What an edit includes for the first time has not been looked at before."""
    (folder / "new.xml").write_text("<server/>")
    (folder / "server.xml").write_text('<server><include location="new.xml"/></server>')
    await begun.anew((), PAUSE)
    assert begun.facts[str(folder / "new.xml")] != (0, 0, 0, 0)
    assert str(folder / "more") not in begun.facts


async def test_a_refusal_leaves_its_documents_and_the_former_ones_to_be_looked_at(begun: Reading, folder: Path) -> None:
    """It may be mended by either."""
    (folder / "server.xml").write_text('<server><include location="elsewhere/new.xml"/></server>')
    with pytest.raises(ConfigurationError):
        await begun.anew((), PAUSE)
    assert {folder / "elsewhere/new.xml", folder / "more"} <= set(begun.documents)
    assert str(folder / "elsewhere/new.xml") in begun.facts


async def test_a_file_that_never_rests_is_told(
    begun: Reading, folder: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """By its name, once; nothing is read meanwhile."""
    monkeypatch.setattr(reading, "PATIENCE", PAUSE * 3)
    log = folder / "more" / "growing.log"

    def grow() -> None:
        with log.open("a") as output:
            output.write("line")

    with caplog.at_level(logging.WARNING):
        await during(begun, *[grow] * 20)
    assert [record.getMessage().partition(":")[0] for record in caplog.records] == ["ZCON0863W"]
    assert str(log) in caplog.text
