"""How many documents are read, how large and how slow they may be together."""

from pathlib import Path

import pytest

from tests.config.test_remote import answering, silent
from tests.config.vocabulary import read, write
from zconnect.config import supply
from zconnect.config.include import Source, file_source
from zconnect.config.source import LARGEST
from zconnect.config.supply import DEEPEST_INCLUDE, MOST_BYTES, MOST_DOCUMENTS, MOST_TAGS, Supply
from zconnect.errors import ConfigurationError


def test_documents_are_counted(tmp_path: Path) -> None:
    """Up to the limit there is no refusal, and behind it nothing else."""
    source, counted = file_source(tmp_path / "a.xml", tmp_path), Supply()

    refusals = [counted.refusal(source) for _ in range(MOST_DOCUMENTS + 2)]
    assert [bool(each) for each in refusals] == [False] * MOST_DOCUMENTS + [True] * 2
    assert str(tmp_path / "a.xml") in str(refusals[-1])
    assert Supply().refusal(source, ("",) * DEEPEST_INCLUDE) is None
    assert Supply().refusal(source, ("",) * (DEEPEST_INCLUDE + 1))


@pytest.mark.parametrize(("data", "times"), [(b" " * LARGEST, MOST_BYTES // LARGEST), (b"<a/>" * 50_000, MOST_TAGS // 50_000)])
def test_documents_are_weighed_together(tmp_path: Path, data: bytes, times: int) -> None:
    """By their bytes and their tags; the one behind the limit is not read."""
    (tmp_path / "a.xml").write_bytes(data)
    source, weighed = file_source(tmp_path / "a.xml", tmp_path), Supply()

    for _ in range(times + 1):
        assert weighed.refusal(source) is None
        weighed.read(source)
    assert weighed.refusal(source)


def test_drop_ins_are_counted_too(tmp_path: Path) -> None:
    """A folder of thousands does not hold the start up."""
    names = {f"configDropins/overrides/{at}.xml": "<server/>" for at in range(MOST_DOCUMENTS + 5)}
    with pytest.raises(ConfigurationError) as refusal:
        read(write(tmp_path, {"server.xml": "<server/>", **names}))

    assert {each.told.message.number for each in refusal.value.problems} == {"ZCON0109E"}
    assert len(refusal.value.problems) == 6


def test_all_that_is_slow_has_one_end(monkeypatch: pytest.MonkeyPatch) -> None:
    """Not ten seconds for each of a thousand."""
    monkeypatch.setattr(supply, "PATIENCE_IN_ALL", 0.2)
    with answering(silent(), silent()) as peer:
        url = f"http://127.0.0.1:{peer.port}/"
        waiting = Supply()
        for _ in range(20):
            with pytest.raises(TimeoutError):
                waiting.read(Source(url, url, None))
        assert len(peer.asked) <= 2
