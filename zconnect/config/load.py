"""The whole story: the files of a server → its typed configuration, or all of its problems at once."""

import gc
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from zconnect.config.attributes import BAD_OPTION, BAD_VALUE, UNDEFINED, UNDEFINED_SECRET
from zconnect.config.bind import AMBIGUOUS, NO_SUCH_ID, Binder
from zconnect.config.configuration import Configuration
from zconnect.config.documents import MISPLACED, Reader
from zconnect.config.guard import ELEMENT_REFUSED, NAME_REFUSED, VARIABLE_REFUSED, unknown
from zconnect.config.include import SLIP, file_source
from zconnect.config.journal import Journal
from zconnect.config.kernel import ConfigurationManagement, FeatureManager
from zconnect.config.layout import Layout, pointed
from zconnect.config.merge import Piece
from zconnect.config.properties import option_layers, readable_properties
from zconnect.config.schema import Element
from zconnect.config.variablefiles import folders, paths_of, read_folders, with_subfolders
from zconnect.config.variables import Definition, Variables, built_in
from zconnect.errors import ConfigurationError, Problem, Where
from zconnect.messages import Level, Told, error, warning
from zconnect.values import Place

CYCLE = error("ZCON0129E", "The variable {variable} has no value: {cause}.", "Break the circle, or use fewer references.")

TWICE = warning(
    "ZCON0143W",
    "The variable {variable} is defined more than once in one document; the definition at this place counts.",
    "Remove the others, or correct their names.",
)

# Warnings about values that stop a server which asks for it (onError="FAIL"), beside all errors.
_FAILING = frozenset({BAD_OPTION, BAD_VALUE, NO_SUCH_ID, AMBIGUOUS})

# Refusals of what was read, so that what is missing besides is missing indeed.
_READ_WHOLE = frozenset({CYCLE, ELEMENT_REFUSED, NAME_REFUSED, VARIABLE_REFUSED, SLIP, MISPLACED})

# Reports that something is nowhere to be found, which only the whole configuration can tell.
_OF_THE_WHOLE = frozenset({NO_SUCH_ID, UNDEFINED, UNDEFINED_SECRET})


@dataclass(frozen=True, slots=True, repr=False)
class Loaded:
    """A configuration that can be used.

    `problems` are what does not stop it, in file order; `documents` the files and folders to be watched, there or not;
    `pieces` the top-level elements as written, `notices` what was read and which values conflict, in the order of reading.
    """

    configuration: Configuration
    problems: tuple[Problem, ...]
    documents: tuple[Path, ...]
    variables: Variables
    pieces: tuple[Piece, ...]
    notices: tuple[Problem, ...]


@contextmanager
def _uncollected() -> Iterator[None]:
    """Without the garbage collector: what is made here stays, and looking it through again and again takes a fifth of the time."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if not gc.get_freeze_count():
            gc.freeze()  # all counts as old from now on
            gc.unfreeze()
        if enabled:
            gc.enable()


@_uncollected()
def load(
    place: Place,
    vocabulary: Sequence[type[Element]],
    *,
    environment: Mapping[str, str],
    command_line: Mapping[str, str],
    properties: Mapping[str, str] | None = None,
    system: Mapping[str, str] = MappingProxyType({}),
    unread: Iterable[Problem] = (),
    journal: list[Problem] | None = None,
    layouts: dict[str, Layout] | None = None,
    further: Callable[[Configuration], Iterable[Problem]] | None = None,
) -> Loaded:
    """Read a server's configuration; raises `ConfigurationError` with all problems where it may not be used.

    `environment` has what server.env adds, `command_line` the values of `--name=value`, `properties` what bootstrap.properties
    said at the start of the server; without them it is read, and `system` goes before it (`-Dname=value`).
    `unread` is what cannot be read of server.env. `journal` receives
    everything in the order in which it happened, notices included (which document is read, which values conflict). `layouts`
    receives the documents by their names in places. `further` finds what only other rooms know to be wrong.
    """
    recorded = Journal()
    recorded += unread
    known = {**_bootstrap(place, recorded), **system} if properties is None else properties
    around, sources = _surroundings(place, known, environment, command_line)
    reader = Reader(place, around, recorded, {} if layouts is None else layouts)
    try:
        return _loaded(reader, vocabulary, around, sources, recorded, further)
    except ConfigurationError as refusal:
        raise ConfigurationError(refusal.problems, _documents(reader, sources)) from refusal
    finally:
        if journal is not None:
            journal.extend(recorded)


def _loaded(
    reader: Reader,
    vocabulary: Sequence[type[Element]],
    around: Variables,
    sources: Sequence[Path],
    journal: Journal,
    further: Callable[[Configuration], Iterable[Problem]] | None,
) -> Loaded:
    reader.everything()
    if reader.guards:
        journal += unknown(reader.guards.values(), vocabulary)
    variables = _variables(around, reader, sources, journal)
    complete = not any(problem.stops and problem.told.message not in _READ_WHOLE for problem in journal)
    elements = Binder(reader.pieces, vocabulary, variables, journal).elements()
    features = next((each.feature for each in elements if isinstance(each, FeatureManager)), ())
    configuration = Configuration(elements, features)
    told = _judged(elements, _pointed(journal, reader, complete))
    if further and complete:
        told += [pointed(problem, reader.layouts) for problem in further(configuration)]
    problems = in_file_order((problem for problem in told if problem.level != Level.AUDIT), reader.layouts)
    if any(problem.stops for problem in problems):
        raise ConfigurationError(problems)
    notices = tuple(problem for problem in journal if problem.level == Level.AUDIT)
    return Loaded(configuration, problems, _documents(reader, sources), variables, tuple(reader.pieces), notices)


def _documents(reader: Reader, sources: Sequence[Path]) -> tuple[Path, ...]:
    return tuple(dict.fromkeys((*reader.watched, *with_subfolders(sources))))


def _bootstrap(place: Place, journal: list[Problem]) -> Mapping[str, str]:
    """What can be read of bootstrap.properties and jvm.options; the rest is one mistake among the others."""
    unread: list[tuple[Path, Told]] = []
    found = readable_properties(place.config_dir / "bootstrap.properties", unread)
    for _, options in option_layers(place, unread):
        found |= options
    journal += [Problem(told, Where(file_source(path, place.config_dir).name), stops=True) for path, told in unread]
    return found


def _surroundings(
    place: Place, properties: Mapping[str, str], environment: Mapping[str, str], command_line: Mapping[str, str]
) -> tuple[Variables, list[Path]]:
    """What is known before any document is read, and the folders of variables."""
    sources = folders(place, properties, environment)
    names = built_in(place, sources)
    bare = Variables(built_in=names, properties=properties, environment=environment, command_line=command_line)
    known = {name: bare.safe(value) for name, value in properties.items()}
    around = Variables(built_in=names, properties=known, environment=environment, command_line=command_line)
    return around, paths_of(sources, place)


def _twice(used: Definition) -> Iterator[Problem]:
    """A variable that one document defines at two places: hardly anybody means it."""
    others = tuple(each for each in used.overrode if each.document == used.where.document and each != used.where)
    if others:
        yield Problem(TWICE(variable=used.name), used.where, f"/server/variable[{used.name}]/@name", also=others)


def _variables(around: Variables, reader: Reader, sources: Sequence[Path], journal: list[Problem]) -> Variables:
    """All variables; what is wrong with them goes to `journal`."""
    files, unreadable = read_folders(sources)
    variables = around.defined(reader.definitions, files)
    journal += unreadable
    for name, where, cause in variables.unusable():
        journal.append(Problem(CYCLE(variable=name, cause=cause), where, f"/server/variable[{name}]/@value", stops=True))
    journal += [problem for definition in reader.definitions.values() for problem in _twice(definition)]
    return variables


def _pointed(journal: list[Problem], reader: Reader, complete: bool) -> list[Problem]:
    """The journal, exact; where not all documents could be read, nothing that may stand in them is reported as missing."""
    told = journal if complete else [problem for problem in journal if problem.told.message not in _OF_THE_WHOLE]
    journal[:] = [pointed(problem, reader.layouts) for problem in told]
    return journal


def _judged(elements: Sequence[Element], journal: Sequence[Problem]) -> list[Problem]:
    """The problems with onError applied: FAIL lets none pass that leaves something out or changes a value."""
    failing = any(each.on_error == "FAIL" for each in elements if isinstance(each, ConfigurationManagement))
    return [problem._replace(stops=problem.stops or (failing and _fails(problem))) for problem in journal]


def _fails(problem: Problem) -> bool:
    return problem.level >= Level.ERROR or problem.told.message in _FAILING


def in_file_order(problems: Iterable[Problem], layouts: Iterable[str]) -> tuple[Problem, ...]:
    """Problems by document in the order of reading, and by place in it; each once, also where a document is read twice."""
    told = {(str(each.told), each.where, each.path, each.also): each for each in problems}
    documents = dict.fromkeys(("", *layouts, *(problem.where.document for problem in told.values())))
    order = {document: position for position, document in enumerate(documents)}
    return tuple(sorted(told.values(), key=lambda each: (order[each.where.document], each.where.line, each.where.column)))
