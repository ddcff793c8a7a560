"""<zosconnect_zosConnectAPIs>: what holds for single APIs; an API here is the `webApplication` of its name."""

import logging
from collections.abc import Iterable
from datetime import timedelta
from typing import ClassVar, Literal

from zconnect.config.configuration import Configuration
from zconnect.config.schema import Element, attr, children, element
from zconnect.messages import warning
from zconnect.services.managed import ManagedResource

NO_API = warning(
    "ZCON0661W",
    "The zosConnectAPI {name} is for no webApplication that the manager guards, so it has no effect.",
    "Give both the same name; where a web.xml guards the application, write its roles there.",
)

_ARCHIVES = "archives (.aar) are not read yet; an API is a webApplication"
_POLICIES = "policies are not supported yet"

logger = logging.getLogger(__name__)


@element
class ZosConnectApi(ManagedResource):
    """What holds for one API."""

    tag: ClassVar[str] = "zosConnectAPI"

    name: str = attr(guard=True, doc="The name of the API, which is that of a webApplication")
    policy_ref: str = attr(default="", doc="The policy by whose rules requests to this API are changed", unused=_POLICIES)


@element
class ZosConnectApis(Element):
    """What holds for APIs one by one.

    <zosconnect_zosConnectAPIs>
        <zosConnectAPI name="catalog" invokeGroup="buyers" requireSecure="true"/>
    </zosconnect_zosConnectAPIs>
    <webApplication id="catalog" name="catalog" location="catalog:app" contextRoot="/catalog"/>
    """

    tag: ClassVar[str] = "zosconnect_zosConnectAPIs"
    singleton: ClassVar[bool] = True

    location: str = attr(default="", doc="The folder of the API archives", unused=_ARCHIVES)
    update_trigger: Literal["polled", "mbean", "disabled"] = attr(
        default="polled", doc="How changed archives are noticed", unused=_ARCHIVES
    )
    polling_rate: timedelta = attr(default=timedelta(seconds=5), doc="How often archives are looked at", unused=_ARCHIVES)
    policy_ref: str = attr(default="", doc="The policy of APIs without their own", unused=_POLICIES)
    apis: tuple[ZosConnectApi, ...] = children(guard=True, doc="What holds for single APIs")


_NOTHING = ZosConnectApi(name="")


def api_of(configuration: Configuration, name: str) -> ZosConnectApi:
    """What holds for the API of this name; where nothing is said about it, nothing but the manager's rules."""
    return next((api for api in configuration.one(ZosConnectApis).apis if api.name == name), _NOTHING)


def warn_of_unserved(configuration: Configuration, served: Iterable[str]) -> None:
    """Say which APIs are spoken of but served by nobody: one of them may be a misspelt name."""
    names = frozenset(served)
    for api in configuration.one(ZosConnectApis).apis:
        if api.name not in names:
            NO_API.log(logger, name=api.name)
