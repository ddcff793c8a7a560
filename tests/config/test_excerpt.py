"""Lines of documents, without their secrets."""

import pytest

from tests.config.vocabulary import VOCABULARY
from zconnect.config.excerpt import WIDEST, Excerpts
from zconnect.config.layout import Layout
from zconnect.errors import Where


def shown(text: str, line: int = 1, column: int = 1, end: Where | None = None) -> str:
    """A line, and below it the mark."""
    found = Excerpts({"s": Layout(text.encode(), end)}, VOCABULARY).at(Where("s", line, column))
    return "" if found is None else f"{found.line}\n{' ' * found.before}^"


LINES = [
    # document, line, column, what is shown
    ('<server>\n  <thing name="x"\r\n\tnumber="y"/>\n</server>', 3, 2, 'number="y"/>\n^'),
    ("<server>\n  <thing name='x' number='y'/>", 2, 19, "<thing name='x' number='y'/>\n                ^"),
    ('<thing secret="hush" number="y"/>', 1, 22, '<thing secret="*****" number="y"/>\n                      ^'),
    ("<thing name='>' secret = 'hush' number=\"y\"/>", 1, 1, "<thing name='>' secret = '*****' number=\"y\"/>\n^"),
    ('<thing SECRET="hush" p:secret="hush"/>', 1, 1, '<thing SECRET="*****" p:secret="*****"/>\n^'),
    ('<thing secrte="hush"/>', 1, 8, '<thing secrte="*****"/>\n       ^'),
    ('<thing secret="${pass}"/>', 1, 1, '<thing secret="${pass}"/>\n^'),
    ('<thing secret="${pass}x"/>', 1, 1, '<thing secret="*****"/>\n^'),
    ('<variable name="pass" value="hush"/>', 1, 1, '<variable name="pass" value="*****"/>\n^'),
    ("<thing><secret>hush</secret><name>x</name></thing>", 1, 1, "<thing><secret>*****</secret><name>x</name></thing>\n^"),
    ("<thing>hush<name/>hush</thing>", 1, 1, "<thing>*****<name/>*****</thing>\n^"),
    ('<a/><!-- <thing secret="hush"/> --><b/>', 1, 37, "<a/><!--*****--><b/>\n                 ^"),
    ('<thing name="http://u:hush@h/x@y" number="y"/>', 1, 1, '<thing name="http://*****@h/x@y" number="y"/>\n^'),
    ("<secret><![CDATA[hush]]></secret>", 1, 1, "<secret><![CDATA[*****]]></secret>\n^"),
    ('<thing secret="hush\nhush hush\nhush" name="n"/>', 2, 1, ""),
    ('<thing secret="hush\nhush hush\nhush" name="n"/>', 3, 7, '" name="n"/>\n  ^'),
    ('<thing name="name=\'&#10;\'" secret="hush"/>', 1, 1, '<thing name="name=\'&#10;\'" secret="*****"/>\n^'),
    ("<thing>name='hush'</thing>", 1, 1, "<thing>*****</thing>\n^"),
    ('<thing name="\u202ex"/>', 1, 1, '<thing name=" x"/>\n^'),
    ("<server>\n\n</server>", 2, 1, ""),
    ("<server/>", 2, 1, ""),
    ("<server/>", 0, 0, ""),
]


@pytest.mark.parametrize(("text", "line", "column", "expected"), LINES)
def test_a_line_is_shown_without_secrets(text: str, line: int, column: int, expected: str) -> None:
    """Only what is known to be none is shown; the mark stands below the place."""
    assert shown(text, line, column) == expected


def test_nothing_behind_a_place_that_could_not_be_read() -> None:
    """It is not known what it is."""
    assert shown('<thing secret=hush name="x"/>', 1, 15, Where("s", 1, 15)) == "<thing secret=\n              ^"
    assert shown('<thing secret="hush\n<b name="x"/>', 1, 8, Where("s", 2, 1)) == '<thing secret="*****\n       ^'
    assert shown('<thing secret="hush\n<b name="x"/>', 2, 1, Where("s", 2, 1)) == ""
    assert shown("hush", 1, 0, Where("s", 1)) == ""
    assert shown("<server><e></server>", 1, 14, Where("s", 1, 14)) == "<server><e></\n             ^"


TORN = ['<thing name="a secret="', '<thing name="a>hush', "<secrethush", "<secrethush/", "<thing secret hush", "<thing><name>hush"]


@pytest.mark.parametrize("text", TORN)
def test_what_is_harmless_is_not_known_before_such_a_place(text: str) -> None:
    """A quote or a bracket is missing, and a secret may have got into anything."""
    line = shown(text + "hush", 1, len(text) + 1, Where("s", 1, len(text) + 1))
    assert "hush" not in line
    assert "*****" in line


def test_a_long_line_is_cut() -> None:
    """So that the place is seen."""
    line, mark = shown(f"<thing {'a ' * 1000}number='y'/>", 1, 2008).split("\n")
    assert len(line) <= WIDEST
    assert line[len(mark) - 1 :] == "number='y'/>"


def test_another_document_has_no_line() -> None:
    """Such as a file of variables."""
    assert Excerpts({}, VOCABULARY).at(Where("s", 1, 1)) is None
