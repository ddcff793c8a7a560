"""Elements and messages in the shape of recorded observations of Liberty, with the origin of each value beside it."""

from typing import Any

from zconnect.config.effective import Shown
from zconnect.config.origins import Claim, Origin, spot
from zconnect.errors import Problem


def as_json(element: Shown) -> dict[str, Any]:
    """An element in the shape of recorded observations (`attrs`, `defaults`, `nested`), and where everything came from."""
    values = [value for value in element.values if value.shown is not None and (value.said or value.shown != [])]
    parts = {
        "attrs": {value.name: value.shown for value in values if value.said},
        "defaults": {value.name: value.shown for value in values if not value.said},
        "nested": {tag: [as_json(child) for child in children] for tag, children in element.nested.items()},
        "origin": _origin(element.origin),
        "provenance": {value.name: _origin(value.origin) for value in element.values},
    }
    return {name: part for name, part in parts.items() if part or name == "attrs"}


def _origin(origin: Origin) -> dict[str, Any]:
    default = [] if origin.places or origin.variables else ["default"]
    parts = {
        "from": [spot(where) for where in origin.places] or default,
        "variables": {name: {"from": use.source, "overrode": use.overrode} for name, use in origin.variables.items()},
        "overrode": [_claim(claim) for claim in origin.overrode],
        "unusable": [_claim(claim) for claim in origin.unusable],
    }
    return {name: part for name, part in parts.items() if part}


def _claim(claim: Claim) -> dict[str, str]:
    return {"value": claim.text, "from": spot(claim.where)}


def message(problem: Problem) -> dict[str, Any]:
    """A message in the shape of recorded observations: its number, and its parameters in Liberty's order."""
    return {"id": problem.told.message.number, "params": [str(value) for value in problem.told.parameters.values()]}
