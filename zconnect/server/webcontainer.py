"""<webContainer>: what of Liberty's servlet container holds here: Strict-Transport-Security, and whether plug-ins are believed."""

import re
from collections.abc import Callable
from typing import ClassVar, Final

from zconnect.config.schema import Element, attr, element
from zconnect.values import Request, Response

_FIELD = b"strict-transport-security"
_MAX_AGE = re.compile(r"max-age\s*=\s*(\"?)([0-9]{1,10})\1", re.IGNORECASE)
_FURTHER: Final = {"includesubdomains": "includeSubDomains", "preload": "preload"}
_LARGEST = 2**31 - 1

_NO_SERVLETS = "there are no servlets and pages of Java (JSP)"
_NO_FILES = "no files are served"
_NOT_POWERED = "no X-Powered-By header is ever sent"
_AS_SENT = "applications see path, query and body as they were sent"
_AS_CALLED = "applications see the host and port that were called"
_UNTOUCHED = "answers go out as the application made them"


def _policy(text: str) -> str:
    """The value of Strict-Transport-Security (RFC 6797, 6.1) as Liberty writes it, empty for none; raises ValueError."""
    parts = [part.strip() for part in text.split(";") if part.strip()]
    if not parts:
        return ""
    ages = [found for part in parts if (found := _MAX_AGE.fullmatch(part))]
    names = {part.lower() for part in parts if not _MAX_AGE.fullmatch(part)}
    if len(ages) != 1 or int(ages[0][2]) > _LARGEST or not names <= _FURTHER.keys():
        raise ValueError("it is not like max-age=31536000; includeSubDomains; preload, where the last two may be absent")
    quote, seconds = ages[0].groups()
    return "; ".join((f"max-age={quote}{int(seconds)}{quote}", *(name for key, name in _FURTHER.items() if key in names)))


def _checked(text: str) -> None:
    _policy(text)


@element
class WebContainer(Element):
    """What holds for all applications.

    <webContainer addStrictTransportSecurityHeader="max-age=31536000; includeSubDomains"/>
    """

    tag: ClassVar[str] = "webContainer"
    singleton: ClassVar[bool] = True

    add_strict_transport_security_header: str = attr(
        default="",
        guard=True,
        check=_checked,
        doc="The Strict-Transport-Security of every answer over TLS that has none, such as max-age=31536000; includeSubDomains",
    )
    trusted: bool = attr(
        default=True, guard=True, doc="Whether the private fields ($WS...) of plug-ins count that httpDispatcher or an endpoint believes"
    )
    listeners: tuple[str, ...] = attr(default=(), doc="Classes that are told of events", unused=_NO_SERVLETS)
    decode_url_as_utf8: bool = attr(default=True, doc="Whether paths are decoded as UTF-8", unused=_AS_SENT)
    decode_url_plus_sign: bool | None = attr(default=None, doc="Whether a plus sign in a path is a blank", unused=_AS_SENT)
    parse_utf8_post_data: bool = attr(default=False, doc="Whether fields of forms may be UTF-8", unused=_AS_SENT)
    use_semi_colon_as_delimiter_in_uri: bool = attr(
        name="useSemiColonAsDelimiterInURI", default=False, doc="Whether a semicolon ends a path", unused=_AS_SENT
    )
    allow_query_param_with_no_equal: bool | None = attr(
        default=None, doc="Whether a parameter without value is empty or absent", unused=_AS_SENT
    )
    enable_multi_read_of_post_data: bool = attr(default=False, doc="Whether a body can be read more than once", unused=_AS_SENT)
    skip_encoded_char_verification: bool = attr(
        default=False, doc="Whether encoded dots and slashes in paths are let through", unused="what a path may hold is always checked"
    )
    default_trace_request_behavior: bool = attr(default=False, doc="Whether TRACE is answered", unused="TRACE is refused")
    default_head_request_behavior: bool = attr(
        default=False, doc="Whether HEAD is free where GET is guarded", unused="HEAD is guarded as GET is"
    )
    trust_host_header_port: bool = attr(default=False, doc="Whether the port in Host counts", unused=_AS_CALLED)
    extract_host_header_port: bool = attr(default=False, doc="Whether applications see the port in Host", unused=_AS_CALLED)
    https_indicator_header: str = attr(
        default="", doc="The header by which a proxy says that it has ended TLS", unused="such proxies are named in zconnect_tlsTerminator"
    )
    file_serving_enabled: bool = attr(default=True, doc="Whether files of applications are served", unused=_NO_FILES)
    disallow_all_file_serving: bool = attr(default=False, doc="Whether no application may serve files", unused=_NO_FILES)
    directory_browsing_enabled: bool = attr(default=False, doc="Whether folders of applications are listed", unused=_NO_FILES)
    expose_web_inf_on_dispatch: bool = attr(default=False, doc="Whether a servlet can read the folder WEB-INF", unused=_NO_FILES)
    file_wrapper_events: bool = attr(default=False, doc="Whether files that are served are counted in SMF", unused=_NO_FILES)
    tolerate_symbolic_links: bool = attr(default=False, doc="Whether symbolic links are followed", unused=_NO_FILES)
    symbolic_links_cache_size: int = attr(default=1000, doc="How many symbolic links are remembered", unused=_NO_FILES)
    ignore_session_on_static_file_request: bool = attr(
        name="ignoreSessiononStaticFileRequest",
        default=False,
        doc="Whether a request for a file leaves the session alone",
        unused=_NO_FILES,
    )
    skip_meta_inf_resources_processing: bool = attr(default=False, doc="Whether META-INF is searched for files", unused=_NO_FILES)
    meta_inf_resources_cache_size: int = attr(default=20, doc="How many files of META-INF are remembered", unused=_NO_FILES)
    get_real_path_returns_qualified_path: bool = attr(
        default=True, doc="Whether a path of a file is told that is not there", unused=_NO_FILES
    )
    x_powered_by: str = attr(default="", doc="The text of X-Powered-By", unused=_NOT_POWERED)
    disable_x_powered_by: bool | None = attr(default=None, doc="Whether there is no X-Powered-By", unused=_NOT_POWERED)
    redirect_to_relative_url: bool = attr(default=False, doc="Whether Location is sent as the application wrote it", unused=_UNTOUCHED)
    ignore_semi_colon_on_redirect_to_welcome_page: bool = attr(
        default=False, doc="Whether a redirect to the first page loses a last semicolon", unused=_UNTOUCHED
    )
    set_content_length_on_close: bool = attr(
        default=True, doc="Whether an answer that the application closes has a length", unused=_UNTOUCHED
    )
    set_html_content_type_on_error: bool = attr(default=True, doc="Whether the page of an error is told to be HTML", unused=_UNTOUCHED)
    suppress_html_recursive_error_output: bool = attr(
        default=False, doc="Whether faults of error pages are kept from callers", unused="faults are never shown to callers"
    )
    serve_servlets_by_classname_enabled: bool = attr(default=False, doc="Whether the names of classes are paths", unused=_NO_SERVLETS)
    disallow_serve_servlets_by_class_name: bool = attr(
        default=True, doc="Whether no application may have its classes called so", unused=_NO_SERVLETS
    )
    do_not_serve_by_class_name: str = attr(default="", doc="Classes that are never called so", unused=_NO_SERVLETS)
    enable_error_exception_type_first: bool = attr(
        default=False, doc="Whether an error page is chosen by exception before status", unused=_NO_SERVLETS
    )
    enable_jsp_mapping_override: bool = attr(default=False, doc="Whether applications may serve JSP themselves", unused=_NO_SERVLETS)
    enable_default_is_el_ignored_in_tag: bool = attr(default=False, doc="Whether tag files decide on expressions", unused=_NO_SERVLETS)
    allow_expression_factory_per_app: bool = attr(
        default=False, doc="Whether applications bring their own expressions", unused=_NO_SERVLETS
    )
    copy_attributes_key_set: bool = attr(default=False, doc="Whether names of attributes are copied", unused=_NO_SERVLETS)
    dispatcher_rethrows_er: bool = attr(default=True, doc="Whether errors are passed on", unused=_NO_SERVLETS)
    invoke_filter_init_at_startup: bool = attr(default=True, doc="Whether filters begin with the application", unused=_NO_SERVLETS)
    log_servlet_container_initializer_class_loading_errors: bool = attr(
        default=False, doc="Whether classes that do not load are told", unused=_NO_SERVLETS
    )
    allow_include_send_error: bool = attr(default=False, doc="Whether an included page may send an error", unused=_NO_SERVLETS)
    allow_absolute_file_name_for_part_write: bool | None = attr(
        default=None, doc="Whether parts of forms may be written anywhere", unused=_NO_SERVLETS
    )
    defer_servlet_load: bool = attr(default=True, doc="Whether servlets begin with their first request", unused=_NO_SERVLETS)
    defer_servlet_request_listener_destroy_on_error: bool = attr(
        default=False, doc="Whether listeners end after the error page", unused=_NO_SERVLETS
    )
    empty_servlet_mappings: bool = attr(default=False, doc="Whether no mapping is an empty list", unused=_NO_SERVLETS)
    servlet_destroy_wait_time: int = attr(default=60, doc="How many seconds a servlet may take to end", unused=_NO_SERVLETS)
    servlet_path_for_default_mapping: str = attr(default="", doc="How the path of the default servlet is told", unused=_NO_SERVLETS)
    stop_app_start_upon_listener_exception: bool | None = attr(
        default=None, doc="Whether a listener that fails stops the application", unused=_NO_SERVLETS
    )
    throw_exception_when_unable_to_complete_or_dispatch: bool = attr(
        default=True, doc="Whether a request that cannot be ended is an error", unused=_NO_SERVLETS
    )
    async_max_size_task_pool: int = attr(default=5000, doc="How many cancelled tasks may be there", unused=_NO_SERVLETS)
    async_purge_interval: int = attr(default=30000, doc="How often cancelled tasks are taken away", unused=_NO_SERVLETS)
    async_timeout_default: int = attr(default=30000, doc="How long a servlet may answer later", unused=_NO_SERVLETS)
    async_timer_threads: int = attr(default=2, doc="How many threads watch over that", unused=_NO_SERVLETS)


def transport_security(container: WebContainer) -> Callable[[Request | None, Response], Response] | None:
    """What gives the answers over TLS their Strict-Transport-Security; None where none is wanted."""
    policy = _policy(container.add_strict_transport_security_header).encode()
    if not policy:
        return None

    def edit(request: Request | None, response: Response) -> Response:
        if request is None or request.scheme != "https" or any(name == _FIELD for name, _ in response.headers):
            return response
        return response._replace(headers=(*response.headers, (_FIELD, policy)))

    return edit
