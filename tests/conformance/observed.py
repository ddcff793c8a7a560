"""What was loaded, in the words of the corpus: Liberty's internal names, its types of some attributes, and what it passes through."""

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Any

from zconnect.config.effective import effective, key_of
from zconnect.config.load import Loaded
from zconnect.config.merge import Text
from zconnect.config.observation import as_json, message
from zconnect.config.passwords import Password
from zconnect.config.schema import Element
from zconnect.config.shape import shape_of
from zconnect.errors import Problem
from zconnect.server.implied import Implied
from zconnect.values import Place

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

# A reference that is text in Liberty's schema.
_TEXT_IN_LIBERTY = frozenset({("sslDefault", "sslRef")})

Clean = Callable[[str], str]


def message_of(problem: Problem, clean: Clean) -> dict[str, Any]:
    """A message with its parameters in Liberty's order."""
    found = message(problem)
    parameters = found["params"] = [clean(value) for value in found["params"]]
    if found["id"] in {"CWWKG0075E", "CWWKG0058E"}:
        element, attribute = parameters[:2]
        parameters[:2] = [_internal(problem.path, element), _DISPLAY_NAMES.get((element, attribute), attribute)]
    return found


def _internal(path: str, element: str) -> str:
    steps = re.findall(r"/([^/\[@]+)(?:\[[^\]]*\])?", path.removeprefix("/server").rpartition("/")[0])
    nested = "/".join(steps[-2:])
    if len(steps) > 1:
        return LIBERTY_NAMES.get(nested, element)
    return element if element in _NAMED_AS_WRITTEN else LIBERTY_NAMES.get(element, element)


def elements_of(loaded: Loaded, vocabulary: Sequence[type[Element]], place: Place, clean: Clean) -> dict[str, Any]:
    """Every element by its key, as the product shows it, but for passwords, which stand as they are written."""
    implied = Implied(loaded.configuration, place)
    shown = effective(
        loaded,
        vocabulary,
        place,
        implied=implied.elements,
        in_use=implied.in_use,
        secret=_encoded,
    )
    elements = {key: as_json(each) for key, each in shown.items()}
    for key, element in elements.items():
        _as_liberty_has_it(key, element)
    for written in loaded.configuration.all(Element):
        elements[key_of(written)]["attrs"] |= dict(_passed_through(written, loaded, tuple(vocabulary)))
    cleaned: dict[str, Any] = json.loads(clean(json.dumps(elements)))
    return cleaned


def _encoded(password: Password) -> str:
    return password.encoded


def _as_liberty_has_it(key: str, element: dict[str, Any]) -> None:
    """Types that differ, and the ids of elements that have none and stand where a reference could."""
    *parents, (tag, id) = re.findall(r"([^/\[\]]+)(?:\[([^\]]*)\])?", key)
    for part in (element["attrs"], element.get("defaults", {})):
        for name in part:
            if (tag, name) in _TEXT_IN_LIBERTY:
                part[name] = _as_text(part[name])
    if key == "keyStore[defaultKeyStore]" and "location" in element.get("defaults", {}):
        element["defaults"]["location"] = element["defaults"]["location"].replace("/resources/", "//resources/")
    if key == "ltpa":
        element["attrs"]["id"] = "defaultLtpa"
    if parents and "id" not in element["attrs"]:
        parent, of = parents[-1]
        names = (LIBERTY_NAMES.get(parent, parent), LIBERTY_NAMES.get(tag, tag))
        element["attrs"]["id"] = f"{names[0]}[{of}]//{names[1]}({tag})[{id}]"


def _as_text(value: Any) -> Any:
    """A reference as the id alone."""
    return re.sub(r"^->.*\[(.*)\]$", r"\1", value) if isinstance(value, str) else value


def _passed_through(element: Element, loaded: Loaded, vocabulary: tuple[type[Element], ...]) -> Iterator[tuple[str, Any]]:
    """What was written and is not declared is text in Liberty."""
    shape = shape_of(type(element), vocabulary)
    for name, held in element.given.items():
        if name in shape.attributes or name in shape.nested:
            continue
        if isinstance(held.value, str):
            yield held.name, loaded.variables.expanded(held.value).text
        else:
            yield (
                held.name,
                [
                    part.text if isinstance(part, Text) else f"->{key_of(element)}/{part.name}[{part.id or f'default-{at}'}]"
                    for at, part in enumerate(held.value)
                ],
            )
