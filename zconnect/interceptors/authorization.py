"""<zosconnect_authorizationInterceptor>: the caller must be in a group of the access level that the operation asks for."""

import logging
from collections.abc import Callable, Mapping
from datetime import timedelta
from types import MappingProxyType
from typing import ClassVar

from zconnect.config.schema import attr, element
from zconnect.errors import Refused
from zconnect.messages import warning
from zconnect.roles import Assembly, Interceptor, InterceptorPart
from zconnect.values import Access, Call, Groups

FAILED = warning(
    "BAQR0406W",
    "The {interceptor} interceptor forbade the request under the URL {url}.",
    "See the message before this one.",
)
NOT_AUTHORIZED = warning(
    "BAQR0409W",
    "The user {user} is not authorized to perform the request: {level} access to {resource} is held by {groups}.",
    "If he should be, put him into one of these groups, or name a group of his in the attribute for this level.",
)

# z/OS Connect: who may do what. Admin may do everything; Operations manage but do not call.
_HOLDERS: Mapping[Access, Callable[[Groups], tuple[frozenset[str], ...]]] = MappingProxyType(
    {
        Access.ADMIN: lambda groups: (groups.admin,),
        Access.OPERATIONS: lambda groups: (groups.admin, groups.operations),
        Access.INVOKE: lambda groups: (groups.invoke, groups.admin),
        Access.READER: lambda groups: (groups.admin, groups.operations, groups.reader),
    }
)

logger = logging.getLogger(__name__)


@element
class AuthorizationInterceptor(InterceptorPart):
    """Lets a caller in by his groups; a level for which no group is named is held by nobody."""

    tag: ClassVar[str] = "zosconnect_authorizationInterceptor"

    saf_cache_timeout: timedelta = attr(
        default=timedelta(0),
        doc="How long SAF group lookups are kept",
        unused="groups come with the caller's identity, which authCache keeps",
    )

    async def open(self, assembly: Assembly) -> Interceptor:
        """It needs nothing from outside."""
        return _Authorization(self.sequence)


class _Authorization(Interceptor):
    """The open interceptor."""

    def __init__(self, sequence: int) -> None:
        self.sequence = sequence

    async def pre_invoke(self, call: Call) -> None:
        """Let the caller go on, or raise `Refused` with 403."""
        identity, resource = call.identity, call.resource
        if identity is not None:
            for groups in _HOLDERS[resource.access](resource.groups):
                if not groups.isdisjoint(identity.groups):
                    return
        raise _denied(call)


def _denied(call: Call) -> Refused:
    request, resource = call.request, call.resource
    groups = frozenset[str]().union(*_HOLDERS[resource.access](resource.groups))
    told = NOT_AUTHORIZED(
        user=call.identity.user if call.identity else "UNAUTHENTICATED",
        level=resource.access.value,
        resource=resource.name or request.path,
        groups=", ".join(sorted(groups)) or "no group",
    )
    told.log(logger)
    FAILED.log(logger, interceptor="zosConnectAuthorization", url=f"{request.scheme}://{request.authority}{request.path}")
    return Refused(403, told)
