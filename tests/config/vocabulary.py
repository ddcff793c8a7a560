"""Elements for the tests of the configuration, and a way to load a folder of documents and to show what came out."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import MISSING
from datetime import timedelta
from pathlib import Path
from typing import Any, ClassVar, Literal

from zconnect.config.datatypes import Unlike
from zconnect.config.declarations import declarations
from zconnect.config.kernel import ELEMENTS
from zconnect.config.load import Loaded, load
from zconnect.config.merge import Property
from zconnect.config.names import nearest
from zconnect.config.passwords import Password
from zconnect.config.schema import Element, attr, children, element, ref
from zconnect.errors import NOWHERE, Problem
from zconnect.values import Place


@element
class E(Element):
    """A singleton of strings and a list."""

    tag: ClassVar[str] = "e"
    singleton: ClassVar[bool] = True
    p: str = attr(default="", doc="A string")
    q: str = attr(default="", doc="A string")
    w: str = attr(default="", doc="A string")
    x: str = attr(default="", doc="A string")
    y: str = attr(default="", doc="A string")
    z: str = attr(default="", doc="A string")
    l: tuple[str, ...] = attr(default=(), doc="A list")  # noqa: E741 - the name in the published vectors


@element
class Item(Element):
    """Something that stands inside a thing.

    <thing id="t">
        <item name="n"/>
    </thing>
    """

    tag: ClassVar[str] = "item"
    name: str = attr(guard=True, doc="Its name")
    colour: str = attr(default="grey", doc="Its colour")


@element
class Note(Element):
    """Something harmless that stands inside a thing."""

    tag: ClassVar[str] = "note"
    text: str = attr(doc="What it says")


@element
class Options(Element):
    """Something that a thing refers to."""

    tag: ClassVar[str] = "options"
    size: int = attr(default=1, doc="A size")
    next: "Options | None" = ref(doc="Others")


@element
class Part(Element):
    """Something that stands inside a spare and, by reference, elsewhere."""

    tag: ClassVar[str] = "part"
    unused: ClassVar[str | None] = "nothing has parts"
    size: int = attr(default=1, doc="A size")


@element
class Spare(Element):
    """An element without effect."""

    tag: ClassVar[str] = "spare"
    unused: ClassVar[str | None] = "nothing is ever spared"
    size: int = attr(default=1, doc="A size")
    parts: tuple[Part, ...] = children(doc="Its parts")


def _colour(text: str) -> None:
    if text not in (known := ("red", "green", "blue")):
        raise Unlike(f"it is none of {', '.join(known)}", nearest(text, known))


@element
class Thing(Element):
    """An element with an attribute of every kind."""

    tag: ClassVar[str] = "thing"
    name: str = attr(default="", doc="A string")
    number: int = attr(default=5, minimum=0, maximum=100, doc="A number")
    port: int | None = attr(default=None, doc="A number without a default")
    flag: bool = attr(default=False, doc="A boolean")
    wait: timedelta = attr(default=timedelta(seconds=1), doc="A duration")
    level: Literal["low", "High"] = attr(default="low", doc="One of two")
    secret: Password | None = attr(default=None, doc="A password")
    file: Path = attr(default=Path("f"), doc="A location")
    strict: bool = attr(default=True, guard=True, doc="A boolean that guards")
    audiences: tuple[str, ...] = attr(default=(), guard=True, doc="A list that guards")
    colours: tuple[str, ...] = attr(default=("green",), check=_colour, doc="A list whose items are checked one by one")
    idle: int = attr(default=0, doc="A number", unused="nothing is ever idle")
    host: str = attr(default="localhost", variable="defaultHostName", doc="A string that a variable gives")
    options: Options | None = ref(doc="One reference")
    others: tuple[Options, ...] = ref(default=(), name="otherRef", doc="Several references")
    filter: Options | None = ref(guard=True, doc="A reference that guards")
    parts: tuple[Part, ...] = children(doc="Nested elements without effect")
    items: tuple[Item, ...] = children(guard=True, doc="Nested elements that guard")
    notes: tuple[Note, ...] = children(doc="Nested elements")


@element
class Needy(Element):
    """An element that is nothing without its attribute."""

    tag: ClassVar[str] = "needy"
    name: str = attr(doc="Its name")
    size: int = attr(default=1, doc="A size")


@element
class Guarded(Element):
    """A singleton with an attribute that guards."""

    tag: ClassVar[str] = "guarded"
    singleton: ClassVar[bool] = True
    open: bool = attr(default=True, guard=True, doc="A boolean that guards")
    colour: str = attr(default="", doc="A string")


@element
class Store(Element):
    """An element with an id of its own where none is given."""

    tag: ClassVar[str] = "store"
    default_id: ClassVar[str | None] = "defaultStore"
    built_in: ClassVar[str | None] = "defaultStore"
    path: str = attr(default="", doc="A string")


@element
class Lamp(Element):
    """An element that exists as soon as another one refers to it by a certain id."""

    tag: ClassVar[str] = "lamp"
    implied: ClassVar[str | None] = "defaultLamp"
    colour: str = attr(default="white", doc="A string")


@element
class Mesh(Element):
    """A condition of a sieve."""

    tag: ClassVar[str] = "mesh"
    width: int = attr(guard=True, doc="How wide it is")


@element
class Sieve(Element):
    """An element of conditions."""

    tag: ClassVar[str] = "sieve"
    conditions: ClassVar[bool] = True
    meshes: tuple[Mesh, ...] = children(guard=True, doc="Its conditions")
    lamp: Lamp | None = ref(doc="What is seen in its light")


VOCABULARY: tuple[type[Element], ...] = (E, Thing, Options, Needy, Guarded, Store, Lamp, Sieve, Spare, *ELEMENTS)


def place_at(folder: Path) -> Place:
    """A server whose configuration is in this folder."""
    return Place("case", folder.parent, folder, folder, folder / "logs")


def write(folder: Path, documents: Mapping[str, str]) -> Path:
    """Put documents into a folder."""
    for name, text in documents.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return folder


def read(
    folder: Path,
    *,
    environment: Mapping[str, str] | None = None,
    command_line: Mapping[str, str] | None = None,
    properties: Mapping[str, str] | None = None,
    system: Mapping[str, str] | None = None,
    journal: list[Problem] | None = None,
) -> Loaded:
    """Load the server in a folder with the vocabulary of the tests."""
    return load(
        place_at(folder),
        VOCABULARY,
        environment=environment or {},
        command_line=command_line or {},
        properties=properties,
        system=system or {},
        journal=journal,
    )


def said(*names: str) -> Mapping[str, Property]:
    """Attributes that were written, by their names in lower case; what of an element's `given` most tests need."""
    return {name: Property(name, NOWHERE, "") for name in names}


def shown(elements: Sequence[Element]) -> Iterator[str]:
    """Elements in a line each with all that differs from the defaults; nested ones are indented."""
    for each in elements:
        yield from _lines(each, "")


def _lines(element: Element, indent: str) -> Iterator[str]:
    head = element.tag if element.singleton else f"{element.tag}[{element.id}]"
    values, nested = [], []
    for each in declarations(type(element)):
        value = getattr(element, each.field)
        if each.about.form == "children":
            nested += list(value)
        elif each.field != "id" and (each.default is MISSING or value != each.default):
            values.append(f"{each.name}={_value(value)}")
    yield " ".join([f"{indent}{head}", *values])
    for child in nested:
        yield from _lines(child, f"{indent}  ")


def _value(value: Any) -> str:
    match value:
        case tuple():
            return f"[{', '.join(_value(each) for each in value)}]"
        case Element():
            return f"->{value.id}({value.size})" if isinstance(value, Options) else f"->{value.id}"
        case Password():
            return f"*{len(value.text)}"
        case timedelta():
            return f"{value // timedelta(milliseconds=1)}ms"
    return str(value)


def told(problems: Sequence[Problem]) -> Iterator[str]:
    """Problems in a line each: number, place, path, whether it stops, suggestions."""
    for each in problems:
        parts = [f"! {each.told.message.number}", str(each.where), each.path, "stops" if each.stops else ""]
        parts += [f"({', '.join(each.suggestions)})"] if each.suggestions else []
        yield " ".join(filter(None, parts))
