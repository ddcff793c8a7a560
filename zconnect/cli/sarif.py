"""The problems of a configuration as SARIF 2.1.0 (OASIS), which code hosts and editors show beside the source."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Any
from urllib.parse import quote

from zconnect import __version__
from zconnect.cli.report import severity
from zconnect.errors import Problem, Where
from zconnect.messages import Message

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
BASE = "SERVER"  # what relative addresses are relative to: the server's folder

_LEVELS: Mapping[str, str] = MappingProxyType({"error": "error", "warning": "warning", "info": "note"})


def as_sarif(problems: Sequence[Problem], folder: Path) -> str:
    """A log of one run; `folder` is the server's."""
    rules = list(dict.fromkeys(problem.told.message for problem in problems))
    driver = {"name": "zconnect", "semanticVersion": __version__, "rules": [_rule(rule) for rule in rules]}
    run = {
        "tool": {"driver": driver},
        "columnKind": "unicodeCodePoints",
        "originalUriBaseIds": {BASE: {"uri": f"{folder.absolute().as_uri()}/"}},
        "results": [_result(problem, rules.index(problem.told.message)) for problem in problems],
    }
    return json.dumps({"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}, indent=2)


def _rule(message: Message) -> Mapping[str, Any]:
    return {"id": message.number, "shortDescription": _message(message.text), "help": _message(message.action)}


def _result(problem: Problem, rule: int) -> Mapping[str, Any]:
    meant = f"Did you mean {' or '.join(problem.suggestions)}?" if problem.suggestions else ""
    return {
        "ruleId": problem.told.message.number,
        "ruleIndex": rule,
        "level": _LEVELS[severity(problem)],
        "message": _message(" ".join(filter(None, (problem.told.text, meant, problem.told.action)))),
        "locations": [_location(problem.where, problem.path)] if problem.where.document else [],
        "relatedLocations": [_location(where) for where in problem.also],
    }


def _message(text: str) -> Mapping[str, str]:
    return {"text": text.replace("{", "{{").replace("}", "}}")}  # single ones would be placeholders


def _location(where: Where, path: str = "") -> Mapping[str, Any]:
    region = {"region": {"startLine": where.line, "startColumn": max(1, where.column)}} if where.line else {}
    logical = {"logicalLocations": [{"fullyQualifiedName": path}]} if path else {}
    return {"physicalLocation": {"artifactLocation": _artifact(where.document), **region}, **logical}


def _artifact(document: str) -> Mapping[str, str]:
    if document.startswith(("http://", "https://")):
        return {"uri": document}
    if document.startswith("/"):
        return {"uri": Path(document).as_uri()}
    return {"uri": quote(document), "uriBaseId": BASE}
