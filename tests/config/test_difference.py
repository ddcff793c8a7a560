"""What a new reading says that the former did not."""

from pathlib import Path

import pytest

from tests.config.vocabulary import read, write
from zconnect.config.difference import changes

BEFORE = (
    '<server><variable name="v" value="1"/><thing id="a" number="${v}" secret="s" optionsRef="o"><item name="i"/></thing><thing id="b"/>\n'
    '<options id="o" size="1"/><nope x="1"><y/></nope></server>'
)
CHANGES = {
    "comments and blanks": (BEFORE.replace("><", ">\n  <!-- c --><"), []),
    "the order": (
        '<server description="d"><nope x="1"><y/></nope><options id="o" size="1"/><thing id="b"/>'
        '<thing secret="s" number="${v}" id="a" optionsRef="o"><item name="i"/></thing><variable name="v" value="1"/></server>',
        [],
    ),
    "a variable that is used": (BEFORE.replace('value="1"', 'value="2"'), ["changed thing[a] (number) [server.xml:1:39]"]),
    "a secret": (BEFORE.replace('secret="s"', 'secret="t"'), ["changed thing[a] (secret) [server.xml:1:39]"]),
    "an attribute that is gone": (BEFORE.replace(' secret="s"', ""), ["changed thing[a] (secret) [server.xml:1:39]"]),
    "an element that is gone": (BEFORE.replace('<thing id="b"/>', ""), ["removed thing[b] [server.xml:1:117]"]),
    "an element that is new": (BEFORE.replace("</server>", '<thing id="c"/></server>'), ["added thing[c] [server.xml:2:50]"]),
    "an element that is referred to": (BEFORE.replace('size="1"', 'size="2"'), ["changed options[o] (size) [server.xml:2:1]"]),
    "a reference": (
        BEFORE.replace('Ref="o"', 'Ref="p"').replace('<options id="o"', '<options id="p"'),
        ["removed options[o] [server.xml:2:1]", "changed thing[a] (optionsRef) [server.xml:1:39]", "added options[p] [server.xml:2:1]"],
    ),
    "a nested element": (BEFORE.replace('name="i"', 'name="j"'), ["changed thing[a] (item) [server.xml:1:93]"]),
    "an element that is not known": (
        BEFORE.replace("<y/>", "<z/>"),
        ["removed nope [server.xml:2:27]", "added nope [server.xml:2:27]"],
    ),
    "a singleton": (BEFORE.replace("<nope", '<guarded open="false"/><nope'), ["added guarded [server.xml:2:27]"]),
}


@pytest.mark.parametrize(("after", "told"), CHANGES.values(), ids=CHANGES)
def test_only_what_matters_is_a_change(tmp_path: Path, after: str, told: list[str]) -> None:
    """Order, comments and description do not; each element is told with what differs in it and where; no values are."""
    old = read(write(tmp_path / "a", {"server.xml": BEFORE}))
    new = read(write(tmp_path / "a", {"server.xml": after}))

    assert [str(change) for change in changes(old, new)] == told
