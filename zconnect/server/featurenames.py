"""The names that may stand in <featureManager>: those of Liberty and z/OS Connect, without their versions."""

import difflib
from collections.abc import Collection, Iterable

from zconnect.messages import error

UNKNOWN_FEATURE = error(
    "CWWKF0001E",
    "There is no feature {feature}.{hint}",
    "Correct its name in featureManager; what it was to bring is missing until then.",
)

# Features of users and of other products are theirs to know.
_FOREIGN = ("usr:", "mqzosconnect:", "imsmobile:")
_TABLE = """
    acmeCA adminCenter appAuthentication appAuthorization appClientSupport appSecurity appSecurityClient audit
    batch batchManagement beanValidation bells cacheManager cdi checkpoint cloudant cloudAutowiring collectiveController
    collectiveMember concurrent connectors connectorsInboundSecurity constrainedDelegation couchdb distributedMap
    ejb ejbHome ejbLite ejbPersistentTimer ejbRemote el enterpriseBeans enterpriseBeansHome enterpriseBeansLite
    enterpriseBeansPersistentTimer enterpriseBeansRemote eventLogging expressionLanguage faces facesContainer
    federatedRegistry grpc grpcClient health healthAnalyzer healthManager jacc jakartaee jakartaeeClient jaspic
    javaee javaeeClient javaMail jaxb jaxrs jaxrsClient jaxws jca jcaInboundSecurity jcache jdbc jms jmsMdb jndi jpa
    jpaContainer jsf jsfContainer json jsonb jsonbContainer jsonp jsonpContainer jsp jwt jwtSso ldapRegistry
    localConnector logstashCollector mail managedBeans mdb messaging messagingClient messagingSecurity messagingServer
    microProfile mongodb monitor mpConfig mpContextPropagation mpFaultTolerance mpGraphQL mpHealth mpJwt mpMetrics
    mpOpenAPI mpOpenTracing mpReactiveMessaging mpReactiveStreams mpRestClient mpTelemetry netty oauth
    openapi opentracing openid openidConnectClient openidConnectServer osgiBundle osgiConsole passwordUtilities
    persistence persistenceContainer productInsights requestTiming restConnector restfulWS restfulWSClient rtcomm
    samlWeb scalingController scalingMember scim serverStatus servlet sessionCache sessionDatabase sipServlet socialLogin
    spnego springBoot ssl timedOperations transportSecurity usageMetering wasJmsClient wasJmsSecurity wasJmsServer
    webCache webProfile websocket wmqJmsClient wmqMessagingClient wsAtomicTransaction wsSecurity wsSecuritySaml xmlBinding
    xmlWS zosAutomaticRestart zosConnect zosLocalAdapters zosPasswordEncryptionKey zosRequestLogging zosSecurity
    zosTransaction zosWlm
    zosconnect:apiRequester zosconnect:cicsService zosconnect:db2Service zosconnect:dvsService zosconnect:ims
    zosconnect:cics zosconnect:db2 zosconnect:filemanager zosconnect:monitoring zosconnect:mqService
    zosconnect:oasRequester zosconnect:zosConnect zosconnect:zosConnectCommands
"""
_NAMES = frozenset(_TABLE.split())


def unknown(features: Iterable[str], ours: Collection[str]) -> list[tuple[str, str]]:
    """The features that nobody has heard of, each with a hint at the nearest name; `ours` are names of this installation."""
    names = {name.lower(): name for name in (*_NAMES, *(_base(feature) for feature in ours))}
    strange = [feature for feature in features if not feature.startswith(_FOREIGN) and _base(feature).lower() not in names]
    return [(feature, _hint(feature, names.values())) for feature in strange]


def _base(feature: str) -> str:
    """`appSecurity-2.0` → `appSecurity`."""
    name, _, version = feature.rpartition("-")
    return name if name and version[:1].isdigit() else feature


def _hint(feature: str, names: Iterable[str]) -> str:
    nearest = difflib.get_close_matches(_base(feature), names, 1, 0.75)
    return f" Did you mean {nearest[0]}{feature.removeprefix(_base(feature))}?" if nearest else ""
