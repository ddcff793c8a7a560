"""What the processes of a server share, and what outlives them."""

import stat
import sys
from pathlib import Path
from subprocess import PIPE, Popen

import pytest

from zconnect.errors import Unavailable
from zconnect.runtime.store import Store


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "resources" / "security" / "state.db"


def claim(store: Store, space: str, key: bytes, until: float, now: float) -> bool:
    """Whether nobody had the key."""
    return store.replace(space, key, None, b"", until, now)


def test_a_key_is_taken_once_until_its_end(file: Path) -> None:
    """In all processes, and in each space by itself."""
    one, other = Store(file), Store(file)
    assert claim(one, "a", b"key", 100, 0)
    assert not claim(other, "a", b"key", 100, 99)
    assert claim(other, "b", b"key", 100, 99)
    assert claim(other, "a", b"key", 200, 100)
    assert not claim(one, "a", b"key", 200, 100)


def test_a_value_is_replaced_by_who_knows_it(file: Path) -> None:
    """Of two that are at it together one is told that the other was faster."""
    one, other = Store(file), Store(file)
    assert one.replace("a", b"key", None, b"first", 100, 0)
    assert not other.replace("a", b"key", None, b"second", 100, 0)
    assert other.replace("a", b"key", b"first", b"second", 100, 0)
    assert not one.replace("a", b"key", b"first", b"third", 100, 0)
    assert one.read("a", b"key", 0) == b"second"
    assert one.read("a", b"key", 100) is None
    assert one.count("a", 0) == 1


CLAIMING = """
import sys
from pathlib import Path
from zconnect.runtime.store import Store

store = Store(Path(sys.argv[1]))
print("ready", flush=True)
sys.stdin.readline()
print(sum(store.replace("a", b"%d" % number, None, b"", 1e12, 0) for number in range(2000)))
"""


def test_processes_that_race(file: Path) -> None:
    """Every key has one winner."""
    racing = [Popen([sys.executable, "-c", CLAIMING, str(file)], stdin=PIPE, stdout=PIPE, text=True) for _ in range(3)]
    for process in racing:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
    won = []
    for process in racing:
        assert process.stdin is not None
        process.stdin.write("\n")
        process.stdin.flush()
    for process in racing:
        won.append(int(process.communicate()[0]))
    assert sum(won) == 2000


OPENING = """
import os, sys
from pathlib import Path
from zconnect.errors import Unavailable
from zconnect.runtime.store import Store

print("ready", flush=True)
for path in sys.stdin:
    try:
        Store(Path(path.strip())).count("a", 0)
        print("opened", flush=True)
    except Unavailable as unavailable:
        print(unavailable.told, flush=True)
"""


@pytest.mark.parametrize("content", [None, b"no database" * 1000], ids=["fresh", "damaged"])
def test_processes_that_open_it_at_once(tmp_path: Path, content: bytes | None) -> None:
    """None is told that the database is locked, and one that was begun anew is not begun anew again."""
    opening = [Popen([sys.executable, "-c", OPENING], stdin=PIPE, stdout=PIPE, text=True) for _ in range(6)]
    said = []
    for process in opening:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
    for number in range(20):
        file = tmp_path / f"{number}.db"
        if content is not None:
            file.write_bytes(content)
        for process in opening:
            assert process.stdin is not None
            process.stdin.write(f"{file}\n")
            process.stdin.flush()
        for process in opening:
            assert process.stdout is not None
            said.append(process.stdout.readline())
    for process in opening:
        process.communicate()
    assert set(said) == {"opened\n"}


def test_what_has_ended_is_removed(file: Path) -> None:
    """The file does not grow for ever."""
    store = Store(file)
    for number in range(100):
        claim(store, "a", b"%d" % number, 50, 0)
    claim(store, "a", b"later", 200, 100)
    assert store.count("a", 0) == 1


def test_it_survives_the_death_of_a_process(file: Path) -> None:
    """What was written is there, though nobody closed anything."""
    script = f"store = Store(Path({str(file)!r})); store.replace('a', b'x', None, b'', 9, 0); os._exit(9)"
    begin = "import os; from pathlib import Path; from zconnect.runtime.store import Store; "
    assert Popen([sys.executable, "-c", begin + script]).wait() == 9
    assert not claim(Store(file), "a", b"x", 9, 0)


def test_nobody_else_may_read_it(file: Path) -> None:
    """Neither the file nor those beside it."""
    claim(Store(file), "a", b"x", 9, 0)
    assert {stat.S_IMODE(path.stat().st_mode) for path in file.parent.iterdir()} == {0o600}


def test_one_that_cannot_be_used(file: Path) -> None:
    """The message says which file and why."""
    file.mkdir(parents=True)
    with pytest.raises(Unavailable, match=r"ZCON0872E.*state\.db.*directory"):
        Store(file).count("a", 0)


def test_one_that_is_damaged(file: Path, caplog: pytest.LogCaptureFixture) -> None:
    """It is begun anew, and that is told."""
    file.parent.mkdir(parents=True)
    file.write_bytes(b"no database" * 1000)
    store = Store(file)
    assert claim(store, "a", b"x", 9, 0)
    assert not claim(Store(file), "a", b"x", 9, 0)
    assert caplog.text.count("ZCON0873W") == 1


def test_without_a_file() -> None:
    """It is one of its own."""
    assert claim(Store(), "a", b"x", 9, 0)
    assert claim(Store(), "a", b"x", 9, 0)
