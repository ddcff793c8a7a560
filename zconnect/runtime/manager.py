"""<zosconnect_zosConnectManager>: what holds for every API, service and administration request that does not say otherwise."""

from datetime import timedelta
from typing import ClassVar, Literal

from zconnect.config.schema import Element, attr, element, ref
from zconnect.roles import NOT_ASKED, Interceptors
from zconnect.values import Groups


@element
class Manager(Element):
    """The rules of z/OS Connect for everything that it serves.

    <zosconnect_zosConnectManager globalAdminGroup="admins" globalInvokeGroup="buyers" globalInterceptorsRef="everywhere"/>
    <zosconnect_zosConnectInterceptors id="everywhere" interceptorRef="audit,authorization"/>
    <zosconnect_auditInterceptor id="audit" sequence="1"/>
    <zosconnect_authorizationInterceptor id="authorization" sequence="2"/>
    """

    tag: ClassVar[str] = "zosconnect_zosConnectManager"
    singleton: ClassVar[bool] = True

    require_auth: bool = attr(default=True, guard=True, doc="Callers must log in and hold the role zosConnectAccess")
    require_secure: bool = attr(default=True, guard=True, doc="Plain http is sent to https with status 302")
    global_admin_group: tuple[str, ...] = attr(default=(), guard=True, doc="Groups whose members may do everything (Admin level)")
    global_operations_group: tuple[str, ...] = attr(
        default=(), guard=True, doc="Groups whose members may start and stop everything (Operations level)", unused=NOT_ASKED
    )
    global_invoke_group: tuple[str, ...] = attr(
        default=(), guard=True, doc="Groups whose members may call every API and service (Invoke level)"
    )
    global_reader_group: tuple[str, ...] = attr(
        default=(), guard=True, doc="Groups whose members may read what everything is (Reader level)", unused=NOT_ASKED
    )
    global_interceptors: Interceptors | None = ref(
        guard=True, doc="The interceptors that run for every API, service and administration request"
    )
    async_request_timeout: timedelta = attr(default=timedelta(seconds=30), doc="How long a call may take before the caller gets 503")
    operation_mode: Literal["ASYNC", "SYNC"] = attr(
        default="ASYNC", doc="Whether requests wait in a thread or in the event loop", unused="every request is processed asynchronously"
    )
    set_utf8_response_encoding: bool = attr(
        name="setUTF8ResponseEncoding",
        default=False,
        doc="Whether the content type of JSON answers says charset=UTF-8",
        unused="JSON is always UTF-8 (RFC 8259)",
    )
    use_json_error_responses: bool = attr(
        default=True, doc="Whether the bodies of error answers are JSON", unused="error bodies of APIs and services are always JSON"
    )
    preserve_json_payload_char_format: bool = attr(
        default=False, doc="Whether characters of JSON are kept as they were sent", unused="bodies pass through unchanged"
    )
    preserve_json_payload_order: bool = attr(
        default=False, doc="Whether the order of JSON members is kept", unused="bodies pass through unchanged"
    )

    @property
    def groups(self) -> Groups:
        """The global groups, by access level."""
        return Groups(
            admin=frozenset(self.global_admin_group),
            operations=frozenset(self.global_operations_group),
            invoke=frozenset(self.global_invoke_group),
            reader=frozenset(self.global_reader_group),
        )
