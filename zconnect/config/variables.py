"""${…}: where the value of a variable comes from, in which order, and how it gets into a text."""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import NamedTuple, Protocol

from zconnect.config.expressions import calculated
from zconnect.config.merge import MOST_LOSERS
from zconnect.config.names import Names, nearest
from zconnect.config.source import LONGEST
from zconnect.errors import NOWHERE, Where
from zconnect.values import Place

_MOST_STEPS = 1_000  # references in one text, those in their values included
_DEEPEST_VALUES = 128  # values that need each other
_DEEPEST = 20  # the same for defaults, expressions and attributes of an element, which take more of the stack

_SYMBOL = re.compile(r"\$\{([^$()]*?)\}")
# The bound on a name keeps the search for an end that never comes from taking the square of the text.
_REFERENCE = re.compile(r"\$\{(.{1,1024}?)\}")
_LIST = re.compile(r"\$\{list\((.{1,1024}?)\)\}")
_MANGLED = re.compile(r"[^A-Za-z0-9_]")
_PLAIN = re.compile(r"[^+*/()]+")
_NOTHING: Mapping[str, str] = MappingProxyType({})


class Loop(ValueError):
    """Variables that need each other's value; the text names them."""

    def __init__(self, names: tuple[str, ...]) -> None:
        super().__init__("the variables need each other: " + " → ".join(names))


class Definition(NamedTuple):
    """A `<variable>` as it stands after the merge; `overrode` are the places of those that do not count."""

    name: str
    value: str | None
    default: str | None
    where: Where
    overrode: tuple[Where, ...] = ()

    def over(self, loser: "Definition") -> "Definition":
        """The same, remembering what it was preferred to."""
        return self._replace(overrode=(*self.overrode, loser.where, *loser.overrode)[:MOST_LOSERS])


class Siblings(Protocol):
    """The attributes of the element that a text stands in: the last resort before the environment."""

    def text(self, name: str, road: tuple[str, ...]) -> str | None:
        """The evaluated value of an attribute."""
        ...

    def count(self, name: str) -> int:
        """How many values an attribute has."""
        ...


class Expanded(NamedTuple):
    """A text after replacement; `undefined` are the references that stay in it as they were written."""

    text: str
    undefined: tuple[str, ...] = ()


class Variables:
    """All variables of a configuration.

    Order of look-up, first wins: `command_line`, <variable value>, built-in names, files of a variables folder,
    `properties` (bootstrap.properties), attributes of the same element, `environment`, <variable defaultValue>.
    """

    def __init__(
        self,
        *,
        built_in: Mapping[str, str],
        properties: Mapping[str, str],
        environment: Mapping[str, str],
        command_line: Mapping[str, str],
        files: Mapping[str, str] = _NOTHING,
        definitions: Mapping[str, Definition] = MappingProxyType({}),
    ) -> None:
        self.definitions = MappingProxyType(dict(definitions))
        self.files = MappingProxyType(dict(files))
        self.command_line = MappingProxyType(dict(command_line))
        self.properties = MappingProxyType(dict(properties))
        self.built_in = MappingProxyType(dict(built_in))
        self.environment = environment
        values = {name: each.value for name, each in definitions.items() if each.value is not None}
        self._symbols: dict[str, str] = {**properties, **files, **built_in, **values, **command_line}
        self._got: dict[str, str | None] = {}
        self._replacements: dict[str, str | None] = {}
        self._names: dict[str, Names] = {}
        self._expanded: dict[str, Expanded] = {}
        self._steps = 0
        self._alone = True

    def defined(self, definitions: Mapping[str, Definition], files: Mapping[str, str] = _NOTHING) -> "Variables":
        """The same surroundings with these definitions in place of the former ones."""
        return Variables(
            built_in=self.built_in,
            properties=self.properties,
            environment=self.environment,
            command_line=self.command_line,
            files=files,
            definitions=definitions,
        )

    def get(self, name: str) -> str | None:
        """The value from the sources that rank above attributes of an element; `env.NAME` is the environment."""
        if name not in self._got:
            reference = "${" + name + "}"
            found = self.known(reference)
            self._got[name] = None if found.lower() == reference.lower() else found
        return self._got[name]

    def known(self, text: str) -> str:
        """A text with what `get` knows in it; it ends at the first reference that is unknown. Raises `Loop`."""
        return self._known(text, ())

    def expanded(self, text: str, siblings: Siblings | None = None, road: tuple[str, ...] = ()) -> Expanded:
        """A text with all that can be replaced replaced; raises `Loop`, and `ValueError` where it grows too long."""
        if "${" not in text:
            return Expanded(text)
        if road:
            return self._replaced(text, siblings, road)
        if text not in self._expanded:
            self._alone = True
            found = self._replaced(text, siblings, road)
            if not self._alone:
                return found
            self._expanded[text] = found
        return self._expanded[text]

    def _replaced(self, text: str, siblings: Siblings | None, road: tuple[str, ...]) -> Expanded:
        text = _bounded(text)
        undefined: dict[str, None] = {}
        start, self._steps = 0, self._steps if road else 0
        while match := _REFERENCE.search(text, start):
            # Values within values count as well: where each has two references to the next, their number doubles at each level.
            self._steps += 1
            if self._steps > _MOST_STEPS:
                raise ValueError(f"it has more than {_MOST_STEPS} references")
            value = None if match[1] in undefined else self._value(match[1], siblings, road)
            if value is None:
                undefined[match[1]] = None
                start = match.end()
                continue
            text, start = _bounded(text.replace(match[0], value)), 0
        return Expanded(text, tuple(name for name in undefined if "${" + name + "}" in text))

    def listed(self, text: str, siblings: Siblings | None = None) -> str | None:
        """The text that `${list(name)}` stands for, before it is split at its commas; None where there is none."""
        match = _LIST.search(text)
        return self._value(match[1], siblings, ()) if match else None

    def unusable(self) -> Iterator[tuple[str, Where, str]]:
        """Every variable whose value leads back to itself or grows too long: name, place, cause."""
        for name in self._symbols:
            try:
                self.get(name)
            except ValueError as cause:
                definition = self.definitions.get(name)
                yield name, definition.where if definition else NOWHERE, str(cause)

    def nearest(self, name: str) -> tuple[str, ...]:
        """The variables that were most likely meant, nearest first; none for an expression."""
        if not _PLAIN.fullmatch(name):
            return ()
        prefix = "env." if name.startswith("env.") else ""
        if prefix not in self._names:
            self._names[prefix] = Names((*self.definitions, *self._symbols, *(prefix + each for each in self.environment)))
        return nearest(name, self._names[prefix])

    def using(self, name: str) -> tuple[Where, ...]:
        """The places of the definitions that refer to a variable."""
        reference = "${" + name + "}"
        return tuple(each.where for each in self.definitions.values() if reference in (each.value or "") + (each.default or ""))

    def safe(self, text: str) -> str:
        """A text as `known` gives it; as it was where a variable in it is not usable, which is told elsewhere."""
        try:
            return self.known(text)
        except ValueError:
            return text

    def _value(self, name: str, siblings: Siblings | None, road: tuple[str, ...]) -> str | None:
        road = _longer(road, name, _DEEPEST)
        found = self._found(name, siblings, road)
        if found is None:
            return calculated(name, lambda operand: self._operand(operand, siblings, road))
        return self.expanded(found, siblings, road).text

    def _found(self, name: str, siblings: Siblings | None, road: tuple[str, ...]) -> str | None:
        found = self._near(name, siblings, road)
        if found is None:
            found = self._from_environment(name)
        return self._default(name) if found is None else found

    def _near(self, name: str, siblings: Siblings | None, road: tuple[str, ...]) -> str | None:
        found = self.get(name)
        if found is not None or siblings is None:
            return found
        self._alone = False
        return siblings.text(name, road)

    def _operand(self, name: str, siblings: Siblings | None, road: tuple[str, ...]) -> str | None:
        """What a name in an expression stands for; the environment counts only as `env.NAME`."""
        if name.startswith("count("):
            self._alone = False
            return str(siblings.count(name[6:-1])) if siblings else "0"
        found = self._near(name, siblings, road)
        return self._default(name) if found is None else found

    def _from_environment(self, name: str) -> str | None:
        changed = _MANGLED.sub("_", name)
        return next((found for key in (name, changed, changed.upper()) if (found := self.get("env." + key)) is not None), None)

    def _default(self, name: str) -> str | None:
        definition = self.definitions.get(name)
        return definition.default if definition else None

    def _known(self, text: str, road: tuple[str, ...]) -> str:
        if "${" in text:
            text = _bounded(text)
        for _ in range(_MOST_STEPS):
            match = _SYMBOL.search(text)
            replacement = self._replacement(match[1], road) if match else None
            if match is None or replacement is None:
                return text
            text = _bounded(text.replace(match[0], replacement))
            if match[0] in replacement:
                return text
        raise ValueError(f"it has more than {_MOST_STEPS} references")

    def _replacement(self, name: str, road: tuple[str, ...]) -> str | None:
        """The value of a symbol, with what is known in it; it is worked out once."""
        if name not in self._replacements:
            value = self._symbol(name)
            self._replacements[name] = None if value is None else self._known(value, _longer(road, name, _DEEPEST_VALUES))
        return self._replacements[name]

    def _symbol(self, name: str) -> str | None:
        found = self._symbols.get(name)
        if found is None and name.startswith("env."):
            return self.environment.get(name[4:])
        return found


def _longer(road: tuple[str, ...], name: str, most: int) -> tuple[str, ...]:
    if name in road:
        raise Loop((*road[road.index(name) :], name))
    if len(road) >= most:
        raise ValueError(f"more than {most} variables need each other's value: {road[0]} → {road[1]} → …")
    return (*road, name)


def _bounded(text: str) -> str:
    # Without a limit ten variables of ten references each would fill the memory.
    if len(text) > LONGEST:
        raise ValueError(f"it grows beyond {LONGEST} characters")
    return text


def built_in(place: Place, folders: str) -> dict[str, str]:
    """The names that every server has; folders end with a slash. `folders` is where variables are read from."""

    def slash(path: Path) -> str:
        return f"{path}/"

    shared = place.user_dir / "shared"
    return {
        "wlp.install.dir": slash(place.user_dir.parent),
        "wlp.parent.dir": slash(place.user_dir.parent.parent),
        "wlp.user.dir": slash(place.user_dir),
        "wlp.server.name": place.name,
        "wlp.process.type": "server",
        "wlp.var.src.dirs": folders,
        "server.config.dir": slash(place.config_dir),
        "server.output.dir": slash(place.output_dir),
        "server.logs.dir": slash(place.log_dir),
        "server.workarea.dir": slash(place.output_dir / "workarea"),
        "server.state.dir": slash(place.log_dir / "state"),
        "shared.app.dir": slash(shared / "apps"),
        "shared.config.dir": slash(shared / "config"),
        "shared.resource.dir": slash(shared / "resources"),
        "usr.extension.dir": slash(place.user_dir / "extension"),
        "tmp": "/tmp/",
    }
