"""The documents of a server in their order: drop-ins, server.xml and what they include; elements and variables as written."""

import os
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final

from zconnect.config.guard import Guard, guards_of, refused, refused_variable
from zconnect.config.include import NOT_USED, PATH, Source, documents_in, file_source, lost, missing, targets, understood
from zconnect.config.layout import Layout
from zconnect.config.merge import Behaviour, Document, Piece, path_of, piece_of
from zconnect.config.names import nearest
from zconnect.config.source import Node, parse
from zconnect.config.supply import Supply
from zconnect.config.variables import Definition, Variables
from zconnect.errors import NOWHERE, ConfigurationError, Problem, Where
from zconnect.messages import Told, audit, error, warning
from zconnect.values import Place

ROOT: Final = "server"
SCHEMA_INSTANCE: Final = "http://www.w3.org/2001/XMLSchema-instance"
DROP_INS: Final = "configDropins"

INCLUDED = audit("CWWKG0028A", "The included resource {resource} is processed.")
DROP_IN = audit("CWWKG0093A", "The drop-in {file} is processed.")
NOT_THERE = error(
    "ZCON0106E",
    "The server has no configuration: {file} does not exist or cannot be read.",
    "Write it, or check the server's name and WLP_USER_DIR.",
)
UNREADABLE = error("ZCON0114E", "The drop-in {file} cannot be read.", "Make it readable for the server, or remove it.")
CIRCULAR = warning(
    "CWWKG0042W",
    "Documents include each other in a circle: {documents}.",
    "Remove one of the includes; the repeated document contributes nothing.",
)
INCLUDED_TWICE = warning(
    "ZCON0108W",
    "The document {document} is included more than once, so its lists and its elements without an id count each time.",
    "Remove all but one of the includes.",
)
WRONG_ROOT = error(
    "CWWKG0105E",
    "The root element of the document {document} is not {expected}.",
    "Put the content into <server>; names mind the case. The server does not start with a document that it has to leave out.",
)
NESTED_SERVER = warning(
    "CWWKG0085W",
    "A server element stands inside another; its content counts as if it stood in the outer one.",
    "Remove the inner start and end tags.",
)
CONTENT_HOISTED = warning(
    "ZCON0111W",
    "Elements stand inside <{element}>; they count as if they stood behind it.",
    "Move them out, where Liberty takes them to be as well.",
)
STRAY_TEXT = warning(
    "ZCON0112W", "The text directly inside <{element}> has no meaning and is not used.", "Remove it, or make it an attribute."
)
VARIABLE_WITHOUT_NAME = error("CWWKG0091E", "The variable at line {line} of {document} has no name.", "Write name= and check its spelling.")
VARIABLE_WITHOUT_VALUE = error(
    "CWWKG0092E",
    "The variable at line {line} of {document} has neither value nor defaultValue.",
    "Write one of the two and check its spelling.",
)
MISPLACED = error(
    "ZCON0136E",
    "<configDropins> stands outside server.xml, where it would guard nothing.",
    "Move it to the server.xml of the server, or remove it.",
)
LOOKALIKE = warning("ZCON0113W", "The folder {folder} is not read; its name is not {name}.", "Rename it; upper and lower case count.")


class Reader:
    """Reads documents in order and collects what they say; problems go to `journal` in the order in which they are met.

    `pieces` and `definitions` are what was read, `layouts` the documents by their names in places, in the order of reading,
    `watched` the files and folders whose change matters, `guards` the lists of what may stand in included documents and drop-ins,
    by their places.
    """

    def __init__(self, place: Place, variables: Variables, journal: list[Problem], layouts: dict[str, Layout]) -> None:
        self.pieces: list[Piece] = []
        self.definitions: dict[str, Definition] = {}
        self.watched: dict[Path, None] = {}
        self.layouts = layouts
        self.guards: dict[Where, Guard] = {}
        self._home = place.config_dir
        self._main = place.config_dir / "server.xml"
        self._variables = variables
        self._journal = journal
        self._chain: dict[str, Definition] = {}
        self._read: dict[str, Where] = {}
        self._main_is_read = False
        self._supply = Supply()

    def everything(self) -> None:
        """Drop-ins of defaults, server.xml, drop-ins of overrides; what the drop-ins may define stands in server.xml."""
        drop_ins = self._home / DROP_INS
        self._look_alikes(drop_ins)
        before = len(self._journal)
        root = self._opened(self._main, NOT_THERE(file=self._main))
        later, self._journal[before:] = self._journal[before:], []
        self._main_is_read = root is not None
        guards = self._guards_of_drop_ins(root) if root else ()
        self._drop_ins(drop_ins / "defaults", guards)
        self._journal += later
        if root:
            self._root(root, self._main)
        self._drop_ins(drop_ins / "overrides", guards)

    def _guards_of_drop_ins(self, root: Node) -> tuple[Guard, ...] | None:
        """The lists in server.xml; None where one is missing or cannot be read."""
        found = [guards_of(node, self._journal) for node in _top(root) if node.name == DROP_INS]
        guards = tuple(guard for each in found for guard in each or ())
        self.guards |= {guard.where: guard for guard in guards}
        return guards if all(found) else None

    def _drop_ins(self, folder: Path, guards: tuple[Guard, ...] | None) -> None:
        """Where it is not known what they may define they are not read."""
        self.watched[folder] = None
        for path in documents_in(folder) if guards is not None else ():
            self._tell(DROP_IN(file=path), NOWHERE)
            root = self._opened(path, UNREADABLE(file=path))
            # Without server.xml it is not known what they may define, only whether they are well-formed.
            if root and self._main_is_read:
                self._root(root, path, guards or ())

    def _look_alikes(self, drop_ins: Path) -> None:
        """A folder in another spelling is not read, which nobody would notice."""
        for folder, names in ((drop_ins.parent, {drop_ins.name}), (drop_ins, {"defaults", "overrides"})):
            for found in sorted(os.listdir(folder)) if folder.is_dir() else ():
                wanted = next((name for name in names if found.lower() == name.lower() and found != name), None)
                if wanted:
                    self._tell(LOOKALIKE(folder=folder / found, name=wanted), NOWHERE)

    def _opened(self, path: Path, otherwise: Told) -> Node | None:
        """The root element of a document that is not included; None where there is none."""
        self.watched[path] = None
        source = file_source(path, self._home)
        too_many = self._supply.refusal(source)
        if too_many:
            self._tell(too_many, Where(source.name), stops=True)
            return None
        try:
            return self._parsed(source, self._supply.read(source), Where(source.name))
        except OSError:
            self.layouts.setdefault(source.name, Layout(b""))
            self._tell(otherwise, Where(source.name), stops=True)
            return None

    def _root(self, root: Node, path: Path, guards: tuple[Guard, ...] = ()) -> None:
        source = file_source(path, self._home, guards)
        self._chain = {}
        self._document(root, source, Document((source.uri,), ("MERGE",)))

    def _tell(self, told: Told, where: Where, path: str = "", *, also: tuple[Where, ...] = (), stops: bool = False) -> None:
        self._journal.append(Problem(told, where, path, also=also, stops=stops))

    def _parsed(self, source: Source, data: bytes, included: Where) -> Node | None:
        self._read.setdefault(source.uri, included)
        self.layouts[source.name] = Layout(data)
        try:
            return parse(data, source.name, source.uri)
        except ConfigurationError as refusal:
            self._journal.extend(refusal.problems)
            self.layouts[source.name] = Layout(data, refusal.problems[0].where)
            return None

    def _document(self, root: Node, source: Source, document: Document) -> None:
        if root.name == ROOT:
            self._unread(root, ("description",), "/server")
            self._content(root, source, document)
        else:
            self._journal.append(Problem(WRONG_ROOT(document=source.uri, expected=ROOT), root.where, f"/{root.name}", (ROOT,), stops=True))

    def _unread(self, node: Node, known: Sequence[str], path: str) -> None:
        """Attributes that nothing reads; those of a schema (xsi:…) are none of ours."""
        for written in node.attributes:
            namespace, _, name = written.rpartition("}")
            if name not in known and namespace != SCHEMA_INSTANCE:
                self._journal.append(Problem(NOT_USED(element=node.name, name=name), node.where, f"{path}/@{name}", nearest(name, known)))

    def _content(self, node: Node, source: Source, document: Document) -> None:
        if node.text.strip():
            self._tell(STRAY_TEXT(element=node.name), node.where, f"/{ROOT}" if node.name == ROOT else f"/{ROOT}/{node.name}")
        for child in node.children:
            match child.name:
                case "include":
                    self._include(child, source, document)
                    self._hoisted(child, source, document)
                case "variable":
                    self._variable(child, source, document)
                    self._hoisted(child, source, document)
                case "server":
                    self._tell(NESTED_SERVER(), child.where, f"/{ROOT}/{ROOT}")
                    self._unread(child, ("description",), f"/{ROOT}/{ROOT}")
                    self._content(child, source, document)
                case _:
                    self._element(child, source, document)

    def _hoisted(self, node: Node, source: Source, document: Document) -> None:
        """Liberty takes what stands inside an include or a variable for top-level elements."""
        if node.children:
            self._tell(CONTENT_HOISTED(element=node.name), node.where, f"/{ROOT}/{node.name}")
            self._content(node, source, document)

    def _element(self, node: Node, source: Source, document: Document) -> None:
        for stray, path in _stray(node, f"/{ROOT}"):
            self._tell(STRAY_TEXT(element=stray.name), stray.where, path)
        if node.name == DROP_INS and source.path != self._main:
            self._tell(MISPLACED(), node.where, f"/{ROOT}/{DROP_INS}", stops=True)
        piece = piece_of(node, document, self._journal)
        if self._permitted(refused(source.guards, piece)):
            self.pieces.append(piece)

    def _permitted(self, refusals: Iterable[Problem]) -> bool:
        told = tuple(refusals)
        self._journal.extend(told)
        return not told

    def _variable(self, node: Node, source: Source, document: Document) -> None:
        self._unread(node, ("name", "value", "defaultValue"), "/server/variable")
        given = node.values()
        name = given.get("name")
        if name is None:
            self._tell(VARIABLE_WITHOUT_NAME(line=node.where.line, document=source.uri), node.where, f"/{ROOT}/variable/@name")
        elif "value" not in given and "defaultValue" not in given:
            told = VARIABLE_WITHOUT_VALUE(line=node.where.line, document=source.uri)
            self._tell(told, node.where, f"/{ROOT}/variable[{name}]/@value")
        elif self._permitted(refused_variable(source.guards, name, node.where)):
            definition = Definition(name, given.get("value"), given.get("defaultValue"), node.where)
            for known in (self.definitions, self._chain):
                before = known.get(name)
                if before is None:
                    known[name] = definition
                else:
                    known[name] = before.over(definition) if document.behaviours[-1] == "IGNORE" else definition.over(before)

    def _include(self, node: Node, source: Source, document: Document) -> None:
        if not self._permitted(refused(source.guards, piece_of(replace(node, children=[]), document, self._journal))):
            return
        include = understood(node, source.uri, document.behaviours[-1], self._variables, self._chain, self._journal)
        if not include.location:
            return
        self.guards |= {guard.where: guard for guard in include.guards}
        guards = (*source.guards, *include.guards)
        try:
            for target in targets(include.location, source, self._home, self.watched):
                self._target(target._replace(guards=guards), document, include.behaviour, node.where)
        except OSError as cause:
            if not missing(include, cause):
                self._journal.append(lost(include, cause, node))

    def _target(self, target: Source, document: Document, behaviour: Behaviour, where: Where) -> None:
        """Read one included document; raises `OSError` where that is not possible."""
        location = f"{PATH}/@location"
        too_many = self._supply.refusal(target, document.road)
        if too_many:
            self._tell(too_many, where, location, stops=True)
            return
        data = self._supply.read(target) if target.uri not in document.road else b""
        if target.path:
            self.watched[target.path] = None
        self._tell(INCLUDED(resource=target.display), where)
        if target.uri in document.road:
            circle = [*document.road[document.road.index(target.uri) :], target.uri]
            self._tell(CIRCULAR(documents=f"[{', '.join(circle)}]"), where, location)
            return
        if target.uri in self._read:
            self._tell(INCLUDED_TWICE(document=target.display), where, location, also=(self._read[target.uri],))
        root = self._parsed(target, data, where)
        if root:
            self._document(root, target, Document((*document.road, target.uri), (*document.behaviours, behaviour)))


def _top(node: Node) -> Iterator[Node]:
    """The elements that count as standing directly in a document, wherever they stand."""
    for child in node.children:
        yield child
        if child.name in {"include", "variable", ROOT}:
            yield from _top(child)


def _stray(node: Node, parent: str) -> Iterator[tuple[Node, str]]:
    """Elements whose text goes nowhere, because they are more than a value, and their paths."""
    path = path_of(parent, node.name, node.get("id"))
    if node.text.strip():
        yield node, path
    for child in node.children:
        if (child.attributes or child.children) and child.get("merge-op") is None:
            yield from _stray(child, path)
