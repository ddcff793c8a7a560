"""Values in filters, and DNs."""

import pytest

from zconnect.security.ldapnames import Entry, escaped, leading, normal


@pytest.mark.parametrize(
    ("value", "text"),
    [  # RFC 4515 section 3, and the examples of its section 4
        ("plain", "plain"),
        ("Parens R Us (for all your parenthetical needs)", "Parens R Us \\28for all your parenthetical needs\\29"),
        ("*", "\\2a"),
        ("C:\\MyFile", "C:\\5cMyFile"),
        ("\0", "\\00"),
        ("j\u00fcrgen", "j\u00fcrgen"),
    ],
)
def test_a_value_is_no_filter(value: str, text: str) -> None:
    """The five characters of RFC 4515 are written as their codes."""
    assert escaped(value) == text


@pytest.mark.parametrize(
    ("one", "two", "same"),
    [
        ("uid=alice,dc=example", "UID=Alice, DC=example", True),
        ("uid=alice  smith,dc=example", "uid=alice smith,dc=example", True),
        ("uid=alice,dc=example", "uid=alice,dc=example,dc=com", False),
        ("uid=a\\,b,dc=example", "uid=a,dc=example", False),
        ("uid=alice,dc=example", "cn=alice,dc=example", False),
    ],
)
def test_names_are_compared_part_by_part(one: str, two: str, same: bool) -> None:
    """Letter case and blanks do not count, what is escaped does."""
    assert (normal(one) == normal(two)) is same


@pytest.mark.parametrize("text", ["", "alice", "=", "uid", "uid=a,,", "*)(uid=*"])
def test_what_is_no_name_is_none(text: str) -> None:
    """Nothing is raised by what a caller typed."""
    assert normal(text) in {None, ()}


def test_the_first_part_has_a_value() -> None:
    """Its escapes are undone, those of bytes too."""
    assert leading("cn=odd (a*b\\, \\5C\\C3\\BC),ou=x") == "odd (a*b, \\\u00fc)"


def test_attributes_are_found_in_any_case() -> None:
    """The directory writes them as it likes."""
    assert Entry("uid=a", {"memberof": ("x", "y")}).first("memberOf") == "x"
    assert Entry("uid=a", {}).first("mail") is None
