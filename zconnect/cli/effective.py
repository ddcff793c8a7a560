"""What `server validate --effective` prints: the configuration as the server uses it, for a person or as JSON."""

import json
from collections.abc import Iterator, Mapping, Sequence

from zconnect.cli.action import Exit
from zconnect.cli.reading import Reading
from zconnect.cli.report import objects
from zconnect.config.datatypes import STARS
from zconnect.config.effective import Shown, effective, quoted
from zconnect.config.load import Loaded
from zconnect.config.observation import as_json, message
from zconnect.config.origins import Claim, Origin, Use, spot
from zconnect.config.tracing import ATTRIBUTE
from zconnect.features import vocabulary
from zconnect.messages import printable
from zconnect.server.implied import Implied
from zconnect.server.instance import Instance
from zconnect.server.serve import NOT_STARTED

_COLUMN = 56  # where origins begin; a longer value pushes its own to the right


def document(reading: Reading, form: str) -> str:
    """The whole in a form, `text` or `json`; no text at all where the configuration cannot be used."""
    if reading.loaded is None:
        return _observation(reading) if form == "json" else ""
    elements = _elements(reading.instance, reading.loaded)
    if form == "text":
        return _listing(elements)
    documents = [str(path) for path in reading.loaded.documents if path.is_file()]
    return _observation(reading, documents=documents, elements={key: as_json(element) for key, element in elements.items()})


def _elements(instance: Instance, loaded: Loaded) -> dict[str, Shown]:
    implied = Implied(loaded.configuration, instance.place)
    return effective(loaded, vocabulary(), instance.place, instance.env_files, implied=implied.elements, in_use=implied.in_use)


def _observation(reading: Reading, **seen: object) -> str:
    """A start in the shape of recorded ones, with Liberty's messages; `problems` has all, in the form of --format=json."""
    usable = reading.loaded is not None
    messages = [message(problem) for problem in reading.journal if problem.told.message.number.startswith("CWWKG")]
    if not usable:
        messages.append({"id": NOT_STARTED.number, "params": [reading.instance.name]})
    start = {
        "step": "start",
        "exit": Exit.OK if usable else Exit.START_FAILED,
        "started": usable,
        "ready": usable,
        "messages": messages,
        "problems": objects(reading.problems),
        **seen,
    }
    return json.dumps({"case": reading.instance.name, "observations": [start]}, indent=1)


def _listing(elements: Mapping[str, Shown]) -> str:
    """An element a paragraph, a value a line, and behind each where it came from."""
    used = (element for element in elements.values() if element.origin.places or not element.unused)
    return "\n\n".join("\n".join(_element(element, element.key, "")) for element in used)


def _element(element: Shown, name: str, indent: str) -> Iterator[str]:
    yield _line(f"{indent}{name}", element.origin, element.unused)
    for value in element.values:
        if value.said or not (value.unused or element.unused):
            yield _line(f"{indent}    {value.name} = {value.text}", value.origin, value.unused)
    for children in element.nested.values():
        for child in children:
            yield from _element(child, child.key.removeprefix(f"{element.key}/"), f"{indent}    ")


def _line(left: str, origin: Origin, unused: str | None) -> str:
    return printable(f"{left:<{_COLUMN}}  {_origin(origin)}{f'; it has no effect, because {unused}' if unused else ''}")


def _origin(origin: Origin) -> str:
    sources = [spot(where) for where in dict.fromkeys(origin.places)] + [_use(name, use) for name, use in origin.variables.items()]
    text = ", ".join(dict.fromkeys(sources)) or "default"
    if origin.unusable:
        text += f", because {_claims(origin.unusable)} is of no use"
    return text + (f"; overrode {_claims(origin.overrode)}" if origin.overrode else "")


def _use(name: str, use: Use) -> str:
    if use.source == ATTRIBUTE:
        return f"attribute {name}"
    overrode = f", overrode {', '.join(use.overrode)}" if use.overrode else ""
    return f"variable {name} ({use.source}{overrode})"


def _claims(claims: Sequence[Claim]) -> str:
    return ", ".join(f"{claim.text if claim.text == STARS else quoted(claim.text)} of {spot(claim.where)}" for claim in claims)
