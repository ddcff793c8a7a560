"""The documents of a server in their order: drop-ins, server.xml and what they include; elements and variables as written."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from zconnect.config.include import Source, documents_in, file_source, lost, missing, targets, understood
from zconnect.config.layout import Layout
from zconnect.config.merge import Behaviour, Document, Piece, piece_of
from zconnect.config.remote import fetch
from zconnect.config.source import Node, parse, read_bytes
from zconnect.config.variables import Definition, Variables
from zconnect.errors import NOWHERE, ConfigurationError, Problem, Where
from zconnect.messages import Told, audit, error, warning
from zconnect.values import Place

ROOT: Final = "server"
MOST_DOCUMENTS = 1_000
DEEPEST_INCLUDE = 32

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
TOO_MANY = error(
    "ZCON0109E",
    "The document {document} is not read: there are more than {most} documents, or more than {deepest} within each other.",
    "Look for includes that multiply; a link to a folder above can cause it.",
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
LOOKALIKE = warning("ZCON0113W", "The folder {folder} is not read; its name is not {name}.", "Rename it; upper and lower case count.")


class Reader:
    """Reads documents in order and collects what they say; problems go to `journal` in the order in which they are met.

    `pieces` and `definitions` are what was read, `layouts` the documents by their names in places, `watched` the files and
    folders whose change matters.
    """

    def __init__(self, place: Place, variables: Variables, journal: list[Problem]) -> None:
        self.pieces: list[Piece] = []
        self.definitions: dict[str, Definition] = {}
        self.watched: dict[Path, None] = {}
        self.layouts: dict[str, Layout] = {}
        self._home = place.config_dir
        self._variables = variables
        self._journal = journal
        self._chain: dict[str, Definition] = {}
        self._read: set[str] = set()
        self._count = 0

    def everything(self) -> None:
        """Drop-ins of defaults, server.xml, drop-ins of overrides."""
        drop_ins = self._home / "configDropins"
        self._look_alikes(drop_ins)
        self._drop_ins(drop_ins / "defaults")
        self._root(self._home / "server.xml", NOT_THERE(file=self._home / "server.xml"))
        self._drop_ins(drop_ins / "overrides")

    def _drop_ins(self, folder: Path) -> None:
        self.watched[folder] = None
        for path in documents_in(folder):
            self._tell(DROP_IN(file=path), NOWHERE)
            self._root(path, UNREADABLE(file=path))

    def _look_alikes(self, drop_ins: Path) -> None:
        """A folder in another spelling is not read, which nobody would notice."""
        for folder, names in ((drop_ins.parent, {drop_ins.name}), (drop_ins, {"defaults", "overrides"})):
            for found in sorted(os.listdir(folder)) if folder.is_dir() else ():
                wanted = next((name for name in names if found.lower() == name.lower() and found != name), None)
                if wanted:
                    self._tell(LOOKALIKE(folder=folder / found, name=wanted), NOWHERE)

    def _root(self, path: Path, otherwise: Told) -> None:
        source = file_source(path, self._home)
        self.watched[path] = None
        self._chain = {}
        try:
            self._document(source, read_bytes(path), Document((source.uri,), ("MERGE",)))
        except OSError:
            self._tell(otherwise, Where(source.name), stops=True)

    def _tell(self, told: Told, where: Where, *, stops: bool = False) -> None:
        self._journal.append(Problem(told, where, stops=stops))

    def _document(self, source: Source, data: bytes, document: Document) -> None:
        self._read.add(source.uri)
        self.layouts[source.name] = Layout(data)
        try:
            root = parse(data, source.name, source.uri)
        except ConfigurationError as refusal:
            self._journal.extend(refusal.problems)
            return
        if root.name == ROOT:
            self._content(root, source, document)
        else:
            self._tell(WRONG_ROOT(document=source.uri, expected=ROOT), root.where, stops=True)

    def _content(self, node: Node, source: Source, document: Document) -> None:
        if node.text.strip():
            self._tell(STRAY_TEXT(element=node.name), node.where)
        for child in node.children:
            match child.name:
                case "include":
                    self._include(child, source, document)
                    self._hoisted(child, source, document)
                case "variable":
                    self._variable(child, source, document)
                    self._hoisted(child, source, document)
                case "server":
                    self._tell(NESTED_SERVER(), child.where)
                    self._content(child, source, document)
                case _:
                    self._element(child, document)

    def _hoisted(self, node: Node, source: Source, document: Document) -> None:
        """Liberty takes what stands inside an include or a variable for top-level elements."""
        if node.children:
            self._tell(CONTENT_HOISTED(element=node.name), node.where)
            self._content(node, source, document)

    def _element(self, node: Node, document: Document) -> None:
        for stray in _stray(node):
            self._tell(STRAY_TEXT(element=stray.name), stray.where)
        try:
            self.pieces.append(piece_of(node, document))
        except ConfigurationError as refusal:
            self._journal.extend(refusal.problems)

    def _variable(self, node: Node, source: Source, document: Document) -> None:
        given = node.values()
        name = given.get("name")
        if name is None:
            self._tell(VARIABLE_WITHOUT_NAME(line=node.where.line, document=source.uri), node.where)
        elif "value" not in given and "defaultValue" not in given:
            self._tell(VARIABLE_WITHOUT_VALUE(line=node.where.line, document=source.uri), node.where)
        else:
            definition = Definition(name, given.get("value"), given.get("defaultValue"), node.where)
            for known in (self.definitions, self._chain):
                if name not in known or document.behaviours[-1] != "IGNORE":
                    known[name] = definition

    def _include(self, node: Node, source: Source, document: Document) -> None:
        include = understood(node, source.uri, document.behaviours[-1], self._variables, self._chain, self._journal)
        if not include.location:
            return
        try:
            for target in targets(include.location, source, self._home, self.watched):
                self._target(target, document, include.behaviour, node.where)
        except OSError as cause:
            if not missing(include, cause):
                self._journal.append(lost(include, cause, node))

    def _target(self, target: Source, document: Document, behaviour: Behaviour, where: Where) -> None:
        """Read one included document; raises `OSError` where that is not possible."""
        self._count += 1
        if self._count > MOST_DOCUMENTS or len(document.road) > DEEPEST_INCLUDE:
            self._tell(TOO_MANY(document=target.display, most=MOST_DOCUMENTS, deepest=DEEPEST_INCLUDE), where, stops=True)
            return
        data = b""
        if target.uri not in document.road:
            data = read_bytes(target.path) if target.path else fetch(target.uri)
        if target.path:
            self.watched[target.path] = None
        self._tell(INCLUDED(resource=target.display), where)
        if target.uri in document.road:
            circle = [*document.road[document.road.index(target.uri) :], target.uri]
            self._tell(CIRCULAR(documents=f"[{', '.join(circle)}]"), where)
            return
        if target.uri in self._read:
            self._tell(INCLUDED_TWICE(document=target.display), where)
        self._document(target, data, Document((*document.road, target.uri), (*document.behaviours, behaviour)))


def _stray(node: Node) -> Iterator[Node]:
    """Elements whose text goes nowhere, because they are more than a value."""
    if node.text.strip():
        yield node
    for child in node.children:
        if (child.attributes or child.children) and child.get("merge-op") is None:
            yield from _stray(child)
