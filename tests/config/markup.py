"""The tags of an XML text with the places of their parts, for tests that change a text by one edit."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

_TAG = re.compile(
    r"""<!--.*?-->|<\?.*?\?>|<(?P<close>/?)(?P<name>[\w:.-]+)(?P<rest>(?:\s+[\w:.-]+\s*=\s*(?:"[^"]*"|'[^']*'))*)\s*(?P<empty>/?)>""",
    re.DOTALL,
)
_ATTRIBUTE = re.compile(r"""(\s+)([\w:.-]+)\s*=\s*["']([^"']*)["']""")


@dataclass(frozen=True)
class Span:
    """A piece of a text: where it begins, and what it is."""

    start: int
    text: str

    @property
    def end(self) -> int:
        """Where it ends."""
        return self.start + len(self.text)


@dataclass
class Tag:
    """An element: its name at the start and at the end, its attributes, and how far it goes.

    An attribute is its name, its value, and all of it with the blanks before it. `inner` is the text of one without children.
    """

    name: Span
    closing: Span | None
    whole: Span
    parent: "Tag | None"
    attributes: list[tuple[Span, Span, Span]] = field(default_factory=list)
    children: list["Tag"] = field(default_factory=list)
    inner: Span = Span(0, "")

    def get(self, name: str) -> Span | None:
        """The value of an attribute."""
        return next((value for known, value, _ in self.attributes if known.text == name), None)

    def every(self) -> Iterator["Tag"]:
        """This element and all below it."""
        yield self
        for child in self.children:
            yield from child.every()


def tags(text: str) -> Tag:
    """The root element of a well-formed text."""
    open_tags: list[Tag] = []
    root: Tag | None = None
    for found in _TAG.finditer(text):
        if found["name"] is None:
            continue
        name = Span(found.start("name"), found["name"])
        if found["close"]:
            ended = open_tags.pop()
            ended.closing = name
            ended.whole = Span(ended.whole.start, text[ended.whole.start : found.end()])
            if not ended.children:
                ended.inner = Span(ended.inner.start, text[ended.inner.start : found.start()])
            continue
        tag = Tag(name, None, Span(found.start(), found[0]), open_tags[-1] if open_tags else None, inner=Span(found.end(), ""))
        for each in _ATTRIBUTE.finditer(text, found.start("rest"), found.end("rest")):
            tag.attributes.append((Span(each.start(2), each[2]), Span(each.start(3), each[3]), Span(each.start(), each[0])))
        if tag.parent:
            tag.parent.children.append(tag)
        root = root or tag
        if not found["empty"]:
            open_tags.append(tag)
    if root is None:
        raise ValueError("there is no element")
    return root
