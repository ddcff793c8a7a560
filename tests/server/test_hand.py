"""One worker as the leading process sees it: a real process."""

import asyncio
from pathlib import Path

import pytest

from zconnect.config.configuration import Configuration
from zconnect.errors import Unavailable
from zconnect.server.hand import Broken, hired
from zconnect.server.instance import Instance
from zconnect.server.orders import Beginning, Word
from zconnect.values import Place


@pytest.fixture
def beginning(tmp_path: Path) -> Beginning:
    return Beginning(Instance(Place("s1", tmp_path, tmp_path, tmp_path, tmp_path / "logs"), {}), {}, 1.0, b"secret")


async def test_it_does_what_it_is_told_and_ends(beginning: Beginning) -> None:
    """In order; to serve what was not made is something it says that it cannot do."""
    hand = await hired(beginning)
    with pytest.raises(Unavailable, match="ZCON0870E"):
        await hand.tell(Word.COMMIT, ())
    await hand.tell(Word.PREPARE, Configuration(()))
    await hand.tell(Word.COMMIT, ())
    await hand.tell(Word.DUMP)
    assert len(list(beginning.instance.place.output_dir.glob(f"javadump.*.{hand.process.pid}.0001.txt"))) == 1
    assert await hand.stop(5)
    assert hand.process.returncode == 0


async def test_one_that_is_dead(beginning: Beginning) -> None:
    """Whoever tells it something learns that it is broken."""
    hand = await hired(beginning)
    hand.kill()
    with pytest.raises(Broken):
        await hand.tell(Word.DUMP)
    assert not await hand.stop(5)


async def test_one_that_hangs(beginning: Beginning) -> None:
    """It is waited for no longer than was said."""
    hand = await hired(beginning)
    hand.process.send_signal(19)  # SIGSTOP
    begun = asyncio.get_running_loop().time()
    with pytest.raises(Broken):
        await hand.tell(Word.DUMP, limit=0.2)
    assert asyncio.get_running_loop().time() - begun < 5
    hand.kill()
    await hand.process.wait()
    await hand.stop(0)
