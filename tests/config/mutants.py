"""Single-fault mutants of good servers: one edit each of a kind that people make, with the line of the fault and what was meant.

    python -m tests.config.mutants              the table
    python -m tests.config.mutants --missed     the same, and every mutant that was not told as it should be

The seed is fixed. What is no fault is not made: names of attributes and of nested elements, options, truth values and features
mind no case. Whether the alias of a key exists is known only when its key store is opened, which reading a configuration does not do.
"""

import random
import re
import shutil
import sys
import tempfile
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from pathlib import Path

from tests.config.markup import Span, Tag, tags
from tests.config.vocabulary import place_at
from zconnect.config.configuration import Configuration
from zconnect.config.declarations import Declaration
from zconnect.config.load import load
from zconnect.config.properties import read_properties
from zconnect.config.schema import Element
from zconnect.config.shape import shape_of
from zconnect.errors import ConfigurationError, Problem
from zconnect.features import FEATURES, VOCABULARY
from zconnect.messages import Level
from zconnect.server.featurenames import mistaken
from zconnect.server.foreseen import foreseen

ROOT = Path(__file__).resolve().parents[2]
FOLDERS = (*sorted((ROOT / "tests/config/examples").iterdir()), ROOT / "servers/quickstart", ROOT / "servers/keycloak")
SEED = 20

_KINDS = {kind.tag: kind for kind in VOCABULARY if "tag" in vars(kind)}
_ROWS = ("qwertyuiop", "asdfghjkl", "zxcvbnm", "1234567890")
_BESIDE = {one: other for row in _ROWS for one, other in [*pairwise(row), (row[-1], row[-2])]}
_REFERENCE = re.compile(r"\$\{([^}]+)\}")


@dataclass(frozen=True)
class Example:
    """A good server."""

    folder: Path

    @property
    def name(self) -> str:
        """What it is called."""
        return self.folder.name

    @cached_property
    def texts(self) -> dict[str, str]:
        """Its documents by their names."""
        return {path.relative_to(self.folder).as_posix(): path.read_text() for path in sorted(self.folder.rglob("*.xml"))}

    @cached_property
    def spots(self) -> "list[Spot]":
        """Every element in every document but the roots."""
        return [Spot(self, file, tag) for file, text in self.texts.items() for tag in list(tags(text).every())[1:]]

    @cached_property
    def ids(self) -> dict[str, "Spot"]:
        """The elements that have an id."""
        return {found.text: spot for spot in self.spots if (found := spot.tag.get("id"))}

    @cached_property
    def names(self) -> set[str]:
        """The variables that are defined by <variable> and bootstrap.properties."""
        defined = {name.text for spot in self.spots if spot.tag.name.text == "variable" and (name := spot.tag.get("name"))}
        return defined | set(read_properties(self.folder / "bootstrap.properties"))

    @cached_property
    def environment(self) -> dict[str, str]:
        """The names of server.env by the variables that find them."""
        return {name.replace("_", "."): name for name in read_properties(self.folder / "server.env")}


@dataclass(frozen=True)
class Spot:
    """An element of an example."""

    example: Example
    file: str
    tag: Tag

    @property
    def kind(self) -> type[Element] | None:
        """What the vocabulary says it is; None for a value that is written as a child."""
        return _kind(self.tag)

    @property
    def top(self) -> bool:
        """Whether it stands directly in <server>."""
        return self.tag.parent is not None and self.tag.parent.parent is None

    def values(self) -> "Iterator[tuple[Declaration, Span]]":
        """The declared attributes with their values, also the one that it is itself."""
        if self.kind:
            known = shape_of(self.kind, VOCABULARY).attributes
            yield from ((known[name.text.lower()], value) for name, value, _ in self.tag.attributes if name.text.lower() in known)
        elif self.tag.parent and (parent := _kind(self.tag.parent)):
            known = shape_of(parent, VOCABULARY).attributes
            if self.tag.name.text.lower() in known:
                yield known[self.tag.name.text.lower()], self.tag.inner


def _kind(tag: Tag) -> type[Element] | None:
    if tag.parent is None:
        return None
    if tag.parent.parent is None:
        return _KINDS[tag.name.text]
    above = _kind(tag.parent)
    slot = shape_of(above, VOCABULARY).nested.get(tag.name.text.lower()) if above else None
    return slot.kind if slot else None


@dataclass(frozen=True)
class Mutant:
    """An example with one fault: `lines` are where a report of it is right, `meant` what must be suggested first."""

    kind: str
    example: Example
    file: str
    text: str
    edit: str
    lines: frozenset[tuple[str, int]]
    meant: str = ""


def changed(text: str, *edits: tuple[int, int, str]) -> str:
    """A text with pieces of it replaced; the edits stand in order."""
    for start, end, new in reversed(edits):
        text = text[:start] + new + text[end:]
    return text


def _line(text: str, at: int) -> int:
    return text.count("\n", 0, at) + 1


def _mutant(kind: str, spot: Spot, edits: Sequence[tuple[int, int, str]], meant: str = "", at: int | None = None) -> Mutant:
    """A mutant whose fault is where the first edit is, or where `at` is."""
    text = spot.example.texts[spot.file]
    start, end, new = edits[0]
    line = _line(text, start if at is None else at)
    return Mutant(kind, spot.example, spot.file, changed(text, *edits), f"{text[start:end]} → {new}", frozenset({(spot.file, line)}), meant)


def _swapped(kind: str, spot: Spot, span: Span, new: str, meant: str = "") -> Mutant:
    return _mutant(kind, spot, [(span.start, span.end, new)], meant)


def slips(word: str, dice: random.Random) -> Iterator[str]:
    """A word with a letter dropped, doubled, swapped with the next, and replaced by its neighbour on the keyboard."""
    letters = [at for at, letter in enumerate(word) if letter.isalnum()]
    later = letters[1:] or letters
    if len(word) > 3:
        at = dice.choice(later)
        yield word[:at] + word[at + 1 :]
    at = dice.choice(later)
    yield word[:at] + word[at] + word[at:]
    if pairs := [at for at in letters[:-1] if word[at].lower() != word[at + 1].lower()]:
        at = dice.choice(pairs)
        yield word[:at] + word[at + 1] + word[at] + word[at + 2 :]
    at = dice.choice(later)
    other = _BESIDE.get(word[at].lower(), "x")
    yield word[:at] + (other.upper() if word[at].isupper() else other) + word[at + 1 :]


def _renamed(spot: Spot, new: str) -> list[tuple[int, int, str]]:
    names = [spot.tag.name, *([spot.tag.closing] if spot.tag.closing else [])]
    return [(name.start, name.end, new) for name in names]


def _around(spot: Spot) -> set[str]:
    """The names, in lower case, that may stand where an element stands."""
    if spot.top or spot.tag.parent is None:
        return {name.lower() for name in _KINDS}
    above = _kind(spot.tag.parent)
    return {name.lower() for name in shape_of(above, VOCABULARY).names} if above else set()


def elements(example: Example, dice: random.Random) -> Iterator[Mutant]:
    """Names of elements: slips, prefixes, dashes for underscores, and their case at the top."""
    for file, text in example.texts.items():
        root = Spot(example, file, tags(text))
        yield from (_mutant("element", root, _renamed(root, word), root.tag.name.text) for word in slips(root.tag.name.text, dice))
    for spot in _first(example.spots, lambda spot: (spot.tag.parent and spot.tag.parent.name.text, spot.tag.name.text)):
        name = spot.tag.name.text
        wrong = {"element": list(slips(name, dice))}
        _, prefix, rest = name.partition("zosconnect_")
        if prefix:
            wrong["prefix"] = [f"zconnect_{rest}", f"zoscconnect_{rest}", f"zosConnect_{rest}", rest]
        wrong["mark"] = (
            [name.translate(marks) for marks in (str.maketrans("_-", "-_"), str.maketrans("", "", "_-"))] if {*"_-"} & {*name} else []
        )
        if spot.top:
            wrong["case of an element"] = [name.lower(), name.upper(), name[0].swapcase() + name[1:]]
        for kind, words in wrong.items():
            known = set(_KINDS) if kind.startswith("case") else _around(spot)
            yield from (
                _mutant(kind, spot, _renamed(spot, word), name)
                for word in dict.fromkeys(words)
                if word not in known and word.lower() not in known
            )


def attributes(example: Example, dice: random.Random) -> Iterator[Mutant]:
    """Names of attributes."""
    for spot in _first(example.spots, lambda spot: (spot.kind, *(name.text for name, _, _ in spot.tag.attributes))):
        if spot.kind is None:
            continue
        known = {each.lower() for each in shape_of(spot.kind, VOCABULARY).names}
        for name, _, _ in spot.tag.attributes:
            yield from (_swapped("attribute", spot, name, word, name.text) for word in slips(name.text, dice) if word.lower() not in known)
            if "-" in name.text:
                yield _swapped("mark", spot, name, name.text.replace("-", "_"), name.text)


def values(example: Example, dice: random.Random) -> Iterator[Mutant]:
    """Options, truth values, durations and numbers."""
    done: set[object] = set()
    for spot in example.spots:
        for each, value in spot.values():
            if each.datatype is None or (spot.kind, each.name, value.text) in done or "$" in value.text:
                continue
            done.add((spot.kind, each.name, value.text))
            yield from _values(spot, each, value, dice)


_TRUTH = {"true": ("ture", "treu", "yes", "on", "1", "tru"), "false": ("flase", "fales", "no", "off", "0", "fals")}
_DURATIONS = ("30x", "30 sec", "5mm", "-5s", "s", "1,5h", "half an hour")
_NUMBERS = ("x", "1O", "1.5", "0x10", "99999999999999999999")


def _values(spot: Spot, each: Declaration, value: Span, dice: random.Random) -> Iterator[Mutant]:
    if each.datatype is None:
        return
    options = {option.lower() for option in each.datatype.options}
    if value.text.lower() in options and len(value.text) > 1:
        yield from (_swapped("option", spot, value, word, value.text) for word in slips(value.text, dice) if word.lower() not in options)
    if each.datatype.name == "boolean":
        yield from (_swapped("truth value", spot, value, word, value.text) for word in _TRUTH[value.text])
    if each.datatype.unit:
        yield from (_swapped("duration", spot, value, word) for word in _DURATIONS)
        if each.datatype.unit == "ms" and (amount := re.fullmatch(r"(\d+)s", value.text)):
            yield _swapped("duration", spot, value, amount[1])
    if each.datatype.name == "int":
        yield from (_swapped("number", spot, value, word) for word in _NUMBERS)
        limits = ((each.about.minimum, -1), (each.about.maximum, 1))
        yield from (_swapped("number", spot, value, str(limit + beyond)) for limit, beyond in limits if limit is not None)


def ids(example: Example, dice: random.Random) -> Iterator[Mutant]:
    """References: slips in them and in the ids that they name, and their case."""
    named: set[str] = set()
    for spot in example.spots:
        for each, value in spot.values():
            if each.about.form != "ref":
                continue
            for found in re.finditer(r"[^,\s]+", value.text):
                part = Span(value.start + found.start(), found[0])
                named.add(part.text)
                yield from (
                    _swapped("reference", spot, part, word, part.text) for word in slips(part.text, dice) if word not in example.ids
                )
                other = [word for word in (part.text.lower(), part.text.upper()) if word != part.text]
                yield from (_swapped("case of a reference", spot, part, word, part.text) for word in other)
    yield from _definitions(example, named & set(example.ids), dice)


def _definitions(example: Example, named: Iterable[str], dice: random.Random) -> Iterator[Mutant]:
    for name in sorted(named):
        spot, where = example.ids[name], _uses(example, rf"""Ref\s*=\s*"(?:[^"]*,\s*)?{re.escape(name)}[",]""")
        value = spot.tag.get("id")
        if value is None or name.startswith("default"):  # one that exists unwritten is no mistake
            continue
        for word in slips(name, dice):
            if word not in example.ids:
                yield _at(_swapped("id", spot, value, word, word), where)


def _uses(example: Example, pattern: str) -> frozenset[tuple[str, int]]:
    """The lines on which a pattern ends."""
    return frozenset((file, _line(text, found.end() - 1)) for file, text in example.texts.items() for found in re.finditer(pattern, text))


def _at(mutant: Mutant, lines: frozenset[tuple[str, int]]) -> Mutant:
    return Mutant(mutant.kind, mutant.example, mutant.file, mutant.text, mutant.edit, mutant.lines | lines, mutant.meant)


def variables(example: Example, dice: random.Random) -> Iterator[Mutant]:
    """Names of variables where they are used and where they are defined."""
    for spot in example.spots:
        for _, value, _ in spot.tag.attributes:
            for found in _REFERENCE.finditer(value.text):
                part = Span(value.start + found.start(1), found[1])
                words = [word for word in slips(part.text, dice) if word not in example.names]
                meant = example.environment.get(part.text, part.text)
                yield from (_swapped("variable", spot, part, word, meant) for word in words)
                if part.text in example.names:
                    yield _swapped("case of a variable", spot, part, part.text.upper(), part.text)
    for spot in example.spots:
        name = spot.tag.get("name")
        if spot.tag.name.text == "variable" and name:
            uses = _uses(example, re.escape(f"${{{name.text}}}"))
            words = [word for word in slips(name.text, dice) if word not in example.names]
            yield from (_at(_swapped("definition of a variable", spot, name, word, word), uses) for word in words)


def structure(example: Example, dice: random.Random) -> Iterator[Mutant]:
    """Attributes left out, ids that stand twice, elements in the wrong place."""
    for spot in _first(example.spots, lambda spot: spot.kind):
        if spot.kind is None:
            continue
        known = shape_of(spot.kind, VOCABULARY).attributes
        for name, _, whole in spot.tag.attributes:
            if known[name.text.lower()].required:
                yield _mutant("missing attribute", spot, [(whole.start, whole.end, "")], at=spot.tag.whole.start)
    yield from _doubles(example)
    yield from _same_names(example)
    yield from _moved(example, dice)


def _doubles(example: Example) -> Iterator[Mutant]:
    for first in example.spots:
        for second in example.spots:
            one, other = first.tag.get("id"), second.tag.get("id")
            same = first.file == second.file and first.kind is second.kind and first.tag.parent is second.tag.parent
            if one and other and same and one.start < other.start:
                yield _swapped("duplicate id", second, other, one.text)


def _same_names(example: Example) -> Iterator[Mutant]:
    """Users, groups and variables that are called like the one before."""
    for first, second in pairwise(example.spots):
        one, other = first.tag.get("name"), second.tag.get("name")
        named = first.tag.name.text == second.tag.name.text and first.tag.parent is second.tag.parent
        if one and other and named and first.tag.name.text in {"variable", "user", "group", "member"} and first.file == second.file:
            yield _swapped("duplicate name", second, other, one.text)


def _moved(example: Example, dice: random.Random) -> Iterator[Mutant]:
    tops = [spot for spot in example.spots if spot.top]
    for spot in _first(example.spots, lambda spot: (spot.kind, spot.tag.name.text)):
        text, whole = example.texts[spot.file], spot.tag.whole
        if not spot.top and spot.tag.parent:
            if spot.tag.name.text in _KINDS:  # it may stand there
                continue
            home = spot.tag.parent
            while home.parent and home.parent.parent:
                home = home.parent
            moved = changed(text, (whole.start, whole.end, ""), (home.whole.end, home.whole.end, whole.text))
            line = _line(moved, home.whole.end - len(whole.text))
            yield Mutant("nesting", example, spot.file, moved, f"{spot.tag.name.text} at the top", frozenset({(spot.file, line)}))
            continue
        others = [
            each
            for each in tops
            if each.file == spot.file
            and each.tag.closing
            and each.tag is not spot.tag
            and spot.tag.name.text.lower() not in _around_in(each)
        ]
        for into in dice.sample(others, min(2, len(others))):
            place = into.tag.closing.start - 2 if into.tag.closing else 0
            edits = sorted([(whole.start, whole.end, ""), (place, place, whole.text)])
            moved = changed(text, *edits)
            line = _line(moved, place - (len(whole.text) if whole.start < place else 0))
            yield Mutant(
                "nesting", example, spot.file, moved, f"{spot.tag.name.text} in {into.tag.name.text}", frozenset({(spot.file, line)})
            )


def _around_in(spot: Spot) -> set[str]:
    return set(shape_of(spot.kind, VOCABULARY).nested) if spot.kind else set()


def paths(example: Example, dice: random.Random) -> Iterator[Mutant]:
    """Files that are named and not there: documents, key stores, applications."""
    for spot in example.spots:
        location = spot.tag.get("location")
        if location is None or spot.tag.get("optional"):
            continue
        stem = re.search(r"[^/:.]+(?=[.:][^/]*$|$)", location.text)
        if stem:
            part = Span(location.start + stem.start(), stem[0])
            for word in slips(part.text, dice):
                yield _swapped("path", spot, part, word, changed(location.text, (stem.start(), stem.end(), part.text)))


_FEATURED = ("feature",)
_PEOPLE = {"member", "user", "group"}


def names(example: Example, dice: random.Random) -> Iterator[Mutant]:
    """Features, users and groups."""
    known = {
        name.text
        for spot in example.spots
        if spot.tag.parent and spot.tag.parent.name.text == "basicRegistry" and (name := spot.tag.get("name"))
    }
    for spot in example.spots:
        if spot.tag.name.text in _FEATURED:
            base = re.split(r"-\d", spot.tag.inner.text)[0]
            part = Span(spot.tag.inner.start, base)
            yield from (_swapped("feature", spot, part, word, spot.tag.inner.text) for word in slips(base, dice))
        inside = spot.tag.parent.name.text if spot.tag.parent else ""
        spans = [name] if spot.tag.name.text in _PEOPLE and inside != "basicRegistry" and (name := spot.tag.get("name")) else []
        spans += [value for each, value in spot.values() if each.name.lower().endswith("group") and value.text in known]
        for span in spans:
            if span.text in known:
                yield from (_swapped("user or group", spot, span, word, span.text) for word in slips(span.text, dice) if word not in known)


def _first(spots: Iterable[Spot], key: "object") -> Iterator[Spot]:
    """The first element of each sort."""
    seen: set[object] = set()
    for spot in spots:
        mark = key(spot)  # type: ignore[operator]
        if mark not in seen:
            seen.add(mark)
            yield spot


MAKERS = (elements, attributes, values, ids, variables, structure, paths, names)


def mutants() -> list[Mutant]:
    """All of them, the same at every run."""
    dice = random.Random(SEED)
    found: dict[tuple[str, str, str], Mutant] = {}
    for folder in FOLDERS:
        example = Example(folder)
        for maker in MAKERS:
            for mutant in maker(example, dice):
                found.setdefault((example.name, mutant.file, mutant.text), mutant)
    return list(found.values())


@dataclass(frozen=True)
class Verdict:
    """What loading said about a mutant."""

    mutant: Mutant
    problems: tuple[Problem, ...]

    @property
    def reported(self) -> bool:
        """Whether there was a warning or an error at all."""
        return bool(self.problems)

    @property
    def placed(self) -> bool:
        """Whether one has the line of the fault."""
        return any(self._here(problem) for problem in self.problems)

    @property
    def understood(self) -> bool:
        """Whether what was meant is suggested first, where a word was meant."""
        return not self.mutant.meant or any(self._here(each) and each.suggestions[:1] == (self.mutant.meant,) for each in self.problems)

    def _here(self, problem: Problem) -> bool:
        return any((place.document, place.line) in self.mutant.lines for place in (problem.where, *problem.also))


def judged(found: Iterable[Mutant]) -> Iterator[Verdict]:
    """Load every mutant in a copy of its example."""
    with tempfile.TemporaryDirectory() as name:
        for mutant in found:
            folder = Path(name) / mutant.example.name
            if not folder.exists():
                shutil.copytree(mutant.example.folder, folder, ignore=shutil.ignore_patterns("logs", "workarea"))
            path, kept = folder / mutant.file, mutant.example.texts[mutant.file]
            path.write_text(mutant.text)
            yield Verdict(mutant, problems_of(folder))
            path.write_text(kept)


def problems_of(folder: Path) -> tuple[Problem, ...]:
    """The warnings and errors of the server in a folder."""
    place, environment = place_at(folder), dict(read_properties(folder / "server.env"))

    def further(configuration: Configuration) -> list[Problem]:
        return [*mistaken(configuration, tuple(FEATURES)), *foreseen(configuration, place)]

    try:
        found = load(place, VOCABULARY, environment=environment, command_line={}, further=further).problems
    except ConfigurationError as refusal:
        found = refusal.problems
    return tuple(problem for problem in found if problem.level >= Level.WARNING)


def table(verdicts: Sequence[Verdict]) -> str:
    """How many mutants of each kind were reported, with the right line, with the right suggestion first."""
    rows: dict[str, Counter[str]] = {}
    for verdict in verdicts:
        for kind in (verdict.mutant.kind, "all"):
            row = rows.setdefault(kind, Counter())
            meant = bool(verdict.mutant.meant)
            row.update(mutants=1, reported=verdict.reported, line=verdict.placed, meant=meant, first=meant and verdict.understood)
    rows["all"] = rows.pop("all")
    lines = [f"{'kind':26}{'mutants':>9}{'reported':>10}{'right line':>12}{'meant first':>16}"]
    for kind, row in rows.items():
        first = f"{row['first']} of {row['meant']}" if row["meant"] else "–"
        lines.append(f"{kind:26}{row['mutants']:>9}{row['reported']:>10}{row['line']:>12}{first:>16}")
    return "\n".join(lines)


def main(arguments: Sequence[str]) -> None:
    """Print the table."""
    verdicts = list(judged(mutants()))
    for verdict in verdicts if "--missed" in arguments else ():
        if not (verdict.placed and verdict.understood):
            mutant = verdict.mutant
            said = "; ".join(f"{each.told.message.number} {each.where} {each.suggestions}" for each in verdict.problems) or "nothing"
            print(f"{mutant.kind}: {mutant.example.name} {sorted(mutant.lines)} {mutant.edit!r}: {said}")
    print(table(verdicts))


if __name__ == "__main__":
    main(sys.argv[1:])
