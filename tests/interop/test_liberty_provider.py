"""Tokens of the provider that Open Liberty itself is, judged here by its key set and by asking it."""

import base64
import json
import os
import ssl
import subprocess
import time
import urllib.request
from collections.abc import Iterator
from urllib.parse import urlencode

import pytest

from tests.test_servers import SERVER, free_port

from .test_liberty import DESCRIPTOR, asked, installed

PACKAGE = "openliberty-runtime"  # the only one with the provider
THEIRS = """<server>
  <featureManager><feature>openidConnectServer-1.0</feature><feature>appSecurity-3.0</feature></featureManager>
  <httpEndpoint id="defaultHttpEndpoint" host="localhost" httpPort="-1" httpsPort="{secure}"/>
  <keyStore id="defaultKeyStore" password="change-it"/>
  <basicRegistry id="basic" realm="shop">
    <user name="alice" password="alice-secret"/><group name="buyers"><member name="alice"/></group>
  </basicRegistry>
  <oauth-roles><authenticated><special-subject type="ALL_AUTHENTICATED_USERS"/></authenticated></oauth-roles>
  <oauthProvider id="jwt" jwtAccessToken="true"><grantType>password</grantType><grantType>client_credentials</grantType>
    <localStore>{client}</localStore></oauthProvider>
  <oauthProvider id="opaque"><grantType>password</grantType><grantType>client_credentials</grantType>
    <localStore>{client}</localStore></oauthProvider>
  <openidConnectProvider id="signed" oauthProviderRef="jwt" signatureAlgorithm="RS256" jwkEnabled="true"/>
  <openidConnectProvider id="asked" oauthProviderRef="opaque" signatureAlgorithm="RS256" jwkEnabled="true"/>
</server>"""
CLIENT = """<client name="ui" secret="ui-secret" displayname="ui" scope="openid" preAuthorizedScope="openid" enabled="true"
  introspectTokens="true" resourceIds="catalog"/>"""
OURS = """<server>
  <featureManager><feature>appSecurity-2.0</feature><feature>openidConnectClient-1.0</feature></featureManager>
  <httpEndpoint id="defaultHttpEndpoint" httpPort="{port}" httpsPort="-1"/>
  <keyStore id="theirs" location="{store}" type="PKCS12" password="change-it"/>
  <ssl id="provider" keyStoreRef="theirs" trustStoreRef="theirs"/>
  <authFilter id="words"><requestHeader name="Authorization" value="." matchType="contains"/></authFilter>
  <openidConnectClient id="signed" inboundPropagation="required" authFilterRef="words" issuerIdentifier="{provider}/signed"
    audiences="catalog" signatureAlgorithm="RS256" jwkEndpointUrl="{provider}/signed/jwk" sslRef="provider"/>
  <openidConnectClient id="asked" inboundPropagation="required" issuerIdentifier="{provider}/asked" audiences="ALL_AUDIENCES"
    validationEndpointUrl="{provider}/asked/introspect" clientId="ui" clientSecret="ui-secret" tokenEndpointAuthMethod="basic"
    signatureAlgorithm="RS256" jwkEndpointUrl="{provider}/asked/jwk" sslRef="provider"/>
  <webApplication id="app" location="app:app" contextRoot="/app">
    <application-bnd><security-role name="user"><special-subject type="ALL_AUTHENTICATED_USERS"/></security-role></application-bnd>
  </webApplication>
</server>"""
APPLICATION = """
async def app(scope, receive, send):
    if scope["type"] == "http":
        user = scope["user"]
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": f"{user.identity} {','.join(sorted(user.groups))}".encode()})
"""
GRANTS = {
    "password": {"grant_type": "password", "username": "alice", "password": "alice-secret", "scope": "openid"},
    "client credentials": {"grant_type": "client_credentials", "scope": "openid"},
}

pytestmark = pytest.mark.interop


def token(provider: str, kind: str, grant: dict[str, str]) -> str:
    """An access token of the real provider."""
    credentials = base64.b64encode(b"ui:ui-secret").decode()
    request = urllib.request.Request(f"{provider}/{kind}/token", urlencode(grant).encode(), {"Authorization": f"Basic {credentials}"})
    with urllib.request.urlopen(request, timeout=20, context=ssl._create_unverified_context()) as answer:
        return str(json.load(answer)["access_token"])


@pytest.fixture(scope="module")
def provider_and_port(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, int]]:
    """The address of the real provider, and the port of a server of ours that trusts it."""
    home = tmp_path_factory.mktemp("provider")
    theirs, ours = home / "theirs" / "servers" / "op", home / "ours" / "servers" / "s1"
    secure, port = free_port(), free_port()
    provider = f"https://localhost:{secure}/oidc/endpoint"
    theirs.mkdir(parents=True)
    (theirs / "server.xml").write_text(THEIRS.format(secure=secure, client=CLIENT))
    (ours / "apps").mkdir(parents=True)
    (ours / "apps" / "app.py").write_text(APPLICATION)
    (ours / "apps" / "app.web.xml").write_text(DESCRIPTOR)
    store = theirs / "resources" / "security" / "key.p12"
    (ours / "server.xml").write_text(OURS.format(port=port, store=store, provider=provider))
    environment = {**os.environ, "WLP_USER_DIR": str(ours.parents[1])}
    command = [str(installed(PACKAGE) / "bin" / "server"), "run", "op"]
    with (home / "log.txt").open("wb") as log:
        process = subprocess.Popen(command, env={**os.environ, "WLP_USER_DIR": str(theirs.parents[1])}, stdout=log, stderr=log)
    try:
        for _ in range(240):
            if "CWWKF0011I" in (home / "log.txt").read_text():
                break
            time.sleep(0.5)
        else:
            pytest.fail((home / "log.txt").read_text()[-3000:])
        subprocess.run([*SERVER, "start", "s1"], env=environment, timeout=60, check=True)
        yield provider, port
    finally:
        subprocess.run([*SERVER, "stop", "s1"], env=environment, timeout=60, check=False)
        process.terminate()
        process.wait(60)


@pytest.mark.parametrize(
    ("grant", "who"), [("password", "user:shop/alice buyers"), ("client credentials", "user:shop/ui ")], ids=["a user", "a client"]
)
def test_its_signed_tokens_are_known_by_its_key_set(provider_and_port: tuple[str, int], grant: str, who: str) -> None:
    """Users with their groups, clients with their names; a letter that is changed is refused."""
    provider, port = provider_and_port
    good = token(provider, "signed", GRANTS[grant])
    assert asked(port, Authorization=f"Bearer {good}")[:2] == (200, who)
    head, payload, signature = good.split(".")
    forged = f"{head}.{payload}.{signature[:20]}{'A' if signature[20] != 'A' else 'B'}{signature[21:]}"
    assert asked(port, Authorization=f"Bearer {forged}")[0] == 401


@pytest.mark.parametrize(("grant", "user"), [("password", "alice"), ("client credentials", "ui")], ids=["a user", "a client"])
def test_its_opaque_tokens_are_known_by_asking_it(provider_and_port: tuple[str, int], grant: str, user: str) -> None:
    """One that it has not made is refused."""
    provider, port = provider_and_port
    good = token(provider, "asked", GRANTS[grant])
    status, body, _ = asked(port, Authorization=f"Bearer {good}")
    assert (status, body.partition(" ")[0]) == (200, f"user:shop/{user}")
    assert asked(port, Authorization=f"Bearer {good[:-1]}")[0] == 401
