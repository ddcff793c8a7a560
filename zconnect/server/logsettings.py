"""<logging>: what is logged where and how, from server.xml, bootstrap.properties and the environment."""

import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import timedelta
from pathlib import Path
from types import MappingProxyType
from typing import Any, ClassVar, Literal

from zconnect.config.datatypes import one_of
from zconnect.config.declarations import Declaration, declarations
from zconnect.config.names import nearest
from zconnect.config.schema import attr, element
from zconnect.errors import Problem
from zconnect.messages import Told, warning
from zconnect.server.instance import Instance
from zconnect.server.logformats import TRACE_LEVELS
from zconnect.server.rollover import RolledLog

BAD_SETTING = warning(
    "ZCON0855W",
    "The setting {name} has the value {value}, which is not used: {cause}.",
    "Correct it in bootstrap.properties, in server.env or in the environment; until then the default holds.",
)
NOT_IN_JSON = warning(
    "ZCON0858W",
    "The source {source} is not written into JSON logs.",
    "Read it where it is written: the audit log is a file of its own.",
)
BAD_MAPPING = warning(
    "TRAS3010W",
    "The entry {mapping} of jsonFieldMappings is not used.",
    "Write name:newName, or source:name:newName with one of the sources message, trace, accessLog, ffdc and audit.",
)
BAD_TRACE = warning(
    "ZCON0185W",
    "The part {part} of traceSpecification has no level that is known, so it counts as info.",
    "Write LOGGER=LEVEL, for example zconnect.security.*=fine.",
)

SOURCES = ("message", "trace", "accessLog", "ffdc", "audit")
ACCESS, TRACE = "accessLog", "trace"
IN_JSON = frozenset({"message", TRACE, ACCESS})
NEW_LOGS = "com.ibm.ws.logging.newLogsOnStart"
_BOOTSTRAP = "com.ibm.ws.logging."
_ENVIRONMENT = "WLP_LOGGING_"
_SOURCE = one_of(*SOURCES, "")  # an empty text is no source at all
_MAPPING = re.compile(r"(?:([^:]*):)?[^:]+:[^:]*")
_NO_FFDC = "this server writes no FFDC files; a failure is logged with its stack"


@element
class Logging(RolledLog):
    """The log files and the console.

    <logging consoleLogLevel="WARNING" messageFormat="JSON" maxFileSize="50" maxFiles="10"/>
    """

    tag: ClassVar[str] = "logging"
    singleton: ClassVar[bool] = True

    console_format: Literal["DEV", "SIMPLE", "TBASIC", "JSON"] = attr(default="DEV", doc="The form of the lines on the console")
    console_log_level: Literal["INFO", "AUDIT", "WARNING", "ERROR", "OFF"] = attr(
        default="AUDIT", doc="The least grave messages that the console shows"
    )
    console_source: tuple[str, ...] = attr(
        default=("message",), joined=True, check=_SOURCE, doc="What a JSON console shows: message, accessLog"
    )
    copy_system_streams: bool = attr(default=True, doc="The console shows what applications write to standard output and error")
    message_file_name: str = attr(default="messages.log", doc="The name of the message log in the log directory")
    message_format: Literal["SIMPLE", "TBASIC", "BASIC", "JSON"] = attr(default="SIMPLE", doc="The form of the lines in the message log")
    message_source: tuple[str, ...] = attr(
        default=("message",), joined=True, check=_SOURCE, doc="What a JSON message log holds: message, trace, accessLog"
    )
    trace_file_name: str = attr(default="trace.log", doc="The name of the trace log in the log directory, or stdout for the console")
    trace_format: Literal["ENHANCED", "BASIC", "TBASIC", "ADVANCED"] = attr(
        default="ENHANCED", doc="The form of the lines in the trace log"
    )
    trace_specification: str = attr(
        default="*=info", doc="Which loggers write how much to the trace log, for example *=info:zconnect.security.*=fine"
    )
    log_directory: Path | None = attr(
        default=None, doc="The folder of the logs; without it the folder logs in the server's output directory"
    )
    hide_message: tuple[str, ...] = attr(
        default=(), joined=True, doc="Messages that console and message log leave out, by the beginnings of their numbers"
    )
    iso_date_format: bool = attr(default=False, doc="Times are written as in ISO 8601, with the zone")
    suppress_sensitive_trace: bool = attr(
        default=False, doc="Keep request and response data out of the trace", unused="the trace holds none in any case"
    )
    max_ffdc_age: timedelta = attr(default=timedelta(days=-1), unit="d", doc="Age at which FFDC files are removed", unused=_NO_FFDC)
    stack_trace_single_entry: bool = attr(
        name="stackTraceSingleEntry",
        default=False,
        doc="A stack that an application prints is one record",
        unused="what one call of print writes is one record in any case",
    )
    apps_write_json: bool = attr(default=False, doc="Lines of applications that are JSON objects go out as they are")
    json_field_mappings: tuple[str, ...] = attr(default=(), joined=True, doc="Other names for JSON fields: [source:]name:newName")
    json_access_log_fields: Literal["default", "logFormat"] = attr(
        default="default", doc="Which fields a JSON access record has: always the same, or those of the endpoint's logFormat"
    )

    def mistakes(self) -> Iterable[Problem]:
        """Sources that JSON logs do not have, mappings that nothing reads, levels of trace that nobody knows."""
        for name, sources in (("consoleSource", self.console_source), ("messageSource", self.message_source)):
            yield from (self.mistake(NOT_IN_JSON(source=each), name, each) for each in unwritten(sources))
        for mapping in self.json_field_mappings:
            found, known = _MAPPING.fullmatch(mapping), [each.lower() for each in SOURCES]
            if not found or (found[1] and found[1].lower() not in known):
                meant = [f"{each}{mapping[found.end(1) :]}" for each in nearest(found[1], SOURCES)] if found and found[1] else ()
                yield self.mistake(BAD_MAPPING(mapping=mapping), "jsonFieldMappings", mapping, meant)
        for part in filter(None, map(str.strip, self.trace_specification.split(":"))):
            name, _, level = part.partition("=")
            if (word := level.partition("=")[0].strip().lower()) not in TRACE_LEVELS:
                meant = [f"{name}={each}" for each in nearest(word, TRACE_LEVELS)]
                yield self.mistake(BAD_TRACE(part=part), "traceSpecification", meant=meant)


def unwritten(sources: Iterable[str]) -> list[str]:
    """The sources that JSON logs do not have."""
    return [each for each in dict.fromkeys(sources) if each not in {*IN_JSON, ""}]


# What the attributes are called in bootstrap.properties (behind the prefix) and in the environment (behind the prefix).
EQUIVALENTS: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "consoleFormat": ("console.format", "CONSOLE_FORMAT"),
        "consoleLogLevel": ("console.log.level", "CONSOLE_LOGLEVEL"),
        "consoleSource": ("console.source", "CONSOLE_SOURCE"),
        "copySystemStreams": ("copy.system.streams", ""),
        "messageFileName": ("message.file.name", ""),
        "messageFormat": ("message.format", "MESSAGE_FORMAT"),
        "messageSource": ("message.source", "MESSAGE_SOURCE"),
        "traceFileName": ("trace.file.name", ""),
        "traceFormat": ("trace.format", ""),
        "traceSpecification": ("trace.specification", ""),
        "logDirectory": ("log.directory", ""),
        "maxFileSize": ("max.file.size", ""),
        "maxFiles": ("max.files", ""),
        "rolloverStartTime": ("rollover.start.time", "ROLLOVER_START_TIME"),
        "rolloverInterval": ("rollover.interval", "ROLLOVER_INTERVAL"),
        "hideMessage": ("hideMessage", ""),
        "isoDateFormat": ("isoDateFormat", ""),
        "appsWriteJson": ("apps.write.json", "APPS_WRITE_JSON"),
        "jsonAccessLogFields": ("com.ibm.ws.json.access.log.fields", "JSON_ACCESS_LOG_FIELDS"),
        "jsonFieldMappings": ("json.field.mappings", "JSON_FIELD_MAPPINGS"),
    }
)


def early_settings(instance: Instance, properties: Mapping[str, str]) -> tuple[Logging, list[Told]]:
    """What holds before server.xml is read, and the complaints about what cannot be read."""
    values: dict[str, Any] = {}
    complaints: list[Told] = []
    for declaration, name, text in _written(instance.environment, properties):
        try:
            values[declaration.field] = _value(declaration, text)
        except ValueError as cause:
            complaints.append(BAD_SETTING(name=name, value=text, cause=cause))
    asked = unwritten((*values.get("console_source", ()), *values.get("message_source", ())))
    complaints += [NOT_IN_JSON(source=each) for each in asked]
    values.setdefault("log_directory", instance.place.log_dir)
    return Logging(**values), complaints


def late_settings(early: Logging, element: Logging) -> Logging:
    """What holds once server.xml is read: what it says, else what held before."""
    said = {each.field: vars(element)[each.field] for each in declarations(Logging) if each.name.lower() in element.given}
    return Logging(**{**vars(early), **said})


def _written(environment: Mapping[str, str], properties: Mapping[str, str]) -> Iterator[tuple[Declaration, str, str]]:
    for declaration in declarations(Logging):
        bootstrap, variable = EQUIVALENTS.get(declaration.name, ("", ""))
        prefix = "" if bootstrap.startswith("com.") else _BOOTSTRAP
        candidates = ((properties, prefix + bootstrap if bootstrap else ""), (environment, _ENVIRONMENT + variable if variable else ""))
        for source, name in candidates:
            if name and name in source:
                yield declaration, name, source[name].strip()
                break


def _value(declaration: Declaration, text: str) -> Any:
    read = declaration.datatype
    if read is None:
        raise ValueError("it cannot be set here")
    found = tuple(filter(None, map(str.strip, text.split(",")))) if declaration.many else (read.read(text, lambda _: None),)
    if check := declaration.about.check:
        for each in found:
            check(each)
    return found if declaration.many else found[0]
