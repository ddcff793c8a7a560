"""Names of features."""

import pytest

from tests.cli.home import Home, home
from zconnect.config.configuration import Configuration
from zconnect.config.kernel import FeatureManager
from zconnect.config.merge import Piece, Property, Text
from zconnect.errors import Where
from zconnect.server.featurenames import mistaken

__all__ = ["home"]

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
    ("nosuch-1.0", ()),
    ("appSecurty-2.0", ("appSecurity-2.0",)),
    ("zosconnect:zosConect-2.0", ("zosconnect:zosConnect-2.0",)),
]


def manager(*features: str) -> Configuration:
    """A configuration with features, one a line."""
    texts: list[Text | Piece] = [Text(feature, Where("s", line)) for line, feature in enumerate(features, 1)]
    given = {"feature": Property("feature", Where("s", 1), texts)}
    return Configuration([FeatureManager(feature=features, where=Where("s", 1), given=given)], features)


@pytest.mark.parametrize("feature", KNOWN)
def test_known(feature: str) -> None:
    """Liberty's, z/OS Connect's, a user's, and those of extensions; in any version, in any case."""
    assert list(mistaken(manager(feature), ["mine-1.0"])) == []


@pytest.mark.parametrize(("feature", "nearest"), UNKNOWN)
def test_unknown(feature: str, nearest: tuple[str, ...]) -> None:
    """With its place and the nearest name."""
    (problem,) = mistaken(manager("jwt-1.0", feature), [])
    assert (problem.told.message.number, problem.where.line, problem.suggestions) == ("CWWKF0001E", 2, nearest)


@pytest.mark.parametrize("feature", ["jaspic-1.1", "JASPIC-1.0", "appAuthentication-3.1"])
def test_providers_of_jaspic_have_another_way_here(feature: str, home: Home) -> None:
    """The feature is accepted, a warning names trustAssociation; one that brings it among others says nothing."""
    home.write("s1", f"<server>\n<featureManager>\n<feature>{feature}</feature><feature>jakartaee-10.0</feature></featureManager></server>")
    done = home.server("validate", "s1")
    assert (done.code, done.numbers) == (1, ["ZCON0640W"])
    assert "server.xml:3:1 " in done.out
    assert "trustAssociation" in done.out


def test_an_unknown_feature_stops_the_start_where_featuremanager_says_so(home: Home) -> None:
    """Its own attribute or the variable onError; that of config is for values (section 6 of the reference)."""
    for text, code in (('<featureManager onError="FAIL">', 22), ('<variable name="onError" value="fail"/><featureManager>', 22)):
        home.write("s1", f"<server>{text}<feature>nosuch-1.0</feature></featureManager></server>")
        assert home.server("start", "s1").code == code
    home.write("s1", '<server><config onError="FAIL"/><featureManager><feature>nosuch-1.0</feature></featureManager></server>')
    assert home.server("start", "s1").code == 0
    assert home.server("stop", "s1").code == 0


def test_none() -> None:
    """A server without features opens no port."""
    (problem,) = mistaken(manager(), [])
    assert (problem.told.message.number, problem.path) == ("CWWKF0009W", "/server/featureManager")
