"""Checks every document that a real server and ours take without a complaint against the schema for editors."""

import json
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

from lxml import etree

from tests.conformance.config import Case
from tests.conformance.result import Result
from zconnect.config.xsd import to_xsd
from zconnect.errors import Problem
from zconnect.features import vocabulary
from zconnect.messages import Level
from zconnect.server.featurenames import NO_FEATURES

AREA = "schema"
# What is read and not offered.
NARROWER: Final[Mapping[str, str]] = {
    "03-merge-attribute-as-child-text": "single values are attributes, or an editor would propose each name twice",
    "03-merge-attribute-case": "names have one spelling",
    "03-merge-attribute-case-clash": "names have one spelling",
    "06-xml-default-namespace": "the schema has no namespace, as xsi:noNamespaceSchemaLocation wants it",
}
NOT_RUN: Final[Mapping[str, str]] = {"06-xml-ebcdic": "the parser of these tests does not know the encoding"}


def run(root: Path, verbose: bool) -> Result:
    """Lay out every good case below `root`/config as it starts, and validate the documents that it is made of."""
    schema = etree.XMLSchema(etree.fromstring(to_xsd(vocabulary()).encode()))
    result = Result(AREA)
    with tempfile.TemporaryDirectory() as scratch:
        for folder, documents in _good(root, Path(scratch)):
            if folder.name in NOT_RUN:
                result.add(folder.name, "not run", [NOT_RUN[folder.name]], verbose)
                continue
            complaints = [each for path in documents for each in _complaints(schema, path)]
            reason = NARROWER.get(folder.name)
            if reason and not complaints:
                result.unneeded.append(f"unneeded: {folder.name} ({reason})")
            verdict = "diverging" if complaints and reason else "short" if complaints else "matched"
            result.add(folder.name, verdict, [reason] if complaints and reason else complaints, verbose)
    return result


def _good(root: Path, scratch: Path) -> Iterator[tuple[Path, list[Path]]]:
    """The cases that start without a warning at both servers, and the documents that ours reads."""
    for path in sorted(root.glob("config/cases/*/expect.json")):
        recorded = json.loads(path.read_text())["observations"][0]
        if not recorded["started"] or any(message["id"][-1] in "WE" for message in recorded["messages"]):
            continue
        case = Case(path.parent, scratch / path.parent.name)
        case.start()
        if case.loaded and all(_is_good(problem) for problem in case.loaded.problems):
            yield path.parent, [found for found in case.loaded.documents if found.suffix.lower() == ".xml" and found.is_file()]


def _is_good(problem: Problem) -> bool:
    """A notice, or a word about what the whole server lacks."""
    return problem.level <= Level.AUDIT or problem.told.message.number == NO_FEATURES.number


def _complaints(schema: etree.XMLSchema, path: Path) -> list[str]:
    schema.validate(etree.parse(str(path)))
    return str(schema.error_log).splitlines()
