"""What stands below <ldapRegistry>: filters for each type of directory with their defaults, servers, pool, caches, entity types."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import ClassVar, Literal, NamedTuple

from zconnect.config.schema import Element, attr, element

LdapType = Literal[
    "Custom",
    "IBM Lotus Domino",
    "IBM SecureWay Directory Server",
    "IBM Tivoli Directory Server",
    "Microsoft Active Directory",
    "Netscape Directory Server",
    "Novell eDirectory",
    "Sun Java System Directory Server",
]


class Defaults(NamedTuple):
    """The filters of a type of directory; `%v` is the name that is looked for."""

    user_filter: str
    group_filter: str
    user_id_map: str
    group_member_id_map: str
    group_id_map: str = "*:cn"


_E_PERSON, _INET_ORG_PERSON = "(&(uid=%v)(objectclass=ePerson))", "(&(uid=%v)(objectclass=inetOrgPerson))"
_NAMES, _UNIQUE_NAMES = "(objectclass=groupOfNames)", "(objectclass=groupOfUniqueNames)"
_MEMBERS = "groupOfNames:member;groupOfUniqueNames:uniqueMember"
_IBM = Defaults(
    _E_PERSON,
    f"(&(cn=%v)(|{_NAMES}{_UNIQUE_NAMES}(objectclass=groupOfURLs)))",
    "*:uid",
    f"ibm-allGroups:member;ibm-allGroups:uniqueMember;{_MEMBERS}",
)
DEFAULTS: Mapping[str, Defaults] = MappingProxyType(
    {
        "Custom": _IBM,
        "IBM Tivoli Directory Server": _IBM,
        "IBM SecureWay Directory Server": Defaults(_E_PERSON, f"(&(cn=%v)(|{_NAMES}{_UNIQUE_NAMES}))", "*:uid", _MEMBERS),
        "Netscape Directory Server": Defaults(_INET_ORG_PERSON, f"(&(cn=%v)(|{_NAMES}{_UNIQUE_NAMES}))", "inetOrgPerson:uid", _MEMBERS),
        "Sun Java System Directory Server": Defaults(
            _INET_ORG_PERSON, "(&(cn=%v)(objectclass=ldapsubentry))", "inetOrgPerson:uid", "nsRole:nsRole"
        ),
        "IBM Lotus Domino": Defaults(
            "(&(uid=%v)(objectclass=Person))", "(&(cn=%v)(objectclass=dominoGroup))", "person:uid", "dominoGroup:member"
        ),
        "Novell eDirectory": Defaults("(&(cn=%v)(objectclass=Person))", f"(&(cn=%v){_NAMES})", "person:cn", "groupOfNames:member"),
        "Microsoft Active Directory": Defaults(
            "(&(sAMAccountName=%v)(objectcategory=user))", "(&(cn=%v)(objectcategory=group))", "user:sAMAccountName", "memberOf:member"
        ),
    }
)


def _filter(text: str) -> None:
    if text and "%v" not in text:
        raise ValueError("it has no %v, in whose place the name comes, so that it would find everybody")
    if text.count("(") != text.count(")"):
        raise ValueError("its parentheses do not match")


def _id_map(text: str) -> None:
    if any(":" not in pair for pair in text.split(";") if pair):
        raise ValueError("it is no list of CLASS:ATTRIBUTE with semicolons between them")


@element
class LdapFilters(Element):
    """How users and groups are found; what is not written is as the type of the directory has it."""

    user_filter: str = attr(default="", guard=True, check=_filter, doc="The filter that finds a user; %v is the name he types")
    group_filter: str = attr(default="", guard=True, check=_filter, doc="The filter that finds a group; %v is its name")
    user_id_map: str = attr(default="", guard=True, check=_id_map, doc="The attribute that holds the user's name, as CLASS:ATTRIBUTE")
    group_id_map: str = attr(default="", guard=True, check=_id_map, doc="The attribute that holds the group's name, as CLASS:ATTRIBUTE")
    group_member_id_map: str = attr(
        default="",
        guard=True,
        check=_id_map,
        doc="Where memberships stand: CLASS:ATTRIBUTE of groups, or memberOf, ibm-allGroups or nsRole of the user, with semicolons",
    )


@element
class ActivedLdapFilterProperties(LdapFilters):
    """Filters for Microsoft Active Directory, to be named by activedFiltersRef."""

    tag: ClassVar[str] = "activedLdapFilterProperties"


@element
class CustomLdapFilterProperties(LdapFilters):
    """Filters for a directory of the type Custom, to be named by customFiltersRef.

    <customLdapFilterProperties id="people" userFilter="(&amp;(uid=%v)(objectclass=inetOrgPerson))" userIdMap="*:uid"
                                groupFilter="(&amp;(cn=%v)(objectclass=groupOfNames))" groupMemberIdMap="groupOfNames:member"/>
    """

    tag: ClassVar[str] = "customLdapFilterProperties"


@element
class Domino50LdapFilterProperties(LdapFilters):
    """Filters for IBM Lotus Domino, to be named by domino50FiltersRef."""

    tag: ClassVar[str] = "domino50LdapFilterProperties"


@element
class EdirectoryLdapFilterProperties(LdapFilters):
    """Filters for Novell eDirectory, to be named by edirectoryFiltersRef."""

    tag: ClassVar[str] = "edirectoryLdapFilterProperties"


@element
class IdsLdapFilterProperties(LdapFilters):
    """Filters for IBM Tivoli Directory Server, to be named by idsFiltersRef."""

    tag: ClassVar[str] = "idsLdapFilterProperties"


@element
class IplanetLdapFilterProperties(LdapFilters):
    """Filters for Sun Java System Directory Server, to be named by iplanetFiltersRef."""

    tag: ClassVar[str] = "iplanetLdapFilterProperties"


@element
class NetscapeLdapFilterProperties(LdapFilters):
    """Filters for Netscape Directory Server, to be named by netscapeFiltersRef."""

    tag: ClassVar[str] = "netscapeLdapFilterProperties"


@element
class SecurewayLdapFilterProperties(LdapFilters):
    """Filters for IBM SecureWay Directory Server, to be named by securewayFiltersRef."""

    tag: ClassVar[str] = "securewayLdapFilterProperties"


FILTERS = (
    ActivedLdapFilterProperties,
    CustomLdapFilterProperties,
    Domino50LdapFilterProperties,
    EdirectoryLdapFilterProperties,
    IdsLdapFilterProperties,
    IplanetLdapFilterProperties,
    NetscapeLdapFilterProperties,
    SecurewayLdapFilterProperties,
)
