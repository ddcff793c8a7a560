"""What else stands below <ldapRegistry>: servers that stand in, the pool, the caches, entity types, where memberships stand."""

from datetime import timedelta
from typing import ClassVar, Literal

from zconnect.config.schema import Element, attr, children, element

_Scope = Literal["direct", "nested", "all"]


@element
class LdapServer(Element):
    """A server that stands in for the first one."""

    tag: ClassVar[str] = "server"
    host: str = attr(guard=True, doc="The host of the server")
    port: int = attr(guard=True, minimum=1, maximum=65535, doc="The port of the server")


@element
class FailoverServers(Element):
    """The servers that are asked when the first one is not there, in their order."""

    tag: ClassVar[str] = "failoverServers"
    name: str = attr(default="", doc="A name of the list, for people")
    servers: tuple[LdapServer, ...] = children(guard=True, doc="The servers that hold the same directory")


@element
class ContextPool(Element):
    """The connections that are kept."""

    tag: ClassVar[str] = "contextPool"
    enabled: bool = attr(default=True, doc="Whether connections are kept and used again")
    initial_size: int = attr(default=1, minimum=0, doc="How many there are at first", unused="they are made when they are needed")
    preferred_size: int = attr(default=3, minimum=0, doc="How many are kept while nobody needs them")
    max_size: int = attr(default=0, minimum=0, doc="How many there may be at most; 0 is sixteen")
    timeout: timedelta = attr(default=timedelta(0), unit="s", doc="After which time without use one is given up; 0 is never")
    wait_time: timedelta = attr(
        default=timedelta(seconds=3), doc="How long to wait for a free one", unused="who waits gets the first that is free"
    )


@element
class Remembering(Element):
    """What a cache of the directory holds."""

    enabled: bool = attr(default=True, doc="Whether anything is remembered")
    size: int = attr(default=2000, minimum=1, doc="How many are remembered")
    timeout: timedelta = attr(default=timedelta(seconds=1200), doc="How long one is remembered")


@element
class AttributesCache(Remembering):
    """The cache of the groups of users."""

    tag: ClassVar[str] = "attributesCache"
    size_limit: int = attr(default=2000, doc="How many attributes of an entry", unused="only the needed attributes are asked for")


@element
class SearchResultsCache(Remembering):
    """The cache of users and groups by name."""

    tag: ClassVar[str] = "searchResultsCache"
    results_size_limit: int = attr(default=2000, doc="How many results of a search", unused="only single results are remembered")


@element
class LdapCache(Element):
    """What is remembered for a while: found users and groups, never passwords."""

    tag: ClassVar[str] = "ldapCache"
    attributes_caches: tuple[AttributesCache, ...] = children(doc="How long the groups of a user are remembered")
    search_results_caches: tuple[SearchResultsCache, ...] = children(doc="How long found users and groups are remembered")


@element
class LdapEntityType(Element):
    """What is a user (PersonAccount) or a group (Group) in this directory."""

    tag: ClassVar[str] = "ldapEntityType"
    name: Literal["PersonAccount", "Group", "OrgContainer"] = attr(guard=True, doc="What the entries are: PersonAccount or Group")
    object_class: tuple[str, ...] = attr(default=(), guard=True, doc="The object classes of such entries, any of which is enough")
    search_base: tuple[str, ...] = attr(default=(), guard=True, joined=True, doc="Where they are looked for, instead of in baseDN")
    search_filter: str = attr(default="", guard=True, doc="The filter that such entries must pass, too")


@element
class MemberAttribute(Element):
    """The attribute of a group that lists its members."""

    tag: ClassVar[str] = "memberAttribute"
    name: str = attr(guard=True, doc="The name of the attribute, such as member")
    object_class: str = attr(guard=True, doc="The object class of the groups that have it")
    scope: _Scope = attr(default="direct", doc="Whether it lists members of inner groups, too: direct, nested or all")
    dummy_member: str = attr(default="", doc="A member that stands for none", unused="nothing is written to the directory")


@element
class MembershipAttribute(Element):
    """The attribute of a user that lists his groups."""

    tag: ClassVar[str] = "membershipAttribute"
    name: str = attr(guard=True, doc="The name of the attribute, such as memberOf")
    scope: _Scope = attr(default="direct", doc="Whether it lists outer groups, too: direct, nested or all")


@element
class DynamicMemberAttribute(Element):
    """The attribute of a group that describes its members."""

    tag: ClassVar[str] = "dynamicMemberAttribute"
    name: str = attr(guard=True, doc="The name of the attribute, such as memberURL")
    object_class: str = attr(guard=True, doc="The object class of the groups that have it; groupFilter must find these groups, too")


@element
class GroupProperties(Element):
    """Where memberships stand, instead of groupMemberIdMap."""

    tag: ClassVar[str] = "groupProperties"
    member_attributes: tuple[MemberAttribute, ...] = children(guard=True, doc="The attributes of groups that list members")
    membership_attributes: tuple[MembershipAttribute, ...] = children(guard=True, doc="The attributes of users that list groups")
    dynamic_member_attributes: tuple[DynamicMemberAttribute, ...] = children(
        guard=True, doc="The attributes of groups that describe members by a search (RFC 4516)"
    )


@element
class LoginProperty(Element):
    """A property by which users log in."""

    tag: ClassVar[str] = "loginProperty"
    name: str = attr(guard=True, doc="The property of a user, such as uid or mail; that of the first one is the user's name")


@element
class LdapAttribute(Element):
    """How one property is called in the directory."""

    tag: ClassVar[str] = "attribute"
    name: str = attr(guard=True, doc="The name of the attribute in the directory")
    property_name: str = attr(default="", guard=True, doc="The property that it holds")
    entity_type: str = attr(default="", doc="Whose property it is", unused="only properties of users are asked for")
    syntax: str = attr(default="", doc="The syntax of the attribute", unused="names are texts")
    default_value: str = attr(default="", doc="What holds where there is none", unused="nothing is written to the directory")


@element
class ExternalIdAttribute(Element):
    """The attribute with the id by which other programs know an entry."""

    tag: ClassVar[str] = "externalIdAttribute"
    unused: ClassVar[str | None] = "entries are known by their DN"
    name: str = attr(doc="The name of the attribute in the directory")
    entity_type: str = attr(default="", doc="What the entries are that have it")
    syntax: str = attr(default="", doc="The syntax of the attribute")
    auto_generate: bool = attr(default=False, doc="Whether the server makes one")


@element
class AttributeConfiguration(Element):
    """How properties of users are called in the directory."""

    tag: ClassVar[str] = "attributeConfiguration"
    attributes: tuple[LdapAttribute, ...] = children(guard=True, doc="Attributes and the properties that they hold")
    external_id_attributes: tuple[ExternalIdAttribute, ...] = children(doc="The ids for other programs")
