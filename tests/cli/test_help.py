"""server help."""

import pytest

from tests.cli.home import Home
from zconnect.cli.main import ACTIONS, action


def test_every_action_has_its_line(home: Home) -> None:
    """The page is drawn from the declarations."""
    page = home.server("help").out
    for name in ACTIONS:
        assert f"\n    {name}\n\t" in page
    assert home.server("no", "arguments").code == 0


@pytest.mark.parametrize("name", ACTIONS)
def test_the_page_of_an_action_has_its_options(home: Home, name: str) -> None:
    """Every option that is declared is explained."""
    page = home.server("help", name).out
    assert page.startswith(f"\n\nUsage: server {name}")
    for option in action(name).arguments:
        assert f"    {option.form}\n\t" in page
