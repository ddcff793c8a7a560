"""<zconnect_saf>: what RACF knows on z/OS, written down for a server elsewhere: users, groups, profiles, mapped identities."""

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import ClassVar, Literal

from zconnect.config.names import nearest
from zconnect.config.passwords import Password
from zconnect.config.schema import Element, attr, children, element
from zconnect.errors import Problem
from zconnect.messages import Told, error
from zconnect.security.registry import Member

UNKNOWN_ID = error("ZCON0495E", "{name} is no user and no group of zconnect_saf.", "Correct the name, or add the user or the group.")
TWICE = error("ZCON0496E", "{name} stands more than once in zconnect_saf.", "Leave one of them; users and groups share their names.")
BAD_DN = error("ZCON0497E", "{name} is no distinguished name.", "Write it as CN=...,O=... (RFC 4514).")

Access = Literal["NONE", "EXECUTE", "READ", "UPDATE", "CONTROL", "ALTER"]


def _saf_name(text: str) -> None:
    name = text.strip().upper()
    if not (0 < len(name) <= 8 and all(letter.isascii() and (letter.isalnum() or letter in "#@$") for letter in name)):
        raise ValueError("a name of SAF has one to eight letters, digits, #, @ or $")


@element
class SafUser(Element):
    """A user of SAF."""

    tag: ClassVar[str] = "user"
    name: str = attr(guard=True, check=_saf_name, doc="The user id, in whatever letter case")
    password: Password | None = attr(default=None, guard=True, doc="The password, best as a hash; without it nobody logs in with one")
    revoked: bool = attr(default=False, guard=True, doc="Whether the user is shut out")
    restricted: bool = attr(default=False, guard=True, doc="Whether only what is permitted to the user himself or a group of his holds")


@element
class SafGroup(Element):
    """A group of SAF."""

    tag: ClassVar[str] = "group"
    name: str = attr(guard=True, check=_saf_name, doc="The name of the group, in whatever letter case")
    members: tuple[Member, ...] = children(guard=True, doc="The users who are connected to the group")


@element
class SafPermit(Element):
    """Who has which access to what a profile covers (PERMIT)."""

    tag: ClassVar[str] = "permit"
    to: str = attr(name="to", guard=True, doc="A user or group, or * for every user that is not restricted")
    access: Access = attr(default="READ", guard=True, doc="The access that is permitted; NONE for a user overrules his groups")


@element
class SafProfile(Element):
    """A profile (RDEFINE): discrete, or generic with %, * and **; of several that cover a resource the most specific one counts."""

    tag: ClassVar[str] = "profile"
    class_: Literal["EJBROLE", "APPL"] = attr(name="class", guard=True, doc="The class of the profile: EJBROLE or APPL")
    name: str = attr(guard=True, doc="The name of the profile; letter case counts in EJBROLE")
    universal_access: Access = attr(default="NONE", guard=True, doc="What everybody has for whom nothing else is said (UACC)")
    permits: tuple[SafPermit, ...] = children(guard=True, doc="The access of single users and groups")


@element
class RacMap(Element):
    """A user of another registry, and the user of SAF whom he stands for (RACMAP)."""

    tag: ClassVar[str] = "racmap"
    user: str = attr(guard=True, check=_saf_name, doc="The user of SAF")
    name: str = attr(guard=True, doc="The name in the other registry: as it is there, the ending of a DN, or * for any")
    registry: str = attr(guard=True, doc="The realm of the other registry (for a token its issuer), or * for any")


@element
class RacDcert(Element):
    """Client certificates, and the user of SAF whom they stand for (RACDCERT MAP)."""

    tag: ClassVar[str] = "racdcert"
    user: str = attr(guard=True, check=_saf_name, doc="The user of SAF")
    subject: str = attr(default="", guard=True, doc="The subject, or the ending of it")
    issuer: str = attr(default="", guard=True, doc="The issuer, or the ending of it")


@element
class SafDatabase(Element):
    """Stands in for RACF where there is none, so that the server.xml of a z/OS system runs unchanged.

    Put it into a file of its own, configDropins/defaults/saf.xml; the server.xml needs no word of it.

    <zconnect_saf realm="PLEX1">
        <user name="ALICE" password="{xor}PjM2PDpyLDo8LTor"/>
        <user name="WSGUEST" restricted="true"/>
        <group name="GMINVOKE"><member name="ALICE"/></group>
        <profile class="APPL" name="BBGZDFLT"><permit to="GMINVOKE"/></profile>
        <profile class="EJBROLE" name="BBGZDFLT.zos.connect.access.roles.*"><permit to="GMINVOKE" access="READ"/></profile>
        <racmap user="ALICE" name="uid=alice,ou=people,dc=bank" registry="ldap.bank"/>
        <racdcert user="ALICE" subject="CN=alice,O=bank" issuer="CN=authority"/>
    </zconnect_saf>
    """

    tag: ClassVar[str] = "zconnect_saf"
    singleton: ClassVar[bool] = True
    realm: str = attr(default="", guard=True, doc="The name of the registry where safRegistry gives none (on z/OS the APPLDATA of SAFDFLT)")
    users: tuple[SafUser, ...] = children(guard=True, doc="The users of SAF")
    groups: tuple[SafGroup, ...] = children(guard=True, doc="The groups of SAF")
    profiles: tuple[SafProfile, ...] = children(guard=True, doc="The profiles that say who may do what")
    racmaps: tuple[RacMap, ...] = children(guard=True, doc="The identities of other registries that stand for users of SAF")
    racdcerts: tuple[RacDcert, ...] = children(guard=True, doc="The certificates that stand for users of SAF")

    def mistakes(self) -> Iterable[Problem]:
        """Names that stand twice, and names of nobody."""
        users = [each.name.strip().upper() for each in self.users]
        names = [*users, *(each.name.strip().upper() for each in self.groups)]
        counts = Counter(names)
        named: tuple[SafUser | SafGroup, ...] = (*self.users, *self.groups)
        for each in named:
            if counts[each.name.strip().upper()] > 1:
                yield _at(TWICE(name=each.name), each, "name", f"{each.tag}/@name", stops=True)
        for child, attribute, name, path, known in self._names():
            if name.strip().upper() not in (users if known else [*names, "*"]):
                near = nearest(name.strip().upper(), users if known else names)
                yield _at(UNKNOWN_ID(name=name), child, attribute, path, near)
        for certificate in self.racdcerts:
            for attribute, text in (("subject", certificate.subject), ("issuer", certificate.issuer)):
                if text and not is_dn(text):
                    yield _at(BAD_DN(name=text), certificate, attribute, f"racdcert/@{attribute}", stops=True)
            if not (certificate.subject or certificate.issuer):
                yield _at(BAD_DN(name="nothing"), certificate, "subject", "racdcert/@subject", stops=True)

    def _names(self) -> Iterator[tuple[Element, str, str, str, bool]]:
        """Every name that refers to a user (True), or to a user or a group."""
        for group in self.groups:
            yield from ((member, "name", member.name, "group/member/@name", True) for member in group.members)
        for profile in self.profiles:
            yield from ((permit, "to", permit.to, "profile/permit/@to", False) for permit in profile.permits)
        mapped: tuple[RacMap | RacDcert, ...] = (*self.racmaps, *self.racdcerts)
        yield from ((each, "user", each.user, f"{each.tag}/@user", True) for each in mapped)


def _at(told: Told, child: Element, attribute: str, path: str, meant: Iterable[str] = (), *, stops: bool = False) -> Problem:
    held = child.given.get(attribute)
    return Problem(told, held.where if held else child.where, path, tuple(meant), stops=stops)


def is_dn(text: str) -> bool:
    """Whether a text is a distinguished name."""
    from cryptography import x509  # only who maps certificates needs it

    try:
        return bool(x509.Name.from_rfc4514_string(text).rdns)
    except ValueError:
        return False
