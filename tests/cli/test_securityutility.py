"""The command securityUtility as a whole."""

import pytest

from tests.cli.home import Home
from zconnect.cli import securityutility


@pytest.mark.parametrize("name", securityutility.TASKS)
def test_every_task_is_declared_under_its_name_and_has_its_page(home: Home, name: str) -> None:
    """The file, the table and the declaration agree; every option is explained."""
    task = securityutility.task(name)
    page = home.utility("help", name).out
    assert task.name == name
    assert all(option.form in page for option in (*task.required, *task.optional))


@pytest.mark.parametrize("words", [(), ("help",), ("bogus",)])
def test_without_a_task_it_ends_well(home: Home, words: tuple[str, ...]) -> None:
    """As the real one does (recorded)."""
    done = home.utility(*words)
    assert done.code == 0
    assert "encode" in done.out
