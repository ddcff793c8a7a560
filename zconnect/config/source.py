"""Bytes → element tree with places: the one file that parses XML; no document type, no entity, every measure bounded."""

import errno
import os
import stat
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from xml.parsers import expat

from zconnect.config.charset import ACCEPTED, readable
from zconnect.errors import ConfigurationError, Problem, Where
from zconnect.messages import Told, error

LARGEST = 8 * 1024 * 1024  # bytes of one document; the largest server.xml seen in the field has a tenth of it
DEEPEST = 64  # elements within elements; Liberty's own schema needs nine
MOST_ELEMENTS = 100_000  # of one document
MOST_ATTRIBUTES = 1_000  # of one element
LONGEST = 65_536  # characters of a name, of an attribute or of the text in an element

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


@dataclass(slots=True)
class Node:
    """An element as written; `text` is all character data directly in it, `name` is without a prefix.

    `attributes` are in their order; one with a prefix is called by its namespace, `}` and its local name.
    """

    name: str
    where: Where
    attributes: Mapping[str, str]
    children: list["Node"] = field(default_factory=list)
    text: str = ""

    def get(self, name: str) -> str | None:
        """The value of an attribute without a prefix."""
        return self.attributes.get(name)

    def values(self) -> Mapping[str, str]:
        """All attributes by their local names."""
        if _SEPARATOR not in "".join(self.attributes):
            return self.attributes
        return {_local(name): value for name, value in self.attributes.items()}


def read_bytes(path: Path, largest: int = LARGEST) -> bytes:
    """The content of a regular file; raises `OSError` also for pipes, devices, folders and files that are too large."""
    # A pipe without a writer would make a plain open wait for ever.
    handle = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC)
    with open(handle, "rb") as file:
        if not stat.S_ISREG(os.fstat(handle).st_mode):
            raise OSError(errno.EINVAL, "not a regular file", str(path))
        data = file.read(largest + 1)
    if data is None:  # some files below /proc have nothing to read at the moment
        raise OSError(errno.EAGAIN, "nothing to read", str(path))
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
    builder = _Builder(name, uri, encoding, bounded=len(data) <= LONGEST)
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

    def __init__(self, name: str, uri: str, encoding: str | None, *, bounded: bool) -> None:
        self.name = name
        self.uri = uri
        self.root = Node("", Where(name), {})
        self._open = [self.root]
        self._texts: list[list[str]] = [[]]
        self._count = 0
        self._bounded = bounded  # nothing in so short a document is too long
        self._given_encoding = encoding
        self.parser = parser = expat.ParserCreate(encoding, namespace_separator=_SEPARATOR)
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

    def _start(self, tag: str, attributes: dict[str, str]) -> None:
        self._count += 1
        if self._count > MOST_ELEMENTS:
            raise self._too_big(MOST_ELEMENTS, "elements")
        if len(self._open) > DEEPEST:
            raise self._too_big(DEEPEST, "levels of elements")
        if len(attributes) > MOST_ATTRIBUTES:
            raise self._too_big(MOST_ATTRIBUTES, "attributes in one element")
        if not self._bounded and max(map(len, (tag, *attributes, *attributes.values()))) > LONGEST:
            raise self._too_big(LONGEST, "characters in a name or an attribute")
        node = Node(_local(tag), self._here(), attributes)
        self._open[-1].children.append(node)
        self._open.append(node)
        self._texts.append([])

    def _too_big(self, limit: int, what: str) -> ConfigurationError:
        return _refused(TOO_BIG(document=self.uri, limit=limit, what=what), self._here())

    def _end(self, tag: str) -> None:
        text = "".join(self._texts.pop())
        if not self._bounded and len(text.strip()) > LONGEST:
            raise self._too_big(LONGEST, "characters of text in one element")
        self._open.pop().text = text

    def _characters(self, text: str) -> None:
        self._texts[-1].append(text)

    def _doctype(self, *_: object) -> None:
        raise _refused(DOCTYPE(document=self.uri), self._here())

    def _declaration(self, version: str, encoding: str | None, _standalone: int) -> None:
        if version != "1.0":
            raise self.malformed(self._here().line, self._here().column, f"XML {version} is not read")
        if encoding and not self._given_encoding and encoding.lower() not in ACCEPTED:
            raise _refused(ENCODING(document=self.uri, encoding=encoding), self._here())


def _local(name: str) -> str:
    return name.rpartition(_SEPARATOR)[2]
