"""All elements that this server understands, by the feature that brings them: the one table of the house.

An element that is not listed here is unknown and is reported with its nearest neighbours. Features of others join by
the entry point group `zconnect.features`.
"""

import os
import sys
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

from zconnect.config import kernel
from zconnect.config.schema import Element
from zconnect.interceptors.audit import AuditInterceptor
from zconnect.interceptors.authorization import AuthorizationInterceptor
from zconnect.interceptors.filelog import FileSystemLoggerInterceptor
from zconnect.roles import Interceptors
from zconnect.runtime.manager import Manager
from zconnect.security import ldapelements
from zconnect.security.accepted import JwtConsumer
from zconnect.security.attempts import FailedLogins
from zconnect.security.authcache import AuthCache, Authentication
from zconnect.security.authfilter import AuthFilter
from zconnect.security.authorization import AuthorizationRoles
from zconnect.security.federation import FederatedRepository
from zconnect.security.httpsports import HttpProxyRedirect
from zconnect.security.jwtbuilder import JwtBuilder
from zconnect.security.ldap import LdapRegistry
from zconnect.security.ltpa import Ltpa
from zconnect.security.mpjwt import MpJwt
from zconnect.security.oidc import OpenidConnectClient
from zconnect.security.registry import BasicRegistry, QuickStartSecurity
from zconnect.security.relyingparty import OidcClientWebapp
from zconnect.security.saf import SafAuthorization, SafCredentials, SafRegistry, SafRoleMapper
from zconnect.security.safelements import SafDatabase
from zconnect.security.saml import SamlWebSso20
from zconnect.security.trustassociation import TrustAssociation, TrustInterceptor
from zconnect.security.webappsecurity import WebAppSecurity
from zconnect.server import accepted, elements
from zconnect.server.logsettings import Logging
from zconnect.services import accepted as services_accepted
from zconnect.services import outbound
from zconnect.services.apis import ZosConnectApis
from zconnect.services.restclient import RestClient, RestClientBasicAuth, RestClientConnection
from zconnect.services.service import ZosConnectService
from zconnect.services.webapplication import WebApplication
from zconnect.trust import library
from zconnect.trust.keystore import KeyStore
from zconnect.trust.tls import Ssl, SslDefault

_GROUP = "zconnect.features"
KERNEL = "kernel"  # what every server understands, whatever its featureManager says

FEATURES: Mapping[str, tuple[type[Element], ...]] = MappingProxyType(
    {
        KERNEL: (Logging, WebApplication, HttpProxyRedirect, *kernel.ELEMENTS, *accepted.ELEMENTS, *elements.ELEMENTS, *library.ELEMENTS),
        "appSecurity-2.0": (
            BasicRegistry,
            QuickStartSecurity,
            WebAppSecurity,
            Authentication,
            AuthCache,
            FailedLogins,
            AuthorizationRoles,
            Ltpa,
            TrustAssociation,
            TrustInterceptor,
        ),
        "jwt-1.0": (JwtBuilder, JwtConsumer),
        "mpJwt-1.0": (MpJwt, AuthFilter),
        "federatedRegistry-1.0": (FederatedRepository,),
        "ldapRegistry-3.0": (LdapRegistry, *ldapelements.FILTERS),
        "openidConnectClient-1.0": (OpenidConnectClient, OidcClientWebapp, AuthFilter),
        "samlWeb-2.0": (SamlWebSso20, AuthFilter),
        "transportSecurity-1.0": (KeyStore, Ssl, SslDefault),
        "zosSecurity-1.0": (SafRegistry, SafCredentials, SafAuthorization, SafRoleMapper, SafDatabase),
        "zosconnect:zosConnect-2.0": (
            Interceptors,
            Manager,
            AuthorizationInterceptor,
            AuditInterceptor,
            FileSystemLoggerInterceptor,
            ZosConnectApis,
            ZosConnectService,
            RestClient,
            RestClientConnection,
            RestClientBasicAuth,
            *services_accepted.ELEMENTS,
            *outbound.ELEMENTS,
        ),
    }
)

VOCABULARY: tuple[type[Element], ...] = tuple(dict.fromkeys(kind for kinds in FEATURES.values() for kind in kinds))


def vocabulary() -> tuple[type[Element], ...]:
    """Our own elements and those of installed extensions (entry points `zconnect.features`: mappings like FEATURES)."""
    return (*VOCABULARY, *_foreign()) if any(map(_has_extension, sys.path)) else VOCABULARY


def _foreign() -> list[type[Element]]:
    from importlib.metadata import entry_points  # a sixth of a start, and hardly anybody has an extension

    return [kind for point in entry_points(group=_GROUP) for kinds in point.load().values() for kind in kinds]


def _has_extension(folder: str) -> bool:
    """Whether a distribution that is installed in a folder says so."""
    try:
        names = [name for name in os.listdir(folder) if name.endswith((".dist-info", ".egg-info"))]
        return any(_GROUP in file.read_text() for name in names if (file := Path(folder, name, "entry_points.txt")).is_file())
    except OSError:
        return False
