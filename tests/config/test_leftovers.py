"""Names that nothing takes: told with the nearest known ones; one that was to guard stops the start."""

from pathlib import Path

import pytest

from tests.config.vocabulary import read, write
from zconnect.errors import ConfigurationError

CASES = [
    ('nmae="x"', "", "thing has no attribute or child element nmae; it is not used.", ("name",), False),
    (
        'audience="y"',
        "",
        "thing has no attribute or child element audience; it is almost audiences, without which more callers could pass.",
        ("audiences",),
        True,
    ),
    ("", '<colour n="x"/>', "thing has no attribute or child element colour; it is not used.", (), False),
]


@pytest.mark.parametrize(("attributes", "content", "text", "suggestions", "stops"), CASES)
def test_what_is_not_known_is_told(
    tmp_path: Path, attributes: str, content: str, text: str, suggestions: tuple[str, ...], stops: bool
) -> None:
    """With what it may have meant."""
    write(tmp_path, {"server.xml": f'<server><thing id="t" {attributes}>{content}</thing></server>'})
    try:
        (problem,) = read(tmp_path).problems
    except ConfigurationError as refusal:
        (problem,) = refusal.problems

    assert (problem.told.text, problem.suggestions[: len(suggestions)], problem.stops) == (text, suggestions, stops)
