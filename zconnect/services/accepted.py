"""Elements of z/OS Connect that a server.xml may hold and that have no effect here: understood, and announced with the reason."""

from dataclasses import dataclass
from datetime import timedelta
from typing import ClassVar, Literal

from zconnect.config.passwords import Password
from zconnect.config.schema import Element, attr, children

_ARCHIVES = "service archives (.sar) are not read yet; describe services with zosconnect_zosConnectService"
_REQUESTERS = "API requesters are not supported yet"
_CICS = "CICS is not reached from here yet"
_IMS = "IMS is not reached from here yet"
_MQ = "message queues are not reached from here yet"
_XFORM = "bodies pass through unchanged"
_POLICIES = "policies are not supported yet"
_MONITORING = "monitoring interceptors of OpenAPI 3 servers are not supported; use zosconnect_zosConnectManager"

_Trigger = Literal["polled", "mbean", "disabled"]
_Assertion = Literal["OFF", "ASSERT_SURROGATE", "ASSERT_ONLY"]


def _flag(doc: str, why: str, name: str | None = None, default: bool | None = None) -> bool | None:
    """An attribute that is true or false and has no effect."""
    return attr(doc=doc, default=default, unused=why, name=name)  # type: ignore[no-any-return]  # a dataclass field


def _text(doc: str, why: str, name: str | None = None, default: str = "") -> str:
    """An attribute with a text that has no effect."""
    return attr(doc=doc, default=default, unused=why, name=name)  # type: ignore[no-any-return]


def _names(doc: str, why: str, name: str | None = None) -> tuple[str, ...]:
    """An attribute with a list that has no effect."""
    return attr(doc=doc, default=(), unused=why, name=name)  # type: ignore[no-any-return]


def _number(doc: str, why: str) -> int | None:
    """An attribute with a number that has no effect."""
    return attr(doc=doc, default=None, unused=why)  # type: ignore[no-any-return]


def _time(doc: str, why: str) -> timedelta | None:
    """An attribute with a duration that has no effect."""
    return attr(doc=doc, default=None, unused=why)  # type: ignore[no-any-return]


@dataclass(frozen=True, kw_only=True)
class Property(Element):
    """A property of a service's provider."""

    tag: ClassVar[str] = "property"
    name: str = _text("Name of the property", _ARCHIVES)
    value: str = _text("Value of the property", _ARCHIVES)


@dataclass(frozen=True, kw_only=True)
class ArchivedService(Element):
    """What holds for a service that comes in an archive."""

    tag: ClassVar[str] = "service"
    name: str = _text("Name of the service", _ARCHIVES)
    admin_group: tuple[str, ...] = _names("Groups with the Admin level", _ARCHIVES)
    operations_group: tuple[str, ...] = _names("Groups with the Operations level", _ARCHIVES)
    invoke_group: tuple[str, ...] = _names("Groups with the Invoke level", _ARCHIVES)
    reader_group: tuple[str, ...] = _names("Groups with the Reader level", _ARCHIVES)
    interceptors_ref: str = _text("Interceptors of the service", _ARCHIVES)
    run_global_interceptors: bool | None = _flag("Run the global interceptors, too", _ARCHIVES)
    require_auth: bool | None = _flag("Callers must log in", _ARCHIVES)
    require_secure: bool | None = _flag("Plain http is refused", _ARCHIVES)
    invoke_uri: tuple[str, ...] = _names("Paths of the service", _ARCHIVES, "invokeURI")
    properties: tuple[Property, ...] = children(doc="Properties of the provider", unused=_ARCHIVES)


@dataclass(frozen=True, kw_only=True)
class Services(Element):
    """Services that come in archives."""

    tag: ClassVar[str] = "zosconnect_services"
    singleton: ClassVar[bool] = True
    location: str = _text("Folder of the archives", _ARCHIVES)
    update_trigger: _Trigger = attr(default="polled", doc="How changed archives are noticed", unused=_ARCHIVES)
    polling_rate: timedelta | None = _time("How often archives are looked at", _ARCHIVES)
    services: tuple[ArchivedService, ...] = children(doc="What holds for single services", unused=_ARCHIVES)


@dataclass(frozen=True, kw_only=True)
class ApiRequester(Element):
    """What holds for one API requester."""

    tag: ClassVar[str] = "apiRequester"
    name: str = _text("Name of the API requester", _REQUESTERS)
    id_assertion: _Assertion = attr(default="OFF", doc="Whether the asserted id is authorized", unused=_REQUESTERS)
    admin_group: tuple[str, ...] = _names("Groups with the Admin level", _REQUESTERS)
    operations_group: tuple[str, ...] = _names("Groups with the Operations level", _REQUESTERS)
    invoke_group: tuple[str, ...] = _names("Groups with the Invoke level", _REQUESTERS)
    reader_group: tuple[str, ...] = _names("Groups with the Reader level", _REQUESTERS)
    interceptors_ref: str = _text("Interceptors of the API requester", _REQUESTERS)
    run_global_interceptors: bool | None = _flag("Run the global interceptors, too", _REQUESTERS)
    require_auth: bool | None = _flag("Callers must log in", _REQUESTERS)
    require_secure: bool | None = _flag("Plain http is refused", _REQUESTERS)
    connection_ref: str = _text("The endpoint connection", _REQUESTERS)


@dataclass(frozen=True, kw_only=True)
class ApiRequesters(Element):
    """API requesters: z/OS applications that call APIs."""

    tag: ClassVar[str] = "zosconnect_apiRequesters"
    singleton: ClassVar[bool] = True
    location: str = _text("Folder of the archives", _REQUESTERS)
    update_trigger: _Trigger = attr(default="polled", doc="How changed archives are noticed", unused=_REQUESTERS)
    polling_rate: timedelta | None = _time("How often archives are looked at", _REQUESTERS)
    id_assertion: _Assertion = attr(default="OFF", doc="Whether the asserted id is authorized", unused=_REQUESTERS)
    require_auth: bool | None = _flag("Callers must log in", _REQUESTERS)
    require_secure: bool | None = _flag("Plain http is refused", _REQUESTERS)
    requesters: tuple[ApiRequester, ...] = children(doc="What holds for single API requesters", unused=_REQUESTERS)


@dataclass(frozen=True, kw_only=True)
class DataXform(Element):
    """A data transformer."""

    tag: ClassVar[str] = "zosconnect_zosConnectDataXform"
    bind_file_loc: str = _text("Folder of bind files", _XFORM)
    bind_file_suffix: str = _text("Suffix of bind files", _XFORM, default=".wsbind")
    request_schema_loc: str = _text("Folder of request schemas", _XFORM)
    request_schema_suffix: str = _text("Suffix of request schemas", _XFORM, default=".json")
    response_schema_loc: str = _text("Folder of response schemas", _XFORM)
    response_schema_suffix: str = _text("Suffix of response schemas", _XFORM, default=".json")
    update_trigger: _Trigger = attr(default="polled", doc="How changed files are noticed", unused=_XFORM)
    polling_rate: timedelta | None = _time("How often files are looked at", _XFORM)


@dataclass(frozen=True, kw_only=True)
class CicsIpicConnection(Element):
    """A connection to CICS."""

    tag: ClassVar[str] = "zosconnect_cicsIpicConnection"
    host: str = _text("Host of the CICS region", _CICS)
    port: str = _text("Port of the CICS region", _CICS)
    zos_connect_applid: str = _text("APPLID of this server", _CICS)
    zos_connect_networkid: str = _text("Network id of this server", _CICS)
    cics_applid: str = _text("APPLID of the CICS region", _CICS)
    cics_networkid: str = _text("Network id of the CICS region", _CICS)
    transid: str = _text("Transaction id", _CICS)
    transid_usage: str = _text("Where the transaction id is used", _CICS)
    send_sessions: int | None = _number("Concurrent requests", _CICS)
    connection_timeout: timedelta | None = _time("How long a connection may take", _CICS)
    connection_retry_interval: timedelta | None = _time("How long to wait before the next try", _CICS)
    heartbeat_interval: timedelta | None = _time("How often the connection is tried", _CICS)
    shared_port: bool | None = _flag("The port is shared by regions", _CICS)
    preferred_specific_host: str = _text("The region to go back to", _CICS)
    auth_data_ref: str = _text("Credentials of the connection", _CICS)
    ssl_certs_ref: str = _text("TLS settings", _CICS)


@dataclass(frozen=True, kw_only=True)
class CicsConnectionGroup(Element):
    """Several connections to CICS under one name."""

    tag: ClassVar[str] = "zosconnect_cicsConnectionGroup"
    connection_refs: tuple[str, ...] = _names("The connections", _CICS, "connectionRef")


@dataclass(frozen=True, kw_only=True)
class BidiConfig(Element):
    """The direction of text in CICS data."""

    tag: ClassVar[str] = "zosconnect_bidiConfig"


@dataclass(frozen=True, kw_only=True)
class ImsConnection(Element):
    """A connection to IMS."""

    tag: ClassVar[str] = "imsmobile_imsConnection"
    connection_factory_ref: str = _text("The connection factory", _IMS)
    comment: str = _text("A comment", _IMS)


@dataclass(frozen=True, kw_only=True)
class ImsInteraction(Element):
    """How IMS is spoken to."""

    tag: ClassVar[str] = "imsmobile_interaction"
    comment: str = _text("A comment", _IMS)
    interaction_timeout: str = _text("How long an interaction may take", _IMS)
    lterm_override_name: str = _text("LTERM override", _IMS)
    propagate_network_security_cred: bool | None = _flag("Pass the network identity on", _IMS)
    commit_mode: str = _text("Commit mode", _IMS)
    sync_level: str = _text("Sync level", _IMS)
    ims_datastore_name: str = _text("Data store", _IMS)


@dataclass(frozen=True, kw_only=True)
class ImsServiceManager(Element):
    """The registry of IMS services."""

    tag: ClassVar[str] = "imsmobile_imsServiceManager"
    singleton: ClassVar[bool] = True
    ims_service_registry_home: str = _text("Folder of the registry", _IMS)
    ims_technical_id: str = _text("User where nobody has logged in", _IMS, "imsTechnicalID")
    ims_technical_group: str = _text("Group where nobody has logged in", _IMS)
    ims_technical_password: Password | None = attr(default=None, doc="Password where nobody has logged in", unused=_IMS)


@dataclass(frozen=True, kw_only=True)
class MqService(Element):
    """A service over message queues."""

    tag: ClassVar[str] = "zosconnect_mqzOSConnectService"
    connection_factory: str = _text("JNDI name of the connection factory", _MQ)
    destination: str = _text("JNDI name of the destination", _MQ)
    reply_destination: str = _text("JNDI name of the destination of replies", _MQ)
    expiry: int | None = _number("Expiry of messages", _MQ)
    wait_interval: int | None = _number("How long to wait for a reply, in ms", _MQ)
    reply_selection: str = _text("How replies are found", _MQ)
    selector: str = _text("Message selector", _MQ)
    persistence: bool | None = _flag("Messages are persistent", _MQ)
    mqmd_format: str = _text("Format of messages", _MQ)
    user_name: str = _text("User", _MQ)
    password: Password | None = attr(default=None, doc="Password", unused=_MQ)
    use_caller_principal: bool | None = _flag("The caller's identity is used", _MQ)
    receive_text_ccsid: int | None = attr(name="receiveTextCCSID", default=None, doc="CCSID of received text", unused=_MQ)


@dataclass(frozen=True, kw_only=True)
class RuleSet(Element):
    """A file of policy rules."""

    tag: ClassVar[str] = "ruleset"
    file: str = _text("The file", _POLICIES)


@dataclass(frozen=True, kw_only=True)
class Policy(Element):
    """Rules that change a request by its headers."""

    tag: ClassVar[str] = "zosconnect_policy"
    location: str = _text("Folder of the rules", _POLICIES)
    update_trigger: _Trigger = attr(default="polled", doc="How changed rules are noticed", unused=_POLICIES)
    polling_rate: timedelta | None = _time("How often rules are looked at", _POLICIES)
    rulesets: tuple[RuleSet, ...] = children(doc="The files of rules", unused=_POLICIES)


@dataclass(frozen=True, kw_only=True)
class Monitoring(Element):
    """Interceptors of OpenAPI 3 servers."""

    tag: ClassVar[str] = "zosconnect_monitoring"
    singleton: ClassVar[bool] = True
    api_provider_interceptors_ref: str = _text("Interceptors of APIs", _MONITORING)
    api_requester_interceptors_ref: str = _text("Interceptors of API requesters", _MONITORING)


ELEMENTS: tuple[type[Element], ...] = (
    Services,
    ApiRequesters,
    DataXform,
    CicsIpicConnection,
    CicsConnectionGroup,
    BidiConfig,
    ImsConnection,
    ImsInteraction,
    ImsServiceManager,
    MqService,
    Policy,
    Monitoring,
)
