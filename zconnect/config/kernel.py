"""The elements of every server: <featureManager>, <config>, <variable>, <include> and <configDropins>."""

from dataclasses import field
from datetime import timedelta
from typing import ClassVar, Literal

from zconnect.config.location import Location
from zconnect.config.schema import Element, attr, element

OnError = Literal["WARN", "FAIL", "IGNORE"]


@element
class FeatureManager(Element):
    """The features that a server uses.

    <featureManager>
        <feature>zosconnect:zosConnect-2.0</feature>
        <feature>appSecurity-2.0</feature>
    </featureManager>
    """

    tag: ClassVar[str] = "featureManager"
    singleton: ClassVar[bool] = True

    feature: tuple[str, ...] = attr(default=(), doc="The features by name, such as appSecurity-2.0")
    platform: tuple[str, ...] = attr(
        default=(), doc="The platform whose versions features take where they name none", unused="features carry their versions themselves"
    )
    on_error: OnError = attr(
        default="WARN", variable="onError", doc="FAIL: an unknown feature stops the start; WARN and IGNORE: it is told and missing"
    )


@element
class ConfigurationManagement(Element):
    """How the configuration is watched, and what a mistake in it does.

    <config onError="FAIL" updateTrigger="polled" monitorInterval="2s"/>
    """

    tag: ClassVar[str] = "config"
    singleton: ClassVar[bool] = True

    on_error: OnError = attr(
        default="WARN",
        variable="onError",
        doc="FAIL: values that are not usable stop the start; WARN and IGNORE: their defaults are used, with a message",
    )
    monitor_interval: timedelta = attr(default=timedelta(milliseconds=500), doc="How often files are looked at")
    update_trigger: Literal["polled", "mbean", "disabled"] = attr(
        default="polled", doc="polled: a changed file is read by itself; mbean: only when it is asked for; disabled: never"
    )


@element
class VariableElement(Element):
    """A variable, to be used as ${name} in any attribute.

    <variable name="http.port" defaultValue="9080"/>
    <httpEndpoint id="defaultHttpEndpoint" httpPort="${http.port}"/>
    """

    tag: ClassVar[str] = "variable"
    id: str = field(default="")  # not an attribute here: a variable goes by its name

    name: str = attr(doc="The name by which ${name} refers to it; upper and lower case count")
    value: str | None = attr(default=None, doc="Its value, which only the command line overrules")
    default_value: str | None = attr(default=None, doc="Its value where nothing else gives one: no file, environment or command line")


@element
class IncludeElement(Element):
    """Another document, or all documents of a folder, read at this place.

    <include location="team.xml" optional="true" onConflict="IGNORE" allow="webApplication(id, location, contextRoot)"/>
    """

    tag: ClassVar[str] = "include"
    id: str = field(default="")  # not an attribute here: nothing refers to an include

    location: Location = attr(doc="A file, a folder with a slash at its end, or an http address; relative to this document")
    optional: bool = attr(default=False, doc="Whether the document may be missing")
    on_conflict: Literal["MERGE", "REPLACE", "IGNORE"] = attr(
        default="MERGE", doc="What it does to attributes that were written before; the include that led here decides where it is not given"
    )
    allow: str | None = attr(
        default=None,
        guard=True,
        doc="All that may be defined there and in what it includes in turn: names of elements (nested ones, variable and include, too), "
        "each with the only attributes and child elements that it may have in parentheses, variable with the names of variables; "
        "anything else stops the start",
    )


@element
class DropinsElement(Element):
    """What the documents in configDropins may define; it stands in server.xml itself, where no drop-in can change it.

    <configDropins allow="httpEndpoint(httpPort, httpsPort) variable(team.*)"/>
    """

    tag: ClassVar[str] = "configDropins"
    singleton: ClassVar[bool] = True

    allow: str = attr(guard=True, doc="The list of what drop-ins may define, as allow of include has it; an empty list allows nothing")


ELEMENTS = (FeatureManager, ConfigurationManagement, VariableElement, IncludeElement, DropinsElement)
