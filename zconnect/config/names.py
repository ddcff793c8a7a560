"""Names that are not known: the nearest known ones, and whether something that guards was meant."""

import re
from collections import defaultdict
from collections.abc import Container, Iterable, Sequence
from functools import lru_cache
from typing import NamedTuple

NEAR = 0.6  # how alike two names must be to suggest one for the other
SAME = 0.85  # how alike two names must be to take one for a slip in the other

_MANY = 200  # known names up to which each is compared
_SHORTEST = 4  # letters of a name that is taken for the beginning or the end of another
_MARKS = re.compile(r"[\s_.:-]")
_PREFIX = re.compile(r"(?:zosconnect|zoscconnect|zconnect)[_:.-]")


def nearest(name: str, known: "Iterable[str] | Names", least: float = NEAR, *, taken: Container[str] = ()) -> tuple[str, ...]:
    """The known names that were most likely meant, nearest first, at most three.

    Equally near ones stand in the order of `known`, behind all others those that are `taken` (in lower case) already.
    """
    answers = (known if isinstance(known, Names) else _names(tuple(known))).answers(name)
    best = sorted(answers, key=lambda answer: (answer.apart, answer.name.lower() in taken, answer.marks))
    return tuple(each.name for each in best if each.alike >= least)[:3]


def distance(one: str, other: str) -> int:
    """How many letters must be dropped, added, replaced or swapped with their neighbour (optimal string alignment).

    The column of the usual table is kept as differences in the bits of integers: Hyyrö, A Bit-Vector Algorithm for
    Computing Levenshtein and Damerau Edit Distances (2003).
    """
    if not one:
        return len(other)
    places: dict[str, int] = {}
    for at, letter in enumerate(one):
        places[letter] = places.get(letter, 0) | 1 << at
    every, last = (1 << len(one)) - 1, 1 << (len(one) - 1)
    apart, rises, falls, same, before = len(one), every, 0, 0, 0
    for letter in other:
        here = places.get(letter, 0)
        same = (((here & rises) + rises) ^ rises) | here | falls | ((~same & here) << 1 & before)
        up, down = falls | ~(same | rises), same & rises
        apart += bool(up & last) - bool(down & last)
        up, down = up << 1 | 1, down << 1
        rises, falls, before = (down | ~(same | up)) & every, same & up & every, here
    return apart


class _Name(NamedTuple):
    """A name, what it is without case and marks, and its core: without the prefixes of z/OS Connect as well."""

    name: str
    whole: str
    core: str
    letters: frozenset[str]

    @classmethod
    def of(cls, name: str) -> "_Name":
        lower = name.lower()
        core = _MARKS.sub("", _PREFIX.sub("", lower, count=1))
        return cls(name, _MARKS.sub("", lower), core, frozenset(core))

    def apart(self, known: "_Name") -> int:
        """The distance of the cores; a prefix with one slip in it is still a prefix. What is too far is not measured."""
        if self.core == self.whole != known.core and known.core != known.whole and abs(len(self.whole) - len(known.whole)) <= 1:
            return distance(self.whole, known.whole)
        least = max(abs(len(self.core) - len(known.core)), len(self.letters - known.letters), len(known.letters - self.letters))
        return least if least > max(len(self.core), len(known.core)) * (1 - NEAR) else distance(self.core, known.core)

    def alike(self, known: "_Name", apart: int) -> float:
        """From 0 to 1: one slip is always near, and the same from four letters on; so is a name that was cut off."""
        alike = 1 - apart / max(len(self.core), len(known.core), 1)
        short, long = sorted((self.core, known.core), key=len)
        if apart <= 1 and self.letters & known.letters:
            return max(alike, SAME if len(long) >= _SHORTEST else NEAR)
        cut = len(short) >= _SHORTEST and (long.startswith(short) or long.endswith(short))
        return max(alike, NEAR) if cut else alike


class _Answer(NamedTuple):
    """A known name that may be meant: how far it is from what was written, without and with case and marks; how alike."""

    name: str
    apart: int
    marks: int
    alike: float


class Names:
    """Known names, made ready for many questions; each is answered once."""

    def __init__(self, names: Iterable[str]) -> None:
        known = tuple(dict.fromkeys(names))
        self._known = tuple(_Name.of(each) for each in known)
        self._answers: dict[str, Sequence[_Answer]] = {}
        self._shortened: defaultdict[str, list[int]] = defaultdict(list)
        if len(known) > _MANY:
            for at, each in enumerate(self._known):
                for text in _shortened(each.core):
                    self._shortened[text].append(at)

    def answers(self, name: str) -> Sequence[_Answer]:
        """The known names that are anything like it; of two, one that is twice as far as the other is none."""
        if name not in self._answers:
            wanted = _Name.of(name)
            measured = [(each.name, apart, wanted.alike(each, apart)) for each, apart in self._measured(wanted)]
            near = [_Answer(known, apart, distance(name, known), alike) for known, apart, alike in measured if alike >= NEAR]
            farthest = 2 * min((answer.apart for answer in near), default=0) + 1
            self._answers[name] = [answer for answer in near if answer.apart <= farthest]
        return self._answers[name]

    def _measured(self, wanted: _Name) -> Iterable[tuple[_Name, int]]:
        """The distances of all known names; where there are many, of those that are the same when each loses at most one letter."""
        candidates = self._known
        if self._shortened:
            found = {at for text in _shortened(wanted.core) for at in self._shortened.get(text, ())}
            candidates = tuple(self._known[at] for at in sorted(found))
        return ((each, wanted.apart(each)) for each in candidates)


@lru_cache(maxsize=32)
def _names(known: tuple[str, ...]) -> Names:
    return Names(known)


def _shortened(text: str) -> set[str]:
    return {text, *(text[:at] + text[at + 1 :] for at in range(len(text)))}
