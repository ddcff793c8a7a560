"""What tasks are made of."""

import pytest

from zconnect.cli.action import Option
from zconnect.cli.task import BadArguments, Given, Task, given, usage

TASK = Task("try", "Tries.", (Option("--must=X", "Must."),), (Option("--may", "May."),), lambda _: 0, words="[text]")


def test_arguments_are_taken_apart() -> None:
    """Options with and without a value, and one word."""
    found = given(TASK, ["--must=a=b", "text", "--may"], {})
    assert (dict(found.options), found.words) == ({"must": "a=b", "may": None}, ("text",))


@pytest.mark.parametrize("words", [["--bogus=1"], ["--MUST=1"], ["a", "b"]])
def test_what_the_task_does_not_take(words: list[str]) -> None:
    """Options are spelt as they are declared."""
    with pytest.raises(BadArguments):
        given(TASK, words, {})


def test_values() -> None:
    """A value that is missing, or no number, is said by the name of its option and never by itself."""
    found = Given({"must": None, "n": "secret"}, (), {})
    with pytest.raises(BadArguments, match="--must needs a value"):
        found.text("must")
    with pytest.raises(BadArguments, match="--n needs a whole number") as refusal:
        found.number("n", 1, 1)
    assert "secret" not in str(refusal.value)


def test_a_secret_is_not_asked_for_without_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    """A script gets an error instead of a prompt that nobody sees."""
    with open("/dev/null") as nothing:
        monkeypatch.setattr("sys.stdin", nothing)
        with pytest.raises(BadArguments, match="terminal"):
            Given({"password": None}, (), {}).secret("password")


def test_the_page() -> None:
    """Every option with its explanation."""
    assert "--must=X\n\tMust." in usage(TASK)
