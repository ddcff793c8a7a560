"""What was loaded, in the words of the corpus: display ids, Liberty's internal names, values as JSON."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import timedelta
from pathlib import Path
from types import MappingProxyType
from typing import Any

from tests.conformance.implied import implied, in_use
from zconnect.config.datatypes import UNITS
from zconnect.config.declarations import Declaration, declarations
from zconnect.config.load import Loaded
from zconnect.config.merge import Piece, Text
from zconnect.config.passwords import Password
from zconnect.config.schema import Element
from zconnect.errors import Problem

# The names of Liberty's own schema that show in its messages and generated ids; ours show the element's name instead.
LIBERTY_NAMES: Mapping[str, str] = MappingProxyType(
    {
        "fileset": "com.ibm.ws.kernel.metatype.helper.fileset",
        "library": "com.ibm.ws.classloading.sharedlibrary",
        "httpEndpoint": "com.ibm.ws.http",
        "httpOptions": "com.ibm.ws.http.options",
        "authFilter": "com.ibm.ws.security.authentication.filter",
        "basicRegistry/user": "com.ibm.ws.security.registry.basic.config.user",
        "basicRegistry/group": "com.ibm.ws.security.registry.basic.config.group",
        "authFilter/host": "com.ibm.ws.security.authentication.filter.host",
        "authFilter/requestUrl": "com.ibm.ws.security.authentication.filter.requestUrl",
        "authFilter/webApp": "com.ibm.ws.security.authentication.filter.webApp",
    }
)
# Elements whose messages name them as they are written.
_NAMED_AS_WRITTEN = frozenset({"httpEndpoint", "config", "httpOptions", "library", "authFilter"})
_DISPLAY_NAMES: Mapping[tuple[str, str], str] = MappingProxyType({("fileset", "scanInterval"): "Scan interval"})

# Attributes that are text in Liberty's schema and something better here.
_TEXT_IN_LIBERTY = frozenset(
    {("sslDefault", "sslRef"), ("logging", "consoleSource"), ("logging", "messageSource"), ("logging", "hideMessage")}
    | {("ssl", "skipHostnameVerificationForHosts"), ("logging", "jsonAccessLogFields"), ("logging", "jsonFieldMappings")}
)

Clean = Callable[[str], str]


def message_of(problem: Problem, clean: Clean) -> dict[str, Any]:
    """A message with its parameters in Liberty's order."""
    number = problem.told.message.number
    parameters = [clean(str(value)) for value in problem.told.parameters.values()]
    if number in {"CWWKG0075E", "CWWKG0058E"}:
        element, attribute = parameters[:2]
        parameters[:2] = [_internal(problem.path, element), _DISPLAY_NAMES.get((element, attribute), attribute)]
    return {"id": number, "params": parameters}


def _internal(path: str, element: str) -> str:
    steps = re.findall(r"/([^/\[@]+)(?:\[[^\]]*\])?", path.removeprefix("/server").rpartition("/")[0])
    nested = "/".join(steps[-2:])
    if len(steps) > 1:
        return LIBERTY_NAMES.get(nested, element)
    return element if element in _NAMED_AS_WRITTEN else LIBERTY_NAMES.get(element, element)


def elements_of(loaded: Loaded, vocabulary: Sequence[type[Element]], clean: Clean) -> dict[str, Any]:
    """Every element by its display id: those written, those built in, those nested behind references, singletons by default."""
    return _Observer(loaded, vocabulary, clean).found


class _Observer:
    def __init__(self, loaded: Loaded, vocabulary: Sequence[type[Element]], clean: Clean) -> None:
        self.loaded = loaded
        self.clean = clean
        self.found: dict[str, Any] = {}
        self.top = {id(element) for element in loaded.configuration.all(Element)}
        for element in (*loaded.configuration.all(Element), *implied(loaded.configuration)):
            key = self._top_key(element)
            self.found[key] = self.shown(element, key, None if element.where.document else element.id)
        for kind in vocabulary:
            if kind.singleton and kind.tag not in self.found and not any(each.required for each in declarations(kind)):
                self.found[kind.tag] = self.shown(kind(), kind.tag)

    def _top_key(self, element: Element) -> str:
        """The key has the id as written, before variables in it are replaced."""
        ids = [piece.id for piece in self.loaded.pieces if piece.where == element.where and piece.name == element.tag]
        if element.singleton or not ids or ids[0] is None:
            return _key(element)
        return f"{element.tag}[{ids[0]}]"

    def shown(self, element: Element, key: str, generated_id: str | None = None) -> dict[str, Any]:
        attrs: dict[str, Any] = {}
        defaults: dict[str, Any] = {}
        nested: dict[str, list[Any]] = {}
        for each in declarations(type(element)):
            value = getattr(element, each.field)
            if each.about.form == "children":
                for child in value:
                    nested.setdefault(child.tag, []).append(self.shown(child, f"{key}/{_key(child)}"))
            elif each.field == "id":
                if "id" in element.given or generated_id:
                    attrs["id"] = self.clean(generated_id or element.id)
            else:
                written = self._written(element, each)
                shown = self._reference(element, key, value) if each.about.form == "ref" else self._value(value, each)
                if (element.tag, each.name) in _TEXT_IN_LIBERTY:
                    shown = _text(value)
                if shown is not None and (written or shown != []):
                    (attrs if written else defaults)[each.name] = shown
        attrs |= self._unknown(element, key)
        for name, value in in_use(element, self.loaded).items():
            if name not in attrs and defaults.get(name, "") == "":
                defaults[name] = self.clean(value) if isinstance(value, str) else value
        parts = {"attrs": attrs, "defaults": defaults, "nested": nested}
        return {name: part for name, part in parts.items() if part or name == "attrs"}

    def _written(self, element: Element, each: Declaration) -> bool:
        names = {each.name.lower()}
        if each.target:
            names |= {each.child.lower(), *(kind.tag.lower() for kind in _below(each.target))}
        return not names.isdisjoint(element.given)

    def _value(self, value: Any, each: Declaration) -> Any:
        match value:
            case timedelta():
                assert each.datatype
                return value // UNITS[each.datatype.unit]
            case Password():
                return value.encoded
            case tuple():
                return [self._value(part, each) for part in value]
            case Path() | str():
                return self.clean(str(value))
        return value

    def _reference(self, parent: Element, key: str, value: Any) -> Any:
        if value is None:
            return None
        if isinstance(value, tuple):
            return [self._reference(parent, key, part) for part in value]
        if id(value) in self.top:
            return f"->{self._top_key(value)}"
        inner = f"{key}/{_key(value)}"
        names = (LIBERTY_NAMES.get(parent.tag, parent.tag), LIBERTY_NAMES.get(value.tag, value.tag))
        generated = None if "id" in value.given else f"{names[0]}[{parent.id}]//{names[1]}({value.tag})[{value.id}]"
        self.found[inner] = self.shown(value, inner, generated)
        return f"->{inner}"

    def _unknown(self, element: Element, key: str) -> dict[str, Any]:
        """What was written and is not declared; Liberty passes it through as text."""
        known = {name for each in declarations(type(element)) for name in (each.name.lower(), each.child.lower())}
        known |= {kind.tag.lower() for each in declarations(type(element)) if each.target for kind in _below(each.target)}
        found: dict[str, Any] = {}
        for piece in self._pieces(element):
            for name, held in piece.properties.items():
                if name in known or name == "id":
                    continue
                if isinstance(held.value, str):
                    found[held.name] = self.loaded.variables.expanded(held.value).text
                else:
                    found[held.name] = [
                        part.text if isinstance(part, Text) else f"->{key}/{part.name}[{part.id or f'default-{at}'}]"
                        for at, part in enumerate(held.value)
                    ]
        return found

    def _pieces(self, element: Element) -> Iterator[Piece]:
        if id(element) in self.top:
            for piece in self.loaded.pieces:
                if piece.name == element.tag and (element.singleton or piece.id == element.id):
                    yield piece


def _text(value: Any) -> str | None:
    return value.id if isinstance(value, Element) else ",".join(value) if isinstance(value, tuple) else value


def _below(kind: type[Element]) -> Iterator[type[Element]]:
    if "tag" in vars(kind):
        yield kind
    for sub in kind.__subclasses__():
        yield from _below(sub)


def _key(element: Element) -> str:
    return element.tag if element.singleton else f"{element.tag}[{element.id}]"
