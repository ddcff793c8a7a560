"""server version."""

import re

from tests.cli.home import Home
from zconnect import __version__


def test_one_line_in_libertys_form(home: Home) -> None:
    """Product, version, runtime, language."""
    done = home.server("version", "nosuch", "--bogus")
    assert done.code == 0
    assert re.fullmatch(rf"\nZconnect \({re.escape(__version__)}\) on \S+, version [\d.]+\S* \(en\)\n", done.out)
