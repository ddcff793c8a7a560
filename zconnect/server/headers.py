"""<headers>: header fields that every answer of an endpoint gets or loses."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Set
from typing import ClassVar

from zconnect.config.schema import Element, attr, element
from zconnect.errors import Problem
from zconnect.messages import warning
from zconnect.values import Request, Response

BAD_FIELD = warning(
    "CWWKT0042W", "The entry {field} of the headers element {id} is left out: it is no name with a value.", "Write Name:value."
)
TWICE = warning(
    "CWWKT0043W",
    "The header {name} stands in more than one list of the headers element {id}, or twice where it can be set once, and is left out.",
    "Keep it in one of them, once.",
)
AGAIN = warning(
    "CWWKT0044W", "The header {name} of the headers element {id} is left out already, and stands there once more.", "Keep it in one list."
)

TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")  # RFC 9110 section 5.6.2
_FIELD = re.compile(rf"{TOKEN.pattern} *(?::[^\x00-\x08\x0a-\x1f\x7f]*)?")

Fields = tuple[tuple[bytes, bytes], ...]


@element
class HeadersElement(Element):
    """Header fields that every answer of an endpoint gets or loses.

    <headers id="defaultHeaders">
        <add>Strict-Transport-Security:max-age=31536000</add>
        <setIfMissing>Cache-Control:no-store</setIfMissing>
    </headers>
    """

    tag: ClassVar[str] = "headers"
    default_id: ClassVar[str | None] = "defaultHeaders"

    add: tuple[str, ...] = attr(default=(), doc="Fields to add beside what the answer has, as Name:value")
    set: tuple[str, ...] = attr(default=(), doc="Fields to put in place of what the answer has, as Name:value")
    set_if_missing: tuple[str, ...] = attr(default=(), doc="Fields to add where the answer has none of that name, as Name:value")
    remove: tuple[str, ...] = attr(default=(), doc="Names of fields to take away")

    def mistakes(self) -> Iterable[Problem]:
        """Entries that are no fields, and fields that stand in more than one list."""
        for name, texts in self.lists.items():
            yield from (self.mistake(BAD_FIELD(field=each, id=self.id), name, each) for each in texts if not _FIELD.fullmatch(each))
        for attribute, entry, field, again in self._clashes():
            yield self.mistake((AGAIN if again else TWICE)(name=field.decode(), id=self.id), attribute, entry)

    def _clashes(self) -> Iterator[tuple[str, str, bytes, bool]]:
        """Entries whose field is taken: attribute, entry, the field's name, whether it clashed before. Only `add` may have a name twice."""
        taken: dict[bytes, str] = {}
        clashing: set[bytes] = set()
        for attribute in ("remove", "add", "set", "setIfMissing"):  # the order in which Liberty reads them
            for entry in self.lists[attribute]:
                for name, _ in _usable((entry,)):
                    if name in clashing:
                        yield attribute, entry, name, True
                    elif name in taken and not (attribute == taken[name] in ("remove", "add")):
                        clashing.add(name)
                        yield attribute, entry, name, False
                    taken[name] = attribute

    @property
    def clashing(self) -> Set[bytes]:
        """The names of fields that are left out."""
        return {name for _, _, name, _ in self._clashes()}

    @property
    def lists(self) -> Mapping[str, tuple[str, ...]]:
        """The entries by the names of their attributes."""
        return {"add": self.add, "set": self.set, "setIfMissing": self.set_if_missing, "remove": self.remove}


def header_edit(element: HeadersElement) -> Callable[[Request | None, Response], Response] | None:
    """What the element does to an answer; None where it does nothing."""
    lists = [_usable(texts) for texts in element.lists.values()]
    clashing = element.clashing
    added, placed, missing, removed = (tuple(field for field in fields if field[0] not in clashing) for fields in lists)
    gone = {name for name, _ in (*placed, *removed)}
    if not (added or placed or missing or gone):
        return None

    def edit(request: Request | None, response: Response) -> Response:
        kept = tuple(field for field in response.headers if field[0] not in gone)
        names = {name for name, _ in kept}
        return response._replace(headers=(*kept, *added, *placed, *(field for field in missing if field[0] not in names)))

    return edit


def _usable(texts: Iterable[str]) -> Fields:
    """The well-formed fields of a list; a name alone has an empty value."""
    parts = [text.partition(":") for text in texts if _FIELD.fullmatch(text)]
    return tuple((name.strip().lower().encode(), value.strip().encode("latin-1", "replace")) for name, _, value in parts)


def no_cache_cookies(request: Request | None, response: Response) -> Response:
    """Keep an answer that sets a cookie out of shared caches (NoCacheCookiesControl)."""
    for name, _ in response.headers:
        if name == b"set-cookie":
            break
    else:
        return response
    names = {name for name, _ in response.headers}
    if b"cache-control" in names:
        return response
    barred = ((b"cache-control", b'no-cache="set-cookie, set-cookie2"'), (b"expires", b"Thu, 01 Dec 1994 16:00:00 GMT"))
    return response._replace(headers=(*response.headers, *(field for field in barred if field[0] not in names)))
