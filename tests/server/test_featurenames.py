"""Names of features."""

import pytest

from zconnect.server.featurenames import unknown

KNOWN = [
    "appSecurity-2.0",
    "appsecurity-3.0",
    "servlet-4.0",
    "zosconnect:zosConnect-2.0",
    "zosconnect:cicsService-1.0",
    "imsmobile:imsmobile-2.0",
    "usr:mine-1.0",
    "jwt-1.0",
    "mine-1.0",
]
UNKNOWN = [
    ("nosuch-1.0", ""),
    ("appSecurty-2.0", " Did you mean appSecurity-2.0?"),
    ("zosconnect:zosConect-2.0", " Did you mean zosconnect:zosConnect-2.0?"),
]


@pytest.mark.parametrize("feature", KNOWN)
def test_known(feature: str) -> None:
    """Liberty's, z/OS Connect's, a user's, and those of extensions; in any version, in any case."""
    assert unknown([feature], ["mine-1.0"]) == []


@pytest.mark.parametrize(("feature", "hint"), UNKNOWN)
def test_unknown(feature: str, hint: str) -> None:
    """With the nearest name."""
    assert unknown([feature], []) == [(feature, hint)]
