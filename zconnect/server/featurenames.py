"""What <featureManager> says: the names that may stand there are those of Liberty and z/OS Connect, without their versions."""

from collections.abc import Collection, Iterable, Iterator

from zconnect.config.configuration import Configuration
from zconnect.config.kernel import FeatureManager
from zconnect.config.merge import Text
from zconnect.config.names import nearest
from zconnect.errors import NOWHERE, Problem, Where
from zconnect.messages import error, warning

UNKNOWN_FEATURE = error(
    "CWWKF0001E",
    "There is no feature {feature}.",
    "Correct its name in featureManager; what it was to bring is missing until then.",
)
NO_FEATURES = warning(
    "CWWKF0009W", "The server is configured without any feature, so it opens no port.", "Name the features that it needs in featureManager."
)
JASPIC = warning(
    "ZCON0640W",
    "The feature {feature} lets authentication providers of JASPIC (Jakarta Authentication) say who calls; they are Java classes of a user "
    "feature, so none is asked here.",
    "Write the provider as a Python class and name it in an interceptors element of trustAssociation, then take the feature out.",
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
_JASPIC = frozenset({"jaspic", "appauthentication"})


def mistaken(configuration: Configuration, ours: Collection[str]) -> Iterator[Problem]:
    """The features that nobody has heard of, each with the nearest name, or that there are none; `ours` are names of this installation.

    onError of featureManager says whether they stop the start; that of config does not, as in Liberty.
    """
    manager = configuration.one(FeatureManager)
    known = {name.lower(): name for name in (*_NAMES, *(_base(feature) for feature in ours))}
    for feature in manager.feature:
        if not feature.startswith(_FOREIGN) and _base(feature).lower() not in known:
            where, path = _place(manager, feature)
            near = _nearest(feature, known.values())
            yield Problem(UNKNOWN_FEATURE(feature=feature), where, path, near, stops=manager.on_error == "FAIL")
        elif _base(feature).lower() in _JASPIC:
            yield Problem(JASPIC(feature=feature), *_place(manager, feature))
    if not manager.feature:
        where = Where("server.xml") if manager.where == NOWHERE else manager.where
        yield Problem(NO_FEATURES(), where, "/server/featureManager")


def _base(feature: str) -> str:
    """`appSecurity-2.0` → `appSecurity`."""
    name, _, version = feature.rpartition("-")
    return name if name and version[:1].isdigit() else feature


def _nearest(feature: str, names: Iterable[str]) -> tuple[str, ...]:
    base = _base(feature)
    return tuple(f"{name}{feature.removeprefix(base)}" for name in nearest(base, names)[:1])


def _place(manager: FeatureManager, feature: str) -> tuple[Where, str]:
    held = manager.given.get("feature")
    if held is None or isinstance(held.value, str):
        return manager.where if held is None else held.where, "/server/featureManager/@feature"
    texts = (each for each in held.value if isinstance(each, Text) and feature in each.text)
    return next((each.where for each in texts), held.where), "/server/featureManager/feature"
