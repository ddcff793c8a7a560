"""What a server remembers from one runtime to the next."""

from zconnect.runtime.memory import Memory


def test_what_is_asked_for_again_is_the_same() -> None:
    """Across any number of runtimes."""
    memory = Memory()
    first: list[int] = memory.kept("a", list)
    memory.settle()
    assert memory.kept("a", list) is first


def test_what_nobody_asks_for_any_more_is_forgotten() -> None:
    """A client that was taken out of server.xml leaves nothing behind."""
    memory = Memory()
    first: list[int] = memory.kept("a", list)
    memory.settle()
    memory.settle()
    assert memory.kept("a", list) is not first
