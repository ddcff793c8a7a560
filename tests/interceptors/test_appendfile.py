"""A file of records through everything that may happen to a file."""

import os
import stat
from collections.abc import Callable
from pathlib import Path

import pytest

from zconnect.errors import Unavailable
from zconnect.interceptors.appendfile import AppendFile

NOW = 1_700_000_000.0


async def test_a_record_is_in_the_file_at_once_and_nobody_else_may_read_it(tmp_path: Path) -> None:
    """Folders are made; a file that exists is continued."""
    path = tmp_path / "logs" / "audit.log"
    for line in (b"one\n", b"two\n"):
        file = AppendFile(path, "audit")
        file.append(line, NOW)
        assert path.read_bytes().endswith(line)
        await file.close()
    assert path.read_bytes() == b"one\ntwo\n"
    assert stat.S_IMODE(path.stat().st_mode) & ~0o640 == 0


@pytest.mark.parametrize("kind", ["folder", "file-as-folder", "pipe-without-reader"])
def test_what_cannot_be_written_stops_the_start(tmp_path: Path, kind: str) -> None:
    """With one numbered message; a pipe does not make the start wait."""
    path = tmp_path / "audit.log"
    match kind:
        case "folder":
            path.mkdir()
        case "file-as-folder":
            path.write_text("")
            path = path / "audit.log"
        case _:
            os.mkfifo(path)
    with pytest.raises(Unavailable, match="ZCON0511E"):
        AppendFile(path, "audit")


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_that_may_not_be_written_stops_the_start(tmp_path: Path) -> None:
    """The message names the path."""
    tmp_path.chmod(0o500)
    with pytest.raises(Unavailable, match=str(tmp_path)):
        AppendFile(tmp_path / "audit.log", "audit")


async def test_a_full_disk_is_told_of_once_a_minute(told: Callable[[str], int]) -> None:
    """And never raises; the number of lost records is in the message."""
    file = AppendFile(Path("/dev/full"), "audit")
    for second in range(61):
        file.append(b"x\n", NOW + second)
    assert told("ZCON0512E") == 2
    assert told("(60 since") == 1
    await file.close()


@pytest.mark.parametrize("moved", [True, False], ids=["moved", "removed"])
async def test_a_file_that_is_rotated_away_is_made_anew(tmp_path: Path, moved: bool) -> None:
    """Within a second of the record after it."""
    path = tmp_path / "audit.log"
    file = AppendFile(path, "audit")
    file.append(b"one\n", NOW)
    if moved:
        path.rename(tmp_path / "audit.log.1")
    else:
        path.unlink()
    file.append(b"two\n", NOW + 0.5)
    file.append(b"three\n", NOW + 1.5)
    assert path.read_bytes() == b"three\n"
    assert not moved or (tmp_path / "audit.log.1").read_bytes() == b"one\ntwo\n"
    await file.close()


async def test_a_file_that_cannot_be_made_anew_is_tried_again(tmp_path: Path, told: Callable[[str], int]) -> None:
    """A folder in its place is an error until it has gone."""
    path = tmp_path / "audit.log"
    file = AppendFile(path, "audit")
    path.unlink()
    path.mkdir()
    file.append(b"one\n", NOW)
    assert told("ZCON0512E") == 1
    path.rmdir()
    file.append(b"two\n", NOW + 1.5)
    assert path.read_bytes() == b"two\n"
    await file.close()


async def test_half_a_record_does_not_spoil_the_next(tmp_path: Path, told: Callable[[str], int]) -> None:
    """Where only a part could be written, the next record begins on a line of its own."""
    path = tmp_path / "pipe"
    os.mkfifo(path)
    reader = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
    file = AppendFile(path, "audit")
    file.append(b"x" * 1_000_000 + b"\n", NOW)
    assert told("ZCON0512E") == 1
    assert set(os.read(reader, 1_000_000)) == {ord("x")}
    file.append(b"two\n", NOW)
    assert os.read(reader, 10) == b"\ntwo\n"
    await file.close()
    os.close(reader)
