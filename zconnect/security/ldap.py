"""<ldapRegistry>: the users and groups of a directory that is asked over LDAP."""

import importlib.util
from collections.abc import Callable, Iterable, Iterator
from datetime import timedelta
from logging import getLogger
from typing import TYPE_CHECKING, ClassVar, Literal

from zconnect.config.passwords import Password
from zconnect.config.schema import attr, children, element, ref
from zconnect.errors import Problem, Unavailable
from zconnect.messages import error, warning
from zconnect.roles import Assembly, RegistryPart, UserRegistry
from zconnect.security.ldapcertificate import VARIABLES, unknown_variables
from zconnect.security.ldapelements import (
    DEFAULTS,
    ActivedLdapFilterProperties,
    CustomLdapFilterProperties,
    Defaults,
    Domino50LdapFilterProperties,
    EdirectoryLdapFilterProperties,
    IdsLdapFilterProperties,
    IplanetLdapFilterProperties,
    LdapFilters,
    LdapType,
    NetscapeLdapFilterProperties,
    SecurewayLdapFilterProperties,
)
from zconnect.security.ldapparts import (
    AttributeConfiguration,
    AttributesCache,
    ContextPool,
    FailoverServers,
    GroupProperties,
    LdapCache,
    LdapEntityType,
    LdapServer,
    LoginProperty,
    SearchResultsCache,
)
from zconnect.security.ldapplan import attributes, bases, by_logins, pairs, size, stray
from zconnect.security.remembered import Memories, remembered_in
from zconnect.trust.tls import Ssl, outbound_tls

if TYPE_CHECKING:
    from zconnect.security.ldapdirectory import Line
    from zconnect.security.ldapusers import Plan

logger = getLogger(__name__)

NOT_INSTALLED = error(
    "ZCON0471E", "The library that speaks LDAP is not installed.", 'Install it beside the server: pip install "zconnect[ldap]".'
)
NO_PASSWORD = error(
    "ZCON0477E",
    "The directory {id} is given a bindDN without a bindPassword, which many servers take for an anonymous bind.",
    "Give bindPassword, or set bindAuthMechanism to none.",
)
NO_GSSAPI = error("ZCON0478E", "Kerberos (GSSAPI) is not spoken to the directory {id}.", "Set bindAuthMechanism to simple, with TLS.")
IN_CLEAR = warning(
    "ZCON0479W", "The passwords of all who log in go to the directory at {host} in clear.", "Set sslEnabled, with the port for it."
)
NO_TLS = error("ZCON0486E", "The directory {id} is to be asked over TLS, and no ssl element says whom to trust.", "Name one in sslRef.")
UNKNOWN_VARIABLE = error(
    "ZCON0487E",
    "The certificateFilter of the directory {id} has {variable}, which no certificate can fill.",
    "Use SubjectCN, SubjectDN, SubjectOU, SubjectUID, IssuerDN, IssuerCN or SerialNumber, each as ${{...}}.",
)
NO_FILTER = error(
    "ZCON0488E", "The directory {id} maps certificates by a filter, and has none.", "Give certificateFilter, such as uid=${{SubjectCN}}."
)
STRAY_BASE = error("ZCON0489E", "The searchBase {base} of the directory {id} is not below its baseDN {dn}.", "Correct one of the two.")
NO_REFERRALS = warning(
    "ZCON0484W",
    "The directory {id} is not followed to other servers (referral): a server that it names would get the password of bindDN.",
    "Name the other servers as failoverServers or as registries of their own.",
)

_NOTHING_WRITTEN = "nothing is written to the directory"
_JAVA = "that is a matter of Java's own LDAP client"
_MEMBER_OF = frozenset({"memberof", "ibm-allgroups", "nsrole", "groupmembership", "ismemberof"})


@element
class LdapRegistry(RegistryPart):
    """Users and groups of a directory; passwords are judged by the directory itself.

    <ldapRegistry id="ldap" realm="bank" ldapType="Custom" host="ldap.example.com" port="636" sslEnabled="true" sslRef="directory"
                  baseDN="dc=example,dc=com" bindDN="cn=zconnect,dc=example,dc=com" bindPassword="{xor}PjM2PDpyLDo8LTor">
        <customFilters userFilter="(&amp;(uid=%v)(objectclass=inetOrgPerson))" groupFilter="(&amp;(cn=%v)(objectclass=groupOfNames))"/>
        <failoverServers><server host="ldap2.example.com" port="636"/></failoverServers>
    </ldapRegistry>
    <ssl id="directory" keyStoreRef="defaultKeyStore" trustStoreRef="authorities"/>
    <keyStore id="authorities" location="authorities.pem"/>
    """

    tag: ClassVar[str] = "ldapRegistry"

    host: str = attr(guard=True, doc="The host of the directory's server")
    port: int = attr(guard=True, minimum=1, maximum=65535, doc="The port of the directory's server")
    base_dn: str = attr(name="baseDN", guard=True, doc="The entry below which users and groups are looked for")
    ldap_type: LdapType = attr(guard=True, doc="What kind of directory it is, which says how users and groups are found")
    realm: str = attr(default="LdapRegistry", guard=True, doc="The name of the registry in access ids and challenges")
    bind_dn: str = attr(name="bindDN", default="", guard=True, doc="The entry as which the server searches; without it anonymously")
    bind_password: Password | None = attr(default=None, guard=True, doc="The password of bindDN: plain, or encoded by securityUtility")
    bind_auth_mechanism: Literal["simple", "none", "GSSAPI"] = attr(
        default="simple", guard=True, doc="Whether the server searches as bindDN (simple) or anonymously (none)"
    )
    krb5_principal: str = attr(default="", doc="The Kerberos principal of the server", unused="Kerberos is not spoken to directories")
    krb5_ticket_cache: str = attr(default="", doc="The file with Kerberos tickets", unused="Kerberos is not spoken to directories")
    ssl_enabled: bool = attr(default=False, guard=True, doc="Whether the directory is spoken to over TLS")
    ssl: Ssl | None = ref(guard=True, doc="The TLS settings for it; without it those for calling other servers")
    ignore_case: bool = attr(default=True, guard=True, doc="A user may type the name in another case, where the directory allows it")
    recursive_search: bool = attr(default=False, doc="Groups that hold a group of the user are his, too")
    referral: Literal["ignore", "follow"] = attr(default="ignore", doc="Whether other servers are asked that the directory names")
    deref_aliases: Literal["always", "never"] = attr(default="always", doc="Whether an alias stands for the entry that it names")
    connect_timeout: timedelta = attr(default=timedelta(minutes=1), doc="How long a connection may take; 0 is no limit")
    read_timeout: timedelta = attr(default=timedelta(minutes=1), doc="How long an answer may take, in whole seconds; 0 is no limit")
    search_timeout: timedelta = attr(default=timedelta(minutes=1), doc="How long the directory may search")
    search_page_size: int = attr(default=0, minimum=0, doc="How many groups are asked for at once; 0 is all")
    reuse_connection: bool = attr(default=True, doc="Whether connections are kept and used again")
    return_to_primary_server: bool = attr(default=True, doc="Whether the first server is tried again after a failure")
    primary_server_query_time_interval: int = attr(default=15, minimum=1, doc="After how many minutes the first server is tried again")
    allow_write_to_secondary_servers: bool = attr(default=False, doc="Whether others may be written to", unused=_NOTHING_WRITTEN)
    jndi_output_enabled: bool = attr(default=False, doc="Whether the client traces what it sends", unused=_JAVA)
    timestamp_format: str = attr(default="", doc="How the directory writes times", unused="no times of entries are read")
    certificate_map_mode: Literal["EXACT_DN", "CERTIFICATE_FILTER", "CUSTOM", "NOT_SUPPORTED"] = attr(
        default="EXACT_DN",
        guard=True,
        doc="EXACT_DN: the subject is the user's entry; CERTIFICATE_FILTER: certificateFilter finds it; the others map nobody",
    )
    certificate_filter: str = attr(
        default="", guard=True, own=VARIABLES, doc="The filter that finds a certificate's user, such as uid=${SubjectCN}"
    )
    certificate_mapper_id: str = attr(
        default="", doc="Id of a certificate mapper for the mode CUSTOM", unused="there are no custom certificate mappers"
    )
    actived_filters: ActivedLdapFilterProperties | None = ref(guard=True, doc="Filters for the type Microsoft Active Directory")
    custom_filters: CustomLdapFilterProperties | None = ref(guard=True, doc="Filters for the type Custom")
    domino50_filters: Domino50LdapFilterProperties | None = ref(guard=True, doc="Filters for the type IBM Lotus Domino")
    edirectory_filters: EdirectoryLdapFilterProperties | None = ref(guard=True, doc="Filters for the type Novell eDirectory")
    ids_filters: IdsLdapFilterProperties | None = ref(guard=True, doc="Filters for the type IBM Tivoli Directory Server")
    iplanet_filters: IplanetLdapFilterProperties | None = ref(guard=True, doc="Filters for the type Sun Java System Directory Server")
    netscape_filters: NetscapeLdapFilterProperties | None = ref(guard=True, doc="Filters for the type Netscape Directory Server")
    secureway_filters: SecurewayLdapFilterProperties | None = ref(guard=True, doc="Filters for the type IBM SecureWay Directory Server")
    failover_servers: tuple[FailoverServers, ...] = children(guard=True, doc="The servers that are asked when the first is not there")
    context_pools: tuple[ContextPool, ...] = children(doc="The connections that are kept")
    ldap_caches: tuple[LdapCache, ...] = children(doc="What is remembered for a while")
    ldap_entity_types: tuple[LdapEntityType, ...] = children(guard=True, doc="What is a user and a group in this directory, and where")
    group_properties: tuple[GroupProperties, ...] = children(guard=True, doc="Where memberships stand, instead of groupMemberIdMap")
    login_properties: tuple[LoginProperty, ...] = children(guard=True, doc="By which properties users log in, instead of userFilter's")
    attribute_configurations: tuple[AttributeConfiguration, ...] = children(guard=True, doc="How properties are called in the directory")

    def mistakes(self) -> Iterable[Problem]:
        """A library that is missing, a bind without a password, Kerberos, filters of certificates, bases that stray."""
        if importlib.util.find_spec("ldap3") is None:
            yield self.mistake(NOT_INSTALLED(), stops=True)
        if self.bind_auth_mechanism == "GSSAPI":
            yield self.mistake(NO_GSSAPI(id=self.id), "bindAuthMechanism", stops=True)
        if self.bind_auth_mechanism == "simple" and self.bind_dn.strip() and not (self.bind_password and self.bind_password.text):
            yield self.mistake(NO_PASSWORD(id=self.id), "bindDN", stops=True)
        if self.referral == "follow":
            yield self.mistake(NO_REFERRALS(id=self.id), "referral")
        if not self.ssl_enabled and self.host.strip().lower() not in {"localhost", "127.0.0.1", "::1"}:
            yield self.mistake(IN_CLEAR(host=self.host), "host")
        yield from self._certificate_mistakes()
        for base in stray((base for kind in self.ldap_entity_types for base in bases(kind, self.base_dn)), self.base_dn):
            yield self.mistake(STRAY_BASE(base=base, id=self.id, dn=self.base_dn), "ldapEntityType", stops=True)

    def _certificate_mistakes(self) -> Iterator[Problem]:
        if self.certificate_map_mode != "CERTIFICATE_FILTER":
            return
        if not self.certificate_filter.strip():
            yield self.mistake(NO_FILTER(id=self.id), "certificateMapMode", stops=True)
        for variable in unknown_variables(self.certificate_filter):
            yield self.mistake(UNKNOWN_VARIABLE(id=self.id, variable=variable), "certificateFilter", stops=True)

    async def open(self, assembly: Assembly) -> UserRegistry:
        """The registry; the directory is asked for the first time when somebody logs in. Raises `Unavailable`."""
        if importlib.util.find_spec("ldap3") is None:
            raise Unavailable(NOT_INSTALLED())
        from zconnect.security.ldapdirectory import Directory  # the library is an extra, and a tenth of a second
        from zconnect.security.ldapusers import LdapUsers

        directory = Directory(await self._line(assembly))
        assembly.closing(directory.close)
        users = LdapUsers(self._plan(), directory)
        remembered_in(assembly).add(users, Memories.LOGINS)
        return users

    async def _line(self, assembly: Assembly) -> "Line":
        from zconnect.security.ldapdirectory import Line

        pool = self.context_pools[-1] if self.context_pools else ContextPool()
        named = self.bind_auth_mechanism == "simple"
        secured = self.ssl or outbound_tls(assembly) if self.ssl_enabled else None
        if self.ssl_enabled and secured is None:
            raise Unavailable(NO_TLS(id=self.id))
        return Line(
            servers=tuple((each.host.strip(), each.port) for each in self._servers()),
            user=self.bind_dn.strip() if named else "",
            password=self.bind_password.text if named and self.bind_password else "",
            context=(await assembly.opened(secured)).client_context if secured else None,
            connect_timeout=self.connect_timeout.total_seconds(),
            read_timeout=self.read_timeout.total_seconds(),
            search_timeout=self.search_timeout.total_seconds(),
            page_size=self.search_page_size,
            dereference=self.deref_aliases == "always",
            back_after=self.primary_server_query_time_interval * 60.0 if self.return_to_primary_server else 0.0,
            kept=pool.preferred_size if self.reuse_connection and pool.enabled else 0,
            most=pool.max_size,
            idle=pool.timeout.total_seconds(),
        )

    def _servers(self) -> Iterator["LdapRegistry | LdapServer"]:
        yield self
        for group in self.failover_servers:
            yield from group.servers

    def _plan(self) -> "Plan":
        from zconnect.security.ldapusers import Plan

        people, groups = self._kind("PersonAccount"), self._kind("Group")
        names = attributes(self._said(lambda filters: filters.user_id_map))
        logins = tuple(self._attribute(each.name.strip()) for each in self.login_properties)
        cache = self.ldap_caches[-1] if self.ldap_caches else LdapCache()
        group_name = attributes(self._said(lambda filters: filters.group_id_map))[0]
        return Plan(
            realm=self.realm,
            user_bases=bases(people, self.base_dn),
            user_filter=by_logins(self._filter(lambda filters: filters.user_filter, people, names[0]), logins),
            user_names=logins or names,
            group_bases=bases(groups, self.base_dn),
            group_filter=self._filter(lambda filters: filters.group_filter, groups, group_name),
            group_name=group_name,
            member_of=self._member_of(),
            members=self._members(),
            described=tuple(
                (each.object_class.strip(), each.name.strip())
                for group in self.group_properties
                for each in group.dynamic_member_attributes
            ),
            nested=self.recursive_search,
            ignore_case=self.ignore_case,
            certificate=self._certificate(),
            found_for=size(cache.search_results_caches, SearchResultsCache()),
            groups_for=size(cache.attributes_caches, AttributesCache()),
        )

    def _kind(self, name: str) -> LdapEntityType | None:
        return next((each for each in self.ldap_entity_types if each.name == name), None)

    @property
    def _filters(self) -> LdapFilters | None:
        """Those of this type of directory."""
        return {
            "Custom": self.custom_filters,
            "IBM Lotus Domino": self.domino50_filters,
            "IBM SecureWay Directory Server": self.secureway_filters,
            "IBM Tivoli Directory Server": self.ids_filters,
            "Microsoft Active Directory": self.actived_filters,
            "Netscape Directory Server": self.netscape_filters,
            "Novell eDirectory": self.edirectory_filters,
            "Sun Java System Directory Server": self.iplanet_filters,
        }[self.ldap_type]

    def _said(self, of: Callable[[LdapFilters | Defaults], str]) -> str:
        """What the filters say, else what is the default of this type."""
        return (of(self._filters).strip() if self._filters else "") or of(DEFAULTS[self.ldap_type])

    def _filter(self, of: Callable[[LdapFilters | Defaults], str], kind: LdapEntityType | None, attribute: str) -> str:
        """The filter for users or groups: as written, else by entity type, else the default; searchFilter comes on top."""
        filter, classes = self._said(of), "".join(f"(objectclass={each.strip()})" for each in kind.object_class) if kind else ""
        if classes and not (self._filters and of(self._filters).strip()):
            filter = f"(&({attribute}=%v)(|{classes}))"
        return f"(&{filter}{kind.search_filter.strip()})" if kind and kind.search_filter.strip() else filter

    def _attribute(self, of: str) -> str:
        """The attribute of a property."""
        configured = (each for all_of in self.attribute_configurations for each in all_of.attributes)
        return next((each.name.strip() for each in configured if each.property_name.strip() == of), of)

    def _member_of(self) -> tuple[str, ...]:
        if self.group_properties:
            return tuple(each.name.strip() for group in self.group_properties for each in group.membership_attributes)
        return tuple(
            dict.fromkeys(kind for kind, _ in pairs(self._said(lambda filters: filters.group_member_id_map)) if kind.lower() in _MEMBER_OF)
        )

    def _members(self) -> tuple[tuple[str, str], ...]:
        if self.group_properties:
            declared = (each for group in self.group_properties for each in group.member_attributes)
            return tuple((each.object_class.strip(), each.name.strip()) for each in declared)
        return tuple(pair for pair in pairs(self._said(lambda filters: filters.group_member_id_map)) if pair[0].lower() not in _MEMBER_OF)

    def _certificate(self) -> str | None:
        """The filter that finds a certificate's user, empty for the entry of its subject, None where none is mapped."""
        return {"EXACT_DN": "", "CERTIFICATE_FILTER": self.certificate_filter.strip()}.get(self.certificate_map_mode)
