"""Elements of z/OS Connect that a server.xml may hold and that have no effect here: understood, and announced with the reason."""

from dataclasses import dataclass
from datetime import timedelta
from typing import ClassVar, Literal

from zconnect.config.passwords import Password
from zconnect.config.schema import Element, attr, children

_ARCHIVES = "service archives (.sar) are not read yet; describe services with zosconnect_zosConnectService"
_CICS = "CICS is not reached from here yet"
_IMS = "IMS is not reached from here yet"
_MQ = "message queues are not reached from here yet"
_XFORM = "bodies pass through unchanged"
_POLICIES = "policies are not supported yet"
_MONITORING = "monitoring interceptors of OpenAPI 3 servers are not supported; use zosconnect_zosConnectManager"

_Trigger = Literal["polled", "mbean", "disabled"]


@dataclass(frozen=True, kw_only=True)
class Property(Element):
    """A property of a service's provider."""

    tag: ClassVar[str] = "property"
    name: str = attr(default="", doc="Name of the property", unused=_ARCHIVES)
    value: str = attr(default="", doc="Value of the property", unused=_ARCHIVES)


@dataclass(frozen=True, kw_only=True)
class ArchivedService(Element):
    """What holds for a service that comes in an archive."""

    tag: ClassVar[str] = "service"
    name: str = attr(default="", doc="Name of the service", unused=_ARCHIVES)
    admin_group: tuple[str, ...] = attr(default=(), doc="Groups with the Admin level", unused=_ARCHIVES)
    operations_group: tuple[str, ...] = attr(default=(), doc="Groups with the Operations level", unused=_ARCHIVES)
    invoke_group: tuple[str, ...] = attr(default=(), doc="Groups with the Invoke level", unused=_ARCHIVES)
    reader_group: tuple[str, ...] = attr(default=(), doc="Groups with the Reader level", unused=_ARCHIVES)
    interceptors_ref: str = attr(default="", doc="Interceptors of the service", unused=_ARCHIVES)
    run_global_interceptors: bool | None = attr(default=None, doc="Run the global interceptors, too", unused=_ARCHIVES)
    require_auth: bool | None = attr(default=None, doc="Callers must log in", unused=_ARCHIVES)
    require_secure: bool | None = attr(default=None, doc="Plain http is refused", unused=_ARCHIVES)
    invoke_uri: tuple[str, ...] = attr(name="invokeURI", default=(), doc="Paths of the service", unused=_ARCHIVES)
    properties: tuple[Property, ...] = children(doc="Properties of the provider", unused=_ARCHIVES)


@dataclass(frozen=True, kw_only=True)
class Services(Element):
    """Services that come in archives."""

    tag: ClassVar[str] = "zosconnect_services"
    singleton: ClassVar[bool] = True
    location: str = attr(default="", doc="Folder of the archives", unused=_ARCHIVES)
    update_trigger: _Trigger = attr(default="polled", doc="How changed archives are noticed", unused=_ARCHIVES)
    polling_rate: timedelta | None = attr(default=None, doc="How often archives are looked at", unused=_ARCHIVES)
    services: tuple[ArchivedService, ...] = children(doc="What holds for single services", unused=_ARCHIVES)


@dataclass(frozen=True, kw_only=True)
class DataXform(Element):
    """A data transformer."""

    tag: ClassVar[str] = "zosconnect_zosConnectDataXform"
    bind_file_loc: str = attr(default="", doc="Folder of bind files", unused=_XFORM)
    bind_file_suffix: str = attr(default=".wsbind", doc="Suffix of bind files", unused=_XFORM)
    request_schema_loc: str = attr(default="", doc="Folder of request schemas", unused=_XFORM)
    request_schema_suffix: str = attr(default=".json", doc="Suffix of request schemas", unused=_XFORM)
    response_schema_loc: str = attr(default="", doc="Folder of response schemas", unused=_XFORM)
    response_schema_suffix: str = attr(default=".json", doc="Suffix of response schemas", unused=_XFORM)
    update_trigger: _Trigger = attr(default="polled", doc="How changed files are noticed", unused=_XFORM)
    polling_rate: timedelta | None = attr(default=None, doc="How often files are looked at", unused=_XFORM)


@dataclass(frozen=True, kw_only=True)
class CicsIpicConnection(Element):
    """A connection to CICS."""

    tag: ClassVar[str] = "zosconnect_cicsIpicConnection"
    host: str = attr(default="", doc="Host of the CICS region", unused=_CICS)
    port: str = attr(default="", doc="Port of the CICS region", unused=_CICS)
    zos_connect_applid: str = attr(default="", doc="APPLID of this server", unused=_CICS)
    zos_connect_networkid: str = attr(default="", doc="Network id of this server", unused=_CICS)
    cics_applid: str = attr(default="", doc="APPLID of the CICS region", unused=_CICS)
    cics_networkid: str = attr(default="", doc="Network id of the CICS region", unused=_CICS)
    transid: str = attr(default="", doc="Transaction id", unused=_CICS)
    transid_usage: str = attr(default="", doc="Where the transaction id is used", unused=_CICS)
    send_sessions: int | None = attr(default=None, doc="Concurrent requests", unused=_CICS)
    connection_timeout: timedelta | None = attr(default=None, doc="How long a connection may take", unused=_CICS)
    connection_retry_interval: timedelta | None = attr(default=None, doc="How long to wait before the next try", unused=_CICS)
    heartbeat_interval: timedelta | None = attr(default=None, doc="How often the connection is tried", unused=_CICS)
    shared_port: bool | None = attr(default=None, doc="The port is shared by regions", unused=_CICS)
    preferred_specific_host: str = attr(default="", doc="The region to go back to", unused=_CICS)
    auth_data_ref: str = attr(default="", doc="Credentials of the connection", unused=_CICS)
    ssl_certs_ref: str = attr(default="", doc="TLS settings", unused=_CICS)


@dataclass(frozen=True, kw_only=True)
class CicsConnectionGroup(Element):
    """Several connections to CICS under one name."""

    tag: ClassVar[str] = "zosconnect_cicsConnectionGroup"
    connection_refs: tuple[str, ...] = attr(name="connectionRef", default=(), doc="The connections", unused=_CICS)


@dataclass(frozen=True, kw_only=True)
class BidiConfig(Element):
    """The direction of text in CICS data."""

    tag: ClassVar[str] = "zosconnect_bidiConfig"


@dataclass(frozen=True, kw_only=True)
class ImsConnection(Element):
    """A connection to IMS."""

    tag: ClassVar[str] = "imsmobile_imsConnection"
    connection_factory_ref: str = attr(default="", doc="The connection factory", unused=_IMS)
    comment: str = attr(default="", doc="A comment", unused=_IMS)


@dataclass(frozen=True, kw_only=True)
class ImsInteraction(Element):
    """How IMS is spoken to."""

    tag: ClassVar[str] = "imsmobile_interaction"
    comment: str = attr(default="", doc="A comment", unused=_IMS)
    interaction_timeout: str = attr(default="", doc="How long an interaction may take", unused=_IMS)
    lterm_override_name: str = attr(default="", doc="LTERM override", unused=_IMS)
    propagate_network_security_cred: bool | None = attr(default=None, doc="Pass the network identity on", unused=_IMS)
    commit_mode: str = attr(default="", doc="Commit mode", unused=_IMS)
    sync_level: str = attr(default="", doc="Sync level", unused=_IMS)
    ims_datastore_name: str = attr(default="", doc="Data store", unused=_IMS)


@dataclass(frozen=True, kw_only=True)
class ImsServiceManager(Element):
    """The registry of IMS services."""

    tag: ClassVar[str] = "imsmobile_imsServiceManager"
    singleton: ClassVar[bool] = True
    ims_service_registry_home: str = attr(default="", doc="Folder of the registry", unused=_IMS)
    ims_technical_id: str = attr(name="imsTechnicalID", default="", doc="User where nobody has logged in", unused=_IMS)
    ims_technical_group: str = attr(default="", doc="Group where nobody has logged in", unused=_IMS)
    ims_technical_password: Password | None = attr(default=None, doc="Password where nobody has logged in", unused=_IMS)


@dataclass(frozen=True, kw_only=True)
class MqService(Element):
    """A service over message queues."""

    tag: ClassVar[str] = "zosconnect_mqzOSConnectService"
    connection_factory: str = attr(default="", doc="JNDI name of the connection factory", unused=_MQ)
    destination: str = attr(default="", doc="JNDI name of the destination", unused=_MQ)
    reply_destination: str = attr(default="", doc="JNDI name of the destination of replies", unused=_MQ)
    expiry: int | None = attr(default=None, doc="Expiry of messages", unused=_MQ)
    wait_interval: int | None = attr(default=None, doc="How long to wait for a reply, in ms", unused=_MQ)
    reply_selection: str = attr(default="", doc="How replies are found", unused=_MQ)
    selector: str = attr(default="", doc="Message selector", unused=_MQ)
    persistence: bool | None = attr(default=None, doc="Messages are persistent", unused=_MQ)
    mqmd_format: str = attr(default="", doc="Format of messages", unused=_MQ)
    user_name: str = attr(default="", doc="User", unused=_MQ)
    password: Password | None = attr(default=None, doc="Password", unused=_MQ)
    use_caller_principal: bool | None = attr(default=None, doc="The caller's identity is used", unused=_MQ)
    receive_text_ccsid: int | None = attr(name="receiveTextCCSID", default=None, doc="CCSID of received text", unused=_MQ)


@dataclass(frozen=True, kw_only=True)
class RuleSet(Element):
    """A file of policy rules."""

    tag: ClassVar[str] = "ruleset"
    file: str = attr(default="", doc="The file", unused=_POLICIES)


@dataclass(frozen=True, kw_only=True)
class Policy(Element):
    """Rules that change a request by its headers."""

    tag: ClassVar[str] = "zosconnect_policy"
    location: str = attr(default="", doc="Folder of the rules", unused=_POLICIES)
    update_trigger: _Trigger = attr(default="polled", doc="How changed rules are noticed", unused=_POLICIES)
    polling_rate: timedelta | None = attr(default=None, doc="How often rules are looked at", unused=_POLICIES)
    rulesets: tuple[RuleSet, ...] = children(doc="The files of rules", unused=_POLICIES)


@dataclass(frozen=True, kw_only=True)
class Monitoring(Element):
    """Interceptors of OpenAPI 3 servers."""

    tag: ClassVar[str] = "zosconnect_monitoring"
    singleton: ClassVar[bool] = True
    api_provider_interceptors_ref: str = attr(default="", doc="Interceptors of APIs", unused=_MONITORING)
    api_requester_interceptors_ref: str = attr(default="", doc="Interceptors of API requesters", unused=_MONITORING)


ELEMENTS: tuple[type[Element], ...] = (
    Services,
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
