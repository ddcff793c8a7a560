"""Whether a new reading says anything new."""

from pathlib import Path

import pytest

from tests.config.vocabulary import read, write
from zconnect.config.difference import same

BEFORE = '<server><variable name="v" value="1"/><thing id="a" number="${v}" secret="s"/><thing id="b"/><nope x="1"><y/></nope></server>'
CHANGES = {
    BEFORE.replace("><", ">\n  <!-- c --><"): True,
    '<server description="d"><nope x="1"><y/></nope><thing id="b"/><thing secret="s" number="${v}" id="a"/>'
    '<variable name="v" value="1"/></server>': True,
    BEFORE.replace('value="1"', 'value="2"'): False,
    BEFORE.replace('secret="s"', 'secret="t"'): False,
    BEFORE.replace('<thing id="b"/>', ""): False,
    BEFORE.replace("<y/>", "<z/>"): False,
    BEFORE.replace("<nope", "<featureManager><feature>f-1.0</feature></featureManager><nope"): False,
}


@pytest.mark.parametrize(("after", "unchanged"), CHANGES.items(), ids=range(len(CHANGES)))
def test_only_what_matters_is_a_change(tmp_path: Path, after: str, unchanged: bool) -> None:
    """Order, comments and description do not; values, variables that are used, secrets and unknown elements do."""
    old = read(write(tmp_path / "a", {"server.xml": BEFORE}))
    new = read(write(tmp_path / "a", {"server.xml": after}))

    assert same(old, new) == unchanged
