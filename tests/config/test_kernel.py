"""The elements of every server."""

from datetime import timedelta
from pathlib import Path

from tests.config.vocabulary import read, write
from zconnect.config.kernel import ConfigurationManagement, FeatureManager


def test_features_and_monitoring_are_read(tmp_path: Path) -> None:
    """As children or as a list; times with their units."""
    text = (
        '<server><featureManager><feature>A-1.0</feature><feature>b-2.0</feature></featureManager><config monitorInterval="2s"/></server>'
    )
    configuration = read(write(tmp_path, {"server.xml": text})).configuration

    assert configuration.features == {"a-1.0", "b-2.0"}
    assert configuration.one(FeatureManager).feature == ("A-1.0", "b-2.0")
    assert configuration.one(ConfigurationManagement).monitor_interval == timedelta(seconds=2)


def test_on_error_comes_from_the_variable_where_config_does_not_say(tmp_path: Path) -> None:
    """Whoever defines it; the attribute wins."""
    write(tmp_path / "a", {"server.xml": "<server/>", "bootstrap.properties": "onError=ignore"})
    write(tmp_path / "b", {"server.xml": '<server><config onError="WARN"/></server>', "bootstrap.properties": "onError=FAIL"})

    assert read(tmp_path / "a").configuration.one(ConfigurationManagement).on_error == "IGNORE"
    assert read(tmp_path / "b").configuration.one(ConfigurationManagement).on_error == "WARN"
