"""<samesite>: cookies that get a SameSite attribute on their way out."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import ClassVar

from zconnect.config.schema import Element, attr, element
from zconnect.errors import Problem
from zconnect.messages import Message, warning
from zconnect.values import Request, Response

TWICE = warning("CWWKT0035W", "The cookie {cookie} stands in more than one list of the samesite element {id}.", "Keep it in one of them.")

WILD = warning(
    "CWWKT0036W",
    "The entry {cookie} of the samesite element {id} has a * that is not at its end.",
    "Write a name, a beginning with * or * alone.",
)
AGAIN = warning(
    "CWWKT0037W",
    "The cookie {cookie} of the samesite element {id} is left out already, and stands there once more.",
    "Keep it in one list.",
)


@element
class SameSite(Element):
    """Cookies that get a SameSite attribute; each list has names, beginnings with a * at their end, or * alone.

    <samesite id="defaultSameSite" lax="*" strict="session"/>
    """

    tag: ClassVar[str] = "samesite"
    default_id: ClassVar[str | None] = "defaultSameSite"

    lax: tuple[str, ...] = attr(default=(), doc="Cookies that get SameSite=Lax")
    strict: tuple[str, ...] = attr(default=(), doc="Cookies that get SameSite=Strict")
    none: tuple[str, ...] = attr(default=(), doc="Cookies that get SameSite=None and Secure")

    def mistakes(self) -> Iterable[Problem]:
        """Cookies that stand in more than one list, and a * in the wrong place."""
        for attribute, cookie, message in self._clashes():
            yield self.mistake(message(cookie=cookie, id=self.id), attribute, cookie)

    def _clashes(self) -> Iterator[tuple[str, str, Message]]:
        """Entries that count in no list: attribute, entry, and why."""
        taken: dict[str, str] = {}
        left_out: set[str] = set()
        for attribute, cookies in (("lax", self.lax), ("none", self.none), ("strict", self.strict)):
            for cookie in cookies:
                if cookie in left_out:
                    yield attribute, cookie, AGAIN
                elif "*" in cookie[:-1] or taken.setdefault(cookie, attribute) != attribute:
                    left_out.add(cookie)
                    yield attribute, cookie, WILD if "*" in cookie[:-1] else TWICE

    @property
    def left_out(self) -> frozenset[str]:
        """The entries that count in no list."""
        return frozenset(cookie for _, cookie, _ in self._clashes())


def samesite_edit(element: SameSite) -> Callable[[Request | None, Response], Response] | None:
    """What the element does to an answer; None where it does nothing."""
    lists = (("Lax", element.lax), ("Strict", element.strict), ("None", element.none))
    left_out = element.left_out
    chosen = {cookie: value for value, cookies in lists for cookie in cookies if cookie not in left_out}
    if not chosen:
        return None

    def edit(request: Request | None, response: Response) -> Response:
        if all(name != b"set-cookie" for name, _ in response.headers):
            return response
        fields = tuple((name, _with(value, chosen) if name == b"set-cookie" else value) for name, value in response.headers)
        return response._replace(headers=fields)

    return edit


def _with(cookie: bytes, chosen: Mapping[str, str]) -> bytes:
    """A cookie with its SameSite, unless it brings one; the longest entry that fits its name decides."""
    attributes = {part.strip().partition(b"=")[0].lower() for part in cookie.split(b";")[1:]}
    name = cookie.partition(b"=")[0].strip().decode("latin-1")
    fitting = [entry for entry in chosen if entry == name or (entry.endswith("*") and name.startswith(entry[:-1]))]
    if b"samesite" in attributes or not fitting:
        return cookie
    value = chosen[name if name in fitting else max(fitting, key=len)]
    secure = b"; Secure" if value == "None" and b"secure" not in attributes else b""
    return b"%b%b; SameSite=%b" % (cookie, secure, value.encode())
