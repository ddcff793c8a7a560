"""One configuration at work."""

from collections.abc import Callable
from pathlib import Path
from typing import ClassVar

import pytest

from zconnect.config.schema import attr, element
from zconnect.errors import ConfigurationError, Unavailable
from zconnect.messages import error
from zconnect.roles import Assembly, Offer, ResourcePart
from zconnect.server.generation import Source
from zconnect.values import Place

GONE = error("TEST0201E", "gone", "mend")


@element
class Noted(ResourcePart):
    """A part that notes when it is opened and closed, in a file that is watched."""

    tag: ClassVar[str] = "noted"
    file: str = attr(default="", doc="The file")
    fails: bool = attr(default=False, doc="Whether it cannot be opened")

    async def open(self, assembly: Assembly) -> tuple[Offer, ...]:
        path = Path(self.file)

        async def close() -> None:
            path.write_text(path.read_text() + " closed")

        path.write_text("opened")
        assembly.watch(path)
        assembly.closing(close)
        if self.fails:
            raise Unavailable(GONE())
        return ()


Make = Callable[[str], Source]


@pytest.fixture
def make(tmp_path: Path) -> Make:
    def source(text: str) -> Source:
        (tmp_path / "server.xml").write_text(text)
        place = Place("s1", tmp_path, tmp_path, tmp_path, tmp_path / "logs")
        return Source(place, (Noted,), {}, {"name": "note"})

    return source


async def test_what_is_opened_is_watched_and_closed(make: Make, tmp_path: Path) -> None:
    """Documents of the configuration and files of its parts."""
    source = make(f'<server><noted file="{tmp_path}/${{name}}"/></server>')
    generation = await source.open(source.load())
    assert {tmp_path / "server.xml", tmp_path / "note"} <= {*generation.loaded.documents, *generation.runtime.watched}
    assert (tmp_path / "note").read_text() == "opened"
    await generation.close()
    assert (tmp_path / "note").read_text() == "opened closed"


async def test_a_part_that_fails_has_the_others_closed(make: Make, tmp_path: Path) -> None:
    """Nothing of a runtime that could not be made stays."""
    source = make(f'<server><noted file="{tmp_path}/a"/><noted file="{tmp_path}/b" fails="true"/></server>')
    with pytest.raises(Unavailable):
        await source.open(source.load())
    assert (tmp_path / "a").read_text() == "opened closed"


async def test_a_configuration_that_cannot_be_used(make: Make) -> None:
    """Nothing is opened at all."""
    with pytest.raises(ConfigurationError):
        make("<server>").load()
