"""Where the settings of the logs come from."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.config.vocabulary import said
from zconnect.config.declarations import declarations
from zconnect.server.instance import instance_at
from zconnect.server.logsettings import EQUIVALENTS, Logging, early_settings, late_settings

PREFIX = "com.ibm.ws.logging."
EARLY: list[tuple[dict[str, str], dict[str, str], str, Any]] = [
    # bootstrap.properties, environment, attribute, value
    ({PREFIX + "console.log.level": "off"}, {}, "console_log_level", "OFF"),
    ({PREFIX + "console.format": "json"}, {"WLP_LOGGING_CONSOLE_FORMAT": "simple"}, "console_format", "JSON"),
    ({}, {"WLP_LOGGING_MESSAGE_FORMAT": "tbasic"}, "message_format", "TBASIC"),
    ({}, {"WLP_LOGGING_MESSAGE_SOURCE": "message, trace"}, "message_source", ("message", "trace")),
    ({PREFIX + "max.file.size": "3"}, {}, "max_file_size", 3),
    ({PREFIX + "hideMessage": "CWWKE0001I,CWWKE0002I"}, {}, "hide_message", ("CWWKE0001I", "CWWKE0002I")),
    ({}, {"WLP_LOGGING_ROLLOVER_INTERVAL": "30"}, "rollover_interval", timedelta(minutes=30)),
    ({PREFIX + "isoDateFormat": "true"}, {}, "iso_date_format", True),
    ({PREFIX + "copy.system.streams": "false"}, {}, "copy_system_streams", False),
    ({PREFIX + "log.directory": "/x/y"}, {"LOG_DIR": "/z"}, "log_directory", Path("/x/y")),
    ({}, {"LOG_DIR": "/z"}, "log_directory", Path("/z")),
]


@pytest.mark.parametrize(("properties", "environment", "attribute", "value"), EARLY)
def test_before_server_xml(tmp_path: Path, properties: dict[str, str], environment: dict[str, str], attribute: str, value: Any) -> None:
    """bootstrap.properties beats the environment, which beats the default."""
    instance = instance_at("s1", {"WLP_USER_DIR": str(tmp_path), **environment})
    settings, complaints = early_settings(instance, properties)
    assert vars(settings)[attribute] == value
    assert complaints == []


def test_what_cannot_be_read_is_said(tmp_path: Path) -> None:
    """And the default holds."""
    instance = instance_at("s1", {"WLP_USER_DIR": str(tmp_path), "WLP_LOGGING_CONSOLE_FORMAT": "yaml"})
    settings, complaints = early_settings(instance, {PREFIX + "max.files": "many"})
    assert (settings.console_format, settings.max_files) == ("DEV", 2)
    assert [told.message.number for told in complaints] == ["ZCON0855W"] * 2


def test_server_xml_wins_where_it_speaks() -> None:
    """And only there."""
    early = Logging(console_format="JSON", max_files=7)
    late = late_settings(early, Logging(max_files=3, given=said("maxfiles")))
    assert (late.console_format, late.max_files) == ("JSON", 3)


def test_every_equivalent_belongs_to_an_attribute() -> None:
    """The table names attributes that exist."""
    assert set(EQUIVALENTS) <= {each.name for each in declarations(Logging)}
