"""<include>: which documents a location means, and how their elements are merged with those before."""

import errno
import os
import stat
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final, NamedTuple, get_args

from zconnect.config.datatypes import likely_boolean
from zconnect.config.guard import Guard, guards_of
from zconnect.config.location import has_scheme, is_absolute, nearest_paths, normalised, without_credentials
from zconnect.config.merge import Behaviour
from zconnect.config.names import nearest
from zconnect.config.source import Node
from zconnect.config.variables import Definition, Variables
from zconnect.errors import Problem
from zconnect.messages import error, warning

NO_LOCATION = error(
    "CWWKG0089E",
    "The include at line {line} of {document} has no location.",
    "Write location=; the server does not start while it cannot know what was to be included.",
)
NOT_FOUND = error(
    "CWWKG0090E",
    "The resource {location} that an include names is missing or cannot be read.",
    'Correct the location or restore the file, or write optional="true" if it may be missing. The server does not start without it.',
)
NOT_RESOLVED = warning(
    "CWWKG0084W",
    "The location {location} of an optional include cannot be resolved.",
    "Define the variables in it before the include, or correct the address.",
)
LITERAL = warning(
    "ZCON0171W",
    "A reference in the location {location} is not replaced, so a document of that very name is looked for.",
    "Inside a location only variables count that are known before server.xml; let the location begin with the reference, or correct it.",
)
NO_SLASH = error(
    "ZCON0107E",
    "The location {location} of an include is a folder.",
    "Write a slash at its end to include all documents of the folder. Liberty does not start either.",
)
BAD_OPTIONAL = warning("ZCON0110W", 'The word {value} for optional means "false" here.', 'Write optional="true" or optional="false".')
BAD_BEHAVIOUR = warning("CWWKG0094W", "{value} is not a value of onConflict, so MERGE is used.", "Write MERGE, REPLACE or IGNORE.")
NOT_USED = warning("ZCON0134W", "<{element}> has no attribute {name}; it is not used.", "Correct its name; upper and lower case count.")
SLIP = error(
    "ZCON0135E",
    "An include has no attribute {name}; it is almost allow, without which the document could define anything.",
    "Correct its name (upper and lower case count, and it has no prefix), or remove it.",
)

PATH: Final = "/server/include"  # in problems

_ATTRIBUTES: Final = ("location", "optional", "onConflict", "allow")
_REMOTE: Final = ("http://", "https://")


class Source(NamedTuple):
    """One document: its address, its short name in places, its path where it is a file, and the lists of what may stand in it."""

    uri: str
    name: str
    path: Path | None
    guards: tuple[Guard, ...] = ()

    @property
    def display(self) -> str:
        """Path or address, as messages about an included resource show it."""
        return str(self.path or self.uri)


def file_source(path: Path, home: Path, guards: tuple[Guard, ...] = ()) -> Source:
    """A file, called by its path below `home` where it is there."""
    return Source(f"file:{path}", str(path.relative_to(home) if path.is_relative_to(home) else path), path, guards)


class Include(NamedTuple):
    """An include as understood; `location` is normalised and empty where there is none that could be followed."""

    location: str
    optional: bool
    behaviour: Behaviour
    guards: tuple[Guard, ...] = ()


def understood(
    node: Node, uri: str, inherited: Behaviour, around: Variables, definitions: Mapping[str, Definition], journal: list[Problem]
) -> Include:
    """What an include element says, with the variables known before any document and those defined so far; mistakes go to `journal`."""
    _attributes(node, journal)
    written = node.get("location")
    optional = _optional(node, journal)
    behaviour = _behaviour(node, inherited, journal)
    guards = guards_of(node, journal)
    if written is None:
        journal.append(Problem(NO_LOCATION(line=node.where.line, document=uri), node.where, f"{PATH}/@location", stops=True))
    if written is None or guards is None:
        return Include("", optional, behaviour)
    location = _resolved(written.strip(), around, definitions)
    if not location or location.startswith("${") or (has_scheme(location) and not location.startswith((*_REMOTE, "file:/"))):
        lost = NOT_RESOLVED if optional else NOT_FOUND
        journal.append(Problem(lost(location=without_credentials(location) or "null"), node.where, f"{PATH}/@location", stops=not optional))
        return Include("", optional, behaviour)
    if "${" in location:
        journal.append(Problem(LITERAL(location=without_credentials(location)), node.where, f"{PATH}/@location"))
    return Include(location, optional, behaviour, guards)


def _attributes(node: Node, journal: list[Problem]) -> None:
    """What is not known is told; if it may have been the list that guards, the start stops."""
    for written in (name for name in node.attributes if name not in _ATTRIBUTES):
        name = written.rpartition("}")[2]
        known = nearest(name, _ATTRIBUTES)
        slip = known[:1] == ("allow",)
        told = SLIP(name=name) if slip else NOT_USED(element=node.name, name=name)
        journal.append(Problem(told, node.where, f"{PATH}/@{name}", known, stops=slip))


def _optional(node: Node, journal: list[Problem]) -> bool:
    value = node.get("optional") or "false"
    if value.lower() not in {"true", "false"}:
        journal.append(Problem(BAD_OPTIONAL(value=value), node.where, f"{PATH}/@optional", likely_boolean(value)))
    return value.lower() == "true"


def _behaviour(node: Node, inherited: Behaviour, journal: list[Problem]) -> Behaviour:
    value = node.get("onConflict")
    if value is None:
        return inherited
    known: tuple[Behaviour, ...] = get_args(Behaviour)
    found = next((each for each in known if each == value.upper()), None)
    if found is None:
        journal.append(Problem(BAD_BEHAVIOUR(value=value), node.where, f"{PATH}/@onConflict", nearest(value, known)))
    return found or "MERGE"


def _resolved(location: str, around: Variables, definitions: Mapping[str, Definition]) -> str:
    """A location that begins with a reference sees the variables read so far, any other only what was there before."""
    try:
        if location.startswith("${"):
            return normalised(around.defined(definitions).expanded(location).text)
        return normalised(around.known(location))
    except ValueError:
        return location


def targets(location: str, source: Source, home: Path, watched: dict[Path, None]) -> Iterator[Source]:
    """The documents that a location means, in order; raises `OSError` where there are none.

    What has to be watched so that a change is noticed goes to `watched`, also where it is not there yet.
    """
    if location.startswith(_REMOTE) or (source.path is None and not is_absolute(location)):
        address = location if location.startswith(_REMOTE) else f"{source.uri.rpartition('/')[0]}/{location}"
        # One with a name and a password is never asked, so nobody needs to know them.
        yield Source(without_credentials(address), without_credentials(address), None)
        return
    path = Path(os.path.normpath((source.path.parent if source.path else home) / location.removeprefix("file:")))
    watched[path] = None
    if location.endswith("/"):
        if not stat.S_ISDIR(os.stat(path).st_mode):
            raise OSError(errno.EINVAL, "a file with a slash at the end", str(path))
        yield from (file_source(found, home) for found in documents_in(path))
    elif path.is_dir():
        raise IsADirectoryError(errno.EISDIR, "a folder without a slash at the end", str(path))
    else:
        os.stat(path)
        yield file_source(path, home)


def documents_in(folder: Path) -> list[Path]:
    """The documents directly in a folder, in the order in which they are read; none where there is no folder."""
    if not folder.is_dir():
        return []
    names = sorted((name for name in os.listdir(folder) if _is_document(name)), key=lambda name: (name.lower(), name))
    return [folder / name for name in names if not (folder / name).is_dir()]


def _is_document(name: str) -> bool:
    return name.lower().endswith(".xml") and not name.startswith(".#")  # Emacs locks x.xml by a link .#x.xml that leads nowhere


def missing(include: Include, cause: OSError) -> bool:
    """Whether an optional include may be passed over; a file that is there but cannot be read is not missing."""
    absent = isinstance(cause, FileNotFoundError | NotADirectoryError) or include.location.startswith(_REMOTE)
    return include.optional and absent


def lost(include: Include, cause: OSError, node: Node) -> Problem:
    """The problem of a document that an include needs."""
    folder = cause.errno == errno.EISDIR
    message = NO_SLASH if folder else NOT_FOUND
    meant = nearest_paths(include.location, Path(cause.filename)) if cause.filename and not folder else ()
    return Problem(message(location=without_credentials(include.location)), node.where, f"{PATH}/@location", meant, stops=True)
