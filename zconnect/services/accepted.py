"""Elements of z/OS Connect that a server.xml may hold and that have no effect here: understood, and announced with the reason."""

from datetime import timedelta
from typing import ClassVar, Literal

from zconnect.config.passwords import Password
from zconnect.config.schema import Element, attr, children, element

_ARCHIVES = "service archives (.sar) are not read yet; describe services with zosconnect_zosConnectService"
_CICS = "CICS is not reached from here yet"
_IMS = "IMS is not reached from here yet"
_MQ = "message queues are not reached from here yet"
_XFORM = "bodies pass through unchanged"
_POLICIES = "policies are not supported yet"
_MONITORING = "monitoring interceptors of OpenAPI 3 servers are not supported; use zosconnect_zosConnectManager"

_Trigger = Literal["polled", "mbean", "disabled"]


@element
class Archived(Element):
    """What holds for a resource that comes in an archive."""

    name: str = attr(default="", doc="The name of it in its archive")
    admin_group: tuple[str, ...] = attr(default=(), doc="The groups with the Admin level for it")
    operations_group: tuple[str, ...] = attr(default=(), doc="The groups with the Operations level for it")
    invoke_group: tuple[str, ...] = attr(default=(), doc="The groups with the Invoke level for it")
    reader_group: tuple[str, ...] = attr(default=(), doc="The groups with the Reader level for it")
    interceptors_ref: str = attr(default="", doc="The interceptors that run for it")
    run_global_interceptors: bool | None = attr(default=None, doc="Whether the global interceptors run for it, too")
    require_auth: bool | None = attr(default=None, doc="Whether callers of it must log in")
    require_secure: bool | None = attr(default=None, doc="Whether plain http is refused for it")


@element
class Archives(Element):
    """A folder of files that are looked at again and again."""

    location: str = attr(default="", doc="The folder in which the files are looked for")
    update_trigger: _Trigger = attr(default="polled", doc="How changed files are noticed")
    polling_rate: timedelta | None = attr(default=None, doc="How often files are looked at")


@element
class Property(Element):
    """A property of a service's provider."""

    tag: ClassVar[str] = "property"
    unused: ClassVar[str | None] = _ARCHIVES
    name: str = attr(default="", doc="The name of the property")
    value: str = attr(default="", doc="The value of the property")


@element
class ArchivedService(Archived):
    """What holds for a service that comes in an archive."""

    tag: ClassVar[str] = "service"
    unused: ClassVar[str | None] = _ARCHIVES
    invoke_uri: tuple[str, ...] = attr(name="invokeURI", default=(), doc="The paths at which it is called")
    properties: tuple[Property, ...] = children(doc="What its provider wants to know")


@element
class Services(Archives):
    """Services that come in archives."""

    tag: ClassVar[str] = "zosconnect_services"
    singleton: ClassVar[bool] = True
    unused: ClassVar[str | None] = _ARCHIVES
    services: tuple[ArchivedService, ...] = children(doc="What holds for single services")


@element
class DataXform(Element):
    """A data transformer."""

    tag: ClassVar[str] = "zosconnect_zosConnectDataXform"
    unused: ClassVar[str | None] = _XFORM
    bind_file_loc: str = attr(default="", doc="The folder of the bind files")
    bind_file_suffix: str = attr(default=".wsbind", doc="How the names of bind files end")
    request_schema_loc: str = attr(default="", doc="The folder of the schemas of requests")
    request_schema_suffix: str = attr(default=".json", doc="How the names of those schemas end")
    response_schema_loc: str = attr(default="", doc="The folder of the schemas of responses")
    response_schema_suffix: str = attr(default=".json", doc="How the names of those schemas end")
    update_trigger: _Trigger = attr(default="polled", doc="How changed files are noticed")
    polling_rate: timedelta | None = attr(default=None, doc="How often files are looked at")


@element
class CicsIpicConnection(Element):
    """A connection to CICS."""

    tag: ClassVar[str] = "zosconnect_cicsIpicConnection"
    unused: ClassVar[str | None] = _CICS
    host: str = attr(default="", doc="The host of the CICS region")
    port: str = attr(default="", doc="The port at which the region listens")
    zos_connect_applid: str = attr(default="", doc="The APPLID by which the region knows this server")
    zos_connect_networkid: str = attr(default="", doc="The network id by which the region knows this server")
    cics_applid: str = attr(default="", doc="The APPLID that the region must have")
    cics_networkid: str = attr(default="", doc="The network id that the region must have")
    transid: str = attr(default="", doc="The transaction id that requests carry")
    transid_usage: str = attr(
        default="", doc="Whether the program only sees that id (EIB_ONLY) or the mirror runs under it (EIB_AND_MIRROR)"
    )
    send_sessions: int | None = attr(default=None, doc="How many requests may be under way at once")
    connection_timeout: timedelta | None = attr(default=None, doc="How long a connection may take")
    connection_retry_interval: timedelta | None = attr(default=None, doc="How long to wait before the next try")
    heartbeat_interval: timedelta | None = attr(default=None, doc="How often the connection is tried")
    shared_port: bool | None = attr(default=None, doc="Whether regions share the port")
    preferred_specific_host: str = attr(default="", doc="The region to which connections go back when it is there again")
    auth_data_ref: str = attr(default="", doc="The user and password of the connection")
    ssl_certs_ref: str = attr(default="", doc="The TLS settings of the connection")


@element
class CicsConnectionGroup(Element):
    """Several connections to CICS under one name."""

    tag: ClassVar[str] = "zosconnect_cicsConnectionGroup"
    unused: ClassVar[str | None] = _CICS
    connection_refs: tuple[str, ...] = attr(name="connectionRef", default=(), doc="The connections among which one is chosen")


@element
class BidiConfig(Element):
    """The direction of text in CICS data."""

    tag: ClassVar[str] = "zosconnect_bidiConfig"
    unused: ClassVar[str | None] = _CICS


@element
class ImsConnection(Element):
    """A connection to IMS."""

    tag: ClassVar[str] = "imsmobile_imsConnection"
    unused: ClassVar[str | None] = _IMS
    connection_factory_ref: str = attr(default="", doc="The factory that makes the connections")
    comment: str = attr(default="", doc="A comment for people")


@element
class ImsInteraction(Element):
    """How IMS is spoken to."""

    tag: ClassVar[str] = "imsmobile_interaction"
    unused: ClassVar[str | None] = _IMS
    comment: str = attr(default="", doc="A comment for people")
    interaction_timeout: str = attr(default="", doc="How long an interaction may take")
    lterm_override_name: str = attr(default="", doc="The logical terminal name that the IMS program sees")
    propagate_network_security_cred: bool | None = attr(default=None, doc="Whether the caller's network identity is passed on")
    commit_mode: str = attr(default="", doc="Whether IMS commits before or after it answers")
    sync_level: str = attr(default="", doc="Whether this server confirms the answer")
    ims_datastore_name: str = attr(default="", doc="The name of the IMS data store")


@element
class ImsServiceManager(Element):
    """The registry of IMS services."""

    tag: ClassVar[str] = "imsmobile_imsServiceManager"
    singleton: ClassVar[bool] = True
    unused: ClassVar[str | None] = _IMS
    ims_service_registry_home: str = attr(default="", doc="The folder of the registry")
    ims_technical_id: str = attr(name="imsTechnicalID", default="", doc="The user for IMS where nobody has logged in")
    ims_technical_group: str = attr(default="", doc="The group for IMS where nobody has logged in")
    ims_technical_password: Password | None = attr(default=None, doc="The password of that user")


@element
class MqService(Element):
    """A service over message queues."""

    tag: ClassVar[str] = "zosconnect_mqzOSConnectService"
    unused: ClassVar[str | None] = _MQ
    connection_factory: str = attr(default="", doc="The JNDI name of the connection factory")
    destination: str = attr(default="", doc="The JNDI name of the queue or topic")
    reply_destination: str = attr(default="", doc="The JNDI name of the queue for replies")
    expiry: int | None = attr(default=None, doc="How long messages live; -1 is no limit")
    wait_interval: int | None = attr(default=None, doc="How long to wait for a reply, in ms")
    reply_selection: str = attr(default="", doc="By which of its ids a reply is found")
    selector: str = attr(default="", doc="Which messages are read, as an expression")
    persistence: bool | None = attr(default=None, doc="Whether messages survive a restart of the queue manager")
    mqmd_format: str = attr(default="", doc="The format that messages are marked with")
    user_name: str = attr(default="", doc="The user at the queue manager")
    password: Password | None = attr(default=None, doc="The password of that user")
    use_caller_principal: bool | None = attr(default=None, doc="Whether messages go under the caller's name")
    receive_text_ccsid: int | None = attr(name="receiveTextCCSID", default=None, doc="The character set of text that is received")


@element
class RuleSet(Element):
    """A file of policy rules."""

    tag: ClassVar[str] = "ruleset"
    unused: ClassVar[str | None] = _POLICIES
    file: str = attr(default="", doc="The name of the file")


@element
class Policy(Archives):
    """Rules that change a request by its headers."""

    tag: ClassVar[str] = "zosconnect_policy"
    unused: ClassVar[str | None] = _POLICIES
    rulesets: tuple[RuleSet, ...] = children(doc="The files of rules, in order")


@element
class Monitoring(Element):
    """Interceptors of OpenAPI 3 servers."""

    tag: ClassVar[str] = "zosconnect_monitoring"
    singleton: ClassVar[bool] = True
    unused: ClassVar[str | None] = _MONITORING
    api_provider_interceptors_ref: str = attr(default="", doc="The interceptors that run for APIs")
    api_requester_interceptors_ref: str = attr(default="", doc="The interceptors that run for API requesters")


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
