"""Text to values and back."""

from datetime import timedelta
from pathlib import Path
from typing import Any, Literal

import pytest

from zconnect.config.datatypes import (
    UnknownOption,
    datatype,
    is_odd,
    likely,
    split,
    split_references,
    to_bool,
    to_duration,
    to_int,
    written,
)
from zconnect.config.location import Location
from zconnect.config.passwords import Password
from zconnect.config.schema import Attribute

PLAIN = Attribute("doc", "attr")

# Vectors 50 and 51, and 05-values-duration-*.
DURATIONS = [
    ("5", "ms", 5),
    ("1m30s", "ms", 90_000),
    ("5M", "ms", 300_000),
    ("5m30", "ms", 300_000),
    ("-5", "ms", -5),
    ("-5s", "ms", 5_000),
    ("5 s", "ms", 5_000),
    ("abc5s", "ms", 5_000),
    ("PT5S", "ms", 5_000),
    ("1500ms", "s", 1),
    ("500ms500ms", "s", 0),
    ("1d2h45m", "h", 26),
    ("5min", "s", 300),
    ("2 hod", "m", 120),
]


@pytest.mark.parametrize(("text", "unit", "count"), DURATIONS)
def test_durations_are_counted_in_their_own_unit(text: str, unit: str, count: int) -> None:
    """Parts are cut down one by one; junk at both ends does not count, but can be told."""
    assert to_duration(text, unit) == count
    assert is_odd(text) == (text in {"5m30", "-5s", "abc5s", "PT5S"})


@pytest.mark.parametrize("text", ["1.5h", " 5", "5 ", "5x", "abc", "", "5s,", "5s;5s", "9" * 30 + "s"])
def test_what_is_no_duration_is_refused(text: str) -> None:
    """With words that say what is one."""
    with pytest.raises(ValueError, match=r"duration|whole"):
        to_duration(text, "ms")


@pytest.mark.parametrize(("text", "value"), [("5", 5), ("+5", 5), ("007", 7), ("-1", -1), ("٣", 3)])
def test_whole_numbers(text: str, value: int) -> None:
    """05-values-int-forms."""
    assert to_int(text) == value


@pytest.mark.parametrize("text", [" 5 ", "0x10", "5.0", "", "5_0", "9223372036854775808", "1e3", "9" * 5000])
def test_what_is_no_whole_number_is_refused(text: str) -> None:
    """Blanks, other bases, underscores, and what has more than 64 bits."""
    with pytest.raises(ValueError, match="whole number"):
        to_int(text)


def test_booleans_are_two_words() -> None:
    """In any case, without blanks."""
    assert to_bool("TRUE")
    assert not to_bool("false")
    for text in ("yes", " true", "1", ""):
        with pytest.raises(ValueError, match="neither"):
            to_bool(text)


# Vectors 48 and 49.
LISTS = {" x y , z": ["x y", "z"], "a,,b": ["a", "", "b"], "a,": ["a", ""], "\\,a": [",a"], "a\\ ": ["a "], "": [""], "a\\": ["a"]}
REFERENCES = {"a , b ": ["a", "b "], " a,b,": [" a", "b"], "": [], "a": ["a"]}


@pytest.mark.parametrize(("text", "values"), LISTS.items())
def test_lists_are_split_at_commas(text: str, values: list[str]) -> None:
    """Blanks go, escaped characters stay, empty values stay."""
    assert split(text) == values


@pytest.mark.parametrize(("text", "ids"), REFERENCES.items())
def test_references_are_split_otherwise(text: str, ids: list[str]) -> None:
    """Blanks at the two ends stay, empty ids at the end go."""
    assert split_references(text) == ids


def read(annotation: Any, text: str, about: Attribute = PLAIN) -> Any:
    """A text as an attribute of that annotation."""
    return datatype(annotation, about).read(text, lambda _name: None)


def test_annotations_say_how_a_text_is_read() -> None:
    """Each datatype of the schema, optional or not, single or in a list."""
    assert read(int | None, "5") == 5
    assert read(bool, "true") is True
    assert read(timedelta, "5", Attribute("doc", "attr", unit="s")) == timedelta(seconds=5)
    assert read(Path, "a//b") == Path("a/b")
    assert read(Location, "a//b/") == "a/b/"
    assert read(str, " x ") == " x "
    assert read(Password, "{xor}Lz4sLCgwLTs=").text == "password"
    assert read(Literal["low", "High"], "HIGH") == "High"
    assert datatype(tuple[int, ...], PLAIN).many


def test_options_are_compared_without_case_and_not_trimmed() -> None:
    """05-values-enum-blanks."""
    for text in (" low", "lower", ""):
        with pytest.raises(UnknownOption):
            read(Literal["low", "High"], text)


def test_limits_are_kept() -> None:
    """Of numbers and of durations, in their own unit."""
    limited = Attribute("doc", "attr", minimum=1, maximum=10, unit="s")
    assert read(int, "10", limited) == 10
    for annotation, text in ((int, "0"), (int, "11"), (timedelta, "11s"), (timedelta, "500ms")):
        with pytest.raises(ValueError, match=r"less|more"):
            read(annotation, text, limited)
    with pytest.raises(ValueError, match="longer"):
        read(timedelta, "9" * 18 + "d")


def test_other_annotations_are_a_mistake_of_the_programmer() -> None:
    """No text becomes one."""
    with pytest.raises(TypeError):
        datatype(float, PLAIN)


def test_values_can_be_written_back() -> None:
    """For messages and the reference page; secrets as stars."""
    seconds = datatype(timedelta, Attribute("doc", "attr", unit="s"))
    plain = datatype(str, PLAIN)

    lasting = (timedelta(minutes=1), timedelta(seconds=90), timedelta(hours=24), timedelta(0), timedelta(seconds=-1))
    assert [written(value, seconds) for value in lasting] == ["1m", "90s", "1d", "0", "-1"]
    assert [written(value, plain) for value in (None, True, 5, ("a", "b"), Password("x"))] == ["", "true", "5", "a,b", "*****"]


@pytest.mark.parametrize(
    ("annotation", "text", "meant"),
    [
        (bool, "flase", ("false",)),
        (bool, "Yes", ("true",)),
        (bool, "0", ("false",)),
        (bool, "maybe", ()),
        (timedelta, "30 sec", ("30s",)),
        (timedelta, "5mins", ("5m",)),
        (timedelta, "10msec", ("10ms",)),
        (timedelta, "30x", ()),
        (Literal["none", "required"], "requierd", ("required",)),
        (int, "x", ()),
    ],
)
def test_what_was_likely_meant(annotation: Any, text: str, meant: tuple[str, ...]) -> None:
    """Truth values in other words, units that are written out, options that are misspelt."""
    assert likely(text, datatype(annotation, PLAIN)) == meant
