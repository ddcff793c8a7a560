"""<zosconnect_zosConnectService>: a service that is wholly described in server.xml, over a provider."""

import logging
from collections.abc import Iterable
from typing import ClassVar

from zconnect.config.schema import attr, element, ref
from zconnect.errors import Problem, Refused
from zconnect.messages import error
from zconnect.roles import Assembly, Offer, ProviderPart, ResourcePart, Service
from zconnect.services.managed import ManagedResource
from zconnect.values import Call, Kind, Response

NOT_INVOKED = error(
    "ZCON0671E",
    "The request for the service {service} has no action=invoke.",
    "Add ?action=invoke to the address, or call the service by its invokeURI; its administration is not served.",
)
WRONG_METHOD = error("ZCON0672E", "The service {service} cannot be invoked with the method {method}.", "Use POST or PUT.")
NO_PROVIDER = error(
    "ZCON0673E",
    "The service {service} has no provider, so it answers 503.",
    "Set serviceRef to the id of a provider, for example a zosconnect_zosConnectServiceRestClient.",
)

logger = logging.getLogger(__name__)


def _path(uri: str) -> None:
    if not uri.startswith("/") or "*" in uri[:-1]:
        raise ValueError(f"{uri} is not a path that begins with / and has * at most at its end")


@element
class ZosConnectService(ResourcePart, ManagedResource):
    """A service: paths, who may call it, and the provider that answers.

    <zosconnect_zosConnectService id="stock" invokeURI="/stock/*" invokeGroup="buyers" serviceRef="warehouse"/>
    <zosconnect_zosConnectServiceRestClient id="warehouse" host="https://warehouse.example" uri="/v1/stock"/>
    """

    tag: ClassVar[str] = "zosconnect_zosConnectService"

    service_name: str = attr(default="", doc="The name of the service; without it the id")
    service: ProviderPart | None = ref(doc="The provider that answers, such as a REST client")
    service_description: str = attr(default="", doc="What the service is for, in words for people", unused="nothing lists services yet")
    service_grouping_name: str = attr(default="", doc="A name that services share", unused="nothing lists services yet")
    invoke_uri: tuple[str, ...] = attr(
        name="invokeURI", default=(), guard=True, check=_path, doc="Paths of the service; one that ends in * stands for all that begin so"
    )
    data_xform_ref: str = attr(default="", doc="The transformer of request and response bodies", unused="bodies pass through unchanged")

    def mistakes(self) -> Iterable[Problem]:
        """Those of the provider."""
        return self.service.refusals() if self.service else ()

    async def open(self, assembly: Assembly) -> tuple[Offer, ...]:
        """One offer for each path, and one for the address that every service has."""
        provider: Service = _Unprovided(self.name)
        if self.service is None:
            NO_PROVIDER.log(logger, service=self.name)
        else:
            provider = await assembly.opened(self.service)
        return (
            *(self._offer(uri, provider) for uri in dict.fromkeys(self.invoke_uri)),
            self._offer(f"/zosConnect/services/{self.name}", _Invoked(provider, self.name)),
        )

    @property
    def name(self) -> str:
        """What the service is called."""
        return self.service_name or self.id

    def _offer(self, pattern: str, service: Service) -> Offer:
        return Offer(
            pattern=pattern,
            kind=Kind.SERVICE,
            name=self.name,
            service=service,
            protection=self.protection,
            groups=self.groups,
            interceptors=self.interceptors,
            run_global_interceptors=self.run_global_interceptors,
        )


class _Invoked:
    """The service at the address where z/OS Connect administers it: only `action=invoke` is answered."""

    def __init__(self, provider: Service, name: str) -> None:
        self._provider = provider
        self._name = name

    async def invoke(self, call: Call) -> Response:
        request = call.request
        parameters = request.query.split("&")
        if "action=invoke" not in parameters:
            raise Refused(404, NOT_INVOKED(service=self._name))
        if request.method not in ("POST", "PUT"):
            raise Refused(405, WRONG_METHOD(service=self._name, method=request.method), headers=((b"allow", b"POST, PUT"),))
        rest = "&".join(each for each in parameters if each != "action=invoke")
        return await self._provider.invoke(call._replace(request=request._replace(query=rest)))


class _Unprovided:
    """The provider of a service that has none."""

    def __init__(self, name: str) -> None:
        self._reason = NO_PROVIDER(service=name)

    async def invoke(self, call: Call) -> Response:
        raise Refused(503, self._reason)
