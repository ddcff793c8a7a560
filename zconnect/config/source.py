"""Bytes → element tree with places: the one file that parses XML; no document type, no entity, every measure bounded."""

import errno
import os
import stat
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import NamedTuple
from xml.parsers import expat

from zconnect.config.charset import ACCEPTED, readable
from zconnect.errors import ConfigurationError, Problem, Where
from zconnect.messages import Told, error

LARGEST = 8 * 1024 * 1024  # bytes of one document; the largest server.xml seen in the field has a tenth of it
DEEPEST = 64  # elements within elements; Liberty's own schema needs nine
MOST_ELEMENTS = 100_000  # of one document
MOST_ATTRIBUTES = 1_000  # of one element

MALFORMED = error(
    "CWWKG0014E",
    "The document {document} is not well-formed XML at line {line}, column {column}: {cause}.",
    "Correct the document at this place. The server does not use a configuration of which a part could not be read.",
)
DOCTYPE = error(
    "ZCON0101E",
    "The document {document} has a document type declaration (DOCTYPE), which is refused.",
    "Remove it: entities could read other files or grow without bound. Use <variable> and <include> instead.",
)
TOO_BIG = error(
    "ZCON0102E",
    "The document {document} has more than {limit} {what}.",
    "Split the document with <include>, or correct the program that wrote it.",
)
ENCODING = error(
    "ZCON0103E",
    "The document {document} is in the encoding {encoding}, which is not accepted.",
    "Save it as UTF-8; UTF-16, ISO-8859-1, ISO-8859-15, Windows-1252 and IBM-1047 are read as well.",
)

_SEPARATOR = "}"


class Given(NamedTuple):
    """An attribute as written."""

    namespace: str
    name: str
    value: str


@dataclass(slots=True)
class Node:
    """An element as written; `text` is all character data directly in it, `name` is without a prefix."""

    name: str
    where: Where
    attributes: tuple[Given, ...] = ()
    children: list["Node"] = field(default_factory=list)
    text: str = ""

    def get(self, name: str) -> str | None:
        """The value of an attribute without a prefix."""
        return next((each.value for each in self.attributes if each.name == name and not each.namespace), None)

    def values(self) -> Mapping[str, str]:
        """All attributes by their local names."""
        return MappingProxyType({each.name: each.value for each in self.attributes})


def read_bytes(path: Path, largest: int = LARGEST) -> bytes:
    """The content of a regular file; raises `OSError` also for pipes, devices, folders and files that are too large."""
    # A pipe without a writer would make a plain open wait for ever.
    handle = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    with open(handle, "rb") as file:
        if not stat.S_ISREG(os.fstat(handle).st_mode):
            raise OSError(errno.EINVAL, "not a regular file", str(path))
        data = file.read(largest + 1)
    if len(data) > largest:
        raise OSError(errno.EFBIG, f"larger than {largest} bytes", str(path))
    return data


def parse(data: bytes, name: str, uri: str | None = None) -> Node:
    """The root element of a document; raises `ConfigurationError` with one problem that has a place.

    `name` is what places call the document, `uri` its full address for messages that name it.
    """
    uri = uri or name
    try:
        data, encoding = readable(data)
    except (LookupError, UnicodeDecodeError) as cause:
        raise _refused(ENCODING(document=uri, encoding="EBCDIC"), Where(name, 1)) from cause
    builder = _Builder(name, uri, encoding)
    try:
        builder.parser.Parse(data, True)
    except expat.ExpatError as cause:
        raise builder.malformed(cause.lineno, cause.offset + 1, expat.ErrorString(cause.code)) from cause
    except (ValueError, LookupError) as cause:
        raise _refused(ENCODING(document=uri, encoding="unknown"), Where(name, 1)) from cause
    return builder.root.children[0]


def _refused(told: Told, where: Where) -> ConfigurationError:
    return ConfigurationError([Problem(told, where, stops=True)])


class _Builder:
    """Builds the tree from the events of the parser and stops it at the first thing that is not allowed."""

    def __init__(self, name: str, uri: str, encoding: str | None) -> None:
        self.name = name
        self.uri = uri
        self.root = Node("", Where(name))
        self._open = [self.root]
        self._texts: list[list[str]] = [[]]
        self._count = 0
        self._given_encoding = encoding
        self.parser = parser = expat.ParserCreate(encoding, namespace_separator=_SEPARATOR)
        parser.ordered_attributes = True
        parser.buffer_text = True
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._characters
        parser.StartDoctypeDeclHandler = self._doctype
        parser.XmlDeclHandler = self._declaration

    def malformed(self, line: int, column: int, cause: str) -> ConfigurationError:
        told = MALFORMED(cause=cause, document=self.uri, line=line, column=column)
        return _refused(told, Where(self.name, line, column))

    def _here(self) -> Where:
        return Where(self.name, self.parser.CurrentLineNumber, self.parser.CurrentColumnNumber + 1)

    def _start(self, tag: str, attributes: list[str]) -> None:
        self._count += 1
        self._limit(self._count, MOST_ELEMENTS, "elements")
        self._limit(len(self._open), DEEPEST, "levels of elements")
        self._limit(len(attributes) // 2, MOST_ATTRIBUTES, "attributes in one element")
        given = tuple(Given(*_split(attributes[at]), attributes[at + 1]) for at in range(0, len(attributes), 2))
        node = Node(_split(tag)[1], self._here(), given)
        self._open[-1].children.append(node)
        self._open.append(node)
        self._texts.append([])

    def _limit(self, count: int, limit: int, what: str) -> None:
        if count > limit:
            raise _refused(TOO_BIG(document=self.uri, limit=limit, what=what), self._here())

    def _end(self, tag: str) -> None:
        self._open.pop().text = "".join(self._texts.pop())

    def _characters(self, text: str) -> None:
        self._texts[-1].append(text)

    def _doctype(self, *_: object) -> None:
        raise _refused(DOCTYPE(document=self.uri), self._here())

    def _declaration(self, version: str, encoding: str | None, _standalone: int) -> None:
        if encoding and not self._given_encoding and encoding.lower() not in ACCEPTED:
            raise _refused(ENCODING(document=self.uri, encoding=encoding), self._here())


def _split(name: str) -> tuple[str, str]:
    namespace, _, local = name.rpartition(_SEPARATOR)
    return namespace, local
