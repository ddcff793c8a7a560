"""Every file in cases/ is loaded and gives what stands below its line of dashes."""

from pathlib import Path

import pytest

from tests.config.vocabulary import read, shown, told, write
from zconnect.config.schema import Element
from zconnect.errors import ConfigurationError

CASES = sorted((Path(__file__).parent / "cases").glob("*.case"))


def documents_of(text: str) -> tuple[dict[str, str], str]:
    """The documents of a case (each after a line `=== name`) and what is expected."""
    above, _, expected = text.partition("\n----\n")
    parts = [part.partition("\n") for part in above.split("=== ")[1:]]
    return {name.strip(): body for name, _, body in parts}, expected


def outcome(folder: Path) -> str:
    """What loading gives: problems, then elements."""
    try:
        loaded = read(folder)
    except ConfigurationError as refusal:
        return "\n".join([*told(refusal.problems), "refused", ""])
    written = [element for element in loaded.configuration.all(Element) if element.where.document]
    return "\n".join([*told(loaded.problems), *shown(written), ""])


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_case(path: Path, tmp_path: Path) -> None:
    """The documents above the dashes give the elements and problems below them."""
    documents, expected = documents_of(path.read_text())

    assert outcome(write(tmp_path / "server", documents)) == expected
