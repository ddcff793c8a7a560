"""What a start would find out only when it opens things."""

from pathlib import Path

import pytest

from tests.config.vocabulary import place_at, told, write
from zconnect.config.configuration import Configuration
from zconnect.config.load import load
from zconnect.errors import Problem
from zconnect.features import VOCABULARY
from zconnect.server.foreseen import foreseen

REGISTRY = """<basicRegistry id="r">
<user name="anna" password="x"/><user name="bert" password="x"/>
<group name="staff"><member name="anna"/></group>
</basicRegistry>
"""
TOKENS = '<openidConnectClient id="c" inboundPropagation="required" issuerIdentifier="i" jwkEndpointUrl="https://i"/>'
MP_JWT = 'issuer="i" audiences="a" keyName="k"'
CASES = [
    (
        '<basicRegistry id="r"><user name="a" password="x"/><group name="g">\n<member name="a"/><member name="a"/></group></basicRegistry>',
        "CWWKS3106W server.xml:3:27 /server/basicRegistry[r]/group[default-0]/member[default-1]/@name",
    ),
    (
        f'{REGISTRY}<authorization-roles id="z"><security-role name="s">'
        '\n<user name="anna"/><user name="anna"/></security-role></authorization-roles>',
        "ZCON0815W server.xml:7:26 /server/authorization-roles[z]/security-role[default-0]/user[default-1]/@name",
    ),
    (
        '<authFilter id="f"><requestUrl urlPattern="/"/></authFilter><openidConnectClient id="a" authFilterRef="f"/>'
        '\n<openidConnectClient id="b" authFilterRef="f"/>',
        "CWWKS1530W server.xml:3:29 /server/openidConnectClient[b]/@authFilterRef",
    ),
    (
        f'<mpJwt id="a" {MP_JWT}/><authFilter id="f"><requestUrl urlPattern="/"/></authFilter><mpJwt id="b" {MP_JWT} authFilterRef="f"/>',
        "",
    ),
    (
        f'<mpJwt id="a" {MP_JWT}/>\n<mpJwt id="b" {MP_JWT}/>',
        "CWWKS5521E server.xml:3:1 /server/mpJwt[b]/@authFilterRef",
    ),
    (
        f'{REGISTRY}<mpJwt id="a" {MP_JWT}/><zosconnect_zosConnectManager globalInvokeGroup="others"/>',
        "",
    ),
    (
        '<keyStore id="k" location="trust.pme"/>',
        "CWPKI0033E server.xml:2:18 /server/keyStore[k]/@location (trust.pem)",
    ),
    (
        '<keyStore id="k" location="safkeyring:///KEYRING"/>',
        "CWPKI0033E server.xml:2:18 /server/keyStore[k]/@location",
    ),
    (
        '<keyStore id="k" location="safkeyring://KEYRING"/>',
        "ZCON0350E server.xml:2:1 /server/keyStore[k]",
    ),
    (
        '<keyStore id="defaultKeyStore" location="own.p12"/>',
        "",
    ),
    (
        '<keyStore id="defaultKeyStore" location="own.p12" readOnly="true"/>',
        "CWPKI0033E server.xml:2:32 /server/keyStore[defaultKeyStore]/@location",
    ),
    (
        '<webApplication id="a"\n location="order:app"/>',
        "CWWKZ0014W server.xml:3:2 /server/webApplication[a]/@location (orders:app)",
    ),
    (
        '<webApplication id="a" location="shop/card.war:main"/>',
        "CWWKZ0014W server.xml:2:24 /server/webApplication[a]/@location (shop/cart.war:main)",
    ),
    (
        '<webApplication id="a" location="shop/cart"/><webApplication id="b" location="shop"/>',
        "",
    ),
    (
        '<basicRegistry id="r"><user name="a" password="x"/>\n<user name="a" password="y"/></basicRegistry>',
        "CWWKS3104E server.xml:3:7 /server/basicRegistry[r]/user[default-1]/@name",
    ),
    (
        '<basicRegistry id="r"><user name="anna" password="x"/><group name="g">\n<member name="ana"/></group></basicRegistry>',
        "CWWKS3107W server.xml:3:9 /server/basicRegistry[r]/group[default-0]/member[default-0]/@name (anna)",
    ),
    (
        f'{REGISTRY}<authorization-roles id="z"><security-role name="s"><group name="staf"/></security-role></authorization-roles>',
        "ZCON0404W server.xml:6:60 /server/authorization-roles[z]/security-role[default-0]/group[default-0]/@name (staff)",
    ),
    (
        f'{REGISTRY}<authorization-roles id="z"><security-role name="s"><user access-id="user:x/y"/></security-role></authorization-roles>',
        "",
    ),
    (
        f'{REGISTRY}<zosconnect_zosConnectManager globalInvokeGroup="staff,saff"/>',
        "ZCON0814W server.xml:6:31 /server/zosconnect_zosConnectManager/@globalInvokeGroup (staff)",
    ),
    (
        f'{REGISTRY}<zosconnect_zosConnectService id="s" adminGroup="nobody"/>',
        "ZCON0814W server.xml:6:38 /server/zosconnect_zosConnectService[s]/@adminGroup",
    ),
    (
        f'{REGISTRY}<zosconnect_zosConnectAPIs><zosConnectAPI name="a" readerGroup="staf"/></zosconnect_zosConnectAPIs>',
        "ZCON0814W server.xml:6:52 /server/zosconnect_zosConnectAPIs/zosConnectAPI[default-0]/@readerGroup (staff)",
    ),
    (
        f'{REGISTRY}{TOKENS}<zosconnect_zosConnectManager globalInvokeGroup="theirs"/>',
        "",
    ),
    (
        f'{REGISTRY}<trustAssociation><interceptors id="i" className="shop.Mine"><library><folder dir="apps"/></library></interceptors>'
        '</trustAssociation><zosconnect_zosConnectManager globalInvokeGroup="theirs"/>',
        "",
    ),
    (
        '<trustAssociation>\n<interceptors id="i" className="mine.Mine"><library><folder dir="apps"/></library></interceptors>'
        '<interceptors id="j" className="mine.Mine" enabled="false"><library/></interceptors></trustAssociation>',
        "CWWKS1203E server.xml:3:22 /server/trustAssociation/interceptors[i]/@className",
    ),
    (
        f'{REGISTRY}<basicRegistry id="s"/><zosconnect_zosConnectManager globalInvokeGroup="theirs"/>',
        "",
    ),
]


@pytest.mark.parametrize(("content", "expected"), CASES)
def test_what_is_named_and_not_there_is_foreseen(tmp_path: Path, content: str, expected: str) -> None:
    """Files, users and groups, each at its place with what was meant; nothing where it may be elsewhere."""
    folder = write(tmp_path / "s", {"server.xml": f"<server>\n{content}\n</server>", "apps/orders.py": "", "apps/shop/cart.py": ""})
    write(folder, {"resources/security/trust.pem": ""})
    place, found = place_at(folder), list[Problem]()

    def further(configuration: Configuration) -> list[Problem]:
        found.extend(foreseen(configuration, place))
        return found

    problems = load(place, VOCABULARY, environment={}, command_line={}, further=further).problems
    assert [line.removeprefix("! ") for line in told(problems[-len(found) :] if found else ())] == ([expected] if expected else [])
