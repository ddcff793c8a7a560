"""A real directory (OpenLDAP's slapd, Debian's package) with people and groups, started for the tests."""

import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, pkcs12

from tests.server.certificates import PASSWORD, Authority

BASE = "dc=bank,dc=example"
ADMIN, ADMIN_PASSWORD = f"cn=admin,{BASE}", "admin-secret"
_PLACES = os.environ.get("PATH", "") + ":/usr/sbin"

_CONF = """
include /etc/ldap/schema/core.schema
include /etc/ldap/schema/cosine.schema
include /etc/ldap/schema/inetorgperson.schema
include /etc/ldap/schema/dyngroup.schema
modulepath /usr/lib/ldap
moduleload back_mdb
moduleload memberof
allow bind_anon_cred bind_anon_dn
pidfile {folder}/slapd.pid
TLSCACertificateFile {folder}/ca.pem
TLSCertificateFile {folder}/cert.pem
TLSCertificateKeyFile {folder}/key.pem
database mdb
suffix "{base}"
rootdn "cn=admin,{base}"
rootpw admin-secret
directory {folder}/data
overlay memberof
"""

_LDIF = f"""
dn: {BASE}
objectClass: dcObject
objectClass: organization
o: bank
dc: bank

dn: ou=people,{BASE}
objectClass: organizationalUnit
ou: people

dn: ou=guests,{BASE}
objectClass: organizationalUnit
ou: guests

dn: ou=groups,{BASE}
objectClass: organizationalUnit
ou: groups

dn: ou=elsewhere,{BASE}
objectClass: organizationalUnit
ou: elsewhere

dn: cn=other,ou=elsewhere,{BASE}
objectClass: referral
objectClass: extensibleObject
cn: other
ref: ldap://127.0.0.1:9/dc=nowhere
"""
# entry, uid, mail, password
_PEOPLE = (
    ("uid=alice,ou=people", "alice", "alice@bank.example", "alice-secret"),
    ("uid=bob,ou=people", "bob", "bob@bank.example", "bob-secret"),
    ("uid=j\u00fcrgen,ou=people", "j\u00fcrgen", "juergen@bank.example", "p\u00e4ss"),
    ("uid=a*b(c)\\5Cd,ou=people", "a*b(c)\\d", "odd@bank.example", "odd-secret"),
    ("uid=twin,ou=people", "twin", "twin1@bank.example", "twin-secret"),
    ("uid=twin,ou=guests", "twin", "twin2@bank.example", "twin-secret"),
    ("uid=locked,ou=people", "locked", "locked@bank.example", ""),
)
# entry, members by entry
_GROUPS = (
    ("cn=staff,ou=groups", ("uid=alice,ou=people", "uid=bob,ou=people")),
    ("cn=tellers,ou=groups", ("uid=alice,ou=people",)),
    ("cn=branch,ou=groups", ("cn=tellers,ou=groups",)),
    ("cn=region,ou=groups", ("cn=branch,ou=groups", "cn=circle,ou=groups")),
    ("cn=circle,ou=groups", ("cn=region,ou=groups",)),
    ("cn=double,ou=groups", ("uid=alice,ou=people",)),
    ("cn=double,ou=guests", ("uid=bob,ou=people",)),
    ("cn=library,ou=groups", ("cn=readers,ou=groups",)),
    ("cn=odd (a*b\\, \\5C),ou=groups", ("uid=a*b(c)\\5Cd,ou=people",)),
)


# entry, what describes its members
_DESCRIBED = (
    ("cn=readers,ou=groups", (f"ldap:///ou=people,{BASE}??sub?(mail=*@bank.example)",)),
    ("cn=guests,ou=groups", (f"ldap:///ou=guests,{BASE}??one?",)),
    ("cn=twofold,ou=groups", (f"ldap:///UID=bob,%6Fu=people, {BASE}", f"ldap:///uid=alice,ou=people,{BASE}??BASE?(uid=alice)")),
    ("cn=others,ou=groups", (f"ldap:///{BASE}??sub?(&(objectClass=inetOrgPerson)(!(uid=alice)))",)),
    ("cn=nobody,ou=groups", (f"ldap:///ou=people,{BASE}", f"ldap:///{BASE}??one?", f"ldap:///ou=people,{BASE}??sub?(uid=nobody)")),
    ("cn=foreign,ou=groups", (f"ldap://other.example/{BASE}??sub?",)),
    (
        "cn=broken,ou=groups",
        (f"ldap:///{BASE}??sub?(uid=alice", "ldap:///nothing??sub?", f"ldap:///{BASE}??all?", "http:///x", f"ldap:///{BASE}??sub??!x"),
    ),
)


def _entries() -> Iterator[str]:
    yield _LDIF
    for entry, uid, mail, password in _PEOPLE:
        secret = f"userPassword: {password}\n" if password else ""
        yield f"\ndn: {entry},{BASE}\nobjectClass: inetOrgPerson\nuid: {uid}\ncn: {uid}\nsn: x\nmail: {mail}\n{secret}{_member_of(entry)}"
    for entry, members in _GROUPS:
        listed = "".join(f"member: {member},{BASE}\n" for member in members)
        yield f"\ndn: {entry},{BASE}\nobjectClass: groupOfNames\n{listed}{_member_of(entry)}"
    for entry, urls in _DESCRIBED:
        listed = "".join(f"memberURL: {url}\n" for url in urls)
        yield f"\ndn: {entry},{BASE}\nobjectClass: groupOfURLs\n{listed}{_member_of(entry)}"


def _member_of(entry: str) -> str:
    """What the overlay would keep, were the entries not laid beneath it."""
    return "".join(f"memberOf: {group},{BASE}\n" for group, members in _GROUPS if entry in members)


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


def installed() -> str:
    """The program; installed at the first use, as the other peers are."""
    if not shutil.which("slapd", path=_PLACES):
        quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
        subprocess.run(["apt-get", "update", "-qq"], check=True, env=quiet)
        subprocess.run(["apt-get", "install", "-y", "-qq", "--no-install-recommends", "slapd"], check=True, env=quiet)
    return shutil.which("slapd", path=_PLACES) or "slapd"


@dataclass
class Slapd:
    """A directory on two ports of its own."""

    folder: Path
    port: int
    tls_port: int
    process: "subprocess.Popen[bytes] | None" = None

    def lay(self, authority: Authority) -> None:
        """Write its configuration and its entries."""
        (self.folder / "data").mkdir(parents=True)
        (self.folder / "slapd.conf").write_text(_CONF.format(folder=self.folder, base=BASE))
        (self.folder / "entries.ldif").write_text("".join(_entries()))
        store = pkcs12.load_key_and_certificates(Path(authority.store("localhost").location).read_bytes(), PASSWORD.encode())
        assert store[0] is not None
        assert store[1] is not None
        (self.folder / "ca.pem").write_text(authority.pem)
        (self.folder / "cert.pem").write_bytes(store[1].public_bytes(Encoding.PEM))
        (self.folder / "key.pem").write_bytes(store[0].private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
        adding = [str(Path(installed()).with_name("slapadd")), "-q", "-f", f"{self.folder}/slapd.conf", "-l", f"{self.folder}/entries.ldif"]
        subprocess.run(adding, check=True)

    def start(self) -> None:
        urls = f"ldap://127.0.0.1:{self.port} ldaps://127.0.0.1:{self.tls_port}"
        with (self.folder / "log").open("ab") as log:
            command = [installed(), "-d", "stats", "-h", urls, "-f", f"{self.folder}/slapd.conf"]
            self.process = subprocess.Popen(command, stdout=log, stderr=log)
        for _ in range(200):
            try:
                socket.create_connection(("127.0.0.1", self.port), 1).close()
                return
            except OSError:
                time.sleep(0.05)
        raise AssertionError(self.said())

    def stop(self) -> None:
        if self.process is not None:
            self.process.terminate()
            self.process.wait(20)
            self.process = None

    def said(self) -> str:
        """Its log: every connection, bind and search."""
        return (self.folder / "log").read_text(errors="replace")


@contextmanager
def directory(folder: Path, authority: Authority) -> Iterator[Slapd]:
    """A running directory."""
    found = Slapd(folder, free_port(), free_port())
    found.lay(authority)
    found.start()
    try:
        yield found
    finally:
        found.stop()
