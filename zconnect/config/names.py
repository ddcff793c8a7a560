"""Names that are not known: the nearest known ones, and whether something that guards was meant."""

import re
from collections.abc import Iterable

NEAR = 0.6  # how alike two names must be to suggest one for the other
SAME = 0.85  # how alike two names must be to take one for a slip in the other


def nearest(name: str, known: Iterable[str], least: float = NEAR) -> tuple[str, ...]:
    """The known names that were most likely meant, nearest first, at most three."""
    # Only a configuration with a mistake in it pays for the import.
    from difflib import SequenceMatcher

    wanted = _core(name)
    alike = [(SequenceMatcher(None, wanted, _core(each)).ratio(), each) for each in dict.fromkeys(known)]
    return tuple(each for ratio, each in sorted(alike, key=lambda pair: (-pair[0], pair[1])) if ratio >= least)[:3]


def _core(name: str) -> str:
    """A name without what people get wrong: case, underscores, dashes and the prefixes of z/OS Connect."""
    return re.sub(r"[_.-]", "", re.sub(r"^(zosconnect|zoscconnect|zconnect)_", "", name.lower()))
