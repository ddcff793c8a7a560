"""What a new reading says that the former did not."""

from pathlib import Path

import pytest

from tests.config.vocabulary import read, write
from zconnect.config.difference import changes, reordered

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
    "a variable that is used": (
        BEFORE.replace('value="1"', 'value="2"'),
        ["changed variable v [server.xml:1:9]", "changed thing[a] (number) [server.xml:1:39]"],
    ),
    "a variable that nothing uses": (
        BEFORE.replace("<nope", '<variable name="w" value="1"/><nope'),
        ["added variable w [server.xml:2:27]"],
    ),
    "a variable that is gone": (
        BEFORE.replace('<variable name="v" value="1"/>', "").replace("${v}", "1"),
        ["removed variable v [server.xml:1:9]", "changed thing[a] (number) [server.xml:1:9]"],
    ),
    "another word for the same value": (BEFORE.replace('size="1"', 'size="01"'), ["changed options[o] (size) [server.xml:2:1]"]),
    "a default that is written": (
        BEFORE.replace('<thing id="b"', '<thing id="b" number="5"'),
        ["changed thing[b] (number) [server.xml:1:117]"],
    ),
    "an attribute that is not known": (BEFORE.replace('<thing id="b"', '<thing id="b" n="5"'), ["changed thing[b] (n) [server.xml:1:117]"]),
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


def test_another_order_is_no_change_and_can_be_asked_for(tmp_path: Path) -> None:
    """Of elements, not of attributes; which comes first can decide."""
    old, new, again = (
        read(write(tmp_path / "a", {"server.xml": f"<server>{text}</server>"}))
        for text in (
            '<thing id="a"/><thing id="b" name="n"/>',
            '<thing id="b" name="n"/><thing id="a"/>',
            '<thing id="b" name="n"/>\n<thing id="a"/>',
        )
    )

    assert (changes(old, new), reordered(old, new), reordered(new, again)) == ([], True, False)


def test_files_of_variables_count(tmp_path: Path) -> None:
    """They have no place in a document."""
    old = read(write(tmp_path / "a", {"server.xml": "<server/>", "variables/v": "1"}))
    new = read(write(tmp_path / "a", {"variables/v": "2"}))

    assert [str(change) for change in changes(old, new)] == ["changed variable v"]
