"""The whole story: the files of a server → its typed configuration, or all of its problems at once."""

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from zconnect.config.bind import Binder
from zconnect.config.configuration import Configuration
from zconnect.config.documents import Reader
from zconnect.config.kernel import ConfigurationManagement, FeatureManager
from zconnect.config.merge import Piece
from zconnect.config.properties import read_properties
from zconnect.config.schema import Element
from zconnect.config.variablefiles import folders, read_folders
from zconnect.config.variables import Variables, built_in
from zconnect.errors import ConfigurationError, Problem, Unavailable, Where
from zconnect.messages import Level, error, warning
from zconnect.values import Place

BAD_ON_ERROR = warning(
    "ZCON0128W", "The property onError of bootstrap.properties may not be {value}; WARN is used.", "Write WARN, FAIL or IGNORE."
)
CYCLE = error("ZCON0129E", "The variable {variable} has no value: {cause}.", "Break the circle.")

# Warnings about values that stop a server which asks for it (onError="FAIL"), beside all errors.
_FAILING = frozenset({"CWWKG0032W", "CWWKG0083W", "CWWKG0033W", "CWWKG0087W"})

_OF_THE_WHOLE = frozenset({"CWWKG0033W", "ZCON0115W", "ZCON0116E"})


@dataclass(frozen=True, slots=True)
class Loaded:
    """A configuration that can be used.

    `problems` are what does not stop it, in file order; `documents` the files and folders to be watched, there or not;
    `pieces` the top-level elements as written.
    """

    configuration: Configuration
    problems: tuple[Problem, ...]
    documents: tuple[Path, ...]
    variables: Variables
    pieces: tuple[Piece, ...]


def load(
    place: Place,
    vocabulary: Sequence[type[Element]],
    *,
    environment: Mapping[str, str],
    command_line: Mapping[str, str],
    journal: list[Problem] | None = None,
) -> Loaded:
    """Read a server's configuration; raises `ConfigurationError` with all problems where it may not be used.

    `environment` has what server.env adds, `command_line` the values of `--name=value`. `journal` receives everything
    in the order in which it happened, notices included (which document is read, which values conflict).
    """
    journal = [] if journal is None else journal
    properties = _properties(place)
    sources = folders(place, properties, environment)
    around = Variables(built_in=built_in(place, sources), properties=properties, environment=environment, command_line=command_line)
    reader = Reader(place, around, journal)
    reader.everything()
    paths = [Path(path) for path in sources.split(os.pathsep) if path]
    files, unreadable = read_folders(paths)
    journal += unreadable
    variables = around.defined(reader.definitions, files)
    journal += [Problem(CYCLE(variable=each.name, cause=loop), each.where, stops=True) for each, loop in variables.loops()]
    incomplete = any(problem.stops for problem in journal)
    elements = Binder(reader.pieces, vocabulary, variables, journal).elements()
    if incomplete:
        # What stands in a part that could not be read is not missing.
        journal[:] = [problem for problem in journal if problem.told.message.number not in _OF_THE_WHOLE]
    problems = _in_file_order(journal, list(reader.watched), place.config_dir)
    failing = _on_error(elements, variables, journal) == "FAIL"
    if any(problem.stops or (failing and _fails(problem)) for problem in journal):
        raise ConfigurationError(problems)
    features = next((each.feature for each in elements if isinstance(each, FeatureManager)), ())
    documents = tuple(dict.fromkeys([*reader.watched, *paths]))
    return Loaded(Configuration(elements, features), problems, documents, variables, tuple(reader.pieces))


def _properties(place: Place) -> dict[str, str]:
    path = place.config_dir / "bootstrap.properties"
    try:
        properties = read_properties(path)
    except Unavailable as cause:
        raise ConfigurationError([Problem(cause.told, Where(path.name), stops=True)]) from cause
    around = Variables(built_in=built_in(place, ""), properties=properties, environment={}, command_line={})
    return {name: _known(around, value) for name, value in properties.items()}


def _known(around: Variables, value: str) -> str:
    try:
        return around.known(value)
    except ValueError:
        return value


def _on_error(elements: Sequence[Element], variables: Variables, journal: list[Problem]) -> str:
    """What <config> says, or else the variable onError, whose value in bootstrap.properties counts from the start."""
    config = next((each for each in elements if isinstance(each, ConfigurationManagement)), None)
    if config and "onerror" in config.given:
        return config.on_error
    word = (variables.get("onError") or "WARN").strip().upper()
    if word not in {"WARN", "FAIL", "IGNORE"}:
        journal.append(Problem(BAD_ON_ERROR(value=word), Where("bootstrap.properties")))
        return "WARN"
    return word


def _fails(problem: Problem) -> bool:
    return problem.level >= Level.ERROR or problem.told.message.number in _FAILING


def _in_file_order(journal: Sequence[Problem], documents: Sequence[Path], home: Path) -> tuple[Problem, ...]:
    """Everything but notices, by document in the order of reading, and by place in it."""
    order: dict[str, int] = {}
    for problem in journal:
        order.setdefault(problem.where.document, len(order))
    told = [problem for problem in journal if problem.level != Level.AUDIT]
    return tuple(sorted(told, key=lambda each: (order[each.where.document], each.where.line, each.where.column)))
