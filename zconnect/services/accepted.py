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
    unused: ClassVar[str | None] = _ARCHIVES
    name: str = attr(default="", doc="Name of the property")
    value: str = attr(default="", doc="Value of the property")


@dataclass(frozen=True, kw_only=True)
class ArchivedService(Element):
    """What holds for a service that comes in an archive."""

    tag: ClassVar[str] = "service"
    unused: ClassVar[str | None] = _ARCHIVES
    name: str = attr(default="", doc="Name of the service")
    admin_group: tuple[str, ...] = attr(default=(), doc="Groups with the Admin level")
    operations_group: tuple[str, ...] = attr(default=(), doc="Groups with the Operations level")
    invoke_group: tuple[str, ...] = attr(default=(), doc="Groups with the Invoke level")
    reader_group: tuple[str, ...] = attr(default=(), doc="Groups with the Reader level")
    interceptors_ref: str = attr(default="", doc="Interceptors of the service")
    run_global_interceptors: bool | None = attr(default=None, doc="Run the global interceptors, too")
    require_auth: bool | None = attr(default=None, doc="Callers must log in")
    require_secure: bool | None = attr(default=None, doc="Plain http is refused")
    invoke_uri: tuple[str, ...] = attr(name="invokeURI", default=(), doc="Paths of the service")
    properties: tuple[Property, ...] = children(doc="Properties of the provider")


@dataclass(frozen=True, kw_only=True)
class Services(Element):
    """Services that come in archives."""

    tag: ClassVar[str] = "zosconnect_services"
    singleton: ClassVar[bool] = True
    unused: ClassVar[str | None] = _ARCHIVES
    location: str = attr(default="", doc="Folder of the archives")
    update_trigger: _Trigger = attr(default="polled", doc="How changed archives are noticed")
    polling_rate: timedelta | None = attr(default=None, doc="How often archives are looked at")
    services: tuple[ArchivedService, ...] = children(doc="What holds for single services")


@dataclass(frozen=True, kw_only=True)
class DataXform(Element):
    """A data transformer."""

    tag: ClassVar[str] = "zosconnect_zosConnectDataXform"
    unused: ClassVar[str | None] = _XFORM
    bind_file_loc: str = attr(default="", doc="Folder of bind files")
    bind_file_suffix: str = attr(default=".wsbind", doc="Suffix of bind files")
    request_schema_loc: str = attr(default="", doc="Folder of request schemas")
    request_schema_suffix: str = attr(default=".json", doc="Suffix of request schemas")
    response_schema_loc: str = attr(default="", doc="Folder of response schemas")
    response_schema_suffix: str = attr(default=".json", doc="Suffix of response schemas")
    update_trigger: _Trigger = attr(default="polled", doc="How changed files are noticed")
    polling_rate: timedelta | None = attr(default=None, doc="How often files are looked at")


@dataclass(frozen=True, kw_only=True)
class CicsIpicConnection(Element):
    """A connection to CICS."""

    tag: ClassVar[str] = "zosconnect_cicsIpicConnection"
    unused: ClassVar[str | None] = _CICS
    host: str = attr(default="", doc="Host of the CICS region")
    port: str = attr(default="", doc="Port of the CICS region")
    zos_connect_applid: str = attr(default="", doc="APPLID of this server")
    zos_connect_networkid: str = attr(default="", doc="Network id of this server")
    cics_applid: str = attr(default="", doc="APPLID of the CICS region")
    cics_networkid: str = attr(default="", doc="Network id of the CICS region")
    transid: str = attr(default="", doc="Transaction id")
    transid_usage: str = attr(default="", doc="Where the transaction id is used")
    send_sessions: int | None = attr(default=None, doc="Concurrent requests")
    connection_timeout: timedelta | None = attr(default=None, doc="How long a connection may take")
    connection_retry_interval: timedelta | None = attr(default=None, doc="How long to wait before the next try")
    heartbeat_interval: timedelta | None = attr(default=None, doc="How often the connection is tried")
    shared_port: bool | None = attr(default=None, doc="The port is shared by regions")
    preferred_specific_host: str = attr(default="", doc="The region to go back to")
    auth_data_ref: str = attr(default="", doc="Credentials of the connection")
    ssl_certs_ref: str = attr(default="", doc="TLS settings")


@dataclass(frozen=True, kw_only=True)
class CicsConnectionGroup(Element):
    """Several connections to CICS under one name."""

    tag: ClassVar[str] = "zosconnect_cicsConnectionGroup"
    unused: ClassVar[str | None] = _CICS
    connection_refs: tuple[str, ...] = attr(name="connectionRef", default=(), doc="The connections")


@dataclass(frozen=True, kw_only=True)
class BidiConfig(Element):
    """The direction of text in CICS data."""

    tag: ClassVar[str] = "zosconnect_bidiConfig"
    unused: ClassVar[str | None] = _CICS


@dataclass(frozen=True, kw_only=True)
class ImsConnection(Element):
    """A connection to IMS."""

    tag: ClassVar[str] = "imsmobile_imsConnection"
    unused: ClassVar[str | None] = _IMS
    connection_factory_ref: str = attr(default="", doc="The connection factory")
    comment: str = attr(default="", doc="A comment")


@dataclass(frozen=True, kw_only=True)
class ImsInteraction(Element):
    """How IMS is spoken to."""

    tag: ClassVar[str] = "imsmobile_interaction"
    unused: ClassVar[str | None] = _IMS
    comment: str = attr(default="", doc="A comment")
    interaction_timeout: str = attr(default="", doc="How long an interaction may take")
    lterm_override_name: str = attr(default="", doc="LTERM override")
    propagate_network_security_cred: bool | None = attr(default=None, doc="Pass the network identity on")
    commit_mode: str = attr(default="", doc="Commit mode")
    sync_level: str = attr(default="", doc="Sync level")
    ims_datastore_name: str = attr(default="", doc="Data store")


@dataclass(frozen=True, kw_only=True)
class ImsServiceManager(Element):
    """The registry of IMS services."""

    tag: ClassVar[str] = "imsmobile_imsServiceManager"
    singleton: ClassVar[bool] = True
    unused: ClassVar[str | None] = _IMS
    ims_service_registry_home: str = attr(default="", doc="Folder of the registry")
    ims_technical_id: str = attr(name="imsTechnicalID", default="", doc="User where nobody has logged in")
    ims_technical_group: str = attr(default="", doc="Group where nobody has logged in")
    ims_technical_password: Password | None = attr(default=None, doc="Password where nobody has logged in")


@dataclass(frozen=True, kw_only=True)
class MqService(Element):
    """A service over message queues."""

    tag: ClassVar[str] = "zosconnect_mqzOSConnectService"
    unused: ClassVar[str | None] = _MQ
    connection_factory: str = attr(default="", doc="JNDI name of the connection factory")
    destination: str = attr(default="", doc="JNDI name of the destination")
    reply_destination: str = attr(default="", doc="JNDI name of the destination of replies")
    expiry: int | None = attr(default=None, doc="Expiry of messages")
    wait_interval: int | None = attr(default=None, doc="How long to wait for a reply, in ms")
    reply_selection: str = attr(default="", doc="How replies are found")
    selector: str = attr(default="", doc="Message selector")
    persistence: bool | None = attr(default=None, doc="Messages are persistent")
    mqmd_format: str = attr(default="", doc="Format of messages")
    user_name: str = attr(default="", doc="User")
    password: Password | None = attr(default=None, doc="Password")
    use_caller_principal: bool | None = attr(default=None, doc="The caller's identity is used")
    receive_text_ccsid: int | None = attr(name="receiveTextCCSID", default=None, doc="CCSID of received text")


@dataclass(frozen=True, kw_only=True)
class RuleSet(Element):
    """A file of policy rules."""

    tag: ClassVar[str] = "ruleset"
    unused: ClassVar[str | None] = _POLICIES
    file: str = attr(default="", doc="The file")


@dataclass(frozen=True, kw_only=True)
class Policy(Element):
    """Rules that change a request by its headers."""

    tag: ClassVar[str] = "zosconnect_policy"
    unused: ClassVar[str | None] = _POLICIES
    location: str = attr(default="", doc="Folder of the rules")
    update_trigger: _Trigger = attr(default="polled", doc="How changed rules are noticed")
    polling_rate: timedelta | None = attr(default=None, doc="How often rules are looked at")
    rulesets: tuple[RuleSet, ...] = children(doc="The files of rules")


@dataclass(frozen=True, kw_only=True)
class Monitoring(Element):
    """Interceptors of OpenAPI 3 servers."""

    tag: ClassVar[str] = "zosconnect_monitoring"
    singleton: ClassVar[bool] = True
    unused: ClassVar[str | None] = _MONITORING
    api_provider_interceptors_ref: str = attr(default="", doc="Interceptors of APIs")
    api_requester_interceptors_ref: str = attr(default="", doc="Interceptors of API requesters")


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
