"""Text → value: how each datatype of an attribute is read; all raise `ValueError` with a reason on what they cannot read."""

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from pathlib import Path
from types import MappingProxyType, NoneType, UnionType
from typing import Any, Final, Literal, NamedTuple, Union, get_args, get_origin

from zconnect.config.location import Location, normalised
from zconnect.config.names import nearest
from zconnect.config.passwords import KeyOf, Password
from zconnect.config.schema import Attribute

_INTEGER = re.compile(r"[+-]?\d{1,19}")
_PART = re.compile(r"([0-9]+)([^0-9]+)")
_WELL_FORMED = re.compile(r"\s*(?:[0-9]+\s*[^\W\d]+\s*)+")
STARS = "*****"
LONG: Final = range(-(2**63), 2**63)
_INT: Final = range(-(2**31), 2**31)

UNITS: Mapping[str, timedelta] = MappingProxyType(
    {
        "ms": timedelta(milliseconds=1),
        "s": timedelta(seconds=1),
        "m": timedelta(minutes=1),
        "h": timedelta(hours=1),
        "d": timedelta(days=1),
    }
)
# Words for units that Liberty takes from its translations.
_FOREIGN: Mapping[str, str] = MappingProxyType(
    {
        **dict.fromkeys(("dnů", "g", "j", "n", "t", "z", "д", "天"), "d"),
        **dict.fromkeys(("hod", "ó", "ч", "小時"), "h"),
        **dict.fromkeys(("min", "м", "分"), "m"),
        **dict.fromkeys(("e", "mp", "с", "秒"), "s"),
        **dict.fromkeys(("мс", "毫秒"), "ms"),
    }
)
_BOOLEANS: Mapping[str, tuple[str]] = MappingProxyType(
    {**dict.fromkeys(("yes", "on", "1"), ("true",)), **dict.fromkeys(("no", "off", "0"), ("false",))}
)
UNIT_WORDS: Final = (*UNITS, *_FOREIGN)


class UnknownOption(ValueError):
    """A word that is not among the options of an attribute."""


class Unlike(ValueError):
    """A text that is no value, told by the check of an attribute; `meant` is what was perhaps meant, likeliest first."""

    def __init__(self, cause: str, meant: Sequence[str] = ()) -> None:
        super().__init__(cause)
        self.meant = tuple(meant)


class Datatype(NamedTuple):
    """How the text of one value becomes a value.

    `name` is what the schema calls it, `options` are the allowed words in canonical spelling, `many` says that an
    attribute holds a tuple of such values.
    """

    name: str
    read: Callable[[str, KeyOf], Any]
    options: tuple[str, ...] = ()
    many: bool = False
    unit: str = ""

    @property
    def secret(self) -> bool:
        """Whether values of it are shown as stars."""
        return self.name == "password"

    @property
    def literal(self) -> bool:
        """Whether each value is its text."""
        return self.read is _as_it_is and not self.many


def datatype(annotation: Any, about: Attribute) -> Datatype:
    """The datatype of an attribute by its annotation; raises `TypeError` for one that no text can become."""
    origin, arguments = get_origin(annotation), get_args(annotation)
    if origin in (Union, UnionType):
        (inner,) = (each for each in arguments if each is not NoneType)
        return datatype(inner, about)
    if origin is tuple:
        inner = datatype(arguments[0], about)
        return Datatype(inner.name, inner.read, inner.options, many=True, unit=inner.unit)
    if origin is Literal:
        return _options(arguments)
    return _plain(annotation, about)


def _plain(annotation: Any, about: Attribute) -> Datatype:
    if annotation is bool:
        return Datatype("boolean", lambda text, _: to_bool(text))
    if annotation is int:
        return Datatype("int", lambda text, _: _in_range(to_int(text), *_bounds(about)))
    if annotation is timedelta:
        return Datatype("duration", lambda text, _: _duration(text, about), unit=about.unit)
    if annotation is Password:
        return Datatype("password", Password)
    if annotation is Path:
        return Datatype("location", lambda text, _: Path(normalised(text)))
    if annotation is Location:
        return Datatype("location", lambda text, _: Location(normalised(text)))
    if annotation is str:
        return Datatype("string", _as_it_is)
    raise TypeError(f"{annotation} is no datatype of an attribute")


def _as_it_is(text: str, _: KeyOf) -> str:
    return text


def _options(options: Sequence[Any]) -> Datatype:
    by_word = {str(option).lower(): option for option in options}

    def read(text: str, _: KeyOf) -> Any:
        try:
            return by_word[text.lower()]
        except KeyError:
            raise UnknownOption(f"it is none of {', '.join(map(str, options))}") from None

    return Datatype("string", read, tuple(map(str, options)))


def to_bool(text: str) -> bool:
    """`true` or `false` in any case, without blanks."""
    match text.lower():
        case "true":
            return True
        case "false":
            return False
    raise ValueError("it is neither true nor false")


def to_int(text: str) -> int:
    """A whole number of at most 64 bits; a sign is allowed, blanks are not."""
    if not _INTEGER.fullmatch(text) or int(text) not in LONG:
        raise ValueError("it is not a whole number")
    return int(text)


def _bounds(about: Attribute) -> tuple[int, int]:
    """From where to where a number goes: 32 bits, as Liberty's numbers have, where nothing else is declared."""
    return (_INT[0] if about.minimum is None else about.minimum, _INT[-1] if about.maximum is None else about.maximum)


def _in_range(value: int, least: int | None, most: int | None) -> int:
    if least is not None and value < least:
        raise ValueError(f"it is less than {least}")
    if most is not None and value > most:
        raise ValueError(f"it is more than {most}")
    return value


def _duration(text: str, about: Attribute) -> timedelta:
    try:
        return _in_range(to_duration(text, about.unit), about.minimum, about.maximum) * UNITS[about.unit]
    except OverflowError as cause:
        raise ValueError("it is longer than time") from cause


def to_duration(text: str, unit: str) -> int:
    """How many of its own units a duration lasts: a bare number counts them, else parts like `1h30m` are added up.

    Each part is cut down to whole units by itself, and what stands before the first part or behind the last is not
    looked at: Liberty reads `-5s` as five seconds (`is_odd` tells).
    """
    if _INTEGER.fullmatch(text):
        return to_int(text)
    parts = _PART.findall(text)
    if not parts:
        raise ValueError("it is not a duration; write a number and a unit, for example 30s or 5m")
    return sum(_part(number, word.strip().lower(), unit) for number, word in parts)


def _part(number: str, word: str, unit: str) -> int:
    word = _FOREIGN.get(word, word)
    if word not in UNITS or len(number) > 19:
        raise ValueError("it is not a duration; the units are d, h, m, s and ms")
    return int(number) * UNITS[word] // UNITS[unit]


def one_of(*words: str) -> Callable[[str], None]:
    """The check of texts that are among some words, case and all; raises `Unlike`."""

    def check(text: str) -> None:
        if text not in words:
            raise Unlike(f"it is none of {', '.join(words)}", nearest(text, words))

    return check


def is_odd(text: str) -> bool:
    """Whether a duration has parts that do not count."""
    return not _INTEGER.fullmatch(text) and not _WELL_FORMED.fullmatch(text)


def likely(text: str, datatype: Datatype) -> tuple[str, ...]:
    """What was most likely meant by a text that is no value, likeliest first."""
    word = text.strip().lower()
    if datatype.name == "boolean":
        return likely_boolean(word)
    if datatype.unit and (amount := re.fullmatch(r"(\d+)\s*([a-z]+)", word)):
        return tuple(f"{int(amount[1])}{unit}" for unit in sorted(UNITS, key=len, reverse=True) if amount[2].startswith(unit))[:1]
    return nearest(word, datatype.options)


def likely_boolean(text: str) -> tuple[str, ...]:
    """`true` or `false`, or none of them where it is like neither."""
    return _BOOLEANS.get(text.lower()) or nearest(text, ("true", "false"))


def split(text: str) -> list[str]:
    """The values of a comma list: blanks round each removed, a backslash takes the next character as it is."""
    if "\\" not in text:
        return [part.strip() for part in text.split(",")]
    tokens: list[list[tuple[str, bool]]] = [[]]
    escaped = False
    for character in text:
        if escaped or character not in ",\\":
            tokens[-1].append((character, escaped))
            escaped = False
        elif character == ",":
            tokens.append([])
        else:
            escaped = True
    return [_trimmed(token) for token in tokens]


def _trimmed(token: list[tuple[str, bool]]) -> str:
    kept = [at for at, (character, escaped) in enumerate(token) if escaped or not character.isspace()]
    return "".join(character for character, _ in token[kept[0] : kept[-1] + 1]) if kept else ""


def split_references(text: str) -> list[str]:
    """The ids of a reference; blanks at its two ends stay, as in Liberty, and so find nothing."""
    found = re.split(r"\s*,\s*", text)
    while found and not found[-1]:
        found.pop()
    return found


def written(value: object, datatype: Datatype) -> str:
    """A value as it would stand in a configuration; passwords as stars."""
    match value:
        case None:
            return ""
        case bool():
            return str(value).lower()
        case timedelta() if datatype.unit:
            return _written_duration(value, datatype.unit)
        case Password():
            return STARS
        case tuple():
            return ",".join(written(each, datatype) for each in value)
    return str(value)


def _written_duration(value: timedelta, unit: str) -> str:
    """In the largest unit that tells it exactly; below zero and at it without one, as a sign before parts would not count."""
    if value <= timedelta(0):
        return str(value // UNITS[unit])
    largest = next(name for name in reversed(tuple(UNITS)) if not value % UNITS[name])
    return f"{value // UNITS[largest]}{largest}"
